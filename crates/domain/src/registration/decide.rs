//! What may happen to a registration next, and why not.

use jiff::civil::Date;

use crate::act::{Act, ApplicantKind};
use crate::history::RevisionRef;
use crate::refusal::Refusal;

use super::event::RegistrationEvent;
use super::state::{Hold, LegalStatus, Registered, Registration};

/// Which acts this kind of applicant may ask for on a registration in this state: the one table.
///
/// A hold of any kind closes every act until it is lifted; that is said on the page, with the open case.
#[must_use]
pub fn offers(status: LegalStatus, hold: Hold, applicant: ApplicantKind) -> &'static [Act] {
    use ApplicantKind as A;
    use LegalStatus as S;
    if hold != Hold::None {
        return &[];
    }
    match (status, applicant) {
        (S::Valid, A::Employer | A::Person | A::Counter) => &[Act::End, Act::Close, Act::Revoke, Act::Correct],
        // What ended in law can still turn out never to have been.
        (S::Ended | S::Closed, A::Employer | A::Person | A::Counter) => &[Act::Revoke],
        _ => &[],
    }
}

/// Which status may follow which (domain table of the six acts). 进场 and 退场 have their own rule, in `period`.
pub(super) const fn can_become(from: LegalStatus, to: LegalStatus) -> bool {
    use LegalStatus as S;
    matches!((from, to), (S::Valid, S::Ended | S::Closed | S::Revoked) | (S::Ended | S::Closed, S::Revoked))
}

/// What a decided case asks a registration to become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The act that was granted.
    pub act: Act,
    /// Its reason code; empty for 登记, which has none.
    pub reason: String,
    /// The day it is true from, as declared and checked.
    pub on: Date,
}

/// A new registration, filed by a case that is still to be decided.
#[must_use]
pub fn decide_filed(file: &Registered) -> RegistrationEvent {
    RegistrationEvent::Filed {
        id: file.id.clone(),
        number: file.number.clone(),
        kind: file.kind.clone(),
        person: file.person.clone(),
        employer: file.employer.clone(),
        office: file.office.clone(),
        project: file.project.clone(),
        started_on: file.started_on,
        details: file.details.clone(),
    }
}

/// A case was filed on the registration: nothing else may be asked until it ends.
///
/// # Errors
/// When another case is open, or the status does not allow the act.
pub fn decide_hold(state: &Registration, act: Act, applicant: ApplicantKind) -> Result<RegistrationEvent, Refusal> {
    if state.hold() != Hold::None {
        return Err(Refusal::CaseOpen);
    }
    if !offers(state.status(), state.hold(), applicant).contains(&act) {
        return Err(Refusal::ActNotOpen { status: state.status().key() });
    }
    Ok(RegistrationEvent::Held {})
}

/// A registration that was only filed waits for the decision of its own case.
#[must_use]
pub const fn decide_hold_filed() -> RegistrationEvent {
    RegistrationEvent::Held {}
}

/// The case ended without being granted: the hold is lifted, and a record that was only filed is void.
#[must_use]
pub fn decide_release(state: &Registration) -> Option<RegistrationEvent> {
    match (state.status(), state.hold()) {
        (LegalStatus::Pending, _) => Some(RegistrationEvent::Voided {}),
        (_, Hold::Case) => Some(RegistrationEvent::Released {}),
        _ => None,
    }
}

/// 更正 was granted: what the record should have read from its first day on, which is the day the effect counts from.
///
/// # Errors
/// When the record is not 有效 any more: what has ended is not rewritten.
pub fn decide_correction(
    state: &Registration,
    started_on: Date,
    details: RevisionRef,
) -> Result<(RegistrationEvent, Date), Refusal> {
    match state.status() {
        LegalStatus::Valid => Ok((RegistrationEvent::Corrected { started_on, details }, started_on)),
        status => Err(Refusal::ActNotOpen { status: status.key() }),
    }
}

/// The case was granted: the effect of its act, and the day that effect counts from. 更正 has [`decide_correction`].
///
/// # Errors
/// When the status no longer allows it.
pub fn decide_effect(state: &Registration, cause: &Cause) -> Result<(RegistrationEvent, Date), Refusal> {
    let reason = cause.reason.clone();
    let (event, to, on) = match cause.act {
        // Whoever ends a record on a site ends the time on it.
        Act::End if state.on_site().is_some() => (RegistrationEvent::Exited { reason }, LegalStatus::Ended, cause.on),
        Act::End => (RegistrationEvent::Ended { reason }, LegalStatus::Ended, cause.on),
        Act::Close => (RegistrationEvent::Closed { reason }, LegalStatus::Closed, cause.on),
        // 撤销 reaches back: the record is void from its first day, whatever day the fact became known.
        Act::Revoke => (RegistrationEvent::Revoked { reason }, LegalStatus::Revoked, state.file().started_on),
        Act::Register if state.status() == LegalStatus::Pending => {
            return Ok((RegistrationEvent::TookEffect {}, state.file().started_on));
        }
        Act::Register | Act::Correct | Act::Void | Act::Reinstate => {
            return Err(Refusal::ActNotOpen { status: state.status().key() });
        }
    };
    if can_become(state.status(), to) {
        Ok((event, on))
    } else {
        Err(Refusal::ActNotOpen { status: state.status().key() })
    }
}
