//! What the rules come to for one case, and what would be different under other rules.
//!
//! Used to try a change on cases that are recorded before anybody signs it into force.

use std::collections::BTreeSet;
use std::fmt;

use crate::calendar::Calendar;
use jiff::civil::Date;

use super::condition::RuleFacts;
use super::resolve::{Missing, Policy};
use super::schema::{DayKey, Stages};

/// What the rules come to for one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Whether who asked may ask.
    pub may_file: bool,
    /// Which desks it passes.
    pub stages: Stages,
    /// Materials that are asked for.
    pub asked: BTreeSet<String>,
    /// Materials, or groups of them, that are not there.
    pub missing: BTreeSet<String>,
    /// The last day for the decision on acceptance.
    pub accept_by: Date,
    /// The last promised day for the decision, if it is accepted on that day or was on another.
    pub decide_by: Date,
    /// The last day for the decision by law.
    pub legal_by: Date,
    /// Working days the applicant has to answer a supplement.
    pub supplement: u32,
}

/// The days of a case that its limits are counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// The day it was received.
    pub received_on: Date,
    /// The day it was accepted, if it was.
    pub accepted_on: Option<Date>,
}

/// One thing that would be different.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// What: `may-file`, `stages`, `asked`, `missing`, `accept-by`, `decide-by`, `legal-by`, `supplement`.
    pub what: &'static str,
    /// As it is.
    pub old: String,
    /// As it would be.
    pub new: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} → {}", self.what, self.old, self.new)
    }
}

impl Policy {
    /// What these rules come to for a case for which these materials were handed in.
    #[must_use]
    pub fn outcome(
        &self,
        case: &RuleFacts<'_>,
        handed_in: &BTreeSet<&str>,
        (days, calendar): (Days, &Calendar),
    ) -> Outcome {
        let limit = |key| self.days(key, case).value;
        let accept_by = calendar.add_working_days(days.received_on, limit(DayKey::Accept)).on;
        let from = days.accepted_on.unwrap_or(accept_by);
        let name = |missing: Missing<'_>| match missing {
            Missing::Material(material) => material.key.clone(),
            Missing::OneOf(group) => group.key.clone(),
        };
        let asked = self.materials(case).into_iter().filter(|one| one.value.waived.is_none());
        Outcome {
            may_file: self.may_file(case),
            stages: self.stages(case).value,
            asked: asked.map(|one| one.value.key.clone()).collect(),
            missing: self.missing(case, handed_in).into_iter().map(name).collect(),
            accept_by,
            decide_by: calendar.add_working_days(from, limit(DayKey::Promise)).on,
            legal_by: calendar.add_working_days(from, limit(DayKey::Legal)).on,
            supplement: limit(DayKey::Supplement),
        }
    }
}

impl Outcome {
    /// What is different in another outcome of the same case.
    #[must_use]
    pub fn differences(&self, new: &Self) -> Vec<Difference> {
        let list = |set: &BTreeSet<String>| {
            if set.is_empty() { "—".to_owned() } else { set.iter().cloned().collect::<Vec<_>>().join(" ") }
        };
        let day = |day: Date| day.to_string();
        let all = [
            ("may-file", self.may_file.to_string(), new.may_file.to_string()),
            ("stages", self.stages.key().to_owned(), new.stages.key().to_owned()),
            ("asked", list(&self.asked), list(&new.asked)),
            ("missing", list(&self.missing), list(&new.missing)),
            ("accept-by", day(self.accept_by), day(new.accept_by)),
            ("decide-by", day(self.decide_by), day(new.decide_by)),
            ("legal-by", day(self.legal_by), day(new.legal_by)),
            ("supplement", self.supplement.to_string(), new.supplement.to_string()),
        ];
        let changed = all.into_iter().filter(|(_, old, new)| old != new);
        changed.map(|(what, old, new)| Difference { what, old, new }).collect()
    }
}
