//! A case: one request about one registration, from the moment it was handed in to its decision.
//!
//! [`decide`] says what may happen and [`evolve`] makes it so; a state exists only by folding events. A draft is no
//! case: it has no number and no history until it is submitted.

mod clocks;
mod command;
mod decide;
mod event;
mod grounds;
mod lifecycle;
mod state;
mod time;

pub use clocks::{CaseClock, ClockKey, clocks, decided_clock, turn_ends};
pub use command::{Command, Facts};
pub use decide::decide;
pub use event::{
    CaseEvent, EvidenceRef, Extension, Gap, Ground, Limits, Opinion, Party, Submitted, Supplement, Suspension, Verdict,
};
pub use grounds::{EXTENSIONS, FAULTS, GROUNDS, SPECIAL, WHOLE_CASE};
pub use lifecycle::table;
pub use state::{Accepted, Back, Case, Desk, File, Outcome, Stage, evolve};
