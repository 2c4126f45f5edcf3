//! 我的办件: everything one asked for, newest first, with what each is about and how it stands.

use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use banjie_app::query::mine::{self, AskedLine};
use banjie_domain::authorize::{Action, authorize_list};

use crate::fail::Fail;
use crate::form::Fields;
use crate::pages::words;
use crate::parts::{Cell, Pager, Row, Status, Table};
use crate::run::{blocking, failed};
use crate::session::User;
use crate::shell::{Place, Shell, Side, page};
use crate::state::Web;

#[derive(Template)]
#[template(path = "pages/cases.html")]
struct CasesPage<'a> {
    shell: &'a Shell,
    say: &'a str,
    /// Whether the reader asks for things himself, and has a board of what is due.
    asks: bool,
    table: Table,
    pager: Pager,
}

fn row(shell: &Shell, line: &AskedLine) -> Row {
    let row = &line.row;
    let word = shell.t(&format!("stage.{}", row.stage));
    let act = shell.t(&format!("act.{}", row.act));
    let day = |day: Option<jiff::civil::Date>| day.map_or_else(|| "—".to_owned(), |day| shell.tongue.date(day));
    let cells = vec![
        Cell::Text(line.person.clone()),
        Cell::Status(Status::sealed(&shell.tongue, words::seal(&row.stage), word)),
        Cell::Number(shell.tongue.date(row.received_on)),
        Cell::Number(day(row.decided_on.or(row.due_on))),
    ];
    let number = mine::case_number(&row.number);
    Row::new(shell.fill("mine.case-line", &[("act", act)]), cells).href(format!("/cases/{}", row.id)).under(number)
}

/// GET /cases
pub(super) async fn list(State(web): State<Web>, user: User, uri: Uri) -> Result<Response, Fail> {
    let shell = user.shell.clone().at(Side::Applicant, Place::Cases);
    let query = Fields::parse(uri.query().unwrap_or("").as_bytes())?;
    let after = query.text("at").parse().ok().map(|at: i64| (at, query.text("id").to_owned()));
    let who = user.signed.principal.clone();
    let found =
        blocking(&web.app, move |app| mine::asked(app, &who, after)).await.map_err(|error| failed(&shell, error))?;
    let columns = ["act", "person", "stage", "received", "due"].map(|column| shell.t(&format!("mine.column.{column}")));
    let rows = found.lines.iter().map(|line| row(&shell, line)).collect();
    let next = found.next.map(|(at, id)| format!("/cases?at={at}&id={id}"));
    Ok(page(&CasesPage {
        say: shell.t("mine.cases-lede"),
        asks: authorize_list(&user.signed.principal, Action::CaseAsk).is_ok(),
        table: Table::new(shell.t("mine.cases"), columns, rows, shell.t("mine.no-cases")),
        pager: Pager::new(&shell.tongue, "", None, next),
        shell: &shell,
    }))
}
