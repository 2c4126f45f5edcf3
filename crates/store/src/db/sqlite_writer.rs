//! The one thread that writes to SQLite: all callers who wait share one COMMIT.
//!
//! Nobody may be answered before COMMIT, and a closure that fails may undo nothing but its own SAVEPOINT.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rusqlite::{Connection, ErrorCode};

use super::call::{Job, Verdict};
use super::queue::Queue;
use super::sqlite::{SqliteEngine, fault, roll_back, run_cached};
use super::store::Work;
use crate::error::StoreError;

/// The disk or the connection cannot be trusted any more; only a new process may go on.
struct GiveUp;

pub(super) fn run(connection: &Connection, queue: &Queue<Work>, group: usize) {
    while let Some(mut waiting) = queue.take(group) {
        while !waiting.is_empty() {
            // A panic here is ours, not a closure's. Those in the group see their reply dropped, which reads as unknown.
            let done = catch_unwind(AssertUnwindSafe(|| one_transaction(connection, &mut waiting)));
            if matches!(done, Ok(Err(GiveUp))) || !roll_back(connection) {
                tracing::error!("the SQLite writer gives up; no more changes are taken until a restart");
                for work in waiting.into_iter().chain(queue.abandon()) {
                    work.job.answer(Err(StoreError::Stopped));
                }
                return;
            }
        }
    }
}

fn one_transaction(connection: &Connection, waiting: &mut VecDeque<Work>) -> Result<(), GiveUp> {
    if let Err(error) = run_cached(connection, "begin immediate") {
        let error = fault(error);
        for work in waiting.drain(..) {
            work.job.answer(Err(error.clone()));
        }
        return Ok(());
    }
    let mut ran = Vec::with_capacity(waiting.len());
    while let Some(Work { mut job, .. }) = waiting.pop_front() {
        let own_fate = in_savepoint(connection, job.as_mut());
        if connection.is_autocommit() {
            // The whole transaction is gone. Who ran before learns that nothing was stored, the rest starts anew.
            job.answer(own_fate);
            answer_all(ran, &Err(StoreError::Conflict));
            return Ok(());
        }
        ran.push(job);
    }
    commit(connection, ran)
}

/// Runs one closure. When it cannot be kept apart from the others the whole transaction is rolled back.
fn in_savepoint(connection: &Connection, job: &mut dyn Job) -> Result<(), StoreError> {
    let apart = run_cached(connection, "savepoint caller").and_then(|()| {
        let verdict = job.run(&mut SqliteEngine { connection });
        if verdict == Verdict::Undo {
            if connection.is_autocommit() {
                return Ok(());
            }
            run_cached(connection, "rollback to caller")?;
        }
        run_cached(connection, "release caller")
    });
    apart.map_err(|error| {
        roll_back(connection);
        fault(error)
    })
}

fn commit(connection: &Connection, ran: Vec<Box<dyn Job>>) -> Result<(), GiveUp> {
    #[cfg(feature = "ack-before-commit")]
    let ran = {
        // The control of the kill test: answers first, and leaves a kill the time to land in between.
        answer_all(ran, &Ok(()));
        std::thread::sleep(std::time::Duration::from_millis(2));
        Vec::new()
    };
    let Err(error) = run_cached(connection, "commit") else {
        answer_all(ran, &Ok(()));
        return Ok(());
    };
    // A page that failed to reach the disk may look clean to the next attempt, so a failing disk is never tried again.
    let broken = error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure);
    tracing::error!("COMMIT failed for {} callers: {}", ran.len(), fault(error));
    answer_all(ran, &Err(StoreError::Unknown));
    if broken { Err(GiveUp) } else { Ok(()) }
}

fn answer_all(jobs: Vec<Box<dyn Job>>, fate: &Result<(), StoreError>) {
    for job in jobs {
        job.answer(fate.clone());
    }
}
