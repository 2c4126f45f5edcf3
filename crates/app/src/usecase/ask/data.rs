//! An ask as it is kept, and as it is shown before it is handed in.

use banjie_domain::calendar::Calendar;
use std::collections::BTreeSet;
use std::sync::Arc;

use banjie_domain::act::Act;
use banjie_domain::problem::FieldProblem;
use banjie_domain::registration_type::{Answers, Change};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Wanted, WantedGroup};
use crate::usecase::window::Window;

/// What was declared with an ask, as its sealed revision keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskDetails {
    /// Which of the plain-language situations was chosen.
    pub situation: String,
    /// The day the act is to count from.
    pub effective_on: Date,
    /// The day notice was given, where the reason asks for it.
    pub notice_on: Option<Date>,
    /// The explanation.
    pub note: String,
    /// What a 更正 changes; empty for the other acts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// Facts that decided which materials were wanted.
    pub facts: BTreeSet<String>,
    /// What was typed, so that it can be taken up again.
    pub answers: Answers,
}

/// An ask before it is handed in.
#[derive(Debug, Clone)]
pub struct AskPreview {
    /// The working days of the office.
    pub calendar: Arc<Calendar>,
    /// What is asked.
    pub act: Act,
    /// Reason code.
    pub reason: String,
    /// The day it is to count from.
    pub effective_on: Date,
    /// The day notice was given, where it was.
    pub notice_on: Option<Date>,
    /// The explanation.
    pub note: String,
    /// What a 更正 changes; empty for the other acts.
    pub changes: Vec<Change>,
    /// The materials.
    pub materials: Vec<Wanted>,
    /// Groups of which one material is enough.
    pub groups: Vec<WantedGroup>,
    /// What is not there yet.
    pub missing: Vec<FieldProblem>,
    /// What the person should know.
    pub warnings: Vec<FieldProblem>,
    /// The days the employer has to file this, where the law sets any.
    pub window: Option<Window>,
    /// The office that decides.
    pub office: banjie_store::people::OfficeRow,
    /// The legal day it would count as received.
    pub received_on: Date,
    /// Last day for the decision on acceptance.
    pub accept_by: Date,
    /// If it is accepted on that day: last day for the decision.
    pub decide_by: Date,
    /// Working days from receipt to the decision on acceptance.
    pub accept_days: u32,
    /// Promised working days from acceptance.
    pub promise_days: u32,
    /// Working days the law allows.
    pub legal_days: u32,
}
