//! The system saying no to a command: which rule, and what to do next.
//!
//! A refusal is an answer, not a fault. Its text and its next step live in the locales under `refusal.<code>` and
//! `refusal.<code>.next`.

use crate::problem::FieldProblem;

/// Why a command was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The answers have problems; each stands beside its field.
    Answers(Vec<FieldProblem>),
    /// Another case on this registration is not finished (one open case per record).
    CaseOpen,
    /// The registration's status does not allow the act.
    ActNotOpen {
        /// Key of the legal status that stands in the way.
        status: &'static str,
    },
    /// The rules of the region let nobody of this kind file this.
    MayNotFile {
        /// Basis of the rule.
        basis: String,
    },
    /// The unit no longer stands (吊销, 注销 …): it files at the counter, its workers on line.
    UnitClosed,
    /// The case is not at the stage this command belongs to.
    NotAtThisStage {
        /// Key of the stage it is at.
        stage: &'static str,
    },
    /// The case moved since the page was made; the page has to be read again.
    MovedMeanwhile,
    /// The same officer took an earlier stage of this case.
    SameOfficer,
    /// A supplement was already asked for; another needs a supervisor and a reason.
    SupplementUsed,
    /// The decision was given more time before; that happens once.
    ExtensionUsed,
    /// The legal limit is over; more time cannot be given afterwards.
    LimitOver,
    /// A supplement, a decline or a rejection must name what is wrong.
    NothingNamed,
    /// Somebody else gave the opinion; only he can take it back.
    NotYourOpinion,
    /// The second reviewer has opened the case; the first opinion stands.
    OpinionTaken,
    /// The same person is registered with the same unit for an overlapping time.
    AlreadyRegistered,
    /// The key of a form or request was used for something else before.
    KeyUsed,
    /// Whoever drafted rules does not sign them.
    SameAdministrator,
    /// The rules a change was made from are others by now, or it is no draft any more.
    RulesMoved,
    /// A later change of the same region was signed already.
    RulesLater,
    /// The day of the change has come; only another change can follow it.
    RulesInForce,
}

impl Refusal {
    /// The published code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Answers(_) => "answers",
            Self::CaseOpen => "case-open",
            Self::ActNotOpen { .. } => "act-not-open",
            Self::MayNotFile { .. } => "may-not-file",
            Self::UnitClosed => "unit-closed",
            Self::NotAtThisStage { .. } => "not-at-this-stage",
            Self::MovedMeanwhile => "moved-meanwhile",
            Self::SameOfficer => "same-officer",
            Self::SupplementUsed => "supplement-used",
            Self::ExtensionUsed => "extension-used",
            Self::LimitOver => "limit-over",
            Self::NothingNamed => "nothing-named",
            Self::NotYourOpinion => "not-your-opinion",
            Self::OpinionTaken => "opinion-taken",
            Self::AlreadyRegistered => "already-registered",
            Self::KeyUsed => "key-used",
            Self::SameAdministrator => "same-administrator",
            Self::RulesMoved => "rules-moved",
            Self::RulesLater => "rules-later",
            Self::RulesInForce => "rules-in-force",
        }
    }
}
