//! What anybody may know before beginning: how long it takes here.

use std::collections::BTreeSet;

use banjie_domain::act::{Act, ApplicantKind};
use banjie_domain::policy::{DayKey, RuleFacts};

use crate::app::App;
use crate::error::Outcome;

/// What the office of the front page promises for the most usual matter: an employer ends a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usual {
    /// Promised working days, from acceptance.
    pub promise: u32,
    /// Working days at the most.
    pub legal: u32,
    /// Days after the end within which an employer has to file.
    pub end_window: u32,
}

/// The usual matter today; none before an office is set up.
///
/// # Errors
/// When the region has no rules.
pub fn usual(app: &App) -> Outcome<Option<Usual>> {
    let Some(office) = app.front_office() else { return Ok(None) };
    let policy = app.rules.policy(&office.region, app.today())?;
    let facts = BTreeSet::new();
    let case = RuleFacts {
        type_key: "employer",
        act: Act::End,
        reason: None,
        applicant: ApplicantKind::Employer,
        facts: &facts,
    };
    let days = |key| policy.days(key, &case).value;
    Ok(Some(Usual { promise: days(DayKey::Promise), legal: days(DayKey::Legal), end_window: days(DayKey::WindowEnd) }))
}
