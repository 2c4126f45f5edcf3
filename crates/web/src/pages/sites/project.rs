//! One project: its units and teams, and what may be added.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use banjie_app::error::AppError;
use banjie_app::query::sites::{self, ProjectView, TeamLine, Unit};
use banjie_app::usecase::site::{self, CONTRACTOR, ROLES};
use banjie_domain::problem::FieldProblem;
use banjie_domain::refusal::Refusal;

use super::{label, marks, project_id, region, shell_of};
use crate::fail::Fail;
use crate::form::Fields;
use crate::parts::{ErrorSummary, Field, Questions};
use crate::run::{blocking, failed};
use crate::session::User;
use crate::shell::{Shell, page_as};
use crate::state::Web;

#[derive(Template)]
#[template(path = "pages/sites/project.html")]
struct ProjectPage<'a> {
    shell: &'a Shell,
    title: String,
    eyebrow: String,
    lede: String,
    action: String,
    summary: Option<ErrorSummary>,
    units: Vec<UnitPart>,
    add_unit: Vec<Field>,
}

struct UnitPart {
    name: String,
    role: String,
    /// None when they are another unit's.
    teams: Option<Vec<TeamPart>>,
    /// The field for a new team, for one's own unit.
    add_team: Option<Field>,
}

struct TeamPart {
    name: String,
    href: String,
    counts: String,
}

fn unit_part(web: &Web, shell: &Shell, unit: &Unit, ask: &Questions<'_>) -> UnitPart {
    let part = |team: &TeamLine| TeamPart {
        name: team.row.name.clone(),
        href: format!("/teams/{}", team.row.id),
        counts: shell.fill("site.counts", &[("on", &team.on_site.to_string()), ("left", &team.left.to_string())]),
    };
    UnitPart {
        name: unit.name.clone(),
        role: label(&web.app, shell, (ROLES, &unit.row.role)),
        teams: unit.teams.as_ref().map(|teams| teams.iter().map(part).collect()),
        add_team: unit
            .own
            .then(|| ask.text("team_name", shell.t("site.team-name")).hint(shell.t("site.team-name-hint"))),
    }
}

fn page(web: &Web, shell: &Shell, view: &ProjectView, given: &Fields, problems: &[FieldProblem]) -> Response {
    let ask = Questions::new(&shell.tongue, given, problems);
    let add_unit = if view.may_add_units {
        vec![
            ask.text("unit_number", shell.t("site.unit-number")).hint(shell.t("site.unit-number-hint")),
            ask.select("role", shell.t("site.role"), marks(&web.app, shell, (ROLES, CONTRACTOR))),
        ]
    } else {
        Vec::new()
    };
    let started = shell.tongue.date(view.row.started_on);
    let page = ProjectPage {
        title: format!("{}{}", ask.title_prefix(), view.row.name),
        eyebrow: shell.fill("site.eyebrow", &[("code", &view.row.code)]),
        lede: shell.fill("site.lede", &[("region", &region(&web.app, shell, &view.row.region)), ("day", &started)]),
        action: format!("/sites/{}", view.row.id),
        summary: ask.summary(),
        units: view.units.iter().map(|unit| unit_part(web, shell, unit, &ask)).collect(),
        add_unit,
        shell,
    };
    page_as(if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }, &page)
}

async fn read(web: &Web, user: &User, id: &str) -> Result<ProjectView, Fail> {
    let (who, id) = (user.signed.principal.clone(), project_id(id).map_err(|fail| fail.within(&shell_of(user)))?);
    blocking(&web.app, move |app| sites::project(app, &who, &id)).await.map_err(|error| failed(&shell_of(user), error))
}

/// GET /sites/{id}
pub(super) async fn show(State(web): State<Web>, Path(id): Path<String>, user: User) -> Result<Response, Fail> {
    let view = read(&web, &user, &id).await?;
    Ok(page(&web, &shell_of(&user), &view, &Fields::default(), &[]))
}

/// What was added, or the page again with what is wrong.
async fn added(
    web: &Web,
    user: &User,
    (id, fields): (&str, &Fields),
    done: Result<String, AppError>,
) -> Result<Response, Fail> {
    match done {
        Ok(next) => Ok(Redirect::to(&next).into_response()),
        Err(AppError::Refused(Refusal::Answers(problems))) => {
            let view = read(web, user, id).await?;
            Ok(page(web, &shell_of(user), &view, fields, &problems))
        }
        Err(error) => Err(failed(&shell_of(user), error)),
    }
}

/// POST /sites/{id}/units
pub(super) async fn add_unit(
    State(web): State<Web>,
    Path(id): Path<String>,
    user: User,
    fields: Fields,
) -> Result<Response, Fail> {
    user.require_csrf(&fields)?;
    let (who, project) = (user.signed.principal.clone(), project_id(&id)?);
    let (number, role) = (fields.text("unit_number").to_owned(), fields.text("role").to_owned());
    let next = format!("/sites/{project}");
    let done = blocking(&web.app, move |app| site::add_unit(app, &who, &project, &number, &role)).await.map(|()| next);
    added(&web, &user, (&id, &fields), done).await
}

/// POST /sites/{id}/teams
pub(super) async fn add_team(
    State(web): State<Web>,
    Path(id): Path<String>,
    user: User,
    fields: Fields,
) -> Result<Response, Fail> {
    user.require_csrf(&fields)?;
    let (who, project) = (user.signed.principal.clone(), project_id(&id)?);
    let name = fields.text("team_name").to_owned();
    let done = blocking(&web.app, move |app| site::add_team(app, &who, &project, &name)).await;
    added(&web, &user, (&id, &fields), done.map(|team| format!("/teams/{team}"))).await
}
