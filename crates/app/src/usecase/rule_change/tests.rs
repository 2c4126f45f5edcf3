//! Drafting, signing and withdrawing, on both databases; must never rest on a clock of its own.

use banjie_domain::actor::Role;
use banjie_domain::refusal::Refusal;
use banjie_store::test_support::each_database;
use jiff::civil::date;

use super::*;
use crate::rules::Rules;
use crate::seal::SuiteName;
use crate::testing::{self, TestFolder};

struct Bureau {
    app: App,
    folder: TestFolder,
    drafter: Principal,
    signer: Principal,
}

fn bureau_in((app, folder): (App, TestFolder)) -> Bureau {
    let drafter = testing::staff(&app, Role::RegionalAdmin);
    let signer = testing::staff(&app, Role::RegionalAdmin);
    Bureau { app, folder, drafter, signer }
}

fn typed(body: String) -> Typed {
    Typed { body, from: "2026-04-01".to_owned(), why: "窗口电话换了".to_owned() }
}

impl Bureau {
    fn body(&self, id: &RuleChangeId) -> String {
        open(&self.app, &self.drafter, id).unwrap().line.row.body
    }

    /// A draft that gives the district's window another telephone.
    fn drafted(&self, phone: &str) -> RuleChangeId {
        let id = start(&self.app, &self.drafter, "330106", "2026-04-01").unwrap();
        let body = self.body(&id).replacen("phone = \"0571-", &format!("phone = \"{phone}-"), 1);
        save(&self.app, &self.drafter, (&id, 1), &typed(body)).unwrap();
        id
    }

    fn phone(&self, on: Date) -> String {
        self.app.rules.policy("330106", on).unwrap().office().phone.clone()
    }
}

fn refused<T: std::fmt::Debug>(done: Outcome<T>) -> &'static str {
    match done.unwrap_err() {
        AppError::Refused(Refusal::Answers(problems)) => problems.first().unwrap().problem.code,
        AppError::Refused(refusal) => refusal.code(),
        AppError::NotFound => "not-found",
        AppError::Conflict => "conflict",
        other => panic!("{other}"),
    }
}

#[test]
fn what_one_drafts_another_signs_and_it_is_in_force_from_its_day_after_a_restart_too() {
    each_database(|database| {
        let bureau = bureau_in(testing::app_on(database));
        let id = bureau.drafted("0571-8");
        let review = review(&bureau.app, &bureau.signer, &id).unwrap();
        assert!(review.flaws.is_empty() && review.examples.is_empty());
        assert!(review.changes.iter().all(|change| change.key == "office") && !review.changes.is_empty());
        assert_eq!(refused(sign(&bureau.app, &bureau.drafter, &id, 2)), "same-administrator");
        assert_eq!(refused(sign(&bureau.app, &bureau.signer, &id, 1)), "conflict", "he read another text");
        sign(&bureau.app, &bureau.signer, &id, 2).unwrap();
        let (march, april) = (date(2026, 3, 31), date(2026, 4, 1));
        assert_eq!([bureau.phone(march), bureau.phone(april)], ["0571-12333", "0571-8-12333"]);
        assert_eq!(refused(save(&bureau.app, &bureau.drafter, (&id, 2), &typed(String::new()))), "not-found");
        bureau.folder.clock.set("2026-04-02T02:00:00Z".parse().unwrap());
        let Bureau { app, folder, signer, .. } = bureau;
        let app = testing::reopen(app, &folder, SuiteName::Aes);
        assert_eq!(app.rules.policy("330106", april).unwrap().office().phone, "0571-8-12333");
        assert_eq!(refused(withdraw(&app, &signer, &id)), "rules-in-force");
    });
}

#[test]
fn a_signed_change_can_be_withdrawn_until_its_day() {
    let bureau = bureau_in(testing::app());
    let id = bureau.drafted("0571-8");
    sign(&bureau.app, &bureau.signer, &id, 2).unwrap();
    withdraw(&bureau.app, &bureau.drafter, &id).unwrap();
    assert_eq!(bureau.phone(date(2026, 4, 1)), "0571-12333");
    assert_eq!(list(&bureau.app, &bureau.signer).unwrap()[0].stage, Stage::Withdrawn);
}

#[test]
fn of_two_drafts_made_from_one_text_the_second_is_refused_and_undoes_nothing() {
    let bureau = bureau_in(testing::app());
    let (one, two) = (bureau.drafted("0571-8"), bureau.drafted("0571-9"));
    sign(&bureau.app, &bureau.signer, &one, 2).unwrap();
    assert_eq!(refused(sign(&bureau.app, &bureau.signer, &two, 2)), "rules-moved");
    let body = bureau.body(&two);
    assert_eq!(refused(save(&bureau.app, &bureau.drafter, (&two, 2), &typed(body.clone()))), "rules-moved");
    // Earlier than what is signed already: made from the right text, but the later one would end it in silence.
    let earlier = start(&bureau.app, &bureau.drafter, "330106", "2026-03-20").unwrap();
    let early = Typed { from: "2026-03-20".to_owned(), ..typed(bureau.body(&earlier)) };
    save(&bureau.app, &bureau.drafter, (&earlier, 1), &early).unwrap();
    assert_eq!(refused(sign(&bureau.app, &bureau.signer, &earlier, 2)), "rules-later");
    assert_eq!(bureau.phone(date(2026, 4, 1)), "0571-8-12333");
}

#[test]
fn an_unsound_draft_is_kept_and_told_by_line_and_cannot_be_signed() {
    let bureau = bureau_in(testing::app());
    let id = start(&bureau.app, &bureau.drafter, "330106", "2026-04-01").unwrap();
    let body = bureau.body(&id).replacen("value = 1\n", "value = 90\n", 1);
    save(&bureau.app, &bureau.drafter, (&id, 1), &typed(body.clone())).unwrap();
    assert_eq!(bureau.body(&id), body);
    let flaws = review(&bureau.app, &bureau.drafter, &id).unwrap().flaws;
    assert!(flaws.iter().any(|flaw| flaw.problem.code.starts_with("rules.flaw")), "{flaws:?}");
    assert_eq!(refused(sign(&bureau.app, &bureau.signer, &id, 2)), flaws[0].problem.code);
}

#[test]
fn what_is_unsound_has_a_code_whose_words_an_administrator_reads() {
    let bureau = bureau_in(testing::app());
    for (from, to, code) in [
        ("need = \"required\"", "need = \"maybe\"", "rules.flaw.need-unclear"),
        ("reasons = [\"9003\"]", "reasons = [\"1\"]", "rules.flaw.no-reason"),
        ("type = \"employer\", act = \"revoke\"", "type = \"employed\", act = \"revoke\"", "rules.flaw.no-such-word"),
        ("parent = \"330100\"", "parent = \"330199\"", "rules.flaw.no-parent"),
        (
            "label = { \"zh-CN\" = \"两家单位共同出具的说明\"",
            "label = { \"zh-CN\" = \"其他相关材料\"",
            "rules.flaw.anything",
        ),
        ("value = 1\n", "value = \"一天\"\n", "rules.flaw.number-needed"),
    ] {
        let id = start(&bureau.app, &bureau.drafter, "330106", "2026-04-01").unwrap();
        let body = bureau.body(&id);
        assert!(body.contains(from), "{from}");
        save(&bureau.app, &bureau.drafter, (&id, 1), &typed(body.replacen(from, to, 1))).unwrap();
        let flaws = review(&bureau.app, &bureau.drafter, &id).unwrap().flaws;
        assert!(flaws.iter().any(|flaw| flaw.problem.code == code), "{to}: {flaws:?}");
    }
}

#[test]
fn a_pack_cannot_be_moved_to_another_region_or_below_another() {
    let bureau = bureau_in(testing::app());
    for (from, to) in [("parent = \"330100\"", "parent = \"330000\""), ("region = \"330106\"", "region = \"330105\"")] {
        let id = start(&bureau.app, &bureau.drafter, "330106", "2026-04-01").unwrap();
        let body = bureau.body(&id).replacen(from, to, 1);
        save(&bureau.app, &bureau.drafter, (&id, 1), &typed(body)).unwrap();
        let code = refused(sign(&bureau.app, &bureau.signer, &id, 2));
        assert!(code == "rules.place" || code.starts_with("rules.flaw"), "{from} → {to}: {code}");
    }
}

#[test]
fn a_change_begins_tomorrow_at_the_earliest_and_says_why() {
    let bureau = bureau_in(testing::app());
    assert_eq!(refused(start(&bureau.app, &bureau.drafter, "330106", "2026-03-10")), "rules.from-past");
    let id = start(&bureau.app, &bureau.drafter, "330106", "2026-03-11").unwrap();
    assert_eq!(refused(sign(&bureau.app, &bureau.signer, &id, 1)), "rules.why-empty");
    let body = bureau.body(&id);
    let save = |typed: Typed| save(&bureau.app, &bureau.drafter, (&id, 1), &typed);
    assert_eq!(refused(save(Typed { from: "2026-03-10".to_owned(), ..typed(body.clone()) })), "rules.from-past");
    assert_eq!(refused(save(Typed { why: " ".to_owned(), ..typed(body.clone()) })), "rules.why-empty");
    save(Typed { from: "2026-03-11".to_owned(), ..typed(body) }).unwrap();
    bureau.folder.clock.set("2026-03-11T02:00:00Z".parse().unwrap());
    assert_eq!(refused(sign(&bureau.app, &bureau.signer, &id, 2)), "rules.from-past", "its day has come");
}

#[test]
fn the_rules_of_another_region_are_not_his_and_nobody_else_drafts() {
    let bureau = bureau_in(testing::app());
    let codes: Vec<_> = regions(&bureau.app, &bureau.drafter).into_iter().map(|(code, ..)| code).collect();
    assert_eq!(codes, ["330106"]);
    for code in ["330100", "330108", "999999"] {
        assert_eq!(refused(start(&bureau.app, &bureau.drafter, code, "2026-04-01")), "not-found", "{code}");
    }
    let id = bureau.drafted("0571-8");
    let elsewhere = testing::staff_of(&bureau.app, Role::RegionalAdmin, testing::other_office(&bureau.app));
    let housing = testing::staff_of(&bureau.app, Role::RegionalAdmin, testing::site_office(&bureau.app));
    let system = testing::staff(&bureau.app, Role::SystemAdmin);
    for who in [&elsewhere, &housing, &system] {
        assert_eq!(refused(open(&bureau.app, who, &id).map(drop)), "not-found");
        assert_eq!(refused(sign(&bureau.app, who, &id, 2)), "not-found");
        assert_eq!(refused(withdraw(&bureau.app, who, &id)), "not-found");
    }
    assert_eq!(refused(save(&bureau.app, &bureau.signer, (&id, 2), &typed(String::new()))), "not-found");
}

#[test]
fn a_region_without_a_pack_begins_with_one_that_changes_nothing() {
    let (app, _folder) = testing::empty_app();
    let province = banjie_store::people::OfficeRow {
        id: app.fresh(OfficeId::new),
        parent: None,
        region: "330100".to_owned(),
        authority: "rs".to_owned(),
        name: "杭州市人力资源和社会保障局".to_owned(),
    };
    app.store.write(move |tx| banjie_store::people::office_insert(tx, &province)).unwrap();
    app.reload_offices().unwrap();
    let who = testing::staff(&app, Role::RegionalAdmin);
    let id = start(&app, &who, "330105", "2026-04-01").unwrap();
    let review = review(&app, &who, &id).unwrap();
    assert!(review.flaws.is_empty(), "{:?}", review.flaws);
    assert_eq!(review.changes, []);
}

#[test]
fn the_database_itself_lets_nobody_change_or_delete_what_was_signed() {
    each_database(|database| {
        let bureau = bureau_in(testing::app_on(database));
        let id = bureau.drafted("0571-8");
        let run = |sql: &'static str| bureau.app.store.write(move |tx| tx.execute(sql, &[]));
        assert!(run("update rule_changes set signed_by = drafted_by, signed_at = 1").is_err(), "one person twice");
        sign(&bureau.app, &bureau.signer, &id, 2).unwrap();
        assert!(run("update rule_changes set body = 'x'").is_err());
        assert!(run("update rule_changes set from_day = '2026-01-01'").is_err());
        assert!(run("delete from rule_changes").is_err());
        let rules = Rules::built_in().unwrap();
        assert_ne!(bureau.phone(date(2026, 4, 1)), rules.policy("330106", date(2026, 4, 1)).unwrap().office().phone);
    });
}

#[test]
fn who_handed_the_other_his_code_signs_nothing_of_his_and_neither_does_the_other() {
    let bureau = bureau_in(testing::app());
    let id = bureau.drafted("0571-8");
    for (holder, by) in [(&bureau.signer, &bureau.drafter), (&bureau.drafter, &bureau.signer)] {
        let (account, by, now) = (holder.account.clone(), by.account.clone(), bureau.app.micros());
        let give = |by: Option<banjie_domain::id::AccountId>| {
            let account = account.clone();
            let set = move |tx: &mut dyn Tx| {
                banjie_store::accounts::account_set_code(tx, &account, (b"code", i64::MAX), (by.as_ref(), now))
            };
            bureau.app.store.write(set).unwrap();
        };
        give(Some(by.clone()));
        assert_eq!(refused(sign(&bureau.app, &bureau.signer, &id, 2)), "same-administrator");
        give(None);
    }
    sign(&bureau.app, &bureau.signer, &id, 2).unwrap();
}

#[test]
fn a_window_below_an_office_has_no_say_over_the_region_they_share() {
    let (app, _folder) = testing::app();
    let window = banjie_store::people::OfficeRow {
        id: app.fresh(OfficeId::new),
        parent: Some(testing::office(&app)),
        region: "330106".to_owned(),
        authority: "rs".to_owned(),
        name: "灵隐街道人社窗口".to_owned(),
    };
    let id = window.id.clone();
    app.store.write(move |tx| banjie_store::people::office_insert(tx, &window)).unwrap();
    app.reload_offices().unwrap();
    let who = testing::staff_of(&app, Role::RegionalAdmin, id);
    assert_eq!(regions(&app, &who), []);
    assert_eq!(refused(start(&app, &who, "330106", "2026-04-01")), "not-found");
    assert!(start(&app, &testing::staff(&app, Role::RegionalAdmin), "330106", "2026-04-01").is_ok());
}

#[test]
fn what_another_signed_change_rests_on_is_not_withdrawn() {
    let bureau = bureau_in(testing::app());
    let first = bureau.drafted("0571-8");
    sign(&bureau.app, &bureau.signer, &first, 2).unwrap();
    bureau.folder.clock.advance(jiff::SignedDuration::from_secs(1));
    // Made from the first, for the same day: it holds all that the first said.
    let second = bureau.drafted("0571-9");
    sign(&bureau.app, &bureau.signer, &second, 2).unwrap();
    assert_eq!(refused(withdraw(&bureau.app, &bureau.drafter, &first)), "rules-later");
    withdraw(&bureau.app, &bureau.drafter, &second).unwrap();
    assert_eq!(bureau.phone(date(2026, 4, 1)), "0571-8-12333");
    withdraw(&bureau.app, &bureau.drafter, &first).unwrap();
    assert_eq!(bureau.phone(date(2026, 4, 1)), "0571-12333");
}

#[test]
fn in_the_last_minutes_of_a_day_nothing_is_signed_for_the_next() {
    let bureau = bureau_in(testing::app());
    let id = bureau.drafted("0571-8");
    bureau.folder.clock.set("2026-03-31T15:56:00Z".parse().unwrap());
    assert_eq!(refused(sign(&bureau.app, &bureau.signer, &id, 2)), "rules.from-past", "23:56 in China");
    bureau.folder.clock.set("2026-03-31T15:54:00Z".parse().unwrap());
    sign(&bureau.app, &bureau.signer, &id, 2).unwrap();
    bureau.folder.clock.set("2026-03-31T15:56:00Z".parse().unwrap());
    assert_eq!(refused(withdraw(&bureau.app, &bureau.signer, &id)), "rules-in-force");
}

#[test]
fn a_draft_says_line_by_line_what_is_other_and_what_keeps_it_from_a_signature() {
    let bureau = bureau_in(testing::app());
    let (one, two) = (bureau.drafted("0571-8"), bureau.drafted("0571-9"));
    let signs: Vec<_> = lines(&open(&bureau.app, &bureau.signer, &one).unwrap().line.row);
    let told: Vec<_> =
        signs.iter().filter(|line| line.sign != ' ').map(|line| (line.sign, line.text.as_str())).collect();
    assert_eq!(told, [('-', "phone = \"0571-12333\""), ('+', "phone = \"0571-8-12333\"")]);
    assert_eq!(review(&bureau.app, &bureau.signer, &two).unwrap().obstacle, None);
    sign(&bureau.app, &bureau.signer, &one, 2).unwrap();
    assert_eq!(review(&bureau.app, &bureau.signer, &two).unwrap().obstacle, Some(Refusal::RulesMoved));
    let hidden = Typed { body: format!("{}# a\u{202e}b\n", bureau.body(&two)), ..typed(String::new()) };
    assert_eq!(refused(save(&bureau.app, &bureau.drafter, (&two, 2), &hidden)), "rules.hidden");
}
