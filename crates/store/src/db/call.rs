//! One caller's closure on its way through the store, and the transaction it sees.
//!
//! The answer leaves only through [`Job::answer`], so a thread that never says how COMMIT went never answers `Ok`.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use super::{Dialect, Row, Tx, Value};
use crate::error::StoreError;

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread belongs to a store and must not wait for one.
pub(super) fn is_inside_store() -> bool {
    INSIDE.get()
}

/// Marks this thread as one of a store's own.
pub(super) fn enter_store() {
    INSIDE.set(true);
}

/// The raw statements of one database connection.
pub(super) trait Engine {
    fn dialect(&self) -> Dialect;
    fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, StoreError>;
    fn each(
        &mut self,
        sql: &str,
        params: &[Value],
        f: &mut dyn FnMut(Row) -> ControlFlow<()>,
    ) -> Result<(), StoreError>;
    /// Runs a statement whose count nobody asks for, at the latest before the next one that is waited for.
    fn later(&mut self, sql: &str, params: &[Value]) -> Result<(), StoreError>;
    /// Waits for what was left for later.
    fn settle(&mut self) -> Result<(), StoreError>;
}

/// Whether a closure's changes are to stay.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Keep,
    Undo,
}

pub(super) trait Job: Send {
    fn run(&mut self, engine: &mut dyn Engine) -> Verdict;
    /// `Err` when what the closure saw or did may not stand, whatever it said itself.
    fn answer(self: Box<Self>, fate: Result<(), StoreError>);
}

pub(super) struct Call<F, T, E> {
    pub(super) actor: Option<Arc<str>>,
    pub(super) closure: Option<F>,
    pub(super) outcome: Option<Result<T, E>>,
    pub(super) reply: SyncSender<Result<T, E>>,
}

impl<F, T, E> Job for Call<F, T, E>
where
    F: FnOnce(&mut dyn Tx) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, engine: &mut dyn Engine) -> Verdict {
        let Some(closure) = self.closure.take() else {
            return Verdict::Undo;
        };
        let mut tx = Transaction { engine, actor: self.actor.clone(), failed: None };
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let done = closure(&mut tx)?;
            tx.settle()?;
            Ok(done)
        }));
        let outcome = match (outcome, tx.failed) {
            (Ok(Ok(_)), Some(failed)) => Err(E::from(failed)),
            (Ok(outcome), _) => outcome,
            (Err(_), _) => {
                tracing::error!("a transaction panicked and was undone");
                Err(E::from(StoreError::Panicked))
            }
        };
        let verdict = if outcome.is_ok() { Verdict::Keep } else { Verdict::Undo };
        self.outcome = Some(outcome);
        verdict
    }

    fn answer(mut self: Box<Self>, fate: Result<(), StoreError>) {
        let answer = match (fate, self.outcome.take()) {
            (Ok(()), Some(outcome)) => outcome,
            (Ok(()), None) => Err(E::from(StoreError::Stopped)),
            (Err(error), _) => Err(E::from(error)),
        };
        // The caller may have gone away; the work is done all the same.
        let _ = self.reply.send(answer);
    }
}

struct Transaction<'a> {
    engine: &'a mut dyn Engine,
    actor: Option<Arc<str>>,
    failed: Option<StoreError>,
}

impl Transaction<'_> {
    fn check(&self, params: &[Value]) -> Result<(), StoreError> {
        if let Some(failed) = &self.failed {
            return Err(failed.clone());
        }
        // PostgreSQL cannot hold U+0000 in text, so SQLite must not either.
        if params.iter().any(|value| matches!(value, Value::Text(text) if text.contains('\0'))) {
            return Err(StoreError::Mismatch("text with the character U+0000 cannot be stored".to_owned()));
        }
        Ok(())
    }

    fn remember<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(error) = &result {
            self.failed.get_or_insert_with(|| error.clone());
        }
        result
    }
}

impl Tx for Transaction<'_> {
    fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, StoreError> {
        let result = self.check(params).and_then(|()| self.engine.execute(sql, params));
        self.remember(result)
    }

    fn each(
        &mut self,
        sql: &str,
        params: &[Value],
        f: &mut dyn FnMut(Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut refused = Ok(());
        let result = self.check(params).and_then(|()| {
            self.engine.each(sql, params, &mut |row| match f(row) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    refused = Err(error);
                    ControlFlow::Break(())
                }
            })
        });
        self.remember(result)?;
        refused
    }

    fn later(&mut self, sql: &str, params: &[Value]) -> Result<(), StoreError> {
        let result = self.check(params).and_then(|()| self.engine.later(sql, params));
        self.remember(result)
    }

    fn settle(&mut self) -> Result<(), StoreError> {
        let result = self.check(&[]).and_then(|()| self.engine.settle());
        self.remember(result)
    }

    fn dialect(&self) -> Dialect {
        self.engine.dialect()
    }

    fn actor(&self) -> Option<&str> {
        self.actor.as_deref()
    }
}
