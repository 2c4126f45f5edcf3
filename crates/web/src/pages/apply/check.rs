//! Check and hand in: every answer once more, what it does, when it is decided, and one button that names the act.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use banjie_app::app::App;
use banjie_app::error::{AppError, Outcome};
use banjie_app::usecase::ask::{self, About, AskPreview};
use banjie_app::usecase::draft::{self, Draft, Purpose};
use banjie_app::usecase::form_key::{FormKey, new_form_key};
use banjie_app::usecase::register::{self, Preview};
use banjie_app::usecase::window::Window;
use banjie_domain::actor::Principal;
use banjie_domain::calendar::Calendar;
use banjie_domain::id::DraftId;
use banjie_domain::problem::{FieldProblem, Problem};
use banjie_domain::refusal::Refusal;
use banjie_domain::registration_type::{Change, RegistrationType};

use super::super::words;
use super::correct::step_for;
use super::{DraftPage, Group, about_line, draft_failed, draft_id, failed_on, form_key, materials};
use crate::fail::Fail;
use crate::form::Fields;
use crate::pages::why;
use crate::parts::{Answer, Answers, Link, Mark, Note, Questions, Tone, Why};
use crate::run::{blocking, failed};
use crate::session::User;
use crate::shell::Shell;
use crate::state::Web;

enum Ready {
    Registration(Preview),
    Ask(Box<AskPreview>),
}

impl Ready {
    fn calendar(&self) -> &Calendar {
        match self {
            Self::Registration(preview) => &preview.calendar,
            Self::Ask(preview) => &preview.calendar,
        }
    }

    const fn window(&self) -> Option<&Window> {
        match self {
            Self::Registration(preview) => preview.window.as_ref(),
            Self::Ask(preview) => preview.window.as_ref(),
        }
    }
}

/// A draft that can be handed in, and whose registration it is about.
struct Checked {
    draft: Draft,
    about: Option<About>,
    ready: Ready,
}

fn ready(app: &App, who: &Principal, id: &DraftId) -> Outcome<Checked> {
    let draft = draft::find(app, who, id)?;
    let about = draft.registration.as_ref().map(|id| ask::about(app, who, id)).transpose()?;
    let ready = match draft.purpose {
        Purpose::Register => Ready::Registration(register::preview(app, who, id)?),
        Purpose::Ask | Purpose::Supplement => Ready::Ask(Box::new(ask::preview(app, who, id)?)),
    };
    Ok(Checked { draft, about, ready })
}

fn registration_answers(web: &Web, shell: &Shell, draft: &Draft, preview: &Preview) -> Vec<Answer> {
    let Some(kind) = web.app.rules.types.get(&draft.body.kind) else { return Vec::new() };
    let change = format!("/drafts/{}/form", draft.id);
    kind.fields()
        .iter()
        .filter_map(|field| {
            let shown = words::answer(&web.app.rules.types, shell, field, preview.details.get(&field.key)?);
            let label = field.label.get(shell.lang());
            let link = Link::new(format!("{change}#f-{}", field.key), shell.t("apply.change"));
            Some(Answer::new(label, shown).change(link))
        })
        .collect()
}

/// One answer of a 更正: what it should say, and what it says.
fn changed(web: &Web, shell: &Shell, (draft, kind): (&Draft, &RegistrationType), change: &Change) -> Option<Answer> {
    let field = kind.field(&change.field)?;
    let link = Link::new(format!("/drafts/{}/correct#f-{}", draft.id, field.key), shell.t("apply.change"));
    Some(words::changed(&web.app.rules.types, shell, field, change).change(link))
}

fn ask_answers(web: &Web, shell: &Shell, draft: &Draft, preview: &AskPreview) -> Vec<Answer> {
    let kind = web.app.rules.types.get(&draft.body.kind);
    let reason = kind.and_then(|kind| kind.reason(&preview.reason));
    let to = |step: &str| Link::new(format!("/drafts/{}/{step}", draft.id), shell.t("apply.change"));
    let mut rows = vec![
        Answer::new(shell.t("apply.act"), shell.t(&format!("act.{}", preview.act.key()))),
        Answer::new(shell.t("apply.reason"), reason.map_or("", |reason| reason.label.get(shell.lang())))
            .note(reason.map_or("", |reason| reason.basis.as_str()))
            .change(to("reason")),
        Answer::new(shell.t("apply.effective"), shell.tongue.date(preview.effective_on)).change(to("reason")),
    ];
    if let Some(kind) = kind {
        rows.extend(preview.changes.iter().filter_map(|one| changed(web, shell, (draft, kind), one)));
    }
    if let Some(day) = preview.notice_on {
        rows.push(Answer::new(shell.t("apply.notice"), shell.tongue.date(day)).change(to("reason")));
    }
    rows.push(Answer::new(shell.t("apply.note"), preview.note.clone()).change(to("reason")));
    for file in preview.materials.iter().flat_map(|one| one.files.iter().map(move |file| (one, file))) {
        rows.push(Answer::new(file.0.label.get(shell.lang()), file.1.name.clone()).change(to("materials")));
    }
    if let Some(effects) = kind.zip(reason).and_then(|(kind, reason)| kind.effects(reason)) {
        let lang = shell.lang();
        rows.push(Answer::new(shell.t("apply.effect.work"), effects.work_history.get(lang)));
        rows.push(Answer::new(shell.t("apply.effect.insurance"), effects.insurance.get(lang)));
        rows.push(Answer::new(shell.t("apply.effect.benefit"), effects.benefit.get(lang)));
        rows.push(Answer::new(shell.t("apply.effect.pension"), effects.pension.get(lang)));
    }
    let (accept, decide) = (shell.tongue.date(preview.accept_by), shell.tongue.date(preview.decide_by));
    let dates = shell.fill("apply.dates", &[("accept", &accept), ("decide", &decide)]);
    rows.push(Answer::new(shell.t("apply.when"), dates).note(shell.t("apply.undo")));
    rows
}

/// Why the days that would be promised are those days.
fn whys(shell: &Shell, ready: &Ready) -> Vec<Why> {
    let calendar = ready.calendar();
    let mut whys = match ready {
        Ready::Registration(_) => Vec::new(),
        Ready::Ask(preview) => {
            let accept = (preview.received_on, preview.accept_days);
            let decide = (preview.accept_by, preview.promise_days);
            why::of_both(shell, calendar, accept, decide).into()
        }
    };
    whys.extend(ready.window().map(|window| why::of_window(shell, calendar, window)));
    whys
}

/// The days the employer had to file this in, as one answer; late is said, and that it changes nothing.
fn window_answer(shell: &Shell, window: &Window) -> Answer {
    let last = shell.tongue.date(window.last);
    let line = match window.late_by {
        0 => shell.fill("apply.window-in-time", &[("last", &last)]),
        days => shell.fill("apply.window-late", &[("last", &last), ("days", &days.to_string())]),
    };
    Answer::new(shell.t("apply.window"), line).note(&window.basis)
}

fn page(
    web: &Web,
    user: &User,
    Checked { draft, about, ready }: &Checked,
    given: &Fields,
    problems: &[FieldProblem],
) -> Response {
    let shell = &user.shell;
    let ask = Questions::new(&shell.tongue, given, problems);
    let (mut rows, warnings, button, back) = match ready {
        Ready::Registration(preview) => {
            let rows = registration_answers(web, shell, draft, preview);
            (rows, &preview.warnings, "apply.submit.register".to_owned(), "form")
        }
        Ready::Ask(preview) => {
            let button = if draft.purpose == Purpose::Supplement { "supplement" } else { preview.act.key() };
            (ask_answers(web, shell, draft, preview), &preview.warnings, format!("apply.submit.{button}"), "materials")
        }
    };
    rows.extend(ready.window().map(|window| window_answer(shell, window)));
    let notes = warnings
        .iter()
        .map(|warning| Note::new(Tone::Lu, shell.t("apply.warning"), [shell.tongue.problem(&warning.problem)]))
        .collect();
    let key = match given.text("form_key") {
        "" => new_form_key(&web.app),
        known => known.to_owned(),
    };
    let truth = ask.checks("truth", shell.t("apply.truth"), vec![Mark::new("yes", shell.t("apply.truth-yes"))]);
    DraftPage {
        title: format!("{}{}", ask.title_prefix(), shell.t("apply.check")),
        about: about.as_ref().map_or_else(String::new, |about| about_line(shell, about)),
        heading: shell.t("apply.check").to_owned(),
        lede: shell.t("apply.check-lede").to_owned(),
        back: Some((format!("/drafts/{}/{back}", draft.id), shell.t("apply.back-step").to_owned())),
        summary: ask.summary(),
        notes,
        elsewhere: Vec::new(),
        blocks: Vec::new(),
        answers: Some(Answers::new(&shell.tongue, rows)),
        why: whys(shell, ready),
        action: format!("/drafts/{}/check", draft.id),
        hidden: vec![("form_key", key), ("purpose", draft.purpose.key().to_owned())],
        groups: vec![Group { label: String::new(), folded: false, open: true, fields: vec![truth] }],
        button: shell.t(&button).to_owned(),
        shell,
    }
    .answer()
}

/// GET /drafts/{id}/check
pub(super) async fn show(State(web): State<Web>, Path(id): Path<String>, user: User) -> Result<Response, Fail> {
    let (who, wanted) = (user.signed.principal.clone(), draft_id(&id)?);
    let wanted_again = wanted.clone();
    match blocking(&web.app, move |app| ready(app, &who, &wanted)).await {
        Ok(checked) => Ok(page(&web, &user, &checked, &Fields::default(), &[])),
        Err(error) => unready(&web, &user, &wanted_again, error).await,
    }
}

/// A draft that cannot be handed in as it is: back to the page where it is put right.
async fn unready(web: &Web, user: &User, id: &DraftId, error: AppError) -> Result<Response, Fail> {
    let AppError::Refused(Refusal::Answers(problems)) = error else {
        return Err(draft_failed(&user.shell, error));
    };
    let (who, wanted) = (user.signed.principal.clone(), id.clone());
    let draft = blocking(&web.app, move |app| draft::find(app, &who, &wanted)).await;
    let draft = draft.map_err(|error| draft_failed(&user.shell, error))?;
    let step = if draft.purpose == Purpose::Register { "form" } else { step_for(&problems) };
    Ok(Redirect::to(&format!("/drafts/{id}/{step}")).into_response())
}

/// Hands a draft in, whatever it prepares; the page that follows. The same form sent again gets the same answer, also
/// when the draft is gone.
fn hand_in(app: &App, who: &Principal, id: &DraftId, purpose: &str, key: &FormKey) -> Outcome<String> {
    match purpose {
        "register" => {
            let filed = register::submit_registration(app, who, id, key)?;
            Ok(format!("/registrations/{}?made={}", filed.registration, filed.case))
        }
        "supplement" => Ok(format!("/cases/{}", ask::answer_supplement(app, who, id, key)?)),
        _ => Ok(format!("/cases/{}/receipt", ask::submit_ask(app, who, id, key)?)),
    }
}

fn of_material(problem: &FieldProblem) -> bool {
    ["material:", "group:"].iter().any(|kind| problem.field.starts_with(kind))
}

/// POST /drafts/{id}/check
pub(super) async fn submit(
    State(web): State<Web>,
    Path(id): Path<String>,
    user: User,
    fields: Fields,
) -> Result<Response, Fail> {
    user.require_csrf(&fields)?;
    let target = draft_id(&id)?;
    let key = form_key(&fields, &["truth", "purpose"]);
    let (who, wanted, purpose) = (user.signed.principal.clone(), target.clone(), fields.text("purpose").to_owned());
    let done = if fields.text("truth") == "yes" {
        blocking(&web.app, move |app| hand_in(app, &who, &wanted, &purpose, &key)).await
    } else {
        Err(AppError::Refused(Refusal::Answers(vec![Problem::new("truth.missing").at("truth")])))
    };
    match done {
        Ok(next) => Ok(Redirect::to(&next).into_response()),
        Err(AppError::Refused(Refusal::CaseOpen)) => {
            let who = user.signed.principal.clone();
            let draft = blocking(&web.app, move |app| draft::find(app, &who, &target)).await;
            let record = draft.map_err(|error| failed(&user.shell, error))?.registration.ok_or_else(Fail::not_found)?;
            Err(failed_on(&web, &user, record, Refusal::CaseOpen.into()).await)
        }
        // What is missing is said where it can be handed in.
        Err(AppError::Refused(Refusal::Answers(problems))) if problems.iter().any(of_material) => {
            let wants = materials::read(&web, &user, &id).await.map_err(|error| draft_failed(&user.shell, error))?;
            Ok(materials::page(&user, &wants, &problems))
        }
        Err(AppError::Refused(Refusal::Answers(problems))) => {
            let (who, wanted) = (user.signed.principal.clone(), target.clone());
            match blocking(&web.app, move |app| ready(app, &who, &wanted)).await {
                Ok(checked) => Ok(page(&web, &user, &checked, &fields, &problems)),
                Err(error) => unready(&web, &user, &target, error).await,
            }
        }
        Err(error) => Err(draft_failed(&user.shell, error)),
    }
}
