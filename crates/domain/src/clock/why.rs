//! Why a last day is that day: the days of a reading, joined into runs that a person reads as one sentence each.

use jiff::civil::Date;

use super::reading::{DayMark, Mark, Reading};

/// Days that follow each other and are the same to the clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The first of them.
    pub from: Date,
    /// The last of them; the same as `from` for a single day.
    pub to: Date,
    /// What they are.
    pub kind: RunKind,
}

/// What a run of days is to a clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunKind {
    /// Day 0, which is not counted.
    Start,
    /// Counted days, from which to which of the limit.
    Counted {
        /// The first, from 1.
        first: u32,
        /// The last.
        last: u32,
    },
    /// Weekend days that are counted because offices are open (调休上班).
    MakeUp {
        /// The first, from 1.
        first: u32,
        /// The last.
        last: u32,
    },
    /// Weekend days, not counted.
    Weekend,
    /// Days off, not counted.
    Holiday {
        /// The holiday.
        name: String,
    },
    /// Days that would count, but the clock stands still.
    Paused,
    /// The last day, to which the end moved because the limit was used up on a day of rest.
    RolledTo,
}

/// The days up to the last day of a reading as runs. What comes after the last day explains nothing and is left out.
#[must_use]
pub fn runs(reading: &Reading) -> Vec<Run> {
    let last = reading.due.unwrap_or(reading.due_if_resumed).on;
    let (mut runs, mut counted): (Vec<Run>, u32) = (Vec::new(), 0);
    for day in reading.days.iter().take_while(|day| day.on <= last) {
        let kind = kind(day, &mut counted);
        match runs.last_mut() {
            Some(run) if joins(&run.kind, &kind) => {
                run.to = day.on;
                if let RunKind::Counted { last, .. } | RunKind::MakeUp { last, .. } = &mut run.kind {
                    *last = counted;
                }
            }
            _ => runs.push(Run { from: day.on, to: day.on, kind }),
        }
    }
    runs
}

/// What a day is, with `counted` days used up before it and, after it, as many as it says.
fn kind(day: &DayMark, counted: &mut u32) -> RunKind {
    match &day.mark {
        Mark::Start => RunKind::Start,
        Mark::Due { nth } if nth == counted => RunKind::RolledTo,
        Mark::Counted { nth } | Mark::Due { nth } => {
            *counted = *nth;
            if day.make_up {
                RunKind::MakeUp { first: *nth, last: *nth }
            } else {
                RunKind::Counted { first: *nth, last: *nth }
            }
        }
        Mark::Weekend => RunKind::Weekend,
        Mark::Holiday { name } => RunKind::Holiday { name: name.clone() },
        // A day after the last day is never asked about; a stopped clock is the only other reason not to count.
        Mark::Paused | Mark::Overdue { .. } => RunKind::Paused,
    }
}

/// Whether a day belongs to the run before it.
fn joins(run: &RunKind, day: &RunKind) -> bool {
    use RunKind as K;
    match (run, day) {
        (K::Counted { .. }, K::Counted { .. })
        | (K::MakeUp { .. }, K::MakeUp { .. })
        | (K::Weekend, K::Weekend)
        | (K::Paused, K::Paused) => true,
        (K::Holiday { name: run }, K::Holiday { name: day }) => run == day,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::calendar::tests::published;
    use crate::clock::{DayUnit, Entry, Ledger, Limit, due};

    fn said(entries: Vec<Entry>, limit: Limit) -> Vec<String> {
        let reading = due(&Ledger::new(entries).unwrap(), limit, &published(), date(2026, 1, 1));
        let say = |run: &Run| {
            let what = match &run.kind {
                RunKind::Start => "day 0".to_owned(),
                RunKind::Counted { first, last } => format!("{first} to {last}"),
                RunKind::MakeUp { first, last } => format!("{first} to {last} though a weekend"),
                RunKind::Weekend => "weekend".to_owned(),
                RunKind::Holiday { name } => name.clone(),
                RunKind::Paused => "paused".to_owned(),
                RunKind::RolledTo => "rolled".to_owned(),
            };
            format!("{} to {}: {what}", run.from.strftime("%m-%d"), run.to.strftime("%m-%d"))
        };
        runs(&reading).iter().map(say).collect()
    }

    #[test]
    fn the_national_day_is_told_as_one_run_and_its_make_up_day_as_another() {
        let five = Limit { days: 5, unit: DayUnit::Working };
        assert_eq!(
            said(vec![Entry::Started { on: date(2026, 9, 29) }], five),
            [
                "09-29 to 09-29: day 0",
                "09-30 to 09-30: 1 to 1",
                "10-01 to 10-07: 国庆节",
                "10-08 to 10-09: 2 to 3",
                "10-10 to 10-10: 4 to 4 though a weekend",
                "10-11 to 10-11: weekend",
                "10-12 to 10-12: 5 to 5",
            ]
        );
    }

    #[test]
    fn a_natural_limit_that_rolls_off_a_holiday_says_where_its_days_were_used_up() {
        let six = Limit { days: 6, unit: DayUnit::Natural };
        assert_eq!(
            said(vec![Entry::Started { on: date(2026, 9, 25) }], six),
            ["09-25 to 09-25: day 0", "09-26 to 10-01: 1 to 6", "10-02 to 10-07: 国庆节", "10-08 to 10-08: rolled"]
        );
    }

    proptest! {
        #[test]
        fn the_runs_cover_every_day_to_the_last_once(offset in 0i32..900, days in 0u32..40, natural in prop::bool::ANY) {
            let start = date(2024, 1, 1).checked_add(jiff::Span::new().days(offset)).unwrap();
            let unit = if natural { DayUnit::Natural } else { DayUnit::Working };
            let ledger = Ledger::new([Entry::Started { on: start }]).unwrap();
            let reading = due(&ledger, Limit { days, unit }, &published(), start);
            let runs = runs(&reading);
            prop_assert_eq!(runs.first().unwrap().from, start);
            prop_assert_eq!(runs.last().unwrap().to, reading.due.unwrap().on);
            for pair in runs.windows(2) {
                prop_assert_eq!(pair[0].to.tomorrow().unwrap(), pair[1].from);
            }
            let counted = |run: &Run| match run.kind {
                RunKind::Counted { first, last } | RunKind::MakeUp { first, last } => last - first + 1,
                _ => 0,
            };
            let sum: u32 = runs.iter().map(counted).sum();
            prop_assert_eq!(sum, days);
        }
    }
}
