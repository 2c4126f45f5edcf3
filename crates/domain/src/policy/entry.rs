//! One value with everything that justifies it, and the layers of values that a chain of regions gives for one key.

use std::ops::Deref;
use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::condition::{Condition, RuleFacts};
use super::region::RegionCode;

/// Which rule was used: kept with a decision and shown to people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleRef {
    /// Its key, as `limit.promise` or `material.release-certificate`.
    pub key: String,
    /// The region whose pack it stands in.
    pub region: RegionCode,
    /// Its basis, for people.
    pub basis: String,
}

/// A value and the rule it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruled<T> {
    /// The value.
    pub value: T,
    /// The rule.
    pub rule: RuleRef,
}

/// One value of one rule: when it applies, from which day to which, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry<T> {
    /// When it applies.
    #[serde(rename = "for", default, skip_serializing_if = "Condition::is_always")]
    pub when: Condition,
    /// The value.
    pub value: T,
    /// The rule.
    pub rule: RuleRef,
    /// First day in force.
    pub from: Date,
    /// Last day in force; none = until further notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

impl<T> Entry<T> {
    /// Whether it is in force on a day.
    #[must_use]
    pub fn in_force(&self, on: Date) -> bool {
        self.from <= on && self.until.is_none_or(|last| on <= last)
    }

    /// The value with its rule.
    #[must_use]
    pub fn ruled(&self) -> Ruled<T>
    where
        T: Clone,
    {
        self.as_ruled(self.value.clone())
    }

    /// Another value derived under the same rule.
    pub(super) fn as_ruled<U>(&self, value: U) -> Ruled<U> {
        Ruled { value, rule: self.rule.clone() }
    }
}

/// A value that many resolved policies share. Serialises as the value itself.
#[derive(Debug, PartialEq, Eq)]
pub struct Shared<T>(Arc<T>);

impl<T> Shared<T> {
    pub(super) fn new(value: T) -> Self {
        Self(Arc::new(value))
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Serialize> Serialize for Shared<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Shared<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::new)
    }
}

/// What a chain of regions says about one key on one day. There is always an answer: the base applies when nothing
/// narrower or nearer does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(bound(serialize = "T: Serialize", deserialize = "T: Deserialize<'de>"))]
pub struct Layered<T> {
    /// Nearest region first; inside one region the most specific first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) narrower: Vec<Shared<Entry<T>>>,
    /// The unconditional value of the pack at the top.
    pub(super) base: Shared<Entry<T>>,
}

impl<T> Layered<T> {
    /// Every entry whose condition holds, the one that wins first.
    pub(super) fn holding<'a>(&'a self, case: &RuleFacts<'_>) -> impl Iterator<Item = &'a Entry<T>> {
        self.all().filter(|entry| entry.when.holds(case))
    }

    /// The winner of each region, nearest first.
    pub(super) fn winners<'a>(&'a self, case: &RuleFacts<'_>) -> impl Iterator<Item = &'a Entry<T>> {
        let mut last: Option<&RegionCode> = None;
        self.holding(case).filter(move |entry| last.replace(&entry.rule.region) != Some(&entry.rule.region))
    }

    /// The entry of the nearest region that has one.
    pub(super) fn nearest(&self, case: &RuleFacts<'_>) -> &Entry<T> {
        self.all().find(|entry| entry.when.holds(case)).unwrap_or(&self.base)
    }

    /// The entry that holds for the whole region.
    pub(super) fn always(&self) -> &Entry<T> {
        self.all().find(|entry| entry.when.is_always()).unwrap_or(&self.base)
    }

    /// Every entry in the order of precedence.
    pub(super) fn all(&self) -> impl Iterator<Item = &Entry<T>> {
        self.narrower.iter().chain([&self.base]).map(|entry| &**entry)
    }
}
