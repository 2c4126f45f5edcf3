//! The messages of a person or an employer, newest first. Offices get none.
//!
//! A stored notice holds ids only; its words are made where it is shown.

use banjie_domain::actor::Principal;
use banjie_domain::id::{CaseId, RegistrationId};
use banjie_domain::number::{CaseNumber, RegistrationNumber};
use banjie_store::cases::case_find;
use banjie_store::db::Tx;
use banjie_store::error::StoreError;
use banjie_store::notices::{self, NoticeRow};
use banjie_store::registrations::registration_find;
use jiff::Timestamp;

use crate::app::App;
use crate::error::{Outcome, fault};

/// How many a page shows.
const SHOWN: u32 = 100;

/// The keys of all messages: what a person reads is the text of the same key, and webhooks are told the key.
pub const KINDS: [&str; 27] = [
    "case-accepted",
    "case-declined",
    "case-extended",
    "case-granted",
    "case-lapsed",
    "case-overdue",
    "case-recalculated",
    "case-refused",
    "case-remind-0",
    "case-remind-2",
    "case-remind-5",
    "case-resumed",
    "case-submitted",
    "case-supplement",
    "case-supplemented",
    "case-suspended",
    "case-withdrawn",
    "filing-remind-0",
    "filing-remind-3",
    "filing-remind-7",
    "other-side-asked",
    "other-side-closed",
    "registration-changed",
    "registration-corrected",
    "registration-made",
    "site-entered",
    "webhook-stopped",
];

/// How many characters of a number people read to tell two apart: the last group and the check digits.
const TAIL: usize = 7;

/// What a message is about, and where it can be read up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// One's own case.
    Case(CaseId),
    /// A registration; also where the other side asked, whose case is not shown.
    Registration(RegistrationId),
    /// What somebody's turn it is, by last day.
    Deadlines,
    /// Where one's own systems are told.
    Webhooks,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Key of its text.
    pub template: String,
    /// What it is about.
    pub about: Option<About>,
    /// The number of that, grouped.
    pub number: String,
    /// The end of the number.
    pub tail: String,
    /// When it was written.
    pub at: Timestamp,
    /// Whether it has not been read.
    pub unread: bool,
}

/// The newest messages.
///
/// # Errors
/// When the database cannot be read.
pub fn list(app: &App, who: &Principal) -> Outcome<Vec<Message>> {
    let standing = who.standing.clone();
    let found = app.store.read(move |tx| {
        let rows = notices::notice_list(tx, &standing, SHOWN)?;
        rows.into_iter()
            .map(|row| {
                let (about, number) = subject(tx, &row)?;
                Ok((row, about, number))
            })
            .collect::<Result<Vec<_>, StoreError>>()
    })?;
    found.into_iter().map(|(row, about, number)| message(&row, about, number)).collect()
}

/// Marks everything as read.
///
/// # Errors
/// When the database cannot be written.
pub fn read_all(app: &App, who: &Principal) -> Outcome<()> {
    let now = app.micros();
    app.retry(|| {
        let standing = who.standing.clone();
        Ok(app.store.write(move |tx| notices::notice_read_all(tx, &standing, now))?)
    })
}

/// The case a message is about, where it is the reader's own. The other side may know that something was asked about its
/// registration, not what.
pub(crate) fn own_case(row: &NoticeRow) -> Option<&CaseId> {
    row.case.as_ref().filter(|_| row.template.starts_with("case-"))
}

fn subject(tx: &mut dyn Tx, row: &NoticeRow) -> Result<(Option<About>, String), StoreError> {
    if let Some(id) = own_case(row).cloned() {
        let number = case_find(tx, &id)?.map(|case| case.number).unwrap_or_default();
        return Ok((Some(About::Case(id)), number));
    }
    if row.template.starts_with("filing-") {
        return Ok((Some(About::Deadlines), String::new()));
    }
    if row.template.starts_with("webhook-") {
        return Ok((Some(About::Webhooks), String::new()));
    }
    let Some(id) = row.registration.clone() else { return Ok((None, String::new())) };
    let number = registration_find(tx, &id)?.map(|registration| registration.number).unwrap_or_default();
    Ok((Some(About::Registration(id)), number))
}

fn message(row: &NoticeRow, about: Option<About>, number: String) -> Outcome<Message> {
    let grouped = match &about {
        Some(About::Case(_)) => CaseNumber::parse(&number).map(|number| number.grouped()).ok(),
        Some(About::Registration(_)) => RegistrationNumber::parse(&number).map(|number| number.grouped()).ok(),
        Some(About::Deadlines | About::Webhooks) | None => None,
    };
    let number = grouped.unwrap_or(number);
    let start = number.len().saturating_sub(TAIL);
    Ok(Message {
        tail: number.get(start..).unwrap_or_default().to_owned(),
        number,
        template: row.template.clone(),
        about,
        at: Timestamp::from_microsecond(row.created_at).map_err(|_| fault("a stored instant is out of range"))?,
        unread: row.read_at.is_none(),
    })
}

#[cfg(test)]
mod tests {
    use banjie_domain::id::NoticeId;

    use super::*;
    use crate::testing;

    #[test]
    fn a_message_goes_to_its_reader_only_and_is_read_once() {
        let (app, _folder) = testing::app();
        let reader = testing::person(&app, "张伟", "11010519491231002X");
        let other = testing::employer(&app, "某某公司", "91350100M000100Y43");
        let row = NoticeRow {
            id: app.fresh(NoticeId::new),
            person: reader.person().cloned(),
            employer: None,
            template: "registration-made".to_owned(),
            case: None,
            registration: None,
            created_at: app.micros(),
            read_at: None,
        };
        app.store.write(move |tx| notices::notice_insert(tx, &row)).unwrap();
        let messages = list(&app, &reader).unwrap();
        assert_eq!(messages.iter().map(|message| message.unread).collect::<Vec<_>>(), [true]);
        assert_eq!(list(&app, &other).unwrap(), []);
        read_all(&app, &other).unwrap();
        assert!(list(&app, &reader).unwrap()[0].unread);
        read_all(&app, &reader).unwrap();
        assert!(!list(&app, &reader).unwrap()[0].unread);
    }
}
