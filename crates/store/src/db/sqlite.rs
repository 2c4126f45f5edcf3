//! SQLite: opening it safely, running one statement, and the threads that read.
//!
//! There is one writing connection, owned by [`super::sqlite_writer`]; nothing here may open a second.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::ffi;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ErrorCode, OpenFlags};

use super::call::Engine;
use super::queue::Queue;
use super::store::Work;
use super::{Dialect, Row, Value};
use crate::error::StoreError;

/// Statements kept prepared on each connection.
const STATEMENTS: usize = 256;

/// The pages each connection may keep in memory, in KiB.
const CACHE_KIB: i64 = 16 * 1024;

/// Between two tries to change the journal's mode while another process is at it.
const BETWEEN_TRIES: Duration = Duration::from_millis(5);

/// How SQLite spells `synchronous = full` when asked.
const FULL: &str = "2";

/// The writing connection, refused unless its answers survive a power cut.
pub(crate) fn open_writer(path: &Path, busy_timeout: Duration) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(path, flags, busy_timeout)?;
    require_wal(&connection, busy_timeout)?;
    require_full(&connection)?;
    connection.execute_batch("pragma foreign_keys = on; pragma journal_size_limit = 67108864").map_err(fault)?;
    require(&connection, "foreign_keys", "1")?;
    Ok(connection)
}

pub(super) fn open_reader(path: &Path, busy_timeout: Duration) -> Result<Connection, StoreError> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX, busy_timeout)?;
    connection.execute_batch("pragma query_only = on").map_err(fault)?;
    Ok(connection)
}

/// How long a copy waits for a database that is being checkpointed.
const COPY_WAITS: Duration = Duration::from_secs(30);

fn open(path: &Path, flags: OpenFlags, busy_timeout: Duration) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, flags).map_err(fault)?;
    connection.busy_timeout(busy_timeout).map_err(fault)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // A misspelt column in double quotes would else pass for a text here and fail on PostgreSQL.
    for setting in [DbConfig::SQLITE_DBCONFIG_DQS_DML, DbConfig::SQLITE_DBCONFIG_DQS_DDL] {
        connection.set_db_config(setting, false).map_err(fault)?;
    }
    connection
        .execute_batch("pragma cell_size_check = on; pragma trusted_schema = off")
        .and_then(|()| connection.pragma_update(None, "cache_size", -CACHE_KIB))
        .map_err(fault)?;
    Ok(connection)
}

/// Readers must not block the writer, and a torn page must be recovered from the log.
fn require_wal(connection: &Connection, patience: Duration) -> Result<(), StoreError> {
    let started = Instant::now();
    // SQLite answers the mode it is in now, and keeps the old one without an error when it cannot change.
    while let Err(error) = connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(())).map_err(fault) {
        // Processes that start together all want to change it, and for this one lock SQLite does not wait by itself.
        if error != StoreError::Busy || started.elapsed() > patience {
            return Err(error);
        }
        thread::sleep(BETWEEN_TRIES);
    }
    require(connection, "journal_mode", "wal")
}

/// NORMAL lost every answered row in a simulated power cut; FULL lost none.
fn require_full(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "synchronous", "full").map_err(fault)?;
    require(connection, "synchronous", FULL)
}

fn require(connection: &Connection, setting: &'static str, needed: &'static str) -> Result<(), StoreError> {
    let found = connection.pragma_query_value(None, setting, |row| Ok(plain(row.get_ref(0)?))).map_err(fault)?;
    if found == needed { Ok(()) } else { Err(StoreError::Unsafe { setting, found, needed }) }
}

fn plain(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        _ => String::new(),
    }
}

/// A reader's life: one snapshot for each closure.
pub(super) fn run_reader(connection: &Connection, queue: &Queue<Work>) {
    while let Some(waiting) = queue.take(1) {
        for Work { mut job, .. } in waiting {
            // A panic here is ours, not the closure's; the caller sees its reply dropped and the thread lives on.
            let _ = catch_unwind(AssertUnwindSafe(move || {
                if let Err(error) = run_cached(connection, "begin") {
                    return job.answer(Err(fault(error)));
                }
                job.run(&mut SqliteEngine { connection });
                roll_back(connection);
                job.answer(Ok(()));
            }));
            roll_back(connection);
        }
    }
}

/// Ends whatever transaction is open; false if one still is.
pub(super) fn roll_back(connection: &Connection) -> bool {
    if !connection.is_autocommit()
        && let Err(error) = run_cached(connection, "rollback")
    {
        tracing::error!("SQLite could not roll back: {}", fault(error));
    }
    connection.is_autocommit()
}

/// Runs one of the store's own few statements, kept prepared.
pub(super) fn run_cached(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.raw_execute().map(drop)
}

pub(super) struct SqliteEngine<'a> {
    pub(super) connection: &'a Connection,
}

impl<'a> SqliteEngine<'a> {
    fn bound(&self, sql: &str, params: &[Value]) -> Result<CachedStatement<'a>, StoreError> {
        // A full disk can end the transaction by itself; what follows would then be committed one by one.
        if self.connection.is_autocommit() {
            return Err(StoreError::Sql("the transaction is gone".to_owned()));
        }
        let mut statement = self.connection.prepare_cached(sql).map_err(fault)?;
        if statement.parameter_count() != params.len() {
            let (needed, given) = (statement.parameter_count(), params.len());
            return Err(StoreError::Mismatch(format!("the statement has {needed} parameters, {given} were given")));
        }
        for (number, value) in (1..).zip(params) {
            // SQLite numbers `$n` by first appearance, so the position is looked up by the name.
            let Some(index) = statement.parameter_index(&format!("${number}")).map_err(fault)? else {
                return Err(StoreError::Mismatch(format!("the statement does not use ${number}")));
            };
            statement.raw_bind_parameter(index, borrowed(value)).map_err(fault)?;
        }
        Ok(statement)
    }
}

impl Engine for SqliteEngine<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, StoreError> {
        let changed = self.bound(sql, params)?.raw_execute().map_err(fault)?;
        Ok(changed as u64)
    }

    fn later(&mut self, sql: &str, params: &[Value]) -> Result<(), StoreError> {
        // There is no way to and fro that could be saved.
        self.execute(sql, params).map(drop)
    }

    fn settle(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn each(
        &mut self,
        sql: &str,
        params: &[Value],
        f: &mut dyn FnMut(Row) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let mut statement = self.bound(sql, params)?;
        let columns = statement.column_count();
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(fault)? {
            let values: Result<Vec<Value>, StoreError> =
                (0..columns).map(|column| owned(column, row.get_ref(column).map_err(fault)?)).collect();
            if f(Row::new(values?)).is_break() {
                break;
            }
        }
        Ok(())
    }
}

fn borrowed(value: &Value) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(match value {
        Value::Null => ValueRef::Null,
        Value::Int(number) => ValueRef::Integer(*number),
        Value::Bool(flag) => ValueRef::Integer(i64::from(*flag)),
        Value::Text(text) => ValueRef::Text(text.as_bytes()),
        Value::Bytes(bytes) => ValueRef::Blob(bytes),
    })
}

fn owned(column: usize, value: ValueRef<'_>) -> Result<Value, StoreError> {
    let not_ours = |what: &str| StoreError::Mismatch(format!("column {column} is {what}"));
    match value {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => Ok(Value::Int(number)),
        ValueRef::Text(text) => {
            String::from_utf8(text.to_vec()).map(Value::Text).map_err(|_| not_ours("text that is not UTF-8"))
        }
        ValueRef::Blob(bytes) => Ok(Value::Bytes(bytes.to_vec())),
        ValueRef::Real(_) => Err(not_ours("a fraction, which the store never keeps")),
    }
}

/// The store's words for a fault of SQLite. Its messages name tables and columns, never values.
pub(crate) fn fault(error: rusqlite::Error) -> StoreError {
    let rusqlite::Error::SqliteFailure(cause, message) = &error else {
        return StoreError::Sql(error.to_string());
    };
    if matches!(cause.extended_code, ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY) {
        let message = message.as_deref().unwrap_or_default();
        let key = message.strip_prefix("UNIQUE constraint failed: ").unwrap_or(message);
        // A key over an expression is told as: index 'name'.
        let key = key.strip_prefix("index '").and_then(|name| name.strip_suffix('\'')).unwrap_or(key);
        return StoreError::Unique { constraint: key.to_owned() };
    }
    match cause.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy,
        ErrorCode::DiskFull => StoreError::Full,
        _ => StoreError::Sql(error.to_string()),
    }
}

/// Writes a whole copy of a database that may be in use, as it stands at one moment, and waits until it is on disk.
/// Writers go on meanwhile.
///
/// # Errors
/// When it cannot be read, or the copy is there already.
pub fn copy_database(from: &Path, to: &Path) -> Result<(), StoreError> {
    let to_text = to.to_str().ok_or_else(|| StoreError::Mismatch("the path of the copy is no text".to_owned()))?;
    let connection = open(from, OpenFlags::SQLITE_OPEN_READ_ONLY, COPY_WAITS)?;
    connection.execute("vacuum into ?", [to_text]).map_err(fault)?;
    let synced = std::fs::File::open(to).and_then(|file| file.sync_all());
    synced.map_err(|error| StoreError::Mismatch(format!("the copy is not on disk: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_does_not_wait_for_the_disk_is_refused() {
        let connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "synchronous", "normal").unwrap();
        let expected = StoreError::Unsafe { setting: "synchronous", found: "1".to_owned(), needed: FULL };
        assert_eq!(require(&connection, "synchronous", FULL), Err(expected));
        assert_eq!(require_full(&connection), Ok(()));
    }
}
