//! The seven acts a case may ask for, and who may stand behind a case.
//!
//! People say 撤销 for most of them; each has its own effect in law (domain rules in `docs/glossary.md`).

use serde::{Deserialize, Serialize};

/// What a case asks for. Closed on purpose: each member has its own legal effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Act {
    /// 登记: make the record.
    Register,
    /// 更正: the record is true, a datum is wrong.
    Correct,
    /// 终止/解除: the relation was real and is over; history stays.
    End,
    /// 注销: the basis is gone; history stays.
    Close,
    /// 撤销: the record should never have existed; void from the start.
    Revoke,
    /// 作废: a fresh record found wrong before anyone relied on it.
    Void,
    /// 恢复: undo a wrong act without rewriting history.
    Reinstate,
}

impl Act {
    /// All acts, in the order of the glossary.
    pub const ALL: [Self; 7] =
        [Self::Register, Self::Correct, Self::End, Self::Close, Self::Revoke, Self::Void, Self::Reinstate];

    /// The word used in tables, URLs, rule files and locale keys.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Correct => "correct",
            Self::End => "end",
            Self::Close => "close",
            Self::Revoke => "revoke",
            Self::Void => "void",
            Self::Reinstate => "reinstate",
        }
    }

    /// The act with that key, if there is one.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.key() == key)
    }
}

/// In what standing a case was asked for; rules and materials depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ApplicantKind {
    /// The employer that owes the filing (《就业服务与就业管理规定》第六十二条).
    Employer,
    /// The person the registration is about.
    Person,
    /// A counter clerk, for a person or unit that came to the window.
    Counter,
    /// The system itself, by a named rule.
    System,
}

impl ApplicantKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Employer, Self::Person, Self::Counter, Self::System];

    /// The word used in tables, rule files and locale keys.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Employer => "employer",
            Self::Person => "person",
            Self::Counter => "counter",
            Self::System => "system",
        }
    }

    /// The kind with that key, if there is one.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }
}
