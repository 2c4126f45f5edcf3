//! What a program has to know before it writes: types with their fields, situations and reasons, and code tables.

use axum::Json;
use axum::extract::{Path, State};
use banjie_domain::case::{FAULTS, GROUNDS};
use banjie_domain::registration_type::{RegistrationType, Required};
use serde::Serialize;
use utoipa::ToSchema;

use super::problem::{Failures, Stop};
use super::request::{Api, By};

/// A field of a type.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FieldInfo {
    /// Its key in `answers`.
    key: String,
    /// The question.
    label: String,
    /// Whether it must be answered: `always`, `never`, `sometimes`.
    required: String,
    /// The code table of a coded field, for `/api/v1/codes/{name}`.
    codes: Option<String>,
}

/// What may have happened, as the applicant says it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SituationInfo {
    /// Its key.
    key: String,
    /// In words.
    label: String,
    /// Who says it: `person`, `employer`.
    applicants: Vec<String>,
    /// The act it leads to.
    act: String,
    /// The codes of its reasons.
    reasons: Vec<String>,
}

/// A reason.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReasonInfo {
    /// Its code.
    code: String,
    /// In words.
    label: String,
    /// The article.
    basis: String,
    /// The act it leads to.
    act: String,
}

/// A registration type.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TypeInfo {
    /// Its key.
    key: String,
    /// What it is called.
    label: String,
    /// Who registers: `person` or `employer`.
    registrant: String,
    /// The fields of a new registration.
    fields: Vec<FieldInfo>,
    /// What may have happened.
    situations: Vec<SituationInfo>,
    /// The reasons.
    reasons: Vec<ReasonInfo>,
}

/// The registration types.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Types {
    /// All of them.
    types: Vec<TypeInfo>,
}

/// One code.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CodeInfo {
    /// The code.
    code: String,
    /// In words.
    label: String,
}

/// A code table, as it is today.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Codes {
    /// Its codes.
    codes: Vec<CodeInfo>,
}

fn type_info(kind: &RegistrationType, lang: &str) -> TypeInfo {
    let required = |required: &Required| match required {
        Required::Always => "always",
        Required::Never => "never",
        Required::When(_) => "sometimes",
    };
    let fields = kind.fields().iter().map(|field| FieldInfo {
        key: field.key.clone(),
        label: field.label.get(lang).to_owned(),
        required: required(&field.required).to_owned(),
        codes: field.codes.clone(),
    });
    let situations = kind.all_situations().iter().filter(|one| one.offered).map(|one| SituationInfo {
        key: one.key.clone(),
        label: one.label.get(lang).to_owned(),
        applicants: one.applicants.iter().map(|who| who.key().to_owned()).collect(),
        act: one.act.key().to_owned(),
        reasons: kind.reasons_of(one).map(|reason| reason.code.clone()).collect(),
    });
    let reasons = kind.reasons().iter().map(|reason| ReasonInfo {
        code: reason.code.clone(),
        label: reason.label.get(lang).to_owned(),
        basis: reason.basis.clone(),
        act: reason.act.key().to_owned(),
    });
    TypeInfo {
        key: kind.key().to_owned(),
        label: kind.label(lang).to_owned(),
        registrant: kind.registrant().key().to_owned(),
        fields: fields.collect(),
        situations: situations.collect(),
        reasons: reasons.collect(),
    }
}

/// Lists the registration types, with their fields, situations and reasons.
#[utoipa::path(get, path = "/api/v1/types", tag = "reference",
    responses((status = 200, body = Types), Failures), security(("key" = [])))]
pub(super) async fn types(State(api): State<Api>, by: By) -> Json<Types> {
    let types = api.web.app.rules.types.all().map(|kind| type_info(kind, by.tongue.tag())).collect();
    Json(Types { types })
}

/// Gives one code table, as it is today; `faults` and `grounds` are the lists of the desk.
#[utoipa::path(get, path = "/api/v1/codes/{name}", tag = "reference",
    params(("name" = String, Path, description = "Its name, as a field's `codes` says")),
    responses((status = 200, body = Codes), Failures), security(("key" = [])))]
pub(super) async fn codes(State(api): State<Api>, by: By, Path(name): Path<String>) -> Result<Json<Codes>, Stop> {
    // The published lists of the desk: what can be wrong with a paper, and why something is not granted.
    let listed = |list: &str, keys: &[&str]| {
        let label = |key: &&str| by.tongue.t(&format!("{list}.{key}")).to_owned();
        Codes { codes: keys.iter().map(|key| CodeInfo { code: (*key).to_owned(), label: label(key) }).collect() }
    };
    match name.as_str() {
        "faults" => return Ok(Json(listed("fault", &FAULTS))),
        "grounds" => return Ok(Json(listed("ground", &GROUNDS))),
        _ => {}
    }
    let (types, today) = (&api.web.app.rules.types, api.web.app.today());
    let table = types.codes(&name).ok_or_else(|| by.nothing())?;
    let codes = table
        .valid_on(today)
        .map(|code| CodeInfo { code: code.code.clone(), label: code.label.get(by.tongue.tag()).to_owned() });
    Ok(Json(Codes { codes: codes.collect() }))
}
