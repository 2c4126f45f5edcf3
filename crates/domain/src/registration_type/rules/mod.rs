//! The rules a type file can name, each with its number in the domain page (§2.9) and one small function.
//!
//! The set is closed: data says which rule looks at which field, never what the rule means. A rule reports what it
//! found; it never changes an answer.

mod ask;
mod register;

use jiff::civil::Date;

use crate::problem::FieldProblem;

pub(super) use ask::AskContext;
pub(super) use register::Context;

/// Something the agency must know although nothing is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flag {
    /// 未成年工: 16 or 17 years old on the first day (V1).
    Minor,
    /// Another full-time registration is open; both employers and the worker are told (V12).
    SecondFullTime,
    /// The person is dead or missing: relatives or data speak, and no message goes to the person (V10).
    RelativesPath,
}

impl Flag {
    /// The word used in stored cases and locale keys.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Minor => "minor",
            Self::SecondFullTime => "second-full-time",
            Self::RelativesPath => "relatives-path",
        }
    }
}

/// What one rule found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// Nothing.
    Fine,
    /// The answer cannot stand.
    Block(FieldProblem),
    /// The answer stands; the person is told, and the reviewer sees it.
    Warn(FieldProblem),
    /// The agency has something to do, and the person is told.
    Flag(Flag, FieldProblem),
}

/// A rule that looks at one answer of a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldRule {
    /// V1.
    WorkingAge,
    /// V2.
    AgreesWithIdNumber,
    /// V3.
    HiredByToday,
    /// V4.
    ContractTerm,
    /// V5.
    AfterPreviousContract,
    /// V6.
    ProbationLength,
    /// V12.
    SecondFullTime,
    /// V13.
    StartedByToday,
    /// V14.
    SubjectOfRegistration,
}

impl FieldRule {
    /// All field rules by their number.
    pub const WORDS: [(&'static str, Self); 9] = [
        ("V1", Self::WorkingAge),
        ("V2", Self::AgreesWithIdNumber),
        ("V3", Self::HiredByToday),
        ("V4", Self::ContractTerm),
        ("V5", Self::AfterPreviousContract),
        ("V6", Self::ProbationLength),
        ("V12", Self::SecondFullTime),
        ("V13", Self::StartedByToday),
        ("V14", Self::SubjectOfRegistration),
    ];

    /// The limits a type that names this rule has to give.
    #[must_use]
    pub const fn limits(self) -> &'static [&'static str] {
        match self {
            Self::WorkingAge => &["working-age", "adult-age"],
            Self::ProbationLength => &["probation-months-short", "probation-months-medium", "probation-months-long"],
            _ => &[],
        }
    }

    /// The other fields it reads; a type that names it has to ask for them.
    #[must_use]
    pub const fn reads(self) -> &'static [&'static str] {
        match self {
            Self::AgreesWithIdNumber => &["document_kind", "document_number"],
            Self::ContractTerm | Self::ProbationLength => &["contract_type", "contract_from", "contract_to"],
            _ => &[],
        }
    }

    pub(super) fn look(self, context: &Context<'_>) -> Finding {
        match self {
            Self::WorkingAge => context.working_age(),
            Self::AgreesWithIdNumber => context.agrees_with_id_number(),
            Self::HiredByToday => context.hired_by_today(),
            Self::ContractTerm => context.contract_term(),
            Self::AfterPreviousContract => context.after_previous_contract(),
            Self::ProbationLength => context.probation_length(),
            Self::SecondFullTime => context.second_full_time(),
            Self::StartedByToday => context.started_by_today(),
            Self::SubjectOfRegistration => context.subject_of_registration(),
        }
    }
}

/// A rule that looks at a wish to end, close or revoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskRule {
    /// V7.
    EndsWithinRelation,
    /// V8.
    DateFitsReason,
    /// V9.
    PensionAge,
    /// V10.
    Relatives,
    /// V11.
    GroundsOfRevocation,
}

impl AskRule {
    /// All rules by their number.
    pub const WORDS: [(&'static str, Self); 5] = [
        ("V7", Self::EndsWithinRelation),
        ("V8", Self::DateFitsReason),
        ("V9", Self::PensionAge),
        ("V10", Self::Relatives),
        ("V11", Self::GroundsOfRevocation),
    ];

    /// The limits a type that names this rule has to give.
    #[must_use]
    pub const fn limits(self) -> &'static [&'static str] {
        match self {
            Self::EndsWithinRelation => &["planned-end-days"],
            Self::DateFitsReason => &["expiry-slack-days", "notice-days", "probation-notice-days"],
            Self::PensionAge => &["pension-age-male", "pension-age-female"],
            Self::Relatives | Self::GroundsOfRevocation => &[],
        }
    }

    pub(super) fn look(self, context: &AskContext<'_>) -> Finding {
        match self {
            Self::EndsWithinRelation => context.ends_within_relation(),
            Self::DateFitsReason => context.date_fits_reason(),
            Self::PensionAge => context.pension_age(),
            Self::Relatives => context.relatives(),
            Self::GroundsOfRevocation => context.grounds_of_revocation(),
        }
    }
}

/// Full years of age on a day. Someone born on 29 February comes of age on 1 March of a common year.
fn age_on(birth: Date, day: Date) -> i32 {
    let years = i32::from(day.year()) - i32::from(birth.year());
    if (day.month(), day.day()) < (birth.month(), birth.day()) { years - 1 } else { years }
}
