//! 更正: which answers of a record are to read otherwise, from the form to the record that follows.
//!
//! A draft keeps only what differs from the record, so that a record that changed meanwhile is not put back unseen.

use banjie_domain::act::Act;
use banjie_domain::actor::Principal;
use banjie_domain::case::Case;
use banjie_domain::history::RevisionRef;
use banjie_domain::id::DraftId;
use banjie_domain::problem::Problem;
use banjie_domain::refusal::Refusal;
use banjie_domain::registration::Registration;
use banjie_domain::registration_type::{Answers, CheckFacts, Correction, Details, FieldKind, RegistrationType};
use banjie_store::papers::RevisionRow;
use banjie_store::registrations;
use jiff::civil::Date;

use crate::app::App;
use crate::error::{AppError, Outcome, fault};
use crate::papers::revision_row;
use crate::usecase::draft::{self, Draft, DraftBody};
use crate::usecase::submit::type_of;

use super::target::{Target, target};
use super::{ask_details, checked};

fn target_of(app: &App, who: &Principal, draft: &Draft) -> Outcome<Target> {
    let registration = draft.registration.as_ref().ok_or(AppError::NotFound)?;
    if draft.body.act != Some(Act::Correct) {
        return Err(AppError::NotFound);
    }
    target(app, who, registration)
}

/// The answers a correction's form starts from: the record as it reads, with what was typed over it.
///
/// # Errors
/// [`AppError::NotFound`] when the draft asks for no correction.
pub fn record_answers(app: &App, who: &Principal, draft: &Draft) -> Outcome<Answers> {
    let target = target_of(app, who, draft)?;
    let kind = type_of(app, &draft.body.kind)?;
    let answer = |key: &str| draft.body.answers.find(key).or_else(|| target.details.get(key)).unwrap_or("").to_owned();
    Ok(kind.correctable().map(|field| (field.key.clone(), answer(&field.key))).collect())
}

/// Keeps what was typed into the form of a correction, and then says everything that is wrong with it.
///
/// # Errors
/// [`Refusal::Answers`] with all problems; what was typed is kept all the same.
pub fn correct(app: &App, who: &Principal, (id, seen): (&DraftId, u64), typed: &Answers) -> Outcome<()> {
    let draft = draft::find(app, who, id)?;
    let target = target_of(app, who, &draft)?;
    let kind = type_of(app, &draft.body.kind)?;
    let body = DraftBody { answers: differing(kind, &draft.body, typed, &target.details), ..draft.body.clone() };
    if body != draft.body || draft.version != seen {
        draft::save(app, id, seen, &body)?;
    }
    checked(app, who, &body, &target)?;
    correction(app, &body, &target)?;
    Ok(())
}

/// The draft's answers with the open fields of the form in place of the old ones, as far as they differ from the record.
fn differing(kind: &RegistrationType, body: &DraftBody, typed: &Answers, record: &Details) -> Answers {
    let open = |key: &str| {
        let field = kind.correctable().find(|field| field.key == key);
        field.and_then(|_| typed.find(key)).filter(|_| body.is_open(&format!("field:{key}")))
    };
    let others = body.answers.iter().filter(|(key, _)| open(key).is_none());
    let given = kind.correctable().filter_map(|field| Some((field.key.as_str(), open(&field.key)?)));
    let given = given.filter(|(key, typed)| typed.trim() != record.get(key).unwrap_or(""));
    others.chain(given).collect()
}

/// Checks the correction a draft asks for.
pub(super) fn correction(app: &App, body: &DraftBody, target: &Target) -> Outcome<Correction> {
    let kind = type_of(app, &body.kind)?;
    let file = target.past.state.file();
    let (wanted, person) = (body.kind.clone(), file.person.clone());
    let employer = file.employer.clone();
    let (previous_contract_end, has_other_full_time) = app.store.read(move |tx| -> Outcome<_> {
        let Some(employer) = employer else { return Ok((None, false)) };
        let end = registrations::registration_previous_end(tx, &wanted, &person, &employer)?;
        Ok((end, registrations::registration_open_elsewhere(tx, &wanted, &person, &employer)?))
    })?;
    let facts = CheckFacts {
        today: app.today(),
        book: &app.rules.types,
        birth_date: target.born.map(|(date, _)| date),
        previous_contract_end,
        has_other_full_time,
    };
    let correction = kind.check_correction(&target.details, &body.answers, &facts).map_err(Refusal::Answers)?;
    same_office(app, kind, &target.past.state, &correction)?;
    Ok(correction)
}

/// Work in the district of another office is registered there anew: a correction moves no record between offices.
fn same_office(app: &App, kind: &RegistrationType, state: &Registration, correction: &Correction) -> Outcome<()> {
    if state.file().employer.is_some() {
        return Ok(());
    }
    let place = kind.correctable().filter(|field| field.kind == FieldKind::Region).find_map(|field| {
        let change = correction.changes.iter().find(|change| change.field == field.key)?;
        Some((field, change.to.clone().unwrap_or_default()))
    });
    let Some((field, region)) = place else { return Ok(()) };
    let there = app.office_for(&region, kind.authority());
    if there.is_some_and(|office| office.id == state.file().office) {
        return Ok(());
    }
    Err(Refusal::Answers(vec![Problem::new("correct.other-office").at(&field.key)]).into())
}

/// The first day of the relation once the correction is granted.
pub(super) fn first_day(kind: &RegistrationType, correction: &Correction) -> Outcome<Date> {
    correction.checked.details.date(kind.start_field()).ok_or_else(|| fault("a checked record has a first day"))
}

/// A record as a granted correction leaves it.
pub(in crate::usecase) struct CorrectedRecord {
    /// First day of the relation.
    pub started_on: Date,
    /// What the event says of the snapshot.
    pub details: RevisionRef,
    /// The snapshot to keep.
    pub revision: RevisionRow,
}

/// Writes the record anew with the changes a case asks for. The record was held since they were asked, so it still says
/// what they start from.
pub(in crate::usecase) fn corrected_record(app: &App, case: &Case, state: &Registration) -> Outcome<CorrectedRecord> {
    let file = state.file();
    let id = file.details.id.clone();
    let row = app.store.read(move |tx| revision_row(tx, &id))?;
    let record: Details = app.open_revision(&row)?;
    let asked = ask_details(app, case)?;
    let corrected = record.corrected(&asked.changes).ok_or_else(|| fault("a held record changed"))?;
    let kind = type_of(app, &file.kind)?;
    let started_on = corrected.date(kind.start_field()).ok_or_else(|| fault("a corrected record has a first day"))?;
    let (revision, details) = app.revision(file.id.as_str(), "details", &corrected)?;
    Ok(CorrectedRecord { started_on, details, revision })
}
