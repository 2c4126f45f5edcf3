//! Sealing one value for one place in the database.
//!
//! A sealed value is: suite (1 byte) ‖ key id (4) ‖ nonce (12) ‖ cipher text with tag. Table, row and column are
//! authenticated with it, so a value moved to another row does not open. Nonces are drawn here and nowhere else.

use super::hash::{Key, keyed_hash};
use super::keyring::KeyId;
use super::suite::{Suite, suite_of};
use crate::entropy::{self, Entropy};

/// Marks a value under a key of its own, which is kept wrapped beside it.
const OWN_KEY: KeyId = KeyId([0; 4]);

/// Where a sealed value lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The table.
    pub table: &'a str,
    /// The row's id.
    pub row: &'a str,
    /// The column.
    pub column: &'a str,
}

/// Why a value could not be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// It is too short to have been sealed here.
    #[error("the sealed value is cut off")]
    CutOff,
    /// It was sealed by a suite this version does not know.
    #[error("the value was sealed by suite {0}, which this version does not know")]
    UnknownSuite(u8),
    /// It was sealed under another master key.
    #[error("the value was sealed under key `{needed}`, but the key in use is `{held}`")]
    OtherKey {
        /// The key that is needed.
        needed: KeyId,
        /// The key that is loaded.
        held: KeyId,
    },
    /// It was changed, or it belongs to another place.
    #[error("the sealed value was changed or belongs to another place")]
    Changed,
    /// The text of a document is not the one that was committed to.
    #[error("document `{id}` is not the one that was committed to")]
    OtherDocument {
        /// The document.
        id: String,
    },
    /// It is longer than the suite allows.
    #[error("the value is too long to be sealed")]
    TooLong,
}

/// Seals and opens under one key. One suite seals; what another one sealed opens all the same.
#[derive(Clone)]
pub struct Sealer {
    suite: &'static dyn Suite,
    id: KeyId,
    key: Key,
}

impl Sealer {
    pub(super) fn new(suite: &'static dyn Suite, id: KeyId, key: Key) -> Self {
        Self { suite, id, key }
    }

    /// The value, readable at `place` only.
    ///
    /// # Errors
    /// [`SealError::TooLong`].
    pub fn seal(&self, place: Place<'_>, plain: &[u8], entropy: &dyn Entropy) -> Result<Vec<u8>, SealError> {
        let key = KeyInUse { id: self.id, key: &self.key_for(place) };
        self.seal_under(key, place, plain, entropy)
    }

    /// The plain value.
    ///
    /// # Errors
    /// Any [`SealError`] but `TooLong` and `OtherDocument`.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let key = KeyInUse { id: self.id, key: &self.key_for(place) };
        self.open_under(key, place, sealed)
    }

    /// Like `seal`, under a key that seals nothing else.
    pub(super) fn seal_with_own_key(
        &self,
        key: &Key,
        place: Place<'_>,
        plain: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, SealError> {
        self.seal_under(KeyInUse { id: OWN_KEY, key }, place, plain, entropy)
    }

    pub(super) fn open_with_own_key(&self, key: &Key, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        self.open_under(KeyInUse { id: OWN_KEY, key }, place, sealed)
    }

    /// Each place has its own key: random 96-bit nonces allow 2³² values under one key, and a province has more.
    fn key_for(&self, place: Place<'_>) -> Key {
        let parts = [place.table, place.row, place.column].map(str::as_bytes);
        Key::new(keyed_hash(&self.key, &parts))
    }

    fn seal_under(
        &self,
        key: KeyInUse<'_>,
        place: Place<'_>,
        plain: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, SealError> {
        let nonce = entropy::bytes::<12>(entropy);
        let mut sealed = header(self.suite.code(), key.id);
        let cipher =
            self.suite.seal(key.key, &nonce, &authenticated(&sealed, place), plain).map_err(|_| SealError::TooLong)?;
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&cipher);
        Ok(sealed)
    }

    fn open_under(&self, key: KeyInUse<'_>, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (&[suite], rest) = sealed.split_first_chunk().ok_or(SealError::CutOff)?;
        let (&id, rest) = rest.split_first_chunk().ok_or(SealError::CutOff)?;
        let (nonce, cipher) = rest.split_first_chunk().ok_or(SealError::CutOff)?;
        let sealed_by = suite_of(suite).ok_or(SealError::UnknownSuite(suite))?;
        if KeyId(id) != key.id {
            return Err(SealError::OtherKey { needed: KeyId(id), held: key.id });
        }
        let aad = authenticated(&header(suite, key.id), place);
        sealed_by.open(key.key, nonce, &aad, cipher).map_err(|_| SealError::Changed)
    }
}

#[derive(Clone, Copy)]
struct KeyInUse<'a> {
    id: KeyId,
    key: &'a Key,
}

fn header(suite: u8, id: KeyId) -> Vec<u8> {
    let mut header = vec![suite];
    header.extend_from_slice(&id.0);
    header
}

fn authenticated(header: &[u8], place: Place<'_>) -> Vec<u8> {
    let mut aad = header.to_vec();
    for part in [place.table, place.row, place.column] {
        aad.extend_from_slice(&(part.len() as u64).to_be_bytes());
        aad.extend_from_slice(part.as_bytes());
    }
    aad
}

#[cfg(test)]
mod tests {
    use super::super::keyring::SealKey;
    use super::super::keyring::tests::a_keyring;
    use super::super::suite::SuiteName;
    use super::*;
    use crate::entropy::SeededEntropy;

    const PLACE: Place<'_> = Place { table: "person", row: "per_1", column: "name" };

    /// One for each suite, under the same key.
    fn sealers() -> [Sealer; 2] {
        SuiteName::ALL.map(|suite| a_keyring(1).sealer(SealKey::Data, suite))
    }

    fn sealer() -> Sealer {
        a_keyring(1).sealer(SealKey::Data, SuiteName::Aes)
    }

    #[test]
    fn what_was_sealed_opens_at_its_place() {
        let entropy = SeededEntropy::new(1);
        for sealer in sealers() {
            for plain in ["", "张三", &"长".repeat(50_000)] {
                let sealed = sealer.seal(PLACE, plain.as_bytes(), &entropy).unwrap();
                assert_eq!(sealer.open(PLACE, &sealed).unwrap(), plain.as_bytes());
            }
        }
    }

    #[test]
    fn what_one_suite_sealed_opens_whichever_seals_now() {
        let entropy = SeededEntropy::new(1);
        let [aes, sm] = sealers();
        for (then, code, now) in [(&aes, 1, &sm), (&sm, 2, &aes)] {
            let sealed = then.seal(PLACE, "张三".as_bytes(), &entropy).unwrap();
            assert_eq!(sealed[0], code);
            assert_eq!(now.open(PLACE, &sealed).unwrap(), "张三".as_bytes());
        }
    }

    #[test]
    fn a_value_does_not_pass_for_one_of_another_suite() {
        let [aes, sm] = sealers();
        for (sealer, other) in [(&aes, 2), (&sm, 1)] {
            let mut sealed = sealer.seal(PLACE, b"text", &SeededEntropy::new(1)).unwrap();
            sealed[0] = other;
            assert_eq!(sealer.open(PLACE, &sealed), Err(SealError::Changed));
        }
    }

    #[test]
    fn two_seals_of_the_same_text_differ() {
        let (sealer, entropy) = (sealer(), SeededEntropy::new(1));
        let seal = || sealer.seal(PLACE, b"same", &entropy).unwrap();
        assert_ne!(seal(), seal());
    }

    #[test]
    fn a_change_of_any_byte_is_noticed() {
        for sealer in sealers() {
            let sealed = sealer.seal(PLACE, "张三".as_bytes(), &SeededEntropy::new(1)).unwrap();
            for at in 0..sealed.len() {
                let mut changed = sealed.clone();
                changed[at] ^= 1;
                assert!(sealer.open(PLACE, &changed).is_err(), "byte {at}");
                assert!(sealer.open(PLACE, &sealed[..at]).is_err(), "length {at}");
            }
        }
    }

    #[test]
    fn a_value_moved_to_another_place_does_not_open() {
        let sealer = sealer();
        let sealed = sealer.seal(PLACE, b"text", &SeededEntropy::new(1)).unwrap();
        for place in [
            Place { table: "persons", ..PLACE },
            Place { row: "per_2", ..PLACE },
            Place { column: "phone", ..PLACE },
            Place { table: "personp", row: "er_1", ..PLACE },
        ] {
            assert_eq!(sealer.open(place, &sealed), Err(SealError::Changed));
        }
    }

    #[test]
    fn the_place_is_authenticated_apart_from_its_key() {
        let key = Key::new([7; 32]);
        for sealer in sealers() {
            let sealed = sealer.seal_with_own_key(&key, PLACE, b"text", &SeededEntropy::new(1)).unwrap();
            assert_eq!(sealer.open_with_own_key(&key, PLACE, &sealed).unwrap(), b"text");
            let elsewhere = Place { row: "per_2", ..PLACE };
            assert_eq!(sealer.open_with_own_key(&key, elsewhere, &sealed), Err(SealError::Changed));
        }
    }

    #[test]
    fn the_key_that_is_needed_is_named() {
        let (one, other) = (a_keyring(1), a_keyring(2));
        let sealed = sealer().seal(PLACE, b"text", &SeededEntropy::new(1)).unwrap();
        let error = other.sealer(SealKey::Data, SuiteName::Aes).open(PLACE, &sealed).unwrap_err();
        assert_eq!(error, SealError::OtherKey { needed: one.id(), held: other.id() });
        assert!(error.to_string().contains(&one.id().to_string()));
    }

    #[test]
    fn an_answer_does_not_open_as_data() {
        let answers = a_keyring(1).sealer(SealKey::Answer, SuiteName::Aes);
        let sealed = answers.seal(PLACE, b"text", &SeededEntropy::new(1)).unwrap();
        assert_eq!(sealer().open(PLACE, &sealed), Err(SealError::Changed));
    }

    #[test]
    fn an_unknown_suite_is_named() {
        let sealer = sealer();
        let mut sealed = sealer.seal(PLACE, b"text", &SeededEntropy::new(1)).unwrap();
        sealed[0] = 9;
        assert_eq!(sealer.open(PLACE, &sealed), Err(SealError::UnknownSuite(9)));
    }
}
