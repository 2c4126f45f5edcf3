//! Persons, employers and offices: who records are about and who decides.

use banjie_domain::id::{EmployerId, OfficeId, PersonId};

use crate::db::{Row, Tx};
use crate::error::StoreError;
use crate::row::{id, opt_id};

/// A person. What names him is sealed; the index is a keyed hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// The person.
    pub id: PersonId,
    /// Blind index of document kind and number.
    pub document_index: Vec<u8>,
    /// The sealed profile.
    pub profile: Vec<u8>,
    /// When first seen, microseconds.
    pub created_at: i64,
}

fn person(row: &Row) -> Result<PersonRow, StoreError> {
    Ok(PersonRow { id: id(row, 0)?, document_index: row.bytes(1)?, profile: row.bytes(2)?, created_at: row.int(3)? })
}

const PERSON: &str = "select id, document_index, profile, created_at from persons";

/// A person by id.
///
/// # Errors
/// When the database cannot be read.
pub fn person_find(tx: &mut dyn Tx, id: &PersonId) -> Result<Option<PersonRow>, StoreError> {
    tx.query_opt(&format!("{PERSON} where id = $1"), &[id.as_str().into()])?.as_ref().map(person).transpose()
}

/// A person by the blind index of his document.
///
/// # Errors
/// When the database cannot be read.
pub fn person_find_by_document(tx: &mut dyn Tx, index: &[u8]) -> Result<Option<PersonRow>, StoreError> {
    tx.query_opt(&format!("{PERSON} where document_index = $1"), &[index.into()])?.as_ref().map(person).transpose()
}

/// Writes a person; `false` when one with the same document is known. What is known already is never overwritten.
///
/// # Errors
/// When the database cannot be written.
pub fn person_add(tx: &mut dyn Tx, row: &PersonRow) -> Result<bool, StoreError> {
    let added = tx.execute(
        "insert into persons (id, document_index, profile, created_at) values ($1, $2, $3, $4) \
         on conflict (document_index) do nothing",
        &[
            row.id.as_str().into(),
            row.document_index.as_slice().into(),
            row.profile.as_slice().into(),
            row.created_at.into(),
        ],
    )?;
    Ok(added == 1)
}

/// An employer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmployerRow {
    /// The employer.
    pub id: EmployerId,
    /// 统一社会信用代码, or an old business number.
    pub unit_number: String,
    /// Its name.
    pub name: String,
    /// Code of the region it is registered in.
    pub region: String,
    /// Key of its standing (存续, 吊销, 注销 …).
    pub standing: String,
    /// When first seen, microseconds.
    pub created_at: i64,
}

fn employer(row: &Row) -> Result<EmployerRow, StoreError> {
    Ok(EmployerRow {
        id: id(row, 0)?,
        unit_number: row.text(1)?,
        name: row.text(2)?,
        region: row.text(3)?,
        standing: row.text(4)?,
        created_at: row.int(5)?,
    })
}

const EMPLOYER: &str = "select id, unit_number, name, region, standing, created_at from employers";

/// An employer by id.
///
/// # Errors
/// When the database cannot be read.
pub fn employer_find(tx: &mut dyn Tx, id: &EmployerId) -> Result<Option<EmployerRow>, StoreError> {
    tx.query_opt(&format!("{EMPLOYER} where id = $1"), &[id.as_str().into()])?.as_ref().map(employer).transpose()
}

/// An employer by its unit number.
///
/// # Errors
/// When the database cannot be read.
pub fn employer_find_by_number(tx: &mut dyn Tx, number: &str) -> Result<Option<EmployerRow>, StoreError> {
    let sql = format!("{EMPLOYER} where unit_number = $1");
    tx.query_opt(&sql, &[number.into()])?.as_ref().map(employer).transpose()
}

/// Writes a new employer.
///
/// # Errors
/// [`StoreError::Unique`] when the unit number is known.
pub fn employer_insert(tx: &mut dyn Tx, row: &EmployerRow) -> Result<(), StoreError> {
    tx.execute(
        "insert into employers (id, unit_number, name, region, standing, created_at) values ($1, $2, $3, $4, $5, $6)",
        &[
            row.id.as_str().into(),
            row.unit_number.as_str().into(),
            row.name.as_str().into(),
            row.region.as_str().into(),
            row.standing.as_str().into(),
            row.created_at.into(),
        ],
    )?;
    Ok(())
}

/// An office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficeRow {
    /// The office.
    pub id: OfficeId,
    /// The office above it.
    pub parent: Option<OfficeId>,
    /// Code of its region, whose rules it applies.
    pub region: String,
    /// `rs` 人社 or `zj` 住建.
    pub authority: String,
    /// Its name.
    pub name: String,
}

/// All offices. There are as many as districts: a few thousand at the most.
///
/// # Errors
/// When the database cannot be read.
pub fn office_all(tx: &mut dyn Tx) -> Result<Vec<OfficeRow>, StoreError> {
    tx.query("select id, parent, region, authority, name from offices order by region, id", &[])?
        .iter()
        .map(|row| {
            Ok(OfficeRow {
                id: id(row, 0)?,
                parent: opt_id(row, 1)?,
                region: row.text(2)?,
                authority: row.text(3)?,
                name: row.text(4)?,
            })
        })
        .collect()
}

/// Writes a new office.
///
/// # Errors
/// When the database cannot be written.
pub fn office_insert(tx: &mut dyn Tx, row: &OfficeRow) -> Result<(), StoreError> {
    tx.execute(
        "insert into offices (id, parent, region, authority, name) values ($1, $2, $3, $4, $5)",
        &[
            row.id.as_str().into(),
            row.parent.as_ref().map(|id| id.as_str().to_owned()).into(),
            row.region.as_str().into(),
            row.authority.as_str().into(),
            row.name.as_str().into(),
        ],
    )?;
    Ok(())
}
