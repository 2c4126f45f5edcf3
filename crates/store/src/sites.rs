//! Building projects: who runs them, which units are on them, and their teams.

use banjie_domain::actor::Standing;
use banjie_domain::authorize::Permit;
use banjie_domain::id::{EmployerId, OfficeId, ProjectId, TeamId};
use jiff::civil::Date;

use crate::db::{Row, Tx, Value};
use crate::error::StoreError;
use crate::registrations::Keyset;
use crate::row::{date, id};

/// A building project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectRow {
    /// The project.
    pub id: ProjectId,
    /// Its number on the building permit or the platform, as given.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Code of the district it lies in.
    pub region: String,
    /// The office of the housing authority that holds its records.
    pub office: OfficeId,
    /// 总承包.
    pub contractor: EmployerId,
    /// First day of the works.
    pub started_on: Date,
    /// When it was opened here, microseconds.
    pub created_at: i64,
}

const PROJECT: &str = "p.id, p.code, p.name, p.region, p.office_id, p.contractor_id, p.started_on, p.created_at";

fn project(row: &Row) -> Result<ProjectRow, StoreError> {
    Ok(ProjectRow {
        id: id(row, 0)?,
        code: row.text(1)?,
        name: row.text(2)?,
        region: row.text(3)?,
        office: id(row, 4)?,
        contractor: id(row, 5)?,
        started_on: date(row, 6)?,
        created_at: row.int(7)?,
    })
}

/// A unit on a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitRow {
    /// The project.
    pub project: ProjectId,
    /// The unit.
    pub employer: EmployerId,
    /// Code of what it does there (table `site-role`).
    pub role: String,
    /// When it was put on the project, microseconds.
    pub created_at: i64,
}

/// A team of one unit on one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamRow {
    /// The team.
    pub id: TeamId,
    /// The project.
    pub project: ProjectId,
    /// The unit.
    pub employer: EmployerId,
    /// Its name, which the unit uses once on the project.
    pub name: String,
    /// When it was made, microseconds.
    pub created_at: i64,
}

fn team(row: &Row) -> Result<TeamRow, StoreError> {
    Ok(TeamRow {
        id: id(row, 0)?,
        project: id(row, 1)?,
        employer: id(row, 2)?,
        name: row.text(3)?,
        created_at: row.int(4)?,
    })
}

const TEAM: &str = "select t.id, t.project_id, t.employer_id, t.name, t.created_at from teams t";

/// A project by id; the caller authorises what it finds.
///
/// # Errors
/// When the database cannot be read.
pub fn project_find(tx: &mut dyn Tx, id: &ProjectId) -> Result<Option<ProjectRow>, StoreError> {
    let sql = format!("select {PROJECT} from projects p where p.id = $1");
    tx.query_opt(&sql, &[id.as_str().into()])?.as_ref().map(project).transpose()
}

/// The project with this number, if there is one.
///
/// # Errors
/// When the database cannot be read.
pub fn project_with_code(tx: &mut dyn Tx, code: &str) -> Result<Option<ProjectRow>, StoreError> {
    let sql = format!("select {PROJECT} from projects p where p.code = $1");
    tx.query_opt(&sql, &[code.into()])?.as_ref().map(project).transpose()
}

/// The projects a unit is on, or those of the reader's offices, newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn project_list(tx: &mut dyn Tx, permit: &Permit, page: &Keyset) -> Result<Vec<ProjectRow>, StoreError> {
    let mut params = Vec::new();
    let mut wheres = vec![scope(permit.scope(), &mut params)];
    if let Some((at, id)) = &page.after {
        params.push(Value::from(*at));
        params.push(Value::from(id.as_str()));
        wheres.push(format!("(p.created_at, p.id) < (${}, ${})", params.len() - 1, params.len()));
    }
    params.push(Value::from(i64::from(page.limit)));
    let sql = format!(
        "select {PROJECT} from projects p where {} order by p.created_at desc, p.id desc limit ${}",
        wheres.join(" and "),
        params.len()
    );
    tx.query(&sql, &params)?.iter().map(project).collect()
}

fn scope(standing: &Standing, params: &mut Vec<Value>) -> String {
    match standing {
        // A worker finds his record in his own list; the project is not his.
        Standing::Person(_) => "1 = 0".to_owned(),
        Standing::Employer(employer) => {
            params.push(Value::from(employer.as_str()));
            "exists (select 1 from project_units u where u.project_id = p.id and u.employer_id = $1)".to_owned()
        }
        Standing::Offices { .. } => crate::scope::of_record(standing, "p", params),
    }
}

/// Writes a new project with its contractor as the first unit.
///
/// # Errors
/// [`StoreError::Unique`] when the code is taken.
pub fn project_insert(tx: &mut dyn Tx, row: &ProjectRow, role: &str) -> Result<(), StoreError> {
    tx.execute(
        "insert into projects (id, code, name, region, office_id, contractor_id, started_on, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            row.id.as_str().into(),
            row.code.as_str().into(),
            row.name.as_str().into(),
            row.region.as_str().into(),
            row.office.as_str().into(),
            row.contractor.as_str().into(),
            row.started_on.to_string().into(),
            row.created_at.into(),
        ],
    )?;
    let first = UnitRow {
        project: row.id.clone(),
        employer: row.contractor.clone(),
        role: role.to_owned(),
        created_at: row.created_at,
    };
    unit_insert(tx, &first)
}

/// Puts a unit on a project.
///
/// # Errors
/// [`StoreError::Unique`] when it is on it.
pub fn unit_insert(tx: &mut dyn Tx, row: &UnitRow) -> Result<(), StoreError> {
    tx.execute(
        "insert into project_units (project_id, employer_id, role, created_at) values ($1, $2, $3, $4)",
        &[row.project.as_str().into(), row.employer.as_str().into(), row.role.as_str().into(), row.created_at.into()],
    )?;
    Ok(())
}

/// The units of a project, the contractor first.
///
/// # Errors
/// When the database cannot be read.
pub fn unit_list(tx: &mut dyn Tx, project: &ProjectId) -> Result<Vec<UnitRow>, StoreError> {
    tx.query(
        "select u.project_id, u.employer_id, u.role, u.created_at from project_units u where u.project_id = $1 \
         order by u.created_at, u.employer_id",
        &[project.as_str().into()],
    )?
    .iter()
    .map(|row| Ok(UnitRow { project: id(row, 0)?, employer: id(row, 1)?, role: row.text(2)?, created_at: row.int(3)? }))
    .collect()
}

/// Writes a new team.
///
/// # Errors
/// [`StoreError::Unique`] when the unit has a team of this name on the project.
pub fn team_insert(tx: &mut dyn Tx, row: &TeamRow) -> Result<(), StoreError> {
    tx.execute(
        "insert into teams (id, project_id, employer_id, name, created_at) values ($1, $2, $3, $4, $5)",
        &[
            row.id.as_str().into(),
            row.project.as_str().into(),
            row.employer.as_str().into(),
            row.name.as_str().into(),
            row.created_at.into(),
        ],
    )?;
    Ok(())
}

/// A team by id; the caller authorises its project.
///
/// # Errors
/// When the database cannot be read.
pub fn team_find(tx: &mut dyn Tx, id: &TeamId) -> Result<Option<TeamRow>, StoreError> {
    tx.query_opt(&format!("{TEAM} where t.id = $1"), &[id.as_str().into()])?.as_ref().map(team).transpose()
}

/// The teams of a project, each with how many are on the site and how many have left.
///
/// # Errors
/// When the database cannot be read.
pub fn team_list(tx: &mut dyn Tx, project: &ProjectId) -> Result<Vec<(TeamRow, i64, i64)>, StoreError> {
    tx.query(
        "select t.id, t.project_id, t.employer_id, t.name, t.created_at, \
         (select count(*) from registrations r where r.team_id = t.id and r.status = 'valid'), \
         (select count(*) from registrations r where r.team_id = t.id and r.status = 'ended') \
         from teams t where t.project_id = $1 order by t.employer_id, t.created_at, t.id",
        &[project.as_str().into()],
    )?
    .iter()
    .map(|row| Ok((team(row)?, row.int(5)?, row.int(6)?)))
    .collect()
}
