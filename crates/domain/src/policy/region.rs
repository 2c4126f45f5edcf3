//! 行政区划代码: the code of a region, as a name and nothing more.
//!
//! It must never be cut up: the parent of a region is stated in its pack or in the code table, never guessed from a
//! prefix, because districts are merged, moved and renumbered.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A region code: 6 digits to the county, 9 to the street or township, 12 to the community (GB/T 2260, GB/T 10114).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RegionCode(String);

/// The text is not 6, 9 or 12 digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotARegionCode;

impl RegionCode {
    /// Reads a code. Whether such a region exists is the code table's matter.
    ///
    /// # Errors
    /// When the text is not 6, 9 or 12 ASCII digits.
    ///
    /// ```
    /// use banjie_domain::policy::RegionCode;
    /// assert_eq!(RegionCode::parse("330106").unwrap().as_str(), "330106");
    /// assert!(RegionCode::parse("3301").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, NotARegionCode> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        if digits && matches!(text.len(), 6 | 9 | 12) { Ok(Self(text.to_owned())) } else { Err(NotARegionCode) }
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RegionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for NotARegionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a region code has 6, 9 or 12 digits")
    }
}

impl std::error::Error for NotARegionCode {}

impl TryFrom<String> for RegionCode {
    type Error = NotARegionCode;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<RegionCode> for String {
    fn from(code: RegionCode) -> Self {
        code.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_nine_and_twelve_digits_are_codes_and_nothing_else_is() {
        for good in ["330106", "330106003", "330106003001"] {
            assert_eq!(RegionCode::parse(good).unwrap().to_string(), good);
        }
        for bad in ["", "3301", "33010", "3301060", "33O106", "\u{ff13}30106", " 330106", "330106003001001"] {
            assert_eq!(RegionCode::parse(bad), Err(NotARegionCode), "{bad}");
        }
    }
}
