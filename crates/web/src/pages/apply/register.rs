//! 登记: choose the type, fill in the form. Checking and handing in follow on the check page.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use banjie_app::error::AppError;
use banjie_app::usecase::draft::{self, Draft};
use banjie_app::usecase::register;
use banjie_domain::problem::{FieldProblem, Problem};
use banjie_domain::refusal::Refusal;

use super::form::{fields_of, groups};
use super::{DraftPage, Group, draft_failed, draft_id, seen, typed};
use crate::fail::Fail;
use crate::form::Fields;
use crate::parts::{Mark, Note, Questions, Tone};
use crate::run::{blocking, failed};
use crate::session::User;
use crate::state::Web;

fn choice(web: &Web, user: &User, given: &Fields, problems: &[FieldProblem]) -> Result<Response, Fail> {
    let shell = &user.shell;
    let kinds = register::kinds_for(&web.app, &user.signed.principal);
    if kinds.is_empty() {
        return Err(Fail::not_found().within(shell));
    }
    let marks = kinds.iter().map(|kind| Mark::new(kind.key(), kind.label(shell.lang()))).collect();
    let ask = Questions::new(&shell.tongue, given, problems);
    let fields = vec![ask.radios("kind", shell.t("apply.kind"), marks)];
    Ok(DraftPage {
        title: format!("{}{}", ask.title_prefix(), shell.t("apply.new")),
        about: String::new(),
        heading: shell.t("apply.new").to_owned(),
        lede: shell.t("apply.new-lede").to_owned(),
        back: Some(("/registrations".to_owned(), shell.t("apply.back-list").to_owned())),
        summary: ask.summary(),
        notes: Vec::new(),
        elsewhere: Vec::new(),
        blocks: Vec::new(),
        answers: None,
        why: Vec::new(),
        action: "/registrations/new".to_owned(),
        hidden: Vec::new(),
        groups: vec![Group { label: String::new(), folded: false, open: true, fields }],
        button: shell.t("apply.start").to_owned(),
        shell,
    }
    .answer())
}

/// GET /registrations/new
pub(super) async fn choose(State(web): State<Web>, user: User) -> Result<Response, Fail> {
    let kinds = register::kinds_for(&web.app, &user.signed.principal);
    let usual = Fields::from_pairs([("kind", kinds.first().map_or("", |kind| kind.key()))]);
    choice(&web, &user, &usual, &[])
}

/// POST /registrations/new
pub(super) async fn begin(State(web): State<Web>, user: User, fields: Fields) -> Result<Response, Fail> {
    user.require_csrf(&fields)?;
    let (who, kind) = (user.signed.principal.clone(), fields.text("kind").to_owned());
    if !register::kinds_for(&web.app, &who).iter().any(|known| known.key() == kind) {
        return choice(&web, &user, &fields, &[Problem::new("kind.missing").at("kind")]);
    }
    let id = blocking(&web.app, move |app| draft::start_registration(app, &who, &kind))
        .await
        .map_err(|error| failed(&user.shell, error))?;
    Ok(Redirect::to(&format!("/drafts/{id}/form")).into_response())
}

/// What a form page shows beside the draft.
struct Given<'a> {
    fields: &'a Fields,
    problems: &'a [FieldProblem],
    /// Another tab changed the draft meanwhile.
    moved: bool,
}

fn page(web: &Web, user: &User, draft: &Draft, given: &Given<'_>) -> Result<Response, Fail> {
    let shell = &user.shell;
    let kind = web.app.rules.types.get(&draft.body.kind).ok_or_else(Fail::not_found)?;
    let ask = Questions::new(&shell.tongue, given.fields, given.problems);
    let notes = if given.moved {
        vec![Note::new(Tone::Lu, shell.t("apply.moved"), [shell.t("apply.moved-say")])]
    } else {
        Vec::new()
    };
    Ok(DraftPage {
        title: format!("{}{}", ask.title_prefix(), kind.label(shell.lang())),
        about: String::new(),
        heading: kind.label(shell.lang()).to_owned(),
        lede: shell.t("apply.form-lede").to_owned(),
        back: Some(("/registrations".to_owned(), shell.t("apply.back-list").to_owned())),
        summary: ask.summary(),
        notes,
        elsewhere: Vec::new(),
        blocks: Vec::new(),
        answers: None,
        why: Vec::new(),
        action: format!("/drafts/{}/form", draft.id),
        hidden: vec![("seen", draft.version.to_string())],
        groups: groups(&web.app, shell, (kind, |_| true), &ask, given.fields),
        button: shell.t("apply.to-check").to_owned(),
        shell,
    }
    .answer_unless(given.moved))
}

async fn find(web: &Web, user: &User, id: &str) -> Result<Draft, Fail> {
    let (who, id) = (user.signed.principal.clone(), draft_id(id)?);
    blocking(&web.app, move |app| draft::find(app, &who, &id)).await.map_err(|error| draft_failed(&user.shell, error))
}

/// GET /drafts/{id}/form
pub(super) async fn show(State(web): State<Web>, Path(id): Path<String>, user: User) -> Result<Response, Fail> {
    let draft = find(&web, &user, &id).await?;
    page(&web, &user, &draft, &Given { fields: &fields_of(&draft.body.answers), problems: &[], moved: false })
}

/// POST /drafts/{id}/form
pub(super) async fn save(
    State(web): State<Web>,
    Path(id): Path<String>,
    user: User,
    fields: Fields,
) -> Result<Response, Fail> {
    user.require_csrf(&fields)?;
    let draft = find(&web, &user, &id).await?;
    let kind = web.app.rules.types.get(&draft.body.kind).ok_or_else(Fail::not_found)?;
    let answers = typed(&fields, kind.fields().iter().map(|field| field.key.as_str()));
    let (who, wanted, version) = (user.signed.principal.clone(), draft.id.clone(), seen(&fields));
    // What was typed is kept before anything is said about it.
    let checked = blocking(&web.app, move |app| {
        draft::save_answers(app, &who, &wanted, version, answers)?;
        register::preview(app, &who, &wanted)
    })
    .await;
    match checked {
        Ok(_) => Ok(Redirect::to(&format!("/drafts/{}/check", draft.id)).into_response()),
        Err(AppError::Refused(Refusal::Answers(problems))) => {
            let draft = find(&web, &user, &id).await?;
            page(&web, &user, &draft, &Given { fields: &fields, problems: &problems, moved: false })
        }
        // Another tab was faster: what was typed here stays on the page, to be compared and sent again.
        Err(AppError::Conflict) => page(&web, &user, &draft, &Given { fields: &fields, problems: &[], moved: true }),
        Err(error) => Err(failed(&user.shell, error)),
    }
}
