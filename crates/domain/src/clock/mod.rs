//! One legal clock: when it started, when it was paused, how far it was extended, and when it therefore ends.
//!
//! A case has several clocks (legal limit, promise, each stage); every one is read from its own ledger. Also says which
//! legal day an instant belongs to, and why a last day is that day. Never reads the time: the day it is asked about is
//! an argument.

mod ledger;
mod reading;
#[cfg(test)]
mod tests;
mod why;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

use crate::calendar::Calendar;
pub use crate::calendar::{DayUnit, Due, Limit};
pub use ledger::{Entry, Ledger, LedgerProblem, Pause, PauseReason};
pub use reading::{ClockState, DayMark, Mark, Reading, due};
pub use why::{Run, RunKind, runs};

/// Legal time is Beijing time. A fixed offset is right for every instant since 1992, after the last summer time
/// (1991-09-15); no event of this system is older. Dates of birth are dates, not instants.
const LEGAL_OFFSET: Offset = Offset::constant(8);

/// The date and time on the wall in Asia/Shanghai.
#[must_use]
pub fn legal_datetime(at: Timestamp) -> DateTime {
    LEGAL_OFFSET.to_datetime(at)
}

/// The day in Asia/Shanghai: the day every legal limit is counted in.
#[must_use]
pub fn legal_date(at: Timestamp) -> Date {
    legal_datetime(at).date()
}

/// The first instant of a legal day. At the ends of time it is the end.
#[must_use]
pub fn first_instant(day: Date) -> Timestamp {
    LEGAL_OFFSET.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(Timestamp::MIN)
}

/// The day on which something filed at that instant counts as received: after the region's cut-off (the cut-off
/// itself is in time) and on days of rest it is the next working day.
///
/// Days of rest are treated like evenings, or what is filed on Saturday would be received before what was filed on
/// Friday night. For a limit of the person who files, use [`legal_date`]: filing in the evening of the last day is in
/// time.
#[must_use]
pub fn received_day(at: Timestamp, cutoff: Time, calendar: &Calendar) -> Date {
    let filed = legal_datetime(at);
    let day = if filed.time() > cutoff { filed.date().tomorrow().unwrap_or(Date::MAX) } else { filed.date() };
    calendar.next_working_day_from(day)
}
