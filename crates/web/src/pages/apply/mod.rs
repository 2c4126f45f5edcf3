//! Preparing and handing in: a registration, an act on one, the answer to a supplement.
//!
//! Every step has an address of its own and is kept on the server before anything is said about it.

mod ask;
mod check;
mod correct;
mod file;
mod form;
mod materials;
mod register;

pub(super) use ask::first_step;
pub(super) use form::by_province;

use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use banjie_app::error::AppError;
use banjie_app::query::mine;
use banjie_app::usecase::ask::About;
use banjie_app::usecase::form_key::FormKey;
use banjie_domain::id::{CaseId, DraftId, EvidenceId, RegistrationId};
use banjie_domain::refusal::Refusal;
use banjie_domain::registration_type::Answers as Typed;

use crate::fail::Fail;
use crate::form::Fields;
use crate::parts::{Answers, ErrorSummary, Field, Note, UploadBlock, Why};
use crate::run::{blocking, failed};
use crate::session::User;
use crate::shell::{Shell, page_as};
use crate::state::Web;

/// The routes of preparing and handing in.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/registrations/new", get(register::choose).post(register::begin))
        .route("/registrations/{id}/ask", post(ask::begin))
        .route("/cases/{id}/supplement", post(ask::begin_supplement))
        .route("/cases/{id}/again", post(ask::begin_again))
        .route("/drafts/{id}/form", get(register::show).post(register::save))
        .route("/drafts/{id}/reason", get(ask::show).post(ask::save))
        .route("/drafts/{id}/correct", get(correct::show).post(correct::save))
        .route("/drafts/{id}/materials", get(materials::show).post(materials::go_on))
        .route("/drafts/{id}/files/{material}", get(materials::back).post(materials::add))
        .route("/drafts/{id}/remove/{file}", post(materials::remove))
        .route("/drafts/{id}/check", get(check::show).post(check::submit))
        .route("/files/{id}", get(file::show))
}

/// A page of a draft: what there is, and one form that goes on.
#[derive(Template)]
#[template(path = "pages/apply_form.html")]
struct DraftPage<'a> {
    shell: &'a Shell,
    title: String,
    /// Whose registration it is about, when there is one already.
    about: String,
    heading: String,
    lede: String,
    back: Option<(String, String)>,
    summary: Option<ErrorSummary>,
    notes: Vec<Note>,
    /// What cannot be asked for here, and where it can; folded, for those who do not find their case in the form.
    elsewhere: Vec<Note>,
    blocks: Vec<Block>,
    answers: Option<Answers>,
    why: Vec<Why>,
    action: String,
    hidden: Vec<(&'a str, String)>,
    groups: Vec<Group>,
    button: String,
}

/// A material with the small forms that belong to it.
struct Block {
    part: UploadBlock,
    forms: Vec<SmallForm>,
}

struct SmallForm {
    action: String,
    upload: bool,
    field: Option<Field>,
    button: String,
    about: String,
}

/// Fields under one heading.
struct Group {
    label: String,
    folded: bool,
    open: bool,
    fields: Vec<Field>,
}

impl DraftPage<'_> {
    /// 422 with problems, 200 without.
    fn answer(&self) -> Response {
        page_as(if self.summary.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, self)
    }

    /// 409 when another tab changed the draft meanwhile.
    fn answer_unless(&self, moved: bool) -> Response {
        if moved { page_as(StatusCode::CONFLICT, self) } else { self.answer() }
    }
}

/// A failed step of a draft. One that is not there was mostly handed in a moment ago, and somebody pressed Back.
fn draft_failed(shell: &Shell, error: AppError) -> Fail {
    let lost = matches!(error, AppError::NotFound);
    let fail = failed(shell, error);
    if !lost {
        return fail;
    }
    fail.because(shell.t("apply.gone")).then(shell.t("apply.gone-next")).toward("/cases", shell.t("mine.cases"))
}

/// Whose registration a draft is about, in one line.
fn about_line(shell: &Shell, about: &About) -> String {
    let number = mine::registration_number(&about.number);
    shell.fill("apply.about", &[("name", &about.name), ("number", &number)])
}

/// A step on a registration that went wrong; where an open case stands in the way, with the way to it.
async fn failed_on(web: &Web, user: &User, id: RegistrationId, error: AppError) -> Fail {
    let held = matches!(error, AppError::Refused(Refusal::CaseOpen));
    let (shell, fail) = (&user.shell, failed(&user.shell, error));
    if !held {
        return fail;
    }
    let (who, record) = (user.signed.principal.clone(), format!("/registrations/{id}"));
    match blocking(&web.app, move |app| mine::registration(app, &who, &id)).await.map(|view| view.line.open_case) {
        Ok(Some(case)) => fail.toward(format!("/cases/{case}"), shell.t("refusal.case-open.way")),
        // The other side asked: its case is not shown, that there is one is.
        Ok(None) => fail.toward(record, shell.t("refusal.case-open.record")),
        Err(error) => failed(shell, error),
    }
}

fn draft_id(text: &str) -> Result<DraftId, Fail> {
    DraftId::parse(text).map_err(|_| Fail::not_found())
}

fn registration_id(text: &str) -> Result<RegistrationId, Fail> {
    RegistrationId::parse(text).map_err(|_| Fail::not_found())
}

fn case_id(text: &str) -> Result<CaseId, Fail> {
    CaseId::parse(text).map_err(|_| Fail::not_found())
}

fn file_id(text: &str) -> Result<EvidenceId, Fail> {
    EvidenceId::parse(text).map_err(|_| Fail::not_found())
}

/// The version of the draft the page was made from.
fn seen(fields: &Fields) -> u64 {
    fields.text("seen").parse().unwrap_or(0)
}

/// What was typed into these fields.
fn typed<'a>(fields: &Fields, names: impl Iterator<Item = &'a str>) -> Typed {
    names.map(|name| (name.to_owned(), fields.one(name).unwrap_or("").to_owned())).collect()
}

/// The key of a form: the random text of the page, and what came with it.
fn form_key(fields: &Fields, names: &[&str]) -> FormKey {
    let body: Vec<_> = names.iter().map(|name| format!("{name}={}", fields.text(name))).collect();
    FormKey::of(fields.text("form_key"), body.join("&").as_bytes())
}
