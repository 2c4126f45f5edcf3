//! Files read back: shown to who may see them, carried over from a case into a draft.

use banjie_domain::actor::Principal;
use banjie_domain::authorize::{Action, authorize};
use banjie_domain::history::Hash;
use banjie_domain::id::{CaseId, DraftId, EvidenceId};
use banjie_store::db::Tx;
use banjie_store::ledger::{self, LookRow};
use banjie_store::papers::{self, EvidenceRow};

use super::{name_place, open_file};
use crate::app::App;
use crate::error::{AppError, Outcome, fault};
use crate::evidence::FileKind;
use crate::record;
use crate::usecase::move_case::{self, resource};

/// A file to be shown.
#[derive(Debug, Clone)]
pub struct FileRead {
    /// The name it was given.
    pub name: String,
    /// `pdf`, `jpg`, `png`.
    pub kind: String,
    /// What to send it as.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Reads a file of one's own draft, of one's own case, or of a case in one's offices; the last is a recorded look.
///
/// # Errors
/// [`AppError::NotFound`] when it is not there or not for this account: the same for both.
pub fn read_file(app: &App, who: &Principal, id: &EvidenceId) -> Outcome<FileRead> {
    let (wanted, account) = (id.clone(), who.account.clone());
    let (row, own_draft) = app.store.read(move |tx| -> Outcome<_> {
        let row = papers::evidence_find(tx, &wanted)?.ok_or(AppError::NotFound)?;
        let own_draft = match DraftId::parse(&row.owner) {
            Ok(draft) => Some(papers::draft_find(tx, &draft, &account)?.is_some()),
            Err(_) => None,
        };
        Ok((row, own_draft))
    })?;
    match own_draft {
        Some(true) => {}
        Some(false) => return Err(AppError::NotFound),
        None => look_at_case_file(app, who, &row)?,
    }
    let file = open_file(app, &row)?;
    let kind = FileKind::parse(&row.kind).ok_or_else(|| fault("kind of a file"))?;
    Ok(FileRead { name: file.name, kind: file.kind, media_type: kind.media_type(), bytes: app.open_evidence(&row)? })
}

fn look_at_case_file(app: &App, who: &Principal, row: &EvidenceRow) -> Outcome<()> {
    let case = CaseId::parse(&row.owner).map_err(|_| AppError::NotFound)?;
    let both = move_case::load(app, &case)?;
    authorize(who, Action::CaseView, &resource(&both.case.state, &both.registration.state))?;
    if who.role.is_staff() {
        let person = both.registration.state.file().person.clone();
        record_look(app, who, Some(person), row.id.as_str(), "evidence")?;
    }
    Ok(())
}

/// Records that somebody looked at somebody's papers; without a person, at everybody's the subject has.
///
/// # Errors
/// When it cannot be written; then nothing is shown.
pub fn record_look(
    app: &App,
    who: &Principal,
    person: Option<banjie_domain::id::PersonId>,
    subject: &str,
    what: &str,
) -> Outcome<()> {
    let look = LookRow {
        id: app.fresh(banjie_domain::id::JobId::new).as_str().replacen("job", "loo", 1),
        account: who.account.clone(),
        person,
        subject: subject.to_owned(),
        what: what.to_owned(),
        at: app.micros(),
    };
    app.store.write(move |tx| ledger::look_insert(tx, &look))?;
    Ok(())
}

/// Copies the files of a case into a draft, so that what was not named carries over. The bytes are sealed anew, since a
/// file belongs to one owner only.
pub(in crate::usecase) fn carry_files(
    app: &App,
    case: &CaseId,
    draft: &DraftId,
    keep: impl Fn(&str) -> bool,
) -> Outcome<()> {
    let owner = case.clone();
    let rows = app.store.read(move |tx: &mut dyn Tx| papers::evidence_of(tx, owner.as_str()))?;
    let current = app.store.read({
        let case = case.clone();
        move |tx| record::case_past(tx, &case)
    })?;
    let standing: Vec<_> = current
        .map(|past| past.state.file().evidence().iter().map(|file| file.id.clone()).collect())
        .unwrap_or_default();
    copy(app, rows.iter().filter(|row| standing.contains(&row.id) && keep(&row.material)), draft)
}

/// Takes the files of one draft over into another.
pub(in crate::usecase) fn take_over_files(app: &App, from: &DraftId, to: &DraftId) -> Outcome<()> {
    let owner = from.clone();
    let rows = app.store.read(move |tx: &mut dyn Tx| papers::evidence_of(tx, owner.as_str()))?;
    copy(app, rows.iter(), to)
}

/// Copies files, each sealed anew under its own id.
fn copy<'a>(app: &App, rows: impl Iterator<Item = &'a EvidenceRow>, draft: &DraftId) -> Outcome<()> {
    for row in rows {
        let bytes = app.open_evidence(row)?;
        let file = open_file(app, row)?;
        let id = app.fresh(EvidenceId::new);
        let sealed = app.data.seal_blob(id.as_str(), &bytes, app.entropy.as_ref())?;
        let copy = EvidenceRow {
            name: app.seal(name_place(&id), &file.name)?,
            owner: draft.as_str().to_owned(),
            blob: id.as_str().to_owned(),
            wrapped_key: sealed.key_wrapped,
            salt: sealed.salt_sealed,
            commitment: Hash::from_slice(&sealed.commitment).ok_or_else(|| fault("commitment"))?,
            created_at: app.micros(),
            id,
            ..row.clone()
        };
        app.files.put(&copy.blob, &sealed.body).map_err(|error| AppError::Fault(error.into()))?;
        app.store.write(move |tx| papers::evidence_insert(tx, &copy))?;
    }
    Ok(())
}
