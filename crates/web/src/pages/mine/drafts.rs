//! Throwing a draft away, after asking once.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use banjie_app::usecase::draft;
use banjie_domain::id::DraftId;

use super::{FactsPage, OneButton};
use crate::fail::Fail;
use crate::form::Fields;
use crate::run::{blocking, failed};
use crate::session::User;
use crate::state::Web;

fn draft_id(user: &User, text: &str) -> Result<DraftId, Fail> {
    DraftId::parse(text).map_err(|_| Fail::not_found().within(&user.shell))
}

/// GET /drafts/{id}/discard
pub(super) async fn ask_discard(State(web): State<Web>, Path(id): Path<String>, user: User) -> Result<Response, Fail> {
    let shell = &user.shell;
    let (who, id) = (user.signed.principal.clone(), draft_id(&user, &id)?);
    let wanted = id.clone();
    blocking(&web.app, move |app| draft::find(app, &who, &wanted)).await.map_err(|error| failed(shell, error))?;
    let action = format!("/drafts/{id}/discard");
    let back = ("/registrations".to_owned(), shell.t("apply.back-list").to_owned());
    let go = OneButton { method: "post", action, button: shell.t("mine.discard-go").to_owned(), quiet: false };
    let page = FactsPage::saying(shell, shell.t("mine.discard-title"), shell.t("mine.discard-say"), back);
    Ok(crate::shell::page(&FactsPage { forms: vec![go], ..page }))
}

/// POST /drafts/{id}/discard
pub(super) async fn discard(
    State(web): State<Web>,
    Path(id): Path<String>,
    user: User,
    fields: Fields,
) -> Result<Response, Fail> {
    user.require_csrf(&fields)?;
    let (who, id) = (user.signed.principal.clone(), draft_id(&user, &id)?);
    blocking(&web.app, move |app| draft::discard(app, &who, &id)).await.map_err(|error| failed(&user.shell, error))?;
    Ok(Redirect::to("/registrations").into_response())
}
