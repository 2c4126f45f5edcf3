//! The small books: answers kept for idempotency, looks at people, settings of the installation.

use banjie_domain::id::{AccountId, PersonId};

use crate::db::Tx;
use crate::error::StoreError;

/// What was answered to a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerRow {
    /// Who asked: the account's id.
    pub actor: String,
    /// What was asked.
    pub route: String,
    /// The key it came with.
    pub key: String,
    /// SM3 of the raw body.
    pub fingerprint: Vec<u8>,
    /// The sealed answer.
    pub body: Vec<u8>,
    /// When, microseconds.
    pub created_at: i64,
}

/// The answer to a key, if it was answered before.
///
/// # Errors
/// When the database cannot be read.
pub fn answer_find(tx: &mut dyn Tx, actor: &str, route: &str, key: &str) -> Result<Option<AnswerRow>, StoreError> {
    tx.query_opt(
        "select fingerprint, body, created_at from answers where actor = $1 and route = $2 and key = $3",
        &[actor.into(), route.into(), key.into()],
    )?
    .map(|row| {
        Ok(AnswerRow {
            actor: actor.to_owned(),
            route: route.to_owned(),
            key: key.to_owned(),
            fingerprint: row.bytes(0)?,
            body: row.bytes(1)?,
            created_at: row.int(2)?,
        })
    })
    .transpose()
}

/// Keeps an answer, in the transaction that did what it says.
///
/// # Errors
/// [`StoreError::Unique`] when the key was answered meanwhile.
pub fn answer_insert(tx: &mut dyn Tx, row: &AnswerRow) -> Result<(), StoreError> {
    tx.later(
        "insert into answers (actor, route, key, fingerprint, body, created_at) values ($1, $2, $3, $4, $5, $6)",
        &[
            row.actor.as_str().into(),
            row.route.as_str().into(),
            row.key.as_str().into(),
            row.fingerprint.as_slice().into(),
            row.body.as_slice().into(),
            row.created_at.into(),
        ],
    )
}

/// One look at somebody's papers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookRow {
    /// Its id.
    pub id: String,
    /// Who looked.
    pub account: AccountId,
    /// At whom; none when at everybody the subject has.
    pub person: Option<PersonId>,
    /// At what: the id of a case or file, or of the employer whose registrations were taken away.
    pub subject: String,
    /// How: `case`, `evidence`, `unmask.<purpose>`, `export`.
    pub what: String,
    /// When, microseconds.
    pub at: i64,
}

/// Records a look.
///
/// # Errors
/// When the database cannot be written.
pub fn look_insert(tx: &mut dyn Tx, row: &LookRow) -> Result<(), StoreError> {
    tx.execute(
        "insert into looks (id, account_id, person_id, subject, what, at) values ($1, $2, $3, $4, $5, $6)",
        &[
            row.id.as_str().into(),
            row.account.as_str().into(),
            row.person.as_ref().map(|id| id.as_str().to_owned()).into(),
            row.subject.as_str().into(),
            row.what.as_str().into(),
            row.at.into(),
        ],
    )?;
    Ok(())
}

/// A setting of the installation.
///
/// # Errors
/// When the database cannot be read.
pub fn setting(tx: &mut dyn Tx, key: &str) -> Result<Option<String>, StoreError> {
    tx.query_opt("select value from settings where key = $1", &[key.into()])?
        .map_or(Ok(None), |row| row.text(0).map(Some))
}

/// Sets a setting.
///
/// # Errors
/// When the database cannot be written.
pub fn setting_set(tx: &mut dyn Tx, key: &str, value: &str) -> Result<(), StoreError> {
    tx.execute(
        "insert into settings (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value",
        &[key.into(), value.into()],
    )?;
    Ok(())
}

/// Removes a setting that may be used once; `false` when somebody was faster.
///
/// # Errors
/// When the database cannot be written.
pub fn setting_take(tx: &mut dyn Tx, key: &str, value: &str) -> Result<bool, StoreError> {
    Ok(tx.execute("delete from settings where key = $1 and value = $2", &[key.into(), value.into()])? == 1)
}
