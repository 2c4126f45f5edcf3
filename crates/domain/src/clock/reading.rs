//! A clock read on one day: its last day, what is used, what is left, and every day in between.

use jiff::civil::Date;

use crate::calendar::{Calendar, DayKind, Due, Limit, days_after};

use super::ledger::{Ledger, PauseReason};

/// How a clock stands on the day it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClockState {
    /// Its day 0 is still to come.
    NotStarted,
    /// It runs and is in time.
    Running,
    /// It stands still.
    Paused {
        /// The day it was stopped.
        since: Date,
        /// Why.
        reason: PauseReason,
    },
    /// It runs and its last day is over.
    Overdue,
}

/// One day of a clock, for drawing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayMark {
    /// The day.
    pub on: Date,
    /// What it is to this clock.
    pub mark: Mark,
    /// A weekend day on which offices are open (班).
    pub make_up: bool,
}

/// What a day is to a clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// Day 0.
    Start,
    /// It uses up a day.
    Counted {
        /// Which day of the limit, from 1.
        nth: u32,
    },
    /// A weekend, not counted.
    Weekend,
    /// A public holiday, not counted.
    Holiday {
        /// Its name.
        name: String,
    },
    /// It would count, but the clock stands still.
    Paused,
    /// The last day.
    Due {
        /// How many days of the limit are used up on it.
        nth: u32,
    },
    /// A working day after the last day.
    Overdue {
        /// How many working days late.
        by: u32,
    },
}

/// What a clock says on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The last day; none while a pause leaves it open.
    pub due: Option<Due>,
    /// The last day if an open pause ended on the day of reading; else the same as `due`.
    pub due_if_resumed: Due,
    /// Days used, the day of reading included, in the unit of the limit; goes on counting when overdue.
    pub used: u32,
    /// Days left after the day of reading, so 0 on the last day; below 0 the working days it is overdue.
    pub left: i64,
    /// How it stands.
    pub state: ClockState,
    /// Every day from the start to `due_if_resumed` or the day of reading, whichever is later.
    pub days: Vec<DayMark>,
}

/// Reads a clock on the day `as_of`: when it ends, how much is used, how much is left.
///
/// All entries are taken as known, also one dated after `as_of` (a supplement handed in after the cut-off resumes the
/// clock on the next working day); to ask what was known earlier, pass the entries of that time.
#[must_use]
pub fn due(ledger: &Ledger, limit: Limit, calendar: &Calendar, as_of: Date) -> Reading {
    let limit = Limit { days: limit.days.saturating_add(ledger.extended_days()), unit: limit.unit };
    let resumed = ledger.resumed_on(as_of);
    let due_if_resumed = calendar.deadline(resumed.started_on(), limit, |day| resumed.leaves_out(day));
    // A clock that ran out before it was stopped has its last day behind it, whenever it goes on.
    let still_open = ledger.open_pause().is_some_and(|pause| due_if_resumed.on > pause.from);
    let due = (!still_open).then_some(due_if_resumed);

    let used = count(resumed.started_on(), as_of, |day| calendar.counts(day, limit.unit) && !resumed.leaves_out(day));
    let left = if as_of <= due_if_resumed.on {
        i64::from(limit.days.saturating_sub(used))
    } else {
        -i64::from(count(due_if_resumed.on, as_of, |day| calendar.is_working(day) && !resumed.leaves_out(day)))
    };
    let state = state(ledger, due, as_of);
    let days =
        Marker { ledger: &resumed, limit, calendar, due_on: due_if_resumed.on, counted: 0, overdue: 0 }.marks(as_of);
    Reading { due, due_if_resumed, used, left, state, days }
}

/// How the clock stands on that day.
fn state(ledger: &Ledger, due: Option<Due>, as_of: Date) -> ClockState {
    if as_of < ledger.started_on() {
        return ClockState::NotStarted;
    }
    let current = ledger.pauses().iter().find(|p| p.from <= as_of && p.until.is_none_or(|until| as_of < until));
    match current {
        Some(pause) => ClockState::Paused { since: pause.from, reason: pause.reason.clone() },
        None if due.is_some_and(|due| as_of > due.on) => ClockState::Overdue,
        None => ClockState::Running,
    }
}

fn count(after: Date, to: Date, counts: impl Fn(Date) -> bool) -> u32 {
    days_after(after, to).map(|day| u32::from(counts(day))).sum()
}

struct Marker<'a> {
    ledger: &'a Ledger,
    limit: Limit,
    calendar: &'a Calendar,
    due_on: Date,
    counted: u32,
    overdue: u32,
}

impl Marker<'_> {
    fn marks(mut self, as_of: Date) -> Vec<DayMark> {
        let start = self.ledger.started_on();
        let last = self.due_on.max(as_of);
        std::iter::once(start).chain(days_after(start, last)).map(|day| self.day_mark(day)).collect()
    }

    fn day_mark(&mut self, on: Date) -> DayMark {
        let kind = self.calendar.day_kind(on);
        DayMark { on, mark: self.mark(on, kind), make_up: matches!(kind, DayKind::MakeUp { .. }) }
    }

    fn mark(&mut self, day: Date, kind: DayKind<'_>) -> Mark {
        if day == self.ledger.started_on() {
            return Mark::Start;
        }
        let would_count = self.counted < self.limit.days && self.calendar.counts(day, self.limit.unit);
        let left_out = self.ledger.leaves_out(day);
        if would_count && !left_out {
            self.counted += 1;
        }
        match kind {
            _ if day == self.due_on => Mark::Due { nth: self.counted },
            _ if left_out && (would_count || kind.is_working()) => Mark::Paused,
            _ if would_count => Mark::Counted { nth: self.counted },
            DayKind::Weekend => Mark::Weekend,
            DayKind::Holiday { name } => Mark::Holiday { name: name.to_owned() },
            // Once the limit is used up, the first working day is the last day; so this one is after it.
            DayKind::Working | DayKind::MakeUp { .. } => {
                self.overdue += 1;
                Mark::Overdue { by: self.overdue }
            }
        }
    }
}
