//! Registrations as lists and pages read them: the projection of their events, and the queries over it.

use banjie_domain::authorize::Permit;
use banjie_domain::history::Hash;
use banjie_domain::id::{EmployerId, OfficeId, PersonId, ProjectId, RegistrationId, RevisionId, TeamId};
use jiff::civil::Date;

use crate::db::{Row, Tx, Value};
use crate::error::StoreError;
use crate::row::{date, head, id, opt_date, opt_id, version};
use crate::scope;

/// The projection of one registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationRow {
    /// The registration.
    pub id: RegistrationId,
    /// Its number, ungrouped.
    pub number: String,
    /// Key of its type.
    pub kind: String,
    /// The person.
    pub person: PersonId,
    /// The employer, where there is one.
    pub employer: Option<EmployerId>,
    /// The office that holds it.
    pub office: OfficeId,
    /// The building project, for a registration on one.
    pub project: Option<ProjectId>,
    /// The team the worker is or was last in.
    pub team: Option<TeamId>,
    /// First day of the relation.
    pub started_on: Date,
    /// Key of its legal status.
    pub status: String,
    /// Key of what stands in the way.
    pub hold: String,
    /// Last day of the relation.
    pub finished_on: Option<Date>,
    /// The reason code it was finished with.
    pub reason: Option<String>,
    /// What was declared.
    pub details: RevisionId,
    /// How many events its history has.
    pub version: u64,
    /// Leaf of the last one.
    pub head: Hash,
    /// When it was filed, microseconds.
    pub created_at: i64,
    /// When it last changed, microseconds.
    pub changed_at: i64,
}

pub(crate) const COLUMNS: &str = "r.id, r.number, r.kind, r.person_id, r.employer_id, r.office_id, r.started_on, r.status, \
    r.hold, r.finished_on, r.reason, r.details, r.version, r.head, r.created_at, r.changed_at, r.project_id, r.team_id";
/// How many those are.
pub(crate) const WIDTH: usize = 18;

pub(crate) fn from_row(row: &Row) -> Result<RegistrationRow, StoreError> {
    Ok(RegistrationRow {
        id: id(row, 0)?,
        number: row.text(1)?,
        kind: row.text(2)?,
        person: id(row, 3)?,
        employer: opt_id(row, 4)?,
        office: id(row, 5)?,
        started_on: date(row, 6)?,
        status: row.text(7)?,
        hold: row.text(8)?,
        finished_on: opt_date(row, 9)?,
        reason: row.opt_text(10)?,
        details: id(row, 11)?,
        version: version(row, 12)?,
        head: head(row, 13)?,
        created_at: row.int(14)?,
        changed_at: row.int(15)?,
        project: opt_id(row, 16)?,
        team: opt_id(row, 17)?,
    })
}

/// What a list of registrations is narrowed to, beside the reader's scope.
#[derive(Debug, Clone, Default)]
pub struct RegistrationFilter {
    /// Key of a legal status.
    pub status: Option<String>,
    /// Key of a type.
    pub kind: Option<String>,
    /// One person.
    pub person: Option<PersonId>,
    /// Exactly this number, ungrouped.
    pub number: Option<String>,
}

/// One step of a keyset list, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyset {
    /// Start after this place, or at the beginning.
    pub after: Option<(i64, String)>,
    /// How many rows at the most.
    pub limit: u32,
}

impl Keyset {
    /// Rows after the place, as a condition on the two columns a list is ordered by.
    pub(crate) fn condition(&self, columns: &str, params: &mut Vec<Value>) -> String {
        let Some((at, id)) = &self.after else { return "1 = 1".to_owned() };
        params.push(Value::from(*at));
        params.push(Value::from(id.as_str()));
        format!("({columns}) < (${}, ${})", params.len() - 1, params.len())
    }
}

/// One registration by id, without regard to who asks: the caller authorises what it finds.
///
/// # Errors
/// When the database cannot be read.
pub fn registration_find(tx: &mut dyn Tx, id: &RegistrationId) -> Result<Option<RegistrationRow>, StoreError> {
    let sql = format!("select {COLUMNS} from registrations r where r.id = $1");
    tx.query_opt(&sql, &[id.as_str().into()])?.as_ref().map(from_row).transpose()
}

/// Registrations within the reader's scope, newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn registration_list(
    tx: &mut dyn Tx,
    permit: &Permit,
    filter: &RegistrationFilter,
    page: &Keyset,
) -> Result<Vec<RegistrationRow>, StoreError> {
    let mut params = Vec::new();
    let mut wheres = vec![scope::of_record(permit.scope(), "r", &mut params)];
    narrow(filter, &mut wheres, &mut params);
    wheres.push(page.condition("r.created_at, r.id", &mut params));
    params.push(Value::from(i64::from(page.limit)));
    let sql = format!(
        "select {COLUMNS} from registrations r where {} order by r.created_at desc, r.id desc limit ${}",
        wheres.join(" and "),
        params.len()
    );
    tx.query(&sql, &params)?.iter().map(from_row).collect()
}

/// The registrations of a team, those on the site first, each in the order they were made. The caller authorises the
/// project.
///
/// # Errors
/// When the database cannot be read.
pub fn registration_list_of_team(
    tx: &mut dyn Tx,
    team: &TeamId,
    limit: u32,
) -> Result<Vec<RegistrationRow>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from registrations r where r.team_id = $1 and r.status in ('valid', 'ended') \
         order by r.status desc, r.created_at, r.id limit $2"
    );
    tx.query(&sql, &[team.as_str().into(), i64::from(limit).into()])?.iter().map(from_row).collect()
}

/// How many there are of each status within the scope, counted to 1,000 each.
///
/// # Errors
/// When the database cannot be read.
pub fn registration_counts(tx: &mut dyn Tx, permit: &Permit) -> Result<Vec<(String, i64)>, StoreError> {
    let mut params = Vec::new();
    let scope = scope::of_record(permit.scope(), "r", &mut params);
    let mut counts = Vec::new();
    for status in banjie_domain::registration::LegalStatus::ALL {
        let mut params = params.clone();
        params.push(Value::from(status.key()));
        let sql = format!(
            "select count(*) from (select 1 from registrations r where {scope} and r.status = ${} limit 1001) c",
            params.len()
        );
        let count = tx.query_opt(&sql, &params)?.map_or(Ok(0), |row| row.int(0))?;
        counts.push((status.key().to_owned(), count));
    }
    Ok(counts)
}

fn narrow(filter: &RegistrationFilter, wheres: &mut Vec<String>, params: &mut Vec<Value>) {
    let mut equal = |column: &str, value: Option<&str>| {
        if let Some(value) = value {
            params.push(Value::from(value));
            wheres.push(format!("r.{column} = ${}", params.len()));
        }
    };
    equal("status", filter.status.as_deref());
    equal("kind", filter.kind.as_deref());
    equal("person_id", filter.person.as_ref().map(PersonId::as_str));
    equal("number", filter.number.as_deref());
}

/// The last day of the newest finished registration of this type of a person with an employer, for V5. A 退场 from a
/// site ends no contract.
///
/// # Errors
/// When the database cannot be read.
pub fn registration_previous_end(
    tx: &mut dyn Tx,
    kind: &str,
    person: &PersonId,
    employer: &EmployerId,
) -> Result<Option<Date>, StoreError> {
    let row = tx.query_opt(
        "select max(finished_on) from registrations \
         where kind = $1 and person_id = $2 and employer_id = $3 and status = 'ended'",
        &[kind.into(), person.as_str().into(), employer.as_str().into()],
    )?;
    row.as_ref().map_or(Ok(None), |row| opt_date(row, 0))
}

/// The registration of this type that stands between person and employer, if there is one (V20); on a project also
/// one that ended there, because the worker is entered on it again.
///
/// # Errors
/// When the database cannot be read.
pub fn registration_standing(
    tx: &mut dyn Tx,
    kind: &str,
    person: &PersonId,
    (employer, project): (Option<&EmployerId>, Option<&ProjectId>),
) -> Result<Option<RegistrationRow>, StoreError> {
    let (employer, project) = (employer.map_or("", EmployerId::as_str), project.map_or("", ProjectId::as_str));
    let sql = format!(
        "select {COLUMNS} from registrations r where r.kind = $1 and r.person_id = $2 \
         and coalesce(r.employer_id, '') = $3 and coalesce(r.project_id, '') = $4 \
         and (r.status in ('pending', 'valid') or (r.status = 'ended' and r.project_id is not null)) \
         order by r.created_at desc, r.id desc limit 1"
    );
    let params = [kind.into(), person.as_str().into(), employer.into(), project.into()];
    tx.query_opt(&sql, &params)?.as_ref().map(from_row).transpose()
}

/// Whether the person has a registration of this type with another employer too, for V12.
///
/// # Errors
/// When the database cannot be read.
pub fn registration_open_elsewhere(
    tx: &mut dyn Tx,
    kind: &str,
    person: &PersonId,
    employer: &EmployerId,
) -> Result<bool, StoreError> {
    let row = tx.query_opt(
        "select 1 from registrations where kind = $1 and person_id = $2 and employer_id <> $3 and status = 'valid' limit 1",
        &[kind.into(), person.as_str().into(), employer.as_str().into()],
    )?;
    Ok(row.is_some())
}

/// Writes the projection of a new registration.
///
/// # Errors
/// [`StoreError::Unique`] when the same person is already registered with the same unit.
pub fn registration_insert(tx: &mut dyn Tx, row: &RegistrationRow) -> Result<(), StoreError> {
    tx.later(
        "insert into registrations (id, number, kind, person_id, employer_id, office_id, started_on, status, hold, \
         finished_on, reason, details, version, head, created_at, changed_at, project_id, team_id) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
        &[
            row.id.as_str().into(),
            row.number.as_str().into(),
            row.kind.as_str().into(),
            row.person.as_str().into(),
            row.employer.as_ref().map(|id| id.as_str().to_owned()).into(),
            row.office.as_str().into(),
            row.started_on.to_string().into(),
            row.status.as_str().into(),
            row.hold.as_str().into(),
            row.finished_on.map(|day| day.to_string()).into(),
            row.reason.clone().into(),
            row.details.as_str().into(),
            i64::try_from(row.version).unwrap_or(i64::MAX).into(),
            Value::from(row.head.as_bytes().as_slice()),
            row.created_at.into(),
            row.changed_at.into(),
            row.project.as_ref().map(|id| id.as_str().to_owned()).into(),
            row.team.as_ref().map(|id| id.as_str().to_owned()).into(),
        ],
    )
}

/// Moves the projection from one version to the next; `false` when somebody was faster.
///
/// # Errors
/// When the database cannot be written.
pub fn registration_advance(tx: &mut dyn Tx, from: u64, row: &RegistrationRow) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "update registrations set status = $1, hold = $2, finished_on = $3, reason = $4, version = $5, head = $6, \
         changed_at = $7, team_id = $8, started_on = $9, details = $10 where id = $11 and version = $12",
        &[
            row.status.as_str().into(),
            row.hold.as_str().into(),
            row.finished_on.map(|day| day.to_string()).into(),
            row.reason.clone().into(),
            i64::try_from(row.version).unwrap_or(i64::MAX).into(),
            Value::from(row.head.as_bytes().as_slice()),
            row.changed_at.into(),
            row.team.as_ref().map(|id| id.as_str().to_owned()).into(),
            row.started_on.to_string().into(),
            row.details.as_str().into(),
            row.id.as_str().into(),
            i64::try_from(from).unwrap_or(i64::MAX).into(),
        ],
    )?;
    Ok(changed == 1)
}

/// Every projection there is, for `verify`.
///
/// # Errors
/// When the database cannot be read, or `visit` fails.
pub fn registration_each(
    tx: &mut dyn Tx,
    visit: &mut dyn FnMut(RegistrationRow) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let sql = format!("select {COLUMNS} from registrations r order by r.id");
    tx.each(&sql, &[], &mut |row| visit(from_row(&row)?))
}
