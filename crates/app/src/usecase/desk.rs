//! What an officer does to a case: accept it, turn it away, ask for what is missing, say what he found, decide.
//!
//! Whatever he writes is sealed; an event keeps only where it lies. Reasons come from the published lists or not at all.

mod clock;

use std::collections::BTreeSet;

use banjie_domain::actor::{Principal, Role};
use banjie_domain::authorize::{Action, authorize};
use banjie_domain::case::{Case, Command, FAULTS, GROUNDS, Gap, Ground, Opinion, Verdict, WHOLE_CASE};
use banjie_domain::history::RevisionRef;
use banjie_domain::id::CaseId;
use banjie_domain::problem::{FieldProblem, Problem};
use banjie_domain::refusal::Refusal;
use banjie_store::ledger::AnswerRow;
use banjie_store::papers::RevisionRow;
use banjie_store::people;

use crate::app::App;
use crate::error::{AppError, Outcome, fault};
use crate::people::open_profile;
use crate::query::desk::{CaseView, case_view};
use crate::usecase::draft::record_look;
use crate::usecase::form_key::{FormKey, answer, once};
use crate::usecase::move_case::{self, Wish, move_case, resource};

pub use clock::{ClockForm, extend, resume, suspend};

/// The most an officer may write, in characters.
pub const NOTE_MAX: usize = 500;

/// Why an officer may see a name and number in full: what he chooses from.
pub const PURPOSES: [&str; 3] = ["compare-document", "call", "same-name"];

/// What an officer does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// 受理.
    Accept,
    /// 不予受理.
    Decline(Said),
    /// 一次性告知.
    Supplement {
        /// All gaps.
        gaps: Vec<Gap>,
        /// What the officer adds in words.
        note: String,
    },
    /// 初审.
    Opinion(Verdict, Said),
    /// Take the first opinion back.
    Retract,
    /// 复审 opens the case.
    OpenSecond,
    /// Decide.
    Decide(Verdict, Said),
}

/// Why not, and what the officer wrote.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    /// Why not; empty when granted.
    pub grounds: Vec<Ground>,
    /// What the officer wrote; may be empty.
    pub note: String,
}

/// Opens a case for an officer, and records that he looked.
///
/// # Errors
/// [`AppError::NotFound`] when it is not there, or held by another office: the same for both.
pub fn open_case(app: &App, who: &Principal, id: &CaseId) -> Outcome<CaseView> {
    let view = case_view(app, who, id)?;
    record_look(app, who, Some(view.registration.file().person.clone()), id.as_str(), "case")?;
    Ok(view)
}

/// Who somebody is, in full.
#[derive(Clone, PartialEq, Eq)]
pub struct Unmasked {
    /// The name.
    pub name: String,
    /// The document's number.
    pub document: String,
    /// A telephone, when one is known.
    pub phone: Option<String>,
}

impl std::fmt::Debug for Unmasked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unmasked(..)")
    }
}

/// Shows once whom a case is about, for a stated purpose that the person can read later.
///
/// # Errors
/// [`Refusal::Answers`] without a purpose from [`PURPOSES`].
pub fn unmask(app: &App, who: &Principal, id: &CaseId, purpose: &str) -> Outcome<Unmasked> {
    let both = move_case::load(app, id)?;
    authorize(who, Action::CaseQueue, &resource(&both.case.state, &both.registration.state))?;
    let Some(purpose) = PURPOSES.into_iter().find(|known| *known == purpose) else {
        return Err(refused(vec![Problem::new("desk.purpose-missing").at("purpose")]));
    };
    let person = both.registration.state.file().person.clone();
    record_look(app, who, Some(person.clone()), id.as_str(), &format!("unmask.{purpose}"))?;
    let row = app.store.read(move |tx| people::person_find(tx, &person))?;
    let profile = open_profile(app, &row.ok_or_else(|| fault("a registration without its person"))?)?;
    Ok(Unmasked { name: profile.name, document: profile.document_number, phone: profile.phone })
}

/// Everything that is wrong with a step as it was filled in, each beside its field: `verdict`, `grounds`, `gaps`,
/// `note`.
#[must_use]
pub fn problems(view: &CaseView, step: &Step) -> Vec<FieldProblem> {
    let targets = view.targets();
    let mut found = Vec::new();
    match step {
        Step::Accept | Step::Retract | Step::OpenSecond => {}
        Step::Supplement { gaps, note } => {
            found.extend(gap_problem(gaps, &targets));
            // A second supplement is the office's own fault; whoever answers for it says why.
            if !view.case.file().supplements().is_empty() && note.trim().is_empty() {
                found.push(Problem::new("desk.note-missing").at("note"));
            }
            found.extend(note_problem(note));
        }
        Step::Decline(said) | Step::Opinion(Verdict::Refuse, said) | Step::Decide(Verdict::Refuse, said) => {
            found.extend(ground_problem(&said.grounds, &targets));
            found.extend(note_problem(&said.note));
        }
        Step::Opinion(Verdict::Grant, said) | Step::Decide(Verdict::Grant, said) => {
            if !said.grounds.is_empty() {
                found.push(Problem::new("desk.ground-with-grant").at("grounds"));
            }
            found.extend(note_problem(&said.note));
        }
    }
    found
}

fn gap_problem(gaps: &[Gap], targets: &BTreeSet<String>) -> Option<FieldProblem> {
    let known = |gap: &Gap| targets.contains(&gap.target) && FAULTS.contains(&gap.fault.as_str());
    let code = match gaps {
        [] => "desk.gap-missing",
        _ if gaps.iter().all(known) => return None,
        _ => "desk.gap-unknown",
    };
    Some(Problem::new(code).at("gaps"))
}

fn ground_problem(grounds: &[Ground], targets: &BTreeSet<String>) -> Option<FieldProblem> {
    let known = |ground: &Ground| {
        GROUNDS.contains(&ground.rule.as_str()) && (ground.target == WHOLE_CASE || targets.contains(&ground.target))
    };
    let code = match grounds {
        [] => "desk.ground-missing",
        _ if grounds.iter().all(known) => return None,
        _ => "desk.ground-unknown",
    };
    Some(Problem::new(code).at("grounds"))
}

fn note_problem(note: &str) -> Option<FieldProblem> {
    let length = note.chars().count();
    (length > NOTE_MAX).then(|| {
        Problem::new("desk.note-long").with("most", NOTE_MAX.to_string()).with("length", length.to_string()).at("note")
    })
}

/// Does what an officer decided, if the case is still as he saw it.
///
/// # Errors
/// [`Refusal::Answers`] with everything wrong in the form, [`Refusal::MovedMeanwhile`] when the case moved,
/// [`Refusal::SameOfficer`] and the other refusals of the lifecycle.
pub fn act(app: &App, who: &Principal, id: &CaseId, seen: u64, step: &Step) -> Outcome<Case> {
    act_by(app, who, (id, seen), step, None)
}

/// The same for a program, once for each key.
///
/// # Errors
/// As [`act`].
pub fn act_once(app: &App, who: &Principal, (id, seen): (&CaseId, u64), step: &Step, key: &FormKey) -> Outcome<()> {
    const ROUTE: &str = "desk-step";
    once(app, who, ROUTE, key, || {
        let kept = answer(app, who, ROUTE, key, &())?;
        act_by(app, who, (id, seen), step, Some(kept)).map(drop)
    })
}

fn act_by(
    app: &App,
    who: &Principal,
    (id, seen): (&CaseId, u64),
    step: &Step,
    kept: Option<AnswerRow>,
) -> Outcome<Case> {
    let view = case_view(app, who, id)?;
    if seen != view.version {
        return Err(Refusal::MovedMeanwhile.into());
    }
    authorize(who, action(who, step), &resource(&view.case, &view.registration))?;
    let found = problems(&view, step);
    if !found.is_empty() {
        return Err(refused(found));
    }
    let (command, revision) = command(app, who, id, step)?;
    let mut wish = Wish::new(action(who, step), command).seen(seen);
    wish.revisions.extend(revision);
    wish.answer = kept;
    move_case(app, who, id, &wish)
}

const fn refused(problems: Vec<FieldProblem>) -> AppError {
    AppError::Refused(Refusal::Answers(problems))
}

/// What has to be allowed for a step.
const fn action(who: &Principal, step: &Step) -> Action {
    match step {
        Step::Accept | Step::Decline(_) => Action::CaseIntake,
        Step::Supplement { .. } if matches!(who.role, Role::Supervisor) => Action::CaseSupplementAgain,
        Step::Supplement { .. } => Action::CaseSupplement,
        Step::Opinion(..) | Step::Retract => Action::CaseFirst,
        Step::OpenSecond | Step::Decide(..) => Action::CaseSecond,
    }
}

fn command(app: &App, who: &Principal, id: &CaseId, step: &Step) -> Outcome<(Command, Option<RevisionRow>)> {
    let with_note = |said: &Said, verdict| -> Outcome<_> {
        let (row, note) = note(app, id, &said.note)?;
        Ok((Opinion { verdict, grounds: said.grounds.clone(), note }, row))
    };
    Ok(match step {
        Step::Accept => (Command::Accept, None),
        Step::Retract => (Command::RetractOpinion, None),
        Step::OpenSecond => (Command::OpenSecond, None),
        Step::Decline(said) => {
            let (opinion, row) = with_note(said, Verdict::Refuse)?;
            (Command::Decline(opinion), row)
        }
        Step::Opinion(verdict, said) => {
            let (opinion, row) = with_note(said, *verdict)?;
            (Command::GiveOpinion(opinion), row)
        }
        Step::Decide(verdict, said) => {
            let (opinion, row) = with_note(said, *verdict)?;
            (Command::Decide(opinion), row)
        }
        Step::Supplement { gaps, note: text } => {
            let (row, note) = note(app, id, text)?;
            let supervisor = who.role == Role::Supervisor;
            (Command::RequestSupplement { gaps: gaps.clone(), note, supervisor }, row)
        }
    })
}

/// Seals what an officer wrote; nothing when he wrote nothing.
fn note(app: &App, id: &CaseId, text: &str) -> Outcome<(Option<RevisionRow>, Option<RevisionRef>)> {
    let text = text.trim();
    if text.is_empty() {
        return Ok((None, None));
    }
    let (row, reference) = app.revision(id.as_str(), "note", &text)?;
    Ok((Some(row), Some(reference)))
}

#[cfg(test)]
mod tests {
    use banjie_domain::case::{ClockKey, Stage};

    use super::*;
    use crate::query::desk::{DeskForm, FileStanding, Finding, queue};
    use crate::usecase::story::{Story, story};

    const PAPER: &str = "material:release-certificate";

    fn seen(story: &Story, case: &CaseId) -> u64 {
        move_case::load(&story.app, case).unwrap().case.version
    }

    fn step(story: &Story, who: &Principal, case: &CaseId, step: &Step) -> Outcome<Case> {
        act(&story.app, who, case, seen(story, case), step)
    }

    fn no(target: &str, note: &str) -> Said {
        let grounds = vec![Ground { rule: "material-insufficient".to_owned(), target: target.to_owned() }];
        Said { grounds, note: note.to_owned() }
    }

    fn gap(fault: &str) -> Step {
        let gaps = vec![Gap { target: PAPER.to_owned(), fault: fault.to_owned() }];
        Step::Supplement { gaps, note: String::new() }
    }

    fn fields(outcome: Outcome<Case>) -> Vec<(String, &'static str)> {
        match outcome {
            Err(AppError::Refused(Refusal::Answers(found))) => {
                found.into_iter().map(|one| (one.field, one.problem.code)).collect()
            }
            other => panic!("not refused for its answers: {other:?}"),
        }
    }

    #[test]
    fn three_officers_bring_a_case_to_its_decision_each_from_his_own_queue() {
        let story = story();
        let case = story.asked();
        let line = &queue(&story.app, &story.intake, None, None).unwrap().lines[0];
        assert_eq!((line.person.as_str(), line.left), ("王＊＊", Some(5)));
        step(&story, &story.intake, &case, &Step::Accept).unwrap();
        step(&story, &story.first, &case, &Step::Opinion(Verdict::Grant, Said::default())).unwrap();
        let view = open_case(&story.app, &story.second, &case).unwrap();
        assert!(view.may.open_second && view.may.form.is_none());
        step(&story, &story.second, &case, &Step::OpenSecond).unwrap();
        assert_eq!(open_case(&story.app, &story.second, &case).unwrap().may.form, Some(DeskForm::Second));
        let closed = step(&story, &story.second, &case, &Step::Decide(Verdict::Grant, Said::default())).unwrap();
        assert_eq!(closed.stage().key(), "granted");
        assert!(queue(&story.app, &story.second, None, None).unwrap().lines.is_empty());
    }

    #[test]
    fn an_officer_sees_names_masked_and_the_facts_side_by_side() {
        let story = story();
        let case = story.asked();
        let view = open_case(&story.app, &story.intake, &case).unwrap();
        assert_eq!(view.person.name, "王＊＊");
        assert!(!view.person.document.contains("19900307"), "{}", view.person.document);
        let name = view.compared.iter().find(|row| row.key == "name").unwrap();
        assert_eq!((name.finding, name.registered.as_deref()), (Finding::Same, Some("王＊＊")));
        assert_eq!(view.materials.iter().flat_map(|one| &one.files).count(), 1);
        assert_eq!(view.materials.iter().flat_map(|one| &one.files).next().unwrap().standing, FileStanding::First);
        assert!(view.targets().contains(PAPER) && view.targets().contains("field:effective_on"));
        let shown = unmask(&story.app, &story.intake, &case, "call").unwrap();
        assert_eq!(shown.name, "王秀英");
        assert!(unmask(&story.app, &story.intake, &case, "curious").is_err());
    }

    #[test]
    fn a_no_without_a_published_ground_is_no_answer() {
        let story = story();
        let case = story.asked();
        let decline = |said| fields(step(&story, &story.intake, &case, &Step::Decline(said)));
        assert_eq!(decline(Said::default()), [("grounds".to_owned(), "desk.ground-missing")]);
        assert_eq!(decline(no("material:passport", "")), [("grounds".to_owned(), "desk.ground-unknown")]);
        let long = "字".repeat(NOTE_MAX + 1);
        assert_eq!(decline(no(WHOLE_CASE, &long)), [("note".to_owned(), "desk.note-long")]);
        assert_eq!(fields(step(&story, &story.intake, &case, &gap("ugly"))), [("gaps".to_owned(), "desk.gap-unknown")]);
        step(&story, &story.intake, &case, &Step::Decline(no(PAPER, "请到窗口来一趟"))).unwrap();
        let told = open_case(&story.app, &story.intake, &case).unwrap().story;
        assert_eq!(told.last().unwrap().note.as_deref(), Some("请到窗口来一趟"));
    }

    #[test]
    fn a_case_that_moved_since_it_was_seen_is_not_decided() {
        let story = story();
        let case = story.asked();
        let seen = seen(&story, &case);
        step(&story, &story.intake, &case, &gap("no-seal")).unwrap();
        let late = act(&story.app, &story.intake, &case, seen, &Step::Accept);
        assert!(matches!(late, Err(AppError::Refused(Refusal::MovedMeanwhile))));
        let view = open_case(&story.app, &story.intake, &case).unwrap();
        assert_eq!(view.case.stage().key(), "supplement");
        assert!(view.may.form.is_none() && view.clocks[0].key == ClockKey::Supplement);
    }

    #[test]
    fn an_opinion_is_taken_back_until_the_second_reviewer_opens_the_case() {
        let story = story();
        let case = story.asked();
        step(&story, &story.intake, &case, &Step::Accept).unwrap();
        let yes = Step::Opinion(Verdict::Grant, Said::default());
        step(&story, &story.first, &case, &yes).unwrap();
        assert!(open_case(&story.app, &story.first, &case).unwrap().may.retract);
        assert!(matches!(step(&story, &story.first, &case, &Step::Retract).unwrap().stage(), Stage::First));
        step(&story, &story.first, &case, &yes).unwrap();
        step(&story, &story.second, &case, &Step::OpenSecond).unwrap();
        let late = step(&story, &story.first, &case, &Step::Retract);
        assert!(matches!(late, Err(AppError::Refused(Refusal::OpinionTaken))));
    }

    #[test]
    fn no_officer_takes_two_stages_and_nobody_sees_anothers_office() {
        let story = story();
        let case = story.asked();
        step(&story, &story.intake, &case, &Step::Accept).unwrap();
        step(&story, &story.first, &case, &Step::Opinion(Verdict::Grant, Said::default())).unwrap();
        let same_hand = Principal { role: Role::Second, ..story.first.clone() };
        assert!(open_case(&story.app, &same_hand, &case).unwrap().may.barred);
        let refused = step(&story, &same_hand, &case, &Step::Decide(Verdict::Grant, Said::default()));
        assert!(matches!(refused, Err(AppError::Refused(Refusal::SameOfficer))));
        let wrong_desk = step(&story, &story.intake, &case, &Step::Decide(Verdict::Grant, Said::default()));
        assert!(matches!(wrong_desk, Err(AppError::NotFound)));
        assert!(matches!(open_case(&story.app, &story.clerk, &case), Err(AppError::NotFound)));
    }
}
