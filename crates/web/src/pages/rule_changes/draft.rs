//! Writing a change: single values in a form, or the whole text for who knows how a pack is written.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use banjie_app::error::AppError;
use banjie_app::usecase::rule_change::{self, Opened, Stage, Typed};
use banjie_domain::act::Act;
use banjie_domain::identity::text;
use banjie_domain::policy::{Spot, spots, with_values};
use banjie_domain::problem::{FieldProblem, Problem};
use banjie_domain::refusal::Refusal;

use super::{change_id, shell_of};
use crate::fail::Fail;
use crate::form::Fields;
use crate::pages::rule_words;
use crate::parts::{ErrorSummary, Field, Note, Questions, TextKind, Tone};
use crate::run::{blocking, failed, refusal_words};
use crate::session::Staff;
use crate::shell::{Shell, page_as};
use crate::state::Web;

#[derive(Template)]
#[template(path = "pages/rule_changes/draft.html")]
struct DraftPage<'a> {
    shell: &'a Shell,
    title: String,
    region: &'a str,
    id: String,
    version: u64,
    summary: Option<ErrorSummary>,
    note: Option<Note>,
    frame: Vec<Field>,
    values: Vec<Field>,
    text: Field,
    text_open: bool,
}

/// What stands on the form, and what is wrong with it.
struct Shown<'a> {
    fields: &'a Fields,
    problems: &'a [FieldProblem],
    note: Option<Note>,
}

async fn opened(web: &Web, staff: &Staff, id: &str) -> Result<Opened, Fail> {
    let (who, id, shell) = (staff.0.signed.principal.clone(), change_id(id)?, shell_of(staff));
    let found = blocking(&web.app, move |app| rule_change::open(app, &who, &id)).await;
    let found = found.map_err(|error| failed(&shell, error))?;
    if found.own && found.line.stage == Stage::Draft { Ok(found) } else { Err(Fail::not_found().within(&shell)) }
}

/// The form as it is stored.
fn stored(opened: &Opened) -> Fields {
    let row = &opened.line.row;
    let mut fields = Fields::from_pairs([
        ("from", row.from.to_string()),
        ("why", row.why.clone()),
        ("version", row.version.to_string()),
        ("body", row.body.clone()),
    ]);
    spots(&row.body, row.from).into_iter().for_each(|spot| fields.push(spot.name, spot.value));
    fields
}

/// A value with the cases it is for.
fn value_field(web: &Web, shell: &Shell, ask: &Questions<'_>, spot: &Spot) -> Field {
    let label = match spot.key.strip_prefix("office.") {
        Some(field) => shell.t(&format!("rule-change.office.{field}")).to_owned(),
        None => with_unit(shell, &spot.key, &rule_words::label(shell, &spot.key)),
    };
    let field = ask.text(&spot.name, &label);
    let field = if spot.number { field.kind(TextKind::Digits).short() } else { field };
    match for_whom(web, shell, spot) {
        words if words.is_empty() => field,
        words => field.hint(words),
    }
}

/// The name of a number with what it counts.
fn with_unit(shell: &Shell, key: &str, label: &str) -> String {
    match key.split_once('.') {
        Some(("limit", _)) => shell.fill("rule-change.in-working-days", &[("label", label)]),
        Some(("window", _)) => shell.fill("rule-change.in-days", &[("label", label)]),
        _ => label.to_owned(),
    }
}

/// The condition of a rule in words.
fn for_whom(web: &Web, shell: &Shell, spot: &Spot) -> String {
    let list = |key: &str, word: &dyn Fn(&str) -> String| {
        let words: Vec<_> = spot.when.get(key).into_iter().flatten().map(|one| word(one)).collect();
        words.join(shell.t("guide.and"))
    };
    let types = list("type", &|key| {
        web.app.rules.types.get(key).map_or_else(|| key.to_owned(), |kind| kind.short_label(shell.lang()).to_owned())
    });
    let acts = list("act", &|key| {
        Act::parse(key).map_or_else(String::new, |act| shell.t(&format!("act.{}", act.key())).to_owned())
    });
    let who = list("applicant", &|key| shell.t(&format!("guide.who.{key}")).to_owned());
    let reasons = list("reasons", &str::to_owned);
    let parts = [types, acts, who, reasons];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

fn form(web: &Web, staff: &Staff, opened: &Opened, shown: Shown<'_>) -> Response {
    let shell = shell_of(staff);
    let ask = Questions::new(&shell.tongue, shown.fields, shown.problems);
    let text = ask.area("body", shell.t("rule-change.text")).rows(24).hint(shell.t("rule-change.text-hint"));
    let page = DraftPage {
        title: format!("{}{}", ask.title_prefix(), shell.t("rule-change.draft-title")),
        region: &opened.line.region,
        id: opened.line.row.id.to_string(),
        version: shown.fields.text("version").parse().unwrap_or(opened.line.row.version),
        summary: ask.summary(),
        note: shown.note,
        frame: vec![
            ask.date("from", shell.t("rule-change.from")).hint(shell.t("rule-change.from-hint")),
            ask.area("why", shell.t("rule-change.why")).hint(shell.t("rule-change.why-hint")),
        ],
        values: spots(&opened.line.row.body, opened.line.row.from)
            .iter()
            .map(|spot| value_field(web, &shell, &ask, spot))
            .collect(),
        text_open: text.error.is_some() || shown.fields.text("how") == "text",
        text,
        shell: &shell,
    };
    let bad = page.summary.is_some() || page.note.is_some();
    page_as(if bad { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page)
}

/// GET /admin/rules/{id}/edit
pub(super) async fn show(State(web): State<Web>, staff: Staff, Path(id): Path<String>) -> Result<Response, Fail> {
    let opened = opened(&web, &staff, &id).await?;
    Ok(form(&web, &staff, &opened, Shown { fields: &stored(&opened), problems: &[], note: None }))
}

/// The pack as it is to be: the text that was typed, or the stored one with other values at its spots.
fn body(opened: &Opened, fields: &Fields) -> Result<String, Vec<FieldProblem>> {
    let row = &opened.line.row;
    let typed = fields.one("body").map(|text| text.replace("\r\n", "\n"));
    let text_changed = typed.as_deref().is_some_and(|text| text.trim_end() != row.body.trim_end());
    let (values, problems) = values(opened, fields);
    if fields.text("how") == "text" {
        // Whoever changed both would lose one of them in silence.
        let also = spots(&row.body, row.from)
            .into_iter()
            .find(|spot| fields.one(&spot.name).is_some_and(|value| value.trim() != spot.value));
        return match also {
            Some(spot) => Err(vec![Problem::new("rules.both").at(spot.name)]),
            None => Ok(typed.unwrap_or_default()),
        };
    }
    match problems {
        problems if !problems.is_empty() => Err(problems),
        _ if text_changed => Err(vec![Problem::new("rules.both").at("body")]),
        _ => Ok(with_values(&row.body, &values, row.from)),
    }
}

/// What was typed at the spots of the stored text.
fn values(opened: &Opened, fields: &Fields) -> (BTreeMap<String, String>, Vec<FieldProblem>) {
    let row = &opened.line.row;
    let (mut values, mut problems) = (BTreeMap::new(), Vec::new());
    for spot in spots(&row.body, row.from) {
        let Some(typed) = fields.one(&spot.name).map(str::trim) else { continue };
        if typed.is_empty() {
            problems.push(Problem::new("rules.value-empty").at(spot.name));
        } else if spot.number {
            let digits: String = typed.chars().map(text::half_width).collect();
            match digits.parse::<u32>() {
                Ok(number) => drop(values.insert(spot.name, number.to_string())),
                Err(_) => problems.push(Problem::new("rules.number").at(spot.name)),
            }
        } else {
            values.insert(spot.name, typed.to_owned());
        }
    }
    (values, problems)
}

/// POST /admin/rules/{id}/edit: keeps what was typed; what is not sound is told on the page that comes next.
pub(super) async fn save(
    State(web): State<Web>,
    staff: Staff,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Fail> {
    staff.0.require_csrf(&fields)?;
    let opened = opened(&web, &staff, &id).await?;
    let body = match body(&opened, &fields) {
        Ok(body) => body,
        Err(problems) => {
            return Ok(form(&web, &staff, &opened, Shown { fields: &fields, problems: &problems, note: None }));
        }
    };
    let typed = Typed { body, from: fields.text("from").to_owned(), why: fields.text("why").to_owned() };
    let (who, change) = (staff.0.signed.principal.clone(), opened.line.row.id.clone());
    let version = fields.text("version").parse().unwrap_or_default();
    let shell = shell_of(&staff);
    match blocking(&web.app, move |app| rule_change::save(app, &who, (&change, version), &typed)).await {
        Ok(()) => Ok(Redirect::to(&format!("/admin/rules/{id}")).into_response()),
        Err(AppError::Refused(Refusal::Answers(problems))) => {
            Ok(form(&web, &staff, &opened, Shown { fields: &fields, problems: &problems, note: None }))
        }
        Err(AppError::Refused(refusal)) => {
            let (what, next) = refusal_words(&shell, &refusal);
            let note = Some(Note::new(Tone::Zhu, what, [next]));
            Ok(form(&web, &staff, &opened, Shown { fields: &fields, problems: &[], note }))
        }
        Err(AppError::Conflict) => {
            let note = Note::new(
                Tone::Zhu,
                shell.t("rule-change.conflict"),
                [shell.t("rule-change.conflict-next").to_owned()],
            );
            Ok(form(&web, &staff, &opened, Shown { fields: &fields, problems: &[], note: Some(note) }))
        }
        Err(error) => Err(failed(&shell, error)),
    }
}
