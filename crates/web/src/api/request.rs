//! What a program sends: its key, its `Idempotency-Key`, a JSON body.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use banjie_app::tokens::{self, Caller};
use banjie_app::usecase::form_key::FormKey;
use banjie_domain::actor::Principal;
use serde::de::DeserializeOwned;

use super::meter::{KEY, Meter, STRANGER};
use super::problem::Stop;
use crate::form::body;
use crate::prefs::api_language;
use crate::run::blocking;
use crate::state::Web;
use crate::texts::Tongue;

/// The most a body with papers may hold: ten papers of a megabyte as base 64, or one of ten.
pub const MOST_BYTES: usize = 20 * 1024 * 1024;

/// The header that makes asking twice harmless.
const IDEMPOTENCY: &str = "idempotency-key";

/// What every handler of the interface has at hand.
#[derive(Clone)]
pub struct Api {
    /// The service.
    pub web: Web,
    /// Counts requests.
    pub meter: Arc<Meter>,
}

/// Who asks, and in which language he is answered.
#[derive(Clone)]
pub struct By {
    /// The account behind the key.
    pub who: Principal,
    /// The language of texts.
    pub tongue: Tongue,
}

/// The language a program asks for; Chinese unless it says otherwise.
pub fn tongue(web: &Web, headers: &HeaderMap) -> Tongue {
    web.site.texts.lang(&api_language(headers))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let given = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = given.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(secret.trim())
}

/// Middleware: who is behind the key, and whether he asks too often.
pub async fn admit(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    let tongue = tongue(&api.web, request.headers());
    let caller = match bearer(request.headers()).map(str::to_owned) {
        None => Ok(None),
        Some(secret) => blocking(&api.web.app, move |app| tokens::caller(app, &secret)).await,
    };
    let caller: Option<Caller> = match caller {
        Ok(caller) => caller,
        Err(error) => return Stop::from_app(&tongue, error).into_response(),
    };
    let (who, most) = match &caller {
        Some(caller) => (caller.token.to_string(), KEY),
        None => (network(&request), STRANGER),
    };
    let reading = api.meter.count(&who, most, api.web.app.micros());
    let mut answer = if reading.over {
        let title = tongue.t("api.too-many");
        Stop::wait(StatusCode::TOO_MANY_REQUESTS, "too-many", title, reading.seconds).into_response()
    } else if let Some(caller) = caller {
        request.extensions_mut().insert(By { who: caller.principal, tongue });
        next.run(request).await
    } else {
        Stop::of(StatusCode::UNAUTHORIZED, "no-key", tongue.t("api.no-key")).into_response()
    };
    reading.write(answer.headers_mut());
    answer
}

/// Where a request comes from, for counting only. Never logged.
fn network(request: &Request) -> String {
    let from = request.extensions().get::<ConnectInfo<SocketAddr>>();
    from.map_or_else(String::new, |ConnectInfo(address)| address.ip().to_string())
}

impl<S: Send + Sync> FromRequestParts<S> for By {
    type Rejection = Stop;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Stop> {
        // Without it the route stands outside the door: nobody is let in.
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Stop::of(StatusCode::UNAUTHORIZED, "no-key", "no key"))
    }
}

/// A body that changes something, and the key under which its answer is kept.
pub struct Written<T> {
    /// What it says.
    pub value: T,
    /// The key, with the fingerprint of method, address and body.
    pub key: FormKey,
}

impl<T: DeserializeOwned> FromRequest<Api> for Written<T> {
    type Rejection = Stop;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Stop> {
        let tongue = tongue(&api.web, request.headers());
        let unreadable = |code: &str, words: &str| Stop::of(StatusCode::BAD_REQUEST, code, words);
        let key = request.headers().get(IDEMPOTENCY).and_then(|value| value.to_str().ok()).map(str::trim);
        let Some(key) = key.filter(|key| is_key(key)).map(str::to_owned) else {
            return Err(unreadable("idempotency-key", tongue.t("api.idempotency-key")));
        };
        if body::kind(request.headers()) != Some("application/json") {
            return Err(Stop::of(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json", tongue.t("api.not-json")));
        }
        let place = format!("{} {}\n", request.method(), request.uri().path());
        let bytes = body::collect(request.into_body(), MOST_BYTES).await?;
        // A list would pass for an object whose fields stand in order.
        let is_object = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
        if !is_object {
            return Err(unreadable("unreadable-json", tongue.t("api.no-object")));
        }
        let value = serde_json::from_slice(&bytes).map_err(|error| {
            if error.is_data() {
                let words = tongue.fill("api.wrong-shape", &[("detail", &without_value(&error.to_string()))]);
                return Stop::of(StatusCode::UNPROCESSABLE_ENTITY, "wrong-shape", words);
            }
            let at = [("line", error.line().to_string()), ("column", error.column().to_string())];
            let at = at.each_ref().map(|(name, value)| (*name, value.as_str()));
            unreadable("unreadable-json", &tongue.fill("api.unreadable-json", &at))
        })?;
        let said = [place.as_bytes(), &bytes].concat();
        Ok(Self { value, key: FormKey::of(&key, &said) })
    }
}

/// What is wrong with JSON, as its reader says it: the field, or what was expected and where. The value that stood there
/// may be a person's, and answers end in the logs of programs.
fn without_value(said: &str) -> String {
    let has_value = ["invalid type", "invalid value", "invalid length", "unknown variant"]
        .iter()
        .any(|kind| said.starts_with(kind));
    let rest = said.rsplit_once(", expected ").filter(|_| has_value).map(|(_, rest)| format!("expected {rest}"));
    rest.unwrap_or_else(|| said.to_owned())
}

/// Long enough that two programs do not choose the same by accident, and nothing that needs quoting.
fn is_key(key: &str) -> bool {
    (16..=64).contains(&key.len()) && key.bytes().all(|sign| sign.is_ascii_alphanumeric() || b"-_".contains(&sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_json_is_told_without_the_value() {
        let told = |json: &str| {
            let read: Result<std::collections::BTreeMap<String, u8>, _> = serde_json::from_str(json);
            without_value(&read.unwrap_err().to_string())
        };
        assert_eq!(told(r#"{"phone":"13800000000, expected"}"#), "expected u8 at line 1 column 32");
        assert_eq!(told(r#"{"phone":13800000000}"#), "expected u8 at line 1 column 20");
        assert_eq!(without_value("unknown variant `王秀英`, expected one of `a`, `b`"), "expected one of `a`, `b`");
        assert_eq!(without_value("unknown field `x`, expected `y`"), "unknown field `x`, expected `y`");
    }
}
