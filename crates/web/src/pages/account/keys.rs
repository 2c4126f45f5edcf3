//! 接口密钥: the keys by which programs act for one's own account.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use banjie_app::error::AppError;
use banjie_app::tokens::{self, DAYS, Made};
use banjie_app::webhooks;
use banjie_domain::id::TokenId;
use banjie_domain::problem::FieldProblem;
use banjie_domain::refusal::Refusal;
use jiff::Timestamp;

use crate::fail::Fail;
use crate::form::Fields;
use crate::parts::{ErrorSummary, Field, Mark, Note, Questions, Tone};
use crate::run::{blocking, failed};
use crate::session::User;
use crate::shell::{Shell, page_as};
use crate::state::Web;

/// One key.
struct Line {
    id: String,
    name: String,
    until: String,
    used: String,
    works: bool,
}

#[derive(Template)]
#[template(path = "pages/account/keys.html")]
struct KeysPage<'a> {
    shell: &'a Shell,
    title: String,
    summary: Option<ErrorSummary>,
    made: Option<(Note, String)>,
    fields: Vec<Field>,
    lines: Vec<Line>,
    hears: bool,
}

/// What the page shows besides the keys.
struct Shown<'a> {
    fields: &'a Fields,
    problems: &'a [FieldProblem],
    made: Option<Made>,
}

async fn show_page(web: &Web, user: &User, shown: Shown<'_>) -> Result<Response, Fail> {
    let (shell, who) = (&user.shell, user.signed.principal.clone());
    let rows = blocking(&web.app, move |app| tokens::list(app, &who)).await.map_err(|error| failed(shell, error))?;
    let now = web.app.micros();
    let at = |micros: i64| shell.tongue.date_time(Timestamp::from_microsecond(micros).unwrap_or_default());
    let lines = rows.into_iter().map(|row| Line {
        id: row.id.to_string(),
        until: match row.revoked_at {
            Some(revoked) => shell.fill("keys.revoked", &[("at", &at(revoked))]),
            None => shell.fill("keys.until", &[("at", &at(row.expires_at))]),
        },
        used: row
            .used_at
            .map_or_else(|| shell.t("keys.unused").to_owned(), |used| shell.fill("keys.used", &[("at", &at(used))])),
        works: row.revoked_at.is_none() && row.expires_at > now,
        name: row.name,
    });
    let ask = Questions::new(&shell.tongue, shown.fields, shown.problems);
    let days = DAYS.map(|days| Mark::new(days.to_string(), shell.fill("keys.days", &[("days", &days.to_string())])));
    let status = if shown.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = KeysPage {
        title: format!("{}{}", ask.title_prefix(), shell.t("keys.title")),
        summary: ask.summary(),
        made: shown
            .made
            .map(|made| (Note::new(Tone::Lu, shell.t("keys.made"), [shell.t("keys.once").to_owned()]), made.secret)),
        fields: vec![
            ask.text("name", shell.t("keys.name")).hint(shell.t("keys.name-hint")),
            ask.radios("days", shell.t("keys.for"), days.to_vec()),
        ],
        lines: lines.collect(),
        hears: webhooks::may_have(&user.signed.principal),
        shell,
    };
    Ok(page_as(status, &page))
}

/// GET /keys
pub(super) async fn show(State(web): State<Web>, user: User) -> Result<Response, Fail> {
    show_page(&web, &user, Shown { fields: &Fields::default(), problems: &[], made: None }).await
}

/// POST /keys: makes one, and shows it this once.
pub(super) async fn make(State(web): State<Web>, user: User, fields: Fields) -> Result<Response, Fail> {
    user.require_csrf(&fields)?;
    let who = user.signed.principal.clone();
    let (name, days) = (fields.text("name").to_owned(), fields.text("days").to_owned());
    match blocking(&web.app, move |app| tokens::make(app, &who, &name, &days)).await {
        Ok(made) => show_page(&web, &user, Shown { fields: &Fields::default(), problems: &[], made: Some(made) }).await,
        Err(AppError::Refused(Refusal::Answers(problems))) => {
            show_page(&web, &user, Shown { fields: &fields, problems: &problems, made: None }).await
        }
        Err(error) => Err(failed(&user.shell, error)),
    }
}

/// POST /keys/revoke
pub(super) async fn revoke(State(web): State<Web>, user: User, fields: Fields) -> Result<Response, Fail> {
    user.require_csrf(&fields)?;
    let who = user.signed.principal.clone();
    let id = TokenId::parse(fields.text("id"));
    let done = blocking(&web.app, move |app| match id {
        Ok(id) => tokens::revoke(app, &who, &id),
        // No key is named, so none is stopped; who has none is told what everybody is told.
        Err(_) => tokens::list(app, &who).map(drop),
    })
    .await;
    done.map_err(|error| failed(&user.shell, error))?;
    Ok(Redirect::to("/keys").into_response())
}
