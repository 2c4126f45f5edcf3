//! Whether the service can be relied upon now, for whoever watches it. Numbers only: nothing here names anybody.

use banjie_store::notices::{Backlog, job_backlog};

use crate::app::App;
use crate::error::Outcome;

/// How the service stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Reads that wait for a connection.
    pub waiting_reads: usize,
    /// Writes that wait for their turn.
    pub waiting_writes: usize,
    /// Whether writes are taken.
    pub takes_writes: bool,
    /// The queue of the worker.
    pub jobs: Backlog,
    /// What rings: the words of the alarms.
    pub alarms: Vec<&'static str>,
}

/// Asks the database, as any reader would.
///
/// # Errors
/// When there is no answer: the service is not ready.
pub fn standing(app: &App) -> Outcome<Standing> {
    let now = app.micros();
    let jobs = app.store.read(move |tx| job_backlog(tx, now))?;
    let store = app.store.health();
    Ok(Standing {
        waiting_reads: store.waiting_reads,
        waiting_writes: store.waiting_writes,
        takes_writes: store.takes_writes,
        jobs,
        alarms: app.alarms.list().iter().map(|alarm| alarm.key.key()).collect(),
    })
}
