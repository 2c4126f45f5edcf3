//! What the rules come to for one case, and what would be different under other rules.
//!
//! Used to try a change on cases that are recorded before anybody signs it into force.

use std::collections::BTreeSet;
use std::fmt;

use jiff::civil::Date;

use crate::calendar::Calendar;

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
    /// The days of a case that somebody decides; none where it is decided as it is handed in.
    pub days: Option<DecisionDays>,
    /// Days an employer has to file it, where it is filed by one and the law sets any.
    pub window: Option<u32>,
}

/// The last days of a case, and what can be added to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecisionDays {
    /// The last day for the decision on acceptance.
    pub accept_by: Date,
    /// The last promised day for the decision, if it is accepted on that day or was on another.
    pub decide_by: Date,
    /// The last day for the decision by law.
    pub legal_by: Date,
    /// Working days the applicant has to answer a supplement.
    pub supplement: u32,
    /// Working days more that can be given; 0 where the rules know no such thing.
    pub extension: u32,
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
    /// What: `may-file`, `stages`, `asked`, `missing`, `accept-by`, `decide-by`, `legal-by`, `supplement`, `extension`,
    /// `window`.
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
        let stages = self.stages(case).value;
        let window = DayKey::window_of(case.act, case.applicant);
        let decided = DecisionDays {
            accept_by,
            decide_by: calendar.add_working_days(from, limit(DayKey::Promise)).on,
            legal_by: calendar.add_working_days(from, limit(DayKey::Legal)).on,
            supplement: limit(DayKey::Supplement),
            extension: self.extension(case).map_or(0, |ruled| ruled.value),
        };
        Outcome {
            may_file: self.may_file(case),
            stages,
            asked: asked.map(|one| one.value.key.clone()).collect(),
            missing: self.missing(case, handed_in).into_iter().map(name).collect(),
            days: (stages != Stages::None).then_some(decided),
            window: window.map(limit),
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
        let of = |outcome: &Self, get: fn(&DecisionDays) -> String| {
            outcome.days.as_ref().map_or_else(|| "—".to_owned(), get)
        };
        let days = |what, get| (what, of(self, get), of(new, get));
        let number = |number: Option<u32>| number.map_or_else(|| "—".to_owned(), |number| number.to_string());
        let all = [
            ("may-file", self.may_file.to_string(), new.may_file.to_string()),
            ("stages", self.stages.key().to_owned(), new.stages.key().to_owned()),
            ("asked", list(&self.asked), list(&new.asked)),
            ("missing", list(&self.missing), list(&new.missing)),
            days("accept-by", |days| days.accept_by.to_string()),
            days("decide-by", |days| days.decide_by.to_string()),
            days("legal-by", |days| days.legal_by.to_string()),
            days("supplement", |days| days.supplement.to_string()),
            days("extension", |days| days.extension.to_string()),
            ("window", number(self.window), number(new.window)),
        ];
        let changed = all.into_iter().filter(|(_, old, new)| old != new);
        changed.map(|(what, old, new)| Difference { what, old, new }).collect()
    }
}
