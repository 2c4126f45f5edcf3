//! The 15-digit business registration number used before the unified code, and the choice between the two.
//!
//! Units that died before 2018 still stand in the records under it, so it is read, never issued.

use crate::problem::Problem;

use super::{Uscc, text};

/// A 15-digit number whose check digit (ISO 7064 MOD 11,10) is right.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BusinessNumber(String);

impl BusinessNumber {
    /// Parses what a person typed; spaces, hyphens and full width are forgiven.
    ///
    /// # Errors
    /// `text.*`, or `business-number.` followed by `empty`, `length`, `characters` or `check-digit`.
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        let number = text::compact_number(typed)?;
        match number.chars().count() {
            0 => return Err(Problem::new("business-number.empty")),
            15 => {}
            length => return Err(Problem::new("business-number.length").with("length", length.to_string())),
        }
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Problem::new("business-number.characters"));
        }
        if number.chars().last() != check_digit(&number) {
            return Err(Problem::new("business-number.check-digit"));
        }
        Ok(Self(number))
    }

    /// The 15 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// ISO 7064 MOD 11,10 over the first fourteen digits.
fn check_digit(number: &str) -> Option<char> {
    let product = number.chars().take(14).filter_map(|character| character.to_digit(10)).fold(10, |product, digit| {
        let sum = match (product + digit) % 10 {
            0 => 10,
            sum => sum,
        };
        2 * sum % 11
    });
    char::from_digit((11 - product) % 10, 10)
}

/// The number a unit is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnitNumber {
    /// Every unit alive since 2018.
    Uscc(Uscc),
    /// A unit that ended under its old number.
    Business(BusinessNumber),
}

impl UnitNumber {
    /// Parses what a person typed, choosing by length: 18 characters or 15 digits.
    ///
    /// # Errors
    /// `unit-number.empty`, `unit-number.length`, or the problem of the number chosen.
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        match text::compact_number(typed)?.chars().count() {
            0 => Err(Problem::new("unit-number.empty")),
            15 => BusinessNumber::parse(typed).map(Self::Business),
            18 => Uscc::parse(typed).map(Self::Uscc),
            length => Err(Problem::new("unit-number.length").with("length", length.to_string())),
        }
    }

    /// Which of the two it is: the word used in tables and locale keys.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Uscc(_) => "uscc",
            Self::Business(_) => "business-number",
        }
    }

    /// The number in its stored form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Uscc(code) => code.as_str(),
            Self::Business(number) => number.as_str(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_with_the_right_check_digit_are_accepted() {
        for typed in ["110108000000016", "310115000001234"] {
            assert_eq!(BusinessNumber::parse(typed).unwrap().as_str(), typed);
        }
        assert_eq!(BusinessNumber::parse(" １１０１０８ 00000-0016").unwrap().as_str(), "110108000000016");
    }

    #[test]
    fn each_mistake_has_its_own_problem() {
        let cases = [
            ("", "business-number.empty"),
            ("11010800000001", "business-number.length"),
            ("11010800000001A", "business-number.characters"),
            ("110108000000017", "business-number.check-digit"),
            ("110108000000061", "business-number.check-digit"),
            ("1101080000\u{2060}00016", "text.zero-width"),
        ];
        for (typed, expected) in cases {
            assert_eq!(BusinessNumber::parse(typed).unwrap_err().code, expected, "{typed:?}");
        }
    }

    #[test]
    fn every_wrong_digit_is_caught() {
        for place in 0..15 {
            for digit in '0'..='9' {
                let mut wrong: Vec<char> = "310115000001234".chars().collect();
                if std::mem::replace(&mut wrong[place], digit) != digit {
                    let wrong: String = wrong.into_iter().collect();
                    assert!(BusinessNumber::parse(&wrong).is_err(), "{wrong}");
                }
            }
        }
    }

    #[test]
    fn the_length_says_which_number_a_unit_gave() {
        let unified = UnitNumber::parse("91350100m000100y43").unwrap();
        assert_eq!((unified.key(), unified.as_str()), ("uscc", "91350100M000100Y43"));
        let old = UnitNumber::parse("110108 000000016").unwrap();
        assert_eq!((old.key(), old.as_str()), ("business-number", "110108000000016"));
        assert_eq!(UnitNumber::parse(" ").unwrap_err().code, "unit-number.empty");
        assert_eq!(UnitNumber::parse("9135").unwrap_err(), Problem::new("unit-number.length").with("length", "4"));
        assert_eq!(UnitNumber::parse("91350100M000100Y44").unwrap_err().code, "uscc.check-digit");
        assert_eq!(UnitNumber::parse("110108000000017").unwrap_err().code, "business-number.check-digit");
    }

    proptest! {
        #[test]
        fn a_number_made_by_the_rules_is_read_back(fourteen in "[0-9]{14}") {
            let number = format!("{fourteen}{}", check_digit(&fourteen).unwrap());
            let parsed = UnitNumber::parse(&number).unwrap();
            prop_assert_eq!(parsed.as_str(), &number);
        }
    }
}
