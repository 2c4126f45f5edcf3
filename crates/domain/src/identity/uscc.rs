//! The unified social credit code of GB 32100-2015.
//!
//! Both check characters are verified: the eighteenth over the whole code, and the seventeenth, which closes the
//! organisation code inside it. The two leading characters are not compared with a list, because new kinds of
//! registrar are added by notice and an unknown one is no reason to turn a unit away.

use crate::problem::Problem;

use super::text;

/// No I, O, S, V, Z: they are too like 1, 0, 5, U and 2.
const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// An 18-character code whose two check characters are right. It says nothing about the unit's standing today.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uscc(String);

impl Uscc {
    /// Parses what a person typed; spaces, hyphens, full width and small letters are forgiven.
    ///
    /// # Errors
    /// `text.*`, or `uscc.` followed by `empty`, `length`, `letter` (one the alphabet leaves out), `characters`,
    /// `check-digit` (the eighteenth) or `organisation-check-digit` (the seventeenth).
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        let code = text::compact_number(typed)?;
        match code.chars().count() {
            0 => return Err(Problem::new("uscc.empty")),
            18 => {}
            length => return Err(Problem::new("uscc.length").with("length", length.to_string())),
        }
        if let Some(letter) = code.chars().find(|character| "IOSVZ".contains(*character)) {
            return Err(Problem::new("uscc.letter").with("letter", letter));
        }
        let region_is_digits = code.chars().skip(2).take(6).all(|character| character.is_ascii_digit());
        if !region_is_digits || !code.chars().all(|character| ALPHABET.contains(character)) {
            return Err(Problem::new("uscc.characters"));
        }
        if code.chars().nth(17) != check_character(&code) {
            return Err(Problem::new("uscc.check-digit"));
        }
        if code.chars().nth(16) != organisation_check_character(&code) {
            return Err(Problem::new("uscc.organisation-check-digit"));
        }
        Ok(Self(code))
    }

    /// The 18 characters, upper case. A unit's code is public.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// GB 32100 MOD 31-3 over the first seventeen characters.
fn check_character(code: &str) -> Option<char> {
    let values = code.chars().map_while(|character| ALPHABET.chars().position(|known| known == character));
    let sum: u32 = values.zip(WEIGHTS).map(|(value, weight)| value as u32 * weight).sum();
    ALPHABET.chars().nth(((31 - sum % 31) % 31) as usize)
}

/// GB 11714 over the eight characters of the organisation code; there a letter counts A = 10 … Z = 35.
fn organisation_check_character(code: &str) -> Option<char> {
    let values = code.chars().skip(8).map_while(|character| character.to_digit(36));
    let sum: u32 = values.zip(ORGANISATION_WEIGHTS).map(|(value, weight)| value * weight).sum();
    match 11 - sum % 11 {
        10 => Some('X'),
        11 => Some('0'),
        digit => char::from_digit(digit, 10),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STANDARD_EXAMPLE: &str = "91350100M000100Y43";

    fn code(typed: &str) -> &'static str {
        Uscc::parse(typed).unwrap_err().code
    }

    fn with_checks(sixteen: &str) -> String {
        let seventeen = format!("{sixteen}{}", organisation_check_character(sixteen).unwrap());
        format!("{seventeen}{}", check_character(&seventeen).unwrap())
    }

    #[test]
    fn codes_of_every_kind_of_unit_are_accepted() {
        let codes = [
            STANDARD_EXAMPLE,
            "91110105MA01TE5T3G",
            "91310115MA1K00A19Q",
            "93320102MA2B0C0DXM",
            "5231000050001234XT",
            "1211000040000123XG",
            "11330000002500017C",
            "91110105MA000004XW",
        ];
        for typed in codes {
            assert_eq!(Uscc::parse(typed).unwrap().as_str(), typed);
        }
    }

    #[test]
    fn a_right_last_character_does_not_cover_a_wrong_organisation_code() {
        assert_eq!(code("91110105MA01TE5T4K"), "uscc.organisation-check-digit");
    }

    #[test]
    fn what_keyboards_produce_is_forgiven() {
        for typed in [
            "91350100m000100y43",
            " 9135 0100 M000 100Y 43 ",
            "９１３５０１００Ｍ０００１００Ｙ４３",
            "91350100-M000100Y4-3",
        ] {
            assert_eq!(Uscc::parse(typed).unwrap().as_str(), STANDARD_EXAMPLE);
        }
    }

    #[test]
    fn each_mistake_has_its_own_problem() {
        let cases = [
            ("", "uscc.empty"),
            ("91350100M000100Y4", "uscc.length"),
            ("91350100M000100Y433", "uscc.length"),
            ("9135O100M000100Y43", "uscc.letter"),
            ("9135A100M000100Y43", "uscc.characters"),
            ("91350100M000100Y4*", "uscc.characters"),
            ("91350100M000100Y4阿", "uscc.characters"),
            ("91350100M000100Y44", "uscc.check-digit"),
            ("91350100M000100Y\u{200B}43", "text.zero-width"),
        ];
        for (typed, expected) in cases {
            assert_eq!(code(typed), expected, "{typed:?}");
        }
    }

    #[test]
    fn every_wrong_character_is_caught() {
        for place in 0..18 {
            for character in ALPHABET.chars() {
                let mut wrong: Vec<char> = STANDARD_EXAMPLE.chars().collect();
                if std::mem::replace(&mut wrong[place], character) != character {
                    let wrong: String = wrong.into_iter().collect();
                    assert!(Uscc::parse(&wrong).is_err(), "{wrong}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_code_made_by_the_rules_is_read_back(sixteen in "[1-9AN][1-9][0-9]{6}[0-9A-HJ-NPQRTUWXY]{8}") {
            let code = with_checks(&sixteen);
            let parsed = Uscc::parse(&code.to_lowercase()).unwrap();
            prop_assert_eq!(parsed.as_str(), &code);
        }

        #[test]
        fn no_text_makes_the_parser_fall_over(typed in ".{0,40}") {
            let _ = Uscc::parse(&typed);
        }
    }
}
