//! Webhooks: the addresses at which the systems of persons and employers want to be told of what happened.
//!
//! A webhook hears what its person or employer is told: the key of the message and the ids it is about, never a name or
//! number of a person; what it means is asked for with a key. Signed as Standard Webhooks says, so that receivers check
//! it with a library. What is to be told is written in the transaction that made the message ([`notice_insert`]) and
//! carried by workers of its own ([`tell`]).
//!
//! [`notice_insert`]: banjie_store::notices::notice_insert

use banjie_domain::actor::Principal;
use banjie_domain::id::{NoticeId, WebhookId};
use banjie_domain::problem::Problem;
use banjie_domain::refusal::Refusal;
use banjie_store::accounts::account_find;
use banjie_store::webhooks::{self as rows, Party, WebhookRow};
use base64ct::{Base64, Encoding as _};
use serde_json::json;
use ureq::http::Uri;

use crate::app::App;
use crate::entropy;
use crate::error::{AppError, Outcome};
use crate::seal::Place;

mod call;
mod reach;
pub mod tell;
#[cfg(test)]
mod tests;

pub use call::{Caller, Unheard};
pub use reach::Reach;

use call::Letter;
use reach::HTTPS;

/// What every secret begins with (Standard Webhooks).
const SECRET: &str = "whsec_";
/// Webhooks of one person or employer that are called.
const MOST: i64 = 5;
/// Stopped ones that are still shown.
const REMEMBERED: u32 = 10;
/// How far what waits is counted.
const COUNTED: u32 = 1000;
/// Bytes of an address.
const LONGEST: usize = 500;
/// Between two tries by hand, microseconds.
const BREATH: i64 = 10_000_000;
/// The type of a letter that tells nothing.
const TEST: &str = "test";

/// A new webhook: the only time its secret is seen.
#[derive(Clone, PartialEq, Eq)]
pub struct Made {
    /// The webhook.
    pub id: WebhookId,
    /// What a receiver checks signatures with.
    pub secret: String,
}

/// One as its holder sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// The webhook.
    pub id: WebhookId,
    /// The address.
    pub address: String,
    /// When it was last called, microseconds.
    pub called_at: Option<i64>,
    /// What came of that: `heard`, or the key of an [`Unheard`].
    pub outcome: Option<String>,
    /// How often in a row it could not be told.
    pub failed: i64,
    /// How many things it has still to be told, counted to 1,000.
    pub waiting: i64,
    /// When it is called again, microseconds.
    pub due_at: i64,
    /// Since when it is not called any more, microseconds.
    pub stopped_at: Option<i64>,
    /// Why not: `holder`, `failing`, `behind`, `goodbye`, `shut-out`.
    pub stopped_why: Option<String>,
}

/// What came of a try by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// It was heard.
    Heard,
    /// It was not.
    Unheard(Unheard),
    /// It was called a moment ago, so nothing was sent.
    TooSoon,
}

/// Whether this account is told things, so that a webhook has something to hear.
#[must_use]
pub fn may_have(who: &Principal) -> bool {
    Party::of(&who.standing).is_some()
}

fn party(who: &Principal) -> Outcome<Party> {
    Party::of(&who.standing).ok_or(AppError::NotFound)
}

fn address_place(id: &WebhookId) -> Place<'_> {
    Place { table: "webhooks", row: id.as_str(), column: "address" }
}

fn secret_place(id: &WebhookId) -> Place<'_> {
    Place { table: "webhooks", row: id.as_str(), column: "secret" }
}

/// The address that was typed, when it may be called.
fn address(app: &App, typed: &str) -> Result<String, Problem> {
    let typed = typed.trim();
    if typed.len() > LONGEST {
        return Err(Problem::new("webhook.address"));
    }
    let uri: Uri = typed.parse().map_err(|_| Problem::new("webhook.address"))?;
    let (host, port) = host_of(&uri).ok_or_else(|| Problem::new("webhook.address"))?;
    if app.caller.allows(host, port) {
        return Ok(typed.to_owned());
    }
    let shown = if port == HTTPS { host.to_owned() } else { format!("{host}:{port}") };
    Err(Problem::new("webhook.host").with("host", shown))
}

/// Host and port of a whole https address without account.
fn host_of(uri: &Uri) -> Option<(&str, u16)> {
    let (authority, host) = (uri.authority()?, uri.host().filter(|host| !host.is_empty())?);
    let port = match authority.as_str().strip_prefix(host)? {
        "" => HTTPS,
        rest => rest.strip_prefix(':')?.parse().ok()?,
    };
    (uri.scheme_str() == Some("https")).then_some((host, port))
}

/// Sets one up for what one's own person or employer is told.
///
/// # Errors
/// With every problem at its field; not found for an office, and where nothing is called.
pub fn make(app: &App, who: &Principal, typed: &str) -> Outcome<Made> {
    let party = party(who)?;
    if !app.caller.is_on() {
        return Err(AppError::NotFound);
    }
    let refuse = |problem: Problem| AppError::Refused(Refusal::Answers(vec![problem.at("address")]));
    let address = address(app, typed).map_err(refuse)?;
    // Two secrets for one address, of which one is lost, would look like letters from a stranger.
    if list(app, who)?.iter().any(|one| one.stopped_at.is_none() && one.address == address) {
        return Err(refuse(Problem::new("webhook.twice")));
    }
    let (id, secret, now) = (app.fresh(WebhookId::new), entropy::bytes::<32>(app.entropy.as_ref()), app.micros());
    let row = WebhookRow {
        address: app.seal(address_place(&id), &address)?,
        secret: app.seal(secret_place(&id), &secret)?,
        id: id.clone(),
        account: who.account.clone(),
        person: who.person().cloned(),
        employer: who.employer().cloned(),
        created_at: now,
        due_at: now,
        failed: 0,
        called_at: None,
        outcome: None,
        stopped_at: None,
        stopped_why: None,
    };
    app.store.write(move |tx| -> Outcome<()> {
        // Whoever is shut out meanwhile sets none up any more.
        let account = account_find(tx, &row.account)?;
        account.filter(|account| !account.disabled && account.code_hash.is_none()).ok_or(AppError::NotFound)?;
        if rows::webhook_called_count(tx, &party)? >= MOST {
            return Err(refuse(Problem::new("webhook.many").with("most", MOST.to_string())));
        }
        rows::webhook_forget(tx, &party, REMEMBERED)?;
        Ok(rows::webhook_insert(tx, &row)?)
    })?;
    tracing::info!(webhook = %id, account = %who.account, "a webhook was set up");
    Ok(Made { id, secret: format!("{SECRET}{}", Base64::encode_string(&secret)) })
}

/// Those of one's own person or employer, whoever set them up; those that are called first.
///
/// # Errors
/// Not found for an office.
pub fn list(app: &App, who: &Principal) -> Outcome<Vec<Webhook>> {
    let party = party(who)?;
    let found = app.store.read(move |tx| -> Outcome<_> {
        let rows = rows::webhook_list(tx, &party, 50)?;
        rows.into_iter().map(|row| Ok((rows::webhook_waiting(tx, &row.id, COUNTED)?, row))).collect::<Outcome<Vec<_>>>()
    })?;
    let shown = found.into_iter().map(|(waiting, row)| {
        Ok(Webhook {
            address: app.unseal(address_place(&row.id), &row.address)?,
            id: row.id,
            called_at: row.called_at,
            outcome: row.outcome,
            failed: row.failed,
            waiting,
            due_at: row.due_at,
            stopped_at: row.stopped_at,
            stopped_why: row.stopped_why,
        })
    });
    shown.collect()
}

/// Stops one of one's own; stopped already is stopped.
///
/// # Errors
/// Not found when it is not one's own.
pub fn stop(app: &App, who: &Principal, id: &WebhookId) -> Outcome<()> {
    own(app, who, id)?;
    let (party, id, now) = (party(who)?, id.clone(), app.micros());
    Ok(app.store.write(move |tx| rows::webhook_stop(tx, &party, &id, (now, "holder")))?)
}

/// Calls one of one's own with a letter that tells nothing, at once.
///
/// # Errors
/// Not found when it is not one's own or stopped.
pub fn try_out(app: &App, who: &Principal, id: &WebhookId) -> Outcome<Tried> {
    let row = own(app, who, id)?;
    if row.stopped_at.is_some() {
        return Err(AppError::NotFound);
    }
    // Taken before the call: of two presses at once one calls.
    let (mine, now) = (id.clone(), app.micros());
    if !app.store.write(move |tx| rows::webhook_try(tx, &mine, (now, BREATH)))? {
        return Ok(Tried::TooSoon);
    }
    let letter = Letter {
        id: app.fresh(NoticeId::new).to_string(),
        at: app.now().as_second(),
        body: json!({ "type": TEST, "timestamp": app.now(), "data": {} }).to_string(),
    };
    let heard = call(app, &row, &letter);
    let (id, now, outcome, well) = (id.clone(), app.micros(), outcome(heard), heard.is_ok());
    app.store.write(move |tx| rows::webhook_tried(tx, &id, (now, &outcome), well))?;
    Ok(heard.map_or_else(Tried::Unheard, |()| Tried::Heard))
}

fn own(app: &App, who: &Principal, id: &WebhookId) -> Outcome<WebhookRow> {
    let (party, id) = (party(who)?, id.clone());
    app.store.read(move |tx| rows::webhook_find(tx, &party, &id))?.ok_or(AppError::NotFound)
}

fn call(app: &App, row: &WebhookRow, letter: &Letter) -> Result<(), Unheard> {
    let address: Outcome<String> = app.unseal(address_place(&row.id), &row.address);
    let secret: Outcome<[u8; 32]> = app.unseal(secret_place(&row.id), &row.secret);
    match (address, secret) {
        (Ok(address), Ok(secret)) => app.caller.post(&address, &secret, letter),
        (Err(error), _) | (_, Err(error)) => {
            tracing::error!(webhook = %row.id, %error, "a webhook cannot be opened");
            Err(Unheard::Ours)
        }
    }
}

fn outcome(heard: Result<(), Unheard>) -> String {
    heard.map_or_else(Unheard::key, |()| "heard".to_owned())
}
