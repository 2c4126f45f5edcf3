//! Building projects as those on them and their office see them: units, teams, workers.
//!
//! The general contractor and the office see every team; a unit sees its own (建市〔2019〕18 号: the contractor answers for
//! all units, each unit for its workers).

use banjie_domain::actor::Principal;
use banjie_domain::authorize::{Action, Denied, Permit, authorize, authorize_list};
use banjie_domain::id::{EmployerId, ProjectId, RegistrationId, TeamId};
use banjie_domain::registration::Period;
use banjie_store::db::Tx;
use banjie_store::people::{self, EmployerRow};
use banjie_store::registrations::{Keyset, RegistrationRow, registration_list_of_team};
use banjie_store::sites::{self, ProjectRow, TeamRow, UnitRow};

use crate::app::App;
use crate::error::{AppError, Outcome};
use crate::papers::revision_row;
use crate::record;
use crate::usecase::site;

use super::declared::declared_details;
use super::mine::{named, shown_name};

const PAGE: u32 = 30;
/// Workers of one team that a page shows; a team is some dozens of people.
const MOST_WORKERS: u32 = 500;

/// One page of projects.
#[derive(Debug, Clone)]
pub struct Projects {
    /// The projects, newest first.
    pub rows: Vec<ProjectRow>,
    /// Where the next page begins.
    pub next: Option<(i64, String)>,
    /// Whether the reader may open one.
    pub may_open: bool,
}

/// The projects one's unit is on, or those of one's offices.
///
/// # Errors
/// [`AppError::NotFound`] for a role without such a list.
pub fn projects(app: &App, who: &Principal, after: Option<(i64, String)>) -> Outcome<Projects> {
    let permit = authorize_list(who, Action::SiteView)?;
    let page = Keyset { after, limit: PAGE + 1 };
    let mut rows = app.store.read(move |tx| sites::project_list(tx, &permit, &page))?;
    let more = rows.len() > PAGE as usize;
    rows.truncate(PAGE as usize);
    let next = rows.last().filter(|_| more).map(|row| (row.created_at, row.id.to_string()));
    Ok(Projects { rows, next, may_open: authorize_list(who, Action::SiteManage).is_ok() })
}

/// One team in a project's list.
#[derive(Debug, Clone)]
pub struct TeamLine {
    /// The team.
    pub row: TeamRow,
    /// Workers on the site.
    pub on_site: i64,
    /// Workers who left.
    pub left: i64,
}

/// One unit of a project.
#[derive(Debug, Clone)]
pub struct Unit {
    /// The unit on the project.
    pub row: UnitRow,
    /// Its name.
    pub name: String,
    /// Its teams; none when they are not for this reader to see.
    pub teams: Option<Vec<TeamLine>>,
    /// Whether it is the reader's own, and he may act for it.
    pub own: bool,
}

/// A project with its units.
#[derive(Debug, Clone)]
pub struct ProjectView {
    /// The project.
    pub row: ProjectRow,
    /// Its units, the contractor first.
    pub units: Vec<Unit>,
    /// Whether the reader may put units on it.
    pub may_add_units: bool,
}

/// Opens a project.
///
/// # Errors
/// [`AppError::NotFound`] when it is not there or not for this reader: the same for both.
pub fn project(app: &App, who: &Principal, id: &ProjectId) -> Outcome<ProjectView> {
    let row = site::project(app, id)?;
    let wanted = id.clone();
    let (units, teams, names) = app.store.read(move |tx| -> Outcome<_> {
        let units = sites::unit_list(tx, &wanted)?;
        let names = units.iter().map(|unit| name_of(tx, &unit.employer)).collect::<Outcome<Vec<_>>>()?;
        Ok((units, sites::team_list(tx, &wanted)?, names))
    })?;
    seen(who, &row, &units)?;
    let whole = sees_all(who, &row);
    let mut lines: Vec<_> = teams.into_iter().map(|(row, on_site, left)| TeamLine { row, on_site, left }).collect();
    let units = units
        .into_iter()
        .zip(names)
        .map(|(unit, name)| {
            let own = may(who, Action::SiteManage, &row, &unit.employer).is_ok();
            let (teams, rest) =
                std::mem::take(&mut lines).into_iter().partition(|team| team.row.employer == unit.employer);
            lines = rest;
            let sees = whole || who.employer() == Some(&unit.employer);
            Unit { teams: sees.then_some(teams), row: unit, name, own }
        })
        .collect();
    let may_add_units = may(who, Action::SiteManage, &row, &row.contractor).is_ok();
    Ok(ProjectView { row, units, may_add_units })
}

fn name_of(tx: &mut dyn Tx, id: &EmployerId) -> Outcome<String> {
    Ok(people::employer_find(tx, id)?.map(|unit: EmployerRow| unit.name).unwrap_or_default())
}

fn may(who: &Principal, action: Action, project: &ProjectRow, unit: &EmployerId) -> Result<Permit, Denied> {
    authorize(who, action, &site::of(project, unit))
}

/// Whether the reader may see the project: as one of its units, or as its office.
fn seen(who: &Principal, project: &ProjectRow, units: &[UnitRow]) -> Outcome<()> {
    let own = units.iter().find(|unit| who.employer() == Some(&unit.employer));
    let unit = own.map_or(&project.contractor, |unit| &unit.employer);
    may(who, Action::SiteView, project, unit)?;
    Ok(())
}

/// The general contractor and the office see every team.
fn sees_all(who: &Principal, project: &ProjectRow) -> bool {
    who.role.is_staff() || who.employer() == Some(&project.contractor)
}

/// One worker of a team.
#[derive(Debug, Clone)]
pub struct Worker {
    /// His registration.
    pub id: RegistrationId,
    /// Its number, ungrouped.
    pub number: String,
    /// His name; masked for an office.
    pub name: String,
    /// Code of his trade.
    pub trade: String,
    /// His last time on the site.
    pub period: Period,
    /// Whether a case is open on the record.
    pub held: bool,
}

/// A team with its workers.
#[derive(Debug, Clone)]
pub struct TeamView {
    /// The project.
    pub project: ProjectRow,
    /// The team.
    pub row: TeamRow,
    /// The unit's name.
    pub unit: String,
    /// Its workers, those on the site first.
    pub workers: Vec<Worker>,
    /// Whether the reader may let workers come and go.
    pub own: bool,
}

/// Opens a team.
///
/// # Errors
/// [`AppError::NotFound`] when it is not there or not for this reader: the same for both.
pub fn team(app: &App, who: &Principal, id: &TeamId) -> Outcome<TeamView> {
    let wanted = id.clone();
    let row = app.store.read(move |tx| sites::team_find(tx, &wanted))?.ok_or(AppError::NotFound)?;
    let project = site::project(app, &row.project)?;
    let unit = if sees_all(who, &project) && !who.role.is_staff() { &project.contractor } else { &row.employer };
    may(who, Action::SiteView, &project, unit)?;
    let (wanted, employer) = (id.clone(), row.employer.clone());
    let (unit, rows) = app.store.read(move |tx| -> Outcome<_> {
        Ok((name_of(tx, &employer)?, registration_list_of_team(tx, &wanted, MOST_WORKERS)?))
    })?;
    let workers = rows.iter().map(|row| worker(app, who, row)).collect::<Outcome<Vec<_>>>()?;
    let own = may(who, Action::SiteManage, &project, &row.employer).is_ok();
    Ok(TeamView { project, row, unit, workers: workers.into_iter().flatten().collect(), own })
}

/// A registration as a worker of its team; none when it never came to a period.
fn worker(app: &App, who: &Principal, row: &RegistrationRow) -> Outcome<Option<Worker>> {
    let (reader, found) = (who.clone(), row.clone());
    let (past, whose, details) = app.store.read(move |tx| -> Outcome<_> {
        let past = record::registration_past(tx, &found.id)?.ok_or(AppError::NotFound)?;
        Ok((past, named(tx, &reader, &found)?, revision_row(tx, &found.details)?))
    })?;
    let details = declared_details(app, &details)?.unwrap_or_default();
    let Some(period) = past.state.periods().last().cloned() else { return Ok(None) };
    Ok(Some(Worker {
        id: row.id.clone(),
        number: row.number.clone(),
        name: shown_name(app, who, &whose)?,
        trade: details.get("work_type").unwrap_or_default().to_owned(),
        period,
        held: row.hold != banjie_domain::registration::Hold::None.key(),
    }))
}
