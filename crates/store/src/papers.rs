//! Drafts, encrypted revisions, evidence, and the rules a case was filed under.

use banjie_domain::history::Hash;
use banjie_domain::id::{
    AccountId, CaseId, DraftId, EmployerId, EvidenceId, PolicyRevisionId, RegistrationId, RevisionId,
};

use crate::db::{Row, Tx, Value};
use crate::error::StoreError;
use crate::row::{corrupt, hash, id, opt_id, version};

/// A draft: what is being prepared, sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftRow {
    /// The draft.
    pub id: DraftId,
    /// Whose it is.
    pub account: AccountId,
    /// What it prepares: `register:<type>`, `ask`, `supplement`.
    pub purpose: String,
    /// The registration it is about.
    pub registration: Option<RegistrationId>,
    /// The case it answers or takes up again.
    pub case: Option<CaseId>,
    /// The sealed answers.
    pub body: Vec<u8>,
    /// Counts changes, so that a stale form is noticed.
    pub version: u64,
    /// When begun, microseconds.
    pub created_at: i64,
    /// When last changed, microseconds.
    pub changed_at: i64,
}

const DRAFT: &str = "select id, account_id, purpose, registration_id, case_id, body, version, created_at, changed_at \
    from drafts";

fn draft(row: &Row) -> Result<DraftRow, StoreError> {
    Ok(DraftRow {
        id: id(row, 0)?,
        account: id(row, 1)?,
        purpose: row.text(2)?,
        registration: opt_id(row, 3)?,
        case: opt_id(row, 4)?,
        body: row.bytes(5)?,
        version: version(row, 6)?,
        created_at: row.int(7)?,
        changed_at: row.int(8)?,
    })
}

/// A draft of this account. Nobody else has a way to name it.
///
/// # Errors
/// When the database cannot be read.
pub fn draft_find(tx: &mut dyn Tx, id: &DraftId, account: &AccountId) -> Result<Option<DraftRow>, StoreError> {
    let sql = format!("{DRAFT} where id = $1 and account_id = $2");
    tx.query_opt(&sql, &[id.as_str().into(), account.as_str().into()])?.as_ref().map(draft).transpose()
}

/// The account's drafts, last changed first.
///
/// # Errors
/// When the database cannot be read.
pub fn draft_list(tx: &mut dyn Tx, account: &AccountId, limit: u32) -> Result<Vec<DraftRow>, StoreError> {
    let sql = format!("{DRAFT} where account_id = $1 order by changed_at desc, id desc limit $2");
    tx.query(&sql, &[account.as_str().into(), i64::from(limit).into()])?.iter().map(draft).collect()
}

/// The filings that employers are preparing in accounts that are open, each with its employer, by id, after the one given.
///
/// # Errors
/// When the database cannot be read.
pub fn draft_batch(tx: &mut dyn Tx, after: &str, limit: u32) -> Result<Vec<(DraftRow, EmployerId)>, StoreError> {
    let sql = "select d.id, d.account_id, d.purpose, d.registration_id, d.case_id, d.body, d.version, d.created_at, \
               d.changed_at, a.employer_id from drafts d join accounts a on a.id = d.account_id \
               where d.id > $1 and a.employer_id is not null and a.disabled = $3 \
               and d.purpose in ('register', 'ask') \
               order by d.id limit $2";
    let rows = tx.query(sql, &[after.into(), i64::from(limit).into(), false.into()])?;
    rows.iter().map(|row| Ok((draft(row)?, id(row, 9)?))).collect()
}

/// Notes that an employer is reminded of a filing; `false` when he was, or the draft is gone.
///
/// # Errors
/// When the database cannot be written.
pub fn draft_remind(tx: &mut dyn Tx, id: &DraftId, reminder: &str) -> Result<bool, StoreError> {
    let sql = "update drafts set reminded = $1 where id = $2 and (reminded is null or reminded <> $1)";
    Ok(tx.execute(sql, &[reminder.into(), id.as_str().into()])? == 1)
}

/// Writes a new draft.
///
/// # Errors
/// When the database cannot be written.
pub fn draft_insert(tx: &mut dyn Tx, row: &DraftRow) -> Result<(), StoreError> {
    tx.execute(
        "insert into drafts (id, account_id, purpose, registration_id, case_id, body, version, created_at, \
         changed_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            row.id.as_str().into(),
            row.account.as_str().into(),
            row.purpose.as_str().into(),
            row.registration.as_ref().map(|id| id.as_str().to_owned()).into(),
            row.case.as_ref().map(|id| id.as_str().to_owned()).into(),
            row.body.as_slice().into(),
            i64::try_from(row.version).unwrap_or(i64::MAX).into(),
            row.created_at.into(),
            row.changed_at.into(),
        ],
    )?;
    Ok(())
}

/// Replaces a draft's content; `false` when it changed since `from` was read, or is gone.
///
/// # Errors
/// When the database cannot be written.
pub fn draft_update(tx: &mut dyn Tx, id: &DraftId, from: u64, body: &[u8], now: i64) -> Result<bool, StoreError> {
    let from = i64::try_from(from).unwrap_or(i64::MAX);
    let changed = tx.execute(
        "update drafts set body = $1, version = $2, changed_at = $3 where id = $4 and version = $5",
        &[body.into(), (from + 1).into(), now.into(), id.as_str().into(), from.into()],
    )?;
    Ok(changed == 1)
}

/// Removes a draft that was handed in or thrown away; `false` when it was gone already.
///
/// # Errors
/// When the database cannot be written.
pub fn draft_delete(tx: &mut dyn Tx, id: &DraftId) -> Result<bool, StoreError> {
    Ok(tx.execute("delete from drafts where id = $1", &[id.as_str().into()])? == 1)
}

/// An encrypted revision of a personal document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionRow {
    /// The revision.
    pub id: RevisionId,
    /// The case or registration it belongs to.
    pub owner: String,
    /// What it is: `details`, `note`.
    pub kind: String,
    /// Its key, wrapped; empty once erased.
    pub wrapped_key: Option<Vec<u8>>,
    /// Its salt, sealed; empty once erased.
    pub salt: Option<Vec<u8>>,
    /// The encrypted bytes.
    pub body: Vec<u8>,
    /// SM3(salt ‖ bytes).
    pub commitment: Hash,
    /// When written, microseconds.
    pub created_at: i64,
}

/// The columns [`revision`] reads.
pub(crate) const REVISION: &str = "v.id, v.owner, v.kind, v.wrapped_key, v.salt, v.body, v.commitment, v.created_at";

/// A revision out of a row that holds it from this column on.
pub(crate) fn revision(row: &Row, from: usize) -> Result<RevisionRow, StoreError> {
    Ok(RevisionRow {
        id: id(row, from)?,
        owner: row.text(from + 1)?,
        kind: row.text(from + 2)?,
        wrapped_key: row.opt_bytes(from + 3)?,
        salt: row.opt_bytes(from + 4)?,
        body: row.bytes(from + 5)?,
        commitment: hash(row, from + 6)?,
        created_at: row.int(from + 7)?,
    })
}

/// A revision by id.
///
/// # Errors
/// When the database cannot be read.
pub fn revision_find(tx: &mut dyn Tx, wanted: &RevisionId) -> Result<Option<RevisionRow>, StoreError> {
    let sql = format!("select {REVISION} from revisions v where v.id = $1");
    tx.query_opt(&sql, &[wanted.as_str().into()])?.as_ref().map(|row| revision(row, 0)).transpose()
}

/// Writes a revision.
///
/// # Errors
/// When the database cannot be written.
pub fn revision_insert(tx: &mut dyn Tx, row: &RevisionRow) -> Result<(), StoreError> {
    tx.later(
        "insert into revisions (id, owner, kind, wrapped_key, salt, body, commitment, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            row.id.as_str().into(),
            row.owner.as_str().into(),
            row.kind.as_str().into(),
            row.wrapped_key.clone().into(),
            row.salt.clone().into(),
            row.body.as_slice().into(),
            Value::from(row.commitment.as_bytes().as_slice()),
            row.created_at.into(),
        ],
    )
}

/// A file somebody handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceRow {
    /// The file.
    pub id: EvidenceId,
    /// The draft or case it belongs to.
    pub owner: String,
    /// Key of the material.
    pub material: String,
    /// The sealed name it was given.
    pub name: Vec<u8>,
    /// `pdf`, `jpg`, `png`.
    pub kind: String,
    /// Bytes.
    pub size: i64,
    /// Pages, when they could be counted.
    pub pages: Option<i64>,
    /// Name of the blob.
    pub blob: String,
    /// Its key, wrapped.
    pub wrapped_key: Vec<u8>,
    /// Its salt, sealed.
    pub salt: Vec<u8>,
    /// SM3(salt ‖ bytes).
    pub commitment: Hash,
    /// When handed in, microseconds.
    pub created_at: i64,
}

const EVIDENCE: &str = "select id, owner, material, name, kind, size, pages, blob, wrapped_key, salt, commitment, \
    created_at from evidence";

fn evidence(row: &Row) -> Result<EvidenceRow, StoreError> {
    Ok(EvidenceRow {
        id: id(row, 0)?,
        owner: row.text(1)?,
        material: row.text(2)?,
        name: row.bytes(3)?,
        kind: row.text(4)?,
        size: row.int(5)?,
        pages: row.opt_int(6)?,
        blob: row.text(7)?,
        wrapped_key: row.bytes(8)?,
        salt: row.bytes(9)?,
        commitment: hash(row, 10)?,
        created_at: row.int(11)?,
    })
}

/// A file by id; the caller authorises its owner.
///
/// # Errors
/// When the database cannot be read.
pub fn evidence_find(tx: &mut dyn Tx, id: &EvidenceId) -> Result<Option<EvidenceRow>, StoreError> {
    tx.query_opt(&format!("{EVIDENCE} where id = $1"), &[id.as_str().into()])?.as_ref().map(evidence).transpose()
}

/// The files of a draft or case, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn evidence_of(tx: &mut dyn Tx, owner: &str) -> Result<Vec<EvidenceRow>, StoreError> {
    let sql = format!("{EVIDENCE} where owner = $1 order by created_at, id");
    tx.query(&sql, &[owner.into()])?.iter().map(evidence).collect()
}

/// Every file there is, for `verify` and the sweep of orphans.
///
/// # Errors
/// When the database cannot be read, or `visit` fails.
pub fn evidence_each(
    tx: &mut dyn Tx,
    visit: &mut dyn FnMut(EvidenceRow) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    tx.each(&format!("{EVIDENCE} order by id"), &[], &mut |row| visit(evidence(&row)?))
}

/// Writes the row of a file whose bytes are already on disk.
///
/// # Errors
/// When the database cannot be written.
pub fn evidence_insert(tx: &mut dyn Tx, row: &EvidenceRow) -> Result<(), StoreError> {
    tx.execute(
        "insert into evidence (id, owner, material, name, kind, size, pages, blob, wrapped_key, salt, commitment, \
         created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        &[
            row.id.as_str().into(),
            row.owner.as_str().into(),
            row.material.as_str().into(),
            row.name.as_slice().into(),
            row.kind.as_str().into(),
            row.size.into(),
            row.pages.into(),
            row.blob.as_str().into(),
            row.wrapped_key.as_slice().into(),
            row.salt.as_slice().into(),
            Value::from(row.commitment.as_bytes().as_slice()),
            row.created_at.into(),
        ],
    )?;
    Ok(())
}

/// Hands a draft's files over to the case it became.
///
/// # Errors
/// When the database cannot be written.
pub fn evidence_move(tx: &mut dyn Tx, from: &str, to: &str) -> Result<(), StoreError> {
    tx.execute("update evidence set owner = $1 where owner = $2", &[to.into(), from.into()])?;
    Ok(())
}

/// Takes a file out of a draft; `false` when it is not there.
///
/// # Errors
/// When the database cannot be written.
pub fn evidence_delete(tx: &mut dyn Tx, id: &EvidenceId, owner: &str) -> Result<bool, StoreError> {
    let changed =
        tx.execute("delete from evidence where id = $1 and owner = $2", &[id.as_str().into(), owner.into()])?;
    Ok(changed == 1)
}

/// Keeps a resolved set of rules once and returns its id; the same rules keep their first id.
///
/// # Errors
/// When the database cannot be written.
pub fn policy_keep(
    tx: &mut dyn Tx,
    new_id: &PolicyRevisionId,
    region: &str,
    body: &[u8],
    now: i64,
) -> Result<PolicyRevisionId, StoreError> {
    let digest = Hash::of(body);
    tx.execute(
        "insert into policies (id, region, digest, body, created_at) values ($1, $2, $3, $4, $5) \
         on conflict (digest) do nothing",
        &[new_id.as_str().into(), region.into(), Value::from(digest.as_bytes().as_slice()), body.into(), now.into()],
    )?;
    let row =
        tx.query_opt("select id from policies where digest = $1", &[Value::from(digest.as_bytes().as_slice())])?;
    row.as_ref().map_or_else(|| Err(corrupt("policies")), |row| id(row, 0))
}

/// The body of a kept set of rules.
///
/// # Errors
/// When the database cannot be read.
pub fn policy_body(tx: &mut dyn Tx, id: &PolicyRevisionId) -> Result<Option<Vec<u8>>, StoreError> {
    tx.query_opt("select body from policies where id = $1", &[id.as_str().into()])?
        .map_or(Ok(None), |row| row.bytes(0).map(Some))
}
