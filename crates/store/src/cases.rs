//! Cases as queues and pages read them: the projection of their events, and the queries over it.

use banjie_domain::authorize::Permit;
use banjie_domain::history::Hash;
use banjie_domain::id::{CaseId, EmployerId, OfficeId, PersonId, PolicyRevisionId, RegistrationId};
use jiff::civil::Date;

use crate::db::{Row, Tx, Value};
use crate::error::StoreError;
use crate::registrations::Keyset;
use crate::row::{date, head, id, opt_date, opt_id, version};
use crate::scope;

/// The projection of one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRow {
    /// The case.
    pub id: CaseId,
    /// 申请编号, ungrouped.
    pub number: String,
    /// Key of the act.
    pub act: String,
    /// Key of the registration's type.
    pub kind: String,
    /// Reason code.
    pub reason: Option<String>,
    /// The registration it is about.
    pub registration: RegistrationId,
    /// Key of the applicant's standing.
    pub applicant_kind: String,
    /// The person who asked.
    pub applicant_person: Option<PersonId>,
    /// The employer that asked.
    pub applicant_employer: Option<EmployerId>,
    /// The office that decides.
    pub office: OfficeId,
    /// The rules it was filed under.
    pub policy: PolicyRevisionId,
    /// The case it takes up again.
    pub previous: Option<CaseId>,
    /// Key of the stage.
    pub stage: String,
    /// Legal day of receipt.
    pub received_on: Date,
    /// The day the act is to count from.
    pub asked_on: Date,
    /// Day of acceptance.
    pub accepted_on: Option<Date>,
    /// The last day of whoever's turn it is: acceptance, answer or decision.
    pub due_on: Option<Date>,
    /// Day of the decision.
    pub decided_on: Option<Date>,
    /// How many events its history has.
    pub version: u64,
    /// Leaf of the last one.
    pub head: Hash,
    /// When it was handed in, microseconds.
    pub submitted_at: i64,
    /// When it last changed, microseconds.
    pub changed_at: i64,
}

const COLUMNS: &str = "c.id, c.number, c.act, c.kind, c.reason, c.registration_id, c.applicant_kind, \
    c.applicant_person, c.applicant_employer, c.office_id, c.policy_id, c.previous_id, c.stage, c.received_on, \
    c.asked_on, c.accepted_on, c.due_on, c.decided_on, c.version, c.head, c.submitted_at, c.changed_at";

fn from_row(row: &Row) -> Result<CaseRow, StoreError> {
    Ok(CaseRow {
        id: id(row, 0)?,
        number: row.text(1)?,
        act: row.text(2)?,
        kind: row.text(3)?,
        reason: row.opt_text(4)?,
        registration: id(row, 5)?,
        applicant_kind: row.text(6)?,
        applicant_person: opt_id(row, 7)?,
        applicant_employer: opt_id(row, 8)?,
        office: id(row, 9)?,
        policy: id(row, 10)?,
        previous: opt_id(row, 11)?,
        stage: row.text(12)?,
        received_on: date(row, 13)?,
        asked_on: date(row, 14)?,
        accepted_on: opt_date(row, 15)?,
        due_on: opt_date(row, 16)?,
        decided_on: opt_date(row, 17)?,
        version: version(row, 18)?,
        head: head(row, 19)?,
        submitted_at: row.int(20)?,
        changed_at: row.int(21)?,
    })
}

fn find(tx: &mut dyn Tx, column: &str, value: &str) -> Result<Option<CaseRow>, StoreError> {
    let sql = format!("select {COLUMNS} from cases c where c.{column} = $1");
    tx.query_opt(&sql, &[value.into()])?.as_ref().map(from_row).transpose()
}

/// One case by id, without regard to who asks: the caller authorises what it finds.
///
/// # Errors
/// When the database cannot be read.
pub fn case_find(tx: &mut dyn Tx, id: &CaseId) -> Result<Option<CaseRow>, StoreError> {
    find(tx, "id", id.as_str())
}

/// One case by its 申请编号, ungrouped. The number is no secret; the caller checks the code.
///
/// # Errors
/// When the database cannot be read.
pub fn case_find_by_number(tx: &mut dyn Tx, number: &str) -> Result<Option<CaseRow>, StoreError> {
    find(tx, "number", number)
}

/// The undecided case on a registration, if there is one.
///
/// # Errors
/// When the database cannot be read.
pub fn case_open_on(tx: &mut dyn Tx, registration: &RegistrationId) -> Result<Option<CaseRow>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from cases c where c.registration_id = $1 \
         and c.stage in ('intake', 'supplement', 'first', 'second', 'suspended')"
    );
    tx.query_opt(&sql, &[registration.as_str().into()])?.as_ref().map(from_row).transpose()
}

/// A case that a date may move, and its last day as it was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueCase {
    /// The case.
    pub id: CaseId,
    /// The last day of whoever's turn it is.
    pub due_on: Date,
    /// The version the row stands for.
    pub version: u64,
    /// Which office has it.
    pub office: OfficeId,
}

/// Cases at a stage whose last day is before `day`, by last day and id, after the one given.
///
/// # Errors
/// When the database cannot be read.
pub fn case_due_before(
    tx: &mut dyn Tx,
    (stage, day): (&str, Date),
    after: Option<&DueCase>,
    limit: u32,
) -> Result<Vec<DueCase>, StoreError> {
    let sql = "select id, due_on, version, office_id from cases where stage = $1 and due_on < $2 and (due_on, id) > ($3, $4) \
               order by due_on, id limit $5";
    let after = after.map_or_else(Default::default, |last| (last.due_on.to_string(), last.id.to_string()));
    let params = [stage.into(), day.to_string().into(), after.0.into(), after.1.into(), Value::from(i64::from(limit))];
    tx.query(sql, &params)?
        .iter()
        .map(|row| {
            let version = u64::try_from(row.int(2)?).unwrap_or_default();
            Ok(DueCase { id: id(row, 0)?, due_on: opt_date(row, 1)?.unwrap_or_default(), version, office: id(row, 3)? })
        })
        .collect()
}

/// All cases on a registration, newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn case_list_on(tx: &mut dyn Tx, registration: &RegistrationId) -> Result<Vec<CaseRow>, StoreError> {
    let sql =
        format!("select {COLUMNS} from cases c where c.registration_id = $1 order by c.submitted_at desc, c.id desc");
    tx.query(&sql, &[registration.as_str().into()])?.iter().map(from_row).collect()
}

/// The cases somebody asked for, newest first; 登记 that needed no decision is left out.
///
/// # Errors
/// When the database cannot be read.
pub fn case_list(tx: &mut dyn Tx, permit: &Permit, page: &Keyset) -> Result<Vec<CaseRow>, StoreError> {
    let mut params = Vec::new();
    let mut wheres = vec![scope::of_case(permit.scope(), "c", &mut params), "c.act <> 'register'".to_owned()];
    wheres.push(page.condition("c.submitted_at, c.id", &mut params));
    params.push(Value::from(i64::from(page.limit)));
    let sql = format!(
        "select {COLUMNS} from cases c where {} order by c.submitted_at desc, c.id desc limit ${}",
        wheres.join(" and "),
        params.len()
    );
    tx.query(&sql, &params)?.iter().map(from_row).collect()
}

/// Which cases of an office a queue holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queued {
    /// Those at one stage.
    At(&'static str),
    /// Those with an office whose last day was before this day, whatever their stage.
    LateOn(Date),
}

impl Queued {
    fn condition(self, params: &mut Vec<Value>) -> String {
        match self {
            Self::At(stage) => {
                params.push(Value::from(stage));
                format!("c.stage = ${}", params.len())
            }
            Self::LateOn(day) => {
                params.push(Value::from(day.to_string()));
                format!("c.stage in ('intake', 'first', 'second') and c.due_on < ${}", params.len())
            }
        }
    }
}

/// A queue of an office, soonest due first.
///
/// # Errors
/// When the database cannot be read.
pub fn case_queue(
    tx: &mut dyn Tx,
    permit: &Permit,
    queued: Queued,
    after: Option<&(String, String)>,
    limit: u32,
) -> Result<Vec<CaseRow>, StoreError> {
    let mut params = Vec::new();
    let mut wheres = vec![scope::of_case(permit.scope(), "c", &mut params)];
    wheres.push(queued.condition(&mut params));
    if let Some((due, id)) = after {
        params.push(Value::from(due.as_str()));
        params.push(Value::from(id.as_str()));
        wheres.push(format!("(c.due_on, c.id) > (${}, ${})", params.len() - 1, params.len()));
    }
    params.push(Value::from(i64::from(limit)));
    let sql = format!(
        "select {COLUMNS} from cases c where {} order by c.due_on nulls last, c.id limit ${}",
        wheres.join(" and "),
        params.len()
    );
    tx.query(&sql, &params)?.iter().map(from_row).collect()
}

/// How many cases a queue holds within the scope, counted to 1,000; the second number is how many are past `today`.
///
/// # Errors
/// When the database cannot be read.
pub fn case_queue_count(
    tx: &mut dyn Tx,
    permit: &Permit,
    queued: Queued,
    today: Date,
) -> Result<(i64, i64), StoreError> {
    let mut params = Vec::new();
    let scope = scope::of_case(permit.scope(), "c", &mut params);
    let held = queued.condition(&mut params);
    params.push(Value::from(today.to_string()));
    let today_at = params.len();
    let sql = format!(
        "select count(*), count(*) filter (where d.due_on < ${today_at}) from \
         (select c.due_on from cases c where {scope} and {held} order by c.due_on limit 1001) d"
    );
    tx.query_opt(&sql, &params)?.map_or(Ok((0, 0)), |row| Ok((row.int(0)?, row.int(1)?)))
}

/// Writes the projection of a new case.
///
/// # Errors
/// [`StoreError::Unique`] when another case is open on the registration, or the number is taken.
pub fn case_insert(tx: &mut dyn Tx, row: &CaseRow) -> Result<(), StoreError> {
    tx.later(
        "insert into cases (id, number, act, kind, reason, registration_id, applicant_kind, applicant_person, \
         applicant_employer, office_id, policy_id, previous_id, stage, received_on, asked_on, accepted_on, due_on, \
         decided_on, version, head, submitted_at, changed_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
         $22)",
        &[
            row.id.as_str().into(),
            row.number.as_str().into(),
            row.act.as_str().into(),
            row.kind.as_str().into(),
            row.reason.clone().into(),
            row.registration.as_str().into(),
            row.applicant_kind.as_str().into(),
            row.applicant_person.as_ref().map(|id| id.as_str().to_owned()).into(),
            row.applicant_employer.as_ref().map(|id| id.as_str().to_owned()).into(),
            row.office.as_str().into(),
            row.policy.as_str().into(),
            row.previous.as_ref().map(|id| id.as_str().to_owned()).into(),
            row.stage.as_str().into(),
            row.received_on.to_string().into(),
            row.asked_on.to_string().into(),
            row.accepted_on.map(|day| day.to_string()).into(),
            row.due_on.map(|day| day.to_string()).into(),
            row.decided_on.map(|day| day.to_string()).into(),
            i64::try_from(row.version).unwrap_or(i64::MAX).into(),
            Value::from(row.head.as_bytes().as_slice()),
            row.submitted_at.into(),
            row.changed_at.into(),
        ],
    )
}

/// Moves the projection from one version to the next; `false` when somebody was faster.
///
/// # Errors
/// When the database cannot be written.
pub fn case_advance(tx: &mut dyn Tx, from: u64, row: &CaseRow) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "update cases set stage = $1, accepted_on = $2, due_on = $3, decided_on = $4, version = $5, head = $6, \
         changed_at = $7 where id = $8 and version = $9",
        &[
            row.stage.as_str().into(),
            row.accepted_on.map(|day| day.to_string()).into(),
            row.due_on.map(|day| day.to_string()).into(),
            row.decided_on.map(|day| day.to_string()).into(),
            i64::try_from(row.version).unwrap_or(i64::MAX).into(),
            Value::from(row.head.as_bytes().as_slice()),
            row.changed_at.into(),
            row.id.as_str().into(),
            i64::try_from(from).unwrap_or(i64::MAX).into(),
        ],
    )?;
    Ok(changed == 1)
}

/// Cases by id, after the one given.
///
/// # Errors
/// When the database cannot be read.
pub fn case_batch(tx: &mut dyn Tx, after: &str, limit: u32) -> Result<Vec<CaseRow>, StoreError> {
    let sql = format!("select {COLUMNS} from cases c where c.id > $1 order by c.id limit $2");
    tx.query(&sql, &[after.into(), i64::from(limit).into()])?.iter().map(from_row).collect()
}

/// Every projection there is, for `verify`.
///
/// # Errors
/// When the database cannot be read, or `visit` fails.
pub fn case_each(tx: &mut dyn Tx, visit: &mut dyn FnMut(CaseRow) -> Result<(), StoreError>) -> Result<(), StoreError> {
    let sql = format!("select {COLUMNS} from cases c order by c.id");
    tx.each(&sql, &[], &mut |row| visit(from_row(&row)?))
}
