//! 消息: what somebody was told, newest first.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use banjie_app::messages::{self, About, Message};
use banjie_app::tokens;

use crate::fail::Fail;
use crate::form::Fields;
use crate::run::{blocking, failed};
use crate::session::User;
use crate::shell::{Place, Shell, Side, page};
use crate::state::Web;

struct Line {
    when: String,
    text: String,
    number: String,
    href: Option<String>,
    unread: bool,
}

#[derive(Template)]
#[template(path = "pages/account/messages.html")]
struct MessagesPage<'a> {
    shell: &'a Shell,
    messages: Vec<Line>,
    any_unread: bool,
    keys: bool,
}

fn line(shell: &Shell, message: Message) -> Line {
    let values = [("number", message.number.as_str()), ("tail", message.tail.as_str())];
    Line {
        when: shell.tongue.date_time(message.at),
        text: shell.fill(&format!("notice.{}", message.template), &values),
        href: message.about.as_ref().map(|about| match about {
            About::Case(id) => format!("/cases/{id}"),
            About::Registration(id) => format!("/registrations/{id}"),
            About::Deadlines => "/deadlines".to_owned(),
            About::Webhooks => "/webhooks".to_owned(),
        }),
        number: message.number,
        unread: message.unread,
    }
}

/// GET /messages
pub(super) async fn show(State(web): State<Web>, user: User) -> Result<Response, Fail> {
    let shell = user.shell.clone().at(Side::Applicant, Place::Messages);
    let who = user.signed.principal.clone();
    let found =
        blocking(&web.app, move |app| messages::list(app, &who)).await.map_err(|error| failed(&shell, error))?;
    let lines: Vec<_> = found.into_iter().map(|message| line(&shell, message)).collect();
    let keys = tokens::may_have(user.signed.role);
    Ok(page(&MessagesPage { keys, any_unread: lines.iter().any(|line| line.unread), messages: lines, shell: &shell }))
}

/// POST /messages/read
pub(super) async fn read(State(web): State<Web>, user: User, fields: Fields) -> Result<Response, Fail> {
    user.require_csrf(&fields)?;
    let who = user.signed.principal.clone();
    blocking(&web.app, move |app| messages::read_all(app, &who)).await.map_err(|error| failed(&user.shell, error))?;
    Ok(Redirect::to("/messages").into_response())
}
