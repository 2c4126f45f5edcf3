//! The worker that tells webhooks what they have to be told: each in order, one failure at a time.
//!
//! A place that does not answer is called again later and later and delays nobody else. Something may be told twice,
//! when the answer was lost; it carries the same id then.

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

const SECOND: i64 = 1_000_000;
/// Webhooks that are told at one time.
const LANES: u32 = 4;
/// Things told in one turn: all of them slow, they stay within the lease.
const BATCH: u32 = 10;
const LEASE: i64 = 120 * SECOND;
const FIRST_WAIT: i64 = 60 * SECOND;
/// Failures in a row after which a place is given up: the waits between them, doubled each time, come to 34 hours.
const TRIES: i64 = 12;
const IDLE: Duration = Duration::from_secs(1);

/// Tells until it is asked to stop.
pub fn run_until_stopped(app: &App, stop: &Stop) {
    loop {
        let pause = match turn(app) {
            Ok(0) => IDLE,
            Ok(_) => Duration::ZERO,
            Err(error) => {
                tracing::error!(%error, "webhooks could not be read");
                IDLE
            }
        };
        if stop.wait(pause) {
            return;
        }
    }
}

/// Tells those that have something to be told now; how many there were.
pub(super) fn turn(app: &App) -> Outcome<usize> {
    let lease = app.fresh(JobId::new).to_string();
    let (now, mine) = (app.micros(), lease.clone());
    let due = app.store.write(move |tx| rows::webhook_claim(tx, &mine, (now, now + LEASE), LANES))?;
    thread::scope(|scope| {
        let lanes: Vec<_> = due.iter().map(|row| scope.spawn(|| tell(app, row, &lease))).collect();
        let done = lanes.into_iter().map(|lane| lane.join().unwrap_or_else(|_| Err(fault("a webhook's thread"))));
        done.filter_map(Result::err).for_each(|error| tracing::error!(%error, "a webhook could not be told"));
    });
    Ok(due.len())
}

/// Tells one what it has to be told, up to the first failure.
fn tell(app: &App, row: &WebhookRow, lease: &str) -> Outcome<()> {
    let id = row.id.clone();
    let waiting = app.store.read(move |tx| rows::webhook_notices(tx, &id, BATCH))?;
    let mut heard = Ok(());
    for notice in waiting {
        heard = call(app, row, &letter(&notice, app.now())?)?;
        if heard.is_err() {
            break;
        }
        let (id, notice) = (row.id.clone(), notice.id);
        app.store.write(move |tx| rows::webhook_told(tx, &id, &notice))?;
    }
    let failed = if heard.is_ok() { 0 } else { row.failed + 1 };
    if let Err(unheard) = heard {
        tracing::info!(webhook = %row.id, %unheard, failed, "a webhook did not hear");
        if unheard.is_goodbye() || failed >= TRIES {
            return give_up(app, row, unheard);
        }
    }
    let now = app.micros();
    let doublings = u32::try_from((failed - 1).clamp(0, TRIES)).unwrap_or(0);
    let wait = if failed == 0 { 0 } else { FIRST_WAIT << doublings };
    let called = Called { at: now, outcome: outcome(heard), failed, due_at: now + wait };
    let (id, lease) = (row.id.clone(), lease.to_owned());
    app.store.write(move |tx| rows::webhook_called(tx, &id, &lease, &called))?;
    Ok(())
}

/// Nobody hears any more: it stops, and its holder is told.
fn give_up(app: &App, row: &WebhookRow, unheard: Unheard) -> Outcome<()> {
    let why = if unheard.is_goodbye() { "goodbye" } else { "failing" };
    let (notice, job) = to_holder(app, (row.person.as_ref(), row.employer.as_ref()), "webhook-stopped");
    let (row, now, last) = (row.clone(), app.micros(), outcome(Err(unheard)));
    app.store.write(move |tx| -> Outcome<()> {
        rows::webhook_tried(tx, &row.id, (now, &last), false)?;
        if rows::webhook_stop(tx, (&row.id, &row.account), (now, why))? {
            notices::notice_insert(tx, &notice)?;
            notices::job_insert(tx, &job)?;
        }
        Ok(())
    })
}

/// What a webhook is told of a message: its key, and ids it may ask about. What the other side asked is not its case.
fn letter(notice: &NoticeRow, now: Timestamp) -> Outcome<Letter> {
    let at = Timestamp::from_microsecond(notice.created_at).map_err(|_| fault("a stored instant is out of range"))?;
    let own_case = notice.case.as_ref().filter(|_| notice.template.starts_with("case-"));
    let data = json!({ "case": own_case, "registration": notice.registration });
    Ok(Letter {
        id: notice.id.to_string(),
        at: now.as_second(),
        body: json!({ "type": notice.template, "timestamp": at, "data": data }).to_string(),
    })
}
