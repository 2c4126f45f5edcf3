//! Every document and file that events speak of: there, and what was committed to.

use std::collections::BTreeSet;

use banjie_domain::id::{EvidenceId, RevisionId};
use banjie_store::papers;

use super::Report;
use super::streams::Named;
use crate::app::App;
use crate::error::{AppError, Outcome};

/// Checks documents, files and the blob folder.
pub(super) fn check(app: &App, named: &Named, report: &mut Report) -> Outcome<()> {
    for (id, commitment) in &named.revisions {
        report.papers += 1;
        let Ok(revision) = RevisionId::parse(id) else {
            report.find("document-unnamed", id);
            continue;
        };
        let Some(row) = app.store.read(move |tx| papers::revision_find(tx, &revision))? else {
            report.find("document-missing", id);
            continue;
        };
        let erased = row.wrapped_key.is_none();
        if row.commitment != *commitment {
            report.find("document-commitment-differs", id);
        } else if !erased && app.open_revision::<serde_json::Value>(&row).is_err() {
            report.find("document-changed", id);
        }
    }
    for (id, commitment) in &named.evidence {
        report.papers += 1;
        let Ok(evidence) = EvidenceId::parse(id) else {
            report.find("file-unnamed", id);
            continue;
        };
        match app.store.read(move |tx| papers::evidence_find(tx, &evidence))? {
            None => report.find("file-row-missing", id),
            Some(row) if row.commitment != *commitment => report.find("file-commitment-differs", id),
            Some(row) => {
                if app.open_evidence(&row).is_err() {
                    report.find("file-missing-or-changed", id);
                }
            }
        }
    }
    orphans(app, report)
}

/// Rows without a file are damage. Files without a row are only space, left by a crash between the two; they are no
/// finding.
fn orphans(app: &App, report: &mut Report) -> Outcome<()> {
    let names: BTreeSet<_> = app.files.names().map_err(|error| AppError::Fault(error.into()))?.into_iter().collect();
    let rows = app.store.read(|tx| -> Outcome<_> {
        let mut rows = Vec::new();
        papers::evidence_each(tx, &mut |row| {
            rows.push((row.id.to_string(), row.blob));
            Ok(())
        })?;
        Ok(rows)
    })?;
    for (id, _) in rows.iter().filter(|(_, blob)| !names.contains(blob)) {
        report.find("file-missing-or-changed", id);
    }
    Ok(())
}
