//! What a program writes, as it is published. A field is never renamed; a new one may be left out.

use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::ToSchema;

/// A registration that is to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRegistration {
    /// Key of the type: `employer` for an employer, `flexible` for a person.
    #[serde(rename = "type")]
    pub kind: String,
    /// The answers, by field of the type.
    pub answers: BTreeMap<String, String>,
}

/// A paper, as it is sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFile {
    /// Key of the material it is for.
    pub material: String,
    /// Its name.
    pub name: String,
    /// Its bytes in base 64 (RFC 4648 §4, padded).
    #[schema(format = Byte)]
    pub content: String,
}

/// What is asked of a registration.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCase {
    /// Id of the registration.
    pub registration: String,
    /// What happened: key of a situation of the type.
    pub situation: String,
    /// Code of a reason of that situation.
    pub reason: String,
    /// `effective_on`, and where the reason asks for them `notice_on`, `note`, `agent`.
    pub answers: BTreeMap<String, String>,
    /// The papers.
    #[serde(default)]
    pub files: Vec<NewFile>,
}

/// The answer to a supplement.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSupplement {
    /// What was named as wrong, anew, by field.
    #[serde(default)]
    pub answers: BTreeMap<String, String>,
    /// What was named as missing.
    #[serde(default)]
    pub files: Vec<NewFile>,
}

/// Nothing needs to be said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}
