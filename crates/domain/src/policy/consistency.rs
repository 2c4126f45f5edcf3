//! Values that must fit together for every case a region can meet: the promise inside the law, the desks inside the
//! promise, a material's files inside what the region takes.
//!
//! The check resolves each pack on each day on which something changes and tries every kind of case the conditions can
//! tell apart; it does not reason about rules, so it cannot overlook how they combine.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use toml_span::Span;

use crate::act::{Act, ApplicantKind};

use super::condition::{Condition, Fact, RuleFacts};
use super::entry::Entry;
use super::merge::report;
use super::pack::{Pack, Placed, Rules};
use super::read::{Complaint, PolicyError, SourceFile};
use super::region::RegionCode;
use super::resolve::Policy;
use super::rulebook::Rulebook;
use super::schema::{DayKey, Stages};

/// The numbers that must fit together.
const RELATED: [DayKey; 6] =
    [DayKey::Accept, DayKey::Legal, DayKey::Promise, DayKey::Intake, DayKey::First, DayKey::Second];

/// Checks every pack of a book whose packs are sound one by one.
pub(super) fn check(book: &Rulebook, sources: &BTreeMap<RegionCode, &SourceFile>) -> Vec<PolicyError> {
    let mut errors = Vec::new();
    let codes: Vec<RegionCode> = book.regions().map(|region| region.code.clone()).collect();
    for code in &codes {
        let chain = book.chain(code);
        let Some(pack) = chain.first() else { continue };
        let mut found: BTreeMap<usize, (Span, Complaint)> = BTreeMap::new();
        for day in days_of_change(&chain) {
            let Ok(policy) = book.resolve(code, day) else { continue };
            let mut note = |(span, complaint): (Span, Complaint)| {
                found.entry(span.start).or_insert((span, complaint));
            };
            if touches_limits(&pack.rules) {
                each_case(&policy, book, |case| {
                    misfit(&policy, pack, case).into_iter().for_each(&mut note);
                    let desk = desk_at_the_gate(&policy, pack, (book, case));
                    desk.into_iter().for_each(&mut note);
                });
            }
            uploads(&policy, pack).into_iter().for_each(&mut note);
        }
        for complaint in found.into_values() {
            report(&mut errors, sources, code, complaint);
        }
    }
    errors
}

fn touches_limits(rules: &Rules) -> bool {
    !rules.stages.is_empty() || RELATED.iter().any(|key| rules.days.contains_key(key))
}

/// Every day on which an entry of the chain comes into force or falls out of it.
fn days_of_change(chain: &[&Pack]) -> BTreeSet<Date> {
    fn of<T>(list: &[Placed<T>], days: &mut BTreeSet<Date>) {
        for placed in list {
            days.insert(placed.entry.from);
            days.extend(placed.entry.until.and_then(|last| last.tomorrow().ok()));
        }
    }
    let mut days = BTreeSet::new();
    for pack in chain {
        pack.rules.days.values().for_each(|list| of(list, &mut days));
        of(&pack.rules.stages, &mut days);
        of(&pack.rules.materials, &mut days);
        of(&pack.rules.upload_kinds, &mut days);
        of(&pack.rules.upload_max_bytes, &mut days);
    }
    days
}

/// Calls `visit` for every kind of case that the conditions of the related rules can tell apart.
fn each_case(policy: &Policy, book: &Rulebook, mut visit: impl FnMut(&RuleFacts<'_>)) {
    let days = RELATED.iter().flat_map(|key| policy.days.of(*key).all().map(|entry| &entry.when));
    let conditions: Vec<&Condition> = days.chain(policy.stages.all().map(|entry| &entry.when)).collect();
    let acts = conditions.iter().flat_map(|when| when.acts.iter().copied()).collect();
    let applicants =
        one_of_each(&ApplicantKind::ALL, &conditions.iter().flat_map(|when| when.applicants.iter().copied()).collect());
    let codes: BTreeSet<&String> = conditions.iter().flat_map(|when| &when.reasons).collect();
    let facts = subsets(&conditions.iter().flat_map(|when| when.facts.iter().copied()).collect());
    for (type_key, known) in &book.known.types {
        let own_acts: Vec<Act> = known.acts.iter().copied().collect();
        for act in one_of_each(&own_acts, &acts) {
            let own_codes = codes.iter().filter(|code| known.reasons.get(code.as_str()) == Some(&act));
            for reason in [None].into_iter().chain(own_codes.map(|code| Some(code.as_str()))) {
                for applicant in applicants.iter().copied() {
                    for facts in &facts {
                        visit(&RuleFacts { type_key, act, reason, applicant, facts });
                    }
                }
            }
        }
    }
}

/// The members that are named, and one that is not: no condition tells the unnamed ones apart.
fn one_of_each<T: Copy + Ord>(all: &[T], named: &BTreeSet<T>) -> Vec<T> {
    let unnamed = all.iter().find(|one| !named.contains(one));
    all.iter().filter(|one| named.contains(one)).chain(unnamed).copied().collect()
}

fn subsets(facts: &BTreeSet<Fact>) -> Vec<BTreeSet<Fact>> {
    facts.iter().fold(vec![BTreeSet::new()], |subsets, fact| {
        let with = subsets.iter().map(|subset| subset.iter().chain([fact]).copied().collect());
        subsets.iter().cloned().chain(with.collect::<Vec<_>>()).collect()
    })
}

/// What does not fit for one case, pinned to a rule of this pack. What no rule of this pack takes part in belongs to a
/// pack above and is complained about there.
fn misfit(policy: &Policy, pack: &Pack, case: &RuleFacts<'_>) -> Vec<(Span, Complaint)> {
    let entry = |key| policy.day_entry(key, case);
    let stages = policy.stages.nearest(case);
    let desks: &[DayKey] = match stages.value {
        Stages::None | Stages::Intake => &[],
        Stages::IntakeFirst => &[DayKey::First],
        Stages::IntakeFirstSecond => &[DayKey::First, DayKey::Second],
    };
    let sum: u32 = desks.iter().map(|key| entry(*key).value).sum();
    let (promise, legal) = (entry(DayKey::Promise), entry(DayKey::Legal));
    let (accept, intake) = (entry(DayKey::Accept), entry(DayKey::Intake));
    let who = describe(case);
    let mut found = Vec::new();
    if promise.value > legal.value {
        let what = format!("the promise, {}, is longer than the law allows, {} ({who})", promise.value, legal.value);
        let mend = format!("promise at most {} working days", legal.value);
        let complaint =
            Complaint::new(what, mend).coded("promise-over-law", &pair(promise.value, legal.value).as_pairs());
        found.extend(pin(pack, &[promise, legal]).map(|span| (span, complaint)));
    }
    if intake.value > accept.value {
        let what = format!("intake has {} days, acceptance only {} ({who})", intake.value, accept.value);
        let mend = format!("give limit.intake at most {} working days", accept.value);
        let complaint =
            Complaint::new(what, mend).coded("intake-over-accept", &pair(intake.value, accept.value).as_pairs());
        found.extend(pin(pack, &[intake, accept]).map(|span| (span, complaint)));
    }
    if sum > promise.value {
        let what = format!("the desks after acceptance take {sum} days, the promise is {} ({who})", promise.value);
        let mend = format!("let limit.first and limit.second add up to at most {}", promise.value);
        let mut takes_part: Vec<&Entry<u32>> = vec![promise];
        takes_part.extend(desks.iter().map(|key| entry(*key)));
        let span = pin(pack, &takes_part).or_else(|| place_of(&pack.rules.stages, stages));
        let complaint = Complaint::new(what, mend).coded("desks-over-promise", &pair(sum, promise.value).as_pairs());
        found.extend(span.map(|span| (span, complaint)));
    }
    found
}

/// What a rule says, and what it may say at most.
struct Pair {
    own: String,
    most: String,
}

fn pair(own: u32, most: u32) -> Pair {
    Pair { own: own.to_string(), most: most.to_string() }
}

impl Pair {
    fn as_pairs(&self) -> [(&'static str, &str); 2] {
        [("own", &self.own), ("most", &self.most)]
    }
}

/// A worker is let onto a site as he is registered: a desk in between would lose the team he came with.
fn desk_at_the_gate(
    policy: &Policy,
    pack: &Pack,
    (book, case): (&Rulebook, &RuleFacts<'_>),
) -> Option<(Span, Complaint)> {
    let on_project = book.known.types.get(case.type_key).is_some_and(|known| known.on_project);
    let stages = policy.stages.nearest(case);
    if !on_project || case.act != Act::Register || stages.value == Stages::None {
        return None;
    }
    let span = place_of(&pack.rules.stages, stages)?;
    let what = format!("a desk would stand between a worker and the site he is let onto ({})", describe(case));
    Some((span, Complaint::new(what, "leave the registration of this type at stages `none`")))
}

fn describe(case: &RuleFacts<'_>) -> String {
    let mut words = vec![case.type_key, case.act.key(), case.applicant.key()];
    words.extend(case.reason);
    words.extend(case.facts.iter().map(|fact| fact.key()));
    words.join(" ")
}

/// Where the first of these entries that belongs to the pack stands in it.
fn pin(pack: &Pack, entries: &[&Entry<u32>]) -> Option<Span> {
    entries.iter().find_map(|entry| pack.rules.days.values().find_map(|list| place_of(list, entry)))
}

fn place_of<T>(list: &[Placed<T>], entry: &Entry<T>) -> Option<Span> {
    list.iter().find(|placed| std::ptr::eq(&*placed.entry, entry)).map(|placed| placed.span)
}

/// Materials of this pack that take what the region does not.
fn uploads(policy: &Policy, pack: &Pack) -> Vec<(Span, Complaint)> {
    let region = policy.upload();
    let mut found = Vec::new();
    for Placed { span, entry } in &pack.rules.materials {
        let material = &entry.value;
        if let Some(kind) = material.accepts.iter().find(|kind| !region.kinds.contains(kind)) {
            let what = format!("`{}` takes {}, the region does not", material.key, kind.key());
            found.push((*span, Complaint::new(what, "take it out of `accepts`, or add it to upload.kinds")));
        }
        if material.max_bytes.is_some_and(|bytes| bytes > region.max_bytes) {
            let what = format!("`{}` takes larger files than the region", material.key);
            let mend = format!("give max-bytes at most {}", region.max_bytes);
            found.push((*span, Complaint::new(what, mend)));
        }
    }
    found
}
