//! The administrator's offices: those there are, and a form for one more below them.

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use banjie_app::accounts::{self, NewOffice};
use banjie_app::error::AppError;
use banjie_domain::problem::FieldProblem;
use banjie_domain::refusal::Refusal;
use banjie_domain::registration_type::Authority;

use super::FormPage;
use super::admin::shell_of;
use crate::fail::Fail;
use crate::form::Fields;
use crate::parts::{Mark, Note, Questions, Tone};
use crate::run::{blocking, failed};
use crate::session::Staff;
use crate::state::Web;

fn form(web: &Web, staff: &Staff, fields: &Fields, problems: &[FieldProblem]) -> Response {
    let shell = shell_of(staff);
    let ask = Questions::new(&shell.tongue, fields, problems);
    let offices = accounts::offices_within(&web.app, &staff.0.signed.principal);
    let authorities = Authority::WORDS.map(|(word, _)| Mark::new(word, shell.t(&format!("account.authority.{word}"))));
    let names: Vec<_> = offices.iter().map(|office| office.name.clone()).collect();
    let above = offices.iter().map(|office| Mark::new(office.id.to_string(), office.name.clone())).collect();
    FormPage {
        title: format!("{}{}", ask.title_prefix(), shell.t("account.offices.title")),
        heading: shell.t("account.offices.title"),
        lede: shell.t("account.offices.lede"),
        action: "/admin/offices",
        button: shell.t("account.offices.go"),
        summary: ask.summary(),
        note: Some(Note::new(Tone::Plain, shell.t("account.offices.there"), names)),
        hidden: Vec::new(),
        questions: vec![
            ask.text("name", shell.t("account.offices.name")).hint(shell.t("account.offices.name-hint")),
            ask.select("authority", shell.t("account.offices.authority"), authorities.to_vec()),
            ask.text("region", shell.t("account.offices.region")).hint(shell.t("account.set-up.region-hint")),
            ask.select("parent", shell.t("account.offices.parent"), above).hint(shell.t("account.offices.parent-hint")),
        ],
        links: vec![("/admin/accounts", shell.t("account.new.back"))],
        shell: &shell,
    }
    .answer()
}

fn may_open(staff: &Staff) -> Result<(), Fail> {
    if accounts::roles_to_open(staff.0.signed.role).is_empty() {
        return Err(Fail::not_found().within(&staff.0.shell));
    }
    Ok(())
}

/// GET /admin/offices
pub(super) async fn show(State(web): State<Web>, staff: Staff) -> Result<Response, Fail> {
    may_open(&staff)?;
    Ok(form(&web, &staff, &Fields::default(), &[]))
}

/// POST /admin/offices
pub(super) async fn open(State(web): State<Web>, staff: Staff, fields: Fields) -> Result<Response, Fail> {
    staff.0.require_csrf(&fields)?;
    may_open(&staff)?;
    let text = |name: &str| fields.text(name).to_owned();
    let asked =
        NewOffice { name: text("name"), region: text("region"), authority: text("authority"), parent: text("parent") };
    let who = staff.0.signed.principal.clone();
    match blocking(&web.app, move |app| accounts::open_office(app, &who, &asked)).await {
        Ok(_) => Ok(Redirect::to("/admin/offices").into_response()),
        Err(AppError::Refused(Refusal::Answers(problems))) => Ok(form(&web, &staff, &fields, &problems)),
        Err(error) => Err(failed(&shell_of(&staff), error)),
    }
}
