//! Every chain, every fold, every projection.

use std::collections::BTreeMap;

use banjie_domain::case::{Case, CaseEvent, Extension, Opinion, Stage, Supplement, Suspension};
use banjie_domain::history::{Envelope, Hash, RevisionRef, leaf};
use banjie_domain::registration::{Hold, Registration, RegistrationEvent};
use banjie_store::cases::{self, CaseRow};
use banjie_store::db::Tx;
use banjie_store::error::StoreError;
use banjie_store::events::{self, StoredEvent};
use banjie_store::registrations::{self, RegistrationRow};

use super::Report;
use crate::app::App;
use crate::error::Outcome;
use crate::record::{self, Past, Tip};
use crate::usecase::daily;

/// What events speak of: documents and files, by id, with the commitment they are held to.
#[derive(Debug, Default)]
pub(super) struct Named {
    pub revisions: BTreeMap<String, Hash>,
    pub evidence: BTreeMap<String, Hash>,
}

struct Everything {
    calendar_followed: bool,
    histories: BTreeMap<String, Vec<StoredEvent>>,
    cases: BTreeMap<String, CaseRow>,
    registrations: BTreeMap<String, RegistrationRow>,
}

fn read(tx: &mut dyn Tx, digest: &Hash) -> Result<Everything, StoreError> {
    let mut all = Everything {
        calendar_followed: daily::is_followed(tx, digest)?,
        histories: BTreeMap::new(),
        cases: BTreeMap::new(),
        registrations: BTreeMap::new(),
    };
    events::event_each(tx, &mut |event| {
        all.histories.entry(event.stream.clone()).or_default().push(event);
        Ok(())
    })?;
    cases::case_each(tx, &mut |row| {
        all.cases.insert(row.id.to_string(), row);
        Ok(())
    })?;
    registrations::registration_each(tx, &mut |row| {
        all.registrations.insert(row.id.to_string(), row);
        Ok(())
    })?;
    Ok(all)
}

/// Checks all histories and rows; what the events speak of.
pub(super) fn check(app: &App, report: &mut Report) -> Outcome<Named> {
    let digest = app.rules.calendars_digest();
    let all = app.store.read(move |tx| read(tx, &digest))?;
    let mut named = Named::default();
    for (stream, history) in &all.histories {
        report.streams += 1;
        report.events += history.len() as u64;
        chain(stream, history, report);
        note_named(history, &mut named);
        if stream.starts_with("case_") {
            case(app, stream, history, &all, report);
        } else {
            registration(stream, history, &all, report);
        }
    }
    let rows = all.cases.keys().chain(all.registrations.keys());
    for id in rows.filter(|id| !all.histories.contains_key(*id)) {
        report.find("row-without-history", id);
    }
    holds(&all, report);
    Ok(named)
}

/// Each event is what its bytes say, in its place, and holds on to the one before.
fn chain(stream: &str, history: &[StoredEvent], report: &mut Report) {
    let (mut prev, mut at) = (Hash::ZERO, i64::MIN);
    for (index, stored) in history.iter().enumerate() {
        let place = format!("{stream}/{}", stored.version);
        if leaf(&stored.bytes) != stored.leaf {
            report.find("event-bytes-changed", place.clone());
        }
        let Ok(envelope) = Envelope::parse(&stored.bytes) else {
            report.find("event-unreadable", place);
            prev = stored.leaf;
            continue;
        };
        let columns = (stored.stream.as_str(), stored.version, stored.kind.as_str(), stored.recorded_at);
        if columns != (envelope.stream.as_str(), envelope.version, envelope.kind.as_str(), envelope.recorded_at) {
            report.find("event-columns-differ", place.clone());
        }
        if stored.version != index as u64 + 1 {
            report.find("event-missing", place.clone());
        }
        if envelope.prev != prev {
            report.find("chain-broken", place.clone());
        }
        if envelope.recorded_at < at {
            report.find("recorded-backwards", place);
        }
        (prev, at) = (stored.leaf, envelope.recorded_at);
    }
}

fn case(app: &App, stream: &str, history: &[StoredEvent], all: &Everything, report: &mut Report) {
    let Ok(Some(past)) = record::fold_case(history) else { return report.find("history-does-not-fold", stream) };
    let Ok(calendar) = app.calendar_of(&past.state.file().submitted().office) else {
        return report.find("office-missing", stream);
    };
    match all.cases.get(stream) {
        None => report.find("history-without-row", stream),
        Some(row) => {
            let made = record::case_row(&past.state, Tip::from(&past), &calendar);
            // Until the worker has followed a new calendar, the last day in the row is that of the old one.
            let due_on = if all.calendar_followed { made.due_on } else { row.due_on };
            if *row != (CaseRow { due_on, ..made }) {
                report.find("row-differs-from-history", stream);
            }
        }
    }
    if past.state.file().submitted().id.as_str() != stream {
        report.find("history-of-another", stream);
    }
    closed_only_without_hold(&past, all, report);
}

fn registration(stream: &str, history: &[StoredEvent], all: &Everything, report: &mut Report) {
    let folded: Option<Past<Registration>> = record::fold_registration(history).ok().flatten();
    let Some(past) = folded else { return report.find("history-does-not-fold", stream) };
    match all.registrations.get(stream) {
        None => report.find("history-without-row", stream),
        Some(row) if *row != record::registration_row(&past.state, Tip::from(&past)) => {
            report.find("row-differs-from-history", stream);
        }
        Some(_) => {}
    }
    if past.state.file().id.as_str() != stream {
        report.find("history-of-another", stream);
    }
}

/// An open case and a held registration come in pairs.
fn closed_only_without_hold(past: &Past<Case>, all: &Everything, report: &mut Report) {
    let id = past.state.file().submitted().registration.as_str();
    let held = all.registrations.get(id).is_some_and(|row| row.hold == Hold::Case.key());
    if !matches!(past.state.stage(), Stage::Closed(_)) && !held {
        report.find("open-case-without-hold", past.state.file().submitted().id.as_str());
    }
}

fn holds(all: &Everything, report: &mut Report) {
    let closed = ["granted", "refused", "declined", "withdrawn", "lapsed"];
    for (id, row) in all.registrations.iter().filter(|(_, row)| row.hold == Hold::Case.key()) {
        let open = all
            .cases
            .values()
            .filter(|case| case.registration == row.id && !closed.contains(&case.stage.as_str()))
            .count();
        if open != 1 {
            report.find("hold-without-one-open-case", id);
        }
    }
}

fn note_named(history: &[StoredEvent], named: &mut Named) {
    for stored in history {
        if let Ok(told) = record::told::<CaseEvent>(stored) {
            note_case_event(&told.event, named);
        }
        if let Ok(told) = record::told::<RegistrationEvent>(stored)
            && let RegistrationEvent::Filed { details, .. } | RegistrationEvent::Corrected { details, .. } = &told.event
        {
            note_revision(details, named);
        }
    }
}

fn note_revision(revision: &RevisionRef, named: &mut Named) {
    named.revisions.insert(revision.id.to_string(), revision.commitment);
}

fn note_opinion(opinion: &Opinion, named: &mut Named) {
    if let Some(note) = &opinion.note {
        note_revision(note, named);
    }
}

fn note_case_event(event: &CaseEvent, named: &mut Named) {
    let files = match event {
        CaseEvent::Submitted(submitted) => {
            note_revision(&submitted.details, named);
            submitted.evidence.as_slice()
        }
        CaseEvent::Supplemented { details, evidence, .. } => {
            note_revision(details, named);
            evidence.as_slice()
        }
        CaseEvent::Declined { note, .. }
        | CaseEvent::SupplementRequested(Supplement { note, .. })
        | CaseEvent::Suspended(Suspension { note, .. })
        | CaseEvent::Extended(Extension { note, .. }) => {
            note.iter().for_each(|note| note_revision(note, named));
            &[]
        }
        CaseEvent::OpinionGiven(opinion) | CaseEvent::Decided { opinion, .. } => {
            note_opinion(opinion, named);
            &[]
        }
        _ => &[],
    };
    for file in files {
        named.evidence.insert(file.id.to_string(), file.commitment);
    }
}
