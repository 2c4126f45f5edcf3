//! Signing in, staying signed in and signing out, through a real application.

use banjie_domain::refusal::Refusal;
use jiff::SignedDuration;

use super::*;
use crate::accounts::{self as book, NewAccount};
use crate::testing::{self, TestFolder};

const PASSWORD: &str = "三只松鼠爬上了老樟树";

/// An application with the intake officer `zhou`, whose password is set.
fn an_office() -> (App, TestFolder) {
    let (app, folder) = testing::app();
    let admin = testing::staff(&app, Role::RegionalAdmin);
    let asked = NewAccount {
        role: "intake".to_owned(),
        login: "zhou".to_owned(),
        name: "周敏".to_owned(),
        office: Some(testing::office(&app).as_str().to_owned()),
        assurance: "code".to_owned(),
        ..NewAccount::default()
    };
    let opened = book::open_account(&app, &admin, &asked).unwrap();
    book::activate(&app, "zhou", &opened.code, PASSWORD).unwrap();
    (app, folder)
}

fn code<T>(outcome: Outcome<T>) -> &'static str {
    match outcome {
        Err(AppError::Refused(Refusal::Answers(problems))) => problems[0].problem.code,
        Err(other) => panic!("not a refusal: {other}"),
        Ok(_) => "signed in",
    }
}

#[test]
fn each_sign_in_makes_a_session_of_its_own() {
    let (app, _folder) = an_office();
    let one = sign_in(&app, " ZHOU ", PASSWORD, "n").unwrap();
    let two = sign_in(&app, "zhou", PASSWORD, "n").unwrap();
    assert_ne!(one.token, two.token);
    assert_eq!(one.token.len(), 64);
    let (one_signed, two_signed) = (principal(&app, &one.token).unwrap(), principal(&app, &two.token).unwrap());
    let (one_signed, two_signed) = (one_signed.unwrap(), two_signed.unwrap());
    assert_eq!(one_signed.principal, two_signed.principal);
    assert_ne!(one_signed.csrf, two_signed.csrf);
    assert_eq!(one_signed.display, "周敏");
    sign_out(&app, &one.token).unwrap();
    assert_eq!(principal(&app, &one.token).unwrap(), None);
    assert!(principal(&app, &two.token).unwrap().is_some());
    assert_eq!(principal(&app, "").unwrap(), None);
}

#[test]
fn an_unknown_login_and_a_wrong_password_get_the_same_answer() {
    let (app, _folder) = an_office();
    assert_eq!(code(sign_in(&app, "zhou", "wrong", "n")), "account.wrong");
    assert_eq!(code(sign_in(&app, "nobody", PASSWORD, "n")), "account.wrong");
}

#[test]
fn ten_wrong_passwords_lock_one_account_from_one_network_for_a_quarter_of_an_hour() {
    let (app, folder) = an_office();
    for login in ["zhou", "nobody"] {
        for _ in 0..10 {
            assert_eq!(code(sign_in(&app, login, "wrong", "n")), "account.wrong");
        }
        assert_eq!(code(sign_in(&app, login, PASSWORD, "n")), "account.locked");
    }
    assert_eq!(code(sign_in(&app, "zhou", PASSWORD, "elsewhere")), "signed in");
    folder.clock.advance(SignedDuration::from_mins(15));
    assert_eq!(code(sign_in(&app, "zhou", PASSWORD, "n")), "signed in");
}

#[test]
fn a_network_that_tries_many_accounts_is_locked() {
    let (app, _folder) = an_office();
    let key = app.keys.mac(MacKey::Session, &[b"sign-in-network", b"n"]);
    let now = app.micros();
    for _ in 0..99 {
        app.store.write(move |tx| accounts::attempt_failed(tx, &key, attempts::NETWORK, now)).unwrap();
    }
    assert_eq!(code(sign_in(&app, "somebody", "wrong", "n")), "account.wrong");
    assert_eq!(code(sign_in(&app, "zhou", PASSWORD, "n")), "account.locked");
}

#[test]
fn a_session_ends_after_half_an_hour_without_use_and_after_twelve_hours_in_any_case() {
    let (app, folder) = an_office();
    let idle = sign_in(&app, "zhou", PASSWORD, "n").unwrap().token;
    folder.clock.advance(SignedDuration::from_mins(30));
    assert_eq!(principal(&app, &idle).unwrap(), None);

    let used = sign_in(&app, "zhou", PASSWORD, "n").unwrap().token;
    let alive = || principal(&app, &used).unwrap().is_some();
    for _ in 0..35 {
        folder.clock.advance(SignedDuration::from_mins(20));
        assert!(alive());
    }
    folder.clock.advance(SignedDuration::from_mins(20));
    assert!(!alive());
}
