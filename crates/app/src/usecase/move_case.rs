//! Every step of a case after it was handed in goes through here: load, authorise, decide, commit.

use banjie_domain::act::Act;
use banjie_domain::actor::{Actor, Principal};
use banjie_domain::authorize::{Action, Resource, authorize};
use banjie_domain::case::{self, Case, CaseEvent, Command, Facts, Outcome as CaseOutcome, Stage};
use banjie_domain::id::CaseId;
use banjie_domain::refusal::Refusal;
use banjie_domain::registration::{self, Cause, Registration, RegistrationEvent};
use banjie_store::commit::{Changes, Handover, Step, commit};
use banjie_store::ledger::AnswerRow;
use banjie_store::papers::RevisionRow;
use jiff::civil::Date;

use crate::app::App;
use crate::error::{AppError, Outcome, fault};
use crate::follow_up::follow_ups;
use crate::record::{self, Past, Pen};
use crate::usecase::ask::{ask_details, corrected_record};
use crate::usecase::daily::follow_first;

/// What somebody wants done to a case.
#[derive(Debug, Clone)]
pub struct Wish {
    /// What has to be allowed.
    pub action: Action,
    /// What is to happen.
    pub command: Command,
    /// The version of the case the person saw; another one means that somebody was faster.
    pub seen: Option<u64>,
    /// Documents the command speaks of.
    pub revisions: Vec<RevisionRow>,
    /// The draft that is used up.
    pub handover: Option<Handover>,
    /// The answer to keep under its key.
    pub answer: Option<AnswerRow>,
}

impl Wish {
    /// A wish without papers.
    #[must_use]
    pub const fn new(action: Action, command: Command) -> Self {
        Self { action, command, seen: None, revisions: Vec::new(), handover: None, answer: None }
    }

    /// The same wish by somebody who saw this version.
    #[must_use]
    pub const fn seen(mut self, version: u64) -> Self {
        self.seen = Some(version);
        self
    }
}

/// What a case's record is to `authorize`.
#[must_use]
pub fn resource(case: &Case, registration: &Registration) -> Resource {
    let submitted = case.file().submitted();
    Resource {
        person: Some(registration.file().person.clone()),
        employer: registration.file().employer.clone(),
        office: Some(submitted.office.clone()),
        applicant: submitted.applicant.applicant(),
    }
}

/// A case and its registration, read back.
pub struct Both {
    /// The case.
    pub case: Past<Case>,
    /// The registration it is about.
    pub registration: Past<Registration>,
}

/// Reads a case and its registration back.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such case.
pub fn load(app: &App, id: &CaseId) -> Outcome<Both> {
    let id = id.clone();
    app.store.read(move |tx| {
        let case = record::case_past(tx, &id)?.ok_or(AppError::NotFound)?;
        let registration = record::registration_past(tx, &case.state.file().submitted().registration)?
            .ok_or_else(|| fault("a case without its registration"))?;
        Ok(Both { case, registration })
    })
}

/// Does what somebody wants done to a case, and returns the case as it then stands.
///
/// # Errors
/// A refusal by the rules, [`AppError::NotFound`] when it is not his to do, [`AppError::Conflict`] when the case moved
/// since he saw it.
pub fn move_case(app: &App, who: &Principal, id: &CaseId, wish: &Wish) -> Outcome<Case> {
    follow_first(app, id)?;
    app.retry(|| {
        let both = load(app, id)?;
        authorize(who, wish.action, &resource(&both.case.state, &both.registration.state))?;
        carry_out(app, &who.actor(), both, wish).map(|(case, _)| case)
    })
}

/// Does to a case what a rule of the system says; whether there was anything to do.
///
/// # Errors
/// As [`move_case`].
pub(super) fn move_by_rule(app: &App, (id, seen): (&CaseId, u64), rule: &str, command: &Command) -> Outcome<bool> {
    let actor = Actor::System { rule: rule.to_owned() };
    let wish = Wish::new(Action::CaseIntake, command.clone()).seen(seen);
    app.retry(|| carry_out(app, &actor, load(app, id)?, &wish).map(|(_, moved)| moved))
}

/// Decides, and commits everything that follows; whoever acts may. Says whether anything happened.
fn carry_out(app: &App, actor: &Actor, both: Both, wish: &Wish) -> Outcome<(Case, bool)> {
    if wish.seen.is_some_and(|seen| seen != both.case.version) {
        return Err(AppError::Refused(Refusal::MovedMeanwhile));
    }
    let calendar = app.calendar_of(&both.case.state.file().submitted().office)?;
    let facts = Facts { today: app.today(), actor, calendar: &calendar };
    let events = case::decide(Some(&both.case.state), wish.command.clone(), &facts)?;
    if events.is_empty() {
        return Ok((both.case.state, false));
    }
    let (changes, case) = prepare(app, actor, &both, wish, &events)?;
    app.store.write(move |tx| commit(tx, &changes).map_err(AppError::from))?;
    Ok((case, true))
}

fn prepare(app: &App, actor: &Actor, both: &Both, wish: &Wish, events: &[CaseEvent]) -> Outcome<(Changes, Case)> {
    let mut pen = Pen::after(&both.case, stream(&both.case.state), app.micros(), actor.clone())
        .caused_by(&both.case.state.file().submitted().id);
    let case = write_case(&mut pen, Some(both.case.state.clone()), events, app.today())?;
    let effect = effect(app, actor, &case, &both.registration)?;
    let (notices, jobs) = follow_ups(app, &case, events, &effect.state, &effect.caused);
    let registration_step = effect
        .pen
        .as_ref()
        .map(|pen| Step { from: both.registration.version, row: record::registration_row(&effect.state, pen.tip()) });
    let calendar = app.calendar_of(&case.file().submitted().office)?;
    let case_step = Step { from: both.case.version, row: record::case_row(&case, pen.tip(), &calendar) };
    let mut written = pen.into_events();
    written.extend(effect.pen.into_iter().flat_map(Pen::into_events));
    let changes = Changes {
        revisions: wish.revisions.iter().cloned().chain(effect.revision).collect(),
        events: written,
        registration: registration_step,
        case: Some(case_step),
        notices,
        jobs,
        handover: wish.handover.clone(),
        answer: wish.answer.clone(),
        ..Changes::default()
    };
    Ok((changes, case))
}

fn stream(case: &Case) -> &str {
    case.file().submitted().id.as_str()
}

/// Writes events of a case and folds them into its state.
///
/// # Errors
/// When an event does not follow, which would be our bug.
pub(super) fn write_case(pen: &mut Pen, mut state: Option<Case>, events: &[CaseEvent], on: Date) -> Outcome<Case> {
    for event in events {
        pen.write(event.kind(), event, on)?;
        let actor = pen.actor().clone();
        state = case::evolve(state, event, &actor);
    }
    state.ok_or_else(|| fault("a decided event does not follow"))
}

/// The day that was asked for, as a supplement may have put it right.
fn granted_day(app: &App, case: &Case) -> Outcome<Date> {
    let submitted = case.file().submitted();
    if submitted.act == Act::Register { Ok(submitted.asked_on) } else { Ok(ask_details(app, case)?.effective_on) }
}

/// What a step of a case does to its registration.
struct Effect {
    state: Registration,
    caused: Vec<RegistrationEvent>,
    pen: Option<Pen>,
    /// The record as it reads from now on, when it was corrected.
    revision: Option<RevisionRow>,
}

/// What the end of a case does to its registration: the act's effect when granted, the end of the hold when not.
fn effect(app: &App, actor: &Actor, case: &Case, past: &Past<Registration>) -> Outcome<Effect> {
    let submitted = case.file().submitted();
    let mut revision = None;
    let (event, on) = match case.stage() {
        Stage::Closed(CaseOutcome::Granted { .. }) if submitted.act == Act::Correct => {
            let corrected = corrected_record(app, case, &past.state)?;
            revision = Some(corrected.revision);
            let (event, on) = registration::decide_correction(&past.state, corrected.started_on, corrected.details)?;
            (Some(event), on)
        }
        Stage::Closed(CaseOutcome::Granted { .. }) => {
            let cause = Cause {
                act: submitted.act,
                reason: submitted.reason.clone().unwrap_or_default(),
                on: granted_day(app, case)?,
            };
            let (event, on) = registration::decide_effect(&past.state, &cause)?;
            (Some(event), on)
        }
        Stage::Closed(_) => (registration::decide_release(&past.state), app.today()),
        _ => (None, app.today()),
    };
    let Some(event) = event else {
        return Ok(Effect { state: past.state.clone(), caused: Vec::new(), pen: None, revision });
    };
    let mut pen = Pen::after(past, past.state.file().id.as_str(), app.micros(), actor.clone()).caused_by(&submitted.id);
    pen.write(event.kind(), &event, on)?;
    let state = registration::evolve(Some(past.state.clone()), &event, on)
        .ok_or_else(|| fault("a decided event does not follow"))?;
    Ok(Effect { state, caused: vec![event], pen: Some(pen), revision })
}
