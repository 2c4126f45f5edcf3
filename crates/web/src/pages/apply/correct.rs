//! 哪里登错了: the answers of a record that can be corrected, as they read, to be overwritten where they are wrong.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use banjie_app::error::AppError;
use banjie_app::usecase::ask::{self, About};
use banjie_app::usecase::draft::{self, Draft};
use banjie_domain::id::RevisionId;
use banjie_domain::problem::FieldProblem;
use banjie_domain::refusal::Refusal;
use banjie_domain::registration_type::{EFFECTIVE_ON, NOTE, NOTICE_ON, REASON};

use super::form::{fields_of, groups};
use super::{DraftPage, about_line, draft_failed, draft_id, seen, typed};
use crate::fail::Fail;
use crate::form::Fields;
use crate::parts::{Note, Questions, Tone};
use crate::run::blocking;
use crate::session::User;
use crate::state::Web;

/// A correction that was begun, whose registration it is about, and what its form starts from.
struct Begun {
    draft: Draft,
    about: About,
    form: ask::Form,
}

async fn find(web: &Web, user: &User, id: &str) -> Result<Begun, Fail> {
    let (who, id) = (user.signed.principal.clone(), draft_id(id)?);
    blocking(&web.app, move |app| {
        let draft = draft::find(app, &who, &id)?;
        let registration = draft.registration.as_ref().ok_or(AppError::NotFound)?;
        let about = ask::about(app, &who, registration)?;
        Ok(Begun { about, form: ask::correction_form(app, &who, &draft)?, draft })
    })
    .await
    .map_err(|error| draft_failed(&user.shell, error))
}

fn page(
    web: &Web,
    user: &User,
    begun: &Begun,
    (given, problems, moved): (&Fields, &[FieldProblem], bool),
) -> Result<Response, Fail> {
    let (shell, draft) = (&user.shell, &begun.draft);
    let kind = web.app.rules.types.get(&draft.body.kind).ok_or_else(Fail::not_found)?;
    let ask = Questions::new(&shell.tongue, given, problems);
    // A page that is shown again still speaks of the record it was made from.
    let record = match given.text("record") {
        "" => begun.form.record.to_string(),
        came => came.to_owned(),
    };
    let note = if moved {
        Note::new(Tone::Lu, shell.t("apply.moved"), [shell.t("apply.moved-say")])
    } else if draft.body.open.is_some() {
        Note::new(Tone::Lu, shell.t("apply.only-named"), [shell.t("apply.only-named-say")])
    } else {
        Note::new(Tone::Plain, shell.t("apply.correct-not"), [shell.t("apply.correct-not-say")])
    };
    Ok(DraftPage {
        title: format!("{}{}", ask.title_prefix(), shell.t("apply.correct")),
        about: about_line(shell, &begun.about),
        heading: shell.t("apply.correct").to_owned(),
        lede: shell.t("apply.correct-lede").to_owned(),
        back: Some((format!("/drafts/{}/reason", draft.id), shell.t("apply.back-reason").to_owned())),
        summary: ask.summary(),
        notes: vec![note],
        elsewhere: Vec::new(),
        blocks: Vec::new(),
        answers: None,
        why: Vec::new(),
        action: format!("/drafts/{}/correct", draft.id),
        hidden: vec![("seen", draft.version.to_string()), ("record", record)],
        groups: groups(&web.app, shell, (kind, |field| begun.form.open.contains(&field.key)), &ask, given),
        button: shell.t("apply.to-materials").to_owned(),
        shell,
    }
    .answer_unless(moved))
}

/// Whether a problem is one of the page before: what happened, since when, why.
pub(super) fn is_about_reason(problem: &FieldProblem) -> bool {
    [REASON, EFFECTIVE_ON, NOTICE_ON, NOTE].contains(&problem.field.as_str())
}

/// The page on which these problems of an application are put right.
pub(super) fn step_for(problems: &[FieldProblem]) -> &'static str {
    if problems.iter().any(is_about_reason) { "reason" } else { "correct" }
}

/// GET /drafts/{id}/correct
pub(super) async fn show(State(web): State<Web>, Path(id): Path<String>, user: User) -> Result<Response, Fail> {
    let begun = find(&web, &user, &id).await?;
    page(&web, &user, &begun, (&fields_of(&begun.form.answers), &[], false))
}

/// POST /drafts/{id}/correct
pub(super) async fn save(
    State(web): State<Web>,
    Path(id): Path<String>,
    user: User,
    fields: Fields,
) -> Result<Response, Fail> {
    user.require_csrf(&fields)?;
    let begun = find(&web, &user, &id).await?;
    // What was not on the form is not there; what is there and empty was emptied.
    let sent = begun.form.open.iter().map(String::as_str).filter(|key| fields.one(key).is_some());
    let answers = typed(&fields, sent);
    let record = RevisionId::parse(fields.text("record")).unwrap_or_else(|_| begun.form.record.clone());
    let (who, wanted, version) = (user.signed.principal.clone(), begun.draft.id.clone(), seen(&fields));
    let done = blocking(&web.app, move |app| {
        let typed = ask::Typed { answers: &answers, record: &record };
        ask::correct(app, &who, (&wanted, version), &typed)
    })
    .await;
    match done {
        Ok(_) => Ok(Redirect::to(&format!("/drafts/{}/materials", begun.draft.id)).into_response()),
        Err(AppError::Refused(Refusal::Answers(problems))) if problems.iter().any(is_about_reason) => {
            Ok(Redirect::to(&format!("/drafts/{}/reason", begun.draft.id)).into_response())
        }
        Err(AppError::Refused(Refusal::Answers(problems))) => {
            let begun = find(&web, &user, &id).await?;
            page(&web, &user, &begun, (&fields, &problems, false))
        }
        // Another tab was faster: what was typed here stays on the page, to be compared and sent again.
        Err(AppError::Conflict) => {
            let begun = find(&web, &user, &id).await?;
            page(&web, &user, &begun, (&fields, &[], true))
        }
        Err(error) => Err(draft_failed(&user.shell, error)),
    }
}
