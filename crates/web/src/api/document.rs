//! The description of the interface in OpenAPI 3.1, made from the handlers, and the page that shows it.

use std::sync::LazyLock;

use axum::http::header;
use axum::response::IntoResponse;
use banjie_app::messages::KINDS;
use serde_json::json;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{applicant, desk, guide, models, problem, reference};

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
        reference::types, reference::codes, guide::show,
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
    let mut document = serde_json::to_value(Interface::openapi()).unwrap_or_default();
    if let Some(document) = document.as_object_mut() {
        document.insert("webhooks".to_owned(), webhooks());
    }
    document
}

/// What is sent to webhooks. OpenAPI 3.1 has a place for it, the generator has not.
fn webhooks() -> serde_json::Value {
    let header = |name: &str, say: &str| json!({ "name": name, "in": "header", "required": true, "description": say, "schema": { "type": "string" } });
    let text = |say: &str| json!({ "type": "string", "description": say });
    let id = |say: &str| json!({ "type": ["string", "null"], "description": say });
    json!({ "message": { "post": {
        "summary": "A message came to the person or employer of the webhook's account. Answer 2xx within 10 seconds; \
                    anything else is tried again later and later, for a day and a half. 410 stops it. The same \
                    message may come twice, under the same id.",
        "parameters": [
            header("webhook-id", "The same for every try of one message."),
            header("webhook-timestamp", "When it was sent, seconds since 1970. Refuse what is older than five minutes."),
            header(
                "webhook-signature",
                "`v1,` and HMAC-SHA-256 in base 64 over `{id}.{timestamp}.{body}`, as Standard Webhooks says; the key \
                 is the secret after `whsec_`, from base 64.",
            ),
        ],
        "requestBody": { "required": true, "content": { "application/json": { "schema": {
            "type": "object",
            "required": ["type", "timestamp", "data"],
            "properties": {
                "type": text(&format!(
                    "The key of the message: {}; `test` for one that tells nothing. New ones may come.",
                    KINDS.join(", ")
                )),
                "timestamp": text("When it was written."),
                "data": { "type": "object", "properties": {
                    "case": id("The account's own case it is about: ask for it by its id."),
                    "registration": id("The registration it is about."),
                } },
            },
        } } } },
        "responses": { "204": { "description": "Heard." } },
    } } })
}

/// GET /api/v1/openapi.json
pub(super) async fn openapi() -> impl IntoResponse {
    static TEXT: LazyLock<String> = LazyLock::new(|| describe().to_string());
    ([(header::CONTENT_TYPE, "application/json")], TEXT.as_str())
}
