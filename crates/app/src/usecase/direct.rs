//! Filing in one step, for programs: what a person fills in over several pages comes at once and is handed in or not.
//!
//! It goes through the same checks as the pages. What has files or a choice to it goes through a draft like theirs; one
//! that was not handed in is thrown away: a program has its own copy and sends it again.

use banjie_domain::actor::Principal;
use banjie_domain::id::{CaseId, DraftId, RegistrationId};
use banjie_domain::problem::Problem;
use banjie_domain::refusal::Refusal;
use banjie_domain::registration_type::Answers;

use super::ask::{self, Choice};
use super::draft::{self, DraftBody, Purpose, Upload};
use super::form_key::{FormKey, once};
use super::register::{self, Filed};
use super::submit::{standing, type_of};
use crate::app::App;
use crate::error::{AppError, Outcome};

/// A file as a program sends it.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    /// Key of the material it is for.
    pub material: String,
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What is asked of a registration.
#[derive(Clone, PartialEq, Eq)]
pub struct Asked {
    /// The registration.
    pub registration: RegistrationId,
    /// Key of the situation.
    pub situation: String,
    /// Code of the reason.
    pub reason: String,
    /// The answers, by field.
    pub answers: Answers,
    /// The papers.
    pub files: Vec<File>,
}

/// What of an application is asked besides its situation and reason.
const ASKED: [&str; 4] = ["effective_on", "notice_on", "note", "agent"];

/// Registers somebody.
///
/// # Errors
/// As [`register::submit_registration`]; a field that the type does not have.
pub fn register(app: &App, who: &Principal, kind: &str, answers: &Answers, key: &FormKey) -> Outcome<Filed> {
    register::submit_whole(app, who, key, || {
        let kinds = register::kinds_for(app, who);
        if kinds.is_empty() {
            return Err(AppError::NotFound);
        }
        let known = kinds.into_iter().find(|known| known.key() == kind);
        let known = known.ok_or_else(|| answers_refused(Problem::new("register.type"), "type"))?;
        only(answers, |name| known.field(name).is_some())?;
        Ok(DraftBody::registering(kind, answers.clone()))
    })
}

/// Asks for an act on a registration.
///
/// # Errors
/// As [`ask::submit_ask`], and what is wrong with a file at `material:<key>`; an answer that is not asked for.
pub fn ask(app: &App, who: &Principal, asked: &Asked, key: &FormKey) -> Outcome<CaseId> {
    once(app, who, ask::ROUTE, key, || {
        only(&asked.answers, |name| ASKED.contains(&name))?;
        let draft = ask::begin(app, who, &asked.registration)?;
        and_no_draft(app, who, &draft, || {
            offered(app, who, &draft, asked)?;
            let choice = Choice { situation: &asked.situation, reason: &asked.reason };
            ask::choose(app, who, (&draft, 1), choice, &asked.answers)?;
            hand_over(app, who, &draft, &asked.files)?;
            ask::submit_ask(app, who, &draft, key)
        })
    })
}

/// Answers a supplement. An answer that its account began on a page is thrown away: there is nothing left to answer.
///
/// # Errors
/// As [`ask::answer_supplement`], and what is wrong with a file at `material:<key>`; an answer that is not asked for.
pub fn supplement(
    app: &App,
    who: &Principal,
    case: &CaseId,
    (answers, files): (&Answers, &[File]),
    key: &FormKey,
) -> Outcome<CaseId> {
    once(app, who, ask::ANSWER_ROUTE, key, || {
        only(answers, |name| ASKED.contains(&name))?;
        let begun = draft::about_case(app, who, case, Purpose::Supplement)?;
        let draft = ask::begin_supplement(app, who, case)?;
        let done = and_no_draft(app, who, &draft, || {
            draft::save_answers(app, who, &draft, 1, answers.clone())?;
            hand_over(app, who, &draft, files)?;
            ask::answer_supplement(app, who, &draft, key)
        })?;
        if let Some(begun) = begun {
            discard(app, who, &begun);
        }
        Ok(done)
    })
}

fn answers_refused(problem: Problem, field: &str) -> AppError {
    Refusal::Answers(vec![problem.at(field)]).into()
}

/// What a page offers to choose from a program may name wrongly.
fn offered(app: &App, who: &Principal, draft: &DraftId, asked: &Asked) -> Outcome<()> {
    let kind = type_of(app, &draft::find(app, who, draft)?.body.kind)?;
    let applicant = standing(who).ok_or(AppError::NotFound)?;
    let situation = kind.situation(applicant, &asked.situation).filter(|one| one.offered);
    let situation = situation.ok_or_else(|| answers_refused(Problem::new("ask.situation-unknown"), "situation"))?;
    if kind.reasons_of(situation).any(|reason| reason.code == asked.reason) {
        return Ok(());
    }
    Err(answers_refused(Problem::new("ask.reason-elsewhere"), "reason"))
}

/// Refuses what nothing asks for: a misspelt field would else be lost without a word.
fn only(answers: &Answers, known: impl Fn(&str) -> bool) -> Outcome<()> {
    let unknown = answers.iter().filter(|(name, _)| !known(name));
    let problems: Vec<_> =
        unknown.map(|(name, _)| Problem::new("answers.unknown").with("field", name).at(name)).collect();
    if problems.is_empty() { Ok(()) } else { Err(Refusal::Answers(problems).into()) }
}

fn hand_over(app: &App, who: &Principal, draft: &DraftId, files: &[File]) -> Outcome<()> {
    for file in files {
        let upload = Upload { material: &file.material, name: &file.name, bytes: &file.bytes };
        draft::add_file(app, who, draft, &upload).map_err(|error| match error {
            AppError::NotFound => {
                answers_refused(Problem::new("evidence.not-asked"), &format!("material:{}", file.material))
            }
            other => other,
        })?;
    }
    Ok(())
}

/// Does it, and leaves no draft: one that was handed in is gone already, any other a program sends again.
fn and_no_draft<T>(app: &App, who: &Principal, draft: &DraftId, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    let done = work();
    // Mostly it was handed in, and reading that is cheaper than writing nothing.
    if done.is_err() || draft::find(app, who, draft).is_ok() {
        discard(app, who, draft);
    }
    done
}

fn discard(app: &App, who: &Principal, draft: &DraftId) {
    match draft::discard(app, who, draft) {
        Ok(()) | Err(AppError::NotFound) => {}
        Err(error) => tracing::warn!(%draft, %error, "a draft of a program stays"),
    }
}

#[cfg(test)]
mod tests {
    use banjie_store::test_support::each_database;

    use super::*;
    use crate::testing;
    use crate::usecase::story::{PDF, Story, key, story_in, worker_named};

    fn register_one(story: &Story) -> Filed {
        let answers = worker_named("王秀英", "110101199003070011");
        register(&story.app, &story.clerk, "employer", &answers, &key(&story.app)).unwrap()
    }

    fn end(registration: RegistrationId, bytes: &[u8]) -> Asked {
        let file =
            File { material: "release-certificate".to_owned(), name: "证明.pdf".to_owned(), bytes: bytes.to_vec() };
        Asked {
            registration,
            situation: "agreed".to_owned(),
            reason: "3601".to_owned(),
            answers: [("effective_on", "2026-03-06"), ("note", "")].into_iter().collect(),
            files: vec![file],
        }
    }

    fn drafts(story: &Story) -> usize {
        draft::list(&story.app, &story.clerk).unwrap().len()
    }

    #[test]
    fn a_program_registers_and_asks_in_one_step_each_and_the_same_key_does_nothing_twice() {
        each_database(|database| {
            let story = story_in(testing::app_on(database));
            let filed = register_one(&story);
            let (asked, key) = (end(filed.registration.clone(), PDF), key(&story.app));
            let case = ask(&story.app, &story.clerk, &asked, &key).unwrap();
            assert_eq!(ask(&story.app, &story.clerk, &asked, &key).unwrap(), case);
            assert_eq!(drafts(&story), 0);
            let other = FormKey::of(&key.key, b"another body");
            assert!(matches!(ask(&story.app, &story.clerk, &asked, &other), Err(AppError::Refused(Refusal::KeyUsed))));
        });
    }

    #[test]
    fn what_cannot_be_handed_in_leaves_no_draft_and_the_persons_own_draft_alone() {
        let story = story_in(testing::app());
        let filed = register_one(&story);
        let own = ask::start(&story.app, &story.clerk, &filed.registration).unwrap();
        let bad = end(filed.registration.clone(), b"no paper");
        let refused = ask(&story.app, &story.clerk, &bad, &key(&story.app));
        assert!(
            matches!(refused, Err(AppError::Refused(Refusal::Answers(found))) if found[0].field == "material:release-certificate")
        );
        assert_eq!(drafts(&story), 1, "the one on the page");
        ask(&story.app, &story.clerk, &end(filed.registration, PDF), &key(&story.app)).unwrap();
        assert!(draft::find(&story.app, &story.clerk, &own).is_ok());
    }

    #[test]
    fn a_field_that_is_not_there_is_told_and_nothing_is_assumed() {
        let story = story_in(testing::app());
        let mut answers = worker_named("王秀英", "110101199003070011");
        answers.insert("contract_too", "2027-01-01");
        let refused = register(&story.app, &story.clerk, "employer", &answers, &key(&story.app));
        assert!(matches!(refused, Err(AppError::Refused(Refusal::Answers(found))) if found[0].field == "contract_too"));
        let bare = Answers::default();
        let refused = register(&story.app, &story.clerk, "employer", &bare, &key(&story.app));
        let Err(AppError::Refused(Refusal::Answers(found))) = refused else { panic!("nothing was declared") };
        assert!(found.iter().any(|one| one.field == "work_region"), "the region is not taken from the unit");
    }

    #[test]
    fn what_is_named_wrongly_is_told_where_it_is() {
        let story = story_in(testing::app());
        let told = |done: Result<(), AppError>| match done {
            Err(AppError::Refused(Refusal::Answers(found))) => (found[0].field.clone(), found[0].problem.code),
            other => panic!("{other:?}"),
        };
        let answers = worker_named("王秀英", "110101199003070011");
        for kind in ["nothing", "flexible", "construction"] {
            let made = register(&story.app, &story.clerk, kind, &answers, &key(&story.app)).map(drop);
            assert_eq!(told(made), ("type".to_owned(), "register.type"), "{kind}");
        }
        let good = end(register_one(&story).registration, PDF);
        let asked = |asked: &Asked| told(ask(&story.app, &story.clerk, asked, &key(&story.app)).map(drop));
        let wrong = Asked { situation: "nope".to_owned(), ..good.clone() };
        assert_eq!(asked(&wrong), ("situation".to_owned(), "ask.situation-unknown"));
        let wrong = Asked { reason: "4401".to_owned(), ..good.clone() };
        assert_eq!(asked(&wrong), ("reason".to_owned(), "ask.reason-elsewhere"));
        let file = File { material: "nope".to_owned(), name: "a.pdf".to_owned(), bytes: PDF.to_vec() };
        let wrong = Asked { files: vec![file], ..good };
        assert_eq!(asked(&wrong), ("material:nope".to_owned(), "evidence.not-asked"));
    }

    #[test]
    fn the_same_registration_is_not_made_twice_by_two_keys() {
        let story = story_in(testing::app());
        register_one(&story);
        let answers = worker_named("王秀英", "110101199003070011");
        let again = register(&story.app, &story.clerk, "employer", &answers, &key(&story.app));
        assert!(again.is_err());
        assert_eq!(drafts(&story), 0);
    }
}
