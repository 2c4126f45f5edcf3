//! The clocks of a case: which runs at which stage, and when it ends.
//!
//! Every day that a page shows comes from here, so that the page, the queue and the worker that acts on a date can
//! never count differently.

use jiff::civil::Date;

use crate::calendar::Calendar;
use crate::clock::{self, DayUnit, Entry, Ledger, Limit, Reading};

use super::state::{Case, Stage};
use super::time::told;

/// One clock of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClockKey {
    /// From the day everything was there to the decision on acceptance.
    Accept,
    /// The applicant's time to answer a supplement.
    Supplement,
    /// What a special procedure may take, as told to the applicant.
    Special,
    /// From acceptance to the decision, as the region promises.
    Promise,
    /// The same, as the law has it.
    Legal,
}

impl ClockKey {
    /// The word used in locale keys.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Supplement => "supplement",
            Self::Special => "special",
            Self::Promise => "promise",
            Self::Legal => "legal",
        }
    }
}

/// A clock as it reads on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseClock {
    /// Which.
    pub key: ClockKey,
    /// The limit it is held to, extensions left out.
    pub limit: Limit,
    /// How many days it was given on top.
    pub extended: u32,
    /// What it says.
    pub reading: Reading,
    /// A last day that was told and stands although the calendar would now say another.
    pub told: Option<Date>,
    /// Days left after the day of reading, in the unit of the limit; below 0 the working days it is late.
    pub left: i64,
}

impl CaseClock {
    /// The last day; while the clock stands still, the last day if it went on on the day of reading.
    #[must_use]
    pub fn last(&self) -> Date {
        self.told.unwrap_or_else(|| self.reading.due.unwrap_or(self.reading.due_if_resumed).on)
    }
}

/// Every clock of an open case, the one of whose turn it is first; none once it is closed.
#[must_use]
pub fn clocks(case: &Case, calendar: &Calendar, as_of: Date) -> Vec<CaseClock> {
    let file = &case.file;
    let limits = file.submitted.limits;
    let read = |key, entries, limit, told| read((key, limit, told), entries, (calendar, as_of));
    let from = |on| vec![Entry::Started { on }];
    let turn = match &case.stage {
        Stage::Intake => {
            read(ClockKey::Accept, from(file.intake_from), working(limits.accept), told(file, ClockKey::Accept))
        }
        Stage::Supplement { ask, .. } => {
            let told = Some(told(file, ClockKey::Supplement).unwrap_or(ask.answer_by));
            read(ClockKey::Supplement, from(ask.on), working(limits.supplement), told)
        }
        Stage::Suspended { why, .. } => {
            let days = why.on.until(why.until).map_or(0, |span| u32::try_from(span.get_days()).unwrap_or(0));
            read(ClockKey::Special, from(why.on), Limit { days, unit: DayUnit::Natural }, Some(why.until))
        }
        Stage::First | Stage::Second { .. } => None,
        Stage::Closed(_) => return Vec::new(),
    };
    let promise = read(ClockKey::Promise, file.clock.clone(), working(limits.promise), told(file, ClockKey::Promise));
    let legal = read(ClockKey::Legal, file.clock.clone(), working(limits.legal), None);
    [turn, promise, legal].into_iter().flatten().collect()
}

/// The clock of the promise as it stood on the day of the decision.
#[must_use]
pub fn decided_clock(case: &Case, calendar: &Calendar, on: Date) -> Option<CaseClock> {
    let file = &case.file;
    let limit = working(file.submitted.limits.promise);
    read((ClockKey::Promise, limit, told(file, ClockKey::Promise)), file.clock.clone(), (calendar, on))
}

/// The last day of whoever's turn it is; none once the case is closed. While it runs it does not depend on the day it
/// is asked on.
#[must_use]
pub fn turn_ends(case: &Case, calendar: &Calendar) -> Option<Date> {
    clocks(case, calendar, case.file.submitted.received_on).first().map(CaseClock::last)
}

const fn working(days: u32) -> Limit {
    Limit { days, unit: DayUnit::Working }
}

/// Reads a clock; none that never started.
fn read(
    (key, limit, told): (ClockKey, Limit, Option<Date>),
    entries: Vec<Entry>,
    (calendar, as_of): (&Calendar, Date),
) -> Option<CaseClock> {
    let ledger = Ledger::new(entries).ok()?;
    let reading = clock::due(&ledger, limit, calendar, as_of);
    let counted = reading.due.unwrap_or(reading.due_if_resumed).on;
    let told = told.filter(|told| *told != counted);
    // Of a special procedure the day was named; what is left of it is told in working days like the rest.
    let named = told.or_else(|| (key == ClockKey::Special).then_some(counted));
    let left = named.map_or(reading.left, |last| calendar.working_days_left(as_of, last));
    Some(CaseClock { key, limit, extended: ledger.extended_days(), reading, told, left })
}
