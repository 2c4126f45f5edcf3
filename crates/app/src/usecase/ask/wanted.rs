//! Which materials the rules want for a draft, in the form a page needs.

use banjie_domain::local_text::LocalText;
use banjie_domain::policy::{self, Policy, RuleFacts};

use crate::evidence::{FileKind, UploadRule};
use crate::usecase::draft::{Draft, DraftFile};

/// Whether a material has to be handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// It has to be.
    Required,
    /// It helps.
    Optional,
    /// One of the group with this key has to be.
    OneOf(String),
    /// Not needed; says why.
    Waived(LocalText),
}

/// One material, with what was handed in for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its key.
    pub key: String,
    /// What it is called.
    pub label: LocalText,
    /// Why it is needed.
    pub why: LocalText,
    /// Where to get it.
    pub how: LocalText,
    /// The rule that asks for it.
    pub basis: String,
    /// Whether it has to be there.
    pub need: Need,
    /// What will do in its place.
    pub substitute: Option<LocalText>,
    /// What must be legible on it.
    pub signs: Vec<LocalText>,
    /// What was handed in.
    pub files: Vec<DraftFile>,
    /// The largest file, in bytes.
    pub max_bytes: u64,
    /// Which kinds of file.
    pub kinds: Vec<String>,
    /// Whether it may be changed.
    pub open: bool,
}

impl Wanted {
    /// The rule its files are held to.
    #[must_use]
    pub fn rule(&self) -> UploadRule {
        UploadRule {
            max_bytes: self.max_bytes,
            kinds: self.kinds.iter().filter_map(|kind| FileKind::parse(kind)).collect(),
        }
    }
}

/// A group of which one material is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedGroup {
    /// Its key.
    pub key: String,
    /// What it is called.
    pub label: LocalText,
    /// Why one is needed.
    pub why: LocalText,
}

/// The materials for a draft, in the order of the rules.
pub(super) fn materials(policy: &Policy, facts: &RuleFacts<'_>, draft: &Draft) -> Vec<Wanted> {
    policy
        .materials(facts)
        .into_iter()
        .map(|ruled| {
            let material = ruled.value;
            let upload = policy.upload_for(material);
            Wanted {
                key: material.key.clone(),
                label: material.label.clone(),
                why: material.why.clone(),
                how: material.source.clone(),
                basis: ruled.rule.basis.to_string(),
                need: need(material),
                substitute: material.substitute.clone(),
                signs: material.signs.clone(),
                files: draft.files.iter().filter(|file| file.material == material.key).cloned().collect(),
                max_bytes: upload.max_bytes,
                kinds: upload.kinds.iter().map(|kind| kind.key().to_owned()).collect(),
                open: draft.body.is_open(&format!("material:{}", material.key)),
            }
        })
        .collect()
}

fn need(material: &policy::Material) -> Need {
    match (&material.waived, &material.need) {
        (Some(by), _) => Need::Waived(by.clone()),
        (None, policy::Need::Required) => Need::Required,
        (None, policy::Need::Optional) => Need::Optional,
        (None, policy::Need::OneOf(group)) => Need::OneOf(group.clone()),
    }
}

/// The groups for a draft.
pub(super) fn groups(policy: &Policy, facts: &RuleFacts<'_>) -> Vec<WantedGroup> {
    policy
        .groups(facts)
        .into_iter()
        .map(|ruled| WantedGroup {
            key: ruled.value.key.clone(),
            label: ruled.value.label.clone(),
            why: ruled.value.why.clone(),
        })
        .collect()
}
