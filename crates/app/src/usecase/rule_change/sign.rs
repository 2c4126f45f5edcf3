//! The second signature.

use banjie_domain::actor::Principal;
use banjie_domain::id::RuleChangeId;
use banjie_domain::problem::Problem;
use banjie_domain::refusal::Refusal;
use banjie_store::db::Tx;
use banjie_store::error::StoreError;
use banjie_store::ledger::setting_set;
use banjie_store::rule_changes::{self as rows, RuleChangeRow};

use super::desk::{digest, tried};
use super::{Stage, as_signed, find, follow, region, signed};
use crate::app::App;
use crate::error::{AppError, Outcome};

/// The setting that names what was signed or withdrawn last: writing it makes the others wait.
const LAST: &str = "rules.last-change";

/// What is signed, read while nobody else can sign or withdraw.
pub(super) fn signed_in_turn(tx: &mut dyn Tx, id: &RuleChangeId) -> Result<Vec<RuleChangeRow>, StoreError> {
    setting_set(tx, LAST, id.as_str())?;
    signed(tx)
}

/// Signs another's draft into force from its day. `version` is the draft as the signer read it.
///
/// # Errors
/// Not found when its region is not his; a refusal when he drafted it himself, when its day has come, when it is not
/// sound, or when the rules it was made from are others by now; conflict when it is another text meanwhile.
pub fn sign(app: &App, who: &Principal, id: &RuleChangeId, version: u64) -> Outcome<()> {
    let row = find(app, who, id)?;
    if row.drafted_by == who.account {
        return Err(Refusal::SameAdministrator.into());
    }
    match Stage::of(&row, app.today()) {
        Stage::Draft if row.version == version => {}
        Stage::Draft => return Err(AppError::Conflict),
        _ => return Err(Refusal::RulesMoved.into()),
    }
    if row.from <= app.today() {
        return Err(Refusal::Answers(vec![Problem::new("rules.from-past").at("from")]).into());
    }
    if row.why.is_empty() {
        return Err(Refusal::Answers(vec![Problem::new("rules.why-empty").at("why")]).into());
    }
    // What others signed meanwhile in another process counts too.
    follow(app)?;
    if digest(app.rules.pack_text(&region(&row)?, row.from).as_deref()) != row.base {
        return Err(Refusal::RulesMoved.into());
    }
    tried(app, &row)?.map_err(Refusal::Answers)?;
    let known = app.rules.signed();
    let (change, by, at) = (row.clone(), who.account.clone(), app.micros());
    app.store.write(move |tx| -> Outcome<()> {
        let all = signed_in_turn(tx, &change.id)?;
        if all.iter().map(as_signed).collect::<Outcome<Vec<_>>>()? != known {
            return Err(AppError::Conflict);
        }
        if all.iter().any(|other| other.region == change.region && other.from > change.from) {
            return Err(Refusal::RulesLater.into());
        }
        if rows::rule_change_sign(tx, &change.id, version, (&by, at))? { Ok(()) } else { Err(AppError::Conflict) }
    })?;
    tracing::info!(change = %row.id, by = %who.account, from = %row.from, "a change of rules was signed");
    follow(app).map(drop)
}
