//! The workers that tell webhooks what they have to be told: each in turn, one failure at a time.
//!
//! A place that does not answer is called again later and later. A slow one holds up one worker for a short while, and
//! other webhooks of its own account, nobody else. Something may be told twice, when the answer was lost; it carries the
//! same id then.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;

use banjie_domain::id::JobId;
use banjie_store::notices::{self, NoticeRow};
use banjie_store::webhooks::{self as rows, Called, WebhookRow};
use jiff::Timestamp;
use serde_json::json;

use super::call::Letter;
use super::{Unheard, call, outcome};
use crate::app::App;
use crate::error::{Outcome, fault};
use crate::follow_up::to_holder;
use crate::jobs::Stop;
use crate::messages;
use crate::time::Stopwatch;

const SECOND: i64 = 1_000_000;
/// Workers.
const LANES: usize = 4;
/// After this long a worker turns to the next webhook, though there is more to tell.
const TURN: Duration = Duration::from_secs(15);
/// Things read at one time.
const BATCH: u32 = 10;
/// Longer than a turn and the call that outlasts it.
const LEASE: i64 = 60 * SECOND;
const FIRST_WAIT: i64 = 60 * SECOND;
/// Failures in a row after which a place is given up: the waits between them, doubled each time, come to 34 hours.
const TRIES: i64 = 12;
/// Things that may wait for one that does not hear.
const MOST: u32 = 10_000;
const IDLE: Duration = Duration::from_secs(1);

/// Tells until it is asked to stop; then every worker ends with the call it is at.
pub fn run_until_stopped(app: &App, stop: &Stop) {
    thread::scope(|scope| (0..LANES).for_each(|_| drop(scope.spawn(|| lane(app, stop)))));
}

fn lane(app: &App, stop: &Stop) {
    loop {
        let turned = catch_unwind(AssertUnwindSafe(|| turn(app, stop)));
        let pause = match turned.unwrap_or_else(|_| Err(fault("a webhook's worker panicked"))) {
            Ok(true) => Duration::ZERO,
            Ok(false) => IDLE,
            Err(error) => {
                tracing::error!(%error, "webhooks could not be told");
                IDLE
            }
        };
        if stop.wait(pause) {
            return;
        }
    }
}

/// Tells one that has something to be told now; whether there was any.
pub(super) fn turn(app: &App, stop: &Stop) -> Outcome<bool> {
    let now = app.micros();
    if !app.store.read(move |tx| rows::webhook_is_due(tx, now))? {
        return Ok(false);
    }
    let lease = app.fresh(JobId::new).to_string();
    let mine = lease.clone();
    let due = app.store.write(move |tx| rows::webhook_claim(tx, &mine, (now, now + LEASE)))?;
    let Some(row) = due else { return Ok(false) };
    if let Err(error) = tell(app, stop, &row, &lease) {
        // What went wrong on this side counts like a failure: else it would be done again every minute for ever.
        tracing::error!(webhook = %row.id, %error, "a webhook could not be told");
        end_turn(app, (&row, &lease), outcome(Err(Unheard::Ours)), row.failed + 1)?;
    }
    Ok(true)
}

/// How telling one ended.
enum Ended {
    /// Everything was heard, or the turn was over.
    Well,
    /// One was not heard.
    Unheard(Unheard),
    /// It is somebody else's by now, or stopped.
    Lost,
}

/// Tells one what it has to be told, up to the first failure.
fn tell(app: &App, stop: &Stop, row: &WebhookRow, lease: &str) -> Outcome<()> {
    let (failed, unheard) = match in_turn(app, stop, row, lease)? {
        Ended::Lost => return Ok(()),
        Ended::Well => (0, Ok(())),
        Ended::Unheard(unheard) => (row.failed + 1, Err(unheard)),
    };
    let id = row.id.clone();
    let behind = app.store.read(move |tx| rows::webhook_waiting(tx, &id, MOST))? >= i64::from(MOST);
    let over = match unheard {
        Err(unheard) if unheard.is_goodbye() => Some("goodbye"),
        Err(_) if failed >= TRIES => Some("failing"),
        Err(_) if behind => Some("behind"),
        _ => None,
    };
    if let Err(unheard) = unheard {
        tracing::info!(webhook = %row.id, %unheard, failed, "a webhook did not hear");
    }
    match over {
        Some(why) => give_up(app, (row, lease), outcome(unheard), why),
        None => end_turn(app, (row, lease), outcome(unheard), failed),
    }
}

fn in_turn(app: &App, stop: &Stop, row: &WebhookRow, lease: &str) -> Outcome<Ended> {
    let watch = Stopwatch::start();
    let id = row.id.clone();
    for notice in app.store.read(move |tx| rows::webhook_notices(tx, &id, BATCH))? {
        if let Err(unheard) = call(app, row, &letter(&notice, app.now())?) {
            return Ok(Ended::Unheard(unheard));
        }
        let (id, lease, notice) = (row.id.clone(), lease.to_owned(), notice.id);
        if !app.store.write(move |tx| rows::webhook_told(tx, &id, &lease, &notice))? {
            return Ok(Ended::Lost);
        }
        if stop.is_asked() || watch.elapsed() >= TURN {
            break;
        }
    }
    Ok(Ended::Well)
}

fn end_turn(app: &App, (row, lease): (&WebhookRow, &str), outcome: String, failed: i64) -> Outcome<()> {
    let now = app.micros();
    let doublings = u32::try_from((failed - 1).clamp(0, TRIES)).unwrap_or(0);
    let wait = if failed == 0 { 0 } else { FIRST_WAIT << doublings };
    let called = Called { at: now, outcome, failed, due_at: now + wait };
    let (id, lease) = (row.id.clone(), lease.to_owned());
    app.store.write(move |tx| rows::webhook_called(tx, &id, &lease, &called))?;
    Ok(())
}

/// Nobody hears any more: it stops, and its holder is told.
fn give_up(app: &App, (row, lease): (&WebhookRow, &str), outcome: String, why: &'static str) -> Outcome<()> {
    let (notice, job) = to_holder(app, (row.person.as_ref(), row.employer.as_ref()), "webhook-stopped");
    let (id, lease, now) = (row.id.clone(), lease.to_owned(), app.micros());
    app.store.write(move |tx| -> Outcome<()> {
        if rows::webhook_give_up(tx, (&id, &lease), (now, &outcome, why))? {
            notices::notice_insert(tx, &notice)?;
            notices::job_insert(tx, &job)?;
        }
        Ok(())
    })
}

/// What a webhook is told of a message: its key, and ids it may ask about. What the other side asked is not its case.
fn letter(notice: &NoticeRow, now: Timestamp) -> Outcome<Letter> {
    let at = Timestamp::from_microsecond(notice.created_at).map_err(|_| fault("a stored instant is out of range"))?;
    let data = json!({ "case": messages::own_case(notice), "registration": notice.registration });
    Ok(Letter {
        id: notice.id.to_string(),
        at: now.as_second(),
        body: json!({ "type": notice.template, "timestamp": at, "data": data }).to_string(),
    })
}
