//! The paper a person identifies with; not everybody has an 18-digit number.
//!
//! Formats only: no document here is proved to exist. Numbers never print in full through `Debug`.

use std::fmt;

use jiff::civil::Date;

use super::{CitizenId, text};
use crate::problem::Problem;

/// One identity document, with the number in its stored form.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentityDocument {
    /// 居民身份证, 港澳台居民居住证 and the permanent resident card of 2023: 18 characters, one check.
    CitizenId(CitizenId),
    /// 护照.
    Passport {
        /// Issuing country, three letters as in the passport's machine-readable lines (GB/T 2659.1).
        country: String,
        /// 5–17 letters and digits.
        number: String,
    },
    /// 港澳居民来往内地通行证: H or M and 8 digits, 10 on older cards.
    HkMacaoPermit(String),
    /// 台湾居民来往大陆通行证: 8 digits; older ones 10 digits, with or without a letter.
    TaiwanPermit(String),
    /// 外国人永久居留身份证 of 2017: 3 letters and 12 digits.
    PermanentResident2017(String),
}

impl IdentityDocument {
    /// The keys of all kinds, in the order a form offers them.
    pub const KIND_KEYS: [&str; 5] =
        ["citizen-id", "hk-macao-permit", "taiwan-permit", "passport", "permanent-resident-2017"];

    /// Parses the number a person typed for the kind of document they chose. `country` counts for a passport only;
    /// `today` is a day in Asia/Shanghai.
    ///
    /// # Errors
    /// `text.*`, `document.kind` for a kind that only the counter can check, `document.empty`, a `citizen-id.*`
    /// problem, `passport.country`, `passport.number`, `hk-macao-permit.number`, `taiwan-permit.number` or
    /// `permanent-resident-2017.number`.
    pub fn parse(kind_key: &str, number: &str, country: Option<&str>, today: Date) -> Result<Self, Problem> {
        if kind_key == "citizen-id" {
            return CitizenId::parse(number, today).map(Self::CitizenId);
        }
        if !Self::KIND_KEYS.contains(&kind_key) {
            return Err(Problem::new("document.kind"));
        }
        let number = text::compact_number(number)?;
        if number.is_empty() {
            return Err(Problem::new("document.empty"));
        }
        match kind_key {
            "passport" => passport(number, country),
            "hk-macao-permit" => hk_macao_permit(number),
            "taiwan-permit" => taiwan_permit(&number),
            _ => permanent_resident_2017(number),
        }
    }

    /// The word for the kind, as in type files, tables and locale keys.
    #[must_use]
    pub const fn kind_key(&self) -> &'static str {
        match self {
            Self::CitizenId(_) => "citizen-id",
            Self::Passport { .. } => "passport",
            Self::HkMacaoPermit(_) => "hk-macao-permit",
            Self::TaiwanPermit(_) => "taiwan-permit",
            Self::PermanentResident2017(_) => "permanent-resident-2017",
        }
    }

    /// The number in full. Personal data: for encryption, the blind index and the person's own pages only.
    #[must_use]
    pub fn number(&self) -> &str {
        match self {
            Self::CitizenId(id) => id.as_str(),
            Self::Passport { number, .. }
            | Self::HkMacaoPermit(number)
            | Self::TaiwanPermit(number)
            | Self::PermanentResident2017(number) => number,
        }
    }

    /// The country that issued a passport.
    #[must_use]
    pub fn country(&self) -> Option<&str> {
        match self {
            Self::Passport { country, .. } => Some(country),
            _ => None,
        }
    }

    /// As lists show it: `5301********2247` for a citizen number, two characters at either end for the others, one
    /// for the shortest passports.
    #[must_use]
    pub fn masked(&self) -> String {
        if let Self::CitizenId(id) = self {
            return id.masked();
        }
        let number = self.number();
        let shown = if number.len() < 8 { 1 } else { 2 };
        let head = number.get(..shown).unwrap_or_default();
        let tail = number.get(number.len().saturating_sub(shown)..).unwrap_or_default();
        format!("{head}****{tail}")
    }

    /// Something a reviewer should look at although the document is accepted: the last digit of a 2017 permanent
    /// resident number does not fit. The rule for it is not published, so it warns and never refuses.
    #[must_use]
    pub fn warning(&self) -> Option<Problem> {
        match self {
            Self::PermanentResident2017(number) if number.chars().last() != travel_document_check_digit(number) => {
                Some(Problem::new("permanent-resident-2017.check-digit"))
            }
            _ => None,
        }
    }
}

impl fmt::Debug for IdentityDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdentityDocument({} {})", self.kind_key(), self.masked())
    }
}

fn passport(number: String, country: Option<&str>) -> Result<IdentityDocument, Problem> {
    let country = text::compact_number(country.unwrap_or_default())?;
    if country.len() != 3 || !is_letters(&country) {
        return Err(Problem::new("passport.country"));
    }
    if !(5..=17).contains(&number.len()) || !number.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Problem::new("passport.number"));
    }
    Ok(IdentityDocument::Passport { country, number })
}

fn hk_macao_permit(number: String) -> Result<IdentityDocument, Problem> {
    let digits = number.strip_prefix(['H', 'M']).filter(|digits| is_digits(digits) && [8, 10].contains(&digits.len()));
    match digits {
        Some(_) => Ok(IdentityDocument::HkMacaoPermit(number)),
        None => Err(Problem::new("hk-macao-permit.number")),
    }
}

fn taiwan_permit(number: &str) -> Result<IdentityDocument, Problem> {
    // Older permits print the letter in brackets.
    let number: String = number.chars().filter(|sign| !"()".contains(*sign)).collect();
    let digits = number.strip_suffix(|last: char| last.is_ascii_uppercase());
    let is_old = is_digits(digits.unwrap_or(&number)) && digits.unwrap_or(&number).len() == 10;
    if is_old || (is_digits(&number) && number.len() == 8) {
        return Ok(IdentityDocument::TaiwanPermit(number));
    }
    Err(Problem::new("taiwan-permit.number"))
}

fn permanent_resident_2017(number: String) -> Result<IdentityDocument, Problem> {
    match number.split_at_checked(3) {
        Some((letters, digits)) if is_letters(letters) && is_digits(digits) && digits.len() == 12 => {
            Ok(IdentityDocument::PermanentResident2017(number))
        }
        _ => Err(Problem::new("permanent-resident-2017.number")),
    }
}

/// The 7-3-1 check digit of ICAO Doc 9303 over the first fourteen characters; a letter counts A = 10 … Z = 35.
fn travel_document_check_digit(number: &str) -> Option<char> {
    let values = number.chars().take(14).filter_map(|character| character.to_digit(36));
    let sum: u32 = values.zip([7, 3, 1].into_iter().cycle()).map(|(value, weight)| value * weight).sum();
    char::from_digit(sum % 10, 10)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_letters(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const TODAY: Date = date(2026, 3, 11);

    fn parse(kind_key: &str, number: &str, country: Option<&str>) -> Result<IdentityDocument, &'static str> {
        IdentityDocument::parse(kind_key, number, country, TODAY).map_err(|problem| problem.code)
    }

    #[test]
    fn documents_of_every_kind_are_accepted_and_masked() {
        let cases = [
            ("citizen-id", "11010519491231002x", None, "11010519491231002X", "1101********002X"),
            ("citizen-id", "810000199001010019", None, "810000199001010019", "8100********0019"),
            ("citizen-id", "931840198503120013", None, "931840198503120013", "9318********0013"),
            ("passport", "e1234 5678", Some("usa"), "E12345678", "E1****78"),
            ("passport", "AB123", Some("DEU"), "AB123", "A****3"),
            ("hk-macao-permit", "h12345678", None, "H12345678", "H1****78"),
            ("hk-macao-permit", "M1234567801", None, "M1234567801", "M1****01"),
            ("taiwan-permit", "01234567", None, "01234567", "01****67"),
            ("taiwan-permit", "0012345678", None, "0012345678", "00****78"),
            ("taiwan-permit", "0012345601（b）", None, "0012345601B", "00****1B"),
            ("permanent-resident-2017", "usa110078010101", None, "USA110078010101", "US****01"),
        ];
        for (kind_key, typed, country, number, masked) in cases {
            let document = parse(kind_key, typed, country).unwrap();
            assert_eq!(
                (document.kind_key(), document.number(), document.masked().as_str()),
                (kind_key, number, masked)
            );
            assert_eq!(format!("{document:?}"), format!("IdentityDocument({kind_key} {masked})"));
        }
        assert_eq!(parse("passport", "E1234567", Some("usa")).unwrap().country(), Some("USA"));
        assert_eq!(parse("taiwan-permit", "01234567", Some("usa")).unwrap().country(), None);
    }

    #[test]
    fn each_mistake_has_its_own_problem() {
        let cases = [
            ("citizen-id", "123", None, "citizen-id.length"),
            ("passport", "", Some("USA"), "document.empty"),
            ("passport", "E123", Some("USA"), "passport.number"),
            ("passport", "E12345678901234567", Some("USA"), "passport.number"),
            ("passport", "E1234/678", Some("USA"), "passport.number"),
            ("passport", "E1234567", None, "passport.country"),
            ("passport", "E1234567", Some("US"), "passport.country"),
            ("passport", "E1234567", Some("美国人"), "passport.country"),
            ("passport", "E12\u{202E}34567", Some("USA"), "text.bidi"),
            ("hk-macao-permit", "H1234567", None, "hk-macao-permit.number"),
            ("hk-macao-permit", "A12345678", None, "hk-macao-permit.number"),
            ("hk-macao-permit", "H123456789", None, "hk-macao-permit.number"),
            ("taiwan-permit", "1234567", None, "taiwan-permit.number"),
            ("taiwan-permit", "1234567A", None, "taiwan-permit.number"),
            ("taiwan-permit", "A", None, "taiwan-permit.number"),
            ("permanent-resident-2017", "US1110078010101", None, "permanent-resident-2017.number"),
            ("permanent-resident-2017", "USA11007801010", None, "permanent-resident-2017.number"),
            ("permanent-resident-2017", "永久居留", None, "permanent-resident-2017.number"),
            ("military", "123", None, "document.kind"),
        ];
        for (kind_key, number, country, expected) in cases {
            assert_eq!(parse(kind_key, number, country), Err(expected), "{kind_key} {number:?}");
        }
    }

    #[test]
    fn an_odd_last_digit_of_a_2017_card_is_a_warning_only() {
        let warnings = (0..10).filter(|digit| {
            let document = parse("permanent-resident-2017", &format!("USA11007801010{digit}"), None).unwrap();
            document.warning().is_some()
        });
        assert_eq!(warnings.count(), 9);
        assert_eq!(parse("taiwan-permit", "01234567", None).unwrap().warning(), None);
        // The specimen of ICAO Doc 9303, part 3: document number L898902C3 has the check digit 6.
        assert_eq!(travel_document_check_digit("L898902C3"), Some('6'));
    }

    proptest! {
        #[test]
        fn what_was_accepted_once_is_accepted_again(
            kind_key in prop::sample::select(IdentityDocument::KIND_KEYS.to_vec()),
            number in ".{0,20}|[A-Z]{0,3}[0-9]{5,12}[A-Z]?",
        ) {
            if let Ok(document) = parse(kind_key, &number, Some("CHN")) {
                prop_assert_eq!(parse(document.kind_key(), document.number(), document.country()), Ok(document));
            }
        }
    }
}
