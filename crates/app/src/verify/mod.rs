//! Proves that history is whole and that everything stored follows from it. Reads only.
//!
//! A changed byte breaks its leaf; a deleted or moved event breaks its chain; a deleted tail or an edited row breaks the
//! comparison of the stored projection with the fold. Who rewrites events and rows consistently from some point on is
//! not found here, but by a checkpoint that was kept elsewhere ([`crate::checkpoint`]).

mod papers;
mod streams;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::app::App;
use crate::error::Outcome;

/// One thing that is not as history says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// What is wrong, as a published word.
    pub what: &'static str,
    /// Where: a stream, row or file.
    pub place: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.what, self.place)
    }
}

/// What was looked at and found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Events read.
    pub events: u64,
    /// Histories folded.
    pub streams: u64,
    /// Documents and files opened.
    pub papers: u64,
    /// What is wrong; empty when all is well.
    pub findings: Vec<Finding>,
}

impl Report {
    fn find(&mut self, what: &'static str, place: impl Into<String>) {
        self.findings.push(Finding { what, place: place.into() });
    }
}

/// Checks everything.
///
/// # Errors
/// When the database cannot be read. Damage is a finding, not an error.
pub fn run(app: &App) -> Outcome<Report> {
    let mut report = Report::default();
    let named = streams::check(app, &mut report)?;
    papers::check(app, &named, &mut report)?;
    report.findings.sort();
    report.findings.dedup();
    Ok(report)
}
