//! What the supervisor does to the clock of a decision: the two forms and the one button.

use axum::extract::{Path, State};
use axum::response::Response;
use banjie_app::usecase::desk::{self, ClockForm};
use banjie_domain::case::{EXTENSIONS, SPECIAL};

use super::act::Desk;
use crate::fail::Fail;
use crate::form::Fields;
use crate::parts::{Field, Mark, Questions};
use crate::session::Staff;
use crate::shell::Shell;
use crate::state::Web;

/// A folded form of the supervisor.
pub(super) struct ClockPart {
    pub action: &'static str,
    pub title: String,
    pub say: String,
    pub open: bool,
    pub fields: Vec<Field>,
    pub send: String,
}

/// The forms this officer may fill in now.
pub(super) fn parts(shell: &Shell, may: banjie_app::query::desk::May, ask: &Questions<'_>) -> Vec<ClockPart> {
    let part = |action, fields: Vec<Field>| ClockPart {
        action,
        title: shell.t(&format!("desk.clock-act.{action}")).to_owned(),
        say: shell.t(&format!("desk.clock-act.{action}-say")).to_owned(),
        open: fields.iter().any(|field| field.error.is_some()),
        fields,
        send: shell.t(&format!("desk.clock-act.{action}-go")).to_owned(),
    };
    let reasons = |list: &str, keys: &[&'static str]| {
        let marks = keys.iter().map(|key| Mark::new(*key, shell.t(&format!("{list}.{key}")))).collect();
        ask.radios(list, shell.t("desk.clock-act.why"), marks)
    };
    let words = |name: &str| ask.area(name, shell.t("desk.note.label")).hint(shell.t("desk.clock-act.note-hint"));
    let mut parts = Vec::new();
    if may.suspend {
        let until = ask.date("until", shell.t("desk.clock-act.until")).hint(shell.t("desk.clock-act.until-hint"));
        parts.push(part("suspend", vec![reasons("special", &SPECIAL), until, words("special_note")]));
    }
    if may.extend {
        parts.push(part("extend", vec![reasons("extension", &EXTENSIONS), words("extension_note")]));
    }
    if may.resume {
        parts.push(ClockPart { open: true, ..part("resume", Vec::new()) });
    }
    parts
}

fn typed(fields: &Fields, list: &str) -> ClockForm {
    ClockForm {
        reason: fields.text(list).to_owned(),
        until: fields.text("until").to_owned(),
        note: fields.text(&format!("{list}_note")).replace("\r\n", "\n"),
    }
}

/// POST /desk/cases/{id}/suspend
pub(super) async fn suspend(
    State(web): State<Web>,
    Staff(user): Staff,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Fail> {
    let form = typed(&fields, "special");
    let desk = Desk::new(web, &user, &id, fields)?;
    desk.press(move |app, who, id, seen| desk::suspend(app, who, id, seen, &form)).await
}

/// POST /desk/cases/{id}/extend
pub(super) async fn extend(
    State(web): State<Web>,
    Staff(user): Staff,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Fail> {
    let form = typed(&fields, "extension");
    let desk = Desk::new(web, &user, &id, fields)?;
    desk.press(move |app, who, id, seen| desk::extend(app, who, id, seen, &form)).await
}

/// POST /desk/cases/{id}/resume
pub(super) async fn resume(
    State(web): State<Web>,
    Staff(user): Staff,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Fail> {
    Desk::new(web, &user, &id, fields)?.press(desk::resume).await
}
