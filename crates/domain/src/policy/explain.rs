//! Why a value is what it is: where it stands, what it overrides, on what basis. Read by pages, by `policy explain` and
//! by the examples beside each pack.

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;

use super::condition::{Condition, RuleFacts};
use super::entry::{Entry, Layered, Shared};
use super::region::RegionCode;
use super::resolve::Policy;
use super::schema::{DayKey, Merge, RuleKey};

/// One resolved value and its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The key, as in packs; materials are `material.<key>`, groups `group.<key>`, the office is `office`.
    pub key: String,
    /// How it merges.
    pub merge: Merge,
    /// When the entry applies.
    pub when: Condition,
    /// The resolved value.
    pub value: Value,
    /// The region whose pack gives it. For a value that adds up, the nearest that adds to it.
    pub from_region: RegionCode,
    /// What else applies to the case and gives way, in order of precedence. For a value that adds up, what else adds
    /// to it.
    pub overrides: Vec<Overridden>,
    /// The basis.
    pub basis: String,
    /// First day in force.
    pub from: Date,
    /// Last day in force; none = until further notice.
    pub until: Option<Date>,
}

/// An entry that applies to the case and gives way to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overridden {
    /// The region whose pack gives it.
    pub region: RegionCode,
    /// When it applies.
    pub when: Condition,
    /// Its value.
    pub value: Value,
    /// Its basis.
    pub basis: String,
}

impl Policy {
    /// Every resolved value for a case, in the order of the key list; then the office, materials and groups.
    #[must_use]
    pub fn explain(&self, case: &RuleFacts<'_>) -> Vec<Explained> {
        let mut all: Vec<Explained> = DayKey::ALL
            .into_iter()
            .map(|key| {
                let winner = self.day_entry(key, case);
                explained(winner, json(&winner.value), key.merge(), self.days.of(key).holding(case))
            })
            .collect();
        if let (Some(layered), Some(winner)) = (&self.extension, self.extension_entry(case)) {
            all.push(explained(winner, json(&winner.value), RuleKey::Extension.merge(), layered.holding(case)));
        }
        all.push(self.nearest(RuleKey::Stages, &self.stages, case));
        all.push(self.nearest(RuleKey::Cutoff, &self.cutoff, case));
        all.push(self.nearest(RuleKey::UploadMaxBytes, &self.upload_max_bytes, case));
        let kinds = json(&self.upload().kinds);
        all.push(explained(self.upload_kinds.always(), kinds, Merge::Append, self.upload_kinds.holding(case)));
        all.push(self.nearest(RuleKey::Review, &self.review, case));
        all.push(self.nearest(RuleKey::Litigation, &self.litigation, case));
        let who = json(&self.who_may_file(case).value);
        all.push(explained(self.who_may_file.nearest(case), who, Merge::Append, self.who_may_file.winners(case)));
        all.push(self.nearest(RuleKey::Assurance, &self.assurance, case));
        let office = self.office.always();
        all.push(explained(office, json(&office.value), Merge::Replace, self.office.holding(case)));
        for material in self.material_entries(case) {
            all.push(of_many(material, &self.materials, case));
        }
        for group in self.groups(case) {
            let entry = self.groups.iter().find(|entry| entry.rule == group.rule);
            all.extend(entry.map(|entry| of_many(entry, &self.groups, case)));
        }
        all
    }

    fn nearest<T: Serialize>(&self, key: RuleKey, layered: &Layered<T>, case: &RuleFacts<'_>) -> Explained {
        let winner = layered.nearest(case);
        explained(winner, json(&winner.value), key.merge(), layered.holding(case))
    }
}

/// One of many entries with keys of their own.
fn of_many<T: Serialize>(winner: &Entry<T>, all: &[Shared<Entry<T>>], case: &RuleFacts<'_>) -> Explained {
    let same = all.iter().map(|entry| &**entry).filter(|entry| entry.rule.key == winner.rule.key);
    explained(winner, json(&winner.value), Merge::Append, same.filter(|entry| entry.when.holds(case)))
}

fn explained<'a, T: Serialize + 'a>(
    winner: &Entry<T>,
    value: Value,
    merge: Merge,
    holding: impl Iterator<Item = &'a Entry<T>>,
) -> Explained {
    let others = holding.filter(|entry| !std::ptr::eq(*entry, winner));
    Explained {
        key: winner.rule.key.clone(),
        merge,
        when: winner.when.clone(),
        value,
        from_region: winner.rule.region.clone(),
        overrides: others
            .map(|entry| Overridden {
                region: entry.rule.region.clone(),
                when: entry.when.clone(),
                value: json(&entry.value),
                basis: entry.rule.basis.clone(),
            })
            .collect(),
        basis: winner.rule.basis.clone(),
        from: winner.from,
        until: winner.until,
    }
}

/// Values of rules are text, whole numbers and tables of them, so they always have a JSON form.
fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}
