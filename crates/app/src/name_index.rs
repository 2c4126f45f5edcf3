//! The index by which an employer finds a whole name: keyed, and another one for each employer, so that a stolen
//! database does not show that two employers know the same name.

use banjie_domain::id::{EmployerId, JobId, RegistrationId};
use banjie_domain::identity::PersonName;
use banjie_store::names::{self, NameIndexRow};
use banjie_store::notices::{self, JobRow};

use crate::app::App;
use crate::error::Outcome;
use crate::query::declared_name;
use crate::seal::IndexKind;

/// The kind of job that indexes what is there already; its subject is the registration it goes on after.
pub(crate) const INDEX_NAMES: &str = "name.index";

/// Documents opened by one job; well within its lease.
const BATCH: u32 = 500;

/// What is searched for instead of a name in its index form.
pub(crate) fn name_index(app: &App, employer: &EmployerId, form: &str) -> [u8; 32] {
    app.keys.blind_index(IndexKind::PersonName, employer.as_str(), form)
}

/// The index of the name typed on a registration.
pub(crate) fn name_row(
    app: &App,
    registration: &RegistrationId,
    employer: &EmployerId,
    name: &PersonName,
) -> NameIndexRow {
    NameIndexRow {
        registration: registration.clone(),
        employer: employer.clone(),
        name_index: name_index(app, employer, &name.index_form()).to_vec(),
    }
}

/// Indexes some registrations, and leaves the others to the next job: a stop in between loses nothing.
///
/// # Errors
/// When the database cannot be used.
pub(crate) fn index_names(app: &App, after: &str) -> Outcome<()> {
    let after = after.to_owned();
    let found = app.store.read(move |tx| names::registration_batch_declared(tx, &after, BATCH))?;
    let next = found.last().filter(|_| found.len() == BATCH as usize).map(|(row, _)| JobRow {
        id: app.fresh(JobId::new),
        kind: INDEX_NAMES.to_owned(),
        subject: row.id.to_string(),
        run_at: app.micros(),
        attempts: 0,
    });
    let mut rows = Vec::new();
    for (row, details) in &found {
        let name = declared_name(app, details)?.and_then(|name| PersonName::parse(&name).ok());
        if let (Some(name), Some(employer)) = (name, &row.employer) {
            rows.push(name_row(app, &row.id, employer, &name));
        }
    }
    app.store.write(move |tx| -> Outcome<()> {
        for row in &rows {
            names::name_index_insert(tx, row)?;
        }
        Ok(next.iter().try_for_each(|job| notices::job_insert(tx, job))?)
    })
}
