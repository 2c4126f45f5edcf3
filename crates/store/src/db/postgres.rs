//! PostgreSQL: one client for each thread, for the thread's life.
//!
//! A connection is replaced only between transactions. COMMIT is never timed, cancelled or repeated: an error there,
//! a lost connection or a warning ("canceling wait for synchronous replication") leaves the outcome unknown.

use std::collections::HashMap;
use std::error::Error;
use std::future::poll_fn;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::TryStreamExt as _;
use futures_util::future::{join, try_join_all};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::error::{DbError, Severity, SqlState};
use tokio_postgres::types::ToSql;
use tokio_postgres::{AsyncMessage, Client, Config, NoTls, Statement};

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
            // What was read stands as it is; only a change has to be undone before anybody is told so.
            (Access::Read, _) => {
                job.answer(Ok(()));
                self.roll_back(session);
            }
            (Access::Write, Verdict::Undo) => {
                self.roll_back(session);
                job.answer(Ok(()));
            }
        }
    }

    fn roll_back(&mut self, mut session: Session) {
        if session.roll_back().is_ok() {
            self.session = Some(session);
        }
    }

    /// A session that begins a transaction with its first statement.
    fn begin(&mut self, access: Access) -> Result<Session, StoreError> {
        let mut session = match self.session.take() {
            Some(session) => Session { fresh: false, ..session },
            None => Session::connect(&self.config, self.statement_timeout)?,
        };
        session.begin = Some(match access {
            // A page and its count come from one snapshot, as on SQLite.
            Access::Read => "begin isolation level repeatable read read only",
            Access::Write => "begin isolation level read committed read write",
        });
        Ok(session)
    }

    fn commit(&mut self, mut session: Session, job: Box<dyn Job>) {
        if session.begin.take().is_some() {
            // Nothing was asked of the database, so there is nothing to keep.
            self.session = Some(session);
            return job.answer(Ok(()));
        }
        session.warned.store(false, Ordering::Relaxed);
        let committed = session.simple("commit");
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
                tracing::error!("COMMIT was not answered; its outcome is unknown: {error}");
                job.answer(Err(StoreError::Unknown));
            }
        }
    }
}

/// A connection whose settings were checked, and what is prepared on it.
pub(super) struct Session {
    client: Client,
    runtime: Runtime,
    config: Config,
    statement_timeout: Duration,
    statements: HashMap<String, Statement>,
    warned: Arc<AtomicBool>,
    /// How the transaction begins that no statement has begun yet.
    begin: Option<&'static str>,
    /// Whether it was connected for this very transaction.
    fresh: bool,
    /// What is sent before the next answer is waited for.
    later: Vec<(String, Vec<Value>)>,
}

impl Session {
    /// Connects, refuses a server that could lose an answered change, and sets the time a statement may take.
    pub(super) fn connect(config: &Config, statement_timeout: Duration) -> Result<Self, StoreError> {
        let warned = Arc::new(AtomicBool::new(false));
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| StoreError::Unreachable(format!("no runtime for a connection: {error}")))?;
        let mut named = config.clone();
        named.application_name("banjie");
        let (client, mut connection) = runtime.block_on(named.connect(NoTls)).map_err(|error| match fault(&error) {
            StoreError::Sql(message) => StoreError::Unreachable(message),
            other => other,
        })?;
        let flag = Arc::clone(&warned);
        runtime.spawn(async move {
            // A warning comes before the end of the statement that it is about, and is seen before it here too.
            while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
                if let AsyncMessage::Notice(notice) = message
                    && notice.parsed_severity() == Some(Severity::Warning)
                {
                    flag.store(true, Ordering::Relaxed);
                }
            }
        });
        runtime.block_on(require_durable(&client))?;
        // Warnings must arrive: one of them is the only sign that a COMMIT was not waited for.
        let settings = format!(
            "set statement_timeout = {}; set client_min_messages = warning; set default_transaction_read_only = on",
            statement_timeout.as_millis()
        );
        runtime.block_on(client.batch_execute(&settings)).map_err(|error| fault(&error))?;
        Ok(Self {
            client,
            runtime,
            config: config.clone(),
            statement_timeout,
            statements: HashMap::new(),
            warned,
            begin: None,
            fresh: true,
            later: Vec::new(),
        })
    }

    fn simple(&self, sql: &str) -> Result<(), StoreError> {
        self.runtime.block_on(self.client.batch_execute(sql)).map_err(|error| fault(&error))
    }

    fn roll_back(&mut self) -> Result<(), StoreError> {
        self.later.clear();
        if self.begin.take().is_some() { Ok(()) } else { self.simple("rollback") }
    }

    fn prepared(&mut self, sql: &str, params: &[Value]) -> Result<Statement, StoreError> {
        if !self.statements.contains_key(sql) {
            if self.statements.len() >= STATEMENTS {
                self.statements.clear();
            }
            self.begun()?;
            let statement = self.runtime.block_on(self.client.prepare(sql)).map_err(|error| fault(&error))?;
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

    /// Begins the transaction, if no statement has.
    fn begun(&mut self) -> Result<(), StoreError> {
        while self.begin.is_some() && self.send(async |_| Ok(()))?.is_none() {}
        Ok(())
    }

    /// Does one thing, and sends the beginning of the transaction before it when none has begun. A connection found dead
    /// is replaced once, and then there is nothing: nothing of this transaction was done on it, and what was prepared is
    /// gone.
    fn send<T>(
        &mut self,
        work: impl AsyncFnOnce(&Client) -> Result<T, tokio_postgres::Error>,
    ) -> Result<Option<T>, StoreError> {
        let client = &self.client;
        let Some(begin) = self.begin.take() else {
            return self.runtime.block_on(work(client)).map(Some).map_err(|error| fault(&error));
        };
        let (began, done) = self.runtime.block_on(join(client.batch_execute(begin), work(client)));
        match began {
            Ok(()) => {
                self.fresh = false;
                done.map(Some).map_err(|error| fault(&error))
            }
            // Only a connection that is gone is replaced. Where BEGIN itself is refused nothing may follow it, and
            // nothing did: outside a transaction the session may only read.
            Err(error) if self.fresh || !matches!(fault(&error), StoreError::Unreachable(_)) => Err(fault(&error)),
            Err(_) => {
                let later = std::mem::take(&mut self.later);
                let renewed = Self::connect(&self.config, self.statement_timeout)?;
                *self = Self { begin: Some(begin), later, ..renewed };
                Ok(None)
            }
        }
    }
}

/// The settings without which an answered change is gone after a power cut; each lost 300 of 300 when off.
async fn require_durable(client: &Client) -> Result<(), StoreError> {
    // Stronger than `on`: a standby has applied the change as well.
    let waits = ["on", "remote_apply"];
    let required: [(&'static str, &[&str], &'static str); 4] = [
        ("fsync", &["on"], "on"),
        ("synchronous_commit", &waits, "on"),
        ("full_page_writes", &["on"], "on"),
        ("server_encoding", &["UTF8"], "UTF8"),
    ];
    for (setting, accepted, needed) in required {
        let row = client.query_one("select current_setting($1)", &[&setting]).await.map_err(|error| fault(&error))?;
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
        self.settle()?;
        loop {
            let statement = self.prepared(sql, params)?;
            if let Some(changed) = self.send(async |client| client.execute(&statement, &all(params)).await)? {
                return Ok(changed);
            }
        }
    }

    fn each(
        &mut self,
        sql: &str,
        params: &[Value],
        f: &mut dyn FnMut(Row) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.settle()?;
        loop {
            let statement = self.prepared(sql, params)?;
            let done = self.send(async |client| {
                let mut rows = pin!(client.query_raw(&statement, all(params)).await?);
                while let Some(row) = rows.try_next().await? {
                    let values = (0..row.len()).map(|column| row.try_get(column)).collect::<Result<_, _>>()?;
                    if f(Row::new(values)).is_break() {
                        // What comes after it may be an error, which has undone the transaction and must not be missed.
                        while rows.try_next().await?.is_some() {}
                        break;
                    }
                }
                Ok(())
            })?;
            if done.is_some() {
                return Ok(());
            }
        }
    }

    fn later(&mut self, sql: &str, params: &[Value]) -> Result<(), StoreError> {
        self.later.push((sql.to_owned(), params.to_vec()));
        Ok(())
    }

    fn settle(&mut self) -> Result<(), StoreError> {
        while !self.later.is_empty() {
            let later = std::mem::take(&mut self.later);
            if later.iter().any(|(sql, _)| !self.statements.contains_key(sql)) {
                // A connection that is replaced forgets what was prepared, so it has to be before the first.
                self.begun()?;
            }
            let statements =
                later.iter().map(|(sql, params)| self.prepared(sql, params)).collect::<Result<Vec<_>, _>>()?;
            let sent = self.send(async |client| {
                let each = statements.iter().zip(&later);
                try_join_all(each.map(async |(statement, (_, params))| client.execute(statement, &all(params)).await))
                    .await
            })?;
            if sent.is_none() {
                self.later = later;
            }
        }
        Ok(())
    }
}

/// The values as the client takes them.
fn all(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|value| value as _).collect()
}

/// The store's words for a fault of PostgreSQL.
pub(crate) fn fault(error: &tokio_postgres::Error) -> StoreError {
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
