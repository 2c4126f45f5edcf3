//! Names inside one employer: found through a keyed index that is another one for each employer, and documents to look
//! for a piece of a name in. No statement here reads the names of two employers at once.

use banjie_domain::authorize::Permit;
use banjie_domain::id::{EmployerId, RegistrationId};

use crate::db::{Tx, Value};
use crate::error::StoreError;
use crate::papers::{self, RevisionRow};
use crate::registrations::{self, Keyset, RegistrationRow};
use crate::scope;

/// The index of the name an employer typed on one registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameIndexRow {
    /// The registration.
    pub registration: RegistrationId,
    /// Its employer.
    pub employer: EmployerId,
    /// Blind index of the name, under a scope of this employer.
    pub name_index: Vec<u8>,
}

/// Writes an index, unless it is there already: what was typed never changes.
///
/// # Errors
/// When the database cannot be written.
pub fn name_index_insert(tx: &mut dyn Tx, row: &NameIndexRow) -> Result<(), StoreError> {
    tx.later(
        "insert into registration_names (registration_id, employer_id, name_index) values ($1, $2, $3) \
         on conflict (registration_id) do nothing",
        &[row.registration.as_str().into(), row.employer.as_str().into(), row.name_index.as_slice().into()],
    )
}

/// The registrations of the reader's employer with exactly this name, newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn registration_list_named(
    tx: &mut dyn Tx,
    permit: &Permit,
    name_index: &[u8],
    page: &Keyset,
) -> Result<Vec<RegistrationRow>, StoreError> {
    let mut params = vec![Value::from(name_index)];
    let wheres = [
        "n.name_index = $1 and n.employer_id = r.employer_id".to_owned(),
        scope::of_record(permit.scope(), "r", &mut params),
        page.condition("r.created_at, r.id", &mut params),
    ];
    params.push(Value::from(i64::from(page.limit)));
    let sql = format!(
        "select {} from registration_names n join registrations r on r.id = n.registration_id where {} \
         order by r.created_at desc, r.id desc limit ${}",
        registrations::COLUMNS,
        wheres.join(" and "),
        params.len()
    );
    tx.query(&sql, &params)?.iter().map(registrations::from_row).collect()
}

/// Registrations within the reader's scope with what was declared, newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn registration_list_declared(
    tx: &mut dyn Tx,
    permit: &Permit,
    page: &Keyset,
) -> Result<Vec<(RegistrationRow, RevisionRow)>, StoreError> {
    let mut params = Vec::new();
    let wheres =
        [scope::of_record(permit.scope(), "r", &mut params), page.condition("r.created_at, r.id", &mut params)];
    declared(tx, &wheres, "r.created_at desc, r.id desc", params, page.limit)
}

/// Registrations of employers with what was declared, by id, for the job that indexes their names.
///
/// # Errors
/// When the database cannot be read.
pub fn registration_batch_declared(
    tx: &mut dyn Tx,
    after: &str,
    limit: u32,
) -> Result<Vec<(RegistrationRow, RevisionRow)>, StoreError> {
    let wheres = ["r.id > $1".to_owned(), "r.employer_id is not null".to_owned()];
    declared(tx, &wheres, "r.id", vec![Value::from(after)], limit)
}

fn declared(
    tx: &mut dyn Tx,
    wheres: &[String],
    order: &str,
    mut params: Vec<Value>,
    limit: u32,
) -> Result<Vec<(RegistrationRow, RevisionRow)>, StoreError> {
    params.push(Value::from(i64::from(limit)));
    let sql = format!(
        "select {}, {} from registrations r join revisions v on v.id = r.details where {} order by {order} limit ${}",
        registrations::COLUMNS,
        papers::REVISION,
        wheres.join(" and "),
        params.len()
    );
    let rows = tx.query(&sql, &params)?;
    rows.iter().map(|row| Ok((registrations::from_row(row)?, papers::revision(row, registrations::WIDTH)?))).collect()
}

/// The place of the registration that has so many newer ones within the reader's scope; none when there are fewer.
///
/// # Errors
/// When the database cannot be read.
pub fn registration_place(tx: &mut dyn Tx, permit: &Permit, newer: u32) -> Result<Option<(i64, String)>, StoreError> {
    let mut params = Vec::new();
    let scope = scope::of_record(permit.scope(), "r", &mut params);
    params.push(Value::from(i64::from(newer)));
    let sql = format!(
        "select r.created_at, r.id from registrations r where {scope} \
         order by r.created_at desc, r.id desc limit 1 offset ${}",
        params.len()
    );
    tx.query_opt(&sql, &params)?.map(|row| Ok((row.int(0)?, row.text(1)?))).transpose()
}
