//! Accounts: signing in and out, the first start, the first password, messages, and the administrator's list.

mod admin;
mod door;
mod keys;
mod messages;
mod offices;
mod webhooks;

use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};

use crate::parts::{ErrorSummary, Field, Note};
use crate::shell::{Shell, page_as};
use crate::state::Web;

/// The routes of accounts.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/sign-in", get(door::sign_in_page).post(door::sign_in))
        .route("/sign-out", post(door::sign_out))
        .route("/activate", get(door::activate_page).post(door::activate))
        .route("/set-up", get(door::set_up_page).post(door::set_up))
        .route("/messages", get(messages::show))
        .route("/messages/read", post(messages::read))
        .route("/keys", get(keys::show).post(keys::make))
        .route("/keys/revoke", post(keys::revoke))
        .route("/webhooks", get(webhooks::show).post(webhooks::make))
        .route("/webhooks/try", post(webhooks::try_out))
        .route("/webhooks/stop", post(webhooks::stop))
        .route("/admin/accounts", get(admin::list))
        .route("/admin/accounts/new", get(admin::new_page).post(admin::open))
        .route("/admin/offices", get(offices::show).post(offices::open))
        .route("/admin/accounts/{id}/code", post(admin::new_code))
        .route("/admin/accounts/{id}/access", post(admin::access))
}

/// A page that is one plain form.
#[derive(Template)]
#[template(path = "pages/account/form.html")]
struct FormPage<'a> {
    shell: &'a Shell,
    title: String,
    heading: &'a str,
    lede: &'a str,
    action: &'a str,
    button: &'a str,
    summary: Option<ErrorSummary>,
    note: Option<Note>,
    hidden: Vec<(&'a str, String)>,
    questions: Vec<Field>,
    links: Vec<(&'a str, &'a str)>,
}

impl FormPage<'_> {
    /// 422 with problems, 200 without.
    fn answer(&self) -> Response {
        page_as(if self.summary.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, self)
    }
}
