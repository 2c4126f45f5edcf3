//! In and out: sign in, sign out, the first password with a one-time code, and the first start of an installation.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Extension, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse as _, Redirect, Response};
use banjie_app::accounts::{self, SetUp};
use banjie_app::error::AppError;
use banjie_app::session;
use banjie_domain::actor::Role;
use banjie_domain::problem::FieldProblem;
use banjie_domain::refusal::Refusal;

use super::FormPage;
use crate::cookies::Keep;
use crate::fail::Fail;
use crate::form::Fields;
use crate::parts::{Note, Questions, TextKind, Tone};
use crate::prefs::local_path;
use crate::run::{blocking, failed};
use crate::session::{COOKIE, Guest};
use crate::shell::{Place, Shell, Side};
use crate::state::Web;
use crate::{csrf, headers};

type From = Option<Extension<ConnectInfo<SocketAddr>>>;

/// Where a request comes from, for counting wrong tries. Never logged.
fn network(from: &From) -> String {
    from.as_ref().map_or_else(String::new, |Extension(ConnectInfo(address))| address.ip().to_string())
}

fn sign_in_form(guest: &Guest, fields: &Fields, problems: &[FieldProblem]) -> Response {
    let shell = at_the_door(guest);
    let ask = Questions::new(&shell.tongue, fields, problems);
    let page = FormPage {
        title: format!("{}{}", ask.title_prefix(), shell.t("account.sign-in.title")),
        heading: shell.t("account.sign-in.title"),
        lede: shell.t("account.sign-in.lede"),
        action: "/sign-in",
        button: shell.t("account.sign-in.go"),
        summary: ask.summary(),
        note: (fields.text("sent") == "yes")
            .then(|| Note::new(Tone::Lu, shell.t("account.sign-in.over"), [shell.t("account.sign-in.over-say")])),
        hidden: vec![("next", local_path(fields.text("next")).to_owned())],
        questions: vec![
            ask.text("login", shell.t("account.login")).autocomplete("username"),
            ask.text("password", shell.t("account.password")).kind(TextKind::Secret).autocomplete("current-password"),
        ],
        links: vec![("/activate", shell.t("account.sign-in.activate"))],
        shell: &shell,
    };
    guest.with_cookie(page.answer())
}

fn at_the_door(guest: &Guest) -> Shell {
    guest.shell.clone().at(Side::Public, Place::SignIn)
}

/// GET /sign-in
pub(super) async fn sign_in_page(State(web): State<Web>, guest: Guest, uri: Uri) -> Result<Response, Fail> {
    if blocking(&web.app, accounts::set_up_needed).await? {
        return Ok(Redirect::to("/set-up").into_response());
    }
    let query = Fields::parse(uri.query().unwrap_or("").as_bytes())?;
    Ok(sign_in_form(&guest, &Fields::from_pairs([("next", query.text("next")), ("sent", query.text("sent"))]), &[]))
}

/// POST /sign-in
pub(super) async fn sign_in(
    State(web): State<Web>,
    from: From,
    guest: Guest,
    fields: Fields,
) -> Result<Response, Fail> {
    csrf::require(&guest.shell.csrf, &fields)?;
    let (login, password, network) =
        (fields.text("login").to_owned(), fields.one("password").unwrap_or("").to_owned(), network(&from));
    let signed_in = blocking(&web.app, move |app| session::sign_in(app, &login, &password, &network)).await;
    match signed_in {
        Ok(signed_in) => {
            let next = fields.text("next");
            let to = if next.is_empty() || next == "/" { home_of(signed_in.role) } else { local_path(next) };
            let mut response = Redirect::to(to).into_response();
            if let Some(cookie) = web.site.transport.write(COOKIE, &signed_in.token, Keep::Session) {
                response.headers_mut().append(SET_COOKIE, cookie);
            }
            Ok(response)
        }
        Err(AppError::Refused(Refusal::Answers(problems))) => Ok(sign_in_form(&guest, &fields, &problems)),
        Err(error) => Err(failed(&at_the_door(&guest), error)),
    }
}

/// Where somebody begins.
const fn home_of(role: Role) -> &'static str {
    match role {
        Role::Person | Role::EmployerClerk | Role::EmployerReader => "/registrations",
        Role::RegionalAdmin | Role::SystemAdmin => "/admin/accounts",
        _ => "/desk",
    }
}

/// POST /sign-out
pub(super) async fn sign_out(
    State(web): State<Web>,
    guest: Guest,
    request_headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Fail> {
    csrf::require(&guest.shell.csrf, &fields)?;
    if let Some(token) = web.site.transport.read(&request_headers, COOKIE) {
        blocking(&web.app, move |app| session::sign_out(app, &token)).await?;
    }
    let mut response = Redirect::to("/").into_response();
    if let Some(cookie) = web.site.transport.write(COOKIE, "", Keep::Gone) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    let (name, value) = headers::CLEAR_SITE_DATA;
    response.headers_mut().insert(name, value);
    Ok(response)
}

fn activate_form(guest: &Guest, fields: &Fields, problems: &[FieldProblem]) -> Response {
    let shell = at_the_door(guest);
    let ask = Questions::new(&shell.tongue, fields, problems);
    let page = FormPage {
        title: format!("{}{}", ask.title_prefix(), shell.t("account.activate.title")),
        heading: shell.t("account.activate.title"),
        lede: shell.t("account.activate.lede"),
        action: "/activate",
        button: shell.t("account.activate.go"),
        summary: ask.summary(),
        note: None,
        hidden: Vec::new(),
        questions: vec![
            ask.text("login", shell.t("account.login")).autocomplete("username"),
            ask.text("code", shell.t("account.activate.code")).hint(shell.t("account.activate.code-hint")).short(),
            new_password(&ask, &shell),
        ],
        links: vec![("/sign-in", shell.t("account.activate.sign-in"))],
        shell: &shell,
    };
    guest.with_cookie(page.answer())
}

fn new_password(ask: &Questions<'_>, shell: &Shell) -> crate::parts::Field {
    ask.text("password", shell.t("account.new-password"))
        .hint(shell.t("account.new-password-hint"))
        .kind(TextKind::Secret)
        .autocomplete("new-password")
}

/// GET /activate
pub(super) async fn activate_page(guest: Guest) -> Response {
    activate_form(&guest, &Fields::default(), &[])
}

/// POST /activate
pub(super) async fn activate(State(web): State<Web>, guest: Guest, fields: Fields) -> Result<Response, Fail> {
    csrf::require(&guest.shell.csrf, &fields)?;
    let typed = fields.clone();
    let done = blocking(&web.app, move |app| {
        accounts::activate(app, typed.text("login"), typed.text("code"), typed.one("password").unwrap_or(""))
    })
    .await;
    match done {
        Ok(()) => Ok(Redirect::to("/sign-in").into_response()),
        Err(AppError::Refused(Refusal::Answers(problems))) => Ok(activate_form(&guest, &fields, &problems)),
        Err(error) => Err(failed(&at_the_door(&guest), error)),
    }
}

fn set_up_form(guest: &Guest, fields: &Fields, problems: &[FieldProblem]) -> Response {
    let shell = at_the_door(guest);
    let ask = Questions::new(&shell.tongue, fields, problems);
    let page = FormPage {
        title: format!("{}{}", ask.title_prefix(), shell.t("account.set-up.title")),
        heading: shell.t("account.set-up.title"),
        lede: shell.t("account.set-up.lede"),
        action: "/set-up",
        button: shell.t("account.set-up.go"),
        summary: ask.summary(),
        note: None,
        hidden: Vec::new(),
        questions: vec![
            ask.text("token", shell.t("account.set-up.token")).hint(shell.t("account.set-up.token-hint")),
            ask.text("office_name", shell.t("account.set-up.office")),
            ask.text("region", shell.t("account.set-up.region")).hint(shell.t("account.set-up.region-hint")).short(),
            ask.text("login", shell.t("account.login")).autocomplete("username"),
            ask.text("name", shell.t("account.name")).autocomplete("name"),
            new_password(&ask, &shell),
        ],
        links: Vec::new(),
        shell: &shell,
    };
    guest.with_cookie(page.answer())
}

/// GET /set-up
pub(super) async fn set_up_page(State(web): State<Web>, guest: Guest) -> Result<Response, Fail> {
    if !blocking(&web.app, accounts::set_up_needed).await? {
        return Ok(Redirect::to("/sign-in").into_response());
    }
    Ok(set_up_form(&guest, &Fields::default(), &[]))
}

/// POST /set-up
pub(super) async fn set_up(State(web): State<Web>, guest: Guest, fields: Fields) -> Result<Response, Fail> {
    csrf::require(&guest.shell.csrf, &fields)?;
    let asked = SetUp {
        token: fields.text("token").to_owned(),
        office_name: fields.text("office_name").to_owned(),
        region: fields.text("region").to_owned(),
        login: fields.text("login").to_owned(),
        name: fields.text("name").to_owned(),
        password: fields.one("password").unwrap_or("").to_owned(),
    };
    match blocking(&web.app, move |app| accounts::set_up(app, &asked)).await {
        Ok(()) => Ok(Redirect::to("/sign-in").into_response()),
        Err(AppError::Refused(Refusal::Answers(problems))) => Ok(set_up_form(&guest, &fields, &problems)),
        Err(error) => Err(failed(&at_the_door(&guest), error)),
    }
}
