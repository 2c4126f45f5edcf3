//! Passwords: how they are hashed, which are refused, and the one-time codes that open an account.
//!
//! Hashing takes memory and time on purpose. It runs on threads of its own with a short queue, so that a wave of
//! logins is told to wait and never fills the machine. This module never stores, logs or returns a password.

mod one_time_code;
mod rules;

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordVerifier, Version};
use zeroize::Zeroizing;

pub use one_time_code::OneTimeCode;
pub use rules::{MAX_CHARS, MIN_CHARS, check};

use crate::entropy::{self, Entropy};

const THREADS: usize = 2;
const QUEUE: usize = 32;

/// OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Hashed in place of a missing account's password, so that the time of an answer does not tell who has an account.
/// Nobody knows a password for it, and a match would be refused all the same.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$YmFuamllIG5vYm9keSAhIQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

type Job = Box<dyn FnOnce() + Send>;

/// The threads that hash.
#[derive(Debug, Clone)]
pub struct PasswordPool {
    queue: SyncSender<Job>,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too many are waiting; try again in a moment.
    #[error("too many passwords are being checked")]
    Busy,
    /// Hashing failed.
    #[error("the password could not be hashed")]
    Fault,
}

impl PasswordPool {
    /// Starts the threads; they end when the last clone of the pool is gone.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start() -> io::Result<Self> {
        let (queue, jobs) = sync_channel::<Job>(QUEUE);
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..THREADS {
            let jobs = Arc::clone(&jobs);
            thread::Builder::new().name("password".to_owned()).spawn(move || work_through(&jobs))?;
        }
        Ok(Self { queue })
    }

    /// The text to store for a new password. Waits for its turn: never call it on a thread that serves others.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub fn hash(&self, password: &str, entropy: &dyn Entropy) -> Result<String, PasswordError> {
        let password = Zeroizing::new(password.to_owned());
        let salt = entropy::bytes::<16>(entropy);
        let answer = self.submit(move || hash_now(&password, &salt))?;
        answer.recv().map_err(|_| PasswordError::Fault)?
    }

    /// Whether `password` belongs to `stored`. `None` (no such account) takes as long and is never true. Waits like
    /// [`Self::hash`].
    ///
    /// # Errors
    /// [`PasswordError`].
    pub fn verify(&self, password: &str, stored: Option<&str>) -> Result<bool, PasswordError> {
        let password = Zeroizing::new(password.to_owned());
        let stored = stored.map(str::to_owned);
        let answer = self.submit(move || verify_now(&password, stored.as_deref()))?;
        answer.recv().map_err(|_| PasswordError::Fault)
    }

    fn submit<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Receiver<T>, PasswordError> {
        let (answer, wait) = sync_channel(1);
        let job = Box::new(move || {
            // Whoever asked may have gone; then nobody needs the answer.
            let _ = answer.send(work());
        });
        match self.queue.try_send(job) {
            Ok(()) => Ok(wait),
            Err(TrySendError::Full(_)) => Err(PasswordError::Busy),
            Err(TrySendError::Disconnected(_)) => Err(PasswordError::Fault),
        }
    }
}

fn work_through(jobs: &Mutex<Receiver<Job>>) {
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        // A panic drops the answer's sender, which the caller sees as a fault; the thread lives on.
        if catch_unwind(AssertUnwindSafe(job)).is_err() {
            tracing::error!("hashing a password panicked");
        }
    }
}

fn hash_now(password: &str, salt: &[u8; 16]) -> Result<String, PasswordError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| PasswordError::Fault)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2::PasswordHasher::<PasswordHash>::hash_password_with_salt(&argon2, password.as_bytes(), salt)
        .map(|hash| hash.to_string())
        .map_err(|_| PasswordError::Fault)
}

fn verify_now(password: &str, stored: Option<&str>) -> bool {
    let known = stored.and_then(|text| PasswordHash::new(text).ok());
    if stored.is_some() && known.is_none() {
        tracing::error!("a stored password hash cannot be read");
    }
    let exists = known.is_some();
    let Some(hash) = known.or_else(|| PasswordHash::new(NOBODY).ok()) else {
        return false;
    };
    // The parameters are those of the stored hash.
    let fits = Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
    fits && exists
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SeededEntropy;

    #[test]
    fn a_password_fits_its_own_hash_only() {
        let pool = PasswordPool::start().unwrap();
        let entropy = SeededEntropy::new(1);
        let stored = pool.hash("一句很长的话当密码", &entropy).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert_ne!(stored, pool.hash("一句很长的话当密码", &entropy).unwrap());
        assert_eq!(pool.verify("一句很长的话当密码", Some(&stored)), Ok(true));
        assert_eq!(pool.verify("一句很长的话当密碼", Some(&stored)), Ok(false));
    }

    #[test]
    fn a_missing_account_costs_the_same_work_and_never_fits() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let real = hash_now("anything", &[1; 16]).unwrap();
        let real = PasswordHash::new(&real).unwrap();
        assert_eq!(nobody.algorithm, real.algorithm);
        assert_eq!(nobody.version, real.version);
        assert_eq!(nobody.params, real.params);
        assert_eq!(nobody.salt.map(|salt| salt.len()), real.salt.map(|salt| salt.len()));
        assert_eq!(nobody.hash.map(|hash| hash.len()), real.hash.map(|hash| hash.len()));
        assert!(!verify_now("anything", None));
        assert!(!verify_now("anything", Some("not a hash")));
    }

    #[test]
    fn a_full_queue_says_busy_and_recovers() {
        let pool = PasswordPool::start().unwrap();
        let gate = Arc::new(Mutex::new(()));
        let shut = gate.lock().unwrap();
        let (begun, has_begun) = sync_channel(THREADS);
        let waiting = || {
            let (gate, begun) = (Arc::clone(&gate), begun.clone());
            pool.submit(move || {
                let _ = begun.try_send(());
                drop(gate.lock());
            })
        };
        let mut answers: Vec<_> = (0..THREADS).map(|_| waiting().unwrap()).collect();
        for _ in 0..THREADS {
            has_begun.recv().unwrap();
        }
        answers.extend((0..QUEUE).map(|_| waiting().unwrap()));
        assert!(matches!(waiting(), Err(PasswordError::Busy)));
        drop(shut);
        assert!(answers.into_iter().all(|answer| answer.recv().is_ok()));
        assert!(waiting().is_ok());
    }

    #[test]
    fn a_panic_is_a_fault_and_costs_no_thread() {
        let pool = PasswordPool::start().unwrap();
        for _ in 0..THREADS * 2 {
            let answer = pool.submit(|| panic!("on purpose")).unwrap();
            assert!(answer.recv().is_err());
        }
        assert_eq!(pool.submit(|| 5).unwrap().recv(), Ok(5));
    }
}
