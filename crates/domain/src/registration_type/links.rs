//! What a type file refers to must exist: codes, fields, limits, reasons, effects.
//!
//! A type that gets through here cannot surprise anybody at the counter; nothing is guessed or repaired.

use std::collections::{BTreeMap, BTreeSet};

use toml_span::Span;
use toml_span::span::Spanned;

use crate::act::ApplicantKind;
use crate::local_text::LocalText;

use super::ask::{EFFECTIVE_ON, NOTE, NOTICE_ON, REASON};
use super::read::{ActList, Entries};
use super::rules::AskRule;
use super::schema::{
    Authority, Condition, Effects, Field, FieldKind, Group, Involuntary, Limit, OfferedActs, Reason, Required,
    Situation, UniqueBy,
};
use super::{CodeTable, RegistrationType};

/// A type file as it stands, with the places of everything that can be wrong.
pub(super) struct TypeFile {
    pub(super) key: String,
    pub(super) label: LocalText,
    pub(super) short: LocalText,
    pub(super) number_prefix: String,
    pub(super) registrant: ApplicantKind,
    pub(super) authority: Authority,
    pub(super) unique: Vec<UniqueBy>,
    pub(super) start_field: Spanned<String>,
    pub(super) ask_rules: Vec<AskRule>,
    pub(super) acts: Entries<ActList>,
    pub(super) limits: Entries<Limit>,
    pub(super) involuntary: Entries<LocalText>,
    pub(super) effects: Entries<Effects>,
    pub(super) groups: Vec<Spanned<Group>>,
    pub(super) fields: Vec<Spanned<Field>>,
    pub(super) reasons: Vec<Spanned<Reason>>,
    pub(super) situations: Vec<Spanned<Situation>>,
}

type Complaint = (Span, String);

/// The answers that say who a person is, beside the document.
const WHO: [&str; 3] = ["name", "birth_date", "sex"];

/// Makes a type of a file whose references all exist.
pub(super) fn resolve(
    file: TypeFile,
    tables: &BTreeMap<String, CodeTable>,
) -> Result<RegistrationType, Vec<Complaint>> {
    let mut links = Links { file: &file, tables, complaints: Vec::new() };
    let acts = links.acts();
    let involuntary = links.involuntary();
    links.unique_keys();
    links.start_field();
    links.limits();
    for field in &file.fields {
        links.field(field);
    }
    for reason in &file.reasons {
        links.reason(reason, &acts, &involuntary);
    }
    for situation in &file.situations {
        links.situation(situation, &acts);
    }
    let complaints = links.complaints;
    if !complaints.is_empty() {
        return Err(complaints);
    }
    Ok(RegistrationType {
        key: file.key,
        label: file.label,
        short: file.short,
        number_prefix: file.number_prefix,
        registrant: file.registrant,
        authority: file.authority,
        unique: file.unique,
        start_field: file.start_field.value,
        ask_rules: file.ask_rules,
        acts,
        limits: file.limits.0.into_iter().map(|(name, limit)| (name.value, limit)).collect(),
        involuntary,
        effects: file.effects.0.into_iter().map(|(name, effects)| (name.value, effects)).collect(),
        groups: file.groups.into_iter().map(Spanned::take).collect(),
        fields: file.fields.into_iter().map(Spanned::take).collect(),
        reasons: file.reasons.into_iter().map(Spanned::take).collect(),
        situations: file.situations.into_iter().map(Spanned::take).collect(),
    })
}

struct Links<'a> {
    file: &'a TypeFile,
    tables: &'a BTreeMap<String, CodeTable>,
    complaints: Vec<Complaint>,
}

impl<'a> Links<'a> {
    fn complain(&mut self, span: Span, message: impl Into<String>) {
        self.complaints.push((span, message.into()));
    }

    fn acts(&mut self) -> OfferedActs {
        let mut acts = OfferedActs::new();
        for (kind, list) in &self.file.acts.0 {
            match ApplicantKind::parse(&kind.value) {
                Some(known) => {
                    acts.insert(known, list.0.clone());
                }
                None => self.complain(kind.span, format!("`{}` is no kind of applicant", kind.value)),
            }
        }
        acts
    }

    fn involuntary(&mut self) -> BTreeMap<Involuntary, LocalText> {
        let mut texts = BTreeMap::new();
        for (word, text) in &self.file.involuntary.0 {
            match Involuntary::WORDS.iter().find(|(known, _)| *known == word.value) {
                Some((_, value)) => {
                    texts.insert(*value, text.clone());
                }
                None => self.complain(word.span, format!("`{}` is none of yes, no, check, none", word.value)),
            }
        }
        texts
    }

    fn unique_keys(&mut self) {
        let file = self.file;
        let groups = file.groups.iter().map(|group| (group.span, "group", group.value.key.as_str()));
        let fields = file.fields.iter().map(|field| (field.span, "field", field.value.key.as_str()));
        let reasons = file.reasons.iter().map(|reason| (reason.span, "reason", reason.value.code.as_str()));
        let situations = file.situations.iter().map(|one| (one.span, "situation", one.value.key.as_str()));
        let mut seen = BTreeSet::new();
        for (span, what, key) in groups.chain(fields).chain(reasons).chain(situations) {
            if !seen.insert((what, key)) {
                self.complain(span, format!("{what} `{key}` is given twice"));
            }
        }
    }

    fn start_field(&mut self) {
        let start = &self.file.start_field;
        if self.field_named(&start.value).is_none_or(|field| field.kind != FieldKind::Date) {
            self.complain(start.span, format!("`{}` is no field of kind `date`", start.value));
        }
    }

    fn limits(&mut self) {
        let file = self.file;
        let given: BTreeSet<&str> = file.limits.0.iter().map(|(name, _)| name.value.as_str()).collect();
        let ask = file.ask_rules.iter().flat_map(|rule| rule.limits());
        let fields = file.fields.iter().flat_map(|field| field.value.rules.iter().flat_map(|rule| rule.limits()));
        let needed: BTreeSet<&str> = ask.chain(fields).copied().collect();
        for missing in needed.difference(&given) {
            self.complain(file.start_field.span, format!("a rule of this type needs the limit `{missing}`"));
        }
        for (name, _) in file.limits.0.iter().filter(|(name, _)| !needed.contains(name.value.as_str())) {
            self.complain(name.span, format!("no rule of this type uses the limit `{}`", name.value));
        }
    }

    fn field(&mut self, field: &Spanned<Field>) {
        let (span, field) = (field.span, &field.value);
        if !self.file.groups.iter().any(|group| group.value.key == field.group) {
            self.complain(span, format!("`{}` stands in `{}`, which is no group", field.key, field.group));
        }
        match &field.codes {
            Some(name) if !field.kind.is_coded() => {
                self.complain(span, format!("`{}` has the table `{name}`, but its kind has no codes", field.key));
            }
            Some(name) if !self.tables.contains_key(name) => {
                self.complain(span, format!("there is no code table `{name}`"))
            }
            None if field.kind.is_coded() => self.complain(span, format!("`{}` needs a code table", field.key)),
            _ => {}
        }
        if let Some(default) = field.default.as_deref().filter(|code| !self.has_code(field, code)) {
            self.complain(span, format!("the default `{default}` is no code of `{}`", field.key));
        }
        self.correctable(span, field);
        if let Required::When(condition) = &field.required {
            self.condition(span, condition);
        }
        self.document(span, field);
        for rule in &field.rules {
            for read in rule.reads() {
                if self.field_named(read).is_none() {
                    self.complain(span, format!("a rule of `{}` needs the field `{read}`", field.key));
                }
            }
        }
    }

    /// Who a person is only the agency corrects; the days on a site are periods of their own (V16).
    fn correctable(&mut self, span: Span, field: &Field) {
        let document = |other: &Spanned<Field>| {
            other.value.document.as_ref().is_some_and(|named| named.kind == field.key || named.country == field.key)
        };
        let names = matches!(field.kind, FieldKind::Identity | FieldKind::CitizenId)
            || WHO.contains(&field.key.as_str())
            || self.file.fields.iter().any(document);
        let dated = self.file.unique.contains(&UniqueBy::Project) && field.key == self.file.start_field.value;
        if field.correctable && (names || dated) {
            self.complain(span, format!("a correction cannot change `{}`: say `correctable = false`", field.key));
        }
        if [REASON, EFFECTIVE_ON, NOTICE_ON, NOTE].contains(&field.key.as_str()) {
            self.complain(span, format!("`{}` is a question of every application, no field", field.key));
        }
    }

    fn document(&mut self, span: Span, field: &Field) {
        let Some(document) = &field.document else {
            if field.kind == FieldKind::Identity {
                self.complain(span, format!("`{}` needs `document`, the fields with kind and country", field.key));
            }
            return;
        };
        // The kind is read before the number, so it has to stand before it.
        let place = |key: &str| self.file.fields.iter().position(|other| other.value.key == key);
        let coded = self.field_named(&document.kind).is_some_and(|kind| kind.kind.is_coded());
        if !coded || place(&document.kind) > place(&field.key) {
            self.complain(span, format!("`{}` is no coded field before `{}`", document.kind, field.key));
        }
        if self.field_named(&document.country).is_none() {
            self.complain(span, format!("there is no field `{}`", document.country));
        }
    }

    fn condition(&mut self, span: Span, condition: &Condition) {
        match self.field_named(&condition.field) {
            Some(field) if field.kind.is_coded() => {
                for code in &condition.codes {
                    if !self.has_code(field, code) {
                        self.complain(span, format!("`{code}` is no code of `{}`", field.key));
                    }
                }
            }
            _ => self.complain(span, format!("a condition needs a coded field, `{}` is none", condition.field)),
        }
    }

    fn reason(&mut self, reason: &Spanned<Reason>, acts: &OfferedActs, hints: &BTreeMap<Involuntary, LocalText>) {
        let (span, reason) = (reason.span, &reason.value);
        if reason.applicants.is_empty() {
            self.complain(span, format!("nobody can give the reason `{}`", reason.code));
        }
        for kind in &reason.applicants {
            if !acts.get(kind).is_some_and(|acts| acts.contains(&reason.act)) {
                let message =
                    format!("reason `{}`: `{}` is not offered to `{}`", reason.code, reason.act.key(), kind.key());
                self.complain(span, message);
            }
        }
        if !self.file.effects.0.iter().any(|(name, _)| name.value == reason.effects) {
            self.complain(span, format!("reason `{}`: there are no effects `{}`", reason.code, reason.effects));
        }
        if !hints.contains_key(&reason.involuntary) {
            self.complain(span, format!("reason `{}`: its word of `involuntary` has no text", reason.code));
        }
    }

    fn situation(&mut self, situation: &Spanned<Situation>, acts: &OfferedActs) {
        let (span, situation) = (situation.span, &situation.value);
        if !situation.offered {
            if situation.instead.is_none() {
                self.complain(span, format!("situation `{}` leads nowhere: say what to do `instead`", situation.key));
            }
        } else if situation.reasons.is_empty() {
            self.complain(span, format!("situation `{}` has no reasons", situation.key));
        }
        if situation.applicants.is_empty() {
            self.complain(span, format!("nobody can give the situation `{}`", situation.key));
        }
        for code in &situation.reasons {
            let Some(reason) = self.file.reasons.iter().map(|reason| &reason.value).find(|reason| reason.code == *code)
            else {
                self.complain(span, format!("there is no reason `{code}`"));
                continue;
            };
            let offered = !situation.offered
                || (reason.offered && situation.applicants.iter().all(|kind| acts.contains_key(kind)));
            let given = situation.applicants.iter().all(|kind| reason.applicants.contains(kind));
            if reason.act != situation.act || !offered || !given {
                self.complain(span, format!("situation `{}` cannot lead to reason `{code}`", situation.key));
            }
        }
    }

    fn field_named(&self, key: &str) -> Option<&'a Field> {
        self.file.fields.iter().map(|field| &field.value).find(|field| field.key == key)
    }

    fn has_code(&self, field: &Field, code: &str) -> bool {
        let table = field.codes.as_deref().and_then(|name| self.tables.get(name));
        table.is_some_and(|table| table.get(code).is_some())
    }
}
