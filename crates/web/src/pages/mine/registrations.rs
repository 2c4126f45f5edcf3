//! 登记历史 and 备案查询: one list, bounded by who reads it; each row says what can be done with it now.

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use banjie_app::app::App;
use banjie_app::query::mine::{self, Line, Lines};
use banjie_app::usecase::ask;
use banjie_app::usecase::draft::{self, Draft};
use banjie_domain::act::{Act, ApplicantKind};
use banjie_domain::actor::{Principal, Role};
use banjie_domain::authorize::{Action, authorize_list};
use banjie_domain::problem::FieldProblem;
use banjie_domain::registration::{Hold, LegalStatus, offers};
use jiff::Timestamp;

use super::super::apply::first_step;
use crate::fail::Fail;
use crate::form::Fields;
use crate::parts::{ErrorSummary, Field, Link, Note, Pager, Questions, TextKind, Tone};
use crate::run::{blocking, failed};
use crate::session::User;
use crate::shell::{Place, Shell, page_as};
use crate::state::Web;

/// What the search field is sent under.
pub(super) const FIND: &str = "find";

/// A list of registrations with the search above it.
#[derive(Template)]
#[template(path = "pages/records.html")]
pub(super) struct RecordsPage<'a> {
    pub shell: &'a Shell,
    pub prefix: String,
    pub title: &'a str,
    pub lede: String,
    pub summary: Option<ErrorSummary>,
    pub note: Option<Note>,
    pub make: bool,
    pub export: bool,
    pub drafts: Vec<DraftLine>,
    pub search: Field,
    pub links: Vec<Link>,
    pub chips: Vec<(String, String, bool)>,
    pub empty: &'a str,
    pub cards: Vec<Card>,
    pub pager: Pager,
}

/// What is prepared and not handed in.
pub(super) struct DraftLine {
    go_on: String,
    discard: String,
    label: String,
}

pub(super) struct Card {
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

pub(super) fn card(web: &Web, user: &User, line: &Line) -> Card {
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

/// Whose registration a draft is about: what is registered, or what was typed so far.
fn whose(app: &App, who: &Principal, draft: &Draft) -> String {
    // A record that went out of reach meanwhile is said when the draft is opened.
    let about = draft.registration.as_ref().and_then(|id| ask::about(app, who, id).ok());
    match about {
        Some(about) => format!("{} {}", about.name, mine::registration_number(&about.number)),
        None => draft.body.answers.get("name").to_owned(),
    }
}

fn draft_line(shell: &Shell, (draft, whose): &(Draft, String)) -> DraftLine {
    let changed =
        Timestamp::from_microsecond(draft.changed_at).map(|at| shell.tongue.date_time(at)).unwrap_or_default();
    let label = shell.fill(&format!("mine.draft.{}", draft.purpose.key()), &[("at", &changed)]);
    let label = if whose.is_empty() { label } else { format!("{whose} · {label}") };
    DraftLine { go_on: first_step(draft), discard: format!("/drafts/{}/discard", draft.id), label }
}

/// The search: a number; for an employer a name, too.
pub(super) fn search_field(user: &User, questions: &Questions<'_>) -> Field {
    let by_name = authorize_list(&user.signed.principal, Action::RegistrationFindByName).is_ok();
    let (label, hint) = if by_name { ("find", "find-hint") } else { ("find-number", "find-number-hint") };
    let say = |key: &str| user.shell.t(&format!("mine.{key}"));
    questions.text(FIND, say(label)).hint(say(hint)).kind(TextKind::Search)
}

/// The place in a list at which the next page begins.
pub(super) fn place(query: &Fields) -> Option<(i64, String)> {
    query.text("at").parse().ok().map(|at: i64| (at, query.text("id").to_owned()))
}

/// What was asked of the list.
pub(super) struct Asked<'a> {
    pub status: &'a str,
    pub given: &'a Fields,
    pub problems: &'a [FieldProblem],
    pub note: Option<Note>,
}

fn chips(shell: &Shell, status: &str) -> Vec<(String, String, bool)> {
    let all = ("/registrations".to_owned(), shell.t("mine.all").to_owned(), status.is_empty());
    let of = |one: LegalStatus| {
        let label = shell.t(&format!("status.{}", one.key())).to_owned();
        (format!("/registrations?status={}", one.key()), label, status == one.key())
    };
    let shown = [LegalStatus::Valid, LegalStatus::Ended, LegalStatus::Closed, LegalStatus::Revoked];
    std::iter::once(all).chain(shown.map(of)).collect()
}

fn page(web: &Web, user: &User, (found, drafts): (&Lines, &[(Draft, String)]), asked: Asked<'_>) -> Response {
    let mut shell = user.shell.clone().at(user.shell.nav.side, Place::Registrations);
    if !asked.problems.is_empty() {
        // The search itself is no page one can come back to.
        "/registrations".clone_into(&mut shell.path);
    }
    let questions = Questions::new(&shell.tongue, asked.given, asked.problems);
    let employer = user.signed.principal.employer().is_some();
    let next = found.next.as_ref().map(|(at, id)| format!("/registrations?status={}&at={at}&id={id}", asked.status));
    let title = if employer || user.signed.role.is_staff() { "mine.records" } else { "mine.history" };
    let page = RecordsPage {
        prefix: questions.title_prefix(),
        title: shell.t(title),
        lede: shell.t("mine.lede").to_owned(),
        summary: questions.summary().filter(|_| asked.note.is_none()),
        note: asked.note,
        make: standing(user.signed.role).is_some(),
        export: authorize_list(&user.signed.principal, Action::RegistrationExport).is_ok(),
        drafts: drafts.iter().map(|draft| draft_line(&shell, draft)).collect(),
        search: search_field(user, &questions),
        links: Vec::new(),
        chips: chips(&shell, asked.status),
        empty: shell.t("mine.none"),
        cards: found.lines.iter().map(|line| card(web, user, line)).collect(),
        pager: Pager::new(&shell.tongue, "", None, next),
        shell: &shell,
    };
    let status = if asked.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_as(status, &page)
}

/// The list, from the place and with the status that the query names.
pub(super) async fn list(web: &Web, user: &User, query: &Fields, asked: Asked<'_>) -> Result<Response, Fail> {
    let who = user.signed.principal.clone();
    let (status, after) = (LegalStatus::parse(query.text("status")).map(LegalStatus::key), place(query));
    let (found, drafts) = blocking(&web.app, move |app| {
        let found = mine::registrations(app, &who, status, after)?;
        let drafts = draft::list(app, &who)?.into_iter().map(|draft| {
            let whose = whose(app, &who, &draft);
            (draft, whose)
        });
        Ok((found, drafts.collect::<Vec<_>>()))
    })
    .await
    .map_err(|error| failed(&user.shell, error))?;
    Ok(page(web, user, (&found, &drafts), asked))
}

/// GET /registrations
pub(super) async fn show(State(web): State<Web>, user: User, uri: Uri) -> Result<Response, Fail> {
    let query = Fields::parse(uri.query().unwrap_or("").as_bytes())?;
    let over = Note::new(Tone::Lu, user.shell.t("mine.found-over"), [user.shell.t("mine.found-over-say")]);
    let asked = Asked {
        status: query.text("status"),
        given: &Fields::default(),
        problems: &[],
        note: query.one("over").map(|_| over),
    };
    list(&web, &user, &query, asked).await
}
