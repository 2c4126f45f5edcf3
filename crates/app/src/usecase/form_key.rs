//! The key that makes a second press of the same button harmless.
//!
//! A page carries a fresh random key; what was answered to it is kept, sealed, in the transaction that did the work.
//! The same key with the same body gets the same answer; with another body it is refused.

use banjie_domain::actor::Principal;
use banjie_domain::history::Hash;
use banjie_domain::refusal::Refusal;
use banjie_store::ledger::{self, AnswerRow};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::entropy;
use crate::error::{AppError, Outcome, fault};
use crate::seal::Place;

/// Bytes of a key with the id of an item behind it.
const MOST: usize = 100;

/// The key of one form, and the fingerprint of what came with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormKey {
    /// The random text of the page.
    pub key: String,
    /// SM3 of what the form said, without the words that may change between two tries.
    pub fingerprint: [u8; 32],
}

impl FormKey {
    /// The key that came with a body.
    #[must_use]
    pub fn of(key: &str, raw_body: &[u8]) -> Self {
        Self { key: key.to_owned(), fingerprint: *Hash::of(raw_body).as_bytes() }
    }
}

impl FormKey {
    /// The key of one item of a list that came with one form, and what the form said of this item: other items of the
    /// same page may be sent before and after.
    #[must_use]
    pub fn of_one(&self, item: &str, said: &[&str]) -> Self {
        Self { key: format!("{}.{item}", self.key), fingerprint: *Hash::of(said.join("\n").as_bytes()).as_bytes() }
    }

    /// A page's key is never empty and never long. A form without one was not made by this service, and an empty key
    /// would be everybody's.
    fn is_whole(&self) -> bool {
        let page = self.key.split('.').next().unwrap_or_default();
        !page.is_empty() && self.key.len() <= MOST && self.key.bytes().all(|sign| sign.is_ascii_graphic())
    }
}

/// A fresh key for a page.
#[must_use]
pub fn new_form_key(app: &App) -> String {
    entropy::bytes::<16>(app.entropy.as_ref()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn place<'a>(actor: &'a str, key: &'a str) -> Place<'a> {
    Place { table: "answers", row: key, column: actor }
}

/// What was answered to this key before.
///
/// # Errors
/// [`Refusal::KeyUsed`] when the key came with another body then; [`Refusal::MovedMeanwhile`] when it is none: the page
/// is to be opened again.
pub(super) fn answered<T: DeserializeOwned>(
    app: &App,
    who: &Principal,
    route: &'static str,
    key: &FormKey,
) -> Outcome<Option<T>> {
    if !key.is_whole() {
        return Err(AppError::Refused(Refusal::MovedMeanwhile));
    }
    let (actor, text) = (who.account.as_str().to_owned(), key.key.clone());
    let Some(row) = app.store.read(move |tx| ledger::answer_find(tx, &actor, route, &text))? else {
        return Ok(None);
    };
    if row.fingerprint != key.fingerprint {
        return Err(AppError::Refused(Refusal::KeyUsed));
    }
    let plain = app.answers.open(place(who.account.as_str(), &key.key), &row.body)?;
    serde_json::from_slice(&plain).map(Some).map_err(|_| fault("a kept answer cannot be read"))
}

/// The row that keeps an answer.
///
/// # Errors
/// When it cannot be sealed.
pub(super) fn answer<T: Serialize>(
    app: &App,
    who: &Principal,
    route: &'static str,
    key: &FormKey,
    value: &T,
) -> Outcome<AnswerRow> {
    let plain = serde_json::to_vec(value).map_err(|_| fault("an answer cannot be written"))?;
    Ok(AnswerRow {
        actor: who.account.as_str().to_owned(),
        route: route.to_owned(),
        key: key.key.clone(),
        fingerprint: key.fingerprint.to_vec(),
        body: app.answers.seal(place(who.account.as_str(), &key.key), &plain, app.entropy.as_ref())?,
        created_at: app.micros(),
    })
}

/// Does something once per key. When it turns out that the same key was answered meanwhile, that answer counts: a
/// double click races with itself, and a COMMIT whose outcome is unknown is settled by looking the key up.
pub(super) fn once<T: DeserializeOwned>(
    app: &App,
    who: &Principal,
    route: &'static str,
    key: &FormKey,
    work: impl FnOnce() -> Outcome<T>,
) -> Outcome<T> {
    if let Some(before) = answered(app, who, route, key)? {
        return Ok(before);
    }
    match work() {
        Ok(done) => Ok(done),
        Err(error) => match answered(app, who, route, key) {
            Ok(Some(before)) => Ok(before),
            _ => Err(error),
        },
    }
}
