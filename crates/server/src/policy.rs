//! `banjie policy`: checks rules, explains them, and shows what a change would change.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use anyhow::{Context as _, ensure};
use banjie_app::rules::{Rules, simulate};
use banjie_domain::clock::legal_date;
use banjie_domain::policy::{CaseKind, Change, Explained, RuleFacts, diff};
use banjie_store::db::Schema;
use jiff::civil::Date;
use serde_json::Value;

use crate::arguments::{Options, PolicyCommand, Question};
use crate::open::{now, open};

/// Does what was asked.
pub fn run(command: &PolicyCommand) -> anyhow::Result<()> {
    match command {
        PolicyCommand::Check(folder) => check(folder),
        PolicyCommand::Explain(question, options) => explain(question, options),
        PolicyCommand::Diff(folder, on, options) => compare(folder, *on, options),
        PolicyCommand::Simulate(folder, on, options) => try_out(folder, *on, options),
    }
}

/// Prints a line. Who closes the pipe has read enough.
fn say(line: std::fmt::Arguments<'_>) -> anyhow::Result<()> {
    match writeln!(std::io::stdout(), "{line}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        done => Ok(done?),
    }
}

fn check(folder: &Path) -> anyhow::Result<()> {
    let rules = Rules::checked(folder)?;
    let regions = rules.regions(legal_date(now())).regions().count();
    say(format_args!(
        "the rules of {regions} regions in `{}` hold together, and their examples come out",
        folder.display()
    ))?;
    Ok(())
}

fn rules(options: &Options) -> anyhow::Result<Rules> {
    match &options.policies {
        Some(folder) => Rules::from_folder(folder),
        None => Rules::built_in(),
    }
}

fn explain(question: &Question, options: &Options) -> anyhow::Result<()> {
    let rules = rules(options)?;
    let kind = rules.types.get(&question.type_key).with_context(|| format!("no type `{}`", question.type_key))?;
    ensure!(kind.all_acts().contains(&question.act), "`{}` is no act of `{}`", question.act.key(), kind.key());
    let fits = |code: &str| kind.reason(code).is_some_and(|reason| reason.act == question.act);
    ensure!(question.reason.as_deref().is_none_or(fits), "this reason does not lead to this act");
    let on = question.on.unwrap_or_else(|| legal_date(now()));
    let policy = rules.policy(question.region.as_str(), on).map_err(|error| anyhow::anyhow!("{error}"))?;
    let region = policy.region();
    say(format_args!("{} {} · {on} · {}", region.code, region.name.zh, region.status.key()))?;
    if region.code != question.region {
        say(format_args!("{} has no rules of its own and inherits these", question.region))?;
    }
    let case = RuleFacts {
        type_key: &question.type_key,
        act: question.act,
        reason: question.reason.as_deref(),
        applicant: question.applicant,
        facts: &question.facts,
    };
    for one in policy.explain(&case) {
        say(format_args!("{}", told(&one)))?;
    }
    Ok(())
}

/// One value with where it comes from, and below it what gives way to it or adds to it.
fn told(one: &Explained) -> String {
    let until = one.until.map_or_else(String::new, |until| format!(" to {until}"));
    let mut lines = vec![format!(
        "\n{} = {}\n  {} · {} · from {}{until}",
        one.key,
        shown(&one.value),
        one.from_region,
        one.basis,
        one.from
    )];
    lines.extend(one.overrides.iter().map(|other| {
        let value = shown(&other.value);
        format!("  beside it: {value} · {} · {}", other.region, other.basis)
    }));
    lines.join("\n")
}

/// A value short enough for a line: of a material or an office what it is called.
fn shown(value: &Value) -> String {
    let name = |field: &str| value.get(field).and_then(|text| text.get("zh-CN").or(Some(text))).and_then(Value::as_str);
    match (name("label").or_else(|| name("name")), value) {
        (Some(name), _) => {
            let need = if value.get("waived").is_some() { Some("waived") } else { name_of(value, "need") };
            need.map_or_else(|| name.to_owned(), |need| format!("{name} ({need})"))
        }
        (None, Value::String(text)) => text.clone(),
        (None, other) => other.to_string(),
    }
}

fn name_of<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field).and_then(Value::as_str)
}

fn compare(folder: &Path, on: Option<Date>, options: &Options) -> anyhow::Result<()> {
    let (old, new) = (rules(options)?, Rules::from_folder(folder)?);
    let on = on.unwrap_or_else(|| legal_date(now()));
    let changes = diff(&old.regions(on), &new.regions(on), on);
    for change in &changes {
        say(format_args!("{}\n", changed(change)))?;
    }
    say(format_args!("{} change(s) on {on}", changes.len()))?;
    Ok(())
}

fn changed(change: &Change) -> String {
    let value = |value: &Option<Value>| value.as_ref().map_or_else(|| "—".to_owned(), shown);
    let (mut old, mut new) = (value(&change.old), value(&change.new));
    if old == new {
        // The names are the same and the texts differ.
        let whole = |value: &Option<Value>| value.as_ref().map_or_else(|| "—".to_owned(), Value::to_string);
        (old, new) = (whole(&change.old), whole(&change.new));
    }
    let regions: Vec<&str> = change.regions.iter().map(|region| region.as_str()).collect();
    format!("{}: {old} → {new}\n  in {}\n  for {}", change.key, regions.join(" "), kinds(&change.cases))
}

/// Kinds of case by type and act, each with who asks and why.
fn kinds(cases: &BTreeSet<CaseKind>) -> String {
    let mut by_act: BTreeMap<String, (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
    // What differs without any fact differs with each of them: then the facts need not be told.
    let plain = cases.iter().any(|case| case.fact.is_none());
    for case in cases.iter().filter(|case| !plain || case.fact.is_none()) {
        let fact = case.fact.map_or_else(String::new, |fact| format!(" when {}", fact.key()));
        let place = by_act.entry(format!("{} {}{fact}", case.type_key, case.act.key())).or_default();
        place.0.insert(case.applicant.key());
        place.1.insert(case.reason.as_deref().unwrap_or("*"));
    }
    let line = |(act, (applicants, reasons)): (&String, &(BTreeSet<&str>, BTreeSet<&str>))| {
        let list = |words: &BTreeSet<&str>| words.iter().copied().collect::<Vec<_>>().join(",");
        // Before a reason is chosen the rules are the same as for any: then the reasons need not be listed.
        let reasons = if reasons.contains("*") { String::new() } else { format!(" [{}]", list(reasons)) };
        format!("{act} by {}{reasons}", list(applicants))
    };
    by_act.iter().map(line).collect::<Vec<_>>().join("; ")
}

fn try_out(folder: &Path, on: Option<Date>, options: &Options) -> anyhow::Result<()> {
    let new = Rules::from_folder(folder)?;
    let app = open(options, Schema::MustMatch)?;
    let on = on.unwrap_or_else(|| app.today());
    // What administrators signed stands before the files on both sides: it is not what the folder changes.
    let signed = app.rules.signed();
    if !signed.is_empty() {
        let regions: Vec<_> = signed.iter().map(|one| format!("{} from {}", one.region, one.from)).collect();
        say(format_args!("signed changes stand before the files: {}", regions.join(", ")))?;
    }
    new.follow(signed, app.today()).map_err(|flaws| {
        let lines: Vec<_> = flaws.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("the folder and the signed changes do not fit together:\n{}", lines.join("\n"))
    })?;
    let trial = simulate(&app, &new, on)?;
    for one in &trial.differs {
        let differences: Vec<_> = one.differences.iter().map(ToString::to_string).collect();
        say(format_args!("{}  {}", one.number, differences.join("; ")))?;
    }
    say(format_args!(
        "{} of {} recorded cases would go differently under the rules of {on}",
        trial.differs.len(),
        trial.cases
    ))?;
    for (what, count) in trial.counts() {
        say(format_args!("  {what}: {count}"))?;
    }
    Ok(())
}
