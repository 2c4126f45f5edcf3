//! Hashes on SM3: commitments, token hashes, HMAC and its key derivation.
//!
//! Every keyed hash over several parts states the length of each part, so that two lists of parts never meet.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use sm3::{Digest, Sm3};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A 32-byte key that is wiped when dropped.
pub type Key = Zeroizing<[u8; 32]>;

/// SM3(salt ‖ bytes): what an event keeps of a personal document. Without the salt nobody can test a guess against it.
#[must_use]
pub fn commitment(salt: &[u8; 32], bytes: &[u8]) -> [u8; 32] {
    let mut hash = Sm3::new();
    hash.update(salt);
    hash.update(bytes);
    hash.finalize().into()
}

/// What the database keeps of a session token. The token itself has 256 random bits, so a plain hash is enough.
#[must_use]
pub fn token_hash(token: &[u8]) -> [u8; 32] {
    Sm3::digest(token).into()
}

/// Compares two secrets in a time that does not tell where they differ.
#[must_use]
pub fn same(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

/// HMAC-SM3 over parts, each preceded by its length.
pub(super) fn keyed_hash(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = hmac_sm3(key);
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// HKDF (RFC 5869) over HMAC-SM3, for outputs of one block: the key for one purpose.
pub(super) fn derive(master: &[u8; 32], label: &str) -> Key {
    let mut salt = Zeroizing::new([0; 32]);
    for (slot, byte) in salt.iter_mut().zip(b"banjie") {
        *slot = *byte;
    }
    let mut extract = hmac_sm3(&salt);
    extract.update(master);
    let pseudorandom: Key = Zeroizing::new(extract.finalize().into_bytes().into());
    let mut expand = hmac_sm3(&pseudorandom);
    expand.update(label.as_bytes());
    expand.update(&[1]);
    Zeroizing::new(expand.finalize().into_bytes().into())
}

/// HMAC-SHA-256, for those who check a signature with what every language has at hand.
#[must_use]
pub fn hmac_sha256(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    let mut mac: Hmac<Sha256> = Hmac::new((&*block(key)).into());
    mac.update(message);
    mac.finalize().into_bytes().into()
}

fn hmac_sm3(key: &[u8; 32]) -> Hmac<Sm3> {
    Hmac::new((&*block(key)).into())
}

/// HMAC pads a short key with zeros up to the block of its hash, 64 bytes for both that are used here; doing so here
/// leaves no error to handle.
fn block(key: &[u8; 32]) -> Zeroizing<[u8; 64]> {
    let mut block = Zeroizing::new([0; 64]);
    for (slot, byte) in block.iter_mut().zip(key) {
        *slot = *byte;
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn sm3_gives_the_published_values() {
        for (text, expected) in [
            ("abc".to_owned(), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
            ("abcd".repeat(16), "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
            ("用工登记".to_owned(), "8ecf3e5fcf6b66ef625692712f9b9d40a65bdcf7e1e5fa9816d44d9f011f74c3"),
        ] {
            assert_eq!(hex(&token_hash(text.as_bytes())), expected);
        }
    }

    #[test]
    fn hmac_and_key_derivation_agree_with_openssl() {
        let mut key = [0; 32];
        key[..3].copy_from_slice(b"key");
        let mut mac = hmac_sm3(&key);
        mac.update(b"abc");
        assert_eq!(
            hex(&mac.finalize().into_bytes()),
            "28e63256e7c5a087b1f073265dc53092163f7b82729735d06f28f10af9d52393"
        );
        let master = std::array::from_fn(|i| i as u8);
        assert_eq!(hex(&*derive(&master, "data")), "e68ee2d5bf985810106c1c6d521df7a07d5fe699392053d6e338d45c983cce7c");
    }

    #[test]
    fn parts_cannot_slide_into_each_other() {
        let key = [9; 32];
        assert_ne!(keyed_hash(&key, &[b"ab", b"c"]), keyed_hash(&key, &[b"a", b"bc"]));
    }

    #[test]
    fn a_commitment_depends_on_the_salt_and_the_bytes() {
        let made = commitment(&[1; 32], b"text");
        assert_ne!(made, commitment(&[2; 32], b"text"));
        assert_ne!(made, commitment(&[1; 32], b"texts"));
        assert!(same(&made, &commitment(&[1; 32], b"text")));
        assert!(!same(&made, &made[..31]));
    }
}
