//! The published vectors, and what holds for every clock.

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
    (0u32..40, prop::bool::ANY).prop_map(|(days, is_working)| if is_working { working(days) } else { natural(days) })
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
        prop_assert_eq!(i64::from(reading.used) + reading.left, i64::from(days + ledger.extended_days()));
    }
}
