//! The whole way as tests walk it: registered, asked, supplemented, decided, rejected, taken up again.

use banjie_domain::act::Act;
use banjie_domain::actor::{Principal, Role};
use banjie_domain::authorize::Action;
use banjie_domain::case::{Command, Gap, Ground, Opinion, Stage, Verdict};
use banjie_domain::id::{CaseId, DraftId, RegistrationId};
use banjie_domain::refusal::Refusal;
use banjie_domain::registration::{Hold, LegalStatus};
use banjie_domain::registration_type::Answers;

use super::ask::{self, Choice};
use super::draft::{self, Upload};
use super::form_key::{FormKey, new_form_key};
use super::move_case::{self, Wish, move_case};
use super::register;
use crate::app::App;
use crate::error::AppError;
use crate::testing::{self, TestFolder};

/// A small file that passes every check.
pub(crate) const PDF: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n\
trailer<</Root 1 0 R>>\n%%EOF\n";

pub(crate) struct Story {
    pub app: App,
    pub folder: TestFolder,
    pub clerk: Principal,
    pub intake: Principal,
    pub first: Principal,
    pub second: Principal,
    pub supervisor: Principal,
}

pub(crate) fn story() -> Story {
    story_in(testing::app())
}

pub(crate) fn story_in((app, folder): (App, TestFolder)) -> Story {
    let clerk = testing::employer(&app, "杭州青禾家政有限公司", "91330106MA2BANJX98");
    let intake = testing::staff(&app, Role::Intake);
    let first = testing::staff(&app, Role::First);
    let second = testing::staff(&app, Role::Second);
    let supervisor = testing::staff(&app, Role::Supervisor);
    Story { app, folder, clerk, intake, first, second, supervisor }
}

pub(crate) fn key(app: &App) -> FormKey {
    FormKey::of(&new_form_key(app), b"body")
}

fn worker() -> Answers {
    worker_named("王秀英", "110101199003070011")
}

pub(crate) fn worker_named(name: &str, number: &str) -> Answers {
    [
        ("document_kind", "citizen-id"),
        ("document_number", number),
        ("name", name),
        ("employment_form", "full-time"),
        ("hired_on", "2026-01-05"),
        ("work_region", "330106"),
        ("phone", "13800000000"),
        ("post", "保洁员"),
        ("contract_type", "open"),
        ("contract_from", "2026-01-05"),
    ]
    .into_iter()
    .collect()
}

impl Story {
    pub(crate) fn registered(&self) -> RegistrationId {
        self.registered_as("王秀英", "110101199003070011")
    }

    pub(crate) fn registered_as(&self, name: &str, number: &str) -> RegistrationId {
        let draft = draft::start_registration(&self.app, &self.clerk, "employer").unwrap();
        draft::save_answers(&self.app, &self.clerk, &draft, 1, worker_named(name, number)).unwrap();
        register::submit_registration(&self.app, &self.clerk, &draft, &key(&self.app)).unwrap().registration
    }

    fn prepared(&self, registration: &RegistrationId) -> DraftId {
        let draft = ask::start(&self.app, &self.clerk, registration).unwrap();
        let answers: Answers = [("effective_on", "2026-03-06"), ("note", "")].into_iter().collect();
        let choice = Choice { situation: "agreed", reason: "3601" };
        ask::choose(&self.app, &self.clerk, (&draft, 1), choice, &answers).unwrap();
        self.upload(&draft, "release-certificate");
        draft
    }

    pub(crate) fn upload(&self, draft: &DraftId, material: &str) {
        let upload = Upload { material, name: "证明.pdf", bytes: PDF };
        draft::add_file(&self.app, &self.clerk, draft, &upload).unwrap();
    }

    pub(crate) fn asked(&self) -> CaseId {
        self.asked_on(&self.registered())
    }

    pub(crate) fn asked_on(&self, registration: &RegistrationId) -> CaseId {
        let draft = self.prepared(registration);
        ask::submit_ask(&self.app, &self.clerk, &draft, &key(&self.app)).unwrap()
    }

    pub(crate) fn step(
        &self,
        who: &Principal,
        case: &CaseId,
        action: Action,
        command: Command,
    ) -> Result<Stage, AppError> {
        move_case(&self.app, who, case, &Wish::new(action, command)).map(|case| case.stage().clone())
    }

    pub(crate) fn granted(&self, case: &CaseId) {
        self.step(&self.intake, case, Action::CaseIntake, Command::Accept).unwrap();
        self.decide(case, Verdict::Grant);
    }

    fn decide(&self, case: &CaseId, verdict: Verdict) -> Stage {
        let opinion = |verdict| Opinion {
            verdict,
            grounds: match verdict {
                Verdict::Grant => Vec::new(),
                Verdict::Refuse => vec![Ground {
                    rule: "material-insufficient".to_owned(),
                    target: "material:release-certificate".to_owned(),
                }],
            },
            note: None,
        };
        self.step(&self.first, case, Action::CaseFirst, Command::GiveOpinion(opinion(verdict))).unwrap();
        self.step(&self.second, case, Action::CaseSecond, Command::Decide(opinion(verdict))).unwrap()
    }

    pub(crate) fn status(&self, case: &CaseId) -> (LegalStatus, Hold) {
        let both = move_case::load(&self.app, case).unwrap();
        (both.registration.state.status(), both.registration.state.hold())
    }
}

#[test]
fn a_day_put_right_in_a_supplement_is_the_day_that_counts() {
    let story = story();
    let case = story.asked();
    let gaps = vec![Gap { target: "field:effective_on".to_owned(), fault: "date-differs".to_owned() }];
    let command = Command::RequestSupplement { gaps, note: None, supervisor: false };
    story.step(&story.intake, &case, Action::CaseSupplement, command).unwrap();
    let draft = ask::start_supplement(&story.app, &story.clerk, &case).unwrap();
    let answers: Answers = [("effective_on", "2026-02-20")].into_iter().collect();
    let other = Choice { situation: "wrong-person", reason: "9002" };
    let act = ask::choose(&story.app, &story.clerk, (&draft, 1), other, &answers).unwrap();
    assert_eq!(act, Act::End, "another act is another case");
    ask::answer_supplement(&story.app, &story.clerk, &draft, &key(&story.app)).unwrap();
    story.granted(&case);
    let registration = move_case::load(&story.app, &case).unwrap().registration.state;
    assert_eq!(registration.finished_on().unwrap().to_string(), "2026-02-20");
}

#[test]
fn an_employer_ends_a_registration_with_one_upload_and_two_people_approve_it() {
    let story = story();
    let case = story.asked();
    assert_eq!(story.status(&case), (LegalStatus::Valid, Hold::Case));

    let gaps = vec![Gap { target: "material:release-certificate".to_owned(), fault: "no-seal".to_owned() }];
    let ask_again = Command::RequestSupplement { gaps, note: None, supervisor: false };
    story.step(&story.intake, &case, Action::CaseSupplement, ask_again).unwrap();
    let draft = ask::start_supplement(&story.app, &story.clerk, &case).unwrap();
    let empty = ask::answer_supplement(&story.app, &story.clerk, &draft, &key(&story.app));
    assert!(matches!(empty, Err(AppError::Refused(Refusal::Answers(_)))));
    story.upload(&draft, "release-certificate");
    ask::answer_supplement(&story.app, &story.clerk, &draft, &key(&story.app)).unwrap();

    story.step(&story.intake, &case, Action::CaseIntake, Command::Accept).unwrap();
    assert!(matches!(story.decide(&case, Verdict::Grant), Stage::Closed(_)));
    assert_eq!(story.status(&case), (LegalStatus::Ended, Hold::None));
    let registration = move_case::load(&story.app, &case).unwrap().registration.state;
    assert_eq!(registration.finished_on(), Some(jiff::civil::date(2026, 3, 6)));
}

#[test]
fn a_rejected_case_is_taken_up_again_with_only_what_was_named_open() {
    let story = story();
    let case = story.asked();
    story.step(&story.intake, &case, Action::CaseIntake, Command::Accept).unwrap();
    story.decide(&case, Verdict::Refuse);
    assert_eq!(story.status(&case), (LegalStatus::Valid, Hold::None));

    let draft = ask::start_again(&story.app, &story.clerk, &case).unwrap();
    let opened = draft::find(&story.app, &story.clerk, &draft).unwrap();
    assert!(opened.files.is_empty(), "the named material has to be handed in anew");
    assert!(!opened.body.is_open("field:effective_on"));
    let closed: Answers = [("effective_on", "2026-02-01")].into_iter().collect();
    let choice = Choice { situation: "agreed", reason: "3601" };
    ask::choose(&story.app, &story.clerk, (&draft, opened.version), choice, &closed).unwrap();
    story.upload(&draft, "release-certificate");
    let again = ask::submit_ask(&story.app, &story.clerk, &draft, &key(&story.app)).unwrap();
    let both = move_case::load(&story.app, &again).unwrap();
    assert_eq!(both.case.state.file().submitted().previous.as_ref(), Some(&case));
    assert_eq!(both.case.state.file().submitted().asked_on, jiff::civil::date(2026, 3, 6));
}

#[test]
fn the_same_form_sent_twice_makes_one_case() {
    let story = story();
    let registration = story.registered();
    let draft = story.prepared(&registration);
    let key = key(&story.app);
    let one = ask::submit_ask(&story.app, &story.clerk, &draft, &key).unwrap();
    assert_eq!(ask::submit_ask(&story.app, &story.clerk, &draft, &key).unwrap(), one);
    let other_body = FormKey::of(&key.key, b"another body");
    let refused = ask::submit_ask(&story.app, &story.clerk, &draft, &other_body);
    assert!(matches!(refused, Err(AppError::Refused(Refusal::KeyUsed))));
}

#[test]
fn a_second_case_on_a_record_is_refused() {
    let story = story();
    let case = story.asked();
    let registration = move_case::load(&story.app, &case).unwrap().registration.state.file().id.clone();
    assert!(matches!(ask::start(&story.app, &story.clerk, &registration), Err(AppError::Refused(Refusal::CaseOpen))));
    ask::withdraw(&story.app, &story.clerk, &case).unwrap();
    assert_eq!(story.status(&case), (LegalStatus::Valid, Hold::None));
    ask::start(&story.app, &story.clerk, &registration).unwrap();
}

#[test]
fn nobody_takes_two_stages_of_one_case() {
    let story = story();
    let case = story.asked();
    story.step(&story.intake, &case, Action::CaseIntake, Command::Accept).unwrap();
    let opinion = Opinion { verdict: Verdict::Grant, grounds: Vec::new(), note: None };
    story.step(&story.first, &case, Action::CaseFirst, Command::GiveOpinion(opinion.clone())).unwrap();
    let same_hand = Principal { role: Role::Second, ..story.first.clone() };
    let refused = story.step(&same_hand, &case, Action::CaseSecond, Command::Decide(opinion));
    assert!(matches!(refused, Err(AppError::Refused(Refusal::SameOfficer))));
}

#[test]
fn another_employers_record_and_case_are_not_there() {
    let story = story();
    let case = story.asked();
    let registration = move_case::load(&story.app, &case).unwrap().registration.state.file().id.clone();
    let other = testing::employer(&story.app, "杭州远山物流有限公司", "91330106MA2BANJY73");
    assert!(matches!(ask::start(&story.app, &other, &registration), Err(AppError::NotFound)));
    assert!(matches!(ask::withdraw(&story.app, &other, &case), Err(AppError::NotFound)));
    drop(story.folder);
}

#[test]
fn a_worker_ends_an_employers_record_with_one_item_of_evidence() {
    let story = story();
    let registration = story.registered();
    let worker = testing::person(&story.app, "王秀英", "110101199003070011");
    let draft = ask::start(&story.app, &worker, &registration).unwrap();
    let answers: Answers = [("effective_on", "2026-03-01"), ("notice_on", "2026-01-20")].into_iter().collect();
    let choice = Choice { situation: "i-left", reason: "3701" };
    ask::choose(&story.app, &worker, (&draft, 1), choice, &answers).unwrap();
    let empty = ask::submit_ask(&story.app, &worker, &draft, &key(&story.app));
    assert!(matches!(empty, Err(AppError::Refused(Refusal::Answers(_)))));
    let wanted = ask::preview(&story.app, &worker, &draft).unwrap().materials;
    let one = wanted.iter().find(|one| matches!(one.need, ask::Need::OneOf(_))).unwrap();
    let upload = Upload { material: &one.key, name: "聊天记录.pdf", bytes: PDF };
    draft::add_file(&story.app, &worker, &draft, &upload).unwrap();
    ask::submit_ask(&story.app, &worker, &draft, &key(&story.app)).unwrap();
}

#[test]
fn the_same_person_is_not_registered_twice_with_one_unit() {
    let story = story();
    story.registered();
    let draft = draft::start_registration(&story.app, &story.clerk, "employer").unwrap();
    draft::save_answers(&story.app, &story.clerk, &draft, 1, worker()).unwrap();
    let refused = register::submit_registration(&story.app, &story.clerk, &draft, &key(&story.app));
    let Err(AppError::Refused(Refusal::Answers(problems))) = refused else { panic!("registered twice") };
    let told: Vec<_> = problems.iter().map(|problem| (problem.field.as_str(), problem.problem.code)).collect();
    assert_eq!(told, [("document_number", "registration.duplicate")]);
    assert!(draft::find(&story.app, &story.clerk, &draft).is_ok(), "the draft survives a refusal");
}
