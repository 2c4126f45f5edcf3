//! Words to an employer before the last day of a filing that it is preparing. A filing that comes late is taken all the
//! same; a reminder keeps it from coming late.

use banjie_domain::id::{EmployerId, RegistrationId};
use banjie_domain::registration::{Hold, LegalStatus};
use banjie_store::notices::{job_insert, notice_insert};
use banjie_store::papers::{DraftRow, draft_batch, draft_remind};
use banjie_store::registrations::registration_find;

use crate::app::App;
use crate::error::Outcome;
use crate::follow_up;
use crate::query::deadlines::filing_window;
use crate::usecase::draft;

use super::Looked;

/// How many natural days before the end, and by which text: the windows are counted in natural days.
const STEPS: [(i32, &str); 3] = [(0, "filing-remind-0"), (3, "filing-remind-3"), (7, "filing-remind-7")];
const BATCH: u32 = 200;

/// Reminds every employer of what it prepares and has not handed in.
pub(super) fn remind(app: &App) -> Outcome<Looked> {
    let (mut looked, mut after) = (Looked::default(), String::new());
    loop {
        let from = after.clone();
        let rows = app.store.read(move |tx| draft_batch(tx, &from, BATCH))?;
        let Some((last, _)) = rows.last() else { return Ok(looked) };
        after = last.id.to_string();
        for (row, employer) in rows {
            let id = row.id.clone();
            match remind_of(app, row, &employer) {
                Ok(done) => looked.done += usize::from(done),
                Err(error) => {
                    looked.failed += 1;
                    tracing::error!(draft = %id, %error, "an employer could not be reminded of a filing");
                }
            }
        }
    }
}

fn remind_of(app: &App, row: DraftRow, employer: &EmployerId) -> Outcome<bool> {
    if !still_asked(app, row.registration.as_ref())? {
        return Ok(false);
    }
    let draft = draft::of_row(app, row)?;
    let Some((window, _)) = filing_window(app, Some(employer), &draft)? else { return Ok(false) };
    let left = window.last.since(app.today()).map_or(-1, |span| span.get_days());
    let Some((step, template)) = STEPS.iter().find(|(days, _)| left >= 0 && left <= *days) else { return Ok(false) };
    // Another day is another last day, and reminded of anew.
    let reminder = format!("{}/{step}", window.last);
    let (notice, job) = follow_up::to_employer(app, employer, template);
    app.store.write(move |tx| {
        if !draft_remind(tx, &draft.id, &reminder)? {
            return Ok(false);
        }
        notice_insert(tx, &notice)?;
        job_insert(tx, &job)?;
        Ok(true)
    })
}

/// Whether a record still waits for what a draft would ask of it: a colleague may have handed the same in.
fn still_asked(app: &App, id: Option<&RegistrationId>) -> Outcome<bool> {
    let Some(id) = id.cloned() else { return Ok(true) };
    let row = app.store.read(move |tx| registration_find(tx, &id))?;
    Ok(row.is_some_and(|row| row.status == LegalStatus::Valid.key() && row.hold == Hold::None.key()))
}

#[cfg(test)]
mod tests {
    use banjie_store::test_support::each_database;
    use jiff::SignedDuration;

    use crate::messages::{self, About};
    use crate::testing;
    use crate::usecase::ask::{self, Choice};
    use crate::usecase::daily::look;
    use crate::usecase::draft;
    use crate::usecase::story::{story, story_in, worker_named};

    #[test]
    fn nobody_is_reminded_of_what_a_colleague_handed_in() {
        let story = story();
        let registration = story.registered();
        let colleague = testing::clerk(&story.app, &story.clerk);
        let draft = ask::start(&story.app, &colleague, &registration).unwrap();
        let answers = [("effective_on", "2026-03-02"), ("note", "")].into_iter().collect();
        let choice = Choice { situation: "agreed", reason: "3601" };
        ask::choose(&story.app, &colleague, (&draft, 1), choice, &answers).unwrap();
        let reminded = || {
            look(&story.app).unwrap();
            let messages = messages::list(&story.app, &story.clerk).unwrap();
            messages.iter().any(|one| one.template.starts_with("filing-"))
        };
        // Fifteen days from 2 March: the 17th, seven days away.
        assert!(reminded(), "first it waits");
        story.folder.clock.advance(SignedDuration::from_hours(24 * 4));
        let before = messages::list(&story.app, &story.clerk).unwrap().len();
        story.asked_on(&registration);
        look(&story.app).unwrap();
        let after = messages::list(&story.app, &story.clerk).unwrap();
        assert!(after.iter().take(after.len() - before).all(|one| !one.template.starts_with("filing-")));
    }

    #[test]
    fn an_employer_is_reminded_of_a_filing_three_times_and_a_person_never() {
        each_database(|database| {
            let story = story_in(testing::app_on(database));
            let mut answers = worker_named("王秀英", "110101199003070011");
            answers.insert("hired_on", "2026-03-10");
            let draft = draft::start_registration(&story.app, &story.clerk, "employer").unwrap();
            draft::save_answers(&story.app, &story.clerk, &draft, 1, answers).unwrap();
            // Thirty days from 10 March: Thursday 9 April.
            let said = || {
                let messages = messages::list(&story.app, &story.clerk).unwrap();
                assert!(messages.iter().all(|one| one.about == Some(About::Deadlines)));
                messages.into_iter().rev().map(|one| one.template).collect::<Vec<_>>()
            };
            for day in 0..35 {
                look(&story.app).unwrap();
                look(&story.app).unwrap();
                if day == 22 {
                    assert_eq!(said(), [""; 0], "eight days before");
                }
                story.folder.clock.advance(SignedDuration::from_hours(24));
            }
            assert_eq!(said(), ["filing-remind-7", "filing-remind-3", "filing-remind-0"]);
            assert!(draft::find(&story.app, &story.clerk, &draft).unwrap().version == 2, "no form goes stale by it");
        });
    }
}
