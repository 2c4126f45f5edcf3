//! 终止、注销、撤销: asking for an act on a registration, answering a supplement, handing in again, taking back.

use std::collections::BTreeSet;
use std::sync::Arc;

use banjie_domain::act::{Act, ApplicantKind};
use banjie_domain::actor::Principal;
use banjie_domain::case::{self, Case, Command, Facts};
use banjie_domain::history::RevisionRef;
use banjie_domain::id::{CaseId, DraftId};
use banjie_domain::policy::{Fact, Missing, RuleFacts};
use banjie_domain::problem::{FieldProblem, Problem};
use banjie_domain::refusal::Refusal;
use banjie_domain::registration::{self, Hold};
use banjie_domain::registration_type::{Answers, Ask, AskChecked, Change, OnRecord, PensionDecision, RegistrationType};
use banjie_store::commit::{Changes, Handover, Step};
use banjie_store::papers::RevisionRow;

use crate::app::App;
use crate::error::{AppError, Outcome, fault};
use crate::evidence::UploadRule;
use crate::follow_up::follow_ups;
use crate::papers::revision_row;
use crate::record::{self, Pen};
use crate::usecase::draft::{self, Draft, DraftBody, Purpose};
use crate::usecase::form_key::{FormKey, answer, once};
use crate::usecase::move_case::write_case;
use crate::usecase::submit::{Filing, NewCase, Papers, commit_first, party, standing, submitted, type_of};
use crate::usecase::window::{Window, window};

mod correct;
#[cfg(test)]
mod correct_tests;
mod data;
mod later;
mod target;
mod wanted;

pub(in crate::usecase) use correct::corrected_record;
pub use correct::{Form, Typed, correct, correction_form};
pub use data::{AskDetails, AskPreview};
pub(super) use later::{ANSWER_ROUTE, begin_supplement};
pub use later::{
    answer_supplement, case_policy, own_case, start_again, start_supplement, supplement_materials, supplement_missing,
    withdraw, withdraw_once,
};
pub(super) use target::begin;
pub use target::{About, about, start};
pub use wanted::{Need, Wanted, WantedGroup};

use target::{Target, target};

pub(super) const ROUTE: &str = "submit-case";

/// What was chosen on the page that asks what happened.
#[derive(Debug, Clone, Copy)]
pub struct Choice<'a> {
    /// The situation.
    pub situation: &'a str,
    /// The reason code.
    pub reason: &'a str,
}

/// Keeps what was chosen and typed, and then says everything that is wrong with it; the act it leads to.
///
/// # Errors
/// [`Refusal::Answers`] with all problems; what was typed is kept all the same.
pub fn choose(
    app: &App,
    who: &Principal,
    draft: (&DraftId, u64),
    choice: Choice<'_>,
    answers: &Answers,
) -> Outcome<Act> {
    let (id, seen) = draft;
    let draft = draft::find(app, who, id)?;
    let kind = type_of(app, &draft.body.kind)?;
    let applicant = standing(who).ok_or(AppError::NotFound)?;
    let mut body = draft::with_answers(&draft.body, answers);
    if draft.purpose == Purpose::Ask && draft.body.is_open("field:reason") {
        let situation = kind.situation(applicant, choice.situation).filter(|one| one.offered);
        body.act = situation.map(|one| one.act);
        body.situation = situation.map(|one| one.key.clone());
        body.reason = situation
            .filter(|one| kind.reasons_of(one).any(|reason| reason.code == choice.reason))
            .map(|_| choice.reason.to_owned());
    }
    body.facts.retain(|fact| fact != Fact::Agent.key());
    if applicant == ApplicantKind::Employer && body.answers.get("agent") == "yes" {
        body.facts.insert(Fact::Agent.key().to_owned());
    }
    if body != draft.body || draft.version != seen {
        draft::save(app, id, seen, &body)?;
    }
    let registration = draft.registration.as_ref().ok_or_else(|| fault("an ask is about a registration"))?;
    let target = target(app, who, registration)?;
    checked(app, who, &body, &target)?;
    body.act.ok_or_else(|| fault("a checked ask has an act"))
}

fn checked(app: &App, who: &Principal, body: &DraftBody, target: &Target) -> Outcome<AskChecked> {
    let kind = type_of(app, &body.kind)?;
    let (Some(act), Some(reason)) = (body.act, body.reason.as_deref()) else {
        return Err(Refusal::Answers(vec![Problem::new("ask.reason-missing").at("reason")]).into());
    };
    let applicant = standing(who).ok_or(AppError::NotFound)?;
    // The hold aside: it is this draft's own case when a supplement is answered.
    if !registration::offers(target.past.state.status(), Hold::None, applicant).contains(&act) {
        return Err(Refusal::Answers(vec![Problem::new("ask.act-not-offered").at("reason")]).into());
    }
    let ask = Ask {
        act,
        applicant,
        reason,
        effective_on: body.answers.get("effective_on"),
        notice_on: body.answers.get("notice_on"),
        note: body.answers.get("note"),
        pension: PensionDecision::Missing,
    };
    let on_record = OnRecord {
        details: &target.details,
        started_on: target.first_day(),
        birth_date: target.born.map(|(date, _)| date),
        sex: target.born.map(|(_, sex)| sex),
    };
    kind.check_ask(&ask, &on_record, app.today()).map_err(|problems| Refusal::Answers(problems).into())
}

/// Everything that was asked: the questions of every application, and for a 更正 the answers that change.
fn all_checked(app: &App, who: &Principal, body: &DraftBody, target: &Target) -> Outcome<(AskChecked, Vec<Change>)> {
    let mut checked = checked(app, who, body, target)?;
    if body.act != Some(Act::Correct) {
        return Ok((checked, Vec::new()));
    }
    let correction = correct::correction(app, body, target)?;
    checked.effective_on = correct::first_day(type_of(app, &body.kind)?, &correction)?;
    checked.warnings.extend(correction.checked.warnings);
    checked.flags.extend(correction.checked.flags);
    Ok((checked, correction.changes))
}

/// An ask, checked against the rules in force.
struct Ready {
    target: Target,
    checked: AskChecked,
    changes: Vec<Change>,
    facts: BTreeSet<Fact>,
    office: banjie_store::people::OfficeRow,
    filing: Filing,
    /// The days the employer has to file this.
    window: Option<Window>,
}

fn ready(app: &App, who: &Principal, draft: &Draft) -> Outcome<Ready> {
    let registration = draft.registration.as_ref().ok_or_else(|| fault("an ask is about a registration"))?;
    let target = target(app, who, registration)?;
    let (checked, changes) = all_checked(app, who, &draft.body, &target)?;
    let mut facts = draft.body.rule_facts();
    facts.extend(target.facts.iter().copied());
    // The office that holds the record decides, wherever the applicant is.
    let office = app.office(&target.past.state.file().office)?;
    let filing = Filing::today(app, &office)?;
    let mut ready = Ready { target, checked, changes, facts, office, filing, window: None };
    // A supplement is judged by the day its case was handed in, when it is answered.
    if draft.purpose == Purpose::Ask {
        let new = new_case(who, draft, &ready)?;
        let rules = (&**ready.filing.policy, &new.rule_facts());
        let days = (ready.checked.effective_on, app.today());
        let window = window(&ready.filing.calendar, type_of(app, &draft.body.kind)?, rules, days);
        let is_late = window.as_ref().is_some_and(|window| window.late_by > 0);
        if is_late {
            ready.facts.insert(Fact::FiledLate)
        } else {
            ready.facts.remove(&Fact::FiledLate)
        };
        ready.window = window;
    }
    Ok(ready)
}

fn new_case<'a>(who: &Principal, draft: &'a Draft, ready: &'a Ready) -> Outcome<NewCase<'a>> {
    Ok(NewCase {
        act: draft.body.act.ok_or_else(|| fault("a checked ask has an act"))?,
        kind: &draft.body.kind,
        reason: draft.body.reason.as_deref(),
        applicant: party(who)?,
        office: &ready.office,
        facts: &ready.facts,
    })
}

/// Shows what would be handed in, and when it would be decided.
///
/// # Errors
/// [`Refusal::Answers`] when what happened is not settled yet.
pub fn preview(app: &App, who: &Principal, id: &DraftId) -> Outcome<AskPreview> {
    let draft = draft::find(app, who, id)?;
    let ready = ready(app, who, &draft)?;
    let new = new_case(who, &draft, &ready)?;
    let rule_facts = new.rule_facts();
    let limits = ready.filing.limits(&rule_facts);
    let calendar = &ready.filing.calendar;
    let accept_by = calendar.add_working_days(ready.filing.received_on, limits.accept).on;
    Ok(AskPreview {
        calendar: Arc::clone(calendar),
        act: new.act,
        reason: draft.body.reason.clone().unwrap_or_default(),
        effective_on: ready.checked.effective_on,
        notice_on: ready.checked.notice_on,
        note: ready.checked.note.clone(),
        changes: ready.changes.clone(),
        materials: wanted::materials(&ready.filing.policy, &rule_facts, &draft),
        groups: wanted::groups(&ready.filing.policy, &rule_facts),
        missing: missing(&ready.filing, &rule_facts, &draft),
        warnings: ready.checked.warnings.clone(),
        window: ready.window.clone(),
        received_on: ready.filing.received_on,
        accept_by,
        decide_by: calendar.add_working_days(accept_by, limits.promise).on,
        accept_days: limits.accept,
        promise_days: limits.promise,
        legal_days: limits.legal,
        office: ready.office.clone(),
    })
}

/// What the rules want and nobody has handed in, each beside its block on the page.
fn missing(filing: &Filing, rule_facts: &RuleFacts<'_>, draft: &Draft) -> Vec<FieldProblem> {
    let handed_in: BTreeSet<&str> = draft.files.iter().map(|file| file.material.as_str()).collect();
    filing
        .policy
        .missing(rule_facts, &handed_in)
        .into_iter()
        .map(|missing| match missing {
            Missing::Material(material) => Problem::new("material.missing")
                .with("label", material.label.clone())
                .at(format!("material:{}", material.key)),
            Missing::OneOf(group) => Problem::new("material.one-of-missing")
                .with("label", group.label.clone())
                .at(format!("group:{}", group.key)),
        })
        .collect()
}

/// The rule a file for this material is held to.
pub(super) fn upload_rule(app: &App, who: &Principal, draft: &Draft, material: &str) -> Outcome<UploadRule> {
    let wanted = match draft.purpose {
        Purpose::Ask => preview(app, who, &draft.id)?.materials,
        Purpose::Supplement => supplement_materials(app, who, draft)?,
        Purpose::Register => return Err(AppError::NotFound),
    };
    let wanted = wanted.into_iter().find(|one| one.key == material).ok_or(AppError::NotFound)?;
    Ok(wanted.rule())
}

/// Hands an ask in.
///
/// # Errors
/// [`Refusal::Answers`] with what is wrong or missing, [`Refusal::CaseOpen`] when somebody was faster.
pub fn submit_ask(app: &App, who: &Principal, id: &DraftId, key: &FormKey) -> Outcome<CaseId> {
    once(app, who, ROUTE, key, || {
        app.retry(|| {
            let draft = draft::find(app, who, id)?;
            if draft.purpose != Purpose::Ask {
                return Err(AppError::NotFound);
            }
            let ready = ready(app, who, &draft)?;
            let new = new_case(who, &draft, &ready)?;
            let missing = missing(&ready.filing, &new.rule_facts(), &draft);
            if !missing.is_empty() {
                return Err(Refusal::Answers(missing).into());
            }
            hand_in(app, who, (&draft, &ready), &new, key)
        })
    })
}

fn hand_in(
    app: &App,
    who: &Principal,
    (draft, ready): (&Draft, &Ready),
    new: &NewCase<'_>,
    key: &FormKey,
) -> Outcome<CaseId> {
    let (now, today, id) = (app.micros(), app.today(), app.fresh(CaseId::new));
    let mut body = draft.body.clone();
    body.facts.retain(|fact| fact != Fact::FiledLate.key());
    body.facts.extend(ready.facts.get(&Fact::FiledLate).map(|late| late.key().to_owned()));
    let (revision, details) = details_revision(app, id.as_str(), &body, (&ready.checked, &ready.changes))?;
    let past = &ready.target.past;
    let papers = Papers {
        id: id.clone(),
        registration: past.state.file().id.clone(),
        previous: draft.case.clone(),
        asked_on: ready.checked.effective_on,
        details,
        evidence: draft.files.iter().map(draft::DraftFile::evidence).collect(),
    };
    let held = registration::decide_hold(&past.state, new.act, new.applicant.kind)?;
    let submitted = submitted(app, new, &ready.filing, papers)?;
    let actor = who.actor();
    let calendar = app.calendar_of(&submitted.office)?;
    let facts = Facts { today, actor: &actor, calendar: &calendar };
    let events = case::decide(None, Command::Submit(Box::new(submitted)), &facts)?;
    let mut case_pen = Pen::fresh(id.as_str(), now, who.actor()).caused_by(&id);
    let case = write_case(&mut case_pen, None, &events, today)?;
    let mut pen = Pen::after(past, past.state.file().id.as_str(), now, who.actor()).caused_by(&id);
    pen.write(held.kind(), &held, today)?;
    let state = registration::evolve(Some(past.state.clone()), &held, today)
        .ok_or_else(|| fault("a decided event does not follow"))?;
    let (notices, jobs) = follow_ups(app, &case, &events, &state, &[held]);
    let (case_tip, tip) = (case_pen.tip(), pen.tip());
    let mut written = case_pen.into_events();
    written.extend(pen.into_events());
    let changes = Changes {
        revisions: vec![revision],
        events: written,
        registration: Some(Step { from: past.version, row: record::registration_row(&state, tip) }),
        case: Some(Step { from: 0, row: record::case_row(&case, case_tip, &calendar) }),
        notices,
        jobs,
        handover: Some(Handover { draft: draft.id.clone(), case: Some(id.clone()) }),
        answer: Some(answer(app, who, ROUTE, key, &id)?),
        ..Changes::default()
    };
    commit_first(app, changes)?;
    Ok(id)
}

fn details_revision(
    app: &App,
    owner: &str,
    body: &DraftBody,
    (checked, changes): (&AskChecked, &[Change]),
) -> Outcome<(RevisionRow, RevisionRef)> {
    let details = AskDetails {
        situation: body.situation.clone().unwrap_or_default(),
        effective_on: checked.effective_on,
        notice_on: checked.notice_on,
        note: checked.note.clone(),
        changes: changes.to_vec(),
        facts: body.facts.clone(),
        answers: body.answers.clone(),
    };
    app.revision(owner, "details", &details)
}

/// Reads what was declared with an ask.
///
/// # Errors
/// When it was erased, or is not what was committed to.
pub fn ask_details(app: &App, case: &Case) -> Outcome<AskDetails> {
    let id = case.file().details().id.clone();
    let row = app.store.read(move |tx| revision_row(tx, &id))?;
    app.open_revision(&row)
}

/// The type of a draft.
///
/// # Errors
/// When the rules do not know it.
pub fn draft_type<'a>(app: &'a App, draft: &Draft) -> Outcome<&'a RegistrationType> {
    type_of(app, &draft.body.kind)
}
