//! One year of the calendar as a file: the holidays and make-up work days of one notice of the State Council.
//!
//! Reads and checks; never repairs. What is wrong is reported with file, line and text, all of it at once, so that the
//! person who types in the next notice mends the file in one go.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use toml_span::value::Table;
use toml_span::{Span, Value};

use super::{Special, days_after, is_weekend};
use crate::problem::Problem;

/// What is wrong in a calendar file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarError {
    /// The path of the file, as it was handed in.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// That line as written.
    pub text: String,
    /// What is wrong; its text in the locales says how to mend it.
    pub problem: Problem,
}

impl CalendarError {
    pub(super) fn new(file: &str, content: &str, line: usize, problem: Problem) -> Self {
        let text = content.lines().nth(line.saturating_sub(1)).unwrap_or_default().trim().to_owned();
        Self { file: file.to_owned(), line, text, problem }
    }
}

impl fmt::Display for CalendarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {} in `{}`", self.file, self.line, self.problem, self.text)
    }
}

impl std::error::Error for CalendarError {}

/// A year that was read without a complaint.
pub(super) struct YearFile {
    pub(super) year: i16,
    pub(super) year_line: usize,
    pub(super) basis: String,
    pub(super) days: BTreeMap<Date, Special>,
}

/// Reads the file of one year.
///
/// A day of a neighbouring year belongs into that year's file, even when the notice of this year names it
/// (2018-12-29 was worked for the New Year of 2019): a year is complete in one place.
pub(super) fn read(path: &str, content: &str) -> Result<YearFile, Vec<CalendarError>> {
    let mut reader = Reader { path, content, year: 0, days: BTreeMap::new(), errors: Vec::new() };
    let read = match toml_span::parse(content) {
        Ok(root) => root.as_table().and_then(|table| reader.read(table)),
        Err(error) => {
            reader.refuse(error.span, Problem::new("calendar.syntax").with("detail", error.to_string()));
            None
        }
    };
    match read {
        Some((basis, year_line)) if reader.errors.is_empty() => {
            let days = reader.days.into_iter().map(|(day, (special, _))| (day, special)).collect();
            Ok(YearFile { year: reader.year, year_line, basis, days })
        }
        _ => Err(reader.errors),
    }
}

struct Reader<'a> {
    path: &'a str,
    content: &'a str,
    year: i16,
    /// The days so far, each with the line that set it.
    days: BTreeMap<Date, (Special, usize)>,
    errors: Vec<CalendarError>,
}

impl Reader<'_> {
    /// The basis of the year and the line of the year; the days go into `self.days`.
    fn read(&mut self, root: &Table<'_>) -> Option<(String, usize)> {
        let start = Span::new(0, 0);
        self.only(root, &["year", "basis", "off", "work"]);
        let basis = self.string(root, start, "basis").map(str::to_owned);
        let (year, year_at) = self.year(root)?;
        self.year = year;
        for entry in entries(root, "off") {
            self.off(entry);
        }
        for entry in entries(root, "work") {
            self.work(entry);
        }
        Some((basis?, self.line(year_at)))
    }

    fn year(&mut self, root: &Table<'_>) -> Option<(i16, Span)> {
        let Some(value) = root.get("year") else {
            self.refuse(Span::new(0, 0), Problem::new("calendar.key-missing").with("key", "year"));
            return None;
        };
        let year = value.as_integer().and_then(|year| i16::try_from(year).ok()).filter(|y| (1900..=2199).contains(y));
        if year.is_none() {
            self.refuse(value.span, Problem::new("calendar.year"));
        }
        Some((year?, value.span))
    }

    fn off(&mut self, entry: &Value<'_>) {
        let Some(table) = self.table(entry, "off") else { return };
        self.only(table, &["name", "from", "to"]);
        let name = self.string(table, entry.span, "name");
        let from = self.date(table, entry.span, "from");
        let to = self.date(table, entry.span, "to");
        let (Some(name), Some((from, from_at)), Some((to, to_at))) = (name, from, to) else {
            return;
        };
        if to < from {
            self.refuse(to_at, Problem::new("calendar.range-backwards"));
            return;
        }
        let special = Special::Off { name: name.to_owned() };
        for day in std::iter::once(from).chain(days_after(from, to)) {
            if !self.set(day, from_at, special.clone()) {
                return;
            }
        }
    }

    fn work(&mut self, entry: &Value<'_>) {
        let Some(table) = self.table(entry, "work") else { return };
        self.only(table, &["on", "for"]);
        let for_holiday = self.string(table, entry.span, "for");
        let on = self.date(table, entry.span, "on");
        let (Some(for_holiday), Some((day, at))) = (for_holiday, on) else {
            return;
        };
        if !is_weekend(day) {
            self.refuse(at, Problem::new("calendar.work-day-in-the-week").with("date", day.to_string()));
            return;
        }
        self.set(day, at, Special::Work { for_holiday: for_holiday.to_owned() });
    }

    /// Sets one day, unless it is in another year or set already.
    fn set(&mut self, day: Date, at: Span, special: Special) -> bool {
        let problem = if day.year() != self.year {
            Problem::new("calendar.other-year").with("year", self.year.to_string())
        } else if let Some((_, line)) = self.days.get(&day) {
            Problem::new("calendar.day-twice").with("line", line.to_string())
        } else {
            let line = self.line(at);
            self.days.insert(day, (special, line));
            return true;
        };
        self.refuse(at, problem.with("date", day.to_string()));
        false
    }

    fn table<'v, 'de>(&mut self, entry: &'v Value<'de>, key: &'static str) -> Option<&'v Table<'de>> {
        let table = entry.as_table();
        if table.is_none() {
            self.refuse(entry.span, Problem::new("calendar.not-a-table").with("key", key));
        }
        table
    }

    /// A misspelt key would silently drop a holiday.
    fn only(&mut self, table: &Table<'_>, known: &[&str]) {
        for key in table.keys().filter(|key| !known.contains(&key.name.as_ref())) {
            let problem = Problem::new("calendar.key-unknown").with("key", key.name.as_ref());
            self.refuse(key.span, problem.with("known", known.join(" ")));
        }
    }

    /// A text that is there and not blank: every day off has a name, every year a basis.
    fn string<'v>(&mut self, table: &'v Table<'_>, owner: Span, key: &'static str) -> Option<&'v str> {
        let Some(value) = table.get(key) else {
            self.refuse(owner, Problem::new("calendar.key-missing").with("key", key));
            return None;
        };
        let text = value.as_str().map(str::trim).filter(|text| !text.is_empty());
        if text.is_none() {
            self.refuse(value.span, Problem::new("calendar.text-missing").with("key", key));
        }
        text
    }

    fn date(&mut self, table: &Table<'_>, owner: Span, key: &'static str) -> Option<(Date, Span)> {
        let text = self.string(table, owner, key)?;
        let at = table.get(key).map_or(owner, |value| value.span);
        // Exactly as it would be printed: `Date` would also read a date with a time behind it.
        let date = text.parse::<Date>().ok().filter(|date| date.to_string() == text);
        if date.is_none() {
            self.refuse(at, Problem::new("calendar.date").with("date", text));
        }
        Some((date?, at))
    }

    fn refuse(&mut self, at: Span, problem: Problem) {
        let line = self.line(at);
        self.errors.push(CalendarError::new(self.path, self.content, line, problem));
    }

    fn line(&self, at: Span) -> usize {
        1 + self.content.get(..at.start).unwrap_or(self.content).matches('\n').count()
    }
}

/// The `[[key]]` tables; `[key]` written with one bracket is a list of one.
fn entries<'v, 'de>(root: &'v Table<'de>, key: &str) -> &'v [Value<'de>] {
    root.get(key).map_or(&[], |value| value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice))
}

#[cfg(test)]
mod tests {
    use super::super::Calendar;

    const GOOD: &str = r#"year = 2026
basis = "通知"

[[off]]
name = "国庆节"
from = "2026-10-01"
to = "2026-10-07"

[[work]]
on = "2026-10-10"
for = "国庆节"
"#;

    /// What reading the good file with one replacement complains about: `line code`.
    fn complaints(was: &str, is: &str) -> Vec<String> {
        assert!(GOOD.contains(was), "`{was}` is not in the file");
        let file = ("2026.toml".to_owned(), GOOD.replacen(was, is, 1));
        let errors = Calendar::parse(&[file]).err().unwrap_or_default();
        errors.iter().map(|error| format!("{} {}", error.line, error.problem)).collect()
    }

    #[test]
    fn a_complete_file_is_read() {
        assert!(complaints("year", "year").is_empty());
        assert!(complaints("[[off]]", "[off]").is_empty());
    }

    #[test]
    fn every_mistake_is_named_with_its_line() {
        for (was, is, complaint) in [
            ("year = 2026", "year = ", "1 calendar.syntax"),
            ("\"国庆节\"\nfrom", "国庆节\nfrom", "5 calendar.syntax"),
            ("year = 2026", "years = 2026", "1 calendar.key-unknown"),
            ("year = 2026", "year = 26", "1 calendar.year"),
            ("basis = \"通知\"", "", "1 calendar.key-missing"),
            ("name = \"国庆节\"", "", "4 calendar.key-missing"),
            ("name = \"国庆节\"", "name = \" \"", "5 calendar.text-missing"),
            ("from = \"2026-10-01\"", "from = 20261001", "6 calendar.text-missing"),
            ("2026-10-07", "2026-10-32", "7 calendar.date"),
            ("2026-10-07", "2026-10-07T08:00", "7 calendar.date"),
            ("2026-10-07", "2026-09-30", "7 calendar.range-backwards"),
            ("2026-10-07", "2027-10-07", "6 calendar.other-year"),
            ("2026-10-10", "2025-10-11", "10 calendar.other-year"),
            ("2026-10-10", "2026-10-03", "10 calendar.day-twice"),
            ("2026-10-10", "2026-10-09", "10 calendar.work-day-in-the-week"),
        ] {
            let found = complaints(was, is);
            assert_eq!(found.first().map_or("", String::as_str), complaint, "{was} -> {is}: {found:?}");
        }
    }

    #[test]
    fn a_bare_list_of_days_is_refused() {
        let file = ("a".to_owned(), "year = 2026\nbasis = \"b\"\nwork = [\"2026-10-10\"]\n".to_owned());
        let errors = Calendar::parse(&[file]).unwrap_err();
        assert_eq!(errors[0].to_string(), "a:3: calendar.not-a-table in `work = [\"2026-10-10\"]`");
    }

    #[test]
    fn all_mistakes_of_all_files_are_reported_at_once() {
        let files = [("a", GOOD.replace("10-07", "10-32").replace("通知", "")), ("b", GOOD.replace("for", "four"))];
        let errors = Calendar::parse(&files.map(|(path, text)| (path.to_owned(), text))).unwrap_err();
        let found: Vec<String> = errors.iter().map(|e| format!("{}:{} {}", e.file, e.line, e.problem)).collect();
        assert_eq!(
            found,
            ["a:2 calendar.text-missing", "a:7 calendar.date", "b:11 calendar.key-unknown", "b:9 calendar.key-missing"]
        );
    }

    #[test]
    fn a_year_in_two_files_is_refused_and_both_are_named() {
        let files = ["a.toml", "b.toml"].map(|path| (path.to_owned(), GOOD.to_owned()));
        let errors = Calendar::parse(&files).unwrap_err();
        assert_eq!(errors[0].to_string(), "b.toml:1: calendar.year-twice in `year = 2026`");
        assert_eq!(errors[0].problem.args, [("year", "2026".into()), ("first", "a.toml".into())]);
    }
}
