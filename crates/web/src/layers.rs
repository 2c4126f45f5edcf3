//! What wraps every route, in the one right order.

use std::{any::Any, sync::Arc};

use axum::{
    Router, middleware,
    response::{IntoResponse as _, Response},
};
use tower_http::catch_panic::CatchPanicLayer;

use crate::{assets, csrf, fail, headers, prefs, shell::Site};

/// The whole service: the given routes, the built-in files and the display settings, with all walls around them.
///
/// From outside in: headers on everything; error pages; a panic becomes an error page; other sites are refused; routes.
pub fn wrap(routes: Router, site: &Arc<Site>) -> Router {
    routes
        .merge(prefs::router(Arc::clone(site)))
        .merge(assets::router())
        .layer(middleware::from_fn_with_state(Arc::clone(site), csrf::same_origin))
        .layer(CatchPanicLayer::custom(after_panic))
        .layer(middleware::from_fn_with_state(Arc::clone(site), fail::dress))
        .layer(middleware::from_fn_with_state(Arc::clone(site), headers::guard))
}

/// The interface for programs, with the same walls but one: a program sends no word of a browser, and a page of another
/// site has no key to send.
pub fn wrap_api(routes: Router, site: &Arc<Site>) -> Router {
    routes
        .layer(CatchPanicLayer::custom(after_panic))
        .layer(middleware::from_fn_with_state(Arc::clone(site), fail::dress))
        .layer(middleware::from_fn_with_state(Arc::clone(site), headers::guard))
}

/// The panic hook has already said what happened, in the log; the visitor gets a number.
fn after_panic(_: Box<dyn Any + Send + 'static>) -> Response {
    fail::Fail::panicked().into_response()
}

#[cfg(test)]
mod tests {
    use axum::{
        body::Body,
        http::{Request, StatusCode, header},
        routing::{get, post},
    };
    use tower::ServiceExt as _;

    use super::*;
    use crate::{cookies::Transport, shell::OfficeCard, texts::Texts};

    fn app() -> Router {
        let site = Site {
            texts: Texts::load().unwrap(),
            office: OfficeCard::default(),
            base_url: None,
            transport: Transport::Plain,
            demo: true,
        };
        let routes = Router::new()
            .route("/", get(|| async { "page" }))
            .route("/act", post(|| async { "done" }))
            .route("/panic", get(panics));
        wrap(routes, &Arc::new(site))
    }

    async fn panics() -> &'static str {
        panic!("what nobody outside may read");
    }

    async fn ask(request: Request<Body>) -> (StatusCode, axum::http::HeaderMap, String) {
        let (parts, body) = app().oneshot(request).await.unwrap().into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        (parts.status, parts.headers, String::from_utf8_lossy(&body).into_owned())
    }

    #[tokio::test]
    async fn a_panic_is_a_page_with_a_number_and_all_headers() {
        let (status, headers, html) = ask(Request::get("/panic").body(Body::empty()).unwrap()).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(html.starts_with("<!doctype html>") && !html.contains("nobody outside"));
        assert!(headers.contains_key(header::CONTENT_SECURITY_POLICY));
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
    }

    #[tokio::test]
    async fn a_post_from_another_site_is_refused_with_a_page_and_our_own_passes() {
        let foreign = Request::post("/act").header("sec-fetch-site", "cross-site").body(Body::empty()).unwrap();
        let (status, _, html) = ask(foreign).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert!(html.starts_with("<!doctype html>"));
        let ours = Request::post("/act").header("sec-fetch-site", "same-origin").body(Body::empty()).unwrap();
        assert_eq!(ask(ours).await.0, StatusCode::OK);
    }

    #[tokio::test]
    async fn an_unknown_address_and_a_wrong_method_are_pages() {
        let (status, _, html) = ask(Request::get("/nowhere").body(Body::empty()).unwrap()).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert!(html.starts_with("<!doctype html>"));
        let (status, headers, _) = ask(Request::get("/act").body(Body::empty()).unwrap()).await;
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(headers[header::ALLOW], "POST");
    }

    #[tokio::test]
    async fn a_page_is_not_compressed_and_a_style_sheet_is() {
        let get = |path: &str| Request::get(path).header("accept-encoding", "gzip").body(Body::empty()).unwrap();
        assert!(!ask(get("/")).await.1.contains_key(header::CONTENT_ENCODING));
        let (_, headers, _) = ask(get(assets::url("base.css"))).await;
        assert_eq!(headers[header::CONTENT_ENCODING], "gzip");
        assert!(headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
    }
}
