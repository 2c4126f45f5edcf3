//! The headers every answer carries, in one place: a page cannot weaken them.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

use crate::{cookies::Transport, shell::Site};

/// No inline style or script, no foreign host, no frame, no HTML made by script.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; \
    connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; \
    require-trusted-types-for 'script'";

const ALWAYS: [(&str, &str); 7] = [
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// Sent with the answer to signing out: the browser forgets what it kept of us.
pub const CLEAR_SITE_DATA: (HeaderName, HeaderValue) =
    (HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\", \"storage\""));

/// How an answer wants to be shown or kept, and its name: in any script, as data and never as a path (RFC 8187).
#[must_use]
pub fn disposition(way: &str, name: &str) -> Option<HeaderValue> {
    let safe =
        |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    let name: String = name.bytes().map(safe).collect();
    HeaderValue::from_str(&format!("{way}; filename*=UTF-8''{name}")).ok()
}

/// Middleware: writes them all.
pub async fn guard(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    write(answer.headers_mut(), site.transport);
    answer
}

fn write(headers: &mut HeaderMap, transport: Transport) {
    for (name, value) in ALWAYS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    // Only the built-in files say otherwise. A page left in a shared computer's cache is a page somebody else reads.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if transport == Transport::Secure {
        let two_years = HeaderValue::from_static("max-age=63072000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, two_years);
    }
    headers.remove(header::SERVER);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_never_stored_and_a_built_in_file_is() {
        let mut page = HeaderMap::new();
        write(&mut page, Transport::Plain);
        assert_eq!(page[header::CACHE_CONTROL], "no-store");
        let mut file = HeaderMap::from_iter([(header::CACHE_CONTROL, HeaderValue::from_static("public, immutable"))]);
        write(&mut file, Transport::Plain);
        assert_eq!(file[header::CACHE_CONTROL], "public, immutable");
    }

    #[test]
    fn strict_transport_is_promised_only_over_https() {
        let mut headers = HeaderMap::from_iter([(header::SERVER, HeaderValue::from_static("x/1"))]);
        write(&mut headers, Transport::Plain);
        assert!(!headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
        assert!(!headers.contains_key(header::SERVER));
        write(&mut headers, Transport::Secure);
        assert!(headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
    }

    #[test]
    fn a_page_cannot_weaken_the_policy() {
        let loose = HeaderValue::from_static("default-src *");
        let mut headers = HeaderMap::from_iter([(header::CONTENT_SECURITY_POLICY, loose)]);
        write(&mut headers, Transport::Plain);
        assert_eq!(headers[header::CONTENT_SECURITY_POLICY], POLICY);
    }
}
