//! Building projects: opening one, the units and teams on it, and workers who come and go.
//!
//! A project is opened by its general contractor; each unit on it keeps its own teams and workers (建市〔2019〕18 号).

mod presence;
#[cfg(test)]
mod tests;

use banjie_domain::actor::Principal;
use banjie_domain::authorize::{Action, Resource, authorize};
use banjie_domain::dates::parse_date;
use banjie_domain::id::{EmployerId, ProjectId, TeamId};
use banjie_domain::identity::text;
use banjie_domain::problem::{FieldProblem, Problem};
use banjie_domain::refusal::Refusal;
use banjie_domain::registration_type::{Authority, DIVISIONS};
use banjie_store::error::StoreError;
use banjie_store::people;
use banjie_store::sites::{self, ProjectRow, TeamRow, UnitRow};

use crate::app::App;
use crate::error::{AppError, Outcome};
use crate::people::ACTIVE;

pub use presence::{Coming, Gone, Leaving, come_back, leave_site, leaves_by};

/// Key of the type of registrations on building projects.
pub const KIND: &str = "construction";
/// Code of the general contractor in the table `site-role`.
pub const CONTRACTOR: &str = "009";
/// The table of what a unit does on a project.
pub const ROLES: &str = "site-role";
const NAME_MOST: usize = 100;

/// A team and its project.
#[derive(Debug, Clone)]
pub struct Place {
    /// The project.
    pub project: ProjectRow,
    /// The team.
    pub team: TeamRow,
}

/// What is typed about a new project.
#[derive(Debug, Clone, Default)]
pub struct NewProject {
    /// Its number on the permit or the platform.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Code of the district it lies in.
    pub region: String,
    /// First day of the works.
    pub started_on: String,
}

/// A name of a project or team: one line, without hidden characters.
fn short_name(typed: &str) -> Result<String, Problem> {
    let name = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        return Err(Problem::new("title.empty"));
    }
    if name.chars().count() > NAME_MOST {
        return Err(Problem::new("title.too-long"));
    }
    text::refuse_hidden(&name)?;
    Ok(name)
}

/// Letters, digits and hyphens, as permits and platforms number projects.
fn code(typed: &str) -> Result<String, Problem> {
    let code = text::compact_number(typed)?;
    let plain = code.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '-');
    if !plain || !(4..=40).contains(&code.len()) {
        return Err(Problem::new("site.code"));
    }
    Ok(code.to_ascii_uppercase())
}

fn own_employer(app: &App, who: &Principal) -> Outcome<EmployerId> {
    let employer = who.employer().cloned().ok_or(AppError::NotFound)?;
    let resource = Resource { employer: Some(employer.clone()), ..Resource::default() };
    authorize(who, Action::SiteManage, &resource)?;
    standing(app, &employer)?;
    Ok(employer)
}

/// A unit that no longer stands opens nothing and lets nobody come or go; its workers have their own way.
fn standing(app: &App, id: &EmployerId) -> Outcome<()> {
    let wanted = id.clone();
    let unit = app.store.read(move |tx| people::employer_find(tx, &wanted))?.ok_or(AppError::NotFound)?;
    if unit.standing == ACTIVE { Ok(()) } else { Err(Refusal::UnitClosed.into()) }
}

/// Opens a project. Who opens it is its general contractor; one that he opened already is opened again.
///
/// # Errors
/// [`Refusal::Answers`] with every problem at its field.
pub fn open_project(app: &App, who: &Principal, asked: &NewProject) -> Outcome<ProjectId> {
    let contractor = own_employer(app, who)?;
    let number = code(&asked.code).map_err(|problem| problem.at("code"));
    let name = short_name(&asked.name).map_err(|problem| problem.at("name"));
    let office = project_office(app, &asked.region).map_err(|problem| problem.at("region"));
    let day = parse_date(&asked.started_on).map_err(|problem| problem.at("started_on"));
    let (Ok(number), Ok(name), Ok(office), Ok(started_on)) = (&number, &name, &office, &day) else {
        let problems = [number.err(), name.err(), office.err(), day.err()];
        return Err(Refusal::Answers(problems.into_iter().flatten().collect()).into());
    };
    let row = ProjectRow {
        id: app.fresh(ProjectId::new),
        code: number.clone(),
        name: name.clone(),
        region: asked.region.clone(),
        office: office.clone(),
        contractor,
        started_on: *started_on,
        created_at: app.micros(),
    };
    app.store.write(move |tx| -> Outcome<ProjectId> {
        // Who presses twice finds the project he has just opened.
        match sites::project_with_code(tx, &row.code)? {
            Some(known) if known.contractor == row.contractor => return Ok(known.id),
            _ => {}
        }
        sites::project_insert(tx, &row, CONTRACTOR).map_err(taken("site.code-taken", "code"))?;
        Ok(row.id.clone())
    })
}

/// The office of the housing authority for a district.
fn project_office(app: &App, region: &str) -> Result<banjie_domain::id::OfficeId, Problem> {
    let known = app.rules.types.codes(DIVISIONS).is_some_and(|table| table.get(region).is_some());
    if !known {
        return Err(Problem::new("site.region"));
    }
    let office = app.office_for(region, Authority::Housing).ok_or_else(|| Problem::new("region.no-office"))?;
    Ok(office.id)
}

/// A unique key that is taken, as a problem at a field.
fn taken(problem: &'static str, field: &'static str) -> impl Fn(StoreError) -> AppError {
    move |error| match error {
        StoreError::Unique { .. } => Refusal::Answers(vec![Problem::new(problem).at(field)]).into(),
        other => other.into(),
    }
}

/// Puts a unit on a project. Only its general contractor does.
///
/// # Errors
/// [`Refusal::Answers`] when the unit is not known here, no longer stands, or is on the project.
pub fn add_unit(app: &App, who: &Principal, id: &ProjectId, number: &str, role: &str) -> Outcome<()> {
    let project = project(app, id)?;
    authorize(who, Action::SiteManage, &of(&project, &project.contractor))?;
    standing(app, &project.contractor)?;
    let wanted = text::compact_number(number).unwrap_or_default().to_ascii_uppercase();
    let known = app.rules.types.codes(ROLES).is_some_and(|table| table.get(role).is_some());
    let found = app.store.read(move |tx| people::employer_find_by_number(tx, &wanted))?;
    let unit = found.filter(|unit| unit.standing == ACTIVE);
    let problems = [
        unit.is_none().then(|| Problem::new("site.unit-unknown").at("unit_number")),
        (!known || role == CONTRACTOR).then(|| Problem::new("site.role").at("role")),
    ];
    let problems: Vec<FieldProblem> = problems.into_iter().flatten().collect();
    let (Some(unit), true) = (unit, problems.is_empty()) else { return Err(Refusal::Answers(problems).into()) };
    let row = UnitRow { project: id.clone(), employer: unit.id, role: role.to_owned(), created_at: app.micros() };
    app.store.write(move |tx| sites::unit_insert(tx, &row).map_err(taken("site.unit-there", "unit_number")))
}

/// Makes a team of one's own unit.
///
/// # Errors
/// [`AppError::NotFound`] when the unit is not on the project; [`Refusal::Answers`] when the name is taken.
pub fn add_team(app: &App, who: &Principal, id: &ProjectId, name: &str) -> Outcome<TeamId> {
    let employer = own_employer(app, who)?;
    let wanted = id.clone();
    let units = app.store.read(move |tx| sites::unit_list(tx, &wanted))?;
    if !units.iter().any(|unit| unit.employer == employer) {
        return Err(AppError::NotFound);
    }
    let name = short_name(name).map_err(|problem| Refusal::Answers(vec![problem.at("team_name")]))?;
    let row = TeamRow { id: app.fresh(TeamId::new), project: id.clone(), employer, name, created_at: app.micros() };
    let team = row.id.clone();
    app.store.write(move |tx| sites::team_insert(tx, &row).map_err(taken("site.team-taken", "team_name")))?;
    Ok(team)
}

/// A project by id, before anybody is asked whether he may see it.
pub(crate) fn project(app: &App, id: &ProjectId) -> Outcome<ProjectRow> {
    let id = id.clone();
    app.store.read(move |tx| sites::project_find(tx, &id))?.ok_or(AppError::NotFound)
}

/// What a project, seen through one of its units, is to `authorize`.
pub(crate) fn of(project: &ProjectRow, unit: &EmployerId) -> Resource {
    Resource { employer: Some(unit.clone()), office: Some(project.office.clone()), ..Resource::default() }
}

/// A team of one's own unit.
///
/// # Errors
/// [`AppError::NotFound`] when it is not there, or another unit's: the same for both; [`Refusal::UnitClosed`] when the
/// unit no longer stands.
pub fn own_team(app: &App, who: &Principal, id: &TeamId) -> Outcome<Place> {
    let wanted = id.clone();
    let team = app.store.read(move |tx| sites::team_find(tx, &wanted))?.ok_or(AppError::NotFound)?;
    let project = project(app, &team.project)?;
    authorize(who, Action::SiteManage, &of(&project, &team.employer))?;
    standing(app, &team.employer)?;
    Ok(Place { project, team })
}
