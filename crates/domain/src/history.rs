//! The bytes of history: what exactly is written for an event, and how one event holds on to the one before.
//!
//! An event is canonical JSON (RFC 8785, integers only), so the same event has the same bytes on every machine and
//! its SM3 leaf can be recomputed by anyone. Bytes once written are never rewritten; a reader upcasts.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sm3::{Digest, Sm3};

use crate::actor::Actor;
use crate::id::{CaseId, RevisionId};

/// The version of the envelope below. A reader knows every version that was ever written.
pub const ENVELOPE_VERSION: u32 = 1;

/// An SM3 digest (GB/T 32905), 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// The digest that stands before the first event of a stream.
    pub const ZERO: Self = Self([0; 32]);

    /// Wraps 32 bytes, or says that there are not 32.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sm3::digest(bytes).into())
    }

    /// The raw digest.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Lower-case hexadecimal, 64 characters.
    #[must_use]
    pub fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Reads [`Hash::hex`] back.
    #[must_use]
    pub fn parse_hex(text: &str) -> Option<Self> {
        let text = text.as_bytes();
        if text.len() != 64 {
            return None;
        }
        let mut bytes = [0_u8; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex())
    }
}

impl Serialize for Hash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.hex())
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse_hex(&text).ok_or_else(|| serde::de::Error::custom("not 64 hexadecimal characters"))
    }
}

/// A personal document that an event speaks of: where it lies, and the commitment to its content.
///
/// The commitment is SM3(salt ‖ bytes). Destroying salt and key erases the document and leaves the chain whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevisionRef {
    /// The encrypted revision.
    pub id: RevisionId,
    /// What its content is held to.
    pub commitment: Hash,
}

/// One event as it is written: what happened, and everything that dates and places it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// Version of this envelope.
    pub v: u32,
    /// What happened, as `case.submitted`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whose history this belongs to: the id of a case or a registration.
    pub stream: String,
    /// Place in that history, from 1 without gaps.
    pub version: u64,
    /// Leaf of the event before it in the stream; [`Hash::ZERO`] for the first.
    pub prev: Hash,
    /// When we learned it: microseconds since 1970 UTC, never less than the event before it.
    pub recorded_at: i64,
    /// From which day it is true in law.
    pub effective_on: Date,
    /// Who did it.
    pub actor: Actor,
    /// The case that caused it.
    pub case: Option<CaseId>,
    /// What happened, in ids, codes, dates and commitments: never a name, a number or free text.
    pub body: Value,
}

impl Envelope {
    /// The instant of [`Envelope::recorded_at`].
    ///
    /// # Errors
    /// When the number lies outside the range of the calendar.
    pub fn recorded(&self) -> Result<Timestamp, jiff::Error> {
        Timestamp::from_microsecond(self.recorded_at)
    }

    /// The bytes that are stored.
    ///
    /// # Errors
    /// When the body holds something that has no canonical form.
    pub fn canonical(&self) -> Result<Vec<u8>, NotCanonical> {
        let value = serde_json::to_value(self).map_err(|_| NotCanonical)?;
        canonical(&value)
    }

    /// Reads stored bytes back and refuses bytes that are not the canonical form of what they say.
    ///
    /// # Errors
    /// When the bytes are no event of a known version, or are not canonical.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotCanonical> {
        let envelope: Self = serde_json::from_slice(bytes).map_err(|_| NotCanonical)?;
        if envelope.v != ENVELOPE_VERSION || envelope.canonical()? != bytes {
            return Err(NotCanonical);
        }
        Ok(envelope)
    }
}

/// The leaf of an event: SM3(0x00 ‖ canonical bytes), the leaf form of RFC 6962.
#[must_use]
pub fn leaf(canonical: &[u8]) -> Hash {
    let mut hasher = Sm3::new();
    hasher.update([0_u8]);
    hasher.update(canonical);
    Hash(hasher.finalize().into())
}

/// A value has no canonical form here: it holds a fraction, or a key that is not plain ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotCanonical;

impl fmt::Display for NotCanonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("value has no canonical form")
    }
}

impl std::error::Error for NotCanonical {}

/// The canonical bytes of a JSON value (RFC 8785, restricted to integers and ASCII keys).
///
/// `serde_json` keeps keys sorted by bytes, which for ASCII is the order the RFC asks for, and escapes strings as the
/// RFC does; only the restriction has to be checked.
///
/// # Errors
/// When the value holds a fraction or a key beyond ASCII.
pub fn canonical(value: &Value) -> Result<Vec<u8>, NotCanonical> {
    check(value)?;
    serde_json::to_vec(value).map_err(|_| NotCanonical)
}

fn check(value: &Value) -> Result<(), NotCanonical> {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
        Value::Number(number) if number.is_i64() || number.is_u64() => Ok(()),
        Value::Number(_) => Err(NotCanonical),
        Value::Array(items) => items.iter().try_for_each(check),
        Value::Object(fields) => {
            fields.iter().try_for_each(|(key, item)| if key.is_ascii() { check(item) } else { Err(NotCanonical) })
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn canonical_bytes_do_not_depend_on_the_order_things_were_written_in() {
        let a: Value = serde_json::from_str(r#"{"b": 1, "a": ["中", null, true]}"#).unwrap();
        assert_eq!(canonical(&a).unwrap(), r#"{"a":["中",null,true],"b":1}"#.as_bytes());
    }

    #[test]
    fn fractions_and_foreign_keys_have_no_canonical_form() {
        assert_eq!(canonical(&json!({"a": 1.5})), Err(NotCanonical));
        assert_eq!(canonical(&json!({"键": 1})), Err(NotCanonical));
    }

    #[test]
    fn a_leaf_is_not_the_bare_digest() {
        assert_ne!(leaf(b"abc"), Hash::of(b"abc"));
        assert_eq!(leaf(b"abc"), Hash::of(b"\0abc"));
    }

    #[test]
    fn a_hash_reads_back_from_its_hexadecimal_form() {
        let hash = Hash::of(b"abc");
        assert_eq!(hash.hex(), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
        assert_eq!(Hash::parse_hex(&hash.hex()), Some(hash));
        assert_eq!(Hash::parse_hex("66"), None);
    }
}
