//! Keys by which programs act for an account.

use banjie_domain::id::{AccountId, TokenId};

use crate::accounts::{AccountRow, account_find};
use crate::db::{Row, Tx};
use crate::error::StoreError;
use crate::row::id;
use crate::webhooks::webhook_stop_all;

/// A key, without the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// The key.
    pub id: TokenId,
    /// For whom it acts.
    pub account: AccountId,
    /// What its holder calls it.
    pub name: String,
    /// When it was made, microseconds.
    pub created_at: i64,
    /// When it stops to work, microseconds.
    pub expires_at: i64,
    /// When it was last used, to the hour, microseconds.
    pub used_at: Option<i64>,
    /// When it was taken back, microseconds.
    pub revoked_at: Option<i64>,
}

const TOKEN: &str = "select id, account_id, name, created_at, expires_at, used_at, revoked_at from tokens";

fn token(row: &Row) -> Result<TokenRow, StoreError> {
    Ok(TokenRow {
        id: id(row, 0)?,
        account: id(row, 1)?,
        name: row.text(2)?,
        created_at: row.int(3)?,
        expires_at: row.int(4)?,
        used_at: row.opt_int(5)?,
        revoked_at: row.opt_int(6)?,
    })
}

/// Writes a new key.
///
/// # Errors
/// When the database cannot be written.
pub fn token_insert(tx: &mut dyn Tx, row: &TokenRow, token_hash: &[u8]) -> Result<(), StoreError> {
    tx.execute(
        "insert into tokens (id, account_id, name, token_hash, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)",
        &[
            row.id.as_str().into(),
            row.account.as_str().into(),
            row.name.as_str().into(),
            token_hash.into(),
            row.created_at.into(),
            row.expires_at.into(),
        ],
    )?;
    Ok(())
}

/// The keys of an account: those that were not taken back first, the last to run out before the others.
///
/// # Errors
/// When the database cannot be read.
pub fn token_list(tx: &mut dyn Tx, account: &AccountId, limit: u32) -> Result<Vec<TokenRow>, StoreError> {
    let sql = format!(
        "{TOKEN} where account_id = $1 \
         order by case when revoked_at is null then 0 else 1 end, expires_at desc, id desc limit $2"
    );
    tx.query(&sql, &[account.as_str().into(), i64::from(limit).into()])?.iter().map(token).collect()
}

/// The key with this hash that works at `now`, and the account behind it.
///
/// # Errors
/// When the database cannot be read.
pub fn token_account(
    tx: &mut dyn Tx,
    token_hash: &[u8],
    now: i64,
) -> Result<Option<(TokenRow, AccountRow)>, StoreError> {
    let sql = format!("{TOKEN} where token_hash = $1 and revoked_at is null and expires_at > $2");
    let Some(row) = tx.query_opt(&sql, &[token_hash.into(), now.into()])? else { return Ok(None) };
    let token = token(&row)?;
    Ok(account_find(tx, &token.account)?.map(|account| (token, account)))
}

/// Notes that a key is in use.
///
/// # Errors
/// When the database cannot be written.
pub fn token_used(tx: &mut dyn Tx, id: &TokenId, now: i64) -> Result<(), StoreError> {
    tx.execute("update tokens set used_at = $1 where id = $2", &[now.into(), id.as_str().into()])?;
    Ok(())
}

/// Takes a key of this account back; `false` when it has none such that works.
///
/// # Errors
/// When the database cannot be written.
pub fn token_revoke(tx: &mut dyn Tx, id: &TokenId, account: &AccountId, now: i64) -> Result<bool, StoreError> {
    let sql = "update tokens set revoked_at = $1 where id = $2 and account_id = $3 and revoked_at is null";
    Ok(tx.execute(sql, &[now.into(), id.as_str().into(), account.as_str().into()])? == 1)
}

/// Takes every key of everybody back, stops every webhook and ends every session: what came out of a backup may have
/// been taken back since.
///
/// # Errors
/// When the database cannot be written.
pub fn shut_everybody_out(tx: &mut dyn Tx, now: i64) -> Result<(), StoreError> {
    tx.execute("update tokens set revoked_at = $1 where revoked_at is null", &[now.into()])?;
    webhook_stop_all(tx, None, now)?;
    tx.execute("delete from sessions", &[])?;
    Ok(())
}

/// Takes every key of an account back.
///
/// # Errors
/// When the database cannot be written.
pub(crate) fn token_revoke_all(tx: &mut dyn Tx, account: &AccountId, now: i64) -> Result<(), StoreError> {
    tx.execute(
        "update tokens set revoked_at = $1 where account_id = $2 and revoked_at is null",
        &[now.into(), account.as_str().into()],
    )?;
    Ok(())
}
