//! The file channel: one line of JSON for each notice, in a file for each day.
//!
//! It is how a notice is seen to leave on a machine without a gateway. A line holds ids and the key of the text, never a
//! name or number of a person. After a crash a line may stand twice; both carry the notice's id.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;

use banjie_domain::clock::legal_date;
use banjie_store::notices::NoticeRow;
use serde_json::json;

use crate::app::App;
use crate::error::{AppError, Outcome};

/// Writes a notice, and waits until it is on disk.
///
/// # Errors
/// When it cannot be written.
pub fn send(app: &App, notice: &NoticeRow) -> Outcome<()> {
    let line = json!({
        "notice": notice.id,
        "template": notice.template,
        "person": notice.person,
        "employer": notice.employer,
        "case": notice.case,
        "registration": notice.registration,
        "written_at": notice.created_at,
    });
    let write = || -> std::io::Result<()> {
        fs::create_dir_all(&app.outbox)?;
        let path = app.outbox.join(format!("{}.jsonl", legal_date(app.now())));
        let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
        writeln!(file, "{line}")?;
        file.sync_all()
    };
    write().map_err(|error| AppError::Fault(error.into()))
}
