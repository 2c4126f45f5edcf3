//! How a visitor wants the pages to look: light or dark, large text, language. Kept in a cookie that holds nothing else.
//!
//! The server writes the choice into the page, so it works without script and never flashes.

use std::{convert::Infallible, sync::Arc};

use axum::{
    Router,
    extract::{FromRequestParts, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::post,
};

use crate::{
    cookies::{Keep, Transport},
    fail::Fail,
    form::Fields,
    shell::Site,
};

/// The cookie's name, before any prefix.
const COOKIE: &str = "display";
const ONE_YEAR: Keep = Keep::Seconds(365 * 24 * 60 * 60);

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// The display settings of one visitor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prefs {
    /// Light or dark, when chosen.
    pub theme: Option<Theme>,
    /// Large text.
    pub elder: bool,
    /// The tag of a language, when chosen.
    pub lang: Option<String>,
}

impl Theme {
    /// The word in the page and in the cookie.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Light, Self::Dark].into_iter().find(|theme| theme.word() == word)
    }
}

impl Prefs {
    /// What the browser's cookie says. Anything unknown in it is ignored.
    #[must_use]
    pub fn read(headers: &HeaderMap, transport: Transport) -> Self {
        let mut prefs = Self::default();
        for word in transport.read(headers, COOKIE).unwrap_or_default().split('.') {
            match word {
                "elder" => prefs.elder = true,
                _ => match (Theme::parse(word), word.strip_prefix("lang:")) {
                    (Some(theme), _) => prefs.theme = Some(theme),
                    (None, Some(tag)) => prefs.lang = Some(tag.to_owned()),
                    (None, None) => {}
                },
            }
        }
        prefs
    }

    fn write(&self, transport: Transport) -> Option<HeaderValue> {
        let mut words = Vec::new();
        words.extend(self.theme.map(|theme| theme.word().to_owned()));
        words.extend(self.elder.then(|| "elder".to_owned()));
        words.extend(self.lang.as_ref().map(|tag| format!("lang:{tag}")));
        transport.write(COOKIE, &words.join("."), ONE_YEAR)
    }

    fn change(&mut self, asked: &Fields, site: &Site) {
        if let Some(word) = asked.one("theme") {
            self.theme = Theme::parse(word);
        }
        if let Some(word) = asked.one("elder") {
            self.elder = word == "on";
        }
        if let Some(tag) = asked.one("lang").filter(|tag| site.texts.speaks(tag)) {
            self.lang = Some(tag.to_owned());
        }
    }
}

impl FromRequestParts<Arc<Site>> for Prefs {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Infallible> {
        Ok(Self::read(&parts.headers, site.transport))
    }
}

/// `POST /prefs`: changes one setting and goes back to the page it was asked from.
pub fn router(site: Arc<Site>) -> Router {
    Router::new().route("/prefs", post(change)).with_state(site)
}

async fn change(State(site): State<Arc<Site>>, mut prefs: Prefs, asked: Fields) -> Result<Response, Fail> {
    prefs.change(&asked, &site);
    let cookie = prefs.write(site.transport);
    let back = HeaderValue::from_str(local_path(asked.one("back").unwrap_or("/"))).map_err(|_| Fail::unreadable())?;
    let mut answer = (StatusCode::SEE_OTHER, [(header::LOCATION, back)]).into_response();
    answer.headers_mut().extend(cookie.map(|line| (header::SET_COOKIE, line)));
    Ok(answer)
}

/// The path if it certainly stays on this host, else the first page.
///
/// Browsers read `\` as `/`, drop tabs and line ends, and take `//host` as another host.
#[must_use]
pub fn local_path(path: &str) -> &str {
    let plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if plain && path.starts_with('/') && !path.starts_with("//") && path.len() <= 2048 { path } else { "/" }
}

/// The language a program asks for; Chinese unless it says otherwise.
#[must_use]
pub fn api_language(headers: &HeaderMap) -> String {
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let first = wanted.split([',', ';']).next().unwrap_or_default().trim();
    if first.to_ascii_lowercase().starts_with("en") { "en" } else { "zh-CN" }.to_owned()
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request};
    use tower::ServiceExt as _;

    use super::*;
    use crate::{shell::OfficeCard, texts::Texts};

    fn site() -> Arc<Site> {
        Arc::new(Site {
            texts: Texts::load().unwrap(),
            office: OfficeCard::default(),
            base_url: None,
            transport: Transport::Plain,
            demo: false,
        })
    }

    async fn ask(body: &str, cookie: &str) -> (StatusCode, String, String) {
        let request = Request::post("/prefs")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", cookie)
            .body(Body::from(body.to_owned()))
            .unwrap();
        let answer = router(site()).oneshot(request).await.unwrap();
        let text = |name| answer.headers().get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
        (answer.status(), text(header::LOCATION), text(header::SET_COOKIE))
    }

    #[tokio::test]
    async fn a_setting_is_kept_beside_the_others_and_the_visitor_comes_back() {
        let (status, back, cookie) = ask("elder=on&back=%2Fguide%3Fcase%3D1", "display=dark").await;
        assert_eq!((status, back.as_str()), (StatusCode::SEE_OTHER, "/guide?case=1"));
        assert!(cookie.starts_with("display=dark.elder;"), "{cookie}");
    }

    #[tokio::test]
    async fn a_language_nobody_speaks_here_is_not_kept() {
        assert!(ask("lang=en", "").await.2.starts_with("display=lang:en;"));
        assert!(ask("lang=xx", "").await.2.starts_with("display=;"));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let prefs = Prefs { theme: Some(Theme::Light), elder: true, lang: Some("zh-CN".into()) };
        let line = prefs.write(Transport::Secure).unwrap();
        let pair = line.to_str().unwrap().split(';').next().unwrap().to_owned();
        let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(&pair).unwrap())]);
        assert_eq!(Prefs::read(&headers, Transport::Secure), prefs);
    }

    #[test]
    fn only_paths_of_this_host_are_followed() {
        for good in ["/", "/guide?case=1#s2", "/a//b", "/%2F%2Fexample.org", "/@example.org"] {
            assert_eq!(local_path(good), good);
        }
        let bad = [
            "",
            "//example.org",
            "/\\example.org",
            "\\\\example.org",
            "https://example.org",
            "javascript:alert(1)",
            "/\t/example.org",
            "/\n/example.org",
            " /x",
            "example.org",
            "/x y",
            "/\u{3000}/example.org",
            "data:,x",
            "///example.org",
            "./x",
            "?x",
            "#x",
        ];
        for bad in bad {
            assert_eq!(local_path(bad), "/", "{bad:?}");
        }
    }
}
