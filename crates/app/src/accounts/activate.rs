//! Using the one-time code: the account gets its password and the code is gone.

use banjie_domain::problem::FieldProblem;
use banjie_domain::refusal::Refusal;
use banjie_store::accounts::{self as rows, AccountRow};
use banjie_store::people::person_find;

use crate::app::App;
use crate::attempts::{self, refused};
use crate::error::{AppError, Outcome};
use crate::password::{self, OneTimeCode};
use crate::people;
use crate::seal::{MacKey, same};
use crate::session::login_form;

/// Sets the password of an account that was opened at the counter.
///
/// # Errors
/// With problems at `code` and `password`; `activate.wrong` for an unknown login, a wrong code and one that ran out
/// alike; `account.locked` after ten wrong tries.
pub fn activate(app: &App, login: &str, code: &str, password: &str) -> Outcome<()> {
    let login = login_form(login);
    let typed = OneTimeCode::parse(code).map_err(|problem| problem.at("code"));
    let known = password::check(password, &[&login]).map_err(|problem| problem.at("password"));
    let code = match (typed, known) {
        (Ok(code), Ok(())) => code,
        (typed, known) => return Err(all([typed.err(), known.err()])),
    };
    let key = app.keys.mac(MacKey::Code, &[b"activate", login.as_bytes()]);
    let now = app.micros();
    let found = app.retry(|| {
        let login = login.clone();
        app.store.write(move |tx| {
            attempts::begin(tx, &key, attempts::ONE_TIME_CODE, now)?;
            Ok::<_, AppError>(rows::account_find_by_login(tx, &login)?)
        })
    })?;
    let (account, code_hash) = fitting(app, found, &code, now).ok_or_else(|| refused("activate.wrong", "code", &[]))?;
    app.store.write(move |tx| rows::attempt_forget(tx, &key))?;
    refuse_known(app, &account, password)?;
    let hashed = app.passwords.hash(password, app.entropy.as_ref())?;
    let id = account.id.clone();
    let set = app.store.write(move |tx| rows::account_set_password(tx, &id, &code_hash, &hashed))?;
    if set { Ok(()) } else { Err(AppError::Conflict) }
}

/// The account, when the code is the one that opens it.
fn fitting(app: &App, found: Option<AccountRow>, code: &OneTimeCode, now: i64) -> Option<(AccountRow, Vec<u8>)> {
    let account = found.filter(|row| !row.disabled && row.code_until.is_some_and(|until| until > now))?;
    let stored = account.code_hash.clone()?;
    same(&code.hash(&app.keys, account.id.as_str()), &stored).then_some((account, stored))
}

/// A password made of the holder's own name, document or telephone is among the first an acquaintance tries.
fn refuse_known(app: &App, account: &AccountRow, password: &str) -> Outcome<()> {
    let mut known = vec![people::display(app, account)?];
    if let Some(id) = account.person.clone() {
        let person = app.store.read(move |tx| person_find(tx, &id))?;
        let profile = person.map(|row| people::open_profile(app, &row)).transpose()?;
        known.extend(profile.into_iter().flat_map(|who| [Some(who.document_number), who.phone]).flatten());
    }
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    password::check(password, &known).map_err(|problem| all([Some(problem.at("password"))]))
}

fn all(problems: impl IntoIterator<Item = Option<FieldProblem>>) -> AppError {
    Refusal::Answers(problems.into_iter().flatten().collect()).into()
}
