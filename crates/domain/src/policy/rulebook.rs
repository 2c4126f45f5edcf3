//! All packs together. A rulebook exists only if every pack in it is sound; the running service keeps the last good
//! one when a new set is refused.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;

use super::condition::RuleFacts;
use super::consistency;
use super::explain::Explained;
use super::known::KnownNames;
use super::merge;
use super::pack::{self, Pack, PackRegion, Placed, Rules};
use super::read::{PolicyError, Reading, SourceFile};
use super::region::RegionCode;
use super::resolve::{self, Policy};

/// All packs, checked alone and against each other.
#[derive(Debug, Clone)]
pub struct Rulebook {
    packs: BTreeMap<RegionCode, Pack>,
    pub(super) known: KnownNames,
}

/// There is no policy to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoPolicy {
    /// No pack for this region, nor for any ancestor that was named.
    UnknownRegion(RegionCode),
    /// The packs were not in force yet on that day.
    NotInForce {
        /// The region.
        region: RegionCode,
        /// The day.
        on: Date,
        /// A rule without a value on that day.
        key: &'static str,
    },
}

impl fmt::Display for NoPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownRegion(region) => write!(f, "no rules for region {region} or above it"),
            Self::NotInForce { region, on, key } => write!(f, "`{key}` has no value in region {region} on {on}"),
        }
    }
}

impl std::error::Error for NoPolicy {}

impl Rulebook {
    /// Reads every `policy.toml` among the files; other files (`cases.toml`) are left alone.
    ///
    /// # Errors
    /// Everything that is wrong, by file and line. Nothing is loaded then.
    pub fn parse(files: &[SourceFile], known: &KnownNames) -> Result<Self, Vec<PolicyError>> {
        let mut errors = Vec::new();
        let mut packs: BTreeMap<RegionCode, Pack> = BTreeMap::new();
        let mut sources: BTreeMap<RegionCode, &SourceFile> = BTreeMap::new();
        for file in files.iter().filter(|file| file_name(file) == "policy.toml") {
            let mut reading = Reading::new(file);
            let pack = pack::read(&mut reading, known);
            if let Some(pack) = pack {
                let code = pack.region.code.clone();
                if let Some(first) = sources.insert(code.clone(), file) {
                    let what = format!("region {code} has a pack already: {}", first.path);
                    reading.complain(pack.region_span, what, "keep one of the two files");
                }
                packs.insert(code, pack);
            }
            errors.append(&mut reading.errors);
        }
        // Checks between packs would only repeat what is wrong inside them.
        if errors.is_empty() {
            errors = merge::check(&packs, &sources);
        }
        if errors.is_empty() {
            packs.values_mut().for_each(|pack| sort(&mut pack.rules));
            let book = Self { packs, known: known.clone() };
            errors = consistency::check(&book, &sources);
            if errors.is_empty() {
                return Ok(book);
            }
        }
        errors.sort();
        Err(errors)
    }

    /// Every region that has a pack, by code.
    pub fn regions(&self) -> impl Iterator<Item = &PackRegion> {
        self.packs.values().map(|pack| &pack.region)
    }

    /// The policy of a region that has a pack.
    ///
    /// # Errors
    /// When it has none, or its chain was not in force on that day.
    pub fn resolve(&self, region: &RegionCode, on: Date) -> Result<Policy, NoPolicy> {
        let chain = self.chain(region);
        if chain.is_empty() {
            return Err(NoPolicy::UnknownRegion(region.clone()));
        }
        resolve::resolve(&chain, on).map_err(|key| NoPolicy::NotInForce { region: region.clone(), on, key })
    }

    /// The policy of a region that may have no pack of its own and inherits then. `ancestors` come from the code table,
    /// nearest first. Compare [`Policy::region`] with the region asked for to say that it inherits.
    ///
    /// # Errors
    /// When none of them has a pack, or the chain was not in force on that day.
    pub fn resolve_nearest(&self, region: &RegionCode, ancestors: &[RegionCode], on: Date) -> Result<Policy, NoPolicy> {
        let nearest = [region].into_iter().chain(ancestors).find(|code| self.packs.contains_key(*code));
        nearest.map_or_else(|| Err(NoPolicy::UnknownRegion(region.clone())), |code| self.resolve(code, on))
    }

    /// Every resolved value for a case of a region on a day: where it comes from and what it overrides.
    ///
    /// # Errors
    /// As [`Rulebook::resolve`].
    pub fn explain(&self, region: &RegionCode, on: Date, case: &RuleFacts<'_>) -> Result<Vec<Explained>, NoPolicy> {
        self.resolve(region, on).map(|policy| policy.explain(case))
    }

    /// The pack of a region and those above it, nearest first.
    pub(super) fn chain(&self, region: &RegionCode) -> Vec<&Pack> {
        chain(&self.packs, region)
    }
}

/// The pack of a region and those above it, nearest first. Ends where a parent is unknown or comes up again.
pub(super) fn chain<'a>(packs: &'a BTreeMap<RegionCode, Pack>, region: &RegionCode) -> Vec<&'a Pack> {
    let mut chain: Vec<&Pack> = Vec::new();
    let mut next = packs.get(region);
    while let Some(pack) = next {
        if chain.iter().any(|seen| seen.region.code == pack.region.code) {
            break;
        }
        chain.push(pack);
        next = pack.region.parent.as_ref().and_then(|parent| packs.get(parent));
    }
    chain
}

pub(super) fn file_name(file: &SourceFile) -> &str {
    file.path.rsplit(['/', '\\']).next().unwrap_or_default()
}

/// Puts the most specific first in every list; what is equally specific never meets (checked before).
fn sort(rules: &mut Rules) {
    rules.days.values_mut().for_each(|list| specific_first(list));
    specific_first(&mut rules.extension);
    specific_first(&mut rules.stages);
    specific_first(&mut rules.who_may_file);
    specific_first(&mut rules.assurance);
}

fn specific_first<T>(list: &mut [Placed<T>]) {
    list.sort_by_key(|placed| std::cmp::Reverse(placed.entry.when.specificity()));
}
