//! One team: who is on the site, who left, and letting them come and go, one by one or all at once.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use banjie_app::error::AppError;
use banjie_app::query::mine::registration_number;
use banjie_app::query::sites::{self, TeamView, Worker};
use banjie_app::usecase::draft;
use banjie_app::usecase::form_key::{FormKey, new_form_key};
use banjie_app::usecase::site::{self, Coming, Gone, KIND, Leaving, leaves_by};
use banjie_domain::id::RegistrationId;
use banjie_domain::problem::FieldProblem;
use banjie_domain::refusal::Refusal;
use banjie_domain::registration::ON;

use super::{label, shell_of, team_id};
use crate::fail::Fail;
use crate::form::Fields;
use crate::parts::{Cell, ErrorSummary, Field, Mark, Questions, Row, Table};
use crate::run::{blocking, failed, refusal_words};
use crate::session::User;
use crate::shell::{Shell, Side, page as whole_page, page_as};
use crate::state::Web;

#[derive(Template)]
#[template(path = "pages/sites/team.html")]
struct TeamPage<'a> {
    shell: &'a Shell,
    title: String,
    name: String,
    eyebrow: String,
    back: (String, String),
    action: String,
    form_key: String,
    /// The ids of all who are on the site on this page, for "the whole team": who comes meanwhile was not meant.
    shown: String,
    summary: Option<ErrorSummary>,
    own: bool,
    here: Vec<WorkerPart>,
    leaving: Vec<Field>,
    gone: Vec<WorkerPart>,
}

struct WorkerPart {
    id: String,
    name: String,
    trade: String,
    since: String,
    number: String,
    /// Its page, for those who may open it.
    href: Option<String>,
    held: bool,
    chosen: bool,
    /// The day of coming again, for a worker of one's own who left.
    back_on: Option<Field>,
}

#[derive(Template)]
#[template(path = "pages/sites/gone.html")]
struct GonePage<'a> {
    shell: &'a Shell,
    lede: String,
    back: (String, String),
    table: Table,
}

fn worker_part(web: &Web, shell: &Shell, worker: &Worker, ask: &Questions<'_>, view: &TeamView) -> WorkerPart {
    let staff = shell.nav.side == Side::Staff;
    let id = worker.id.to_string();
    let from = shell.tongue.date(worker.period.from);
    let since = match worker.period.to {
        Some(to) => shell.fill("site.from-to", &[("from", &from), ("to", &shell.tongue.date(to))]),
        None => shell.fill("site.since", &[("from", &from)]),
    };
    let comes_back = view.own && worker.period.to.is_some();
    WorkerPart {
        name: worker.name.clone(),
        trade: label(&web.app, shell, ("work-type", &worker.trade)),
        since,
        number: registration_number(&worker.number),
        href: (view.own || staff).then(|| format!("/registrations/{id}")),
        held: worker.held,
        chosen: ask.given("worker").any(|chosen| chosen == id),
        back_on: comes_back.then(|| ask.date(&back_field(&worker.id), shell.t("site.back-on"))),
        id,
    }
}

/// The field of the day a worker comes again: each worker of the page has one of his own.
fn back_field(worker: &RegistrationId) -> String {
    format!("{ON}.{worker}")
}

fn reasons(web: &Web, shell: &Shell) -> Vec<Mark> {
    let Some(kind) = web.app.rules.types.get(KIND) else { return Vec::new() };
    let offered = kind.reasons().iter().filter(|reason| leaves_by(reason));
    offered.map(|reason| Mark::new(reason.code.clone(), reason.label.get(shell.lang()))).collect()
}

fn page(web: &Web, shell: &Shell, view: &TeamView, given: &Fields, problems: &[FieldProblem]) -> Response {
    let ask = Questions::new(&shell.tongue, given, problems);
    let parts = |gone: bool| {
        let those = view.workers.iter().filter(|worker| worker.period.to.is_some() == gone);
        those.map(|worker| worker_part(web, shell, worker, &ask, view)).collect::<Vec<_>>()
    };
    let page = TeamPage {
        title: format!("{}{}", ask.title_prefix(), view.row.name),
        name: view.row.name.clone(),
        eyebrow: shell.fill("site.team-of", &[("project", &view.project.name), ("unit", &view.unit)]),
        back: (format!("/sites/{}", view.project.id), shell.t("site.back-project").to_owned()),
        action: format!("/teams/{}", view.row.id),
        form_key: new_form_key(&web.app),
        shown: on_site(view).map(|worker| worker.id.to_string()).collect::<Vec<_>>().join(" "),
        summary: ask.summary(),
        own: view.own,
        here: parts(false),
        leaving: vec![
            ask.checks("whole", shell.t("site.whole"), vec![Mark::new("yes", shell.t("site.whole-team"))]),
            ask.date(ON, shell.t("site.leave-on")).hint(shell.t("site.leave-on-hint")),
            ask.select("reason", shell.t("site.leave-why"), reasons(web, shell)),
        ],
        gone: parts(true),
        shell,
    };
    page_as(if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }, &page)
}

async fn read(web: &Web, user: &User, id: &str) -> Result<TeamView, Fail> {
    let (who, id) = (user.signed.principal.clone(), team_id(id).map_err(|fail| fail.within(&shell_of(user)))?);
    blocking(&web.app, move |app| sites::team(app, &who, &id)).await.map_err(|error| failed(&shell_of(user), error))
}

/// GET /teams/{id}
pub(super) async fn show(State(web): State<Web>, Path(id): Path<String>, user: User) -> Result<Response, Fail> {
    let view = read(&web, &user, &id).await?;
    Ok(page(&web, &shell_of(&user), &view, &Fields::default(), &[]))
}

/// POST /teams/{id}/enter: begins the registration of a worker who was never on this project.
pub(super) async fn enter(
    State(web): State<Web>,
    Path(id): Path<String>,
    user: User,
    fields: Fields,
) -> Result<Response, Fail> {
    user.require_csrf(&fields)?;
    let (who, team) = (user.signed.principal.clone(), team_id(&id)?);
    let draft = blocking(&web.app, move |app| draft::start_worker(app, &who, &team)).await;
    let draft = draft.map_err(|error| failed(&shell_of(&user), error))?;
    Ok(Redirect::to(&format!("/drafts/{draft}/form")).into_response())
}

fn key(fields: &Fields, names: &[&str]) -> FormKey {
    let said: Vec<_> =
        names.iter().flat_map(|name| fields.all(name).map(move |value| format!("{name}={value}"))).collect();
    FormKey::of(fields.text("form_key"), said.join("&").as_bytes())
}

fn on_site(view: &TeamView) -> impl Iterator<Item = &Worker> {
    view.workers.iter().filter(|worker| worker.period.to.is_none())
}

/// Those who were ticked, or all whom the page showed on the site.
fn leaving_workers(fields: &Fields) -> Vec<RegistrationId> {
    let parse = |one: &str| RegistrationId::parse(one).ok();
    if fields.text("whole") == "yes" {
        fields.text("shown").split(' ').filter_map(parse).collect()
    } else {
        fields.all("worker").filter_map(parse).collect()
    }
}

/// POST /teams/{id}/exit: each worker chosen has a result of his own.
pub(super) async fn exit(
    State(web): State<Web>,
    Path(id): Path<String>,
    user: User,
    fields: Fields,
) -> Result<Response, Fail> {
    user.require_csrf(&fields)?;
    let (shell, who) = (shell_of(&user), user.signed.principal.clone());
    let before = read(&web, &user, &id).await?;
    let leaving = Leaving {
        team: team_id(&id)?,
        on: fields.text(ON).to_owned(),
        reason: fields.text("reason").to_owned(),
        workers: leaving_workers(&fields),
    };
    let key = key(&fields, &[ON, "reason", "whole", "worker"]);
    match blocking(&web.app, move |app| site::leave_site(app, &who, &leaving, &key)).await {
        Ok(results) => Ok(whole_page(&gone(&shell, &before, &results))),
        Err(AppError::Refused(Refusal::Answers(problems))) => Ok(page(&web, &shell, &before, &fields, &problems)),
        Err(error) => Err(failed(&shell, error)),
    }
}

fn gone<'a>(shell: &'a Shell, view: &TeamView, results: &[Gone]) -> GonePage<'a> {
    let done = results.iter().filter(|one| one.result.is_ok()).count();
    let rows = results.iter().map(|one| {
        let worker = view.workers.iter().find(|worker| worker.id == one.worker);
        let (name, number) =
            worker.map_or_else(Default::default, |worker| (worker.name.clone(), registration_number(&worker.number)));
        let cells = vec![Cell::Text(result_words(shell, &one.result))];
        Row::new(name, cells).href(format!("/registrations/{}", one.worker)).under(number)
    });
    let counts = [("done", done.to_string()), ("not", (results.len() - done).to_string())];
    let counts = counts.each_ref().map(|(name, count)| (*name, count.as_str()));
    GonePage {
        lede: shell.fill("site.gone-lede", &counts),
        back: (format!("/teams/{}", view.row.id), view.row.name.clone()),
        table: Table::new(
            shell.t("site.gone"),
            [shell.t("site.column.worker"), shell.t("site.column.result")],
            rows.collect(),
            "",
        ),
        shell,
    }
}

/// What became of one worker, in words.
fn result_words<T>(shell: &Shell, result: &Result<T, AppError>) -> String {
    match result {
        Ok(_) => shell.t("site.gone-one").to_owned(),
        Err(AppError::Refused(Refusal::Answers(problems))) => {
            problems.iter().map(|problem| shell.tongue.problem(&problem.problem)).collect()
        }
        Err(AppError::Refused(refusal)) => {
            let (what, next) = refusal_words(shell, refusal);
            format!("{what}{next}")
        }
        Err(_) => shell.t("site.gone-not").to_owned(),
    }
}

/// POST /teams/{id}/back: a worker who left comes again.
pub(super) async fn come_back(
    State(web): State<Web>,
    Path(id): Path<String>,
    user: User,
    fields: Fields,
) -> Result<Response, Fail> {
    user.require_csrf(&fields)?;
    let (shell, who) = (shell_of(&user), user.signed.principal.clone());
    let worker = RegistrationId::parse(fields.text("who")).map_err(|_| Fail::not_found().within(&shell))?;
    let field = back_field(&worker);
    let coming = Coming { team: team_id(&id)?, on: fields.text(&field).to_owned(), worker };
    let key = key(&fields, &[&field, "who"]);
    match blocking(&web.app, move |app| site::come_back(app, &who, &coming, &key)).await {
        Ok(_) => Ok(Redirect::to(&format!("/teams/{id}")).into_response()),
        Err(AppError::Refused(Refusal::Answers(problems))) => {
            let view = read(&web, &user, &id).await?;
            let own = problems.into_iter().map(|problem| problem.problem.at(&field)).collect::<Vec<_>>();
            Ok(page(&web, &shell, &view, &fields, &own))
        }
        Err(error) => Err(failed(&shell, error)),
    }
}
