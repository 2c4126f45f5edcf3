//! Checking a wish to end, close or revoke a registration, before a case is made of it.
//!
//! Whether the person may speak for the record, and whether the record can still change, is decided elsewhere.

use jiff::civil::Date;

use crate::act::{Act, ApplicantKind};
use crate::dates::parse_date;
use crate::identity::{Sex, text};
use crate::problem::{FieldProblem, Problem};

use super::answers::Details;
use super::rules::{AskContext, Finding, Flag};
use super::schema::Reason;
use super::{FEMALE, MALE, RegistrationType};

/// The field of the reason.
pub const REASON: &str = "reason";
/// The field of the day.
pub const EFFECTIVE_ON: &str = "effective_on";
/// The field of the day notice was given.
pub const NOTICE_ON: &str = "notice_on";
/// The field of the explanation.
pub const NOTE: &str = "note";

/// Characters that make an explanation.
pub(super) const EXPLANATION_MIN: usize = 10;
const NOTE_MAX: usize = 500;

/// What was asked for, as it was typed.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// The act the situation led to.
    pub act: Act,
    /// In what standing it is asked.
    pub applicant: ApplicantKind,
    /// The reason code.
    pub reason: &'a str,
    /// The day, as typed; not read when the reason asks for none.
    pub effective_on: &'a str,
    /// The day notice was given, as typed; may be empty.
    pub notice_on: &'a str,
    /// The explanation, as typed; may be empty.
    pub note: &'a str,
    /// Whether a decision on the pension comes with it.
    pub pension: PensionDecision,
}

/// Whether a decision on the pension is attached (V9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PensionDecision {
    /// It is.
    Attached,
    /// It is not.
    Missing,
}

/// The registration the wish is about.
#[derive(Clone, Copy)]
pub struct OnRecord<'a> {
    /// What was declared.
    pub details: &'a Details,
    /// Its first day.
    pub started_on: Date,
    /// The person's date of birth on file, where the details do not say it.
    pub birth_date: Option<Date>,
    /// The person's sex on file, where the details do not say it.
    pub sex: Option<Sex>,
}

impl OnRecord<'_> {
    pub(super) fn birth_date(&self) -> Option<Date> {
        self.details.date("birth_date").or(self.birth_date)
    }

    pub(super) fn sex(&self) -> Option<Sex> {
        match self.details.get("sex") {
            Some(MALE) => Some(Sex::Male),
            Some(FEMALE) => Some(Sex::Female),
            _ => self.sex,
        }
    }
}

/// A wish that may be handed in.
#[derive(Clone, PartialEq, Eq)]
pub struct AskChecked {
    /// The day it takes effect; the first day of the registration for 撤销.
    pub effective_on: Date,
    /// The day notice was given.
    pub notice_on: Option<Date>,
    /// The explanation, trimmed, with plain line ends. Personal: it may name people.
    pub note: String,
    /// What the person should know and a reviewer should see.
    pub warnings: Vec<FieldProblem>,
    /// What the agency has to do.
    pub flags: Vec<Flag>,
}

impl std::fmt::Debug for AskChecked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AskChecked")
            .field("effective_on", &self.effective_on)
            .field("notice_on", &self.notice_on)
            .field("warnings", &self.warnings)
            .field("flags", &self.flags)
            .finish_non_exhaustive()
    }
}

impl RegistrationType {
    /// Checks a wish to end, close or revoke.
    ///
    /// # Errors
    /// Everything that is wrong, at most one problem for each of the fields `reason`, `effective_on`, `notice_on` and
    /// `note`, in that order.
    pub fn check_ask(
        &self,
        ask: &Ask<'_>,
        record: &OnRecord<'_>,
        today: Date,
    ) -> Result<AskChecked, Vec<FieldProblem>> {
        let mut problems = Problems(Vec::new());
        let reason = problems.keep(self.reason_given(ask), REASON);
        let effective_on = match reason {
            Some(reason) => problems.keep(day_given(reason, ask, record), EFFECTIVE_ON),
            // The day is asked for at once, so that nobody is sent back twice.
            None if ask.effective_on.trim().is_empty() && ask.act != Act::Revoke => {
                problems.add(Problem::new("ask.day-unknown").at(EFFECTIVE_ON));
                None
            }
            None => None,
        };
        let notice_on = problems.keep(notice_given(ask.notice_on, record, effective_on), NOTICE_ON);
        let note = problems.keep(note_given(ask.note), NOTE);
        let (Some(reason), Some(effective_on), Some(notice_on), Some(note)) = (reason, effective_on, notice_on, note)
        else {
            return Err(problems.sorted());
        };
        let mut checked = AskChecked { effective_on, notice_on, note, warnings: Vec::new(), flags: Vec::new() };
        for rule in self.ask_rules() {
            let context = AskContext {
                kind: self,
                reason,
                effective_on,
                notice_on,
                note: &checked.note,
                pension: ask.pension,
                record,
                today,
            };
            match rule.look(&context) {
                Finding::Fine => {}
                Finding::Block(problem) => problems.add(problem),
                Finding::Warn(problem) => checked.warnings.push(problem),
                Finding::Flag(flag, problem) => {
                    checked.flags.push(flag);
                    checked.warnings.push(problem);
                }
            }
        }
        if !reason.offered {
            problems.add(Problem::new("ask.not-on-line").at(REASON));
        }
        if checked.note.chars().count() < reason.note_min {
            problems.add(Problem::new("ask.note-too-short").with("least", reason.note_min.to_string()).at(NOTE));
        }
        if problems.0.is_empty() { Ok(checked) } else { Err(problems.sorted()) }
    }

    fn reason_given(&self, ask: &Ask<'_>) -> Result<&Reason, Problem> {
        if !self.acts(ask.applicant).contains(&ask.act) {
            return Err(Problem::new("ask.act-not-offered"));
        }
        match self.reason(ask.reason.trim()) {
            None => Err(Problem::new("ask.reason-missing")),
            Some(reason) if reason.act != ask.act || !reason.applicants.contains(&ask.applicant) => {
                Err(Problem::new("ask.reason-not-for-this"))
            }
            Some(reason) => Ok(reason),
        }
    }
}

struct Problems(Vec<FieldProblem>);

impl Problems {
    fn add(&mut self, problem: FieldProblem) {
        if !self.0.iter().any(|earlier| earlier.field == problem.field) {
            self.0.push(problem);
        }
    }

    fn keep<T>(&mut self, result: Result<T, Problem>, field: &str) -> Option<T> {
        result.map_err(|problem| self.add(problem.at(field))).ok()
    }

    fn sorted(mut self) -> Vec<FieldProblem> {
        self.0.sort_by_key(|problem| {
            [REASON, EFFECTIVE_ON, NOTICE_ON, NOTE].iter().position(|key| *key == problem.field)
        });
        self.0
    }
}

fn day_given(reason: &Reason, ask: &Ask<'_>, record: &OnRecord<'_>) -> Result<Date, Problem> {
    let Some(label) = &reason.date_label else { return Ok(record.started_on) };
    if ask.effective_on.trim().is_empty() {
        return Err(Problem::new("ask.day-missing").with("label", label.clone()));
    }
    parse_date(ask.effective_on)
}

/// The day notice was given lies between the first day and the last.
fn notice_given(typed: &str, record: &OnRecord<'_>, last: Option<Date>) -> Result<Option<Date>, Problem> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let day = parse_date(typed)?;
    if day < record.started_on {
        return Err(Problem::new("ask.notice-before-start").with("first_day", record.started_on.to_string()));
    }
    if last.is_some_and(|last| day > last) {
        return Err(Problem::new("ask.notice-after-end"));
    }
    Ok(Some(day))
}

/// The explanation with its paragraphs: line ends and tabs are blanks people typed, other controls are refused.
fn note_given(typed: &str) -> Result<String, Problem> {
    let lines = typed.trim().lines().map(|line| line.replace('\t', " ").trim_end().to_owned());
    let note = lines.collect::<Vec<_>>().join("\n");
    let length = note.chars().count();
    if length > NOTE_MAX {
        return Err(Problem::new("ask.note-too-long")
            .with("most", NOTE_MAX.to_string())
            .with("length", length.to_string()));
    }
    note.lines().try_for_each(text::refuse_hidden)?;
    Ok(note)
}
