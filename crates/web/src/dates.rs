//! Days and times as people read them, in their language, on the Shanghai calendar.
//!
//! It only formats; which day something falls on is decided in the domain.

use jiff::{Timestamp, civil::Date, tz::Offset};

use crate::texts::Tongue;

impl Tongue {
    /// A day in full: 2026 年 3 月 16 日（周一）.
    #[must_use]
    pub fn date(&self, date: Date) -> String {
        self.dated("common.date.full", date)
    }

    /// A day of a year that is plain from the page: 3 月 16 日（周一）.
    #[must_use]
    pub fn day(&self, date: Date) -> String {
        self.dated("common.date.day", date)
    }

    /// A day and a time: 2026 年 3 月 16 日（周一）10:41.
    #[must_use]
    pub fn date_time(&self, at: Timestamp) -> String {
        let local = shanghai(at);
        let date = self.date(local.date());
        self.fill("common.date.with-time", &[("date", &date), ("time", &self.time(at))])
    }

    /// A time of day: 10:41.
    #[must_use]
    pub fn time(&self, at: Timestamp) -> String {
        let local = shanghai(at);
        format!("{}:{:02}", local.hour(), local.minute())
    }

    /// The name of the weekday: 周一.
    #[must_use]
    pub fn weekday(&self, date: Date) -> &str {
        self.t(&format!("common.weekday.{}", date.weekday().to_monday_one_offset()))
    }

    /// The shortest name of the weekday: 一.
    #[must_use]
    pub fn weekday_short(&self, date: Date) -> &str {
        self.t(&format!("common.weekday-short.{}", date.weekday().to_monday_one_offset()))
    }

    fn dated(&self, key: &str, date: Date) -> String {
        let (year, day) = (date.year().to_string(), date.day().to_string());
        let month = self.t(&format!("common.month.{}", date.month()));
        self.fill(key, &[("year", &year), ("month", month), ("day", &day), ("weekday", self.weekday(date))])
    }
}

/// The wall clock in Shanghai. The zone has had one offset since 1991 and every instant here is later.
fn shanghai(at: Timestamp) -> jiff::civil::DateTime {
    Offset::constant(8).to_datetime(at)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use crate::texts::Texts;

    #[test]
    fn a_day_is_written_as_each_language_does() {
        let texts = Texts::load().unwrap();
        let day = date(2026, 3, 16);
        assert_eq!(texts.lang("zh-CN").date(day).replace('\u{a0}', " "), "2026 年 3 月 16 日（周一）");
        assert_eq!(texts.lang("en").date(day).replace('\u{a0}', " "), "Monday 16 March 2026");
    }

    #[test]
    fn a_time_is_the_wall_clock_in_shanghai() {
        let tongue = Texts::load().unwrap().lang("zh-CN");
        let at: jiff::Timestamp = "2026-03-16T16:05:00Z".parse().unwrap();
        assert_eq!(tongue.date_time(at).replace('\u{a0}', " "), "2026 年 3 月 17 日（周二）0:05");
    }
}
