//! The materials: one block for each, each file sent on its own, so that a bad one never loses the others.

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use banjie_app::app::App;
use banjie_app::error::{AppError, Outcome};
use banjie_app::query::mine::{CaseProgress, progress};
use banjie_app::usecase::ask::{self, About, Need, Wanted};
use banjie_app::usecase::draft::{self, Draft, DraftFile, Purpose, Upload};
use banjie_domain::act::Act;
use banjie_domain::actor::Principal;
use banjie_domain::id::DraftId;
use banjie_domain::local_text::LocalText;
use banjie_domain::problem::{FieldProblem, Problem};
use banjie_domain::refusal::Refusal;

use super::correct::step_for;
use super::{Block, DraftPage, SmallForm, about_line, draft_failed, draft_id, file_id};
use crate::csrf;
use crate::fail::Fail;
use crate::form::{Content, Fields, Submission, UploadLimits};
use crate::pages::mine::named;
use crate::parts::{Link, Questions, Stored, Tag, Tone, UploadBlock};
use crate::run::{blocking, failed};
use crate::session::User;
use crate::shell::Shell;
use crate::state::Web;

/// What a draft still wants, and what is missing.
pub(super) struct Wants {
    draft: Draft,
    about: About,
    materials: Vec<Wanted>,
    missing: Vec<FieldProblem>,
    /// The case that is answered or taken up again: what the officer named stands beside what has to be handed in.
    case: Option<Box<CaseProgress>>,
}

fn wants(app: &App, who: &Principal, id: &DraftId) -> Outcome<Wants> {
    let draft = draft::find(app, who, id)?;
    let about = ask::about(app, who, draft.registration.as_ref().ok_or(AppError::NotFound)?)?;
    let case = draft.case.as_ref().map(|id| progress(app, who, id).map(Box::new)).transpose()?;
    if draft.purpose == Purpose::Supplement {
        let materials = ask::supplement_materials(app, who, &draft)?;
        return Ok(Wants { missing: ask::supplement_missing(&materials), draft, about, materials, case });
    }
    let preview = ask::preview(app, who, id)?;
    Ok(Wants { draft, about, materials: preview.materials, missing: preview.missing, case })
}

pub(super) async fn read(web: &Web, user: &User, id: &str) -> Result<Wants, AppError> {
    let id = DraftId::parse(id).map_err(|_| AppError::NotFound)?;
    let who = user.signed.principal.clone();
    blocking(&web.app, move |app| wants(app, &who, &id)).await
}

fn tag(shell: &Shell, need: &Need) -> Tag {
    match need {
        Need::Required => Tag::new(Tone::Plain, shell.t("apply.need.required")),
        Need::Optional => Tag::new(Tone::Plain, shell.t("apply.need.optional")),
        Need::OneOf(_) => Tag::new(Tone::Lu, shell.t("apply.need.one-of")),
        Need::Waived(_) => Tag::new(Tone::Dai, shell.t("apply.need.waived")),
    }
}

fn stored(shell: &Shell, file: &DraftFile) -> Stored {
    Stored {
        name: file.name.clone(),
        meta: banjie_app::evidence::human_size(file.size.unsigned_abs()),
        open: Some(Link::new(format!("/files/{}", file.id), shell.t("apply.open-file"))),
        remove: None,
    }
}

fn block(shell: &Shell, draft: &Draft, wanted: &Wanted, problems: &[FieldProblem]) -> Block {
    let id = format!("material-{}", wanted.key);
    let said = |text: &LocalText| text.get(shell.lang()).to_owned();
    let mut why = said(&wanted.why);
    if let Need::Waived(by) = &wanted.need {
        why = said(by);
    }
    if let Some(instead) = &wanted.substitute {
        why = shell.fill("apply.substitute", &[("why", &why), ("instead", &said(instead))]);
    }
    let mut part = UploadBlock::new(&shell.tongue, id, said(&wanted.label)).tag(tag(shell, &wanted.need)).why(why);
    for file in &wanted.files {
        part = part.stored(stored(shell, file));
    }
    let mut forms = Vec::new();
    // What need not be handed in has no place for a file, unless an officer asked for it by name.
    if wanted.open && (draft.purpose == Purpose::Supplement || !matches!(wanted.need, Need::Waived(_))) {
        let name = format!("material:{}", wanted.key);
        let none = Fields::default();
        let ask = Questions::new(&shell.tongue, &none, problems);
        let most = u32::try_from(wanted.max_bytes / 1_000_000).unwrap_or(u32::MAX);
        let hint = if wanted.signs.is_empty() {
            said(&wanted.how)
        } else {
            let signs: Vec<_> = wanted.signs.iter().map(said).collect();
            let signs = signs.join(shell.t("apply.and"));
            shell.fill("apply.legible", &[("how", &said(&wanted.how)), ("signs", &signs)])
        };
        forms.push(SmallForm {
            action: format!("/drafts/{}/files/{}", draft.id, wanted.key),
            upload: true,
            field: Some(ask.file(&name, shell.t("apply.choose-file"), most).hint(hint)),
            button: shell.t("apply.send-file").to_owned(),
            about: said(&wanted.label),
        });
        forms.extend(wanted.files.iter().map(|file| SmallForm {
            action: format!("/drafts/{}/remove/{}", draft.id, file.id),
            upload: false,
            field: None,
            button: shell.t("apply.remove-file").to_owned(),
            about: file.name.clone(),
        }));
    }
    Block { part, forms }
}

pub(super) fn page(user: &User, wants: &Wants, problems: &[FieldProblem]) -> Response {
    let shell = &user.shell;
    let none = Fields::default();
    let ask = Questions::new(&shell.tongue, &none, problems);
    let action = format!("/drafts/{}/materials", wants.draft.id);
    let corrects = wants.draft.body.act == Some(Act::Correct);
    let (before, words) = if corrects { ("correct", "apply.back-correct") } else { ("reason", "apply.back-reason") };
    let none_wanted = wants.materials.iter().all(|one| matches!(one.need, Need::Waived(_)));
    let lede = if none_wanted { "apply.no-materials" } else { "apply.materials-lede" };
    DraftPage {
        title: format!("{}{}", ask.title_prefix(), shell.t("apply.materials")),
        about: about_line(shell, &wants.about),
        heading: shell.t("apply.materials").to_owned(),
        lede: shell.t(lede).to_owned(),
        back: Some((format!("/drafts/{}/{before}", wants.draft.id), shell.t(words).to_owned())),
        summary: ask.summary(),
        notes: wants.case.iter().flat_map(|case| named(shell, case)).collect(),
        elsewhere: Vec::new(),
        blocks: wants.materials.iter().map(|one| block(shell, &wants.draft, one, problems)).collect(),
        answers: None,
        why: Vec::new(),
        action,
        hidden: Vec::new(),
        groups: Vec::new(),
        button: shell.t("apply.to-check").to_owned(),
        shell,
    }
    .answer()
}

/// GET /drafts/{id}/materials
pub(super) async fn show(State(web): State<Web>, Path(id): Path<String>, user: User) -> Result<Response, Fail> {
    match read(&web, &user, &id).await {
        Ok(wants) => Ok(page(&user, &wants, &[])),
        // What happened is not settled yet: that page says what is wrong with it.
        Err(AppError::Refused(Refusal::Answers(problems))) => {
            Ok(Redirect::to(&format!("/drafts/{id}/{}", step_for(&problems))).into_response())
        }
        Err(error) => Err(draft_failed(&user.shell, error)),
    }
}

/// GET /drafts/{id}/files/{material}: where a page with a refused file is opened again.
pub(super) async fn back(
    State(web): State<Web>,
    Path((id, _)): Path<(String, String)>,
    user: User,
) -> Result<Response, Fail> {
    let (who, wanted) = (user.signed.principal.clone(), draft_id(&id).map_err(|fail| fail.within(&user.shell))?);
    blocking(&web.app, move |app| draft::find(app, &who, &wanted))
        .await
        .map_err(|error| draft_failed(&user.shell, error))?;
    Ok(Redirect::to(&format!("/drafts/{id}/materials")).into_response())
}

/// POST /drafts/{id}/materials
pub(super) async fn go_on(
    State(web): State<Web>,
    Path(id): Path<String>,
    user: User,
    fields: Fields,
) -> Result<Response, Fail> {
    user.require_csrf(&fields)?;
    let wants = read(&web, &user, &id).await.map_err(|error| draft_failed(&user.shell, error))?;
    if wants.missing.is_empty() {
        return Ok(Redirect::to(&format!("/drafts/{}/check", wants.draft.id)).into_response());
    }
    Ok(page(&user, &wants, &wants.missing))
}

/// POST /drafts/{id}/files/{material}
pub(super) async fn add(
    State(web): State<Web>,
    Path((id, material)): Path<(String, String)>,
    user: User,
    request: Request,
) -> Result<Response, Fail> {
    let wants = read(&web, &user, &id).await.map_err(|error| failed(&user.shell, error))?;
    let wanted = wants.materials.iter().find(|one| one.key == material && one.open).ok_or_else(Fail::not_found)?;
    let most = usize::try_from(wanted.max_bytes).unwrap_or(usize::MAX);
    let limits = UploadLimits { file_bytes: most, ..UploadLimits::default() };
    let form = Submission::read(request, &limits).await.map_err(|fail| fail.within(&user.shell))?;
    csrf::require(&user.signed.csrf, &form.fields).map_err(|fail| fail.within(&user.shell))?;
    let field = format!("material:{material}");
    let Some(upload) = form.uploads.into_iter().find(|upload| upload.field == field) else {
        return Ok(page(&user, &wants, &[Problem::new("file.none").at(field)]));
    };
    let target = draft_id(&id)?;
    let stored = match (upload.problem(), upload.content) {
        (None, Content::Whole(bytes)) => {
            let who = user.signed.principal.clone();
            blocking(&web.app, move |app| {
                let upload = Upload { material: &material, name: &upload.name, bytes: &bytes };
                draft::add_file(app, &who, &target, &upload)
            })
            .await
        }
        (Some(problem), _) => Err(AppError::Refused(Refusal::Answers(vec![problem.at(field)]))),
        (None, _) => return Err(Fail::not_found()),
    };
    match stored {
        Ok(_) => Ok(Redirect::to(&format!("/drafts/{id}/materials")).into_response()),
        Err(AppError::Refused(Refusal::Answers(problems))) => Ok(page(&user, &wants, &problems)),
        Err(error) => Err(failed(&user.shell, error)),
    }
}

/// POST /drafts/{id}/remove/{file}
pub(super) async fn remove(
    State(web): State<Web>,
    Path((id, file)): Path<(String, String)>,
    user: User,
    fields: Fields,
) -> Result<Response, Fail> {
    user.require_csrf(&fields)?;
    let (who, target, file) = (user.signed.principal.clone(), draft_id(&id)?, file_id(&file)?);
    blocking(&web.app, move |app| draft::remove_file(app, &who, &target, &file))
        .await
        .map_err(|error| failed(&user.shell, error))?;
    Ok(Redirect::to(&format!("/drafts/{id}/materials")).into_response())
}
