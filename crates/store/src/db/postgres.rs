//! PostgreSQL: one client for each thread, for the thread's life.
//!
//! A connection is replaced only between transactions. COMMIT is never timed, cancelled or repeated: an error there,
//! a lost connection or a warning ("canceling wait for synchronous replication") leaves the outcome unknown.

use std::collections::HashMap;
use std::error::Error;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ::postgres::error::{DbError, Severity, SqlState};
use ::postgres::fallible_iterator::FallibleIterator;
use ::postgres::types::ToSql;
use ::postgres::{Client, Config, NoTls, Statement};

use super::call::{Engine, Job, Verdict};
use super::queue::Queue;
use super::store::{Access, Work};
use super::{Dialect, Row, Value};
use crate::error::StoreError;

/// Statements kept prepared on each connection; past it all are dropped and prepared anew.
const STATEMENTS: usize = 512;

/// One thread's work: takes a closure, runs it in a transaction, says how it went.
pub(super) struct Worker {
    config: Config,
    statement_timeout: Duration,
    session: Option<Session>,
}

impl Worker {
    pub(super) const fn new(config: Config, statement_timeout: Duration) -> Self {
        Self { config, statement_timeout, session: None }
    }

    pub(super) fn run(&mut self, queue: &Queue<Work>) {
        while let Some(waiting) = queue.take(1) {
            for work in waiting {
                // A panic here is ours, not the closure's: its session is dropped and the caller's reply with it.
                let _ = catch_unwind(AssertUnwindSafe(|| self.perform(work)));
            }
        }
    }

    fn perform(&mut self, Work { access, mut job }: Work) {
        // While it works the session is out of its place, so that a broken one is never found there.
        let mut session = match self.begin(access) {
            Ok(session) => session,
            Err(error) => return job.answer(Err(error)),
        };
        let verdict = job.run(&mut session);
        match (access, verdict) {
            (Access::Write, Verdict::Keep) => self.commit(session, job),
            _ => {
                if session.client.batch_execute("rollback").is_ok() {
                    self.session = Some(session);
                }
                job.answer(Ok(()));
            }
        }
    }

    /// A session with an open transaction. A connection found dead is replaced once; nothing has been sent on it yet.
    fn begin(&mut self, access: Access) -> Result<Session, StoreError> {
        let begin = match access {
            // A page and its count come from one snapshot, as on SQLite.
            Access::Read => "begin isolation level repeatable read read only",
            Access::Write => "begin isolation level read committed read write",
        };
        if let Some(mut session) = self.session.take()
            && session.client.batch_execute(begin).is_ok()
        {
            return Ok(session);
        }
        let mut session = Session::connect(&self.config, self.statement_timeout)?;
        session.client.batch_execute(begin).map_err(|error| fault(&error))?;
        Ok(session)
    }

    fn commit(&mut self, mut session: Session, job: Box<dyn Job>) {
        session.warned.store(false, Ordering::Relaxed);
        let committed = session.client.batch_execute("commit");
        let warned = session.warned.load(Ordering::Relaxed);
        match committed {
            Ok(()) if !warned => {
                self.session = Some(session);
                job.answer(Ok(()));
            }
            Ok(()) => {
                tracing::error!("COMMIT was answered with a warning; its outcome is unknown");
                job.answer(Err(StoreError::Unknown));
            }
            Err(error) => {
                tracing::error!("COMMIT was not answered; its outcome is unknown: {}", fault(&error));
                job.answer(Err(StoreError::Unknown));
            }
        }
    }
}

/// A connection whose settings were checked, and what is prepared on it.
pub(super) struct Session {
    pub(super) client: Client,
    statements: HashMap<String, Statement>,
    warned: Arc<AtomicBool>,
}

impl Session {
    /// Connects, refuses a server that could lose an answered change, and sets the time a statement may take.
    pub(super) fn connect(config: &Config, statement_timeout: Duration) -> Result<Self, StoreError> {
        let warned = Arc::new(AtomicBool::new(false));
        let mut config = config.clone();
        let flag = Arc::clone(&warned);
        config.application_name("banjie").notice_callback(move |notice| {
            if notice.parsed_severity() == Some(Severity::Warning) {
                flag.store(true, Ordering::Relaxed);
            }
        });
        let mut client = config.connect(NoTls).map_err(|error| match fault(&error) {
            StoreError::Sql(message) => StoreError::Unreachable(message),
            other => other,
        })?;
        require_durable(&mut client)?;
        // Warnings must arrive: one of them is the only sign that a COMMIT was not waited for.
        let settings =
            format!("set statement_timeout = {}; set client_min_messages = warning", statement_timeout.as_millis());
        client.batch_execute(&settings).map_err(|error| fault(&error))?;
        Ok(Self { client, statements: HashMap::new(), warned })
    }

    fn prepared(&mut self, sql: &str, params: &[Value]) -> Result<Statement, StoreError> {
        if !self.statements.contains_key(sql) {
            if self.statements.len() >= STATEMENTS {
                self.statements.clear();
            }
            let statement = self.client.prepare(sql).map_err(|error| fault(&error))?;
            self.statements.insert(sql.to_owned(), statement);
        }
        match self.statements.get(sql) {
            Some(statement) if statement.params().len() == params.len() => Ok(statement.clone()),
            Some(statement) => {
                let (needed, given) = (statement.params().len(), params.len());
                Err(StoreError::Mismatch(format!("the statement has {needed} parameters, {given} were given")))
            }
            None => Err(StoreError::Stopped),
        }
    }
}

/// The settings without which an answered change is gone after a power cut; each lost 300 of 300 when off.
fn require_durable(client: &mut Client) -> Result<(), StoreError> {
    // Stronger than `on`: a standby has applied the change as well.
    let waits = ["on", "remote_apply"];
    let required: [(&'static str, &[&str], &'static str); 4] = [
        ("fsync", &["on"], "on"),
        ("synchronous_commit", &waits, "on"),
        ("full_page_writes", &["on"], "on"),
        ("server_encoding", &["UTF8"], "UTF8"),
    ];
    for (setting, accepted, needed) in required {
        let row = client.query_one("select current_setting($1)", &[&setting]).map_err(|error| fault(&error))?;
        let found: String = row.try_get(0).map_err(|error| fault(&error))?;
        if !accepted.contains(&found.as_str()) {
            return Err(StoreError::Unsafe { setting, found, needed });
        }
    }
    Ok(())
}

impl Engine for Session {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, StoreError> {
        let statement = self.prepared(sql, params)?;
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|value| value as _).collect();
        self.client.execute(&statement, &params).map_err(|error| fault(&error))
    }

    fn each(
        &mut self,
        sql: &str,
        params: &[Value],
        f: &mut dyn FnMut(Row) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let statement = self.prepared(sql, params)?;
        let params = params.iter().map(|value| value as &(dyn ToSql + Sync));
        let mut rows = self.client.query_raw(&statement, params).map_err(|error| fault(&error))?;
        while let Some(row) = rows.next().map_err(|error| fault(&error))? {
            let values: Result<Vec<Value>, _> = (0..row.len()).map(|column| row.try_get(column)).collect();
            if f(Row::new(values.map_err(|error| fault(&error))?)).is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// The store's words for a fault of PostgreSQL.
pub(crate) fn fault(error: &::postgres::Error) -> StoreError {
    if let Some(cause) = error.as_db_error() {
        return db_fault(cause);
    }
    // The error itself says little; what lies under it says what happened.
    let cause = error.source();
    let told = cause.map_or_else(|| error.to_string(), ToString::to_string);
    if error.is_closed() || cause.is_some_and(|cause| cause.is::<std::io::Error>()) {
        return StoreError::Unreachable(told);
    }
    StoreError::Sql(told)
}

fn db_fault(cause: &DbError) -> StoreError {
    let code = cause.code();
    if *code == SqlState::UNIQUE_VIOLATION {
        return StoreError::Unique { constraint: unique_key(cause) };
    }
    if [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED, SqlState::LOCK_NOT_AVAILABLE]
        .contains(code)
    {
        return StoreError::Conflict;
    }
    if *code == SqlState::DISK_FULL {
        return StoreError::Full;
    }
    let away = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::TOO_MANY_CONNECTIONS,
    ];
    if away.contains(code) {
        return StoreError::Unreachable(cause.message().to_owned());
    }
    // Messages about data (class 22) quote the value, so only their code is told.
    if code.code().starts_with("22") {
        return StoreError::Sql(format!("data refused ({})", code.code()));
    }
    StoreError::Sql(format!("{} ({})", cause.message(), code.code()))
}

/// The key as SQLite would name it, so that callers compare one text: `table.column, table.column`.
fn unique_key(cause: &DbError) -> String {
    let name = cause.constraint().unwrap_or_default().to_owned();
    // `Key (a, b)=(…) already exists.`, in whatever language; what follows `)=(` are values and must not be kept.
    let columns = cause
        .detail()
        .and_then(|detail| detail.split_once(")=("))
        .and_then(|(front, _)| front.split_once('('))
        .map(|(_, columns)| columns);
    match (cause.table(), columns) {
        (Some(table), Some(columns)) if !columns.contains(['(', ':']) => {
            let named: Vec<String> =
                columns.split(", ").map(|column| format!("{table}.{}", column.trim_matches('"'))).collect();
            named.join(", ")
        }
        _ => name,
    }
}
