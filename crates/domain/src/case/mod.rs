//! A case: one request about one registration, from the moment it was handed in to its decision.
//!
//! [`decide`] says what may happen and [`evolve`] makes it so; a state exists only by folding events. A draft is no
//! case: it has no number and no history until it is submitted.

mod command;
mod decide;
mod event;
mod grounds;
mod lifecycle;
mod state;

pub use command::{Command, Facts};
pub use decide::decide;
pub use event::{CaseEvent, EvidenceRef, Gap, Ground, Limits, Opinion, Party, Submitted, Supplement, Verdict};
pub use grounds::{FAULTS, GROUNDS, WHOLE_CASE};
pub use lifecycle::table;
pub use state::{Accepted, Case, Desk, File, Outcome, Stage, evolve};
