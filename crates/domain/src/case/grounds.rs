//! The published lists an officer chooses from: why a case is turned down, and what is wrong with a material or field.
//!
//! Closed on purpose: a reason nobody published is no reason. What each says to the applicant, its basis and the next
//! step lie in the locales under `ground.<key>`, `ground.<key>.basis`, `ground.<key>.next` and `fault.<key>`.

/// Why a case is declined or refused (the grounds a decision has to name: 行政许可法 第三十八条第二款).
pub const GROUNDS: [&str; 8] = [
    "material-insufficient",
    "fact-not-shown",
    "date-contradicts",
    "not-the-applicant",
    "relation-goes-on",
    "wrong-act",
    "not-competent",
    "no-such-fact",
];

/// What can be wrong with one material or one field (一次性告知: 行政许可法 第三十二条第一款第四项).
pub const FAULTS: [&str; 10] = [
    "missing",
    "unreadable",
    "no-seal",
    "no-signature",
    "no-date",
    "wrong-person",
    "wrong-unit",
    "date-differs",
    "expired",
    "unclear",
];

/// Why the clock of a decision stands still: what the law names (行政许可法 第四十五条). What each says lies in the
/// locales under `special.<key>`.
pub const SPECIAL: [&str; 4] = ["hearing", "testing", "appraisal", "expert-review"];

/// Why a decision is given more time (行政许可法 第四十二条). What each says lies in the locales under
/// `extension.<key>`.
pub const EXTENSIONS: [&str; 3] = ["complex-facts", "other-office", "both-sides-heard"];

/// The target of a ground that is about the whole case and not about one material or field.
pub const WHOLE_CASE: &str = "case";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_key_stands_twice() {
        assert_eq!(GROUNDS.iter().collect::<BTreeSet<_>>().len(), GROUNDS.len());
        assert_eq!(FAULTS.iter().collect::<BTreeSet<_>>().len(), FAULTS.len());
    }
}
