//! What is wrong with the service itself and needs a person: shown to administrators until it is over.
//!
//! In memory only: a restart looks again and finds again what is still wrong.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlarmKey {
    /// The machine's clock was set while the service ran.
    ClockJumped,
    /// Rule files were refused; the service goes on with the last good ones.
    RulesRefused,
    /// What the day causes could not be done.
    DayNotDone,
}

impl AlarmKey {
    /// The word used in locale keys.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::ClockJumped => "clock-jumped",
            Self::RulesRefused => "rules-refused",
            Self::DayNotDone => "day-not-done",
        }
    }
}

/// One alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// What is wrong.
    pub key: AlarmKey,
    /// Since when.
    pub since: Timestamp,
    /// What a person needs to mend it; holds no personal data.
    pub detail: String,
}

/// All alarms of the running service.
#[derive(Debug, Default)]
pub struct Alarms(Mutex<BTreeMap<AlarmKey, Alarm>>);

impl Alarms {
    fn all(&self) -> MutexGuard<'_, BTreeMap<AlarmKey, Alarm>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Raises an alarm; one that rings already keeps its time.
    pub fn raise(&self, key: AlarmKey, now: Timestamp, detail: String) {
        let mut all = self.all();
        let since = all.get(&key).map_or(now, |alarm| alarm.since);
        // Said once for each new detail: what rings on is seen on the page.
        if all.get(&key).is_none_or(|alarm| alarm.detail != detail) {
            tracing::error!(alarm = key.key(), detail, "alarm");
        }
        all.insert(key, Alarm { key, since, detail });
    }

    /// It is over.
    pub fn clear(&self, key: AlarmKey) {
        self.all().remove(&key);
    }

    /// What rings now.
    #[must_use]
    pub fn list(&self) -> Vec<Alarm> {
        self.all().values().cloned().collect()
    }
}
