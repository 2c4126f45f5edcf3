//! What would be different between two sets of packs, for every kind of case that the rules can tell apart.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::civil::Date;
use serde_json::Value;

use crate::act::{Act, ApplicantKind};

use super::condition::{Fact, RuleFacts};
use super::known::KnownType;
use super::region::RegionCode;
use super::resolve::Policy;
use super::rulebook::Rulebook;

/// One value that differs, where and for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The key, as [`super::Explained::key`].
    pub key: String,
    /// The value as it is; none where nothing is said.
    pub old: Option<Value>,
    /// The value as it would be.
    pub new: Option<Value>,
    /// The regions in which it differs so.
    pub regions: BTreeSet<RegionCode>,
    /// The kinds of case for which it differs so.
    pub cases: BTreeSet<CaseKind>,
}

/// One kind of case, as far as rules tell cases apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CaseKind {
    /// The registration type.
    pub type_key: String,
    /// What is asked.
    pub act: Act,
    /// Who asks.
    pub applicant: ApplicantKind,
    /// The code of the reason; none before one is chosen, and for a registration.
    pub reason: Option<String>,
    /// What else is true: nothing, or one fact that some rule names.
    pub fact: Option<Fact>,
}

impl fmt::Display for CaseKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.type_key, self.act.key(), self.applicant.key())?;
        if let Some(reason) = &self.reason {
            write!(f, " {reason}")?;
        }
        self.fact.map_or(Ok(()), |fact| write!(f, " {}", fact.key()))
    }
}

/// Compares two books on one day. A region that has a pack in one of them only is compared with what it inherits in
/// the other.
#[must_use]
pub fn diff(old: &Rulebook, new: &Rulebook, on: Date) -> Vec<Change> {
    let codes: BTreeSet<RegionCode> = old.regions().chain(new.regions()).map(|region| region.code.clone()).collect();
    let kinds: Vec<CaseKind> = case_kinds(new).collect();
    let mut found: BTreeMap<(String, String, String), Change> = BTreeMap::new();
    for code in codes {
        let (Some(before), Some(after)) = (nearest(old, new, &code, on), nearest(new, old, &code, on)) else {
            continue;
        };
        if before == after {
            continue;
        }
        for kind in &kinds {
            compare(&before, &after, kind, &mut |key, old, new| {
                let text = |value: &Option<Value>| value.as_ref().map_or_else(String::new, ToString::to_string);
                let place = (key.to_owned(), text(&old), text(&new));
                let change = found.entry(place).or_insert_with(|| Change {
                    key: key.to_owned(),
                    old,
                    new,
                    regions: BTreeSet::new(),
                    cases: BTreeSet::new(),
                });
                change.regions.insert(code.clone());
                change.cases.insert(kind.clone());
            });
        }
    }
    found.into_values().collect()
}

/// The rules of a region in one book; where it has no pack there, those of the nearest above it, as the other book has
/// its parents.
fn nearest(book: &Rulebook, other: &Rulebook, code: &RegionCode, on: Date) -> Option<Policy> {
    let above: Vec<RegionCode> = other.chain(code).into_iter().skip(1).map(|pack| pack.region.code.clone()).collect();
    book.resolve_nearest(code, &above, on).ok()
}

fn compare(
    before: &Policy,
    after: &Policy,
    kind: &CaseKind,
    note: &mut impl FnMut(&str, Option<Value>, Option<Value>),
) {
    let facts = kind.fact.into_iter().collect();
    let case = RuleFacts {
        type_key: &kind.type_key,
        act: kind.act,
        reason: kind.reason.as_deref(),
        applicant: kind.applicant,
        facts: &facts,
    };
    let values = |policy: &Policy| -> BTreeMap<String, Value> {
        policy.explain(&case).into_iter().map(|one| (one.key, one.value)).collect()
    };
    let (old, mut new) = (values(before), values(after));
    for (key, old) in old {
        match new.remove(&key) {
            Some(same) if same == old => {}
            changed => note(&key, Some(old), changed),
        }
    }
    for (key, added) in new {
        note(&key, None, Some(added));
    }
}

fn case_kinds(book: &Rulebook) -> impl Iterator<Item = CaseKind> {
    let facts: Vec<Option<Fact>> = [None].into_iter().chain(Fact::ALL.into_iter().map(Some)).collect();
    let types = book.known.types.iter();
    types.flat_map(move |(type_key, known)| kinds_of(type_key, known, &facts))
}

fn kinds_of(type_key: &str, known: &KnownType, facts: &[Option<Fact>]) -> Vec<CaseKind> {
    let mut kinds = Vec::new();
    for act in &known.acts {
        let reasons = known.reasons.iter().filter(|(_, leads)| *leads == act).map(|(code, _)| Some(code.clone()));
        for reason in [None].into_iter().chain(reasons) {
            for applicant in ApplicantKind::ALL {
                kinds.extend(facts.iter().map(|fact| CaseKind {
                    type_key: type_key.to_owned(),
                    act: *act,
                    applicant,
                    reason: reason.clone(),
                    fact: *fact,
                }));
            }
        }
    }
    kinds
}
