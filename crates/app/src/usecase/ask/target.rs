//! The registration somebody asks about: whether he may, whose it is, and the draft that begins the asking.

use std::collections::BTreeSet;

use banjie_domain::act::Act;
use banjie_domain::actor::Principal;
use banjie_domain::authorize::{Action, Resource, authorize};
use banjie_domain::id::{DraftId, RegistrationId};
use banjie_domain::identity::{CitizenId, Sex};
use banjie_domain::policy::Fact;
use banjie_domain::refusal::Refusal;
use banjie_domain::registration::{self, Hold, Registration};
use banjie_domain::registration_type::Details;
use banjie_store::people;
use jiff::civil::Date;

use crate::app::App;
use crate::error::{AppError, Outcome, fault};
use crate::papers::revision_row;
use crate::people::open_profile;
use crate::record::{self, Past};
use crate::usecase::draft::{self, Draft, DraftBody, Purpose, Start};
use crate::usecase::submit::standing;

/// A registration as an ask needs it.
pub(super) struct Target {
    pub past: Past<Registration>,
    pub details: Details,
    pub name: String,
    pub born: Option<(Date, Sex)>,
    pub facts: BTreeSet<Fact>,
}

impl Target {
    /// The day before which nothing can end: of the time on the site, where there is one, else of the registration.
    pub fn first_day(&self) -> Date {
        let state = &self.past.state;
        state.on_site().map_or(state.file().started_on, |period| period.from)
    }
}

/// Reads the registration somebody asks about, and asks whether he may.
pub(super) fn target(app: &App, who: &Principal, id: &RegistrationId) -> Outcome<Target> {
    let wanted = id.clone();
    let (past, details, person, employer) = app.store.read(move |tx| -> Outcome<_> {
        let past = record::registration_past(tx, &wanted)?.ok_or(AppError::NotFound)?;
        let file = past.state.file();
        let details = revision_row(tx, &file.details.id)?;
        let person =
            people::person_find(tx, &file.person)?.ok_or_else(|| fault("a registration without its person"))?;
        let employer = file.employer.as_ref().map(|id| people::employer_find(tx, id)).transpose()?.flatten();
        Ok((past, details, person, employer))
    })?;
    let file = past.state.file();
    let resource = Resource {
        person: Some(file.person.clone()),
        employer: file.employer.clone(),
        office: Some(file.office.clone()),
        applicant: None,
    };
    authorize(who, Action::CaseAsk, &resource)?;
    let profile = open_profile(app, &person)?;
    let born = CitizenId::parse(&profile.document_number, app.today()).ok().map(|id| (id.birth_date(), id.sex()));
    let facts = match employer.as_ref().map(|unit| unit.standing.as_str()) {
        Some("dissolved") => BTreeSet::from([Fact::EmployerDissolved]),
        Some("licence-revoked") => BTreeSet::from([Fact::EmployerLicenceRevoked]),
        _ => BTreeSet::new(),
    };
    if who.employer().is_some() && !facts.is_empty() {
        return Err(Refusal::UnitClosed.into());
    }
    let details: Details = app.open_revision(&details)?;
    // An employer reads the name it typed, never the one that is held of the person (ADR 0012).
    let typed = details.get("name").filter(|_| who.employer().is_some()).map(str::to_owned);
    Ok(Target { name: typed.unwrap_or(profile.name), details, past, born, facts })
}

/// Starts asking for an act on a registration; the draft there is already is taken up again.
///
/// # Errors
/// [`Refusal::CaseOpen`] when a case is open on it, [`Refusal::ActNotOpen`] when nothing can be asked of it.
pub fn start(app: &App, who: &Principal, id: &RegistrationId) -> Outcome<DraftId> {
    let drafts = draft::list(app, who)?;
    let same = |draft: &Draft| {
        draft.purpose == Purpose::Ask && draft.registration.as_ref() == Some(id) && draft.case.is_none()
    };
    let known = drafts.into_iter().find(same);
    let target = askable(app, who, id)?;
    match known {
        Some(known) => Ok(known.id),
        None => make(app, who, &target),
    }
}

/// Starts asking for an act on a registration in a draft of its own.
///
/// # Errors
/// As [`start`].
pub(in crate::usecase) fn begin(app: &App, who: &Principal, id: &RegistrationId) -> Outcome<DraftId> {
    make(app, who, &askable(app, who, id)?)
}

fn make(app: &App, who: &Principal, target: &Target) -> Outcome<DraftId> {
    let file = target.past.state.file();
    let body = DraftBody { kind: file.kind.clone(), ..DraftBody::default() };
    draft::make(app, who, &Start { purpose: Purpose::Ask, registration: Some(file.id.clone()), case: None, body })
}

/// A registration of which something can be asked now.
fn askable(app: &App, who: &Principal, id: &RegistrationId) -> Outcome<Target> {
    let target = target(app, who, id)?;
    let (status, hold) = (target.past.state.status(), target.past.state.hold());
    if hold != Hold::None {
        return Err(Refusal::CaseOpen.into());
    }
    let applicant = standing(who).ok_or(AppError::NotFound)?;
    if registration::offers(status, hold, applicant).is_empty() {
        return Err(Refusal::ActNotOpen { status: status.key() }.into());
    }
    Ok(target)
}

/// Whose registration an ask is about, and what can be asked of it, as its pages say it.
#[derive(Debug, Clone)]
pub struct About {
    /// The person's name.
    pub name: String,
    /// The registration's number, ungrouped.
    pub number: String,
    /// The acts its status allows this applicant, an open case aside.
    pub acts: &'static [Act],
}

/// Says whose registration a draft is about.
///
/// # Errors
/// [`AppError::NotFound`] when it is not there, or not his to ask about.
pub fn about(app: &App, who: &Principal, id: &RegistrationId) -> Outcome<About> {
    let target = target(app, who, id)?;
    let applicant = standing(who).ok_or(AppError::NotFound)?;
    Ok(About {
        number: target.past.state.file().number.clone(),
        acts: registration::offers(target.past.state.status(), Hold::None, applicant),
        name: target.name,
    })
}
