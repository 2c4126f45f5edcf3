//! The projects one is on, and opening a new one.

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Redirect, Response};
use banjie_app::error::AppError;
use banjie_app::query::sites::{self, Projects};
use banjie_app::usecase::site::{self, NewProject};
use banjie_domain::problem::FieldProblem;
use banjie_domain::refusal::Refusal;
use banjie_domain::registration_type::DIVISIONS;

use super::{region, shell_of};
use crate::fail::Fail;
use crate::form::Fields;
use crate::pages::apply::by_province;
use crate::parts::{Cell, ErrorSummary, Field, Pager, Questions, Row, Table};
use crate::run::{blocking, failed};
use crate::session::User;
use crate::shell::{Shell, page, page_as};
use crate::state::Web;

#[derive(Template)]
#[template(path = "pages/sites/list.html")]
struct ListPage<'a> {
    shell: &'a Shell,
    may_open: bool,
    table: Table,
    pager: Pager,
}

#[derive(Template)]
#[template(path = "pages/sites/new.html")]
struct NewPage<'a> {
    shell: &'a Shell,
    title: String,
    summary: Option<ErrorSummary>,
    fields: Vec<Field>,
}

/// GET /sites
pub(super) async fn show(State(web): State<Web>, user: User, uri: Uri) -> Result<Response, Fail> {
    let shell = shell_of(&user);
    let query = Fields::parse(uri.query().unwrap_or("").as_bytes())?;
    let after = query.text("at").parse().ok().map(|at: i64| (at, query.text("id").to_owned()));
    let who = user.signed.principal.clone();
    let found = blocking(&web.app, move |app| sites::projects(app, &who, after))
        .await
        .map_err(|error| failed(&shell, error))?;
    Ok(page(&list(&web, &shell, found)))
}

fn list<'a>(web: &Web, shell: &'a Shell, found: Projects) -> ListPage<'a> {
    let rows = found.rows.iter().map(|row| {
        let cells =
            vec![Cell::Text(region(&web.app, shell, &row.region)), Cell::Number(shell.tongue.date(row.started_on))];
        Row::new(row.name.clone(), cells).href(format!("/sites/{}", row.id)).under(row.code.clone())
    });
    let columns = ["project", "region", "started"].map(|column| shell.t(&format!("site.column.{column}")));
    ListPage {
        may_open: found.may_open,
        table: Table::new(shell.t("site.title"), columns, rows.collect(), shell.t("site.none")),
        pager: Pager::new(&shell.tongue, "", None, found.next.map(|(at, id)| format!("/sites?at={at}&id={id}"))),
        shell,
    }
}

fn form(web: &Web, shell: &Shell, given: &Fields, problems: &[FieldProblem]) -> Response {
    let ask = Questions::new(&shell.tongue, given, problems);
    let regions = web.app.rules.types.codes(DIVISIONS);
    let regions = regions.map(|table| by_province(&web.app, table, given.text("region"))).unwrap_or_default();
    let page = NewPage {
        title: format!("{}{}", ask.title_prefix(), shell.t("site.new")),
        summary: ask.summary(),
        fields: vec![
            ask.text("name", shell.t("site.name")).hint(shell.t("site.name-hint")),
            ask.text("code", shell.t("site.code")).hint(shell.t("site.code-hint")),
            ask.grouped("region", shell.t("site.region"), regions),
            ask.date("started_on", shell.t("site.started")).hint(shell.t("site.started-hint")),
        ],
        shell,
    };
    page_as(if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }, &page)
}

/// GET /sites/new
pub(super) async fn ask(State(web): State<Web>, user: User) -> Result<Response, Fail> {
    let (shell, who) = (shell_of(&user), user.signed.principal.clone());
    let found = blocking(&web.app, move |app| sites::projects(app, &who, None)).await;
    if !found.map_err(|error| failed(&shell, error))?.may_open {
        return Err(Fail::not_found().within(&shell));
    }
    Ok(form(&web, &shell, &Fields::default(), &[]))
}

/// POST /sites/new
pub(super) async fn open(State(web): State<Web>, user: User, fields: Fields) -> Result<Response, Fail> {
    user.require_csrf(&fields)?;
    let (shell, who) = (shell_of(&user), user.signed.principal.clone());
    let asked = NewProject {
        code: fields.text("code").to_owned(),
        name: fields.text("name").to_owned(),
        region: fields.text("region").to_owned(),
        started_on: fields.text("started_on").to_owned(),
    };
    match blocking(&web.app, move |app| site::open_project(app, &who, &asked)).await {
        Ok(id) => Ok(Redirect::to(&format!("/sites/{id}")).into_response()),
        Err(AppError::Refused(Refusal::Answers(problems))) => Ok(form(&web, &shell, &fields, &problems)),
        Err(error) => Err(failed(&shell, error)),
    }
}
