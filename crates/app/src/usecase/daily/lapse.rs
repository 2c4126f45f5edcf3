//! What ends because its time is over: a supplement nobody answered, and a special procedure that was told to end.

use banjie_domain::case::Command;

use crate::app::App;
use crate::error::Outcome;

use super::{Looked, by_rule, sweep};

/// The rule by which a supplement that was not answered ends its case (逾期未补正，视为放弃).
const UNANSWERED: &str = "lapse.supplement";
/// The rule by which the clock goes on after the day that was told.
const OVER: &str = "resume.special";

/// Ends every case whose supplement was not answered in time.
pub(super) fn close(app: &App) -> Outcome<Looked> {
    sweep(app, ("supplement", app.today()), |app, case| by_rule(app, UNANSWERED, case, &Command::Lapse))
}

/// Lets every clock go on whose special procedure was told to be over.
pub(super) fn go_on(app: &App) -> Outcome<Looked> {
    sweep(app, ("suspended", app.today()), |app, case| by_rule(app, OVER, case, &Command::Resume))
}

#[cfg(test)]
mod tests {
    use banjie_domain::authorize::Action;
    use banjie_domain::case::{CaseEvent, Gap};
    use banjie_domain::registration::{Hold, LegalStatus};
    use jiff::SignedDuration;
    use jiff::civil::date;

    use super::*;
    use crate::query::mine;
    use crate::usecase::ask;
    use crate::usecase::daily::look;
    use crate::usecase::move_case;
    use crate::usecase::story::story;
    use crate::verify;

    fn days(days: i64) -> SignedDuration {
        SignedDuration::from_hours(24 * days)
    }

    #[test]
    fn who_does_not_answer_in_time_gives_up_and_takes_it_up_again_with_what_was_there() {
        let story = story();
        let case = story.asked();
        let gaps = vec![Gap { target: "material:release-certificate".to_owned(), fault: "no-seal".to_owned() }];
        let command = Command::RequestSupplement { gaps, note: None, supervisor: false };
        story.step(&story.intake, &case, Action::CaseSupplement, command).unwrap();
        let unsent = ask::start_supplement(&story.app, &story.clerk, &case).unwrap();
        story.upload(&unsent, "release-certificate");
        // Fifteen working days from Tuesday 10 March, as the province gives them: Tuesday 31 March is still in time.
        story.folder.clock.advance(days(21));
        look(&story.app).unwrap();
        assert_eq!(move_case::load(&story.app, &case).unwrap().case.state.stage().key(), "supplement");
        story.folder.clock.advance(days(1));
        look(&story.app).unwrap();
        assert_eq!(move_case::load(&story.app, &case).unwrap().case.state.stage().key(), "lapsed");
        assert_eq!(story.status(&case), (LegalStatus::Valid, Hold::None), "the record is free again");
        assert_eq!(look(&story.app).unwrap().done, 0, "once is enough");
        let draft = ask::start_again(&story.app, &story.clerk, &case).unwrap();
        let opened = crate::usecase::draft::find(&story.app, &story.clerk, &draft).unwrap();
        assert!(opened.body.is_open("material:release-certificate") && !opened.body.is_open("field:effective_on"));
        assert_eq!(opened.files.len(), 1, "what was uploaded and not sent in time is there");
        let drafts = crate::usecase::draft::list(&story.app, &story.clerk).unwrap();
        assert_eq!(drafts.len(), 1, "the answer that can never be sent is gone");
        assert!(verify::run(&story.app).unwrap().findings.is_empty());
    }

    #[test]
    fn a_special_procedure_stops_the_clock_until_the_day_that_was_told_and_no_longer() {
        let story = story();
        let case = story.asked();
        story.step(&story.intake, &case, Action::CaseIntake, Command::Accept).unwrap();
        let until = date(2026, 3, 16);
        let stop = Command::Suspend { reason: "hearing".to_owned(), until, note: None };
        story.step(&story.supervisor, &case, Action::CaseClock, stop).unwrap();
        let row = mine::progress(&story.app, &story.clerk, &case).unwrap().row;
        assert_eq!((row.stage.as_str(), row.due_on), ("suspended", Some(until)));
        story.folder.clock.advance(days(6));
        assert_eq!(look(&story.app).unwrap().done, 0);
        story.folder.clock.advance(days(3));
        look(&story.app).unwrap();
        let view = mine::progress(&story.app, &story.clerk, &case).unwrap();
        assert_eq!(view.story.last().unwrap().event, CaseEvent::Resumed { on: until }, "not the day of the look");
        // Accepted on 10 March; nothing was used up; three working days from 16 March.
        assert_eq!((view.row.stage.as_str(), view.row.due_on), ("first", Some(date(2026, 3, 19))));
        assert!(verify::run(&story.app).unwrap().findings.is_empty());
    }
}
