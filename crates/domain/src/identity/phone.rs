//! A telephone number in mainland China, mobile or landline.
//!
//! Landlines stay welcome: many older people have nothing else. Text messages go to mobiles only.

use std::fmt;

use super::text;
use crate::problem::Problem;

/// A number that has the form of a mobile (`^1[3-9]\d{9}$`) or of a landline with its area code.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone {
    // INVARIANT: `138…` with 11 digits, or `0571-88888888`.
    number: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kind {
    Mobile,
    Landline,
}

impl Phone {
    /// Parses what a person typed; spaces, hyphens, brackets, full width and a leading +86 are forgiven.
    ///
    /// # Errors
    /// `text.*`, or `phone.` followed by `empty`, `characters`, `mobile` (begins with 1, is none), `area-code` (a
    /// landline without one) or `landline`.
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        let compact: String = text::compact_number(typed)?.chars().filter(|sign| !"()".contains(*sign)).collect();
        let digits = domestic(&compact);
        if digits.is_empty() {
            return Err(Problem::new("phone.empty"));
        }
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Problem::new("phone.characters"));
        }
        if digits.starts_with('1') {
            return mobile(digits);
        }
        landline(&digits)
    }

    /// The stored form: `13800000000`, or `0571-88888888` for a landline.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.number
    }

    /// Whether a text message can be sent to it.
    #[must_use]
    pub fn is_mobile(&self) -> bool {
        self.kind == Kind::Mobile
    }

    /// As lists show it: `138****0000`, `0571-****8888`.
    #[must_use]
    pub fn masked(&self) -> String {
        let head = match self.kind {
            Kind::Mobile => self.number.get(..3),
            Kind::Landline => self.number.split_inclusive('-').next(),
        };
        let tail = self.number.get(self.number.len().saturating_sub(4)..);
        format!("{}****{}", head.unwrap_or_default(), tail.unwrap_or_default())
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({})", self.masked())
    }
}

/// The number as dialled inside the country: without +86, with the 0 that the country code replaced.
fn domestic(compact: &str) -> String {
    let Some(rest) = ["+86", "0086"].iter().find_map(|prefix| compact.strip_prefix(prefix)) else {
        return match compact.strip_prefix("86") {
            Some(rest) if rest.len() == 11 && rest.starts_with('1') => rest.to_owned(),
            _ => compact.to_owned(),
        };
    };
    if rest.is_empty() || rest.starts_with('0') || is_mobile_number(rest) {
        rest.to_owned()
    } else {
        format!("0{rest}")
    }
}

fn is_mobile_number(digits: &str) -> bool {
    digits.len() == 11
        && digits.starts_with('1')
        && digits.get(1..2).is_some_and(|second| ("3"..="9").contains(&second))
}

fn mobile(digits: String) -> Result<Phone, Problem> {
    if !is_mobile_number(&digits) {
        return Err(Problem::new("phone.mobile").with("length", digits.len().to_string()));
    }
    Ok(Phone { number: digits, kind: Kind::Mobile })
}

fn landline(digits: &str) -> Result<Phone, Problem> {
    if !digits.starts_with('0') {
        return Err(Problem::new("phone.area-code"));
    }
    // 010 and 02x have three digits and eight-digit subscribers; all other areas have four.
    let three = digits.starts_with("010") || digits.starts_with("02");
    let wrong = || Problem::new("phone.landline");
    let (area, subscriber) = digits.split_at_checked(if three { 3 } else { 4 }).ok_or_else(wrong)?;
    let has_right_length = subscriber.len() == 8 || (!three && subscriber.len() == 7);
    let is_area = three || area.get(1..2).is_some_and(|second| ("3"..="9").contains(&second));
    if !is_area || !has_right_length || subscriber.starts_with(['0', '1']) {
        return Err(wrong());
    }
    Ok(Phone { number: format!("{area}-{subscriber}"), kind: Kind::Landline })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn mobiles_and_landlines_are_stored_in_one_form() {
        let cases = [
            ("13800000000", "13800000000"),
            ("138 0000 0000", "13800000000"),
            ("１９９-0000-0000", "19900000000"),
            ("+86 138 0000 0000", "13800000000"),
            ("008613800000000", "13800000000"),
            ("8613800000000", "13800000000"),
            ("0571-88888888", "0571-88888888"),
            ("(0571) 8888 8888", "0571-88888888"),
            ("（010）88888888", "010-88888888"),
            ("02188888888", "021-88888888"),
            ("0578 2222222", "0578-2222222"),
            ("+86 571 8888 8888", "0571-88888888"),
            ("+86 10 8888 8888", "010-88888888"),
        ];
        for (typed, stored) in cases {
            let phone = Phone::parse(typed).unwrap();
            assert_eq!(phone.as_str(), stored, "{typed}");
            assert_eq!(Phone::parse(phone.as_str()).unwrap(), phone);
            assert_eq!(phone.is_mobile(), stored.starts_with('1'));
        }
    }

    #[test]
    fn each_mistake_has_its_own_problem() {
        let cases = [
            ("", "phone.empty"),
            ("+86", "phone.empty"),
            ("1380000000", "phone.mobile"),
            ("138000000001", "phone.mobile"),
            ("12800000000", "phone.mobile"),
            ("88888888", "phone.area-code"),
            ("010-8888888", "phone.landline"),
            ("0571-888888888", "phone.landline"),
            ("0571", "phone.landline"),
            ("05", "phone.landline"),
            ("0171-8888888", "phone.landline"),
            ("0571-18888888", "phone.landline"),
            ("1380000000a", "phone.characters"),
            ("0571-88888888转12", "phone.characters"),
            ("\u{202D}13800000000\u{202C}", "text.bidi"),
        ];
        for (typed, expected) in cases {
            assert_eq!(Phone::parse(typed).unwrap_err().code, expected, "{typed:?}");
        }
    }

    #[test]
    fn nothing_prints_the_whole_number() {
        assert_eq!(Phone::parse("13812345678").unwrap().masked(), "138****5678");
        assert_eq!(Phone::parse("0571-88881234").unwrap().masked(), "0571-****1234");
        assert_eq!(format!("{:?}", Phone::parse("13812345678").unwrap()), "Phone(138****5678)");
    }

    proptest! {
        #[test]
        fn any_mobile_is_read_back_from_its_groups(number in "1[3-9][0-9]{9}") {
            let typed = format!("{} {}-{}", &number[..3], &number[3..7], &number[7..]);
            let phone = Phone::parse(&typed).unwrap();
            prop_assert_eq!(phone.as_str(), &number);
        }

        #[test]
        fn no_text_makes_the_parser_fall_over(typed in ".{0,40}|[+0-9() -]{0,20}") {
            if let Ok(phone) = Phone::parse(&typed) {
                prop_assert_eq!(Phone::parse(phone.as_str()).unwrap(), phone);
            }
        }
    }
}
