//! Where one is: in an application that is being filled in, and in a case that is being decided.

use askama::Template;

use super::{Link, Seal, is_markup};
use crate::texts::Tongue;

/// One step of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its name.
    pub label: String,
    /// Its address, once it was done.
    pub href: Option<String>,
}

impl Step {
    /// A step one has not come to yet.
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), href: None }
    }

    /// A step one can go back to.
    pub fn done(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: Some(href.into()) }
    }
}

/// The steps of an application.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/stepper.html")]
pub struct Stepper {
    steps: Vec<Step>,
    current: usize,
    tongue: Tongue,
}

impl Stepper {
    /// These steps; `current` counts from 0.
    #[must_use]
    pub fn new(tongue: &Tongue, steps: Vec<Step>, current: usize) -> Self {
        Self { steps, current, tongue: tongue.clone() }
    }

    fn now(&self) -> String {
        let (place, total) = ((self.current + 1).to_string(), self.steps.len().to_string());
        let label = self.steps.get(self.current).map_or("", |step| step.label.as_str());
        self.tongue.fill("common.stepper.now", &[("place", &place), ("total", &total), ("label", label)])
    }
}

/// Whether a stop is behind, here, or ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It happened.
    Past,
    /// It is now.
    Now,
    /// It is to come.
    Todo,
}

/// One thing that happened to a case, or will.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// Its seal.
    pub seal: Seal,
    /// What it is.
    pub heading: String,
    /// When and by whom.
    pub when: Option<String>,
    /// What else there is to say.
    pub lines: Vec<String>,
    /// What can be done about it.
    pub link: Option<Link>,
    /// Behind, here or ahead.
    pub moment: Moment,
}

impl Stop {
    /// A stop with only a heading.
    pub fn new(seal: Seal, moment: Moment, heading: impl Into<String>) -> Self {
        Self { seal, heading: heading.into(), when: None, lines: Vec::new(), link: None, moment }
    }

    /// With the time, and by whom.
    #[must_use]
    pub fn when(mut self, when: impl Into<String>) -> Self {
        self.when = Some(when.into());
        self
    }

    /// With one more sentence.
    #[must_use]
    pub fn line(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    /// With a link.
    #[must_use]
    pub fn link(mut self, link: Link) -> Self {
        self.link = Some(link);
        self
    }

    const fn class(&self) -> &'static str {
        match self.moment {
            Moment::Past => "",
            Moment::Now => "now",
            Moment::Todo => "todo",
        }
    }

    /// What is ahead has no seal of its own yet.
    fn seal_class(&self) -> &'static str {
        if self.moment == Moment::Todo { Seal::Off.key() } else { self.seal.key() }
    }
}

/// All that happened to a case, and what is to come.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/track.html")]
pub struct Track {
    stops: Vec<Stop>,
    tongue: Tongue,
}

impl Track {
    /// These stops, in order.
    #[must_use]
    pub fn new(tongue: &Tongue, stops: Vec<Stop>) -> Self {
        Self { stops, tongue: tongue.clone() }
    }
}

is_markup!(Stepper, Track);
