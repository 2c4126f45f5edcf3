//! 登记历史 and 备案查询: one list, bounded by who reads it; each row says what can be done with it now.

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Redirect, Response};
use banjie_app::query::mine::{self, Line, Lines};
use banjie_app::usecase::draft::{self, Draft};
use banjie_domain::act::{Act, ApplicantKind};
use banjie_domain::actor::Role;
use banjie_domain::problem::{FieldProblem, Problem};
use banjie_domain::registration::{Hold, LegalStatus, offers};
use jiff::Timestamp;

use super::super::apply::first_step;
use crate::fail::Fail;
use crate::form::Fields;
use crate::parts::{Field, Note, Pager, Questions, TextKind, Tone};
use crate::run::{blocking, failed};
use crate::session::User;
use crate::shell::{Place, Shell, page_as};
use crate::state::Web;

#[derive(Template)]
#[template(path = "pages/records.html")]
struct RecordsPage<'a> {
    shell: &'a Shell,
    title: &'a str,
    lede: &'a str,
    note: Option<Note>,
    make: bool,
    drafts: Vec<DraftLine>,
    search: Field,
    chips: Vec<(String, &'a str, bool)>,
    cards: Vec<Card>,
    pager: Pager,
}

/// What is prepared and not handed in.
struct DraftLine {
    go_on: String,
    discard: String,
    label: String,
}

struct Card {
    who: String,
    status: String,
    kind: String,
    number: String,
    href: String,
    since: String,
    open: Option<String>,
    ask: Option<&'static str>,
}

/// Whether this account asks for acts, and in what standing.
pub(super) const fn standing(role: Role) -> Option<ApplicantKind> {
    match role {
        Role::Person => Some(ApplicantKind::Person),
        Role::EmployerClerk => Some(ApplicantKind::Employer),
        _ => None,
    }
}

/// What the button says with which this reader asks something of the registration; none when there is nothing to ask.
pub(super) fn may_ask(role: Role, line: &Line) -> Option<&'static str> {
    let (kind, status) = (standing(role)?, LegalStatus::parse(&line.row.status)?);
    let hold = if line.row.hold == Hold::None.key() { Hold::None } else { Hold::Case };
    match offers(status, hold, kind) {
        [] => None,
        [Act::Revoke] => Some("mine.ask-revoke"),
        _ => Some("mine.ask"),
    }
}

fn card(web: &Web, user: &User, line: &Line) -> Card {
    let shell = &user.shell;
    let kind = web.app.rules.types.get(&line.row.kind);
    let who = match (&line.employer, user.signed.role) {
        (Some(employer), Role::Person) => employer.clone(),
        (Some(employer), role) if role.is_staff() => format!("{} · {employer}", line.person),
        _ => line.person.clone(),
    };
    let started = shell.tongue.date(line.row.started_on);
    let since = match line.row.finished_on {
        Some(finished) => shell.fill("mine.from-to", &[("from", &started), ("to", &shell.tongue.date(finished))]),
        None => shell.fill("mine.since", &[("from", &started)]),
    };
    Card {
        who,
        status: shell.t(&format!("status.{}", line.row.status)).to_owned(),
        kind: kind.map_or_else(String::new, |kind| kind.label(shell.lang()).to_owned()),
        number: mine::registration_number(&line.row.number),
        href: format!("/registrations/{}", line.row.id),
        since,
        open: line.open_case.as_ref().map(|id| format!("/cases/{id}")),
        ask: may_ask(user.signed.role, line),
    }
}

fn draft_line(shell: &Shell, draft: &Draft) -> DraftLine {
    let changed =
        Timestamp::from_microsecond(draft.changed_at).map(|at| shell.tongue.date_time(at)).unwrap_or_default();
    let label = shell.fill(&format!("mine.draft.{}", draft.purpose.key()), &[("at", &changed)]);
    DraftLine { go_on: first_step(draft), discard: format!("/drafts/{}/discard", draft.id), label }
}

struct Asked<'a> {
    status: &'a str,
    given: &'a Fields,
    problems: &'a [FieldProblem],
}

fn page(web: &Web, user: &User, (found, drafts): (&Lines, &[Draft]), asked: &Asked<'_>) -> Response {
    let shell = user.shell.clone().at(user.shell.nav.side, Place::Registrations);
    let questions = Questions::new(&shell.tongue, asked.given, asked.problems);
    let employer = user.signed.principal.employer().is_some();
    let mut chips = vec![("/registrations".to_owned(), shell.t("mine.all"), asked.status.is_empty())];
    for status in [LegalStatus::Valid, LegalStatus::Ended, LegalStatus::Closed, LegalStatus::Revoked] {
        let label = shell.t(&format!("status.{}", status.key()));
        chips.push((format!("/registrations?status={}", status.key()), label, asked.status == status.key()));
    }
    let next = found.next.as_ref().map(|(at, id)| format!("/registrations?status={}&at={at}&id={id}", asked.status));
    let title = if employer || user.signed.role.is_staff() { "mine.records" } else { "mine.history" };
    let note =
        questions.summary().map(|_| Note::new(Tone::Lu, shell.t("mine.not-found"), [shell.t("mine.not-found-say")]));
    let page = RecordsPage {
        title: shell.t(title),
        lede: shell.t("mine.lede"),
        note,
        make: standing(user.signed.role).is_some(),
        drafts: drafts.iter().map(|draft| draft_line(&shell, draft)).collect(),
        search: questions
            .text("number", shell.t("mine.search"))
            .hint(shell.t("mine.search-hint"))
            .kind(TextKind::Search),
        chips,
        cards: found.lines.iter().map(|line| card(web, user, line)).collect(),
        pager: Pager::new(&shell.tongue, "", None, next),
        shell: &shell,
    };
    let status = if asked.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_as(status, &page)
}

async fn read(web: &Web, user: &User, query: &Fields) -> Result<(Lines, Vec<Draft>), Fail> {
    let who = user.signed.principal.clone();
    let status = LegalStatus::parse(query.text("status")).map(LegalStatus::key);
    let after = query.text("at").parse().ok().map(|at: i64| (at, query.text("id").to_owned()));
    blocking(&web.app, move |app| {
        let found = mine::registrations(app, &who, status, after)?;
        Ok((found, draft::list(app, &who)?))
    })
    .await
    .map_err(|error| failed(&user.shell, error))
}

/// GET /registrations
pub(super) async fn show(State(web): State<Web>, user: User, uri: Uri) -> Result<Response, Fail> {
    let query = Fields::parse(uri.query().unwrap_or("").as_bytes())?;
    let (found, drafts) = read(&web, &user, &query).await?;
    let asked = Asked { status: query.text("status"), given: &Fields::default(), problems: &[] };
    Ok(page(&web, &user, (&found, &drafts), &asked))
}

/// POST /registrations/search: a number is found and gone to; it never stands in an address.
pub(super) async fn search(State(web): State<Web>, user: User, fields: Fields) -> Result<Response, Fail> {
    user.require_csrf(&fields)?;
    let (who, typed) = (user.signed.principal.clone(), fields.text("number").to_owned());
    let found = blocking(&web.app, move |app| mine::find_by_number(app, &who, &typed))
        .await
        .map_err(|error| failed(&user.shell, error))?;
    if let Some(id) = found {
        return Ok(Redirect::to(&format!("/registrations/{id}")).into_response());
    }
    let (lines, drafts) = read(&web, &user, &Fields::default()).await?;
    let problems = [Problem::new("registration.not-found").at("number")];
    Ok(page(&web, &user, (&lines, &drafts), &Asked { status: "", given: &fields, problems: &problems }))
}
