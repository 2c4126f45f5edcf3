//! What may happen to a case: the one `match` in which a wish lives or dies.

use crate::policy::Stages;
use crate::problem::Problem;
use crate::refusal::Refusal;

use super::clocks::turn_ends;
use super::command::{Command, Facts};
use super::event::{CaseEvent, EvidenceRef, Gap, Opinion, Supplement, Verdict};
use super::state::{Case, Stage};
use super::time;

/// Decides what happens when `command` meets `state`.
///
/// # Errors
/// A [`Refusal`] with the rule that stands in the way.
pub fn decide(state: Option<&Case>, command: Command, facts: &Facts<'_>) -> Result<Vec<CaseEvent>, Refusal> {
    let Some(case) = state else {
        return match command {
            Command::Submit(submitted) => Ok(vec![CaseEvent::Submitted(submitted)]),
            _ => Err(Refusal::NotAtThisStage { stage: "draft" }),
        };
    };
    match (&case.stage, command) {
        (Stage::Intake, Command::Accept) => accept(case, facts),
        (Stage::Intake, Command::AcceptBySilence) => accept_by_silence(case, facts),
        (Stage::Intake, Command::Decline(opinion)) => {
            named(&opinion)?;
            Ok(vec![CaseEvent::Declined { grounds: opinion.grounds, note: opinion.note }])
        }
        (Stage::Intake | Stage::First, Command::RequestSupplement { gaps, note, supervisor }) => {
            let ask = supplement(case, gaps, supervisor, facts)?;
            Ok(vec![CaseEvent::SupplementRequested(Supplement { note, ..ask })])
        }
        (Stage::Supplement { ask, .. }, Command::AnswerSupplement { details, evidence }) => {
            every_gap_answered(case, ask, &evidence)?;
            Ok(vec![CaseEvent::Supplemented { on: facts.today, details, evidence }])
        }
        (
            _,
            command @ (Command::Lapse
            | Command::Suspend { .. }
            | Command::Resume
            | Command::Extend { .. }
            | Command::Recalculate { .. }),
        ) => time::decide(case, command, facts),
        (Stage::First, Command::GiveOpinion(opinion)) => {
            another_officer(case, facts)?;
            named(&opinion)?;
            if case.file.submitted.stages == Stages::IntakeFirstSecond {
                Ok(vec![CaseEvent::OpinionGiven(opinion)])
            } else {
                Ok(vec![CaseEvent::Decided { opinion, on: facts.today }])
            }
        }
        (Stage::Second { opened, .. }, Command::RetractOpinion) => retract(case, opened.is_some(), facts),
        (Stage::Second { opened, .. }, Command::OpenSecond) => {
            another_officer(case, facts)?;
            Ok(if opened.is_some() { Vec::new() } else { vec![CaseEvent::SecondOpened {}] })
        }
        (Stage::Second { .. }, Command::Decide(opinion)) => {
            another_officer(case, facts)?;
            named(&opinion)?;
            Ok(vec![CaseEvent::Decided { opinion, on: facts.today }])
        }
        (stage, Command::Withdraw) if !stage.is_closed() => Ok(vec![CaseEvent::Withdrawn {}]),
        (stage, _) => Err(Refusal::NotAtThisStage { stage: stage.key() }),
    }
}

fn accept(case: &Case, facts: &Facts<'_>) -> Result<Vec<CaseEvent>, Refusal> {
    let accepted = CaseEvent::Accepted { on: facts.today };
    // Where the rules name no further desk, acceptance is the decision.
    match case.file.submitted.stages {
        Stages::None | Stages::Intake => {
            let opinion = Opinion { verdict: Verdict::Grant, grounds: Vec::new(), note: None };
            Ok(vec![accepted, CaseEvent::Decided { opinion, on: facts.today }])
        }
        Stages::IntakeFirst | Stages::IntakeFirstSecond => {
            another_officer(case, facts)?;
            Ok(vec![accepted])
        }
    }
}

/// Silence dates acceptance back to the day everything was there. Where acceptance is the decision it changes nothing:
/// nobody is granted anything by being forgotten.
fn accept_by_silence(case: &Case, facts: &Facts<'_>) -> Result<Vec<CaseEvent>, Refusal> {
    let file = &case.file;
    let last = turn_ends(case, facts.calendar);
    match file.submitted.stages {
        Stages::IntakeFirst | Stages::IntakeFirstSecond if last.is_some_and(|last| facts.today > last) => {
            Ok(vec![CaseEvent::Accepted { on: file.intake_from }])
        }
        _ => Err(Refusal::NotAtThisStage { stage: case.stage.key() }),
    }
}

/// Nobody takes two stages of one case (domain rule on separation of duties).
fn another_officer(case: &Case, facts: &Facts<'_>) -> Result<(), Refusal> {
    match facts.actor.account() {
        Some(account) if case.file.was_handled_by(account) => Err(Refusal::SameOfficer),
        _ => Ok(()),
    }
}

/// A no without a named rule and item is no answer.
fn named(opinion: &Opinion) -> Result<(), Refusal> {
    if opinion.verdict == Verdict::Refuse && opinion.grounds.is_empty() { Err(Refusal::NothingNamed) } else { Ok(()) }
}

fn supplement(case: &Case, gaps: Vec<Gap>, supervisor: bool, facts: &Facts<'_>) -> Result<Supplement, Refusal> {
    if gaps.is_empty() {
        return Err(Refusal::NothingNamed);
    }
    // 一次性告知: all gaps at once, and only once, unless a supervisor answers for another.
    match (case.file.supplements.is_empty(), supervisor) {
        (false, false) => return Err(Refusal::SupplementUsed),
        (true, true) => return Err(Refusal::NotAtThisStage { stage: case.stage.key() }),
        _ => {}
    }
    let answer_by = facts.calendar.add_working_days(facts.today, case.file.submitted.limits.supplement).on;
    Ok(Supplement { on: facts.today, gaps, answer_by, note: None })
}

/// Every gap about a material needs a file that was not there before. Fields are checked by the form that takes them.
fn every_gap_answered(case: &Case, ask: &Supplement, evidence: &[EvidenceRef]) -> Result<(), Refusal> {
    let missing: Vec<_> = ask
        .gaps
        .iter()
        .filter_map(|gap| gap.target.strip_prefix("material:"))
        .filter(|material| {
            !evidence.iter().any(|file| file.material == *material && !case.file.evidence.contains(file))
        })
        .map(|material| {
            Problem::new("supplement.file-missing").with("label", material).at(format!("material:{material}"))
        })
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(Refusal::Answers(missing)) }
}

/// Only who gave the first opinion may take it back, and only until the second reviewer has opened the case.
fn retract(case: &Case, opened: bool, facts: &Facts<'_>) -> Result<Vec<CaseEvent>, Refusal> {
    if opened {
        return Err(Refusal::OpinionTaken);
    }
    let own = facts.actor.account().is_some_and(|account| case.file.officers.last() == Some(account));
    if own { Ok(vec![CaseEvent::OpinionRetracted {}]) } else { Err(Refusal::NotYourOpinion) }
}
