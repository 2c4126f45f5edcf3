//! 发生了什么: the situations in plain words, each with its reasons; the act follows from them.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use banjie_app::error::AppError;
use banjie_app::usecase::ask::{self, About, Choice};
use banjie_app::usecase::draft::{self, Draft, Purpose};
use banjie_domain::act::{Act, ApplicantKind};
use banjie_domain::id::DraftId;
use banjie_domain::problem::FieldProblem;
use banjie_domain::refusal::Refusal;
use banjie_domain::registration_type::{Reason, RegistrationType};

use super::form::fields_of;
use super::{DraftPage, Group, about_line, case_id, draft_failed, draft_id, failed_on, registration_id, seen, typed};
use crate::fail::Fail;
use crate::form::Fields;
use crate::parts::{Field, Mark, Note, Questions, Tone};
use crate::run::{blocking, failed};
use crate::session::User;
use crate::state::Web;

const TYPED: [&str; 4] = ["effective_on", "notice_on", "note", "agent"];

/// POST /registrations/{id}/ask
pub(super) async fn begin(
    State(web): State<Web>,
    Path(id): Path<String>,
    user: User,
    fields: Fields,
) -> Result<Response, Fail> {
    user.require_csrf(&fields)?;
    let (who, id) = (user.signed.principal.clone(), registration_id(&id)?);
    let record = id.clone();
    match blocking(&web.app, move |app| ask::start(app, &who, &id)).await {
        Ok(draft) => Ok(Redirect::to(&format!("/drafts/{draft}/reason")).into_response()),
        Err(error) => Err(failed_on(&web, &user, record, error).await),
    }
}

/// POST /cases/{id}/supplement
pub(super) async fn begin_supplement(
    State(web): State<Web>,
    Path(id): Path<String>,
    user: User,
    fields: Fields,
) -> Result<Response, Fail> {
    user.require_csrf(&fields)?;
    let (who, id) = (user.signed.principal.clone(), case_id(&id)?);
    let draft = blocking(&web.app, move |app| ask::start_supplement(app, &who, &id))
        .await
        .map_err(|error| failed(&user.shell, error))?;
    first_page(&web, &user, draft).await
}

/// POST /cases/{id}/again
pub(super) async fn begin_again(
    State(web): State<Web>,
    Path(id): Path<String>,
    user: User,
    fields: Fields,
) -> Result<Response, Fail> {
    user.require_csrf(&fields)?;
    let (who, id) = (user.signed.principal.clone(), case_id(&id)?);
    let draft = blocking(&web.app, move |app| ask::start_again(app, &who, &id))
        .await
        .map_err(|error| failed(&user.shell, error))?;
    first_page(&web, &user, draft).await
}

/// Where somebody goes on: at the questions, or at the papers when no question is open.
async fn first_page(web: &Web, user: &User, id: DraftId) -> Result<Response, Fail> {
    let begun = find(web, user, id.as_str()).await?;
    Ok(Redirect::to(&first_step(&begun.draft)).into_response())
}

/// The address of the first page of a draft on which something can change.
pub(in crate::pages) fn first_step(draft: &Draft) -> String {
    let asked = TYPED.iter().chain(["reason"].iter()).any(|field| is_open(draft, field));
    let named = |target: &String| target.starts_with("field:");
    let step = match draft.purpose {
        Purpose::Register => "form",
        Purpose::Ask | Purpose::Supplement if asked => "reason",
        // What is left is an answer of the record itself.
        Purpose::Ask | Purpose::Supplement if draft.body.open.iter().flatten().any(named) => "correct",
        Purpose::Ask | Purpose::Supplement => "materials",
    };
    format!("/drafts/{}/{step}", draft.id)
}

const fn applicant(user: &User) -> ApplicantKind {
    if user.signed.principal.person().is_some() { ApplicantKind::Person } else { ApplicantKind::Employer }
}

/// All reasons as one list of choices, each named by its situation: one page, one choice, no script. What the record's
/// status does not allow is not offered.
fn reasons(user: &User, kind: &RegistrationType, acts: &[Act]) -> Vec<Mark> {
    let lang = user.shell.lang();
    kind.situations(applicant(user))
        .filter(|situation| situation.offered && acts.contains(&situation.act))
        .flat_map(|situation| {
            let of_reason = move |reason: &Reason| {
                let (said, why) = (situation.label.get(lang), reason.label.get(lang));
                let pair = [("said", said), ("why", why)];
                let words = if said == why { said.to_owned() } else { user.shell.fill("apply.because", &pair) };
                Mark::new(format!("{}/{}", situation.key, reason.code), words)
            };
            kind.reasons_of(situation).filter(|reason| reason.offered).map(of_reason)
        })
        .collect()
}

/// The situations that lead elsewhere, with what to do instead.
fn elsewhere(user: &User, kind: &RegistrationType) -> Vec<Note> {
    let lang = user.shell.lang();
    kind.situations(applicant(user))
        .filter(|situation| !situation.offered)
        .filter_map(|situation| {
            let instead = situation.instead.as_ref()?;
            Some(Note::new(Tone::Plain, situation.label.get(lang), [instead.get(lang)]))
        })
        .collect()
}

fn questions(user: &User, begun: &Begun, kind: &RegistrationType, ask: &Questions<'_>) -> Vec<Field> {
    let (shell, draft) = (&user.shell, &begun.draft);
    let open = |field: &str| is_open(draft, field);
    let mut fields = Vec::new();
    if open("reason") {
        fields.push(ask.radios("reason", shell.t("apply.reason"), reasons(user, kind, begun.about.acts)));
    }
    if open("effective_on") {
        fields.push(ask.date("effective_on", shell.t("apply.effective")).hint(shell.t("apply.effective-hint")));
    }
    if open("notice_on") {
        fields.push(ask.date("notice_on", shell.t("apply.notice")).hint(shell.t("apply.notice-hint")).optional());
    }
    if open("note") {
        fields.push(ask.area("note", shell.t("apply.note")).hint(shell.t("apply.note-hint")).optional());
    }
    if applicant(user) == ApplicantKind::Employer && draft.body.open.is_none() {
        let mark = Mark::new("yes", shell.t("apply.agent-yes"));
        fields.push(ask.checks("agent", shell.t("apply.agent"), vec![mark]));
    }
    fields
}

fn is_open(draft: &Draft, field: &str) -> bool {
    draft.body.is_open(&format!("field:{field}"))
}

/// What the page shows beside the draft.
struct Given<'a> {
    fields: &'a Fields,
    problems: &'a [FieldProblem],
    /// Another tab changed the draft meanwhile.
    moved: bool,
}

impl<'a> Given<'a> {
    const fn of(fields: &'a Fields) -> Self {
        Self { fields, problems: &[], moved: false }
    }
}

fn page(web: &Web, user: &User, begun: &Begun, given: &Given<'_>) -> Result<Response, Fail> {
    let (shell, draft) = (&user.shell, &begun.draft);
    let kind = web.app.rules.types.get(&draft.body.kind).ok_or_else(Fail::not_found)?;
    let ask = Questions::new(&shell.tongue, given.fields, given.problems);
    let only_named = draft.body.open.is_some();
    let notes = [(given.moved, "apply.moved"), (only_named, "apply.only-named")];
    let notes = notes.into_iter().filter(|(holds, _)| *holds);
    let notes = notes.map(|(_, key)| Note::new(Tone::Lu, shell.t(key), [shell.t(&format!("{key}-say"))]));
    Ok(DraftPage {
        title: format!("{}{}", ask.title_prefix(), shell.t("apply.what")),
        about: about_line(shell, &begun.about),
        heading: shell.t("apply.what").to_owned(),
        lede: shell.t("apply.what-lede").to_owned(),
        back: Some(("/registrations".to_owned(), shell.t("apply.back-list").to_owned())),
        summary: ask.summary(),
        notes: notes.collect(),
        elsewhere: if only_named { Vec::new() } else { elsewhere(user, kind) },
        blocks: Vec::new(),
        answers: None,
        why: Vec::new(),
        action: format!("/drafts/{}/reason", draft.id),
        hidden: vec![("seen", draft.version.to_string())],
        groups: vec![Group {
            label: String::new(),
            folded: false,
            open: true,
            fields: questions(user, begun, kind, &ask),
        }],
        button: shell.t("apply.to-materials").to_owned(),
        shell,
    }
    .answer_unless(given.moved))
}

/// A draft, and whose registration it is about.
struct Begun {
    draft: Draft,
    about: About,
}

async fn find(web: &Web, user: &User, id: &str) -> Result<Begun, Fail> {
    let (who, id) = (user.signed.principal.clone(), draft_id(id)?);
    blocking(&web.app, move |app| {
        let draft = draft::find(app, &who, &id)?;
        let registration = draft.registration.as_ref().ok_or(AppError::NotFound)?;
        Ok(Begun { about: ask::about(app, &who, registration)?, draft })
    })
    .await
    .map_err(|error| draft_failed(&user.shell, error))
}

/// GET /drafts/{id}/reason
pub(super) async fn show(State(web): State<Web>, Path(id): Path<String>, user: User) -> Result<Response, Fail> {
    let begun = find(&web, &user, &id).await?;
    let body = &begun.draft.body;
    let mut answers = body.answers.clone();
    if let (Some(situation), Some(reason)) = (&body.situation, &body.reason) {
        answers.insert("reason", format!("{situation}/{reason}"));
    }
    page(&web, &user, &begun, &Given::of(&fields_of(&answers)))
}

/// POST /drafts/{id}/reason
pub(super) async fn save(
    State(web): State<Web>,
    Path(id): Path<String>,
    user: User,
    fields: Fields,
) -> Result<Response, Fail> {
    user.require_csrf(&fields)?;
    let draft = find(&web, &user, &id).await?.draft;
    let answers = typed(&fields, TYPED.into_iter());
    let (who, wanted, version) = (user.signed.principal.clone(), draft.id.clone(), seen(&fields));
    let chosen = fields.text("reason").to_owned();
    let done = blocking(&web.app, move |app| {
        let (situation, reason) = chosen.split_once('/').unwrap_or_default();
        ask::choose(app, &who, (&wanted, version), Choice { situation, reason }, &answers)
    })
    .await;
    match done {
        Ok(act) => {
            let next = if act == Act::Correct { "correct" } else { "materials" };
            Ok(Redirect::to(&format!("/drafts/{}/{next}", draft.id)).into_response())
        }
        Err(AppError::Refused(Refusal::Answers(problems))) => {
            let begun = find(&web, &user, &id).await?;
            page(&web, &user, &begun, &Given { problems: &problems, ..Given::of(&fields) })
        }
        // Another tab was faster: what was typed here stays on the page, to be compared and sent again.
        Err(AppError::Conflict) => {
            let begun = find(&web, &user, &id).await?;
            page(&web, &user, &begun, &Given { moved: true, ..Given::of(&fields) })
        }
        Err(error) => Err(failed(&user.shell, error)),
    }
}
