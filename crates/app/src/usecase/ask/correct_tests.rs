//! 更正 from the form to the record: only what differs is asked for, one reviewer decides, the old record is kept.

use banjie_domain::authorize::Action;
use banjie_domain::case::{Command, Gap, Ground, Opinion, Stage, Verdict};
use banjie_domain::id::{CaseId, DraftId, RegistrationId};
use banjie_domain::refusal::Refusal;
use banjie_domain::registration::{Hold, LegalStatus};
use banjie_domain::registration_type::Answers;

use super::{Choice, choose, correct, preview, record_answers, start, start_supplement, submit_ask};
use crate::error::AppError;
use crate::query::mine::{self, RegistrationView};
use crate::usecase::ask::answer_supplement;
use crate::usecase::draft;
use crate::usecase::story::{Story, key, story};
use crate::verify;

const CHOICE: Choice<'static> = Choice { situation: "still-working", reason: "G1" };

fn begun(story: &Story, registration: &RegistrationId) -> DraftId {
    let draft = start(&story.app, &story.clerk, registration).unwrap();
    choose(&story.app, &story.clerk, (&draft, 1), CHOICE, &Answers::default()).unwrap();
    draft
}

/// Types into the form as a browser sends it: every answer, changed or not.
fn typed(story: &Story, draft: &DraftId, changes: &[(&str, &str)]) -> Result<(), AppError> {
    let opened = draft::find(&story.app, &story.clerk, draft).unwrap();
    let mut answers = record_answers(&story.app, &story.clerk, &opened).unwrap();
    changes.iter().for_each(|(key, value)| answers.insert(*key, *value));
    correct(&story.app, &story.clerk, (draft, opened.version), &answers)
}

fn handed_in(story: &Story, registration: &RegistrationId, changes: &[(&str, &str)]) -> CaseId {
    let draft = begun(story, registration);
    typed(story, &draft, changes).unwrap();
    story.upload(&draft, "contract-pages");
    submit_ask(&story.app, &story.clerk, &draft, &key(&story.app)).unwrap()
}

fn accepted(story: &Story, case: &CaseId) {
    story.step(&story.intake, case, Action::CaseIntake, Command::Accept).unwrap();
}

fn decided(story: &Story, case: &CaseId, verdict: Verdict, target: &str) -> Stage {
    let ground = Ground { rule: "fact-not-shown".to_owned(), target: target.to_owned() };
    let grounds = if verdict == Verdict::Grant { Vec::new() } else { vec![ground] };
    let opinion = Opinion { verdict, grounds, note: None };
    story.step(&story.first, case, Action::CaseFirst, Command::GiveOpinion(opinion)).unwrap()
}

fn seen(story: &Story, registration: &RegistrationId) -> RegistrationView {
    mine::registration(&story.app, &story.clerk, registration).unwrap()
}

fn fields(result: Result<(), AppError>) -> Vec<(String, &'static str)> {
    match result {
        Err(AppError::Refused(Refusal::Answers(problems))) => {
            problems.into_iter().map(|one| (one.field, one.problem.code)).collect()
        }
        other => panic!("not refused for its answers: {other:?}"),
    }
}

#[test]
fn a_granted_correction_rewrites_the_record_from_its_first_day_and_keeps_the_old_one() {
    let story = story();
    let registration = story.registered();
    let before = seen(&story, &registration);
    let case = handed_in(&story, &registration, &[("post", "月嫂"), ("hired_on", "2026-1-4")]);
    assert_eq!(story.status(&case), (LegalStatus::Valid, Hold::Case));
    accepted(&story, &case);
    assert_eq!(decided(&story, &case, Verdict::Grant, "").key(), "granted");

    assert_eq!(story.status(&case), (LegalStatus::Valid, Hold::None));
    let after = seen(&story, &registration);
    assert_eq!((after.details.get("post"), after.details.get("hired_on")), (Some("月嫂"), Some("2026-01-04")));
    assert_eq!(after.details.get("name"), before.details.get("name"));
    assert_eq!(after.line.row.started_on.to_string(), "2026-01-04");
    assert_ne!(after.line.row.details, before.line.row.details, "a new revision, and not the old one changed");
    let last = after.story.last().unwrap();
    assert_eq!(
        (last.event.kind(), last.envelope.effective_on.to_string()),
        ("registration.corrected", "2026-01-04".to_owned())
    );
    assert!(verify::run(&story.app).unwrap().findings.is_empty());

    // A counter-correction starts from what the record says now.
    let draft = begun(&story, &registration);
    let opened = draft::find(&story.app, &story.clerk, &draft).unwrap();
    assert_eq!(record_answers(&story.app, &story.clerk, &opened).unwrap().get("post"), "月嫂");
}

#[test]
fn a_refused_correction_leaves_the_record_as_it_was() {
    let story = story();
    let registration = story.registered();
    let before = seen(&story, &registration);
    let case = handed_in(&story, &registration, &[("post", "月嫂")]);
    accepted(&story, &case);
    decided(&story, &case, Verdict::Refuse, "field:post");
    let after = seen(&story, &registration);
    assert_eq!((after.details, after.line.row.details), (before.details, before.line.row.details));
    assert_eq!(story.status(&case), (LegalStatus::Valid, Hold::None));
}

#[test]
fn only_a_named_answer_can_be_put_right_in_a_supplement() {
    let story = story();
    let registration = story.registered();
    let case = handed_in(&story, &registration, &[("post", "月嫂"), ("phone", "13900000000")]);
    let gaps = vec![Gap { target: "field:post".to_owned(), fault: "unclear".to_owned() }];
    let command = Command::RequestSupplement { gaps, note: None, supervisor: false };
    story.step(&story.intake, &case, Action::CaseSupplement, command).unwrap();
    let draft = start_supplement(&story.app, &story.clerk, &case).unwrap();
    typed(&story, &draft, &[("post", "育婴员"), ("phone", "13911111111")]).unwrap();
    answer_supplement(&story.app, &story.clerk, &draft, &key(&story.app)).unwrap();
    accepted(&story, &case);
    decided(&story, &case, Verdict::Grant, "");
    let after = seen(&story, &registration);
    assert_eq!((after.details.get("post"), after.details.get("phone")), (Some("育婴员"), Some("13900000000")));
}

#[test]
fn what_cannot_be_corrected_is_said_at_its_field_and_kept() {
    let story = story();
    let registration = story.registered();
    let draft = begun(&story, &registration);
    let nothing = preview(&story.app, &story.clerk, &draft).map(|_| ());
    assert_eq!(fields(nothing)[0].1, "registration.nothing-changed");
    let later = typed(&story, &draft, &[("hired_on", "2099-1-1"), ("post", "月嫂"), ("name", "别人")]);
    assert_eq!(fields(later), [("hired_on".to_owned(), "registration.hired-later")]);
    let kept = draft::find(&story.app, &story.clerk, &draft).unwrap().body.answers;
    assert_eq!((kept.get("hired_on"), kept.get("post"), kept.find("name")), ("2099-1-1", "月嫂", None));
    assert_eq!(kept.find("phone"), None, "what reads as before is no change");
}
