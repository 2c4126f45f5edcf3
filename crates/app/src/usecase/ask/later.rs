//! What comes after the first handing-in: the answer to a supplement, taking up again, taking back.

use banjie_domain::act::Act;
use banjie_domain::actor::Principal;
use banjie_domain::authorize::{Action, authorize};
use banjie_domain::case::{Case, Command, Outcome as CaseOutcome, Stage, WHOLE_CASE};
use banjie_domain::id::{CaseId, DraftId};
use banjie_domain::policy::{Fact, Policy};
use banjie_domain::problem::{FieldProblem, Problem};
use banjie_domain::refusal::Refusal;
use banjie_store::commit::Handover;
use jiff::civil::Date;

use super::wanted::{self, Wanted};
use super::{AskDetails, all_checked, ask_details, details_revision, target};
use crate::app::App;
use crate::error::{AppError, Outcome, fault};
use crate::query::declared::rule_facts;
use crate::usecase::draft::{self, Draft, DraftBody, Purpose, Start};
use crate::usecase::form_key::{FormKey, answer, once};
use crate::usecase::move_case::{self, Wish, move_case};
use crate::usecase::submit::type_of;
use crate::usecase::window::window;

pub(in crate::usecase) const ANSWER_ROUTE: &str = "answer-supplement";

/// A case of one's own, for taking back, taking up again or answering.
///
/// # Errors
/// [`AppError::NotFound`] when it is not there, or for somebody else to answer: the same for both.
pub fn own_case(app: &App, who: &Principal, id: &CaseId) -> Outcome<Case> {
    let both = move_case::load(app, id)?;
    authorize(who, Action::CaseAnswer, &move_case::resource(&both.case.state, &both.registration.state))?;
    Ok(both.case.state)
}

fn body_of(case: &Case, details: &AskDetails, open: Vec<String>) -> DraftBody {
    let submitted = case.file().submitted();
    DraftBody {
        kind: submitted.kind.clone(),
        answers: details.answers.clone(),
        situation: Some(details.situation.clone()),
        act: Some(submitted.act),
        reason: submitted.reason.clone(),
        facts: details.facts.clone(),
        team: None,
        open: Some(open),
    }
}

/// Takes a case up again that was rejected, declined or not completed in time: everything is carried over, and only
/// what was named is open.
///
/// # Errors
/// [`Refusal::NotAtThisStage`] when the case ended otherwise or goes on.
pub fn start_again(app: &App, who: &Principal, id: &CaseId) -> Outcome<DraftId> {
    let case = own_case(app, who, id)?;
    let named: Vec<&str> = match case.stage() {
        Stage::Closed(CaseOutcome::Refused { opinion, .. } | CaseOutcome::Declined { opinion }) => {
            opinion.grounds.iter().map(|ground| ground.target.as_str()).collect()
        }
        Stage::Closed(CaseOutcome::Lapsed { ask }) => ask.gaps.iter().map(|gap| gap.target.as_str()).collect(),
        stage => return Err(Refusal::NotAtThisStage { stage: stage.key() }.into()),
    };
    if let Some(known) = draft::about_case(app, who, id, Purpose::Ask)? {
        return Ok(known);
    }
    let mut open: Vec<_> = named.into_iter().map(str::to_owned).collect();
    if case.file().submitted().act == Act::Correct {
        // An answer of the record that was not believed needs another answer or another paper: nobody knows which.
        open.push(WHOLE_CASE.to_owned());
    }
    let mut body = body_of(&case, &ask_details(app, &case)?, open.clone());
    // What was prepared in answer to a supplement and not sent in time is not lost.
    let unsent = draft::about_case(app, who, id, Purpose::Supplement)?;
    if let Some(unsent) = &unsent {
        body.answers = draft::find(app, who, unsent)?.body.answers;
    }
    let registration = Some(case.file().submitted().registration.clone());
    let draft = draft::make(app, who, &Start { purpose: Purpose::Ask, registration, case: Some(id.clone()), body })?;
    draft::carry_files(app, id, &draft, |material| !open.contains(&format!("material:{material}")))?;
    if let Some(unsent) = unsent {
        draft::take_over_files(app, &unsent, &draft)?;
        draft::discard(app, who, &unsent)?;
    }
    Ok(draft)
}

/// Starts the answer to a supplement; the draft there is already is taken up again.
///
/// # Errors
/// [`Refusal::NotAtThisStage`] when nothing was asked.
pub fn start_supplement(app: &App, who: &Principal, id: &CaseId) -> Outcome<DraftId> {
    let case = asked_to_supply(app, who, id)?;
    match draft::about_case(app, who, id, Purpose::Supplement)? {
        Some(known) => Ok(known),
        None => make_supplement(app, who, id, &case),
    }
}

/// One's own case, while a supplement is open.
fn asked_to_supply(app: &App, who: &Principal, id: &CaseId) -> Outcome<Case> {
    let case = own_case(app, who, id)?;
    match case.stage() {
        Stage::Supplement { .. } => Ok(case),
        stage => Err(Refusal::NotAtThisStage { stage: stage.key() }.into()),
    }
}

/// Starts the answer to a supplement in a draft of its own.
///
/// # Errors
/// As [`start_supplement`].
pub(in crate::usecase) fn begin_supplement(app: &App, who: &Principal, id: &CaseId) -> Outcome<DraftId> {
    let case = asked_to_supply(app, who, id)?;
    make_supplement(app, who, id, &case)
}

fn make_supplement(app: &App, who: &Principal, id: &CaseId, case: &Case) -> Outcome<DraftId> {
    let Stage::Supplement { ask, .. } = case.stage() else { return Err(fault("a supplement that is open")) };
    let open: Vec<_> = ask.gaps.iter().map(|gap| gap.target.clone()).collect();
    let body = body_of(case, &ask_details(app, case)?, open);
    let registration = Some(case.file().submitted().registration.clone());
    draft::make(app, who, &Start { purpose: Purpose::Supplement, registration, case: Some(id.clone()), body })
}

/// The materials a supplement named, as the page shows them.
///
/// # Errors
/// [`AppError::NotFound`] when the draft answers no supplement.
pub fn supplement_materials(app: &App, who: &Principal, draft: &Draft) -> Outcome<Vec<Wanted>> {
    let id = draft.case.as_ref().ok_or(AppError::NotFound)?;
    let case = own_case(app, who, id)?;
    let policy = case_policy(app, &case)?;
    let facts = draft.body.rule_facts();
    let rule_facts = rule_facts(&case, &facts);
    Ok(wanted::materials(&policy, &rule_facts, draft).into_iter().filter(|one| one.open).collect())
}

/// What a supplement named and nobody has handed in yet, each beside its block.
#[must_use]
pub fn supplement_missing(wanted: &[Wanted]) -> Vec<FieldProblem> {
    let missing = wanted.iter().filter(|one| one.open && one.files.is_empty());
    missing
        .map(|one| {
            Problem::new("supplement.file-missing").with("label", one.label.clone()).at(format!("material:{}", one.key))
        })
        .collect()
}

/// The rules a case was filed under.
///
/// # Errors
/// When they cannot be read.
pub fn case_policy(app: &App, case: &Case) -> Outcome<Policy> {
    let id = case.file().submitted().policy.clone();
    app.store.read(move |tx| crate::rules::kept_policy(tx, &id))
}

/// Hands the answer to a supplement in.
///
/// # Errors
/// [`Refusal::Answers`] with every gap that is still open.
pub fn answer_supplement(app: &App, who: &Principal, id: &DraftId, key: &FormKey) -> Outcome<CaseId> {
    once(app, who, ANSWER_ROUTE, key, || {
        let draft = draft::find(app, who, id)?;
        let case_id = draft.case.clone().filter(|_| draft.purpose == Purpose::Supplement).ok_or(AppError::NotFound)?;
        let case = own_case(app, who, &case_id)?;
        let missing = supplement_missing(&supplement_materials(app, who, &draft)?);
        if !missing.is_empty() {
            return Err(Refusal::Answers(missing).into());
        }
        let target = target(app, who, &case.file().submitted().registration)?;
        let (checked, changes) = all_checked(app, who, &draft.body, &target)?;
        let body = put_right(app, &case, &draft.body, checked.effective_on)?;
        let (revision, details) = details_revision(app, case_id.as_str(), &body, (&checked, &changes))?;
        let named = |material: &str| draft.files.iter().any(|file| file.material == material);
        let mut evidence: Vec<_> =
            case.file().evidence().iter().filter(|file| !named(&file.material)).cloned().collect();
        evidence.extend(draft.files.iter().map(draft::DraftFile::evidence));
        let mut wish = Wish::new(Action::CaseAnswer, Command::AnswerSupplement { details, evidence });
        wish.revisions.push(revision);
        wish.handover = Some(Handover { draft: draft.id.clone(), case: Some(case_id.clone()) });
        wish.answer = Some(answer(app, who, ANSWER_ROUTE, key, &case_id)?);
        move_case(app, who, &case_id, &wish)?;
        Ok(case_id)
    })
}

/// What was typed, with lateness judged anew: a day that was put right counts to the day the case was handed in.
fn put_right(app: &App, case: &Case, body: &DraftBody, effective_on: Date) -> Outcome<DraftBody> {
    let submitted = case.file().submitted();
    let mut body = body.clone();
    body.facts.remove(Fact::FiledLate.key());
    let facts = body.rule_facts();
    let rule_facts = rule_facts(case, &facts);
    let (policy, kind) = (case_policy(app, case)?, type_of(app, &submitted.kind)?);
    let calendar = app.calendar_of(&submitted.office)?;
    let window = window(&calendar, kind, (&policy, &rule_facts), (effective_on, submitted.received_on));
    if window.is_some_and(|window| window.late_by > 0) {
        body.facts.insert(Fact::FiledLate.key().to_owned());
    }
    Ok(body)
}

/// 撤回: takes one's own undecided case back.
///
/// # Errors
/// [`Refusal::NotAtThisStage`] when it is decided.
pub fn withdraw(app: &App, who: &Principal, id: &CaseId) -> Outcome<()> {
    withdraw_by(app, who, id, &Wish::new(Action::CaseAnswer, Command::Withdraw))
}

/// The same for a program, once for each key.
///
/// # Errors
/// As [`withdraw`].
pub fn withdraw_once(app: &App, who: &Principal, id: &CaseId, key: &FormKey) -> Outcome<()> {
    const ROUTE: &str = "withdraw-case";
    once(app, who, ROUTE, key, || {
        let mut wish = Wish::new(Action::CaseAnswer, Command::Withdraw);
        wish.answer = Some(answer(app, who, ROUTE, key, &())?);
        withdraw_by(app, who, id, &wish)
    })
}

fn withdraw_by(app: &App, who: &Principal, id: &CaseId, wish: &Wish) -> Outcome<()> {
    move_case(app, who, id, wish)?;
    // An answer begun to a supplement that nobody waits for any more would only mislead.
    match draft::about_case(app, who, id, Purpose::Supplement)? {
        Some(answer) => draft::discard(app, who, &answer),
        None => Ok(()),
    }
}
