//! From the log of a server to a script for pgbench: the statements of one registration, with fresh ids each time.
//!
//! Two registrations that were logged one after the other are compared. What differs between them and has the shape of
//! an id, a number or a hash is made anew in each run of the script; everything else stays as it was logged.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, ensure};

/// Ten random digits take the place of the last ten signs of whatever has to be unique.
const RANDOM: usize = 10;
/// What the last write of a registration is followed by.
const END: &str = "commit";
/// Found in every registration, and in nothing else that the bench writes.
const MARK: &str = "insert into registrations ";

/// One statement and its values, as they were logged.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Statement {
    sql: String,
    values: Vec<Option<String>>,
}

/// The script.
pub fn script(log: &str) -> Result<String> {
    let all = statements(log);
    // A transaction of a registration ends what was done for it, and the next one begins.
    let mut spans: Vec<&[Statement]> = all.split_inclusive(|one| one.sql == END).collect();
    spans.retain(|span| span.iter().any(|one| one.sql.starts_with(MARK)));
    let same = |one: &[Statement], other: &[Statement]| {
        one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.sql == other.sql)
    };
    // The last ones: by then nothing is prepared for the first time.
    let mut pairs = spans.iter().rev().zip(spans.iter().rev().skip(1));
    let pair = pairs.find(|(one, other)| same(one, other));
    let (first, second) = pair.context("the log holds no two registrations with the same statements")?;
    let mut text = String::from("\\set r random(1000000000, 9999999999)\n");
    for (one, other) in first.iter().zip(*second) {
        writeln!(text, "{};", with_values(one, other)?)?;
    }
    Ok(text)
}

/// Reads `LOG:  execute s1: SQL`, `LOG:  statement: SQL` and the `DETAIL:  parameters: …` after them.
fn statements(log: &str) -> Vec<Statement> {
    let mut found: Vec<Statement> = Vec::new();
    for line in log.lines() {
        if let Some(values) = line.strip_prefix("DETAIL:  parameters: ") {
            if let Some(last) = found.last_mut() {
                last.values = read_values(values);
            }
            continue;
        }
        let Some(said) = line.strip_prefix("LOG:  ") else { continue };
        let sql = match said.strip_prefix("statement: ") {
            Some(sql) => Some(sql),
            None => said.strip_prefix("execute ").and_then(|rest| rest.split_once(": ")).map(|(_, sql)| sql),
        };
        found.extend(sql.map(|sql| Statement { sql: sql.trim().to_owned(), values: Vec::new() }));
    }
    found
}

/// `$1 = 'a''b', $2 = NULL`.
fn read_values(mut text: &str) -> Vec<Option<String>> {
    let mut values = Vec::new();
    while let Some((_, rest)) = text.split_once(" = ") {
        let Some(quoted) = rest.strip_prefix('\'') else {
            values.push(None);
            text = rest;
            continue;
        };
        let mut value = String::new();
        let mut signs = quoted.char_indices().peekable();
        let mut end = quoted.len();
        while let Some((at, sign)) = signs.next() {
            if sign != '\'' {
                value.push(sign);
            } else if signs.next_if(|(_, next)| *next == '\'').is_some() {
                value.push('\'');
            } else {
                end = at + 1;
                break;
            }
        }
        values.push(Some(value));
        text = quoted.get(end..).unwrap_or_default();
    }
    values
}

/// The statement with its values in their places.
fn with_values(one: &Statement, other: &Statement) -> Result<String> {
    ensure!(one.values.len() == other.values.len(), "`{}` was logged with other values", one.sql);
    let mut pieces = one.sql.split('$');
    let mut sql = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = piece.split_at(digits);
        let at =
            number.parse::<usize>().ok().and_then(|number| number.checked_sub(1)).context("a `$` without number")?;
        let (value, second) = one.values.get(at).zip(other.values.get(at)).context("a `$` without value")?;
        sql.push_str(&literal(value.as_deref(), value != second));
        sql.push_str(rest);
    }
    Ok(sql)
}

fn literal(value: Option<&str>, differs: bool) -> String {
    let Some(value) = value else { return "null".to_owned() };
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let (front, end) = value.split_at_checked(value.len().saturating_sub(RANDOM)).unwrap_or((value, ""));
    let letters = |text: &str| text.bytes().all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit());
    let id = value.split_once('_').is_some_and(|(kind, rest)| kind.len() <= 4 && rest.len() == 26 && letters(rest));
    // Sixteen digits that begin with 17 are microseconds since 1970, and stay.
    let numbered = end.len() == RANDOM && end.bytes().all(|sign| sign.is_ascii_digit()) && !value.starts_with("17");
    match value.strip_prefix("\\x") {
        _ if !differs => quoted(value),
        Some(hex) if hex.len() == 64 => format!("decode('{}' || :r, 'hex')", hex.get(..64 - RANDOM).unwrap_or(hex)),
        None if id || numbered => format!("('{front}' || :r)"),
        _ => quoted(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
LOG:  statement: begin
LOG:  execute s1: insert into registrations (id, number, at, note, gone) values ($1, $2, $3, $4, $5)
DETAIL:  parameters: $1 = 'reg_01m8h4jpew0z613bp74fca3mh0', $2 = '123456789012', $3 = '1764000000000000', $4 = 'it''s, $1 = 2', $5 = NULL
LOG:  statement: commit
";

    #[test]
    fn what_has_to_be_unique_is_made_anew_and_the_rest_stays() {
        let second = LOG.replace("mh0'", "mh1'").replace("123456789012", "123456789013").replace("1764", "1765");
        let text = script(&format!("{LOG}{second}")).unwrap();
        assert_eq!(
            text.lines().skip(1).collect::<Vec<_>>(),
            [
                "begin;",
                "insert into registrations (id, number, at, note, gone) values (('reg_01m8h4jpew0z613b' || :r), \
                 ('12' || :r), '1765000000000000', 'it''s, $1 = 2', null);",
                "commit;"
            ]
        );
    }

    #[test]
    fn a_log_without_two_alike_is_no_script() {
        assert!(script(LOG).is_err());
    }
}
