//! The lists of made-up names and of what must not become one: that they are what they say they are.
//!
//! `data/names.csv` and `data/hostile.csv` are sent through the whole service in `server/tests/http/names.rs`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};

use banjie_domain::identity::{PersonName, SoughtName};
use unicode_normalization::UnicodeNormalization as _;

const NAMES: &str = include_str!("../data/names.csv");
const HOSTILE: &str = include_str!("../data/hostile.csv");

/// The lines after the head, each in this many cells; escapes are read in the last.
fn rows(file: &'static str, cells: usize) -> Vec<(&'static str, String)> {
    let lines = file.lines().filter(|line| !line.starts_with('#')).skip(1);
    lines
        .map(|line| {
            let cells: Vec<_> = line.splitn(cells, ',').collect();
            (cells[0], unescaped(cells[cells.len() - 1]))
        })
        .collect()
}

fn unescaped(text: &str) -> String {
    let mut pieces = text.split("\\u{");
    let mut read = pieces.next().unwrap().to_owned();
    for piece in pieces {
        let (code, rest) = piece.split_once('}').unwrap();
        read.push(char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap());
        read.push_str(rest);
    }
    read
}

#[test]
fn every_name_on_the_list_is_accepted_as_it_is() {
    let names = rows(NAMES, 3);
    assert_eq!(names.len(), 300);
    assert_eq!(names.iter().map(|(_, name)| name).collect::<BTreeSet<_>>().len(), 300, "a name stands twice");
    for (kind, name) in &names {
        assert_eq!(PersonName::parse(name).map(|parsed| parsed.as_str().to_owned()).as_ref(), Ok(name), "{kind}");
        assert_eq!(SoughtName::parse(name).map(|sought| sought.index_form()), Ok(form(name)), "{kind} {name}");
    }
}

fn form(name: &str) -> String {
    PersonName::parse(name).unwrap().index_form()
}

#[test]
fn the_list_has_names_of_every_sort() {
    let blocks: [(&str, u32, u32, usize); 12] = [
        ("extension A", 0x3400, 0x4DBF, 10),
        ("extension B", 0x20000, 0x2A6DF, 15),
        ("extension C", 0x2A700, 0x2B73F, 8),
        ("extension D", 0x2B740, 0x2B81F, 8),
        ("extension E", 0x2B820, 0x2CEAF, 8),
        ("extension F", 0x2CEB0, 0x2EBEF, 7),
        ("extension G", 0x30000, 0x3134F, 8),
        ("extension H", 0x31350, 0x323AF, 8),
        ("compatibility", 0xF900, 0xFAFF, 14),
        ("compatibility supplement", 0x2F800, 0x2FA1F, 4),
        ("variation selectors", 0xE0100, 0xE01EF, 10),
        ("marks", 0x300, 0x36F, 2),
    ];
    let names = rows(NAMES, 3);
    let with = |found: &dyn Fn(char) -> bool| names.iter().filter(|(_, name)| name.contains(found)).count();
    for (block, first, last, least) in blocks {
        let count = with(&|one| (first..=last).contains(&u32::from(one)));
        assert!(count >= least, "{block}: {count}");
    }
    for sign in "·•‧∙⋅・･.．-‐'’".chars().chain(" \u{A0}\u{3000}".chars()) {
        assert!(with(&|one| one == sign) > 0, "no name with {sign:?}");
    }
    let lengths: BTreeSet<_> = names.iter().map(|(_, name)| name.chars().count()).collect();
    assert!([1, 2, 3, 50, 99, 100].iter().all(|length| lengths.contains(length)), "{lengths:?}");
    let changed = names.iter().filter(|(_, name)| name.nfc().ne(name.chars())).count();
    assert!(changed > 20, "NFC changes {changed} only, so it would not be noticed");
}

#[test]
fn no_editor_that_normalises_can_change_the_lists() {
    for file in [NAMES, HOSTILE] {
        assert!(file.nfc().eq(file.chars()));
        assert!(file.chars().all(|one| one == '\n' || !one.is_control()));
    }
}

#[test]
fn what_is_hostile_is_refused_for_its_reason() {
    let hostile = rows(HOSTILE, 2);
    let mut counts = BTreeMap::new();
    let mut wrong = Vec::new();
    for (code, typed) in &hostile {
        *counts.entry(*code).or_insert(0) += 1;
        let found = PersonName::parse(typed).map_err(|problem| problem.code);
        if found != Err(*code) {
            wrong.push(format!("{typed:?} should be {code}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(counts.len(), 11, "{counts:?}");
    assert!(hostile.len() > 150, "{}", hostile.len());
}
