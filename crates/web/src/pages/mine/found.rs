//! What a search of the list of registrations leads to. A number leads to its record; a name to a list behind an opaque
//! handle, so that neither stands in an address or in the title that a browser keeps.

use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Redirect, Response};
use banjie_app::query::search::{self, Compared, Found, Sought};
use banjie_domain::problem::Problem;

use super::registrations::{Asked, FIND, RecordsPage, card, list, place, search_field};
use crate::fail::Fail;
use crate::form::Fields;
use crate::parts::{Link, Note, Pager, Questions, Tone};
use crate::run::{blocking, failed};
use crate::session::User;
use crate::shell::{Place, Shell, page_as};
use crate::state::Web;

/// POST /registrations/search
pub(super) async fn search(State(web): State<Web>, user: User, fields: Fields) -> Result<Response, Fail> {
    user.require_csrf(&fields)?;
    let (who, typed) = (user.signed.principal.clone(), fields.text(FIND).to_owned());
    let sought = blocking(&web.app, move |app| search::seek(app, &who, &typed))
        .await
        .map_err(|error| failed(&user.shell, error))?;
    match sought {
        Sought::Record(id) => Ok(Redirect::to(&format!("/registrations/{id}")).into_response()),
        Sought::Name(handle) => Ok(Redirect::to(&address(&handle)).into_response()),
        Sought::Nothing(problem) => {
            let asked = Asked {
                status: "",
                given: &fields,
                note: not_found(&user.shell, &problem),
                problems: &[problem.at(FIND)],
            };
            list(&web, &user, &Fields::default(), asked).await
        }
    }
}

fn not_found(shell: &Shell, problem: &Problem) -> Option<Note> {
    let note = Note::new(Tone::Lu, shell.t("mine.not-found"), [shell.t("mine.not-found-say")]);
    (problem.code == "registration.not-found").then_some(note)
}

fn address(handle: &str) -> String {
    format!("/registrations/found/{handle}")
}

/// GET /registrations/found/{handle}
pub(super) async fn show(
    State(web): State<Web>,
    Path(handle): Path<String>,
    user: User,
    uri: Uri,
) -> Result<Response, Fail> {
    let query = Fields::parse(uri.query().unwrap_or("").as_bytes())?;
    let compared = if query.one("piece").is_some() { Compared::Piece } else { Compared::Whole };
    let (who, after, wanted) = (user.signed.principal.clone(), place(&query), handle.clone());
    let inside = after.is_some();
    let found = blocking(&web.app, move |app| search::found(app, &who, &wanted, compared, after))
        .await
        .map_err(|error| failed(&user.shell, error))?;
    Ok(match found {
        Some(found) => page(&web, &user, &found, &Around { start: address(&handle), inside }),
        None => Redirect::to("/registrations?over=1").into_response(),
    })
}

/// Where in the list this page is.
struct Around {
    /// The address of its first page.
    start: String,
    /// Whether there are pages before this one.
    inside: bool,
}

fn page(web: &Web, user: &User, found: &Found, around: &Around) -> Response {
    let shell = user.shell.clone().at(user.shell.nav.side, Place::Registrations);
    let given = Fields::from_pairs([(FIND, found.name.as_str())]);
    let name = [("name", found.name.as_str())];
    let (lede, pieces) = match found.compared {
        Compared::Whole => ("mine.found-whole", Some(shell.fill("mine.found-pieces", &name))),
        Compared::Piece => ("mine.found-piece", None),
    };
    let first = match found.compared {
        Compared::Whole => around.start.clone(),
        Compared::Piece => format!("{}?piece=1", around.start),
    };
    let joined = if first.contains('?') { "&" } else { "?" };
    let next = found.lines.next.as_ref().map(|(at, id)| format!("{first}{joined}at={at}&id={id}"));
    let mut links: Vec<_> =
        pieces.map(|label| Link::new(format!("{}?piece=1", around.start), label)).into_iter().collect();
    links.push(Link::new("/registrations", shell.t("mine.found-back")));
    let note = note(&shell, found, around);
    let page = RecordsPage {
        prefix: String::new(),
        title: shell.t("mine.found"),
        // The note says it when there is nothing.
        lede: if note.is_some() && found.lines.lines.is_empty() { String::new() } else { shell.fill(lede, &name) },
        summary: None,
        note,
        make: false,
        export: false,
        drafts: Vec::new(),
        search: search_field(user, &Questions::new(&shell.tongue, &given, &[])),
        links,
        chips: Vec::new(),
        empty: "",
        cards: found.lines.lines.iter().map(|line| card(web, user, line)).collect(),
        pager: Pager::new(&shell.tongue, "", around.inside.then_some(first), next),
        shell: &shell,
    };
    page_as(StatusCode::OK, &page)
}

/// That nothing was found, or that not everything was looked through.
fn note(shell: &Shell, found: &Found, around: &Around) -> Option<Note> {
    let newest = found.only_newest.map(|most| {
        let heading = shell.fill("mine.found-newest", &[("most", &most.to_string())]);
        [heading, shell.t("mine.found-newest-say").to_owned()]
    });
    let none = found.lines.lines.is_empty() && !around.inside;
    match (none, newest) {
        (true, newest) => {
            let say = shell.fill("mine.found-none-say", &[("name", &found.name)]);
            let lines = std::iter::once(say).chain(newest.into_iter().flatten());
            Some(Note::new(Tone::Lu, shell.t("mine.found-none"), lines))
        }
        (false, Some([heading, say])) => Some(Note::new(Tone::Lu, heading, [say])),
        (false, None) => None,
    }
}
