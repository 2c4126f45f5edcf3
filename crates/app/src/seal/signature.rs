//! Signatures: SM2 with SM3 (GB/T 32918.5), and ECDSA over P-256 with SHA-256 (FIPS 186-5). Both take the nonce from key
//! and message (RFC 6979), write the signature in DER and the public key as PEM, so that OpenSSL checks them too.

use p256::ecdsa as nist;
use sm2::dsa as sm;
use sm2::pkcs8::{DecodePublicKey, EncodePublicKey, LineEnding};
use zeroize::Zeroizing;

use super::hash::{Key, keyed_hash};
use super::suite::SuiteError;

/// Who signs, as SM2 wants it said: the name the standard gives to everybody (GM/T 0009-2012, 10).
const SM2_ID: &str = "1234567812345678";

/// How a suite signs.
pub(super) trait Signer {
    /// The secret key itself.
    type Secret;

    /// The secret key of 32 bytes, unless they are no number below the order of the curve.
    fn secret(bytes: &Key) -> Option<Self::Secret>;

    /// The signature in DER.
    fn sign(secret: &Self::Secret, message: &[u8]) -> Result<Vec<u8>, SuiteError>;

    /// The public key in PEM.
    fn public_key(secret: &Self::Secret) -> Result<String, SuiteError>;

    /// Whether the signature is the message's.
    fn verifies(public_key: &str, message: &[u8], signature: &[u8]) -> bool;
}

/// The secret key that comes from a seed: the first of a row of keyed hashes that is a number below the order. The first
/// but for one seed in four thousand million.
pub(super) fn secret_of<S: Signer>(seed: &Key, label: &[u8]) -> Result<S::Secret, SuiteError> {
    (0..u8::MAX).find_map(|turn| S::secret(&Zeroizing::new(keyed_hash(seed, &[label, &[turn]])))).ok_or(SuiteError)
}

/// SM2 with SM3.
pub(super) struct Sm2;

impl Signer for Sm2 {
    type Secret = sm2::SecretKey;

    fn secret(bytes: &Key) -> Option<Self::Secret> {
        sm2::SecretKey::from_slice(&**bytes).ok()
    }

    fn sign(secret: &Self::Secret, message: &[u8]) -> Result<Vec<u8>, SuiteError> {
        let key = sm::SigningKey::new(SM2_ID, secret).map_err(|_| SuiteError)?;
        let signature: sm::Signature = sm::signature::Signer::try_sign(&key, message).map_err(|_| SuiteError)?;
        Ok(signature.to_der().to_vec())
    }

    fn public_key(secret: &Self::Secret) -> Result<String, SuiteError> {
        secret.public_key().to_public_key_pem(LineEnding::LF).map_err(|_| SuiteError)
    }

    fn verifies(public_key: &str, message: &[u8], signature: &[u8]) -> bool {
        let key = sm2::PublicKey::from_public_key_pem(public_key).ok();
        let key = key.and_then(|key| sm::VerifyingKey::new(SM2_ID, key).ok());
        let (Some(key), Ok(signature)) = (key, sm::Signature::from_der(signature)) else { return false };
        sm::signature::Verifier::verify(&key, message, &signature).is_ok()
    }
}

/// ECDSA over P-256 with SHA-256.
pub(super) struct P256;

impl Signer for P256 {
    type Secret = p256::SecretKey;

    fn secret(bytes: &Key) -> Option<Self::Secret> {
        p256::SecretKey::from_slice(&**bytes).ok()
    }

    fn sign(secret: &Self::Secret, message: &[u8]) -> Result<Vec<u8>, SuiteError> {
        let key = nist::SigningKey::from(secret);
        let signature: nist::Signature = nist::signature::Signer::try_sign(&key, message).map_err(|_| SuiteError)?;
        Ok(signature.to_der().as_bytes().to_vec())
    }

    fn public_key(secret: &Self::Secret) -> Result<String, SuiteError> {
        secret.public_key().to_public_key_pem(LineEnding::LF).map_err(|_| SuiteError)
    }

    fn verifies(public_key: &str, message: &[u8], signature: &[u8]) -> bool {
        let key = nist::VerifyingKey::from_public_key_pem(public_key);
        let (Ok(key), Ok(signature)) = (key, nist::Signature::from_der(signature)) else { return false };
        nist::signature::Verifier::verify(&key, message, &signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    #[test]
    fn the_published_sm2_signature_is_accepted_and_a_changed_one_is_not() {
        // GM/T 0003.5-2012, A.2: key, message and signature of the example on the recommended curve.
        let secret = bytes("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8");
        let secret = sm2::SecretKey::from_slice(&secret).unwrap();
        let public = Sm2::public_key(&secret).unwrap();
        let (r, s) = (
            bytes("f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"),
            bytes("b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"),
        );
        let signature = sm::Signature::from_slice(&[r, s].concat()).unwrap().to_der().to_vec();
        assert!(Sm2::verifies(&public, b"message digest", &signature));
        assert!(!Sm2::verifies(&public, b"message digesu", &signature));
        let mut other = signature.clone();
        *other.last_mut().unwrap() ^= 1;
        assert!(!Sm2::verifies(&public, b"message digest", &other));
    }

    #[test]
    fn what_one_key_signs_no_other_key_and_no_other_suite_accepts() {
        let seeds = [1, 2].map(|byte| Zeroizing::new([byte; 32]));
        let [one, two] = seeds.each_ref().map(|seed| secret_of::<Sm2>(seed, b"t").unwrap());
        let signature = Sm2::sign(&one, b"message").unwrap();
        assert!(Sm2::verifies(&Sm2::public_key(&one).unwrap(), b"message", &signature));
        assert!(!Sm2::verifies(&Sm2::public_key(&two).unwrap(), b"message", &signature));
        assert!(!P256::verifies(&Sm2::public_key(&one).unwrap(), b"message", &signature));
        assert!(!Sm2::verifies("no key", b"message", &signature));
    }

    #[test]
    fn a_seed_always_gives_the_same_key() {
        let seed = Zeroizing::new([7; 32]);
        let public = || P256::public_key(&secret_of::<P256>(&seed, b"t").unwrap()).unwrap();
        assert_eq!(public(), public());
        assert_ne!(public(), P256::public_key(&secret_of::<P256>(&seed, b"u").unwrap()).unwrap());
    }
}
