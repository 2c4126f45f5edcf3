//! V7–V11: what must be true of a wish to end, close or revoke.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::act::Act;
use crate::identity::Sex;
use crate::problem::{FieldProblem, Problem};
use crate::retirement::{RetirementCategory, retirement_month};

use super::super::RegistrationType;
use super::super::ask::{EFFECTIVE_ON, EXPLANATION_MIN, NOTE, NOTICE_ON, OnRecord, PensionDecision, REASON};
use super::super::schema::{Expectation, Reason};
use super::{Finding, Flag, age_on};

/// One wish, read and dated, and what its rules may look at.
pub(in super::super) struct AskContext<'a> {
    pub(in super::super) kind: &'a RegistrationType,
    pub(in super::super) reason: &'a Reason,
    pub(in super::super) effective_on: Date,
    pub(in super::super) notice_on: Option<Date>,
    pub(in super::super) note: &'a str,
    pub(in super::super) pension: PensionDecision,
    pub(in super::super) record: &'a OnRecord<'a>,
    pub(in super::super) today: Date,
}

impl AskContext<'_> {
    /// V7: not before the first day, and not later than a planned end may be filed ahead.
    pub(super) fn ends_within_relation(&self) -> Finding {
        if self.effective_on < self.record.started_on {
            let problem = Problem::new("ask.before-first-day").with("first_day", self.record.started_on.to_string());
            return Finding::Block(problem.at(EFFECTIVE_ON));
        }
        let days = self.kind.limit("planned-end-days");
        let Ok(latest) = self.today.checked_add(days.days()) else { return Finding::Fine };
        if self.effective_on <= latest {
            return Finding::Fine;
        }
        let problem = if days == 0 {
            Problem::new("ask.not-yet")
        } else {
            Problem::new("ask.too-far-ahead").with("days", days.to_string()).with("latest", latest.to_string())
        };
        Finding::Block(problem.at(EFFECTIVE_ON))
    }

    /// V8: an expired contract ends on its last day, and a resignation was announced in time; otherwise an explanation.
    pub(super) fn date_fits_reason(&self) -> Finding {
        if self.note.chars().count() >= EXPLANATION_MIN {
            return Finding::Fine;
        }
        let problem = match () {
            () if self.reason.expects(Expectation::ContractEnd) => self.differs_from_contract_end(),
            () if self.reason.expects(Expectation::Notice) => self.notice_too_short(),
            () => None,
        };
        problem.map_or(Finding::Fine, Finding::Warn)
    }

    /// V9: nobody draws a pension before the least age, unless a decision on the pension is attached; before the
    /// statutory month the reviewer should look.
    pub(super) fn pension_age(&self) -> Finding {
        if !self.reason.expects(Expectation::Pension) || self.pension == PensionDecision::Attached {
            return Finding::Fine;
        }
        let (Some(sex), Some(birth)) = (self.record.sex(), self.record.birth_date()) else { return Finding::Fine };
        let (limit, category) = match sex {
            Sex::Male => ("pension-age-male", RetirementCategory::Men),
            Sex::Female => ("pension-age-female", RetirementCategory::Women50),
        };
        let least = self.kind.limit(limit);
        if age_on(birth, self.effective_on) < least {
            return Finding::Block(Problem::new("ask.below-pension-age").with("age", least.to_string()).at(REASON));
        }
        let statutory = retirement_month((birth.year(), birth.month()), category);
        if (self.effective_on.year(), self.effective_on.month()) < (statutory.year, statutory.month) {
            return Finding::Warn(Problem::new("ask.before-statutory-month").at(REASON));
        }
        Finding::Fine
    }

    /// V10: death opens the way of the relatives; nobody dies on a later day.
    pub(super) fn relatives(&self) -> Finding {
        if !self.reason.expects(Expectation::Relatives) {
            return Finding::Fine;
        }
        if self.effective_on > self.today {
            return Finding::Block(Problem::new("ask.not-yet").at(EFFECTIVE_ON));
        }
        Finding::Flag(Flag::RelativesPath, Problem::new("ask.relatives-path").at(REASON))
    }

    /// V11: a revocation says who found the mistake and how; where the other side must be heard, it waits for the
    /// hearing. The evidence is asked for by the rules on materials.
    pub(super) fn grounds_of_revocation(&self) -> Finding {
        if self.reason.act != Act::Revoke {
            return Finding::Fine;
        }
        if self.reason.expects(Expectation::Hearing) {
            return Finding::Block(Problem::new("ask.hearing-needed").at(REASON));
        }
        if self.note.is_empty() {
            return Finding::Block(Problem::new("ask.who-found-it").at(NOTE));
        }
        Finding::Fine
    }

    fn differs_from_contract_end(&self) -> Option<FieldProblem> {
        let contract_end = self.record.details.date("contract_to")?;
        let slack = self.kind.limit("expiry-slack-days");
        let problem = Problem::new("ask.differs-from-contract-end").with("contract_end", contract_end.to_string());
        (days_between(self.effective_on, contract_end).abs() > slack).then(|| problem.at(EFFECTIVE_ON))
    }

    fn notice_too_short(&self) -> Option<FieldProblem> {
        let probation = self.record.details.date("probation_until").is_some_and(|until| self.effective_on <= until);
        let days = self.kind.limit(if probation { "probation-notice-days" } else { "notice-days" });
        let Some(notice_on) = self.notice_on else {
            return Some(Problem::new("ask.notice-day-missing").with("days", days.to_string()).at(NOTICE_ON));
        };
        let short = days_between(notice_on, self.effective_on) < days;
        short.then(|| Problem::new("ask.notice-too-short").with("days", days.to_string()).at(NOTICE_ON))
    }
}

fn days_between(from: Date, to: Date) -> i32 {
    (to - from).get_days()
}
