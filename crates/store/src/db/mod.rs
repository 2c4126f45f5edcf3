//! Transactions on SQLite and PostgreSQL behind one small trait.
//!
//! [`Store::read`] and [`Store::write`] run a closure over [`Tx`] on the store's own threads and answer when it is
//! committed. SQL text is the same on both databases; parameters are `$1`..`$n`, each used at least once.
//! A closure must not call another system, wait, or call the store again: others are in the same transaction.
//!
//! Rules that hold alike on both databases, because the contract tests say so:
//! - The first failed statement is final: later ones are refused and the transaction is undone even when the closure
//!   answers `Ok`. PostgreSQL would otherwise turn its COMMIT into a silent rollback. Use `on conflict` instead.
//! - A read sees one committed snapshot and cannot write.
//! - No constraint is deferred to COMMIT: on SQLite it would make the whole group's outcome unknown.

mod call;
mod postgres;
mod postgres_value;
mod queue;
mod sqlite;
mod sqlite_writer;
mod store;
mod url;
mod value;

pub(crate) use postgres::fault as postgres_fault;
pub use sqlite::copy_database;
pub(crate) use sqlite::fault as sqlite_fault;

pub use store::{Health, Options, Schema, Store};
pub use url::StoreUrl;
pub use value::{Row, Value};

use crate::error::StoreError;

/// Which database stands behind a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// The embedded default, one file.
    Sqlite,
    /// The scale-out store.
    Postgres,
}

/// One open transaction.
pub trait Tx {
    /// Runs a statement that answers no rows; says how many rows it changed.
    ///
    /// # Errors
    /// Any; it ends the transaction.
    fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, StoreError>;

    /// Runs a statement and hands over each row as it comes, without keeping them.
    ///
    /// # Errors
    /// The statement's, which ends the transaction, or the first that `f` gave, which does not.
    fn each(
        &mut self,
        sql: &str,
        params: &[Value],
        f: &mut dyn FnMut(Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;

    /// Runs a statement without waiting for it, when nobody asks how many rows it changed: PostgreSQL is sent all of
    /// them at once. What is wrong with it is told by the next call that waits, at the latest by [`Tx::settle`].
    ///
    /// # Errors
    /// As [`Tx::execute`].
    fn later(&mut self, sql: &str, params: &[Value]) -> Result<(), StoreError>;

    /// Waits for every statement that was left for later. The end of a transaction does so by itself; call it where the
    /// first error has to be told by name.
    ///
    /// # Errors
    /// That of the first statement that failed.
    fn settle(&mut self) -> Result<(), StoreError>;

    /// Which database this runs on.
    fn dialect(&self) -> Dialect;

    /// Who acts, when the caller said so by [`Store::acting`]; row-level security will need it.
    fn actor(&self) -> Option<&str>;

    /// All rows of a statement.
    ///
    /// # Errors
    /// As [`Tx::each`].
    fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        self.each(sql, params, &mut |row| {
            rows.push(row);
            Ok(())
        })?;
        Ok(rows)
    }

    /// The only row of a statement, if there is one.
    ///
    /// # Errors
    /// As [`Tx::each`]; and [`StoreError::Mismatch`] when there are two or more, since taking any one would be a guess.
    fn query_opt(&mut self, sql: &str, params: &[Value]) -> Result<Option<Row>, StoreError> {
        let mut found = None;
        self.each(sql, params, &mut |row| match found.replace(row) {
            None => Ok(()),
            Some(_) => Err(StoreError::Mismatch("more than one row where one was expected".to_owned())),
        })?;
        Ok(found)
    }
}
