//! The handle everybody holds: hands closures to the store's threads and waits for their answer.
//!
//! It blocks the calling thread, so an async handler calls it from a blocking one. It must never run a closure on the
//! caller's thread: a client that goes away would take the transaction with it.

use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::call::{self, Call, Job};
use super::queue::Queue;
use super::url::Target;
use super::{Dialect, StoreUrl, Tx, postgres, sqlite, sqlite_writer};
use crate::error::StoreError;
use crate::migrate::{self, MIGRATIONS, Migration};

/// How a store is run. The defaults are meant for service.
#[derive(Debug, Clone)]
pub struct Options {
    /// SQLite connections that read, each on a thread of its own.
    pub readers: usize,
    /// PostgreSQL connections, each on a thread of its own.
    pub connections: usize,
    /// How many callers may wait in a queue before the next is told [`StoreError::Busy`].
    pub queue: usize,
    /// How many waiting SQLite writers share one COMMIT at most.
    pub group: usize,
    /// How long SQLite waits for another process that writes.
    pub busy_timeout: Duration,
    /// How long one PostgreSQL statement may run; COMMIT is never timed.
    pub statement_timeout: Duration,
    /// What to do about migrations that are missing.
    pub schema: Schema,
    /// The migrations of this program.
    pub migrations: &'static [Migration],
}

impl Default for Options {
    fn default() -> Self {
        Self {
            readers: 4,
            connections: 8,
            queue: 512,
            group: 128,
            busy_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
            schema: Schema::Migrate,
            migrations: MIGRATIONS,
        }
    }
}

/// What to do about migrations that are missing when a store is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// Run them.
    Migrate,
    /// Refuse to open; for tools that only look.
    MustMatch,
}

/// How a store is doing, without asking the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// Reads that wait for a connection. On PostgreSQL reads and writes wait together and both numbers are the same.
    pub waiting_reads: usize,
    /// Writes that wait for their turn.
    pub waiting_writes: usize,
    /// How many may wait in a queue.
    pub queue: usize,
    /// False once the store is stopping or its writer gave up after a failing disk: the process should end.
    pub takes_writes: bool,
}

/// A database and the threads that own its connections. Cloning shares them; the last handle stops them.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
    actor: Option<Arc<str>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

pub(super) struct Work {
    pub(super) access: Access,
    pub(super) job: Box<dyn Job>,
}

struct Shared {
    dialect: Dialect,
    queue: usize,
    reads: Arc<Queue<Work>>,
    writes: Arc<Queue<Work>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Store {
    /// Opens the database, refuses it unless an answered change survives a power cut, and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::Unsafe`], [`StoreError::SchemaNewer`], [`StoreError::MigrationChanged`],
    /// [`StoreError::SchemaOlder`], or why the database cannot be opened.
    pub fn open(url: &StoreUrl, options: Options) -> Result<Self, StoreError> {
        if cfg!(feature = "ack-before-commit") {
            tracing::error!("this build answers before COMMIT and loses changes: it is a control for fault tests");
        }
        let target = url.0.clone();
        // A PostgreSQL client may not be dropped on a thread of an async runtime, so opening has a thread of its own.
        let opened = thread::spawn(move || match target {
            Target::Sqlite(path) => open_sqlite(&path, &options),
            Target::Postgres(config) => open_postgres(*config, &options),
        });
        let shared = opened.join().map_err(|_| StoreError::Panicked)??;
        Ok(Self { shared: Arc::new(shared), actor: None })
    }

    /// The same store, acting for somebody: [`Tx::actor`] answers it in every transaction.
    #[must_use]
    pub fn acting(&self, actor: &str) -> Self {
        Self { shared: Arc::clone(&self.shared), actor: Some(Arc::from(actor)) }
    }

    /// Runs a closure over one committed snapshot. It cannot write.
    ///
    /// # Errors
    /// The closure's own, or the store's.
    pub fn read<T, E>(&self, f: impl FnOnce(&mut dyn Tx) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.submit(Access::Read, f)
    }

    /// Runs a closure in a transaction and answers once it is committed. `Err` and a panic undo all it did.
    ///
    /// Once started it runs to its end, whatever becomes of the caller. It may see what others in the same group wrote
    /// and have not committed; should that COMMIT fail, everybody in the group is told [`StoreError::Unknown`].
    ///
    /// # Errors
    /// The closure's own, or the store's; after [`StoreError::Unknown`] the change may be stored.
    pub fn write<T, E>(&self, f: impl FnOnce(&mut dyn Tx) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.submit(Access::Write, f)
    }

    /// Which database this is.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.shared.dialect
    }

    /// How many wait, and whether writes are still taken.
    #[must_use]
    pub fn health(&self) -> Health {
        Health {
            waiting_reads: self.shared.reads.len(),
            waiting_writes: self.shared.writes.len(),
            queue: self.shared.queue,
            takes_writes: self.shared.writes.is_open(),
        }
    }

    /// Asks the database for an answer, as any reader would.
    ///
    /// # Errors
    /// Why there is none.
    pub fn ping(&self) -> Result<(), StoreError> {
        self.read(|tx| tx.query("select 1", &[]).map(drop))
    }

    /// Takes no more work, finishes what waits and closes the connections.
    pub fn stop(&self) {
        self.shared.stop();
    }

    fn submit<T, E>(
        &self,
        access: Access,
        closure: impl FnOnce(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        if call::is_inside_store() {
            return Err(E::from(StoreError::Nested));
        }
        let (reply, answer) = sync_channel(1);
        let job = Box::new(Call { actor: self.actor.clone(), closure: Some(closure), outcome: None, reply });
        let (queue, unanswered) = match access {
            Access::Read => (&self.shared.reads, StoreError::Stopped),
            Access::Write => (&self.shared.writes, StoreError::Unknown),
        };
        queue.push(Work { access, job })?;
        answer.recv().unwrap_or_else(|_| Err(E::from(unanswered)))
    }
}

impl Shared {
    fn new(dialect: Dialect, options: &Options) -> Self {
        let reads = Arc::new(Queue::new(options.queue));
        let writes = match dialect {
            Dialect::Sqlite => Arc::new(Queue::new(options.queue)),
            // Any connection serves any caller, so one queue keeps the order of arrival.
            Dialect::Postgres => Arc::clone(&reads),
        };
        Self { dialect, queue: options.queue, reads, writes, threads: Mutex::new(Vec::new()) }
    }

    fn spawn(&self, name: &str, body: impl FnOnce() + Send + 'static) -> Result<(), StoreError> {
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                call::enter_store();
                body();
            })
            .map_err(|error| StoreError::Sql(format!("no thread for the store: {error}")))?;
        self.threads.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        Ok(())
    }

    fn stop(&self) {
        self.reads.close();
        self.writes.close();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        // A closure may hold the last handle; its thread must not wait for itself or for its siblings.
        if !call::is_inside_store() {
            for thread in threads {
                let _ = thread.join();
            }
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.stop();
    }
}

fn open_sqlite(path: &std::path::Path, options: &Options) -> Result<Shared, StoreError> {
    let mut writer = sqlite::open_writer(path, options.busy_timeout)?;
    migrate::bring_up_to_date(&mut writer, options.migrations, options.schema)?;
    let shared = Shared::new(Dialect::Sqlite, options);
    let (queue, group) = (Arc::clone(&shared.writes), options.group.max(1));
    shared.spawn("store-writer", move || sqlite_writer::run(&writer, &queue, group))?;
    for _ in 0..options.readers.max(1) {
        let reader = sqlite::open_reader(path, options.busy_timeout)?;
        let queue = Arc::clone(&shared.reads);
        shared.spawn("store-reader", move || sqlite::run_reader(&reader, &queue))?;
    }
    Ok(shared)
}

fn open_postgres(config: tokio_postgres::Config, options: &Options) -> Result<Shared, StoreError> {
    if super::url::leaves_the_machine(&config) {
        tracing::warn!("the connection to PostgreSQL leaves this machine unencrypted");
    }
    // Refused before anything is changed, when the server could lose an answered change.
    drop(postgres::Session::connect(&config, Duration::ZERO)?);
    let mut first =
        ::postgres::Config::from(config.clone()).connect(::postgres::NoTls).map_err(|e| postgres::fault(&e))?;
    migrate::bring_up_to_date(&mut first, options.migrations, options.schema)?;
    drop(first);
    let shared = Shared::new(Dialect::Postgres, options);
    for _ in 0..options.connections.max(1) {
        let mut worker = postgres::Worker::new(config.clone(), options.statement_timeout);
        let queue = Arc::clone(&shared.reads);
        shared.spawn("store-postgres", move || worker.run(&queue))?;
    }
    Ok(shared)
}
