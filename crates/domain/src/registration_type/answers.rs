//! What a person typed, and what it became after checking.
//!
//! Both hold personal data: neither prints a value through `Debug`.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Exactly what was typed, by field key; kept so that a form can be shown again as it was.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answers(BTreeMap<String, String>);

impl Answers {
    /// What was typed into a field; empty when nothing was.
    #[must_use]
    pub fn get(&self, key: &str) -> &str {
        self.find(key).unwrap_or("")
    }

    /// What was typed into a field; `None` when the field was not on the form.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Keeps what was typed into a field.
    pub fn insert(&mut self, key: impl Into<String>, typed: impl Into<String>) {
        self.0.insert(key.into(), typed.into());
    }

    /// All answers, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, typed)| (key.as_str(), typed.as_str()))
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Answers {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(key, typed)| (key.into(), typed.into())).collect())
    }
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Answers").field(&self.0.keys()).finish()
    }
}

/// Checked values in their stored form, by field key. Fields without an answer are absent.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Details(BTreeMap<String, String>);

impl Details {
    /// The stored value of a field.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// The day stored in a field; `None` when it is absent or holds no day.
    #[must_use]
    pub fn date(&self, key: &str) -> Option<Date> {
        self.get(key)?.parse().ok()
    }

    /// All values, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Canonical JSON (RFC 8785): sorted keys, strings only. Equal details give equal bytes.
    #[must_use]
    pub fn to_json(&self) -> String {
        let members = self.0.iter().map(|(key, value)| (key.clone(), serde_json::Value::from(value.as_str())));
        serde_json::Value::Object(members.collect()).to_string()
    }

    /// Reads what [`Self::to_json`] wrote, of this or an older edition of the type.
    ///
    /// # Errors
    /// When it is not an object of strings.
    pub fn from_json(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }

    pub(super) const fn new() -> Self {
        Self(BTreeMap::new())
    }

    pub(super) fn insert(&mut self, key: &str, value: String) {
        self.0.insert(key.to_owned(), value);
    }

    /// Puts a value where one may have been, or takes it away.
    pub(super) fn set(&mut self, key: &str, value: Option<String>) {
        match value {
            Some(value) => self.insert(key, value),
            None => {
                self.0.remove(key);
            }
        }
    }
}

impl fmt::Debug for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Details").field(&self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_go_to_json_and_back_with_sorted_keys() {
        let mut details = Details::default();
        details.insert("post", "焊工 \"夜班\"\u{1}".to_owned());
        details.insert("hired_on", "2026-03-06".to_owned());
        let json = details.to_json();
        assert_eq!(json, r#"{"hired_on":"2026-03-06","post":"焊工 \"夜班\"\u0001"}"#);
        assert_eq!(Details::from_json(&json).unwrap(), details);
        assert_eq!(details.date("hired_on"), Some(jiff::civil::date(2026, 3, 6)));
        assert_eq!(details.date("post"), None);
        assert!(Details::from_json(r#"{"post":1}"#).is_err());
    }

    #[test]
    fn neither_prints_what_it_holds() {
        let answers: Answers = [("name", "张三")].into_iter().collect();
        assert_eq!(format!("{answers:?}"), r#"Answers(["name"])"#);
    }
}
