//! Each rule as it stands for one kind of case: its value, where it comes from, what gives way to it.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use banjie_app::error::AppError;
use banjie_app::query::guide;
use banjie_domain::act::{Act, ApplicantKind};
use banjie_domain::policy::{Explained, RuleFacts};

use super::{at, region_marks, region_of};
use crate::fail::Fail;
use crate::form::Fields;
use crate::pages::rule_words;
use crate::parts::{Field, Mark, Questions};
use crate::run::{blocking, failed};
use crate::session::Guest;
use crate::shell::{Shell, page};
use crate::state::Web;

#[derive(Template)]
#[template(path = "pages/rules.html")]
struct RulesPage<'a> {
    shell: &'a Shell,
    fields: Vec<Field>,
    rows: Vec<RuleRow>,
}

/// One rule as a person reads it.
struct RuleRow {
    label: String,
    value: String,
    from: String,
    basis: String,
    merge: String,
    others: Vec<String>,
}

/// GET /rules: for one kind of case in one region, today.
pub(super) async fn show(State(web): State<Web>, guest: Guest, uri: Uri) -> Result<Response, Fail> {
    let mut query = Fields::parse(uri.query().unwrap_or_default().as_bytes())?;
    let shell = at(&guest, &uri.path_and_query().map_or_else(|| "/rules".to_owned(), ToString::to_string));
    let region = region_of(&web, &query);
    usual(&web, &region, &mut query);
    let explained = explained(&web, &query).await.map_err(|error| failed(&shell, error))?;
    let names = |code: &str| {
        let known = guide::regions(&web.app).into_iter().find(|region| region.code.as_str() == code);
        known.map_or_else(|| code.to_owned(), |region| region.name.get(shell.lang()).to_owned())
    };
    let rows = explained.iter().map(|one| row(&shell, one, &names)).collect();
    Ok(guest.with_cookie(page(&RulesPage { fields: fields(&web, &shell, &query), rows, shell: &shell })))
}

/// Puts a usual value in the place of what is missing or does not fit: whoever changes the type sees its rules, not an
/// error about the act that was chosen before.
fn usual(web: &Web, region: &str, query: &mut Fields) {
    let types = &web.app.rules.types;
    let kind = types.get(query.text("type")).or_else(|| types.get("employer")).or_else(|| types.all().next());
    let Some(kind) = kind else { return };
    let known = Act::parse(query.text("act")).filter(|act| kind.all_acts().contains(act));
    let act = known.unwrap_or(Act::End);
    let applicant = ApplicantKind::parse(query.text("applicant")).unwrap_or_else(|| kind.registrant());
    let code = query.text("reason");
    let reason = if kind.reason(code).is_some_and(|reason| reason.act == act) { code } else { "" };
    *query = Fields::from_pairs([
        ("region", region),
        ("type", kind.key()),
        ("act", act.key()),
        ("applicant", applicant.key()),
        ("reason", reason),
    ]);
}

async fn explained(web: &Web, query: &Fields) -> Result<Vec<Explained>, AppError> {
    let text = |name: &str| query.text(name).to_owned();
    let (region, kind, reason) = (text("region"), text("type"), Some(text("reason")).filter(|code| !code.is_empty()));
    let act = Act::parse(&text("act")).ok_or(AppError::NotFound)?;
    let applicant = ApplicantKind::parse(&text("applicant")).ok_or(AppError::NotFound)?;
    blocking(&web.app, move |app| {
        let made = guide::guide(app, &region, (&kind, act), reason.as_deref())?;
        let facts = BTreeSet::new();
        let case = RuleFacts { type_key: &kind, act, reason: reason.as_deref(), applicant, facts: &facts };
        Ok(made.policy.explain(&case))
    })
    .await
}

fn fields(web: &Web, shell: &Shell, query: &Fields) -> Vec<Field> {
    let ask = Questions::new(&shell.tongue, query, &[]);
    let types = web.app.rules.types.all().map(|kind| Mark::new(kind.key(), kind.short_label(shell.lang()))).collect();
    let kind = web.app.rules.types.get(query.text("type"));
    let acts = kind.map(banjie_domain::registration_type::RegistrationType::all_acts).unwrap_or_default();
    let acts = acts.iter().map(|act| Mark::new(act.key(), shell.t(&format!("act.{}", act.key())))).collect();
    let who = [ApplicantKind::Employer, ApplicantKind::Person, ApplicantKind::Counter];
    let who = who.iter().map(|one| Mark::new(one.key(), shell.t(&format!("guide.who.{}", one.key())))).collect();
    vec![
        ask.select("region", shell.t("guide.region"), region_marks(shell, &guide::regions(&web.app))),
        ask.select("type", shell.t("rules.type"), types),
        ask.select("act", shell.t("rules.act"), acts),
        ask.select("applicant", shell.t("rules.applicant"), who),
        ask.text("reason", shell.t("rules.reason")).short().optional(),
    ]
}

fn row(shell: &Shell, one: &Explained, names: &impl Fn(&str) -> String) -> RuleRow {
    let others = one.overrides.iter().map(|other| {
        let words = [
            ("value", rule_words::value(shell, &one.key, &other.value)),
            ("region", names(other.region.as_str())),
            ("basis", other.basis.clone()),
        ];
        shell.fill("rules.other", &words.each_ref().map(|(name, words)| (*name, words.as_str())))
    });
    let until = one.until.map(|until| shell.fill("rules.until", &[("day", &shell.tongue.date(until))]));
    let since = shell.fill("rules.since", &[("day", &shell.tongue.date(one.from))]);
    RuleRow {
        label: rule_words::label(shell, &one.key),
        value: rule_words::value(shell, &one.key, &one.value),
        from: [Some(names(one.from_region.as_str())), Some(since), until]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" · "),
        basis: one.basis.clone(),
        merge: shell.t(&format!("rules.merge.{}", one.merge.key())).to_owned(),
        others: others.collect(),
    }
}
