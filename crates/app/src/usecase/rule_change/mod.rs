//! Changing the rules of a region: one administrator drafts, another signs them into force from a day.
//!
//! A day that has begun keeps its rules: a change begins tomorrow at the earliest. Nobody signs his own draft, nor a
//! text that was made from rules that are others by now.

mod desk;
mod sign;
#[cfg(test)]
mod tests;

use banjie_domain::actor::{Principal, Standing};
use banjie_domain::authorize::{Action, Permit, Resource, authorize};
use banjie_domain::clock::legal_date;
use banjie_domain::id::{OfficeId, RuleChangeId};
use banjie_domain::policy::{PolicyError, RegionCode};
use banjie_domain::registration_type::{Authority, DIVISIONS};
use banjie_store::db::Tx;
use banjie_store::error::StoreError;
use banjie_store::people::OfficeRow;
use banjie_store::rule_changes::{self as rows, RuleChangeRow};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::app::App;
use crate::error::{AppError, Outcome, fault};
use crate::rules::SignedChange;

pub use desk::{DiffLine, Line, Opened, Review, Typed, lines, list, open, regions, review, save, start, trial};
pub use sign::{sign, withdraw};

/// How long before midnight nothing is signed or withdrawn for the day that follows.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);

/// How far a change has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Being written.
    Draft,
    /// Signed; its day is ahead.
    Ahead,
    /// Signed; its day has come. A later change of the same region may have taken its place.
    InForce,
    /// Taken back before its day, or never signed.
    Withdrawn,
}

impl Stage {
    /// Of a row, on a day.
    #[must_use]
    pub fn of(row: &RuleChangeRow, today: Date) -> Self {
        match (row.withdrawn_at, row.signed_at) {
            (Some(_), _) => Self::Withdrawn,
            (None, None) => Self::Draft,
            (None, Some(_)) if row.from > today => Self::Ahead,
            (None, Some(_)) => Self::InForce,
        }
    }

    /// The word used in locale keys.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Ahead => "ahead",
            Self::InForce => "in-force",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// The office of the labour authority among somebody's own through which a region's rules are his to change.
fn office_over(app: &App, who: &Principal, region: &str) -> Option<OfficeId> {
    let Standing::Offices { subtree, .. } = &who.standing else { return None };
    let above = app.rules.divisions_above(region);
    let over = |code: &str| code == region || above.iter().any(|one| one == code);
    let offices = app.offices();
    // A window below an office has the same region, and not its say.
    let is_window = |office: &OfficeRow| {
        let above = office.parent.as_ref().and_then(|id| offices.iter().find(|one| one.id == *id));
        above.is_some_and(|above| above.region == office.region)
    };
    let labour = offices.iter().filter(|office| office.authority == Authority::Labour.key());
    let mut mine = labour.filter(|office| subtree.contains(&office.id) && !is_window(office));
    mine.find(|office| over(&office.region)).map(|office| office.id.clone())
}

/// May he change the rules of this region?
fn permit(app: &App, who: &Principal, region: &str) -> Outcome<Permit> {
    let resource = Resource { office: office_over(app, who, region), ..Resource::default() };
    Ok(authorize(who, Action::RulesChange, &resource)?)
}

/// A change of a region that is his to change.
fn find(app: &App, who: &Principal, id: &RuleChangeId) -> Outcome<RuleChangeRow> {
    let wanted = id.clone();
    let row = app.store.read(move |tx| rows::rule_change_find(tx, &wanted))?.ok_or(AppError::NotFound)?;
    permit(app, who, &row.region)?;
    Ok(row)
}

fn region(row: &RuleChangeRow) -> Outcome<RegionCode> {
    RegionCode::parse(&row.region).map_err(|_| fault("region code cannot be read"))
}

fn as_signed(row: &RuleChangeRow) -> Outcome<SignedChange> {
    Ok(SignedChange { region: region(row)?, text: row.body.clone(), from: row.from })
}

/// The day before which no rule changes any more. A change that is signed at the last minute of a day would come into
/// force in other processes only after midnight, under a day that has begun.
fn closed_until(now: Timestamp) -> Date {
    legal_date(now.saturating_add(MARGIN).unwrap_or(now))
}

/// What is signed, in the order in which it comes into force.
fn signed(tx: &mut dyn Tx) -> Result<Vec<RuleChangeRow>, StoreError> {
    rows::rule_change_signed(tx)
}

/// Puts what was signed in force, here or by another process: whether that made a difference.
///
/// # Errors
/// When the signed changes do not hold together with the rule files; the rules in force stay.
pub fn follow(app: &App) -> Outcome<bool> {
    // Read while nobody else exchanges the rules: what was read before another's signature would take it back.
    let _alone = app.rules.alone();
    let rows = app.store.read(signed)?;
    let signed = rows.iter().map(as_signed).collect::<Outcome<Vec<_>>>()?;
    app.rules.follow_alone(signed, app.today()).map_err(|flaws| AppError::Fault(anyhow::anyhow!("{}", all(&flaws))))
}

fn all(flaws: &[PolicyError]) -> String {
    flaws.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// What a region is called, with those above it.
#[must_use]
pub fn region_name(app: &App, code: &str) -> String {
    let table = app.rules.types.codes(DIVISIONS);
    table.map_or_else(|| code.to_owned(), |table| table.full_label(code, "zh-CN"))
}
