//! What a matter takes in a region, for a program that has to gather the papers before it asks.

use axum::Json;
use axum::extract::{Path, Query, State};
use banjie_app::query::guide::{self, Besides, Way};
use banjie_domain::act::Act;
use banjie_domain::local_text::LocalText;
use banjie_domain::policy::{Material, Need, Ruled};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::applicant::bad_query;
use super::problem::{Failures, Stop};
use super::request::{Api, By};

/// For which reason.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct WhichGuide {
    /// The code of a reason of the act; without one what holds for all.
    reason: Option<String>,
}

/// A paper.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MaterialInfo {
    /// Its key, as `files[].material` names it.
    key: String,
    /// What it is called.
    label: String,
    /// Why it is asked for.
    why: String,
    /// Whether it has to be there: `required`, `optional`, or `one-of:<group>` when any one of a group is enough.
    need: String,
    /// What may be handed in or declared instead.
    substitute: Option<String>,
    /// Why nobody has to hand it in, when that is so.
    waived: Option<String>,
    /// What must be legible on it.
    signs: Vec<String>,
    /// The article.
    basis: String,
}

/// What one more fact changes in the papers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BesidesInfo {
    /// The fact, such as `agent` when somebody is authorised to file.
    fact: String,
    /// The papers that are new or otherwise then.
    materials: Vec<MaterialInfo>,
}

/// How one kind of applicant does it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WayInfo {
    /// Who asks: `person`, `employer`, `counter`.
    applicant: String,
    /// Whether the papers depend on the reason and none was given: then `materials` holds those of every reason only.
    depends_on_reason: bool,
    /// The papers.
    materials: Vec<MaterialInfo>,
    /// Papers besides, when something else is true.
    besides: Vec<BesidesInfo>,
    /// Days the employer has to file it from the day it happened, where the law sets any.
    window_days: Option<u32>,
    /// Working days until it is accepted or declined.
    accept_days: u32,
    /// Promised working days from acceptance to the decision.
    promise_days: u32,
    /// Working days the law allows for it.
    legal_days: u32,
    /// Working days to answer a supplement.
    supplement_days: u32,
}

/// What a matter takes in a region today.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GuideInfo {
    /// The region whose rules they are: that of the address, or the one it inherits from.
    rules_of: String,
    /// How each who may ask does it.
    ways: Vec<WayInfo>,
    /// Where to go with what cannot be asked for on line.
    instead: Vec<String>,
}

fn material(ruled: &Ruled<Material>, lang: &str) -> MaterialInfo {
    let one = &ruled.value;
    let say = |text: &LocalText| text.get(lang).to_owned();
    MaterialInfo {
        key: one.key.clone(),
        label: say(&one.label),
        why: say(&one.why),
        need: match &one.need {
            Need::Required => "required".to_owned(),
            Need::Optional => "optional".to_owned(),
            Need::OneOf(group) => format!("one-of:{group}"),
        },
        substitute: one.substitute.as_ref().map(say),
        waived: one.waived.as_ref().map(say),
        signs: one.signs.iter().map(say).collect(),
        basis: ruled.rule.basis.clone(),
    }
}

fn besides(one: &Besides, lang: &str) -> BesidesInfo {
    let materials = one.materials.iter().map(|ruled| material(ruled, lang)).collect();
    BesidesInfo { fact: one.fact.key().to_owned(), materials }
}

fn way(way: &Way, lang: &str) -> WayInfo {
    WayInfo {
        applicant: way.applicant.key().to_owned(),
        depends_on_reason: way.open,
        materials: way.materials.iter().map(|ruled| material(ruled, lang)).collect(),
        besides: way.besides.iter().map(|one| besides(one, lang)).collect(),
        window_days: way.window.as_ref().map(|ruled| ruled.value),
        accept_days: way.accept.value,
        promise_days: way.promise.value,
        legal_days: way.legal.value,
        supplement_days: way.supplement.value,
    }
}

/// Says what a matter takes in a region today: which papers and why, and how long it takes.
#[utoipa::path(get, path = "/api/v1/guides/{region}/{type}/{act}", tag = "reference",
    params(("region" = String, Path, description = "A code of `/api/v1/codes/divisions`"),
        ("type" = String, Path, description = "Key of a type"), ("act" = String, Path, description = "Key of an act"),
        WhichGuide),
    responses((status = 200, body = GuideInfo), Failures), security(("key" = [])))]
pub(super) async fn show(
    State(api): State<Api>,
    by: By,
    Path((region, kind, act)): Path<(String, String, String)>,
    query: Result<Query<WhichGuide>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<GuideInfo>, Stop> {
    let Query(query) = query.map_err(|_| bad_query(&by))?;
    let act = Act::parse(&act).ok_or_else(|| by.nothing())?;
    let lang = by.tongue.tag();
    let found = by.run(&api, move |app| guide::guide(app, &region, (&kind, act), query.reason.as_deref())).await?;
    let ways = found.ways.iter().map(|one| way(one, lang)).collect();
    let instead = found.instead.iter().map(|text| text.get(lang).to_owned()).collect();
    Ok(Json(GuideInfo { rules_of: found.policy.region().code.to_string(), ways, instead }))
}
