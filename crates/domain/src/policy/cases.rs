//! `cases.toml` beside each pack: examples a civil servant can read, "given this case, expect that value".
//!
//! They are run against the resolved rules, by the tests and by `banjie policy check`. Only what an example names is
//! compared.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde_json::{Map, Value as Json};
use toml_span::value::{Value, ValueInner};

use crate::act::{Act, ApplicantKind};

use super::condition::{Fact, RuleFacts};
use super::explain::Explained;
use super::pack::{in_folder_of, region_code};
use super::read::{Fields, PolicyError, Reading, SourceFile};
use super::region::RegionCode;
use super::resolve::{Missing, Policy};
use super::rulebook::{Rulebook, file_name};
use super::schema::RuleKey;

/// Words of `expect` that are no rule keys: what the rules come to for a person.
const OUTCOMES: [&str; 5] = ["materials", "required", "groups", "may-file", "office"];

/// Runs every example of every `cases.toml` among the files whose day is not before `from`, and gives what does not come
/// out as expected.
#[must_use]
pub fn check_cases(book: &Rulebook, files: &[SourceFile], from: Date) -> Vec<PolicyError> {
    let mut errors = Vec::new();
    for file in files.iter().filter(|file| file_name(file) == "cases.toml") {
        let mut reading = Reading::new(file);
        // A file that cannot be read has been complained about.
        let _ = check_file(&mut reading, book, from);
        errors.append(&mut reading.errors);
    }
    errors.sort();
    errors
}

fn check_file(reading: &mut Reading<'_>, book: &Rulebook, from: Date) -> Option<()> {
    let toml = reading.toml()?;
    let fields = reading.table(&toml, &["region", "case"])?;
    let region = fields.need(reading, "region", region_code)?;
    if !in_folder_of(reading.file, &region) {
        reading.complain(fields.span, "these examples lie in the folder of another region", "correct `region`");
    }
    for value in fields.tables(reading, "case") {
        let _ = check_case(reading, value, book, (&region, from));
    }
    Some(())
}

fn check_case<'a>(
    reading: &mut Reading<'a>,
    value: &Value<'a>,
    book: &Rulebook,
    (region, from): (&RegionCode, Date),
) -> Option<()> {
    let fields = reading.table(value, &["name", "given", "expect"])?;
    let name = fields.need(reading, "name", Reading::text)?;
    let given = fields.need(reading, "given", |reading, value| given(reading, value, book))?;
    let expect = fields.need(reading, "expect", |_, value| Some(value))?;
    if given.on < from {
        return Some(());
    }
    let policy = match book.resolve(region, given.on) {
        Ok(policy) => policy,
        Err(none) => {
            reading.complain(value.span, format!("{name}: {none}"), "choose a day on which the packs are in force");
            return None;
        }
    };
    let Some(table) = expect.as_table().filter(|table| !table.is_empty()) else {
        reading.complain(expect.span, format!("{name}: nothing is expected"), "name at least one key");
        return None;
    };
    let results = Results::of(&policy, &given.facts());
    for (key, wanted) in table {
        let key = key.name.as_ref();
        let Some((found, because)) = results.look_up(key) else {
            let mend = format!("use a rule key, or one of: {}", OUTCOMES.join(", "));
            reading.complain(wanted.span, format!("{name}: `{key}` is not known"), mend);
            continue;
        };
        if !same(&json(wanted), found) {
            let what = format!("{name}: `{key}` comes out as {found} ({because})");
            reading.complain(wanted.span, what, "correct the rule, or the example if the rule is right");
        }
    }
    Some(())
}

/// The case an example describes.
struct Given {
    type_key: String,
    act: Act,
    reason: Option<String>,
    applicant: ApplicantKind,
    facts: BTreeSet<Fact>,
    on: Date,
}

impl Given {
    fn facts(&self) -> RuleFacts<'_> {
        RuleFacts {
            type_key: &self.type_key,
            act: self.act,
            reason: self.reason.as_deref(),
            applicant: self.applicant,
            facts: &self.facts,
        }
    }
}

fn given<'a>(reading: &mut Reading<'a>, value: &Value<'a>, book: &Rulebook) -> Option<Given> {
    let fields: Fields<'_, 'a> = reading.table(value, &["type", "act", "reason", "applicant", "facts", "on"])?;
    let type_key = fields.need(reading, "type", Reading::text);
    let act = fields.need(reading, "act", |reading, value| reading.word(value, &Act::ALL, Act::key));
    let reason = fields.maybe(reading, "reason", Reading::text);
    let applicant = fields
        .need(reading, "applicant", |reading, value| reading.word(value, &ApplicantKind::ALL, ApplicantKind::key));
    let facts = fields.maybe(reading, "facts", |reading, value| reading.words(value, &Fact::ALL, Fact::key));
    let on = fields.need(reading, "on", Reading::date);
    let (type_key, act) = (type_key?, act?);
    let known = book.known.types.get(type_key);
    let fits = known.is_some_and(|known| {
        known.acts.contains(&act) && reason.is_none_or(|code| known.reasons.get(code) == Some(&act))
    });
    if !fits {
        reading.complain(value.span, "there is no such case", "name a type, an act of it and a reason of that act");
        return None;
    }
    Some(Given {
        type_key: type_key.to_owned(),
        act,
        reason: reason.map(str::to_owned),
        applicant: applicant?,
        facts: facts.unwrap_or_default(),
        on: on?,
    })
}

/// What the rules come to, by the words an example may use.
struct Results(BTreeMap<String, (Json, String)>);

impl Results {
    fn of(policy: &Policy, case: &RuleFacts<'_>) -> Self {
        let explained = policy.explain(case);
        let rules = explained.into_iter().filter(|one| RuleKey::parse(&one.key).is_some());
        let mut all: BTreeMap<String, (Json, String)> = rules
            .map(|Explained { key, value, from_region, basis, .. }| (key, (value, format!("{from_region}: {basis}"))))
            .collect();
        let materials = policy.materials(case);
        let keys = |words: Vec<&str>| Json::from(words);
        let asked = keys(materials.iter().map(|one| one.value.key.as_str()).collect());
        let nothing = BTreeSet::new();
        let missing = policy.missing(case, &nothing);
        let required = keys(
            missing
                .iter()
                .map(|one| match one {
                    Missing::Material(material) => material.key.as_str(),
                    Missing::OneOf(group) => group.key.as_str(),
                })
                .collect(),
        );
        let groups = keys(policy.groups(case).iter().map(|one| one.value.key.as_str()).collect());
        for (word, value) in [("materials", asked), ("required", required), ("groups", groups)] {
            all.insert(word.to_owned(), (value, "materials of the packs".to_owned()));
        }
        let who = policy.who_may_file(case);
        let may = who.value.contains(&case.applicant);
        all.insert("may-file".to_owned(), (Json::Bool(may), format!("{}: {}", who.rule.region, who.rule.basis)));
        let office = Json::from(policy.office().name.zh.as_str());
        all.insert("office".to_owned(), (office, "the nearest office".to_owned()));
        Self(all)
    }

    fn look_up(&self, word: &str) -> Option<(&Json, &str)> {
        self.0.get(word).map(|(value, because)| (value, because.as_str()))
    }
}

/// Equal, where the order of a list does not matter and a table may name only some fields.
fn same(wanted: &Json, found: &Json) -> bool {
    match (wanted, found) {
        (Json::Array(wanted), Json::Array(found)) => {
            wanted.len() == found.len() && wanted.iter().all(|one| found.contains(one))
        }
        (Json::Object(wanted), Json::Object(found)) => {
            wanted.iter().all(|(key, wanted)| found.get(key).is_some_and(|found| same(wanted, found)))
        }
        _ => wanted == found,
    }
}

fn json(value: &Value<'_>) -> Json {
    match value.as_ref() {
        ValueInner::String(text) => Json::from(text.as_ref()),
        ValueInner::Integer(number) => Json::from(*number),
        ValueInner::Float(number) => Json::from(*number),
        ValueInner::Boolean(flag) => Json::from(*flag),
        ValueInner::Array(list) => list.iter().map(json).collect(),
        ValueInner::Table(table) => {
            table.iter().map(|(key, value)| (key.name.to_string(), json(value))).collect::<Map<_, _>>().into()
        }
    }
}
