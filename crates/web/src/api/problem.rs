//! What a program is told when it did not get what it asked for (RFC 9457): a published code, words, and for each field
//! what is wrong with it.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use banjie_app::error::AppError;
use banjie_domain::refusal::Refusal;
use serde::Serialize;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};

use crate::fail::Fail;
use crate::texts::Tongue;

/// How long a program waits when too much is going on, seconds.
const COME_BACK: u32 = 5;

/// One thing that is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// The field's key; `material:<key>` for a paper.
    pub field: String,
    /// A published code.
    pub code: String,
    /// The same in words.
    pub detail: String,
}

/// A problem document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// The status of the answer.
    pub status: u16,
    /// A published code.
    pub code: String,
    /// What stands in the way, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What to do about it, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The article of the rule that says no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    /// Every field that has something wrong with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<FieldError>,
    /// The number under which the service has written down what happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// What can come instead of the answer, at every address.
pub struct Failures;

/// Each with its status and what it means.
const FAILURES: [(&str, &str); 12] = [
    ("400", "The request cannot be read: a parameter, the JSON, or the Idempotency-Key."),
    ("401", "There is no key, or it does not work."),
    ("404", "It is not there, or not for this key: the same answer for both."),
    ("405", "This address takes another method."),
    ("408", "The body came too slowly."),
    ("409", "Something moved meanwhile, or the Idempotency-Key came with another body before: read again."),
    ("413", "More was sent than is taken."),
    ("415", "The body is not JSON."),
    ("422", "The rules say no; `errors` has everything that is wrong, field by field."),
    ("429", "Too many requests with this key in this minute; Retry-After says when to come back."),
    ("500", "Our fault; `reference` is the number under which it is written down."),
    ("503", "Too much is going on; Retry-After says when to come back, with the same Idempotency-Key."),
];

impl IntoResponses for Failures {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let content = || ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let one = |(status, words): &(&str, &str)| {
            let response = ResponseBuilder::new().description(*words).content("application/problem+json", content());
            ((*status).to_owned(), response.build().into())
        };
        FAILURES.iter().map(one).collect()
    }
}

/// Why a request did not get what it asked for.
#[derive(Debug)]
pub enum Stop {
    /// A problem document.
    Problem(Box<Problem>, Option<u32>),
    /// A failure of the whole site; its own layer writes the document, with a number.
    Fail(Fail),
}

impl Stop {
    /// A problem with a code of the interface itself.
    pub fn of(status: StatusCode, code: &str, title: impl Into<String>) -> Self {
        Self::Problem(Box::new(Problem { title: Some(title.into()), ..bare(status, code) }), None)
    }

    /// The same, to be asked again after this many seconds.
    pub fn wait(status: StatusCode, code: &str, title: impl Into<String>, seconds: u32) -> Self {
        Self::Problem(Box::new(Problem { title: Some(title.into()), ..bare(status, code) }), Some(seconds))
    }

    /// What a use case ended with, in the language of who asked.
    pub fn from_app(tongue: &Tongue, error: AppError) -> Self {
        match error {
            AppError::Refused(refusal) => Self::Problem(Box::new(refused(tongue, &refusal)), None),
            AppError::NotFound => Self::of(StatusCode::NOT_FOUND, "not-found", tongue.t("api.not-found")),
            AppError::Conflict => Self::of(StatusCode::CONFLICT, "conflict", tongue.t("fail.conflict.title")),
            AppError::Busy | AppError::Unknown => {
                Self::wait(StatusCode::SERVICE_UNAVAILABLE, "busy", tongue.t("fail.busy.title"), COME_BACK)
            }
            AppError::Fault(error) => Self::Fail(Fail::from(error)),
        }
    }
}

impl From<Fail> for Stop {
    fn from(fail: Fail) -> Self {
        Self::Fail(fail)
    }
}

fn bare(status: StatusCode, code: &str) -> Problem {
    Problem {
        status: status.as_u16(),
        code: code.to_owned(),
        title: None,
        detail: None,
        basis: None,
        errors: Vec::new(),
        reference: None,
    }
}

fn refused(tongue: &Tongue, refusal: &Refusal) -> Problem {
    let status = match refusal {
        Refusal::MovedMeanwhile | Refusal::KeyUsed => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let basis = match refusal {
        Refusal::MayNotFile { basis } => Some(basis.clone()),
        _ => None,
    };
    let values: Vec<_> = basis.iter().map(|basis| ("basis", basis.as_str())).collect();
    let code = refusal.code();
    let errors = match refusal {
        Refusal::Answers(found) => found
            .iter()
            .map(|one| FieldError {
                field: one.field.clone(),
                code: one.problem.code.to_owned(),
                detail: tongue.problem(&one.problem),
            })
            .collect(),
        _ => Vec::new(),
    };
    Problem {
        title: Some(tongue.fill(&format!("refusal.{code}"), &values)),
        detail: Some(tongue.fill(&format!("refusal.{code}.next"), &values)),
        errors,
        basis: basis.clone(),
        ..bare(status, code)
    }
}

impl IntoResponse for Stop {
    fn into_response(self) -> Response {
        let (problem, wait) = match self {
            Self::Problem(problem, wait) => (problem, wait),
            Self::Fail(fail) => return fail.into_response(),
        };
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut answer = (status, Json(problem)).into_response();
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = wait {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"banjie\""));
        }
        answer
    }
}
