//! What signs for an installation. Its keys come from the master key, so no other file has to be kept.

use super::hash::Key;
use super::suite::{Suite, SuiteError, SuiteName};

/// Signs by one suite.
pub struct Signer {
    pub(super) suite: &'static dyn Suite,
    pub(super) name: SuiteName,
    pub(super) seed: Key,
}

impl Signer {
    /// The suite it signs by.
    #[must_use]
    pub const fn suite(&self) -> SuiteName {
        self.name
    }

    /// The signature over a message, in DER.
    ///
    /// # Errors
    /// As [`Suite::sign`].
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SuiteError> {
        self.suite.sign(&self.seed, message)
    }

    /// The public key that its signatures are checked with, in PEM.
    ///
    /// # Errors
    /// As [`Suite::public_key`].
    pub fn public_key(&self) -> Result<String, SuiteError> {
        self.suite.public_key(&self.seed)
    }
}
