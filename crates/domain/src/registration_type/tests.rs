//! The types we ship, held to the domain page: every rule, every reason, twenty stories.

use jiff::civil::{Date, date};

use super::*;
use crate::problem::FieldProblem;

const TODAY: Date = date(2026, 3, 11);

macro_rules! shipped {
    ($folder:literal, $($file:literal),+) => {
        vec![$(($file.to_owned(), include_str!(concat!("../../../../policies/", $folder, "/", $file)).to_owned())),+]
    };
}

fn type_files() -> Vec<(String, String)> {
    shipped!("types", "employer.toml", "flexible.toml")
}

fn code_files() -> Vec<(String, String)> {
    shipped!(
        "codes",
        "contract-type.csv",
        "divisions.csv",
        "document-kind.csv",
        "education.csv",
        "employment-form.csv",
        "flexible-work.csv",
        "household.csv",
        "industry.csv",
        "nation.csv",
        "sex.csv"
    )
}

pub(super) fn book() -> TypeBook {
    TypeBook::parse(&type_files(), &code_files()).unwrap()
}

pub(super) fn facts(book: &TypeBook) -> CheckFacts<'_> {
    CheckFacts { today: TODAY, book, birth_date: None, previous_contract_end: None, has_other_full_time: false }
}

/// An honest employer registration; a change with an empty value leaves the field out.
pub(super) fn employer(changes: &[(&str, &str)]) -> Answers {
    let mut answers: Answers = [
        ("document_kind", "citizen-id"),
        ("document_number", "110101 19900307 0011"),
        ("name", "张三"),
        ("phone", "138 0000 0000"),
        ("employment_form", "full-time"),
        ("hired_on", "2026年3月6日"),
        ("post", " 装配  工 "),
        ("work_region", "330106"),
        ("contract_type", "fixed"),
        ("contract_from", "2026-3-6"),
        ("contract_to", "2029-3-5"),
    ]
    .into_iter()
    .collect();
    for (key, typed) in changes {
        answers.insert(*key, *typed);
    }
    answers
}

fn flexible(changes: &[(&str, &str)]) -> Answers {
    let mut answers: Answers = [
        ("work_type", "05"),
        ("work_content", "钟点保洁"),
        ("started_on", "2026-03-01"),
        ("industry", "O"),
        ("work_region", "西湖区"),
        ("work_address", "文三路 1 号"),
    ]
    .into_iter()
    .collect();
    for (key, typed) in changes {
        answers.insert(*key, *typed);
    }
    answers
}

fn codes(problems: &[FieldProblem]) -> Vec<(&str, &'static str)> {
    problems.iter().map(|problem| (problem.field.as_str(), problem.problem.code)).collect()
}

/// `ok`, or the one problem, warning or flag there is.
fn outcome(result: Result<Checked, Vec<FieldProblem>>) -> String {
    match result {
        Err(problems) => {
            codes(&problems).iter().map(|(field, code)| format!("{field}: {code}")).collect::<Vec<_>>().join(", ")
        }
        Ok(checked) => match (checked.warnings.first(), checked.flags.first()) {
            (Some(warning), Some(flag)) => format!("flag {}: {}", flag.key(), warning.problem.code),
            (Some(warning), None) => format!("warn {}", warning.problem.code),
            _ => "ok".to_owned(),
        },
    }
}

#[test]
fn honest_answers_are_stored_in_their_canonical_form() {
    let book = book();
    let checked =
        book.get("employer").unwrap().check(&employer(&[("monthly_wage", "８，500.5 元")]), &facts(&book)).unwrap();
    let details = &checked.details;
    assert_eq!(details.get("document_number"), Some("110101199003070011"));
    assert_eq!(details.date("birth_date"), Some(date(1990, 3, 7)));
    assert_eq!(details.get("sex"), Some("1"));
    assert_eq!(details.get("post"), Some("装配 工"));
    assert_eq!(details.get("monthly_wage"), Some("8500.50"));
    assert_eq!(details.date("hired_on"), Some(date(2026, 3, 6)));
    assert!(checked.warnings.is_empty() && checked.flags.is_empty());
    assert_eq!(Details::from_json(&details.to_json()).unwrap(), *details);
}

#[test]
fn an_empty_form_names_every_question_once_and_in_order() {
    let book = book();
    let problems = book.get("employer").unwrap().check(&Answers::default(), &facts(&book)).unwrap_err();
    let expected = [
        ("document_kind", "registration.not-chosen"),
        ("document_number", "registration.not-filled"),
        ("name", "registration.not-filled"),
        ("phone", "registration.not-filled"),
        ("employment_form", "registration.not-chosen"),
        ("hired_on", "registration.not-filled"),
        ("post", "registration.not-filled"),
        ("work_region", "registration.not-chosen"),
        ("contract_type", "registration.not-chosen"),
    ];
    assert_eq!(codes(&problems), expected);
    let label = &problems.first().unwrap().problem.args;
    assert_eq!(label[0].1.zh, "证件类型");
}

#[test]
fn all_problems_come_at_once() {
    let book = book();
    let answers = employer(&[
        ("document_number", "11010119900307001X"),
        ("name", "张\u{202E}三"),
        ("hired_on", "2026-13-01"),
        ("post", "焊\u{200B}工"),
        ("monthly_wage", "很多"),
        ("work_region", "999999"),
    ]);
    let problems = book.get("employer").unwrap().check(&answers, &facts(&book)).unwrap_err();
    let fields: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(fields, ["document_number", "name", "hired_on", "post", "work_region", "monthly_wage"]);
}

const PASSPORT: (&str, &str) = ("document_kind", "passport");

/// A name, what is changed, what comes of it.
type Trial = (&'static str, &'static [(&'static str, &'static str)], &'static str);

const TRIALS: &[Trial] = &[
    ("V1 adult", &[], "ok"),
    (
        "V1 16 today",
        &[
            PASSPORT,
            ("document_number", "E1234567"),
            ("document_country", "deu"),
            ("birth_date", "2010-03-06"),
            ("sex", "2"),
        ],
        "flag minor: registration.minor",
    ),
    (
        "V1 a day too young",
        &[
            PASSPORT,
            ("document_number", "E1234567"),
            ("document_country", "DEU"),
            ("birth_date", "2010-03-07"),
            ("sex", "2"),
        ],
        "hired_on: registration.under-working-age",
    ),
    (
        "V1 eighteen",
        &[
            PASSPORT,
            ("document_number", "E1234567"),
            ("document_country", "DEU"),
            ("birth_date", "2008-03-06"),
            ("sex", "2"),
        ],
        "ok",
    ),
    ("V2 same", &[("birth_date", "1990 3 7"), ("sex", "男")], "ok"),
    ("V2 birth", &[("birth_date", "1990-03-08")], "birth_date: registration.birth-date-differs"),
    ("V2 sex", &[("sex", "2")], "sex: registration.sex-differs"),
    ("V3 today", &[("hired_on", "2026-03-11")], "ok"),
    ("V3 tomorrow", &[("hired_on", "2026-03-12")], "hired_on: registration.hired-later"),
    ("V4 one day", &[("contract_to", "2026-03-06")], "ok"),
    ("V4 backwards", &[("contract_to", "2026-03-05")], "contract_to: registration.contract-ends-early"),
    ("V4 fixed without end", &[("contract_to", "")], "contract_to: registration.not-filled"),
    ("V4 open with end", &[("contract_type", "open")], "contract_to: registration.open-term-with-end"),
    ("V4 open", &[("contract_type", "open"), ("contract_to", "")], "ok"),
    (
        "V4 none with end",
        &[("contract_type", "none"), ("contract_from", "")],
        "contract_to: registration.end-without-contract",
    ),
    ("V4 none", &[("contract_type", "none"), ("contract_from", ""), ("contract_to", "")], "ok"),
    ("V6 six months", &[("probation_until", "2026-09-05")], "ok"),
    ("V6 and a day", &[("probation_until", "2026-09-06")], "warn registration.probation-too-long"),
    (
        "V6 two months of a year",
        &[("contract_to", "2027-03-05"), ("probation_until", "2026-05-06")],
        "warn registration.probation-too-long",
    ),
    ("V6 one month of three", &[("contract_to", "2026-06-05"), ("probation_until", "2026-04-05")], "ok"),
    (
        "V6 short contract",
        &[("contract_to", "2026-06-04"), ("probation_until", "2026-03-07")],
        "warn registration.probation-not-allowed",
    ),
    (
        "V6 task",
        &[("contract_type", "task"), ("contract_to", ""), ("probation_until", "2026-03-07")],
        "warn registration.probation-not-allowed",
    ),
    (
        "V6 before the contract",
        &[("probation_until", "2026-03-05")],
        "probation_until: registration.probation-ends-early",
    ),
    ("V14 rehired", &[("employment_form", "rehired")], "employment_form: registration.no-subject-rehired"),
    ("V14 intern", &[("employment_form", "intern")], "employment_form: registration.no-subject-intern"),
    ("V14 service", &[("employment_form", "service")], "employment_form: registration.no-subject-service"),
    ("V14 part time", &[("employment_form", "part-time")], "ok"),
    (
        "dispatch names the host",
        &[("employment_form", "dispatch")],
        "user_unit_name: registration.not-filled, user_unit_uscc: registration.not-filled",
    ),
    ("abolished district", &[("work_region", "330103")], "warn registration.region-abolished"),
    ("a whole province", &[("work_region", "330000")], "work_region: registration.region-too-wide"),
    ("15-digit number", &[("document_number", "110105491231002")], "ok"),
    (
        "passport without country",
        &[PASSPORT, ("document_number", "E1234567"), ("birth_date", "1990-03-06"), ("sex", "2")],
        "document_country: passport.country",
    ),
    (
        "passport without birth date",
        &[PASSPORT, ("document_number", "E1234567"), ("document_country", "DEU"), ("sex", "2")],
        "birth_date: registration.not-filled",
    ),
    (
        "a name that is too long",
        &[(
            "name",
            "阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿阿",
        )],
        "name: person-name.too-long",
    ),
    (
        "too long",
        &[(
            "post",
            "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一",
        )],
        "post: registration.too-long",
    ),
    ("too much", &[("monthly_wage", "1000000")], "monthly_wage: registration.amount-too-large"),
    ("three decimals", &[("monthly_wage", "1.005")], "monthly_wage: registration.amount-unreadable"),
];

#[test]
fn every_registration_rule_has_what_it_accepts_and_what_it_does_not() {
    let book = book();
    let kind = book.get("employer").unwrap();
    for (name, changes, expected) in TRIALS {
        assert_eq!(outcome(kind.check(&employer(changes), &facts(&book))), *expected, "{name}");
    }
}

#[test]
fn rules_that_need_the_register_look_at_the_facts() {
    let book = book();
    let (employer_type, flexible_type) = (book.get("employer").unwrap(), book.get("flexible").unwrap());
    let honest = facts(&book);
    let cases = [
        ("V5 the day it ended", CheckFacts { previous_contract_end: Some(date(2026, 3, 6)), ..honest }, "ok"),
        (
            "V5 before",
            CheckFacts { previous_contract_end: Some(date(2026, 3, 7)), ..honest },
            "contract_from: registration.contract-overlaps-previous",
        ),
        (
            "V12 second job",
            CheckFacts { has_other_full_time: true, ..honest },
            "flag second-full-time: registration.second-full-time",
        ),
    ];
    for (name, facts, expected) in cases {
        assert_eq!(outcome(employer_type.check(&employer(&[]), &facts)), expected, "{name}");
    }
    let part_time = employer(&[("employment_form", "part-time")]);
    assert_eq!(outcome(employer_type.check(&part_time, &CheckFacts { has_other_full_time: true, ..honest })), "ok");
    let child = CheckFacts { birth_date: Some(date(2012, 1, 1)), ..honest };
    assert_eq!(outcome(flexible_type.check(&flexible(&[]), &child)), "started_on: registration.under-working-age");
    assert_eq!(outcome(flexible_type.check(&flexible(&[]), &honest)), "ok");
    let later = flexible(&[("started_on", "2026-03-12")]);
    assert_eq!(outcome(flexible_type.check(&later, &honest)), "started_on: registration.started-later");
    let other = flexible(&[("work_type", "99")]);
    assert_eq!(outcome(flexible_type.check(&other, &honest)), "work_type_note: registration.not-filled");
    let twice = [employer_type, flexible_type].map(|kind| kind.duplicate("26"));
    let told = twice.each_ref().map(|problem| format!("{}: {}", problem.field, problem.problem.code));
    let expected = ["document_number: registration.duplicate", "started_on: registration.duplicate-own"];
    assert_eq!(told, expected);
}

/// What was asked, with honest defaults.
fn ask(act: Act, reason: &'static str, effective_on: &'static str, note: &'static str) -> Ask<'static> {
    let (applicant, pension) = (ApplicantKind::Employer, PensionDecision::Missing);
    Ask { act, applicant, reason, effective_on, notice_on: "", note, pension }
}

fn ask_outcome(book: &TypeBook, key: &str, ask: &Ask<'_>, details: &Details) -> String {
    let started_on = details.date("hired_on").unwrap_or(date(2024, 11, 7));
    let record = OnRecord { details, started_on, birth_date: None, sex: None };
    match book.get(key).unwrap().check_ask(ask, &record, TODAY) {
        Err(problems) => {
            codes(&problems).iter().map(|(field, code)| format!("{field}: {code}")).collect::<Vec<_>>().join(", ")
        }
        Ok(checked) => match (checked.warnings.first(), checked.flags.first()) {
            (Some(warning), Some(flag)) => {
                format!("{} flag {}: {}", checked.effective_on, flag.key(), warning.problem.code)
            }
            (Some(warning), None) => format!("{} warn {}", checked.effective_on, warning.problem.code),
            _ => checked.effective_on.to_string(),
        },
    }
}

/// A man born 1990-03-07, hired 2024-03-11 for two years, in probation until 2024-05-10.
fn on_record(changes: &[(&str, &str)]) -> Details {
    let book = book();
    let mut answers = employer(&[
        ("hired_on", "2024-03-11"),
        ("contract_from", "2024-03-11"),
        ("contract_to", "2026-03-10"),
        ("probation_until", "2024-05-10"),
    ]);
    for (key, typed) in changes {
        answers.insert(*key, *typed);
    }
    book.get("employer").unwrap().check(&answers, &facts(&book)).unwrap().details
}

#[test]
fn every_rule_on_ending_has_what_it_accepts_and_what_it_does_not() {
    let book = book();
    let details = on_record(&[]);
    let long = "双方都同意提前结束这份合同";
    let end = |reason, day, note| ask(Act::End, reason, day, note);
    let revoke = |reason, note| ask(Act::Revoke, reason, "", note);
    let noticed = |day, notice_on| Ask { notice_on, ..end("3701", day, "") };
    let cases = [
        ("V7 first day", end("3601", "2024-03-11", ""), "2024-03-11"),
        ("V7 before", end("3601", "2024-03-10", ""), "effective_on: ask.before-first-day"),
        ("V7 thirty days ahead", end("3601", "2026-04-10", ""), "2026-04-10"),
        ("V7 thirty-one", end("3601", "2026-04-11", ""), "effective_on: ask.too-far-ahead"),
        ("V8 on the day", end("4401", "2026-03-10", ""), "2026-03-10"),
        ("V8 a day off", end("4401", "2026-03-11", ""), "2026-03-11"),
        ("V8 two days off", end("4401", "2026-03-08", ""), "2026-03-08 warn ask.differs-from-contract-end"),
        ("V8 explained", end("4401", "2026-03-08", long), "2026-03-08"),
        ("V8 no notice day", end("3701", "2026-03-06", ""), "2026-03-06 warn ask.notice-day-missing"),
        ("V8 thirty days", noticed("2026-03-06", "2026-02-04"), "2026-03-06"),
        ("V8 short notice", noticed("2026-03-06", "2026-02-05"), "2026-03-06 warn ask.notice-too-short"),
        ("V8 notice before the first day", noticed("2026-03-06", "2020-01-01"), "notice_on: ask.notice-before-start"),
        ("V8 notice after the last", noticed("2026-03-06", "2026-03-07"), "notice_on: ask.notice-after-end"),
        ("V8 in probation", noticed("2024-05-10", "2024-05-07"), "2024-05-10"),
        ("V8 in probation, too short", noticed("2024-05-10", "2024-05-08"), "2024-05-10 warn ask.notice-too-short"),
        ("V9 thirty-six", end("4402", "2026-03-10", ""), "reason: ask.below-pension-age"),
        ("V9 decision", Ask { pension: PensionDecision::Attached, ..end("4402", "2026-03-10", "") }, "2026-03-10"),
        ("V10 death", end("4403", "2026-03-10", ""), "2026-03-10 flag relatives-path: ask.relatives-path"),
        ("V10 later", end("4403", "2026-03-12", ""), "effective_on: ask.not-yet"),
        ("V11 who says so", revoke("9001", "人事核对考勤时发现没有打卡"), "2024-03-11"),
        ("V11 nobody says so", revoke("9001", " "), "note: ask.who-found-it"),
        ("V11 hardly anybody", revoke("9002", "我说的"), "note: ask.note-too-short"),
        ("9999 with a reason", end("9999", "2026-03-10", long), "2026-03-10"),
        ("9999 without", end("9999", "2026-03-10", "不知道"), "note: ask.note-too-short"),
        ("no day, no reason", end("", "", ""), "reason: ask.reason-missing, effective_on: ask.day-unknown"),
        ("no day", end("3601", "", ""), "effective_on: ask.day-missing"),
        ("no such day", end("3601", "2026-02-30", ""), "effective_on: date.impossible"),
        ("a reason of another act", end("9001", "2026-03-10", long), "reason: ask.reason-not-for-this"),
        ("an act nobody offers", ask(Act::Void, "3601", "2026-03-10", ""), "reason: ask.act-not-offered"),
        ("hidden signs", end("9999", "2026-03-10", "双方都同意\u{202E}提前结束这份合同"), "note: text.bidi"),
    ];
    for (name, ask, expected) in cases {
        assert_eq!(ask_outcome(&book, "employer", &ask, &details), expected, "{name}");
    }
    let hearing = Ask { applicant: ApplicantKind::Person, ..revoke("9005", long) };
    assert_eq!(ask_outcome(&book, "employer", &hearing, &details), "reason: ask.hearing-needed");
    let stopped = Ask { applicant: ApplicantKind::Person, ..ask(Act::Close, "F2", "2026-03-12", "") };
    assert_eq!(ask_outcome(&book, "flexible", &stopped, &Details::default()), "effective_on: ask.not-yet");
}

#[test]
fn a_pension_before_the_statutory_month_is_a_warning() {
    let book = book();
    let retired = ask(Act::End, "4402", "2026-03-10", "");
    // Men born in January 1966 retire in May 2026, those born in January 1965 did so in February 2025.
    let cases = [("1966-01-05", "2026-03-10 warn ask.before-statutory-month"), ("1965-01-05", "2026-03-10")];
    for (birth, expected) in cases {
        let details = on_record(&[
            ("document_kind", "passport"),
            ("document_number", "E1234567"),
            ("document_country", "DEU"),
            ("birth_date", birth),
            ("sex", "1"),
        ]);
        assert_eq!(ask_outcome(&book, "employer", &retired, &details), expected, "{birth}");
    }
}

#[test]
fn every_reason_of_the_domain_page_is_there_with_its_act_and_its_hint() {
    use Act::{Close, Correct, End, Revoke};
    use Involuntary::{Check, No, None as NoQuestion, Yes};
    let book = book();
    let expected: &[(&str, &[&str], Act, Involuntary)] = &[
        ("employer", &["3601"], End, Yes),
        ("employer", &["3602", "3701", "4402", "8001"], End, No),
        ("employer", &["3801", "3802", "3803", "3804", "3805", "3806", "3807"], End, Yes),
        ("employer", &["3901", "3902", "3903", "3904", "3905", "3906"], End, Yes),
        ("employer", &["4001", "4002", "4003", "4101", "4102", "4103", "4104"], End, Yes),
        ("employer", &["4401", "4404", "4405", "5001"], End, Yes),
        ("employer", &["4403"], End, NoQuestion),
        ("employer", &["4406", "7101", "9999"], End, Check),
        ("employer", &["9001", "9002", "9003", "9004", "9005", "9006"], Revoke, NoQuestion),
        ("employer", &["D1"], Close, Yes),
        ("flexible", &["F1"], End, NoQuestion),
        ("flexible", &["F2", "F8"], Close, Check),
        ("flexible", &["F3", "F4", "F5", "F6"], Close, No),
        ("flexible", &["F7", "F9"], Close, NoQuestion),
        ("flexible", &["F21", "F22", "F23"], Revoke, NoQuestion),
        ("employer", &["G1"], Correct, NoQuestion),
        ("flexible", &["F31"], Correct, NoQuestion),
    ];
    let mut found = 0;
    for (key, reasons, act, hint) in expected {
        let kind = book.get(key).unwrap();
        for code in *reasons {
            let reason = kind.reason(code).unwrap();
            assert_eq!((reason.act, reason.involuntary), (*act, *hint), "{code}");
            assert!(kind.effects(reason).is_some() && kind.benefit_hint(reason).is_some(), "{code}");
            assert_eq!(reason.date_label.is_none(), matches!(act, Revoke | Correct), "{code}");
            found += 1;
        }
    }
    assert_eq!(found, book.all().map(|kind| kind.reasons().len()).sum::<usize>());
    let closed: Vec<&str> = book
        .all()
        .flat_map(RegistrationType::reasons)
        .filter(|reason| !reason.offered)
        .map(|reason| reason.code.as_str())
        .collect();
    assert_eq!(closed, ["9005", "9006", "F23"]);
}

#[test]
fn every_reason_offered_to_an_applicant_is_reached_by_a_situation() {
    let book = book();
    for kind in book.all() {
        for applicant in [ApplicantKind::Employer, ApplicantKind::Person] {
            for reason in kind.reasons().iter().filter(|reason| reason.applicants.contains(&applicant)) {
                let reached = kind.situations(applicant).any(|situation| situation.reasons.contains(&reason.code));
                assert!(reached, "{} {} for {}", kind.key(), reason.code, applicant.key());
            }
        }
    }
}

#[test]
fn twenty_stories_lead_to_the_right_act() {
    use ApplicantKind::{Employer, Person};
    let book = book();
    let stories = [
        ("employer", Employer, "员工自己提出离开", "end 3701"),
        ("employer", Employer, "双方商量好，不干了", "end 3601"),
        ("employer", Employer, "单位提出解除", "end 3901"),
        ("employer", Employer, "裁员", "end 4101"),
        ("employer", Employer, "合同到期，没有续签", "end 4401"),
        ("employer", Employer, "员工退休了", "end 4402"),
        ("employer", Employer, "员工去世或者失踪了", "end 4403"),
        ("employer", Employer, "办了登记，人根本没来上班", "revoke 9001"),
        ("employer", Employer, "登错人了", "revoke 9002"),
        ("employer", Employer, "登到别的单位名下了", "revoke 9003"),
        ("employer", Employer, "同一个人登记了两遍", "revoke 9004"),
        ("employer", Employer, "人还在干，就是信息登错了", "correct G1"),
        ("employer", Employer, "姓名或者证件号登错了", "correct elsewhere"),
        ("employer", Employer, "单位已经注销了", "close elsewhere"),
        ("employer", Person, "我自己提出离开了", "end 3701"),
        ("employer", Person, "单位不要我了", "end 3601"),
        ("employer", Person, "单位破产、被吊销执照、关闭或者解散了", "end 4404"),
        ("employer", Person, "单位已经注销，登记还挂着", "close D1"),
        ("employer", Person, "我没去这家单位上过班", "revoke 9001"),
        ("employer", Person, "被人冒名登记，或者登记是假的", "revoke elsewhere"),
        ("flexible", Person, "不做灵活就业了", "close F2"),
        ("flexible", Person, "到单位上班了", "end F1"),
        ("flexible", Person, "我没做灵活就业，登记是录错的", "revoke F21"),
    ];
    for (key, applicant, story, expected) in stories {
        let kind = book.get(key).unwrap();
        let situation = kind.situations(applicant).find(|situation| situation.label.get("zh-CN") == story);
        let situation = situation.unwrap_or_else(|| panic!("nobody can say {story}"));
        let first = kind.reasons_of(situation).next().filter(|_| situation.offered);
        let leads = first.map_or_else(|| "elsewhere".to_owned(), |reason| reason.code.clone());
        assert_eq!(format!("{} {leads}", situation.act.key()), expected, "{story}");
        assert_eq!(situation.instead.is_some(), !situation.offered, "{story}");
    }
}

#[test]
fn the_worker_reads_no_statute_and_the_statute_is_cited() {
    for kind in book().all() {
        for reason in kind.reasons() {
            let label = reason.label.get("zh-CN");
            assert!(!label.contains('《') && !label.contains('第'), "{}: {label}", reason.code);
            assert!(!reason.basis.is_empty() && !reason.official.get("zh-CN").is_empty(), "{}", reason.code);
        }
    }
}

#[test]
fn code_tables_hold_what_the_law_counts() {
    let book = book();
    let count = |name: &str| book.codes(name).unwrap().all().len();
    assert_eq!((count("nation"), count("industry"), count("flexible-work")), (58, 20, 11));
    let divisions = book.codes(DIVISIONS).unwrap();
    assert_eq!(divisions.full_label("330106", "zh-CN"), "浙江省杭州市西湖区");
    assert_eq!(divisions.full_label("530112", "zh-CN"), "云南省昆明市西山区");
    assert_eq!(divisions.get("330103").unwrap().successor.as_deref(), Some("330105"));
    assert_eq!(divisions.get("530121").unwrap().successor.as_deref(), Some("530114"));
    assert!(divisions.choices_on(TODAY).all(|code| code.code != "330103" && code.code != "330100"));
    let kinds: Vec<&str> = book.codes("document-kind").unwrap().all().iter().map(|code| code.code.as_str()).collect();
    let mut known = crate::identity::IdentityDocument::KIND_KEYS.to_vec();
    known.sort_unstable();
    let mut listed = kinds.clone();
    listed.sort_unstable();
    assert_eq!(listed, known);
}

/// The employer type with one text replaced, and what the reader says to it.
fn broken(from: &str, to: &str) -> Vec<String> {
    let files: Vec<(String, String)> =
        type_files().into_iter().map(|(file, text)| (format!("types/{file}"), text.replacen(from, to, 1))).collect();
    assert_ne!(files.first().unwrap().1, type_files().first().unwrap().1, "`{from}` is not in the file");
    match TypeBook::parse(&files[..1], &code_files()) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.iter().map(ToString::to_string).collect(),
    }
}

fn line_in_employer(text: &str) -> usize {
    let (_, file) = type_files().remove(0);
    file.lines().position(|line| line.contains(text)).unwrap() + 1
}

#[test]
fn two_unknown_validators_are_refused_with_their_line() {
    let line = line_in_employer("validators = [\"V14\"");
    let errors = broken("\"V14\", \"V12\"", "\"V99\", \"V7\"");
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert!(
        errors.iter().all(|error| error.starts_with(&format!("types/employer.toml:{line}: unknown word `V"))),
        "{errors:?}"
    );
}

#[test]
fn a_type_whose_corrections_could_change_who_a_person_is_is_refused() {
    let (_, file) = type_files().remove(0);
    for key in ["document_kind", "document_number", "document_country", "name", "birth_date", "sex"] {
        let start = file.find(&format!("key = \"{key}\"\ngroup")).unwrap();
        let end = start + file[start..].find("correctable = false\n").unwrap();
        let forgotten = file[start..end].to_owned();
        let errors = broken(&format!("{forgotten}correctable = false\n"), &forgotten);
        assert!(errors.iter().any(|error| error.contains(&format!("cannot change `{key}`"))), "{key}: {errors:?}");
    }
    let note = broken("key = \"post\"", "key = \"note\"");
    assert!(note.iter().any(|error| error.contains("is a question of every application")), "{note:?}");
}

#[test]
fn a_type_that_refers_to_nothing_is_refused_with_its_line() {
    let field = |key: &str| line_in_employer(&format!("key = \"{key}\"")) - 1;
    let cases = [
        ("kind = \"uscc\"", "kind = \"usc\"", line_in_employer("kind = \"uscc\""), "unknown word `usc`"),
        ("codes = \"education\"", "codes = \"educations\"", field("education"), "there is no code table `educations`"),
        ("default = \"citizen-id\"", "default = \"x\"", field("document_kind"), "the default `x` is no code"),
        (
            "contract_type = fixed\"",
            "contract_type = fix\"",
            field("contract_to"),
            "`fix` is no code of `contract_type`",
        ),
        ("contract_type = fixed\"", "contract_type\"", line_in_employer("contract_type = fixed\""), "is no condition"),
        (
            "key = \"contract_from\"",
            "key = \"contract_start\"",
            field("contract_to"),
            "needs the field `contract_from`",
        ),
        (
            "start-field = \"hired_on\"",
            "start-field = \"post\"",
            line_in_employer("start-field"),
            "is no field of kind `date`",
        ),
        ("adult-age = ", "adult = ", line_in_employer("start-field"), "needs the limit `adult-age`"),
        ("search = \"exact\"", "serch = \"exact\"", line_in_employer("search = "), "unknown key `serch`"),
        ("code = \"3602\"", "code = \"3601\"", line_in_employer("code = \"3602\"") - 1, "reason `3601` is given twice"),
        (
            "effects = \"transfer\"",
            "effects = \"move\"",
            line_in_employer("code = \"8001\"") - 1,
            "there are no effects `move`",
        ),
        (
            "reasons = [\"9002\"]",
            "reasons = [\"4401\"]",
            line_in_employer("key = \"wrong-person\"") - 1,
            "cannot lead to reason `4401`",
        ),
        ("key = \"employer\"", "key = \"unit\"", 1, "is not named after it"),
        ("number-prefix = \"YG\"", "number-prefix = YG", line_in_employer("number-prefix"), "quoted string"),
    ];
    for (from, to, line, message) in cases {
        let errors = broken(from, to);
        let wanted = format!("types/employer.toml:{line}: ");
        assert!(
            errors.iter().any(|error| error.starts_with(&wanted) && error.contains(message)),
            "{from} → {to}: {errors:?}, wanted {wanted}{message}"
        );
    }
}

#[test]
fn every_problem_has_its_words_and_every_word_its_problem() {
    let texts = include_str!("../../../../locales/zh-CN/problem-registration.toml");
    let source = [
        include_str!("mod.rs"),
        include_str!("check.rs"),
        include_str!("ask.rs"),
        include_str!("correct.rs"),
        include_str!("rules/mod.rs"),
        include_str!("rules/register.rs"),
        include_str!("rules/ask.rs"),
    ]
    .concat();
    let used: BTreeSet<&str> = source
        .split('"')
        .filter(|text| (text.starts_with("registration.") || text.starts_with("ask.")) && !text.contains(' '))
        .collect();
    let written: BTreeSet<&str> = texts.lines().filter_map(|line| line.strip_prefix('"')?.split('"').next()).collect();
    assert_eq!(used, written);
}
