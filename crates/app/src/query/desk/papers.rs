//! The papers of a case: what the rules asked for, what was handed in for it, and what must be legible on it.

use banjie_domain::case::Case;
use banjie_domain::policy::{Material, Need, Policy};
use banjie_store::papers::EvidenceRow;
use banjie_store::people::EmployerRow;

use crate::app::App;
use crate::error::Outcome;
use crate::usecase::draft::{DraftFile, open_file};

use crate::query::declared::{Declared, facts, rule_facts};

/// Whether a material had to be handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MaterialNeed {
    /// It has to be there.
    Required,
    /// It helps.
    Optional,
    /// One of its group has to be there.
    OneOf,
    /// Not needed; says why.
    Waived(String),
}

/// How a file came to the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileStanding {
    /// With the case.
    First,
    /// With the answer to a supplement.
    Added,
    /// It was there first and another took its place.
    Replaced,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileView {
    /// The file.
    pub file: DraftFile,
    /// How it came.
    pub standing: FileStanding,
}

/// One material with its files and what must be legible on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaterialView {
    /// Its key.
    pub key: String,
    /// What it is called.
    pub label: String,
    /// Why it is needed.
    pub why: String,
    /// The rule that asks for it.
    pub basis: String,
    /// Whether it had to be handed in.
    pub need: MaterialNeed,
    /// What must be legible on it.
    pub signs: Vec<String>,
    /// The files, those in force first.
    pub files: Vec<FileView>,
}

/// The materials the rules of the case ask for, and any other that was handed in all the same.
pub(super) fn materials(
    app: &App,
    case: &Case,
    policy: &Policy,
    declared: &Declared,
    (evidence, employer): (&[EvidenceRow], Option<&EmployerRow>),
) -> Outcome<Vec<MaterialView>> {
    let facts = facts(declared, employer);
    let mut files = files(app, case, evidence)?;
    let mut views: Vec<_> = policy
        .materials(&rule_facts(case, &facts))
        .into_iter()
        .map(|ruled| MaterialView {
            key: ruled.value.key.clone(),
            label: ruled.value.label.zh.clone(),
            why: ruled.value.why.zh.clone(),
            basis: ruled.rule.basis.to_string(),
            need: need(ruled.value),
            signs: ruled.value.signs.iter().map(|sign| sign.zh.clone()).collect(),
            files: files.extract_if(.., |view| view.file.material == ruled.value.key).collect(),
        })
        .collect();
    for view in files {
        if let Some(known) = views.iter_mut().find(|known| known.key == view.file.material) {
            known.files.push(view);
        } else {
            let key = view.file.material.clone();
            views.push(MaterialView {
                label: key.clone(),
                key,
                why: String::new(),
                basis: String::new(),
                need: MaterialNeed::Optional,
                signs: Vec::new(),
                files: vec![view],
            });
        }
    }
    Ok(views)
}

fn need(material: &Material) -> MaterialNeed {
    match (&material.waived, &material.need) {
        (Some(why), _) => MaterialNeed::Waived(why.zh.clone()),
        (None, Need::Required) => MaterialNeed::Required,
        (None, Need::Optional) => MaterialNeed::Optional,
        (None, Need::OneOf(_)) => MaterialNeed::OneOf,
    }
}

fn files(app: &App, case: &Case, rows: &[EvidenceRow]) -> Outcome<Vec<FileView>> {
    let current = |row: &EvidenceRow| case.file().evidence().iter().any(|file| file.id == row.id);
    let first = |row: &EvidenceRow| case.file().submitted().evidence.iter().any(|file| file.id == row.id);
    let mut views = rows
        .iter()
        .map(|row| {
            let standing = match (current(row), first(row)) {
                (true, true) => FileStanding::First,
                (true, false) => FileStanding::Added,
                (false, _) => FileStanding::Replaced,
            };
            Ok(FileView { file: open_file(app, row)?, standing })
        })
        .collect::<Outcome<Vec<_>>>()?;
    views.sort_by_key(|view| view.standing == FileStanding::Replaced);
    Ok(views)
}
