//! Why a last day is that day, in words: one sentence for the rule, one line for every run of days.

use banjie_app::usecase::window::Window;
use banjie_domain::calendar::Calendar;
use banjie_domain::case::CaseClock;
use banjie_domain::clock::{self, DayUnit, Ledger, Limit, Reading, Run, RunKind, runs};
use jiff::civil::Date;

use crate::parts::Why;
use crate::shell::Shell;

/// A limit that was read, whatever it is about.
pub(super) struct Counted<'a> {
    /// Key of what is counted, under `why.what`.
    pub what: &'a str,
    /// The limit, extensions left out.
    pub limit: Limit,
    /// What it reads.
    pub reading: &'a Reading,
    /// How much more was given.
    pub extended: u32,
    /// The day that was told, where it stands although the calendar says another.
    pub told: Option<Date>,
}

/// Why the last day of a clock of a case is that day.
pub(super) fn of_clock(shell: &Shell, calendar: &Calendar, clock: &CaseClock) -> Why {
    let CaseClock { key, limit, extended, reading, told, .. } = clock;
    of(shell, calendar, &Counted { what: key.key(), limit: *limit, reading, extended: *extended, told: *told })
}

/// Why the last day of a limit is that day.
pub(super) fn of(shell: &Shell, calendar: &Calendar, counted: &Counted<'_>) -> Why {
    let reading = counted.reading;
    let last = reading.due.unwrap_or(reading.due_if_resumed);
    let runs = runs(reading);
    let mut lines = vec![opening(shell, counted, &runs)];
    if counted.extended > 0 {
        lines.push(shell.fill("why.extended", &[("days", &counted.extended.to_string())]));
    }
    lines.extend(runs.iter().map(|run| line(shell, run)));
    if reading.due.is_none() {
        lines.push(shell.fill("why.if-resumed", &[("day", &shell.tongue.date(last.on))]));
    }
    if let Some(told) = counted.told {
        lines.push(shell.fill("why.told", &[("day", &shell.tongue.date(told))]));
    }
    if last.provisional {
        let unknown = (runs.first().map_or(last.on, |run| run.from).year()..=last.on.year())
            .find(|year| !calendar.covers(*year))
            .unwrap_or_else(|| last.on.year());
        // A year before those that are known will not be published any more.
        let key = if calendar.covers(unknown.saturating_add(1)) { "why.no-calendar" } else { "why.provisional" };
        lines.push(shell.fill(key, &[("year", &unknown.to_string())]));
    }
    lines.extend(bases(shell, calendar, &runs));
    let shown = counted.told.unwrap_or(last.on);
    let about = shell.t(&format!("why.about.{}", counted.what));
    Why { title: shell.fill("why.title", &[("about", about), ("day", &shell.tongue.day(shown))]), lines }
}

/// Why a case would be accepted by one day at the latest, and decided by another if it is accepted on that day. Each is
/// day 0 and the working days after it.
pub(super) fn of_both(shell: &Shell, calendar: &Calendar, accept: (Date, u32), decide: (Date, u32)) -> [Why; 2] {
    let working = |days| Limit { days, unit: DayUnit::Working };
    [("accept", accept), ("promise", decide)]
        .map(|(what, (from, days))| of_limit(shell, calendar, what, (from, working(days))))
}

/// Why the days to file end when they do.
pub(super) fn of_window(shell: &Shell, calendar: &Calendar, window: &Window) -> Why {
    of_limit(shell, calendar, window.key, (window.from, window.limit))
}

/// Why a limit that only runs ends when it does.
fn of_limit(shell: &Shell, calendar: &Calendar, what: &str, (from, limit): (Date, Limit)) -> Why {
    let reading = clock::due(&Ledger::started(from), limit, calendar, from);
    of(shell, calendar, &Counted { what, limit, reading: &reading, extended: 0, told: None })
}

fn opening(shell: &Shell, counted: &Counted<'_>, runs: &[Run]) -> String {
    let start = runs.first().map_or_else(String::new, |run| shell.tongue.date(run.from));
    let unit = match counted.limit.unit {
        DayUnit::Working => "why.working",
        DayUnit::Natural => "why.natural",
    };
    let what = shell.t(&format!("why.what.{}", counted.what));
    shell.fill(unit, &[("what", what), ("days", &counted.limit.days.to_string()), ("start", &start)])
}

fn line(shell: &Shell, run: &Run) -> String {
    let days = if run.from == run.to {
        shell.tongue.day(run.from)
    } else {
        shell.fill("why.span", &[("from", &shell.tongue.day(run.from)), ("to", &shell.tongue.day(run.to))])
    };
    let counted = |key: &str, first: u32, last: u32| {
        let (nth, to) = (first.to_string(), last.to_string());
        if first == last {
            shell.fill(&format!("why.run.{key}"), &[("nth", &nth)])
        } else {
            shell.fill(&format!("why.run.{key}-many"), &[("first", &nth), ("last", &to)])
        }
    };
    let what = match &run.kind {
        RunKind::Start => shell.t("why.run.start").to_owned(),
        RunKind::Counted { first, last } => counted("counted", *first, *last),
        RunKind::MakeUp { first, last } => counted("make-up", *first, *last),
        RunKind::Weekend => shell.t("why.run.weekend").to_owned(),
        RunKind::Holiday { name } => shell.fill("why.run.holiday", &[("name", name)]),
        RunKind::Paused => shell.t("why.run.paused").to_owned(),
        RunKind::RolledTo => shell.t("why.run.rolled-to").to_owned(),
    };
    shell.fill("why.line", &[("days", &days), ("what", &what)])
}

/// The notices that set the rule of the week aside in these days.
fn bases(shell: &Shell, calendar: &Calendar, runs: &[Run]) -> Vec<String> {
    let special = runs.iter().filter(|run| matches!(run.kind, RunKind::Holiday { .. } | RunKind::MakeUp { .. }));
    let mut years: Vec<i16> = special.map(|run| run.from.year()).collect();
    years.dedup();
    years
        .into_iter()
        .filter_map(|year| calendar.basis(year))
        .map(|basis| shell.fill("why.basis", &[("basis", basis)]))
        .collect()
}
