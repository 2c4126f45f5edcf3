//! Who acts: the account or rule that an event names, and the one role it acts in.

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, EmployerId, OfficeId, PersonId};

/// What an account may be. One account has one role; who is both a worker and a reviewer has two accounts, so that
/// no page ever has to guess in which of them somebody acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// 个人: sees and acts for himself.
    Person,
    /// 单位经办人: files for one employer.
    EmployerClerk,
    /// 单位查询员: reads for one employer, files nothing.
    EmployerReader,
    /// 综窗: takes cases in at the counter.
    Counter,
    /// 受理岗.
    Intake,
    /// 初审岗.
    First,
    /// 复审岗.
    Second,
    /// 督办: may ask for a second supplement, with a reason.
    Supervisor,
    /// 监察员: reads, edits nothing.
    Inspector,
    /// 地区管理员: opens the accounts of a region.
    RegionalAdmin,
    /// 系统管理员: keeps the service, sees no business data.
    SystemAdmin,
}

impl Role {
    /// All roles, in the order of the authorization matrix.
    pub const ALL: [Self; 11] = [
        Self::Person,
        Self::EmployerClerk,
        Self::EmployerReader,
        Self::Counter,
        Self::Intake,
        Self::First,
        Self::Second,
        Self::Supervisor,
        Self::Inspector,
        Self::RegionalAdmin,
        Self::SystemAdmin,
    ];

    /// The word used in tables, events and locale keys.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::EmployerClerk => "employer-clerk",
            Self::EmployerReader => "employer-reader",
            Self::Counter => "counter",
            Self::Intake => "intake",
            Self::First => "first",
            Self::Second => "second",
            Self::Supervisor => "supervisor",
            Self::Inspector => "inspector",
            Self::RegionalAdmin => "regional-admin",
            Self::SystemAdmin => "system-admin",
        }
    }

    /// The role with that key, if there is one.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.key() == key)
    }

    /// Whether the role keeps offices and accounts, of every authority below its own office.
    #[must_use]
    pub const fn is_admin(self) -> bool {
        matches!(self, Self::RegionalAdmin | Self::SystemAdmin)
    }

    /// Whether the role works inside an office.
    #[must_use]
    pub const fn is_staff(self) -> bool {
        !matches!(self, Self::Person | Self::EmployerClerk | Self::EmployerReader)
    }
}

/// Who did something, as history keeps it: an id and a role, never a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Actor {
    /// Somebody signed in.
    Account {
        /// The account.
        id: AccountId,
        /// The role it acted in.
        role: Role,
    },
    /// The system, through a case and by a named rule.
    System {
        /// The rule's key, as `auto.register`.
        rule: String,
    },
}

impl Actor {
    /// The account, when it was one.
    #[must_use]
    pub const fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Account { id, .. } => Some(id),
            Self::System { .. } => None,
        }
    }
}

/// What somebody signed in stands for: the one person, employer or set of offices the account may act within.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// One person, himself.
    Person(PersonId),
    /// One employer.
    Employer(EmployerId),
    /// An office and everything below it. The subtree is resolved when the session is read.
    Offices {
        /// The office the account belongs to.
        own: OfficeId,
        /// That office and all below it.
        subtree: Vec<OfficeId>,
    },
}

/// Somebody signed in, with everything `authorize` needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The account.
    pub account: AccountId,
    /// Its role.
    pub role: Role,
    /// What it stands for.
    pub standing: Standing,
}

impl Principal {
    /// The form that history keeps.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::Account { id: self.account.clone(), role: self.role }
    }

    /// The person this account is, when it is one.
    #[must_use]
    pub const fn person(&self) -> Option<&PersonId> {
        match &self.standing {
            Standing::Person(id) => Some(id),
            Standing::Employer(_) | Standing::Offices { .. } => None,
        }
    }

    /// The employer this account acts for, when it does.
    #[must_use]
    pub const fn employer(&self) -> Option<&EmployerId> {
        match &self.standing {
            Standing::Employer(id) => Some(id),
            Standing::Person(_) | Standing::Offices { .. } => None,
        }
    }
}
