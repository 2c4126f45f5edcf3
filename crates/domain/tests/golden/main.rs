//! The bytes of every kind of event, as they were when it was first written: history is never rewritten, so they may
//! never change. A new kind gets a file by `cargo xtask tables`; one that is there is only compared.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use banjie_domain::act::{Act, ApplicantKind};
use banjie_domain::actor::{Actor, Role};
use banjie_domain::case::{
    CaseEvent, EvidenceRef, Extension, Gap, Ground, Limits, Opinion, Party, Submitted, Supplement, Suspension, Verdict,
};
use banjie_domain::history::{ENVELOPE_VERSION, Envelope, Hash, RevisionRef};
use banjie_domain::id::{
    AccountId, CaseId, EmployerId, EvidenceId, OfficeId, PersonId, PolicyRevisionId, ProjectId, RegistrationId,
    RevisionId, TeamId,
};
use banjie_domain::policy::Stages;
use banjie_domain::registration::RegistrationEvent;
use jiff::Timestamp;
use jiff::civil::date;
use serde::Serialize;
use serde::de::DeserializeOwned;

const AT: Timestamp = Timestamp::UNIX_EPOCH;
const SEED: [u8; 10] = [7; 10];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn revision() -> RevisionRef {
    RevisionRef { id: RevisionId::new(AT, SEED), commitment: Hash::of(b"document") }
}

fn evidence() -> Vec<EvidenceRef> {
    let material = "release-certificate".to_owned();
    vec![EvidenceRef { id: EvidenceId::new(AT, SEED), material, commitment: Hash::of(b"file") }]
}

fn opinion(verdict: Verdict) -> Opinion {
    let ground = Ground { rule: "fact-not-shown".to_owned(), target: "material:release-certificate".to_owned() };
    Opinion { verdict, grounds: vec![ground], note: Some(revision()) }
}

fn submitted() -> Submitted {
    Submitted {
        id: CaseId::new(AT, SEED),
        number: "2648310527916428".to_owned(),
        act: Act::End,
        kind: "employer".to_owned(),
        reason: Some("3601".to_owned()),
        registration: RegistrationId::new(AT, SEED),
        applicant: Party { kind: ApplicantKind::Employer, person: None, employer: Some(EmployerId::new(AT, SEED)) },
        office: OfficeId::new(AT, SEED),
        policy: PolicyRevisionId::new(AT, SEED),
        stages: Stages::IntakeFirstSecond,
        limits: Limits { accept: 5, promise: 5, legal: 20, supplement: 10 },
        previous: None,
        received_on: date(2026, 3, 10),
        asked_on: date(2026, 3, 6),
        details: revision(),
        evidence: evidence(),
    }
}

fn case_events() -> Vec<(&'static str, CaseEvent)> {
    let gaps = vec![Gap { target: "material:release-certificate".to_owned(), fault: "no-seal".to_owned() }];
    let ask = Supplement { on: date(2026, 3, 11), gaps, answer_by: date(2026, 3, 25), note: Some(revision()) };
    vec![
        CaseEvent::Submitted(Box::new(submitted())),
        CaseEvent::Accepted { on: date(2026, 3, 11) },
        CaseEvent::Declined { grounds: opinion(Verdict::Refuse).grounds, note: Some(revision()) },
        CaseEvent::SupplementRequested(ask),
        CaseEvent::Supplemented { on: date(2026, 3, 12), details: revision(), evidence: evidence() },
        CaseEvent::Lapsed {},
        CaseEvent::Suspended(Suspension {
            on: date(2026, 3, 12),
            reason: "hearing".to_owned(),
            until: date(2026, 3, 31),
            note: Some(revision()),
        }),
        CaseEvent::Resumed { on: date(2026, 3, 31) },
        CaseEvent::Extended(Extension {
            on: date(2026, 3, 30),
            days: 10,
            reason: "complex-facts".to_owned(),
            note: Some(revision()),
        }),
        CaseEvent::Recalculated { from: date(2027, 1, 4), to: date(2027, 1, 5) },
        CaseEvent::OpinionGiven(opinion(Verdict::Grant)),
        CaseEvent::OpinionRetracted {},
        CaseEvent::SecondOpened {},
        CaseEvent::Decided { opinion: opinion(Verdict::Refuse), on: date(2026, 3, 13) },
        CaseEvent::Withdrawn {},
    ]
    .into_iter()
    .map(|event| (event.kind(), event))
    .collect()
}

fn filed(project: Option<ProjectId>) -> RegistrationEvent {
    RegistrationEvent::Filed {
        id: RegistrationId::new(AT, SEED),
        number: "DJ48310527916428".to_owned(),
        kind: if project.is_some() { "construction" } else { "employer" }.to_owned(),
        person: PersonId::new(AT, SEED),
        employer: Some(EmployerId::new(AT, SEED)),
        office: OfficeId::new(AT, SEED),
        project,
        started_on: date(2026, 3, 2),
        details: revision(),
    }
}

fn registration_events() -> Vec<(&'static str, RegistrationEvent)> {
    let reason = || "3601".to_owned();
    let mut events: Vec<_> = vec![
        filed(None),
        RegistrationEvent::TookEffect {},
        RegistrationEvent::Voided {},
        RegistrationEvent::Held {},
        RegistrationEvent::Released {},
        RegistrationEvent::Entered { team: TeamId::new(AT, SEED) },
        RegistrationEvent::Exited { reason: "X1".to_owned() },
        RegistrationEvent::Ended { reason: reason() },
        RegistrationEvent::Closed { reason: reason() },
        RegistrationEvent::Corrected { started_on: date(2026, 3, 1), details: revision() },
        RegistrationEvent::Revoked { reason: reason() },
    ]
    .into_iter()
    .map(|event| (event.kind(), event))
    .collect();
    events.push(("registration.filed-on-project", filed(Some(ProjectId::new(AT, SEED)))));
    events
}

/// The canonical bytes, as history keeps them.
fn bytes<E: Serialize>(kind: &str, event: &E) -> Vec<u8> {
    let value = serde_json::to_value(event).unwrap();
    let envelope = Envelope {
        v: ENVELOPE_VERSION,
        kind: kind.trim_end_matches("-on-project").to_owned(),
        stream: CaseId::new(AT, SEED).to_string(),
        version: 1,
        prev: Hash::ZERO,
        recorded_at: 1_773_190_800_000_000,
        effective_on: date(2026, 3, 10),
        actor: Actor::Account { id: AccountId::new(AT, SEED), role: Role::EmployerClerk },
        case: Some(CaseId::new(AT, SEED)),
        body: value.get("body").cloned().unwrap_or_else(|| serde_json::json!({})),
    };
    envelope.canonical().unwrap()
}

/// Compares with what is kept, and reads what is kept back.
fn hold<E: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(name: &str, event: &E) -> String {
    let file = format!("{name}.v{ENVELOPE_VERSION}.json");
    let (path, made) = (folder().join(&file), bytes(name, event));
    // A line break at the end belongs to the file, not to the event.
    let made_file = [made.as_slice(), b"\n"].concat();
    if !path.exists() && std::env::var_os("BANJIE_WRITE_TABLES").is_some() {
        fs::write(&path, &made_file).unwrap();
    }
    let kept = fs::read(&path).unwrap_or_else(|_| panic!("`{file}` is missing; `cargo xtask tables` writes it once"));
    assert_eq!(String::from_utf8_lossy(&kept), String::from_utf8_lossy(&made_file), "{file}");
    let envelope = Envelope::parse(kept.trim_ascii_end()).unwrap();
    let short = envelope.kind.split_once('.').unwrap().1;
    let read: E = serde_json::from_value(serde_json::json!({ "type": short, "body": envelope.body })).unwrap();
    assert_eq!(read, *event, "{file}");
    file
}

#[test]
fn every_kind_of_event_is_what_the_code_wrote_first() {
    let mut held: BTreeSet<_> = case_events().iter().map(|(name, event)| hold(name, event)).collect();
    held.extend(registration_events().iter().map(|(name, event)| hold(name, event)));
    let files = fs::read_dir(folder()).unwrap().map(|file| file.unwrap().file_name().to_string_lossy().into_owned());
    let kept: BTreeSet<_> = files.filter(|name| name.ends_with(".json")).collect();
    assert_eq!(held, kept, "a kind of event is gone, and its history with it");
}
