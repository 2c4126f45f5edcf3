//! Sealing: how personal data is encrypted, indexed and committed to.
//!
//! Start at [`Keyring`]: it reads the master key and gives out a [`Sealer`] and keyed hashes. A sealed value opens only
//! at the [`Place`] it was sealed for. This module never logs or prints a key, a plain text or a value it was asked to hash.

#[cfg(test)]
mod against_openssl;
mod document;
mod hash;
mod keyring;
mod sealer;
mod signature;
mod signer;
mod suite;
#[cfg(test)]
mod tests;

pub use document::{SealedBlob, SealedDocument, SealedRevision};
pub use hash::{commitment, hmac_sha256, same, token_hash};
pub use keyring::{IndexKind, KeyError, KeyId, Keyring, MacKey, SealKey};
pub use sealer::{Place, SealError, Sealer};
pub use signer::Signer;
pub use suite::{Aes256GcmSuite, Sm4GcmSuite, Suite, SuiteError, SuiteName};

#[cfg(test)]
pub(crate) use keyring::tests::a_keyring;
