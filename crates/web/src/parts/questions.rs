//! A form that is shown again: the same questions, what was typed, and everything that has to be changed, at once.

use askama::Template;
use banjie_domain::problem::FieldProblem;

use super::{Field, Mark, is_markup};
use crate::{form::Fields, texts::Tongue};

/// Makes the fields of one form, filled with the answers and the problems found.
#[derive(Debug, Clone, Copy)]
pub struct Questions<'a> {
    tongue: &'a Tongue,
    answers: &'a Fields,
    problems: &'a [FieldProblem],
}

/// The box above a form that lists every problem and leads to each.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/errors.html")]
pub struct ErrorSummary {
    heading: String,
    items: Vec<(String, String)>,
}

impl<'a> Questions<'a> {
    /// The questions of a form with these answers and problems; both empty at first.
    #[must_use]
    pub const fn new(tongue: &'a Tongue, answers: &'a Fields, problems: &'a [FieldProblem]) -> Self {
        Self { tongue, answers, problems }
    }

    /// Every value that was given under this name.
    pub fn given<'b>(&'b self, name: &'b str) -> impl Iterator<Item = &'b str> {
        self.answers.all(name)
    }

    /// One line of text.
    #[must_use]
    pub fn text(&self, name: &str, label: &str) -> Field {
        self.filled(Field::text(self.tongue, name, label))
    }

    /// A date.
    #[must_use]
    pub fn date(&self, name: &str, label: &str) -> Field {
        self.filled(Field::date(self.tongue, name, label))
    }

    /// Several lines of text.
    #[must_use]
    pub fn area(&self, name: &str, label: &str) -> Field {
        self.filled(Field::area(self.tongue, name, label))
    }

    /// A closed list.
    #[must_use]
    pub fn select(&self, name: &str, label: &str, marks: Vec<Mark>) -> Field {
        self.filled(Field::select(self.tongue, name, label, marks))
    }

    /// A closed list with headings.
    #[must_use]
    pub fn grouped(&self, name: &str, label: &str, groups: Vec<(String, Vec<Mark>)>) -> Field {
        self.filled(Field::select(self.tongue, name, label, Vec::new()).grouped(groups))
    }

    /// One of a few.
    #[must_use]
    pub fn radios(&self, name: &str, label: &str, marks: Vec<Mark>) -> Field {
        self.filled(Field::radios(self.tongue, name, label, marks))
    }

    /// Any of a few.
    #[must_use]
    pub fn checks(&self, name: &str, label: &str, marks: Vec<Mark>) -> Field {
        self.filled(Field::checks(self.tongue, name, label, marks))
    }

    /// A file.
    #[must_use]
    pub fn file(&self, name: &str, label: &str, most_mb: u32) -> Field {
        self.filled(Field::file(self.tongue, name, label, most_mb))
    }

    /// The words of the first problem at this field.
    #[must_use]
    pub fn error_at(&self, name: &str) -> Option<String> {
        let found = self.problems.iter().find(|found| found.field == name)?;
        Some(self.tongue.problem(&found.problem))
    }

    /// The summary to put above the form; `None` when there is nothing to change.
    #[must_use]
    pub fn summary(&self) -> Option<ErrorSummary> {
        ErrorSummary::of(self.tongue, self.problems)
    }

    /// Goes before the page's title, so that the problem is the first thing heard.
    #[must_use]
    pub fn title_prefix(&self) -> String {
        match self.problems.len() {
            0 => String::new(),
            count => self.tongue.fill("common.errors.title", &[("count", &count.to_string())]),
        }
    }

    fn filled(&self, field: Field) -> Field {
        let error = self.error_at(&field.name);
        let name = field.name.clone();
        field.answered(self.answers.all(&name)).error(error)
    }
}

impl ErrorSummary {
    /// The summary of these problems; `None` when there are none.
    #[must_use]
    pub fn of(tongue: &Tongue, problems: &[FieldProblem]) -> Option<Self> {
        if problems.is_empty() {
            return None;
        }
        let heading = tongue.fill("common.errors.heading", &[("count", &problems.len().to_string())]);
        let items =
            problems.iter().map(|found| (format!("f-{}", found.field), tongue.problem(&found.problem))).collect();
        Some(Self { heading, items })
    }
}

is_markup!(ErrorSummary);

#[cfg(test)]
mod tests {
    use banjie_domain::problem::Problem;

    use super::*;
    use crate::texts::Texts;

    #[test]
    fn the_summary_and_the_field_say_the_same_words() {
        let tongue = Texts::load().unwrap().lang("zh-CN");
        let problem = Problem::new("file.empty").with("name", "证明.pdf").at("proof");
        let problems = [problem];
        let answers = Fields::default();
        let ask = Questions::new(&tongue, &answers, &problems);
        let field = ask.file("proof", "证明", 10);
        let words = field.error.clone().unwrap();
        let summary = ask.summary().unwrap().render().unwrap();
        assert!(summary.contains(&words) && summary.contains("href=\"#f-proof\""), "{summary}");
        assert!(field.render().unwrap().contains(&words));
        assert!(ask.title_prefix().contains('1'));
    }

    #[test]
    fn a_form_without_problems_has_no_summary() {
        let tongue = Texts::load().unwrap().lang("zh-CN");
        let answers = Fields::default();
        let ask = Questions::new(&tongue, &answers, &[]);
        assert!(ask.summary().is_none() && ask.title_prefix().is_empty());
    }
}
