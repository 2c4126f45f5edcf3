//! Accounts: who opens, lists, closes and reopens them, and how a code is handed over.
//!
//! Nobody signs up by himself: an administrator opens an account after seeing the document and hands over a one-time
//! code. Whoever manages accounts does so for his own office and those below it. No code is ever stored or shown twice.

mod activate;
mod offices;
mod open;
mod set_up;

use banjie_domain::actor::{Principal, Role};
use banjie_domain::authorize::{Action, Permit, Resource, authorize, authorize_list};
use banjie_domain::id::{AccountId, OfficeId};
use banjie_domain::identity::text;
use banjie_domain::problem::Problem;
use banjie_domain::registration_type::DIVISIONS;
use banjie_store::accounts::{self as rows, AccountRow};
use banjie_store::db::Tx;
use banjie_store::error::StoreError;
use banjie_store::notices::{JobRow, NoticeRow, job_insert, notice_insert};
use banjie_store::people::employer_find;
use banjie_store::webhooks::webhook_of_account;
use jiff::Timestamp;

pub use activate::activate;
pub use offices::{NewOffice, offices_within, open_office};
pub use open::{DocumentTyped, NewAccount, UnitTyped, open_account, roles_to_open};
pub use set_up::{SetUp, set_up, set_up_needed, set_up_token};

use crate::app::App;
use crate::attempts::refused;
use crate::error::{AppError, Outcome, fault};
use crate::follow_up::to_holder;
use crate::password::OneTimeCode;
use crate::people;
use crate::session::{login_form, role_of};

/// How long a one-time code opens its account, in microseconds: a week.
const CODE_LIFE: i64 = 7 * 24 * 60 * 60 * 1_000_000;

/// How many accounts a list shows, newest first.
const SHOWN: usize = 200;

/// How many of the newest accounts are looked through for those within somebody's offices.
const LOOKED_THROUGH: u32 = 5000;

/// A one-time code that was just made. It is shown once and handed over.
#[derive(Clone, PartialEq, Eq)]
pub struct HandedOver {
    /// The account it opens.
    pub account: AccountId,
    /// What is typed to sign in.
    pub login: String,
    /// The name on the account.
    pub display: String,
    /// The code, grouped for reading aloud.
    pub code: String,
    /// Until when it opens the account.
    pub until: Timestamp,
}

/// Whether an account can be used now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountState {
    /// It has a password.
    Open,
    /// Its code has been handed over and not used yet.
    Waiting,
    /// Its code has run out; it needs a new one.
    Expired,
    /// An administrator closed it.
    Closed,
}

impl AccountState {
    /// The word used in locale keys.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Waiting => "waiting",
            Self::Expired => "expired",
            Self::Closed => "closed",
        }
    }
}

/// One account in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLine {
    /// The account.
    pub id: AccountId,
    /// What is typed to sign in.
    pub login: String,
    /// The name on it.
    pub display: String,
    /// Its role.
    pub role: Role,
    /// The office it works in, or the employer it acts for.
    pub place: Option<String>,
    /// Whether it can be used.
    pub state: AccountState,
    /// Whether it is the reader's own, which he can neither close nor give a new code.
    pub own: bool,
    /// When it was opened.
    pub opened_at: Timestamp,
}

/// The newest accounts within somebody's offices.
///
/// # Errors
/// Not found for a role that manages none.
pub fn list(app: &App, who: &Principal) -> Outcome<Vec<AccountLine>> {
    authorize_list(who, Action::AccountManage)?;
    let all = app.store.read(|tx| rows::account_list(tx, LOOKED_THROUGH))?;
    let mine: Vec<_> = all.into_iter().filter(|row| permit(app, who, row).is_ok()).take(SHOWN).collect();
    let employers: Vec<_> = mine.iter().filter_map(|row| row.employer.clone()).collect();
    let employers = app.store.read(move |tx| {
        let found: Result<Vec<_>, StoreError> = employers.iter().map(|id| employer_find(tx, id)).collect();
        found
    })?;
    let employers: Vec<_> = employers.into_iter().flatten().collect();
    mine.iter()
        .map(|row| {
            let role = role_of(row)?;
            let employer = employers.iter().find(|known| row.employer.as_ref() == Some(&known.id));
            let office = row.office.as_ref().filter(|_| role.is_staff()).map(|id| app.office(id)).transpose()?;
            Ok(AccountLine {
                id: row.id.clone(),
                login: row.login.clone(),
                display: people::display(app, row)?,
                role,
                place: employer.map(|known| known.name.clone()).or(office.map(|office| office.name)),
                state: state(row, app.micros()),
                own: row.id == who.account,
                opened_at: instant(row.created_at)?,
            })
        })
        .collect()
}

fn state(row: &AccountRow, now: i64) -> AccountState {
    match (row.disabled, &row.password, row.code_until) {
        (true, _, _) => AccountState::Closed,
        (false, Some(_), _) => AccountState::Open,
        (false, None, Some(until)) if until > now => AccountState::Waiting,
        (false, None, _) => AccountState::Expired,
    }
}

/// Gives an account a new one-time code; its password and its sessions are gone.
///
/// # Errors
/// Not found outside one's offices; `account.own` for one's own; `account.closed` for a closed one.
pub fn new_code(app: &App, who: &Principal, id: &AccountId) -> Outcome<HandedOver> {
    let row = manageable(app, who, id)?;
    if row.disabled {
        return Err(refused("account.closed", "account", &[]));
    }
    let (code, until) = fresh_code(app);
    let hash = code.hash(&app.keys, id.as_str());
    app.retry(|| {
        let (id, by, now, told) = (id.clone(), who.account.clone(), app.micros(), webhooks_stop(app, &row));
        app.store.write(move |tx| -> Outcome<()> {
            tell_if_stopped(tx, &id, &told)?;
            Ok(rows::account_set_code(tx, &id, (&hash, until), (Some(&by), now))?)
        })
    })?;
    tracing::info!(account = %id, by = %who.account, "account {id} got a new one-time code");
    hand_over(app, &row, &code)
}

/// The message that the webhooks an account set up hear nothing more, for the person or unit whose they are.
fn webhooks_stop(app: &App, row: &AccountRow) -> (NoticeRow, JobRow) {
    to_holder(app, (row.person.as_ref(), row.employer.as_ref()), "webhook-stopped")
}

fn tell_if_stopped(tx: &mut dyn Tx, id: &AccountId, (notice, job): &(NoticeRow, JobRow)) -> Outcome<()> {
    if webhook_of_account(tx, id)? {
        notice_insert(tx, notice)?;
        job_insert(tx, job)?;
    }
    Ok(())
}

/// Whether an account may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It may.
    Reopened,
    /// It may not, and its sessions end.
    Closed,
}

/// Closes or reopens an account.
///
/// # Errors
/// Not found outside one's offices; `account.own` for one's own.
pub fn set_access(app: &App, who: &Principal, id: &AccountId, access: Access) -> Outcome<()> {
    let row = manageable(app, who, id)?;
    let disabled = access == Access::Closed;
    app.retry(|| {
        let (id, now, told) = (id.clone(), app.micros(), webhooks_stop(app, &row));
        app.store.write(move |tx| -> Outcome<()> {
            tell_if_stopped(tx, &id, &told)?;
            Ok(rows::account_set_disabled(tx, &id, disabled, now)?)
        })
    })?;
    tracing::info!(account = %id, by = %who.account, "account {id} is now {access:?}");
    Ok(())
}

/// An account somebody may manage, never his own: nobody locks himself out, and nobody else could let him in.
fn manageable(app: &App, who: &Principal, id: &AccountId) -> Outcome<AccountRow> {
    authorize_list(who, Action::AccountManage)?;
    let wanted = id.clone();
    let row = app.store.read(move |tx| rows::account_find(tx, &wanted))?.ok_or(AppError::NotFound)?;
    permit(app, who, &row)?;
    if row.id == who.account {
        return Err(refused("account.own", "account", &[]));
    }
    Ok(row)
}

/// May this principal manage this account? One opened by no office belongs to the topmost; only a system administrator
/// manages another.
fn permit(app: &App, who: &Principal, row: &AccountRow) -> Outcome<Permit> {
    let office = row.office.clone().or_else(|| topmost(app));
    let permit = authorize(who, Action::AccountManage, &Resource { office, ..Resource::default() })?;
    if row.role == Role::SystemAdmin.key() && who.role != Role::SystemAdmin {
        return Err(AppError::NotFound);
    }
    Ok(permit)
}

fn topmost(app: &App) -> Option<OfficeId> {
    app.offices().iter().find(|office| office.parent.is_none()).map(|office| office.id.clone())
}

fn fresh_code(app: &App) -> (OneTimeCode, i64) {
    (OneTimeCode::random(app.entropy.as_ref()), app.micros() + CODE_LIFE)
}

fn hand_over(app: &App, row: &AccountRow, code: &OneTimeCode) -> Outcome<HandedOver> {
    Ok(HandedOver {
        account: row.id.clone(),
        login: row.login.clone(),
        display: people::display(app, row)?,
        code: code.to_string(),
        until: instant(app.micros() + CODE_LIFE)?,
    })
}

fn instant(micros: i64) -> Outcome<Timestamp> {
    Timestamp::from_microsecond(micros).map_err(|_| fault("a stored instant is out of range"))
}

/// What is typed to sign in: letters, digits and `. _ - @`.
fn parse_login(typed: &str) -> Result<String, Problem> {
    let login = login_form(typed);
    let is_plain = |char: char| char.is_ascii_alphanumeric() || ".-_@".contains(char);
    match login.chars().count() {
        0 => Err(Problem::new("login.empty")),
        3..=40 if login.chars().all(is_plain) => Ok(login),
        _ => Err(Problem::new("login.shape")),
    }
}

/// The name of an office or unit: up to 100 characters, all of them visible.
fn parse_title(typed: &str) -> Result<String, Problem> {
    let title = typed.trim();
    text::refuse_hidden(title)?;
    match title.chars().count() {
        0 => Err(Problem::new("title.empty")),
        1..=100 => Ok(title.to_owned()),
        length => Err(Problem::new("title.too-long").with("length", length.to_string())),
    }
}

/// The code of a region that exists and has rules.
fn parse_region(app: &App, typed: &str) -> Result<String, Problem> {
    let code = text::compact_number(typed)?;
    if code.is_empty() {
        return Err(Problem::new("region.empty"));
    }
    let today = app.today();
    let divisions = app.rules.types.codes(DIVISIONS);
    let exists = divisions.and_then(|table| table.get(&code)).is_some_and(|division| division.is_valid_on(today));
    if exists && app.rules.policy(&code, today).is_ok() { Ok(code) } else { Err(Problem::new("region.unknown")) }
}

/// Writes an account. Somebody may take the login between the look and the write: then the caller looks again.
fn insert(tx: &mut dyn Tx, row: &AccountRow) -> Outcome<()> {
    if rows::account_find_by_login(tx, &row.login)?.is_some() {
        return Err(refused("login.taken", "login", &[]));
    }
    match rows::account_insert(tx, row) {
        Err(StoreError::Unique { .. }) => Err(AppError::Conflict),
        done => Ok(done?),
    }
}

#[cfg(test)]
mod tests;
