//! 登记: a case whose rules usually name no desk, so that the record is 有效 in the same transaction.

use std::collections::BTreeSet;
use std::sync::Arc;

use banjie_domain::act::{Act, ApplicantKind};
use banjie_domain::actor::{Actor, Principal};
use banjie_domain::authorize::{Action, Resource, authorize};
use banjie_domain::calendar::Calendar;
use banjie_domain::case::{self, CaseEvent, Command, EvidenceRef, Facts, Submitted};
use banjie_domain::id::{CaseId, DraftId, RegistrationId};
use banjie_domain::identity::PersonName;
use banjie_domain::number::RegistrationNumber;
use banjie_domain::policy::{Fact, Stages};
use banjie_domain::problem::{FieldProblem, Problem};
use banjie_domain::refusal::Refusal;
use banjie_domain::registration::{self, Cause, Registered, RegistrationEvent};
use banjie_domain::registration_type::{
    Answers, Authority, CheckFacts, Checked, DIVISIONS, Details, FieldKind, RegistrationType, Required, UniqueBy,
};
use banjie_store::commit::{Changes, Handover, Step};
use banjie_store::people::{self, OfficeRow, PersonRow};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::error::{AppError, Outcome, fault};
use crate::follow_up::follow_ups;
use crate::name_index::name_row;
use crate::people::new_person;
use crate::record::{self, Pen};
use crate::usecase::code::twelve_digits;
use crate::usecase::draft::{self, DraftBody};
use crate::usecase::form_key::{FormKey, answer, once};
use crate::usecase::move_case::write_case;
use crate::usecase::site::Place;
use crate::usecase::submit::{Filing, NewCase, Papers, applicant, commit_first, party, submitted, type_of};
use crate::usecase::window::{Window, window};

mod subject;

pub(in crate::usecase) use subject::known_work;
use subject::{Subject, birth_date, document_typed, not_twice, subject};

pub(super) const ROUTE: &str = "submit-registration";
/// The rule by which the system decides a 登记 that passes no desk.
const AUTO: &str = "auto.register";

/// What a registration will be, before it is handed in.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The checked values.
    pub details: Details,
    /// What the person should know.
    pub warnings: Vec<FieldProblem>,
    /// The days the employer has to file this, where the law sets any.
    pub window: Option<Window>,
    /// The working days of the office.
    pub calendar: Arc<Calendar>,
}

/// What was made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Filed {
    /// The case.
    pub case: CaseId,
    /// The registration.
    pub registration: RegistrationId,
}

/// May this account register something of this type?
pub(super) fn may_make(app: &App, who: &Principal, kind: &str) -> Outcome<()> {
    let kind = app.rules.types.get(kind).ok_or(AppError::NotFound)?;
    let resource = Resource {
        person: who.person().cloned(),
        employer: who.employer().cloned(),
        office: None,
        applicant: applicant(who),
    };
    authorize(who, Action::RegistrationMake, &resource)?;
    if party(who)?.kind == kind.registrant() { Ok(()) } else { Err(AppError::NotFound) }
}

/// What most people would answer, filled in from the start: what the type says, and the district at hand.
pub(super) fn first_answers(app: &App, who: &Principal, kind: &str) -> Outcome<Answers> {
    let kind = type_of(app, kind)?;
    let mut answers = Answers::default();
    for field in kind.fields() {
        if let Some(usual) = &field.default {
            answers.insert(&field.key, usual);
        } else if field.codes.as_deref() == Some(DIVISIONS) && field.required == Required::Always {
            answers.insert(&field.key, district(app, who)?.unwrap_or_default());
        }
    }
    Ok(answers)
}

/// The district of the unit; for a person the one that the installation is for, if it is for one.
fn district(app: &App, who: &Principal) -> Outcome<Option<String>> {
    if let Some(employer) = who.employer().cloned() {
        let unit = app.store.read(move |tx| people::employer_find(tx, &employer))?;
        return Ok(unit.map(|unit| unit.region));
    }
    let offices = app.offices();
    let labour = || offices.iter().filter(|office| office.authority == Authority::Labour.key());
    let mut lowest = labour().filter(|office| !labour().any(|one| one.parent.as_ref() == Some(&office.id)));
    match (lowest.next(), lowest.next()) {
        (Some(only), None) => Ok(Some(only.region.clone())),
        _ => Ok(None),
    }
}

/// Checks a draft and shows what would be registered.
///
/// # Errors
/// [`Refusal::Answers`] with all problems at once.
pub fn preview(app: &App, who: &Principal, id: &DraftId) -> Outcome<Preview> {
    let body = draft::find(app, who, id)?.body;
    let (checked, subject) = check(app, who, &body)?;
    let kind = type_of(app, &body.kind)?;
    let office = office(app, kind, &checked.details, &subject)?;
    let (filing, facts) = (Filing::today(app, &office)?, BTreeSet::new());
    let new = new_case(who, kind, &office, &facts)?;
    let days = (started_on(kind, &checked.details)?, app.today());
    let window = window(&filing.calendar, kind, (&**filing.policy, &new.rule_facts()), days);
    Ok(Preview { details: checked.details, warnings: checked.warnings, window, calendar: filing.calendar })
}

fn check(app: &App, who: &Principal, body: &DraftBody) -> Outcome<(Checked, Subject)> {
    may_make(app, who, &body.kind)?;
    let kind = type_of(app, &body.kind)?;
    let subject = subject(app, who, body)?;
    let (previous_contract_end, has_other_full_time) =
        known_work(app, kind, (subject.person.as_ref().map(|person| &person.id), who.employer()))?;
    let facts = CheckFacts {
        today: app.today(),
        book: &app.rules.types,
        birth_date: birth_date(app, &subject)?,
        previous_contract_end,
        has_other_full_time,
    };
    let checked = kind.check(&body.answers, &facts).map_err(Refusal::Answers)?;
    not_twice(app, who, kind, &subject)?;
    Ok((checked, subject))
}

/// Hands in a registration that was prepared as a draft.
///
/// # Errors
/// [`Refusal::Answers`] with all problems, [`Refusal::AlreadyRegistered`] when the person is registered there already.
pub fn submit_registration(app: &App, who: &Principal, id: &DraftId, key: &FormKey) -> Outcome<Filed> {
    once(app, who, ROUTE, key, || {
        app.retry(|| {
            let draft = draft::find(app, who, id)?;
            let evidence = draft.files.iter().map(draft::DraftFile::evidence).collect();
            hand_in(app, who, &Prepared { body: &draft.body, evidence, draft: Some(id) }, key)
        })
    })
}

/// Hands in a registration that comes whole, so that no draft of it is ever kept.
///
/// # Errors
/// As [`submit_registration`], and what `whole` says is wrong with it.
pub(super) fn submit_whole(
    app: &App,
    who: &Principal,
    key: &FormKey,
    whole: impl FnOnce() -> Outcome<DraftBody>,
) -> Outcome<Filed> {
    once(app, who, ROUTE, key, || {
        let body = whole()?;
        app.retry(|| hand_in(app, who, &Prepared { body: &body, evidence: Vec::new(), draft: None }, key))
    })
}

/// What is handed in: what was filled in, its files, and the draft that is used up with it, if it was one.
struct Prepared<'a> {
    body: &'a DraftBody,
    evidence: Vec<EvidenceRef>,
    draft: Option<&'a DraftId>,
}

fn hand_in(app: &App, who: &Principal, prepared: &Prepared<'_>, key: &FormKey) -> Outcome<Filed> {
    let (checked, subject) = check(app, who, prepared.body)?;
    let kind = type_of(app, &prepared.body.kind)?;
    let office = office(app, kind, &checked.details, &subject)?;
    let person = match &subject.person {
        Some(known) => Person::Known(known.clone()),
        None => Person::New(seen_first(app, prepared.body, &checked.details)?),
    };
    let filing = Filing::today(app, &office)?;
    let facts = BTreeSet::new();
    let new = new_case(who, kind, &office, &facts)?;
    let place = subject.place.as_ref();
    write(app, who, Making { prepared, checked: &checked, person, place, new, filing }, key)
}

fn new_case<'a>(
    who: &Principal,
    kind: &'a RegistrationType,
    office: &'a OfficeRow,
    facts: &'a BTreeSet<Fact>,
) -> Outcome<NewCase<'a>> {
    Ok(NewCase { act: Act::Register, kind: kind.key(), reason: None, applicant: party(who)?, office, facts })
}

enum Person {
    Known(PersonRow),
    New(PersonRow),
}

impl Person {
    const fn row(&self) -> &PersonRow {
        match self {
            Self::Known(row) | Self::New(row) => row,
        }
    }
}

/// A person nobody registered before: what the employer typed is all there is. It never overwrites what is known.
fn seen_first(app: &App, body: &DraftBody, details: &Details) -> Outcome<PersonRow> {
    let document = document_typed(app, body).ok_or_else(|| fault("a checked document cannot be read"))?;
    new_person(app, &document, &name_typed(details)?, None)
}

fn name_typed(details: &Details) -> Outcome<PersonName> {
    PersonName::parse(details.get("name").unwrap_or_default()).map_err(|_| fault("a checked name cannot be read"))
}

/// The office that holds the registration: that of the project, of the employer's region, or of the region of the work.
fn office(app: &App, kind: &RegistrationType, details: &Details, subject: &Subject) -> Outcome<OfficeRow> {
    if let Some(place) = &subject.place {
        return app.office(&place.project.office);
    }
    let unit = subject.employer.as_ref();
    let field = kind.fields().iter().find(|field| field.kind == FieldKind::Region);
    let region = match (unit, field) {
        (Some(unit), _) => unit.region.clone(),
        (None, Some(field)) => details.get(&field.key).unwrap_or_default().to_owned(),
        (None, None) => return Err(fault("a type without employer needs a region")),
    };
    app.office_for(&region, kind.authority()).ok_or_else(|| {
        let at = field.map_or_else(|| "region".to_owned(), |field| field.key.clone());
        Refusal::Answers(vec![Problem::new("region.no-office").at(at)]).into()
    })
}

struct Making<'a> {
    prepared: &'a Prepared<'a>,
    checked: &'a Checked,
    person: Person,
    place: Option<&'a Place>,
    new: NewCase<'a>,
    filing: Filing,
}

fn write(app: &App, who: &Principal, making: Making<'_>, key: &FormKey) -> Outcome<Filed> {
    let (id, registration) = (app.fresh(CaseId::new), app.fresh(RegistrationId::new));
    let (revision, details) = app.revision(registration.as_str(), "details", &making.checked.details)?;
    let kind = type_of(app, making.new.kind)?;
    let started_on = started_on(kind, &making.checked.details)?;
    let file = Registered {
        id: registration.clone(),
        number: RegistrationNumber::make(twelve_digits(app)).compact(),
        kind: kind.key().to_owned(),
        person: making.person.row().id.clone(),
        employer: making.new.applicant.employer.clone(),
        office: making.new.office.id.clone(),
        project: making.place.map(|place| place.project.id.clone()),
        started_on,
        details: details.clone(),
    };
    let papers = Papers {
        id: id.clone(),
        registration: registration.clone(),
        previous: None,
        asked_on: started_on,
        details,
        evidence: making.prepared.evidence.clone(),
    };
    let submitted = submitted(app, &making.new, &making.filing, papers)?;
    let mut changes = events(app, who, (&file, making.place), submitted)?;
    let filed = Filed { case: id.clone(), registration };
    changes.revisions.push(revision);
    changes.answer = Some(answer(app, who, ROUTE, key, &filed)?);
    changes.handover = making.prepared.draft.map(|draft| Handover { draft: draft.clone(), case: Some(id) });
    if let Some(employer) = &file.employer {
        changes.name = Some(name_row(app, &file.id, employer, &name_typed(&making.checked.details)?));
    }
    if let Person::New(row) = making.person {
        changes.person = Some(row);
    }
    commit_first(app, changes)?;
    Ok(filed)
}

/// The first day of the relation, as it was checked.
fn started_on(kind: &RegistrationType, details: &Details) -> Outcome<Date> {
    details.date(kind.start_field()).ok_or_else(|| fault("a checked registration has a first day"))
}

/// The events of a 登记: filed, and where the rules name no desk also decided and in effect.
fn events(
    app: &App,
    who: &Principal,
    (file, place): (&Registered, Option<&Place>),
    submitted: Submitted,
) -> Outcome<Changes> {
    let (now, today, id) = (app.micros(), app.today(), submitted.id.clone());
    let auto = Actor::System { rule: AUTO.to_owned() };
    let decided_by_rule = submitted.stages == Stages::None;
    let calendar = app.calendar_of(&submitted.office)?;
    let mut case_pen = Pen::fresh(id.as_str(), now, who.actor()).caused_by(&id);
    let mut case_events = vec![CaseEvent::Submitted(Box::new(submitted))];
    let mut case = write_case(&mut case_pen, None, &case_events, today)?;
    let mut pen = Pen::fresh(file.id.as_str(), now, who.actor()).caused_by(&id);
    let mut caused = vec![(registration::decide_filed(file), file.started_on)];
    if decided_by_rule {
        let facts = Facts { today, actor: &auto, calendar: &calendar };
        let more = case::decide(Some(&case), Command::Accept, &facts)?;
        case_pen.hand_to(auto.clone());
        case = write_case(&mut case_pen, Some(case), &more, today)?;
        case_events.extend(more);
    }
    let mut state = fold(&mut pen, None, &caused)?;
    if decided_by_rule {
        let cause = Cause { act: Act::Register, reason: String::new(), on: file.started_on };
        let effect = vec![registration::decide_effect(&state, &cause)?];
        pen.hand_to(auto);
        state = fold(&mut pen, Some(state), &effect)?;
        caused.extend(effect);
        if let Some(place) = place {
            let entry = registration::decide_entry(&state, &place.team.id, file.started_on, today)?;
            let entry = vec![(entry, file.started_on)];
            state = fold(&mut pen, Some(state), &entry)?;
            caused.extend(entry);
        }
    } else {
        let held = vec![(registration::decide_hold_filed(), file.started_on)];
        state = fold(&mut pen, Some(state), &held)?;
        caused.extend(held);
    }
    let caused: Vec<_> = caused.into_iter().map(|(event, _)| event).collect();
    let (notices, jobs) = follow_ups(app, &case, &case_events, &state, &caused);
    let (case_tip, tip) = (case_pen.tip(), pen.tip());
    let mut events = case_pen.into_events();
    events.extend(pen.into_events());
    Ok(Changes {
        events,
        registration: Some(Step { from: 0, row: record::registration_row(&state, tip) }),
        case: Some(Step { from: 0, row: record::case_row(&case, case_tip, &calendar) }),
        notices,
        jobs,
        ..Changes::default()
    })
}

fn fold(
    pen: &mut Pen,
    mut state: Option<registration::Registration>,
    events: &[(RegistrationEvent, jiff::civil::Date)],
) -> Outcome<registration::Registration> {
    for (event, on) in events {
        pen.write(event.kind(), event, *on)?;
        state = registration::evolve(state, event, *on);
    }
    state.ok_or_else(|| fault("a decided event does not follow"))
}

/// Which types this account may register.
#[must_use]
pub fn kinds_for<'a>(app: &'a App, who: &Principal) -> Vec<&'a RegistrationType> {
    let kind: Option<ApplicantKind> = party(who).ok().map(|party| party.kind);
    app.rules
        .types
        .all()
        // On a building project the way begins at the team.
        .filter(|one| !one.unique().contains(&UniqueBy::Project))
        .filter(|one| Some(one.registrant()) == kind && may_make(app, who, one.key()).is_ok())
        .collect()
}
