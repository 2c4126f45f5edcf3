//! A calendar that was published after people were told a day: the days that lie ahead follow it, by an event and a
//! notice each.

use banjie_domain::case::Command;
use banjie_domain::history::Hash;
use banjie_domain::id::CaseId;
use banjie_domain::refusal::Refusal;
use banjie_store::cases::case_find;
use banjie_store::db::Tx;
use banjie_store::error::StoreError;
use banjie_store::ledger::{setting, setting_set};
use jiff::civil::Date;

use crate::app::App;
use crate::error::{AppError, Outcome};
use crate::usecase::move_case::move_by_rule;

use super::{Looked, by_rule, sweep};

/// The rule by which a last day follows the calendar.
const RULE: &str = "calendar.published";
/// The setting that keeps which calendar the open cases follow.
const FOLLOWED: &str = "calendar.followed";
/// The stages whose last day is counted by the calendar.
const COUNTED: [&str; 4] = ["intake", "supplement", "first", "second"];

/// Whether the last days in the rows are those of the calendars with this digest.
pub(crate) fn is_followed(tx: &mut dyn Tx, digest: &Hash) -> Result<bool, StoreError> {
    Ok(setting(tx, FOLLOWED)?.as_deref() == Some(digest.hex().as_str()))
}

/// Lets open cases follow the calendar, if it is another one than the last time.
pub(super) fn follow(app: &App) -> Outcome<Looked> {
    let digest = app.rules.calendars_digest();
    if app.store.read(move |tx| is_followed(tx, &digest))? {
        return Ok(Looked::default());
    }
    let mut looked = Looked::default();
    for stage in COUNTED {
        let step = sweep(app, (stage, Date::MAX), |app, case| {
            by_rule(app, RULE, case, &Command::Recalculate { told: case.due_on })
        });
        looked = looked.and(step?);
    }
    // A case that moved meanwhile may have been counted by the old calendar: it is looked at again before all follow.
    looked.failed += looked.moved;
    if looked.failed == 0 {
        app.store.write(move |tx| setting_set(tx, FOLLOWED, &digest.hex()))?;
    }
    Ok(looked)
}

/// Lets one case follow a calendar that the worker has not carried through yet, before anything else happens to it: a
/// day must not move with a step that says nothing of days.
pub(crate) fn follow_first(app: &App, id: &CaseId) -> Outcome<()> {
    let (digest, wanted) = (app.rules.calendars_digest(), id.clone());
    let row = app.store.read(move |tx| if is_followed(tx, &digest)? { Ok(None) } else { case_find(tx, &wanted) })?;
    let Some((row, told)) = row.and_then(|row| row.due_on.map(|told| (row, told))) else { return Ok(()) };
    match move_by_rule(app, (id, row.version), RULE, &Command::Recalculate { told }) {
        Err(AppError::Refused(Refusal::MovedMeanwhile | Refusal::NotAtThisStage { .. })) | Ok(_) => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use banjie_domain::authorize::Action;
    use banjie_domain::case::{CaseEvent, Command, Opinion, Verdict};
    use jiff::civil::date;

    use crate::messages;
    use crate::query::mine;
    use crate::usecase::daily::look;
    use crate::usecase::story::{Story, story};
    use crate::verify;

    /// A notice that makes 4 January 2027 a day off and Saturday 9 January a day of work.
    const NOTICE: &str = r#"
year = 2027
basis = "made up for a test"

[[off]]
name = "元旦"
from = "2027-01-01"
to = "2027-01-04"

[[work]]
on = "2027-01-09"
for = "元旦"
"#;

    fn publish(story: &Story) {
        let mut files = crate::rules::built_in_calendars();
        files.push(("calendars/2027.toml".to_owned(), NOTICE.to_owned()));
        story.app.rules.put_calendar_files(&files);
    }

    /// A storm closes the offices of the district on the two days after the acceptance.
    const STORM: &str = r#"
year = 2026
basis = "made up for a test"

[[off]]
name = "台风停办"
from = "2026-03-11"
to = "2026-03-12"
"#;

    #[test]
    fn a_district_that_closes_moves_the_days_of_its_own_cases_and_of_those_below_it() {
        let story = story();
        let case = story.asked();
        story.step(&story.intake, &case, Action::CaseIntake, Command::Accept).unwrap();
        look(&story.app).unwrap();
        let close = |division: &str| {
            let mut files = crate::rules::built_in_calendars();
            files.push((format!("calendars/{division}/2026.toml"), STORM.to_owned()));
            story.app.rules.put_calendar_files(&files);
            look(&story.app).unwrap();
            let view = mine::progress(&story.app, &story.clerk, &case).unwrap();
            assert!(verify::run(&story.app).unwrap().findings.is_empty());
            view.row.due_on.unwrap()
        };
        let (before, elsewhere) = (mine::progress(&story.app, &story.clerk, &case).unwrap(), close("330108"));
        assert_eq!(before.row.due_on, Some(elsewhere), "the neighbour's storm");
        assert_eq!(story.app.rules.calendar_of("330106").working_days_between(elsewhere, close("330106")), 2);
        // The city closes as well: the district has no closures of its own any more and takes those of the city.
        let told = close("330100");
        assert_eq!(story.app.rules.calendar_of("330106").working_days_between(elsewhere, told), 2);
    }

    fn at(story: &Story, instant: &str) {
        story.folder.clock.set(instant.parse().unwrap());
    }

    #[test]
    fn a_day_that_lies_ahead_follows_the_new_calendar_by_an_event_and_a_notice() {
        let story = story();
        at(&story, "2026-12-31T02:00:00Z");
        let case = story.asked();
        story.step(&story.intake, &case, Action::CaseIntake, Command::Accept).unwrap();
        let due = |story: &Story| mine::progress(&story.app, &story.clerk, &case).unwrap().row.due_on;
        // Weekends only are known: Friday, Monday, Tuesday.
        assert_eq!(due(&story), Some(date(2027, 1, 5)));
        look(&story.app).unwrap();
        publish(&story);
        assert!(verify::run(&story.app).unwrap().findings.is_empty(), "a calendar is no damage");
        assert_eq!(look(&story.app).unwrap().done, 1);
        assert_eq!(look(&story.app).unwrap().done, 0);
        let view = mine::progress(&story.app, &story.clerk, &case).unwrap();
        assert_eq!(view.row.due_on, Some(date(2027, 1, 7)));
        let moved = CaseEvent::Recalculated { from: date(2027, 1, 5), to: date(2027, 1, 7) };
        assert_eq!(view.story.last().unwrap().event, moved);
        assert_eq!(messages::list(&story.app, &story.clerk).unwrap()[0].template, "case-recalculated");
        assert!(verify::run(&story.app).unwrap().findings.is_empty());
    }

    #[test]
    fn a_step_that_comes_before_the_workers_look_moves_no_day_in_silence() {
        let story = story();
        at(&story, "2026-12-31T02:00:00Z");
        let case = story.asked();
        story.step(&story.intake, &case, Action::CaseIntake, Command::Accept).unwrap();
        look(&story.app).unwrap();
        publish(&story);
        let yes = Opinion { verdict: Verdict::Grant, grounds: Vec::new(), note: None };
        story.step(&story.first, &case, Action::CaseFirst, Command::GiveOpinion(yes)).unwrap();
        let view = mine::progress(&story.app, &story.clerk, &case).unwrap();
        let moved = CaseEvent::Recalculated { from: date(2027, 1, 5), to: date(2027, 1, 7) };
        assert!(view.story.iter().any(|told| told.event == moved));
        assert_eq!((view.row.stage.as_str(), view.row.due_on), ("second", Some(date(2027, 1, 7))));
    }

    #[test]
    fn a_day_that_is_over_stays_over_when_the_clock_stops_and_goes_on() {
        let story = story();
        at(&story, "2026-12-31T02:00:00Z");
        let case = story.asked();
        story.step(&story.intake, &case, Action::CaseIntake, Command::Accept).unwrap();
        look(&story.app).unwrap();
        at(&story, "2027-01-06T02:00:00Z");
        publish(&story);
        look(&story.app).unwrap();
        let until = date(2027, 1, 20);
        let stop = Command::Suspend { reason: "hearing".to_owned(), until, note: None };
        story.step(&story.supervisor, &case, Action::CaseClock, stop).unwrap();
        story.step(&story.supervisor, &case, Action::CaseClock, Command::Resume).unwrap();
        let view = mine::progress(&story.app, &story.clerk, &case).unwrap();
        assert_eq!(view.row.due_on, Some(date(2027, 1, 5)), "the office was late, and stays late");
        assert!(verify::run(&story.app).unwrap().findings.is_empty());
    }

    #[test]
    fn a_day_that_is_over_never_moves() {
        let story = story();
        at(&story, "2026-12-31T02:00:00Z");
        let case = story.asked();
        story.step(&story.intake, &case, Action::CaseIntake, Command::Accept).unwrap();
        look(&story.app).unwrap();
        at(&story, "2027-01-06T02:00:00Z");
        look(&story.app).unwrap();
        publish(&story);
        look(&story.app).unwrap();
        let view = mine::progress(&story.app, &story.clerk, &case).unwrap();
        assert_eq!(view.row.due_on, Some(date(2027, 1, 5)), "the office was late, and stays late");
        let kept = CaseEvent::Recalculated { from: date(2027, 1, 5), to: date(2027, 1, 5) };
        assert_eq!(view.story.last().unwrap().event, kept);
        assert!(verify::run(&story.app).unwrap().findings.is_empty());
    }
}
