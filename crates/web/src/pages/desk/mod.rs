//! The officers' pages: the queue, one case on the bench, and the forms that move it.
//!
//! A page shows what the use cases hand over, masked as it came. It decides nothing: every act is asked of the use case
//! again, with the version the officer saw.

mod act;
mod case;
mod clock;
mod form;
mod queue;
#[cfg(test)]
mod tests;

use axum::Router;
use axum::routing::{get, post};
use banjie_app::app::App;
use banjie_app::error::{AppError, Outcome};
use banjie_app::query::desk::CaseView;
use banjie_domain::id::CaseId;
use banjie_domain::refusal::Refusal;

use crate::fail::Fail;
use crate::parts::{Note, Tone};
use crate::session::User;
use crate::shell::{Place, Shell, Side};
use crate::state::Web;

/// The routes of the desk.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/desk", get(queue::show))
        .route("/desk/cases/{id}", get(case::show))
        .route("/desk/cases/{id}/verdict", post(act::verdict))
        .route("/desk/cases/{id}/open-second", post(act::open_second))
        .route("/desk/cases/{id}/retract", post(act::retract))
        .route("/desk/cases/{id}/suspend", post(clock::suspend))
        .route("/desk/cases/{id}/resume", post(clock::resume))
        .route("/desk/cases/{id}/extend", post(clock::extend))
        .route("/desk/cases/{id}/unmask", post(act::unmask))
}

/// Runs a use case where it may block.
async fn run<T: Send + 'static>(
    web: &Web,
    work: impl FnOnce(&App) -> Outcome<T> + Send + 'static,
) -> Result<T, AppError> {
    crate::run::blocking(&web.app, work).await
}

/// The shell of a desk page that can be come back to.
fn shell_at(user: &User, path: &str) -> Shell {
    let mut shell = user.shell.clone().at(Side::Staff, Place::Desk);
    path.clone_into(&mut shell.path);
    shell
}

fn case_id(text: &str) -> Result<CaseId, Fail> {
    CaseId::parse(text).map_err(|_| Fail::not_found())
}

/// The time left, in words and as the class that colours it.
fn time_left(shell: &Shell, left: i64) -> (String, &'static str) {
    let days = left.unsigned_abs().to_string();
    match left {
        0 => (shell.t("desk.left.today").to_owned(), "d0"),
        1 => (shell.fill("desk.left.days", &[("days", &days)]), "d1"),
        2.. => (shell.fill("desk.left.days", &[("days", &days)]), "ok"),
        _ => (shell.fill("desk.left.over", &[("days", &days)]), "d0"),
    }
}

/// What a gap or ground is about, in words.
fn target_label(shell: &Shell, view: &CaseView, target: &str) -> String {
    super::words::target(shell, &view.labels, target)
}

/// A count in words that stops at a thousand.
fn counted(count: i64) -> String {
    if count > 1000 { "1000+".to_owned() } else { count.to_string() }
}

/// The rules' no, and what to do next.
fn refusal_note(shell: &Shell, refusal: &Refusal) -> Note {
    let key = format!("refusal.{}", refusal.code());
    Note::new(Tone::Zhu, shell.t(&key), [shell.t(&format!("{key}.next"))])
}
