//! The cipher suites. A suite encrypts and authenticates under a key and a nonce it is given; it chooses neither.

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};

/// One way to encrypt. A second suite (SM4-GCM) stands beside the first; sealed values name theirs in their first byte.
pub trait Suite: Send + Sync {
    /// The byte that names this suite in front of everything it sealed. Never reused.
    fn code(&self) -> u8;

    /// The cipher text with its tag.
    ///
    /// # Errors
    /// When the text is longer than the suite allows.
    fn seal(&self, key: &[u8; 32], nonce: &[u8; 12], aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, SuiteError>;

    /// The plain text.
    ///
    /// # Errors
    /// When key, nonce, associated data or a single bit is not the one that was sealed; which of them cannot be told.
    fn open(&self, key: &[u8; 32], nonce: &[u8; 12], aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SuiteError>;
}

/// The suite could not do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cipher refused")]
pub struct SuiteError;

/// AES-256-GCM with a 96-bit nonce and a 128-bit tag.
#[derive(Debug, Clone, Copy)]
pub struct Aes256GcmSuite;

impl Suite for Aes256GcmSuite {
    fn code(&self) -> u8 {
        1
    }

    fn seal(&self, key: &[u8; 32], nonce: &[u8; 12], aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, SuiteError> {
        Aes256Gcm::new(key.into()).encrypt(nonce.into(), Payload { msg: plain, aad }).map_err(|_| SuiteError)
    }

    fn open(&self, key: &[u8; 32], nonce: &[u8; 12], aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SuiteError> {
        Aes256Gcm::new(key.into()).decrypt(nonce.into(), Payload { msg: sealed, aad }).map_err(|_| SuiteError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suite_agrees_with_the_published_test_case() {
        // McGrew and Viega, "The Galois/Counter Mode of Operation", test case 14.
        let sealed = Aes256GcmSuite.seal(&[0; 32], &[0; 12], b"", &[0; 16]).unwrap();
        let hex: String = sealed.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
        assert_eq!(Aes256GcmSuite.open(&[0; 32], &[0; 12], b"", &sealed), Ok(vec![0; 16]));
    }
}
