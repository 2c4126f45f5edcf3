//! How packs meet: parents, rules that collide inside one pack, and what a region may not do to the rules above it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use toml_span::Span;

use super::condition::Condition;
use super::entry::Entry;
use super::material::Within;
use super::pack::{Pack, Placed, Rules};
use super::read::{Complaint, PolicyError, SourceFile};
use super::region::RegionCode;
use super::rulebook::chain;
use super::schema::{Merge, RuleKey};

type Packs = BTreeMap<RegionCode, Pack>;
type Sources<'a> = BTreeMap<RegionCode, &'a SourceFile>;

/// An entry without its value: enough to compare it with others of its key.
struct Outline<'a> {
    key: &'a str,
    when: &'a Condition,
    from: Date,
    until: Option<Date>,
    span: Span,
    /// The value, when it is a number that may only move one way.
    number: Option<u32>,
}

impl<'a> Outline<'a> {
    fn of<T>(placed: &'a Placed<T>, number: impl Fn(&T) -> Option<u32>) -> Self {
        let Entry { when, value, rule, from, until } = &*placed.entry;
        Self { key: &rule.key, when, from: *from, until: *until, span: placed.span, number: number(value) }
    }

    fn last(&self) -> Date {
        self.until.unwrap_or(Date::MAX)
    }

    fn shares_a_day(&self, other: &Self) -> bool {
        self.from <= other.last() && other.from <= self.last()
    }

    /// Whether this one, in the same pack, stands before `other` wherever `narrow` applies.
    fn hides(&self, other: &Self, narrow: &Self) -> bool {
        self.when.specificity() > other.when.specificity()
            && self.when.covers(narrow.when)
            && self.from <= other.from.max(narrow.from)
            && self.last() >= other.last().min(narrow.last())
    }
}

/// Checks all packs against each other.
pub(super) fn check(packs: &Packs, sources: &Sources<'_>) -> Vec<PolicyError> {
    let mut errors = Vec::new();
    for (code, pack) in packs {
        if let Some(complaint) = parent(packs, pack) {
            report(&mut errors, sources, code, (pack.parent_span, complaint));
        }
    }
    if !errors.is_empty() {
        return errors;
    }
    let outlines: BTreeMap<&RegionCode, _> = packs.iter().map(|(code, pack)| (code, outlines(&pack.rules))).collect();
    for (code, pack) in packs {
        let Some(own) = outlines.get(code) else { continue };
        let mut found = Vec::new();
        for list in own.values() {
            collisions(list, &mut found);
        }
        for above in chain(packs, code).into_iter().skip(1) {
            if let Some(theirs) = outlines.get(&above.region.code) {
                bound_by(own, theirs, &above.region.code, &mut found);
            }
        }
        if pack.region.parent.is_none() {
            completeness(own, pack.region_span, &mut found);
        }
        unknown_groups(packs, pack, &mut found);
        for complaint in found {
            report(&mut errors, sources, code, complaint);
        }
    }
    errors
}

pub(super) fn report(
    errors: &mut Vec<PolicyError>,
    sources: &Sources<'_>,
    code: &RegionCode,
    (span, complaint): (Span, Complaint),
) {
    errors.extend(sources.get(code).map(|file| file.error(span, complaint)));
}

fn parent(packs: &Packs, pack: &Pack) -> Option<Complaint> {
    let mut next = pack.region.parent.as_ref();
    let own = &pack.region.code;
    if let Some(unknown) = next.filter(|parent| !packs.contains_key(*parent)) {
        let mend = "add its pack, or name another region that has one";
        let complaint = Complaint::new(format!("the parent {unknown} has no pack"), mend);
        return Some(complaint.coded("no-parent", &[("region", unknown.as_str())]));
    }
    let mut path = vec![own.as_str()];
    while let Some(parent) = next {
        path.push(parent.as_str());
        if parent == own {
            let what = format!("the parents go round in a circle: {}", path.join(" → "));
            return Some(Complaint::new(what, "correct `parent`; the pack at the top has none"));
        }
        // A circle further up is complained about where it is.
        if path.len() > packs.len() {
            return None;
        }
        next = packs.get(parent).and_then(|pack| pack.region.parent.as_ref());
    }
    None
}

/// Two entries of one key in one pack that a case could meet on one day, with nothing to say which one wins.
fn collisions(list: &[Outline<'_>], found: &mut Vec<(Span, Complaint)>) {
    for (index, later) in list.iter().enumerate() {
        let collides = |earlier: &&Outline<'_>| {
            earlier.when.specificity() == later.when.specificity()
                && earlier.when.meets(later.when)
                && earlier.shares_a_day(later)
        };
        if let Some(earlier) = list.iter().take(index).find(collides) {
            let both = earlier.from.max(later.from);
            found.push((
                later.span,
                Complaint::new(
                    format!("`{}` is given twice for the same case and the same day, {both}", later.key),
                    "end the earlier one with `until`, or make one `for` narrower than the other",
                )
                .coded("twice", &[]),
            ));
        }
    }
}

type Outlines<'a> = BTreeMap<&'a str, Vec<Outline<'a>>>;

/// What the rules of a region above forbid in this pack.
fn bound_by(own: &Outlines<'_>, above: &Outlines<'_>, region: &RegionCode, found: &mut Vec<(Span, Complaint)>) {
    for (key, list) in own {
        let Some(theirs) = above.get(key) else { continue };
        let (direction, worse): (_, fn(u32, u32) -> bool) = match RuleKey::parse(key).map(RuleKey::merge) {
            Some(Merge::Shorten) => ("longer", |own, above| own > above),
            Some(Merge::Lengthen) => ("shorter", |own, above| own < above),
            Some(Merge::Locked) => {
                let what = format!("`{key}` is set by {region} and cannot be changed below it");
                let complaint =
                    Complaint::new(what, "take the rule out").coded("locked", &[("region", region.as_str())]);
                found.extend(list.iter().map(|own| (own.span, complaint.clone())));
                continue;
            }
            _ => continue,
        };
        for own in list {
            let binds = |one: &&Outline<'_>| {
                one.when.covers(own.when)
                    && one.shares_a_day(own)
                    && matches!((own.number, one.number), (Some(own), Some(above)) if worse(own, above))
                    && !theirs.iter().any(|other| other.hides(one, own))
            };
            if let Some((own_number, number)) = theirs.iter().find(binds).and_then(|one| own.number.zip(one.number)) {
                let what = format!("`{key}` = {own_number} is {direction} than the {number} of {region} above it");
                let mend = format!("a region may only improve on it for the citizen: give {number}, or take it out");
                let values = [("own", own_number.to_string()), ("number", number.to_string())];
                let [own_value, above] = values.each_ref().map(|(name, value)| (*name, value.as_str()));
                let complaint =
                    Complaint::new(what, mend).coded(direction, &[own_value, above, ("region", region.as_str())]);
                found.push((own.span, complaint));
            }
        }
    }
}

/// The pack at the top must answer every key, without condition and without gaps, or a case could meet no rule.
fn completeness(own: &Outlines<'_>, place: Span, found: &mut Vec<(Span, Complaint)>) {
    for key in RuleKey::all().map(RuleKey::key).chain(["office"]) {
        let mut always: Vec<&Outline<'_>> =
            own.get(key).into_iter().flatten().filter(|outline| outline.when.is_always()).collect();
        always.sort_by_key(|outline| outline.from);
        let Some(last) = always.last() else {
            let what = format!("the pack at the top has no `{key}` that holds for every case");
            found.push((place, Complaint::new(what, format!("add a rule `{key}` without `for`"))));
            continue;
        };
        if let Some(end) = last.until {
            let what = format!("`{key}` has no value after {end}");
            found.push((last.span, Complaint::new(what, "take `until` out, or add the rule that follows it")));
        }
        for (earlier, later) in always.iter().zip(always.iter().skip(1)) {
            if earlier.last().tomorrow().is_ok_and(|next| next < later.from) {
                let what = format!("`{key}` has no value between {} and {}", earlier.last(), later.from);
                found.push((later.span, Complaint::new(what, "let one rule end on the day before the other begins")));
            }
        }
    }
}

fn unknown_groups(packs: &Packs, pack: &Pack, found: &mut Vec<(Span, Complaint)>) {
    let chain = chain(packs, &pack.region.code);
    for material in &pack.rules.materials {
        let Some(group) = material.entry.value.group() else { continue };
        if !chain.iter().any(|pack| pack.rules.groups.iter().any(|known| known.entry.value.key == group)) {
            let what = format!("there is no group `{group}` here or above");
            let complaint = Complaint::new(what, format!("add a [[group]] with key = \"{group}\""));
            found.push((material.span, complaint.coded("no-group", &[("group", group)])));
        }
    }
}

/// All entries of a pack by key.
fn outlines(rules: &Rules) -> Outlines<'_> {
    let mut all = Vec::new();
    for list in rules.days.values() {
        all.extend(list.iter().map(|placed| Outline::of(placed, |days| Some(*days))));
    }
    all.extend(rules.extension.iter().map(|placed| Outline::of(placed, |days| Some(*days))));
    all.extend(plain(&rules.stages));
    all.extend(plain(&rules.cutoff));
    all.extend(plain(&rules.upload_max_bytes));
    all.extend(plain(&rules.upload_kinds));
    all.extend(plain(&rules.litigation));
    all.extend(plain(&rules.who_may_file));
    all.extend(plain(&rules.assurance));
    all.extend(plain(&rules.offices));
    all.extend(plain(&rules.materials));
    all.extend(plain(&rules.groups));
    all.extend(rules.review.iter().map(|placed| {
        Outline::of(placed, |remedy| match remedy.within {
            Within::Days(count) | Within::Months(count) => Some(count),
        })
    }));
    let mut by_key = Outlines::new();
    for outline in all {
        by_key.entry(outline.key).or_default().push(outline);
    }
    by_key
}

fn plain<T>(list: &[Placed<T>]) -> impl Iterator<Item = Outline<'_>> {
    list.iter().map(|placed| Outline::of(placed, |_| None))
}
