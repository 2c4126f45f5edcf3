//! Where a registration's draft begins: from the list of types, or at a team of a building project.

use banjie_domain::actor::Principal;
use banjie_domain::id::{DraftId, TeamId};

use super::{DraftBody, Purpose, Start, make};
use crate::app::App;
use crate::error::Outcome;
use crate::usecase::{register, site};

/// Starts a new registration of a type.
///
/// # Errors
/// [`crate::error::AppError::NotFound`] when this account registers nothing of that type.
pub fn start_registration(app: &App, who: &Principal, kind: &str) -> Outcome<DraftId> {
    register::may_make(app, who, kind)?;
    let body = DraftBody::registering(kind, register::first_answers(app, who, kind)?);
    make(app, who, &Start { purpose: Purpose::Register, registration: None, case: None, body })
}

/// Starts a registration in a team of a building project.
///
/// # Errors
/// [`crate::error::AppError::NotFound`] when the team is not there, or another unit's.
pub fn start_worker(app: &App, who: &Principal, team: &TeamId) -> Outcome<DraftId> {
    site::own_team(app, who, team)?;
    let answers = register::first_answers(app, who, site::KIND)?;
    let body = DraftBody { team: Some(team.clone()), ..DraftBody::registering(site::KIND, answers) };
    make(app, who, &Start { purpose: Purpose::Register, registration: None, case: None, body })
}
