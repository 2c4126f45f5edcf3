//! Registration types as data: what is asked, why a record may end, and which rules look at the answers.
//!
//! A type file names rules from a closed set and can invent none. Start with [`TypeBook::parse`], then
//! [`RegistrationType::check`] for a new registration and [`RegistrationType::check_ask`] for the end of one.

mod answers;
mod ask;
mod check;
mod codes;
mod correct;
mod links;
mod read;
mod rules;
mod schema;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::act::{Act, ApplicantKind};
use crate::identity::Sex;
use crate::local_text::LocalText;
use crate::problem::{FieldProblem, Problem};

pub use answers::{Answers, Details};
pub use ask::{Ask, AskChecked, EFFECTIVE_ON, NOTE, NOTICE_ON, OnRecord, PensionDecision, REASON};
pub use check::{CheckFacts, Checked};
pub use codes::{Code, CodeTable, DIVISIONS};
pub use correct::{Change, Correction};
pub use rules::{AskRule, FieldRule, Flag};
pub use schema::{
    Authority, Condition, DocumentFields, Effects, Expectation, Field, FieldKind, Group, Involuntary, Limit,
    OfferedActs, Reason, Relation, Required, Search, Situation, UniqueBy,
};

/// GB/T 2261.1, the code table `sex`.
const MALE: &str = "1";
const FEMALE: &str = "2";

const fn sex_code(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => MALE,
        Sex::Female => FEMALE,
    }
}

/// Something in a type file or code table that cannot be used, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeError {
    /// The file, as it was named by the caller.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, for the person who edits the file.
    pub message: String,
}

impl TypeError {
    fn new(file: &str, line: usize, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for TypeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// All registration types and code tables of an installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeBook {
    types: BTreeMap<String, RegistrationType>,
    tables: BTreeMap<String, CodeTable>,
}

impl TypeBook {
    /// Reads type files (`<name>.toml`) and code tables (`<table>.csv`), each given as file name and content. Folders in
    /// a name are kept for messages and do not matter otherwise.
    ///
    /// # Errors
    /// Everything that is wrong in any file, with its line.
    pub fn parse(types: &[(String, String)], codes: &[(String, String)]) -> Result<Self, Vec<TypeError>> {
        let mut book = Self { types: BTreeMap::new(), tables: BTreeMap::new() };
        let mut errors = Vec::new();
        for (file, text) in codes {
            let name = stem(file);
            match CodeTable::parse(name, file, text) {
                Ok(table) => {
                    book.tables.insert(name.to_owned(), table);
                }
                Err(more) => errors.extend(more),
            }
        }
        if !errors.is_empty() {
            // Types refer to tables: without them every reference would be reported as well.
            return Err(errors);
        }
        for (file, text) in types {
            match read::registration_type(file, text, &book.tables) {
                Ok(read) if read.key != stem(file) => {
                    errors.push(TypeError::new(
                        file,
                        1,
                        format!("the file of type `{}` is not named after it", read.key),
                    ));
                }
                Ok(read) => {
                    book.types.insert(read.key.clone(), read);
                }
                Err(more) => errors.extend(more),
            }
        }
        if errors.is_empty() { Ok(book) } else { Err(errors) }
    }

    /// The type with that key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&RegistrationType> {
        self.types.get(key)
    }

    /// All types, by key.
    pub fn all(&self) -> impl Iterator<Item = &RegistrationType> {
        self.types.values()
    }

    /// A stored value as a person reads it in a language: a code by its label, everything else as it is.
    #[must_use]
    pub fn shown(&self, field: &Field, value: &str, tag: &str) -> String {
        let table = field.codes.as_deref().and_then(|name| self.codes(name));
        table.map_or_else(|| value.to_owned(), |table| table.full_label(value, tag))
    }

    /// The code table with that name.
    #[must_use]
    pub fn codes(&self, name: &str) -> Option<&CodeTable> {
        self.tables.get(name)
    }
}

fn stem(file: &str) -> &str {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// One kind of registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationType {
    key: String,
    label: LocalText,
    short: LocalText,
    number_prefix: String,
    registrant: ApplicantKind,
    authority: Authority,
    unique: Vec<UniqueBy>,
    start_field: String,
    ask_rules: Vec<AskRule>,
    acts: OfferedActs,
    limits: BTreeMap<String, Limit>,
    involuntary: BTreeMap<Involuntary, LocalText>,
    effects: BTreeMap<String, Effects>,
    groups: Vec<Group>,
    fields: Vec<Field>,
    reasons: Vec<Reason>,
    situations: Vec<Situation>,
}

impl RegistrationType {
    /// Its word in tables, URLs and rule packs.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Its name in a language.
    #[must_use]
    pub fn label(&self, lang: &str) -> &str {
        self.label.get(lang)
    }

    /// Its short name in a language, for lists.
    #[must_use]
    pub fn short_label(&self, lang: &str) -> &str {
        self.short.get(lang)
    }

    /// The letters before a registration number.
    #[must_use]
    pub fn number_prefix(&self) -> &str {
        &self.number_prefix
    }

    /// Who makes such a registration.
    #[must_use]
    pub const fn registrant(&self) -> ApplicantKind {
        self.registrant
    }

    /// Whose offices keep the records.
    #[must_use]
    pub const fn authority(&self) -> Authority {
        self.authority
    }

    /// What two open records may not share on any day (V20).
    #[must_use]
    pub fn unique(&self) -> &[UniqueBy] {
        &self.unique
    }

    /// V20: the same person, the same unit, overlapping days. Only the store can see it, so it only has its words here;
    /// `number` is that of the registration already there.
    #[must_use]
    pub fn duplicate(&self, number: &str) -> FieldProblem {
        let (code, field) = match self.fields.iter().find(|field| field.document.is_some()) {
            Some(identity) => ("registration.duplicate", &identity.key),
            None => ("registration.duplicate-own", &self.start_field),
        };
        Problem::new(code).with("number", number).at(field)
    }

    /// The field with the first day of the relation.
    #[must_use]
    pub fn start_field(&self) -> &str {
        &self.start_field
    }

    /// The acts an applicant may ask for on line.
    #[must_use]
    pub fn acts(&self, applicant: ApplicantKind) -> &[Act] {
        self.acts.get(&applicant).map_or(&[], Vec::as_slice)
    }

    /// The acts anybody may ask for.
    #[must_use]
    pub fn all_acts(&self) -> BTreeSet<Act> {
        self.acts.values().flatten().copied().collect()
    }

    /// The groups of fields, in the order of the form.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The fields, in the order of the form.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The field with that key.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.key == key)
    }

    /// All reasons, offered on line or not.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }

    /// The reason with that code.
    #[must_use]
    pub fn reason(&self, code: &str) -> Option<&Reason> {
        self.reasons.iter().find(|reason| reason.code == code)
    }

    /// Every situation, whoever gives it.
    #[must_use]
    pub fn all_situations(&self) -> &[Situation] {
        &self.situations
    }

    /// The answers to 发生了什么 an applicant can give, in order.
    pub fn situations(&self, applicant: ApplicantKind) -> impl Iterator<Item = &Situation> {
        self.situations.iter().filter(move |situation| situation.applicants.contains(&applicant))
    }

    /// The answer with that key, if the applicant can give it.
    #[must_use]
    pub fn situation(&self, applicant: ApplicantKind, key: &str) -> Option<&Situation> {
        self.situations(applicant).find(|situation| situation.key == key)
    }

    /// The reasons to choose from after an answer, in order.
    pub fn reasons_of(&self, situation: &Situation) -> impl Iterator<Item = &Reason> {
        situation.reasons.iter().filter_map(|code| self.reason(code))
    }

    /// What a reason does to the person, to be shown before anything is submitted.
    #[must_use]
    pub fn effects(&self, reason: &Reason) -> Option<&Effects> {
        self.effects.get(&reason.effects)
    }

    /// What a reason says about unemployment benefit, in words.
    #[must_use]
    pub fn benefit_hint(&self, reason: &Reason) -> Option<&LocalText> {
        self.involuntary.get(&reason.involuntary)
    }

    /// The numbers of the law the rules use, by name.
    #[must_use]
    pub const fn limits(&self) -> &BTreeMap<String, Limit> {
        &self.limits
    }

    pub(in crate::registration_type) fn ask_rules(&self) -> &[AskRule] {
        &self.ask_rules
    }

    /// INVARIANT: `links` refuses a type that names a rule without giving its limits, so zero is never returned.
    pub(in crate::registration_type) fn limit(&self, name: &str) -> i32 {
        self.limits.get(name).map_or(0, |limit| limit.value)
    }
}
