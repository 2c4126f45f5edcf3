//! When a rule applies: five questions about a case, and a closed list of facts.
//!
//! There is no expression language here on purpose: a civil servant must be able to read a condition aloud, and the
//! loader must be able to tell that two conditions never meet.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::act::{Act, ApplicantKind};

/// Something true of a case that rules and materials may depend on. Stored names: add, never rename.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    /// 经办人代办: the unit is represented by somebody other than its legal representative.
    Agent,
    /// 原来有单位: the flexible record began when a job ended.
    FromJob,
    /// 单位已注销.
    EmployerDissolved,
    /// 单位被吊销营业执照: still exists in law, cannot stamp any more.
    EmployerLicenceRevoked,
    /// 单位不配合 or cannot be reached.
    EmployerSilent,
    /// 有生效的裁决或者判决.
    AwardInForce,
    /// 劳动合同 was signed in writing.
    WrittenContract,
    /// The worker works part-time (劳动合同法 Art. 68).
    PartTime,
    /// The filing comes after its window.
    FiledLate,
    /// The person's document is not a resident identity card.
    OtherDocument,
}

impl Fact {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Agent,
        Self::FromJob,
        Self::EmployerDissolved,
        Self::EmployerLicenceRevoked,
        Self::EmployerSilent,
        Self::AwardInForce,
        Self::WrittenContract,
        Self::PartTime,
        Self::FiledLate,
        Self::OtherDocument,
    ];

    /// The word used in packs.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::FromJob => "from-job",
            Self::EmployerDissolved => "employer-dissolved",
            Self::EmployerLicenceRevoked => "employer-licence-revoked",
            Self::EmployerSilent => "employer-silent",
            Self::AwardInForce => "award-in-force",
            Self::WrittenContract => "written-contract",
            Self::PartTime => "part-time",
            Self::FiledLate => "filed-late",
            Self::OtherDocument => "other-document",
        }
    }

    /// The fact with that word, if there is one.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fact| fact.key() == key)
    }
}

/// What the rules need to know of a case.
#[derive(Debug, Clone, Copy)]
pub struct RuleFacts<'a> {
    /// Key of the registration type.
    pub type_key: &'a str,
    /// What is asked.
    pub act: Act,
    /// The code of the reason, once one is chosen. Without it no rule that names reasons applies.
    pub reason: Option<&'a str>,
    /// Who asks.
    pub applicant: ApplicantKind,
    /// What else is true.
    pub facts: &'a BTreeSet<Fact>,
}

/// When a rule applies: every part that is stated must hold. Nothing stated = always.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The registration type.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub type_key: Option<String>,
    /// One of these acts; empty = any.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub acts: BTreeSet<Act>,
    /// One of these reasons; empty = any.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub reasons: BTreeSet<String>,
    /// One of these applicants; empty = any.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub applicants: BTreeSet<ApplicantKind>,
    /// All of these facts; empty = none needed.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub facts: BTreeSet<Fact>,
}

impl Condition {
    /// Whether the condition always holds.
    #[must_use]
    pub fn is_always(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it holds for this case.
    #[must_use]
    pub fn holds(&self, case: &RuleFacts<'_>) -> bool {
        self.type_key.as_deref().is_none_or(|key| key == case.type_key)
            && (self.acts.is_empty() || self.acts.contains(&case.act))
            && (self.applicants.is_empty() || self.applicants.contains(&case.applicant))
            && (self.reasons.is_empty() || case.reason.is_some_and(|code| self.reasons.contains(code)))
            && self.facts.is_subset(case.facts)
    }

    /// Whether this holds wherever `other` holds.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        (self.type_key.is_none() || self.type_key == other.type_key)
            && covers(&self.acts, &other.acts)
            && covers(&self.reasons, &other.reasons)
            && covers(&self.applicants, &other.applicants)
            && self.facts.is_subset(&other.facts)
    }

    /// Whether a case can meet both.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        (self.type_key.is_none() || other.type_key.is_none() || self.type_key == other.type_key)
            && meet(&self.acts, &other.acts)
            && meet(&self.reasons, &other.reasons)
            && meet(&self.applicants, &other.applicants)
    }

    /// How specific it is. Inside one region the more specific rule wins: facts count most (each of them), then
    /// reasons, the applicant, the act and the type.
    #[must_use]
    pub fn specificity(&self) -> usize {
        self.facts.len() * 16
            + usize::from(!self.reasons.is_empty()) * 8
            + usize::from(!self.applicants.is_empty()) * 4
            + usize::from(!self.acts.is_empty()) * 2
            + usize::from(self.type_key.is_some())
    }
}

/// An empty list stands for everything.
fn covers<T: Ord>(wide: &BTreeSet<T>, narrow: &BTreeSet<T>) -> bool {
    wide.is_empty() || (!narrow.is_empty() && narrow.is_subset(wide))
}

fn meet<T: Ord>(one: &BTreeSet<T>, other: &BTreeSet<T>) -> bool {
    one.is_empty() || other.is_empty() || !one.is_disjoint(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end_of_employment() -> Condition {
        Condition { type_key: Some("employer".into()), acts: BTreeSet::from([Act::End]), ..Condition::default() }
    }

    fn reasons(codes: &[&str]) -> BTreeSet<String> {
        codes.iter().map(|code| (*code).to_owned()).collect()
    }

    #[test]
    fn a_condition_holds_when_every_stated_part_does() {
        let agent = BTreeSet::from([Fact::Agent]);
        let case = RuleFacts {
            type_key: "employer",
            act: Act::End,
            reason: Some("3601"),
            applicant: ApplicantKind::Employer,
            facts: &agent,
        };
        assert!(Condition::default().holds(&case));
        assert!(end_of_employment().holds(&case));
        assert!(Condition { reasons: reasons(&["3601", "3602"]), ..end_of_employment() }.holds(&case));
        assert!(Condition { facts: BTreeSet::from([Fact::Agent]), ..end_of_employment() }.holds(&case));
        assert!(!Condition { facts: BTreeSet::from([Fact::FromJob]), ..end_of_employment() }.holds(&case));
        assert!(!Condition { applicants: BTreeSet::from([ApplicantKind::Person]), ..end_of_employment() }.holds(&case));
        assert!(
            !Condition { reasons: reasons(&["3601"]), ..Condition::default() }
                .holds(&RuleFacts { reason: None, ..case })
        );
    }

    #[test]
    fn covering_and_meeting_are_told_apart() {
        let some = Condition { reasons: reasons(&["9001", "9002"]), ..Condition::default() };
        let one = Condition { reasons: reasons(&["9001"]), ..Condition::default() };
        let another = Condition { reasons: reasons(&["9003"]), ..Condition::default() };
        assert!(some.covers(&one) && !one.covers(&some));
        assert!(some.meets(&one) && !some.meets(&another));
        assert!(
            Condition::default().covers(&end_of_employment()) && !end_of_employment().covers(&Condition::default())
        );
        assert!(end_of_employment().meets(&one));
    }

    #[test]
    fn every_fact_reads_back_as_itself() {
        for fact in Fact::ALL {
            assert_eq!(Fact::parse(fact.key()), Some(fact));
        }
    }
}
