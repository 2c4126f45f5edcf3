//! Whom a registration is about: the person as far as the register knows him, his other work, and where it would be.

use banjie_domain::actor::Principal;
use banjie_domain::id::{EmployerId, PersonId};
use banjie_domain::identity::{CitizenId, IdentityDocument};
use banjie_domain::number::RegistrationNumber;
use banjie_domain::problem::Problem;
use banjie_domain::refusal::Refusal;
use banjie_domain::registration::LegalStatus;
use banjie_domain::registration_type::{RegistrationType, UniqueBy};
use banjie_store::people::{self, EmployerRow, PersonRow};
use banjie_store::registrations;

use crate::app::App;
use crate::error::{AppError, Outcome};
use crate::people::{ACTIVE, document_index, open_profile};
use crate::usecase::draft::DraftBody;
use crate::usecase::site::{self, Place};
use crate::usecase::submit::type_of;

/// Whom a registration is about, as far as it is known before it is made.
pub(super) struct Subject {
    /// The person, when the register knows him.
    pub person: Option<PersonRow>,
    /// The employer that registers.
    pub employer: Option<EmployerRow>,
    /// Where on a building project, for a registration on one.
    pub place: Option<Place>,
}

/// The same person with the same unit stands once (V20). The database refuses it too; here it is said while the form
/// is still open, with the number to look for.
pub(super) fn not_twice(app: &App, who: &Principal, kind: &RegistrationType, subject: &Subject) -> Outcome<()> {
    let Some(person) = subject.person.as_ref().map(|person| person.id.clone()) else { return Ok(()) };
    let (employer, key) = (who.employer().cloned(), kind.key().to_owned());
    let project = subject.place.as_ref().map(|place| place.project.id.clone());
    let standing = app.store.read(move |tx| {
        registrations::registration_standing(tx, &key, &person, (employer.as_ref(), project.as_ref()))
    })?;
    let Some(row) = standing else { return Ok(()) };
    let shown = RegistrationNumber::parse(&row.number).map_or(row.number, |number| number.grouped());
    let mut problem = kind.duplicate(&shown);
    if row.status == LegalStatus::Ended.key() {
        // Who was here before is entered again on the record that is there.
        problem.problem = Problem::new("site.was-here").with("number", shown);
    }
    Err(Refusal::Answers(vec![problem]).into())
}

pub(super) fn subject(app: &App, who: &Principal, body: &DraftBody) -> Outcome<Subject> {
    let index = document_typed(app, body).map(|document| document_index(app, &document));
    let (person, employer) = (who.person().cloned(), who.employer().cloned());
    let (person, employer) = app.store.read(move |tx| -> Outcome<_> {
        let person = match (person, index) {
            (Some(id), _) => people::person_find(tx, &id)?,
            (None, Some(index)) => people::person_find_by_document(tx, &index)?,
            (None, None) => None,
        };
        let employer = employer.map(|id| people::employer_find(tx, &id)).transpose()?.flatten();
        Ok((person, employer))
    })?;
    if employer.as_ref().is_some_and(|unit| unit.standing != ACTIVE) {
        return Err(Refusal::UnitClosed.into());
    }
    Ok(Subject { person, employer, place: place(app, who, body)? })
}

/// The team that is registered in. A type that is bound to a project needs one, the others have none.
fn place(app: &App, who: &Principal, body: &DraftBody) -> Outcome<Option<Place>> {
    let on_project = type_of(app, &body.kind)?.unique().contains(&UniqueBy::Project);
    match &body.team {
        Some(team) if on_project => site::own_team(app, who, team).map(Some),
        None if !on_project => Ok(None),
        _ => Err(AppError::NotFound),
    }
}

/// The identity document that was typed, once it can be read.
pub(super) fn document_typed(app: &App, body: &DraftBody) -> Option<IdentityDocument> {
    let answers = &body.answers;
    let country = Some(answers.get("document_country")).filter(|country| !country.is_empty());
    IdentityDocument::parse(answers.get("document_kind"), answers.get("document_number"), country, app.today()).ok()
}

pub(super) fn birth_date(app: &App, subject: &Subject) -> Outcome<Option<jiff::civil::Date>> {
    let Some(person) = &subject.person else { return Ok(None) };
    let profile = open_profile(app, person)?;
    Ok(CitizenId::parse(&profile.document_number, app.today()).ok().map(|id| id.birth_date()))
}

/// What the register knows of the person's other work of this type: the end of the last contract here, and full-time
/// work elsewhere.
pub(in crate::usecase) fn known_work(
    app: &App,
    kind: &RegistrationType,
    (person, employer): (Option<&PersonId>, Option<&EmployerId>),
) -> Outcome<(Option<jiff::civil::Date>, bool)> {
    let (Some(person), Some(employer)) = (person, employer) else { return Ok((None, false)) };
    let (kind, person, employer) = (kind.key().to_owned(), person.clone(), employer.clone());
    app.store.read(move |tx| -> Outcome<_> {
        let end = registrations::registration_previous_end(tx, &kind, &person, &employer)?;
        let elsewhere = registrations::registration_open_elsewhere(tx, &kind, &person, &employer)?;
        Ok((end, elsewhere))
    })
}
