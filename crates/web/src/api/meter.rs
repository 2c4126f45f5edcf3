//! How often a key may ask: so many requests in each minute, told in every answer.
//!
//! In memory and for this process only: it guards the service, not a quota.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, HeaderValue};

/// Requests of one key in a minute.
pub const KEY: u32 = 1200;
/// Requests without a key that works, of one network in a minute.
pub const STRANGER: u32 = 600;

const MINUTE: i64 = 60_000_000;
/// More entries than this are those of many networks: what is over is thrown out.
const MOST: usize = 20_000;

/// Counts requests.
#[derive(Debug, Default)]
pub struct Meter(Mutex<HashMap<String, (i64, u32)>>);

/// Where a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Requests in a minute.
    pub most: u32,
    /// How many are left of them.
    pub left: u32,
    /// Seconds until the minute is over.
    pub seconds: u32,
    /// Whether this one is one too many.
    pub over: bool,
}

impl Meter {
    /// Counts one request at `now`, microseconds.
    pub fn count(&self, who: &str, most: u32, now: i64) -> Reading {
        let minute = now.div_euclid(MINUTE);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.retain(|_, (counted, _)| *counted == minute);
        }
        let entry = all.entry(who.to_owned()).or_insert((minute, 0));
        if entry.0 != minute {
            *entry = (minute, 0);
        }
        entry.1 = entry.1.saturating_add(1);
        let seconds = u32::try_from((MINUTE - now.rem_euclid(MINUTE)).div_euclid(1_000_000) + 1).unwrap_or(60);
        Reading { most, left: most.saturating_sub(entry.1), seconds, over: entry.1 > most }
    }
}

impl Reading {
    /// Says so in an answer (draft-ietf-httpapi-ratelimit-headers).
    pub fn write(self, headers: &mut HeaderMap) {
        let policy = format!("\"minute\";q={};w=60", self.most);
        let state = format!("\"minute\";r={};t={}", self.left, self.seconds);
        for (name, value) in [("ratelimit-policy", policy), ("ratelimit", state)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_so_many_requests_and_the_next_begins_anew() {
        let meter = Meter::default();
        let at = 5 * MINUTE + 45_000_000;
        let read: Vec<_> = (0..4).map(|_| meter.count("a", 3, at)).map(|one| (one.left, one.over)).collect();
        assert_eq!(read, [(2, false), (1, false), (0, false), (0, true)]);
        assert_eq!(meter.count("b", 3, at), Reading { most: 3, left: 2, seconds: 16, over: false });
        assert!(!meter.count("a", 3, at + MINUTE).over);
    }
}
