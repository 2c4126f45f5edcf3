//! Style sheets, scripts and the mark, built into the program.
//!
//! An address holds a prefix of the file's SM3 hash, so a browser may keep the file for ever; a changed file has a new
//! address. Nothing here is personal, nothing is read from disk.

use std::{collections::BTreeMap, fmt::Write as _, sync::LazyLock};

use axum::{
    Router,
    extract::Path,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use sm3::{Digest, Sm3};
use tower_http::compression::CompressionLayer;

/// One built-in file.
struct Asset {
    name: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
}

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

macro_rules! asset {
    ($name:literal, $kind:expr) => {
        Asset { name: $name, kind: $kind, bytes: include_bytes!(concat!("../assets/", $name)) }
    };
}

const ASSETS: &[Asset] = &[
    asset!("tokens.css", CSS),
    asset!("base.css", CSS),
    asset!("desk.css", CSS),
    asset!("mark.svg", SVG),
    asset!("js/bench.js", JS),
    asset!("js/bulk.js", JS),
    asset!("js/errors.js", JS),
    asset!("js/prefs.js", JS),
    asset!("js/print.js", JS),
    asset!("js/upload.js", JS),
];

static URLS: LazyLock<BTreeMap<&'static str, String>> = LazyLock::new(|| {
    ASSETS.iter().map(|asset| (asset.name, format!("/assets/{}/{}", prefix(asset.bytes), asset.name))).collect()
});

/// The address of a built-in file. An unknown name gives an address that answers 404; a test finds it.
#[must_use]
pub fn url(name: &str) -> &'static str {
    URLS.get(name).map_or("/assets/unknown", String::as_str)
}

/// Serves the files, compressed. Pages are not compressed: they hold tokens beside what a visitor typed.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{prefix}/{*name}", get(serve)).layer(CompressionLayer::new())
}

async fn serve(Path((given, name)): Path<(String, String)>) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // A page of the version before asks for an old prefix: it gets today's file, but may not keep it.
    let keep = if given == prefix(asset.bytes) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(asset.kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static(keep)),
    ];
    (headers, asset.bytes).into_response()
}

fn prefix(bytes: &[u8]) -> String {
    Sm3::digest(bytes).iter().take(6).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request};
    use tower::ServiceExt as _;

    use super::*;

    async fn fetch(path: &str) -> (StatusCode, Vec<(String, String)>, usize) {
        let request = Request::get(path).header("accept-encoding", "gzip").body(Body::empty()).unwrap();
        let answer = router::<()>().oneshot(request).await.unwrap();
        let status = answer.status();
        let headers =
            answer.headers().iter().map(|(k, v)| (k.to_string(), v.to_str().unwrap_or_default().to_owned())).collect();
        let size = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap().len();
        (status, headers, size)
    }

    #[tokio::test]
    async fn what_a_first_page_loads_stays_under_80_kb() {
        let mut sum = 0;
        for name in ["tokens.css", "base.css", "mark.svg", "js/prefs.js", "js/errors.js"] {
            let (status, headers, size) = fetch(url(name)).await;
            assert_eq!(status, 200, "{name}");
            assert!(headers.iter().any(|(k, v)| k == "cache-control" && v.contains("immutable")), "{name}");
            sum += size;
        }
        assert!(sum < 80_000, "{sum} bytes");
    }

    #[tokio::test]
    async fn an_old_prefix_gets_the_file_but_may_not_keep_it() {
        let (status, headers, _) = fetch("/assets/000000000000/base.css").await;
        assert_eq!(status, 200);
        assert!(headers.contains(&("cache-control".to_owned(), "no-cache".to_owned())));
        assert_eq!(fetch("/assets/0/../Cargo.toml").await.0, 404);
    }

    #[test]
    fn every_asset_a_template_names_is_built_in() {
        let mut named = 0;
        let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")];
        while let Some(folder) = folders.pop() {
            for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let source = std::fs::read_to_string(&path).unwrap();
                for name in source.split("assets::url(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                    assert_ne!(url(name), "/assets/unknown", "{name} in {}", path.display());
                    named += 1;
                }
            }
        }
        assert!(named > 4);
    }
}
