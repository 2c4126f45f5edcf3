//! Code tables: what a code means, from when until when, and what took its place.
//!
//! A code is never removed, because old records use it; a table never derives a parent from the digits of a code.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::local_text::LocalText;

use super::TypeError;

const HEADER: &str = "code,label,en,valid_from,valid_until,parent,basis,successor";

/// One row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// What is stored.
    pub code: String,
    /// What people read.
    pub label: LocalText,
    /// First day it may be used; `None` when it was always there.
    pub valid_from: Option<Date>,
    /// Last day it may be used; `None` while it is in force.
    pub valid_until: Option<Date>,
    /// The code above it, stated.
    pub parent: Option<String>,
    /// The standard or rule it comes from.
    pub basis: String,
    /// The code that took its place.
    pub successor: Option<String>,
}

impl Code {
    /// Whether it is in force on that day.
    #[must_use]
    pub fn is_valid_on(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_until.is_none_or(|until| day <= until)
    }
}

/// The name of the table of administrative divisions (GB/T 2260).
pub const DIVISIONS: &str = "divisions";

/// A table of codes in the order of its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeTable {
    name: String,
    rows: Vec<Code>,
    places: BTreeMap<String, usize>,
}

impl CodeTable {
    /// Reads `policies/codes/<name>.csv`. Eight columns, no quotes; a line that begins with `#` is a comment.
    ///
    /// # Errors
    /// Every line that cannot be read, every code given twice, every parent or successor that is not in the table.
    pub fn parse(name: &str, file: &str, text: &str) -> Result<Self, Vec<TypeError>> {
        let mut table = Self { name: name.to_owned(), rows: Vec::new(), places: BTreeMap::new() };
        let mut errors = Vec::new();
        let mut lines = Vec::new();
        let mut content = (1..).zip(text.lines()).filter(|(_, line)| !line.starts_with('#') && !line.trim().is_empty());
        match content.next() {
            Some((_, HEADER)) => {}
            other => errors.push(TypeError::new(
                file,
                other.map_or(1, |(line, _)| line),
                format!("expected the header `{HEADER}`"),
            )),
        }
        for (line, row) in content {
            match parse_row(row) {
                Ok(code) if table.places.contains_key(&code.code) => {
                    errors.push(TypeError::new(file, line, format!("code `{}` is given twice", code.code)));
                }
                Ok(code) => {
                    table.places.insert(code.code.clone(), table.rows.len());
                    table.rows.push(code);
                    lines.push(line);
                }
                Err(message) => errors.push(TypeError::new(file, line, message)),
            }
        }
        for (code, line) in table.rows.iter().zip(lines) {
            for missing in
                [&code.parent, &code.successor].into_iter().flatten().filter(|other| table.get(other).is_none())
            {
                errors.push(TypeError::new(
                    file,
                    line,
                    format!("`{}` refers to `{missing}`, which is not in the table", code.code),
                ));
            }
        }
        if errors.is_empty() { Ok(table) } else { Err(errors) }
    }

    /// The table's name, as fields refer to it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// All codes, in order, whether in force or not.
    #[must_use]
    pub fn all(&self) -> &[Code] {
        &self.rows
    }

    /// The codes in force on a day, in order.
    pub fn valid_on(&self, day: Date) -> impl Iterator<Item = &Code> {
        self.rows.iter().filter(move |code| code.is_valid_on(day))
    }

    /// The row of a code, in force or not.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&Code> {
        self.places.get(code).and_then(|&place| self.rows.get(place))
    }

    /// The row people mean by a code, or by a label that only one row has.
    #[must_use]
    pub fn find(&self, typed: &str) -> Option<&Code> {
        if let Some(code) = self.get(typed) {
            return Some(code);
        }
        let mut labelled = self.rows.iter().filter(|code| code.label.zh == typed);
        labelled.next().filter(|_| labelled.next().is_none())
    }

    /// Whether other codes stand under this one.
    #[must_use]
    pub fn is_parent(&self, code: &str) -> bool {
        self.rows.iter().any(|row| row.parent.as_deref() == Some(code))
    }

    /// The codes in force on a day that have none under them, in order: what a person can choose.
    pub fn choices_on(&self, day: Date) -> impl Iterator<Item = &Code> {
        let parents: BTreeSet<&str> = self.rows.iter().filter_map(|row| row.parent.as_deref()).collect();
        self.valid_on(day).filter(move |code| !parents.contains(code.code.as_str()))
    }

    /// The label of a code with those above it: 浙江省杭州市西湖区. The code itself when the table does not know it.
    /// `tag` names the language; a label nobody translated stays Chinese.
    #[must_use]
    pub fn full_label(&self, code: &str, tag: &str) -> String {
        let mut labels = Vec::new();
        let mut next = self.get(code);
        // A row cannot be longer than the table, so a circle of parents ends too.
        while let Some(row) = next.filter(|_| labels.len() < self.rows.len()) {
            labels.push(row.label.get(tag));
            next = row.parent.as_deref().and_then(|parent| self.get(parent));
        }
        if labels.is_empty() { code.to_owned() } else { labels.into_iter().rev().collect() }
    }
}

fn parse_row(row: &str) -> Result<Code, String> {
    let cells: Vec<&str> = row.split(',').map(str::trim).collect();
    let &[code, label, english, valid_from, valid_until, parent, basis, successor] = cells.as_slice() else {
        return Err(format!("expected 8 cells, found {}", cells.len()));
    };
    if row.contains('"') {
        return Err("quotes are not supported".to_owned());
    }
    if code.is_empty() || label.is_empty() || basis.is_empty() {
        return Err("code, label and basis cannot be empty".to_owned());
    }
    Ok(Code {
        code: code.to_owned(),
        label: LocalText { zh: label.to_owned(), en: filled(english) },
        valid_from: parse_day(valid_from)?,
        valid_until: parse_day(valid_until)?,
        parent: filled(parent),
        basis: basis.to_owned(),
        successor: filled(successor),
    })
}

fn parse_day(cell: &str) -> Result<Option<Date>, String> {
    filled(cell).map(|day| day.parse().map_err(|_| format!("`{day}` is no day"))).transpose()
}

fn filled(cell: &str) -> Option<String> {
    (!cell.is_empty()).then(|| cell.to_owned())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn table(rows: &str) -> Result<CodeTable, Vec<String>> {
        CodeTable::parse("t", "codes/t.csv", &format!("{HEADER}\n{rows}"))
            .map_err(|errors| errors.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_code_is_found_by_itself_or_by_a_label_that_is_its_alone() {
        let table = table("1,男,Male,,,,GB,\n2,女,,,,,GB,\n8,未知,,,,,GB,\n9,未知,,,,,GB,\n").unwrap();
        assert_eq!(table.find("2").unwrap().label.zh, "女");
        assert_eq!(table.find("女").unwrap().code, "2");
        assert_eq!(table.find("未知"), None);
        assert_eq!(table.find(""), None);
    }

    #[test]
    fn a_code_is_in_force_from_its_first_to_its_last_day() {
        let table = table("a,甲,,2021-01-01,2021-12-31,,法,b\nb,乙,,2022-01-01,,,法,\n").unwrap();
        let on = |day| table.valid_on(day).map(|code| code.code.as_str()).collect::<Vec<_>>();
        assert_eq!(on(date(2020, 12, 31)), [""; 0]);
        assert_eq!(on(date(2021, 12, 31)), ["a"]);
        assert_eq!(on(date(2022, 1, 1)), ["b"]);
    }

    #[test]
    fn the_full_label_names_those_above_even_when_parents_go_round() {
        let table =
            table("1,省,,,,,法,\n12,市,City,,,1,法,\n123,区,,,,12,法,\nx,甲,,,,y,法,\ny,乙,,,,x,法,\n").unwrap();
        assert_eq!(table.full_label("123", "zh-CN"), "省市区");
        assert_eq!(table.full_label("12", "en"), "省City");
        assert_eq!(table.full_label("nobody", "zh-CN"), "nobody");
        assert!(table.full_label("x", "zh-CN").ends_with('甲'));
    }

    #[test]
    fn every_bad_line_is_named_by_its_number() {
        let errors = table(
            "# note\n1,男,,,,,GB\n2,女,,yesterday,,,GB,\n3,甲,,,,9,GB,\n3,乙,,,,,GB,\n,丙,,,,,GB,\n4,\"丁\",,,,,GB,\n",
        )
        .unwrap_err();
        assert_eq!(
            errors,
            [
                "codes/t.csv:3: expected 8 cells, found 7",
                "codes/t.csv:4: `yesterday` is no day",
                "codes/t.csv:6: code `3` is given twice",
                "codes/t.csv:7: code, label and basis cannot be empty",
                "codes/t.csv:8: quotes are not supported",
                "codes/t.csv:5: `3` refers to `9`, which is not in the table",
            ]
        );
        let headless = CodeTable::parse("t", "t.csv", "").unwrap_err();
        assert_eq!(headless.first().map(|error| error.line), Some(1));
    }
}
