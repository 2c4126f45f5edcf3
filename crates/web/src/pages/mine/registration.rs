//! One registration: its state, what was declared, its history, and what can be done with it.

use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use banjie_app::query::mine::{self, RegistrationView};
use banjie_domain::id::{CaseId, RegistrationId};
use banjie_domain::registration::{LegalStatus, RegistrationEvent};

use super::super::words;
use super::registrations::may_ask;
use super::{FactsPage, OneButton};
use crate::fail::Fail;
use crate::form::Fields;
use crate::parts::{Answer, Answers, Moment, Note, Seal, Stop, Tone, Track};
use crate::run::{blocking, failed};
use crate::session::User;
use crate::shell::{Shell, page};
use crate::state::Web;

/// What was declared. An officer reads here what is no personal answer; the rest is for the case page, which is a look.
fn facts(web: &Web, user: &User, view: &RegistrationView) -> Vec<Answer> {
    let shell = &user.shell;
    let mut rows = vec![
        Answer::new(shell.t("mine.person"), view.line.person.clone()),
        Answer::new(shell.t("mine.employer"), view.line.employer.clone().unwrap_or_default()),
    ];
    if view.late_by > 0 {
        let days = view.late_by.to_string();
        rows.push(Answer::new(shell.t("apply.window"), shell.fill("mine.filed-late", &[("days", &days)])));
    }
    let Some(kind) = web.app.rules.types.get(&view.line.row.kind) else { return rows };
    for field in kind.fields().iter().filter(|field| field.key != "name" && field.key != "document_number") {
        if field.personal && user.signed.role.is_staff() {
            continue;
        }
        let Some(value) = view.details.get(&field.key) else { continue };
        let shown = words::answer(&web.app.rules.types, shell, field, value);
        rows.push(Answer::new(field.label.get(shell.lang()), shown));
    }
    rows
}

fn story(shell: &Shell, view: &RegistrationView) -> Vec<Stop> {
    view.story
        .iter()
        .filter_map(|told| {
            let seal = match told.event {
                RegistrationEvent::Filed { .. } => Seal::Received,
                RegistrationEvent::TookEffect {} | RegistrationEvent::Held {} => Seal::Accepted,
                RegistrationEvent::Released {} | RegistrationEvent::Voided {} => Seal::Off,
                _ => Seal::Done,
            };
            let recorded = shell.tongue.date_time(told.envelope.recorded().ok()?);
            let from = shell.tongue.date(told.envelope.effective_on);
            let when = shell.fill("mine.two-times", &[("from", &from), ("recorded", &recorded)]);
            let words = shell.t(&format!("story.{}", told.event.kind()));
            Some(Stop::new(seal, Moment::Past, words).when(when))
        })
        .collect()
}

fn made_note(shell: &Shell) -> Note {
    Note::new(Tone::Dai, shell.t("mine.made"), [shell.t("mine.made-say")])
}

fn receipt_link(shell: &Shell, case: &CaseId) -> (String, String) {
    (format!("/cases/{case}/receipt"), shell.t("mine.receipt").to_owned())
}

/// GET /registrations/{id}
pub(super) async fn show(
    State(web): State<Web>,
    Path(id): Path<String>,
    uri: Uri,
    user: User,
) -> Result<Response, Fail> {
    let shell = &user.shell;
    let query = Fields::parse(uri.query().unwrap_or("").as_bytes())?;
    // After handing in: the case, whose receipt only its applicant can open.
    let made = CaseId::parse(query.text("made")).ok();
    let id = RegistrationId::parse(&id).map_err(|_| Fail::not_found().within(shell))?;
    let who = user.signed.principal.clone();
    let view = blocking(&web.app, move |app| mine::registration(app, &who, &id))
        .await
        .map_err(|error| failed(shell, error))?;
    let row = &view.line.row;
    let mut forms = Vec::new();
    if let Some(words) = may_ask(user.signed.role, &view.line) {
        let action = format!("/registrations/{}/ask", row.id);
        forms.push(OneButton { method: "post", action, button: shell.t(words).to_owned(), quiet: false });
    }
    if let Some(case) = &view.line.open_case {
        let action = format!("/cases/{case}");
        forms.push(OneButton { method: "get", action, button: shell.t("mine.in-hand").to_owned(), quiet: true });
    }
    let number = mine::registration_number(&row.number);
    // Between two times on a site nobody says that the employment is over.
    let left_site = row.project.is_some() && row.status == LegalStatus::Ended.key();
    let say = if left_site { "status-say.left-site".to_owned() } else { format!("status-say.{}", row.status) };
    Ok(page(&FactsPage {
        title: shell.t(&format!("status.{}", row.status)).to_owned(),
        eyebrow: shell.fill("mine.number", &[("number", &number)]),
        say: shell.t(&say).to_owned(),
        back: ("/registrations".to_owned(), shell.t("apply.back-list").to_owned()),
        frame: None,
        notes: made.iter().map(|_| made_note(shell)).collect(),
        forms,
        ruler: None,
        why: Vec::new(),
        answers: Some(Answers::new(&shell.tongue, facts(&web, &user, &view))),
        track: Some(Track::new(&shell.tongue, story(shell, &view))),
        links: made.iter().map(|case| receipt_link(shell, case)).collect(),
        shell,
    }))
}
