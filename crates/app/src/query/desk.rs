//! The officers' queues: what waits at each desk, soonest due first.
//!
//! A list is not a look: persons are masked here and nothing is recorded. Opening one case is
//! [`crate::usecase::desk::open_case`].

mod case;
mod compare;
mod papers;

use std::collections::BTreeMap;

use banjie_domain::act::Act;
use banjie_domain::actor::{Principal, Role};
use banjie_domain::authorize::{Action, authorize_list};
use banjie_domain::id::{CaseId, EmployerId, PersonId, RegistrationId};
use banjie_domain::identity::PersonName;
use banjie_domain::number::CaseNumber;
use banjie_store::cases::{self, CaseRow, Queued};
use banjie_store::db::Tx;
use banjie_store::people::{self, EmployerRow, PersonRow};
use banjie_store::registrations;
use jiff::civil::Date;

use crate::app::App;
use crate::error::{AppError, Outcome, fault};
use crate::people::open_profile;

pub use super::declared::{Asked, FieldView};
pub(crate) use case::case_view;
pub use case::{CaseView, DeskForm, May, PersonView, StoryLine};
pub(crate) use compare::masked as masked_document;
pub use compare::{Compared, Finding};
pub use papers::{FileStanding, FileView, MaterialNeed, MaterialView};

/// Cases on one page of a queue.
pub const PAGE: u32 = 30;

/// The queues: the stages in the order a case passes them, and what is late at any of them.
const STAGES: [&str; 6] = ["intake", "first", "second", "supplement", "suspended", LATE];

/// The queue of what an office let pass its day (督办).
const LATE: &str = "overdue";

fn queued(stage: &'static str, today: Date) -> Queued {
    if stage == LATE { Queued::LateOn(today) } else { Queued::At(stage) }
}

/// One tab of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    /// Key of the stage.
    pub stage: &'static str,
    /// How many cases wait, counted to 1,000; more is 1,001.
    pub count: i64,
    /// How many of them are overdue.
    pub overdue: i64,
}

/// One case in a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The case.
    pub id: CaseId,
    /// 申请编号, in groups.
    pub number: String,
    /// What is asked for.
    pub act: Act,
    /// The short name of the registration's type.
    pub kind: String,
    /// Whose registration it is, masked.
    pub person: String,
    /// The employer, where there is one.
    pub employer: Option<String>,
    /// The day it was received.
    pub received_on: Date,
    /// The last day of whoever's turn it is.
    pub due_on: Option<Date>,
    /// Working days left after today; below 0 the days it is late.
    pub left: Option<i64>,
}

/// A queue as an officer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// All tabs; the one this officer works on comes first.
    pub tabs: Vec<Tab>,
    /// The tab that is shown.
    pub stage: &'static str,
    /// One page of it.
    pub lines: Vec<Line>,
    /// Where the next page starts, when there is one.
    pub next: Option<String>,
}

/// The tabs in the order of one officer: his own work first.
fn stages_for(role: Role) -> Vec<&'static str> {
    let own = match role {
        Role::First => "first",
        Role::Second => "second",
        Role::Supervisor => LATE,
        _ => "intake",
    };
    let mut stages = STAGES.to_vec();
    stages.sort_by_key(|stage| *stage != own);
    stages
}

/// Whether this names a queue, or none.
#[must_use]
pub fn is_stage(stage: Option<&str>) -> bool {
    stage.is_none_or(|stage| STAGES.contains(&stage))
}

/// Whether this is a place in a queue, or none.
#[must_use]
pub fn is_place(after: Option<&str>) -> bool {
    after.is_none_or(|after| place(after).is_some())
}

/// One page of a queue. An unknown stage shows the officer's own; an unreadable place shows the beginning.
///
/// # Errors
/// [`AppError::NotFound`] for somebody who works at no desk.
pub fn queue(app: &App, who: &Principal, stage: Option<&str>, after: Option<&str>) -> Outcome<Queue> {
    let stages = stages_for(who.role);
    let own = *stages.first().ok_or_else(|| fault("no stage has a queue"))?;
    let stage = stages.iter().copied().find(|known| Some(*known) == stage).unwrap_or(own);
    let permit = authorize_list(who, Action::CaseQueue)?;
    let (place, today) = (after.and_then(place), app.today());
    let (tabs, mut found) = app.store.read(move |tx| -> Outcome<_> {
        let mut tabs = Vec::new();
        for stage in stages {
            let (count, overdue) = cases::case_queue_count(tx, &permit, queued(stage, today), today)?;
            tabs.push(Tab { stage, count, overdue });
        }
        let rows = cases::case_queue(tx, &permit, queued(stage, today), place.as_ref(), PAGE + 1)?;
        Ok((tabs, with_people(tx, rows)?))
    })?;
    let more = found.rows.len() > PAGE as usize;
    found.rows.truncate(PAGE as usize);
    let next = found.rows.last().filter(|_| more).and_then(|row| Some(format!("{}_{}", row.due_on?, row.id.as_str())));
    Ok(Queue { tabs, stage, lines: found.lines(app)?, next })
}

/// The first cases of one queue, for the column beside a case.
pub(super) fn first_lines(app: &App, who: &Principal, stage: &'static str, limit: u32) -> Outcome<Vec<Line>> {
    let (permit, held) = (authorize_list(who, Action::CaseQueue)?, queued(stage, app.today()));
    let found = app.store.read(move |tx| -> Outcome<_> {
        let rows = cases::case_queue(tx, &permit, held, None, limit)?;
        with_people(tx, rows)
    })?;
    found.lines(app)
}

/// The queue a case of this stage stands in; the officer's own when it stands in none.
pub(super) fn queue_of(stage: &str, role: Role) -> &'static str {
    STAGES.into_iter().find(|known| *known == stage).or_else(|| stages_for(role).first().copied()).unwrap_or("intake")
}

/// Reads a place in a queue: the due day and the id of the last case of the page before.
fn place(after: &str) -> Option<(String, String)> {
    let (due, id) = after.split_once('_')?;
    let due: Date = due.parse().ok()?;
    Some((due.to_string(), CaseId::parse(id).ok()?.as_str().to_owned()))
}

/// Rows of a queue with whom they are about.
struct Found {
    rows: Vec<CaseRow>,
    subjects: BTreeMap<RegistrationId, (PersonId, Option<EmployerId>)>,
    persons: BTreeMap<PersonId, PersonRow>,
    employers: BTreeMap<EmployerId, EmployerRow>,
}

fn with_people(tx: &mut dyn Tx, rows: Vec<CaseRow>) -> Outcome<Found> {
    let mut found = Found { rows, subjects: BTreeMap::new(), persons: BTreeMap::new(), employers: BTreeMap::new() };
    for row in &found.rows {
        let Some(registration) = registrations::registration_find(tx, &row.registration)? else { continue };
        if !found.persons.contains_key(&registration.person)
            && let Some(person) = people::person_find(tx, &registration.person)?
        {
            found.persons.insert(registration.person.clone(), person);
        }
        if let Some(id) = &registration.employer
            && !found.employers.contains_key(id)
            && let Some(employer) = people::employer_find(tx, id)?
        {
            found.employers.insert(id.clone(), employer);
        }
        found.subjects.insert(row.registration.clone(), (registration.person, registration.employer));
    }
    Ok(found)
}

impl Found {
    fn lines(&self, app: &App) -> Outcome<Vec<Line>> {
        self.rows.iter().map(|row| self.line(app, row)).collect()
    }

    fn line(&self, app: &App, row: &CaseRow) -> Outcome<Line> {
        let missing = || fault("a case without its registration");
        let (person, employer) = self.subjects.get(&row.registration).ok_or_else(missing)?;
        let person = self.persons.get(person).ok_or_else(missing)?;
        let employer = employer.as_ref().and_then(|id| self.employers.get(id));
        let left =
            row.due_on.map(|due| app.calendar_of(&row.office).map(|days| days.working_days_left(app.today(), due)));
        let left = left.transpose()?;
        Ok(Line {
            id: row.id.clone(),
            number: grouped(&row.number),
            act: Act::parse(&row.act).ok_or_else(|| fault("act of a case"))?,
            kind: kind_label(app, &row.kind),
            person: masked_name(&open_profile(app, person)?.name),
            employer: employer.map(|employer| employer.name.clone()),
            received_on: row.received_on,
            due_on: row.due_on,
            left,
        })
    }
}

/// 姓＋＊. A name that cannot be read shows nothing of itself.
pub(super) fn masked_name(name: &str) -> String {
    PersonName::parse(name).map_or_else(|_| "＊".to_owned(), |name| name.masked())
}

pub(super) fn grouped(number: &str) -> String {
    CaseNumber::parse(number).map_or_else(|_| number.to_owned(), |number| number.grouped())
}

pub(super) fn kind_label(app: &App, kind: &str) -> String {
    app.rules.types.get(kind).map_or_else(|| kind.to_owned(), |known| known.short_label("zh-CN").to_owned())
}

/// The case that stands next in the officer's own queue after he is done with one.
///
/// # Errors
/// [`AppError::NotFound`] for somebody who works at no desk.
pub fn next_case(app: &App, who: &Principal, done: &CaseId) -> Outcome<Option<CaseId>> {
    let own = stages_for(who.role).first().copied().ok_or(AppError::NotFound)?;
    Ok(first_lines(app, who, own, 2)?.into_iter().map(|line| line.id).find(|id| id != done))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_officer_finds_his_own_work_first() {
        assert_eq!(stages_for(Role::Second), ["second", "intake", "first", "supplement", "suspended", LATE]);
        assert_eq!(stages_for(Role::First)[0], "first");
        assert_eq!(stages_for(Role::Inspector), STAGES);
        assert_eq!(stages_for(Role::Supervisor)[0], LATE);
    }

    #[test]
    fn a_place_in_a_queue_is_a_day_and_a_case_and_nothing_else() {
        assert_eq!(place("2026-03-10_' or 1=1"), None);
        assert_eq!(place("tomorrow_x"), None);
    }
}
