//! `/api/v1`: the same use cases for programs, by a key of an account. JSON in and out, described in OpenAPI 3.1.
//!
//! It decides nothing: a key can do what its account can do on the pages. What is published here is never renamed and
//! never taken away; `docs/api/openapi.json` is the promise, and a test holds the code to it.

mod applicant;
mod desk;
mod document;
mod guide;
mod inputs;
mod meter;
mod models;
mod problem;
mod reference;
mod request;

use std::sync::Arc;

use axum::routing::{get, post};
use axum::{Router, middleware};

use crate::layers;
use crate::state::Web;

pub use document::describe;
use request::{Api, admit};

/// Every route of the interface, with its walls.
pub(crate) fn router(web: &Web) -> Router<()> {
    let api = Api { web: web.clone(), meter: Arc::default() };
    let keyed = Router::new()
        .route("/api/v1/registrations", get(applicant::registrations).post(applicant::register))
        .route("/api/v1/registrations/{id}", get(applicant::registration))
        .route("/api/v1/cases", get(applicant::cases).post(applicant::ask))
        .route("/api/v1/cases/{id}", get(applicant::case))
        .route("/api/v1/cases/{id}/supplement", post(applicant::supplement))
        .route("/api/v1/cases/{id}/withdraw", post(applicant::withdraw))
        .route("/api/v1/files/{id}", get(desk::file))
        .route("/api/v1/desk/cases", get(desk::queue))
        .route("/api/v1/desk/cases/{id}", get(desk::case))
        .route("/api/v1/desk/cases/{id}/steps", post(desk::step))
        .route("/api/v1/types", get(reference::types))
        .route("/api/v1/codes/{name}", get(reference::codes))
        .route("/api/v1/guides/{region}/{type}/{act}", get(guide::show))
        .route_layer(middleware::from_fn_with_state(api.clone(), admit));
    let open = Router::new().route("/api/v1/openapi.json", get(document::openapi));
    layers::wrap_api(keyed.merge(open).with_state(api), &web.site)
}
