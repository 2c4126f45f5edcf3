//! Following a case without an account: by its number and the 查询码.
//!
//! The code is derived from the number under a key of the installation, so it is stored nowhere and can be printed
//! again at any time for the person who asked. Ten wrong tries lock a number's code for a day.

use banjie_domain::id::CaseId;
use banjie_domain::number::{CaseNumber, QueryCode};
use banjie_store::accounts::{self, AttemptRule};
use banjie_store::cases;

use crate::app::App;
use crate::entropy;
use crate::error::Outcome;
use crate::handle::{handle, open_handle};
use crate::seal::{MacKey, same};

const MINUTE: i64 = 60 * 1_000_000;
const DAY: i64 = 24 * 60 * MINUTE;
const TRIES: AttemptRule = AttemptRule { tries: 10, window: DAY, lock: DAY };
const NETWORK_TRIES: AttemptRule = AttemptRule { tries: 200, window: 60 * MINUTE, lock: 60 * MINUTE };

/// The 查询码 of a case: eight digits, each as likely as any other to within 1 in 10¹¹.
#[must_use]
pub fn query_code(app: &App, number: &CaseNumber) -> QueryCode {
    let mac = app.keys.mac(MacKey::Code, &[b"query-code", number.compact().as_bytes()]);
    let word = mac.iter().take(8).fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
    QueryCode::make(word % 100_000_000)
}

/// The case with this number, if the code fits. A wrong number, a wrong code and a locked number get one answer.
///
/// # Errors
/// When the database cannot be read or written.
pub fn track(app: &App, number: &str, code: &str, network: &str) -> Outcome<Option<CaseId>> {
    let (number, code) = (CaseNumber::parse(number), QueryCode::parse(code));
    // The same work is done for texts that are no number at all.
    let wanted = number.as_ref().map_or_else(|_| String::new(), CaseNumber::compact);
    let number_key = app.keys.mac(MacKey::Code, &[b"tries", wanted.as_bytes()]).to_vec();
    let network_key = app.keys.mac(MacKey::Code, &[b"tries-from", network.as_bytes()]).to_vec();
    let now = app.micros();
    let found = app.store.read({
        let (number_key, network_key, wanted) = (number_key.clone(), network_key.clone(), wanted);
        move |tx| -> Outcome<_> {
            let locked = accounts::attempt_locked_until(tx, &number_key, now)?.is_some()
                || accounts::attempt_locked_until(tx, &network_key, now)?.is_some();
            let row = cases::case_find_by_number(tx, &wanted)?;
            Ok((locked, row.map(|row| row.id)))
        }
    })?;
    let fits = match (&number, &code) {
        (Ok(number), Ok(code)) => same(query_code(app, number).as_str().as_bytes(), code.as_str().as_bytes()),
        _ => false,
    };
    match found {
        (false, Some(case)) if fits => Ok(Some(case)),
        (false, _) => {
            app.store.write(move |tx| -> Outcome<()> {
                accounts::attempt_failed(tx, &number_key, TRIES, now)?;
                Ok(accounts::attempt_failed(tx, &network_key, NETWORK_TRIES, now)?)
            })?;
            Ok(None)
        }
        (true, _) => Ok(None),
    }
}

/// What handles to a case are sealed for. Whoever showed number and code has no account, so nobody in particular holds
/// one.
const CASE: &str = "case";

/// An opaque handle that opens one case's progress for half an hour.
///
/// # Errors
/// When it cannot be sealed.
pub fn track_handle(app: &App, case: &CaseId) -> Outcome<String> {
    handle(app, CASE, "", case.as_str())
}

/// The case a handle opens, while it does.
#[must_use]
pub fn open_track_handle(app: &App, handle: &str) -> Option<CaseId> {
    CaseId::parse(&open_handle(app, CASE, "", handle)?).ok()
}

/// Twelve random digits for a number.
pub(super) fn twelve_digits(app: &App) -> u64 {
    entropy::digits::<12>(app.entropy.as_ref())
}
