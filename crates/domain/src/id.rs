//! Internal ids: what a row, an event and an address point with.
//!
//! An id says what kind of thing it names and, roughly, when it was made; it says nothing about a person. It is not a
//! secret and is never shown as a number to read aloud (see `number`). Time and randomness are arguments.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Crockford's base 32 in small letters: no i, l, o, u.
const ALPHABET: &str = "0123456789abcdefghjkmnpqrstvwxyz";

/// 128 bits in groups of five.
const LENGTH: usize = 26;

/// A text that is not an id of the kind expected. It does not repeat the text: that may be anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdProblem {
    /// The prefix the text should have had, without the underscore.
    pub expected: &'static str,
}

impl fmt::Display for IdProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not an id that begins with `{}_`", self.expected)
    }
}

impl std::error::Error for IdProblem {}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident($prefix:literal);)*) => {$(
        $(#[$doc])*
        ///
        /// Ids made later sort later, to the millisecond.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// What every such id begins with, before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// The id for something made at `at`, with 80 random bits. An instant before 1970 counts as 1970.
            #[must_use]
            pub fn new(at: Timestamp, random: [u8; 10]) -> Self {
                Self(format!(concat!($prefix, "_{}"), encode(at, random)))
            }

            /// Parses an id as it was written; no other shape is accepted.
            ///
            /// # Errors
            /// When the prefix, the length or a character is not right.
            pub fn parse(text: &str) -> Result<Self, IdProblem> {
                match text.strip_prefix(concat!($prefix, "_")) {
                    Some(encoded) if is_encoded(encoded) => Ok(Self(text.to_owned())),
                    _ => Err(IdProblem { expected: $prefix }),
                }
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// A 办件.
    CaseId("case");
    /// A 登记.
    RegistrationId("reg");
    /// A person.
    PersonId("per");
    /// A unit that employs.
    EmployerId("emp");
    /// A 经办机构.
    OfficeId("off");
    /// A building project.
    ProjectId("prj");
    /// A 班组 of one unit on one project.
    TeamId("tea");
    /// Somebody who can sign in.
    AccountId("acc");
    /// An application not yet handed in.
    DraftId("dra");
    /// A file handed in for a material.
    EvidenceId("evi");
    /// One encrypted, append-only version of a personal document.
    RevisionId("rev");
    /// A 通知.
    NoticeId("not");
    /// A signed-in browser.
    SessionId("ses");
    /// A key by which a program acts for an account.
    TokenId("tok");
    /// An address at which a system wants to be told of what happened.
    WebhookId("whk");
    /// A piece of work waiting in the queue.
    JobId("job");
    /// One stored revision of a resolved policy.
    PolicyRevisionId("pol");
    /// A change of a region's rules, from its draft on.
    RuleChangeId("rul");
}

/// 48 bits of milliseconds since 1970, then the random bits.
fn encode(at: Timestamp, random: [u8; 10]) -> String {
    let milliseconds = u128::try_from(at.as_millisecond()).unwrap_or_default();
    let bits = random.iter().fold(milliseconds, |bits, byte| bits << 8 | u128::from(*byte));
    (0..LENGTH).rev().filter_map(|group| ALPHABET.chars().nth((bits >> (group * 5) & 31) as usize)).collect()
}

/// Twenty-six letters of the alphabet, the first of which holds three bits only.
fn is_encoded(text: &str) -> bool {
    text.len() == LENGTH
        && text.starts_with(|first| ('0'..='7').contains(&first))
        && text.chars().all(|letter| ALPHABET.contains(letter))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_id_names_its_kind_and_holds_time_and_chance() {
        let at: Timestamp = "2026-03-11T01:02:03.004Z".parse().unwrap();
        let id = CaseId::new(at, [0xFF; 10]);
        assert_eq!(id.as_str(), "case_01kkd6mgqwzzzzzzzzzzzzzzzz");
        assert_eq!(format!("{id} {id:?}"), "case_01kkd6mgqwzzzzzzzzzzzzzzzz case_01kkd6mgqwzzzzzzzzzzzzzzzz");
        assert_eq!(PersonId::new(Timestamp::UNIX_EPOCH, [0; 10]).as_str(), "per_00000000000000000000000000");
        assert_eq!(PersonId::new(Timestamp::MIN, [0; 10]).as_str(), "per_00000000000000000000000000");
    }

    #[test]
    fn every_kind_has_its_own_prefix() {
        let prefixes = [
            CaseId::PREFIX,
            RegistrationId::PREFIX,
            PersonId::PREFIX,
            EmployerId::PREFIX,
            OfficeId::PREFIX,
            AccountId::PREFIX,
            DraftId::PREFIX,
            EvidenceId::PREFIX,
            RevisionId::PREFIX,
            NoticeId::PREFIX,
            SessionId::PREFIX,
            JobId::PREFIX,
            PolicyRevisionId::PREFIX,
        ];
        assert_eq!(
            prefixes,
            ["case", "reg", "per", "emp", "off", "acc", "dra", "evi", "rev", "not", "ses", "job", "pol"]
        );
    }

    #[test]
    fn what_is_not_an_id_of_that_kind_is_refused() {
        let wrong = [
            "",
            "case_",
            "reg_01kkd6mgqwzzzzzzzzzzzzzzzz",
            "case-01kkd6mgqwzzzzzzzzzzzzzzzz",
            "case_01kkd6mgqwzzzzzzzzzzzzzzz",
            "case_01kkd6mgqwzzzzzzzzzzzzzzzzz",
            "case_01KKD6MGQWZZZZZZZZZZZZZZZZ",
            "case_01kkd6mgqwzzzzzzzzzzzzzzzu",
            "case_81kkcz0cgczzzzzzzzzzzzzzzz",
            "case_01kkd6mgqwzzzzzzzzzzzzz张",
            " case_01kkd6mgqwzzzzzzzzzzzzzzzz",
        ];
        for text in wrong {
            assert_eq!(CaseId::parse(text), Err(IdProblem { expected: "case" }), "{text:?}");
        }
        assert_eq!(CaseId::parse("").unwrap_err().to_string(), "not an id that begins with `case_`");
    }

    #[test]
    fn an_id_is_checked_when_it_is_read_from_json() {
        let id = EvidenceId::new(Timestamp::UNIX_EPOCH, [7; 10]);
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, format!("\"{id}\""));
        assert_eq!(serde_json::from_str::<EvidenceId>(&json).unwrap(), id);
        assert!(serde_json::from_str::<NoticeId>(&json).is_err());
    }

    proptest! {
        #[test]
        fn every_id_is_read_back_and_sorts_by_time(
            earlier in 0_i64..253_402_000_000_000, later in 0_i64..253_402_000_000_000, random: [u8; 10],
        ) {
            let made = |millisecond: i64| JobId::new(Timestamp::from_millisecond(millisecond).unwrap(), random);
            prop_assert_eq!(JobId::parse(made(earlier).as_str()).unwrap(), made(earlier));
            prop_assert_eq!(made(earlier).cmp(&made(later)), earlier.cmp(&later));
        }
    }
}
