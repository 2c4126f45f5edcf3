//! What somebody can ask of a case, and the facts a decision needs.

use jiff::civil::Date;

use crate::actor::Actor;
use crate::calendar::Calendar;
use crate::history::RevisionRef;

use super::event::{EvidenceRef, Gap, Opinion, Submitted};

/// A wish about a case, already parsed and already permitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Hand in.
    Submit(Box<Submitted>),
    /// 受理.
    Accept,
    /// 视为受理: the time to say something about acceptance has run out. Only the system says so, by a rule.
    AcceptBySilence,
    /// 不予受理.
    Decline(Opinion),
    /// 一次性告知. `again` when a supervisor asks a second time.
    RequestSupplement {
        /// All gaps.
        gaps: Vec<Gap>,
        /// What the officer adds in words.
        note: Option<RevisionRef>,
        /// Asked by a supervisor, who may ask a second time.
        supervisor: bool,
    },
    /// Answer a supplement.
    AnswerSupplement {
        /// The answers as they now stand.
        details: RevisionRef,
        /// The evidence as it now stands.
        evidence: Vec<EvidenceRef>,
    },
    /// The applicant's time to answer has run out. Only the system says so, by a rule.
    Lapse,
    /// 特别程序: stop the clock of the decision.
    Suspend {
        /// Why: a key of the published list.
        reason: String,
        /// The day by which it will be over.
        until: Date,
        /// What the officer adds in words.
        note: Option<RevisionRef>,
    },
    /// The special procedure is over. The system says so on the day after the one that was told.
    Resume,
    /// 延长: more time for the decision, once.
    Extend {
        /// How many working days more, by the rules of the case.
        days: u32,
        /// Why: a key of the published list.
        reason: String,
        /// What the officer adds in words.
        note: Option<RevisionRef>,
    },
    /// Compare the last day as it was told with the calendar as it is now. Only the system does, by a rule.
    Recalculate {
        /// The last day as it was told.
        told: Date,
    },
    /// 初审.
    GiveOpinion(Opinion),
    /// Take the first opinion back.
    RetractOpinion,
    /// 复审 opens the case.
    OpenSecond,
    /// Decide.
    Decide(Opinion),
    /// 撤回.
    Withdraw,
}

impl Command {
    /// The word used in the lifecycle table.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Submit(_) => "submit",
            Self::Accept => "accept",
            Self::AcceptBySilence => "accept-by-silence",
            Self::Decline(_) => "decline",
            Self::RequestSupplement { .. } => "request-supplement",
            Self::AnswerSupplement { .. } => "answer-supplement",
            Self::Lapse => "lapse",
            Self::Suspend { .. } => "suspend",
            Self::Resume => "resume",
            Self::Extend { .. } => "extend",
            Self::Recalculate { .. } => "recalculate",
            Self::GiveOpinion(_) => "give-opinion",
            Self::RetractOpinion => "retract-opinion",
            Self::OpenSecond => "open-second",
            Self::Decide(_) => "decide",
            Self::Withdraw => "withdraw",
        }
    }
}

/// Everything a decision depends on beside the case and the command.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The legal day.
    pub today: Date,
    /// Who acts.
    pub actor: &'a Actor,
    /// Working days.
    pub calendar: &'a Calendar,
}
