//! 推送（Webhook）: the addresses at which one's own systems are told of what happened.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use banjie_app::error::AppError;
use banjie_app::webhooks::{self, Made, Tried, Webhook};
use banjie_domain::id::WebhookId;
use banjie_domain::problem::FieldProblem;
use banjie_domain::refusal::Refusal;
use jiff::Timestamp;

use crate::fail::Fail;
use crate::form::Fields;
use crate::parts::{ErrorSummary, Field, Note, Questions, Tone};
use crate::run::{blocking, failed};
use crate::session::User;
use crate::shell::{Place, Shell, Side, page_as};
use crate::state::Web;

/// One webhook.
struct Line {
    id: String,
    address: String,
    lines: Vec<String>,
    works: bool,
    /// Whether it can be tried now.
    tries: bool,
}

#[derive(Template)]
#[template(path = "pages/account/webhooks.html")]
struct WebhooksPage<'a> {
    shell: &'a Shell,
    title: String,
    summary: Option<ErrorSummary>,
    notes: Vec<Note>,
    secret: Option<String>,
    field: Option<Field>,
    lines: Vec<Line>,
}

/// What the page shows besides the webhooks.
#[derive(Default)]
struct Shown<'a> {
    fields: Option<&'a Fields>,
    problems: &'a [FieldProblem],
    made: Option<Made>,
    tried: Option<Tried>,
    stopped: bool,
}

/// What came of a call, in words. A number is the status that the receiver answered.
fn outcome(shell: &Shell, key: &str) -> String {
    if key.bytes().all(|sign| sign.is_ascii_digit()) {
        return shell.fill("webhooks.outcome.status", &[("status", key)]);
    }
    shell.t(&format!("webhooks.outcome.{key}")).to_owned()
}

fn line(shell: &Shell, row: Webhook, is_on: bool) -> Line {
    let at = |micros: i64| shell.tongue.date_time(Timestamp::from_microsecond(micros).unwrap_or_default());
    let mut lines = Vec::new();
    if let (Some(stopped), Some(why)) = (row.stopped_at, &row.stopped_why) {
        lines.push(shell.fill(&format!("webhooks.stopped.{why}"), &[("at", &at(stopped))]));
    }
    match (row.called_at, &row.outcome) {
        (Some(called), Some(key)) => {
            lines.push(shell.fill("webhooks.called", &[("at", &at(called)), ("outcome", &outcome(shell, key))]));
        }
        _ => lines.push(shell.t("webhooks.not-called").to_owned()),
    }
    if row.stopped_at.is_none() && row.waiting > 0 {
        let due = at(row.due_at);
        let key = if row.failed > 0 { "webhooks.waiting-until" } else { "webhooks.waiting" };
        let count = if row.waiting >= 1000 { "1000+".to_owned() } else { row.waiting.to_string() };
        lines.push(shell.fill(key, &[("count", &count), ("at", &due)]));
    }
    let works = row.stopped_at.is_none();
    Line { id: row.id.to_string(), address: row.address, lines, works, tries: works && is_on }
}

async fn show_page(web: &Web, user: &User, shown: Shown<'_>) -> Result<Response, Fail> {
    let shell = &user.shell.clone().at(Side::Applicant, Place::Messages);
    let who = user.signed.principal.clone();
    let rows = blocking(&web.app, move |app| webhooks::list(app, &who)).await.map_err(|error| failed(shell, error))?;
    let empty = Fields::default();
    let ask = Questions::new(&shell.tongue, shown.fields.unwrap_or(&empty), shown.problems);
    let mut notes = Vec::new();
    let is_on = web.app.caller.is_on();
    if !is_on {
        notes.push(Note::new(Tone::Plain, shell.t("webhooks.off"), [shell.t("webhooks.off-text").to_owned()]));
    }
    notes.extend(shown.tried.map(|tried| match tried {
        Tried::Heard => {
            Note::new(Tone::Dai, shell.t("webhooks.tried-well"), [shell.t("webhooks.tried-text").to_owned()])
        }
        Tried::Unheard(unheard) => {
            Note::new(Tone::Zhu, shell.t("webhooks.tried-badly"), [outcome(shell, &unheard.key())])
        }
        Tried::TooSoon => Note::new(Tone::Lu, shell.t("webhooks.too-soon"), [shell.t("webhooks.breath").to_owned()]),
    }));
    if shown.stopped {
        notes.push(Note::new(
            Tone::Dai,
            shell.t("webhooks.stopped-now"),
            [shell.t("webhooks.stopped-text").to_owned()],
        ));
    }
    if shown.made.is_some() {
        notes.push(Note::new(Tone::Lu, shell.t("webhooks.made"), [shell.t("webhooks.once").to_owned()]));
    }
    let status = if shown.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = WebhooksPage {
        title: format!("{}{}", ask.title_prefix(), shell.t("webhooks.title")),
        summary: ask.summary(),
        notes,
        secret: shown.made.map(|made| made.secret),
        field: is_on.then(|| ask.text("address", shell.t("webhooks.address")).hint(shell.t("webhooks.address-hint"))),
        lines: rows.into_iter().map(|row| line(shell, row, is_on)).collect(),
        shell,
    };
    Ok(page_as(status, &page))
}

/// GET /webhooks
pub(super) async fn show(State(web): State<Web>, user: User) -> Result<Response, Fail> {
    show_page(&web, &user, Shown::default()).await
}

/// POST /webhooks: sets one up, and shows its secret this once.
pub(super) async fn make(State(web): State<Web>, user: User, fields: Fields) -> Result<Response, Fail> {
    user.require_csrf(&fields)?;
    let (who, address) = (user.signed.principal.clone(), fields.text("address").to_owned());
    match blocking(&web.app, move |app| webhooks::make(app, &who, &address)).await {
        Ok(made) => show_page(&web, &user, Shown { made: Some(made), ..Shown::default() }).await,
        Err(AppError::Refused(Refusal::Answers(problems))) => {
            show_page(&web, &user, Shown { fields: Some(&fields), problems: &problems, ..Shown::default() }).await
        }
        Err(error) => Err(failed(&user.shell, error)),
    }
}

/// POST /webhooks/try: calls one with a letter that tells nothing, and shows what came of it.
pub(super) async fn try_out(State(web): State<Web>, user: User, fields: Fields) -> Result<Response, Fail> {
    user.require_csrf(&fields)?;
    // No webhook is named, so none is called; who has none is told what everybody is told.
    let Ok(id) = WebhookId::parse(fields.text("id")) else { return show_page(&web, &user, Shown::default()).await };
    let who = user.signed.principal.clone();
    match blocking(&web.app, move |app| webhooks::try_out(app, &who, &id)).await {
        Ok(tried) => show_page(&web, &user, Shown { tried: Some(tried), ..Shown::default() }).await,
        Err(error) => Err(failed(&user.shell, error)),
    }
}

/// POST /webhooks/stop
pub(super) async fn stop(State(web): State<Web>, user: User, fields: Fields) -> Result<Response, Fail> {
    user.require_csrf(&fields)?;
    let who = user.signed.principal.clone();
    let id = WebhookId::parse(fields.text("id"));
    let done = blocking(&web.app, move |app| match id {
        Ok(id) => webhooks::stop(app, &who, &id),
        Err(_) => webhooks::list(app, &who).map(drop),
    })
    .await;
    done.map_err(|error| failed(&user.shell, error))?;
    show_page(&web, &user, Shown { stopped: true, ..Shown::default() }).await
}
