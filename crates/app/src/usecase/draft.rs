//! What is being prepared: kept as it was typed, sealed, changed freely, and unmistakably not handed in.
//!
//! A draft has no number and no history. It belongs to one account; nobody else can name it.

use std::collections::BTreeSet;

use banjie_domain::act::Act;
use banjie_domain::actor::Principal;
use banjie_domain::case::EvidenceRef;
use banjie_domain::history::Hash;
use banjie_domain::id::{CaseId, DraftId, EvidenceId, RegistrationId, TeamId};
use banjie_domain::policy::Fact;
use banjie_domain::problem::Problem;
use banjie_domain::refusal::Refusal;
use banjie_domain::registration_type::Answers;
use banjie_store::papers::{self, DraftRow, EvidenceRow};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::error::{AppError, Outcome, fault};
use crate::evidence;
use crate::seal::Place;

mod begin;
mod files;

pub use begin::{start_registration, start_worker};
pub use files::{FileRead, read_file, record_look};
pub(super) use files::{carry_files, take_over_files};

/// Files one draft may hold: a bound on what one account can fill the disk with.
const MOST_FILES: usize = 20;
/// Drafts one account may have open.
const MOST_DRAFTS: u32 = 50;

/// What a draft prepares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A new registration.
    Register,
    /// An act on a registration.
    Ask,
    /// The answer to a supplement.
    Supplement,
}

impl Purpose {
    /// The word used in the table and in locale keys.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Ask => "ask",
            Self::Supplement => "supplement",
        }
    }

    fn parse(key: &str) -> Option<Self> {
        [Self::Register, Self::Ask, Self::Supplement].into_iter().find(|purpose| purpose.key() == key)
    }
}

/// What was typed and chosen so far.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DraftBody {
    /// Key of the registration's type.
    pub kind: String,
    /// What was typed, by field.
    pub answers: Answers,
    /// Which of the plain-language situations was chosen.
    pub situation: Option<String>,
    /// The act it leads to.
    pub act: Option<Act>,
    /// The reason code.
    pub reason: Option<String>,
    /// Facts that decide which materials are wanted.
    pub facts: BTreeSet<String>,
    /// The team a worker is registered in, for a registration on a building project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamId>,
    /// Only these may change: what a supplement or a rejection named. `None` when all may.
    pub open: Option<Vec<String>>,
}

impl DraftBody {
    /// What a new registration of a type says.
    pub(super) fn registering(kind: &str, answers: Answers) -> Self {
        Self { kind: kind.to_owned(), act: Some(Act::Register), answers, ..Self::default() }
    }

    /// The facts, as the rules know them.
    #[must_use]
    pub fn rule_facts(&self) -> BTreeSet<Fact> {
        self.facts.iter().filter_map(|key| Fact::parse(key)).collect()
    }

    /// Whether a field or material may change: `field:<key>` or `material:<key>`.
    #[must_use]
    pub fn is_open(&self, target: &str) -> bool {
        self.open.as_ref().is_none_or(|open| open.iter().any(|named| named == target || named == "case"))
    }
}

/// A file in a draft or case, as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftFile {
    /// The file.
    pub id: EvidenceId,
    /// Key of the material it is for.
    pub material: String,
    /// The name it was given.
    pub name: String,
    /// `pdf`, `jpg`, `png`.
    pub kind: String,
    /// Bytes.
    pub size: i64,
    /// Pages, when they could be counted.
    pub pages: Option<i64>,
    /// When it came, microseconds.
    pub created_at: i64,
    /// What an event says of it.
    pub commitment: Hash,
}

impl DraftFile {
    /// The form that events keep.
    #[must_use]
    pub fn evidence(&self) -> EvidenceRef {
        EvidenceRef { id: self.id.clone(), material: self.material.clone(), commitment: self.commitment }
    }
}

/// A draft, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The draft.
    pub id: DraftId,
    /// Counts changes.
    pub version: u64,
    /// What it prepares.
    pub purpose: Purpose,
    /// The registration it is about.
    pub registration: Option<RegistrationId>,
    /// The case it answers or takes up again.
    pub case: Option<CaseId>,
    /// What was typed and chosen.
    pub body: DraftBody,
    /// The files.
    pub files: Vec<DraftFile>,
    /// When it last changed, microseconds.
    pub changed_at: i64,
}

fn place(id: &DraftId) -> Place<'_> {
    Place { table: "drafts", row: id.as_str(), column: "body" }
}

fn name_place(id: &EvidenceId) -> Place<'_> {
    Place { table: "evidence", row: id.as_str(), column: "name" }
}

fn open(app: &App, row: DraftRow, files: Vec<EvidenceRow>) -> Outcome<Draft> {
    Ok(Draft {
        body: app.unseal(place(&row.id), &row.body)?,
        purpose: Purpose::parse(&row.purpose).ok_or_else(|| fault("purpose of a draft"))?,
        files: files.iter().map(|file| open_file(app, file)).collect::<Outcome<_>>()?,
        id: row.id,
        version: row.version,
        registration: row.registration,
        case: row.case,
        changed_at: row.changed_at,
    })
}

/// A file's row with its name opened.
///
/// # Errors
/// When the name was changed.
pub fn open_file(app: &App, row: &EvidenceRow) -> Outcome<DraftFile> {
    Ok(DraftFile {
        name: app.unseal(name_place(&row.id), &row.name)?,
        id: row.id.clone(),
        material: row.material.clone(),
        kind: row.kind.clone(),
        size: row.size,
        pages: row.pages,
        created_at: row.created_at,
        commitment: row.commitment,
    })
}

/// A filing that an employer is preparing, without its files.
pub(super) fn of_row(app: &App, row: DraftRow) -> Outcome<Draft> {
    open(app, row, Vec::new())
}

/// The account's drafts, last changed first, without their files.
///
/// # Errors
/// When the database cannot be read.
pub fn list(app: &App, who: &Principal) -> Outcome<Vec<Draft>> {
    let account = who.account.clone();
    let rows = app.store.read(move |tx| papers::draft_list(tx, &account, MOST_DRAFTS))?;
    rows.into_iter().map(|row| open(app, row, Vec::new())).collect()
}

/// One of the account's drafts.
///
/// # Errors
/// [`AppError::NotFound`] when it is gone, or another account's.
pub fn find(app: &App, who: &Principal, id: &DraftId) -> Outcome<Draft> {
    let (id, account) = (id.clone(), who.account.clone());
    let (row, files) = app.store.read(move |tx| -> Outcome<_> {
        let row = papers::draft_find(tx, &id, &account)?.ok_or(AppError::NotFound)?;
        let files = papers::evidence_of(tx, id.as_str())?;
        Ok((row, files))
    })?;
    open(app, row, files)
}

/// Throws a draft away, with its files.
///
/// # Errors
/// [`AppError::NotFound`] when it is gone, or another account's.
pub fn discard(app: &App, who: &Principal, id: &DraftId) -> Outcome<()> {
    let (wanted, account) = (id.clone(), who.account.clone());
    let blobs = app.store.write(move |tx| -> Outcome<_> {
        papers::draft_find(tx, &wanted, &account)?.ok_or(AppError::NotFound)?;
        let files = papers::evidence_of(tx, wanted.as_str())?;
        for file in &files {
            papers::evidence_delete(tx, &file.id, wanted.as_str())?;
        }
        papers::draft_delete(tx, &wanted)?;
        Ok(files.into_iter().map(|file| file.blob).collect::<Vec<_>>())
    })?;
    remove_blobs(app, &blobs);
    Ok(())
}

/// Rows are gone already, so a file that cannot be removed is only space; the sweep of orphans finds it.
fn remove_blobs(app: &App, blobs: &[String]) {
    for blob in blobs {
        if let Err(error) = app.files.remove(blob) {
            tracing::warn!(%error, blob, "a file no row names could not be removed");
        }
    }
}

/// What a new draft starts from.
pub(super) struct Start {
    /// What it prepares.
    pub purpose: Purpose,
    /// The registration it is about.
    pub registration: Option<RegistrationId>,
    /// The case it answers or takes up again.
    pub case: Option<CaseId>,
    /// What is known from the start.
    pub body: DraftBody,
}

/// Makes a draft.
pub(super) fn make(app: &App, who: &Principal, start: &Start) -> Outcome<DraftId> {
    let id = app.fresh(DraftId::new);
    let now = app.micros();
    let row = DraftRow {
        id: id.clone(),
        account: who.account.clone(),
        purpose: start.purpose.key().to_owned(),
        registration: start.registration.clone(),
        case: start.case.clone(),
        body: app.seal(place(&id), &start.body)?,
        version: 1,
        created_at: now,
        changed_at: now,
    };
    app.store.write(move |tx| papers::draft_insert(tx, &row))?;
    Ok(id)
}

/// Replaces a draft's content by somebody who saw version `seen`; the new version.
///
/// # Errors
/// [`AppError::Conflict`] when it changed meanwhile.
pub(super) fn save(app: &App, id: &DraftId, seen: u64, body: &DraftBody) -> Outcome<u64> {
    let sealed = app.seal(place(id), body)?;
    let (id, now) = (id.clone(), app.micros());
    if app.store.write(move |tx| papers::draft_update(tx, &id, seen, &sealed, now))? {
        Ok(seen + 1)
    } else {
        Err(AppError::Conflict)
    }
}

/// Keeps what was typed and checks nothing: a draft survives anything. Closed fields keep what they had.
///
/// # Errors
/// [`AppError::Conflict`] when it changed since `seen`.
pub fn save_answers(app: &App, who: &Principal, id: &DraftId, seen: u64, answers: Answers) -> Outcome<u64> {
    let draft = find(app, who, id)?;
    let body = with_answers(&draft.body, &answers);
    if draft.version == seen && body == draft.body {
        return Ok(seen);
    }
    save(app, id, seen, &body)
}

/// The body with new answers where the fields are open.
pub(super) fn with_answers(body: &DraftBody, answers: &Answers) -> DraftBody {
    let mut merged = body.answers.clone();
    for (key, typed) in answers.iter() {
        if body.is_open(&format!("field:{key}")) {
            merged.insert(key, typed);
        }
    }
    DraftBody { answers: merged, ..body.clone() }
}

/// Looks a file over, seals it, and puts it into a draft for one material.
///
/// # Errors
/// [`Refusal::Answers`] with what is wrong with the file, at `material:<key>`.
pub fn add_file(app: &App, who: &Principal, draft: &DraftId, upload: &Upload<'_>) -> Outcome<EvidenceId> {
    let opened = find(app, who, draft)?;
    let target = format!("material:{}", upload.material);
    let refuse = |problem: Problem| AppError::Refused(Refusal::Answers(vec![problem.at(target.clone())]));
    let rule = super::ask::upload_rule(app, who, &opened, upload.material)?;
    if !opened.body.is_open(&target) {
        return Err(AppError::NotFound);
    }
    if opened.files.len() >= MOST_FILES {
        return Err(refuse(Problem::new("evidence.too-many").with("most", MOST_FILES.to_string())));
    }
    let looked = evidence::inspect(upload.name, upload.bytes, &rule).map_err(refuse)?;
    let id = app.fresh(EvidenceId::new);
    let sealed = app.data.seal_blob(id.as_str(), &looked.clean, app.entropy.as_ref())?;
    let blob = id.as_str().to_owned();
    let row = EvidenceRow {
        name: app.seal(name_place(&id), &evidence::shown_name(upload.name))?,
        owner: draft.as_str().to_owned(),
        material: upload.material.to_owned(),
        kind: looked.kind.key().to_owned(),
        size: i64::try_from(looked.clean.len()).unwrap_or(i64::MAX),
        pages: looked.pages.map(i64::from),
        blob: blob.clone(),
        wrapped_key: sealed.key_wrapped,
        salt: sealed.salt_sealed,
        commitment: Hash::from_slice(&sealed.commitment).ok_or_else(|| fault("commitment"))?,
        created_at: app.micros(),
        id: id.clone(),
    };
    app.files.put(&blob, &sealed.body).map_err(|error| AppError::Fault(error.into()))?;
    let (draft, account) = (draft.clone(), who.account.clone());
    let stored = app.store.write(move |tx| -> Outcome<()> {
        papers::draft_find(tx, &draft, &account)?.ok_or(AppError::NotFound)?;
        Ok(papers::evidence_insert(tx, &row)?)
    });
    // Whether a lost COMMIT went through is not known; then the file stays, and the sweep decides.
    if stored.as_ref().is_err_and(|error| !matches!(error, AppError::Unknown)) {
        remove_blobs(app, &[blob]);
    }
    stored.map(|()| id)
}

/// A file as it came.
#[derive(Debug, Clone, Copy)]
pub struct Upload<'a> {
    /// Key of the material it is for.
    pub material: &'a str,
    /// The name it was given.
    pub name: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// Takes a file out of a draft.
///
/// # Errors
/// [`AppError::NotFound`] when it is not there, or may not change.
pub fn remove_file(app: &App, who: &Principal, draft: &DraftId, file: &EvidenceId) -> Outcome<()> {
    let opened = find(app, who, draft)?;
    let known = opened.files.iter().find(|known| known.id == *file).ok_or(AppError::NotFound)?;
    if !opened.body.is_open(&format!("material:{}", known.material)) {
        return Err(AppError::NotFound);
    }
    let (draft, file) = (draft.clone(), file.clone());
    let blob = app.store.write(move |tx| -> Outcome<_> {
        let row = papers::evidence_find(tx, &file)?.ok_or(AppError::NotFound)?;
        papers::evidence_delete(tx, &file, draft.as_str())?;
        Ok(row.blob)
    })?;
    remove_blobs(app, &[blob]);
    Ok(())
}

/// The draft of this account that already answers or takes up a case, if there is one.
pub(super) fn about_case(app: &App, who: &Principal, case: &CaseId, purpose: Purpose) -> Outcome<Option<DraftId>> {
    let found = list(app, who)?;
    Ok(found.into_iter().find(|d| d.case.as_ref() == Some(case) && d.purpose == purpose).map(|draft| draft.id))
}
