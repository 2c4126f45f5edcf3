//! Sealed documents: revisions of what people declared and wrote, and the files they handed in.

use banjie_domain::history::{Hash, RevisionRef};
use banjie_domain::id::RevisionId;
use banjie_store::db::Tx;
use banjie_store::papers::{self, EvidenceRow, RevisionRow};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::error::{Outcome, fault};
use crate::seal::{Place, SealedDocument};

impl App {
    /// Seals a value for one place in one row.
    ///
    /// # Errors
    /// When it is too long.
    pub fn seal<T: Serialize>(&self, place: Place<'_>, value: &T) -> Outcome<Vec<u8>> {
        let plain = serde_json::to_vec(value).map_err(|_| fault("a value cannot be written"))?;
        Ok(self.data.seal(place, &plain, self.entropy.as_ref())?)
    }

    /// Opens what [`App::seal`] sealed for the same place.
    ///
    /// # Errors
    /// When it was changed, or belongs to another place.
    pub fn unseal<T: DeserializeOwned>(&self, place: Place<'_>, sealed: &[u8]) -> Outcome<T> {
        let plain = self.data.open(place, sealed)?;
        serde_json::from_slice(&plain).map_err(|_| fault("a sealed value cannot be read"))
    }

    /// Writes a personal document under a key of its own; the row to store, and what an event says of it.
    ///
    /// # Errors
    /// When it cannot be sealed.
    pub fn revision<T: Serialize>(&self, owner: &str, kind: &str, value: &T) -> Outcome<(RevisionRow, RevisionRef)> {
        let id = self.fresh(RevisionId::new);
        let plain = serde_json::to_vec(value).map_err(|_| fault("a document cannot be written"))?;
        let sealed = self.data.seal_revision(id.as_str(), &plain, self.entropy.as_ref())?;
        let commitment = Hash::from_slice(&sealed.commitment).ok_or_else(|| fault("commitment"))?;
        let row = RevisionRow {
            id: id.clone(),
            owner: owner.to_owned(),
            kind: kind.to_owned(),
            wrapped_key: Some(sealed.key_wrapped),
            salt: Some(sealed.salt_sealed),
            body: sealed.body,
            commitment,
            created_at: self.micros(),
        };
        Ok((row, RevisionRef { id, commitment }))
    }

    /// Reads a personal document, held to the commitment in its row.
    ///
    /// # Errors
    /// When it is missing, erased, or not what was committed to.
    pub fn open_revision<T: DeserializeOwned>(&self, row: &RevisionRow) -> Outcome<T> {
        let (Some(key_wrapped), Some(salt_sealed)) = (&row.wrapped_key, &row.salt) else {
            return Err(fault("this document was erased"));
        };
        let plain = self.data.open_revision(&SealedDocument {
            id: row.id.as_str().to_owned(),
            key_wrapped: key_wrapped.clone(),
            salt_sealed: salt_sealed.clone(),
            body: row.body.clone(),
            commitment: *row.commitment.as_bytes(),
        })?;
        serde_json::from_slice(&plain).map_err(|_| fault("a document cannot be read"))
    }

    /// The bytes of a file somebody handed in, held to the commitment in its row.
    ///
    /// # Errors
    /// When the file is missing or changed.
    pub fn open_evidence(&self, row: &EvidenceRow) -> Outcome<Vec<u8>> {
        let body = self.files.get(&row.blob).map_err(|_| fault("a file is missing from the blob folder"))?;
        Ok(self.data.open_blob(&SealedDocument {
            id: row.id.as_str().to_owned(),
            key_wrapped: row.wrapped_key.clone(),
            salt_sealed: row.salt.clone(),
            body,
            commitment: *row.commitment.as_bytes(),
        })?)
    }
}

/// The row of a revision an event speaks of.
///
/// # Errors
/// When it is not there.
pub fn revision_row(tx: &mut dyn Tx, id: &RevisionId) -> Outcome<RevisionRow> {
    papers::revision_find(tx, id)?.ok_or_else(|| fault("a document an event speaks of is missing"))
}
