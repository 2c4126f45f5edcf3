//! What a registration is, as the fold of its events.

use jiff::civil::Date;

use crate::history::RevisionRef;
use crate::id::{EmployerId, OfficeId, PersonId, ProjectId, RegistrationId};

use super::event::RegistrationEvent;
use super::period::{self, Period};

/// 登记状态 in law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LegalStatus {
    /// 未生效: filed, waiting for a decision.
    Pending,
    /// 有效.
    Valid,
    /// 已终止.
    Ended,
    /// 已注销.
    Closed,
    /// 已撤销.
    Revoked,
    /// 已作废.
    Voided,
}

impl LegalStatus {
    /// All of them, in the order of the glossary.
    pub const ALL: [Self; 6] = [Self::Pending, Self::Valid, Self::Ended, Self::Closed, Self::Revoked, Self::Voided];

    /// The word used in tables and locale keys.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Valid => "valid",
            Self::Ended => "ended",
            Self::Closed => "closed",
            Self::Revoked => "revoked",
            Self::Voided => "voided",
        }
    }

    /// The status with that key, if there is one.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.key() == key)
    }
}

/// What stands in the way of acts for now, beside the status in law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hold {
    /// Nothing.
    None,
    /// An undecided case.
    Case,
    /// The person denies it.
    Disputed,
    /// Nothing may change until a decision.
    Frozen,
}

impl Hold {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::None, Self::Case, Self::Disputed, Self::Frozen];

    /// The word used in tables and locale keys.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Case => "case",
            Self::Disputed => "disputed",
            Self::Frozen => "frozen",
        }
    }
}

/// What is true of a registration from the day it was filed; a 更正 puts right what was written wrongly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// The registration.
    pub id: RegistrationId,
    /// Its number, ungrouped.
    pub number: String,
    /// Key of its type.
    pub kind: String,
    /// The person.
    pub person: PersonId,
    /// The employer, where there is one.
    pub employer: Option<EmployerId>,
    /// The office that holds it.
    pub office: OfficeId,
    /// The building project, for a registration on one.
    pub project: Option<ProjectId>,
    /// First day of the relation.
    pub started_on: Date,
    /// What was declared.
    pub details: RevisionRef,
}

/// A registration: the file, and its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    pub(super) file: Registered,
    pub(super) status: LegalStatus,
    pub(super) hold: Hold,
    pub(super) finished_on: Option<Date>,
    pub(super) reason: Option<String>,
    pub(super) periods: Vec<Period>,
}

impl Registration {
    /// What was declared when it was filed, as corrected.
    #[must_use]
    pub const fn file(&self) -> &Registered {
        &self.file
    }

    /// Its status in law.
    #[must_use]
    pub const fn status(&self) -> LegalStatus {
        self.status
    }

    /// What stands in the way of acts.
    #[must_use]
    pub const fn hold(&self) -> Hold {
        self.hold
    }

    /// The last day of the relation, the day its basis went, or for 撤销 its first day.
    #[must_use]
    pub const fn finished_on(&self) -> Option<Date> {
        self.finished_on
    }

    /// The times on the site, oldest first; empty where there is no site.
    #[must_use]
    pub fn periods(&self) -> &[Period] {
        &self.periods
    }

    /// The time on the site that is not over: 在场. A record that was ended, closed or revoked has none, whatever its
    /// last time says.
    #[must_use]
    pub fn on_site(&self) -> Option<&Period> {
        self.periods.last().filter(|period| period.to.is_none() && self.status == LegalStatus::Valid)
    }

    /// The reason code it was ended, closed or revoked with.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }
}

/// The only way a registration comes to be: one event after another.
///
/// Returns `None` when the event cannot follow the state, which for stored history means that it was tampered with.
#[must_use]
pub fn evolve(state: Option<Registration>, event: &RegistrationEvent, effective_on: Date) -> Option<Registration> {
    use RegistrationEvent as E;
    match (state, event) {
        (None, E::Filed { id, number, kind, person, employer, office, project, started_on, details }) => {
            Some(Registration {
                file: Registered {
                    id: id.clone(),
                    number: number.clone(),
                    kind: kind.clone(),
                    person: person.clone(),
                    employer: employer.clone(),
                    office: office.clone(),
                    project: project.clone(),
                    started_on: *started_on,
                    details: details.clone(),
                },
                status: LegalStatus::Pending,
                hold: Hold::None,
                finished_on: None,
                reason: None,
                periods: Vec::new(),
            })
        }
        (Some(state), E::TookEffect {}) if state.status == LegalStatus::Pending => {
            Some(Registration { status: LegalStatus::Valid, hold: Hold::None, ..state })
        }
        (Some(state), E::Voided {}) if state.status == LegalStatus::Pending => {
            Some(Registration { status: LegalStatus::Voided, hold: Hold::None, ..state })
        }
        (Some(state), E::Held {}) if state.hold == Hold::None => Some(Registration { hold: Hold::Case, ..state }),
        (Some(state), E::Released {}) if state.hold == Hold::Case => Some(Registration { hold: Hold::None, ..state }),
        (Some(state), E::Entered { team }) => period::enter(state, team, effective_on),
        (Some(state), E::Exited { reason }) => period::exit(state, reason, effective_on),
        (Some(state), E::Corrected { started_on, details }) if state.status == LegalStatus::Valid => {
            let file = Registered { started_on: *started_on, details: details.clone(), ..state.file };
            Some(Registration { file, hold: Hold::None, ..state })
        }
        (Some(state), E::Ended { reason }) => finish(state, LegalStatus::Ended, reason, effective_on),
        (Some(state), E::Closed { reason }) => finish(state, LegalStatus::Closed, reason, effective_on),
        (Some(state), E::Revoked { reason }) => finish(state, LegalStatus::Revoked, reason, effective_on),
        _ => None,
    }
}

fn finish(state: Registration, to: LegalStatus, reason: &str, on: Date) -> Option<Registration> {
    super::decide::can_become(state.status, to).then(|| Registration {
        status: to,
        hold: Hold::None,
        finished_on: Some(on),
        reason: Some(reason.to_owned()),
        ..state
    })
}
