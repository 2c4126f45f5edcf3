//! The texts for people: flat tables of strings, each key once in a language, placeholders closed.
//! It reads the part of TOML that texts are written in, so that a slip is found before anything is built.

use std::collections::BTreeSet;

/// Every line of `locales/<tag>/*.toml` that is not a text.
pub fn check(files: &[(String, String)]) -> Vec<String> {
    let mut problems = Vec::new();
    let mut keys = BTreeSet::new();
    for (path, text) in files {
        let mut parts = path.split('/');
        if parts.next() == Some("locales") && path.ends_with(".toml") {
            check_file(path, parts.next().unwrap_or_default(), text, &mut keys, &mut problems);
        }
    }
    problems
}

fn check_file(path: &str, tag: &str, text: &str, keys: &mut BTreeSet<String>, problems: &mut Vec<String>) {
    let mut table = String::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            table = name.to_owned();
            continue;
        }
        match entry(line) {
            Ok(key) if !keys.insert(format!("{tag} {table}.{key}")) => {
                problems.push(format!("{path}:{number}: `{table}.{key}` is there twice"));
            }
            Ok(_) => {}
            Err(reason) => problems.push(format!("{path}:{number}: {reason}")),
        }
    }
}

/// The key of a line `key = "text"`, or what is wrong with it.
fn entry(line: &str) -> Result<&str, &'static str> {
    let (key, rest) = key_and_rest(line).ok_or("is not `key = \"text\"`")?;
    let text = rest.trim_start().strip_prefix('=').ok_or("has no `=` after its key")?.trim_start();
    let text = text.strip_prefix('"').ok_or("the text is not in double quotes")?;
    let end = closing_quote(text).ok_or("the text's closing quote is missing")?;
    let (text, after) = text.split_at(end);
    let after = after.trim_start_matches('"').trim_start();
    if !after.is_empty() && !after.starts_with('#') {
        return Err("something stands after the text");
    }
    placeholders_are_closed(text).then_some(key).ok_or("a placeholder is not `{name}`")
}

fn key_and_rest(line: &str) -> Option<(&str, &str)> {
    if let Some(quoted) = line.strip_prefix('"') {
        return quoted.split_once('"').filter(|(key, _)| !key.is_empty());
    }
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))?;
    (end > 0).then(|| line.split_at(end))
}

/// Where the first quote stands that no backslash guards.
fn closing_quote(text: &str) -> Option<usize> {
    let mut guarded = false;
    for (place, c) in text.char_indices() {
        if c == '"' && !guarded {
            return Some(place);
        }
        guarded = c == '\\' && !guarded;
    }
    None
}

fn placeholders_are_closed(text: &str) -> bool {
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c == '-');
    let mut pieces = text.split('{');
    let before = pieces.next().unwrap_or_default();
    !before.contains('}')
        && pieces.all(|piece| piece.split_once('}').is_some_and(|(name, after)| is_name(name) && !after.contains('}')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_a_key_and_a_string() {
        assert_eq!(entry("\"citizen-id.check-digit\" = \"请填{field}。\" # why"), Ok("citizen-id.check-digit"));
        assert_eq!(entry("name = \"他说 \\\"好\\\"\""), Ok("name"));
        for wrong in ["name", "= \"a\"", "name = 3", "name = \"a", "name = \"a\" b", "name = \"{a\"", "name = \"a}\""] {
            assert!(entry(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_key_stands_once_in_a_language() {
        let file = |path: &str| (path.to_owned(), "[problem]\na = \"一\"\n".to_owned());
        assert_eq!(check(&[file("locales/zh-CN/a.toml"), file("locales/en/a.toml")]), Vec::<String>::new());
        let twice = check(&[file("locales/zh-CN/a.toml"), file("locales/zh-CN/b.toml")]);
        assert_eq!(twice, ["locales/zh-CN/b.toml:2: `problem.a` is there twice"]);
    }
}
