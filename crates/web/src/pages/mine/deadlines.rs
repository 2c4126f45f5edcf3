//! 期限看板: what is one's turn, by its last day.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use banjie_app::query::deadlines::{self, About, Deadline, MOST};

use crate::fail::Fail;
use crate::parts::{Cell, Note, Row, Table, Tone};
use crate::run::{blocking, failed};
use crate::session::User;
use crate::shell::{Place, Shell, Side, page};
use crate::state::Web;

#[derive(Template)]
#[template(path = "pages/deadlines.html")]
struct DeadlinesPage<'a> {
    shell: &'a Shell,
    notes: Vec<Note>,
    table: Table,
}

fn row(shell: &Shell, line: &Deadline) -> Row {
    let left = line.left.unsigned_abs().to_string();
    let left = match line.left {
        0 => shell.t("deadlines.today").to_owned(),
        days if days > 0 => shell.fill("deadlines.left", &[("days", &left)]),
        _ => shell.fill("deadlines.over", &[("days", &left)]),
    };
    let (what, href, under) = match &line.about {
        About::Supplement(case) => (shell.t("deadlines.supplement").to_owned(), format!("/cases/{case}"), None),
        About::Prepared(draft, window) => {
            let what = shell.t(&format!("deadlines.prepared-{}", window.key)).to_owned();
            let since = shell.fill("deadlines.counts-from", &[("day", &shell.tongue.date(window.from))]);
            (what, format!("/drafts/{draft}/check"), Some(since))
        }
        About::ContractEnds { registration, on } => {
            let ends = shell.fill("deadlines.ends-on", &[("day", &shell.tongue.date(*on))]);
            (shell.t("deadlines.contract").to_owned(), format!("/registrations/{registration}"), Some(ends))
        }
    };
    let person = if line.person.is_empty() { "—".to_owned() } else { line.person.clone() };
    let cells = vec![Cell::Text(person), Cell::Number(shell.tongue.date(line.last)), Cell::Text(left)];
    let row = Row::new(what, cells).href(href);
    match under {
        Some(under) => row.under(under),
        None => row,
    }
}

/// GET /deadlines
pub(super) async fn show(State(web): State<Web>, user: User) -> Result<Response, Fail> {
    let shell = user.shell.clone().at(Side::Applicant, Place::Cases);
    let who = user.signed.principal.clone();
    let board =
        blocking(&web.app, move |app| deadlines::board(app, &who)).await.map_err(|error| failed(&shell, error))?;
    let columns = ["what", "person", "last", "left"].map(|column| shell.t(&format!("deadlines.column.{column}")));
    let rows = board.lines.iter().map(|line| row(&shell, line)).collect();
    let most = MOST.to_string();
    let notes = board.only_newest.then(|| {
        let say = shell.fill("deadlines.newest-say", &[("most", &most)]);
        Note::new(Tone::Plain, shell.t("deadlines.newest"), [say])
    });
    Ok(page(&DeadlinesPage {
        notes: notes.into_iter().collect(),
        table: Table::new(shell.t("deadlines.title"), columns, rows, shell.t("deadlines.none")),
        shell: &shell,
    }))
}
