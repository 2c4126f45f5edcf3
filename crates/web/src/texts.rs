//! What the product says to people, by language and key.
//!
//! Texts are files under `locales/<tag>/`, built into the program. A page names a key and never holds prose.
//! zh-CN is the base: it has every key; another language may lack some and then speaks zh-CN.
//! A missing key never breaks a page: it shows the key in brackets and is logged once.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use banjie_domain::problem::Problem;
use toml_span::value::{Table, ValueInner};

include!(concat!(env!("OUT_DIR"), "/locales.rs"));

/// The language that has every key.
pub const BASE: &str = "zh-CN";

/// All languages the program speaks.
#[derive(Debug, Clone)]
pub struct Texts {
    books: BTreeMap<&'static str, Arc<Book>>,
    base: Arc<Book>,
}

/// One language, ready to speak; cheap to clone.
#[derive(Debug, Clone)]
pub struct Tongue {
    own: Arc<Book>,
    base: Arc<Book>,
}

#[derive(Debug, Default)]
struct Book {
    tag: &'static str,
    words: BTreeMap<String, String>,
}

impl Texts {
    /// Reads all built-in files.
    ///
    /// # Errors
    /// Every flaw at once: a file that is not TOML, a value that is not a string, a key that stands twice, a key that
    /// only a translation has, a translation whose `{placeholders}` differ from the base.
    pub fn load() -> Result<Self, Vec<String>> {
        Self::from_files(FILES)
    }

    fn from_files(files: &[(&'static str, &'static str, &'static str)]) -> Result<Self, Vec<String>> {
        let mut books: BTreeMap<&'static str, Book> = BTreeMap::new();
        let mut flaws = Vec::new();
        for (tag, name, source) in files {
            let book = books.entry(tag).or_default();
            book.tag = tag;
            read_file(book, &format!("{tag}/{name}"), source, &mut flaws);
        }
        let base = Arc::new(books.remove(BASE).unwrap_or_default());
        for book in books.values() {
            compare(&base, book, &mut flaws);
        }
        if base.words.is_empty() {
            flaws.push(format!("there are no texts in `{BASE}`"));
        }
        if !flaws.is_empty() {
            return Err(flaws);
        }
        let mut books: BTreeMap<_, _> = books.into_iter().map(|(tag, book)| (tag, Arc::new(book))).collect();
        books.insert(BASE, Arc::clone(&base));
        Ok(Self { books, base })
    }

    /// The tags of all languages.
    pub fn tags(&self) -> impl Iterator<Item = &'static str> {
        self.books.keys().copied()
    }

    /// The language with this tag, else the base.
    #[must_use]
    pub fn lang(&self, tag: &str) -> Tongue {
        let own = self.books.get(tag).unwrap_or(&self.base);
        Tongue { own: Arc::clone(own), base: Arc::clone(&self.base) }
    }

    /// Whether there is a language with this tag.
    #[must_use]
    pub fn speaks(&self, tag: &str) -> bool {
        self.books.contains_key(tag)
    }
}

impl Tongue {
    /// The tag of this language, as `lang` on the page.
    #[must_use]
    pub fn tag(&self) -> &'static str {
        if self.own.tag.is_empty() { BASE } else { self.own.tag }
    }

    /// The text of a key.
    #[must_use]
    pub fn t(&self, key: &str) -> &str {
        self.find(key).unwrap_or_else(|| missing(key))
    }

    /// The text of a key, or nothing when no language has it; for keys made from data.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<&str> {
        self.own.words.get(key).or_else(|| self.base.words.get(key)).map(String::as_str)
    }

    /// The text of a key with its `{placeholders}` filled. Values are put in as they are and never filled again.
    #[must_use]
    pub fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        fill(self.t(key), values)
    }

    /// What a person reads about a problem.
    #[must_use]
    pub fn problem(&self, problem: &Problem) -> String {
        let values: Vec<(&str, &str)> =
            problem.args.iter().map(|(name, value)| (*name, value.get(self.tag()))).collect();
        self.fill(&format!("problem.{}", problem.code), &values)
    }
}

fn read_file(book: &mut Book, name: &str, source: &'static str, flaws: &mut Vec<String>) {
    match toml_span::parse(source) {
        Ok(mut value) => match value.take() {
            ValueInner::Table(table) => flatten(book, name, "", table, flaws),
            _ => flaws.push(format!("{name}: not a table")),
        },
        Err(error) => flaws.push(format!("{name}: {error}")),
    }
}

fn flatten(book: &mut Book, file: &str, prefix: &str, table: Table<'_>, flaws: &mut Vec<String>) {
    for (key, mut value) in table {
        let key = if prefix.is_empty() { key.name.to_string() } else { format!("{prefix}.{}", key.name) };
        match value.take() {
            ValueInner::Table(inner) => flatten(book, file, &key, inner, flaws),
            ValueInner::String(text) => {
                if book.words.insert(key.clone(), text.into_owned()).is_some() {
                    flaws.push(format!("{file}: `{key}` stands twice in this language"));
                }
            }
            _ => flaws.push(format!("{file}: `{key}` is not a string")),
        }
    }
}

fn compare(base: &Book, other: &Book, flaws: &mut Vec<String>) {
    for (key, text) in &other.words {
        match base.words.get(key) {
            None => flaws.push(format!("{}: `{key}` is not in {BASE}", other.tag)),
            Some(original) if placeholders(original) != placeholders(text) => {
                flaws.push(format!("{}: `{key}` has other {{placeholders}} than {BASE}", other.tag));
            }
            Some(_) => {}
        }
    }
}

/// Splits a text at its `{placeholders}`: pairs of the words before one and its name; the last has no name.
fn pieces(text: &str) -> Vec<(&str, Option<&str>)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, tail)) = after.split_once('}') else { break };
        found.push((before, Some(name)));
        rest = tail;
    }
    found.push((rest, None));
    found
}

fn placeholders(text: &str) -> Vec<&str> {
    let mut names: Vec<&str> = pieces(text).into_iter().filter_map(|(_, name)| name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    for (before, name) in pieces(text) {
        filled.push_str(before);
        let Some(name) = name else { continue };
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => filled.push_str(value),
            None => {
                filled.push('{');
                filled.push_str(name);
                filled.push('}');
            }
        }
    }
    filled
}

/// Remembers each missing key once: the first time it is logged, later it is only shown.
fn missing(key: &str) -> &'static str {
    // Keys come from our own code and data; the bound keeps a mistake there from growing without end.
    const MOST: usize = 1000;
    static SEEN: Mutex<BTreeMap<String, &'static str>> = Mutex::new(BTreeMap::new());
    let mut seen = SEEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(shown) = seen.get(key) {
        return shown;
    }
    if seen.len() >= MOST {
        return "[?]";
    }
    tracing::error!(key, "text `{key}` is missing in every language");
    let shown: &'static str = Box::leak(format!("[{key}]").into_boxed_str());
    seen.insert(key.to_owned(), shown);
    shown
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use banjie_app::messages::KINDS;

    use super::*;

    #[test]
    fn the_built_in_texts_have_no_flaw() {
        assert_eq!(Texts::load().map(|_| ()), Ok(()));
    }

    #[test]
    fn nested_tables_become_dotted_keys() {
        let texts = Texts::from_files(&[("zh-CN", "a.toml", "[a.b]\nc = \"丙\"\n\"d.e\" = \"丁\"")]).unwrap();
        assert_eq!(texts.lang("zh-CN").t("a.b.c"), "丙");
        assert_eq!(texts.lang("zh-CN").t("a.b.d.e"), "丁");
    }

    #[test]
    fn a_translation_falls_back_to_the_base_and_an_unknown_tag_is_the_base() {
        let texts =
            Texts::from_files(&[("zh-CN", "a.toml", "a = \"甲\"\nb = \"乙\""), ("en", "a.toml", "a = \"A\"")]).unwrap();
        assert_eq!(texts.lang("en").t("a"), "A");
        assert_eq!(texts.lang("en").t("b"), "乙");
        assert_eq!(texts.lang("xx").tag(), "zh-CN");
    }

    #[test]
    fn every_flaw_is_reported() {
        let flaws = Texts::from_files(&[
            ("zh-CN", "a.toml", "a = \"{n} 件\"\nb = 3"),
            ("zh-CN", "b.toml", "a = \"again\""),
            ("en", "a.toml", "a = \"{m}\"\nz = \"only here\""),
        ])
        .unwrap_err();
        assert_eq!(flaws.len(), 4, "{flaws:?}");
    }

    #[test]
    fn a_value_with_braces_is_not_filled_again() {
        assert_eq!(fill("{a}、{b}、{c}", &[("a", "{b}"), ("b", "乙")]), "{b}、乙、{c}");
    }

    #[test]
    fn a_missing_key_shows_itself_in_brackets() {
        let tongue = Texts::load().unwrap().lang("zh-CN");
        assert_eq!(tongue.t("no.such.key"), "[no.such.key]");
    }

    /// The keys written as literals in `t("…")` and `fill("…")`.
    fn keys_in(source: &str) -> Vec<String> {
        let mut keys = Vec::new();
        for call in ["t(\"", "fill(\""] {
            for (at, _) in source.match_indices(call) {
                let before = source[..at].chars().next_back().unwrap_or(' ');
                if before == '.' || before.is_whitespace() {
                    let after = &source[at + call.len()..];
                    keys.extend(after.split_once('"').map(|(key, _)| key.to_owned()));
                }
            }
        }
        keys
    }

    fn files_under(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files_under(&path, found);
            } else {
                let source = fs::read_to_string(&path).unwrap();
                // What stands in a test module is about texts, not a text of the product.
                found.push(source.split("mod tests {").next().unwrap_or_default().to_owned());
            }
        }
    }

    #[test]
    fn every_key_the_pages_name_exists() {
        let home = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut sources = Vec::new();
        files_under(&home.join("src"), &mut sources);
        files_under(&home.join("templates"), &mut sources);
        let tongue = Texts::load().unwrap().lang(BASE);
        let named: BTreeSet<String> = sources.iter().flat_map(|source| keys_in(source)).collect();
        assert!(named.len() > 40, "the scan found only {} keys", named.len());
        let absent: Vec<&String> = named.iter().filter(|key| tongue.find(key).is_none()).collect();
        assert!(absent.is_empty(), "not in {BASE}: {absent:?}");
    }

    #[test]
    fn every_message_that_webhooks_are_told_of_has_a_text_and_every_text_is_listed() {
        let tongue = Texts::load().unwrap().lang(BASE);
        let written: BTreeSet<&str> = tongue.own.words.keys().filter_map(|key| key.strip_prefix("notice.")).collect();
        assert_eq!(written, KINDS.into_iter().collect());
    }

    #[test]
    fn the_scan_sees_keys_and_not_other_calls() {
        assert_eq!(keys_in("shell.t(\"a.b\") insert(\"x\") tongue.fill(\"c\", &[])"), ["a.b", "c"]);
    }
}
