//! 更正 from the form to the record: only what differs is asked for, one reviewer decides, the old record is kept.

use banjie_domain::authorize::Action;
use banjie_domain::case::{Command, Gap, Ground, Opinion, Stage, Verdict};
use banjie_domain::id::{CaseId, DraftId, RegistrationId, RevisionId};
use banjie_domain::refusal::Refusal;
use banjie_domain::registration::{Hold, LegalStatus};
use banjie_domain::registration_type::Answers;

use super::{Choice, Typed, choose, correct, correction_form, preview, start, start_supplement, submit_ask};
use crate::error::AppError;
use crate::query::mine::{self, RegistrationView};
use crate::testing;
use crate::usecase::ask::answer_supplement;
use crate::usecase::draft;
use crate::usecase::move_case;
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
    let form = correction_form(&story.app, &story.clerk, &opened).unwrap();
    let mut answers = form.answers;
    changes.iter().for_each(|(key, value)| answers.insert(*key, *value));
    let typed = Typed { answers: &answers, record: &form.record };
    correct(&story.app, &story.clerk, (draft, opened.version), &typed)
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
    assert_eq!(correction_form(&story.app, &story.clerk, &opened).unwrap().answers.get("post"), "月嫂");
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

#[test]
fn what_the_other_side_put_right_meanwhile_is_not_put_back_by_an_old_form() {
    let mut story = story();
    let registration = story.registered();
    let draft = begun(&story, &registration);
    let opened = draft::find(&story.app, &story.clerk, &draft).unwrap();
    let old = correction_form(&story.app, &story.clerk, &opened).unwrap();
    // A colleague's correction is granted while the form stands open.
    let colleague = testing::clerk(&story.app, &story.clerk);
    let clerk = std::mem::replace(&mut story.clerk, colleague);
    let case = handed_in(&story, &registration, &[("phone", "13900000000"), ("hired_on", "2026-1-3")]);
    accepted(&story, &case);
    decided(&story, &case, Verdict::Grant, "");
    let mut answers = old.answers;
    answers.insert("post", "月嫂");
    correct(&story.app, &clerk, (&draft, opened.version), &Typed { answers: &answers, record: &old.record }).unwrap();
    let asked = preview(&story.app, &clerk, &draft).unwrap().changes;
    let fields: Vec<_> = asked.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(fields, ["post"], "only what was typed over the old form");
    let foreign = Typed { answers: &answers, record: &case_details(&story, &case) };
    let refused = correct(&story.app, &clerk, (&draft, opened.version + 1), &foreign);
    assert!(matches!(refused, Err(AppError::NotFound)), "a document of something else was read");
}

/// A document that is no record's: what was declared with a case.
fn case_details(story: &Story, case: &CaseId) -> RevisionId {
    move_case::load(&story.app, case).unwrap().case.state.file().details().id.clone()
}
