//! Whole documents: revisions of personal data, and uploaded files.
//!
//! Each has a random key and salt of its own. Destroying both (columns `key_wrapped` and `salt_sealed`) erases the
//! document wherever its body has been copied, and leaves the commitment in the history without meaning.

use super::hash::{Key, commitment, same};
use super::sealer::{Place, SealError, Sealer};
use crate::entropy::{self, Entropy};

const REVISION: &str = "revision";
const BLOB: &str = "blob";

/// A sealed document, in the pieces it is stored in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedDocument {
    /// The document's id; it is part of the place.
    pub id: String,
    /// Its key, sealed under the installation's data key.
    pub key_wrapped: Vec<u8>,
    /// The salt of the commitment, sealed likewise.
    pub salt_sealed: Vec<u8>,
    /// The text, sealed under its own key.
    pub body: Vec<u8>,
    /// SM3(salt ‖ text): the only part that goes into an event.
    pub commitment: [u8; 32],
}

/// A sealed revision of personal data.
pub type SealedRevision = SealedDocument;

/// A sealed file; its `body` is what lies in the blob folder.
pub type SealedBlob = SealedDocument;

impl Sealer {
    /// Seals one revision of personal data.
    ///
    /// # Errors
    /// [`SealError::TooLong`].
    pub fn seal_revision(&self, id: &str, bytes: &[u8], entropy: &dyn Entropy) -> Result<SealedRevision, SealError> {
        self.seal_document(REVISION, id, bytes, entropy)
    }

    /// The revision's text, once it agrees with its commitment.
    ///
    /// # Errors
    /// Any [`SealError`] but `TooLong`.
    pub fn open_revision(&self, sealed: &SealedRevision) -> Result<Vec<u8>, SealError> {
        self.open_document(REVISION, sealed)
    }

    /// Seals one file, all at once: a file has 10 MB at most, and a partly authenticated file is never shown.
    ///
    /// # Errors
    /// [`SealError::TooLong`].
    pub fn seal_blob(&self, id: &str, bytes: &[u8], entropy: &dyn Entropy) -> Result<SealedBlob, SealError> {
        self.seal_document(BLOB, id, bytes, entropy)
    }

    /// The file's bytes, once they agree with their commitment.
    ///
    /// # Errors
    /// Any [`SealError`] but `TooLong`.
    pub fn open_blob(&self, sealed: &SealedBlob) -> Result<Vec<u8>, SealError> {
        self.open_document(BLOB, sealed)
    }

    fn seal_document(
        &self,
        table: &str,
        id: &str,
        bytes: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<SealedDocument, SealError> {
        let at = |column| Place { table, row: id, column };
        let key = Key::new(entropy::bytes(entropy));
        let salt = Key::new(entropy::bytes(entropy));
        Ok(SealedDocument {
            id: id.to_owned(),
            key_wrapped: self.seal(at("key"), &*key, entropy)?,
            salt_sealed: self.seal(at("salt"), &*salt, entropy)?,
            body: self.seal_with_own_key(&key, at("body"), bytes, entropy)?,
            commitment: commitment(&salt, bytes),
        })
    }

    fn open_document(&self, table: &str, sealed: &SealedDocument) -> Result<Vec<u8>, SealError> {
        let at = |column| Place { table, row: &sealed.id, column };
        let key = self.open_key(at("key"), &sealed.key_wrapped)?;
        let salt = self.open_key(at("salt"), &sealed.salt_sealed)?;
        let bytes = self.open_with_own_key(&key, at("body"), &sealed.body)?;
        if !same(&commitment(&salt, &bytes), &sealed.commitment) {
            return Err(SealError::OtherDocument { id: sealed.id.clone() });
        }
        Ok(bytes)
    }

    fn open_key(&self, place: Place<'_>, sealed: &[u8]) -> Result<Key, SealError> {
        let opened = zeroize::Zeroizing::new(self.open(place, sealed)?);
        let key = <[u8; 32]>::try_from(opened.as_slice()).map_err(|_| SealError::CutOff)?;
        Ok(Key::new(key))
    }
}

#[cfg(test)]
mod tests {
    use super::super::keyring::SealKey;
    use super::super::keyring::tests::a_keyring;
    use super::super::suite::SuiteName;
    use super::*;
    use crate::entropy::SeededEntropy;

    fn sealer() -> Sealer {
        a_keyring(1).sealer(SealKey::Data, SuiteName::Aes)
    }

    #[test]
    fn revisions_and_files_open_again() {
        let (sealer, entropy) = (sealer(), SeededEntropy::new(1));
        let revision = sealer.seal_revision("rev_1", b"{\"name\":1}", &entropy).unwrap();
        assert_eq!(sealer.open_revision(&revision).unwrap(), b"{\"name\":1}");
        let file = vec![42; 100_000];
        let blob = sealer.seal_blob("blb_1", &file, &entropy).unwrap();
        assert_eq!(sealer.open_blob(&blob).unwrap(), file);
    }

    #[test]
    fn the_same_text_twice_shares_no_piece() {
        let (sealer, entropy) = (sealer(), SeededEntropy::new(1));
        let one = sealer.seal_revision("rev_1", b"text", &entropy).unwrap();
        let two = sealer.seal_revision("rev_1", b"text", &entropy).unwrap();
        assert_ne!(one.commitment, two.commitment);
        assert_ne!(one.body, two.body);
        assert_ne!(one.key_wrapped, two.key_wrapped);
    }

    #[test]
    fn a_commitment_that_does_not_fit_is_found() {
        let (sealer, entropy) = (sealer(), SeededEntropy::new(1));
        let mut revision = sealer.seal_revision("rev_1", b"text", &entropy).unwrap();
        revision.commitment[0] ^= 1;
        assert_eq!(sealer.open_revision(&revision), Err(SealError::OtherDocument { id: "rev_1".to_owned() }));
    }

    #[test]
    fn pieces_of_two_documents_do_not_mix() {
        let (sealer, entropy) = (sealer(), SeededEntropy::new(1));
        let one = sealer.seal_revision("rev_1", b"text", &entropy).unwrap();
        let two = sealer.seal_revision("rev_2", b"text", &entropy).unwrap();
        for mixed in [
            SealedDocument { id: two.id.clone(), ..one.clone() },
            SealedDocument { key_wrapped: two.key_wrapped.clone(), ..one.clone() },
            SealedDocument { salt_sealed: two.salt_sealed.clone(), ..one.clone() },
            SealedDocument { salt_sealed: one.key_wrapped.clone(), ..one.clone() },
            SealedDocument { body: two.body.clone(), ..one.clone() },
        ] {
            assert_eq!(sealer.open_revision(&mixed), Err(SealError::Changed));
        }
        assert_eq!(sealer.open_blob(&one), Err(SealError::Changed));
    }

    #[test]
    fn without_its_key_a_document_is_gone() {
        let sealer = sealer();
        let revision = sealer.seal_revision("rev_1", b"text", &SeededEntropy::new(1)).unwrap();
        let erased = SealedDocument { key_wrapped: Vec::new(), salt_sealed: Vec::new(), ..revision };
        assert_eq!(sealer.open_revision(&erased), Err(SealError::CutOff));
    }
}
