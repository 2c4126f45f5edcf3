//! The administrator's list of accounts: open one, hand a code over, close one.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use banjie_app::accounts::{self, Access, AccountLine, AccountState, DocumentTyped, HandedOver, NewAccount, UnitTyped};
use banjie_app::alarms::Alarm;
use banjie_app::app::App;
use banjie_app::error::AppError;
use banjie_domain::authorize::{Action, authorize_list};
use banjie_domain::id::AccountId;
use banjie_domain::problem::FieldProblem;
use banjie_domain::refusal::Refusal;

use super::FormPage;
use crate::fail::Fail;
use crate::form::Fields;
use crate::parts::{Mark, Note, Questions, Tone};
use crate::run::{blocking, failed};
use crate::session::Staff;
use crate::shell::{Place, Shell, Side, page};
use crate::state::Web;

struct Line {
    id: String,
    login: String,
    display: String,
    role: String,
    place: String,
    state: String,
    switch: String,
    switch_to: &'static str,
    own: bool,
}

#[derive(Template)]
#[template(path = "pages/account/list.html")]
struct ListPage<'a> {
    shell: &'a Shell,
    notes: Vec<Note>,
    lines: Vec<Line>,
    rules: bool,
}

/// What is wrong with the service itself, for who can mend it.
fn alarms(shell: &Shell, app: &App) -> Vec<Note> {
    let note = |alarm: &Alarm| {
        let key = format!("alarm.{}", alarm.key.key());
        let since = shell.fill("alarm.since", &[("at", &shell.tongue.date_time(alarm.since))]);
        let details = alarm.detail.lines().map(str::to_owned);
        let lines = [shell.t(&format!("{key}.next")).to_owned(), since].into_iter().chain(details);
        Note::new(Tone::Zhu, shell.t(&key), lines)
    };
    app.alarms.list().iter().map(note).collect()
}

fn line(shell: &Shell, line: AccountLine) -> Line {
    let (switch, switch_to) = if line.state == AccountState::Closed {
        (shell.t("account.list.reopen"), "reopened")
    } else {
        (shell.t("account.list.close"), "closed")
    };
    Line {
        id: line.id.to_string(),
        login: line.login,
        display: line.display,
        role: shell.t(&format!("role.{}", line.role.key())).to_owned(),
        place: line.place.unwrap_or_default(),
        state: shell.t(&format!("account.state.{}", line.state.key())).to_owned(),
        switch: switch.to_owned(),
        switch_to,
        own: line.own,
    }
}

pub(super) fn shell_of(staff: &Staff) -> Shell {
    staff.0.shell.clone().at(Side::Admin, Place::Accounts)
}

async fn list_page(web: &Web, staff: &Staff, handed: Option<HandedOver>) -> Result<Response, Fail> {
    let shell = shell_of(staff);
    let who = staff.0.signed.principal.clone();
    let found =
        blocking(&web.app, move |app| accounts::list(app, &who)).await.map_err(|error| failed(&shell, error))?;
    let note = handed.map(|handed| {
        let until = shell.tongue.date_time(handed.until);
        let values = [("login", handed.login.as_str()), ("code", handed.code.as_str()), ("until", until.as_str())];
        let heading = shell.fill("account.code.title", &values);
        Note::new(Tone::Lu, heading, [shell.fill("account.code.say", &values), shell.t("account.code.once").to_owned()])
    });
    let lines = found.into_iter().map(|one| line(&shell, one)).collect();
    let notes = note.into_iter().chain(alarms(&shell, &web.app)).collect();
    let rules = authorize_list(&staff.0.signed.principal, Action::RulesChange).is_ok();
    Ok(page(&ListPage { shell: &shell, notes, lines, rules }))
}

/// GET /admin/accounts
pub(super) async fn list(State(web): State<Web>, staff: Staff) -> Result<Response, Fail> {
    list_page(&web, &staff, None).await
}

fn new_form(web: &Web, staff: &Staff, fields: &Fields, problems: &[FieldProblem]) -> Response {
    let shell = shell_of(staff);
    let ask = Questions::new(&shell.tongue, fields, problems);
    let principal = &staff.0.signed.principal;
    let roles = accounts::roles_to_open(principal.role)
        .into_iter()
        .map(|role| Mark::new(role.key(), shell.t(&format!("role.{}", role.key()))))
        .collect();
    let offices = accounts::offices_within(&web.app, principal)
        .into_iter()
        .map(|office| Mark::new(office.id.to_string(), office.name))
        .collect();
    let page = FormPage {
        title: format!("{}{}", ask.title_prefix(), shell.t("account.new.title")),
        heading: shell.t("account.new.title"),
        lede: shell.t("account.new.lede"),
        action: "/admin/accounts/new",
        button: shell.t("account.new.go"),
        summary: ask.summary(),
        note: None,
        hidden: vec![("assurance", "seen".to_owned()), ("document_kind", "citizen-id".to_owned())],
        questions: vec![
            ask.select("role", shell.t("account.new.role"), roles),
            ask.text("name", shell.t("account.name")),
            ask.text("login", shell.t("account.login")).hint(shell.t("account.new.login-hint")),
            ask.text("document_number", shell.t("account.new.document")).hint(shell.t("account.new.document-hint")),
            ask.text("unit_number", shell.t("account.new.unit")).hint(shell.t("account.new.unit-hint")),
            ask.text("unit_name", shell.t("account.new.unit-name")).optional(),
            ask.text("unit_region", shell.t("account.new.unit-region"))
                .hint(shell.t("account.set-up.region-hint"))
                .optional(),
            ask.select("office", shell.t("account.new.office"), offices).hint(shell.t("account.new.office-hint")),
        ],
        links: vec![("/admin/accounts", shell.t("account.new.back"))],
        shell: &shell,
    };
    page.answer()
}

/// GET /admin/accounts/new
pub(super) async fn new_page(State(web): State<Web>, staff: Staff) -> Result<Response, Fail> {
    if accounts::roles_to_open(staff.0.signed.role).is_empty() {
        return Err(Fail::not_found().within(&staff.0.shell));
    }
    Ok(new_form(&web, &staff, &Fields::default(), &[]))
}

fn asked(fields: &Fields) -> NewAccount {
    let text = |name: &str| fields.text(name).to_owned();
    let some = |name: &str| Some(text(name)).filter(|typed| !typed.is_empty());
    NewAccount {
        role: text("role"),
        login: text("login"),
        name: text("name"),
        person: some("document_number").map(|number| DocumentTyped {
            kind: text("document_kind"),
            number,
            country: text("document_country"),
        }),
        unit: some("unit_number").map(|number| UnitTyped {
            number,
            name: text("unit_name"),
            region: text("unit_region"),
        }),
        office: some("office"),
        assurance: text("assurance"),
    }
}

/// POST /admin/accounts/new
pub(super) async fn open(State(web): State<Web>, staff: Staff, fields: Fields) -> Result<Response, Fail> {
    staff.0.require_csrf(&fields)?;
    let (who, new) = (staff.0.signed.principal.clone(), asked(&fields));
    match blocking(&web.app, move |app| accounts::open_account(app, &who, &new)).await {
        Ok(handed) => list_page(&web, &staff, Some(handed)).await,
        Err(AppError::Refused(Refusal::Answers(problems))) => Ok(new_form(&web, &staff, &fields, &problems)),
        Err(error) => Err(failed(&shell_of(&staff), error)),
    }
}

fn account_id(text: &str) -> Result<AccountId, Fail> {
    AccountId::parse(text).map_err(|_| Fail::not_found())
}

/// POST /admin/accounts/{id}/code
pub(super) async fn new_code(
    State(web): State<Web>,
    Path(id): Path<String>,
    staff: Staff,
    fields: Fields,
) -> Result<Response, Fail> {
    staff.0.require_csrf(&fields)?;
    let (who, id) = (staff.0.signed.principal.clone(), account_id(&id)?);
    let handed = blocking(&web.app, move |app| accounts::new_code(app, &who, &id))
        .await
        .map_err(|error| failed(&shell_of(&staff), error))?;
    list_page(&web, &staff, Some(handed)).await
}

/// POST /admin/accounts/{id}/access
pub(super) async fn access(
    State(web): State<Web>,
    Path(id): Path<String>,
    staff: Staff,
    fields: Fields,
) -> Result<Response, Fail> {
    staff.0.require_csrf(&fields)?;
    let to = if fields.text("to") == "closed" { Access::Closed } else { Access::Reopened };
    let (who, id) = (staff.0.signed.principal.clone(), account_id(&id)?);
    blocking(&web.app, move |app| accounts::set_access(app, &who, &id, to))
        .await
        .map_err(|error| failed(&shell_of(&staff), error))?;
    Ok(Redirect::to("/admin/accounts").into_response())
}
