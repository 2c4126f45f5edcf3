//! 视为受理: an office that says nothing within the limit has accepted (《行政许可法》第三十二条第一款第四项).
//!
//! The worker looks once on every legal day. What it finds is accepted as of the day everything was there, so that the
//! clock of the decision has run since then and nobody gains by waiting.

use banjie_domain::actor::Actor;
use banjie_domain::case::Command;
use banjie_domain::id::CaseId;
use banjie_domain::refusal::Refusal;
use banjie_store::cases;

use crate::app::App;
use crate::error::{AppError, Outcome};

use super::move_case::move_by_rule;

/// The rule the system acts by.
const RULE: &str = "silence.intake";
const BATCH: u32 = 100;

/// Accepts every case whose time at intake has run out; how many there were. One that cannot be accepted stands in
/// nobody else's way.
///
/// # Errors
/// When the database cannot be read.
pub fn accept_silent(app: &App) -> Outcome<usize> {
    let (today, mut after, mut accepted) = (app.today(), String::new(), 0);
    loop {
        let from = after.clone();
        let found = app.store.read(move |tx| cases::case_late_at_intake(tx, today, &from, BATCH))?;
        let Some(last) = found.last() else { return Ok(accepted) };
        after = last.to_string();
        for id in &found {
            match accept(app, id) {
                Ok(()) => accepted += 1,
                // Somebody acted meanwhile, or acceptance would be the decision, which silence never is.
                Err(AppError::Refused(Refusal::NotAtThisStage { .. })) => {}
                Err(error) => {
                    tracing::error!(case = %id, %error, "a case that is late at intake could not be accepted")
                }
            }
        }
    }
}

fn accept(app: &App, id: &CaseId) -> Outcome<()> {
    move_by_rule(app, id, &Actor::System { rule: RULE.to_owned() }, &Command::AcceptBySilence).map(|_| ())
}

#[cfg(test)]
mod tests {
    use banjie_domain::actor::Actor;
    use banjie_domain::case::CaseEvent;
    use jiff::SignedDuration;
    use jiff::civil::date;

    use super::*;
    use crate::query::mine;
    use crate::usecase::move_case;
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
        assert_eq!(accept_silent(&story.app).unwrap(), 0);
        assert!(accept(&story.app, &case).is_err(), "the rule itself says no, whoever asks");
        assert_eq!(stage(&story, &case), "intake");
        story.folder.clock.advance(SignedDuration::from_hours(24));
        assert_eq!(accept_silent(&story.app).unwrap(), 1);
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
        assert_eq!(accept_silent(&story.app).unwrap(), 0, "once is enough");
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
        assert_eq!(accept_silent(&story.app).unwrap(), 0);
        assert_eq!(stage(&story, &case), "supplement");
    }
}
