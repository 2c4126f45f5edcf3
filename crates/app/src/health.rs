//! Whether the service can be relied upon now, for whoever watches it. Numbers only: nothing here names anybody.

use banjie_store::notices::{Backlog, job_backlog};

use crate::app::App;

/// How the service stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Reads that wait for a connection.
    pub waiting_reads: usize,
    /// Writes that wait for their turn.
    pub waiting_writes: usize,
    /// Whether writes are taken.
    pub takes_writes: bool,
    /// The queue of the worker; none when the database does not answer.
    pub jobs: Option<Backlog>,
    /// What rings: the words of the alarms.
    pub alarms: Vec<&'static str>,
}

/// How the service stands, as far as it can be known.
#[must_use]
pub fn standing(app: &App) -> Standing {
    let now = app.micros();
    let store = app.store.health();
    Standing {
        waiting_reads: store.waiting_reads,
        waiting_writes: store.waiting_writes,
        takes_writes: store.takes_writes,
        jobs: app.store.read(move |tx| job_backlog(tx, now)).ok(),
        alarms: app.alarms.list().iter().map(|alarm| alarm.key.key()).collect(),
    }
}

/// Whether the database answers and writes are taken.
#[must_use]
pub fn is_ready(app: &App) -> bool {
    app.store.health().takes_writes && app.store.ping().is_ok()
}
