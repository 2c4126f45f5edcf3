//! What people see of their own: registrations, cases, and how a case stands.

use std::collections::BTreeSet;
use std::sync::Arc;

use banjie_domain::act::Act;
use banjie_domain::actor::Principal;
use banjie_domain::authorize::{Action, Resource, authorize, authorize_list};
use banjie_domain::calendar::Calendar;
use banjie_domain::case::{Case, CaseClock, CaseEvent, clocks};
use banjie_domain::clock::legal_date;
use banjie_domain::history::RevisionRef;
use banjie_domain::id::{CaseId, RegistrationId};
use banjie_domain::number::{CaseNumber, RegistrationNumber};
use banjie_domain::policy::RuleFacts;
use banjie_domain::registration::{Registration, RegistrationEvent};
use banjie_domain::registration_type::{Change, Details};
use banjie_store::cases::{self, CaseRow};
use banjie_store::db::Tx;
use banjie_store::events::events_of;
use banjie_store::papers::{self as rows, RevisionRow};
use banjie_store::people::{self, PersonRow};
use banjie_store::registrations::{self, Keyset, RegistrationFilter, RegistrationRow};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::app::App;
use crate::error::{AppError, Outcome, fault};
use crate::papers::revision_row;
use crate::people::open_profile;
use crate::query::declared::{Labels, asked as asked_of, asked_now, declared, declared_name, labels, note_of};
use crate::record::{self, Told};
use crate::rules::kept_policy;
use crate::usecase::ask::case_policy;
use crate::usecase::draft::{DraftFile, open_file};
use crate::usecase::move_case::{Both, load, resource};
use crate::usecase::window::window;

pub(super) const PAGE: u32 = 30;
/// In place of a name that was erased.
const NAMELESS: &str = "＊";

/// One registration in a list.
#[derive(Debug, Clone)]
pub struct Line {
    /// The row.
    pub row: RegistrationRow,
    /// The person's name: his own for himself, as typed for his employer, masked for an office.
    pub person: String,
    /// The employer's name.
    pub employer: Option<String>,
    /// The undecided case on it, when the reader asked for it.
    pub open_case: Option<CaseId>,
}

/// One page of registrations.
#[derive(Debug, Clone)]
pub struct Lines {
    /// The registrations.
    pub lines: Vec<Line>,
    /// Where the next page begins.
    pub next: Option<(i64, String)>,
}

/// The registrations within the reader's scope, newest first.
///
/// # Errors
/// [`AppError::NotFound`] for a role without such a list.
pub fn registrations(app: &App, who: &Principal, status: Option<&str>, after: Option<(i64, String)>) -> Outcome<Lines> {
    let permit = authorize_list(who, Action::RegistrationList)?;
    let filter = RegistrationFilter { status: status.map(str::to_owned), ..RegistrationFilter::default() };
    let page = Keyset { after, limit: PAGE + 1 };
    let mut found = app.store.read(move |tx| registrations::registration_list(tx, &permit, &filter, &page))?;
    let more = found.len() > PAGE as usize;
    found.truncate(PAGE as usize);
    let next = found.last().filter(|_| more).map(|row| (row.created_at, row.id.to_string()));
    let lines = found.into_iter().map(|row| line(app, who, row)).collect::<Outcome<_>>()?;
    Ok(Lines { lines, next })
}

pub(super) fn line(app: &App, who: &Principal, row: RegistrationRow) -> Outcome<Line> {
    let (reader, wanted) = (who.clone(), row.clone());
    let (named, employer, case) = app.store.read(move |tx| -> Outcome<_> {
        let employer = wanted.employer.as_ref().map(|id| people::employer_find(tx, id)).transpose()?.flatten();
        Ok((named(tx, &reader, &wanted)?, employer, cases::case_open_on(tx, &wanted.id)?))
    })?;
    let mine = |case: &CaseRow| {
        case.applicant_person.as_ref().is_some_and(|id| who.person() == Some(id))
            || case.applicant_employer.as_ref().is_some_and(|id| who.employer() == Some(id))
    };
    Ok(Line {
        person: shown_name(app, who, &named)?,
        employer: employer.map(|unit| unit.name),
        open_case: case.filter(mine).map(|case| case.id),
        row,
    })
}

/// The registration with this number, if the reader may see it.
///
/// # Errors
/// [`AppError::NotFound`] for a role without such a list.
pub fn find_by_number(app: &App, who: &Principal, typed: &str) -> Outcome<Option<RegistrationId>> {
    let permit = authorize_list(who, Action::RegistrationList)?;
    let Ok(number) = RegistrationNumber::parse(typed) else { return Ok(None) };
    let filter = RegistrationFilter { number: Some(number.compact()), ..RegistrationFilter::default() };
    let page = Keyset { after: None, limit: 1 };
    let found = app.store.read(move |tx| registrations::registration_list(tx, &permit, &filter, &page))?;
    Ok(found.into_iter().next().map(|row| row.id))
}

/// One registration, opened.
pub struct RegistrationView {
    /// The line of it in a list.
    pub line: Line,
    /// What was declared.
    pub details: Details,
    /// Its state.
    pub state: Registration,
    /// Its history.
    pub story: Vec<Told<RegistrationEvent>>,
    /// How many days after the law's last day it was filed; 0 in time, or where the law sets none.
    pub late_by: u32,
}

/// Opens a registration.
///
/// # Errors
/// [`AppError::NotFound`] when it is not there or not for this reader: the same for both.
pub fn registration(app: &App, who: &Principal, id: &RegistrationId) -> Outcome<RegistrationView> {
    let wanted = id.clone();
    let (row, past, details, events) = app.store.read(move |tx| -> Outcome<_> {
        let row = registrations::registration_find(tx, &wanted)?.ok_or(AppError::NotFound)?;
        let past = record::registration_past(tx, &wanted)?.ok_or(AppError::NotFound)?;
        let details = revision_row(tx, &row.details)?;
        Ok((row, past, details, events_of(tx, wanted.as_str())?))
    })?;
    let resource = Resource {
        person: Some(row.person.clone()),
        employer: row.employer.clone(),
        office: Some(row.office.clone()),
        applicant: None,
    };
    authorize(who, Action::RegistrationView, &resource)?;
    Ok(RegistrationView {
        late_by: late_by(app, &row)?,
        line: line(app, who, row)?,
        details: app.open_revision(&details)?,
        state: past.state,
        story: events.iter().map(record::told).collect::<Outcome<_>>()?,
    })
}

/// How many days after the law's last day a registration was filed by its employer, by the rules it was filed under.
fn late_by(app: &App, row: &RegistrationRow) -> Outcome<u32> {
    let Some(kind) = app.rules.types.get(&row.kind).filter(|_| row.employer.is_some()) else { return Ok(0) };
    let filed_on = Timestamp::from_microsecond(row.created_at).map_err(|_| fault("a stored instant"))?;
    let (filed_on, id) = (legal_date(filed_on), row.id.clone());
    let policy = app.store.read(move |tx| -> Outcome<_> {
        let made = cases::case_list_on(tx, &id)?.into_iter().find(|case| case.act == Act::Register.key());
        made.map(|case| kept_policy(tx, &case.policy)).transpose()
    })?;
    let policy = policy.ok_or_else(|| fault("a registration without the case that made it"))?;
    let (facts, applicant) = (BTreeSet::new(), kind.registrant());
    let case = RuleFacts { type_key: kind.key(), act: Act::Register, reason: None, applicant, facts: &facts };
    let calendar = app.calendar_of(&row.office)?;
    let window = window(&calendar, kind, (&policy, &case), (row.started_on, filed_on));
    Ok(window.map_or(0, |window| window.late_by))
}

/// One case in the list of whoever asked for it.
#[derive(Debug, Clone)]
pub struct AskedLine {
    /// The row.
    pub row: CaseRow,
    /// The name of the person whose registration it is about, as [`Line::person`].
    pub person: String,
}

/// One page of cases.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The cases, newest first.
    pub lines: Vec<AskedLine>,
    /// Where the next page begins.
    pub next: Option<(i64, String)>,
}

/// The cases somebody asked for, newest first.
///
/// # Errors
/// [`AppError::NotFound`] for a role without such a list.
pub fn asked(app: &App, who: &Principal, after: Option<(i64, String)>) -> Outcome<Asked> {
    let permit = authorize_list(who, Action::CaseView)?;
    let page = Keyset { after, limit: PAGE + 1 };
    let mut rows = app.store.read(move |tx| cases::case_list(tx, &permit, &page))?;
    let more = rows.len() > PAGE as usize;
    rows.truncate(PAGE as usize);
    let next = rows.last().filter(|_| more).map(|row| (row.submitted_at, row.id.to_string()));
    let lines = rows.into_iter().map(|row| asked_line(app, who, row)).collect::<Outcome<_>>()?;
    Ok(Asked { lines, next })
}

pub(super) fn asked_line(app: &App, who: &Principal, row: CaseRow) -> Outcome<AskedLine> {
    let (reader, id) = (who.clone(), row.registration.clone());
    let named = app.store.read(move |tx| -> Outcome<_> {
        let registration = registrations::registration_find(tx, &id)?.ok_or(AppError::NotFound)?;
        named(tx, &reader, &registration)
    })?;
    Ok(AskedLine { person: shown_name(app, who, &named)?, row })
}

/// Where the name comes from that a reader is shown.
pub(super) enum Named {
    /// What the employer typed. What is held of the person is not for it, even where the two differ (ADR 0012).
    Typed(RevisionRow),
    /// What is held of the person.
    Held(PersonRow),
}

pub(super) fn named(tx: &mut dyn Tx, who: &Principal, row: &RegistrationRow) -> Outcome<Named> {
    if who.employer().is_some() {
        return Ok(Named::Typed(revision_row(tx, &row.details)?));
    }
    Ok(Named::Held(people::person_find(tx, &row.person)?.ok_or(AppError::NotFound)?))
}

/// Whole for himself and his employer, masked for an office: a list is no look.
pub(super) fn shown_name(app: &App, who: &Principal, named: &Named) -> Outcome<String> {
    let name = match named {
        Named::Typed(details) => return Ok(declared_name(app, details)?.unwrap_or_else(|| NAMELESS.to_owned())),
        Named::Held(person) => open_profile(app, person)?.name,
    };
    Ok(if who.role.is_staff() { super::desk::masked_name(&name) } else { name })
}

/// A case, opened for the person who asked.
pub struct CaseProgress {
    /// Its state.
    pub case: Case,
    /// Its row.
    pub row: CaseRow,
    /// Its clocks as they read today, the one of whose turn it is first.
    pub clocks: Vec<CaseClock>,
    /// The working days they are counted by.
    pub calendar: Arc<Calendar>,
    /// Everything that happened.
    pub story: Vec<Told<CaseEvent>>,
    /// What was handed in.
    pub files: Vec<DraftFile>,
    /// What materials and fields are called.
    pub labels: Labels,
    /// The day the act is to count from, as it is asked now.
    pub effective_on: Date,
    /// Whether it was handed in after the days an employer has to file it.
    pub filed_late: bool,
    /// What a 更正 changes; for whoever asked for it.
    pub changes: Vec<Change>,
    /// What the officer wrote with the last thing that happened.
    pub said: Option<String>,
    /// Whose registration it is about; none for who only showed number and code.
    pub about: Option<AboutWhom>,
}

/// The registration a case is about, as its applicant reads it.
#[derive(Debug, Clone)]
pub struct AboutWhom {
    /// The person's name, as [`Line::person`].
    pub person: String,
    /// The employer's name.
    pub employer: Option<String>,
    /// The registration's number, ungrouped.
    pub number: String,
}

/// How a case stands, for the person who asked.
///
/// # Errors
/// [`AppError::NotFound`] when it is not there or not for this reader: the same for both.
pub fn progress(app: &App, who: &Principal, id: &CaseId) -> Outcome<CaseProgress> {
    let both = load(app, id)?;
    authorize(who, Action::CaseView, &resource(&both.case.state, &both.registration.state))?;
    open_progress(app, Some(who), id, both)
}

/// How a case stands, for who showed its number and code; the page shows less.
///
/// # Errors
/// When there is no such case.
pub fn tracked(app: &App, id: &CaseId) -> Outcome<CaseProgress> {
    let both = load(app, id)?;
    open_progress(app, None, id, both)
}

fn open_progress(app: &App, who: Option<&Principal>, id: &CaseId, both: Both) -> Outcome<CaseProgress> {
    let (wanted, case, file) = (id.clone(), both.case.state, both.registration.state.file().clone());
    let (reader, registration) = (who.cloned(), file.id.clone());
    let (row, story, evidence, employer, note, whose) = app.store.read(move |tx: &mut dyn Tx| -> Outcome<_> {
        let row = cases::case_find(tx, &wanted)?.ok_or(AppError::NotFound)?;
        let story = record::case_story(tx, &wanted)?;
        let employer = file.employer.map(|id| people::employer_find(tx, &id)).transpose()?.flatten();
        let note = said(&story).map(|note| revision_row(tx, &note.id)).transpose()?;
        let registration = registrations::registration_find(tx, &registration)?.ok_or(AppError::NotFound)?;
        let whose = reader.map(|reader| named(tx, &reader, &registration)).transpose()?;
        Ok((row, story, rows::evidence_of(tx, wanted.as_str())?, employer, note, whose))
    })?;
    let (effective_on, changes) = asked_now(app, &case)?;
    let filed_late = asked_of(app, &case, &declared(app, &case)?).filed_late;
    // For whoever asked; an officer reads them at the desk, where that is a look.
    let changes = if who.is_some_and(|who| !who.role.is_staff()) { changes } else { Vec::new() };
    let labels = labels(app, &case, &case_policy(app, &case)?, employer.as_ref())?;
    let said = note.map(|row| app.open_revision(&row)).transpose()?;
    let standing = |file: &&rows::EvidenceRow| case.file().evidence().iter().any(|known| known.id == file.id);
    let files = evidence.iter().filter(standing).map(|file| open_file(app, file)).collect::<Outcome<_>>()?;
    let calendar = app.calendar_of(&row.office)?;
    let whom = |(who, whose): (&Principal, Named)| -> Outcome<_> {
        let (person, employer) = (shown_name(app, who, &whose)?, employer.map(|unit| unit.name));
        Ok(AboutWhom { person, employer, number: file.number })
    };
    Ok(CaseProgress {
        clocks: clocks(&case, &calendar, app.today()),
        calendar,
        about: who.zip(whose).map(whom).transpose()?,
        case,
        row,
        story,
        files,
        labels,
        effective_on,
        filed_late,
        changes,
        said,
    })
}

/// What an officer wrote with the last thing that happened; what the first reviewer thinks is not for the applicant.
fn said(story: &[Told<CaseEvent>]) -> Option<&RevisionRef> {
    let last = &story.last()?.event;
    if matches!(last, CaseEvent::OpinionGiven(_)) { None } else { note_of(last) }
}

/// A case number as people read it.
#[must_use]
pub fn case_number(compact: &str) -> String {
    CaseNumber::parse(compact).map_or_else(|_| compact.to_owned(), |number| number.grouped())
}

/// A registration number as people read it.
#[must_use]
pub fn registration_number(compact: &str) -> String {
    RegistrationNumber::parse(compact).map_or_else(|_| compact.to_owned(), |number| number.grouped())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use crate::usecase::story::story;

    #[test]
    fn an_employer_sees_the_name_it_typed_and_not_the_one_that_is_held() {
        let story = story();
        let worker = testing::person(&story.app, "王秀瑛", "110101199003070011");
        let record = story.registered();
        story.asked_on(&record);
        let listed = |who| registrations(&story.app, who, None, None).unwrap().lines.remove(0).person;
        assert_eq!([&story.clerk, &worker, &story.intake].map(listed), ["王秀英", "王秀瑛", "王＊＊"]);
        let asked = asked(&story.app, &story.clerk, None).unwrap();
        assert_eq!(asked.lines[0].person, "王秀英");
        assert_eq!(registration(&story.app, &story.clerk, &record).unwrap().line.person, "王秀英");
    }
}
