//! Reading a type file: its shape here, its references in `links`. Every complaint carries the line.
//!
//! Unknown keys and unknown words are refused: a misspelt rule that is skipped in silence would protect nobody.

use std::collections::BTreeMap;

use toml_span::de_helpers::TableHelper;
use toml_span::span::Spanned;
use toml_span::value::{Value, ValueInner};
use toml_span::{DeserError, Deserialize, Error, ErrorKind, Span};

use crate::act::{Act, ApplicantKind};
use crate::local_text::LocalText;

use super::links::{self, TypeFile};
use super::rules::{AskRule, FieldRule};
use super::schema::{
    Authority, Condition, DocumentFields, Effects, Expectation, Field, FieldKind, Group, Involuntary, Limit, Reason,
    Relation, Required, Search, Situation, UniqueBy,
};
use super::{CodeTable, RegistrationType, TypeError};

/// Reads one type file and checks everything it refers to.
pub(super) fn registration_type(
    file: &str,
    text: &str,
    tables: &BTreeMap<String, CodeTable>,
) -> Result<RegistrationType, Vec<TypeError>> {
    let located = |span: Span, message: String| TypeError::new(file, line_of(text, span), message);
    let mut root = match toml_span::parse(text) {
        Ok(root) => root,
        Err(error) => return Err(vec![located(error.span, error.to_string())]),
    };
    match TypeFile::deserialize(&mut root) {
        Ok(read) => links::resolve(read, tables)
            .map_err(|errors| errors.into_iter().map(|(span, message)| located(span, message)).collect()),
        Err(DeserError { errors }) => {
            Err(errors.into_iter().flat_map(flatten).map(|(span, message)| located(span, message)).collect())
        }
    }
}

/// One message for each unknown key, each at its own place.
fn flatten(error: Error) -> Vec<(Span, String)> {
    match error.kind {
        ErrorKind::UnexpectedKeys { keys, expected } => {
            let known = expected.join(", ");
            keys.into_iter().map(|(key, span)| (span, format!("unknown key `{key}`, known are: {known}"))).collect()
        }
        _ => vec![(error.span, error.to_string())],
    }
}

fn line_of(text: &str, span: Span) -> usize {
    text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1
}

/// A list of words of a closed set; `T` by its word.
type Words<T> = [(&'static str, T)];

fn parse_word<T: Copy>(word: &Spanned<String>, words: &Words<T>) -> Result<T, Error> {
    let found = words.iter().find(|(name, _)| *name == word.value).map(|(_, value)| *value);
    found.ok_or_else(|| {
        let known: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
        custom(word.span, format!("unknown word `{}`, known are: {}", word.value, known.join(", ")))
    })
}

fn custom(span: Span, message: String) -> Error {
    Error { kind: ErrorKind::Custom(message.into()), span, line_info: None }
}

fn word<T: Copy>(table: &mut TableHelper<'_>, name: &'static str, words: &Words<T>) -> Result<T, Error> {
    let word = table.required_s::<String>(name)?;
    parse_word(&word, words).inspect_err(|error| table.errors.push(error.clone()))
}

/// A list of words; an absent list is empty.
fn word_list<T: Copy>(table: &mut TableHelper<'_>, name: &'static str, words: &Words<T>) -> Vec<T> {
    let typed = table.optional::<Vec<Spanned<String>>>(name).unwrap_or_default();
    let mut found = Vec::new();
    for word in &typed {
        match parse_word(word, words) {
            Ok(value) => found.push(value),
            Err(error) => table.errors.push(error),
        }
    }
    found
}

fn acts() -> [(&'static str, Act); 7] {
    Act::ALL.map(|act| (act.key(), act))
}

fn applicants() -> [(&'static str, ApplicantKind); 4] {
    ApplicantKind::ALL.map(|kind| (kind.key(), kind))
}

/// A table whose keys are data: `[limits]`, `[effects.…]`.
pub(super) struct Entries<T>(pub(super) Vec<(Spanned<String>, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut entries = Vec::new();
        let mut errors = Vec::new();
        match value.take() {
            ValueInner::Table(table) => {
                for (key, mut value) in table {
                    match T::deserialize(&mut value) {
                        Ok(value) => entries.push((Spanned::with_span(key.name.into_owned(), key.span), value)),
                        Err(error) => errors.extend(error.errors),
                    }
                }
            }
            _ => errors.push(custom(value.span, "expected a table".to_owned())),
        }
        if errors.is_empty() { Ok(Self(entries)) } else { Err(DeserError { errors }) }
    }
}

impl<'de> Deserialize<'de> for TypeFile {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut table = TableHelper::new(value)?;
        let key = table.required("key");
        let label = table.required("label");
        let short = table.required("short");
        let number_prefix = table.required("number-prefix");
        let registrant = word(&mut table, "registrant", &applicants());
        let authority = match table.optional_s::<String>("authority") {
            Some(word) => parse_word(&word, &Authority::WORDS).inspect_err(|error| table.errors.push(error.clone())),
            None => Ok(Authority::Labour),
        };
        let unique = word_list(&mut table, "unique", &UniqueBy::WORDS);
        let start_field = table.required_s("start-field");
        let ask_rules = word_list(&mut table, "ask-validators", &AskRule::WORDS);
        let acts = table.required("acts");
        let limits = table.optional("limits").unwrap_or(Entries(Vec::new()));
        let involuntary = table.required("involuntary");
        let effects = table.required("effects");
        let groups = table.required("group");
        let fields = table.required("field");
        let reasons = table.required("reason");
        let situations = table.required("situation");
        table.finalize(None)?;
        Ok(Self {
            key: key?,
            label: label?,
            short: short?,
            number_prefix: number_prefix?,
            registrant: registrant?,
            authority: authority?,
            unique,
            start_field: start_field?,
            ask_rules,
            acts: acts?,
            limits,
            involuntary: involuntary?,
            effects: effects?,
            groups: groups?,
            fields: fields?,
            reasons: reasons?,
            situations: situations?,
        })
    }
}

impl<'de> Deserialize<'de> for LocalText {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        if let Some(text) = value.as_str() {
            return Ok(Self { zh: text.to_owned(), en: None });
        }
        let mut table = TableHelper::new(value)?;
        let zh = table.required("zh-CN");
        let en = table.optional("en");
        table.finalize(None)?;
        Ok(Self { zh: zh?, en })
    }
}

/// The acts of one kind of applicant, under `[acts]`.
pub(super) struct ActList(pub(super) Vec<Act>);

impl<'de> Deserialize<'de> for ActList {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let words = Vec::<Spanned<String>>::deserialize(value)?;
        let known = acts();
        let found: Result<Vec<Act>, Error> = words.iter().map(|word| parse_word(word, &known)).collect();
        Ok(Self(found?))
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut table = TableHelper::new(value)?;
        let (value, basis) = (table.required("value"), table.required("basis"));
        table.finalize(None)?;
        Ok(Self { value: value?, basis: basis? })
    }
}

impl<'de> Deserialize<'de> for Effects {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut table = TableHelper::new(value)?;
        let work_history = table.required("work-history");
        let insurance = table.required("insurance");
        let benefit = table.required("benefit");
        let pension = table.required("pension");
        table.finalize(None)?;
        Ok(Self { work_history: work_history?, insurance: insurance?, benefit: benefit?, pension: pension? })
    }
}

impl<'de> Deserialize<'de> for Group {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut table = TableHelper::new(value)?;
        let (key, label) = (table.required("key"), table.required("label"));
        let folded = table.optional("folded").unwrap_or_default();
        table.finalize(None)?;
        Ok(Self { key: key?, label: label?, folded })
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut table = TableHelper::new(value)?;
        let key = table.required("key");
        let group = table.required("group");
        let label = table.required("label");
        let hint = table.optional("hint");
        let kind = word(&mut table, "kind", &FieldKind::WORDS);
        let required = table.required("required");
        let personal = table.optional("personal").unwrap_or_default();
        let search = if table.contains("search") {
            word(&mut table, "search", &[("exact", Search::Exact), ("none", Search::None)])
        } else {
            Ok(Search::None)
        };
        let codes = table.optional("codes");
        let default = table.optional("default");
        let max_length = table.optional("max-length");
        let max = table.optional("max");
        let autocomplete = table.optional("autocomplete");
        let document = table.optional("document");
        let correctable = table.optional("correctable").unwrap_or(true);
        let rules = word_list(&mut table, "validators", &FieldRule::WORDS);
        table.finalize(None)?;
        Ok(Self {
            key: key?,
            group: group?,
            label: label?,
            hint,
            kind: kind?,
            required: required?,
            personal,
            search: search?,
            codes,
            default,
            max_length,
            max,
            autocomplete,
            document,
            correctable,
            rules,
        })
    }
}

impl<'de> Deserialize<'de> for DocumentFields {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut table = TableHelper::new(value)?;
        let (kind, country) = (table.required("kind"), table.required("country"));
        table.finalize(None)?;
        Ok(Self { kind: kind?, country: country? })
    }
}

impl<'de> Deserialize<'de> for Required {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        match value.as_bool() {
            Some(true) => return Ok(Self::Always),
            Some(false) => return Ok(Self::Never),
            None => {}
        }
        let mut table = TableHelper::new(value)?;
        let when = table.required_s::<String>("when");
        table.finalize(None)?;
        let when = when?;
        parse_condition(&when.value).map(Self::When).ok_or_else(|| {
            let message = format!("`{}` is no condition, write `field = code|code` or `field != code`", when.value);
            custom(when.span, message).into()
        })
    }
}

fn parse_condition(text: &str) -> Option<Condition> {
    let (field, relation, codes) = if let Some((field, codes)) = text.split_once("!=") {
        (field, Relation::NoneOf, codes)
    } else {
        let (field, codes) = text.split_once('=')?;
        (field, Relation::OneOf, codes)
    };
    let codes: Vec<String> = codes.split('|').map(|code| code.trim().to_owned()).collect();
    let field = field.trim().to_owned();
    let complete = !field.is_empty() && codes.iter().all(|code| !code.is_empty());
    complete.then_some(Condition { field, relation, codes })
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut table = TableHelper::new(value)?;
        let code = table.required("code");
        let act = word(&mut table, "act", &acts());
        let applicants = word_list(&mut table, "applicants", &applicants());
        let basis = table.required("basis");
        let label = table.required("label");
        let official = table.required("official");
        let involuntary = word(&mut table, "involuntary", &Involuntary::WORDS);
        let note_min = table.optional("note").unwrap_or_default();
        let note_label = table.optional("note-label");
        let date_label = table.optional("date-label");
        let expects = word_list(&mut table, "flags", &Expectation::WORDS);
        let effects = table.optional("effects");
        let offered = table.optional("offered").unwrap_or(true);
        table.finalize(None)?;
        let act = act?;
        Ok(Self {
            code: code?,
            act,
            applicants,
            basis: basis?,
            label: label?,
            official: official?,
            involuntary: involuntary?,
            note_min,
            note_label,
            date_label,
            expects,
            effects: effects.unwrap_or_else(|| act.key().to_owned()),
            offered,
        })
    }
}

impl<'de> Deserialize<'de> for Situation {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut table = TableHelper::new(value)?;
        let key = table.required("key");
        let applicants = word_list(&mut table, "applicants", &applicants());
        let label = table.required("label");
        let hint = table.optional("hint");
        let act = word(&mut table, "act", &acts());
        let reasons = table.required("reasons");
        let offered = table.optional("offered").unwrap_or(true);
        let instead = table.optional("instead");
        table.finalize(None)?;
        Ok(Self { key: key?, applicants, label: label?, hint, act: act?, reasons: reasons?, offered, instead })
    }
}
