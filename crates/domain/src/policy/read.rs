//! Reading TOML with its places: every complaint knows its file, its line, the offending text and the mend.
//!
//! A table is opened with the list of fields it may have; whatever else stands in it is refused, because a misspelt
//! field would otherwise be a rule that silently does nothing.

use std::collections::BTreeSet;
use std::fmt;

use jiff::civil::Date;
use toml_span::value::{Array, Table, Value, ValueInner};
use toml_span::{ErrorKind, Span};

use crate::local_text::LocalText;

/// A file of a pack, as whoever reads the disk hands it in.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Its path, as errors shall name it: `policies/regions/330106/policy.toml`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// Something wrong in a file, written for whoever maintains it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PolicyError {
    /// The file.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// The offending text.
    pub text: String,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub mend: String,
    /// The same as a published code with its values, for those that a person who changes a rule on a page runs into.
    pub told: Option<Told>,
}

/// A code, and the values of its text.
pub type Told = (&'static str, Vec<(&'static str, String)>);

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}\n  found: {}\n  mend: {}", self.path, self.line, self.what, self.text, self.mend)
    }
}

impl std::error::Error for PolicyError {}

/// What is wrong and how to mend it, before the place is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Complaint {
    what: String,
    mend: String,
    told: Option<Told>,
}

impl Complaint {
    pub(super) fn new(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { what: what.into(), mend: mend.into(), told: None }
    }

    /// The same, with its code.
    pub(super) fn coded(mut self, code: &'static str, values: &[(&'static str, &str)]) -> Self {
        self.told = Some((code, values.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()));
        self
    }
}

impl SourceFile {
    /// A complaint about the text between two places of this file.
    pub(super) fn error(&self, span: Span, complaint: Complaint) -> PolicyError {
        let before = self.text.get(..span.start).unwrap_or_default();
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let found = self.text.get(span.start..span.end).unwrap_or_default();
        let first_line = found.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
        let text: String = match first_line {
            "" => self.text.lines().nth(line - 1).unwrap_or_default().trim().chars().take(120).collect(),
            some => some.chars().take(120).collect(),
        };
        let Complaint { what, mend, told } = complaint;
        PolicyError { path: self.path.clone(), line, text, what, mend, told }
    }
}

/// One file being read, and everything found wrong with it so far.
pub(super) struct Reading<'a> {
    pub(super) file: &'a SourceFile,
    pub(super) errors: Vec<PolicyError>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(file: &'a SourceFile) -> Self {
        Self { file, errors: Vec::new() }
    }

    pub(super) fn complain(&mut self, span: Span, what: impl Into<String>, mend: impl Into<String>) {
        self.complain_of(span, Complaint::new(what, mend));
    }

    pub(super) fn complain_of(&mut self, span: Span, complaint: Complaint) {
        self.errors.push(self.file.error(span, complaint));
    }

    /// The file as TOML.
    pub(super) fn toml(&mut self) -> Option<Value<'a>> {
        match toml_span::parse(&self.file.text) {
            Ok(value) => Some(value),
            Err(error) => {
                let what = match &error.kind {
                    ErrorKind::DuplicateKey { key, .. } => format!("`{key}` is given twice"),
                    _ => format!("this is not TOML: {error}"),
                };
                let mend = "correct the line; texts stand in double quotes, lists in [ ]";
                self.complain_of(error.span, Complaint::new(what, mend).coded("not-toml", &[]));
                None
            }
        }
    }

    /// Opens a table that may have only these fields.
    pub(super) fn table<'v>(&mut self, value: &'v Value<'a>, allowed: &[&str]) -> Option<Fields<'v, 'a>> {
        let Some(table) = value.as_table() else {
            self.complain(value.span, "a table is needed here", format!("write {{ {} = … }}", allowed.join(" = …, ")));
            return None;
        };
        for key in table.keys().filter(|key| !allowed.contains(&key.name.as_ref())) {
            let (what, all) = (format!("there is no field `{}` here", key.name), allowed.join(", "));
            let complaint = Complaint::new(what, format!("use one of: {all}"));
            self.complain_of(key.span, complaint.coded("no-such-field", &[("field", &key.name), ("all", &all)]));
        }
        Some(Fields { table, span: value.span })
    }

    /// A text that is not empty.
    pub(super) fn text<'v>(&mut self, value: &'v Value<'_>) -> Option<&'v str> {
        let text = value.as_str().filter(|text| !text.trim().is_empty());
        if text.is_none() {
            let complaint = Complaint::new("a text that is not empty is needed here", "write it in double quotes");
            self.complain_of(value.span, complaint.coded("text-needed", &[]));
        }
        text
    }

    /// One word of a closed list.
    pub(super) fn word<T: Copy>(
        &mut self,
        value: &Value<'_>,
        known: &[T],
        key: impl Fn(T) -> &'static str,
    ) -> Option<T> {
        let text = self.text(value)?;
        let found = known.iter().copied().find(|one| key(*one) == text);
        if found.is_none() {
            let all = known.iter().map(|one| key(*one)).collect::<Vec<_>>().join(", ");
            let complaint = Complaint::new(format!("`{text}` is not known here"), format!("use one of: {all}"));
            self.complain_of(value.span, complaint.coded("no-such-word", &[("all", &all)]));
        }
        found
    }

    /// A list with at least one element.
    pub(super) fn list<'v>(&mut self, value: &'v Value<'a>) -> Option<&'v Array<'a>> {
        let list = value.as_array().filter(|list| !list.is_empty());
        if list.is_none() {
            self.complain(value.span, "a list with at least one element is needed here", "write [ … ]");
        }
        list
    }

    /// A list of words of a closed list. Nothing is given when one of them is not known.
    pub(super) fn words<T: Copy + Ord>(
        &mut self,
        value: &Value<'a>,
        known: &[T],
        key: impl Fn(T) -> &'static str + Copy,
    ) -> Option<BTreeSet<T>> {
        let list = self.list(value)?;
        let found: Vec<T> = list.iter().filter_map(|item| self.word(item, known, key)).collect();
        (found.len() == list.len()).then(|| found.into_iter().collect())
    }

    /// A number from 1 to `most`.
    pub(super) fn number(&mut self, value: &Value<'_>, most: u64) -> Option<u64> {
        let number = value.as_integer().and_then(|number| u64::try_from(number).ok());
        let number = number.filter(|number| (1..=most).contains(number));
        if number.is_none() {
            let what = format!("a whole number from 1 to {most} is needed here");
            let complaint = Complaint::new(what, "write digits only");
            self.complain_of(value.span, complaint.coded("number-needed", &[("most", &most.to_string())]));
        }
        number
    }

    /// A day as `2025-01-01`, in quotes.
    pub(super) fn date(&mut self, value: &Value<'_>) -> Option<Date> {
        let date = value.as_str().filter(|text| text.len() == 10).and_then(|text| text.parse().ok());
        if date.is_none() {
            let mend = "write it as \"2025-01-01\", in quotes";
            let complaint = Complaint::new("a day of the calendar is needed here", mend);
            self.complain_of(value.span, complaint.coded("day-needed", &[]));
        }
        date
    }

    /// Text for people: a plain text is Chinese, a table names its languages.
    pub(super) fn local_text(&mut self, value: &Value<'a>) -> Option<LocalText> {
        if value.as_table().is_none() {
            return self.text(value).map(|zh| LocalText { zh: zh.to_owned(), en: None });
        }
        let fields = self.table(value, &["zh-CN", "en"])?;
        let zh = fields.need(self, "zh-CN", Self::text)?.to_owned();
        let en = fields.maybe(self, "en", Self::text).map(str::to_owned);
        Some(LocalText { zh, en })
    }
}

/// An opened table.
#[derive(Clone, Copy)]
pub(super) struct Fields<'v, 'de> {
    table: &'v Table<'de>,
    pub(super) span: Span,
}

impl<'v, 'de> Fields<'v, 'de> {
    pub(super) fn raw(&self, key: &str) -> Option<&'v Value<'de>> {
        self.table.get(key)
    }

    /// A field that may be missing, read by `read`.
    pub(super) fn maybe<T>(
        &self,
        reading: &mut Reading<'de>,
        key: &str,
        read: impl FnOnce(&mut Reading<'de>, &'v Value<'de>) -> Option<T>,
    ) -> Option<T> {
        self.raw(key).and_then(|value| read(reading, value))
    }

    /// A field that has to be there, read by `read`.
    pub(super) fn need<T>(
        &self,
        reading: &mut Reading<'de>,
        key: &str,
        read: impl FnOnce(&mut Reading<'de>, &'v Value<'de>) -> Option<T>,
    ) -> Option<T> {
        let Some(value) = self.raw(key) else {
            let complaint = Complaint::new(format!("`{key}` is missing"), format!("add `{key} = …`"));
            reading.complain_of(self.span, complaint.coded("field-missing", &[("field", key)]));
            return None;
        };
        read(reading, value)
    }

    /// The tables under `[[key]]`, in the order of the file.
    pub(super) fn tables(&self, reading: &mut Reading<'_>, key: &str) -> &'v [Value<'de>] {
        match self.raw(key).map(AsRef::as_ref) {
            None => &[],
            Some(ValueInner::Array(list)) => list,
            Some(_) => {
                reading.complain(self.span, format!("`{key}` is not a list"), format!("write [[{key}]]"));
                &[]
            }
        }
    }
}
