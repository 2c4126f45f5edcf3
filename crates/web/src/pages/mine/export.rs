//! 导出: all registrations of an employer as a file. A POST, because it is recorded as a look: no link and no program
//! that fetches pages ahead may cause one.

use std::io;
use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use banjie_app::app::App;
use banjie_app::usecase::export::{self, Export, ExportLine, Page};
use tokio::sync::mpsc::Sender;

use crate::csv;
use crate::fail::Fail;
use crate::form::Fields;
use crate::headers::disposition;
use crate::pieces::{Piece, pieces};
use crate::run::{blocking, failed};
use crate::session::User;
use crate::state::Web;
use crate::texts::{BASE, Tongue};

const COLUMNS: [&str; 7] = ["number", "kind", "name", "document", "since", "status", "until"];

/// POST /registrations/export.csv
pub(super) async fn export(State(web): State<Web>, user: User, fields: Fields) -> Result<Response, Fail> {
    user.require_csrf(&fields)?;
    let who = user.signed.principal.clone();
    let (export, first, today) = blocking(&web.app, move |app| {
        let export = export::begin(app, &who)?;
        let first = export.page(app, None)?;
        Ok((export, first, app.today()))
    })
    .await
    .map_err(|error| failed(&user.shell, error))?;
    let tongue = web.site.texts.lang(BASE);
    let name = tongue.fill("mine.export-file", &[("day", &today.to_string())]);
    let (sender, body) = pieces();
    tokio::spawn(send(Sheet { app: Arc::clone(&web.app), export, tongue }, first, sender));
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8; header=present"));
    headers.extend(disposition("attachment", &name).map(|value| (CONTENT_DISPOSITION, value)));
    Ok(response)
}

/// What the file is made with. It speaks one language, whatever the visitor's: programs read it.
struct Sheet {
    app: Arc<App>,
    export: Export,
    tongue: Tongue,
}

async fn send(sheet: Sheet, first: Page, sender: Sender<Piece>) {
    let (mut lines, mut next) = first;
    let mut text = csv::MARK.to_owned();
    text.push_str(&csv::line(COLUMNS.map(|column| sheet.tongue.t(&format!("mine.export.{column}")))));
    loop {
        lines.iter().for_each(|line| text.push_str(&sheet.line(line)));
        if sender.send(Ok(std::mem::take(&mut text).into())).await.is_err() {
            return;
        }
        let Some(after) = next else { return };
        let export = sheet.export.clone();
        match blocking(&sheet.app, move |app| export.page(app, Some(after))).await {
            Ok(page) => (lines, next) = page,
            Err(error) => {
                tracing::error!(%error, "an export was broken off: {error}");
                // Nobody may take what came so far for everything. If he has gone already, he does not.
                let _ = sender.send(Err(io::Error::other("broken off"))).await;
                return;
            }
        }
    }
}

impl Sheet {
    fn line(&self, line: &ExportLine) -> String {
        let kind = self.app.rules.types.get(&line.kind).map_or(line.kind.as_str(), |kind| kind.label(BASE));
        let (since, until) = (line.started_on.to_string(), line.finished_on.map(|day| day.to_string()));
        csv::line([
            line.number.as_str(),
            kind,
            &line.name,
            &line.document,
            &since,
            self.tongue.t(&format!("status.{}", line.status)),
            until.as_deref().unwrap_or_default(),
        ])
    }
}
