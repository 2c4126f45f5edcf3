//! One legal clock: when it started, when it was paused, how far it was extended, and when it therefore ends.
//!
//! A case has several clocks (legal limit, promise, each stage); every one is read from its own ledger. Also says which
//! legal day an instant belongs to. Never reads the time: the day it is asked about is an argument.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

use crate::calendar::{Calendar, DayKind, days_after};
pub use crate::calendar::{DayUnit, Due, Limit};

/// Why a clock stands still: the key of a reason in the rules, such as `supplement`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PauseReason(pub String);

/// One thing that happened to a clock. Days are legal days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// It began; that day is day 0.
    Started {
        /// Day 0.
        on: Date,
    },
    /// It was stopped; that day still counts as used.
    Paused {
        /// The last day that counts.
        on: Date,
        /// Why.
        reason: PauseReason,
    },
    /// It goes on; that day does not count yet.
    Resumed {
        /// The last day that does not count.
        on: Date,
    },
    /// It was given more time (行政许可法 第四十二条).
    Extended {
        /// When that was decided.
        on: Date,
        /// How many days more, in the unit of the limit.
        days: u32,
        /// The key of the reason in the rules.
        reason: String,
    },
}

impl Entry {
    /// The day it happened.
    #[must_use]
    pub const fn on(&self) -> Date {
        match self {
            Self::Started { on } | Self::Paused { on, .. } | Self::Resumed { on } | Self::Extended { on, .. } => *on,
        }
    }
}

/// A time in which a clock stood still.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// The day it was stopped; still used.
    pub from: Date,
    /// The day it went on, not counted; none while it stands still.
    pub until: Option<Date>,
    /// Why.
    pub reason: PauseReason,
}

impl Pause {
    /// Whether that day is left out of the count.
    fn leaves_out(&self, day: Date) -> bool {
        day > self.from && self.until.is_none_or(|until| day <= until)
    }
}

/// What happened to one clock, checked to make sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    started_on: Date,
    pauses: Vec<Pause>,
    extended_days: u32,
}

/// Why entries do not make a ledger. That is a fault in our records, never something a person did wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerProblem {
    /// Nothing ever started it.
    NeverStarted,
    /// Something happened before it started.
    BeforeStart {
        /// When.
        on: Date,
    },
    /// It was started while it ran.
    StartedTwice {
        /// The second time.
        on: Date,
    },
    /// It was stopped while it stood still.
    PausedWhilePaused {
        /// The second time.
        on: Date,
    },
    /// It was told to go on while it ran.
    ResumedWhileRunning {
        /// When.
        on: Date,
    },
}

impl fmt::Display for LedgerProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeverStarted => f.write_str("the clock was never started"),
            Self::BeforeStart { on } => write!(f, "an entry on `{on}` comes before the start of the clock"),
            Self::StartedTwice { on } => write!(f, "the clock was started again on `{on}`"),
            Self::PausedWhilePaused { on } => write!(f, "the clock was paused on `{on}` while it was paused"),
            Self::ResumedWhileRunning { on } => write!(f, "the clock was resumed on `{on}` while it ran"),
        }
    }
}

impl std::error::Error for LedgerProblem {}

impl Ledger {
    /// Checks the entries. They are put in order of their days first; entries of one day keep their order, because
    /// being paused and resumed on one day is not the same as being resumed and paused.
    ///
    /// # Errors
    /// The first entry that cannot follow those before it.
    pub fn new(entries: impl IntoIterator<Item = Entry>) -> Result<Self, LedgerProblem> {
        let mut entries: Vec<Entry> = entries.into_iter().collect();
        entries.sort_by_key(Entry::on);
        let mut entries = entries.into_iter();
        let mut ledger = match entries.next() {
            None => return Err(LedgerProblem::NeverStarted),
            Some(Entry::Started { on }) => Self { started_on: on, pauses: Vec::new(), extended_days: 0 },
            Some(other) => return Err(LedgerProblem::BeforeStart { on: other.on() }),
        };
        for entry in entries {
            ledger.add(entry)?;
        }
        Ok(ledger)
    }

    fn add(&mut self, entry: Entry) -> Result<(), LedgerProblem> {
        let open = self.pauses.last_mut().filter(|pause| pause.until.is_none());
        match (entry, open) {
            (Entry::Started { on }, _) => return Err(LedgerProblem::StartedTwice { on }),
            (Entry::Paused { on, .. }, Some(_)) => return Err(LedgerProblem::PausedWhilePaused { on }),
            (Entry::Paused { on, reason }, None) => self.pauses.push(Pause { from: on, until: None, reason }),
            (Entry::Resumed { on }, Some(pause)) => pause.until = Some(on),
            (Entry::Resumed { on }, None) => return Err(LedgerProblem::ResumedWhileRunning { on }),
            (Entry::Extended { days, .. }, _) => self.extended_days = self.extended_days.saturating_add(days),
        }
        Ok(())
    }

    /// Day 0.
    #[must_use]
    pub const fn started_on(&self) -> Date {
        self.started_on
    }

    /// All pauses, in order; only the last can be open.
    #[must_use]
    pub fn pauses(&self) -> &[Pause] {
        &self.pauses
    }

    /// Whether that day is left out of the count.
    fn leaves_out(&self, day: Date) -> bool {
        self.pauses.iter().any(|pause| pause.leaves_out(day))
    }

    /// The open pause, if there is one.
    fn open_pause(&self) -> Option<&Pause> {
        self.pauses.last().filter(|pause| pause.until.is_none())
    }

    /// The same clock as if it went on that day.
    fn resumed_on(&self, day: Date) -> Self {
        let mut resumed = self.clone();
        if let Some(pause) = resumed.pauses.last_mut().filter(|pause| pause.until.is_none()) {
            pause.until = Some(day.max(pause.from));
        }
        resumed
    }

    fn state(&self, due: Option<Due>, as_of: Date) -> ClockState {
        if as_of < self.started_on {
            return ClockState::NotStarted;
        }
        let current = self.pauses.iter().find(|p| p.from <= as_of && p.until.is_none_or(|until| as_of < until));
        match current {
            Some(pause) => ClockState::Paused { since: pause.from, reason: pause.reason.clone() },
            None if due.is_some_and(|due| as_of > due.on) => ClockState::Overdue,
            None => ClockState::Running,
        }
    }
}

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
    let limit = Limit { days: limit.days.saturating_add(ledger.extended_days), unit: limit.unit };
    let resumed = ledger.resumed_on(as_of);
    let due_if_resumed = calendar.deadline(resumed.started_on, limit, |day| resumed.leaves_out(day));
    // A clock that ran out before it was stopped has its last day behind it, whenever it goes on.
    let still_open = ledger.open_pause().is_some_and(|pause| due_if_resumed.on > pause.from);
    let due = (!still_open).then_some(due_if_resumed);

    let used = count(resumed.started_on, as_of, |day| calendar.counts(day, limit.unit) && !resumed.leaves_out(day));
    let left = if as_of <= due_if_resumed.on {
        i64::from(limit.days.saturating_sub(used))
    } else {
        -i64::from(count(due_if_resumed.on, as_of, |day| calendar.is_working(day) && !resumed.leaves_out(day)))
    };
    let state = ledger.state(due, as_of);
    let days =
        Marker { ledger: &resumed, limit, calendar, due_on: due_if_resumed.on, counted: 0, overdue: 0 }.marks(as_of);
    Reading { due, due_if_resumed, used, left, state, days }
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
        let start = self.ledger.started_on;
        let last = self.due_on.max(as_of);
        std::iter::once(start).chain(days_after(start, last)).map(|day| self.day_mark(day)).collect()
    }

    fn day_mark(&mut self, on: Date) -> DayMark {
        let kind = self.calendar.day_kind(on);
        DayMark { on, mark: self.mark(on, kind), make_up: matches!(kind, DayKind::MakeUp { .. }) }
    }

    fn mark(&mut self, day: Date, kind: DayKind<'_>) -> Mark {
        if day == self.ledger.started_on {
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

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::{date, time};
    use proptest::prelude::*;

    use super::*;
    use crate::calendar::tests::published;

    const fn working(days: u32) -> Limit {
        Limit { days, unit: DayUnit::Working }
    }

    const fn natural(days: u32) -> Limit {
        Limit { days, unit: DayUnit::Natural }
    }

    fn started(on: Date) -> Entry {
        Entry::Started { on }
    }

    fn paused(on: Date) -> Entry {
        Entry::Paused { on, reason: PauseReason("supplement".to_owned()) }
    }

    fn resumed(on: Date) -> Entry {
        Entry::Resumed { on }
    }

    fn extended(on: Date, days: u32) -> Entry {
        Entry::Extended { on, days, reason: "complex".to_owned() }
    }

    fn ledger(entries: impl IntoIterator<Item = Entry>) -> Ledger {
        Ledger::new(entries).unwrap()
    }

    fn march(day: i8) -> Date {
        date(2026, 3, day)
    }

    /// The marks as a line, one sign a day: what the page draws.
    fn line(reading: &Reading) -> String {
        let sign = |day: &DayMark| match &day.mark {
            Mark::Start => "S".to_owned(),
            Mark::Counted { nth } => nth.to_string(),
            Mark::Weekend => "w".to_owned(),
            Mark::Holiday { .. } => "h".to_owned(),
            Mark::Paused => "p".to_owned(),
            Mark::Due { nth } => format!("D{nth}"),
            Mark::Overdue { by } => format!("!{by}"),
        };
        reading
            .days
            .iter()
            .map(|day| format!("{}{}", sign(day), if day.make_up { "+" } else { "" }))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn a_pause_moves_the_last_day_as_in_the_vector() {
        let calendar = published();
        let start = date(2026, 2, 11);
        let running = due(&ledger([started(start)]), working(5), &calendar, start);
        assert_eq!(running.due, Some(Due { on: date(2026, 2, 25), provisional: false }));

        let entries = [started(start), paused(date(2026, 2, 12)), resumed(date(2026, 2, 25))];
        let reading = due(&ledger(entries), working(5), &calendar, date(2026, 2, 25));
        assert_eq!(reading.due.unwrap().on, date(2026, 3, 2));
        assert_eq!((reading.used, reading.left, reading.state.clone()), (1, 4, ClockState::Running));
        assert_eq!(line(&reading), "S 1 p p+ h h h h h h h h h p p 2 3 4+ w D5");
    }

    #[test]
    fn a_paused_clock_shows_what_is_used_and_the_last_day_if_it_went_on_today() {
        let calendar = published();
        let ledger = ledger([started(march(11)), paused(march(13))]);
        let promise = due(&ledger, working(3), &calendar, march(16));
        assert_eq!(promise.due, None);
        assert_eq!((promise.used, promise.left, promise.due_if_resumed.on), (2, 1, march(17)));
        let since = PauseReason("supplement".to_owned());
        assert_eq!(promise.state, ClockState::Paused { since: march(13), reason: since });
        assert_eq!(line(&promise), "S 1 2 w w p D3");

        let legal = due(&ledger, working(5), &calendar, march(16));
        assert_eq!((legal.due, legal.due_if_resumed.on), (None, march(19)));
    }

    #[test]
    fn the_last_day_is_in_time_and_the_next_working_day_is_one_day_late() {
        let calendar = published();
        let ledger = ledger([started(march(9))]);
        let on = |day| due(&ledger, working(4), &calendar, march(day));
        assert_eq!((on(12).left, on(12).state), (1, ClockState::Running));
        assert_eq!((on(13).left, on(13).state), (0, ClockState::Running));
        assert_eq!((on(14).left, on(14).state), (0, ClockState::Overdue));
        assert_eq!((on(17).left, on(17).used), (-2, 6));
        assert_eq!(line(&on(17)), "S 1 2 3 D4 w w !1 !2");
    }

    #[test]
    fn a_clock_that_starts_tomorrow_already_has_a_last_day() {
        let reading = due(&ledger([started(march(16))]), working(2), &published(), march(13));
        assert_eq!((reading.state, reading.used, reading.left), (ClockState::NotStarted, 0, 2));
        assert_eq!(reading.due.unwrap().on, march(18));
    }

    #[test]
    fn a_clock_that_ran_out_before_the_pause_stays_overdue() {
        let calendar = published();
        let ledger = ledger([started(march(9)), paused(march(12))]);
        let reading = due(&ledger, working(2), &calendar, march(20));
        assert_eq!(reading.due, Some(Due { on: march(11), provisional: false }));
        assert_eq!((reading.used, reading.left), (3, -1));
        assert!(matches!(reading.state, ClockState::Paused { .. }));
        assert_eq!(line(&reading), "S 1 D2 !1 p w w p p p p p");
    }

    #[test]
    fn a_pause_on_the_day_the_limit_is_used_up_does_not_move_it() {
        let ledger = ledger([started(march(9)), paused(march(11))]);
        let reading = due(&ledger, working(2), &published(), march(20));
        assert_eq!((reading.due.unwrap().on, reading.left), (march(11), 0));
    }

    #[test]
    fn an_extension_adds_days_of_the_same_unit() {
        let entries = [started(march(9)), extended(march(10), 10)];
        let reading = due(&ledger(entries), working(20), &published(), march(9));
        assert_eq!(reading.due, Some(published().add_working_days(march(9), 30)));
    }

    #[test]
    fn natural_days_count_weekends_and_end_on_a_working_day() {
        let calendar = published();
        let reading = due(&ledger([started(date(2026, 9, 25))]), natural(6), &calendar, date(2026, 9, 30));
        assert_eq!((reading.due.unwrap().on, reading.left), (date(2026, 10, 8), 1));
        assert_eq!(line(&reading), "S 1 2 3 4 5 6 h h h h h h D6");

        let paused = ledger([started(march(2)), paused(march(3)), resumed(march(9))]);
        let reading = due(&paused, natural(5), &calendar, march(9));
        assert_eq!(reading.due.unwrap().on, march(13));
        assert_eq!(line(&reading), "S 1 p p p p p p 2 3 4 D5");
    }

    #[test]
    fn the_last_day_never_falls_into_a_pause() {
        let paused = ledger([started(march(2)), paused(march(8)), resumed(march(9))]);
        let reading = due(&paused, natural(5), &published(), march(9));
        assert_eq!(reading.due.unwrap().on, march(10));
        assert_eq!(line(&reading), "S 1 2 3 4 5 w p D5");
    }

    #[test]
    fn a_make_up_day_counts_and_says_so() {
        let reading = due(&ledger([started(date(2026, 10, 9))]), working(2), &published(), date(2026, 10, 9));
        assert_eq!(line(&reading), "S 1+ w D2");
    }

    #[test]
    fn a_last_day_in_an_unknown_year_is_provisional() {
        let reading = due(&ledger([started(date(2026, 12, 30))]), working(2), &published(), date(2026, 12, 30));
        assert_eq!(reading.due, Some(Due { on: date(2027, 1, 1), provisional: true }));
    }

    #[test]
    fn entries_that_cannot_follow_each_other_are_refused_by_name() {
        assert_eq!(Ledger::new([]), Err(LedgerProblem::NeverStarted));
        for (entries, problem) in [
            (vec![paused(march(2))], LedgerProblem::BeforeStart { on: march(2) }),
            (vec![started(march(3)), extended(march(2), 1)], LedgerProblem::BeforeStart { on: march(2) }),
            (vec![started(march(2)), started(march(3))], LedgerProblem::StartedTwice { on: march(3) }),
            (
                vec![started(march(2)), paused(march(3)), paused(march(4))],
                LedgerProblem::PausedWhilePaused { on: march(4) },
            ),
            (vec![started(march(2)), resumed(march(3))], LedgerProblem::ResumedWhileRunning { on: march(3) }),
            (
                vec![started(march(2)), paused(march(3)), resumed(march(4)), resumed(march(5))],
                LedgerProblem::ResumedWhileRunning { on: march(5) },
            ),
        ] {
            assert_eq!(Ledger::new(entries), Err(problem));
        }
    }

    #[test]
    fn filing_counts_on_the_next_open_day_after_the_cut_off() {
        let calendar = published();
        let received = |at: &str| received_day(at.parse().unwrap(), time(17, 30, 0, 0), &calendar);
        assert_eq!(received("2026-03-13T17:30:00+08:00"), march(13));
        assert_eq!(received("2026-03-13T17:30:01+08:00"), march(16));
        assert_eq!(received("2026-03-14T10:00:00+08:00"), march(16));
        assert_eq!(received("2026-02-14T10:00:00+08:00"), date(2026, 2, 14));
        assert_eq!(received("2026-02-14T18:00:00+08:00"), date(2026, 2, 24));
    }

    #[test]
    fn a_legal_day_is_a_day_in_shanghai() {
        let at = "2026-03-12T16:00:00Z".parse().unwrap();
        assert_eq!(legal_datetime(at), march(13).at(0, 0, 0, 0));
        assert_eq!(legal_date(at), march(13));
        let shanghai = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
        for year in 1992..2100 {
            let summer = date(year, 7, 1).at(12, 0, 0, 0).to_zoned(shanghai.clone()).unwrap();
            assert_eq!(legal_datetime(summer.timestamp()), summer.datetime());
        }
    }

    /// A clock with up to four closed pauses and an extension, every entry on a day of its own.
    fn a_ledger() -> impl Strategy<Value = Vec<Entry>> {
        (0i32..500, prop::collection::vec(1i32..9, 0..9), 0u32..10).prop_map(|(offset, gaps, more)| {
            let mut day = date(2024, 6, 1).checked_add(offset.days()).unwrap();
            let mut entries = vec![started(day)];
            for pair in gaps.chunks_exact(2) {
                day = day.checked_add(pair[0].days()).unwrap();
                entries.push(paused(day));
                day = day.checked_add(pair[1].days()).unwrap();
                entries.push(resumed(day));
            }
            entries.push(extended(day.tomorrow().unwrap(), more));
            entries
        })
    }

    fn a_limit() -> impl Strategy<Value = Limit> {
        (0u32..40, prop::bool::ANY)
            .prop_map(|(days, is_working)| if is_working { working(days) } else { natural(days) })
    }

    proptest! {
        #[test]
        fn a_pause_never_makes_a_date_earlier(entries in a_ledger(), limit in a_limit()) {
            let calendar = published();
            let plain = entries.iter().filter(|e| !matches!(e, Entry::Paused { .. } | Entry::Resumed { .. })).cloned();
            let day = entries[0].on();
            let with = due(&ledger(entries.clone()), limit, &calendar, day).due.unwrap();
            let without = due(&ledger(plain), limit, &calendar, day).due.unwrap();
            prop_assert!(with.on >= without.on);
        }

        #[test]
        fn resuming_later_is_never_due_earlier(entries in a_ledger(), limit in a_limit(), later in 0i32..20) {
            let calendar = published();
            let mut open = entries;
            open.pop();
            prop_assume!(matches!(open.pop(), Some(Entry::Resumed { .. })));
            let open = ledger(open);
            let first = open.pauses().last().unwrap().from;
            let read = |days: i32| due(&open, limit, &calendar, first.checked_add(days.days()).unwrap());
            prop_assert!(read(later + 1).due_if_resumed.on >= read(later).due_if_resumed.on);
            prop_assert_eq!(read(later + 1).used, read(later).used);
        }

        #[test]
        fn entries_of_different_days_may_come_in_any_order(
            (entries, shuffled) in a_ledger().prop_flat_map(|e| (Just(e.clone()), Just(e).prop_shuffle())),
        ) {
            prop_assert_eq!(Ledger::new(entries), Ledger::new(shuffled));
        }

        #[test]
        fn a_longer_limit_is_never_due_earlier(entries in a_ledger(), limit in a_limit()) {
            let calendar = published();
            let day = entries[0].on();
            let ledger = ledger(entries);
            let longer = Limit { days: limit.days + 1, ..limit };
            let on = |limit| due(&ledger, limit, &calendar, day).due.unwrap().on;
            prop_assert!(on(longer) >= on(limit));
        }

        #[test]
        fn the_marks_tell_the_same_as_the_numbers(entries in a_ledger(), days in 1u32..40, after in 0i32..60) {
            let calendar = published();
            let as_of = entries[0].on().checked_add(after.days()).unwrap();
            let ledger = ledger(entries);
            let reading = due(&ledger, working(days), &calendar, as_of);
            let used = reading.days.iter().filter(|day| day.on <= as_of);
            let used = used.filter(|d| matches!(d.mark, Mark::Counted { .. } | Mark::Due { .. } | Mark::Overdue { .. }));
            prop_assert_eq!(used.count(), reading.used as usize);
            let last = reading.days.iter().find(|day| matches!(day.mark, Mark::Due { .. })).unwrap();
            prop_assert_eq!(last.on, reading.due.unwrap().on);
            prop_assert_eq!(i64::from(reading.used) + reading.left, i64::from(days + ledger.extended_days));
        }
    }
}
