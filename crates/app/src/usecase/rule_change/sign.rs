//! The second signature, and taking one back.

use std::sync::Arc;

use banjie_domain::actor::{Principal, Role};
use banjie_domain::id::{AccountId, RuleChangeId};
use banjie_domain::problem::Problem;
use banjie_domain::refusal::Refusal;
use banjie_store::accounts::{AccountRow, account_find};
use banjie_store::db::Tx;
use banjie_store::error::StoreError;
use banjie_store::ledger::setting_set;
use banjie_store::rule_changes::{self as rows, RuleChangeRow};
use jiff::civil::Date;

use super::desk::tried;
use super::{Stage, as_signed, closed_until, find, follow, region, signed};
use crate::app::App;
use crate::error::{AppError, Outcome, fault};
use crate::rules::SignedChange;

/// The setting that names what was signed or withdrawn last: writing it makes the others wait.
const LAST: &str = "rules.last-change";

/// What is signed, read while nobody else can sign or withdraw.
fn signed_in_turn(tx: &mut dyn Tx, id: &RuleChangeId) -> Result<Vec<RuleChangeRow>, StoreError> {
    setting_set(tx, LAST, id.as_str())?;
    signed(tx)
}

fn changes(rows: &[RuleChangeRow]) -> Outcome<Vec<SignedChange>> {
    rows.iter().map(as_signed).collect()
}

fn wrong(code: &'static str, field: &str) -> Refusal {
    Refusal::Answers(vec![Problem::new(code).at(field)])
}

/// What keeps a draft from being signed, its text aside. `open_from` is the first day for which rules may change.
fn obstacle(app: &App, row: &RuleChangeRow, all: &[RuleChangeRow], closed: Date) -> Outcome<Option<Refusal>> {
    let later = all.iter().any(|other| other.region == row.region && other.from > row.from);
    let base = app.rules.pack_text(&region(row)?, row.from).unwrap_or_default();
    Ok(match () {
        () if row.from <= closed => Some(wrong("rules.from-past", "from")),
        () if row.why.is_empty() => Some(wrong("rules.why-empty", "why")),
        () if later => Some(Refusal::RulesLater),
        () if base != row.base => Some(Refusal::RulesMoved),
        () if row.body == row.base => Some(wrong("rules.same", "body")),
        () => None,
    })
}

/// What keeps a draft from being signed now, its text aside.
///
/// # Errors
/// When the database cannot be read.
pub(super) fn obstacle_now(app: &App, row: &RuleChangeRow) -> Outcome<Option<Refusal>> {
    let all = app.store.read(signed)?;
    obstacle(app, row, &all, closed_until(app.now()))
}

/// Whoever handed an account its code, and whoever handed him his, and so on; the account itself first.
fn keyed_by(tx: &mut dyn Tx, id: &AccountId) -> Outcome<Vec<AccountRow>> {
    let mut chain: Vec<AccountRow> = Vec::new();
    let mut next = Some(id.clone());
    while let Some(id) = next.filter(|id| !chain.iter().any(|row| row.id == *id)) {
        let row = account_find(tx, &id)?.ok_or_else(|| fault("an account is missing"))?;
        next = row.code_by.clone();
        chain.push(row);
    }
    Ok(chain)
}

/// Whether two administrators may be one hand: one of them, or a third who could sign himself, handed out the code of
/// the other. A system administrator, who keeps the machine, opens the first accounts of both.
fn one_hand(app: &App, one: &AccountId, other: &AccountId) -> Outcome<bool> {
    let (first, second) = (one.clone(), other.clone());
    app.store.read(move |tx| {
        let (first, second) = (keyed_by(tx, &first)?, keyed_by(tx, &second)?);
        let signs = |row: &AccountRow| row.role == Role::RegionalAdmin.key();
        Ok(first.iter().any(|row| signs(row) && second.iter().any(|one| one.id == row.id)))
    })
}

/// Signs another's draft into force from its day. `version` is the draft as the signer read it.
///
/// # Errors
/// Not found when its region is not his; a refusal when he drafted it himself or could have, when its day has come, when
/// it is not sound, or when the rules it was made from are others by now; conflict when it is another text meanwhile.
pub fn sign(app: &App, who: &Principal, id: &RuleChangeId, version: u64) -> Outcome<()> {
    let row = find(app, who, id)?;
    if row.signed_by.as_ref() == Some(&who.account) && row.version == version {
        // The button was pressed twice: it is done.
        return Ok(());
    }
    if one_hand(app, &row.drafted_by, &who.account)? {
        return Err(Refusal::SameAdministrator.into());
    }
    match Stage::of(&row, app.today()) {
        Stage::Draft if row.version == version => {}
        Stage::Draft => return Err(AppError::Conflict),
        _ => return Err(Refusal::RulesMoved.into()),
    }
    // What others signed meanwhile in another process counts too.
    follow(app)?;
    // Read before anything is judged by it: what is signed from here on makes this signature start again.
    let known = app.rules.signed();
    if let Some(refusal) = obstacle_now(app, &row)? {
        return Err(refusal.into());
    }
    tried(app, &row)?.map_err(Refusal::Answers)?;
    let (change, by, clock) = (row.clone(), who.account.clone(), Arc::clone(&app.clock));
    app.store.write(move |tx| -> Outcome<()> {
        let all = signed_in_turn(tx, &change.id)?;
        // Everything above was judged by the changes that were known then.
        if changes(&all)? != known {
            return Err(AppError::Conflict);
        }
        let now = clock.now();
        if change.from <= closed_until(now) {
            return Err(wrong("rules.from-past", "from").into());
        }
        let done = rows::rule_change_sign(tx, &change.id, version, (&by, now.as_microsecond()))?;
        if done { Ok(()) } else { Err(AppError::Conflict) }
    })?;
    tracing::info!(change = %row.id, by = %who.account, from = %row.from, "a change of rules was signed");
    follow(app).map(drop)
}

/// Takes a change back: a draft, or one whose day has not come.
///
/// # Errors
/// Not found when its region is not his; a refusal when its day has come, or another signed change rests on it; conflict
/// when somebody was faster.
pub fn withdraw(app: &App, who: &Principal, id: &RuleChangeId) -> Outcome<()> {
    let row = find(app, who, id)?;
    if Stage::of(&row, app.today()) == Stage::Withdrawn {
        return Ok(());
    }
    follow(app)?;
    let all = app.store.read(signed)?;
    let is_signed = all.iter().any(|one| one.id == row.id);
    if is_signed {
        if row.from <= closed_until(app.now()) {
            return Err(Refusal::RulesInForce.into());
        }
        let rest: Vec<_> = all.iter().filter(|one| one.id != row.id).cloned().collect();
        // One for a later day, or one that was made from this text for the same day.
        let after = |one: &RuleChangeRow| one.from > row.from || one.base == row.body;
        let built_on = rest.iter().any(|one| one.region == row.region && after(one));
        if built_on || !app.rules.flaws_with(changes(&rest)?, app.today()).is_empty() {
            return Err(Refusal::RulesLater.into());
        }
    }
    let (change, by, clock) = (row.id.clone(), who.account.clone(), Arc::clone(&app.clock));
    app.store.write(move |tx| -> Outcome<()> {
        // What was judged above is what is withdrawn: nobody signed, or signed it, meanwhile.
        if signed_in_turn(tx, &change)? != all {
            return Err(AppError::Conflict);
        }
        let now = clock.now();
        if is_signed && row.from <= closed_until(now) {
            return Err(Refusal::RulesInForce.into());
        }
        let done = rows::rule_change_withdraw(tx, &change, (&by, now.as_microsecond()))?;
        if done { Ok(()) } else { Err(AppError::Conflict) }
    })?;
    tracing::info!(change = %id, by = %who.account, "a change of rules was withdrawn");
    follow(app).map(drop)
}
