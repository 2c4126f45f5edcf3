//! What time does to a case: it lapses, its clock stands still, goes on, is given more, or follows a new calendar.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::clock::{Entry, PauseReason};
use crate::refusal::Refusal;

use super::clocks::{ClockKey, clocks, turn_ends};
use super::command::{Command, Facts};
use super::event::{CaseEvent, Extension, Suspension};
use super::state::{Back, Case, File, Outcome, Stage};

/// Decides a command that is about time.
///
/// # Errors
/// A [`Refusal`] with the rule that stands in the way.
pub(super) fn decide(case: &Case, command: Command, facts: &Facts<'_>) -> Result<Vec<CaseEvent>, Refusal> {
    match (&case.stage, command) {
        (Stage::Supplement { ask, .. }, Command::Lapse)
            if facts.today > told(&case.file, ClockKey::Supplement).unwrap_or(ask.answer_by) =>
        {
            Ok(vec![CaseEvent::Lapsed {}])
        }
        (Stage::First | Stage::Second { .. }, Command::Suspend { reason, until, note }) => {
            Ok(vec![CaseEvent::Suspended(Suspension { on: facts.today, reason, until, note })])
        }
        (Stage::Suspended { why, .. }, Command::Resume) => resume(why, facts),
        (Stage::First | Stage::Second { .. }, Command::Extend { days, reason, note }) => {
            may_extend(case, facts)?;
            Ok(vec![CaseEvent::Extended(Extension { on: facts.today, days, reason, note })])
        }
        (stage, Command::Recalculate { told }) if !stage.is_closed() => {
            Ok(recalculate(case, told, facts).into_iter().collect())
        }
        (stage, _) => Err(Refusal::NotAtThisStage { stage: stage.key() }),
    }
}

/// The clock of whose turn it is, as far as a calendar counts it.
const fn turn(stage: &Stage) -> Option<ClockKey> {
    match stage {
        Stage::Intake => Some(ClockKey::Accept),
        Stage::Supplement { .. } => Some(ClockKey::Supplement),
        Stage::First | Stage::Second { .. } => Some(ClockKey::Promise),
        Stage::Suspended { .. } | Stage::Closed(_) => None,
    }
}

/// The last day of a clock as it was told, where that stands.
pub(super) fn told(file: &File, key: ClockKey) -> Option<Date> {
    file.told.get(&key).copied()
}

/// The clocks of the office stop on that day: what was told and lies ahead is counted anew when they go on, and a day
/// that was over stays over.
pub(super) fn stop(file: &mut File, on: Date) {
    file.told.remove(&ClockKey::Accept);
    file.told.remove(&ClockKey::Supplement);
    if told(file, ClockKey::Promise).is_some_and(|day| day >= on) {
        file.told.remove(&ClockKey::Promise);
    }
}

/// What follows from an event that is about time; nothing when it cannot follow.
pub(super) fn evolve(file: &mut File, stage: Stage, event: &CaseEvent) -> Option<Stage> {
    use CaseEvent as E;
    Some(match (stage, event) {
        (Stage::Supplement { ask, .. }, E::Lapsed {}) => Stage::Closed(Outcome::Lapsed { ask }),
        (Stage::First, E::Suspended(why)) => suspend(file, why, Back::First),
        (Stage::Second { opinion, opened }, E::Suspended(why)) => suspend(file, why, Back::Second { opinion, opened }),
        (Stage::Suspended { back, .. }, E::Resumed { on }) => {
            file.clock.push(Entry::Resumed { on: *on });
            back.into()
        }
        (at @ (Stage::First | Stage::Second { .. }), E::Extended(more)) => {
            file.told.remove(&ClockKey::Promise);
            file.clock.push(Entry::Extended { on: more.on, days: more.days, reason: more.reason.clone() });
            at
        }
        (
            at @ (Stage::Intake | Stage::Supplement { .. } | Stage::First | Stage::Second { .. }),
            E::Recalculated { to, .. },
        ) => {
            if let Some(key) = turn(&at) {
                file.told.insert(key, *to);
            }
            at
        }
        _ => return None,
    })
}

fn suspend(file: &mut File, why: &Suspension, back: Back) -> Stage {
    stop(file, why.on);
    file.clock.push(Entry::Paused { on: why.on, reason: PauseReason(why.reason.clone()) });
    Stage::Suspended { why: why.clone(), back }
}

/// An officer ends a special procedure when it is over; the rule ends it on the day that was told, so that no clock
/// stands still longer than the applicant was told.
fn resume(why: &Suspension, facts: &Facts<'_>) -> Result<Vec<CaseEvent>, Refusal> {
    match facts.actor.account() {
        Some(_) => Ok(vec![CaseEvent::Resumed { on: facts.today.min(why.until) }]),
        None if facts.today > why.until => Ok(vec![CaseEvent::Resumed { on: why.until }]),
        None => Err(Refusal::NotAtThisStage { stage: "suspended" }),
    }
}

/// More time is given once, and never after the promised or the legal time is over: what is late stays late.
fn may_extend(case: &Case, facts: &Facts<'_>) -> Result<(), Refusal> {
    if case.file.clock.iter().any(|entry| matches!(entry, Entry::Extended { .. })) {
        return Err(Refusal::ExtensionUsed);
    }
    let clocks = clocks(case, facts.calendar, facts.today);
    let over = clocks
        .iter()
        .any(|clock| matches!(clock.key, ClockKey::Promise | ClockKey::Legal) && clock.last() < facts.today);
    if over { Err(Refusal::LimitOver) } else { Ok(()) }
}

/// A last day moves with the calendar as long as it lies ahead. A day that is over stays, and so does one that was
/// given to a person, unless it becomes later; what becomes earlier never becomes a day that is over.
fn recalculate(case: &Case, shown: Date, facts: &Facts<'_>) -> Option<CaseEvent> {
    let counted = match &case.stage {
        // What was told of a special procedure is a day that was named, and counted by no calendar.
        Stage::Closed(_) | Stage::Suspended { .. } => return None,
        Stage::Supplement { ask, .. } => {
            let limit = case.file.submitted.limits.supplement;
            facts.calendar.add_working_days(ask.on, limit).on.max(shown)
        }
        Stage::Intake | Stage::First | Stage::Second { .. } => {
            let free = File { told: BTreeMap::new(), ..case.file.clone() };
            turn_ends(&Case { file: free, stage: case.stage.clone() }, facts.calendar)?
        }
    };
    let to = if shown < facts.today { shown } else { counted.max(facts.today) };
    // What stays although the calendar says otherwise is written down once.
    let key = turn(&case.stage)?;
    let said = told(&case.file, key) == Some(to) || (to == shown && counted == shown);
    (!said).then_some(CaseEvent::Recalculated { from: shown, to })
}
