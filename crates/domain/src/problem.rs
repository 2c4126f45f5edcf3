//! What is wrong with an answer, as a code and its arguments.
//!
//! The text a person reads lives in the locales under `problem.<code>`; this module never holds prose.

use std::fmt;

use crate::local_text::LocalText;

/// One thing that is wrong, named by a published code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The key of its text, without the `problem.` in front.
    pub code: &'static str,
    /// Values for the `{placeholders}` of that text, each in the languages it is known in.
    pub args: Vec<(&'static str, LocalText)>,
}

impl Problem {
    /// A problem without arguments.
    #[must_use]
    pub const fn new(code: &'static str) -> Self {
        Self { code, args: Vec::new() }
    }

    /// The same problem with one more argument.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<LocalText>) -> Self {
        self.args.push((name, value.into()));
        self
    }

    /// The same problem, pinned to the field it belongs to.
    #[must_use]
    pub fn at(self, field: impl Into<String>) -> FieldProblem {
        FieldProblem { field: field.into(), problem: self }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

/// A problem and the field of the form it stands beside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// The field's key, as in the type file and in the form.
    pub field: String,
    /// What is wrong with it.
    pub problem: Problem,
}
