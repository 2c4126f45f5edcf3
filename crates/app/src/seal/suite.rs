//! The cipher suites. A suite encrypts and authenticates under a key and a nonce it is given; it chooses neither.

use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, AesGcm, KeyInit};
use sm4::Sm4;
use zeroize::Zeroizing;

use super::hash::{Key, keyed_hash};
use super::signature::{P256, Signer as _, Sm2, secret_of};

/// One way to encrypt and to sign. Sealed values name theirs in their first byte.
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

    /// The signature over a message under the secret key that comes from a seed, in DER.
    ///
    /// # Errors
    /// When no secret key comes from the seed. No seed is known that gives none.
    fn sign(&self, seed: &Key, message: &[u8]) -> Result<Vec<u8>, SuiteError>;

    /// The public key of a seed, in PEM.
    ///
    /// # Errors
    /// As [`Suite::sign`].
    fn public_key(&self, seed: &Key) -> Result<String, SuiteError>;

    /// Whether a signature is the message's under a public key.
    fn verifies(&self, public_key: &str, message: &[u8], signature: &[u8]) -> bool;
}

/// The suite could not do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cipher refused")]
pub struct SuiteError;

/// Which suite seals, chosen by whoever runs the installation. What opens is never chosen: the sealed value says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SuiteName {
    /// [`Aes256GcmSuite`].
    #[default]
    Aes,
    /// [`Sm4GcmSuite`].
    Sm,
}

impl SuiteName {
    /// Every suite there is.
    pub(super) const ALL: [Self; 2] = [Self::Aes, Self::Sm];

    /// The word for it in the configuration.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Aes => "aes",
            Self::Sm => "sm",
        }
    }

    /// The suite that is configured by this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.key() == word)
    }

    /// The suite itself.
    #[must_use]
    pub const fn suite(self) -> &'static dyn Suite {
        match self {
            Self::Aes => &Aes256GcmSuite,
            Self::Sm => &Sm4GcmSuite,
        }
    }
}

/// The suite that writes this byte in front.
pub(super) fn suite_of(code: u8) -> Option<&'static dyn Suite> {
    SuiteName::ALL.into_iter().map(SuiteName::suite).find(|suite| suite.code() == code)
}

/// What tells the secret keys of the two curves apart, though both come from one seed.
const P256_KEY: &[u8] = b"p256";
const SM2_KEY: &[u8] = b"sm2";

/// AES-256-GCM with a 96-bit nonce and a 128-bit tag; ECDSA over P-256 with SHA-256.
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

    fn sign(&self, seed: &Key, message: &[u8]) -> Result<Vec<u8>, SuiteError> {
        P256::sign(&secret_of::<P256>(seed, P256_KEY)?, message)
    }

    fn public_key(&self, seed: &Key) -> Result<String, SuiteError> {
        P256::public_key(&secret_of::<P256>(seed, P256_KEY)?)
    }

    fn verifies(&self, public_key: &str, message: &[u8], signature: &[u8]) -> bool {
        P256::verifies(public_key, message, signature)
    }
}

/// SM4-GCM (GB/T 32907, RFC 8998) with a 96-bit nonce and a 128-bit tag; SM2 with SM3 (GB/T 32918).
#[derive(Debug, Clone, Copy)]
pub struct Sm4GcmSuite;

type Sm4Gcm = AesGcm<Sm4, U12>;

impl Suite for Sm4GcmSuite {
    fn code(&self) -> u8 {
        2
    }

    fn seal(&self, key: &[u8; 32], nonce: &[u8; 12], aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, SuiteError> {
        let cipher = Sm4Gcm::new((&*sm4_key(key)).into());
        cipher.encrypt(nonce.into(), Payload { msg: plain, aad }).map_err(|_| SuiteError)
    }

    fn open(&self, key: &[u8; 32], nonce: &[u8; 12], aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SuiteError> {
        let cipher = Sm4Gcm::new((&*sm4_key(key)).into());
        cipher.decrypt(nonce.into(), Payload { msg: sealed, aad }).map_err(|_| SuiteError)
    }

    fn sign(&self, seed: &Key, message: &[u8]) -> Result<Vec<u8>, SuiteError> {
        Sm2::sign(&secret_of::<Sm2>(seed, SM2_KEY)?, message)
    }

    fn public_key(&self, seed: &Key) -> Result<String, SuiteError> {
        Sm2::public_key(&secret_of::<Sm2>(seed, SM2_KEY)?)
    }

    fn verifies(&self, public_key: &str, message: &[u8], signature: &[u8]) -> bool {
        Sm2::verifies(public_key, message, signature)
    }
}

/// SM4 takes 16 bytes where a place or a document has 32: the first half of HMAC-SM3 under the 32. They are not simply
/// cut off, because a place keeps its key when the suite changes, and no byte may then be the key of two ciphers.
fn sm4_key(key: &[u8; 32]) -> Zeroizing<[u8; 16]> {
    let long = Zeroizing::new(keyed_hash(key, &[b"sm4-gcm"]));
    let mut short = Zeroizing::new([0; 16]);
    for (slot, byte) in short.iter_mut().zip(long.iter()) {
        *slot = *byte;
    }
    short
}

#[cfg(test)]
mod tests {
    use sm4::cipher::BlockCipherEncrypt;

    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The key of the published values for SM4, and the text of the first.
    const SM4_KEY: [u8; 16] = 0x0123_4567_89ab_cdef_fedc_ba98_7654_3210_u128.to_be_bytes();

    #[test]
    fn aes_gcm_agrees_with_the_published_test_case() {
        // McGrew and Viega, "The Galois/Counter Mode of Operation", test case 14.
        let sealed = Aes256GcmSuite.seal(&[0; 32], &[0; 12], b"", &[0; 16]).unwrap();
        assert_eq!(hex(&sealed), "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
        assert_eq!(Aes256GcmSuite.open(&[0; 32], &[0; 12], b"", &sealed), Ok(vec![0; 16]));
    }

    #[test]
    fn sm4_gives_the_published_block() {
        // GB/T 32907-2016, appendix A, example 1.
        let mut block = SM4_KEY.into();
        Sm4::new(&SM4_KEY.into()).encrypt_block(&mut block);
        assert_eq!(hex(&block), "681edf34d206965e86b3e94f536e4246");
    }

    #[test]
    fn sm4_gcm_agrees_with_the_published_test_case() {
        // RFC 8998, appendix A.1.
        let plain = [0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0xee, 0xaa].map(|byte| [byte; 8]).concat();
        let nonce = [0, 0, 0x12, 0x34, 0x56, 0x78, 0, 0, 0, 0, 0xab, 0xcd];
        let aad = [0xfe, 0xed, 0xfa, 0xce, 0xde, 0xad, 0xbe, 0xef].repeat(2);
        let aad = [&aad[..], &[0xab, 0xad, 0xda, 0xd2]].concat();
        let cipher = Sm4Gcm::new(&SM4_KEY.into());
        let sealed = cipher.encrypt(&nonce.into(), Payload { msg: &plain, aad: &aad }).unwrap();
        assert_eq!(
            hex(&sealed),
            "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735\
             d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d\
             83de3541e4c2b58177e065a9bf7b62ec"
        );
        assert_eq!(cipher.decrypt(&nonce.into(), Payload { msg: &sealed, aad: &aad }).unwrap(), plain);
    }

    #[test]
    fn the_short_key_is_never_derived_in_another_way() {
        // The value is OpenSSL's. Another one would leave everything unreadable that was sealed before.
        let key = std::array::from_fn(|i| i as u8);
        assert_eq!(hex(&*sm4_key(&key)), "d5e1b3f1d538575d43f6342995f1677e");
    }

    #[test]
    fn every_suite_is_found_by_its_word_and_by_its_byte() {
        for (name, word, code) in [(SuiteName::Aes, "aes", 1), (SuiteName::Sm, "sm", 2)] {
            assert_eq!(SuiteName::parse(word), Some(name));
            assert_eq!(suite_of(code).map(Suite::code), Some(code));
            assert_eq!(name.suite().code(), code);
        }
        for wrong in ["", "AES", "sm4", " sm"] {
            assert_eq!(SuiteName::parse(wrong), None, "`{wrong}`");
        }
        assert!(suite_of(0).is_none() && suite_of(3).is_none());
    }
}
