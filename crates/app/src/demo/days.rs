//! When things happened in the demo: working days before today, in office hours.

use banjie_domain::clock::legal_date;
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::app::App;
use crate::error::{Outcome, fault};
use crate::time::{Clock as _, HeldClock};

/// The days of the demo, counted back from the day it is made.
pub(super) struct Days<'a> {
    app: &'a App,
    clock: &'a HeldClock,
    today: Date,
}

impl<'a> Days<'a> {
    /// Counted back from the machine's day.
    pub(super) fn new(app: &'a App, clock: &'a HeldClock) -> Self {
        clock.release();
        Self { app, clock, today: legal_date(clock.now()) }
    }

    /// The working day so many before the last one that has begun; 0 is today on a working day.
    pub(super) fn back(&self, working_days: u32) -> Date {
        let mut day = self.today;
        let mut left = working_days;
        loop {
            if self.app.rules.calendar_of("330106").is_working(day) {
                if left == 0 {
                    return day;
                }
                left -= 1;
            }
            day = day.saturating_sub(1.day());
        }
    }

    /// Holds the clock on that day at that hour; never after now.
    pub(super) fn at(&self, working_days_back: u32, hour: i8) -> Outcome<()> {
        let zone = TimeZone::get("Asia/Shanghai").map_err(|_| fault("the time zone is built in"))?;
        let morning = self.back(working_days_back).at(hour, 12, 0, 0).to_zoned(zone);
        let wanted = morning.map_err(|_| fault("a day of the demo"))?.timestamp();
        self.clock.release();
        self.clock.hold(wanted.min(self.clock.now()));
        Ok(())
    }

    /// So many days before today, as it is typed.
    pub(super) fn ago(&self, days: i64) -> String {
        self.today.saturating_sub(days.days()).to_string()
    }
}
