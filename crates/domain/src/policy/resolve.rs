//! The policy of one region on one day: self-contained, so that a case can keep it and be decided by it years later.
//!
//! It holds every entry in force along the chain of regions, not only the winners, so it can also say what a value
//! overrides. It never looks back at the packs.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

use crate::act::ApplicantKind;
use crate::history::canonical;

use super::condition::RuleFacts;
use super::entry::{Entry, Layered, Ruled, Shared};
use super::material::{Group, Material, OfficeCard, Remedy, UploadRule};
use super::pack::{Pack, PackRegion, Placed, Rules};
use super::schema::{Assurance, Cutoff, DayKey, FileKind, Merge, RuleKey, Stages};

/// The version of the stored form below.
const POLICY_VERSION: u32 = 1;

/// The rules of one region on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    v: u32,
    region: PackRegion,
    /// The regions above it, nearest first.
    above: Vec<PackRegion>,
    pub(super) days: DayRules,
    /// None in a policy that was kept before there was such a rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) extension: Option<Layered<u32>>,
    pub(super) stages: Layered<Stages>,
    pub(super) cutoff: Layered<Cutoff>,
    pub(super) upload_max_bytes: Layered<u64>,
    pub(super) upload_kinds: Layered<Vec<FileKind>>,
    pub(super) review: Layered<Remedy>,
    pub(super) litigation: Layered<Remedy>,
    pub(super) who_may_file: Layered<Vec<ApplicantKind>>,
    pub(super) assurance: Layered<Assurance>,
    pub(super) office: Layered<OfficeCard>,
    /// Entries with the same key stand together, the nearest and most specific first.
    pub(super) materials: Vec<Shared<Entry<Material>>>,
    pub(super) groups: Vec<Shared<Entry<Group>>>,
}

/// The numbers of days, one field each so that none can be missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct DayRules {
    accept: Layered<u32>,
    legal: Layered<u32>,
    promise: Layered<u32>,
    supplement: Layered<u32>,
    intake: Layered<u32>,
    first: Layered<u32>,
    second: Layered<u32>,
    window_hire: Layered<u32>,
    window_end: Layered<u32>,
    window_end_advised: Layered<u32>,
}

impl DayRules {
    pub(super) const fn of(&self, key: DayKey) -> &Layered<u32> {
        match key {
            DayKey::Accept => &self.accept,
            DayKey::Legal => &self.legal,
            DayKey::Promise => &self.promise,
            DayKey::Supplement => &self.supplement,
            DayKey::Intake => &self.intake,
            DayKey::First => &self.first,
            DayKey::Second => &self.second,
            DayKey::WindowHire => &self.window_hire,
            DayKey::WindowEnd => &self.window_end,
            DayKey::WindowEndAdvised => &self.window_end_advised,
        }
    }
}

/// The remedies against a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedies {
    /// 行政复议.
    pub review: Ruled<Remedy>,
    /// 行政诉讼.
    pub litigation: Ruled<Remedy>,
}

/// Something the rules ask for that was not handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing<'a> {
    /// This material.
    Material(&'a Material),
    /// Any one material of this group.
    OneOf(&'a Group),
}

/// Stored bytes are no policy, or not the canonical form of what they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAPolicy;

impl fmt::Display for NotAPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes are no policy of a known version in canonical form")
    }
}

impl std::error::Error for NotAPolicy {}

impl Policy {
    /// The bytes that are stored and hashed: canonical JSON. The day it was resolved for is not in them, so one
    /// revision serves every day on which the same entries are in force.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        // INVARIANT: a policy holds text, whole numbers and ASCII keys only, so it always has a canonical form.
        serde_json::to_value(self).ok().and_then(|value| canonical(&value).ok()).unwrap_or_default()
    }

    /// Reads [`Policy::canonical`] back.
    ///
    /// # Errors
    /// When the bytes are of another version, or were changed.
    pub fn from_canonical(bytes: &[u8]) -> Result<Self, NotAPolicy> {
        let policy: Self = serde_json::from_slice(bytes).map_err(|_| NotAPolicy)?;
        let intact = policy.v == POLICY_VERSION && policy.canonical() == bytes;
        intact.then_some(policy).ok_or(NotAPolicy)
    }

    /// The region whose pack is the nearest. Not the region asked for when that one has no pack and inherits: a page
    /// that shows rules says so.
    #[must_use]
    pub const fn region(&self) -> &PackRegion {
        &self.region
    }

    /// Every pack that had a say, nearest first.
    pub fn regions(&self) -> impl Iterator<Item = &PackRegion> {
        [&self.region].into_iter().chain(&self.above)
    }

    /// A number of days. [`DayKey::unit`] says whether they are working days.
    #[must_use]
    pub fn days(&self, key: DayKey, case: &RuleFacts<'_>) -> Ruled<u32> {
        self.day_entry(key, case).ruled()
    }

    /// The entry behind [`Policy::days`].
    pub(super) fn day_entry(&self, key: DayKey, case: &RuleFacts<'_>) -> &Entry<u32> {
        let layered = self.days.of(key);
        let better = |best: u32, other: u32| match key.merge() {
            Merge::Shorten => other < best,
            Merge::Lengthen => other > best,
            Merge::Replace | Merge::Append | Merge::Locked => false,
        };
        let nearest = layered.nearest(case);
        layered.winners(case).fold(nearest, |best, other| if better(best.value, other.value) { other } else { best })
    }

    /// How many working days more the decision may be given. None for a case whose rules do not know it.
    #[must_use]
    pub fn extension(&self, case: &RuleFacts<'_>) -> Option<Ruled<u32>> {
        self.extension_entry(case).map(Entry::ruled)
    }

    pub(super) fn extension_entry(&self, case: &RuleFacts<'_>) -> Option<&Entry<u32>> {
        self.extension.as_ref()?.winners(case).min_by_key(|entry| entry.value)
    }

    /// Which desks a case passes.
    #[must_use]
    pub fn stages(&self, case: &RuleFacts<'_>) -> Ruled<Stages> {
        self.stages.nearest(case).ruled()
    }

    /// Who may ask for this: every region may add, none may take away.
    #[must_use]
    pub fn who_may_file(&self, case: &RuleFacts<'_>) -> Ruled<BTreeSet<ApplicantKind>> {
        let all = self.who_may_file.winners(case).flat_map(|entry| entry.value.iter().copied()).collect();
        self.who_may_file.nearest(case).as_ruled(all)
    }

    /// Whether this applicant may ask for this.
    #[must_use]
    pub fn may_file(&self, case: &RuleFacts<'_>) -> bool {
        self.who_may_file(case).value.contains(&case.applicant)
    }

    /// How sure we must be of who asks.
    #[must_use]
    pub fn assurance(&self, case: &RuleFacts<'_>) -> Ruled<Assurance> {
        self.assurance.nearest(case).ruled()
    }

    /// The materials asked for, in the order of the packs, each with its rule. 免提交 ones are among them, marked
    /// `waived`.
    #[must_use]
    pub fn materials(&self, case: &RuleFacts<'_>) -> Vec<Ruled<&Material>> {
        self.material_entries(case).map(|entry| entry.as_ruled(&entry.value)).collect()
    }

    pub(super) fn material_entries<'a>(&'a self, case: &RuleFacts<'_>) -> impl Iterator<Item = &'a Entry<Material>> {
        let mut last: Option<&str> = None;
        self.materials
            .iter()
            .map(|entry| &**entry)
            .filter(|entry| entry.when.holds(case))
            .filter(move |entry| last.replace(&entry.value.key) != Some(&entry.value.key))
    }

    /// The groups those materials belong to: one of each is enough.
    #[must_use]
    pub fn groups(&self, case: &RuleFacts<'_>) -> Vec<Ruled<&Group>> {
        let used: BTreeSet<&str> = self.material_entries(case).filter_map(|entry| entry.value.group()).collect();
        let mut last: Option<&str> = None;
        let nearest = self.groups.iter().filter(|entry| last.replace(&entry.value.key) != Some(&entry.value.key));
        nearest
            .filter(|entry| used.contains(entry.value.key.as_str()))
            .map(|entry| entry.as_ruled(&entry.value))
            .collect()
    }

    /// What is still missing when these materials were handed in, or declared where a substitute allows it. A waived
    /// material counts as there.
    #[must_use]
    pub fn missing(&self, case: &RuleFacts<'_>, handed_in: &BTreeSet<&str>) -> Vec<Missing<'_>> {
        let asked: Vec<&Material> = self.materials(case).into_iter().map(|ruled| ruled.value).collect();
        let there = |material: &Material| material.waived.is_some() || handed_in.contains(material.key.as_str());
        let single = asked.iter().filter(|one| one.must_be_there() && !there(one));
        let groups = self.groups(case).into_iter().map(|ruled| ruled.value);
        let short = groups.filter(|group| !asked.iter().any(|one| one.group() == Some(&group.key) && there(one)));
        single.map(|material| Missing::Material(material)).chain(short.map(Missing::OneOf)).collect()
    }

    /// The hour after which a filing counts as received on the next working day.
    #[must_use]
    pub fn cutoff(&self) -> Time {
        self.cutoff.always().value.0
    }

    /// What may be uploaded in the region.
    #[must_use]
    pub fn upload(&self) -> UploadRule {
        let kinds: BTreeSet<FileKind> = self.upload_kinds.all().flat_map(|entry| entry.value.iter().copied()).collect();
        UploadRule { max_bytes: self.upload_max_bytes.always().value, kinds: kinds.into_iter().collect() }
    }

    /// What may be uploaded for one material.
    #[must_use]
    pub fn upload_for(&self, material: &Material) -> UploadRule {
        let region = self.upload();
        let kinds = if material.accepts.is_empty() { region.kinds } else { material.accepts.clone() };
        UploadRule { max_bytes: material.max_bytes.unwrap_or(region.max_bytes), kinds }
    }

    /// The remedies against a decision.
    #[must_use]
    pub fn remedies(&self) -> Remedies {
        Remedies { review: self.review.always().ruled(), litigation: self.litigation.always().ruled() }
    }

    /// Where to go and whom to call.
    #[must_use]
    pub fn office(&self) -> &OfficeCard {
        &self.office.always().value
    }
}

/// Lays the packs of a chain (nearest first) over each other, or names the key that has no value on that day.
pub(super) fn resolve(chain: &[&Pack], on: Date) -> Result<Policy, &'static str> {
    let days = |key: DayKey| layer(chain, on, |rules| rules.days.get(&key).map_or(&[], Vec::as_slice)).ok_or(key.key());
    let (nearest, above) = chain.split_first().ok_or("region")?;
    Ok(Policy {
        v: POLICY_VERSION,
        region: nearest.region.clone(),
        above: above.iter().map(|pack| pack.region.clone()).collect(),
        days: DayRules {
            accept: days(DayKey::Accept)?,
            legal: days(DayKey::Legal)?,
            promise: days(DayKey::Promise)?,
            supplement: days(DayKey::Supplement)?,
            intake: days(DayKey::Intake)?,
            first: days(DayKey::First)?,
            second: days(DayKey::Second)?,
            window_hire: days(DayKey::WindowHire)?,
            window_end: days(DayKey::WindowEnd)?,
            window_end_advised: days(DayKey::WindowEndAdvised)?,
        },
        extension: Some(layer(chain, on, |rules| &rules.extension).ok_or(RuleKey::Extension.key())?),
        stages: layer(chain, on, |rules| &rules.stages).ok_or(RuleKey::Stages.key())?,
        cutoff: layer(chain, on, |rules| &rules.cutoff).ok_or(RuleKey::Cutoff.key())?,
        upload_max_bytes: layer(chain, on, |rules| &rules.upload_max_bytes).ok_or(RuleKey::UploadMaxBytes.key())?,
        upload_kinds: layer(chain, on, |rules| &rules.upload_kinds).ok_or(RuleKey::UploadKinds.key())?,
        review: layer(chain, on, |rules| &rules.review).ok_or(RuleKey::Review.key())?,
        litigation: layer(chain, on, |rules| &rules.litigation).ok_or(RuleKey::Litigation.key())?,
        who_may_file: layer(chain, on, |rules| &rules.who_may_file).ok_or(RuleKey::WhoMayFile.key())?,
        assurance: layer(chain, on, |rules| &rules.assurance).ok_or(RuleKey::Assurance.key())?,
        office: layer(chain, on, |rules| &rules.offices).ok_or("office")?,
        materials: keyed(chain, on, |rules| &rules.materials),
        groups: keyed(chain, on, |rules| &rules.groups),
    })
}

/// INVARIANT: the lists of a pack are sorted, the most specific first, so the last entry of the chain is the base.
fn layer<T>(chain: &[&Pack], on: Date, list: impl Fn(&Rules) -> &[Placed<T>]) -> Option<Layered<T>> {
    let placed = chain.iter().flat_map(|pack| list(&pack.rules));
    let mut narrower: Vec<Shared<Entry<T>>> =
        placed.filter(|placed| placed.entry.in_force(on)).map(|placed| placed.entry.clone()).collect();
    let base = narrower.pop().filter(|entry| entry.when.is_always())?;
    Some(Layered { narrower, base })
}

/// Entries that add up by key: keys in the order of the packs from the top down, precedence inside a key.
fn keyed<T>(chain: &[&Pack], on: Date, list: impl Fn(&Rules) -> &[Placed<T>]) -> Vec<Shared<Entry<T>>> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for placed in chain.iter().rev().flat_map(|pack| list(&pack.rules)) {
        let next = places.len();
        places.entry(&placed.entry.rule.key).or_insert(next);
    }
    let levels = chain.iter().enumerate();
    let mut entries: Vec<_> = levels
        .flat_map(|(level, pack)| list(&pack.rules).iter().map(move |placed| (level, &placed.entry)))
        .filter(|(_, entry)| entry.in_force(on))
        .map(|(level, entry)| {
            let place = places.get(entry.rule.key.as_str()).copied();
            (place, level, Reverse(entry.when.specificity()), entry)
        })
        .collect();
    entries.sort_by_key(|(place, level, specificity, _)| (*place, *level, *specificity));
    entries.into_iter().map(|(.., entry)| entry.clone()).collect()
}
