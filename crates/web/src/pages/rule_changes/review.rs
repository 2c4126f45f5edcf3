//! One change: what it would do, tried on the recorded cases, and the second signature.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::{IntoResponse as _, Redirect, Response};
use banjie_app::app::App;
use banjie_app::error::Outcome;
use banjie_app::rules::Trial;
use banjie_app::usecase::rule_change::{self, DiffLine, Opened, Review, Stage};
use banjie_domain::actor::Principal;
use banjie_domain::id::RuleChangeId;
use banjie_domain::policy::{Change, Difference};
use banjie_domain::refusal::Refusal;
use serde_json::Value;

use super::{change_id, people, shell_of, status};
use crate::fail::Fail;
use crate::form::Fields;
use crate::pages::rule_words;
use crate::parts::{Note, Status, Tone};
use crate::run::{blocking, failed, refusal_words};
use crate::session::Staff;
use crate::shell::{Shell, page};
use crate::state::Web;

/// How many cases that would go differently are listed; the counts are of all.
const LISTED: usize = 50;

/// One value that would be another.
struct ChangeRow {
    label: String,
    old: String,
    new: String,
    regions: String,
    cases: String,
}

/// What came of the trial.
struct TrialPart {
    say: String,
    counts: Vec<String>,
    cases: Vec<(String, Vec<String>)>,
    more: Option<String>,
}

#[derive(Template)]
#[template(path = "pages/rule_changes/one.html")]
struct OnePage<'a> {
    shell: &'a Shell,
    id: String,
    version: u64,
    region: String,
    from: String,
    why: String,
    status: Status,
    people: Vec<String>,
    notes: Vec<Note>,
    changes: Vec<ChangeRow>,
    trial: Option<TrialPart>,
    lines: Vec<DiffLine>,
    body: String,
    may_edit: bool,
    may_try: bool,
    may_sign: bool,
    may_withdraw: bool,
    waits: bool,
    compared: bool,
}

/// GET /admin/rules/{id}; with `try=yes` the recorded cases are tried, and only then it can be signed.
pub(super) async fn show(
    State(web): State<Web>,
    staff: Staff,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Response, Fail> {
    let query = Fields::parse(uri.query().unwrap_or_default().as_bytes())?;
    let (who, id, shell) = (staff.0.signed.principal.clone(), change_id(&id)?, shell_of(&staff));
    let tried = query.text("try") == "yes";
    let read = blocking(&web.app, move |app| -> Outcome<_> {
        let opened = rule_change::open(app, &who, &id)?;
        // What is signed or withdrawn is not compared again: it would be with itself.
        let review = match opened.line.stage {
            Stage::Draft => Some(rule_change::review(app, &who, &id)?),
            _ => None,
        };
        let sound = review.as_ref().is_some_and(can_be_signed);
        let trial = (tried && sound).then(|| rule_change::trial(app, &who, &id)).transpose()?;
        Ok((opened, review, trial))
    })
    .await;
    let (opened, review, trial) = read.map_err(|error| failed(&shell, error))?;
    Ok(page(&one(&web, &shell, opened, review, trial.as_ref())))
}

fn one<'a>(web: &Web, shell: &'a Shell, opened: Opened, review: Option<Review>, trial: Option<&Trial>) -> OnePage<'a> {
    let line = &opened.line;
    let sound = review.as_ref().is_some_and(can_be_signed);
    let changes = review.as_ref().map(|review| review.changes.iter().map(|change| row(web, shell, change)).collect());
    OnePage {
        id: line.row.id.to_string(),
        version: line.row.version,
        region: line.region.clone(),
        from: shell.tongue.date(line.row.from),
        status: status(shell, line.stage),
        people: people(shell, line),
        notes: review.as_ref().map(|review| notes(shell, review)).unwrap_or_default(),
        changes: changes.unwrap_or_default(),
        trial: trial.map(|trial| trial_part(shell, trial, &called(shell, review.as_ref()))),
        may_edit: opened.own && line.stage == Stage::Draft,
        may_try: sound && trial.is_none(),
        may_sign: sound && trial.is_some() && !opened.own,
        may_withdraw: matches!(line.stage, Stage::Draft | Stage::Ahead),
        waits: sound && opened.own,
        compared: review.as_ref().is_some_and(|review| review.flaws.is_empty()),
        lines: rule_change::lines(&opened.line.row),
        why: opened.line.row.why,
        body: opened.line.row.body,
        shell,
    }
}

/// Whether nothing in the draft itself stands in the way of a signature.
fn can_be_signed(review: &Review) -> bool {
    review.flaws.is_empty() && review.obstacle.is_none()
}

fn notes(shell: &Shell, review: &Review) -> Vec<Note> {
    let mut notes = Vec::new();
    if !review.flaws.is_empty() {
        let lines = review.flaws.iter().map(|flaw| shell.tongue.problem(&flaw.problem));
        notes.push(Note::new(Tone::Zhu, shell.t("rule-change.flaws"), lines));
    }
    match &review.obstacle {
        Some(Refusal::Answers(found)) => {
            let lines = found.iter().map(|one| shell.tongue.problem(&one.problem));
            notes.push(Note::new(Tone::Lu, shell.t("rule-change.not-yet"), lines));
        }
        Some(refusal) => {
            let (what, next) = refusal_words(shell, refusal);
            notes.push(Note::new(Tone::Zhu, what, [next]));
        }
        None => {}
    }
    if !review.examples.is_empty() {
        let lines = review.examples.iter().map(|one| format!("{}:{} {}", one.path, one.line, one.what));
        notes.push(Note::new(Tone::Lu, shell.t("rule-change.examples"), lines));
    }
    notes
}

fn row(web: &Web, shell: &Shell, change: &Change) -> ChangeRow {
    let said = |value: &Option<Value>| {
        value.as_ref().map_or_else(
            || shell.t("rule-change.nothing").to_owned(),
            |value| rule_words::value(shell, &change.key, value),
        )
    };
    // Of what has several parts, all parts that differ: a new name must not hide a new duty.
    let (old, new) = match (&change.old, &change.new) {
        (Some(before @ Value::Object(_)), Some(after @ Value::Object(_))) => parts_that_differ(shell, before, after),
        (before, after) => (said(before), said(after)),
    };
    let regions = change.regions.iter().map(|code| rule_change::region_name(&web.app, code.as_str()));
    ChangeRow {
        label: rule_words::label(shell, &change.key),
        old,
        new,
        regions: regions.collect::<Vec<_>>().join("、"),
        cases: kinds(web, shell, change),
    }
}

/// Of two values with several parts, the parts that differ.
fn parts_that_differ(shell: &Shell, before: &Value, after: &Value) -> (String, String) {
    let text = |value: Option<&Value>| match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Object(words)) if words.contains_key("zh-CN") => words
            .get(shell.lang())
            .or_else(|| words.get("zh-CN"))
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        Some(other) => other.to_string(),
        None => shell.t("rule-change.nothing").to_owned(),
    };
    let empty = serde_json::Map::new();
    let (old, new) = (before.as_object().unwrap_or(&empty), after.as_object().unwrap_or(&empty));
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let differ = keys.into_iter().filter(|key| old.get(*key) != new.get(*key));
    let (old, new): (Vec<_>, Vec<_>) = differ.map(|key| (text(old.get(key)), text(new.get(key)))).unzip();
    (old.join(" · "), new.join(" · "))
}

/// The kinds of case by type and act; who asks is said when it is not everybody.
fn kinds(web: &Web, shell: &Shell, change: &Change) -> String {
    let acts: BTreeSet<(&str, &str)> =
        change.cases.iter().map(|case| (case.type_key.as_str(), case.act.key())).collect();
    let who: BTreeSet<&str> = change.cases.iter().map(|case| case.applicant.key()).collect();
    let named = |(kind, act): (&str, &str)| {
        let kind = web.app.rules.types.get(kind).map_or(kind, |kind| kind.short_label(shell.lang()));
        format!("{kind}{}", shell.t(&format!("act.{act}")))
    };
    let all: usize = web.app.rules.types.all().map(|kind| kind.all_acts().len()).sum();
    let acts = if acts.len() == all {
        shell.t("rule-change.all-acts").to_owned()
    } else {
        acts.into_iter().map(named).collect::<Vec<_>>().join("、")
    };
    if who.len() >= 3 {
        return acts;
    }
    let who = who.into_iter().map(|one| shell.t(&format!("guide.who.{one}"))).collect::<Vec<_>>().join("、");
    format!("{acts}（{who}）")
}

/// What the materials that differ are called, by key.
fn called(shell: &Shell, review: Option<&Review>) -> BTreeMap<String, String> {
    let changes = review.map(|review| review.changes.as_slice()).unwrap_or_default();
    let named = changes.iter().filter_map(|change| {
        let (_, key) = change.key.split_once('.').filter(|(kind, _)| matches!(*kind, "material" | "group"))?;
        let value = change.new.as_ref().or(change.old.as_ref())?;
        Some((key.to_owned(), rule_words::value(shell, &change.key, value)))
    });
    named.collect()
}

/// One difference of one case in words.
fn told(shell: &Shell, one: &Difference, called: &BTreeMap<String, String>) -> String {
    let what = shell.t(&format!("rule-change.differs.{}", one.what));
    if matches!(one.what, "asked" | "missing") {
        let keys = |list: &str| list.split(' ').filter(|key| *key != "—").map(str::to_owned).collect::<BTreeSet<_>>();
        let (old, new) = (keys(&one.old), keys(&one.new));
        let name = |key: &String| called.get(key).cloned().unwrap_or_else(|| key.clone());
        let more = new.difference(&old).map(|key| shell.fill("rule-change.more", &[("what", &name(key))]));
        let less = old.difference(&new).map(|key| shell.fill("rule-change.less", &[("what", &name(key))]));
        return format!("{what}：{}", more.chain(less).collect::<Vec<_>>().join("，"));
    }
    let word = |value: &str| match (one.what, value.parse()) {
        ("stages", _) => shell.t(&format!("rules.stages.{value}")).to_owned(),
        ("may-file", _) => shell.t(&format!("rule-change.may-file.{value}")).to_owned(),
        (_, Ok(day)) => shell.tongue.date(day),
        (_, Err(_)) => value.to_owned(),
    };
    format!("{what}：{} → {}", word(&one.old), word(&one.new))
}

fn trial_part(shell: &Shell, trial: &Trial, called: &BTreeMap<String, String>) -> TrialPart {
    let (all, differ) = (trial.cases.to_string(), trial.differs.len().to_string());
    let counts = trial.counts().into_iter().map(|(key, cases)| {
        let what = shell.t(&format!("rule-change.differs.{key}"));
        shell.fill("rule-change.trial-count", &[("what", what), ("count", &cases.to_string())])
    });
    let lines = |differences: &[Difference]| differences.iter().map(|one| told(shell, one, called)).collect();
    let listed = trial.differs.iter().take(LISTED);
    let cases = listed.map(|case| (case.number.clone(), lines(&case.differences))).collect();
    let more = trial.differs.len().checked_sub(LISTED).filter(|more| *more > 0);
    TrialPart {
        say: shell.fill("rule-change.trial-say", &[("cases", &all), ("differ", &differ)]),
        counts: counts.collect(),
        cases,
        more: more.map(|more| shell.fill("rule-change.trial-more", &[("count", &more.to_string())])),
    }
}

/// Does what a button says, and shows the change again.
async fn press(
    (web, staff): (&Web, &Staff),
    (id, fields): (&str, &Fields),
    work: impl FnOnce(&App, &Principal, &RuleChangeId) -> Outcome<()> + Send + 'static,
) -> Result<Response, Fail> {
    staff.0.require_csrf(fields)?;
    let (who, change) = (staff.0.signed.principal.clone(), change_id(id)?);
    let done = blocking(&web.app, move |app| work(app, &who, &change)).await;
    done.map_err(|error| failed(&shell_of(staff), error))?;
    Ok(Redirect::to(&format!("/admin/rules/{id}")).into_response())
}

/// POST /admin/rules/{id}/sign
pub(super) async fn sign(
    State(web): State<Web>,
    staff: Staff,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Fail> {
    let version = fields.text("version").parse().unwrap_or_default();
    press((&web, &staff), (&id, &fields), move |app, who, change| rule_change::sign(app, who, change, version)).await
}

/// POST /admin/rules/{id}/withdraw
pub(super) async fn withdraw(
    State(web): State<Web>,
    staff: Staff,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Fail> {
    press((&web, &staff), (&id, &fields), rule_change::withdraw).await
}
