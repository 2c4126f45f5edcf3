//! What people type and paste, made ready for parsing.
//!
//! Width, spaces and hyphens are forgiven. Characters that nobody sees are never dropped silently: they are refused
//! with the code of what they are, because two names that look the same must be the same.

use crate::problem::Problem;

/// The half-width form of a full-width letter, digit, sign or space; any other character unchanged.
#[must_use]
pub fn half_width(character: char) -> char {
    match character {
        '\u{3000}' => ' ',
        '\u{FF01}'..='\u{FF5E}' => {
            u32::from(character).checked_sub(0xFEE0).and_then(char::from_u32).unwrap_or(character)
        }
        other => other,
    }
}

/// A number as it is compared and stored: half-width, upper case, without spaces and hyphens.
///
/// Nothing else is removed, so a stray letter is still there for the parser to name.
///
/// # Errors
/// `text.*` for a character that cannot be seen; see [`refuse_hidden`].
pub fn compact_number(typed: &str) -> Result<String, Problem> {
    let typed = typed.trim();
    refuse_hidden(typed)?;
    Ok(typed
        .chars()
        .map(half_width)
        .filter(|&character| !character.is_whitespace() && !is_hyphen(character))
        .map(|character| character.to_ascii_uppercase())
        .collect())
}

/// Refuses a text with characters that cannot be seen, and with the sign for broken encoding.
///
/// # Errors
/// `text.bidi`, `text.zero-width`, `text.tag`, `text.control` or `text.garbled`, with `position` (from 1) and `code`
/// (`U+202E`) of the first such character.
pub fn refuse_hidden(text: &str) -> Result<(), Problem> {
    let mut places = text.chars().zip(1_usize..);
    places.find_map(|(character, position)| hidden_problem(character, position)).map_or(Ok(()), Err)
}

/// The problem of one character that cannot be seen, if it is one.
pub(super) fn hidden_problem(character: char, position: usize) -> Option<Problem> {
    Some(located(hidden_code(character)?, character, position))
}

/// A problem that points at one character by its place and its code point.
pub(super) fn located(code: &'static str, character: char, position: usize) -> Problem {
    Problem::new(code).with("position", position.to_string()).with("code", format!("U+{:04X}", u32::from(character)))
}

/// Which kind of unseen character this is. The sets are Unicode's Bidi_Control, Default_Ignorable_Code_Point and the
/// controls, with the blanks that count as letters (Hangul fillers) or symbols (the empty Braille pattern).
const fn hidden_code(character: char) -> Option<&'static str> {
    match character {
        '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => Some("text.bidi"),
        '\u{00AD}'
        | '\u{034F}'
        | '\u{115F}'
        | '\u{1160}'
        | '\u{17B4}'
        | '\u{17B5}'
        | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200D}'
        | '\u{2060}'..='\u{2065}'
        | '\u{206A}'..='\u{206F}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}'
        | '\u{FFA0}'
        | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0100}'..='\u{E01EF}' => Some("text.zero-width"),
        '\u{E0000}'..='\u{E0FFF}' => Some("text.tag"),
        '\u{0000}'..='\u{001F}' | '\u{007F}'..='\u{009F}' | '\u{2028}' | '\u{2029}' | '\u{FFF0}'..='\u{FFFB}' => {
            Some("text.control")
        }
        '\u{FFFC}' | '\u{FFFD}' => Some("text.garbled"),
        _ => None,
    }
}

/// What keyboards and word processors put where a person means a hyphen.
pub(super) const fn is_hyphen(character: char) -> bool {
    matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE63}' | '\u{FF0D}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_spaces_hyphens_and_case_are_forgiven_in_numbers() {
        assert_eq!(compact_number("  １１０１０５-1949 1231\u{3000}00－2ｘ\t\n").unwrap(), "11010519491231002X");
        assert_eq!(compact_number("a–b—c\u{A0}d").unwrap(), "ABCD");
        assert_eq!(compact_number("").unwrap(), "");
    }

    #[test]
    fn other_signs_stay_for_the_parser_to_name() {
        assert_eq!(compact_number("12/3é").unwrap(), "12/3é");
    }

    #[test]
    fn characters_nobody_sees_are_refused_by_kind_and_place() {
        let cases = [
            ("1\u{202E}2", "text.bidi", "2", "U+202E"),
            ("\u{2066}1", "text.bidi", "1", "U+2066"),
            ("12\u{200B}", "text.zero-width", "3", "U+200B"),
            ("\u{FEFF}1", "text.zero-width", "1", "U+FEFF"),
            ("1\u{3164}", "text.zero-width", "2", "U+3164"),
            ("1\u{E0041}", "text.tag", "2", "U+E0041"),
            ("1\u{0}2", "text.control", "2", "U+0000"),
            ("1\u{85}2", "text.control", "2", "U+0085"),
            ("1\u{2028}2", "text.control", "2", "U+2028"),
            ("1\u{FFFD}", "text.garbled", "2", "U+FFFD"),
        ];
        for (typed, code, position, code_point) in cases {
            let problem = compact_number(typed).unwrap_err();
            assert_eq!(problem, Problem::new(code).with("position", position).with("code", code_point), "{typed:?}");
        }
    }

    #[test]
    fn every_full_width_sign_has_its_half_width_form() {
        for (full, half) in ('\u{FF01}'..='\u{FF5E}').zip('!'..='~') {
            assert_eq!(half_width(full), half);
        }
        assert_eq!(half_width('中'), '中');
    }
}
