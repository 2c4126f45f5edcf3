//! What people are told, and the queue that carries it to them.

use banjie_domain::actor::Standing;
use banjie_domain::id::{CaseId, EmployerId, JobId, NoticeId, PersonId, RegistrationId};

use crate::db::{Dialect, Row, Tx, Value};
use crate::error::StoreError;
use crate::row::{id, opt_id};
use crate::webhooks::notice_for_webhooks;

/// One notice to one recipient. It holds ids; its words are made from them when it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeRow {
    /// The notice.
    pub id: NoticeId,
    /// To a person.
    pub person: Option<PersonId>,
    /// To an employer.
    pub employer: Option<EmployerId>,
    /// Key of its text.
    pub template: String,
    /// The case it is about.
    pub case: Option<CaseId>,
    /// The registration it is about.
    pub registration: Option<RegistrationId>,
    /// When it was written, microseconds.
    pub created_at: i64,
    /// When it was first read, microseconds.
    pub read_at: Option<i64>,
}

const NOTICE: &str =
    "select id, person_id, employer_id, template, case_id, registration_id, created_at, read_at from notices";

fn notice(row: &Row) -> Result<NoticeRow, StoreError> {
    Ok(NoticeRow {
        id: id(row, 0)?,
        person: opt_id(row, 1)?,
        employer: opt_id(row, 2)?,
        template: row.text(3)?,
        case: opt_id(row, 4)?,
        registration: opt_id(row, 5)?,
        created_at: row.int(6)?,
        read_at: row.opt_int(7)?,
    })
}

fn to(standing: &Standing) -> Option<(&'static str, &str)> {
    match standing {
        Standing::Person(id) => Some(("person_id", id.as_str())),
        Standing::Employer(id) => Some(("employer_id", id.as_str())),
        Standing::Offices { .. } => None,
    }
}

/// A notice by id, for the worker that sends it.
///
/// # Errors
/// When the database cannot be read.
pub fn notice_find(tx: &mut dyn Tx, id: &NoticeId) -> Result<Option<NoticeRow>, StoreError> {
    tx.query_opt(&format!("{NOTICE} where id = $1"), &[id.as_str().into()])?.as_ref().map(notice).transpose()
}

/// The newest notices to whom this standing is. Offices get none.
///
/// # Errors
/// When the database cannot be read.
pub fn notice_list(tx: &mut dyn Tx, standing: &Standing, limit: u32) -> Result<Vec<NoticeRow>, StoreError> {
    let Some((column, value)) = to(standing) else { return Ok(Vec::new()) };
    let sql = format!("{NOTICE} where {column} = $1 order by created_at desc, id desc limit $2");
    tx.query(&sql, &[value.into(), i64::from(limit).into()])?.iter().map(notice).collect()
}

/// The notices about a case to whom this standing is, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn notice_list_on_case(tx: &mut dyn Tx, standing: &Standing, case: &CaseId) -> Result<Vec<NoticeRow>, StoreError> {
    let Some((column, value)) = to(standing) else { return Ok(Vec::new()) };
    let sql = format!("{NOTICE} where {column} = $1 and case_id = $2 order by created_at, id");
    tx.query(&sql, &[value.into(), case.as_str().into()])?.iter().map(notice).collect()
}

/// Whether somebody was told this about a case since then.
///
/// # Errors
/// When the database cannot be read.
pub fn notice_told(tx: &mut dyn Tx, case: &CaseId, template: &str, since: i64) -> Result<bool, StoreError> {
    let sql = "select 1 from notices where case_id = $1 and template = $2 and created_at >= $3 limit 1";
    Ok(tx.query_opt(sql, &[case.as_str().into(), template.into(), since.into()])?.is_some())
}

/// How many are unread, counted to 99.
///
/// # Errors
/// When the database cannot be read.
pub fn notice_unread(tx: &mut dyn Tx, standing: &Standing) -> Result<i64, StoreError> {
    let Some((column, value)) = to(standing) else { return Ok(0) };
    let sql =
        format!("select count(*) from (select 1 from notices where {column} = $1 and read_at is null limit 99) n");
    tx.query_opt(&sql, &[value.into()])?.map_or(Ok(0), |row| row.int(0))
}

/// Marks everything as read that was written by then.
///
/// # Errors
/// When the database cannot be written.
pub fn notice_read_all(tx: &mut dyn Tx, standing: &Standing, now: i64) -> Result<(), StoreError> {
    if let Some((column, value)) = to(standing) {
        let sql = format!("update notices set read_at = $1 where {column} = $2 and read_at is null");
        tx.execute(&sql, &[now.into(), value.into()])?;
    }
    Ok(())
}

/// Writes a notice, and notes it for every webhook that wants to be told.
///
/// # Errors
/// When the database cannot be written.
pub fn notice_insert(tx: &mut dyn Tx, row: &NoticeRow) -> Result<(), StoreError> {
    tx.later(
        "insert into notices (id, person_id, employer_id, template, case_id, registration_id, created_at, read_at) \
         values ($1, $2, $3, $4, $5, $6, $7, null)",
        &[
            row.id.as_str().into(),
            row.person.as_ref().map(|id| id.as_str().to_owned()).into(),
            row.employer.as_ref().map(|id| id.as_str().to_owned()).into(),
            row.template.as_str().into(),
            row.case.as_ref().map(|id| id.as_str().to_owned()).into(),
            row.registration.as_ref().map(|id| id.as_str().to_owned()).into(),
            row.created_at.into(),
        ],
    )?;
    notice_for_webhooks(tx, row)
}

/// One piece of work that follows from something committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRow {
    /// The job.
    pub id: JobId,
    /// What to do: `notice.file`.
    pub kind: String,
    /// What to do it to: an id. One job per kind and subject.
    pub subject: String,
    /// Not before, microseconds.
    pub run_at: i64,
    /// How often it was tried.
    pub attempts: i64,
}

/// Writes a job; the same work twice is one job.
///
/// # Errors
/// When the database cannot be written.
pub fn job_insert(tx: &mut dyn Tx, row: &JobRow) -> Result<(), StoreError> {
    tx.later(
        "insert into jobs (id, kind, subject, run_at, attempts) values ($1, $2, $3, $4, 0) \
         on conflict (kind, subject) do nothing",
        &[row.id.as_str().into(), row.kind.as_str().into(), row.subject.as_str().into(), row.run_at.into()],
    )
}

/// How the queue stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backlog {
    /// Jobs whose time has come, counted to 10,000.
    pub waiting: i64,
    /// Jobs that were given up and wait for a person.
    pub parked: i64,
    /// Since when the oldest waits, microseconds.
    pub since: Option<i64>,
}

/// How the queue stands at `now`.
///
/// # Errors
/// When the database cannot be read.
pub fn job_backlog(tx: &mut dyn Tx, now: i64) -> Result<Backlog, StoreError> {
    let waiting = "select count(*), min(run_at) from (select run_at from jobs \
                   where done_at is null and parked_at is null and run_at <= $1 order by run_at limit 10000) w";
    let row = tx.query_opt(waiting, &[now.into()])?;
    let parked = tx.query_opt("select count(*) from jobs where parked_at is not null", &[])?;
    Ok(Backlog {
        waiting: row.as_ref().map_or(Ok(0), |row| row.int(0))?,
        since: row.as_ref().map_or(Ok(None), |row| row.opt_int(1))?,
        parked: parked.as_ref().map_or(Ok(0), |row| row.int(0))?,
    })
}

/// Takes the next waiting jobs under a lease. A job whose lease ran out may be taken again.
///
/// # Errors
/// When the database cannot be written.
pub fn job_claim(tx: &mut dyn Tx, lease: &str, now: i64, until: i64, limit: u32) -> Result<Vec<JobRow>, StoreError> {
    // The guard stands twice and rows are locked on PostgreSQL: the naive form hands one job to two workers.
    let skip = if tx.dialect() == Dialect::Postgres { "for update skip locked" } else { "" };
    // Materialized, or PostgreSQL may look for the next ones again for every row, and take more than were asked for.
    let sql = format!(
        "with due as materialized (\
           select id from jobs where done_at is null and parked_at is null and run_at <= $3 \
           and (leased_until is null or leased_until < $3) order by run_at, id limit $4 {skip}) \
         update jobs set lease = $1, leased_until = $2, attempts = attempts + 1 where id in (select id from due) \
         and done_at is null and parked_at is null and (leased_until is null or leased_until < $3) \
         returning id, kind, subject, run_at, attempts"
    );
    tx.query(&sql, &[lease.into(), until.into(), now.into(), i64::from(limit).into()])?
        .iter()
        .map(|row| {
            Ok(JobRow {
                id: id(row, 0)?,
                kind: row.text(1)?,
                subject: row.text(2)?,
                run_at: row.int(3)?,
                attempts: row.int(4)?,
            })
        })
        .collect()
}

/// What came of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobResult {
    /// It is done.
    Done,
    /// Try again at this time, microseconds.
    Again {
        /// When.
        at: i64,
        /// Why.
        error: String,
    },
    /// It will not be tried again until a person looks at it.
    Parked {
        /// Why.
        error: String,
    },
}

/// Ends a try; `false` when the lease was lost meanwhile.
///
/// # Errors
/// When the database cannot be written.
pub fn job_finish(tx: &mut dyn Tx, job: &JobId, lease: &str, result: &JobResult, now: i64) -> Result<bool, StoreError> {
    let (done, parked, run_at, error): (Option<i64>, Option<i64>, Option<i64>, Option<String>) = match result {
        JobResult::Done => (Some(now), None, None, None),
        JobResult::Again { at, error } => (None, None, Some(*at), Some(error.clone())),
        JobResult::Parked { error } => (None, Some(now), None, Some(error.clone())),
    };
    let changed = tx.execute(
        "update jobs set done_at = $1, parked_at = $2, run_at = coalesce($3, run_at), error = $4, lease = null, \
         leased_until = null where id = $5 and lease = $6",
        &[done.into(), parked.into(), run_at.into(), error.into(), job.as_str().into(), Value::from(lease)],
    )?;
    Ok(changed == 1)
}
