//! The first start: one office, one administrator, by a token that only the console of the machine has shown.

use banjie_domain::actor::Role;
use banjie_domain::id::{AccountId, OfficeId};
use banjie_domain::identity::PersonName;
use banjie_domain::policy::Assurance;
use banjie_domain::refusal::Refusal;
use banjie_store::accounts::{AccountRow, account_any};
use banjie_store::ledger;
use banjie_store::people::{OfficeRow, office_insert};

use super::{insert, parse_login, parse_region, parse_title};
use crate::app::App;
use crate::attempts::refused;
use crate::entropy;
use crate::error::{AppError, Outcome};
use crate::password;
use crate::people;
use crate::seal::token_hash;
use crate::session::hex;

const SETTING: &str = "set-up-token";

/// What is typed at the first start.
#[derive(Clone, Default)]
pub struct SetUp {
    /// The token from the console.
    pub token: String,
    /// Name of the office that runs this installation.
    pub office_name: String,
    /// Code of its region.
    pub region: String,
    /// What the administrator will type to sign in.
    pub login: String,
    /// His name.
    pub name: String,
    /// His password.
    pub password: String,
}

/// Whether there is no account yet.
///
/// # Errors
/// When the database cannot be read.
pub fn set_up_needed(app: &App) -> Outcome<bool> {
    Ok(!app.store.read(account_any)?)
}

/// A token for the first start, to be printed on the console; `None` when there is an account. A new one replaces the
/// one before. Only its hash is kept.
///
/// # Errors
/// When the database cannot be written.
pub fn set_up_token(app: &App) -> Outcome<Option<String>> {
    if !set_up_needed(app)? {
        return Ok(None);
    }
    let token = hex(&entropy::bytes::<16>(app.entropy.as_ref()));
    let kept = hex(&token_hash(token.as_bytes()));
    app.store.write(move |tx| ledger::setting_set(tx, SETTING, &kept))?;
    Ok(Some(token))
}

/// Makes the first office and its administrator, and uses the token up.
///
/// # Errors
/// With every problem; `set-up.token` when the token is not the one on the console; conflict when somebody was faster.
pub fn set_up(app: &App, asked: &SetUp) -> Outcome<()> {
    let kept = hex(&token_hash(asked.token.trim().as_bytes()));
    // Before anything costly: whoever has no token learns nothing and makes no work.
    let expected = app.store.read(|tx| ledger::setting(tx, SETTING))?;
    if !set_up_needed(app)? || expected.as_deref() != Some(kept.as_str()) {
        return Err(refused("set-up.token", "token", &[]));
    }
    let (office, account) = first_rows(app, asked)?;
    app.store.write(move |tx| {
        if account_any(tx)? || !ledger::setting_take(tx, SETTING, &kept)? {
            return Err(AppError::Conflict);
        }
        office_insert(tx, &office)?;
        insert(tx, &account)
    })?;
    app.reload_offices()?;
    tracing::info!("the installation was set up");
    Ok(())
}

fn first_rows(app: &App, asked: &SetUp) -> Outcome<(OfficeRow, AccountRow)> {
    let title = parse_title(&asked.office_name).map_err(|problem| problem.at("office_name"));
    let region = parse_region(app, &asked.region).map_err(|problem| problem.at("region"));
    let login = parse_login(&asked.login).map_err(|problem| problem.at("login"));
    let name = PersonName::parse(&asked.name).map_err(|problem| problem.at("name"));
    let secret = password::check(&asked.password, &[asked.login.trim(), asked.name.trim()])
        .map_err(|problem| problem.at("password"));
    let (title, region, login, name) = match (title, region, login, name, secret) {
        (Ok(title), Ok(region), Ok(login), Ok(name), Ok(())) => (title, region, login, name),
        (title, region, login, name, secret) => {
            let problems = [title.err(), region.err(), login.err(), name.err(), secret.err()];
            return Err(Refusal::Answers(problems.into_iter().flatten().collect()).into());
        }
    };
    let office =
        OfficeRow { id: app.fresh(OfficeId::new), parent: None, region, authority: "rs".to_owned(), name: title };
    let id = app.fresh(AccountId::new);
    let account = AccountRow {
        login,
        role: Role::RegionalAdmin.key().to_owned(),
        person: None,
        employer: None,
        office: Some(office.id.clone()),
        display: people::seal_display(app, &id, name.as_str())?,
        assurance: Assurance::Code.key().to_owned(),
        password: Some(app.passwords.hash(&asked.password, app.entropy.as_ref())?),
        code_hash: None,
        code_until: None,
        code_by: None,
        disabled: false,
        created_at: app.micros(),
        id,
    };
    Ok((office, account))
}
