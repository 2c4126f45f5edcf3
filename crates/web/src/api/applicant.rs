//! The verbs of whoever asks: an employer or a person, by his key.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use banjie_app::app::App;
use banjie_app::error::Outcome;
use banjie_app::query::mine;
use banjie_app::usecase::ask::{self, case_policy};
use banjie_app::usecase::direct;
use banjie_domain::case::{Outcome as CaseOutcome, Stage};
use banjie_domain::id::{CaseId, RegistrationId};
use banjie_domain::registration::LegalStatus;
use banjie_domain::registration_type::Answers;
use base64ct::{Base64, Encoding as _};
use serde::Deserialize;
use utoipa::IntoParams;

use super::inputs::{NewCase, NewFile, NewRegistration, NewSupplement, Nothing};
use super::models::{Case, CaseLine, CasePage, Filed, Registration, RegistrationLine, RegistrationPage};
use super::problem::{Failures, Stop};
use super::request::{Api, By, Written};
use crate::run::blocking;

/// Where a page begins.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct After {
    /// `next` of the page before.
    after: Option<String>,
}

/// Where a page of registrations begins, and which are on it.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct WhichRegistrations {
    /// `next` of the page before.
    after: Option<String>,
    /// Only those of this legal status.
    status: Option<String>,
}

/// A place in a list: microseconds, and the id that breaks a tie. One that no answer gave is told, not taken for the
/// beginning.
fn place(by: &By, after: Option<&str>, is_id: impl Fn(&str) -> bool) -> Result<Option<(i64, String)>, Stop> {
    let Some(after) = after else { return Ok(None) };
    let read = after.split_once('.').and_then(|(at, id)| Some((at.parse().ok()?, id.to_owned())));
    read.filter(|(_, id)| is_id(id)).map(Some).ok_or_else(|| bad_query(by))
}

fn next(place: Option<(i64, String)>) -> Option<String> {
    place.map(|(at, id)| format!("{at}.{id}"))
}

impl By {
    /// Runs a use case; what it ends with in words.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        api: &Api,
        work: impl FnOnce(&App) -> Outcome<T> + Send + 'static,
    ) -> Result<T, Stop> {
        blocking(&api.web.app, work).await.map_err(|error| Stop::from_app(&self.tongue, error))
    }

    /// A registration as it may be listed: the reason of an end is for the case, where an officer's look is recorded.
    fn shown(&self, line: RegistrationLine) -> RegistrationLine {
        let reason = line.reason.filter(|_| !self.who.role.is_staff());
        RegistrationLine { reason, ..line }
    }

    /// The answer for an id that is none.
    pub(super) fn nothing(&self) -> Stop {
        Stop::from_app(&self.tongue, banjie_app::error::AppError::NotFound)
    }
}

/// Lists the registrations within the key's scope, newest first.
#[utoipa::path(get, path = "/api/v1/registrations", tag = "registrations", params(WhichRegistrations),
    responses((status = 200, body = RegistrationPage), Failures), security(("key" = [])))]
pub(super) async fn registrations(
    State(api): State<Api>,
    by: By,
    query: Result<Query<WhichRegistrations>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<RegistrationPage>, Stop> {
    let Query(query) = query.map_err(|_| bad_query(&by))?;
    let who = by.who.clone();
    let after = place(&by, query.after.as_deref(), |id| RegistrationId::parse(id).is_ok())?;
    let status =
        query.status.as_deref().map(|word| LegalStatus::parse(word).ok_or_else(|| bad_query(&by))).transpose()?;
    let page = by.run(&api, move |app| mine::registrations(app, &who, status.map(LegalStatus::key), after)).await?;
    let registrations = page.lines.into_iter().map(|line| by.shown(RegistrationLine::of(line))).collect();
    Ok(Json(RegistrationPage { registrations, next: next(page.next) }))
}

pub(super) fn bad_query(by: &By) -> Stop {
    Stop::of(StatusCode::BAD_REQUEST, "unreadable-query", by.tongue.t("api.unreadable-query"))
}

/// Opens one registration. An office reads what is no personal answer; the rest is in its cases.
#[utoipa::path(get, path = "/api/v1/registrations/{id}", tag = "registrations",
    params(("id" = String, Path, description = "Its id")),
    responses((status = 200, body = Registration), Failures), security(("key" = [])))]
pub(super) async fn registration(
    State(api): State<Api>,
    by: By,
    Path(id): Path<String>,
) -> Result<Json<Registration>, Stop> {
    let (who, id) = (by.who.clone(), RegistrationId::parse(&id).map_err(|_| by.nothing())?);
    let view = by.run(&api, move |app| mine::registration(app, &who, &id)).await?;
    let kind = api.web.app.rules.types.get(&view.line.row.kind);
    let field = |key: &str| kind.and_then(|kind| kind.field(key));
    let mut registration = Registration::of(view);
    let staff = by.who.role.is_staff();
    // As on the page: nobody reads a document's number back, and an office reads what is no personal answer.
    registration
        .details
        .retain(|key, _| field(key).is_some_and(|field| field.document.is_none() && !(staff && field.personal)));
    registration.line = by.shown(registration.line);
    Ok(Json(registration))
}

fn answers(given: std::collections::BTreeMap<String, String>) -> Answers {
    given.into_iter().collect()
}

/// Makes a registration. It takes effect at once where the rules name no desk.
#[utoipa::path(post, path = "/api/v1/registrations", tag = "registrations", request_body = NewRegistration,
    params(("Idempotency-Key" = String, Header, min_length = 16, max_length = 64, pattern = "^[A-Za-z0-9_-]{16,64}$", description = "The same key with the same body does nothing twice")),
    responses((status = 201, body = Filed), Failures), security(("key" = [])))]
pub(super) async fn register(
    State(api): State<Api>,
    by: By,
    written: Written<NewRegistration>,
) -> Result<(StatusCode, Json<Filed>), Stop> {
    let (who, Written { value, key }) = (by.who.clone(), written);
    let filed =
        by.run(&api, move |app| direct::register(app, &who, &value.kind, &answers(value.answers), &key)).await?;
    let filed = Filed { registration: filed.registration.to_string(), case: filed.case.to_string() };
    Ok((StatusCode::CREATED, Json(filed)))
}

/// Lists the cases the key's account asked for, newest first; of an office, those it holds.
#[utoipa::path(get, path = "/api/v1/cases", tag = "cases", params(After),
    responses((status = 200, body = CasePage), Failures), security(("key" = [])))]
pub(super) async fn cases(
    State(api): State<Api>,
    by: By,
    query: Result<Query<After>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<CasePage>, Stop> {
    let Query(query) = query.map_err(|_| bad_query(&by))?;
    let who = by.who.clone();
    let after = place(&by, query.after.as_deref(), |id| CaseId::parse(id).is_ok())?;
    let page = by.run(&api, move |app| mine::asked(app, &who, after)).await?;
    let staff = by.who.role.is_staff();
    let shown = |line: CaseLine| CaseLine { reason: line.reason.filter(|_| !staff), ..line };
    let cases = page.lines.into_iter().map(|line| shown(CaseLine::of(line))).collect();
    Ok(Json(CasePage { cases, next: next(page.next) }))
}

/// Opens one case, with its clocks, what is missing and what was said.
#[utoipa::path(get, path = "/api/v1/cases/{id}", tag = "cases", params(("id" = String, Path, description = "Its id")),
    responses((status = 200, body = Case), Failures), security(("key" = [])))]
pub(super) async fn case(State(api): State<Api>, by: By, Path(id): Path<String>) -> Result<Json<Case>, Stop> {
    let id = CaseId::parse(&id).map_err(|_| by.nothing())?;
    opened(&api, &by, id).await
}

async fn opened(api: &Api, by: &By, id: CaseId) -> Result<Json<Case>, Stop> {
    // Officers open a case at the desk, where the look is recorded.
    if by.who.role.is_staff() {
        return Err(by.nothing());
    }
    let who = by.who.clone();
    let lang = by.tongue.tag();
    let opened = by.run(api, move |app| {
        let found = mine::progress(app, &who, &id)?;
        let refused = matches!(found.case.stage(), Stage::Closed(CaseOutcome::Refused { .. }));
        // Who was refused reads why, also where the way out cannot be worked out.
        let policy = refused.then(|| case_policy(app, &found.case)).and_then(|read| {
            read.inspect_err(|error| tracing::error!(%error, "the rules of a refused case cannot be read")).ok()
        });
        Ok(Case::of(found, policy.as_ref(), lang))
    });
    opened.await.map(Json)
}

fn files(by: &By, given: Vec<NewFile>) -> Result<Vec<direct::File>, Stop> {
    let read = |file: NewFile| match Base64::decode_vec(&file.content) {
        Ok(bytes) => Ok(direct::File { material: file.material, name: file.name, bytes }),
        Err(_) => Err(Stop::of(StatusCode::BAD_REQUEST, "not-base64", by.tongue.t("api.not-base64"))),
    };
    given.into_iter().map(read).collect()
}

/// Asks for an act on a registration. 更正 is asked for on the pages.
#[utoipa::path(post, path = "/api/v1/cases", tag = "cases", request_body = NewCase,
    params(("Idempotency-Key" = String, Header, min_length = 16, max_length = 64, pattern = "^[A-Za-z0-9_-]{16,64}$", description = "The same key with the same body does nothing twice")),
    responses((status = 201, body = Case), Failures), security(("key" = [])))]
pub(super) async fn ask(
    State(api): State<Api>,
    by: By,
    written: Written<NewCase>,
) -> Result<(StatusCode, Json<Case>), Stop> {
    let (who, Written { value, key }) = (by.who.clone(), written);
    let asked = direct::Asked {
        registration: RegistrationId::parse(&value.registration).map_err(|_| by.nothing())?,
        situation: value.situation,
        reason: value.reason,
        answers: answers(value.answers),
        files: files(&by, value.files)?,
    };
    let id = by.run(&api, move |app| direct::ask(app, &who, &asked, &key)).await?;
    Ok((StatusCode::CREATED, opened(&api, &by, id).await?))
}

/// Answers a supplement: everything that was named, at once.
#[utoipa::path(post, path = "/api/v1/cases/{id}/supplement", tag = "cases", request_body = NewSupplement,
    params(("id" = String, Path, description = "Id of the case"),
        ("Idempotency-Key" = String, Header, min_length = 16, max_length = 64, pattern = "^[A-Za-z0-9_-]{16,64}$", description = "The same key with the same body does nothing twice")),
    responses((status = 200, body = Case), Failures), security(("key" = [])))]
pub(super) async fn supplement(
    State(api): State<Api>,
    by: By,
    Path(id): Path<String>,
    written: Written<NewSupplement>,
) -> Result<Json<Case>, Stop> {
    let (who, Written { value, key }) = (by.who.clone(), written);
    let id = CaseId::parse(&id).map_err(|_| by.nothing())?;
    let files = files(&by, value.files)?;
    let said = answers(value.answers);
    let id = by.run(&api, move |app| direct::supplement(app, &who, &id, (&said, &files), &key)).await?;
    opened(&api, &by, id).await
}

/// 撤回: takes an undecided case back; the registration stays as it was.
#[utoipa::path(post, path = "/api/v1/cases/{id}/withdraw", tag = "cases", request_body = Nothing,
    params(("id" = String, Path, description = "Id of the case"),
        ("Idempotency-Key" = String, Header, min_length = 16, max_length = 64, pattern = "^[A-Za-z0-9_-]{16,64}$", description = "The same key with the same body does nothing twice")),
    responses((status = 200, body = Case), Failures), security(("key" = [])))]
pub(super) async fn withdraw(
    State(api): State<Api>,
    by: By,
    Path(id): Path<String>,
    written: Written<Nothing>,
) -> Result<Json<Case>, Stop> {
    let (who, id) = (by.who.clone(), CaseId::parse(&id).map_err(|_| by.nothing())?);
    let (case, Written { value: Nothing {}, key }) = (id.clone(), written);
    by.run(&api, move |app| ask::withdraw_once(app, &who, &case, &key)).await?;
    opened(&api, &by, id).await
}
