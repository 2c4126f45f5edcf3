//! Checking what was typed for a new registration: every problem at once, in the order of the form.
//!
//! It never fills in what a person did not say, except the date of birth and the sex that a citizen number states.

use jiff::civil::Date;

use crate::dates::parse_date;
use crate::identity::{CitizenId, IdentityDocument, PersonName, Phone, Uscc, text};
use crate::problem::{FieldProblem, Problem};

use super::answers::{Answers, Details};
use super::rules::{Context, Finding, Flag};
use super::schema::{DocumentFields, Field, FieldKind, Required};
use super::{RegistrationType, TypeBook, sex_code};

/// Longer answers are refused unread where the type file gives no length.
const LONGEST_ANSWER: usize = 200;

/// What the rules have to know beside the answers.
#[derive(Clone, Copy)]
pub struct CheckFacts<'a> {
    /// The legal day in Asia/Shanghai.
    pub today: Date,
    /// Types and code tables.
    pub book: &'a TypeBook,
    /// Date of birth of the person on file, for types that do not ask for it (V1).
    pub birth_date: Option<Date>,
    /// Last day of the person's previous contract with the same employer (V5).
    pub previous_contract_end: Option<Date>,
    /// Whether another full-time registration of the person is open (V12).
    pub has_other_full_time: bool,
}

/// Answers that may be registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The values to store.
    pub details: Details,
    /// What the person should know and a reviewer should see; nothing here stops the registration.
    pub warnings: Vec<FieldProblem>,
    /// What the agency has to do.
    pub flags: Vec<Flag>,
}

impl RegistrationType {
    /// Checks all answers. Answers to fields the type does not have are ignored.
    ///
    /// # Errors
    /// Everything that is wrong, at most one problem for each field, in the order of the form.
    pub fn check(&self, answers: &Answers, facts: &CheckFacts<'_>) -> Result<Checked, Vec<FieldProblem>> {
        let mut checking = Checking::new(self, answers, facts);
        for field in self.fields() {
            checking.read(field);
        }
        checking.fill_from_citizen_id();
        for field in self.fields() {
            checking.require(field);
            checking.look(field);
        }
        checking.finish()
    }
}

/// One reading of a form.
pub(super) struct Checking<'a> {
    kind: &'a RegistrationType,
    answers: &'a Answers,
    facts: &'a CheckFacts<'a>,
    citizen_id: Option<CitizenId>,
    problems: Vec<FieldProblem>,
    checked: Checked,
}

impl<'a> Checking<'a> {
    pub(super) const fn new(kind: &'a RegistrationType, answers: &'a Answers, facts: &'a CheckFacts<'a>) -> Self {
        Self {
            kind,
            answers,
            facts,
            citizen_id: None,
            problems: Vec::new(),
            checked: Checked { details: Details::new(), warnings: Vec::new(), flags: Vec::new() },
        }
    }

    /// Takes a value over as it is stored.
    pub(super) fn keep(&mut self, field: &Field, stored: Option<&str>) {
        self.checked.details.set(&field.key, stored.map(str::to_owned));
    }

    pub(super) fn read(&mut self, field: &Field) {
        let typed = self.answers.get(&field.key).trim();
        if typed.is_empty() {
            return;
        }
        let most = field.max_length.unwrap_or(LONGEST_ANSWER);
        let length = typed.chars().count();
        // Nobody can write his name shorter; what he can do the name says itself.
        let says_itself = field.kind == FieldKind::Name && length > PersonName::LONGEST;
        if length > most && !says_itself {
            self.block(labelled("registration.too-long", field).with("most", most.to_string()).at(&field.key));
            return;
        }
        if let (FieldKind::Identity, Some(document)) = (field.kind, &field.document) {
            self.read_document(field, document, typed);
            return;
        }
        match self.stored(field, typed) {
            Ok(value) => self.checked.details.insert(&field.key, value),
            Err(problem) => self.block(problem.at(&field.key)),
        }
    }

    /// The stored form of an answer.
    fn stored(&mut self, field: &Field, typed: &str) -> Result<String, Problem> {
        match field.kind {
            FieldKind::Text => one_line(typed),
            FieldKind::Name => PersonName::parse(typed).map(|name| name.as_str().to_owned()),
            FieldKind::CitizenId | FieldKind::Identity => {
                CitizenId::parse(typed, self.facts.today).map(|id| id.as_str().to_owned())
            }
            FieldKind::Uscc => Uscc::parse(typed).map(|code| code.as_str().to_owned()),
            FieldKind::Date => parse_date(typed).map(|day| day.to_string()),
            FieldKind::Amount => amount(field, typed),
            FieldKind::Phone => Phone::parse(typed).map(|phone| phone.as_str().to_owned()),
            FieldKind::Code | FieldKind::Choice => self.code(field, typed),
            FieldKind::Region => self.region(field, typed),
        }
    }

    fn read_document(&mut self, field: &Field, document: &DocumentFields, typed: &str) {
        // Without a kind the number cannot be read; the missing kind is reported beside its own field.
        let Some(kind) = self.checked.details.get(&document.kind) else { return };
        let country = Some(self.answers.get(&document.country)).filter(|country| !country.trim().is_empty());
        match IdentityDocument::parse(kind, typed, country, self.facts.today) {
            Ok(read) => {
                self.checked.warnings.extend(read.warning().map(|problem| problem.at(&field.key)));
                self.checked.details.insert(&field.key, read.number().to_owned());
                if let Some(country) = read.country() {
                    self.checked.details.insert(&document.country, country.to_owned());
                }
                if let IdentityDocument::CitizenId(id) = read {
                    self.citizen_id = Some(id);
                }
            }
            Err(problem) if problem.code == "passport.country" => self.block(problem.at(&document.country)),
            Err(problem) => self.block(problem.at(&field.key)),
        }
    }

    fn code(&self, field: &Field, typed: &str) -> Result<String, Problem> {
        let table = field.codes.as_deref().and_then(|name| self.facts.book.codes(name));
        let code = table.and_then(|table| table.find(typed)).filter(|code| code.is_valid_on(self.facts.today));
        code.map(|code| code.code.clone()).ok_or_else(|| labelled("registration.unknown-code", field))
    }

    /// An abolished division is accepted, because old contracts and old documents name it; its successor is told.
    fn region(&mut self, field: &Field, typed: &str) -> Result<String, Problem> {
        let table = field.codes.as_deref().and_then(|name| self.facts.book.codes(name));
        let found = table.and_then(|table| table.find(typed).map(|code| (table, code)));
        let Some((table, code)) = found else { return Err(labelled("registration.unknown-region", field)) };
        if table.is_parent(&code.code) {
            return Err(labelled("registration.region-too-wide", field).with("region", code.label.clone()));
        }
        if let (false, Some(successor)) = (code.is_valid_on(self.facts.today), &code.successor) {
            let problem = Problem::new("registration.region-abolished")
                .with("region", code.label.clone())
                .with("successor", table.full_label(successor, "zh-CN"));
            self.checked.warnings.push(problem.at(&field.key));
        }
        Ok(code.code.clone())
    }

    fn fill_from_citizen_id(&mut self) {
        let Some(id) = &self.citizen_id else { return };
        let stated = [("birth_date", id.birth_date().to_string()), ("sex", sex_code(id.sex()).to_owned())];
        for (key, value) in stated {
            if self.kind.field(key).is_some() && self.answers.get(key).trim().is_empty() {
                self.checked.details.insert(key, value);
            }
        }
    }

    pub(super) fn require(&mut self, field: &Field) {
        let required = match &field.required {
            Required::Always => true,
            Required::Never => false,
            Required::When(condition) => condition.holds(self.checked.details.get(&condition.field)),
        };
        if !required
            || !self.answers.get(&field.key).trim().is_empty()
            || self.checked.details.get(&field.key).is_some()
        {
            return;
        }
        let code = if field.kind.is_coded() { "registration.not-chosen" } else { "registration.not-filled" };
        self.block(labelled(code, field).at(&field.key));
    }

    pub(super) fn look(&mut self, field: &Field) {
        for rule in &field.rules {
            let context = Context {
                kind: self.kind,
                field,
                details: &self.checked.details,
                citizen_id: self.citizen_id.as_ref(),
                facts: self.facts,
            };
            match rule.look(&context) {
                Finding::Fine => {}
                Finding::Block(problem) => self.block(problem),
                Finding::Warn(problem) => self.checked.warnings.push(problem),
                Finding::Flag(flag, problem) => {
                    self.checked.flags.push(flag);
                    self.checked.warnings.push(problem);
                }
            }
        }
    }

    /// One problem for a field is enough: the first is the one to mend first.
    fn block(&mut self, problem: FieldProblem) {
        if !self.problems.iter().any(|earlier| earlier.field == problem.field) {
            self.problems.push(problem);
        }
    }

    pub(super) fn finish(mut self) -> Result<Checked, Vec<FieldProblem>> {
        if self.problems.is_empty() {
            return Ok(self.checked);
        }
        let place = |key: &str| self.kind.fields().iter().position(|field| field.key == key);
        self.problems.sort_by_key(|problem| place(&problem.field));
        Err(self.problems)
    }
}

/// A problem whose text names the field by its label.
fn labelled(code: &'static str, field: &Field) -> Problem {
    Problem::new(code).with("label", field.label.clone())
}

fn one_line(typed: &str) -> Result<String, Problem> {
    let line = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    text::refuse_hidden(&line)?;
    Ok(line)
}

/// Yuan: separators, width and the unit are forgiven; stored as `8500` or `8500.50`.
fn amount(field: &Field, typed: &str) -> Result<String, Problem> {
    text::refuse_hidden(typed)?;
    let plain: String =
        typed.chars().map(text::half_width).filter(|sign| !matches!(sign, ',' | ' ' | '元' | '¥')).collect();
    let unreadable = || labelled("registration.amount-unreadable", field);
    let (yuan, fen) = plain.split_once('.').unwrap_or((&plain, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if yuan.is_empty() || !digits(yuan) || !digits(fen) || fen.len() > 2 {
        return Err(unreadable());
    }
    let most = field.max.unwrap_or(u32::MAX);
    let yuan = match yuan.parse::<u32>() {
        Ok(yuan) if yuan <= most => yuan,
        _ => return Err(labelled("registration.amount-too-large", field).with("most", most.to_string())),
    };
    let fen = format!("{fen:0<2}");
    Ok(if fen == "00" { yuan.to_string() } else { format!("{yuan}.{fen}") })
}
