//! The region packs from day to day: the files, and over them the changes that administrators signed, each from its day.
//!
//! A change takes the place of a region's whole pack. What came before its day is not touched, so no rule changes
//! under a day that has begun, and a case keeps the rules it was filed under.

use std::sync::Arc;

use banjie_domain::policy::{KnownNames, PolicyError, RegionCode, Rulebook, SourceFile};
use jiff::civil::Date;

use super::resolved::Memory;

/// A region's pack that administrators put in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedChange {
    /// The region.
    pub region: RegionCode,
    /// Its pack, whole.
    pub text: String,
    /// The first day of it.
    pub from: Date,
}

/// The packs from one day until the next age begins.
pub(super) struct Age {
    pub(super) from: Date,
    pub(super) files: Vec<SourceFile>,
    pub(super) book: Arc<Rulebook>,
    pub(super) resolved: Memory,
}

/// All ages, one after the other. The first has no beginning.
pub(super) struct Ages {
    base: Vec<SourceFile>,
    signed: Vec<SignedChange>,
    known: KnownNames,
    first: Age,
    later: Vec<Age>,
}

/// Where the pack of a region lies among the rule files.
#[must_use]
pub fn pack_path(region: &RegionCode) -> String {
    format!("regions/{region}/policy.toml")
}

impl Ages {
    /// The files alone.
    pub(super) fn of_files(base: Vec<SourceFile>, known: &KnownNames) -> Result<Self, Vec<PolicyError>> {
        let first = age(Date::MIN, base.clone(), known)?;
        Ok(Self { base, signed: Vec::new(), known: known.clone(), first, later: Vec::new() })
    }

    /// The same signed changes over other files.
    pub(super) fn on_other_files(&self, base: Vec<SourceFile>, today: Date) -> Result<Self, Vec<PolicyError>> {
        build(base, self.signed.clone(), &self.known, today)
    }

    /// Other signed changes over the same files.
    pub(super) fn with_signed(&self, signed: Vec<SignedChange>, today: Date) -> Result<Self, Vec<PolicyError>> {
        build(self.base.clone(), signed, &self.known, today)
    }

    pub(super) const fn signed(&self) -> &Vec<SignedChange> {
        &self.signed
    }

    /// The age a day lies in.
    pub(super) fn on(&self, day: Date) -> &Age {
        self.later.iter().rfind(|age| age.from <= day).unwrap_or(&self.first)
    }

    /// The text of a region's pack on a day.
    pub(super) fn text(&self, region: &RegionCode, on: Date) -> Option<&str> {
        let path = pack_path(region);
        self.on(on).files.iter().find(|file| file.path == path).map(|file| file.text.as_str())
    }
}

fn age(from: Date, files: Vec<SourceFile>, known: &KnownNames) -> Result<Age, Vec<PolicyError>> {
    let book = Arc::new(Rulebook::parse(&files, known)?);
    Ok(Age { from, files, book, resolved: Memory::default() })
}

/// Ages that are over are not kept apart: a case has its own rules, and no page asks for those of a past day.
fn build(
    base: Vec<SourceFile>,
    signed: Vec<SignedChange>,
    known: &KnownNames,
    today: Date,
) -> Result<Ages, Vec<PolicyError>> {
    let mut in_order: Vec<&SignedChange> = signed.iter().collect();
    in_order.sort_by_key(|change| change.from);
    let (past, ahead): (Vec<_>, Vec<_>) = in_order.into_iter().partition(|change| change.from <= today);
    let mut files = base.clone();
    past.into_iter().for_each(|change| replace(&mut files, change));
    let first = age(Date::MIN, files.clone(), known)?;
    let mut later = Vec::new();
    for day in ahead.chunk_by(|one, next| one.from == next.from) {
        day.iter().for_each(|change| replace(&mut files, change));
        if let Some(change) = day.first() {
            later.push(age(change.from, files.clone(), known)?);
        }
    }
    Ok(Ages { base, signed, known: known.clone(), first, later })
}

fn replace(files: &mut Vec<SourceFile>, change: &SignedChange) {
    let (path, text) = (pack_path(&change.region), change.text.clone());
    match files.iter_mut().find(|file| file.path == path) {
        Some(file) => file.text = text,
        None => files.push(SourceFile { path, text }),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::rules::Rules;

    const TODAY: Date = date(2026, 3, 10);

    fn change(from: Date, phone: &str) -> SignedChange {
        let region = RegionCode::parse("330106").unwrap();
        let pack = Rules::built_in().unwrap().pack_text(&region, TODAY).unwrap();
        SignedChange { region, text: pack.replacen("phone = \"0571-12333\"", &format!("phone = \"{phone}\""), 1), from }
    }

    fn phone(rules: &Rules, on: Date) -> String {
        rules.policy("330106", on).unwrap().office().phone.clone()
    }

    #[test]
    fn a_change_is_in_force_from_its_day_and_the_next_one_from_its_own() {
        let rules = Rules::built_in().unwrap();
        let (april, may) = (date(2026, 4, 1), date(2026, 5, 1));
        let signed = vec![change(may, "0571-2"), change(april, "0571-1")];
        assert_eq!(rules.follow(signed.clone(), TODAY), Ok(true));
        assert_eq!(rules.follow(signed.clone(), TODAY), Ok(false), "nothing new");
        let told = [date(2026, 3, 31), april, date(2026, 4, 30), may].map(|day| phone(&rules, day));
        assert_eq!(told, ["0571-12333", "0571-1", "0571-1", "0571-2"]);
        let restarted = Rules::built_in().unwrap();
        restarted.follow(signed, may).unwrap();
        assert_eq!(phone(&restarted, may), "0571-2");
        rules.follow(Vec::new(), TODAY).unwrap();
        assert_eq!(phone(&rules, may), "0571-12333", "withdrawn");
    }

    #[test]
    fn a_change_that_is_not_sound_with_the_others_leaves_the_rules_as_they_are() {
        let rules = Rules::built_in().unwrap();
        let mut broken = change(date(2026, 4, 1), "0571-1");
        broken.text = broken.text.replacen("parent = \"330100\"", "parent = \"999999\"", 1);
        let flaws = rules.follow(vec![broken], TODAY).unwrap_err();
        assert!(flaws.iter().any(|flaw| flaw.path == "regions/330106/policy.toml" && flaw.line == 5), "{flaws:?}");
        assert_eq!(phone(&rules, date(2026, 4, 1)), "0571-12333");
    }
}
