//! Rules of the source files that no other tool checks: heads, length, trailing spaces, texts that can be read.
//! It reads files and reports; it must never change one.

mod length;
mod locale;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

use crate::run::root;

/// What is not ours, or not source.
const SKIPPED: [&str; 4] = [".git", "target", "node_modules", "data"];
/// The kinds of file that people write.
const TEXT: [&str; 12] = ["rs", "toml", "md", "html", "css", "js", "sql", "csv", "txt", "json", "svg", "yml"];

/// Reports every breach at once.
pub fn run() -> Result<()> {
    let files = sources()?;
    let mut problems = Vec::new();
    for (path, text) in &files {
        problems.extend(spaces(path, text));
        if path.ends_with(".rs") && !text.starts_with("//! ") {
            problems.push(format!("{path}: begins with `//!`: what it is, and what it must never do"));
        }
    }
    problems.extend(length::check(&files)?);
    problems.extend(locale::check(&files));
    if problems.is_empty() {
        println!("         {} files are tidy", files.len());
        return Ok(());
    }
    bail!("{} to mend:\n{}", problems.len(), problems.join("\n"))
}

/// Every text file by its path from the root, in order.
fn sources() -> Result<Vec<(String, String)>> {
    let root = root();
    let mut waiting = vec![root.clone()];
    let mut files = Vec::new();
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(&directory).with_context(|| format!("cannot list `{}`", directory.display()))? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_dir() && !SKIPPED.contains(&&*name) {
                waiting.push(path);
            } else if is_text(&path) {
                files.push(read(&root, path)?);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn is_text(path: &Path) -> bool {
    let kind = path.extension().unwrap_or_default().to_string_lossy();
    path.is_file() && TEXT.contains(&&*kind)
}

fn read(root: &Path, path: PathBuf) -> Result<(String, String)> {
    let text = fs::read_to_string(&path).with_context(|| format!("`{}` is not UTF-8 text", path.display()))?;
    let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
    Ok((name, text))
}

fn spaces(path: &str, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.ends_with([' ', '\t', '\r']) {
            problems.push(format!("{path}:{number}: ends with a space"));
        }
    }
    if !text.is_empty() && (!text.ends_with('\n') || text.ends_with("\n\n")) {
        problems.push(format!("{path}: ends with one line break"));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trailing_spaces_and_a_missing_line_break_are_found() {
        assert_eq!(spaces("a.md", "one\ntwo \n"), ["a.md:2: ends with a space"]);
        assert_eq!(spaces("a.md", "one\r\n").len(), 0, "`lines` takes the carriage return away");
        assert_eq!(spaces("a.md", "one"), ["a.md: ends with one line break"]);
        assert_eq!(spaces("a.md", "one\n"), Vec::<String>::new());
    }
}
