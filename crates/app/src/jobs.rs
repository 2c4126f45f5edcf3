//! The worker: carries out what was queued in the transactions that caused it, and once a day what a date causes.
//!
//! A job is done at least once. It is taken under a lease, so that a worker that died loses it to another; what fails
//! is tried again later and later, and after eight tries parked for a person to look at.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use banjie_domain::id::NoticeId;
use banjie_store::notices::{self, JobResult, JobRow};
use jiff::civil::Date;

use crate::alarms::AlarmKey;
use crate::app::App;
use crate::error::{AppError, Outcome, fault};
use crate::follow_up::NOTICE_TO_FILE;
use crate::name_index::{INDEX_NAMES, index_names};
use crate::notify;
use crate::time::{Steady, Stopwatch, Trust};
use crate::usecase::{daily, rule_change};

const SECOND: i64 = 1_000_000;
const LEASE: i64 = 60 * SECOND;
const BATCH: u32 = 20;
const TRIES: i64 = 8;
const FIRST_WAIT: i64 = 60 * SECOND;
/// How long after a look that did not go through it is tried again.
const LOOK_AGAIN: Duration = Duration::from_secs(600);
/// How often the rule files are looked at.
const READ_AGAIN: Duration = Duration::from_secs(10);
const IDLE: Duration = Duration::from_secs(1);

/// Tells the workers to stop, and wakes them.
#[derive(Default)]
pub struct Stop {
    asked: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    /// Asks the workers to stop after what they are at.
    pub fn ask(&self) {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// Whether the workers are to stop.
    pub(crate) fn is_asked(&self) -> bool {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits a moment; says whether to stop.
    pub(crate) fn wait(&self, time: Duration) -> bool {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if *asked {
            return true;
        }
        let (asked, _) = self.changed.wait_timeout(asked, time).unwrap_or_else(PoisonError::into_inner);
        *asked
    }
}

/// Works until it is asked to stop.
pub fn run_until_stopped(app: &App, stop: &Stop) {
    let mut almanac = Almanac::begin();
    loop {
        almanac.turn(app);
        let pause = match work_once(app) {
            Ok(0) => IDLE,
            Ok(_) => Duration::ZERO,
            Err(error) => {
                tracing::error!(%error, "the worker could not take jobs");
                IDLE
            }
        };
        if stop.wait(pause) {
            return;
        }
    }
}

/// Which day was looked at, and whether the clock can be believed.
struct Almanac {
    watch: Stopwatch,
    steady: Steady,
    looked_on: Option<Date>,
    /// Not before this much time has run: a look that did not go through is tried again, but not every second.
    again_at: Duration,
    /// When the rule files are looked at again.
    read_at: Duration,
}

impl Almanac {
    fn begin() -> Self {
        Self {
            watch: Stopwatch::start(),
            steady: Steady::default(),
            looked_on: None,
            again_at: Duration::ZERO,
            read_at: READ_AGAIN,
        }
    }

    /// Takes changed rule files up; what follows from a new calendar is done on the look that comes next.
    fn read_rules(&mut self, app: &App) {
        // What was signed is taken up also while the files are wrong, and the other way round.
        let read = [app.rules.reload(app.today()), rule_change::follow(app).map_err(Into::into)];
        if read.iter().any(|one| matches!(one, Ok(true))) {
            tracing::info!("changed rules are in force");
            self.looked_on = None;
        }
        let wrong: Vec<_> = read.iter().filter_map(|one| one.as_ref().err()).map(ToString::to_string).collect();
        if wrong.is_empty() {
            app.alarms.clear(AlarmKey::RulesRefused);
        } else {
            app.alarms.raise(AlarmKey::RulesRefused, app.now(), wrong.join("\n"));
        }
    }

    /// Does what today causes, once.
    fn turn(&mut self, app: &App) {
        let (now, ran) = (app.now(), self.watch.elapsed());
        if ran >= self.read_at {
            self.read_at = ran.saturating_add(READ_AGAIN);
            self.read_rules(app);
        }
        match self.steady.look(now, ran) {
            Trust::Sure => app.alarms.clear(AlarmKey::ClockJumped),
            Trust::Unsure => return,
            Trust::Jumped(by) => {
                return app.alarms.raise(AlarmKey::ClockJumped, now, format!("{} s", by.as_secs()));
            }
        }
        let today = app.today();
        if self.looked_on == Some(today) || ran < self.again_at {
            return;
        }
        let problem = match daily::look(app) {
            Ok(looked) if looked.failed == 0 => None,
            Ok(looked) => Some(format!("{} × case", looked.failed)),
            Err(error) => Some(error.to_string()),
        };
        match problem {
            None => {
                self.looked_on = Some(today);
                app.alarms.clear(AlarmKey::DayNotDone);
            }
            Some(detail) => {
                self.again_at = ran.saturating_add(LOOK_AGAIN);
                app.alarms.raise(AlarmKey::DayNotDone, now, detail);
            }
        }
    }
}

/// Works until nothing waits, for tests and for the end of a demo.
///
/// # Errors
/// When the database cannot be used.
pub fn drain(app: &App) -> Outcome<()> {
    while work_once(app)? > 0 {}
    Ok(())
}

/// Takes what waits and does it; how many there were.
fn work_once(app: &App) -> Outcome<usize> {
    let lease = app.fresh(banjie_domain::id::JobId::new).to_string();
    let (now, mine) = (app.micros(), lease.clone());
    let jobs = app.store.write(move |tx| notices::job_claim(tx, &mine, now, now + LEASE, BATCH))?;
    for job in &jobs {
        let result = outcome(job, do_job(app, job), app.micros());
        let (id, lease, now) = (job.id.clone(), lease.clone(), app.micros());
        app.store.write(move |tx| notices::job_finish(tx, &id, &lease, &result, now))?;
    }
    Ok(jobs.len())
}

fn outcome(job: &JobRow, done: Outcome<()>, now: i64) -> JobResult {
    match done {
        Ok(()) => JobResult::Done,
        Err(error) if job.attempts >= TRIES => {
            tracing::error!(job = %job.id, kind = job.kind, %error, "job {} is parked", job.id);
            JobResult::Parked { error: error.to_string() }
        }
        Err(error) => {
            let doublings = u32::try_from(job.attempts.clamp(1, TRIES) - 1).unwrap_or(0);
            JobResult::Again { at: now + (FIRST_WAIT << doublings), error: error.to_string() }
        }
    }
}

fn do_job(app: &App, job: &JobRow) -> Outcome<()> {
    match job.kind.as_str() {
        NOTICE_TO_FILE => {
            let id = NoticeId::parse(&job.subject).map_err(|_| fault("a job's subject cannot be read"))?;
            let notice = app.store.read(move |tx| notices::notice_find(tx, &id))?.ok_or(AppError::NotFound)?;
            notify::file::send(app, &notice)
        }
        INDEX_NAMES => index_names(app, &job.subject),
        _ => Err(fault("a job of an unknown kind")),
    }
}
