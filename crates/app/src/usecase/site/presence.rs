//! 退场 and 再进场 of workers who are registered: each a case of its own, decided by rule in the moment it is handed in.

use std::collections::BTreeSet;

use banjie_domain::act::{Act, ApplicantKind};
use banjie_domain::actor::{Actor, Principal};
use banjie_domain::case::{self, CaseEvent, Command, Facts};
use banjie_domain::dates::parse_date;
use banjie_domain::history::RevisionRef;
use banjie_domain::id::{CaseId, RegistrationId, TeamId};
use banjie_domain::policy::Stages;
use banjie_domain::problem::Problem;
use banjie_domain::refusal::Refusal;
use banjie_domain::registration::{self, ON, Registration, RegistrationEvent};
use banjie_domain::registration_type::{Answers, Reason, RegistrationType};
use banjie_store::commit::{Changes, Step};
use banjie_store::ledger::AnswerRow;
use banjie_store::papers::RevisionRow;
use jiff::civil::Date;

use super::{KIND, own_team};
use crate::app::App;
use crate::error::{AppError, Outcome, fault};
use crate::follow_up::follow_ups;
use crate::record::{self, Past, Pen};
use crate::usecase::ask::AskDetails;
use crate::usecase::form_key::{FormKey, answer, once};
use crate::usecase::move_case::write_case;
use crate::usecase::submit::{Filing, NewCase, Papers, commit_first, party, submitted, type_of};

const LEAVE: &str = "leave-site";
const COME_BACK: &str = "come-back";
/// The rule by which the system records 进场 and 退场.
const AUTO: &str = "auto.presence";

/// Workers of one team who leave the site on one day for one reason.
#[derive(Debug, Clone)]
pub struct Leaving {
    /// The team.
    pub team: TeamId,
    /// The day, as typed.
    pub on: String,
    /// The reason code.
    pub reason: String,
    /// Whose registrations.
    pub workers: Vec<RegistrationId>,
}

/// A worker who comes to the site again, perhaps to another team of his unit.
#[derive(Debug, Clone)]
pub struct Coming {
    /// The team.
    pub team: TeamId,
    /// The day, as typed.
    pub on: String,
    /// Whose registration.
    pub worker: RegistrationId,
}

/// What became of one worker of a list: the case, or why not.
#[derive(Debug)]
pub struct Gone {
    /// Whose registration.
    pub worker: RegistrationId,
    /// The case that recorded it.
    pub result: Result<CaseId, AppError>,
}

/// Records that workers left the site. Each worker has a result of his own: one who cannot leave holds nobody up.
///
/// # Errors
/// [`Refusal::Answers`] when day or reason cannot be read, or nobody is named; nothing is recorded then.
pub fn leave_site(app: &App, who: &Principal, leaving: &Leaving, key: &FormKey) -> Outcome<Vec<Gone>> {
    own_team(app, who, &leaving.team)?;
    let kind = type_of(app, KIND)?;
    let day = day(&leaving.on);
    let reason = reason(kind, &leaving.reason);
    let named = if leaving.workers.is_empty() { Err(Problem::new("site.nobody").at("worker")) } else { Ok(()) };
    let (Ok(on), Ok(())) = (&day, &reason) else {
        let problems = [day.err(), reason.err(), named.err()];
        return Err(Refusal::Answers(problems.into_iter().flatten().collect()).into());
    };
    named.map_err(|problem| Refusal::Answers(vec![problem]))?;
    let gone = leaving.workers.iter().map(|worker| {
        let one = key.of_one(worker.as_str(), &[&leaving.on, &leaving.reason]);
        let result = once(app, who, LEAVE, &one, || app.retry(|| leave(app, who, (leaving, worker, *on), &one)));
        Gone { worker: worker.clone(), result }
    });
    Ok(gone.collect())
}

fn day(typed: &str) -> Result<Date, banjie_domain::problem::FieldProblem> {
    parse_date(typed).map_err(|problem| problem.at(ON))
}

fn reason(kind: &RegistrationType, code: &str) -> Result<(), banjie_domain::problem::FieldProblem> {
    let known = kind.reason(code).is_some_and(leaves_by);
    if known { Ok(()) } else { Err(Problem::new("ask.reason-missing").at("reason")) }
}

/// Whether a unit may give this reason for a 退场 from the list of a team, which asks for nothing but a day.
#[must_use]
pub fn leaves_by(reason: &Reason) -> bool {
    let by_unit = reason.applicants.contains(&ApplicantKind::Employer);
    reason.act == Act::End && reason.offered && by_unit && reason.note_min == 0
}

fn leave(
    app: &App,
    who: &Principal,
    (leaving, worker, on): (&Leaving, &RegistrationId, Date),
    key: &FormKey,
) -> Outcome<CaseId> {
    let past = worker_of(app, who, worker, &leaving.team)?;
    let event = registration::decide_exit(&past.state, &leaving.reason, on, app.today())?;
    let id = app.fresh(CaseId::new);
    let details = AskDetails {
        situation: String::new(),
        effective_on: on,
        notice_on: None,
        note: String::new(),
        changes: Vec::new(),
        facts: BTreeSet::new(),
        answers: Answers::default(),
    };
    let (row, details) = app.revision(id.as_str(), "details", &details)?;
    let kept = answer(app, who, LEAVE, key, &id)?;
    let step = ByRule { id, act: Act::End, reason: Some(&leaving.reason), event, on, details, row: Some(row), kept };
    record_by_rule(app, who, &past, step)
}

/// Records that a worker came to the site again.
///
/// # Errors
/// [`Refusal::Answers`] when the day cannot be read or does not follow the last 退场 (V16).
pub fn come_back(app: &App, who: &Principal, coming: &Coming, key: &FormKey) -> Outcome<CaseId> {
    own_team(app, who, &coming.team)?;
    let on = day(&coming.on).map_err(|problem| Refusal::Answers(vec![problem]))?;
    let key = &key.of_one(coming.worker.as_str(), &[&coming.on, coming.team.as_str()]);
    once(app, who, COME_BACK, key, || {
        app.retry(|| {
            let past = worker_of(app, who, &coming.worker, &coming.team)?;
            let event = registration::decide_entry(&past.state, &coming.team, on, app.today())?;
            let id = app.fresh(CaseId::new);
            let kept = answer(app, who, COME_BACK, key, &id)?;
            // Who he is was declared when he first came; nothing is declared anew.
            let details = past.state.file().details.clone();
            let step = ByRule { id, act: Act::Register, reason: None, event, on, details, row: None, kept };
            record_by_rule(app, who, &past, step)
        })
    })
}

/// A worker's registration with one's own unit, on the project of the team.
fn worker_of(app: &App, who: &Principal, worker: &RegistrationId, team: &TeamId) -> Outcome<Past<Registration>> {
    let place = own_team(app, who, team)?;
    let id = worker.clone();
    let past = app.store.read(move |tx| record::registration_past(tx, &id))?.ok_or(AppError::NotFound)?;
    let file = past.state.file();
    let here = file.project.as_ref() == Some(&place.project.id) && file.employer.as_ref() == Some(&place.team.employer);
    if here { Ok(past) } else { Err(AppError::NotFound) }
}

/// One 进场 or 退场 that the rules allow.
struct ByRule<'a> {
    id: CaseId,
    act: Act,
    reason: Option<&'a str>,
    event: RegistrationEvent,
    on: Date,
    details: RevisionRef,
    row: Option<RevisionRow>,
    kept: AnswerRow,
}

/// Writes the case, its decision by the system, and what it does to the registration, in one change.
fn record_by_rule(app: &App, who: &Principal, past: &Past<Registration>, step: ByRule<'_>) -> Outcome<CaseId> {
    let file = past.state.file();
    let office = app.office(&file.office)?;
    let filing = Filing::today(app, &office)?;
    let facts = BTreeSet::new();
    let new = NewCase {
        act: step.act,
        kind: &file.kind,
        reason: step.reason,
        applicant: party(who)?,
        office: &office,
        facts: &facts,
    };
    let papers = Papers {
        id: step.id.clone(),
        registration: file.id.clone(),
        previous: None,
        asked_on: step.on,
        details: step.details,
        evidence: Vec::new(),
    };
    let submitted = submitted(app, &new, &filing, papers)?;
    if submitted.stages != Stages::None {
        // The region wants to see each one: leaving leads through the worker's own record, coming through the counter.
        let code = if step.act == Act::End { "site.needs-desk" } else { "site.entry-needs-desk" };
        return Err(Refusal::Answers(vec![Problem::new(code).at(ON)]).into());
    }
    let calendar = app.calendar_of(&submitted.office)?;
    let (now, today, auto) = (app.micros(), app.today(), Actor::System { rule: AUTO.to_owned() });
    let mut case_pen = Pen::fresh(step.id.as_str(), now, who.actor()).caused_by(&step.id);
    let mut events = vec![CaseEvent::Submitted(Box::new(submitted))];
    let case = write_case(&mut case_pen, None, &events, today)?;
    let decided = case::decide(Some(&case), Command::Accept, &Facts { today, actor: &auto, calendar: &calendar })?;
    case_pen.hand_to(auto.clone());
    let case = write_case(&mut case_pen, Some(case), &decided, today)?;
    events.extend(decided);
    let mut pen = Pen::after(past, file.id.as_str(), now, auto).caused_by(&step.id);
    pen.write(step.event.kind(), &step.event, step.on)?;
    let state = registration::evolve(Some(past.state.clone()), &step.event, step.on)
        .ok_or_else(|| fault("a decided event does not follow"))?;
    let (notices, jobs) = follow_ups(app, &case, &events, &state, &[step.event]);
    let (case_tip, tip) = (case_pen.tip(), pen.tip());
    let mut written = case_pen.into_events();
    written.extend(pen.into_events());
    let changes = Changes {
        revisions: step.row.into_iter().collect(),
        events: written,
        registration: Some(Step { from: past.version, row: record::registration_row(&state, tip) }),
        case: Some(Step { from: 0, row: record::case_row(&case, case_tip, &calendar) }),
        notices,
        jobs,
        answer: Some(step.kept),
        ..Changes::default()
    };
    commit_first(app, changes)?;
    Ok(step.id)
}
