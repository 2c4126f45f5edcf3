//! Things to read: four big numbers, question and answer, what has to be handed in, what has to be supplied.

use askama::Template;

use super::{Link, Tag, is_markup};
use crate::texts::Tongue;

/// One big number or word.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fact {
    /// What it is about.
    pub label: String,
    /// The number or word.
    pub value: String,
    /// The unit behind it.
    pub unit: String,
    /// A small line under it.
    pub note: String,
}

impl Fact {
    /// A number with its unit.
    pub fn new(label: impl Into<String>, value: impl Into<String>, unit: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into(), unit: unit.into(), note: String::new() }
    }

    /// With a small line under it.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }
}

/// A row of big numbers.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "parts/facts.html")]
pub struct Facts(pub Vec<Fact>);

/// One answer of a form, to be checked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// What was asked.
    pub label: String,
    /// What was answered, a line each; none says 没有填写.
    pub lines: Vec<String>,
    /// A small line under it.
    pub note: Option<String>,
    /// A tag behind it.
    pub tag: Option<Tag>,
    /// Where it can be changed.
    pub change: Option<Link>,
}

impl Answer {
    /// An answer of one line; an empty one counts as not filled in.
    pub fn new(label: impl Into<String>, line: impl Into<String>) -> Self {
        let line = line.into();
        let lines = if line.trim().is_empty() { Vec::new() } else { vec![line] };
        Self { label: label.into(), lines, ..Self::default() }
    }

    /// With one more line.
    #[must_use]
    pub fn line(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    /// With a small line under it.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// With a tag behind it.
    #[must_use]
    pub fn tag(mut self, tag: Tag) -> Self {
        self.tag = Some(tag);
        self
    }

    /// With a link to where it can be changed.
    #[must_use]
    pub fn change(mut self, link: Link) -> Self {
        self.change = Some(link);
        self
    }
}

/// The answers of a form, to be checked before it is sent.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/answers.html")]
pub struct Answers {
    rows: Vec<Answer>,
    tongue: Tongue,
}

impl Answers {
    /// These answers, in order.
    #[must_use]
    pub fn new(tongue: &Tongue, rows: Vec<Answer>) -> Self {
        Self { rows, tongue: tongue.clone() }
    }
}

/// Names and values in a narrow list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Template)]
#[template(path = "parts/kv.html")]
pub struct KeyValues(pub Vec<(String, String)>);

impl KeyValues {
    /// With one more pair.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.push((key.into(), value.into()));
        self
    }
}

/// One thing that has to be handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Material {
    /// Its name.
    pub name: String,
    /// 可免交, 自备 or 选填.
    pub tag: Option<Tag>,
    /// What it must be like, and where to get it.
    pub spec: String,
    /// Why it is needed.
    pub why: String,
}

/// What has to be handed in.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/materials.html")]
pub struct Materials {
    items: Vec<Material>,
    tongue: Tongue,
}

impl Materials {
    /// These, in order.
    #[must_use]
    pub fn new(tongue: &Tongue, items: Vec<Material>) -> Self {
        Self { items, tongue: tongue.clone() }
    }
}

/// One gap the office found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What is missing.
    pub heading: String,
    /// What would satisfy it.
    pub lines: Vec<String>,
    /// The rule, the officer's number and the time.
    pub basis: String,
}

/// The one complete list of gaps.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "parts/fixes.html")]
pub struct Fixes(pub Vec<Fix>);

is_markup!(Facts, Answers, KeyValues, Materials, Fixes);
