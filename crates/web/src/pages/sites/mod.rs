//! 工地: projects, the units and teams on them, and workers who come and go.

mod list;
mod project;
mod team;

use axum::Router;
use axum::routing::{get, post};
use banjie_app::app::App;
use banjie_domain::id::{ProjectId, TeamId};
use banjie_domain::registration_type::DIVISIONS;

use crate::fail::Fail;
use crate::parts::Mark;
use crate::session::User;
use crate::shell::{Place, Shell};
use crate::state::Web;

/// The routes of building sites.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/sites", get(list::show))
        .route("/sites/new", get(list::ask).post(list::open))
        .route("/sites/{id}", get(project::show))
        .route("/sites/{id}/units", post(project::add_unit))
        .route("/sites/{id}/teams", post(project::add_team))
        .route("/teams/{id}", get(team::show))
        .route("/teams/{id}/enter", post(team::enter))
        .route("/teams/{id}/exit", post(team::exit))
        .route("/teams/{id}/back", post(team::come_back))
}

fn shell_of(user: &User) -> Shell {
    user.shell.clone().at(user.shell.nav.side, Place::Sites)
}

fn project_id(text: &str) -> Result<ProjectId, Fail> {
    ProjectId::parse(text).map_err(|_| Fail::not_found())
}

fn team_id(text: &str) -> Result<TeamId, Fail> {
    TeamId::parse(text).map_err(|_| Fail::not_found())
}

/// The words of a code in the page's language, or the code itself where the table has lost it.
fn label(app: &App, shell: &Shell, (table, code): (&str, &str)) -> String {
    let found = app.rules.types.codes(table).filter(|table| table.get(code).is_some());
    found.map_or_else(|| code.to_owned(), |table| table.full_label(code, shell.lang()))
}

/// The codes of a table in force today, to choose from.
fn marks(app: &App, shell: &Shell, (table, but): (&str, &str)) -> Vec<Mark> {
    let Some(table) = app.rules.types.codes(table) else { return Vec::new() };
    let choices = table.choices_on(app.today()).filter(|code| code.code != but);
    choices.map(|code| Mark::new(code.code.clone(), table.full_label(&code.code, shell.lang()))).collect()
}

fn region(app: &App, shell: &Shell, code: &str) -> String {
    label(app, shell, (DIVISIONS, code))
}
