//! From decided events to rows: reading a history back, and preparing what one change writes.
//!
//! A state is always the fold of its events; the rows beside them are its projection and are made here and nowhere
//! else, so that `verify` can make them again and compare.

use banjie_domain::actor::Actor;
use banjie_domain::calendar::Calendar;
use banjie_domain::case::{self, Case, CaseEvent, Outcome as CaseOutcome, Stage};
use banjie_domain::history::{ENVELOPE_VERSION, Envelope, Hash, leaf};
use banjie_domain::id::{CaseId, RegistrationId};
use banjie_domain::registration::{self, Registration, RegistrationEvent};
use banjie_store::cases::CaseRow;
use banjie_store::db::Tx;
use banjie_store::events::{self, StoredEvent};
use banjie_store::registrations::RegistrationRow;
use jiff::civil::Date;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Outcome, fault};

/// A history read back: the state, and where the next event goes.
#[derive(Debug, Clone)]
pub struct Past<T> {
    /// The fold of all events.
    pub state: T,
    /// How many there are.
    pub version: u64,
    /// Leaf of the last one.
    pub head: Hash,
    /// When the first was recorded, microseconds.
    pub first_at: i64,
    /// When the last was recorded, microseconds.
    pub last_at: i64,
}

/// One event with everything around it, as a timeline shows it.
#[derive(Debug, Clone)]
pub struct Told<E> {
    /// What happened.
    pub event: E,
    /// The envelope it came in.
    pub envelope: Envelope,
}

/// Reads an event's body back.
fn body<E: DeserializeOwned>(envelope: &Envelope) -> Option<E> {
    let (_, name) = envelope.kind.split_once('.')?;
    serde_json::from_value(serde_json::json!({"type": name, "body": envelope.body})).ok()
}

/// Reads stored bytes back as an event of one aggregate.
///
/// # Errors
/// When the bytes are not what this program wrote.
pub fn told<E: DeserializeOwned>(stored: &StoredEvent) -> Outcome<Told<E>> {
    let envelope = Envelope::parse(&stored.bytes).map_err(|_| fault("an event's bytes cannot be read"))?;
    let event = body(&envelope).ok_or_else(|| fault("an event's body cannot be read"))?;
    Ok(Told { event, envelope })
}

fn fold<T, E: DeserializeOwned>(
    history: &[StoredEvent],
    mut evolve: impl FnMut(Option<T>, &Told<E>) -> Option<T>,
) -> Outcome<Option<Past<T>>> {
    let mut state = None;
    for stored in history {
        let told = told(stored)?;
        state = Some(evolve(state, &told).ok_or_else(|| fault("an event does not follow from the one before"))?);
    }
    let (Some(state), Some(first), Some(last)) = (state, history.first(), history.last()) else { return Ok(None) };
    Ok(Some(Past {
        state,
        version: last.version,
        head: last.leaf,
        first_at: first.recorded_at,
        last_at: last.recorded_at,
    }))
}

/// Folds a case from its stored events.
///
/// # Errors
/// When the history is damaged.
pub fn fold_case(history: &[StoredEvent]) -> Outcome<Option<Past<Case>>> {
    fold(history, |state, told: &Told<CaseEvent>| case::evolve(state, &told.event, &told.envelope.actor))
}

/// Folds a registration from its stored events.
///
/// # Errors
/// When the history is damaged.
pub fn fold_registration(history: &[StoredEvent]) -> Outcome<Option<Past<Registration>>> {
    fold(history, |state, told: &Told<RegistrationEvent>| {
        registration::evolve(state, &told.event, told.envelope.effective_on)
    })
}

/// Reads a case back.
///
/// # Errors
/// When the database cannot be read or the history is damaged.
pub fn case_past(tx: &mut dyn Tx, id: &CaseId) -> Outcome<Option<Past<Case>>> {
    fold_case(&events::events_of(tx, id.as_str())?)
}

/// Reads a registration back.
///
/// # Errors
/// When the database cannot be read or the history is damaged.
pub fn registration_past(tx: &mut dyn Tx, id: &RegistrationId) -> Outcome<Option<Past<Registration>>> {
    fold_registration(&events::events_of(tx, id.as_str())?)
}

/// A case with every event in order, for its timeline.
///
/// # Errors
/// When the database cannot be read or the history is damaged.
pub fn case_story(tx: &mut dyn Tx, id: &CaseId) -> Outcome<Vec<Told<CaseEvent>>> {
    events::events_of(tx, id.as_str())?.iter().map(told).collect()
}

/// Appends events to one stream in memory: numbers them, dates them and chains them.
#[derive(Debug, Clone)]
pub struct Pen {
    stream: String,
    version: u64,
    head: Hash,
    first_at: Option<i64>,
    at: i64,
    actor: Actor,
    case: Option<CaseId>,
    written: Vec<StoredEvent>,
}

impl Pen {
    /// A pen at the beginning of a new stream.
    #[must_use]
    pub fn fresh(stream: &str, now: i64, actor: Actor) -> Self {
        Self {
            stream: stream.to_owned(),
            version: 0,
            head: Hash::ZERO,
            first_at: None,
            at: now,
            actor,
            case: None,
            written: Vec::new(),
        }
    }

    /// A pen at the end of a stream. A clock that went back does not date an event before the one it follows.
    #[must_use]
    pub fn after<T>(past: &Past<T>, stream: &str, now: i64, actor: Actor) -> Self {
        Self {
            version: past.version,
            head: past.head,
            first_at: Some(past.first_at),
            at: now.max(past.last_at),
            ..Self::fresh(stream, now, actor)
        }
    }

    /// The case that causes what is written.
    #[must_use]
    pub fn caused_by(self, case: &CaseId) -> Self {
        Self { case: Some(case.clone()), ..self }
    }

    /// The same pen in another hand: what follows is done by a rule of the system.
    pub fn hand_to(&mut self, actor: Actor) {
        self.actor = actor;
    }

    /// Who writes.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Writes one event.
    ///
    /// # Errors
    /// When the event has no canonical form, which would be our bug.
    pub fn write<E: Serialize>(&mut self, kind: &'static str, event: &E, effective_on: Date) -> Outcome<()> {
        let value = serde_json::to_value(event).map_err(|_| fault("an event cannot be written"))?;
        let body = value.get("body").cloned().unwrap_or_else(|| serde_json::json!({}));
        let envelope = Envelope {
            v: ENVELOPE_VERSION,
            kind: kind.to_owned(),
            stream: self.stream.clone(),
            version: self.version + 1,
            prev: self.head,
            recorded_at: self.at,
            effective_on,
            actor: self.actor.clone(),
            case: self.case.clone(),
            body,
        };
        let bytes = envelope.canonical().map_err(|_| fault("an event has no canonical form"))?;
        let leaf = leaf(&bytes);
        self.written.push(StoredEvent {
            stream: self.stream.clone(),
            version: envelope.version,
            kind: envelope.kind,
            bytes,
            leaf,
            recorded_at: self.at,
        });
        self.version += 1;
        self.head = leaf;
        self.first_at.get_or_insert(self.at);
        Ok(())
    }

    /// Where the stream stands after what was written.
    #[must_use]
    pub fn tip(&self) -> Tip {
        Tip { version: self.version, head: self.head, first_at: self.first_at.unwrap_or(self.at), last_at: self.at }
    }

    /// What was written.
    #[must_use]
    pub fn into_events(self) -> Vec<StoredEvent> {
        self.written
    }
}

/// Where a stream stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tip {
    /// How many events there are.
    pub version: u64,
    /// Leaf of the last one.
    pub head: Hash,
    /// When the first was recorded.
    pub first_at: i64,
    /// When the last was recorded.
    pub last_at: i64,
}

impl<T> From<&Past<T>> for Tip {
    fn from(past: &Past<T>) -> Self {
        Self { version: past.version, head: past.head, first_at: past.first_at, last_at: past.last_at }
    }
}

/// The row of a case, from its state alone.
#[must_use]
pub fn case_row(case: &Case, tip: Tip, calendar: &Calendar) -> CaseRow {
    let submitted = case.file().submitted();
    CaseRow {
        id: submitted.id.clone(),
        number: submitted.number.clone(),
        act: submitted.act.key().to_owned(),
        kind: submitted.kind.clone(),
        reason: submitted.reason.clone(),
        registration: submitted.registration.clone(),
        applicant_kind: submitted.applicant.kind.key().to_owned(),
        applicant_person: submitted.applicant.person.clone(),
        applicant_employer: submitted.applicant.employer.clone(),
        office: submitted.office.clone(),
        policy: submitted.policy.clone(),
        previous: submitted.previous.clone(),
        stage: case.stage().key().to_owned(),
        received_on: submitted.received_on,
        asked_on: submitted.asked_on,
        accepted_on: case.file().accepted().map(|accepted| accepted.on),
        due_on: case::turn_ends(case, calendar),
        decided_on: match case.stage() {
            Stage::Closed(CaseOutcome::Granted { on } | CaseOutcome::Refused { on, .. }) => Some(*on),
            _ => None,
        },
        version: tip.version,
        head: tip.head,
        submitted_at: tip.first_at,
        changed_at: tip.last_at,
    }
}

/// The row of a registration, from its state alone.
#[must_use]
pub fn registration_row(registration: &Registration, tip: Tip) -> RegistrationRow {
    let file = registration.file();
    RegistrationRow {
        id: file.id.clone(),
        number: file.number.clone(),
        kind: file.kind.clone(),
        person: file.person.clone(),
        employer: file.employer.clone(),
        office: file.office.clone(),
        project: file.project.clone(),
        team: registration.periods().last().map(|period| period.team.clone()),
        started_on: file.started_on,
        status: registration.status().key().to_owned(),
        hold: registration.hold().key().to_owned(),
        finished_on: registration.finished_on(),
        reason: registration.reason().map(str::to_owned),
        details: file.details.id.clone(),
        version: tip.version,
        head: tip.head,
        created_at: tip.first_at,
        changed_at: tip.last_at,
    }
}
