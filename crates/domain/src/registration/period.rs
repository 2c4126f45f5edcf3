//! 进场 and 退场: the times a worker was on a site, one after another and never rewritten.
//!
//! One registration stands for a person, a project and an employer; it is 有效 while the worker is on the site and
//! 已终止 between two times. What may begin and end is rule V16, decided here and folded here.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::id::TeamId;
use crate::problem::Problem;
use crate::refusal::Refusal;

use super::event::RegistrationEvent;
use super::state::{Hold, LegalStatus, Registration};

/// One time on a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The team the worker was in.
    pub team: TeamId,
    /// First day on the site.
    pub from: Date,
    /// Last day on the site; none while 在场.
    pub to: Option<Date>,
}

/// The field of the day a worker comes or leaves.
pub const ON: &str = "on";

/// 进场: a worker comes to the site, for the first time or again.
///
/// # Errors
/// [`Refusal::Answers`] when the day is in the future or before the last 退场 (V16); [`Refusal::ActNotOpen`] when the
/// worker is on the site, or the record is no site's or stands no longer.
pub fn decide_entry(state: &Registration, team: &TeamId, on: Date, today: Date) -> Result<RegistrationEvent, Refusal> {
    if state.hold() != Hold::None {
        return Err(Refusal::CaseOpen);
    }
    if !may_enter(state) {
        return Err(Refusal::ActNotOpen { status: state.status().key() });
    }
    if on > today {
        return Err(problem(Problem::new("site.not-yet")));
    }
    match state.periods().last().and_then(|period| period.to) {
        Some(left) if on < left => Err(problem(Problem::new("site.before-exit").with("day", left.to_string()))),
        _ => Ok(RegistrationEvent::Entered { team: team.clone() }),
    }
}

/// 退场: a worker leaves the site. Wages that are still owed do not stand in the way (V17); they are said beside it.
///
/// # Errors
/// [`Refusal::Answers`] when the day is in the future or before the last 进场 (V16); [`Refusal::ActNotOpen`] when the
/// worker is not on the site.
pub fn decide_exit(state: &Registration, reason: &str, on: Date, today: Date) -> Result<RegistrationEvent, Refusal> {
    if state.hold() != Hold::None {
        return Err(Refusal::CaseOpen);
    }
    let Some(period) = state.on_site() else {
        return Err(Refusal::ActNotOpen { status: state.status().key() });
    };
    if on > today {
        return Err(problem(Problem::new("site.not-yet")));
    }
    if on < period.from {
        return Err(problem(Problem::new("site.before-entry").with("day", period.from.to_string())));
    }
    Ok(RegistrationEvent::Exited { reason: reason.to_owned() })
}

fn problem(problem: Problem) -> Refusal {
    Refusal::Answers(vec![problem.at(ON)])
}

/// On a project, and not there now: in effect for the first time, or between two times.
fn may_enter(state: &Registration) -> bool {
    let first = state.status() == LegalStatus::Valid && state.periods().is_empty();
    let again = state.status() == LegalStatus::Ended && state.on_site().is_none() && !state.periods().is_empty();
    state.file().project.is_some() && (first || again)
}

/// Folds 进场.
pub(super) fn enter(mut state: Registration, team: &TeamId, on: Date) -> Option<Registration> {
    if !may_enter(&state) || state.periods.last().and_then(|period| period.to).is_some_and(|left| on < left) {
        return None;
    }
    state.periods.push(Period { team: team.clone(), from: on, to: None });
    Some(Registration { status: LegalStatus::Valid, finished_on: None, reason: None, ..state })
}

/// Folds 退场.
pub(super) fn exit(mut state: Registration, reason: &str, on: Date) -> Option<Registration> {
    state.on_site()?;
    let period = state.periods.last_mut().filter(|period| period.to.is_none() && period.from <= on)?;
    period.to = Some(on);
    Some(Registration {
        status: LegalStatus::Ended,
        hold: Hold::None,
        finished_on: Some(on),
        reason: Some(reason.to_owned()),
        ..state
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::civil::date;

    use super::super::state::{Registered, evolve};
    use super::*;
    use crate::history::{Hash, RevisionRef};
    use crate::id::{EmployerId, OfficeId, PersonId, ProjectId, RegistrationId, RevisionId};

    const TODAY: Date = date(2026, 3, 10);

    fn team(nth: u8) -> TeamId {
        TeamId::new(Timestamp::UNIX_EPOCH, [nth; 10])
    }

    fn registered(project: bool) -> Registration {
        let (at, seed) = (Timestamp::UNIX_EPOCH, [0; 10]);
        let file = Registered {
            id: RegistrationId::new(at, seed),
            number: "DJ".to_owned(),
            kind: "construction".to_owned(),
            person: PersonId::new(at, seed),
            employer: Some(EmployerId::new(at, seed)),
            office: OfficeId::new(at, seed),
            project: project.then(|| ProjectId::new(at, seed)),
            started_on: date(2026, 3, 2),
            details: RevisionRef { id: RevisionId::new(at, seed), commitment: Hash::ZERO },
        };
        let filed = evolve(None, &super::super::decide_filed(&file), file.started_on);
        evolve(filed, &RegistrationEvent::TookEffect {}, file.started_on).unwrap()
    }

    fn entered(state: Registration, nth: u8, on: Date) -> Registration {
        let event = decide_entry(&state, &team(nth), on, TODAY).unwrap();
        evolve(Some(state), &event, on).unwrap()
    }

    fn left(state: Registration, on: Date) -> Registration {
        let event = decide_exit(&state, "X1", on, TODAY).unwrap();
        evolve(Some(state), &event, on).unwrap()
    }

    fn code(refused: Result<RegistrationEvent, Refusal>) -> &'static str {
        match refused.unwrap_err() {
            Refusal::Answers(problems) => problems[0].problem.code,
            other => other.code(),
        }
    }

    #[test]
    fn a_worker_comes_leaves_and_comes_again_to_another_team() {
        let state = entered(registered(true), 1, date(2026, 3, 2));
        assert_eq!(state.status(), LegalStatus::Valid);
        let state = left(state, date(2026, 3, 5));
        assert_eq!((state.status(), state.finished_on()), (LegalStatus::Ended, Some(date(2026, 3, 5))));
        let state = entered(state, 2, date(2026, 3, 5));
        assert_eq!((state.status(), state.finished_on(), state.reason()), (LegalStatus::Valid, None, None));
        let days: Vec<_> = state.periods().iter().map(|period| (period.from.day(), period.to.map(Date::day))).collect();
        assert_eq!(days, [(2, Some(5)), (5, None)]);
        assert_eq!(state.on_site().unwrap().team, team(2));
    }

    #[test]
    fn no_day_lies_in_the_future_or_before_the_last_coming_or_leaving() {
        let state = entered(registered(true), 1, date(2026, 3, 2));
        assert_eq!(code(decide_exit(&state, "X1", date(2026, 3, 11), TODAY)), "site.not-yet");
        assert_eq!(code(decide_exit(&state, "X1", date(2026, 3, 1), TODAY)), "site.before-entry");
        let state = left(state, date(2026, 3, 5));
        assert_eq!(code(decide_entry(&state, &team(1), date(2026, 3, 4), TODAY)), "site.before-exit");
        assert_eq!(code(decide_entry(&state, &team(1), date(2026, 3, 11), TODAY)), "site.not-yet");
    }

    #[test]
    fn nobody_comes_twice_or_leaves_twice_and_only_to_a_site() {
        let state = entered(registered(true), 1, date(2026, 3, 2));
        assert_eq!(code(decide_entry(&state, &team(1), TODAY, TODAY)), "act-not-open");
        let state = left(state, date(2026, 3, 5));
        assert_eq!(code(decide_exit(&state, "X1", TODAY, TODAY)), "act-not-open");
        assert_eq!(code(decide_entry(&registered(false), &team(1), TODAY, TODAY)), "act-not-open");
    }

    #[test]
    fn a_record_that_was_revoked_is_not_entered_again() {
        let state = left(entered(registered(true), 1, date(2026, 3, 2)), date(2026, 3, 5));
        let revoked = evolve(Some(state), &RegistrationEvent::Revoked { reason: "9001".to_owned() }, TODAY).unwrap();
        assert_eq!(code(decide_entry(&revoked, &team(1), TODAY, TODAY)), "act-not-open");
    }

    #[test]
    fn a_record_that_was_revoked_while_its_worker_was_on_the_site_is_not_left_or_entered_again() {
        let state = entered(registered(true), 1, date(2026, 3, 2));
        let revoked = evolve(Some(state), &RegistrationEvent::Revoked { reason: "9001".to_owned() }, TODAY).unwrap();
        assert_eq!(code(decide_exit(&revoked, "X1", TODAY, TODAY)), "act-not-open");
        assert_eq!(code(decide_entry(&revoked, &team(1), TODAY, TODAY)), "act-not-open");
        let stale = RegistrationEvent::Exited { reason: "X1".to_owned() };
        assert_eq!(evolve(Some(revoked), &stale, TODAY), None);
    }

    #[test]
    fn a_history_with_days_out_of_order_does_not_fold() {
        let state = entered(registered(true), 1, date(2026, 3, 2));
        let early = RegistrationEvent::Exited { reason: "X1".to_owned() };
        assert_eq!(evolve(Some(state), &early, date(2026, 3, 1)), None);
    }
}
