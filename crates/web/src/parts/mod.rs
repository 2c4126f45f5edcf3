//! The parts pages are made of: each a struct with its own small template, put into a page as `{{ part }}`.
//!
//! A part escapes everything it is given; words of its own come from the locales. `GET /components` shows each in every
//! state.

mod clock;
mod facts;
mod field;
mod lists;
mod questions;
mod slip;
mod status;
mod steps;
mod upload;

pub use clock::{Course, Day, DayKind, Frame, Ruler, Why};
pub use facts::{Answer, Answers, Fact, Facts, Fix, Fixes, KeyValues, Material, Materials};
pub use field::{Control, Field, Mark, TextKind};
pub use lists::{Cell, Pager, Row, Table};
pub use questions::{ErrorSummary, Questions};
pub use slip::{QrCode, Slip, Stamp};
pub use status::{Note, Seal, Status, Tag, Tone};
pub use steps::{Moment, Step, Stepper, Stop, Track};
pub use upload::{Stored, UploadBlock};

/// A link in a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where to.
    pub href: String,
    /// The words.
    pub label: String,
}

impl Link {
    /// A link with these words.
    pub fn new(href: impl Into<String>, label: impl Into<String>) -> Self {
        Self { href: href.into(), label: label.into() }
    }
}

/// A part's markup comes from its own escaped template, so a page takes it as it is.
macro_rules! is_markup {
    ($($part:ty),* $(,)?) => { $(impl askama::filters::HtmlSafe for $part {})* };
}
use is_markup;
