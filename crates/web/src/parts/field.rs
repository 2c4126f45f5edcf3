//! One question of a form: label, hint, error, control. What was typed is always kept.

use askama::Template;

use super::is_markup;
use crate::texts::Tongue;

/// One question of a form.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/field.html")]
pub struct Field {
    /// The name it is sent under.
    pub name: String,
    /// The question, or the thing asked for.
    pub label: String,
    /// Stands under the label.
    pub hint: Option<String>,
    /// What has to be changed; the words of the error summary.
    pub error: Option<String>,
    /// Marked 选填. Required fields carry no mark.
    pub optional: bool,
    /// How it is answered.
    pub control: Control,
    tongue: Tongue,
}

/// How a question is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// One line.
    Text {
        /// What is in it.
        value: String,
        /// Which keyboard and which help of the browser.
        kind: TextKind,
        /// The browser's own word for it, such as `name` or `tel`; `off` else.
        autocomplete: &'static str,
        /// A field for something short.
        short: bool,
    },
    /// Several lines.
    Area {
        /// What is in it.
        value: String,
        /// How many lines are shown.
        rows: u8,
    },
    /// A closed list, for more than about seven.
    Select {
        /// The choices; the first empty one asks to choose.
        marks: Vec<Mark>,
        /// More choices under headings, for a list that is too long to read through.
        groups: Vec<(String, Vec<Mark>)>,
    },
    /// One of a few.
    Radios {
        /// The choices.
        marks: Vec<Mark>,
    },
    /// Any of a few.
    Checks {
        /// The choices.
        marks: Vec<Mark>,
    },
    /// A file.
    File {
        /// What the browser offers, such as `image/jpeg,application/pdf`.
        accept: String,
        /// The limit, in MB.
        most_mb: u32,
        /// Whether several may be chosen at once.
        multiple: bool,
    },
}

/// What is typed into a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    /// Anything.
    Plain,
    /// Digits, spaces and hyphens.
    Digits,
    /// A telephone number.
    Phone,
    /// A password or one-time code; never filled again after an error.
    Secret,
    /// A search.
    Search,
}

/// One choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// What is sent.
    pub value: String,
    /// The words.
    pub label: String,
    /// Stands under the words.
    pub hint: Option<String>,
    /// Whether it is chosen.
    pub chosen: bool,
}

impl Mark {
    /// A choice that is not chosen yet.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), hint: None, chosen: false }
    }

    /// With words under it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl Field {
    fn new(tongue: &Tongue, name: impl Into<String>, label: impl Into<String>, control: Control) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            hint: None,
            error: None,
            optional: false,
            control,
            tongue: tongue.clone(),
        }
    }

    /// One line of text.
    pub fn text(tongue: &Tongue, name: impl Into<String>, label: impl Into<String>) -> Self {
        let control = Control::Text { value: String::new(), kind: TextKind::Plain, autocomplete: "off", short: false };
        Self::new(tongue, name, label, control)
    }

    /// A date, typed as people write it.
    pub fn date(tongue: &Tongue, name: impl Into<String>, label: impl Into<String>) -> Self {
        let hint = tongue.t("common.field.date-hint").to_owned();
        Self::text(tongue, name, label).kind(TextKind::Digits).short().hint(hint)
    }

    /// Several lines of text.
    pub fn area(tongue: &Tongue, name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(tongue, name, label, Control::Area { value: String::new(), rows: 3 })
    }

    /// A closed list.
    pub fn select(tongue: &Tongue, name: impl Into<String>, label: impl Into<String>, mut marks: Vec<Mark>) -> Self {
        marks.insert(0, Mark::new("", tongue.t("common.field.choose")));
        Self::new(tongue, name, label, Control::Select { marks, groups: Vec::new() })
    }

    /// The choices of a closed list under headings.
    #[must_use]
    pub fn grouped(mut self, headed: Vec<(String, Vec<Mark>)>) -> Self {
        if let Control::Select { groups, .. } = &mut self.control {
            *groups = headed;
        }
        self
    }

    /// One of a few.
    pub fn radios(tongue: &Tongue, name: impl Into<String>, label: impl Into<String>, marks: Vec<Mark>) -> Self {
        Self::new(tongue, name, label, Control::Radios { marks })
    }

    /// Any of a few.
    pub fn checks(tongue: &Tongue, name: impl Into<String>, label: impl Into<String>, marks: Vec<Mark>) -> Self {
        Self::new(tongue, name, label, Control::Checks { marks })
    }

    /// A file: an image or a PDF up to this many MB.
    pub fn file(tongue: &Tongue, name: impl Into<String>, label: impl Into<String>, most_mb: u32) -> Self {
        let hint = tongue.fill("common.field.file-hint", &[("limit", &most_mb.to_string())]);
        let accept = "image/jpeg,image/png,application/pdf".to_owned();
        Self::new(tongue, name, label, Control::File { accept, most_mb, multiple: false }).hint(hint)
    }

    /// With words under the label.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// With an error, if there is one.
    #[must_use]
    pub fn error(mut self, error: Option<String>) -> Self {
        self.error = error;
        self
    }

    /// Marked as one that may stay empty.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// For something short, such as a date or a code.
    #[must_use]
    pub const fn short(mut self) -> Self {
        if let Control::Text { short, .. } = &mut self.control {
            *short = true;
        }
        self
    }

    /// With room for this many lines.
    #[must_use]
    pub const fn rows(mut self, lines: u8) -> Self {
        if let Control::Area { rows, .. } = &mut self.control {
            *rows = lines;
        }
        self
    }

    /// With this kind of keyboard.
    #[must_use]
    pub const fn kind(mut self, wanted: TextKind) -> Self {
        if let Control::Text { kind, .. } = &mut self.control {
            *kind = wanted;
        }
        self
    }

    /// With the browser's own word for what is asked, so that it can fill it in.
    #[must_use]
    pub const fn autocomplete(mut self, word: &'static str) -> Self {
        if let Control::Text { autocomplete, .. } = &mut self.control {
            *autocomplete = word;
        }
        self
    }

    /// With these answers in it.
    #[must_use]
    pub fn answered<'a>(mut self, answers: impl IntoIterator<Item = &'a str>) -> Self {
        let answers: Vec<&str> = answers.into_iter().collect();
        let first = answers.first().copied().unwrap_or_default();
        match &mut self.control {
            Control::Text { kind: TextKind::Secret, .. } | Control::File { .. } => {}
            Control::Text { value, .. } | Control::Area { value, .. } => first.clone_into(value),
            Control::Select { marks, groups } => {
                let all = marks.iter_mut().chain(groups.iter_mut().flat_map(|(_, marks)| marks));
                all.for_each(|mark| mark.chosen = mark.value == first);
            }
            Control::Radios { marks } => marks.iter_mut().for_each(|mark| mark.chosen = mark.value == first),
            Control::Checks { marks } => {
                marks.iter_mut().for_each(|mark| mark.chosen = answers.contains(&mark.value.as_str()));
            }
        }
        self
    }

    /// The id of the control an error link leads to.
    #[must_use]
    pub fn id(&self) -> String {
        format!("f-{}", self.name)
    }

    /// The id of one of several choices; the first has the field's own.
    fn mark_id(&self, index: usize) -> String {
        if index == 0 { self.id() } else { format!("{}-{}", self.id(), index + 1) }
    }

    /// The value of `aria-describedby`, empty when there is nothing to say.
    fn described_by(&self) -> String {
        let id = self.id();
        let hint = self.hint.as_ref().map(|_| format!("{id}-h"));
        let error = self.error.as_ref().map(|_| format!("{id}-e"));
        let said = matches!(self.control, Control::File { .. }).then(|| format!("{id}-s"));
        [hint, error, said].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    const fn is_group(&self) -> bool {
        matches!(self.control, Control::Radios { .. } | Control::Checks { .. })
    }
}

impl TextKind {
    const fn input_type(self) -> &'static str {
        match self {
            Self::Plain | Self::Digits => "text",
            Self::Phone => "tel",
            Self::Secret => "password",
            Self::Search => "search",
        }
    }

    const fn is_digits(self) -> bool {
        matches!(self, Self::Digits)
    }
}

is_markup!(Field);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::Texts;

    fn tongue() -> Tongue {
        Texts::load().unwrap().lang("zh-CN")
    }

    #[test]
    fn what_was_typed_is_kept_and_escaped() {
        let html = Field::text(&tongue(), "n", "姓名").answered(["<b>\"'&"]).render().unwrap();
        assert!(html.contains("value=\"&#60;b&#62;&#34;&#39;&#38;\""), "{html}");
        assert!(!html.contains("<b>"));
    }

    #[test]
    fn a_secret_is_never_filled_again() {
        let html = Field::text(&tongue(), "p", "密码").kind(TextKind::Secret).answered(["hunter2"]).render().unwrap();
        assert!(!html.contains("hunter2"));
    }

    #[test]
    fn an_error_is_tied_to_its_control() {
        let html = Field::date(&tongue(), "d", "解除日期").error(Some("请填写日期".into())).render().unwrap();
        assert!(html.contains("aria-describedby=\"f-d-h f-d-e\"") && html.contains("aria-invalid=\"true\""), "{html}");
        assert!(html.contains("id=\"f-d-e\"") && html.contains("id=\"f-d-h\""));
    }

    #[test]
    fn the_link_to_a_group_leads_to_its_first_choice() {
        let marks = vec![Mark::new("a", "甲"), Mark::new("b", "乙")];
        let html = Field::radios(&tongue(), "r", "原因", marks).answered(["b"]).render().unwrap();
        assert!(html.contains("id=\"f-r\"") && html.contains("id=\"f-r-2\""));
        assert_eq!(html.matches(" checked").count(), 1);
        assert!(html.contains("<fieldset") && html.contains("<legend>"));
    }
}
