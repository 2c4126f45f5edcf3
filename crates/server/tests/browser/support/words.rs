//! The words of a page in the language it is shown in. Journeys are written in Chinese; on an English page each word is
//! looked up in the product's own texts, so one journey walks both languages.

use std::{collections::BTreeMap, fs, path::Path, sync::OnceLock};

use anyhow::{Context as _, Result};
use toml_span::value::{Table, ValueInner};

use super::project;

/// Chinese to English, as the texts and the data of the product pair them.
pub struct Dictionary {
    pairs: BTreeMap<String, Vec<String>>,
}

impl Dictionary {
    /// Reads the texts of the product once.
    pub fn of_product() -> Result<&'static Self> {
        static READ: OnceLock<Dictionary> = OnceLock::new();
        if let Some(read) = READ.get() {
            return Ok(read);
        }
        let read = Self::read()?;
        Ok(READ.get_or_init(|| read))
    }

    fn read() -> Result<Self> {
        let mut dictionary = Self { pairs: BTreeMap::new() };
        let locales = project().join("locales");
        for file in files(&locales.join("en"))? {
            let name = file.file_name().context("a file has a name")?;
            let [chinese, english] = [locales.join("zh-CN").join(name), file.clone()]
                .map(|path| leaves(&path))
                .map(Result::unwrap_or_default);
            for (key, text) in &chinese {
                dictionary.pair(text, english.get(key).map(String::as_str));
            }
        }
        let policies = project().join("policies");
        let mut data = files(&policies.join("types"))?;
        for region in fs::read_dir(policies.join("regions"))? {
            data.push(region?.path().join("policy.toml"));
        }
        for file in data {
            let texts = leaves(&file)?;
            for (key, text) in texts.iter().filter(|(key, _)| key.ends_with(".zh-CN")) {
                let english = texts.get(&format!("{}.en", key.trim_end_matches(".zh-CN")));
                dictionary.pair(text, english.map(String::as_str));
            }
        }
        for table in files(&policies.join("codes"))? {
            for row in fs::read_to_string(&table)?.lines() {
                let mut cells = row.split(',').skip(1);
                if let (Some(chinese), Some(english)) = (cells.next(), cells.next().filter(|cell| !cell.is_empty())) {
                    dictionary.pair(chinese, Some(english));
                }
            }
        }
        Ok(dictionary)
    }

    fn pair(&mut self, chinese: &str, english: Option<&str>) {
        let Some(english) = english else { return };
        // A browser reads out a space where the text keeps two words together.
        let [chinese, english] = [chinese, english].map(|text| text.replace('\u{a0}', " "));
        let known = self.pairs.entry(chinese).or_default();
        if !known.contains(&english) {
            known.push(english);
        }
    }

    /// How an English page may say this. A text nobody translated, a name or a number, stays as it is.
    pub fn readings(&self, text: &str) -> Vec<String> {
        if let Some(known) = self.pairs.get(text) {
            return known.clone();
        }
        let filled = self.filled(text);
        if !filled.is_empty() {
            return filled;
        }
        vec![text.to_owned()]
    }

    /// The same for a piece of a sentence: what stands around it in English is enough.
    pub fn pieces(&self, text: &str) -> Vec<String> {
        let whole = self.readings(text);
        if whole != [text] {
            return whole;
        }
        let around = self.pairs.iter().filter(|(chinese, _)| chinese.contains(text));
        let pieces: Vec<String> =
            around.flat_map(|(_, english)| english).filter_map(|one| longest_piece(one)).collect();
        if pieces.is_empty() { whole } else { pieces }
    }

    /// The readings of a text that is a template with its places filled.
    fn filled(&self, text: &str) -> Vec<String> {
        let templates = self.pairs.iter().filter(|(chinese, _)| chinese.contains('{'));
        templates
            .filter_map(|(chinese, english)| Some((captured(chinese, text)?, english)))
            .flat_map(|(values, english)| english.iter().map(move |one| (values.clone(), one)))
            .map(|(values, english)| self.fill(english, &values))
            .collect()
    }
}

impl Dictionary {
    /// A template with its places filled. A number is the same in every language, unless it is the number of a month.
    fn fill(&self, template: &str, values: &[(String, String)]) -> String {
        values.iter().fold(template.to_owned(), |said, (name, value)| {
            let translated = name == "month" || value.contains(is_han);
            let known = self.pairs.get(value).filter(|_| translated).and_then(|known| known.first());
            said.replace(&format!("{{{name}}}"), known.unwrap_or(value))
        })
    }
}

/// What fills the places of a template so that it reads like the text; nothing when it cannot. A template that says
/// nothing of its own fits everything, and so says nothing.
fn captured(template: &str, text: &str) -> Option<Vec<(String, String)>> {
    let mut values = Vec::new();
    let (before, mut template) = template.split_once('{')?;
    let mut rest = text.strip_prefix(before)?;
    let mut own = before.chars().count();
    while let Some((name, after)) = template.split_once('}') {
        let (literal, next) = after.split_once('{').unwrap_or((after, ""));
        own += literal.chars().count();
        let at = if literal.is_empty() || next.is_empty() && rest.ends_with(literal) {
            rest.len().checked_sub(literal.len())?
        } else {
            rest.find(literal)?
        };
        values.push((name.to_owned(), rest.get(..at)?.to_owned()));
        rest = rest.get(at + literal.len()..)?;
        template = next;
    }
    (rest.is_empty() && own > 0).then_some(values)
}

fn is_han(sign: char) -> bool {
    ('\u{4E00}'..='\u{9FFF}').contains(&sign)
}

/// The longest piece of a template between its places.
fn longest_piece(template: &str) -> Option<String> {
    let pieces = template.split('{').map(|piece| piece.split_once('}').map_or(piece, |(_, after)| after).trim());
    pieces.max_by_key(|piece| piece.len()).filter(|piece| !piece.is_empty()).map(str::to_owned)
}

fn files(folder: &Path) -> Result<Vec<std::path::PathBuf>> {
    fs::read_dir(folder)?.map(|file| Ok(file?.path())).collect()
}

/// Every text of a TOML file by the path of keys that leads to it.
fn leaves(file: &Path) -> Result<BTreeMap<String, String>> {
    let source = fs::read_to_string(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    let mut root = toml_span::parse(&source).with_context(|| format!("cannot read `{}`", file.display()))?;
    let mut found = BTreeMap::new();
    if let ValueInner::Table(table) = root.take() {
        table_leaves(table, "", &mut found);
    }
    Ok(found)
}

fn table_leaves(table: Table<'_>, path: &str, found: &mut BTreeMap<String, String>) {
    for (key, mut value) in table {
        value_leaves(value.take(), format!("{path}.{}", key.name), found);
    }
}

fn value_leaves(value: ValueInner<'_>, path: String, found: &mut BTreeMap<String, String>) {
    match value {
        ValueInner::String(text) => {
            found.insert(path, text.into_owned());
        }
        ValueInner::Table(table) => table_leaves(table, &path, found),
        ValueInner::Array(list) => {
            for (place, mut value) in list.into_iter().enumerate() {
                value_leaves(value.take(), format!("{path}.{place}"), found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filled_template_is_read_back() {
        let values = |template, text| {
            captured(template, text).map(|found| found.into_iter().map(|(_, value)| value).collect::<Vec<_>>())
        };
        assert_eq!(values("有 {count} 处要改", "有 4 处要改"), Some(vec!["4".to_owned()]));
        assert_eq!(values("{said}：{why}", "走了：自己辞职"), Some(vec!["走了".to_owned(), "自己辞职".to_owned()]));
        assert_eq!(values("{said}：{why}", "没有冒号"), None);
        assert_eq!(values("{only}", "什么都行"), None);
    }

    #[test]
    fn what_nobody_translated_stays() -> Result<()> {
        let dictionary = Dictionary::of_product()?;
        assert_eq!(dictionary.readings("林䶮"), ["林䶮"]);
        assert_eq!(dictionary.readings("发生了什么"), ["What happened"]);
        assert!(dictionary.readings("有 1 处要改，改完再继续").contains(&"To correct before you go on: 1".to_owned()));
        let day = dictionary.readings("2026 年 2 月 1 日（周日）");
        assert!(day.contains(&"Sunday 1 February 2026".to_owned()), "{day:?}");
        Ok(())
    }
}
