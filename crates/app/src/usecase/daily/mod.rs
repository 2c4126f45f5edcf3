//! What a date causes by itself. The worker looks once on every legal day, and again when a look did not go through.
//!
//! Every step is taken by a named rule through the case, so that history says why; looking twice does nothing twice.

mod calendar;
mod filing;
mod lapse;
mod remind;
mod silence;

pub(crate) use calendar::{follow_first, is_followed};

use banjie_domain::case::Command;
use banjie_domain::refusal::Refusal;
use banjie_store::cases::{self, DueCase};
use banjie_store::webhooks::webhook_sweep;
use jiff::civil::Date;

use crate::app::App;
use crate::error::{AppError, Outcome};
use crate::usecase::move_case::move_by_rule;

const BATCH: u32 = 100;

/// What came of a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Looked {
    /// How many steps were taken.
    pub done: usize,
    /// How many could not be taken and wait for the next look.
    pub failed: usize,
    /// How many cases somebody moved while they were looked at.
    pub moved: usize,
}

impl Looked {
    const fn and(self, other: Self) -> Self {
        Self { done: self.done + other.done, failed: self.failed + other.failed, moved: self.moved + other.moved }
    }
}

/// Does everything that today causes.
///
/// # Errors
/// When the database cannot be read.
pub fn look(app: &App) -> Outcome<Looked> {
    // A new calendar comes first: what it moves is not late by the old one.
    let looked = calendar::follow(app)?;
    let looked = looked.and(silence::accept(app)?).and(lapse::close(app)?).and(lapse::go_on(app)?);
    let looked = looked.and(remind::answer(app)?).and(remind::late(app)?).and(filing::remind(app)?);
    // What nobody hears any more is only space; nothing of the day may wait for it.
    if let Err(error) = app.store.write(webhook_sweep) {
        tracing::warn!(%error, "what was noted for stopped webhooks could not be dropped");
    }
    Ok(looked)
}

/// Takes one step by a rule for every case at `stage` whose last day is before `day`. One that fails stands in nobody
/// else's way.
fn sweep(
    app: &App,
    (stage, day): (&'static str, Date),
    step: impl Fn(&App, &DueCase) -> Outcome<bool>,
) -> Outcome<Looked> {
    let (mut looked, mut last) = (Looked::default(), None::<DueCase>);
    loop {
        let after = last.clone();
        let found = app.store.read(move |tx| cases::case_due_before(tx, (stage, day), after.as_ref(), BATCH))?;
        let Some(end) = found.last() else { return Ok(looked) };
        last = Some(end.clone());
        for case in &found {
            match step(app, case) {
                Ok(done) => looked.done += usize::from(done),
                Err(AppError::Refused(Refusal::MovedMeanwhile)) => looked.moved += 1,
                // The rule itself says no.
                Err(AppError::Refused(Refusal::NotAtThisStage { .. })) => {}
                Err(error) => {
                    looked.failed += 1;
                    tracing::error!(case = %case.id, stage, %error, "what today causes could not be done to a case");
                }
            }
        }
    }
}

/// Moves a case by a rule.
fn by_rule(app: &App, rule: &str, case: &DueCase, command: &Command) -> Outcome<bool> {
    move_by_rule(app, (&case.id, case.version), rule, command)
}
