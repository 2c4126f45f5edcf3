//! What the supervisor does to the clock of a decision: stop it for a special procedure, let it go on, give more time.
//!
//! Each is told to the applicant with its reason, so a reason in words is asked for as well.

use banjie_domain::actor::Principal;
use banjie_domain::authorize::{Action, authorize};
use banjie_domain::case::{Case, Command, EXTENSIONS, SPECIAL};
use banjie_domain::dates::parse_date;
use banjie_domain::id::CaseId;
use banjie_domain::problem::{FieldProblem, Problem};
use banjie_domain::refusal::Refusal;
use banjie_store::db::Tx;
use banjie_store::people;
use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::app::App;
use crate::error::Outcome;
use crate::query::declared::{declared, facts, rule_facts};
use crate::usecase::ask::case_policy;
use crate::usecase::move_case::{self, Both, Wish, move_case, resource};

use super::{note, note_problem, refused};

/// The longest a special procedure may be told to take, in days: long enough for an appraisal, short enough that a
/// year typed wrong is noticed.
const LONGEST: i64 = 180;

/// What was typed to stop or extend a clock.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClockForm {
    /// Key of the published reason: field `special` or `extension`.
    pub reason: String,
    /// By when it is over, as typed: field `until`. Not asked for an extension.
    pub until: String,
    /// What the applicant is told: field `special_note` or `extension_note`.
    pub note: String,
}

/// How many working days more the rules of a case give its decision; none when they know no such rule.
fn extension_days(app: &App, Both { case, registration }: &Both) -> Outcome<Option<u32>> {
    let (case, employer) = (&case.state, registration.state.file().employer.clone());
    let find = move |tx: &mut dyn Tx| employer.map(|id| people::employer_find(tx, &id)).transpose();
    let employer = app.store.read(find)?.flatten();
    let facts = facts(&declared(app, case)?, employer.as_ref());
    Ok(case_policy(app, case)?.extension(&rule_facts(case, &facts)).map(|ruled| ruled.value))
}

/// 停表: the law sets a time apart for what has to be done first.
///
/// # Errors
/// [`Refusal::Answers`] with everything wrong in the form, or a refusal of the lifecycle.
pub fn suspend(app: &App, who: &Principal, id: &CaseId, seen: u64, typed: &ClockForm) -> Outcome<Case> {
    let mut found = Vec::new();
    let until = match until(typed, app.today()) {
        Ok(until) => Some(until),
        Err(problem) => {
            found.push(problem.at("until"));
            None
        }
    };
    found.extend(common(typed, "special", &SPECIAL));
    let Some(until) = until.filter(|_| found.is_empty()) else { return Err(refused(found)) };
    permitted(app, who, id)?;
    let (row, note) = note(app, id, &typed.note)?;
    let command = Command::Suspend { reason: typed.reason.clone(), until, note };
    let mut wish = Wish::new(Action::CaseClock, command).seen(seen);
    wish.revisions.extend(row);
    move_case(app, who, id, &wish)
}

/// 恢复计时, before the day that was told.
///
/// # Errors
/// A refusal of the lifecycle.
pub fn resume(app: &App, who: &Principal, id: &CaseId, seen: u64) -> Outcome<Case> {
    move_case(app, who, id, &Wish::new(Action::CaseClock, Command::Resume).seen(seen))
}

/// 延长: as many days as the rules of the case give, once.
///
/// # Errors
/// [`Refusal::Answers`] with everything wrong in the form, [`Refusal::ExtensionUsed`], [`Refusal::LimitOver`].
pub fn extend(app: &App, who: &Principal, id: &CaseId, seen: u64, typed: &ClockForm) -> Outcome<Case> {
    let found: Vec<_> = common(typed, "extension", &EXTENSIONS).collect();
    if !found.is_empty() {
        return Err(refused(found));
    }
    let both = permitted(app, who, id)?;
    let stage = both.case.state.stage().key();
    let days = extension_days(app, &both)?.ok_or(Refusal::NotAtThisStage { stage })?;
    let (row, note) = note(app, id, &typed.note)?;
    let command = Command::Extend { days, reason: typed.reason.clone(), note };
    let mut wish = Wish::new(Action::CaseClock, command).seen(seen);
    wish.revisions.extend(row);
    move_case(app, who, id, &wish)
}

/// Nothing is sealed for somebody who may not act.
fn permitted(app: &App, who: &Principal, id: &CaseId) -> Outcome<Both> {
    let both = move_case::load(app, id)?;
    authorize(who, Action::CaseClock, &resource(&both.case.state, &both.registration.state))?;
    Ok(both)
}

fn until(typed: &ClockForm, today: Date) -> Result<Date, Problem> {
    if typed.until.trim().is_empty() {
        return Err(Problem::new("desk.until-missing"));
    }
    let until = parse_date(&typed.until)?;
    let latest = today.saturating_add(LONGEST.days());
    if until <= today {
        return Err(Problem::new("desk.until-past"));
    }
    if until > latest {
        return Err(Problem::new("desk.until-far").with("days", LONGEST.to_string()));
    }
    Ok(until)
}

fn common(typed: &ClockForm, list: &str, reasons: &[&str]) -> impl Iterator<Item = FieldProblem> {
    let known = reasons.contains(&typed.reason.as_str());
    let reason = (!known).then(|| Problem::new("desk.reason-missing").at(list));
    let words = match typed.note.trim() {
        "" => Some(Problem::new("desk.words-missing")),
        text => note_problem(text).map(|long| long.problem),
    };
    let words = words.map(|problem| problem.at(format!("{list}_note")));
    reason.into_iter().chain(words)
}

#[cfg(test)]
mod tests {
    use banjie_domain::case::{ClockKey, clocks};
    use jiff::SignedDuration;
    use jiff::civil::date;

    use super::*;
    use crate::error::AppError;
    use crate::messages;
    use crate::query::mine;
    use crate::usecase::story::{Story, story};
    use crate::verify;

    fn accepted() -> (Story, CaseId) {
        let story = story();
        let case = story.asked();
        story.step(&story.intake, &case, Action::CaseIntake, Command::Accept).unwrap();
        (story, case)
    }

    fn seen(story: &Story, case: &CaseId) -> u64 {
        move_case::load(&story.app, case).unwrap().case.version
    }

    fn form(reason: &str, until: &str, note: &str) -> ClockForm {
        ClockForm { reason: reason.to_owned(), until: until.to_owned(), note: note.to_owned() }
    }

    fn wrong(outcome: Outcome<Case>) -> Vec<(String, &'static str)> {
        let Err(AppError::Refused(Refusal::Answers(found))) = outcome else { panic!("{outcome:?}") };
        found.into_iter().map(|one| (one.field, one.problem.code)).collect()
    }

    #[test]
    fn a_clock_is_stopped_only_with_a_published_reason_a_day_and_words() {
        let (story, case) = accepted();
        let stop = |typed: &ClockForm| suspend(&story.app, &story.supervisor, &case, seen(&story, &case), typed);
        assert_eq!(
            wrong(stop(&ClockForm::default())),
            [
                ("until", "desk.until-missing"),
                ("special", "desk.reason-missing"),
                ("special_note", "desk.words-missing")
            ]
            .map(|(field, code)| (field.to_owned(), code))
        );
        assert_eq!(wrong(stop(&form("hearing", "2026-03-10", "说明")))[0].1, "desk.until-past");
        assert_eq!(wrong(stop(&form("hearing", "2027-03-10", "说明")))[0].1, "desk.until-far");
        let nobody =
            suspend(&story.app, &story.first, &case, seen(&story, &case), &form("hearing", "2026-03-20", "说明"));
        assert!(matches!(nobody, Err(AppError::NotFound)), "{nobody:?}");
        stop(&form("hearing", "2026-03-20", "3 月 18 日听证，请双方到场。")).unwrap();
        let view = mine::progress(&story.app, &story.clerk, &case).unwrap();
        assert_eq!(view.said.as_deref(), Some("3 月 18 日听证，请双方到场。"));
        story.folder.clock.advance(SignedDuration::from_hours(24));
        resume(&story.app, &story.supervisor, &case, seen(&story, &case)).unwrap();
        let view = mine::progress(&story.app, &story.clerk, &case).unwrap();
        // Stopped on the day of acceptance, resumed on the next: the three days start on the day after that.
        assert_eq!(view.row.due_on, Some(date(2026, 3, 16)));
        assert!(verify::run(&story.app).unwrap().findings.is_empty());
    }

    #[test]
    fn more_time_is_given_once_by_the_rules_of_the_case_and_the_applicant_is_told() {
        let (story, case) = accepted();
        let more = |who: &Principal| {
            extend(&story.app, who, &case, seen(&story, &case), &form("other-office", "", "等社保经办机构回函。"))
        };
        assert!(matches!(more(&story.second), Err(AppError::NotFound)));
        let state = more(&story.supervisor).unwrap();
        assert_eq!(messages::list(&story.app, &story.clerk).unwrap()[0].template, "case-extended");
        let read = clocks(&state, &story.app.rules.calendar_of("330106"), story.app.today());
        let last = |key| read.iter().find(|clock| clock.key == key).unwrap().last();
        // Three and twenty working days from 10 March, and ten more each.
        assert_eq!((last(ClockKey::Promise), last(ClockKey::Legal)), (date(2026, 3, 27), date(2026, 4, 22)));
        assert!(matches!(more(&story.supervisor), Err(AppError::Refused(Refusal::ExtensionUsed))));
        assert!(verify::run(&story.app).unwrap().findings.is_empty());
    }

    #[test]
    fn more_time_is_not_given_when_the_time_is_over() {
        let (story, case) = accepted();
        story.folder.clock.advance(SignedDuration::from_hours(24 * 40));
        let late = extend(
            &story.app,
            &story.supervisor,
            &case,
            seen(&story, &case),
            &form("other-office", "", "等社保经办机构回函。"),
        );
        assert!(matches!(late, Err(AppError::Refused(Refusal::LimitOver))));
    }
}
