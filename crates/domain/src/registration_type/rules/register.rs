//! V1–V6 and V12–V14: what must be true of a registration before it is made.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::identity::CitizenId;
use crate::problem::Problem;

use super::super::answers::Details;
use super::super::check::CheckFacts;
use super::super::schema::Field;
use super::super::{RegistrationType, sex_code};
use super::{Finding, Flag, age_on};

/// One answer, and what its rules may look at.
pub(in super::super) struct Context<'a> {
    pub(in super::super) kind: &'a RegistrationType,
    pub(in super::super) field: &'a Field,
    pub(in super::super) details: &'a Details,
    pub(in super::super) citizen_id: Option<&'a CitizenId>,
    pub(in super::super) facts: &'a CheckFacts<'a>,
}

impl Context<'_> {
    /// V1: at least 16 on the first day, the field this rule stands on; 16 and 17 are flagged 未成年工.
    pub(super) fn working_age(&self) -> Finding {
        let birth = self.details.date("birth_date").or(self.facts.birth_date);
        let (Some(birth), Some(first_day)) = (birth, self.date()) else { return Finding::Fine };
        let (least, adult) = (self.kind.limit("working-age"), self.kind.limit("adult-age"));
        match age_on(birth, first_day) {
            age if age < least => {
                self.block(Problem::new("registration.under-working-age").with("age", least.to_string()))
            }
            age if age < adult => Finding::Flag(
                Flag::Minor,
                Problem::new("registration.minor").with("age", adult.to_string()).at(&self.field.key),
            ),
            _ => Finding::Fine,
        }
    }

    /// V2: the date of birth and the sex are those of the number. Neither is changed silently: one of the two papers
    /// was read wrongly, and only the person knows which.
    pub(super) fn agrees_with_id_number(&self) -> Finding {
        let (Some(id), Some(given)) = (self.citizen_id, self.details.get(&self.field.key)) else {
            return Finding::Fine;
        };
        let (stated, code) = match self.field.key.as_str() {
            "sex" => (sex_code(id.sex()).to_owned(), "registration.sex-differs"),
            _ => (id.birth_date().to_string(), "registration.birth-date-differs"),
        };
        if given == stated { Finding::Fine } else { self.block(Problem::new(code)) }
    }

    /// V3: a future first day stays a draft.
    pub(super) fn hired_by_today(&self) -> Finding {
        self.by_today("registration.hired-later")
    }

    /// V4: the contract ends after it begins; a fixed term has an end, an open one has none (a province's import sheet
    /// checks the same).
    pub(super) fn contract_term(&self) -> Finding {
        let (from, to) = (self.details.date("contract_from"), self.details.date("contract_to"));
        match (self.details.get("contract_type"), from, to) {
            (Some("fixed"), _, None) => self.block(Problem::new("registration.fixed-term-without-end")),
            (Some("open"), _, Some(_)) => self.block(Problem::new("registration.open-term-with-end")),
            (Some("none"), _, Some(_)) => self.block(Problem::new("registration.end-without-contract")),
            (_, Some(from), Some(to)) if to < from => self.block(Problem::new("registration.contract-ends-early")),
            _ => Finding::Fine,
        }
    }

    /// V5: a new contract does not begin before the previous one with the same employer has ended.
    pub(super) fn after_previous_contract(&self) -> Finding {
        match (self.date(), self.facts.previous_contract_end) {
            (Some(from), Some(previous)) if from < previous => self
                .block(Problem::new("registration.contract-overlaps-previous").with("previous", previous.to_string())),
            _ => Finding::Fine,
        }
    }

    /// V6: one, two or six months at most, by the term (《劳动合同法》 Art. 19); none for a task or under three months.
    pub(super) fn probation_length(&self) -> Finding {
        let Some(until) = self.date() else { return Finding::Fine };
        let Some(from) = self.details.date("contract_from") else {
            return self.warn(Problem::new("registration.probation-without-contract"));
        };
        if until < from {
            return self.block(Problem::new("registration.probation-ends-early"));
        }
        match self.longest_probation(from) {
            Some(0) => self.warn(Problem::new("registration.probation-not-allowed")),
            Some(months) if from.checked_add(months.months()).is_ok_and(|end| until >= end) => {
                self.warn(Problem::new("registration.probation-too-long").with("months", months.to_string()))
            }
            _ => Finding::Fine,
        }
    }

    /// V12: a second full-time registration is noticed, never blocked (《劳动合同法》 Art. 91 makes the new employer
    /// liable, so it is told).
    pub(super) fn second_full_time(&self) -> Finding {
        let full_time = self.details.get(&self.field.key) != Some("part-time");
        if full_time && self.facts.has_other_full_time {
            let problem = Problem::new("registration.second-full-time").at(&self.field.key);
            return Finding::Flag(Flag::SecondFullTime, problem);
        }
        Finding::Fine
    }

    /// V13: flexible work has begun when it is registered.
    pub(super) fn started_by_today(&self) -> Finding {
        self.by_today("registration.started-later")
    }

    /// V14: re-employed pensioners, students in practice and service contracts are no 就业登记 and are guided away.
    pub(super) fn subject_of_registration(&self) -> Finding {
        match self.details.get(&self.field.key) {
            Some("rehired") => self.block(Problem::new("registration.no-subject-rehired")),
            Some("intern") => self.block(Problem::new("registration.no-subject-intern")),
            Some("service") => self.block(Problem::new("registration.no-subject-service")),
            _ => Finding::Fine,
        }
    }

    /// Months of probation the contract allows; `None` while its end is unknown.
    fn longest_probation(&self, from: Date) -> Option<i32> {
        let to = match self.details.get("contract_type")? {
            "open" => return Some(self.kind.limit("probation-months-long")),
            "fixed" => self.details.date("contract_to")?,
            _ => return Some(0),
        };
        // A year from 6 March ends on 5 March, so the day after the last one is compared.
        let after = to.tomorrow().ok()?;
        let lasts = |months: i32| from.checked_add(months.months()).is_ok_and(|end| after >= end);
        Some(match () {
            () if lasts(36) => self.kind.limit("probation-months-long"),
            () if lasts(12) => self.kind.limit("probation-months-medium"),
            () if lasts(3) => self.kind.limit("probation-months-short"),
            () => 0,
        })
    }

    fn by_today(&self, code: &'static str) -> Finding {
        match self.date() {
            Some(day) if day > self.facts.today => self.block(Problem::new(code)),
            _ => Finding::Fine,
        }
    }

    fn date(&self) -> Option<Date> {
        self.details.date(&self.field.key)
    }

    fn block(&self, problem: Problem) -> Finding {
        Finding::Block(problem.at(&self.field.key))
    }

    fn warn(&self, problem: Problem) -> Finding {
        Finding::Warn(problem.at(&self.field.key))
    }
}
