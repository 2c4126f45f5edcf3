//! Opaque handles: the way to a page whose subject must not stand in an address.
//!
//! A handle is a sealed text. It opens for half an hour, and only for whom it was made: that is part of the place it is
//! sealed for. All handles have one length, so that it tells nothing about what is inside.

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::error::{Outcome, fault};
use crate::seal::Place;

const LIFE: i64 = 30 * 60 * 1_000_000;

/// A name has at most 100 characters of four bytes; with what stands around it that is less than this.
const LENGTH: usize = 512;

#[derive(Serialize, Deserialize)]
struct Inside {
    value: String,
    until: i64,
}

/// A handle to `value`, for `whose` alone: an account, or empty where whoever holds it may open it.
///
/// # Errors
/// When it cannot be sealed.
pub(crate) fn handle(app: &App, what: &str, whose: &str, value: &str) -> Outcome<String> {
    let inside = Inside { value: value.to_owned(), until: app.micros() + LIFE };
    let mut plain = serde_json::to_vec(&inside).map_err(|_| fault("a handle cannot be written"))?;
    // Spaces after the text are none of it.
    plain.resize(plain.len().max(LENGTH), b' ');
    let sealed = app.data.seal(place(what, whose), &plain, app.entropy.as_ref())?;
    Ok(sealed.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// What a handle leads to, while it does.
pub(crate) fn open_handle(app: &App, what: &str, whose: &str, handle: &str) -> Option<String> {
    let plain = app.data.open(place(what, whose), &unhex(handle)?).ok()?;
    let inside: Inside = serde_json::from_slice(&plain).ok()?;
    (inside.until >= app.micros()).then_some(inside.value)
}

const fn place<'a>(what: &'a str, whose: &'a str) -> Place<'a> {
    Place { table: "handles", row: whose, column: what }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) || text.len() > 4 * LENGTH {
        return None;
    }
    text.as_bytes().chunks_exact(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn a_handle_opens_for_whom_it_was_made_while_it_lives() {
        let (app, folder) = testing::app();
        let made = handle(&app, "name", "acc_1", "买买提").unwrap();
        assert_eq!(open_handle(&app, "name", "acc_1", &made).as_deref(), Some("买买提"));
        assert_eq!(open_handle(&app, "name", "acc_2", &made), None);
        assert_eq!(open_handle(&app, "case", "acc_1", &made), None);
        assert_eq!(open_handle(&app, "name", "acc_1", &made.replace('a', "b")), None);
        assert_eq!(open_handle(&app, "name", "acc_1", "+1"), None);
        folder.clock.advance(jiff::SignedDuration::from_mins(31));
        assert_eq!(open_handle(&app, "name", "acc_1", &made), None);
    }

    #[test]
    fn the_length_of_a_handle_tells_nothing() {
        let (app, _folder) = testing::app();
        let length = |value: &str| handle(&app, "name", "acc_1", value).unwrap().len();
        assert_eq!(length("李"), length(&"\u{2A6D6}".repeat(100)));
    }
}
