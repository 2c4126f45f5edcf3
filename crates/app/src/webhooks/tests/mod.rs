//! Webhooks against a receiver with TLS of its own on this machine. Nothing here may call anybody else.

use banjie_domain::actor::Role;
use banjie_domain::authorize::Action;
use banjie_domain::case::Command;
use banjie_domain::id::AccountId;
use banjie_store::accounts::account_set_disabled;
use banjie_store::notices::notice_insert;
use banjie_store::test_support::each_database;
use jiff::SignedDuration;

mod guard;
mod receiver;

use receiver::{HERE, Receiver};

use super::*;
use crate::accounts;
use crate::follow_up::to_holder;
use crate::jobs::Stop;
use crate::messages;
use crate::testing;
use crate::usecase::story::story_in;

/// An employer is told something.
fn tell_employer(app: &App, who: &Principal, template: &str) {
    let (notice, job) = to_holder(app, (None, who.employer()), template);
    let stored: Outcome<()> = app.store.write(move |tx| {
        notice_insert(tx, &notice)?;
        Ok(banjie_store::notices::job_insert(tx, &job)?)
    });
    stored.unwrap();
}

/// One worker's turn: whether there was anything to tell.
fn turn(app: &App) -> bool {
    tell::turn(app, &Stop::default()).unwrap()
}

fn only(app: &App, who: &Principal) -> Webhook {
    list(app, who).unwrap().into_iter().next().unwrap()
}

#[test]
fn a_webhook_is_told_in_order_signed_and_nothing_of_anybody() {
    each_database(|database| {
        let receiver = Receiver::start();
        let (mut app, folder) = testing::app_on(database);
        app.caller = receiver.caller(&HERE);
        let clerk = testing::employer(&app, "杭州青禾家政有限公司", "91330106MA2BANJX98");
        let other = testing::employer(&app, "杭州远山物流有限公司", "91330106MA2DEM0B9C");
        tell_employer(&app, &clerk, "case-accepted");
        let made = make(&app, &clerk, &receiver.address()).unwrap();
        for template in ["case-accepted", "case-granted"] {
            folder.clock.advance(SignedDuration::from_secs(1));
            tell_employer(&app, &clerk, template);
            tell_employer(&app, &other, "case-refused");
        }
        assert_eq!(only(&app, &clerk).waiting, 2, "from now on, and one's own only");
        assert!(turn(&app));
        let bodies = receiver.bodies();
        let types: Vec<_> =
            bodies.iter().map(|body| serde_json::from_str::<serde_json::Value>(body).unwrap()).collect();
        assert_eq!(
            types.iter().map(|one| one["type"].as_str().unwrap()).collect::<Vec<_>>(),
            ["case-accepted", "case-granted"]
        );
        let (id, at) = (receiver.header(0, "webhook-id"), receiver.header(0, "webhook-timestamp"));
        assert_eq!(at, app.now().as_second().to_string());
        let key: [u8; 32] =
            Base64::decode_vec(made.secret.strip_prefix("whsec_").unwrap()).unwrap().try_into().unwrap();
        let signed = crate::seal::hmac_sha256(&key, format!("{id}.{at}.{}", bodies[0]).as_bytes());
        assert_eq!(receiver.header(0, "webhook-signature"), format!("v1,{}", Base64::encode_string(&signed)));
        assert_ne!(receiver.header(1, "webhook-id"), id);
        let after = only(&app, &clerk);
        assert_eq!((after.waiting, after.failed, after.outcome.as_deref()), (0, 0, Some("heard")));
        assert!(!turn(&app));
    });
}

/// Worked out by Python's `hmac` over `not_1.1700000000.{"type":"test"}`, with the bytes 0 to 31 as the key.
#[test]
fn the_signature_is_the_one_that_receivers_work_out() {
    let key = std::array::from_fn(|at| u8::try_from(at).unwrap());
    let letter = Letter { id: "not_1".to_owned(), at: 1_700_000_000, body: r#"{"type":"test"}"#.to_owned() };
    assert_eq!(call::signature(&key, &letter), "v1,3oKoaJ3ruqOb2gMK/OpXIaVyYU5IOBjO9OmxUBnANhw=");
}

#[test]
fn what_failed_is_told_again_later_under_the_same_id_and_delays_what_comes_after() {
    each_database(|database| {
        let receiver = Receiver::start();
        let (mut app, folder) = testing::app_on(database);
        app.caller = receiver.caller(&HERE);
        let clerk = testing::employer(&app, "杭州青禾家政有限公司", "91330106MA2BANJX98");
        make(&app, &clerk, &receiver.address()).unwrap();
        receiver.answer("500 Oh", 2);
        tell_employer(&app, &clerk, "case-accepted");
        folder.clock.advance(SignedDuration::from_secs(1));
        tell_employer(&app, &clerk, "case-granted");
        turn(&app);
        let failed = only(&app, &clerk);
        assert_eq!((failed.waiting, failed.failed, failed.outcome.as_deref()), (2, 1, Some("500")));
        assert!(!turn(&app), "not before its time");
        folder.clock.advance(SignedDuration::from_secs(61));
        turn(&app);
        folder.clock.advance(SignedDuration::from_secs(61));
        assert!(!turn(&app), "twice as long the second time");
        folder.clock.advance(SignedDuration::from_secs(60));
        turn(&app);
        assert_eq!((only(&app, &clerk).waiting, only(&app, &clerk).failed), (0, 0));
        let ids: Vec<_> = (0..4).map(|nth| receiver.header(nth, "webhook-id")).collect();
        assert!(ids[0] == ids[1] && ids[1] == ids[2] && ids[2] != ids[3], "{ids:?}");
    });
}

#[test]
fn a_place_that_never_answers_is_given_up_and_its_holder_told_and_one_that_says_goodbye_at_once() {
    each_database(|database| {
        let receiver = Receiver::start();
        let (mut app, folder) = testing::app_on(database);
        app.caller = receiver.caller(&HERE);
        let clerk = testing::employer(&app, "杭州青禾家政有限公司", "91330106MA2BANJX98");
        make(&app, &clerk, &receiver.address()).unwrap();
        tell_employer(&app, &clerk, "case-accepted");
        receiver.answer("503 Oh", 12);
        for nth in 1..12 {
            assert!(turn(&app));
            assert_eq!(only(&app, &clerk).failed, nth);
            folder.clock.advance(SignedDuration::from_hours(24));
        }
        assert!(turn(&app));
        let stopped = only(&app, &clerk);
        assert_eq!((stopped.stopped_why.as_deref(), stopped.waiting), (Some("failing"), 0));
        assert_eq!(messages::list(&app, &clerk).unwrap()[0].template, "webhook-stopped");
        assert_eq!(messages::list(&app, &clerk).unwrap()[0].about, Some(messages::About::Webhooks));
        receiver.answer("410 Gone", 1);
        make(&app, &clerk, &receiver.address()).unwrap();
        tell_employer(&app, &clerk, "case-granted");
        turn(&app);
        assert_eq!(only(&app, &clerk).stopped_why.as_deref(), Some("goodbye"));
    });
}

#[test]
fn whoever_is_shut_out_hears_nothing_more() {
    each_database(|database| {
        let receiver = Receiver::start();
        let (mut app, _folder) = testing::app_on(database);
        app.caller = receiver.caller(&HERE);
        let clerk = testing::employer(&app, "杭州青禾家政有限公司", "91330106MA2BANJX98");
        make(&app, &clerk, &receiver.address()).unwrap();
        tell_employer(&app, &clerk, "case-accepted");
        let (id, now) = (clerk.account.clone(), app.micros());
        app.store.write(move |tx| account_set_disabled(tx, &id, true, now)).unwrap();
        tell_employer(&app, &clerk, "case-granted");
        assert!(!turn(&app));
        assert!(receiver.bodies().is_empty());
        assert!(matches!(make(&app, &clerk, &receiver.address()), Err(AppError::NotFound)));
    });
}

#[test]
fn a_unit_is_told_when_an_administrator_stops_its_webhooks() {
    each_database(|database| {
        let receiver = Receiver::start();
        let (mut app, _folder) = testing::app_on(database);
        app.caller = receiver.caller(&HERE);
        let admin = testing::staff(&app, Role::RegionalAdmin);
        let clerk = testing::employer(&app, "杭州青禾家政有限公司", "91330106MA2BANJX98");
        let colleague = testing::clerk(&app, &clerk);
        for stop in [
            |app: &App, who: &Principal, id: &AccountId| accounts::new_code(app, who, id).map(drop),
            |app: &App, who: &Principal, id: &AccountId| accounts::set_access(app, who, id, accounts::Access::Closed),
        ] {
            let clerk = testing::clerk(&app, &clerk);
            make(&app, &clerk, &receiver.address()).unwrap();
            let before = messages::list(&app, &colleague).unwrap().len();
            stop(&app, &admin, &clerk.account).unwrap();
            assert_eq!(messages::list(&app, &colleague).unwrap().len(), before + 1);
            assert_eq!(only(&app, &colleague).stopped_why.as_deref(), Some("shut-out"));
            stop(&app, &admin, &colleague.account).unwrap();
            assert_eq!(messages::list(&app, &clerk).unwrap().len(), before + 1, "who has none stops none");
        }
    });
}

#[test]
fn one_tries_and_stops_ones_own_and_what_is_wrong_is_told() {
    each_database(|database| {
        let receiver = Receiver::start();
        let (mut app, folder) = testing::app_on(database);
        let clerk = testing::employer(&app, "杭州青禾家政有限公司", "91330106MA2BANJX98");
        let other = testing::employer(&app, "杭州远山物流有限公司", "91330106MA2DEM0B9C");
        assert!(
            matches!(make(&app, &clerk, "https://hr.example.com/"), Err(AppError::NotFound)),
            "nothing is called here"
        );
        app.caller = receiver.caller(&HERE);
        for (typed, code) in [
            ("", "webhook.address"),
            ("hr.example.com", "webhook.address"),
            ("http://hr.example.com/", "webhook.address"),
            ("https://a:b@127.0.0.1/", "webhook.address"),
            ("https://127.0.0.1:99999/", "webhook.address"),
            ("https://hr.example.com/", "webhook.host"),
            (&receiver.address().replace("127.0.0.1", "10.0.0.1"), "webhook.host"),
        ] {
            match make(&app, &clerk, typed) {
                Err(AppError::Refused(Refusal::Answers(found))) => {
                    assert_eq!((found[0].field.as_str(), found[0].problem.code), ("address", code), "{typed}");
                }
                other => panic!("{typed}: {:?}", other.map(|made| made.id)),
            }
        }
        let made = make(&app, &clerk, &receiver.address()).unwrap();
        assert!(matches!(stop(&app, &other, &made.id), Err(AppError::NotFound)));
        assert!(matches!(try_out(&app, &other, &made.id), Err(AppError::NotFound)));
        assert_eq!(try_out(&app, &clerk, &made.id).unwrap(), Tried::Heard);
        assert!(receiver.bodies()[0].contains("\"type\":\"test\""));
        assert_eq!(try_out(&app, &clerk, &made.id).unwrap(), Tried::TooSoon);
        folder.clock.advance(SignedDuration::from_secs(11));
        stop(&app, &clerk, &made.id).unwrap();
        stop(&app, &clerk, &made.id).unwrap();
        assert!(matches!(try_out(&app, &clerk, &made.id), Err(AppError::NotFound)));
    });
}

#[test]
fn a_side_hears_of_its_own_case_and_the_other_only_of_the_registration() {
    let receiver = Receiver::start();
    let (mut app, folder) = testing::app();
    app.caller = receiver.caller(&HERE);
    let story = story_in((app, folder));
    let worker = testing::person(&story.app, "王秀英", "110101199003070011");
    let filed = story.registered();
    make(&story.app, &worker, &receiver.address()).unwrap();
    let case = story.asked_on(&filed);
    assert!(turn(&story.app));
    make(&story.app, &story.clerk, &receiver.address()).unwrap();
    story.step(&story.intake, &case, Action::CaseIntake, Command::Accept).unwrap();
    assert!(turn(&story.app));
    let told = receiver.bodies().join("\n");
    let letters: Vec<serde_json::Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        letters.iter().map(|one| one["type"].as_str().unwrap()).collect::<Vec<_>>(),
        ["other-side-asked", "case-accepted"]
    );
    assert_eq!(
        (&letters[0]["data"]["case"], letters[1]["data"]["case"].as_str()),
        (&serde_json::Value::Null, Some(case.as_str()))
    );
    assert!(letters.iter().all(|one| one["data"]["registration"].as_str() == Some(filed.as_str())));
    assert!(!told.contains("王秀英") && !told.contains("110101"), "{told}");
}

#[test]
fn a_worker_that_lost_its_lease_or_finds_it_stopped_tells_nothing_more() {
    each_database(|database| {
        let receiver = Receiver::start();
        let (mut app, folder) = testing::app_on(database);
        app.caller = receiver.caller(&HERE);
        let clerk = testing::employer(&app, "杭州青禾家政有限公司", "91330106MA2BANJX98");
        let made = make(&app, &clerk, &receiver.address()).unwrap();
        tell_employer(&app, &clerk, "case-accepted");
        let now = app.micros();
        let claim = |lease: &'static str, now: i64| {
            app.store.write(move |tx| rows::webhook_claim(tx, lease, (now, now + 60_000_000))).unwrap()
        };
        let first = claim("one", now).unwrap();
        assert_eq!(claim("two", now), None, "of two workers one has it");
        folder.clock.advance(SignedDuration::from_secs(61));
        let later = app.micros();
        assert_eq!(claim("two", later).map(|row| row.id), Some(made.id.clone()), "a lease runs out");
        let notice = app.store.read(move |tx| rows::webhook_notices(tx, &first.id, 10)).unwrap().remove(0).id;
        let (id, told) = (made.id.clone(), notice.clone());
        assert!(!app.store.write(move |tx| rows::webhook_told(tx, &id, "one", &told)).unwrap());
        let id = made.id.clone();
        let gone = app.store.write(move |tx| rows::webhook_give_up(tx, (&id, "one"), (later, "500", "failing")));
        assert!(!gone.unwrap());
        stop(&app, &clerk, &made.id).unwrap();
        assert!(!app.store.write(move |tx| rows::webhook_told(tx, &made.id, "two", &notice)).unwrap(), "stopped");
    });
}

#[test]
fn one_webhook_of_an_account_is_told_at_a_time_and_others_meanwhile() {
    each_database(|database| {
        let (mut app, _folder) = testing::app_on(database);
        let receiver = Receiver::start();
        app.caller = receiver.caller(&HERE);
        let clerk = testing::employer(&app, "杭州青禾家政有限公司", "91330106MA2BANJX98");
        let other = testing::employer(&app, "杭州远山物流有限公司", "91330106MA2DEM0B9C");
        for (who, path) in [(&clerk, "a"), (&clerk, "b"), (&other, "a")] {
            make(&app, who, &format!("{}/{path}", receiver.address())).unwrap();
            tell_employer(&app, who, "case-accepted");
        }
        let now = app.micros();
        let claim = |lease: &'static str| {
            let claimed = app.store.write(move |tx| rows::webhook_claim(tx, lease, (now, now + 60_000_000))).unwrap();
            claimed.map(|row| row.account)
        };
        let both = [claim("one"), claim("two")];
        assert!(both.contains(&Some(clerk.account.clone())) && both.contains(&Some(other.account.clone())), "{both:?}");
        assert_eq!(claim("three"), None);
    });
}

#[test]
fn at_most_five_are_called_and_stopped_ones_are_forgotten_in_time() {
    let receiver = Receiver::start();
    let (mut app, _folder) = testing::app();
    app.caller = receiver.caller(&HERE);
    let clerk = testing::employer(&app, "杭州青禾家政有限公司", "91330106MA2BANJX98");
    let address = |nth: i64| format!("{}/{nth}", receiver.address());
    let refused = |nth: i64| match make(&app, &clerk, &address(nth)) {
        Err(AppError::Refused(Refusal::Answers(found))) => found[0].problem.code,
        other => panic!("{:?}", other.map(|made| made.id)),
    };
    make(&app, &clerk, &address(0)).unwrap();
    assert_eq!(refused(0), "webhook.twice");
    for nth in 1..MOST {
        make(&app, &clerk, &address(nth)).unwrap();
    }
    assert_eq!(refused(MOST), "webhook.many");
    // Stopped ones are forgotten in time, and make room.
    for nth in 0..20 {
        let id = only(&app, &clerk).id;
        stop(&app, &clerk, &id).unwrap();
        make(&app, &clerk, &address(MOST + nth)).unwrap();
    }
    assert!(list(&app, &clerk).unwrap().len() <= 16);
}
