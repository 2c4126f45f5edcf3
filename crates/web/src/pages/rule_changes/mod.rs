//! Changing the rules of a region: the list, the draft, what it would do, and the second signature.

mod draft;
mod review;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use banjie_app::error::AppError;
use banjie_app::usecase::rule_change::{self, Line, Stage};
use banjie_domain::id::RuleChangeId;
use banjie_domain::problem::FieldProblem;
use banjie_domain::refusal::Refusal;
use jiff::Timestamp;

use crate::fail::Fail;
use crate::form::Fields;
use crate::parts::{ErrorSummary, Field, Mark, Questions, Seal, Status};
use crate::run::{blocking, failed};
use crate::session::Staff;
use crate::shell::{Place, Shell, Side, page_as};
use crate::state::Web;

/// The routes of changes of rules.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/admin/rules", get(list).post(start))
        .route("/admin/rules/{id}", get(review::show))
        .route("/admin/rules/{id}/edit", get(draft::show).post(draft::save))
        .route("/admin/rules/{id}/sign", post(review::sign))
        .route("/admin/rules/{id}/withdraw", post(review::withdraw))
}

/// One change in the list.
struct ListRow {
    id: String,
    region: String,
    from: String,
    why: String,
    status: Status,
    people: String,
}

#[derive(Template)]
#[template(path = "pages/rule_changes/list.html")]
struct ListPage<'a> {
    shell: &'a Shell,
    title: String,
    summary: Option<ErrorSummary>,
    fields: Vec<Field>,
    rows: Vec<ListRow>,
}

fn shell_of(staff: &Staff) -> Shell {
    staff.0.shell.clone().at(Side::Admin, Place::Accounts)
}

fn change_id(text: &str) -> Result<RuleChangeId, Fail> {
    RuleChangeId::parse(text).map_err(|_| Fail::not_found())
}

/// How far a change has come, in words.
fn status(shell: &Shell, stage: Stage) -> Status {
    let word = shell.t(&format!("rule-change.stage.{}", stage.key()));
    match stage {
        Stage::Draft => Status::sealed(&shell.tongue, Seal::Review, word),
        Stage::Ahead => Status::sealed(&shell.tongue, Seal::Accepted, word),
        Stage::InForce => Status::plain(&shell.tongue, word),
        Stage::Withdrawn => Status::sealed(&shell.tongue, Seal::Off, word),
    }
}

/// Who drafted it and who signed it, with the days.
fn people(shell: &Shell, line: &Line) -> Vec<String> {
    let told = |key: &str, name: &str, at: i64| {
        let at = Timestamp::from_microsecond(at).unwrap_or_default();
        shell.fill(key, &[("name", name), ("at", &shell.tongue.date_time(at))])
    };
    let drafted = told("rule-change.drafted", &line.drafted_by, line.row.drafted_at);
    let signed = line.signed_by.as_deref().zip(line.row.signed_at);
    let withdrawn = line.withdrawn_by.as_deref().zip(line.row.withdrawn_at);
    let signed = signed.map(|(name, at)| told("rule-change.signed", name, at));
    let withdrawn = withdrawn.map(|(name, at)| told("rule-change.withdrawn", name, at));
    [Some(drafted), signed, withdrawn].into_iter().flatten().collect()
}

async fn list_page(web: &Web, staff: &Staff, fields: &Fields, problems: &[FieldProblem]) -> Result<Response, Fail> {
    let (shell, who) = (shell_of(staff), staff.0.signed.principal.clone());
    let read =
        blocking(&web.app, move |app| Ok((rule_change::list(app, &who)?, rule_change::regions(app, &who)))).await;
    let (lines, regions) = read.map_err(|error| failed(&shell, error))?;
    let rows = lines
        .iter()
        .map(|line| ListRow {
            id: line.row.id.to_string(),
            region: line.region.clone(),
            from: shell.tongue.date(line.row.from),
            why: line.row.why.clone(),
            status: status(&shell, line.stage),
            people: people(&shell, line).join("；"),
        })
        .collect();
    let ask = Questions::new(&shell.tongue, fields, problems);
    let marks = regions.into_iter().map(|(code, name, own)| {
        let words = if own { name } else { shell.fill("rule-change.inherits", &[("region", &name)]) };
        Mark::new(code, words)
    });
    let questions = vec![
        ask.select("region", shell.t("rule-change.region"), marks.collect()),
        ask.date("from", shell.t("rule-change.from")).hint(shell.t("rule-change.from-hint")),
    ];
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let title = format!("{}{}", ask.title_prefix(), shell.t("rule-change.title"));
    Ok(page_as(status, &ListPage { shell: &shell, title, summary: ask.summary(), fields: questions, rows }))
}

/// GET /admin/rules
async fn list(State(web): State<Web>, staff: Staff) -> Result<Response, Fail> {
    list_page(&web, &staff, &Fields::default(), &[]).await
}

/// POST /admin/rules: begins a draft.
async fn start(State(web): State<Web>, staff: Staff, fields: Fields) -> Result<Response, Fail> {
    staff.0.require_csrf(&fields)?;
    let who = staff.0.signed.principal.clone();
    let (region, from) = (fields.text("region").to_owned(), fields.text("from").to_owned());
    match blocking(&web.app, move |app| rule_change::start(app, &who, &region, &from)).await {
        Ok(id) => Ok(Redirect::to(&format!("/admin/rules/{id}/edit")).into_response()),
        Err(AppError::Refused(Refusal::Answers(problems))) => list_page(&web, &staff, &fields, &problems).await,
        Err(error) => Err(failed(&shell_of(&staff), error)),
    }
}
