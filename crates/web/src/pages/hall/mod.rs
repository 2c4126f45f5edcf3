//! 办事大厅 and 查进度: what anybody may see without an account.

use std::net::SocketAddr;

use askama::Template;
use axum::Router;
use axum::extract::{ConnectInfo, Extension, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use banjie_app::query::hall::{Usual, usual};
use banjie_app::query::mine;
use banjie_app::usecase::code;
use banjie_domain::problem::{FieldProblem, Problem};

use super::mine::{FactsPage, named, told, whys};
use crate::cookies::Keep;
use crate::csrf;
use crate::fail::Fail;
use crate::form::Fields;
use crate::parts::{ErrorSummary, Fact, Facts, Field, Link, Questions, TextKind};
use crate::run::{blocking, failed};
use crate::session::Guest;
use crate::shell::{Place, Shell, Side, page, page_as};
use crate::state::Web;

const COOKIE: &str = "track";
const HALF_AN_HOUR: u32 = 1800;

/// The routes of the hall.
pub fn routes() -> Router<Web> {
    Router::new().route("/", get(home)).route("/track", get(ask).post(track)).route("/track/case", get(tracked))
}

#[derive(Template)]
#[template(path = "pages/home.html")]
struct HomePage<'a> {
    shell: &'a Shell,
    slogan: Vec<&'a str>,
    number: Field,
    code: Field,
    words_field: Field,
    doors: Vec<Door<'a>>,
    facts: Option<Facts>,
    words: Vec<(&'a str, &'a str)>,
}

/// What one kind of visitor comes for.
struct Door<'a> {
    title: &'a str,
    whom: &'a str,
    links: Vec<Link>,
}

#[derive(Template)]
#[template(path = "pages/track.html")]
struct TrackPage<'a> {
    shell: &'a Shell,
    title: String,
    summary: Option<ErrorSummary>,
    number: Field,
    code: Field,
}

fn at(guest: &Guest, place: Place) -> Shell {
    let side = if guest.signed.is_some() { guest.shell.nav.side } else { Side::Public };
    guest.shell.clone().at(side, place)
}

fn number_and_code(shell: &Shell, ask: &Questions<'_>) -> (Field, Field) {
    let number = ask.text("number", shell.t("mine.case-number")).hint(shell.t("hall.number-hint"));
    let code = ask.text("code", shell.t("mine.code")).hint(shell.t("hall.code-hint"));
    (number.kind(TextKind::Digits), code.kind(TextKind::Digits).short())
}

fn doors(shell: &Shell) -> Vec<Door<'_>> {
    let door = |key: &str, links: &[(&str, &str)]| Door {
        title: shell.t(&format!("hall.{key}.title")),
        whom: shell.t(&format!("hall.{key}.whom")),
        links: links.iter().map(|(href, word)| Link::new(*href, shell.t(&format!("hall.{key}.{word}")))).collect(),
    };
    let own = [("/registrations", "records"), ("/registrations/new", "make"), ("/cases", "cases")];
    vec![door("person", &own), door("employer", &own), door("site", &[("/sites", "records"), ("/sites/new", "make")])]
}

fn facts(shell: &Shell, usual: &Usual) -> Facts {
    let note = shell.fill("hall.promise-note", &[("legal", &usual.legal.to_string())]);
    let fact = |key: &str, value: u32, unit: &str, note: &str| {
        Fact::new(shell.t(&format!("hall.{key}")), value.to_string(), shell.t(&format!("hall.{unit}"))).note(note)
    };
    Facts(vec![
        fact("promise", usual.promise, "working-days", &note),
        fact("price", 0, "yuan", shell.t("hall.price-note")),
        fact("visits", 0, "times", shell.t("hall.visits-note")),
        fact("window", usual.end_window, "days-within", shell.t("hall.window-note")),
    ])
}

/// GET /
async fn home(State(web): State<Web>, guest: Guest) -> Result<Response, Fail> {
    let usual = blocking(&web.app, usual).await.map_err(|error| failed(&guest.shell, error))?;
    let shell = at(&guest, Place::Hall);
    let none = Fields::default();
    let (number, code) = number_and_code(&shell, &Questions::new(&shell.tongue, &none, &[]));
    let words = ["end", "revoke", "close", "correct", "withdraw", "void"]
        .map(|act| (shell.t(&format!("word.{act}")), shell.t(&format!("word-say.{act}"))));
    let page = HomePage {
        slogan: shell.t("hall.slogan").split(['，', ',']).map(str::trim).collect(),
        number,
        code,
        doors: doors(&shell),
        words_field: Questions::new(&shell.tongue, &none, &[])
            .text("q", shell.t("guide.words"))
            .hint(shell.t("guide.words-hint")),
        facts: usual.map(|usual| facts(&shell, &usual)),
        words: words.to_vec(),
        shell: &shell,
    };
    Ok(guest.with_cookie(page_as(StatusCode::OK, &page)))
}

fn tracking(guest: &Guest, fields: &Fields, problems: &[FieldProblem]) -> Response {
    let shell = at(guest, Place::Track);
    let ask = Questions::new(&shell.tongue, fields, problems);
    let (number, code) = number_and_code(&shell, &ask);
    let title = format!("{}{}", ask.title_prefix(), shell.t("hall.track"));
    let page = TrackPage { title, summary: ask.summary(), number, code, shell: &shell };
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    guest.with_cookie(page_as(status, &page))
}

/// GET /track
async fn ask(guest: Guest) -> Response {
    tracking(&guest, &Fields::default(), &[])
}

/// POST /track: a wrong number and a wrong code get the same page.
async fn track(
    State(web): State<Web>,
    from: Option<Extension<ConnectInfo<SocketAddr>>>,
    guest: Guest,
    fields: Fields,
) -> Result<Response, Fail> {
    csrf::require(&guest.shell.csrf, &fields)?;
    let asked = [("number", "track.number-empty"), ("code", "track.code-empty")];
    let blank = asked.into_iter().filter(|(field, _)| fields.text(field).is_empty());
    let blank: Vec<_> = blank.map(|(field, problem)| Problem::new(problem).at(field)).collect();
    if !blank.is_empty() {
        return Ok(tracking(&guest, &fields, &blank));
    }
    let network = from.map_or_else(String::new, |Extension(ConnectInfo(address))| address.ip().to_string());
    let (number, given) = (fields.text("number").to_owned(), fields.text("code").to_owned());
    let handle = blocking(&web.app, move |app| {
        let case = code::track(app, &number, &given, &network)?;
        case.map(|case| code::track_handle(app, &case)).transpose()
    })
    .await
    .map_err(|error| failed(&guest.shell, error))?;
    let Some(handle) = handle else {
        let kept = Fields::from_pairs([("number", fields.text("number"))]);
        return Ok(tracking(&guest, &kept, &[Problem::new("track.wrong").at("number")]));
    };
    let mut response = Redirect::to("/track/case").into_response();
    if let Some(cookie) = web.site.transport.write(COOKIE, &handle, Keep::Seconds(HALF_AN_HOUR)) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// GET /track/case: stage, whose turn, dates, gaps; no name, number of a person, employer or file.
async fn tracked(State(web): State<Web>, guest: Guest, headers: HeaderMap) -> Result<Response, Fail> {
    let shell = guest.shell.clone().at(Side::Public, Place::Track);
    let Some(handle) = web.site.transport.read(&headers, COOKIE) else {
        return Ok(Redirect::to("/track").into_response());
    };
    let found = blocking(&web.app, move |app| {
        let Some(case) = code::open_track_handle(app, &handle) else { return Ok(None) };
        mine::tracked(app, &case).map(Some)
    })
    .await
    .map_err(|error| failed(&shell, error))?;
    let Some(found) = found else { return Ok(Redirect::to("/track").into_response()) };
    let told = told(&shell, &found);
    let tail: String = found.row.number.chars().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect();
    Ok(page(&FactsPage {
        title: told.title,
        eyebrow: shell.fill("mine.tail", &[("tail", &tail)]),
        say: told.say,
        back: ("/".to_owned(), shell.t("hall.back").to_owned()),
        frame: None,
        notes: named(&shell, &found),
        forms: Vec::new(),
        ruler: None,
        why: whys(&shell, &found),
        answers: None,
        track: None,
        links: Vec::new(),
        shell: &shell,
    }))
}
