//! Signing in and out, and who is behind a session.
//!
//! A token is made at every sign-in and only its hash is kept. An account that does not exist, one that is closed and a
//! wrong password get the same answer after the same work. No password and no token ever reaches a log or a row.

use banjie_domain::actor::{Principal, Role, Standing};
use banjie_store::accounts::{self, AccountRow};
use banjie_store::db::Tx;
use banjie_store::error::StoreError;
use banjie_store::{notices, people as rows};

use crate::app::App;
use crate::attempts;
use crate::entropy;
use crate::error::{AppError, Outcome, fault};
use crate::people;
use crate::seal::{MacKey, token_hash};

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;

/// A session of somebody of an office ends after this long without use: desks stand open.
const IDLE_STAFF: i64 = 30 * MINUTE;

/// A session of anybody else: filling in a form with papers to find takes long.
const IDLE_PUBLIC: i64 = 120 * MINUTE;

/// No session lives longer, used or not.
const LONGEST: i64 = 12 * 60 * MINUTE;

/// Use is noted no more often than this, so that reading a page seldom writes.
const NOTED_EVERY: i64 = MINUTE;

/// A new session.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// What the browser keeps: 256 random bits in hexadecimal.
    pub token: String,
    /// The role, which decides where to begin.
    pub role: Role,
}

/// Somebody signed in, with what every page shows of him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Who acts.
    pub principal: Principal,
    /// The name to greet by.
    pub display: String,
    /// The role.
    pub role: Role,
    /// What was typed to sign in.
    pub login: String,
    /// Unread messages.
    pub unread: i64,
    /// The office it works in.
    pub office_name: Option<String>,
    /// The employer it acts for.
    pub employer_name: Option<String>,
    /// The form token of this session.
    pub csrf: String,
}

/// A login as it is stored and compared: without spaces around it, small letters.
#[must_use]
pub fn login_form(typed: &str) -> String {
    typed.trim().to_ascii_lowercase()
}

/// Signs in. `network` is where the request comes from, for counting wrong tries only.
///
/// # Errors
/// `account.locked` after too many wrong tries, `account.wrong` for whatever else is not right, both at `login`; busy
/// when too many passwords are being checked.
pub fn sign_in(app: &App, login: &str, password: &str, network: &str) -> Outcome<SignedIn> {
    let login = login_form(login);
    let account_key = app.keys.mac(MacKey::Session, &[b"sign-in", login.as_bytes(), network.as_bytes()]);
    let network_key = app.keys.mac(MacKey::Session, &[b"sign-in-network", network.as_bytes()]);
    let now = app.micros();
    let account = app.retry(|| {
        let login = login.clone();
        app.store.write(move |tx| {
            attempts::refuse_locked(tx, &network_key, now)?;
            attempts::begin(tx, &account_key, attempts::PASSWORD, now)?;
            Ok::<_, AppError>(accounts::account_find_by_login(tx, &login)?)
        })
    })?;
    let stored = account.as_ref().filter(|row| !row.disabled).and_then(|row| row.password.as_deref());
    let fits = app.passwords.verify(password, stored)?;
    let Some(account) = account.filter(|_| fits) else {
        app.retry(|| {
            let count = move |tx: &mut dyn Tx| accounts::attempt_failed(tx, &network_key, attempts::NETWORK, now);
            Ok(app.store.write(count)?)
        })?;
        return Err(wrong());
    };
    start(app, &account, account_key, now)
}

fn wrong() -> AppError {
    attempts::refused("account.wrong", "login", &[])
}

fn start(app: &App, account: &AccountRow, account_key: [u8; 32], now: i64) -> Outcome<SignedIn> {
    let role = role_of(account)?;
    let token = hex(&entropy::bytes::<32>(app.entropy.as_ref()));
    let hash = token_hash(token.as_bytes());
    app.retry(|| {
        let checked = account.clone();
        app.store.write(move |tx| {
            // Closed or given a new code while the password was being checked: then it was not right any more.
            let same = |row: &AccountRow| !row.disabled && row.password == checked.password;
            if !accounts::account_find(tx, &checked.id)?.as_ref().is_some_and(same) {
                return Err(wrong());
            }
            accounts::attempt_forget(tx, &account_key)?;
            Ok(accounts::session_insert(tx, &hash, &checked.id, now)?)
        })
    })?;
    Ok(SignedIn { token, role })
}

/// A session of an account whose password nobody asked for: for tests, where only what follows counts.
#[cfg(any(test, feature = "test-support"))]
pub(crate) fn begin(app: &App, account: &banjie_domain::id::AccountId) -> Outcome<String> {
    let token = hex(&entropy::bytes::<32>(app.entropy.as_ref()));
    let (hash, account, now) = (token_hash(token.as_bytes()), account.clone(), app.micros());
    app.store.write(move |tx| accounts::session_insert(tx, &hash, &account, now))?;
    Ok(token)
}

/// Who is behind a session, if it is still alive.
///
/// # Errors
/// When the database cannot be read.
pub fn principal(app: &App, token: &str) -> Outcome<Option<Signed>> {
    let hash = token_hash(token.as_bytes());
    let now = app.micros();
    let found = app.store.read(move |tx| found(tx, &hash, now))?;
    let Some(found) = found else { return Ok(None) };
    let role = role_of(&found.account)?;
    let idle = if role.is_staff() { IDLE_STAFF } else { IDLE_PUBLIC };
    if found.account.disabled || found.seen_at <= now - idle {
        return Ok(None);
    }
    if found.seen_at <= now - NOTED_EVERY {
        note_use(app, hash, now);
    }
    let office = found.account.office.as_ref().map(|id| app.office(id)).transpose()?;
    Ok(Some(Signed {
        principal: Principal {
            account: found.account.id.clone(),
            role,
            standing: standing(app, role, &found.account)?,
        },
        display: people::display(app, &found.account)?,
        role,
        login: found.account.login,
        unread: found.unread,
        office_name: office.filter(|_| role.is_staff()).map(|office| office.name),
        employer_name: found.employer_name,
        csrf: hex(&app.keys.mac(MacKey::Csrf, &[token.as_bytes()])),
    }))
}

/// What one read finds of a session.
struct Found {
    account: AccountRow,
    seen_at: i64,
    unread: i64,
    employer_name: Option<String>,
}

fn found(tx: &mut dyn Tx, hash: &[u8], now: i64) -> Result<Option<Found>, StoreError> {
    let alive = accounts::session_account(tx, hash, now - LONGEST, now - IDLE_PUBLIC)?;
    let Some((account, seen_at)) = alive else { return Ok(None) };
    let employer = match &account.employer {
        Some(id) => rows::employer_find(tx, id)?,
        None => None,
    };
    let unread = match public_standing(&account) {
        Some(standing) => notices::notice_unread(tx, &standing)?,
        None => 0,
    };
    Ok(Some(Found { account, seen_at, unread, employer_name: employer.map(|row| row.name) }))
}

/// A page that was read is not spoilt because its reading could not be noted.
fn note_use(app: &App, hash: [u8; 32], now: i64) {
    if let Err(error) = app.store.write(move |tx| accounts::session_seen(tx, &hash, now)) {
        tracing::warn!(%error, "the use of a session was not noted");
    }
}

/// Ends a session; ending one that is gone is no error.
///
/// # Errors
/// When the database cannot be written.
pub fn sign_out(app: &App, token: &str) -> Outcome<()> {
    let hash = token_hash(token.as_bytes());
    app.retry(|| Ok(app.store.write(move |tx| accounts::session_end(tx, &hash))?))
}

/// A random token for somebody who is not signed in, to bind a form to a browser.
#[must_use]
pub fn guest_token(app: &App) -> String {
    hex(&entropy::bytes::<16>(app.entropy.as_ref()))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn role_of(account: &AccountRow) -> Outcome<Role> {
    Role::parse(&account.role).ok_or_else(|| fault("an account has an unknown role"))
}

pub(crate) fn standing(app: &App, role: Role, account: &AccountRow) -> Outcome<Standing> {
    if !role.is_staff() {
        return public_standing(account).ok_or_else(|| fault("an account stands for nobody"));
    }
    let own = account.office.clone().ok_or_else(|| fault("an account of no office"))?;
    let subtree = if role.is_admin() { app.subtree(&own) } else { app.subtree_of_authority(&own)? };
    Ok(Standing::Offices { own, subtree })
}

fn public_standing(account: &AccountRow) -> Option<Standing> {
    let person = account.person.clone().map(Standing::Person);
    person.or_else(|| account.employer.clone().map(Standing::Employer))
}

#[cfg(test)]
mod tests;
