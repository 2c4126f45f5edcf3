//! What follows from what happened: who is told, and the jobs that carry it.
//!
//! One function from events to notices, called inside every change, so that no change can forget somebody.

use banjie_domain::case::{Case, CaseEvent, Verdict};
use banjie_domain::id::{EmployerId, JobId, NoticeId, PersonId};
use banjie_domain::registration::{Registration, RegistrationEvent};
use banjie_store::notices::{JobRow, NoticeRow};

use crate::app::App;

/// The kind of the job that hands a notice to the file channel.
pub const NOTICE_TO_FILE: &str = "notice.file";

/// Somebody who is told.
enum To {
    Person(PersonId),
    Employer(EmployerId),
}

/// The notices that follow from the events of one change, and one job for each.
#[must_use]
pub fn follow_ups(
    app: &App,
    case: &Case,
    case_events: &[CaseEvent],
    registration: &Registration,
    registration_events: &[RegistrationEvent],
) -> (Vec<NoticeRow>, Vec<JobRow>) {
    let mut told = Vec::new();
    for event in case_events {
        if let Some(template) = for_applicant(event, case) {
            told.push((applicant(case), template));
        }
        // The other side learns that something is asked, and that nothing came of it; what came of it, it is told below.
        let closed = case.stage().is_closed() && registration_events.iter().all(RegistrationEvent::changes_nothing);
        match event {
            CaseEvent::Submitted(_) => told.push((other_side(case, registration), "other-side-asked")),
            _ if closed => told.push((other_side(case, registration), "other-side-closed")),
            _ => {}
        }
    }
    let fresh = registration_events.iter().any(|event| matches!(event, RegistrationEvent::TookEffect {}));
    for event in registration_events {
        match event {
            // Whoever is registered is told, so that nobody is registered behind his back.
            RegistrationEvent::TookEffect {} => {
                told.push((Some(To::Person(registration.file().person.clone())), "registration-made"));
            }
            RegistrationEvent::Entered { .. } if !fresh => {
                told.push((Some(To::Person(registration.file().person.clone())), "site-entered"));
            }
            RegistrationEvent::Ended { .. }
            | RegistrationEvent::Exited { .. }
            | RegistrationEvent::Closed { .. }
            | RegistrationEvent::Revoked { .. } => {
                told.push((other_side(case, registration), "registration-changed"));
            }
            RegistrationEvent::Corrected { .. } => {
                told.push((other_side(case, registration), "registration-corrected"));
            }
            _ => {}
        }
    }
    let rows: Vec<_> = told.into_iter().filter_map(|(to, template)| Some(notice(app, case, &to?, template))).collect();
    let jobs = rows.iter().map(|row| job(app, row)).collect();
    (rows, jobs)
}

fn for_applicant(event: &CaseEvent, case: &Case) -> Option<&'static str> {
    // 登记 that needs nobody's decision is told once, by `registration-made`.
    if case.file().submitted().act == banjie_domain::act::Act::Register {
        return None;
    }
    match event {
        CaseEvent::Submitted(_) => Some("case-submitted"),
        CaseEvent::Accepted { .. } => Some("case-accepted"),
        CaseEvent::Declined { .. } => Some("case-declined"),
        CaseEvent::SupplementRequested(_) => Some("case-supplement"),
        CaseEvent::Supplemented { .. } => Some("case-supplemented"),
        CaseEvent::Decided { opinion, .. } if opinion.verdict == Verdict::Grant => Some("case-granted"),
        CaseEvent::Decided { .. } => Some("case-refused"),
        CaseEvent::Withdrawn {} => Some("case-withdrawn"),
        CaseEvent::Lapsed {} => Some("case-lapsed"),
        CaseEvent::Suspended(_) => Some("case-suspended"),
        CaseEvent::Resumed { .. } => Some("case-resumed"),
        CaseEvent::Extended(_) => Some("case-extended"),
        CaseEvent::Recalculated { from, to } if from != to => Some("case-recalculated"),
        CaseEvent::Recalculated { .. } => None,
        CaseEvent::OpinionGiven(_) | CaseEvent::OpinionRetracted {} | CaseEvent::SecondOpened {} => None,
    }
}

fn applicant(case: &Case) -> Option<To> {
    let party = &case.file().submitted().applicant;
    let person = party.person.clone().map(To::Person);
    person.or_else(|| party.employer.clone().map(To::Employer))
}

/// Whom the registration names beside the applicant.
fn other_side(case: &Case, registration: &Registration) -> Option<To> {
    let party = &case.file().submitted().applicant;
    if case.file().submitted().act == banjie_domain::act::Act::Register {
        return None;
    }
    if party.person.is_some() {
        registration.file().employer.clone().map(To::Employer)
    } else {
        Some(To::Person(registration.file().person.clone()))
    }
}

/// A notice to the applicant that follows from a date and not from an event, and the job that carries it.
#[must_use]
pub fn to_applicant(app: &App, case: &Case, template: &str) -> Option<(NoticeRow, JobRow)> {
    let row = notice(app, case, &applicant(case)?, template);
    let job = job(app, &row);
    Some((row, job))
}

/// A notice to an employer about what it is preparing, and the job that carries it.
#[must_use]
pub fn to_employer(app: &App, employer: &EmployerId, template: &str) -> (NoticeRow, JobRow) {
    to_holder(app, (None, Some(employer)), template)
}

/// A notice to a person or employer that is about no case, and the job that carries it.
#[must_use]
pub fn to_holder(
    app: &App,
    (person, employer): (Option<&PersonId>, Option<&EmployerId>),
    template: &str,
) -> (NoticeRow, JobRow) {
    let row = NoticeRow {
        id: app.fresh(NoticeId::new),
        person: person.cloned(),
        employer: employer.cloned(),
        template: template.to_owned(),
        case: None,
        registration: None,
        created_at: app.micros(),
        read_at: None,
    };
    let job = job(app, &row);
    (row, job)
}

fn notice(app: &App, case: &Case, to: &To, template: &str) -> NoticeRow {
    let (person, employer) = match to {
        To::Person(id) => (Some(id.clone()), None),
        To::Employer(id) => (None, Some(id.clone())),
    };
    NoticeRow {
        id: app.fresh(NoticeId::new),
        person,
        employer,
        template: template.to_owned(),
        case: Some(case.file().submitted().id.clone()),
        registration: Some(case.file().submitted().registration.clone()),
        created_at: app.micros(),
        read_at: None,
    }
}

fn job(app: &App, notice: &NoticeRow) -> JobRow {
    JobRow {
        id: app.fresh(JobId::new),
        kind: NOTICE_TO_FILE.to_owned(),
        subject: notice.id.as_str().to_owned(),
        run_at: app.micros(),
        attempts: 0,
    }
}
