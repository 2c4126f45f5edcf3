//! Who is at the other end: extractors that put the answer into a handler's signature.
//!
//! A handler that takes [`User`] cannot run for a guest, one that takes [`Staff`] not for the public.

use axum::extract::FromRequestParts;
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method};
use axum::response::{IntoResponse as _, Redirect, Response};
use banjie_app::session::{self, Signed};

use crate::csrf;
use crate::fail::Fail;
use crate::form::Fields;
use crate::prefs::Prefs;
use crate::run::blocking;
use crate::shell::{Place, Shell, Side, Who};
use crate::state::Web;

/// The cookie that holds the session's token.
pub const COOKIE: &str = "session";

/// Anybody: signed in or not.
pub struct Guest {
    /// The page's surroundings.
    pub shell: Shell,
    /// Who it is, when he is signed in.
    pub signed: Option<Signed>,
    /// The cookie that binds the form token of somebody who is not.
    pub set_cookie: Option<HeaderValue>,
}

impl Guest {
    /// Adds the guest's cookie to an answer that holds a form.
    #[must_use]
    pub fn with_cookie(&self, mut response: Response) -> Response {
        if let Some(cookie) = &self.set_cookie {
            response.headers_mut().append(SET_COOKIE, cookie.clone());
        }
        response
    }
}

/// Somebody signed in.
pub struct User {
    /// Who.
    pub signed: Signed,
    /// The page's surroundings.
    pub shell: Shell,
}

impl User {
    /// Refuses a form that this session's pages did not make.
    ///
    /// # Errors
    /// 403, saying that nothing was done.
    pub fn require_csrf(&self, fields: &Fields) -> Result<(), Fail> {
        csrf::require(&self.signed.csrf, fields).map_err(|fail| fail.within(&self.shell))
    }
}

/// Somebody of an office.
pub struct Staff(pub User);

/// Reads the session of a request.
async fn signed(parts: &Parts, web: &Web) -> Result<Option<Signed>, Fail> {
    let Some(token) = web.site.transport.read(&parts.headers, COOKIE) else { return Ok(None) };
    Ok(blocking(&web.app, move |app| session::principal(app, &token)).await?)
}

/// The address a switch of language or size comes back to: the page itself, or its form's page for a POST.
fn address(parts: &Parts) -> String {
    if parts.method == Method::GET {
        parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string)
    } else {
        page_of(parts.uri.path())
    }
}

/// The page a form stands on: its own address, but for those that only take what is sent.
fn page_of(path: &str) -> String {
    const ONLY_SENT: [&str; 17] = [
        "/verdict",
        "/open-second",
        "/retract",
        "/unmask",
        "/search",
        "/ask",
        "/supplement",
        "/again",
        "/read",
        "/units",
        "/teams",
        "/enter",
        "/exit",
        "/back",
        "/export.csv",
        "/code",
        "/access",
    ];
    if let Some((draft, _)) = path.split_once("/remove/") {
        return format!("{draft}/materials");
    }
    ONLY_SENT.iter().find_map(|sent| path.strip_suffix(sent)).unwrap_or(path).to_owned()
}

fn who(shell: &Shell, signed: &Signed) -> Who {
    Who {
        display: signed.display.clone(),
        role_label: shell.t(&format!("role.{}", signed.role.key())).to_owned(),
        employer: signed.principal.employer().is_some(),
    }
}

fn shell_for(parts: &Parts, web: &Web, signed: &Signed) -> Shell {
    let mut prefs = Prefs::read(&parts.headers, web.site.transport);
    let (side, place) = match signed.role {
        role if role.is_admin() => (Side::Admin, Place::Accounts),
        role if role.is_staff() => (Side::Staff, Place::Desk),
        _ => (Side::Applicant, Place::Registrations),
    };
    if matches!(side, Side::Staff | Side::Admin) {
        // The office works in Chinese; half a page in English would help nobody there.
        prefs.lang = None;
    }
    let shell = web.site.shell(&prefs, address(parts)).of_office(web.office());
    let who = who(&shell, signed);
    shell.at(side, place).signed_in(who, usize::try_from(signed.unread).unwrap_or(0)).with_csrf(signed.csrf.clone())
}

impl FromRequestParts<Web> for Guest {
    type Rejection = Fail;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Fail> {
        if let Some(signed) = signed(parts, web).await? {
            let shell = shell_for(parts, web, &signed);
            return Ok(Self { shell, signed: Some(signed), set_cookie: None });
        }
        let app = std::sync::Arc::clone(&web.app);
        let guest = csrf::Guest::of(&parts.headers, web.site.transport, || session::guest_token(&app));
        let shell = web
            .site
            .shell(&Prefs::read(&parts.headers, web.site.transport), address(parts))
            .of_office(web.office())
            .with_csrf(guest.token.clone());
        Ok(Self { shell, signed: None, set_cookie: guest.set_cookie })
    }
}

impl FromRequestParts<Web> for User {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Response> {
        match signed(parts, web).await {
            Ok(Some(signed)) => Ok(Self { shell: shell_for(parts, web, &signed), signed }),
            Ok(None) => {
                // A form that was sent without a session comes back to its page: what was typed before is in the draft.
                let mut query = form_urlencoded::Serializer::new(String::new());
                query.append_pair("next", &address(parts));
                if parts.method != Method::GET {
                    query.append_pair("sent", "yes");
                }
                Err(Redirect::to(&format!("/sign-in?{}", query.finish())).into_response())
            }
            Err(fail) => Err(fail.into_response()),
        }
    }
}

impl FromRequestParts<Web> for Staff {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Response> {
        let user = User::from_request_parts(parts, web).await?;
        if user.signed.role.is_staff() {
            Ok(Self(user))
        } else {
            Err(Fail::not_found().within(&user.shell).into_response())
        }
    }
}
