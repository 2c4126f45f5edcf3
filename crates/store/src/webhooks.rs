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

/// Whose webhooks: a person's or an employer's. Any account that stands for him may see to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Party {
    /// A person.
    Person(PersonId),
    /// An employer.
    Employer(EmployerId),
}

impl Party {
    /// To whom one speaks: persons and employers are told things, offices are not.
    #[must_use]
    pub fn of(standing: &Standing) -> Option<Self> {
        match standing {
            Standing::Person(id) => Some(Self::Person(id.clone())),
            Standing::Employer(id) => Some(Self::Employer(id.clone())),
            Standing::Offices { .. } => None,
        }
    }

    fn column(&self) -> (&'static str, &str) {
        match self {
            Self::Person(id) => ("person_id", id.as_str()),
            Self::Employer(id) => ("employer_id", id.as_str()),
        }
    }
}

/// Those of a party: the ones that are called first, then the newest.
///
/// # Errors
/// When the database cannot be read.
pub fn webhook_list(tx: &mut dyn Tx, party: &Party, limit: u32) -> Result<Vec<WebhookRow>, StoreError> {
    let (column, whose) = party.column();
    let sql = format!(
        "select {COLUMNS} from webhooks where {column} = $1 \
         order by case when stopped_at is null then 0 else 1 end, created_at desc, id desc limit $2"
    );
    tx.query(&sql, &[whose.into(), i64::from(limit).into()])?.iter().map(webhook).collect()
}

/// One of a party.
///
/// # Errors
/// When the database cannot be read.
pub fn webhook_find(tx: &mut dyn Tx, party: &Party, id: &WebhookId) -> Result<Option<WebhookRow>, StoreError> {
    let (column, whose) = party.column();
    let sql = format!("select {COLUMNS} from webhooks where id = $1 and {column} = $2");
    tx.query_opt(&sql, &[id.as_str().into(), whose.into()])?.as_ref().map(webhook).transpose()
}

/// How many of a party are called.
///
/// # Errors
/// When the database cannot be read.
pub fn webhook_called_count(tx: &mut dyn Tx, party: &Party) -> Result<i64, StoreError> {
    let (column, whose) = party.column();
    let sql = format!("select count(*) from webhooks where {column} = $1 and stopped_at is null");
    tx.query_opt(&sql, &[whose.into()])?.map_or(Ok(0), |row| row.int(0))
}

/// Forgets the stopped ones of a party but the newest few.
///
/// # Errors
/// When the database cannot be written.
pub fn webhook_forget(tx: &mut dyn Tx, party: &Party, but: u32) -> Result<(), StoreError> {
    let (column, whose) = party.column();
    let which = format!(
        "select id from webhooks where {column} = $1 and stopped_at is not null order by stopped_at desc, id desc"
    );
    let stopped = tx.query(&which, &[whose.into()])?;
    for row in stopped.iter().skip(but as usize) {
        let id: WebhookId = id(row, 0)?;
        tx.execute("delete from webhook_notices where webhook_id = $1", &[id.as_str().into()])?;
        tx.execute("delete from webhooks where id = $1", &[id.as_str().into()])?;
    }
    Ok(())
}

/// Whether an account has any that is called.
///
/// # Errors
/// When the database cannot be read.
pub fn webhook_of_account(tx: &mut dyn Tx, account: &AccountId) -> Result<bool, StoreError> {
    let sql = "select 1 from webhooks where account_id = $1 and stopped_at is null limit 1";
    Ok(tx.query_opt(sql, &[account.as_str().into()])?.is_some())
}

/// How many things one has still to be told, counted to `most`.
///
/// # Errors
/// When the database cannot be read.
pub fn webhook_waiting(tx: &mut dyn Tx, id: &WebhookId, most: u32) -> Result<i64, StoreError> {
    let sql = "select count(*) from (select 1 from webhook_notices where webhook_id = $1 limit $2) w";
    tx.query_opt(sql, &[id.as_str().into(), i64::from(most).into()])?.map_or(Ok(0), |row| row.int(0))
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

/// Those with something to be told whose time has come. It begins at what waits, which is mostly nothing, and takes one
/// of each account at a time: who has a slow receiver waits for himself.
const DUE: &str = "from (select distinct webhook_id from webhook_notices) n join webhooks w on w.id = n.webhook_id \
     where w.stopped_at is null and w.due_at <= $1 and (w.leased_until is null or w.leased_until < $1) \
     and not exists (select 1 from webhooks o where o.account_id = w.account_id and o.leased_until >= $1)";

/// Whether any has something to be told now.
///
/// # Errors
/// When the database cannot be read.
pub fn webhook_is_due(tx: &mut dyn Tx, now: i64) -> Result<bool, StoreError> {
    Ok(tx.query_opt(&format!("select 1 {DUE} limit 1"), &[now.into()])?.is_some())
}

/// Held on PostgreSQL while one is taken: "hooks" in ASCII.
const CLAIM: i64 = 0x0068_6f6f_6b73;

/// Takes the one that has waited longest, under a lease.
///
/// # Errors
/// When the database cannot be written.
pub fn webhook_claim(tx: &mut dyn Tx, lease: &str, (now, until): (i64, i64)) -> Result<Option<WebhookRow>, StoreError> {
    if tx.dialect() == Dialect::Postgres {
        // One claim at a time: two at once would not see each other's lease and take two of one account.
        tx.execute(&format!("select pg_advisory_xact_lock({CLAIM})"), &[])?;
    }
    let sql = format!(
        "update webhooks set lease = $2, leased_until = $3 where id = (\
           select w.id {DUE} order by w.due_at, w.id limit 1) \
         and stopped_at is null and (leased_until is null or leased_until < $1) returning {COLUMNS}"
    );
    tx.query_opt(&sql, &[now.into(), lease.into(), until.into()])?.as_ref().map(webhook).transpose()
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

/// One was told of a notice; `false` when the lease was lost or it was stopped meanwhile, and it is told no more.
///
/// # Errors
/// When the database cannot be written.
pub fn webhook_told(tx: &mut dyn Tx, webhook: &WebhookId, lease: &str, notice: &NoticeId) -> Result<bool, StoreError> {
    let sql = "delete from webhook_notices where webhook_id = $1 and notice_id = $2";
    tx.execute(sql, &[webhook.as_str().into(), notice.as_str().into()])?;
    let held = "select 1 from webhooks where id = $1 and lease = $2 and stopped_at is null";
    Ok(tx.query_opt(held, &[webhook.as_str().into(), lease.into()])?.is_some())
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

/// Takes the right to try one by hand; `false` when it was called within `breath`, or is stopped.
///
/// # Errors
/// When the database cannot be written.
pub fn webhook_try(tx: &mut dyn Tx, id: &WebhookId, (now, breath): (i64, i64)) -> Result<bool, StoreError> {
    let sql = "update webhooks set called_at = $1 where id = $2 and stopped_at is null \
               and (called_at is null or called_at <= $3)";
    Ok(tx.execute(sql, &[now.into(), id.as_str().into(), (now - breath).into()])? == 1)
}

/// Notes what came of a try by hand. One that answers again is told what waits at once: whoever is at it by the old
/// count loses his lease.
///
/// # Errors
/// When the database cannot be written.
pub fn webhook_tried(
    tx: &mut dyn Tx,
    id: &WebhookId,
    (now, outcome): (i64, &str),
    well: bool,
) -> Result<(), StoreError> {
    let again = if well { ", failed = 0, due_at = $1, lease = null, leased_until = null" } else { "" };
    let sql = format!("update webhooks set called_at = $1, outcome = $2{again} where id = $3 and stopped_at is null");
    tx.execute(&sql, &[now.into(), outcome.into(), id.as_str().into()])?;
    Ok(())
}

/// Gives one up whose lease is held; `false` when it is not any more.
///
/// # Errors
/// When the database cannot be written.
pub fn webhook_give_up(
    tx: &mut dyn Tx,
    (id, lease): (&WebhookId, &str),
    (now, outcome, why): (i64, &str, &str),
) -> Result<bool, StoreError> {
    let sql = "update webhooks set called_at = $1, outcome = $2 where id = $3 and lease = $4 and stopped_at is null";
    let held = tx.execute(sql, &[now.into(), outcome.into(), id.as_str().into(), lease.into()])? == 1;
    if held {
        stop(tx, id, (now, why))?;
    }
    Ok(held)
}

/// Stops one of a party; what it had still to be told is dropped.
///
/// # Errors
/// When the database cannot be written.
pub fn webhook_stop(tx: &mut dyn Tx, party: &Party, id: &WebhookId, (now, why): (i64, &str)) -> Result<(), StoreError> {
    match webhook_find(tx, party, id)? {
        Some(row) if row.stopped_at.is_none() => stop(tx, id, (now, why)),
        _ => Ok(()),
    }
}

fn stop(tx: &mut dyn Tx, id: &WebhookId, (now, why): (i64, &str)) -> Result<(), StoreError> {
    let sql = "update webhooks set stopped_at = $1, stopped_why = $2, lease = null, leased_until = null where id = $3";
    tx.execute(sql, &[now.into(), why.into(), id.as_str().into()])?;
    tx.execute("delete from webhook_notices where webhook_id = $1", &[id.as_str().into()])?;
    Ok(())
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
        stop(tx, &id(&row, 0)?, (now, "shut-out"))?;
    }
    Ok(())
}

/// Drops what was noted for a webhook while it was being stopped.
///
/// # Errors
/// When the database cannot be written.
pub fn webhook_sweep(tx: &mut dyn Tx) -> Result<(), StoreError> {
    let sql = "delete from webhook_notices where webhook_id in (select id from webhooks where stopped_at is not null)";
    tx.execute(sql, &[]).map(drop)
}
