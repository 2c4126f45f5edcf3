//! The one door for what changes a case or a registration.
//!
//! Everything that belongs to one change goes through [`commit`] in one transaction: events, projections, indexes,
//! personal documents, notices, jobs and the kept answer. Nothing else writes events.

use banjie_domain::id::{CaseId, DraftId};

use crate::cases::{self, CaseRow};
use crate::db::Tx;
use crate::error::StoreError;
use crate::events::{self, StoredEvent};
use crate::ledger::{self, AnswerRow};
use crate::names::{self, NameIndexRow};
use crate::notices::{self, JobRow, NoticeRow};
use crate::papers::{self, RevisionRow};
use crate::people::{self, PersonRow};
use crate::registrations::{self, RegistrationRow};

/// A projection, and the version it moves from. From 0 it is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step<T> {
    /// The version that was read; 0 when there was none.
    pub from: u64,
    /// The projection as it is to be.
    pub row: T,
}

/// Files of a draft that become files of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handover {
    /// The draft that is used up.
    pub draft: DraftId,
    /// The case its files go to, when it had any.
    pub case: Option<CaseId>,
}

/// Everything one change writes.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// A person seen for the first time.
    pub person: Option<PersonRow>,
    /// Personal documents the events speak of.
    pub revisions: Vec<RevisionRow>,
    /// The events, in order.
    pub events: Vec<StoredEvent>,
    /// The registration as it now stands.
    pub registration: Option<Step<RegistrationRow>>,
    /// What a new registration is found by.
    pub name: Option<NameIndexRow>,
    /// The case as it now stands.
    pub case: Option<Step<CaseRow>>,
    /// Who is told.
    pub notices: Vec<NoticeRow>,
    /// What follows.
    pub jobs: Vec<JobRow>,
    /// The draft that is used up.
    pub handover: Option<Handover>,
    /// What was answered, under the key it was asked with.
    pub answer: Option<AnswerRow>,
}

/// Writes a change, or nothing of it.
///
/// # Errors
/// [`StoreError::Conflict`] when a history or draft moved since it was read, [`StoreError::Unique`] when a rule of
/// uniqueness stands in the way.
pub fn commit(tx: &mut dyn Tx, changes: &Changes) -> Result<(), StoreError> {
    if let Some(person) = &changes.person {
        // Somebody else registered the same document a moment ago: read again, and take the person he made.
        stale_unless(people::person_add(tx, person)?)?;
    }
    if let Some(answer) = &changes.answer {
        ledger::answer_insert(tx, answer)?;
    }
    for revision in &changes.revisions {
        papers::revision_insert(tx, revision)?;
    }
    if let Some(step) = &changes.registration {
        project(step, tx, registrations::registration_insert, registrations::registration_advance)?;
    }
    if let Some(name) = &changes.name {
        names::name_index_insert(tx, name)?;
    }
    if let Some(step) = &changes.case {
        project(step, tx, cases::case_insert, cases::case_advance)?;
    }
    events::events_append(tx, &changes.events)?;
    for notice in &changes.notices {
        notices::notice_insert(tx, notice)?;
    }
    for job in &changes.jobs {
        notices::job_insert(tx, job)?;
    }
    if let Some(handover) = &changes.handover {
        if let Some(case) = &handover.case {
            papers::evidence_move(tx, handover.draft.as_str(), case.as_str())?;
        }
        stale_unless(papers::draft_delete(tx, &handover.draft)?)?;
    }
    // Here the caller learns which uniqueness stands in the way.
    tx.settle()
}

fn project<T>(
    step: &Step<T>,
    tx: &mut dyn Tx,
    insert: fn(&mut dyn Tx, &T) -> Result<(), StoreError>,
    advance: fn(&mut dyn Tx, u64, &T) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    if step.from == 0 { insert(tx, &step.row) } else { stale_unless(advance(tx, step.from, &step.row)?) }
}

const fn stale_unless(moved: bool) -> Result<(), StoreError> {
    if moved { Ok(()) } else { Err(StoreError::Conflict) }
}
