//! The description of the interface in OpenAPI 3.1, made from the handlers, and the page that shows it.

use std::sync::LazyLock;

use axum::http::header;
use axum::response::IntoResponse;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{applicant, desk, models, problem, reference};

/// The whole interface.
#[derive(OpenApi)]
#[openapi(
    info(title = "Banjie", version = "1", description = "Register, ask, follow and decide. Every request carries a key \
        of an account as `Authorization: Bearer …`; a key can do what its account can do on the pages. Texts come in \
        Chinese, or in English with `Accept-Language: en`."),
    paths(
        applicant::registrations, applicant::registration, applicant::register,
        applicant::cases, applicant::case, applicant::ask, applicant::supplement, applicant::withdraw,
        desk::file, desk::queue, desk::case, desk::step,
        reference::types, reference::codes,
    ),
    components(schemas(problem::Problem, problem::FieldError, models::RegistrationLine, models::CaseLine)),
    modifiers(&Key),
    tags(
        (name = "registrations", description = "登记: what an employer or person has registered"),
        (name = "cases", description = "办件: what is asked of a registration"),
        (name = "desk", description = "审核: the queues of an office and its steps"),
        (name = "reference", description = "Types, reasons and code tables"),
    )
)]
struct Interface;

struct Key;

impl Modify for Key {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        document.components.get_or_insert_default().add_security_scheme("key", scheme);
    }
}

/// The description as JSON.
#[must_use]
pub fn describe() -> serde_json::Value {
    serde_json::to_value(Interface::openapi()).unwrap_or_default()
}

/// GET /api/v1/openapi.json
pub(super) async fn openapi() -> impl IntoResponse {
    static TEXT: LazyLock<String> = LazyLock::new(|| describe().to_string());
    ([(header::CONTENT_TYPE, "application/json")], TEXT.as_str())
}
