//! Trying changed rules on the cases that are recorded, before anybody signs them into force.
//!
//! Every case is held against the rules as they are and as they would be, on one and the same day; nothing is written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use banjie_domain::case::Case;
use banjie_domain::number::CaseNumber;
use banjie_domain::policy::{Days, Difference, Policy};
use banjie_store::cases::{self, CaseRow};
use banjie_store::people;
use jiff::civil::Date;

use crate::app::App;
use crate::error::{Outcome, fault};
use crate::query::declared::{declared, facts, rule_facts};
use crate::record;

use super::{Resolved, Rules};

const BATCH: u32 = 500;

/// One case that would go differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differs {
    /// Its number, grouped.
    pub number: String,
    /// What would be different.
    pub differences: Vec<Difference>,
}

/// What came of a trial.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trial {
    /// How many cases were tried.
    pub cases: u64,
    /// Those that would go differently.
    pub differs: Vec<Differs>,
}

impl Trial {
    /// How many cases differ in each respect.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for difference in self.differs.iter().flat_map(|one| &one.differences) {
            *counts.entry(difference.what).or_default() += 1;
        }
        counts
    }
}

/// Tries `new` on every recorded case, as if each had been filed under the rules of `on`.
///
/// # Errors
/// When a case cannot be read, or a region has no rules on that day.
pub fn simulate(app: &App, new: &Rules, on: Date) -> Outcome<Trial> {
    let mut trial = Trial::default();
    let mut policies = Policies { app, new, on, known: BTreeMap::new() };
    let mut after = String::new();
    loop {
        let from = after.clone();
        let rows = app.store.read(move |tx| cases::case_batch(tx, &from, BATCH))?;
        let Some(last) = rows.last() else { return Ok(trial) };
        after = last.id.to_string();
        for row in rows {
            trial.cases += 1;
            let differences = try_case(app, &mut policies, &row)?;
            if !differences.is_empty() {
                let number = CaseNumber::parse(&row.number).map_or(row.number, |number| number.grouped());
                trial.differs.push(Differs { number, differences });
            }
        }
    }
}

/// The rules of each region as they are and as they would be, each resolved once.
struct Policies<'a> {
    app: &'a App,
    new: &'a Rules,
    on: Date,
    known: BTreeMap<String, (Arc<Resolved>, Arc<Resolved>)>,
}

impl Policies<'_> {
    fn of(&mut self, region: &str) -> Outcome<&(Arc<Resolved>, Arc<Resolved>)> {
        if !self.known.contains_key(region) {
            let both = (self.app.rules.policy(region, self.on)?, self.new.policy(region, self.on)?);
            self.known.insert(region.to_owned(), both);
        }
        self.known.get(region).ok_or_else(|| fault("rules of a region"))
    }
}

fn try_case(app: &App, policies: &mut Policies<'_>, row: &CaseRow) -> Outcome<Vec<Difference>> {
    let region = app.office(&row.office)?.region;
    let (old, new) = policies.of(&region)?;
    if ***old == ***new {
        return Ok(Vec::new());
    }
    let (id, registration) = (row.id.clone(), row.registration.clone());
    let (case, employer) = app.store.read(move |tx| -> Outcome<_> {
        let case = record::case_past(tx, &id)?.ok_or_else(|| fault("a row without its history"))?.state;
        let registration = banjie_store::registrations::registration_find(tx, &registration)?;
        let employer = registration.and_then(|row| row.employer);
        Ok((case, employer.map(|id| people::employer_find(tx, &id)).transpose()?.flatten()))
    })?;
    let facts = facts(&declared(app, &case)?, employer.as_ref());
    let rule_facts = rule_facts(&case, &facts);
    let handed_in: BTreeSet<&str> = handed_in(&case);
    let days = Days { received_on: row.received_on, accepted_on: row.accepted_on };
    let calendar = app.rules.calendar_of(&region);
    let outcome = |policy: &Policy| policy.outcome(&rule_facts, &handed_in, (days, &calendar));
    Ok(outcome(old).differences(&outcome(new)))
}

fn handed_in(case: &Case) -> BTreeSet<&str> {
    case.file().evidence().iter().map(|file| file.material.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use banjie_store::test_support::each_database;

    use super::*;
    use crate::testing;
    use crate::usecase::story::story_in;

    /// The rules that ship, where the district asks for one more paper and decides a day sooner.
    fn changed() -> Rules {
        Rules::built_in_with("regions/330106/policy.toml", |pack| {
            let more = concat!(
                "\n[[rule]]\nkey = \"limit.promise\"\nvalue = 2\nfor = { act = \"end\", applicant = \"employer\" }\n",
                "basis = \"示例\"\n\n[[rule]]\nkey = \"limit.first\"\nvalue = 1\n",
                "for = { act = \"end\", applicant = \"employer\" }\nbasis = \"示例\"\n\n[[material]]\n",
                "key = \"handover-list\"\nlabel = \"工作交接单\"\nwhy = \"看清交接\"\nwhere = \"单位出具\"\n",
                "need = \"required\"\nfor = { type = \"employer\", act = \"end\", applicant = \"employer\" }\n",
                "signs = [\"双方签字\"]\nbasis = \"示例\"\n",
            );
            format!("{pack}{more}")
        })
        .unwrap()
    }

    #[test]
    fn recorded_cases_are_tried_on_changed_rules_and_only_what_differs_is_told() {
        each_database(|database| {
            let story = story_in(testing::app_on(database));
            story.asked();
            let today = story.app.today();
            assert_eq!(simulate(&story.app, &Rules::built_in().unwrap(), today).unwrap().differs, []);
            let trial = simulate(&story.app, &changed(), today).unwrap();
            assert_eq!(trial.cases, 2, "the registration that needed no desk is a case too");
            let told: Vec<Vec<String>> =
                trial.differs.iter().map(|one| one.differences.iter().map(ToString::to_string).collect()).collect();
            assert_eq!(
                told,
                [[
                    "asked: release-certificate → handover-list release-certificate",
                    "missing: — → handover-list",
                    "decide-by: 2026-03-20 → 2026-03-19"
                ]]
            );
            assert_eq!(trial.counts().get("missing"), Some(&1));
        });
    }
}
