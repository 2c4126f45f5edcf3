//! Changing single values of a pack without rewriting it: numbers of days, and how to reach the office. Comments and
//! order stay as they are; what comes out is read again as a whole before it is used.

use std::collections::BTreeMap;

use jiff::civil::Date;
use toml_span::Span;
use toml_span::value::{Table, Value, ValueInner};

/// One value that can be changed by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// Its name among the spots of one text: `rule.3`, `office.0.phone`.
    pub name: String,
    /// The rule key, or `office.` and the field.
    pub key: String,
    /// The value as it stands; a number in digits.
    pub value: String,
    /// Whether it is a number.
    pub number: bool,
    /// For which cases, as the pack says it: field and words.
    pub when: BTreeMap<String, Vec<String>>,
}

/// A spot, and where it lies in the text.
struct Found {
    spot: Spot,
    at: Span,
    entry: Option<Entry>,
    /// First and last day in force, as far as the rule says them.
    days: (Date, Option<Date>),
}

/// The rule a number stands in.
struct Entry {
    from: Option<Span>,
}

/// The fields of an office that people read or dial.
const OFFICE: [&str; 4] = ["name", "address", "phone", "hours"];
const LANGUAGES: [&str; 2] = ["zh-CN", "en"];

/// The values of a pack that can be changed one by one from a day on: what is over by then, or begins later by itself,
/// is not among them. None when the text is no TOML.
#[must_use]
pub fn spots(pack: &str, on: Date) -> Vec<Spot> {
    found(pack, on).into_iter().map(|found| found.spot).collect()
}

/// The text with other values at some spots. A rule whose number changed begins on `on`.
#[must_use]
pub fn with_values(pack: &str, values: &BTreeMap<String, String>, on: Date) -> String {
    let mut pieces: Vec<(Span, String)> = Vec::new();
    // What stands at the top inherits from nobody: with a later beginning it would say nothing of the days before.
    let below =
        toml_span::parse(pack).is_ok_and(|toml| toml.as_table().is_some_and(|head| head.contains_key("parent")));
    for found in found(pack, on) {
        let Some(value) = values.get(&found.spot.name).filter(|value| **value != found.spot.value) else { continue };
        let written = if found.spot.number { value.clone() } else { quoted(value) };
        let day = format!("\"{on}\"");
        match found.entry {
            Some(Entry { from: Some(at) }) if below => pieces.extend([(found.at, written), (at, day)]),
            Some(Entry { from: None }) if below && ends_its_line(pack, found.at) => {
                pieces.push((found.at, format!("{written}\nfrom = {day}")));
            }
            _ => pieces.push((found.at, written)),
        }
    }
    replaced(pack, pieces)
}

/// The text with every rule that was changed for one day beginning on another: the day of a draft is moved, and with it
/// what was changed for that day. What the text it was made from says already stays; a pack of its own moves whole.
#[must_use]
pub fn with_day(pack: &str, base: &str, old: Date, new: Date) -> String {
    let day = format!("\"{old}\"");
    let starts = |pack: &str, found: &Found| {
        let at = found.entry.as_ref().and_then(|entry| entry.from)?;
        (pack.get(at.start..at.end) == Some(day.as_str())).then_some(at)
    };
    let before: Vec<_> =
        everything(base).into_iter().filter(|found| starts(base, found).is_some()).map(|found| found.spot).collect();
    let same = |spot: &Spot| {
        before.iter().any(|known| (&known.key, &known.value, &known.when) == (&spot.key, &spot.value, &spot.when))
    };
    let moved =
        everything(pack).into_iter().filter(|found| !same(&found.spot)).filter_map(|found| starts(pack, &found));
    let mut pieces: Vec<_> = moved.map(|at| (at, format!("\"{new}\""))).collect();
    pieces.extend(
        head_from(pack)
            .filter(|at| base.is_empty() && pack.get(at.start..at.end) == Some(day.as_str()))
            .map(|at| (at, format!("\"{new}\""))),
    );
    replaced(pack, pieces)
}

/// Where the head of a pack says its first day.
fn head_from(pack: &str) -> Option<Span> {
    let toml = toml_span::parse(pack).ok()?;
    Some(with_quotes(pack, toml.as_table()?.get("from")?.span))
}

fn replaced(pack: &str, mut pieces: Vec<(Span, String)>) -> String {
    pieces.sort_by_key(|(at, _)| std::cmp::Reverse(at.start));
    let mut text = pack.to_owned();
    for (at, written) in pieces {
        text.replace_range(at.start..at.end, &written);
    }
    text
}

fn ends_its_line(pack: &str, at: Span) -> bool {
    let rest = pack.get(at.end..).unwrap_or_default();
    let rest = rest.lines().next().unwrap_or_default().trim_start();
    rest.is_empty() || rest.starts_with('#')
}

/// A basic string of TOML.
fn quoted(value: &str) -> String {
    let mut out = String::from("\"");
    for character in value.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            _ if character.is_control() => out.push(' '),
            _ => out.push(character),
        }
    }
    out.push('"');
    out
}

fn found(pack: &str, on: Date) -> Vec<Found> {
    everything(pack)
        .into_iter()
        .filter(|found| found.days.0 <= on && found.days.1.is_none_or(|last| on <= last))
        .collect()
}

fn everything(pack: &str) -> Vec<Found> {
    let Ok(toml) = toml_span::parse(pack) else { return Vec::new() };
    let Some(head) = toml.as_table() else { return Vec::new() };
    let tables = |key: &str| {
        let list = head.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        list.iter().filter_map(Value::as_table).enumerate()
    };
    let rules = tables("rule").filter_map(|(index, rule)| number(pack, index, rule));
    let offices = tables("office").flat_map(|(index, office)| fields(pack, index, office));
    rules.chain(offices).collect()
}

fn number(pack: &str, index: usize, rule: &Table<'_>) -> Option<Found> {
    let value = rule.get("value")?;
    let number = value.as_integer()?;
    let spot = Spot {
        name: format!("rule.{index}"),
        key: rule.get("key")?.as_str()?.to_owned(),
        value: number.to_string(),
        number: true,
        when: rule.get("for").and_then(Value::as_table).map(words).unwrap_or_default(),
    };
    let day = |key: &str| rule.get(key).and_then(Value::as_str).and_then(|text| text.parse::<Date>().ok());
    let days = (day("from").unwrap_or(Date::MIN), day("until"));
    Some(Found {
        days,
        spot,
        at: value.span,
        entry: Some(Entry { from: rule.get("from").map(|day| with_quotes(pack, day.span)) }),
    })
}

fn words(when: &Table<'_>) -> BTreeMap<String, Vec<String>> {
    let list = |value: &Value<'_>| match value.as_ref() {
        ValueInner::Array(all) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => value.as_str().map(str::to_owned).into_iter().collect(),
    };
    when.iter().map(|(key, value)| (key.name.to_string(), list(value))).collect()
}

fn fields(pack: &str, index: usize, office: &Table<'_>) -> Vec<Found> {
    let mut all = Vec::new();
    for field in OFFICE {
        let Some(value) = office.get(field) else { continue };
        let plain = value.as_str().map(|text| (field.to_owned(), text, value.span));
        let table = value.as_table();
        let in_languages = LANGUAGES.iter().filter_map(|tag| {
            let value = table?.get(*tag)?;
            Some((format!("{field}.{tag}"), value.as_str()?, value.span))
        });
        all.extend(plain.into_iter().chain(in_languages).map(|(place, text, at)| Found {
            spot: Spot {
                name: format!("office.{index}.{place}"),
                key: format!("office.{place}"),
                value: text.to_owned(),
                number: false,
                when: BTreeMap::new(),
            },
            at: with_quotes(pack, at),
            entry: None,
            days: (Date::MIN, None),
        }));
    }
    all
}

/// The span of a text together with its quotes.
fn with_quotes(pack: &str, at: Span) -> Span {
    let bytes = pack.as_bytes();
    let quote = |index: usize| bytes.get(index).is_some_and(|byte| matches!(byte, b'"' | b'\''));
    if at.start > 0 && quote(at.start - 1) && quote(at.end) {
        return Span::new(at.start - 1, at.end + 1);
    }
    at
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const PACK: &str = r#"# A comment stays.
region = "330106"
parent = "330100"

[[rule]]
key = "limit.promise" # so does this
value = 3
for = { type = "employer", act = "end", applicant = ["person", "employer"] }

[[rule]]
key = "stages"
value = "intake"

[[rule]]
key = "limit.first"
value = 2 # and this
from = "2025-01-01"

[[office]]
name = { "zh-CN" = "窗口", en = "Counter" }
phone = "0571-12333"
"#;

    const DAY: Date = date(2026, 4, 1);

    fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_numbers_and_the_office_can_be_changed_and_nothing_else() {
        let names: Vec<_> = spots(PACK, DAY).into_iter().map(|spot| (spot.name, spot.value)).collect();
        let expected = [
            ("rule.0", "3"),
            ("rule.2", "2"),
            ("office.0.name.zh-CN", "窗口"),
            ("office.0.name.en", "Counter"),
            ("office.0.phone", "0571-12333"),
        ];
        assert_eq!(names, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(spots(PACK, DAY)[0].when["applicant"], ["person", "employer"]);
        assert_eq!(spots("value = =", DAY), []);
    }

    #[test]
    fn a_changed_number_begins_on_its_day_and_comments_stay() {
        let new = [("rule.0", "2"), ("rule.2", "1"), ("office.0.phone", "0571-\"8\\"), ("office.0.name.en", "Counter")];
        let text = with_values(PACK, &values(&new), DAY);
        assert!(text.contains("value = 2\nfrom = \"2026-04-01\"\nfor = { type"), "{text}");
        assert!(text.contains("value = 1 # and this\nfrom = \"2026-04-01\"\n"), "{text}");
        assert!(text.contains(r#"phone = "0571-\"8\\""#), "{text}");
        assert!(text.contains("# A comment stays.") && text.contains("# so does this"));
        let again: Vec<_> = spots(&text, DAY).into_iter().map(|spot| spot.value).collect();
        assert_eq!(again, ["2", "1", "窗口", "Counter", "0571-\"8\\"]);
        assert_eq!(with_values(PACK, &values(&[("rule.9", "1")]), date(2026, 4, 1)), PACK);
    }

    #[test]
    fn a_draft_that_is_moved_takes_what_was_changed_with_it() {
        let text = with_values(PACK, &values(&[("rule.0", "2")]), DAY);
        let moved = with_day(&text, PACK, DAY, date(2026, 3, 20));
        assert!(moved.contains("value = 2\nfrom = \"2026-03-20\"") && !moved.contains("2026-04-01"), "{moved}");
        assert!(moved.contains("from = \"2025-01-01\""), "what began on another day stays");
        let planned = PACK.replace("from = \"2025-01-01\"", "from = \"2026-04-01\"");
        assert_eq!(with_day(&planned, &planned, DAY, date(2026, 3, 20)), planned, "what was planned before stays");
        let own = "region = \"1\"\nfrom = \"2026-04-01\"\n";
        assert!(with_day(own, "", DAY, date(2026, 3, 20)).contains("2026-03-20"), "a pack of its own moves whole");
    }

    #[test]
    fn what_is_over_or_begins_later_is_not_offered() {
        let past = PACK.replace("from = \"2025-01-01\"", "until = \"2026-03-31\"");
        let ahead = PACK.replace("from = \"2025-01-01\"", "from = \"2026-04-02\"");
        for pack in [past, ahead] {
            assert!(!spots(&pack, DAY).iter().any(|spot| spot.name == "rule.2"), "{pack}");
        }
    }

    #[test]
    fn a_pack_at_the_top_keeps_its_beginnings() {
        let top = PACK.replace("parent = \"330100\"\n", "");
        let text = with_values(&top, &values(&[("rule.0", "2")]), DAY);
        assert!(text.contains("value = 2\nfor ="), "{text}");
    }
}
