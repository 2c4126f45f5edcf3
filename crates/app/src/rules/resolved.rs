//! The rules of a region on a day, worked out once: everything that is handed in that day asks for them.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use banjie_domain::history::Hash;
use banjie_domain::policy::Policy;
use jiff::civil::Date;

use crate::error::Outcome;

/// Regions and days that are remembered; past it all are forgotten. A service asks for those of its day.
const MOST: usize = 1024;

/// A policy and its digest.
#[derive(Debug)]
pub struct Resolved {
    policy: Policy,
    digest: OnceLock<Hash>,
}

impl Resolved {
    /// SM3 of the canonical bytes, by which a revision is known.
    #[must_use]
    pub fn digest(&self) -> Hash {
        *self.digest.get_or_init(|| Hash::of(&self.policy.canonical()))
    }
}

impl Deref for Resolved {
    type Target = Policy;

    fn deref(&self) -> &Policy {
        &self.policy
    }
}

/// What was worked out from one set of packs.
#[derive(Default)]
pub(super) struct Memory(Mutex<HashMap<(String, Date), Arc<Resolved>>>);

impl Memory {
    /// What is remembered, else what `work` comes to.
    pub(super) fn of(&self, region: &str, on: Date, work: impl FnOnce() -> Outcome<Policy>) -> Outcome<Arc<Resolved>> {
        let key = (region.to_owned(), on);
        if let Some(known) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(known));
        }
        let resolved = Arc::new(Resolved { policy: work()?, digest: OnceLock::new() });
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.clear();
        }
        Ok(Arc::clone(all.entry(key).or_insert(resolved)))
    }
}
