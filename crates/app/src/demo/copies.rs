//! The rows of one registration again and again, under new ids: what the database alone can take, for the bench.

use banjie_domain::actor::Principal;
use banjie_domain::id::{CaseId, JobId, NoticeId, PersonId, RegistrationId, RevisionId};
use banjie_store::cases::{CaseRow, case_list_on};
use banjie_store::commit::{Changes, Step};
use banjie_store::events::{StoredEvent, events_of};
use banjie_store::ledger::AnswerRow;
use banjie_store::names::NameIndexRow;
use banjie_store::notices::{JobRow, NoticeRow};
use banjie_store::papers::RevisionRow;
use banjie_store::people::{PersonRow, person_find};
use banjie_store::registrations::{RegistrationRow, registration_find};

use super::bulk::answers;
use super::story::register_with;
use crate::app::App;
use crate::entropy;
use crate::error::{AppError, Outcome, fault};
use crate::papers::revision_row;

/// A serial that no other demo uses.
const NTH: u64 = 1_150_000;

/// One registration as it was written.
pub struct Copies {
    person: PersonRow,
    registration: RegistrationRow,
    case: CaseRow,
    details: RevisionRow,
    events: Vec<StoredEvent>,
    account: String,
}

impl Copies {
    /// Of one that is made through the use case.
    ///
    /// # Errors
    /// When it cannot be made, or read back.
    pub fn of_one(app: &App, clerk: &Principal) -> Outcome<Self> {
        let id = register_with(app, clerk, "employer", &answers(app, NTH))?;
        let account = clerk.account.to_string();
        app.store.read(move |tx| {
            let gone = || fault("a registration that was just made");
            let registration = registration_find(tx, &id)?.ok_or_else(gone)?;
            let case = case_list_on(tx, &id)?.pop().ok_or_else(gone)?;
            let mut events = events_of(tx, case.id.as_str())?;
            events.extend(events_of(tx, id.as_str())?);
            let person = person_find(tx, &registration.person)?.ok_or(AppError::NotFound)?;
            let details = revision_row(tx, &registration.details)?;
            Ok(Self { person, registration, case, details, events, account })
        })
    }

    /// The same once more, as one commit: what one submit writes.
    ///
    /// # Errors
    /// When the registration has no employer.
    pub fn again(&self, app: &App) -> Outcome<Changes> {
        let (person, id, case) = (app.fresh(PersonId::new), app.fresh(RegistrationId::new), app.fresh(CaseId::new));
        let (details, notice) = (app.fresh(RevisionId::new), app.fresh(NoticeId::new));
        let stream = |event: &StoredEvent| {
            if event.stream == self.case.id.as_str() { case.to_string() } else { id.to_string() }
        };
        let employer = self.registration.employer.clone().ok_or_else(|| fault("an employer's registration"))?;
        let answer = AnswerRow {
            actor: self.account.clone(),
            route: "bench".to_owned(),
            key: id.to_string(),
            fingerprint: vec![0; 32],
            body: vec![0; 160],
            created_at: app.micros(),
        };
        let notice = NoticeRow {
            id: notice,
            person: Some(person.clone()),
            employer: None,
            template: "registration-made".to_owned(),
            case: Some(case.clone()),
            registration: Some(id.clone()),
            created_at: app.micros(),
            read_at: None,
        };
        let job = JobRow {
            id: app.fresh(JobId::new),
            kind: "bench".to_owned(),
            subject: notice.id.to_string(),
            run_at: i64::MAX,
            attempts: 0,
        };
        let name = NameIndexRow { registration: id.clone(), employer, name_index: fresh_index(app) };
        Ok(Changes {
            person: Some(PersonRow { id: person.clone(), document_index: fresh_index(app), ..self.person.clone() }),
            revisions: vec![RevisionRow { id: details.clone(), owner: id.to_string(), ..self.details.clone() }],
            events: self.events.iter().map(|one| StoredEvent { stream: stream(one), ..one.clone() }).collect(),
            registration: Some(Step {
                from: 0,
                row: RegistrationRow {
                    id: id.clone(),
                    number: id.to_string(),
                    person,
                    details,
                    ..self.registration.clone()
                },
            }),
            name: Some(name),
            case: Some(Step {
                from: 0,
                row: CaseRow { number: case.to_string(), id: case, registration: id, ..self.case.clone() },
            }),
            notices: vec![notice],
            jobs: vec![job],
            handover: None,
            answer: Some(answer),
        })
    }
}

fn fresh_index(app: &App) -> Vec<u8> {
    entropy::bytes::<32>(app.entropy.as_ref()).to_vec()
}
