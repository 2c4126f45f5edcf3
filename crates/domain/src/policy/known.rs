//! The names a pack may use, and the reading of a condition against them.
//!
//! A condition that can never be true is refused: it would be a rule that looks as if it protected somebody.

use crate::registration_type::{RegistrationType, TypeBook, UniqueBy};
use std::collections::{BTreeMap, BTreeSet};

use toml_span::value::Value;

use crate::act::{Act, ApplicantKind};

use super::condition::{Condition, Fact};
use super::read::{Complaint, Reading};

/// What the type files define.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownNames {
    /// By type key.
    pub types: BTreeMap<String, KnownType>,
}

/// One registration type, as far as rules may speak of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownType {
    /// What can be asked about such a registration.
    pub acts: BTreeSet<Act>,
    /// Reason codes, each with the act it leads to.
    pub reasons: BTreeMap<String, Act>,
    /// Whether such a registration is bound to a building project, and its worker let in as it is made.
    pub on_project: bool,
}

impl KnownNames {
    /// The types a condition may concern: all, or the one it names.
    fn types<'a>(&'a self, key: Option<&'a str>) -> impl Iterator<Item = &'a KnownType> {
        self.types.iter().filter(move |(name, _)| key.is_none_or(|key| key == name.as_str())).map(|(_, known)| known)
    }
}

/// Reads `for = { … }`.
pub(super) fn condition<'a>(reading: &mut Reading<'a>, value: &Value<'a>, known: &KnownNames) -> Option<Condition> {
    let fields = reading.table(value, &["type", "act", "reasons", "applicant", "facts"])?;
    let before = reading.errors.len();
    let type_key = fields.maybe(reading, "type", |reading, value| type_key(reading, value, known));
    let acts = fields.maybe(reading, "act", |reading, value| one_or_more(reading, value, &Act::ALL, Act::key));
    let applicants = fields.maybe(reading, "applicant", |reading, value| {
        one_or_more(reading, value, &ApplicantKind::ALL, ApplicantKind::key)
    });
    let acts = acts.unwrap_or_default();
    for act in &acts {
        if !known.types(type_key.as_deref()).any(|known| known.acts.contains(act))
            && let Some(place) = fields.raw("act")
        {
            let whose = type_key.as_deref().map_or_else(|| "any type".to_owned(), |key| format!("type `{key}`"));
            let what = format!("this can never be true: `{}` is not an act of {whose}", act.key());
            reading.complain(place.span, what, "name an act of the type file, or leave `act` out");
        }
    }
    let reasons = match fields.raw("reasons") {
        None => BTreeSet::new(),
        Some(list) => reasons(reading, list, known, (type_key.as_deref(), &acts)),
    };
    let facts = fields.maybe(reading, "facts", |reading, value| reading.words(value, &Fact::ALL, Fact::key));
    (reading.errors.len() == before).then_some(Condition {
        type_key,
        acts,
        reasons,
        applicants: applicants.unwrap_or_default(),
        facts: facts.unwrap_or_default(),
    })
}

fn type_key(reading: &mut Reading<'_>, value: &Value<'_>, known: &KnownNames) -> Option<String> {
    let key = reading.text(value)?;
    if !known.types.contains_key(key) {
        let names: Vec<&str> = known.types.keys().map(String::as_str).collect();
        let all = names.join(", ");
        let complaint = Complaint::new(format!("there is no type `{key}`"), format!("use one of: {all}"));
        reading.complain_of(value.span, complaint.coded("no-such-word", &[("all", &all)]));
        return None;
    }
    Some(key.to_owned())
}

fn reasons<'a>(
    reading: &mut Reading<'a>,
    value: &Value<'a>,
    known: &KnownNames,
    (type_key, acts): (Option<&str>, &BTreeSet<Act>),
) -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    let Some(list) = reading.list(value) else {
        return codes;
    };
    for item in list {
        let Some(code) = reading.text(item) else { continue };
        let led: Vec<Act> = known.types(type_key).filter_map(|known| known.reasons.get(code).copied()).collect();
        if led.is_empty() {
            let whose = type_key.unwrap_or("any type");
            let what = format!("there is no reason `{code}` in {whose}");
            let complaint = Complaint::new(what, "use a code of the type file, in quotes");
            reading.complain_of(item.span, complaint.coded("no-reason", &[("code", code)]));
        } else if !acts.is_empty() && !led.iter().any(|act| acts.contains(act)) {
            let led: Vec<&str> = led.iter().map(|act| act.key()).collect();
            reading.complain(
                item.span,
                format!("this can never be true: reason `{code}` leads to `{}`", led.join("`, `")),
                "take the code out of the list, or change `act`",
            );
        }
        codes.insert(code.to_owned());
    }
    codes
}

/// One word of a closed list, or a list of such words.
fn one_or_more<'a, T: Copy + Ord>(
    reading: &mut Reading<'a>,
    value: &Value<'a>,
    known: &[T],
    key: impl Fn(T) -> &'static str + Copy,
) -> Option<BTreeSet<T>> {
    if value.as_str().is_some() {
        return reading.word(value, known, key).map(|one| BTreeSet::from([one]));
    }
    reading.words(value, known, key)
}

impl From<&TypeBook> for KnownNames {
    fn from(book: &TypeBook) -> Self {
        let known = |kind: &RegistrationType| {
            let reasons = kind.reasons().iter().map(|reason| (reason.code.clone(), reason.act)).collect();
            (
                kind.key().to_owned(),
                KnownType { acts: kind.all_acts(), reasons, on_project: kind.unique().contains(&UniqueBy::Project) },
            )
        };
        Self { types: book.all().map(known).collect() }
    }
}
