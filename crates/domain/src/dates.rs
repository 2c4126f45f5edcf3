//! Dates as people type them and as pages show them.
//!
//! The few words here (年, 月, 日, 周一) are calendar notation, not prose; sentences never live in this file. Never
//! guesses: what could be two dates is not a date.

use jiff::civil::{Date, Weekday};

use crate::problem::Problem;

/// Reads a date typed by a person: `2026-3-6`, `2026 3 6`, `2026年3月6日`, `20260306`, `2026/3/6`, `2026.3.6`, with
/// full-width digits and marks too. The year comes first and has four digits.
///
/// # Errors
/// `date.unreadable` if it is not such a date, `date.year` outside 1900–2199, `date.month` for a month that does not
/// exist, `date.impossible` for a day the month does not have (`year`, `month`, `days` say how many it has).
pub fn parse_date(typed: &str) -> Result<Date, Problem> {
    let plain: String = typed.chars().map(half_width).collect();
    let (year, month, day) = parts(plain.trim()).ok_or(Problem::new("date.unreadable"))?;
    if !(1900..=2199).contains(&year) {
        return Err(Problem::new("date.year").with("year", year.to_string()));
    }
    let Ok(first) = Date::new(year, month, 1) else {
        return Err(Problem::new("date.month").with("month", month.to_string()));
    };
    Date::new(year, month, day).map_err(|_| {
        Problem::new("date.impossible")
            .with("year", year.to_string())
            .with("month", month.to_string())
            .with("days", first.days_in_month().to_string())
    })
}

/// `2026 年 3 月 16 日（周一）`, for text.
#[must_use]
pub fn chinese(date: Date) -> String {
    format!("{} 年 {}", date.year(), chinese_short(date))
}

/// `3 月 16 日（周一）`, where the year is plain.
#[must_use]
pub fn chinese_short(date: Date) -> String {
    format!("{} 月 {} 日（{}）", date.month(), date.day(), weekday_short(date))
}

/// `周一`.
#[must_use]
pub fn weekday_short(date: Date) -> &'static str {
    match date.weekday() {
        Weekday::Monday => "周一",
        Weekday::Tuesday => "周二",
        Weekday::Wednesday => "周三",
        Weekday::Thursday => "周四",
        Weekday::Friday => "周五",
        Weekday::Saturday => "周六",
        Weekday::Sunday => "周日",
    }
}

/// `16 March 2026`.
#[must_use]
pub fn english(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}

/// An input method gives full-width digits and marks, and 。 for the full stop key.
fn half_width(c: char) -> char {
    match c {
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
        '－' | '—' | '–' | '‐' | '−' => '-',
        '／' => '/',
        '．' | '。' | '、' => '.',
        '\u{3000}' | '\u{a0}' => ' ',
        _ => c,
    }
}

fn parts(text: &str) -> Option<(i16, i8, i8)> {
    let (year, rest) = digits(text, 4)?;
    if year.len() != 4 {
        return None;
    }
    let (month, day) = if rest.len() == 4 && rest.bytes().all(|b| b.is_ascii_digit()) {
        rest.split_at(2)
    } else {
        let (month, rest) = digits(after_separator(rest, '年')?, 2)?;
        let (day, rest) = digits(after_separator(rest, '月')?, 2)?;
        if !matches!(rest.trim_start(), "" | "日" | "号") {
            return None;
        }
        (month, day)
    };
    Some((year.parse().ok()?, month.parse().ok()?, day.parse().ok()?))
}

/// Splits off one to `most` leading digits.
fn digits(text: &str, most: usize) -> Option<(&str, &str)> {
    let length = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    (length > 0).then(|| text.split_at(length))
}

/// What follows one separator: the word, a mark or spaces.
fn after_separator(text: &str, word: char) -> Option<&str> {
    let rest = text.trim_start();
    match rest.strip_prefix([word, '-', '/', '.']) {
        Some(rest) => Some(rest.trim_start()),
        None => (rest.len() < text.len()).then_some(rest),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_usual_way_to_type_a_date_is_read() {
        for typed in [
            "2026-03-06",
            "2026-3-6",
            "2026 3 6",
            "2026年3月6日",
            "2026 年 3 月 6 日",
            "2026年3月6号",
            "2026年3月6",
            "20260306",
            "2026/3/6",
            "2026.3.6",
            " 2026-03-06 ",
            "２０２６－０３－０６",
            "２０２６年３月６日",
            "2026。3。6",
            "２０２６０３０６",
            "2026\u{3000}3\u{3000}6",
            "2026 - 3 - 6",
            "2026—3—6",
        ] {
            assert_eq!(parse_date(typed), Ok(date(2026, 3, 6)), "{typed}");
        }
    }

    #[test]
    fn what_is_not_a_date_with_the_year_first_is_not_guessed() {
        for typed in [
            "",
            " ",
            "6/3/2026",
            "06-03-2026",
            "26-3-6",
            "2026-3",
            "202636",
            "2026036",
            "202603061",
            "2026--3-6",
            "2026月3年6日",
            "2026-3-6T10:00",
            "昨天",
            "2026-03-006",
            "2026-003-06",
            "2026年3月6日下午",
            "+2026-3-6",
            "２０26-3",
            "2026-3-6-",
            "٢٠٢٦-٣-٦",
        ] {
            assert_eq!(parse_date(typed), Err(Problem::new("date.unreadable")), "{typed}");
        }
    }

    #[test]
    fn a_day_the_month_does_not_have_is_told_how_many_it_has() {
        let problem =
            |days: &str| Problem::new("date.impossible").with("year", "2026").with("month", "2").with("days", days);
        assert_eq!(parse_date("2026-02-30"), Err(problem("28")));
        assert_eq!(parse_date("2026-02-00"), Err(problem("28")));
        assert_eq!(parse_date("2024-02-29"), Ok(date(2024, 2, 29)));
    }

    #[test]
    fn months_and_years_out_of_range_are_named() {
        assert_eq!(parse_date("2026-13-01"), Err(Problem::new("date.month").with("month", "13")));
        assert_eq!(parse_date("2026-0-01"), Err(Problem::new("date.month").with("month", "0")));
        assert_eq!(parse_date("1899-12-31"), Err(Problem::new("date.year").with("year", "1899")));
        assert_eq!(parse_date("2200-1-1"), Err(Problem::new("date.year").with("year", "2200")));
    }

    #[test]
    fn dates_are_shown_with_their_weekday() {
        let day = date(2026, 3, 16);
        assert_eq!(chinese(day), "2026 年 3 月 16 日（周一）");
        assert_eq!(chinese_short(day), "3 月 16 日（周一）");
        assert_eq!(weekday_short(date(2026, 3, 15)), "周日");
        assert_eq!(english(day), "16 March 2026");
        assert_eq!(english(date(2026, 5, 1)), "1 May 2026");
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_typed_back(year in 1900i16..=2199, month in 1i8..=12, day in 1i8..=28) {
            let date = date(year, month, day);
            let long = chinese(date);
            prop_assert_eq!(parse_date(long.split('（').next().unwrap()), Ok(date));
            prop_assert_eq!(parse_date(&date.to_string()), Ok(date));
        }

        #[test]
        fn nothing_that_can_be_typed_is_a_fault(typed in "\\PC{0,16}", near in "[0-9０-９年月日 /.-]{0,12}") {
            let _ = parse_date(&typed);
            let _ = parse_date(&near);
        }
    }
}
