//! Words before a last day is over, and words when an office let one pass.

use banjie_domain::case::{Case, Stage};
use banjie_domain::clock::first_instant;
use banjie_store::cases::DueCase;
use banjie_store::db::Tx;
use banjie_store::notices::{job_insert, notice_insert, notice_told};
use jiff::ToSpan as _;

use crate::app::App;
use crate::error::Outcome;
use crate::follow_up;
use crate::usecase::move_case::load;

use super::{Looked, sweep};

/// How many working days before the end an applicant is reminded of a supplement, and by which text.
const STEPS: [(i64, &str); 3] = [(0, "case-remind-0"), (2, "case-remind-2"), (5, "case-remind-5")];
/// No step is farther away than this many calendar days, whatever holidays lie between.
const FARTHEST: i64 = 20;
/// What an applicant is told when the office is late.
const LATE: &str = "case-overdue";

/// Reminds who has a supplement to answer.
pub(super) fn answer(app: &App) -> Outcome<Looked> {
    let horizon = app.today().saturating_add(FARTHEST.days());
    sweep(app, ("supplement", horizon), |app, case| {
        let left = app.calendar_of(&case.office)?.working_days_left(app.today(), case.due_on);
        match STEPS.iter().find(|(days, _)| left >= 0 && left <= *days) {
            Some((_, template)) => say_once(app, case, template),
            None => Ok(false),
        }
    })
}

/// Tells the applicant that the office is late, and how to complain.
pub(super) fn late(app: &App) -> Outcome<Looked> {
    let mut looked = Looked::default();
    for stage in ["intake", "first", "second"] {
        looked = looked.and(sweep(app, (stage, app.today()), |app, case| say_once(app, case, LATE))?);
    }
    Ok(looked)
}

/// Tells the applicant of a case once: about a supplement once for each that was asked, that the office is late once.
fn say_once(app: &App, due: &DueCase, template: &'static str) -> Outcome<bool> {
    let both = load(app, &due.id)?;
    if both.case.version != due.version {
        // Somebody acted since the row was read: there is nothing to say any more, or it is said on the next look.
        return Ok(false);
    }
    let case: &Case = &both.case.state;
    let Some((notice, job)) = follow_up::to_applicant(app, case, template) else { return Ok(false) };
    let (id, since) = (due.id.clone(), asked_at(case));
    app.store.write(move |tx: &mut dyn Tx| {
        if notice_told(tx, &id, template, since)? {
            return Ok(false);
        }
        notice_insert(tx, &notice)?;
        job_insert(tx, &job)?;
        Ok(true)
    })
}

/// When the supplement that is open was asked for, microseconds; the beginning of time where none is.
fn asked_at(case: &Case) -> i64 {
    match case.stage() {
        Stage::Supplement { ask, .. } => first_instant(ask.on).as_microsecond(),
        _ => i64::MIN,
    }
}

#[cfg(test)]
mod tests {
    use banjie_domain::authorize::Action;
    use banjie_domain::case::{Command, Gap, Opinion, Verdict};
    use banjie_store::test_support::each_database;
    use jiff::SignedDuration;

    use crate::messages;
    use crate::query::desk;
    use crate::testing;
    use crate::usecase::daily::look;
    use crate::usecase::story::{Story, story_in};

    fn said(story: &Story) -> Vec<String> {
        let messages = messages::list(&story.app, &story.clerk).unwrap();
        messages
            .into_iter()
            .rev()
            .map(|one| one.template)
            .filter(|one| one.contains("remind") || one.contains("overdue"))
            .collect()
    }

    #[test]
    fn a_supplement_is_reminded_of_three_times_and_each_time_once() {
        each_database(|database| {
            let story = story_in(testing::app_on(database));
            let case = story.asked();
            let gaps = vec![Gap { target: "field:effective_on".to_owned(), fault: "unclear".to_owned() }];
            let command = Command::RequestSupplement { gaps, note: None, supervisor: false };
            story.step(&story.intake, &case, Action::CaseSupplement, command).unwrap();
            // The last day is Tuesday 31 March.
            for _ in 0..22 {
                look(&story.app).unwrap();
                look(&story.app).unwrap();
                story.folder.clock.advance(SignedDuration::from_hours(24));
            }
            assert_eq!(said(&story), ["case-remind-5", "case-remind-2", "case-remind-0"]);
        });
    }

    #[test]
    fn an_applicant_is_told_once_that_the_office_is_late() {
        each_database(|database| {
            let story = story_in(testing::app_on(database));
            let case = story.asked();
            story.step(&story.intake, &case, Action::CaseIntake, Command::Accept).unwrap();
            for day in 0..10 {
                look(&story.app).unwrap();
                story.folder.clock.advance(SignedDuration::from_hours(24));
                if day == 6 {
                    // That it goes on is no second lateness.
                    let yes = Opinion { verdict: Verdict::Grant, grounds: Vec::new(), note: None };
                    story.step(&story.first, &case, Action::CaseFirst, Command::GiveOpinion(yes)).unwrap();
                }
            }
            assert_eq!(said(&story), ["case-overdue"]);
            let late = desk::queue(&story.app, &story.supervisor, None, None).unwrap();
            assert_eq!((late.stage, late.lines.len()), ("overdue", 1), "and the supervisor finds it first");
            assert!(late.lines[0].left.unwrap() < 0);
        });
    }
}
