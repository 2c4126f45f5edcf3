//! A person's name, kept as it was typed.
//!
//! No letter of any living script is refused, however rare, and no name is rewritten: the certificate must carry what
//! the person wrote. What must never get in is a character that cannot be seen, or a sign that only looks like a
//! letter. Finding a name again is the work of [`PersonName::index_form`].

use std::fmt;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::text;
use crate::problem::Problem;

/// Burmese puts six marks on one letter; a tower of more than this is no orthography.
const MOST_MARKS: usize = 8;

/// A name of 1–100 scalar values: letters of any script, Han with variation sequences, and space · - ' . between them.
///
/// Keyboards do not produce one interpunct but seven, and phones turn ' into ’. All of them are accepted and stored as
/// typed; they become one sign in the index form only, so nobody has to find `·` on a keyboard and no stored name
/// differs from the paper it came from.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonName(String);

impl PersonName {
    /// The longest name, in Unicode scalar values. 民委发〔2016〕33号 asks for room for 50 at least.
    pub const LONGEST: usize = 100;

    /// Parses what a person typed. Spaces at both ends are dropped; nothing else changes.
    ///
    /// # Errors
    /// `text.*` for a character that cannot be seen, or `person-name.` followed by `empty`, `too-long`, `interpunct`
    /// (not between two letters), `punctuation` (no letter beside it), `marks` (a mark without its letter, or too
    /// many), `private-use` (a character only one old system can show) or `character` (no letter of a name).
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        let name = typed.trim();
        check_places(&characters(name)?)?;
        Ok(Self(name.to_owned()))
    }

    /// The name as typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form under which a name is found: one sign for every interpunct, full stop, hyphen and apostrophe, half
    /// width, small letters, no spaces, no variation selectors, NFC.
    ///
    /// For the blind index and for search only. Two names with the same form are not proved to be the same name, and
    /// NFC replaces some Han compatibility characters, so this form is never shown, printed or stored as the name.
    #[must_use]
    pub fn index_form(&self) -> String {
        index_form(&self.0)
    }

    /// The first character, then one ＊ for each further letter, two at most: `张＊`, `买＊＊`. A name of a single letter
    /// shows nothing of it.
    #[must_use]
    pub fn masked(&self) -> String {
        let letters = self.0.chars().filter(|&character| is_letter(character) && !is_combining_mark(character)).count();
        let mut from_first = self.0.chars().skip_while(|&character| !is_letter(character));
        let mut shown = String::from_iter(from_first.next());
        shown.extend(from_first.take_while(|&character| is_selector(character) || is_combining_mark(character)));
        match letters {
            0 | 1 => "＊".to_owned(),
            2 => shown + "＊",
            _ => shown + "＊＊",
        }
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonName({})", self.masked())
    }
}

/// What somebody typed to find a name: the whole of it, or a piece between any two letters, such as `·吐尔逊`.
#[derive(Clone, PartialEq, Eq)]
pub struct SoughtName(String);

impl SoughtName {
    /// Parses what a person typed. Spaces at both ends are dropped.
    ///
    /// # Errors
    /// As [`PersonName::parse`] for characters no name has, so that nobody searches in vain for a name with an unseen
    /// character in it; `person-name.punctuation` when there is no letter.
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        let piece = typed.trim();
        let characters = characters(piece)?;
        match characters.first() {
            Some((first, _)) if !characters.iter().any(|(_, role)| *role == Role::Letter) => {
                Err(text::located("person-name.punctuation", *first, 1).with("character", *first))
            }
            _ => Ok(Self(piece.to_owned())),
        }
    }

    /// What was typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form a whole name is found under; that of [`PersonName::index_form`].
    #[must_use]
    pub fn index_form(&self) -> String {
        index_form(&self.0)
    }
}

impl fmt::Debug for SoughtName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SoughtName(..)")
    }
}

fn index_form(name: &str) -> String {
    name.chars()
        .filter(|&character| !character.is_whitespace() && !is_selector(character))
        .map(|character| match punctuation(character) {
            Some(Punctuation::Interpunct | Punctuation::Stop) => '·',
            Some(Punctuation::Hyphen) => '-',
            Some(Punctuation::Apostrophe) => '\'',
            None => text::half_width(character),
        })
        .flat_map(char::to_lowercase)
        .nfc()
        .collect()
}

/// What a character does in a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Letter,
    /// Belongs to the letter before it: a mark or a variation selector.
    Attached,
    Punctuation(Punctuation),
    Space,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Punctuation {
    Interpunct,
    Stop,
    Hyphen,
    Apostrophe,
}

/// The characters of a name that is neither empty nor too long, each with its role.
fn characters(name: &str) -> Result<Vec<(char, Role)>, Problem> {
    match name.chars().count() {
        0 => Err(Problem::new("person-name.empty")),
        length if length > PersonName::LONGEST => Err(Problem::new("person-name.too-long")
            .with("length", length.to_string())
            .with("most", PersonName::LONGEST.to_string())),
        _ => roles(name),
    }
}

/// The role of every character, or the problem of the first that has none.
fn roles(name: &str) -> Result<Vec<(char, Role)>, Problem> {
    let mut before: Option<char> = None;
    let mut marks = 0_usize;
    let mut roles = Vec::new();
    for (character, position) in name.chars().zip(1_usize..) {
        let selects = before.is_some_and(|base| may_select(base, character));
        let role = if selects { Role::Attached } else { role(character, position)? };
        marks = if role == Role::Attached { marks + 1 } else { 0 };
        let follows_letter = before.is_some_and(|base| is_letter(base) || is_selector(base));
        if role == Role::Attached && (!follows_letter || marks > MOST_MARKS) {
            return Err(text::located("person-name.marks", character, position));
        }
        roles.push((character, role));
        before = Some(character);
    }
    Ok(roles)
}

fn role(character: char, position: usize) -> Result<Role, Problem> {
    if let Some(kind) = punctuation(character) {
        return Ok(Role::Punctuation(kind));
    }
    if matches!(character, ' ' | '\u{A0}' | '\u{3000}') {
        return Ok(Role::Space);
    }
    if let Some(problem) = text::hidden_problem(character, position) {
        return Err(problem);
    }
    if is_private_use(character) {
        return Err(text::located("person-name.private-use", character, position));
    }
    if !is_letter(character) {
        return Err(text::located("person-name.character", character, position).with("character", character));
    }
    Ok(if is_combining_mark(character) { Role::Attached } else { Role::Letter })
}

/// An interpunct joins two letters; other punctuation touches at least one. Spaces do not count as neighbours.
fn check_places(characters: &[(char, Role)]) -> Result<(), Problem> {
    let places: Vec<(char, Role, usize)> = characters
        .iter()
        .zip(1_usize..)
        .map(|(&(character, role), position)| (character, role, position))
        .filter(|(_, role, _)| *role != Role::Space)
        .collect();
    let is_letter_at = |place: Option<usize>| {
        place
            .and_then(|place| places.get(place))
            .is_some_and(|(_, role, _)| matches!(role, Role::Letter | Role::Attached))
    };
    for (place, (character, role, position)) in places.iter().enumerate() {
        let Role::Punctuation(kind) = role else { continue };
        let (before, after) = (is_letter_at(place.checked_sub(1)), is_letter_at(place.checked_add(1)));
        if *kind == Punctuation::Interpunct && !(before && after) {
            return Err(text::located("person-name.interpunct", *character, *position));
        }
        if !before && !after {
            return Err(text::located("person-name.punctuation", *character, *position).with("character", *character));
        }
    }
    Ok(())
}

/// The signs allowed between letters, in every form that keyboards and phones give them.
const fn punctuation(character: char) -> Option<Punctuation> {
    match character {
        '·' | '\u{2022}' | '\u{2027}' | '\u{2219}' | '\u{22C5}' | '\u{30FB}' | '\u{FF65}' => {
            Some(Punctuation::Interpunct)
        }
        // The Tibetan tsheg parts syllables as the full stop parts initials: a name may end with it.
        '.' | '\u{FF0E}' | '\u{0F0B}' => Some(Punctuation::Stop),
        '\'' | '\u{2018}' | '\u{2019}' | '\u{FF07}' => Some(Punctuation::Apostrophe),
        _ if text::is_hyphen(character) => Some(Punctuation::Hyphen),
        _ => None,
    }
}

/// Letters and marks of any script. Han is named by range, so that a character added to Unicode next year, or one
/// newer than this compiler's tables, is accepted too (GB 18030-2022 reaches every plane).
fn is_letter(character: char) -> bool {
    is_han(character) || ((character.is_alphabetic() || is_combining_mark(character)) && !is_styled(character))
}

const fn is_han(character: char) -> bool {
    let is_noncharacter = character as u32 & 0xFFFE == 0xFFFE;
    matches!(character, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '〇')
        || (matches!(character, '\u{20000}'..='\u{3FFFF}') && !is_noncharacter)
}

/// Letters drawn as symbols: in circles, squares or mathematical type, and the marks that enclose. They carry the
/// property Alphabetic and are used to disguise a name, not to write one.
const fn is_styled(character: char) -> bool {
    matches!(
        character,
        '\u{20D0}'..='\u{20FF}' | '\u{24B6}'..='\u{24E9}' | '\u{1D400}'..='\u{1D7FF}' | '\u{1F130}'..='\u{1F189}'
    )
}

const fn is_private_use(character: char) -> bool {
    matches!(character, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}')
}

/// Variation selectors and the two Mongolian signs that choose a letter's shape.
const fn is_selector(character: char) -> bool {
    matches!(character, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' | '\u{180B}'..='\u{180F}')
}

/// A selector counts only directly after a character whose shape it can choose; elsewhere it is an unseen character.
const fn may_select(base: char, selector: char) -> bool {
    match selector {
        '\u{E0100}'..='\u{E01EF}' | '\u{FE00}'..='\u{FE02}' => is_han(base),
        '\u{180B}'..='\u{180F}' => matches!(base, '\u{1820}'..='\u{1878}'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(typed: &str) -> PersonName {
        PersonName::parse(typed).unwrap_or_else(|problem| panic!("{typed:?} was refused: {problem:?}"))
    }

    /// Names that must come in and come out as they are.
    const GOOD: [&str; 46] = [
        "张伟",
        "欧阳娜娜",
        "李",
        "司马相如",
        "㼆",
        "王㼆",
        "\u{20C43}",
        "陈\u{2A6D6}",
        "𡋾",
        "吴𬱖",
        "周\u{2B81D}",
        "刘\u{2CEA1}",
        "赵\u{2EBE0}",
        "钱\u{30000}",
        "孙\u{31350}",
        "郑\u{323B0}",
        "杨\u{2B739}",
        "马\u{9FEF}",
        "冯\u{9FFC}",
        "〇",
        "许〇一",
        "陶々",
        "朱\u{FA11}",
        "\u{F9F1}",
        "葛\u{E0100}洪",
        "邉\u{E0102}",
        "隣\u{FE00}",
        "阿卜杜拉·买买提",
        "买买提•吐尔逊",
        "迪丽热巴・迪力木拉提",
        "古丽‧阿依",
        "热依扎 · 阿里",
        "阿卜杜热合曼·阿卜杜热合曼江·阿卜杜热西提·买买提依明·吐尔逊尼亚孜·阿卜杜外力·艾合买提江·玉素甫江·阿不都克里木",
        "ئابدۇللا مۇھەممەت",
        "བཀྲ་ཤིས་",
        "ᠪᠠᠲᠤ",
        "ᠴᠢᠨ\u{180E}ᠠ",
        "ꆈꌠ",
        "Jean-Pierre O'Neil",
        "Mary-Ann St. John",
        "Nguyễn Thị Hạnh",
        "Nguye\u{302}\u{303}n",
        "'t Hooft",
        "Иван Петров",
        "สมชาย ใจดี",
        "김민수",
    ];

    #[test]
    fn names_of_every_kind_come_out_as_they_were_typed() {
        for typed in GOOD {
            assert_eq!(name(typed).as_str(), typed);
        }
        assert!(GOOD.iter().any(|typed| typed.chars().count() > 50));
        for typed in [
            "राम कुमार",
            "မြွှေ့",
            "山田　太郎",
            "ヤマダ・タロウ",
            "Ｌｉ　Ｎａ",
            "O’Brien",
            "J.-P. Martin",
            "李．约翰",
            "Kahanamokuʻ",
        ] {
            assert_eq!(name(typed).as_str(), typed);
        }
    }

    #[test]
    fn only_the_spaces_at_both_ends_are_dropped() {
        assert_eq!(name("\u{3000} 张 三\t\n").as_str(), "张 三");
    }

    #[test]
    fn a_name_has_one_to_a_hundred_characters() {
        assert_eq!(PersonName::parse(" \u{3000} ").unwrap_err().code, "person-name.empty");
        assert_eq!(name(&"好".repeat(100)).as_str().chars().count(), 100);
        let problem = PersonName::parse(&"\u{2A6D6}".repeat(101)).unwrap_err();
        assert_eq!(problem, Problem::new("person-name.too-long").with("length", "101").with("most", "100"));
    }

    #[test]
    fn hostile_names_are_refused_with_a_reason() {
        let too_many_marks = format!("e{}", "\u{301}".repeat(9));
        let cases = [
            ("张\u{202E}三", "text.bidi"),
            ("\u{202A}张三\u{202C}", "text.bidi"),
            ("Li\u{2067}Na", "text.bidi"),
            ("张\u{200F}三", "text.bidi"),
            ("张\u{200B}三", "text.zero-width"),
            ("张\u{200D}三", "text.zero-width"),
            ("张三\u{2060}", "text.zero-width"),
            ("\u{FEFF}张三", "text.zero-width"),
            ("Li\u{AD}Na", "text.zero-width"),
            ("Li\u{34F}Na", "text.zero-width"),
            ("\u{3164}", "text.zero-width"),
            ("\u{115F}", "text.zero-width"),
            ("\u{2800}", "text.zero-width"),
            ("Li\u{FE0F}", "text.zero-width"),
            ("张\u{E0100}\u{E0101}", "text.zero-width"),
            ("A\u{E0100}", "text.zero-width"),
            ("张\u{180B}", "text.zero-width"),
            ("张三\u{E0041}", "text.tag"),
            ("张\u{0}三", "text.control"),
            ("张\n三", "text.control"),
            ("张\t三", "text.control"),
            ("张\u{1B}[31m三", "text.control"),
            ("张\u{2028}三", "text.control"),
            ("张\u{FFFD}", "text.garbled"),
            ("张\u{E863}", "person-name.private-use"),
            ("张\u{F0000}", "person-name.private-use"),
            ("张3", "person-name.character"),
            ("张_三", "person-name.character"),
            ("<script>", "person-name.character"),
            ("Robert'); drop", "person-name.character"),
            ("=张三", "person-name.character"),
            ("张😀", "person-name.character"),
            ("⼈王", "person-name.character"),
            ("𝓛𝓲", "person-name.character"),
            ("Ⓛⓘ", "person-name.character"),
            ("张？", "person-name.character"),
            ("张\u{2FFFF}", "person-name.character"),
            ("a\u{20DD}", "person-name.character"),
            ("\u{301}a", "person-name.marks"),
            ("张 \u{301}", "person-name.marks"),
            (&too_many_marks, "person-name.marks"),
            ("·买买提", "person-name.interpunct"),
            ("买买提·", "person-name.interpunct"),
            ("买买提··吐尔逊", "person-name.interpunct"),
            ("买买提·.吐尔逊", "person-name.interpunct"),
            ("-", "person-name.punctuation"),
            ("张...", "person-name.punctuation"),
            ("' '", "person-name.punctuation"),
        ];
        for (typed, expected) in cases {
            assert_eq!(PersonName::parse(typed).map_err(|problem| problem.code), Err(expected), "{typed:?}");
        }
    }

    #[test]
    fn a_refused_character_is_named_by_place_and_code_point() {
        let expected =
            Problem::new("person-name.character").with("position", "2").with("code", "U+2F08").with("character", "⼈");
        assert_eq!(PersonName::parse("张⼈").unwrap_err(), expected);
    }

    #[test]
    fn however_a_name_is_typed_it_is_found_under_one_form() {
        let families: [&[&str]; 6] = [
            &[
                "买买提·吐尔逊",
                "买买提•吐尔逊",
                "买买提‧吐尔逊",
                "买买提・吐尔逊",
                "买买提･吐尔逊",
                "买买提∙吐尔逊",
                "买买提⋅吐尔逊",
                "买买提.吐尔逊",
                "买买提 · 吐尔逊",
                "买买提．吐尔逊",
            ],
            &["张三", "张 三", "张　三"],
            &["Jean-Pierre O'Neil", "JEAN-PIERRE O’NEIL", "Ｊｅａｎ－Ｐｉｅｒｒｅ Ｏ＇Ｎｅｉｌ", "jean‐pierre  o'neil"],
            &["Nguyễn", "Nguye\u{302}\u{303}n"],
            &["葛洪", "葛\u{E0100}洪"],
            &["隣", "\u{F9F1}"],
        ];
        for family in families {
            for typed in family {
                assert_eq!(name(typed).index_form(), name(family[0]).index_form(), "{typed}");
            }
        }
        assert_eq!(name("买买提•吐尔逊").index_form(), "买买提·吐尔逊");
        assert_ne!(name("张三").index_form(), name("张山").index_form());
    }

    #[test]
    fn a_list_shows_the_first_character_only() {
        let cases = [
            ("张三", "张＊"),
            ("张三丰", "张＊＊"),
            ("欧阳娜娜", "欧＊＊"),
            ("李", "＊"),
            ("买买提·吐尔逊", "买＊＊"),
            ("葛\u{E0100}洪", "葛\u{E0100}＊"),
            ("'t Hooft", "t＊＊"),
            ("e\u{301}a", "e\u{301}＊"),
            ("e\u{301}", "＊"),
        ];
        for (typed, masked) in cases {
            assert_eq!(name(typed).masked(), masked);
        }
        assert_eq!(format!("{:?}", name("张三")), "PersonName(张＊)");
    }

    #[test]
    fn a_piece_of_a_name_is_sought_as_it_is_found() {
        let sought = |typed: &str| SoughtName::parse(typed).map_err(|problem| problem.code);
        let whole = name("买买提·吐尔逊").index_form();
        for piece in ["吐尔逊", "·吐尔逊", " 买买提．", "提 · 吐", "买买提·吐尔逊"] {
            assert!(whole.contains(&sought(piece).unwrap().index_form()), "{piece}");
        }
        assert!(!whole.contains(&sought("买提提").unwrap().index_form()));
        for (typed, code) in [
            (" ", "person-name.empty"),
            ("·", "person-name.punctuation"),
            ("张\u{200B}", "text.zero-width"),
            ("张3", "person-name.character"),
            ("张%", "person-name.character"),
            ("\u{301}a", "person-name.marks"),
        ] {
            assert_eq!(sought(typed).unwrap_err(), code, "{typed:?}");
        }
        assert_eq!(sought(&"好".repeat(101)).unwrap_err(), "person-name.too-long");
        assert_eq!(format!("{:?}", sought("张").unwrap()), "SoughtName(..)");
    }

    proptest! {
        #[test]
        fn any_han_name_is_read_back(typed in "[\u{3400}-\u{4DBF}\u{4E00}-\u{9FFF}\u{20000}-\u{2FFFD}\u{30000}-\u{3FFFD}]{1,100}") {
            let parsed = name(&typed);
            prop_assert_eq!(parsed.as_str(), &typed);
        }

        #[test]
        fn what_was_accepted_once_is_accepted_again(typed in "\\PC{0,12}|[a-c ·.'\u{301}-]{0,8}") {
            if let Ok(parsed) = PersonName::parse(&typed) {
                prop_assert_eq!(parsed.as_str(), typed.trim());
                prop_assert!(parsed.masked().contains('＊'));
                prop_assert!(!parsed.index_form().is_empty());
                prop_assert_eq!(PersonName::parse(parsed.as_str()).unwrap(), parsed);
            }
        }
    }
}
