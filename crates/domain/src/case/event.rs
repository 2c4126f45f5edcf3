//! What can happen to a case.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::act::{Act, ApplicantKind};
use crate::authorize::Applicant;
use crate::history::{Hash, RevisionRef};
use crate::id::{CaseId, EmployerId, EvidenceId, OfficeId, PersonId, PolicyRevisionId, RegistrationId};
use crate::policy::Stages;

/// One change of a case. Ids, codes, dates and commitments only; whatever people wrote lies in encrypted revisions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "body", rename_all = "snake_case")]
pub enum CaseEvent {
    /// Handed in. The first event of every case.
    Submitted(Box<Submitted>),
    /// 受理: the clock of the decision starts, this day not counted.
    Accepted {
        /// The day of acceptance.
        on: Date,
    },
    /// 不予受理.
    Declined {
        /// What stands in the way, by rule and item.
        grounds: Vec<Ground>,
        /// What the officer wrote.
        note: Option<RevisionRef>,
    },
    /// 一次性告知: one list of all gaps; the clock pauses.
    SupplementRequested(Supplement),
    /// The applicant answered every gap; the clock goes on.
    Supplemented {
        /// The day it was handed in.
        on: Date,
        /// The answers as they now stand.
        details: RevisionRef,
        /// The evidence as it now stands.
        evidence: Vec<EvidenceRef>,
    },
    /// The applicant did not answer in time: the case ends, and can be handed in again with what was there.
    Lapsed {},
    /// 特别程序: what the law sets apart takes its own time, and the clock of the decision stands still.
    Suspended(Suspension),
    /// The special procedure is over; the clock goes on.
    Resumed {
        /// The last day that does not count.
        on: Date,
    },
    /// 延长: the decision is given more time, once.
    Extended(Extension),
    /// A calendar that was published later moves the last day of whoever's turn it is, or is kept from moving it.
    Recalculated {
        /// The last day as it was told.
        from: Date,
        /// The last day as it now stands; the same when a day that is over, or was given to a person, stays.
        to: Date,
    },
    /// 初审 gave its opinion.
    OpinionGiven(Opinion),
    /// 初审 took it back before 复审 had opened the case.
    OpinionRetracted {},
    /// 复审 opened the case.
    SecondOpened {},
    /// The decision.
    Decided {
        /// Granted or refused, why, and the words to the applicant.
        opinion: Opinion,
        /// The day of the decision.
        on: Date,
    },
    /// 撤回: the applicant took the case back.
    Withdrawn {},
}

impl CaseEvent {
    /// The envelope's type, as `case.submitted`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Submitted(_) => "case.submitted",
            Self::Accepted { .. } => "case.accepted",
            Self::Declined { .. } => "case.declined",
            Self::SupplementRequested(_) => "case.supplement_requested",
            Self::Supplemented { .. } => "case.supplemented",
            Self::Lapsed {} => "case.lapsed",
            Self::Suspended(_) => "case.suspended",
            Self::Resumed { .. } => "case.resumed",
            Self::Extended(_) => "case.extended",
            Self::Recalculated { .. } => "case.recalculated",
            Self::OpinionGiven(_) => "case.opinion_given",
            Self::OpinionRetracted {} => "case.opinion_retracted",
            Self::SecondOpened {} => "case.second_opened",
            Self::Decided { .. } => "case.decided",
            Self::Withdrawn {} => "case.withdrawn",
        }
    }
}

/// What was handed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submitted {
    /// The case.
    pub id: CaseId,
    /// 申请编号, ungrouped.
    pub number: String,
    /// What is asked for.
    pub act: Act,
    /// Key of the registration's type.
    pub kind: String,
    /// Reason code of the type file; none for 登记.
    pub reason: Option<String>,
    /// The registration it is about.
    pub registration: RegistrationId,
    /// Who asks.
    pub applicant: Party,
    /// The office that decides: the one that holds the registration.
    pub office: OfficeId,
    /// The rules it was filed under. They govern the case to its end.
    pub policy: PolicyRevisionId,
    /// Whom it passes, by those rules.
    pub stages: Stages,
    /// Its time limits, by those rules.
    pub limits: Limits,
    /// A rejected or declined case that this one takes up again.
    pub previous: Option<CaseId>,
    /// The legal day it was received, after the region's cut-off.
    pub received_on: Date,
    /// The day the asked act is to count from, as declared.
    pub asked_on: Date,
    /// The answers.
    pub details: RevisionRef,
    /// The evidence.
    pub evidence: Vec<EvidenceRef>,
}

/// Who asks, and in what standing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The standing.
    pub kind: ApplicantKind,
    /// The person, when a person asks.
    pub person: Option<PersonId>,
    /// The employer, when an employer asks.
    pub employer: Option<EmployerId>,
}

impl Party {
    /// The form `authorize` compares with.
    #[must_use]
    pub fn applicant(&self) -> Option<Applicant> {
        match (&self.person, &self.employer) {
            (Some(person), _) => Some(Applicant::Person(person.clone())),
            (None, Some(employer)) => Some(Applicant::Employer(employer.clone())),
            (None, None) => None,
        }
    }
}

/// The time limits a case is held to, in working days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// From receipt to the decision on acceptance.
    pub accept: u32,
    /// From acceptance to the decision, as promised by the region.
    pub promise: u32,
    /// The same, as the law has it.
    pub legal: u32,
    /// What the applicant has to answer a supplement.
    pub supplement: u32,
}

/// One file that was handed in for a material.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceRef {
    /// The file.
    pub id: EvidenceId,
    /// Key of the material it is for.
    pub material: String,
    /// SM3(salt ‖ bytes) of what was handed in.
    pub commitment: Hash,
}

/// One thing that is missing or wrong, pinned to a field or a material.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// `material:<key>` or `field:<key>`.
    pub target: String,
    /// What is wrong with it: a key of the published list of faults.
    pub fault: String,
}

/// 一次性告知: everything that is missing, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supplement {
    /// The day it was asked; it counts as used.
    pub on: Date,
    /// All gaps.
    pub gaps: Vec<Gap>,
    /// Last day to answer.
    pub answer_by: Date,
    /// What the officer added in words.
    pub note: Option<RevisionRef>,
}

/// 特别程序: a hearing, a test, an appraisal, an expert's review (行政许可法 第四十五条).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// The day it began; it counts as used.
    pub on: Date,
    /// Why: a key of the published list.
    pub reason: String,
    /// The day by which it is over, as told to the applicant. From the next day on the clock runs again.
    pub until: Date,
    /// What the officer added in words.
    pub note: Option<RevisionRef>,
}

/// 延长办理期限 (行政许可法 第四十二条).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// The day it was decided.
    pub on: Date,
    /// How many working days more.
    pub days: u32,
    /// Why: a key of the published list.
    pub reason: String,
    /// What the officer added in words.
    pub note: Option<RevisionRef>,
}

/// Granted or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// 准予.
    Grant,
    /// 不予.
    Refuse,
}

/// Why not: the rule, and the field or material it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ground {
    /// Key of the published list of grounds.
    pub rule: String,
    /// `material:<key>`, `field:<key>`, or `case` for the whole.
    pub target: String,
}

/// What a reviewer found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opinion {
    /// Granted or not.
    pub verdict: Verdict,
    /// Why not; empty when granted.
    pub grounds: Vec<Ground>,
    /// What the reviewer wrote.
    pub note: Option<RevisionRef>,
}
