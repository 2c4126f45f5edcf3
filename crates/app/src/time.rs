//! What time it is. Time is an argument everywhere else: no other code may read the system's clock.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

/// A source of the present moment.
pub trait Clock: Send + Sync {
    /// Now, in whole microseconds, as it can be stored.
    fn now(&self) -> Timestamp;
}

/// The machine's clock. It may step back: whoever records an event takes the later of this and the last event.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's clock")]
    fn now(&self) -> Timestamp {
        whole_microseconds(Timestamp::now())
    }
}

/// A clock that moves only when told, for tests and the demonstration.
#[derive(Debug)]
pub struct FixedClock(Mutex<Timestamp>);

impl FixedClock {
    /// A clock that stands at `now`.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self(Mutex::new(whole_microseconds(now)))
    }

    /// Sets the clock, forward or back.
    pub fn set(&self, now: Timestamp) {
        self.change(|_| now);
    }

    /// Moves the clock; it stops at the ends of representable time.
    pub fn advance(&self, by: SignedDuration) {
        let end = if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX };
        self.change(|now| now.checked_add(by).unwrap_or(end));
    }

    fn change(&self, step: impl FnOnce(Timestamp) -> Timestamp) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = whole_microseconds(step(*now));
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The machine's clock, held at other instants while the demonstration tells what happened on earlier days.
#[derive(Debug, Default)]
pub struct HeldClock(Mutex<Option<Timestamp>>);

impl HeldClock {
    /// Holds it at an instant, until the next one or until it is let go.
    pub fn hold(&self, at: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(whole_microseconds(at));
    }

    /// Lets it go: from here on it is the machine's.
    pub fn release(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Clock for HeldClock {
    fn now(&self) -> Timestamp {
        let held = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.unwrap_or_else(|| SystemClock.now())
    }
}

/// Time that only runs, from when it was started: what a wall clock is compared with.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts it.
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// How long it has run. It stands still while the machine sleeps.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// How far a wall clock may drift from the time that only runs between two looks.
const DRIFT: SignedDuration = SignedDuration::from_hours(1);
/// How long a clock that was set has to run before dates are acted upon again.
const PROBATION: Duration = Duration::from_secs(60 * 60);

/// Watches a wall clock for being set. What a date causes cannot be taken back, so nothing is done on the word of a
/// clock that jumped until it has run for an hour.
#[derive(Debug, Clone, Copy, Default)]
pub struct Steady {
    last: Option<(Timestamp, Duration)>,
    sure_from: Duration,
}

/// Whether a wall clock can be acted upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// It runs as time does.
    Sure,
    /// It was set since the last look, by this much.
    Jumped(SignedDuration),
    /// It was set not long ago.
    Unsure,
}

impl Steady {
    /// Looks at the wall clock when this much time has run.
    pub fn look(&mut self, wall: Timestamp, ran: Duration) -> Trust {
        let before = self.last.replace((wall, ran));
        let jump = before.map(|(last_wall, last_ran)| {
            let run = SignedDuration::try_from(ran.saturating_sub(last_ran)).unwrap_or(SignedDuration::MAX);
            wall.duration_since(last_wall).saturating_sub(run)
        });
        match jump {
            Some(jump) if jump.unsigned_abs() > DRIFT.unsigned_abs() => {
                self.sure_from = ran.saturating_add(PROBATION);
                Trust::Jumped(jump)
            }
            _ if ran < self.sure_from => Trust::Unsure,
            _ => Trust::Sure,
        }
    }
}

/// Instants are stored as microseconds; a finer one would differ from itself after a reload.
fn whole_microseconds(instant: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_when_told() {
        let clock = FixedClock::new("2026-03-02T01:00:00Z".parse().unwrap());
        assert_eq!(clock.now(), clock.now());
        clock.advance(SignedDuration::from_hours(24));
        assert_eq!(clock.now().to_string(), "2026-03-03T01:00:00Z");
        clock.set("2026-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(clock.now().to_string(), "2026-01-01T00:00:00Z");
    }

    #[test]
    fn a_clock_that_is_set_is_trusted_again_after_it_has_run_for_an_hour() {
        let start: Timestamp = "2026-03-02T01:00:00Z".parse().unwrap();
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        let wall = |hours, run: Duration| {
            let run = SignedDuration::try_from(run).unwrap();
            start.checked_add(SignedDuration::from_hours(hours)).unwrap().checked_add(run).unwrap()
        };
        let mut steady = Steady::default();
        let mut look = |hours, ran| steady.look(wall(hours, ran), ran);
        assert_eq!(look(0, minutes(0)), Trust::Sure);
        assert_eq!(look(0, minutes(90)), Trust::Sure, "time that runs is no jump, however long nobody looked");
        assert_eq!(look(24, minutes(91)), Trust::Jumped(SignedDuration::from_hours(24)));
        assert_eq!(look(24, minutes(120)), Trust::Unsure);
        assert_eq!(look(0, minutes(125)), Trust::Jumped(SignedDuration::from_hours(-24)));
        assert_eq!(look(0, minutes(184)), Trust::Unsure);
        assert_eq!(look(0, minutes(185)), Trust::Sure);
    }

    #[test]
    fn an_instant_survives_storage_unchanged() {
        let clock = FixedClock::new("2026-03-02T01:00:00.123456789Z".parse().unwrap());
        for now in [clock.now(), SystemClock.now()] {
            assert_eq!(Timestamp::from_microsecond(now.as_microsecond()).unwrap(), now);
        }
    }
}
