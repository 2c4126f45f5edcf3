//! What can happen to a registration.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::history::RevisionRef;
use crate::id::{EmployerId, OfficeId, PersonId, ProjectId, RegistrationId, TeamId};

/// One change of a registration. Ids, codes and dates only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "body", rename_all = "snake_case")]
pub enum RegistrationEvent {
    /// 登记 was filed; it has no effect yet.
    Filed {
        /// The registration.
        id: RegistrationId,
        /// Its number, ungrouped.
        number: String,
        /// Key of its type.
        kind: String,
        /// The person.
        person: PersonId,
        /// The employer, where there is one.
        employer: Option<EmployerId>,
        /// The office that holds it.
        office: OfficeId,
        /// The building project, for a registration on one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        project: Option<ProjectId>,
        /// First day of the relation.
        started_on: Date,
        /// The snapshot of what was declared.
        details: RevisionRef,
    },
    /// It is 有效 from its first day.
    TookEffect {},
    /// 作废: it was filed and refused, and never took effect.
    Voided {},
    /// A case is open on it.
    Held {},
    /// The case ended without changing it.
    Released {},
    /// 进场: a period on the site begins, in this team.
    Entered {
        /// The team.
        team: TeamId,
    },
    /// 退场: the period on the site is over. The record ends with it and begins again with another 进场.
    Exited {
        /// Reason code of the type file.
        reason: String,
    },
    /// 终止: the relation is over.
    Ended {
        /// Reason code of the type file.
        reason: String,
    },
    /// 注销: the basis is gone.
    Closed {
        /// Reason code of the type file.
        reason: String,
    },
    /// 更正: the record was true, and something in it was written wrongly. It counts as if it had read so from the start;
    /// what it said before stays in the history.
    Corrected {
        /// First day of the relation, as it should have read.
        started_on: Date,
        /// The whole snapshot, as it should have read.
        details: RevisionRef,
    },
    /// 撤销: void from the start.
    Revoked {
        /// Reason code of the type file.
        reason: String,
    },
}

impl RegistrationEvent {
    /// Whether the record reads and counts as before.
    #[must_use]
    pub const fn changes_nothing(&self) -> bool {
        matches!(self, Self::Held {} | Self::Released {})
    }

    /// The envelope's type, as `registration.ended`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Filed { .. } => "registration.filed",
            Self::TookEffect {} => "registration.took_effect",
            Self::Voided {} => "registration.voided",
            Self::Held {} => "registration.held",
            Self::Released {} => "registration.released",
            Self::Entered { .. } => "registration.entered",
            Self::Exited { .. } => "registration.exited",
            Self::Ended { .. } => "registration.ended",
            Self::Closed { .. } => "registration.closed",
            Self::Corrected { .. } => "registration.corrected",
            Self::Revoked { .. } => "registration.revoked",
        }
    }
}
