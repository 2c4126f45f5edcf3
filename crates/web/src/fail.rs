//! Pages for what went wrong: what failed, that nothing is lost, what to do, and a number to quote.
//!
//! A handler returns a [`Fail`]; the middleware [`dress`] turns it into a page in the visitor's language. No page ever
//! shows a path of ours, a statement, a version or the text of a fault: those go to the log, once, with the number.

use std::{
    hash::{BuildHasher as _, Hasher as _, RandomState},
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use askama::Template;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{
    prefs::{self, Prefs},
    shell::{Shell, Site},
    texts::Tongue,
};

/// What kind of failure; each has its own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unreadable,
    Forbidden,
    ForeignForm,
    StaleForm,
    NotFound,
    WrongMethod,
    TooSlow,
    Conflict,
    TooLarge,
    UnknownContent,
    Unprocessable,
    TooMany,
    Fault,
    Busy,
}

/// A request that ends in an error page.
#[derive(Debug, Clone)]
pub struct Fail {
    kind: Kind,
    own: Option<Box<Own>>,
    retry_after_seconds: Option<u32>,
    shell: Option<Box<Shell>>,
    cause: Option<Arc<anyhow::Error>>,
}

/// Words of its own in place of the general ones of its kind, in the visitor's language.
#[derive(Debug, Clone, Default)]
struct Own {
    why: Option<String>,
    next: Option<String>,
    /// Where to go on: an address of ours, and its words.
    way: Option<(String, String)>,
}

impl Kind {
    const ALL: [Self; 14] = [
        Self::Unreadable,
        Self::Forbidden,
        Self::ForeignForm,
        Self::StaleForm,
        Self::NotFound,
        Self::WrongMethod,
        Self::TooSlow,
        Self::Conflict,
        Self::TooLarge,
        Self::UnknownContent,
        Self::Unprocessable,
        Self::TooMany,
        Self::Fault,
        Self::Busy,
    ];

    const fn status(self) -> StatusCode {
        match self {
            Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::Forbidden | Self::ForeignForm | Self::StaleForm => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Conflict => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnknownContent => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Fault => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The name of its texts under `fail.`.
    const fn key(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Forbidden => "forbidden",
            Self::ForeignForm => "foreign-form",
            Self::StaleForm => "stale-form",
            Self::NotFound => "not-found",
            Self::WrongMethod => "wrong-method",
            Self::TooSlow => "too-slow",
            Self::Conflict => "conflict",
            Self::TooLarge => "too-large",
            Self::UnknownContent => "unknown-content",
            Self::Unprocessable => "unprocessable",
            Self::TooMany => "too-many",
            Self::Fault => "fault",
            Self::Busy => "busy",
        }
    }

    /// The kind for an answer that has a status but no page, as the router makes them.
    fn of_status(status: StatusCode) -> Self {
        let known = Self::ALL.into_iter().find(|kind| kind.status() == status);
        known.unwrap_or(if status.is_server_error() { Self::Fault } else { Self::Unreadable })
    }
}

impl Fail {
    const fn new(kind: Kind) -> Self {
        Self { kind, own: None, retry_after_seconds: None, shell: None, cause: None }
    }

    /// 400: the request cannot be read at all.
    #[must_use]
    pub const fn unreadable() -> Self {
        Self::new(Kind::Unreadable)
    }

    /// 403: signed in, but this is not theirs to do.
    #[must_use]
    pub const fn forbidden() -> Self {
        Self::new(Kind::Forbidden)
    }

    /// 403: the form came from another site.
    #[must_use]
    pub const fn foreign_form() -> Self {
        Self::new(Kind::ForeignForm)
    }

    /// 403: the form's token is not the session's, mostly because the person signed out or in meanwhile.
    #[must_use]
    pub const fn stale_form() -> Self {
        Self::new(Kind::StaleForm)
    }

    /// 404. Also for what exists but must not be known to exist.
    #[must_use]
    pub const fn not_found() -> Self {
        Self::new(Kind::NotFound)
    }

    /// 408: the body came too slowly.
    #[must_use]
    pub const fn too_slow() -> Self {
        Self::new(Kind::TooSlow)
    }

    /// 409: somebody was faster.
    #[must_use]
    pub const fn conflict() -> Self {
        Self::new(Kind::Conflict)
    }

    /// 413: more was sent than this page takes.
    #[must_use]
    pub const fn too_large() -> Self {
        Self::new(Kind::TooLarge)
    }

    /// 415: not a form.
    #[must_use]
    pub const fn unknown_content() -> Self {
        Self::new(Kind::UnknownContent)
    }

    /// 422: understood and not possible; `because` says why in the visitor's language.
    #[must_use]
    pub fn unprocessable(because: impl Into<String>) -> Self {
        Self::new(Kind::Unprocessable).because(because)
    }

    /// 429: too many tries; come back after this many seconds.
    #[must_use]
    pub const fn too_many(retry_after_seconds: u32) -> Self {
        let mut fail = Self::new(Kind::TooMany);
        fail.retry_after_seconds = Some(retry_after_seconds);
        fail
    }

    /// 503: cannot take more at this moment; come back after this many seconds.
    #[must_use]
    pub const fn busy(retry_after_seconds: u32) -> Self {
        let mut fail = Self::new(Kind::Busy);
        fail.retry_after_seconds = Some(retry_after_seconds);
        fail
    }

    /// 500 after a panic; what it said is already in the log.
    #[must_use]
    pub const fn panicked() -> Self {
        Self::new(Kind::Fault)
    }

    /// With a sentence of its own in place of the general one, already in the visitor's language.
    #[must_use]
    pub fn because(mut self, why: impl Into<String>) -> Self {
        self.own_words().why = Some(why.into());
        self
    }

    /// With a next step of its own in place of the general one, already in the visitor's language.
    #[must_use]
    pub fn then(mut self, next: impl Into<String>) -> Self {
        self.own_words().next = Some(next.into());
        self
    }

    /// With a link to the page on which it goes on.
    #[must_use]
    pub fn toward(mut self, address: impl Into<String>, words: impl Into<String>) -> Self {
        self.own_words().way = Some((address.into(), words.into()));
        self
    }

    fn own_words(&mut self) -> &mut Own {
        self.own.get_or_insert_default()
    }

    /// With the navigation of the page that failed.
    #[must_use]
    pub fn within(mut self, shell: &Shell) -> Self {
        self.shell = Some(Box::new(shell.clone()));
        self
    }

    /// The status it will be answered with.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.kind.status()
    }
}

impl From<anyhow::Error> for Fail {
    /// A fault: our bug or a broken disk. Logged once, when the page is made.
    fn from(error: anyhow::Error) -> Self {
        Self { cause: Some(Arc::new(error)), ..Self::new(Kind::Fault) }
    }
}

impl IntoResponse for Fail {
    fn into_response(self) -> Response {
        let mut answer = self.status().into_response();
        if let Some(seconds) = self.retry_after_seconds {
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        answer.extensions_mut().insert(self);
        answer
    }
}

#[derive(Template)]
#[template(path = "fail.html")]
struct FailPage<'a> {
    shell: &'a Shell,
    title: &'a str,
    what: &'a str,
    kept: &'a str,
    next: &'a str,
    way: Option<&'a (String, String)>,
    reference: &'a str,
}

/// Middleware: turns a [`Fail`], and every bare error answer of the router, into a page.
pub async fn dress(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let uri = request.uri().clone();
    let prefs = Prefs::read(request.headers(), site.transport);
    let lang = prefs::api_language(request.headers());
    let mut answer = next.run(request).await;
    let Some(fail) = failure(&mut answer) else { return answer };

    let reference = reference();
    log(&fail, &reference, &method, uri.path());
    if uri.path().starts_with("/api/") {
        return problem_document(&fail, (&reference, site.texts.lang(&lang)), answer.headers());
    }
    let shell = match fail.shell.clone() {
        Some(shell) => *shell,
        None => site.shell(&prefs, way_back(&method, &uri)),
    };
    let html = words(&fail, &shell, &reference);
    let mut dressed = (fail.status(), html).into_response();
    carry(answer.headers(), dressed.headers_mut());
    dressed.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    dressed
}

/// The failure an answer stands for, if it is one that has no page yet.
fn failure(answer: &mut Response) -> Option<Fail> {
    if let Some(fail) = answer.extensions_mut().remove::<Fail>() {
        return Some(fail);
    }
    let status = answer.status();
    let bare = match answer.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()) {
        Some(kind) => kind.starts_with("text/plain"),
        None => true,
    };
    ((status.is_client_error() || status.is_server_error()) && bare).then(|| Fail::new(Kind::of_status(status)))
}

fn words(fail: &Fail, shell: &Shell, reference: &str) -> String {
    let text = |part: &str| shell.t(&format!("fail.{}.{part}", fail.kind.key()));
    let own = fail.own.as_deref();
    let page = FailPage {
        shell,
        title: text("title"),
        what: own.and_then(|own| own.why.as_deref()).unwrap_or_else(|| text("what")),
        kept: text("kept"),
        next: own.and_then(|own| own.next.as_deref()).unwrap_or_else(|| text("next")),
        way: own.and_then(|own| own.way.as_ref()),
        reference,
    };
    // The last resort must not fail: a bare sentence is better than nothing.
    page.render().unwrap_or_else(|_| format!("{} {reference}", shell.t("fail.fault.title")))
}

/// For machines: the code, its general words, and the number; nothing that might say too much.
fn problem_document(fail: &Fail, (reference, tongue): (&str, Tongue), old: &HeaderMap) -> Response {
    let (status, code) = (fail.status().as_u16(), fail.kind.key());
    let title = tongue.t(&format!("api.failed.{code}"));
    let body = serde_json::json!({ "status": status, "code": code, "title": title, "reference": reference });
    let mut answer = (fail.status(), body.to_string()).into_response();
    carry(old, answer.headers_mut());
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    answer
}

/// Keeps what the bare answer said beyond its body: `Allow`, `Retry-After`, cookies.
fn carry(old: &HeaderMap, new: &mut HeaderMap) {
    for (name, value) in old {
        if *name != header::CONTENT_TYPE && *name != header::CONTENT_LENGTH {
            new.append(name.clone(), value.clone());
        }
    }
}

fn way_back(method: &Method, uri: &Uri) -> String {
    if *method == Method::GET {
        uri.path_and_query().map_or("/", |whole| whole.as_str()).to_owned()
    } else {
        "/".into()
    }
}

fn log(fail: &Fail, reference: &str, method: &Method, path: &str) {
    let status = fail.status().as_u16();
    match &fail.cause {
        Some(cause) => {
            tracing::error!(reference, status, %method, path, "fault {reference} at {method} {path}: {cause:#}");
        }
        None if fail.kind == Kind::Fault => {
            tracing::error!(reference, status, %method, path, "fault {reference} at {method} {path}");
        }
        None => tracing::info!(reference, status, %method, path, "answered {status} as {reference}"),
    }
}

/// A number to quote on the telephone. It is a label for one line of the log, not a secret and not a count.
fn reference() -> String {
    static START: LazyLock<u64> = LazyLock::new(|| RandomState::new().build_hasher().finish());
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let mixed = scatter(START.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)));
    format!("{:04}-{:04}", mixed / 10_000 % 10_000, mixed % 10_000)
}

/// Spreads neighbouring numbers far apart (the finisher of SplitMix64).
const fn scatter(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, middleware, routing::get};
    use tower::ServiceExt as _;

    use super::*;
    use crate::{cookies::Transport, shell::OfficeCard, texts::Texts};

    fn site() -> Arc<Site> {
        let office = OfficeCard { phone: "12333".into(), ..OfficeCard::default() };
        let texts = Texts::load().unwrap();
        Arc::new(Site { texts, office, base_url: None, transport: Transport::Plain, demo: false })
    }

    async fn ask(fail: Fail, path: &str, cookie: &str) -> (StatusCode, HeaderMap, String) {
        let app = Router::new()
            .route("/{*rest}", get(move || async move { fail.into_response() }))
            .layer(middleware::from_fn_with_state(site(), dress));
        let request = Request::get(path).header("cookie", cookie).body(Body::empty()).unwrap();
        let answer = app.oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
    }

    #[test]
    fn every_kind_says_what_failed_what_is_kept_and_what_to_do() {
        for tag in ["zh-CN", "en"] {
            let tongue = Texts::load().unwrap().lang(tag);
            for kind in Kind::ALL {
                for part in ["title", "what", "kept", "next"] {
                    let key = format!("fail.{}.{part}", kind.key());
                    assert!(tongue.find(&key).is_some(), "{tag} {key}");
                }
            }
        }
    }

    #[tokio::test]
    async fn a_fault_shows_a_number_and_nothing_of_the_cause() {
        let cause = anyhow::anyhow!("no such table: cases").context("read `/var/lib/banjie`");
        let (status, headers, html) = ask(Fail::from(cause), "/cases/1", "").await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
        assert!(!html.contains("table") || !html.contains("no such"), "{html}");
        assert!(!html.contains("/var/lib"));
        assert!(html.contains("12333"));
    }

    #[tokio::test]
    async fn a_busy_page_says_when_to_come_back_and_speaks_the_visitors_language() {
        let (status, headers, html) = ask(Fail::busy(30), "/x", "display=lang:en").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(headers[header::RETRY_AFTER], "30");
        assert!(html.contains("<html lang=\"en\""));
    }

    #[tokio::test]
    async fn a_machine_gets_a_problem_document() {
        let (status, headers, body) = ask(Fail::conflict(), "/api/v1/cases", "").await;
        assert_eq!(status, StatusCode::CONFLICT);
        assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json");
        assert!(body.contains("\"code\":\"conflict\""), "{body}");
    }

    #[test]
    fn two_numbers_are_not_neighbours() {
        let (first, second) = (reference(), reference());
        assert_ne!(first, second);
        assert_eq!(first.len(), 9);
    }
}
