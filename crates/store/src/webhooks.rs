//! Where the systems of persons and employers want to be told, and what they have still to be told.

use banjie_domain::actor::Standing;
use banjie_domain::id::{AccountId, EmployerId, NoticeId, PersonId, WebhookId};

use crate::db::{Dialect, Row, Tx};
use crate::error::StoreError;
use crate::notices::{NoticeRow, notice_find};
use crate::row::{id, opt_id};

/// One address, sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookRow {
    /// The webhook.
    pub id: WebhookId,
    /// Who set it up.
    pub account: AccountId,
    /// Hears what this person is told.
    pub person: Option<PersonId>,
    /// Hears what this employer is told.
    pub employer: Option<EmployerId>,
    /// The address, sealed.
    pub address: Vec<u8>,
    /// What signs, sealed.
    pub secret: Vec<u8>,
    /// When it was made, microseconds.
    pub created_at: i64,
    /// Not called before, microseconds.
    pub due_at: i64,
    /// How often in a row it could not be told.
    pub failed: i64,
    /// When it was last called, microseconds.
    pub called_at: Option<i64>,
    /// What came of that.
    pub outcome: Option<String>,
    /// Since when it is not called any more, microseconds.
    pub stopped_at: Option<i64>,
    /// Why not.
    pub stopped_why: Option<String>,
}

const COLUMNS: &str = "id, account_id, person_id, employer_id, address, secret, created_at, due_at, failed, called_at, \
                       outcome, stopped_at, stopped_why";

fn webhook(row: &Row) -> Result<WebhookRow, StoreError> {
    Ok(WebhookRow {
        id: id(row, 0)?,
        account: id(row, 1)?,
        person: opt_id(row, 2)?,
        employer: opt_id(row, 3)?,
        address: row.bytes(4)?,
        secret: row.bytes(5)?,
        created_at: row.int(6)?,
        due_at: row.int(7)?,
        failed: row.int(8)?,
        called_at: row.opt_int(9)?,
        outcome: row.opt_text(10)?,
        stopped_at: row.opt_int(11)?,
        stopped_why: row.opt_text(12)?,
    })
}

/// Writes a new one.
///
/// # Errors
/// When the database cannot be written.
pub fn webhook_insert(tx: &mut dyn Tx, row: &WebhookRow) -> Result<(), StoreError> {
    tx.execute(
        "insert into webhooks (id, account_id, person_id, employer_id, address, secret, created_at, due_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            row.id.as_str().into(),
            row.account.as_str().into(),
            row.person.as_ref().map(|id| id.as_str().to_owned()).into(),
            row.employer.as_ref().map(|id| id.as_str().to_owned()).into(),
            row.address.as_slice().into(),
            row.secret.as_slice().into(),
            row.created_at.into(),
            row.due_at.into(),
        ],
    )?;
    Ok(())
}

/// Those of an account: the ones that are called first, then the newest.
///
/// # Errors
/// When the database cannot be read.
pub fn webhook_list(tx: &mut dyn Tx, account: &AccountId, limit: u32) -> Result<Vec<WebhookRow>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from webhooks where account_id = $1 \
         order by case when stopped_at is null then 0 else 1 end, created_at desc, id desc limit $2"
    );
    tx.query(&sql, &[account.as_str().into(), i64::from(limit).into()])?.iter().map(webhook).collect()
}

/// How many things one has still to be told, counted to 1,000.
///
/// # Errors
/// When the database cannot be read.
pub fn webhook_waiting(tx: &mut dyn Tx, id: &WebhookId) -> Result<i64, StoreError> {
    let sql = "select count(*) from (select 1 from webhook_notices where webhook_id = $1 limit 1000) w";
    tx.query_opt(sql, &[id.as_str().into()])?.map_or(Ok(0), |row| row.int(0))
}

/// Notes a new notice for everyone who wants to be told of it.
///
/// # Errors
/// When the database cannot be written.
pub(crate) fn notice_for_webhooks(tx: &mut dyn Tx, notice: &NoticeRow) -> Result<(), StoreError> {
    let (column, to) = match (&notice.person, &notice.employer) {
        (Some(person), _) => ("person_id", person.as_str()),
        (None, Some(employer)) => ("employer_id", employer.as_str()),
        (None, None) => return Ok(()),
    };
    let sql = format!(
        "insert into webhook_notices (webhook_id, notice_id) \
         select id, $1 from webhooks where {column} = $2 and stopped_at is null"
    );
    tx.later(&sql, &[notice.id.as_str().into(), to.into()])
}

/// Takes some that have something to be told now, under a lease.
///
/// # Errors
/// When the database cannot be written.
pub fn webhook_claim(
    tx: &mut dyn Tx,
    lease: &str,
    (now, until): (i64, i64),
    limit: u32,
) -> Result<Vec<WebhookRow>, StoreError> {
    let skip = if tx.dialect() == Dialect::Postgres { "for update skip locked" } else { "" };
    let free = "stopped_at is null and due_at <= $3 and (leased_until is null or leased_until < $3)";
    let sql = format!(
        "update webhooks set lease = $1, leased_until = $2 where id in (\
           select w.id from webhooks w where {free} \
           and exists (select 1 from webhook_notices n where n.webhook_id = w.id) \
           order by due_at, id limit $4 {skip}) \
         and {free} returning {COLUMNS}"
    );
    tx.query(&sql, &[lease.into(), until.into(), now.into(), i64::from(limit).into()])?.iter().map(webhook).collect()
}

/// What one has still to be told, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn webhook_notices(tx: &mut dyn Tx, webhook: &WebhookId, limit: u32) -> Result<Vec<NoticeRow>, StoreError> {
    let sql = "select notice_id from webhook_notices where webhook_id = $1 order by notice_id limit $2";
    let rows = tx.query(sql, &[webhook.as_str().into(), i64::from(limit).into()])?;
    let ids = rows.iter().map(|row| id(row, 0)).collect::<Result<Vec<NoticeId>, _>>()?;
    let mut found = Vec::new();
    for id in ids {
        found.extend(notice_find(tx, &id)?);
    }
    Ok(found)
}

/// One was told of a notice.
///
/// # Errors
/// When the database cannot be written.
pub fn webhook_told(tx: &mut dyn Tx, webhook: &WebhookId, notice: &NoticeId) -> Result<(), StoreError> {
    let sql = "delete from webhook_notices where webhook_id = $1 and notice_id = $2";
    tx.execute(sql, &[webhook.as_str().into(), notice.as_str().into()])?;
    Ok(())
}

/// What came of calling one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    /// When, microseconds.
    pub at: i64,
    /// What came of it.
    pub outcome: String,
    /// How often in a row it failed by now.
    pub failed: i64,
    /// Not called again before, microseconds.
    pub due_at: i64,
}

/// Notes what came of calling, and ends the lease; `false` when the lease was lost or the webhook stopped meanwhile.
///
/// # Errors
/// When the database cannot be written.
pub fn webhook_called(tx: &mut dyn Tx, id: &WebhookId, lease: &str, called: &Called) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "update webhooks set called_at = $1, outcome = $2, failed = $3, due_at = $4, lease = null, leased_until = null \
         where id = $5 and lease = $6 and stopped_at is null",
        &[
            called.at.into(),
            called.outcome.as_str().into(),
            called.failed.into(),
            called.due_at.into(),
            id.as_str().into(),
            lease.into(),
        ],
    )?;
    Ok(changed == 1)
}

/// Notes what came of a try by hand; a webhook that answers again is told what waits at once.
///
/// # Errors
/// When the database cannot be written.
pub fn webhook_tried(
    tx: &mut dyn Tx,
    id: &WebhookId,
    (now, outcome): (i64, &str),
    well: bool,
) -> Result<(), StoreError> {
    let again = if well { ", failed = 0, due_at = $1" } else { "" };
    let sql = format!("update webhooks set called_at = $1, outcome = $2{again} where id = $3 and stopped_at is null");
    tx.execute(&sql, &[now.into(), outcome.into(), id.as_str().into()])?;
    Ok(())
}

/// Stops one of this account; what it had still to be told is dropped. `false` when there is none such that is called.
///
/// # Errors
/// When the database cannot be written.
pub fn webhook_stop(
    tx: &mut dyn Tx,
    (id, account): (&WebhookId, &AccountId),
    (now, why): (i64, &str),
) -> Result<bool, StoreError> {
    let sql = "update webhooks set stopped_at = $1, stopped_why = $2, lease = null, leased_until = null \
               where id = $3 and account_id = $4 and stopped_at is null";
    let params = [now.into(), why.into(), id.as_str().into(), account.as_str().into()];
    let stopped = tx.execute(sql, &params)? == 1;
    if stopped {
        tx.execute("delete from webhook_notices where webhook_id = $1", &[id.as_str().into()])?;
    }
    Ok(stopped)
}

/// Stops all of an account, or of everybody: who is shut out hears nothing more.
///
/// # Errors
/// When the database cannot be written.
pub(crate) fn webhook_stop_all(tx: &mut dyn Tx, account: Option<&AccountId>, now: i64) -> Result<(), StoreError> {
    let whose = account.map_or_else(String::new, |_| " and account_id = $1".to_owned());
    let account: Vec<_> = account.iter().map(|account| account.as_str().into()).collect();
    let which = format!("select id from webhooks where stopped_at is null{whose}");
    for row in tx.query(&which, &account)? {
        let id: WebhookId = id(&row, 0)?;
        let sql = "update webhooks set stopped_at = $1, stopped_why = 'shut-out', lease = null where id = $2";
        tx.execute(sql, &[now.into(), id.as_str().into()])?;
        tx.execute("delete from webhook_notices where webhook_id = $1", &[id.as_str().into()])?;
    }
    Ok(())
}

/// To whom one speaks: persons and employers are told things, offices are not.
#[must_use]
pub fn hears(standing: &Standing) -> Option<(Option<PersonId>, Option<EmployerId>)> {
    match standing {
        Standing::Person(id) => Some((Some(id.clone()), None)),
        Standing::Employer(id) => Some((None, Some(id.clone()))),
        Standing::Offices { .. } => None,
    }
}
