//! No other site may act in a visitor's name: two walls, each enough on its own.
//!
//! First, the browser says where an unsafe request comes from (`Sec-Fetch-Site`, `Origin`). Second, the form holds a
//! token: the session's own, or before sign-in a copy of a random cookie. Making tokens is not done here.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use subtle::ConstantTimeEq as _;

use crate::{
    cookies::{Keep, Transport},
    fail::Fail,
    form::Fields,
    shell::Site,
};

/// The name of the hidden field.
pub const FIELD: &str = "csrf";
/// The guest cookie's name, before any prefix.
const COOKIE: &str = "guest";
/// A shorter token could be guessed; a test of ours, not of the visitor.
const SHORTEST: usize = 16;

/// The hidden field with the token.
#[derive(Template)]
#[template(path = "parts/csrf.html")]
pub struct HiddenField<'a> {
    /// The token.
    pub token: &'a str,
}

impl askama::filters::HtmlSafe for HiddenField<'_> {}

/// Whether the given token is the expected one, in a time that does not depend on where they differ.
#[must_use]
pub fn check(expected: &str, given: &str) -> bool {
    expected.len() >= SHORTEST && expected.as_bytes().ct_eq(given.as_bytes()).into()
}

/// Refuses a form whose token is not the session's.
///
/// # Errors
/// The 403 page that asks to load the page again.
pub fn require(expected: &str, fields: &Fields) -> Result<(), Fail> {
    if check(expected, fields.one(FIELD).unwrap_or_default()) { Ok(()) } else { Err(Fail::stale_form()) }
}

/// The token of someone who is not signed in, and the cookie to set when they had none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    /// The token for [`crate::shell::Shell::csrf`] and for [`require`].
    pub token: String,
    /// To be added to the answer.
    pub set_cookie: Option<HeaderValue>,
}

impl Guest {
    /// The token in the guest cookie, else a fresh one. `fresh` must be random and hard to guess, at least 128 bits as
    /// hexadecimal or base64url.
    #[must_use]
    pub fn of(headers: &HeaderMap, transport: Transport, fresh: impl FnOnce() -> String) -> Self {
        match transport.read(headers, COOKIE).filter(|token| token.len() >= SHORTEST) {
            Some(token) => Self { token, set_cookie: None },
            None => {
                let token = fresh();
                let set_cookie = transport.write(COOKIE, &token, Keep::Session);
                Self { token, set_cookie }
            }
        }
    }
}

/// Middleware: lets an unsafe request through only when the browser says it comes from our own pages.
pub async fn same_origin(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    if is_ours(request.method(), request.headers(), site.base_url.as_deref()) {
        next.run(request).await
    } else {
        Fail::foreign_form().into_response()
    }
}

/// The five rules, in order.
fn is_ours(method: &Method, headers: &HeaderMap, base: Option<&str>) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    // 1. Reading changes nothing.
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return true;
    }
    match text("sec-fetch-site") {
        // 2. A browser that says "my own page" is believed: script of another site cannot set this header.
        Some("same-origin") => return true,
        // 3. A browser that says "another site" or "a sister site" is believed as well.
        Some("cross-site" | "same-site") => return false,
        _ => {}
    }
    // 4. Older browsers, and any browser over plain http, say only where from: our address, or the host just called.
    let Some(origin) = text(header::ORIGIN.as_str()) else { return false };
    let Some((_, host)) = origin.split_once("://") else { return false };
    let known = base.is_some_and(|base| base.trim_end_matches('/').eq_ignore_ascii_case(origin));
    // 5. Everything else is refused, and so is a request that says nothing.
    known || text(header::HOST.as_str()).is_some_and(|called| called.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(k, v)| (k.parse().unwrap(), HeaderValue::from_static(v))).collect()
    }

    #[test]
    fn five_rules_decide_whether_a_request_is_ours() {
        let base = Some("https://banjie.example.gov.cn");
        let cases: &[(&[(&'static str, &'static str)], bool)] = &[
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "cross-site"), ("origin", "https://banjie.example.gov.cn")], false),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("origin", "https://banjie.example.gov.cn")], true),
            (&[("origin", "https://banjie.example.gov.cn.evil.example")], false),
            (&[("origin", "http://localhost:8080"), ("host", "localhost:8080")], true),
            (&[("origin", "http://localhost:9090"), ("host", "localhost:8080")], false),
            (&[("origin", "null"), ("host", "null")], false),
            (&[("host", "localhost:8080"), ("cookie", "session=x")], false),
            (&[], false),
        ];
        for (given, expected) in cases {
            assert_eq!(is_ours(&Method::POST, &headers(given), base), *expected, "{given:?}");
        }
        assert!(is_ours(&Method::GET, &headers(&[("sec-fetch-site", "cross-site")]), base));
    }

    #[test]
    fn a_token_must_be_whole_and_an_empty_one_never_counts() {
        let token = "0123456789abcdef0123456789abcdef";
        assert!(check(token, token));
        assert!(!check(token, &token[1..]));
        assert!(!check("", ""));
        assert!(!check("short", "short"));
    }

    #[test]
    fn a_guest_keeps_the_token_of_their_cookie() {
        let fresh = || "f".repeat(32);
        let first = Guest::of(&HeaderMap::new(), Transport::Plain, fresh);
        assert!(first.set_cookie.is_some_and(|line| line.to_str().unwrap().starts_with("guest=ffff")));
        let again =
            Guest::of(&headers(&[("cookie", "guest=0123456789abcdef0123456789abcdef")]), Transport::Plain, fresh);
        assert_eq!(again, Guest { token: "0123456789abcdef0123456789abcdef".into(), set_cookie: None });
    }
}
