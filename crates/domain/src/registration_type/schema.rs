//! What a type file can say: fields, reasons, situations, effects. Plain read-only values.
//!
//! Nothing here decides; text for people comes from the file and is never written here.

use std::collections::BTreeMap;

use crate::act::{Act, ApplicantKind};
use crate::local_text::LocalText;

use super::rules::FieldRule;

/// Fields that stand together on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The word fields refer to.
    pub key: String,
    /// The heading.
    pub label: LocalText,
    /// Closed at first, because everything in it is optional.
    pub folded: bool,
}

/// How an answer is typed, checked and stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// One line of words; runs of blanks become one space.
    Text,
    /// A person's name, kept as typed.
    Name,
    /// A document number, read by the kind of document named in another field.
    Identity,
    /// A citizen number (GB 11643).
    CitizenId,
    /// A unified social credit code (GB 32100).
    Uscc,
    /// A day, stored as `2026-03-06`.
    Date,
    /// One code of a long table: a list to choose from.
    Code,
    /// Yuan with at most two decimals, stored without separators.
    Amount,
    /// A telephone number.
    Phone,
    /// One code of the table of divisions, abolished ones included.
    Region,
    /// One code of a short table: radio buttons.
    Choice,
}

impl FieldKind {
    /// All kinds by their word in type files.
    pub const WORDS: [(&'static str, Self); 11] = [
        ("text", Self::Text),
        ("name", Self::Name),
        ("identity", Self::Identity),
        ("citizen-id", Self::CitizenId),
        ("uscc", Self::Uscc),
        ("date", Self::Date),
        ("code", Self::Code),
        ("amount", Self::Amount),
        ("phone", Self::Phone),
        ("region", Self::Region),
        ("choice", Self::Choice),
    ];

    /// Whether the answer is a code of a table.
    #[must_use]
    pub const fn is_coded(self) -> bool {
        matches!(self, Self::Code | Self::Choice | Self::Region)
    }
}

/// Whether an answer can be found again by an exact search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search {
    /// By a keyed index of the whole value.
    Exact,
    /// Not at all.
    None,
}

/// Whether a field must be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Required {
    /// In every case.
    Always,
    /// In no case.
    Never,
    /// When another answer says so.
    When(Condition),
}

/// `contract_type = fixed|task` or `document_kind != citizen-id`: the only conditions a type file knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The coded field that decides.
    pub field: String,
    /// Whether the answer must be one of the codes, or must be another one.
    pub relation: Relation,
    /// The codes.
    pub codes: Vec<String>,
}

/// How a condition compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The answer is one of the codes.
    OneOf,
    /// There is an answer, and it is none of the codes.
    NoneOf,
}

impl Condition {
    /// Whether it holds for the code answered; an unanswered field fulfils no condition.
    #[must_use]
    pub fn holds(&self, answered: Option<&str>) -> bool {
        let Some(code) = answered else { return false };
        let listed = self.codes.iter().any(|listed| listed == code);
        listed == (self.relation == Relation::OneOf)
    }
}

/// One thing a registration asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name in forms, details and the API. Never renamed.
    pub key: String,
    /// The group it stands in.
    pub group: String,
    /// The question.
    pub label: LocalText,
    /// One sentence under the question.
    pub hint: Option<LocalText>,
    /// How it is typed and checked.
    pub kind: FieldKind,
    /// Whether it must be answered.
    pub required: Required,
    /// Whether the answer says something about a person: masked in lists, recorded when looked at.
    pub personal: bool,
    /// How it can be searched.
    pub search: Search,
    /// The code table, for coded kinds.
    pub codes: Option<String>,
    /// The code chosen before the person touches the form.
    pub default: Option<String>,
    /// Most characters accepted.
    pub max_length: Option<usize>,
    /// Largest amount accepted, in yuan.
    pub max: Option<u32>,
    /// The HTML `autocomplete` word.
    pub autocomplete: Option<String>,
    /// For a document number: the fields with the kind of document and the issuing country.
    pub document: Option<DocumentFields>,
    /// Whether a 更正 may change the answer. What says who the person is, and what has a history of its own, it may not.
    pub correctable: bool,
    /// The rules that look at this answer.
    pub rules: Vec<FieldRule>,
}

/// Which fields say what kind of document a number belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentFields {
    /// The coded field with the kind of document.
    pub kind: String,
    /// The field with the country that issued a passport.
    pub country: String,
}

/// What a reason says about unemployment benefit (《实施社会保险法若干规定》 Art. 13). A hint, never a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Involuntary {
    /// 非因本人意愿中断就业.
    Yes,
    /// Left of their own will.
    No,
    /// The insurer has to look.
    Check,
    /// The question does not arise.
    None,
}

impl Involuntary {
    /// All values by their word in type files.
    pub const WORDS: [(&'static str, Self); 4] =
        [("yes", Self::Yes), ("no", Self::No), ("check", Self::Check), ("none", Self::None)];
}

/// What a reason expects of the one who gives it; each word has its rule in Rust.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// The end of the contract is the end of the relation (V8).
    ContractEnd,
    /// Notice was given in good time (V8).
    Notice,
    /// The person can draw a pension (V9).
    Pension,
    /// The person is dead or missing: relatives or data speak, and nobody writes to the person (V10).
    Relatives,
    /// The other side has to be heard before anything is decided (V11).
    Hearing,
}

impl Expectation {
    /// All expectations by their word in type files.
    pub const WORDS: [(&'static str, Self); 5] = [
        ("contract-end", Self::ContractEnd),
        ("notice", Self::Notice),
        ("pension", Self::Pension),
        ("relatives", Self::Relatives),
        ("hearing", Self::Hearing),
    ];
}

/// Why a record ends, closes or is revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The code that is stored and published, `3601`.
    pub code: String,
    /// The act it leads to.
    pub act: Act,
    /// Who may give it.
    pub applicants: Vec<ApplicantKind>,
    /// The article, as printed in decisions.
    pub basis: String,
    /// Plain words, as the worker reads them.
    pub label: LocalText,
    /// The words of the statute.
    pub official: LocalText,
    /// What it says about unemployment benefit.
    pub involuntary: Involuntary,
    /// Least characters of explanation; 0 when none is asked.
    pub note_min: usize,
    /// What the explanation should say, where it matters.
    pub note_label: Option<LocalText>,
    /// What to call the day; `None` when no day is asked because the act works back to the first day.
    pub date_label: Option<LocalText>,
    /// What it expects.
    pub expects: Vec<Expectation>,
    /// Key of its effects.
    pub effects: String,
    /// Whether it can be given on line today.
    pub offered: bool,
}

impl Reason {
    /// Whether it expects that.
    #[must_use]
    pub fn expects(&self, expectation: Expectation) -> bool {
        self.expects.contains(&expectation)
    }
}

/// An answer to 发生了什么, and where it leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Situation {
    /// Its word in forms.
    pub key: String,
    /// Who gives it.
    pub applicants: Vec<ApplicantKind>,
    /// The answer, in the person's words.
    pub label: LocalText,
    /// One sentence under it.
    pub hint: Option<LocalText>,
    /// The act it leads to.
    pub act: Act,
    /// The reason codes to choose from, in order; one means that there is nothing to choose.
    pub reasons: Vec<String>,
    /// Whether the way goes on here.
    pub offered: bool,
    /// Where else to go, when it does not.
    pub instead: Option<LocalText>,
}

/// What an act does to the person, said before it is asked for (the effects preview).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effects {
    /// 工作经历.
    pub work_history: LocalText,
    /// 社保.
    pub insurance: LocalText,
    /// 失业金.
    pub benefit: LocalText,
    /// 退休.
    pub pension: LocalText,
}

/// A number the law gives, with its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// The number, in the unit its name says.
    pub value: i32,
    /// Where it comes from.
    pub basis: String,
}

/// What two open records may not share (V20); overlapping days are always part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UniqueBy {
    /// The person.
    Person,
    /// The employer.
    Employer,
    /// The building project.
    Project,
}

impl UniqueBy {
    /// All parts by their word in type files.
    pub const WORDS: [(&'static str, Self); 3] =
        [("person", Self::Person), ("employer", Self::Employer), ("project", Self::Project)];
}

/// Which authority's offices keep the records of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Authority {
    /// 人社.
    Labour,
    /// 住建.
    Housing,
}

impl Authority {
    /// Both by their word in type files and tables.
    pub const WORDS: [(&'static str, Self); 2] = [("rs", Self::Labour), ("zj", Self::Housing)];

    /// The word used in tables.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Labour => "rs",
            Self::Housing => "zj",
        }
    }
}

/// The acts each kind of applicant may ask for.
pub type OfferedActs = BTreeMap<ApplicantKind, Vec<Act>>;
