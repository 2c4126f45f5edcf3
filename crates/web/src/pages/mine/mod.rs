//! What people have: their registrations, their cases, and how each stands.

mod cases;
mod deadlines;
mod drafts;
mod export;
mod found;
mod progress;
mod receipt;
mod registration;
mod registrations;

use askama::Template;
use axum::Router;
use axum::routing::{get, post};

use crate::parts::{Answers, Frame, Note, Ruler, Track, Why};
use crate::shell::Shell;
use crate::state::Web;

pub(super) use progress::{named, time_line, told, whys};

/// The routes of one's own things.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/registrations", get(registrations::show))
        .route("/registrations/export.csv", post(export::export))
        .route("/registrations/search", post(found::search))
        .route("/registrations/found/{handle}", get(found::show))
        .route("/registrations/{id}", get(registration::show))
        .route("/drafts/{id}/discard", get(drafts::ask_discard).post(drafts::discard))
        .route("/deadlines", get(deadlines::show))
        .route("/cases", get(cases::list))
        .route("/cases/{id}", get(progress::show))
        .route("/cases/{id}/withdraw", get(progress::ask_withdraw).post(progress::withdraw))
        .route("/cases/{id}/receipt", get(receipt::show))
}

/// A page about one thing: how it stands, what can be done, what is known, what happened.
#[derive(Template)]
#[template(path = "pages/facts.html")]
pub(super) struct FactsPage<'a> {
    pub shell: &'a Shell,
    pub title: String,
    pub eyebrow: String,
    pub say: String,
    pub back: (String, String),
    pub frame: Option<Frame>,
    pub notes: Vec<Note>,
    pub forms: Vec<OneButton>,
    pub ruler: Option<Ruler>,
    pub why: Vec<Why>,
    pub answers: Option<Answers>,
    pub track: Option<Track>,
    pub links: Vec<(String, String)>,
}

impl<'a> FactsPage<'a> {
    /// A page that says one thing and leads back.
    pub(super) fn saying(shell: &'a Shell, title: &str, say: &str, back: (String, String)) -> Self {
        Self {
            shell,
            title: title.to_owned(),
            eyebrow: String::new(),
            say: say.to_owned(),
            back,
            frame: None,
            notes: Vec::new(),
            forms: Vec::new(),
            ruler: None,
            why: Vec::new(),
            answers: None,
            track: None,
            links: Vec::new(),
        }
    }
}

/// A form that is only its button.
pub(super) struct OneButton {
    pub method: &'static str,
    pub action: String,
    pub button: String,
    pub quiet: bool,
}
