//! The numbers people read aloud: 申请编号, 登记编号 and 查询码.
//!
//! A case or registration number is not a secret and proves nothing; a 查询码 is a secret and is never printed through
//! `Debug` nor kept in clear. Randomness is an argument.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::identity::text::compact_number;
use crate::problem::Problem;

const TWELVE_DIGITS: u64 = 1_000_000_000_000;
const EIGHT_DIGITS: u64 = 100_000_000;

/// Twelve decimal digits out of 64 random bits, each number equally likely. `None` (about once in thirty million
/// times) asks the caller for new bits.
#[must_use]
pub const fn twelve_random_digits(random_bits: u64) -> Option<u64> {
    even_remainder(random_bits, TWELVE_DIGITS)
}

/// Eight decimal digits out of 64 random bits, each number equally likely. `None` asks the caller for new bits.
#[must_use]
pub const fn eight_random_digits(random_bits: u64) -> Option<u64> {
    even_remainder(random_bits, EIGHT_DIGITS)
}

/// The remainder, unless the bits fall into the last, incomplete run of remainders.
const fn even_remainder(random_bits: u64, bound: u64) -> Option<u64> {
    let in_last_run = random_bits >= u64::MAX - u64::MAX % bound;
    if in_last_run { None } else { Some(random_bits % bound) }
}

/// 申请编号 of a case: two digits of the year, twelve random digits, two check digits.
///
/// The check digits are ISO 7064 MOD 97-10, which finds every wrong digit and every swap of neighbours.
///
/// ```
/// use banjie_domain::number::CaseNumber;
/// let number = CaseNumber::make(2026, 483_105_279_164);
/// assert_eq!(number.grouped(), "26-4831-0527-9164-28");
/// assert_eq!(CaseNumber::parse("26 48310527 9164 28"), Ok(number));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct CaseNumber(u64);

impl CaseNumber {
    /// The number for a case filed in `year`. `twelve_digits` comes from [`twelve_random_digits`]; of a larger value
    /// the last twelve digits count.
    #[must_use]
    pub const fn make(year: i16, twelve_digits: u64) -> Self {
        let year = year.rem_euclid(100).unsigned_abs() as u64;
        Self(with_check_digits(year * TWELVE_DIGITS + twelve_digits % TWELVE_DIGITS))
    }

    /// Parses what a person typed; spaces, hyphens and full width are forgiven.
    ///
    /// # Errors
    /// `text.*`, or `case-number.` followed by `empty`, `length`, `characters` or `check-digit`.
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        let digits = compact_number(typed)?;
        match digits.chars().count() {
            0 => return Err(Problem::new("case-number.empty")),
            16 => {}
            length => return Err(Problem::new("case-number.length").with("length", length.to_string())),
        }
        let number = decimal(&digits).ok_or(Problem::new("case-number.characters"))?;
        if !has_right_check_digits(number) {
            return Err(Problem::new("case-number.check-digit"));
        }
        Ok(Self(number))
    }

    /// As shown and read aloud: `26-4831-0527-9164-28`.
    #[must_use]
    pub fn grouped(&self) -> String {
        format!("{:02}-{}", self.0 / (TWELVE_DIGITS * 100), groups(self.0))
    }

    /// As stored and in a QR code: sixteen digits.
    #[must_use]
    pub fn compact(&self) -> String {
        format!("{:016}", self.0)
    }
}

/// 登记编号 of a registration: `DJ`, twelve random digits, two check digits over those twelve (ISO 7064 MOD 97-10).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct RegistrationNumber(u64);

impl RegistrationNumber {
    /// The number of a new registration. `twelve_digits` comes from [`twelve_random_digits`]; of a larger value the
    /// last twelve digits count.
    #[must_use]
    pub const fn make(twelve_digits: u64) -> Self {
        Self(with_check_digits(twelve_digits % TWELVE_DIGITS))
    }

    /// Parses what a person typed, with or without `DJ`; spaces, hyphens, full width and small letters are forgiven.
    ///
    /// # Errors
    /// `text.*`, or `registration-number.` followed by `empty`, `length`, `characters` or `check-digit`.
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        let compact = compact_number(typed)?;
        let digits = compact.strip_prefix("DJ").unwrap_or(&compact);
        match digits.chars().count() {
            0 => return Err(Problem::new("registration-number.empty")),
            14 => {}
            length => return Err(Problem::new("registration-number.length").with("length", length.to_string())),
        }
        let number = decimal(digits).ok_or(Problem::new("registration-number.characters"))?;
        if !has_right_check_digits(number) {
            return Err(Problem::new("registration-number.check-digit"));
        }
        Ok(Self(number))
    }

    /// As shown and read aloud: `DJ-4831-0527-9164-NN`.
    #[must_use]
    pub fn grouped(&self) -> String {
        format!("DJ-{}", groups(self.0))
    }

    /// As stored: `DJ` and fourteen digits.
    #[must_use]
    pub fn compact(&self) -> String {
        format!("DJ{:014}", self.0)
    }
}

/// 查询码: the right to look at one case without an account. Eight digits, shown once, kept as HMAC only.
#[derive(Clone, PartialEq, Eq)]
pub struct QueryCode(String);

impl QueryCode {
    /// A new code. `eight_digits` comes from [`eight_random_digits`]; of a larger value the last eight digits count.
    #[must_use]
    pub fn make(eight_digits: u64) -> Self {
        Self(format!("{:08}", eight_digits % EIGHT_DIGITS))
    }

    /// Parses what a person typed; spaces, hyphens and full width are forgiven.
    ///
    /// # Errors
    /// `text.*`, or `query-code.` followed by `empty` or `digits` (not exactly eight). Whether it is the right code
    /// is not known here.
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        let digits = compact_number(typed)?;
        if digits.is_empty() {
            return Err(Problem::new("query-code.empty"));
        }
        if digits.chars().count() != 8 || decimal(&digits).is_none() {
            return Err(Problem::new("query-code.digits"));
        }
        Ok(Self(digits))
    }

    /// The eight digits, for the HMAC.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The eight digits as the receipt prints them: `4831 0527`.
    #[must_use]
    pub fn grouped(&self) -> String {
        let (first, last) = self.0.split_at_checked(4).unwrap_or_default();
        format!("{first} {last}")
    }
}

impl fmt::Debug for QueryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("QueryCode(hidden)")
    }
}

/// Writes the shown and stored forms of a number through the standard traits.
macro_rules! shown_as_grouped {
    ($($number:ident),*) => {$(
        impl fmt::Display for $number {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.grouped())
            }
        }

        impl fmt::Debug for $number {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($number), "({})"), self.grouped())
            }
        }

        impl From<$number> for String {
            fn from(number: $number) -> Self {
                number.compact()
            }
        }

        impl TryFrom<String> for $number {
            type Error = Problem;

            fn try_from(stored: String) -> Result<Self, Problem> {
                Self::parse(&stored)
            }
        }
    )*};
}

shown_as_grouped!(CaseNumber, RegistrationNumber);

/// ISO 7064 MOD 97-10: two digits that make the whole number leave 1 when divided by 97.
const fn with_check_digits(body: u64) -> u64 {
    body * 100 + (98 - body * 100 % 97)
}

const fn has_right_check_digits(number: u64) -> bool {
    // Compared, not divided: 00, 01 and 99 would leave 1 as well where 97, 98 and 02 were given out.
    with_check_digits(number / 100) == number
}

fn decimal(digits: &str) -> Option<u64> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

/// The last fourteen digits as `4831-0527-9164-28`.
fn groups(number: u64) -> String {
    let group = |divisor: u64| number / divisor % 10_000;
    format!("{:04}-{:04}-{:04}-{:02}", group(10_000_000_000), group(1_000_000), group(100), number % 100)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_case_number_of_the_decision_is_made() {
        let number = CaseNumber::make(2026, 483_105_279_164);
        assert_eq!(number.grouped(), "26-4831-0527-9164-28");
        assert_eq!(number.compact(), "2648310527916428");
        assert_eq!(format!("{number} {number:?}"), "26-4831-0527-9164-28 CaseNumber(26-4831-0527-9164-28)");
    }

    #[test]
    fn a_case_number_is_read_in_any_shape() {
        let number = CaseNumber::make(2026, 483_105_279_164);
        for typed in [
            "26-4831-0527-9164-28",
            "2648310527916428",
            " 26 4831 0527 9164 28 ",
            "２６－４８３１－０５２７－９１６４－２８",
            "26—4831—0527—9164—28",
        ] {
            assert_eq!(CaseNumber::parse(typed), Ok(number), "{typed}");
        }
    }

    #[test]
    fn each_mistake_in_a_case_number_has_its_own_problem() {
        let cases = [
            ("", "case-number.empty"),
            ("26-4831-0527-9164", "case-number.length"),
            ("26-4831-0527-9164-281", "case-number.length"),
            ("26-4831-0527-9164-2o", "case-number.characters"),
            ("+6-4831-0527-9164-28", "case-number.characters"),
            ("26-4831-0527-9164-29", "case-number.check-digit"),
            ("26-4831-0527-9146-28", "case-number.check-digit"),
            ("26-4831-0527\u{200B}-9164-28", "text.zero-width"),
        ];
        for (typed, expected) in cases {
            assert_eq!(CaseNumber::parse(typed).unwrap_err().code, expected, "{typed:?}");
        }
    }

    #[test]
    fn a_registration_number_carries_its_own_letters() {
        let number = RegistrationNumber::make(483_105_279_164);
        // 98 − 48310527916400 mod 97 = 98 − 50.
        assert_eq!(number.grouped(), "DJ-4831-0527-9164-48");
        assert_eq!(number.compact(), "DJ48310527916448");
        for typed in
            [number.grouped(), number.compact(), number.grouped().to_lowercase(), number.compact().replace("DJ", "")]
        {
            assert_eq!(RegistrationNumber::parse(&typed), Ok(number), "{typed}");
        }
        let code = |typed| RegistrationNumber::parse(typed).unwrap_err().code;
        assert_eq!(code("DJ"), "registration-number.empty");
        assert_eq!(code("26-4831-0527-9164-28"), "registration-number.length");
        assert_eq!(code("DJ-4831-0527-9164-4X"), "registration-number.characters");
        assert_eq!(code("DJ-4831-0527-9164-49"), "registration-number.check-digit");
    }

    #[test]
    fn numbers_are_stored_as_text_and_checked_when_read() {
        let case = CaseNumber::make(2026, 483_105_279_164);
        assert_eq!(serde_json::to_string(&case).unwrap(), "\"2648310527916428\"");
        assert_eq!(serde_json::from_str::<CaseNumber>("\"2648310527916428\"").unwrap(), case);
        assert!(serde_json::from_str::<CaseNumber>("\"2648310527916429\"").is_err());
        let registration = RegistrationNumber::make(7);
        let stored = serde_json::to_string(&registration).unwrap();
        assert_eq!(serde_json::from_str::<RegistrationNumber>(&stored).unwrap(), registration);
    }

    #[test]
    fn a_query_code_has_eight_digits_and_hides_them() {
        let code = QueryCode::make(271_828);
        assert_eq!((code.as_str(), code.grouped().as_str()), ("00271828", "0027 1828"));
        assert_eq!(format!("{code:?}"), "QueryCode(hidden)");
        for typed in ["00271828", "0027 1828", "００２７-１８２８"] {
            assert_eq!(QueryCode::parse(typed).unwrap(), code);
        }
        for (typed, expected) in
            [("", "query-code.empty"), ("1234567", "query-code.digits"), ("1234567a", "query-code.digits")]
        {
            assert_eq!(QueryCode::parse(typed).unwrap_err().code, expected);
        }
    }

    #[test]
    fn random_bits_beyond_the_last_full_run_are_sent_back() {
        assert_eq!(twelve_random_digits(0), Some(0));
        assert_eq!(twelve_random_digits(TWELVE_DIGITS + 5), Some(5));
        assert_eq!(twelve_random_digits(u64::MAX), None);
        let last_full = u64::MAX - u64::MAX % EIGHT_DIGITS;
        assert_eq!(eight_random_digits(last_full - 1), Some(EIGHT_DIGITS - 1));
        assert_eq!(eight_random_digits(last_full), None);
    }

    proptest! {
        #[test]
        fn every_number_is_read_back(year in 2000_i16..2100, digits in 0..TWELVE_DIGITS) {
            let case = CaseNumber::make(year, digits);
            prop_assert_eq!(CaseNumber::parse(&case.grouped()).unwrap(), case);
            prop_assert_eq!(CaseNumber::parse(&case.compact()).unwrap(), case);
            let registration = RegistrationNumber::make(digits);
            prop_assert_eq!(RegistrationNumber::parse(&registration.grouped()).unwrap(), registration);
            prop_assert_eq!(RegistrationNumber::parse(&registration.compact()).unwrap(), registration);
        }

        #[test]
        fn every_wrong_digit_and_every_swap_of_neighbours_is_caught(
            digits in 0..TWELVE_DIGITS, place in 0_usize..16, digit in 0_u8..10,
        ) {
            let right = CaseNumber::make(2026, digits).compact();
            let mut wrong = right.clone().into_bytes();
            wrong[place] = b'0' + digit;
            let mut swapped = right.clone().into_bytes();
            swapped.swap(place, (place + 1).min(15));
            for other in [wrong, swapped].map(|bytes| String::from_utf8(bytes).unwrap()) {
                prop_assert!(other == right || CaseNumber::parse(&other).is_err(), "{}", other);
            }
        }

        #[test]
        fn no_text_makes_the_parsers_fall_over(typed in ".{0,24}") {
            let _ = (CaseNumber::parse(&typed), RegistrationNumber::parse(&typed), QueryCode::parse(&typed));
        }
    }
}
