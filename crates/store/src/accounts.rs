//! Accounts, sessions, and the counting of wrong tries.

use banjie_domain::id::{AccountId, EmployerId, OfficeId, PersonId};

use crate::db::{Row, Tx, Value};
use crate::error::StoreError;
use crate::row::{id, opt_id};
use crate::tokens::token_revoke_all;
use crate::webhooks::webhook_stop_all;

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// The account.
    pub id: AccountId,
    /// What is typed to sign in.
    pub login: String,
    /// Key of its role.
    pub role: String,
    /// The person it is.
    pub person: Option<PersonId>,
    /// The employer it acts for.
    pub employer: Option<EmployerId>,
    /// The office it works in.
    pub office: Option<OfficeId>,
    /// The sealed name to greet it by.
    pub display: Vec<u8>,
    /// Key of the assurance level of its identity check.
    pub assurance: String,
    /// The password's hash, once one is set.
    pub password: Option<String>,
    /// Hash of the one-time code, until it is used.
    pub code_hash: Option<Vec<u8>>,
    /// Until when the code may be used, microseconds.
    pub code_until: Option<i64>,
    /// Who handed out its last code, and could have used it himself; none for accounts of the set-up and of a demo.
    pub code_by: Option<AccountId>,
    /// Closed by an administrator.
    pub disabled: bool,
    /// When it was opened, microseconds.
    pub created_at: i64,
}

const ACCOUNT: &str = "select id, login, role, person_id, employer_id, office_id, display, assurance, password, \
    code_hash, code_until, disabled, created_at, code_by from accounts";

fn account(row: &Row) -> Result<AccountRow, StoreError> {
    Ok(AccountRow {
        id: id(row, 0)?,
        login: row.text(1)?,
        role: row.text(2)?,
        person: opt_id(row, 3)?,
        employer: opt_id(row, 4)?,
        office: opt_id(row, 5)?,
        display: row.bytes(6)?,
        assurance: row.text(7)?,
        password: row.opt_text(8)?,
        code_hash: row.opt_bytes(9)?,
        code_until: row.opt_int(10)?,
        disabled: row.bool(11)?,
        created_at: row.int(12)?,
        code_by: opt_id(row, 13)?,
    })
}

/// An account by id.
///
/// # Errors
/// When the database cannot be read.
pub fn account_find(tx: &mut dyn Tx, id: &AccountId) -> Result<Option<AccountRow>, StoreError> {
    tx.query_opt(&format!("{ACCOUNT} where id = $1"), &[id.as_str().into()])?.as_ref().map(account).transpose()
}

/// An account by what is typed to sign in.
///
/// # Errors
/// When the database cannot be read.
pub fn account_find_by_login(tx: &mut dyn Tx, login: &str) -> Result<Option<AccountRow>, StoreError> {
    tx.query_opt(&format!("{ACCOUNT} where login = $1"), &[login.into()])?.as_ref().map(account).transpose()
}

/// The newest accounts.
///
/// # Errors
/// When the database cannot be read.
pub fn account_list(tx: &mut dyn Tx, limit: u32) -> Result<Vec<AccountRow>, StoreError> {
    let sql = format!("{ACCOUNT} order by created_at desc, id desc limit $1");
    tx.query(&sql, &[i64::from(limit).into()])?.iter().map(account).collect()
}

/// Whether there is any account at all.
///
/// # Errors
/// When the database cannot be read.
pub fn account_any(tx: &mut dyn Tx) -> Result<bool, StoreError> {
    Ok(tx.query_opt("select 1 from accounts limit 1", &[])?.is_some())
}

/// Writes a new account.
///
/// # Errors
/// [`StoreError::Unique`] when the login is taken.
pub fn account_insert(tx: &mut dyn Tx, row: &AccountRow) -> Result<(), StoreError> {
    tx.execute(
        "insert into accounts (id, login, role, person_id, employer_id, office_id, display, assurance, password, \
         code_hash, code_until, disabled, created_at, code_by) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        &[
            row.id.as_str().into(),
            row.login.as_str().into(),
            row.role.as_str().into(),
            row.person.as_ref().map(|id| id.as_str().to_owned()).into(),
            row.employer.as_ref().map(|id| id.as_str().to_owned()).into(),
            row.office.as_ref().map(|id| id.as_str().to_owned()).into(),
            row.display.as_slice().into(),
            row.assurance.as_str().into(),
            row.password.clone().into(),
            row.code_hash.clone().into(),
            row.code_until.into(),
            row.disabled.into(),
            row.created_at.into(),
            row.code_by.as_ref().map(|id| id.as_str().to_owned()).into(),
        ],
    )?;
    Ok(())
}

/// Sets the password and uses the one-time code up; `false` when the code was used or changed meanwhile.
///
/// # Errors
/// When the database cannot be written.
pub fn account_set_password(
    tx: &mut dyn Tx,
    id: &AccountId,
    code_hash: &[u8],
    password: &str,
) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "update accounts set password = $1, code_hash = null, code_until = null where id = $2 and code_hash = $3",
        &[password.into(), id.as_str().into(), code_hash.into()],
    )?;
    Ok(changed == 1)
}

/// Gives an account a new one-time code; its password and sessions are gone.
///
/// # Errors
/// When the database cannot be written.
pub fn account_set_code(
    tx: &mut dyn Tx,
    id: &AccountId,
    (code_hash, until): (&[u8], i64),
    (by, now): (Option<&AccountId>, i64),
) -> Result<(), StoreError> {
    let by = by.map(|id| id.as_str().to_owned());
    tx.execute(
        "update accounts set password = null, code_hash = $1, code_until = $2, code_by = $3 where id = $4",
        &[code_hash.into(), until.into(), by.into(), id.as_str().into()],
    )?;
    shut_out(tx, id, now)
}

/// Closes or reopens an account; its sessions end, and its keys for programs are taken back.
///
/// # Errors
/// When the database cannot be written.
pub fn account_set_disabled(tx: &mut dyn Tx, id: &AccountId, disabled: bool, now: i64) -> Result<(), StoreError> {
    tx.execute("update accounts set disabled = $1 where id = $2", &[disabled.into(), id.as_str().into()])?;
    shut_out(tx, id, now)
}

/// Ends everything by which somebody is in an account now.
fn shut_out(tx: &mut dyn Tx, id: &AccountId, now: i64) -> Result<(), StoreError> {
    token_revoke_all(tx, id, now)?;
    webhook_stop_all(tx, Some(id), now)?;
    session_end_all(tx, id)
}

/// Starts a session. Only the token's hash is kept.
///
/// # Errors
/// When the database cannot be written.
pub fn session_insert(tx: &mut dyn Tx, token_hash: &[u8], id: &AccountId, now: i64) -> Result<(), StoreError> {
    tx.execute(
        "insert into sessions (token_hash, account_id, created_at, seen_at) values ($1, $2, $3, $4)",
        &[token_hash.into(), id.as_str().into(), now.into(), now.into()],
    )?;
    Ok(())
}

/// The account behind a session, when the session was made after `made_after` and seen after `seen_after`.
///
/// # Errors
/// When the database cannot be read.
pub fn session_account(
    tx: &mut dyn Tx,
    token_hash: &[u8],
    made_after: i64,
    seen_after: i64,
) -> Result<Option<(AccountRow, i64)>, StoreError> {
    let row = tx.query_opt(
        "select account_id, seen_at from sessions where token_hash = $1 and created_at > $2 and seen_at > $3",
        &[token_hash.into(), made_after.into(), seen_after.into()],
    )?;
    let Some(row) = row else { return Ok(None) };
    let account = account_find(tx, &id(&row, 0)?)?;
    let seen_at = row.int(1)?;
    Ok(account.map(|account| (account, seen_at)))
}

/// Notes that a session is in use.
///
/// # Errors
/// When the database cannot be written.
pub fn session_seen(tx: &mut dyn Tx, token_hash: &[u8], now: i64) -> Result<(), StoreError> {
    tx.execute("update sessions set seen_at = $1 where token_hash = $2", &[now.into(), token_hash.into()])?;
    Ok(())
}

/// Ends a session.
///
/// # Errors
/// When the database cannot be written.
pub fn session_end(tx: &mut dyn Tx, token_hash: &[u8]) -> Result<(), StoreError> {
    tx.execute("delete from sessions where token_hash = $1", &[token_hash.into()])?;
    Ok(())
}

fn session_end_all(tx: &mut dyn Tx, id: &AccountId) -> Result<(), StoreError> {
    tx.execute("delete from sessions where account_id = $1", &[id.as_str().into()])?;
    Ok(())
}

/// Until when a key is locked, if it is, microseconds.
///
/// # Errors
/// When the database cannot be read.
pub fn attempt_locked_until(tx: &mut dyn Tx, key: &[u8], now: i64) -> Result<Option<i64>, StoreError> {
    let row = tx.query_opt(
        "select locked_until from attempts where key = $1 and locked_until > $2",
        &[key.into(), now.into()],
    )?;
    row.map_or(Ok(None), |row| row.opt_int(0))
}

/// How many wrong tries lock a key, how long tries are remembered, and how long the lock lasts.
#[derive(Debug, Clone, Copy)]
pub struct AttemptRule {
    /// Wrong tries until the lock.
    pub tries: i64,
    /// Microseconds after which earlier tries are forgotten.
    pub window: i64,
    /// Microseconds the lock lasts.
    pub lock: i64,
}

/// Counts a wrong try, and locks the key when there were too many.
///
/// # Errors
/// When the database cannot be written.
pub fn attempt_failed(tx: &mut dyn Tx, key: &[u8], rule: AttemptRule, now: i64) -> Result<(), StoreError> {
    let row = tx.query_opt(
        "insert into attempts (key, failures, since, locked_until) values ($1, 1, $2, null) \
         on conflict (key) do update set \
         failures = case when attempts.since < $3 then 1 else attempts.failures + 1 end, \
         since = case when attempts.since < $3 then excluded.since else attempts.since end \
         returning failures",
        &[key.into(), now.into(), (now - rule.window).into()],
    )?;
    let failures = row.map_or(Ok(0), |row| row.int(0))?;
    if failures >= rule.tries {
        tx.execute(
            "update attempts set locked_until = $1, failures = 0 where key = $2",
            &[Value::from(now + rule.lock), key.into()],
        )?;
    }
    Ok(())
}

/// Forgets wrong tries after a right one.
///
/// # Errors
/// When the database cannot be written.
pub fn attempt_forget(tx: &mut dyn Tx, key: &[u8]) -> Result<(), StoreError> {
    tx.execute("delete from attempts where key = $1", &[key.into()])?;
    Ok(())
}
