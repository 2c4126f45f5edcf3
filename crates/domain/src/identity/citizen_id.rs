//! The citizen number of GB 11643, and the 18-digit cards made after its pattern.
//!
//! Never refuses an abolished county code: the number of a person does not change with the map. Never prints in full.

use std::fmt;

use jiff::civil::Date;

use super::text;
use crate::problem::Problem;

/// Nobody in these records was born earlier: such a year is a typing mistake.
const FIRST_BIRTH_YEAR: i16 = 1850;

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_CHARACTERS: &str = "10X98765432";

/// First two digits of GB/T 2260; 81, 82 and 83 are the residence permits of 港澳台居民, 71 is 台湾省.
const PROVINCES: [&str; 35] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44",
    "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82", "83",
];

/// Sex as the number states it (GB/T 2261.1 knows more; the number does not).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sex {
    /// 男, GB/T 2261.1 code 1.
    Male,
    /// 女, GB/T 2261.1 code 2.
    Female,
}

impl Sex {
    /// The word used in tables and locale keys.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Male => "male",
            Self::Female => "female",
        }
    }
}

/// An 18-character number whose date exists and whose check character is right.
///
/// It may be a resident identity card, a 港澳台居民居住证 (81, 82, 83) or a permanent resident card of the 2023 form
/// (first digit 9): the pattern and the check are the same. It does not say that such a card was ever issued.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CitizenId {
    // INVARIANT: 17 ASCII digits, then a digit or `X`.
    characters: String,
    born_on: Date,
    sex: Sex,
}

impl CitizenId {
    /// Parses what a person typed. Spaces, hyphens, full width and a small `x` are forgiven; a 15-digit number is
    /// completed to 18. Nobody is born after `today`, which is a day in Asia/Shanghai.
    ///
    /// # Errors
    /// `text.*`, or `citizen-id.` followed by `empty`, `length`, `characters`, `birth-date`, `birth-future`,
    /// `birth-early`, `check-digit`, `place`, or `centenarian` (a 15-digit number whose order number 996–999 was kept
    /// for people born in the 1800s: it does not say which century, so the counter looks at the card).
    pub fn parse(typed: &str, today: Date) -> Result<Self, Problem> {
        let compact = text::compact_number(typed)?;
        let number = match compact.chars().count() {
            0 => return Err(Problem::new("citizen-id.empty")),
            15 => upgraded(&compact)?,
            18 => compact,
            length => return Err(Problem::new("citizen-id.length").with("length", length.to_string())),
        };
        let digits = leading_digits(&number)?;
        let born_on = birth_date(&number, today)?;
        if number.chars().last() != check_character(&digits) {
            return Err(Problem::new("citizen-id.check-digit"));
        }
        // The permanent resident card of 2023 begins with 9 and a place code of its own.
        if !number.starts_with('9') && !is_known_province(&number) {
            return Err(Problem::new("citizen-id.place"));
        }
        let sex = if digits.last().is_some_and(|order| order % 2 == 1) { Sex::Male } else { Sex::Female };
        Ok(Self { characters: number, born_on, sex })
    }

    /// The 18 characters. Personal data: for encryption, the blind index and the person's own pages only.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.characters
    }

    /// The day of birth the number states.
    #[must_use]
    pub const fn birth_date(&self) -> Date {
        self.born_on
    }

    /// The sex the number states.
    #[must_use]
    pub const fn sex(&self) -> Sex {
        self.sex
    }

    /// First and last four characters, as lists show it: `5301********2247`.
    #[must_use]
    pub fn masked(&self) -> String {
        let head = self.characters.get(..4).unwrap_or_default();
        let tail = self.characters.get(14..).unwrap_or_default();
        format!("{head}********{tail}")
    }
}

impl fmt::Debug for CitizenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CitizenId({})", self.masked())
    }
}

/// The 18-character form of a 15-digit number: the century 19 goes in after the place, the check character at the end.
fn upgraded(fifteen: &str) -> Result<String, Problem> {
    let (Some(place), Some(rest), true) =
        (fifteen.get(..6), fifteen.get(6..), fifteen.bytes().all(|byte| byte.is_ascii_digit()))
    else {
        return Err(Problem::new("citizen-id.characters"));
    };
    if fifteen.get(12..).is_some_and(|order| ("996"..="999").contains(&order)) {
        return Err(Problem::new("citizen-id.centenarian"));
    }
    // Cards that begin with 8 or 9 are younger than the 18-digit number and never had 15 digits.
    if place.starts_with(['8', '9']) {
        return Err(Problem::new("citizen-id.place"));
    }
    let mut number = format!("{place}19{rest}");
    let digits: Vec<u32> = number.chars().filter_map(|character| character.to_digit(10)).collect();
    number.extend(check_character(&digits));
    Ok(number)
}

/// The first seventeen digits, with the last character proved to be a digit or `X`.
fn leading_digits(number: &str) -> Result<Vec<u32>, Problem> {
    let wrong = || Problem::new("citizen-id.characters");
    let last = number.chars().last().ok_or_else(wrong)?;
    if !last.is_ascii_digit() && last != 'X' {
        return Err(wrong());
    }
    number.chars().take(17).map(|character| character.to_digit(10).ok_or_else(wrong)).collect()
}

/// ISO 7064 MOD 11-2 over the seventeen digits.
fn check_character(digits: &[u32]) -> Option<char> {
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    CHECK_CHARACTERS.chars().nth((sum % 11) as usize)
}

fn birth_date(number: &str, today: Date) -> Result<Date, Problem> {
    let wrong = || Problem::new("citizen-id.birth-date");
    let year: i16 = part(number, 6, 10).ok_or_else(wrong)?;
    let month: i8 = part(number, 10, 12).ok_or_else(wrong)?;
    let day: i8 = part(number, 12, 14).ok_or_else(wrong)?;
    let born_on = Date::new(year, month, day).map_err(|_| wrong())?;
    if born_on > today {
        return Err(Problem::new("citizen-id.birth-future").with("date", born_on.to_string()));
    }
    if born_on.year() < FIRST_BIRTH_YEAR {
        return Err(Problem::new("citizen-id.birth-early").with("date", born_on.to_string()));
    }
    Ok(born_on)
}

fn part<T: std::str::FromStr>(number: &str, from: usize, to: usize) -> Option<T> {
    number.get(from..to)?.parse().ok()
}

fn is_known_province(number: &str) -> bool {
    number.get(..2).is_some_and(|province| PROVINCES.contains(&province))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const TODAY: Date = date(2026, 3, 11);
    const STANDARD_EXAMPLE: &str = "11010519491231002X";

    fn code(typed: &str) -> &'static str {
        CitizenId::parse(typed, TODAY).unwrap_err().code
    }

    fn with_check(seventeen: &str) -> String {
        let digits: Vec<u32> = seventeen.chars().map(|character| character.to_digit(10).unwrap()).collect();
        format!("{seventeen}{}", check_character(&digits).unwrap())
    }

    #[test]
    fn the_examples_of_the_standard_are_accepted() {
        let first = CitizenId::parse(STANDARD_EXAMPLE, TODAY).unwrap();
        assert_eq!((first.birth_date(), first.sex()), (date(1949, 12, 31), Sex::Female));
        let second = CitizenId::parse("440524188001010014", TODAY).unwrap();
        assert_eq!((second.birth_date(), second.sex()), (date(1880, 1, 1), Sex::Male));
    }

    #[test]
    fn all_eleven_check_characters_are_accepted() {
        let numbers = [
            "110101199003070011",
            "11010119900307002X",
            "110101199003070038",
            "110101199003070046",
            "110101199003070054",
            "110101199003070062",
            "110101199003070070",
            "110101199003070089",
            "110101199003070097",
            "110101199003070185",
            "110101199003070193",
        ];
        let mut seen: Vec<char> = Vec::new();
        for number in numbers {
            let id = CitizenId::parse(number, TODAY).unwrap();
            assert_eq!(id.as_str(), number);
            assert_eq!(id.birth_date(), date(1990, 3, 7));
            seen.extend(number.chars().last());
        }
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.iter().collect::<String>(), "0123456789X");
    }

    #[test]
    fn a_leap_day_exists_only_in_leap_years() {
        let leap = CitizenId::parse("110108200802290029", TODAY).unwrap();
        assert_eq!(leap.birth_date(), date(2008, 2, 29));
        assert_eq!(code(&with_check("11010820070229002")), "citizen-id.birth-date");
    }

    #[test]
    fn residence_permits_taiwan_and_permanent_resident_cards_are_accepted() {
        let numbers = [
            "810000199001010019",
            "820000198512310029",
            "931840198503120013",
            "911124198108030024",
            &with_check("83000019900101001"),
            &with_check("71000019900101001"),
        ];
        for number in numbers {
            assert_eq!(CitizenId::parse(number, TODAY).unwrap().as_str(), number);
        }
    }

    #[test]
    fn an_abolished_county_code_is_accepted() {
        // 110103 崇文区 and 110104 宣武区 were abolished in 2010.
        for seventeen in ["11010319600101001", "11010419600101001"] {
            assert!(CitizenId::parse(&with_check(seventeen), TODAY).is_ok());
        }
    }

    #[test]
    fn a_fifteen_digit_number_is_completed() {
        assert_eq!(CitizenId::parse("110105491231002", TODAY).unwrap().as_str(), STANDARD_EXAMPLE);
        assert_eq!(code("11010549123100A"), "citizen-id.characters");
        assert_eq!(code("110105491331002"), "citizen-id.birth-date");
        assert_eq!(code("810000900101001"), "citizen-id.place");
        assert_eq!(code("160105491231002"), "citizen-id.place");
    }

    #[test]
    fn a_centenarian_order_number_is_sent_to_the_counter() {
        for order in ["996", "997", "998", "999"] {
            assert_eq!(code(&format!("110105491231{order}")), "citizen-id.centenarian");
        }
        assert!(CitizenId::parse("110105491231995", TODAY).is_ok());
    }

    #[test]
    fn what_keyboards_produce_is_forgiven() {
        for typed in [
            "11010519491231002x",
            " 110105 19491231 002X ",
            "１１０１０５１９４９１２３１００２Ｘ",
            "110105-19491231-002ｘ",
        ] {
            assert_eq!(CitizenId::parse(typed, TODAY).unwrap().as_str(), STANDARD_EXAMPLE);
        }
    }

    #[test]
    fn each_mistake_has_its_own_problem() {
        let cases = [
            ("", "citizen-id.empty"),
            (" - ", "citizen-id.empty"),
            ("1101051949123100", "citizen-id.length"),
            ("11010519491231002X1", "citizen-id.length"),
            ("1101051949123100XX", "citizen-id.characters"),
            ("1101051949123100２Y", "citizen-id.characters"),
            ("11010519491231００٢X", "citizen-id.characters"),
            ("110105194912310021", "citizen-id.check-digit"),
            ("101105194912310020", "citizen-id.check-digit"),
            ("110101199002300011", "citizen-id.birth-date"),
            ("110101199013010011", "citizen-id.birth-date"),
            ("110101199000010011", "citizen-id.birth-date"),
            ("110105\u{200B}19491231002X", "text.zero-width"),
            ("\u{202D}11010519491231002X\u{202C}", "text.bidi"),
        ];
        for (typed, expected) in cases {
            assert_eq!(code(typed), expected, "{typed:?}");
        }
        assert_eq!(code(&with_check("11010118491231001")), "citizen-id.birth-early");
        assert_eq!(code(&with_check("10010119900307001")), "citizen-id.place");
    }

    #[test]
    fn a_date_that_does_not_exist_is_named_whatever_the_check_character() {
        for check in "0123456789X".chars() {
            assert_eq!(code(&format!("11010119900230001{check}")), "citizen-id.birth-date");
        }
    }

    #[test]
    fn a_child_may_be_registered_on_the_day_of_birth_and_not_before() {
        assert!(CitizenId::parse(&with_check("11010120260311001"), TODAY).is_ok());
        assert_eq!(code(&with_check("11010120260312001")), "citizen-id.birth-future");
    }

    #[test]
    fn every_wrong_digit_of_the_first_seventeen_is_caught() {
        let mut tried = 0;
        for place in 0..17 {
            for digit in '0'..='9' {
                let mut wrong: Vec<char> = STANDARD_EXAMPLE.chars().collect();
                if std::mem::replace(&mut wrong[place], digit) == digit {
                    continue;
                }
                let wrong: String = wrong.into_iter().collect();
                assert!(CitizenId::parse(&wrong, TODAY).is_err(), "{wrong}");
                tried += 1;
            }
        }
        assert_eq!(tried, 153);
    }

    #[test]
    fn every_swap_of_neighbours_is_caught() {
        let mut tried = 0;
        for place in 0..16 {
            let mut wrong: Vec<char> = STANDARD_EXAMPLE.chars().collect();
            wrong.swap(place, place + 1);
            let wrong: String = wrong.into_iter().collect();
            if wrong == STANDARD_EXAMPLE {
                continue;
            }
            assert!(CitizenId::parse(&wrong, TODAY).is_err(), "{wrong}");
            tried += 1;
        }
        assert_eq!(tried, 14);
    }

    #[test]
    fn nothing_prints_the_whole_number() {
        let id = CitizenId::parse(STANDARD_EXAMPLE, TODAY).unwrap();
        assert_eq!(id.masked(), "1101********002X");
        assert_eq!(format!("{id:?}"), "CitizenId(1101********002X)");
    }

    proptest! {
        #[test]
        fn a_number_made_by_the_rules_is_read_back(
            province in prop::sample::select(PROVINCES.to_vec()),
            county in 0_u32..10_000,
            year in 1850_i16..=2025,
            day_of_year in 1_i16..=365,
            order in 0_u32..1000,
        ) {
            let born = date(year, 1, 1).with().day_of_year(day_of_year).build().unwrap();
            let number = with_check(&format!("{province}{county:04}{}{order:03}", born.strftime("%Y%m%d")));
            let id = CitizenId::parse(&number, TODAY).unwrap();
            prop_assert_eq!(id.as_str(), &number);
            prop_assert_eq!(id.birth_date(), born);
            prop_assert_eq!(id.sex() == Sex::Male, order % 2 == 1);
        }

        #[test]
        fn no_text_makes_the_parser_fall_over(typed in ".{0,40}") {
            if let Ok(id) = CitizenId::parse(&typed, TODAY) {
                prop_assert_eq!(CitizenId::parse(id.as_str(), TODAY).unwrap(), id);
            }
        }
    }
}
