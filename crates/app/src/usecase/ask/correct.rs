//! 更正: which answers of a record are to read otherwise, from the form to the record that follows.
//!
//! A draft keeps only what differs from the record, so that a record that changed meanwhile is not put back unseen.

use std::collections::BTreeSet;

use banjie_domain::act::Act;
use banjie_domain::actor::Principal;
use banjie_domain::case::Case;
use banjie_domain::history::RevisionRef;
use banjie_domain::id::{DraftId, RevisionId};
use banjie_domain::problem::Problem;
use banjie_domain::refusal::Refusal;
use banjie_domain::registration::Registration;
use banjie_domain::registration_type::{Answers, CheckFacts, Correction, Details, Field, FieldKind, RegistrationType};
use banjie_store::papers::{self, RevisionRow};
use jiff::civil::Date;

use crate::app::App;
use crate::error::{AppError, Outcome, fault};
use crate::papers::revision_row;
use crate::usecase::draft::{self, Draft, DraftBody};
use crate::usecase::register::known_work;
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

/// What the form of a correction starts from.
pub struct Form {
    /// The record as it reads, with what was typed over it.
    pub answers: Answers,
    /// The keys of the fields that may change.
    pub open: BTreeSet<String>,
    /// The revision of the record these answers are of; goes with the form and comes back with it.
    pub record: RevisionId,
}

/// Makes the form of a correction.
///
/// # Errors
/// [`AppError::NotFound`] when the draft asks for no correction.
pub fn correction_form(app: &App, who: &Principal, draft: &Draft) -> Outcome<Form> {
    let target = target_of(app, who, draft)?;
    let kind = type_of(app, &draft.body.kind)?;
    let answer = |key: &str| draft.body.answers.find(key).or_else(|| target.details.get(key)).unwrap_or("").to_owned();
    Ok(Form {
        answers: kind.correctable().map(|field| (field.key.clone(), answer(&field.key))).collect(),
        open: open_fields(kind, &draft.body),
        record: target.past.state.file().details.id.clone(),
    })
}

/// The fields a draft may change: what was named, and what stands beside it in its group, because the answers of a group
/// hang together and one of them can seldom be put right alone.
fn open_fields(kind: &RegistrationType, body: &DraftBody) -> BTreeSet<String> {
    let named = |field: &&Field| body.is_open(&format!("field:{}", field.key));
    let groups: BTreeSet<&str> = kind.correctable().filter(named).map(|field| field.group.as_str()).collect();
    kind.correctable().filter(|field| groups.contains(field.group.as_str())).map(|field| field.key.clone()).collect()
}

/// Keeps what was typed into the form of a correction, and then says everything that is wrong with it.
///
/// # Errors
/// [`Refusal::Answers`] with all problems; what was typed is kept all the same.
pub fn correct(app: &App, who: &Principal, (id, seen): (&DraftId, u64), typed: &Typed<'_>) -> Outcome<()> {
    let draft = draft::find(app, who, id)?;
    let target = target_of(app, who, &draft)?;
    let kind = type_of(app, &draft.body.kind)?;
    let read = record_read(app, &target, typed.record)?;
    let body = DraftBody { answers: differing(kind, &draft.body, typed.answers, &read), ..draft.body.clone() };
    if body != draft.body || draft.version != seen {
        draft::save(app, id, seen, &body)?;
    }
    checked(app, who, &body, &target)?;
    correction(app, &body, &target)?;
    Ok(())
}

/// What came back with the form of a correction.
#[derive(Debug, Clone, Copy)]
pub struct Typed<'a> {
    /// What the fields held.
    pub answers: &'a Answers,
    /// The revision the form was made from.
    pub record: &'a RevisionId,
}

/// The record the form was made from. It may have been corrected since; then only what was typed over it counts, and
/// what the other side put right stays right.
fn record_read(app: &App, target: &Target, id: &RevisionId) -> Outcome<Details> {
    let file = target.past.state.file();
    if file.details.id == *id {
        return Ok(target.details.clone());
    }
    let wanted = id.clone();
    let row = app.store.read(move |tx| papers::revision_find(tx, &wanted))?.ok_or(AppError::NotFound)?;
    if row.owner != file.id.as_str() {
        return Err(AppError::NotFound);
    }
    app.open_revision(&row)
}

/// The draft's answers with the open fields of the form in place of the old ones, as far as they differ from the record.
fn differing(kind: &RegistrationType, body: &DraftBody, typed: &Answers, record: &Details) -> Answers {
    let fields = open_fields(kind, body);
    let open = |key: &str| typed.find(key).filter(|_| fields.contains(key));
    let others = body.answers.iter().filter(|(key, _)| open(key).is_none());
    let given = kind.correctable().filter_map(|field| Some((field.key.as_str(), open(&field.key)?)));
    let given = given.filter(|(key, typed)| typed.trim() != record.get(key).unwrap_or(""));
    others.chain(given).collect()
}

/// Checks the correction a draft asks for.
pub(super) fn correction(app: &App, body: &DraftBody, target: &Target) -> Outcome<Correction> {
    let kind = type_of(app, &body.kind)?;
    let file = target.past.state.file();
    let (previous_contract_end, has_other_full_time) =
        known_work(app, kind, (Some(&file.person), file.employer.as_ref()))?;
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
        Some((field, change.from.clone().unwrap_or_default(), change.to.clone().unwrap_or_default()))
    });
    let Some((field, before, region)) = place else { return Ok(()) };
    let holds = |region: &str| app.office_for(region, kind.authority()).map(|office| office.id);
    if holds(&region).is_some_and(|there| there == state.file().office || Some(there) == holds(&before)) {
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
