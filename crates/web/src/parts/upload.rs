//! One material to hand in: why, what is already there, and where to choose a file.

use askama::Template;

use super::{Field, Link, Tag, is_markup};
use crate::texts::Tongue;

/// A file that is already there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The file's own name.
    pub name: String,
    /// Kind, size, when; in words.
    pub meta: String,
    /// Where it can be looked at.
    pub open: Option<Link>,
    /// The name and value of the button that takes it away; it sends the form around it.
    pub remove: Option<(String, String)>,
}

/// One material.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/upload.html")]
pub struct UploadBlock {
    /// Tells it from the others on the page.
    pub id: String,
    /// Its name.
    pub heading: String,
    /// 可免交, 自备 or 选填.
    pub tag: Option<Tag>,
    /// Why it is needed.
    pub why: Option<String>,
    /// What is already there.
    pub stored: Vec<Stored>,
    /// Where to choose a file, when one may be added.
    pub field: Option<Field>,
    tongue: Tongue,
}

impl UploadBlock {
    /// A material with nothing handed in yet.
    pub fn new(tongue: &Tongue, id: impl Into<String>, heading: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            heading: heading.into(),
            tag: None,
            why: None,
            stored: Vec::new(),
            field: None,
            tongue: tongue.clone(),
        }
    }

    /// With a tag.
    #[must_use]
    pub fn tag(mut self, tag: Tag) -> Self {
        self.tag = Some(tag);
        self
    }

    /// With the reason it is needed.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    /// With a file that is already there.
    #[must_use]
    pub fn stored(mut self, file: Stored) -> Self {
        self.stored.push(file);
        self
    }

    /// With a place to choose a file.
    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        self.field = Some(field);
        self
    }

    fn has_error(&self) -> bool {
        self.field.as_ref().is_some_and(|field| field.error.is_some())
    }
}

is_markup!(UploadBlock);
