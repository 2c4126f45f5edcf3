//! Keys by which programs act for an account: made and taken back by its holder, shown once, kept as a hash.
//!
//! A key can do what its account can do, no more; whoever shuts the account out takes its keys back with it.

use banjie_domain::actor::{Principal, Role};
use banjie_domain::id::TokenId;
use banjie_domain::identity::text;
use banjie_domain::problem::Problem;
use banjie_domain::refusal::Refusal;
use banjie_store::accounts::account_find;
use banjie_store::error::StoreError;
use banjie_store::tokens::{self, TokenRow};

use crate::app::App;
use crate::entropy;
use crate::error::{AppError, Outcome};
use crate::seal::token_hash;
use crate::session::{hex, role_of, standing};

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

/// What every key begins with, so that a scanner of leaked secrets knows it.
pub const PREFIX: &str = "banjie_";

/// For how many days a key may work, as the form offers them.
pub const DAYS: [u16; 3] = [30, 180, 365];

/// Keys of one account that work at one time.
const MOST: usize = 20;

/// A new key: the only time its text is seen.
#[derive(Clone, PartialEq, Eq)]
pub struct Made {
    /// The key.
    pub id: TokenId,
    /// What a program sends.
    pub secret: String,
}

/// Somebody who acts through a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who.
    pub principal: Principal,
    /// By which key.
    pub token: TokenId,
}

/// Whether accounts of this role may have keys: those that manage accounts and rules act in person.
#[must_use]
pub const fn may_have(role: Role) -> bool {
    !role.is_admin()
}

fn works(row: &TokenRow, now: i64) -> bool {
    row.revoked_at.is_none() && row.expires_at > now
}

/// Makes a key for one's own account.
///
/// # Errors
/// With every problem at its field; not found for a role that has no keys.
pub fn make(app: &App, who: &Principal, name: &str, days: &str) -> Outcome<Made> {
    if !may_have(who.role) {
        return Err(AppError::NotFound);
    }
    let name = name_of(name).map_err(|problem| problem.at("name"));
    let days = DAYS.into_iter().find(|known| known.to_string() == days.trim());
    let days = days.ok_or_else(|| Problem::new("token.days").at("days"));
    let (name, days) = match (name, days) {
        (Ok(name), Ok(days)) => (name, days),
        (name, days) => return Err(Refusal::Answers([name.err(), days.err()].into_iter().flatten().collect()).into()),
    };
    let now = app.micros();
    if list(app, who)?.iter().filter(|row| works(row, now)).count() >= MOST {
        let problem = Problem::new("token.many").with("most", MOST.to_string()).at("name");
        return Err(Refusal::Answers(vec![problem]).into());
    }
    let secret = format!("{PREFIX}{}", hex(&entropy::bytes::<32>(app.entropy.as_ref())));
    let row = TokenRow {
        id: app.fresh(TokenId::new),
        account: who.account.clone(),
        name,
        created_at: now,
        expires_at: now + i64::from(days) * DAY,
        used_at: None,
        revoked_at: None,
    };
    let (id, hash) = (row.id.clone(), token_hash(secret.as_bytes()));
    app.store.write(move |tx| -> Outcome<()> {
        // Whoever is shut out meanwhile makes no key any more: a new code waits to be used, or the account is closed.
        let account =
            account_find(tx, &row.account)?.filter(|account| !account.disabled && account.code_hash.is_none());
        account.ok_or(AppError::NotFound)?;
        Ok(tokens::token_insert(tx, &row, &hash)?)
    })?;
    tracing::info!(token = %id, account = %who.account, "a key for programs was made");
    Ok(Made { id, secret })
}

fn name_of(typed: &str) -> Result<String, Problem> {
    let name = typed.trim();
    text::refuse_hidden(name)?;
    match name.chars().count() {
        0 => Err(Problem::new("token.name-empty")),
        1..=60 => Ok(name.to_owned()),
        _ => Err(Problem::new("token.name-long")),
    }
}

/// One's own keys, newest first.
///
/// # Errors
/// Not found for a role that has none.
pub fn list(app: &App, who: &Principal) -> Outcome<Vec<TokenRow>> {
    if !may_have(who.role) {
        return Err(AppError::NotFound);
    }
    let account = who.account.clone();
    Ok(app.store.read(move |tx| tokens::token_list(tx, &account, 200))?)
}

/// Takes one of one's own keys back.
///
/// # Errors
/// Not found when there is none such that works.
pub fn revoke(app: &App, who: &Principal, id: &TokenId) -> Outcome<()> {
    let (wanted, account, now) = (id.clone(), who.account.clone(), app.micros());
    if !app.store.write(move |tx| tokens::token_revoke(tx, &wanted, &account, now))? {
        // Stopped already is stopped; what is another's is not there.
        let known = list(app, who)?.iter().any(|row| row.id == *id);
        return if known { Ok(()) } else { Err(AppError::NotFound) };
    }
    tracing::info!(token = %id, account = %who.account, "a key for programs was taken back");
    Ok(())
}

/// Who is behind a key, if it works.
///
/// # Errors
/// When the database cannot be read.
pub fn caller(app: &App, secret: &str) -> Outcome<Option<Caller>> {
    if !secret.starts_with(PREFIX) {
        return Ok(None);
    }
    let (hash, now) = (token_hash(secret.as_bytes()), app.micros());
    let found = app.store.read(move |tx| tokens::token_account(tx, &hash, now))?;
    let Some((token, account)) = found.filter(|(_, account)| !account.disabled) else { return Ok(None) };
    if token.used_at.is_none_or(|used| used <= now - HOUR) {
        note_use(app, &token.id, now);
    }
    let role = role_of(&account)?;
    let principal = Principal { account: account.id.clone(), role, standing: standing(app, role, &account)? };
    Ok(may_have(role).then_some(Caller { principal, token: token.id }))
}

/// An answer is not spoilt because its asking could not be noted.
fn note_use(app: &App, id: &TokenId, now: i64) {
    let id = id.clone();
    let noted: Result<(), StoreError> = app.store.write(move |tx| tokens::token_used(tx, &id, now));
    if let Err(error) = noted {
        tracing::warn!(%error, "the use of a key was not noted");
    }
}

#[cfg(test)]
mod tests {
    use banjie_store::test_support::each_database;
    use jiff::SignedDuration;

    use super::*;
    use crate::testing;

    #[test]
    fn a_key_acts_for_its_account_until_it_runs_out_or_is_taken_back() {
        each_database(|database| {
            let (app, folder) = testing::app_on(database);
            let clerk = testing::employer(&app, "杭州青禾家政有限公司", "91330106MA2BANJX98");
            let other = testing::employer(&app, "杭州远山物流有限公司", "91330106MA2DEM0B9C");
            let made = make(&app, &clerk, "人事系统", "30").unwrap();
            assert_eq!(caller(&app, &made.secret).unwrap().unwrap().principal, clerk);
            assert!(caller(&app, &made.secret.replacen('a', "b", 1)).unwrap().is_none());
            assert!(caller(&app, "").unwrap().is_none());
            assert!(matches!(revoke(&app, &other, &made.id), Err(AppError::NotFound)), "another's key");
            folder.clock.advance(SignedDuration::from_hours(24 * 30));
            assert!(caller(&app, &made.secret).unwrap().is_none(), "it ran out");
            let second = make(&app, &clerk, "人事系统", "365").unwrap();
            revoke(&app, &clerk, &second.id).unwrap();
            assert!(caller(&app, &second.secret).unwrap().is_none());
            assert!(list(&app, &clerk).unwrap().iter().any(|row| row.used_at.is_some()));
        });
    }

    #[test]
    fn whoever_shuts_an_account_out_takes_its_keys_back() {
        let (app, _folder) = testing::app();
        let clerk = testing::employer(&app, "杭州青禾家政有限公司", "91330106MA2BANJX98");
        let made = make(&app, &clerk, "人事系统", "30").unwrap();
        let (id, now) = (clerk.account.clone(), app.micros());
        app.store
            .write(move |tx| {
                banjie_store::accounts::account_set_disabled(tx, &id, true, now)?;
                banjie_store::accounts::account_set_disabled(tx, &id, false, now)
            })
            .unwrap();
        assert!(caller(&app, &made.secret).unwrap().is_none(), "reopened, and the old key stays shut out");
    }

    #[test]
    fn what_is_wrong_is_told_and_administrators_have_no_keys() {
        let (app, _folder) = testing::app();
        let clerk = testing::employer(&app, "杭州青禾家政有限公司", "91330106MA2BANJX98");
        for (name, days, field) in [("", "30", "name"), ("x", "31", "days"), ("a\u{202e}b", "30", "name")] {
            match make(&app, &clerk, name, days) {
                Err(AppError::Refused(Refusal::Answers(found))) => assert_eq!(found[0].field, field),
                other => panic!("{:?}", other.map(|made| made.id)),
            }
        }
        let admin = testing::staff(&app, Role::RegionalAdmin);
        assert!(matches!(make(&app, &admin, "x", "30"), Err(AppError::NotFound)));
    }
}
