//! The queue: tabs by stage, soonest due first. A list is masked and is not a look.

use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use banjie_app::query::desk::{Line, Queue, queue};

use super::{counted, run, shell_at, time_left};
use crate::fail::Fail;
use crate::form::Fields;
use crate::parts::{Cell, Pager, Row, Table};
use crate::session::Staff;
use crate::shell::{self, Shell};
use crate::state::Web;

#[derive(Template)]
#[template(path = "pages/desk/queue.html")]
struct QueuePage<'a> {
    shell: &'a Shell,
    title: String,
    tabs: Vec<TabLink>,
    table: Table,
    pager: Pager,
    done: Option<String>,
}

struct TabLink {
    href: String,
    label: String,
    count: String,
    overdue: Option<String>,
    current: bool,
}

pub(super) async fn show(State(web): State<Web>, Staff(user): Staff, uri: Uri) -> Result<Response, Fail> {
    let asked = Fields::parse(uri.query().unwrap_or_default().as_bytes())?;
    let path = uri.path_and_query().map_or("/desk", |path| path.as_str());
    let shell = shell_at(&user, path);
    let who = user.signed.principal.clone();
    let (stage, after) = (asked.text("stage").to_owned(), asked.text("after").to_owned());
    let found = run(&web, move |app| queue(app, &who, Some(&stage), Some(&after)))
        .await
        .map_err(|error| Fail::from(error).within(&shell))?;
    let done = asked.one("done").and_then(|id| super::case_id(id).ok());
    Ok(shell::page(&page(&shell, &found, !asked.text("after").is_empty(), done.map(|id| id.as_str().to_owned()))))
}

fn page<'a>(shell: &'a Shell, found: &Queue, inside: bool, done: Option<String>) -> QueuePage<'a> {
    let here = shell.t(&format!("desk.tab.{}", found.stage));
    let columns = ["number", "act", "person", "received", "due", "left"];
    let columns = columns.map(|column| shell.t(&format!("desk.column.{column}")));
    let rows = found.lines.iter().map(|line| row(shell, line)).collect();
    let start = format!("/desk?stage={}", found.stage);
    let next = found.next.as_ref().map(|after| format!("{start}&after={after}"));
    QueuePage {
        shell,
        title: shell.fill("desk.queue.title", &[("stage", here)]),
        tabs: tabs(shell, found),
        table: Table::new(here, columns, rows, shell.t("desk.queue.empty")),
        // A place in a queue knows only what follows it; the way back is the beginning.
        pager: Pager::new(&shell.tongue, shell.t("desk.queue.order"), inside.then_some(start), next),
        done,
    }
}

fn tabs(shell: &Shell, found: &Queue) -> Vec<TabLink> {
    let link = |tab: &banjie_app::query::desk::Tab| TabLink {
        href: format!("/desk?stage={}", tab.stage),
        label: shell.t(&format!("desk.tab.{}", tab.stage)).to_owned(),
        count: counted(tab.count),
        overdue: (tab.overdue > 0).then(|| shell.fill("desk.queue.overdue", &[("count", &counted(tab.overdue))])),
        current: tab.stage == found.stage,
    };
    found.tabs.iter().map(link).collect()
}

fn row(shell: &Shell, line: &Line) -> Row {
    let act = shell.t(&format!("desk.act.{}", line.act.key())).to_owned();
    let due = line.due_on.map_or_else(String::new, |due| shell.tongue.day(due));
    let left = line.left.map_or(Cell::Muted("—".to_owned()), |left| {
        let (words, class) = time_left(shell, left);
        match class {
            "d0" => Cell::Over(words),
            "d1" => Cell::Late(words),
            _ => Cell::Text(words),
        }
    });
    let employer = line.employer.clone().unwrap_or_else(|| shell.t("desk.queue.no-employer").to_owned());
    let cells = vec![
        Cell::Pair(act, line.kind.clone()),
        Cell::Pair(line.person.clone(), employer),
        Cell::Text(shell.tongue.day(line.received_on)),
        Cell::Text(due),
        left,
    ];
    Row::new(line.number.clone(), cells).href(format!("/desk/cases/{}", line.id.as_str()))
}
