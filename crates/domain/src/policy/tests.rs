//! The packs that ship, and every way in which a pack is refused.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::{Date, date};

use super::*;
use crate::act::{Act, ApplicantKind};
use crate::registration_type::TypeBook;

const ON: Date = date(2026, 3, 10);

fn regions() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let roots = here.ancestors().map(|root| root.join("policies/regions"));
    roots.into_iter().find(|root| root.is_dir()).unwrap()
}

/// Every file of the packs that ship.
fn shipped() -> Vec<SourceFile> {
    let mut files = Vec::new();
    for folder in fs::read_dir(regions()).unwrap() {
        for file in fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            files.push(SourceFile { path: path.to_str().unwrap().to_owned(), text });
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

/// The files of a folder beside the packs, as names and texts.
fn beside(folder: &str) -> Vec<(String, String)> {
    let files = fs::read_dir(regions().with_file_name(folder)).unwrap().map(|file| file.unwrap().path());
    files.map(|path| (path.to_str().unwrap().to_owned(), fs::read_to_string(&path).unwrap())).collect()
}

fn known() -> KnownNames {
    KnownNames::from(&TypeBook::parse(&beside("types"), &beside("codes")).unwrap())
}

fn book() -> Rulebook {
    match Rulebook::parse(&shipped(), &known()) {
        Ok(book) => book,
        Err(errors) => panic!("{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    }
}

fn region(code: &str) -> RegionCode {
    RegionCode::parse(code).unwrap()
}

const NO_FACTS: &BTreeSet<Fact> = &BTreeSet::new();

fn end_by(applicant: ApplicantKind) -> RuleFacts<'static> {
    RuleFacts { type_key: "employer", act: Act::End, reason: Some("3601"), applicant, facts: NO_FACTS }
}

/// The national pack as shipped and one pack below it with this text.
fn with_district(rules: &str) -> Result<Rulebook, Vec<PolicyError>> {
    with_packs(&[("330106", rules)])
}

fn with_packs(packs: &[(&str, &str)]) -> Result<Rulebook, Vec<PolicyError>> {
    let mut files: Vec<SourceFile> = shipped();
    files.retain(|file| file.path.ends_with("100000/policy.toml"));
    for (code, rules) in packs {
        let parent = if rules.contains("parent =") { "" } else { "parent = \"100000\"\n" };
        let text =
            format!("region = \"{code}\"\nname = \"某地\"\nstatus = \"sample\"\nnote = \"示例\"\n{parent}{rules}");
        files.push(SourceFile { path: format!("regions/{code}/policy.toml"), text });
    }
    Rulebook::parse(&files, &known())
}

/// The only complaint about such a pack.
fn complaint(rules: &str) -> PolicyError {
    let errors = with_district(rules).unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    errors.into_iter().next().unwrap()
}

fn rule(body: &str) -> String {
    format!("[[rule]]\nbasis = \"示例\"\nfrom = \"2025-01-01\"\n{body}\n")
}

fn material(body: &str) -> String {
    format!(
        "[[material]]\nkey = \"note\"\nlabel = \"说明\"\nwhy = \"看清情况\"\nwhere = \"自己写\"\nbasis = \"示例\"\nfrom = \"2025-01-01\"\n{body}\n"
    )
}

#[test]
fn the_shipped_packs_load_and_their_examples_come_out() {
    let book = book();
    let codes: Vec<&str> = book.regions().map(|region| region.code.as_str()).collect();
    let shipped_codes = [
        "100000", "110000", "110105", "110108", "330000", "330100", "330106", "330108", "330200", "330203", "440000",
        "440100", "440106", "440112", "440300", "440305", "440600", "440606", "530000", "530100", "530102", "530103",
        "530112",
    ];
    assert_eq!(codes, shipped_codes);
    let errors = check_cases(&book, &shipped(), Date::MIN);
    assert!(errors.is_empty(), "{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
}

#[test]
fn the_shipped_packs_promise_one_three_five_and_seven_working_days() {
    let book = book();
    let promise = |code: &str, type_key, act, reason| {
        let policy = book.resolve(&region(code), ON).unwrap();
        let case = RuleFacts { type_key, act, reason, applicant: ApplicantKind::Person, facts: NO_FACTS };
        policy.days(DayKey::Promise, &case).value
    };
    assert_eq!(promise("530102", "flexible", Act::Close, Some("F2")), 1);
    assert_eq!(promise("530112", "flexible", Act::Close, Some("F2")), 3);
    assert_eq!(promise("530103", "flexible", Act::Close, Some("F2")), 5);
    assert_eq!(promise("530112", "employer", Act::Revoke, Some("9001")), 7);
    assert_eq!(promise("330200", "employer", Act::Revoke, Some("9001")), 5);
    assert_eq!(promise("330108", "employer", Act::Revoke, Some("9001")), 3);
}

/// A region may tighten what is slow above it, up to the slow promise and not only up to the usual one.
#[test]
fn a_slower_promise_above_leaves_room_below_it() {
    let six = rule("key = \"limit.promise\"\nvalue = 6\nfor = { act = \"revoke\" }");
    let second = rule("key = \"limit.second\"\nvalue = 2\nfor = { act = \"revoke\" }");
    assert!(with_district(&format!("{six}{second}")).is_ok());
    let eight = complaint(&rule("key = \"limit.promise\"\nvalue = 8\nfor = { act = \"revoke\" }"));
    assert!(eight.what.contains("longer than the 7 of 100000"), "{eight}");
}

#[test]
fn an_example_that_does_not_come_out_names_the_value_and_its_rule() {
    let wrong = "region = \"330106\"\n[[case]]\nname = \"错的\"\ngiven = { type = \"employer\", act = \"end\", applicant = \"employer\", on = \"2026-03-10\" }\nexpect = { \"limit.promise\" = 9, pormise = 1 }\n";
    let file = SourceFile { path: "regions/330106/cases.toml".into(), text: wrong.into() };
    let errors = check_cases(&book(), &[file], Date::MIN);
    assert_eq!(errors.len(), 2);
    assert_eq!((errors[0].line, errors[0].text.as_str()), (5, "1"));
    assert_eq!((errors[1].line, errors[1].text.as_str()), (5, "9"));
    assert!(errors[1].what.contains("comes out as 3") && errors[1].what.contains("330100"), "{}", errors[1]);
}

#[test]
fn a_policy_reads_back_from_its_canonical_bytes_and_refuses_changed_ones() {
    let policy = book().resolve(&region("330106"), ON).unwrap();
    let bytes = policy.canonical();
    assert_eq!(Policy::from_canonical(&bytes), Ok(policy.clone()));
    let changed = String::from_utf8(bytes.clone()).unwrap().replacen("\"value\":3", "\"value\": 3", 1);
    assert_eq!(Policy::from_canonical(changed.as_bytes()), Err(NotAPolicy));
    assert_eq!(Policy::from_canonical(b"{}"), Err(NotAPolicy));
    // The same entries in force give the same revision on another day.
    assert_eq!(book().resolve(&region("330106"), date(2026, 12, 31)).unwrap().canonical(), bytes);
    assert_ne!(book().resolve(&region("330106"), date(2025, 12, 31)).unwrap().canonical(), bytes);
}

#[test]
fn a_value_says_where_it_comes_from_and_what_it_overrides() {
    let explained = book().explain(&region("330106"), ON, &end_by(ApplicantKind::Employer)).unwrap();
    let promise = explained.iter().find(|one| one.key == "limit.promise").unwrap();
    assert_eq!((promise.value.as_u64(), promise.from_region.as_str()), (Some(3), "330100"));
    let overridden: Vec<_> = promise.overrides.iter().map(|one| (one.region.as_str(), one.value.as_u64())).collect();
    assert_eq!(overridden, [("100000", Some(5))]);
    for key in RuleKey::all() {
        assert_eq!(explained.iter().filter(|one| one.key == key.key()).count(), 1, "{}", key.key());
    }
    assert!(explained.iter().any(|one| one.key == "material.release-certificate"));
    assert!(explained.iter().any(|one| one.key == "office"));
}

#[test]
fn one_piece_of_evidence_is_enough_for_a_worker() {
    let policy = book().resolve(&region("330106"), ON).unwrap();
    let case = end_by(ApplicantKind::Person);
    assert!(
        matches!(policy.missing(&case, &BTreeSet::new())[..], [Missing::OneOf(group)] if group.key == "evidence-of-end")
    );
    assert!(policy.missing(&case, &BTreeSet::from(["wage-stop"])).is_empty());
    // The city's text of the group is the one shown.
    let groups = policy.groups(&case);
    assert_eq!((groups.len(), groups[0].rule.region.as_str()), (1, "330100"));
}

#[test]
fn a_region_without_a_pack_inherits_and_one_nobody_knows_has_no_policy() {
    let book = book();
    let street = region("330106003");
    let policy = book.resolve_nearest(&street, &[region("330106"), region("330100")], ON).unwrap();
    assert_eq!(policy.region().code, region("330106"));
    assert_eq!(book.resolve(&street, ON), Err(NoPolicy::UnknownRegion(street.clone())));
    assert_eq!(book.resolve_nearest(&street, &[], ON), Err(NoPolicy::UnknownRegion(street)));
    let early = book.resolve(&region("330106"), date(2023, 12, 31));
    assert!(matches!(early, Err(NoPolicy::NotInForce { .. })), "{early:?}");
}

#[test]
fn a_region_may_open_more_doors_and_never_shut_one() {
    let rules = rule("key = \"who-may-file\"\nvalue = [\"employer\"]\nfor = { type = \"employer\", act = \"close\" }");
    let policy = with_district(&rules).unwrap().resolve(&region("330106"), ON).unwrap();
    let case = RuleFacts { act: Act::Close, reason: None, ..end_by(ApplicantKind::Employer) };
    assert!(policy.may_file(&case));
    assert!(policy.may_file(&RuleFacts { applicant: ApplicantKind::Person, ..case }));
}

#[test]
fn what_cannot_be_read_is_refused_with_its_place_and_the_mend() {
    for (rules, text, what) in [
        (rule("key = \"limit.pormise\"\nvalue = 3"), "limit.pormise", "`limit.pormise` is not known here"),
        (rule("key = \"limit.promise\"\nvalue = \"3\""), "3", "a whole number from 1 to 366"),
        (rule("key = \"limit.promise\"\nvalue = 3\nwehn = 1"), "wehn", "there is no field `wehn`"),
        (rule("key = \"cutoff\"\nvalue = \"5pm\""), "5pm", "an hour of the day"),
        (rule("key = \"cutoff\"\nvalue = \"17:00\"\nfor = { act = \"end\" }"), "{ act = \"end\" }", "takes no `for`"),
        (rule("key = \"stages\"\nvalue = \"second\""), "second", "`second` is not known here"),
        (rule("key = \"limit.promise\"\nvalue = 3\nuntil = \"2024-01-01\""), "2024-01-01", "lies before the first"),
        (rule("key = \"limit.promise\"\nvalue = 3\nfor = { act = \"fire\" }"), "fire", "`fire` is not known here"),
        (rule("key = \"limit.promise\"\nvalue = 3\nfor = { type = \"site\" }"), "site", "there is no type `site`"),
        (rule("key = \"limit.promise\"\nvalue = 3\nfor = { act = \"void\" }"), "void", "this can never be true"),
        (rule("key = \"limit.promise\"\nvalue = 3\nfor = { reasons = [] }"), "[]", "at least one element"),
        (rule("key = \"limit.promise\"\nvalue = 3\nfor = { reasons = [\"1234\"] }"), "1234", "there is no reason"),
        (
            rule("key = \"limit.promise\"\nvalue = 3\nfor = { act = \"end\", reasons = [\"9001\"] }"),
            "9001",
            "never be true",
        ),
        (
            rule("key = \"limit.promise\"\nvalue = 3\nfor = { type = \"flexible\", reasons = [\"3601\"] }"),
            "3601",
            "there is no reason",
        ),
        (rule("key = \"limit.promise\"\nvalue = 3\nfor = { facts = [\"rich\"] }"), "rich", "`rich` is not known here"),
        (material("need = \"maybe\""), "maybe", "does not say whether it is needed"),
        (material("need = \"one-of:nothing\""), "[[material]]", "no group `nothing`"),
        (
            material("need = \"optional\"\nsubstitute = \"其他 相关材料\""),
            "其他 相关材料",
            "lets an office ask for anything",
        ),
        (material("need = \"optional\"\nwaived = \"提交其他材料\""), "提交其他材料", "lets an office ask for anything"),
        (material("need = \"optional\"\naccepts = [\"exe\"]"), "exe", "`exe` is not known here"),
        (material("need = \"optional\"\nmax-bytes = 20000000"), "[[material]]", "larger files than the region"),
        (
            "[[rule]]\nkey = \"limit.promise\"\nvalue = 3\nfrom = \"2025-01-01\"\n".into(),
            "[[rule]]",
            "`basis` is missing",
        ),
        ("from = \"2025-02-30\"\n".into(), "2025-02-30", "a day of the calendar"),
        ("status = \"x\"\n".into(), "status", "given twice"),
    ] {
        let error = complaint(&rules);
        assert!(error.what.contains(what), "{error}");
        assert_eq!(error.text, text, "{error}");
        assert!(error.path.ends_with("330106/policy.toml") && error.line > 1 && !error.mend.is_empty(), "{error}");
    }
}

#[test]
fn the_line_of_a_complaint_is_the_line_of_the_offending_text() {
    let error =
        complaint("\n\n[[rule]]\nkey = \"limit.promise\"\nbasis = \"示例\"\nfrom = \"2025-01-01\"\nvalue = 400\n");
    assert_eq!((error.line, error.text.as_str()), (12, "400"));
    assert!(error.to_string().starts_with("regions/330106/policy.toml:12: "));
}

#[test]
fn a_region_may_not_worsen_what_stands_above_it() {
    let longer = complaint(&rule("key = \"limit.promise\"\nvalue = 6"));
    assert!(longer.what.contains("longer than the 5 of 100000"), "{longer}");
    let narrower = complaint(&rule("key = \"limit.legal\"\nvalue = 21\nfor = { act = \"revoke\" }"));
    assert!(narrower.what.contains("longer than the 20"), "{narrower}");
    let shorter = complaint(&rule("key = \"limit.supplement\"\nvalue = 9"));
    assert!(shorter.what.contains("shorter than the 10"), "{shorter}");
    let review = complaint(&rule("key = \"remedy.review\"\nvalue = { body = \"某府\", days = 59 }"));
    assert!(review.what.contains("shorter than the 60"), "{review}");
    let locked = complaint(&rule("key = \"remedy.litigation\"\nvalue = { body = \"某院\", months = 6 }"));
    assert!(locked.what.contains("cannot be changed"), "{locked}");
}

#[test]
fn numbers_that_do_not_fit_together_are_refused_where_they_stand() {
    let desks = complaint(&rule("key = \"limit.promise\"\nvalue = 3\nfor = { act = \"end\" }"));
    assert!(desks.what.contains("the desks after acceptance take 5 days, the promise is 3"), "{desks}");
    let slower = complaint(&rule("key = \"limit.promise\"\nvalue = 5"));
    assert!(slower.what.contains("take 7 days, the promise is 5 (construction revoke"), "{slower}");
    let one_case =
        complaint(&rule("key = \"limit.second\"\nvalue = 4\nfor = { type = \"flexible\", act = \"close\" }"));
    assert!(one_case.what.contains("flexible close"), "{one_case}");
    let intake = complaint(&rule("key = \"limit.intake\"\nvalue = 6"));
    assert!(intake.what.contains("intake has 6 days, acceptance only 5"), "{intake}");
    let legal = complaint(&rule("key = \"limit.legal\"\nvalue = 4\nfor = { facts = [\"agent\"] }"));
    assert!(legal.what.contains("longer than the law allows") && legal.what.contains("agent"), "{legal}");
    let gate = complaint(&rule("key = \"stages\"\nvalue = \"intake\"\nfor = { act = \"register\" }"));
    assert!(gate.what.contains("a desk would stand between a worker and the site"), "{gate}");
    let fitting = [("limit.promise", 4), ("limit.first", 2), ("limit.second", 2)];
    let all: String = fitting.map(|(key, value)| rule(&format!("key = \"{key}\"\nvalue = {value}"))).concat();
    assert!(with_district(&all).is_ok());
}

#[test]
fn two_values_for_the_same_case_and_day_are_refused() {
    let first = rule("key = \"limit.accept\"\nvalue = 5\nuntil = \"2025-12-31\"");
    let overlap = complaint(&format!("{first}{}", rule("key = \"limit.accept\"\nvalue = 5")));
    assert!(overlap.what.contains("given twice"), "{overlap}");
    let later = "[[rule]]\nbasis = \"示例\"\nfrom = \"2026-01-01\"\nkey = \"limit.accept\"\nvalue = 5\n";
    assert!(with_district(&format!("{first}{later}")).is_ok());
    let crossing = format!(
        "{}{}",
        rule("key = \"limit.promise\"\nvalue = 5\nfor = { facts = [\"agent\"] }"),
        rule("key = \"limit.promise\"\nvalue = 5\nfor = { facts = [\"filed-late\"] }"),
    );
    assert!(complaint(&crossing).what.contains("given twice"));
}

#[test]
fn parents_that_are_unknown_or_go_round_are_refused() {
    let unknown = with_packs(&[("330106", "parent = \"999999\"\n")]).unwrap_err();
    assert!(unknown.len() == 1 && unknown[0].what.contains("999999 has no pack") && unknown[0].text == "999999");
    let round = with_packs(&[("330100", "parent = \"330106\"\n"), ("330106", "parent = \"330100\"\n")]).unwrap_err();
    assert_eq!(round.len(), 2);
    assert!(round[0].what.contains("330100 → 330106 → 330100"), "{}", round[0]);
    let twice = with_packs(&[("330106", ""), ("330106", "")]).unwrap_err();
    assert!(twice[0].what.contains("has a pack already"), "{}", twice[0]);
}

#[test]
fn the_pack_at_the_top_must_answer_every_key_without_gaps() {
    let mut files = shipped();
    files.retain(|file| file.path.ends_with("100000/policy.toml"));
    let mut national = files.remove(0);
    let cutoff = "key = \"cutoff\"\nvalue = \"17:00\"\n";
    assert!(national.text.contains(cutoff));
    national.text = national.text.replace(cutoff, &format!("{cutoff}until = \"2024-12-31\"\n"));
    let ends = Rulebook::parse(std::slice::from_ref(&national), &known()).unwrap_err();
    assert!(ends.len() == 1 && ends[0].what.contains("`cutoff` has no value after 2024-12-31"), "{ends:?}");
    let next = "[[rule]]\nkey = \"cutoff\"\nvalue = \"18:00\"\nbasis = \"示例\"\nfrom = \"2025-01-02\"\n";
    national.text.push_str(next);
    let gap = Rulebook::parse(&[national], &known()).unwrap_err();
    assert!(gap.len() == 1 && gap[0].what.contains("between 2024-12-31 and 2025-01-02"), "{gap:?}");
}

/// The district's pack with a promise of two days for what an employer ends.
const QUICKER: &str = "\n[[rule]]\nkey = \"limit.promise\"\nvalue = 2\n\
    for = { type = \"employer\", act = \"end\", applicant = \"employer\" }\nbasis = \"示例\"\n\
    \n[[rule]]\nkey = \"limit.first\"\nvalue = 1\n\
    for = { type = \"employer\", act = \"end\", applicant = \"employer\" }\nbasis = \"示例\"\n";

fn quicker() -> Rulebook {
    let mut files = shipped();
    let pack = files.iter_mut().find(|file| file.path.ends_with("330106/policy.toml")).unwrap();
    pack.text.push_str(QUICKER);
    Rulebook::parse(&files, &known()).unwrap()
}

#[test]
fn a_change_is_told_with_its_region_and_the_cases_it_is_for() {
    assert_eq!(diff(&book(), &book(), ON), []);
    let changes = diff(&book(), &quicker(), ON);
    let told: Vec<_> = changes
        .iter()
        .map(|change| (change.key.as_str(), change.old.clone().unwrap(), change.new.clone().unwrap()))
        .collect();
    assert_eq!(told, [("limit.first", 2.into(), 1.into()), ("limit.promise", 3.into(), 2.into())]);
    for change in &changes {
        assert_eq!(change.regions, BTreeSet::from([region("330106")]));
        let only = |kind: &CaseKind| {
            kind.type_key == "employer" && kind.act == Act::End && kind.applicant == ApplicantKind::Employer
        };
        assert!(!change.cases.is_empty() && change.cases.iter().all(only), "{:?}", change.cases);
    }
}

#[test]
fn what_a_case_would_come_to_is_compared_value_by_value() {
    let (old, new) =
        (book().resolve(&region("330106"), ON).unwrap(), quicker().resolve(&region("330106"), ON).unwrap());
    let calendar = crate::calendar::tests::published();
    let days = Days { received_on: ON, accepted_on: Some(date(2026, 3, 11)) };
    let outcome = |policy: &Policy, who| {
        let handed_in = BTreeSet::from(["release-certificate"]);
        policy.outcome(&end_by(who), &handed_in, (days, &calendar))
    };
    let differ = |who| outcome(&old, who).differences(&outcome(&new, who));
    let told: Vec<String> = differ(ApplicantKind::Employer).iter().map(ToString::to_string).collect();
    assert_eq!(told, ["decide-by: 2026-03-16 → 2026-03-13"]);
    assert_eq!(differ(ApplicantKind::Person), []);
    assert!(outcome(&old, ApplicantKind::Employer).missing.is_empty());
}
