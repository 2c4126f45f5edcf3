//! Changes of a region's rules: drafted, signed into force from a day, withdrawn. None is ever deleted.

use banjie_domain::id::{AccountId, RuleChangeId};
use jiff::civil::Date;

use crate::db::{Row, Tx};
use crate::error::StoreError;
use crate::row::{date, id, opt_id, version};

/// One change, as far as it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleChangeRow {
    /// The change.
    pub id: RuleChangeId,
    /// Code of the region whose rules it changes.
    pub region: String,
    /// The region's pack that it was made from; empty when it had none.
    pub base: String,
    /// The region's rules as they are to be, whole.
    pub body: String,
    /// The first day of them.
    pub from: Date,
    /// Why, in the drafter's words.
    pub why: String,
    /// Counts changes, so that nobody signs another text than he read.
    pub version: u64,
    /// Who drafted it.
    pub drafted_by: AccountId,
    /// When begun, microseconds.
    pub drafted_at: i64,
    /// When last changed, microseconds.
    pub changed_at: i64,
    /// Who signed it; somebody else.
    pub signed_by: Option<AccountId>,
    /// When, microseconds.
    pub signed_at: Option<i64>,
    /// Who withdrew it.
    pub withdrawn_by: Option<AccountId>,
    /// When, microseconds.
    pub withdrawn_at: Option<i64>,
}

const CHANGE: &str = "select id, region, base, body, from_day, why, version, drafted_by, drafted_at, changed_at, \
    signed_by, signed_at, withdrawn_by, withdrawn_at from rule_changes";

fn change(row: &Row) -> Result<RuleChangeRow, StoreError> {
    Ok(RuleChangeRow {
        id: id(row, 0)?,
        region: row.text(1)?,
        base: row.text(2)?,
        body: row.text(3)?,
        from: date(row, 4)?,
        why: row.text(5)?,
        version: version(row, 6)?,
        drafted_by: id(row, 7)?,
        drafted_at: row.int(8)?,
        changed_at: row.int(9)?,
        signed_by: opt_id(row, 10)?,
        signed_at: row.opt_int(11)?,
        withdrawn_by: opt_id(row, 12)?,
        withdrawn_at: row.opt_int(13)?,
    })
}

fn number(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}

/// A change by id.
///
/// # Errors
/// When the database cannot be read.
pub fn rule_change_find(tx: &mut dyn Tx, id: &RuleChangeId) -> Result<Option<RuleChangeRow>, StoreError> {
    tx.query_opt(&format!("{CHANGE} where id = $1"), &[id.as_str().into()])?.as_ref().map(change).transpose()
}

/// All changes, newest first. A bureau makes a few in a year.
///
/// # Errors
/// When the database cannot be read.
pub fn rule_change_list(tx: &mut dyn Tx) -> Result<Vec<RuleChangeRow>, StoreError> {
    tx.query(&format!("{CHANGE} order by drafted_at desc, id desc"), &[])?.iter().map(change).collect()
}

/// Those that are signed and not withdrawn, in the order in which they come into force.
///
/// # Errors
/// When the database cannot be read.
pub fn rule_change_signed(tx: &mut dyn Tx) -> Result<Vec<RuleChangeRow>, StoreError> {
    let signed = "where signed_at is not null and withdrawn_at is null order by from_day, signed_at, id";
    tx.query(&format!("{CHANGE} {signed}"), &[])?.iter().map(change).collect()
}

/// Writes a new change, as a draft.
///
/// # Errors
/// When the database cannot be written.
pub fn rule_change_insert(tx: &mut dyn Tx, row: &RuleChangeRow) -> Result<(), StoreError> {
    tx.execute(
        "insert into rule_changes (id, region, base, body, from_day, why, version, drafted_by, drafted_at, changed_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &[
            row.id.as_str().into(),
            row.region.as_str().into(),
            row.base.as_str().into(),
            row.body.as_str().into(),
            row.from.to_string().into(),
            row.why.as_str().into(),
            number(row.version).into(),
            row.drafted_by.as_str().into(),
            row.drafted_at.into(),
            row.changed_at.into(),
        ],
    )?;
    Ok(())
}

/// Replaces what a draft says; `false` when it changed since `from` was read, or is no draft any more.
///
/// # Errors
/// When the database cannot be written.
pub fn rule_change_update(tx: &mut dyn Tx, from: u64, row: &RuleChangeRow) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "update rule_changes set body = $1, from_day = $2, why = $3, version = $4, changed_at = $5 \
         where id = $6 and version = $7 and signed_at is null and withdrawn_at is null",
        &[
            row.body.as_str().into(),
            row.from.to_string().into(),
            row.why.as_str().into(),
            number(row.version).into(),
            row.changed_at.into(),
            row.id.as_str().into(),
            number(from).into(),
        ],
    )?;
    Ok(changed == 1)
}

/// Who does it, and when, microseconds.
pub type ByAt<'a> = (&'a AccountId, i64);

/// Signs the draft that was read as `version`; `false` when it is another one meanwhile.
///
/// # Errors
/// When the database cannot be written, or the signer drafted it himself.
pub fn rule_change_sign(
    tx: &mut dyn Tx,
    id: &RuleChangeId,
    version: u64,
    (by, at): ByAt<'_>,
) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "update rule_changes set signed_by = $1, signed_at = $2 \
         where id = $3 and version = $4 and signed_at is null and withdrawn_at is null",
        &[by.as_str().into(), at.into(), id.as_str().into(), number(version).into()],
    )?;
    Ok(changed == 1)
}

/// Withdraws a change; `false` when it was withdrawn already.
///
/// # Errors
/// When the database cannot be written.
pub fn rule_change_withdraw(tx: &mut dyn Tx, id: &RuleChangeId, (by, at): ByAt<'_>) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "update rule_changes set withdrawn_by = $1, withdrawn_at = $2 where id = $3 and withdrawn_at is null",
        &[by.as_str().into(), at.into(), id.as_str().into()],
    )?;
    Ok(changed == 1)
}
