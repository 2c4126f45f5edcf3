//! Which days count: weekends, public holidays and make-up work days (调休), year by year.
//!
//! The days come from files that follow the yearly notice of the State Council; this module never knows a holiday by
//! itself. A year without a file counts weekends only, and a date found that way says that it is provisional.

mod file;

use std::collections::BTreeMap;
use std::iter;

use jiff::civil::{Date, Weekday};

use crate::history::Hash;
use crate::problem::Problem;
pub use file::CalendarError;

/// The working days of the years for which a notice was read.
///
/// The default knows no year: weekends only, every date provisional.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    bases: BTreeMap<i16, String>,
    special: BTreeMap<Date, Special>,
}

/// A day on which the notice sets the rule of the week aside.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Special {
    Off { name: String },
    Work { for_holiday: String },
}

/// What a day is, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayKind<'a> {
    /// Monday to Friday.
    Working,
    /// A Saturday or Sunday on which offices are open, in exchange for a day off.
    MakeUp {
        /// The holiday it pays for, as the notice names it.
        for_holiday: &'a str,
    },
    /// Saturday or Sunday.
    Weekend,
    /// A day off by the notice, weekends inside a holiday included.
    Holiday {
        /// The holiday, as the notice names it.
        name: &'a str,
    },
}

impl DayKind<'_> {
    /// Whether offices are open.
    #[must_use]
    pub const fn is_working(self) -> bool {
        matches!(self, Self::Working | Self::MakeUp { .. })
    }
}

/// In what days a limit is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DayUnit {
    /// 工作日: the rule for procedure (行政许可法 第八十二条).
    Working,
    /// 日 by the calendar, such as the days a person or employer has to file; the last day rolls forward off a day
    /// of rest.
    Natural,
}

/// How long something may take. The day it starts is day 0 and is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limit {
    /// How many days.
    pub days: u32,
    /// Which days.
    pub unit: DayUnit,
}

/// A last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The day itself; it is still in time.
    pub on: Date,
    /// A year without a published calendar had to be walked through, so the day may still move (暂定).
    pub provisional: bool,
}

impl Calendar {
    /// Reads one file per year, given as path and content.
    ///
    /// # Errors
    /// Everything that is wrong in any of the files, with its line; a calendar that is half right is not used.
    pub fn parse(files: &[(String, String)]) -> Result<Self, Vec<CalendarError>> {
        let mut calendar = Self::default();
        let mut errors = Vec::new();
        let mut paths = BTreeMap::new();
        for (path, text) in files {
            match file::read(path, text) {
                Err(found) => errors.extend(found),
                Ok(read) => {
                    if let Some(first) = paths.insert(read.year, path) {
                        let problem = Problem::new("calendar.year-twice")
                            .with("year", read.year.to_string())
                            .with("first", first.as_str());
                        errors.push(CalendarError::new(path, text, read.year_line, problem));
                    }
                    calendar.bases.insert(read.year, read.basis);
                    calendar.special.extend(read.days);
                }
            }
        }
        if errors.is_empty() { Ok(calendar) } else { Err(errors) }
    }

    /// The same days, with those on which the offices of one region are closed besides, or open: one file per year, as
    /// for the country. A region's day comes before the country's.
    ///
    /// # Errors
    /// As [`Calendar::parse`].
    pub fn with_closures(&self, files: &[(String, String)]) -> Result<Self, Vec<CalendarError>> {
        let own = Self::parse(files)?;
        let mut special = self.special.clone();
        special.extend(own.special);
        // The years the country published stay those that are known: a region's notice says nothing of holidays.
        let mut bases = self.bases.clone();
        for (year, basis) in own.bases {
            bases.entry(year).and_modify(|known| *known = format!("{known}；{basis}"));
        }
        Ok(Self { bases, special })
    }

    /// Whether the holidays of that year are known.
    #[must_use]
    pub fn covers(&self, year: i16) -> bool {
        self.bases.contains_key(&year)
    }

    /// The notice the days of that year come from.
    #[must_use]
    pub fn basis(&self, year: i16) -> Option<&str> {
        self.bases.get(&year).map(String::as_str)
    }

    /// A digest of every day that is not as the week has it: two calendars with the same digest count alike.
    #[must_use]
    pub fn digest(&self) -> Hash {
        let years = self.bases.keys().map(|year| format!("{year}\n"));
        let days = self.special.iter().map(|(day, special)| match special {
            Special::Off { name } => format!("{day} off {name}\n"),
            Special::Work { for_holiday } => format!("{day} work {for_holiday}\n"),
        });
        Hash::of(years.chain(days).collect::<String>().as_bytes())
    }

    /// What that day is. The notice comes before the rule of the week.
    #[must_use]
    pub fn day_kind(&self, day: Date) -> DayKind<'_> {
        match self.special.get(&day) {
            Some(Special::Off { name }) => DayKind::Holiday { name },
            Some(Special::Work { for_holiday }) => DayKind::MakeUp { for_holiday },
            None if is_weekend(day) => DayKind::Weekend,
            None => DayKind::Working,
        }
    }

    /// Whether offices are open that day.
    #[must_use]
    pub fn is_working(&self, day: Date) -> bool {
        self.day_kind(day).is_working()
    }

    /// The last day of a limit of `n` working days. `from` is day 0; with `n` = 0 it is `from`, or the next working
    /// day if offices are closed. One working day from 2024-09-30 is 2024-10-08.
    #[must_use]
    pub fn add_working_days(&self, from: Date, n: u32) -> Due {
        self.deadline(from, Limit { days: n, unit: DayUnit::Working }, |_| false)
    }

    /// The last day of a limit of `n` natural days: the day itself, or the next working day if offices are closed.
    /// Fifteen days from 2026-02-01 is 02-16, in the Spring Festival, so 2026-02-24.
    #[must_use]
    pub fn natural_deadline(&self, from: Date, n: u32) -> Due {
        self.deadline(from, Limit { days: n, unit: DayUnit::Natural }, |_| false)
    }

    /// The working days after `a` up to and including `b`; none if `b` is not after `a`.
    #[must_use]
    pub fn working_days_between(&self, a: Date, b: Date) -> u32 {
        days_after(a, b).map(|day| u32::from(self.is_working(day))).sum()
    }

    /// The working days after `today` up to the last day; below 0 the working days it is late, on days of rest after the
    /// last day at least one: it is over.
    #[must_use]
    pub fn working_days_left(&self, today: Date, last: Date) -> i64 {
        if last >= today {
            i64::from(self.working_days_between(today, last))
        } else {
            -i64::from(self.working_days_between(last, today).max(1))
        }
    }

    /// That day, or the first working day after it.
    #[must_use]
    pub fn next_working_day_from(&self, day: Date) -> Date {
        self.add_working_days(day, 0).on
    }

    /// Whether that day uses up one day of a limit in `unit`.
    pub(crate) fn counts(&self, day: Date, unit: DayUnit) -> bool {
        unit == DayUnit::Natural || self.is_working(day)
    }

    /// The last day of `limit` when the days for which `skipped` is true are left out, also as the last day.
    ///
    /// Natural days need no calendar until the last of them: only from there on can an unknown year make it
    /// provisional. At the end of time it stops and says so, rather than being wrong.
    pub(crate) fn deadline(&self, from: Date, limit: Limit, skipped: impl Fn(Date) -> bool) -> Due {
        let mut day = from;
        let mut counted = 0;
        let mut provisional = false;
        loop {
            if counted >= limit.days {
                provisional |= !self.covers(day.year());
                if self.is_working(day) && !skipped(day) {
                    return Due { on: day, provisional };
                }
            }
            let Ok(next) = day.tomorrow() else {
                return Due { on: day, provisional: true };
            };
            day = next;
            provisional |= limit.unit == DayUnit::Working && !self.covers(day.year());
            if self.counts(day, limit.unit) && !skipped(day) {
                counted += 1;
            }
        }
    }
}

/// The days after `a` up to and including `b`.
pub(crate) fn days_after(a: Date, b: Date) -> impl Iterator<Item = Date> {
    iter::successors(a.tomorrow().ok(), |day| day.tomorrow().ok()).take_while(move |day| *day <= b)
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

#[cfg(test)]
pub(crate) mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    /// The calendar of the published files.
    pub(crate) fn published() -> Calendar {
        let files = [
            ("2024.toml", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/calendars/2024.toml"))),
            ("2025.toml", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/calendars/2025.toml"))),
            ("2026.toml", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/calendars/2026.toml"))),
        ];
        Calendar::parse(&files.map(|(path, text)| (path.to_owned(), text.to_owned()))).unwrap()
    }

    fn firm(year: i16, month: i8, day: i8) -> Due {
        Due { on: date(year, month, day), provisional: false }
    }

    #[test]
    fn the_published_years_have_251_248_and_248_working_days() {
        let calendar = published();
        let working = |year| calendar.working_days_between(date(year - 1, 12, 31), date(year, 12, 31));
        assert_eq!([2024, 2025, 2026].map(working), [251, 248, 248]);
    }

    #[test]
    fn weekend_work_days_are_those_of_the_notices() {
        let calendar = published();
        let days: Vec<String> = days_after(date(2024, 12, 31), date(2026, 12, 31))
            .filter(|day| matches!(calendar.day_kind(*day), DayKind::MakeUp { .. }))
            .map(|day| day.to_string())
            .collect();
        assert_eq!(
            days.join(" "),
            "2025-01-26 2025-02-08 2025-04-27 2025-09-28 2025-10-11 \
             2026-01-04 2026-02-14 2026-02-28 2026-05-09 2026-09-20 2026-10-10"
        );
    }

    #[test]
    fn working_day_limits_end_where_the_vectors_say() {
        let calendar = published();
        for (from, days, due) in [
            (date(2024, 9, 30), 1, firm(2024, 10, 8)),
            (date(2024, 10, 11), 1, firm(2024, 10, 12)),
            (date(2026, 2, 14), 1, firm(2026, 2, 24)),
            (date(2026, 4, 30), 5, firm(2026, 5, 11)),
            (date(2026, 2, 11), 5, firm(2026, 2, 25)),
        ] {
            assert_eq!(calendar.add_working_days(from, days), due, "from {from}");
        }
    }

    #[test]
    fn natural_day_limits_roll_off_days_of_rest() {
        let calendar = published();
        for (from, days, due) in [
            (date(2026, 2, 1), 15, firm(2026, 2, 24)),
            (date(2026, 9, 1), 30, firm(2026, 10, 8)),
            (date(2025, 9, 20), 15, firm(2025, 10, 9)),
            (date(2026, 3, 2), 4, firm(2026, 3, 6)),
        ] {
            assert_eq!(calendar.natural_deadline(from, days), due, "from {from}");
        }
    }

    #[test]
    fn a_day_says_what_it_is_and_for_which_holiday() {
        let calendar = published();
        assert_eq!(calendar.day_kind(date(2026, 10, 3)), DayKind::Holiday { name: "国庆节" });
        assert_eq!(calendar.day_kind(date(2026, 10, 10)), DayKind::MakeUp { for_holiday: "国庆节" });
        assert_eq!(calendar.day_kind(date(2026, 10, 11)), DayKind::Weekend);
        assert_eq!(calendar.day_kind(date(2026, 10, 12)), DayKind::Working);
        assert!(calendar.basis(2026).unwrap().contains("国办发明电〔2025〕7号"));
    }

    #[test]
    fn a_region_that_closes_moves_its_own_days_and_no_others() {
        let country = published();
        let storm =
            "year = 2026\nbasis = \"通知\"\n[[off]]\nname = \"台风停办\"\nfrom = \"2026-08-06\"\nto = \"2026-08-07\"\n";
        let region = country.with_closures(&[("2026.toml".to_owned(), storm.to_owned())]).unwrap();
        assert_eq!(region.day_kind(date(2026, 8, 6)), DayKind::Holiday { name: "台风停办" });
        assert_eq!(region.add_working_days(date(2026, 8, 5), 1), firm(2026, 8, 10));
        assert_eq!(country.add_working_days(date(2026, 8, 5), 1), firm(2026, 8, 6));
        assert_eq!(region.day_kind(date(2026, 10, 3)), DayKind::Holiday { name: "国庆节" });
        assert!(region.basis(2026).unwrap().ends_with("7号）；通知"), "{:?}", region.basis(2026));
        assert_ne!(region.digest(), country.digest());
        let next = storm.replace("2026", "2027");
        let ahead = country.with_closures(&[("2027.toml".to_owned(), next)]).unwrap();
        assert!(!ahead.covers(2027), "a closure does not make the year's holidays known");
        assert!(country.with_closures(&[("x".to_owned(), "year = 26".to_owned())]).is_err());
    }

    #[test]
    fn no_days_at_all_still_end_on_a_working_day() {
        let calendar = published();
        assert_eq!(calendar.add_working_days(date(2026, 3, 6), 0), firm(2026, 3, 6));
        assert_eq!(calendar.next_working_day_from(date(2026, 10, 1)), date(2026, 10, 8));
    }

    #[test]
    fn a_date_in_a_year_without_a_notice_is_provisional() {
        let calendar = published();
        assert_eq!(calendar.add_working_days(date(2026, 12, 31), 1), Due { on: date(2027, 1, 1), provisional: true });
        assert_eq!(calendar.add_working_days(date(2026, 12, 30), 1), firm(2026, 12, 31));
        assert_eq!(calendar.natural_deadline(date(2026, 12, 31), 5), Due { on: date(2027, 1, 5), provisional: true });
        // Natural days of an unknown year need no calendar if the last one lies in a known year.
        assert_eq!(calendar.natural_deadline(date(2023, 12, 30), 3), firm(2024, 1, 2));
        assert!(calendar.covers(2026) && !calendar.covers(2027));
    }

    #[test]
    fn lateness_is_counted_in_working_days() {
        let calendar = published();
        let left = |today, last| calendar.working_days_left(date(2026, 3, today), date(2026, 3, last));
        assert_eq!([left(13, 13), left(13, 16), left(16, 13), left(15, 13)], [0, 1, -1, -1]);
    }

    #[test]
    fn the_end_of_time_is_reached_without_a_fault() {
        let due = published().add_working_days(date(9999, 12, 1), u32::MAX);
        assert_eq!(due, Due { on: Date::MAX, provisional: true });
    }

    proptest! {
        #[test]
        fn one_more_day_is_never_due_earlier(offset in 0i32..1000, n in 0u32..60) {
            let calendar = published();
            let from = date(2024, 1, 1).checked_add(jiff::Span::new().days(offset)).unwrap();
            prop_assert!(calendar.add_working_days(from, n).on <= calendar.add_working_days(from, n + 1).on);
            prop_assert!(calendar.natural_deadline(from, n).on <= calendar.natural_deadline(from, n + 1).on);
        }

        #[test]
        fn counting_back_gives_the_days_that_were_added(offset in 0i32..1000, n in 1u32..60) {
            let calendar = published();
            let from = date(2024, 1, 1).checked_add(jiff::Span::new().days(offset)).unwrap();
            let due = calendar.add_working_days(from, n);
            prop_assert_eq!(calendar.working_days_between(from, due.on), n);
        }
    }
}
