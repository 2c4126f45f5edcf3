//! 视为受理: an office that says nothing within the limit has accepted (《行政许可法》第三十二条第一款第四项).
//!
//! What is found is accepted as of the day everything was there, so that the
//! clock of the decision has run since then and nobody gains by waiting.

use banjie_domain::case::Command;

use crate::app::App;
use crate::error::Outcome;

use super::{Looked, by_rule, sweep};

/// The rule the system acts by.
const RULE: &str = "silence.intake";

/// Accepts every case whose time at intake has run out. Where acceptance would be the decision the rule says no, since
/// silence never decides.
pub(super) fn accept(app: &App) -> Outcome<Looked> {
    sweep(app, ("intake", app.today()), |app, case| by_rule(app, RULE, case, &Command::AcceptBySilence))
}

#[cfg(test)]
mod tests {
    use banjie_domain::actor::Actor;
    use banjie_domain::case::CaseEvent;
    use banjie_domain::id::CaseId;
    use banjie_domain::refusal::Refusal;
    use jiff::SignedDuration;
    use jiff::civil::date;

    use super::*;
    use crate::error::AppError;
    use crate::query::mine;
    use crate::usecase::move_case::{self, move_by_rule};
    use crate::usecase::story::{Story, story};
    use crate::verify;

    fn stage(story: &Story, id: &CaseId) -> &'static str {
        move_case::load(&story.app, id).unwrap().case.state.stage().key()
    }

    #[test]
    fn who_hears_nothing_for_five_working_days_is_accepted_as_of_the_first() {
        let story = story();
        let case = story.asked();
        // Handed in on Tuesday 10 March: the fifth working day is Tuesday 17 March, and it is still in time.
        story.folder.clock.advance(SignedDuration::from_hours(7 * 24));
        assert_eq!(accept(&story.app).unwrap().done, 0);
        let early = move_by_rule(&story.app, (&case, 1), RULE, &Command::AcceptBySilence);
        assert!(matches!(early, Err(AppError::Refused(Refusal::NotAtThisStage { .. }))), "the rule itself says no");
        assert_eq!(stage(&story, &case), "intake");
        story.folder.clock.advance(SignedDuration::from_hours(24));
        assert_eq!(accept(&story.app).unwrap().done, 1);
        assert_eq!(stage(&story, &case), "first");
        let view = mine::progress(&story.app, &story.clerk, &case).unwrap();
        assert_eq!(view.row.accepted_on, Some(date(2026, 3, 10)));
        assert_eq!(
            view.row.due_on,
            Some(date(2026, 3, 13)),
            "the three days of the district, from the day it was received"
        );
        let last = view.story.last().unwrap();
        assert_eq!(last.event, CaseEvent::Accepted { on: date(2026, 3, 10) });
        assert_eq!(last.envelope.actor, Actor::System { rule: RULE.to_owned() });
        assert_eq!(accept(&story.app).unwrap().done, 0, "once is enough");
        assert!(verify::run(&story.app).unwrap().findings.is_empty());
    }

    #[test]
    fn a_case_that_waits_for_its_applicant_is_not_accepted() {
        use banjie_domain::authorize::Action;
        use banjie_domain::case::Gap;
        let story = story();
        let case = story.asked();
        let gaps = vec![Gap { target: "material:release-certificate".to_owned(), fault: "no-seal".to_owned() }];
        let command = Command::RequestSupplement { gaps, note: None, supervisor: false };
        story.step(&story.intake, &case, Action::CaseSupplement, command).unwrap();
        story.folder.clock.advance(SignedDuration::from_hours(8 * 24));
        assert_eq!(accept(&story.app).unwrap().done, 0);
        assert_eq!(stage(&story, &case), "supplement");
    }
}
