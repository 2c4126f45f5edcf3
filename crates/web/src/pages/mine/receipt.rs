//! 回执: what was handed in and when, on one page that prints.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use banjie_app::query::mine::{self, CaseProgress};
use banjie_app::usecase::code::query_code;
use banjie_app::usecase::draft::DraftFile;
use banjie_domain::calendar::Calendar;
use banjie_domain::case::Submitted;
use banjie_domain::clock::legal_date;
use banjie_domain::id::CaseId;
use banjie_domain::number::CaseNumber;
use banjie_domain::policy::Stages;

use super::progress::asked;
use crate::fail::Fail;
use crate::pages::why;
use crate::parts::{KeyValues, QrCode, Slip, Stamp, Why};
use crate::run::{blocking, failed};
use crate::session::User;
use crate::shell::{Shell, page};
use crate::state::Web;

#[derive(Template)]
#[template(path = "pages/receipt.html")]
struct ReceiptPage<'a> {
    shell: &'a Shell,
    dates: String,
    slip: Slip,
    why: Vec<Why>,
    progress: String,
}

fn slip(web: &Web, shell: &Shell, found: &CaseProgress, dates: &str) -> Result<Slip, Fail> {
    let submitted = found.case.file().submitted();
    let number = CaseNumber::parse(&submitted.number).map_err(|_| Fail::not_found())?;
    let code = query_code(&web.app, &number);
    let office = web.app.office(&submitted.office).map_err(|error| failed(shell, error))?;
    let file = |file: &DraftFile| {
        let mark: String = file.commitment.hex().chars().take(16).collect();
        shell.fill("mine.received-file", &[("name", &file.name), ("mark", &mark)])
    };
    let received: Vec<_> = found.files.iter().map(file).collect();
    let files = if received.is_empty() { shell.t("mine.no-files").to_owned() } else { received.join("；") };
    let mut rows = KeyValues::default().with(shell.t("apply.act"), shell.t(&format!("act.{}", submitted.act.key())));
    for row in asked(web, shell, found) {
        rows = rows.with(row.label.clone(), row.lines.join(" "));
    }
    let rows = rows
        .with(shell.t("mine.code"), code.grouped())
        .with(shell.t("mine.received-on"), received_on(shell, found))
        .with(shell.t("mine.files"), files)
        .with(shell.t("apply.when"), dates);
    let day = submitted.received_on;
    Ok(Slip {
        office: office.name,
        title: shell.t("mine.receipt").to_owned(),
        number_label: shell.t("mine.case-number").to_owned(),
        number: number.grouped(),
        reading: shell.t("mine.reading").to_owned(),
        rows,
        code: QrCode::new(&number.grouped(), shell.t("mine.qr")).map(|code| (code, shell.t("mine.qr").to_owned())),
        stamp: Some(Stamp {
            upper: shell.t("mine.stamp-upper").to_owned(),
            lower: shell.t("mine.stamp-lower").to_owned(),
            date: format!("{}.{:02}.{:02}", day.year(), day.month(), day.day()),
            fresh: false,
        }),
        signed_on: shell.tongue.date(day),
        foot: shell.t("mine.foot").to_owned(),
    })
}

/// The legal day of receipt; when it is not the day of handing in, with the reason.
fn received_on(shell: &Shell, found: &CaseProgress) -> String {
    let day = found.case.file().submitted().received_on;
    let shown = shell.tongue.date(day);
    let sent = found.story.first().and_then(|told| told.envelope.recorded().ok()).map(legal_date);
    if sent.is_some_and(|sent| sent < day) { shell.fill("mine.received-later", &[("day", &shown)]) } else { shown }
}

/// Both last days and why; of what passes no desk, that it is done.
fn dates(shell: &Shell, calendar: &Calendar, submitted: &Submitted) -> (String, Vec<Why>) {
    if submitted.stages == Stages::None {
        return (shell.t("mine.done-at-once").to_owned(), Vec::new());
    }
    let limits = submitted.limits;
    let accept = calendar.add_working_days(submitted.received_on, limits.accept).on;
    let decide = calendar.add_working_days(accept, limits.promise).on;
    let why = why::of_both(shell, calendar, (submitted.received_on, limits.accept), (accept, limits.promise));
    let words = [("accept", shell.tongue.date(accept)), ("decide", shell.tongue.date(decide))];
    (shell.fill("apply.dates", &words.each_ref().map(|(name, words)| (*name, words.as_str()))), why.into())
}

/// GET /cases/{id}/receipt
pub(super) async fn show(State(web): State<Web>, Path(id): Path<String>, user: User) -> Result<Response, Fail> {
    let shell = &user.shell;
    let id = CaseId::parse(&id).map_err(|_| Fail::not_found().within(shell))?;
    let (who, wanted) = (user.signed.principal.clone(), id.clone());
    let found = blocking(&web.app, move |app| mine::progress(app, &who, &wanted))
        .await
        .map_err(|error| failed(shell, error))?;
    let submitted = found.case.file().submitted();
    let (dates, why) = dates(shell, &found.calendar, submitted);
    let slip = slip(&web, shell, &found, &dates)?;
    Ok(page(&ReceiptPage { shell, dates, slip, why, progress: format!("/cases/{id}") }))
}
