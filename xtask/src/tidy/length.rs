//! A file has one reason and at most 400 lines, its tests aside. What was longer once may only get shorter.

use std::{collections::BTreeMap, fs};

use anyhow::{Context as _, Result};

use crate::run::root;

const LIMIT: usize = 400;
/// Files that are longer: `path lines`, one a line. It may only shrink.
const ALLOWED: &str = "xtask/tidy-allow.txt";

/// Every file that is too long, and every allowance that is no longer needed.
pub fn check(files: &[(String, String)]) -> Result<Vec<String>> {
    let text = fs::read_to_string(root().join(ALLOWED)).with_context(|| format!("cannot read `{ALLOWED}`"))?;
    let mut allowed = allowances(&text)?;
    let mut problems = Vec::new();
    for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".rs") && !is_test_file(path)) {
        let (lines, allowance) = (lines_outside_tests(text), allowed.remove(path.as_str()));
        match allowance {
            Some(most) if lines > most => problems.push(format!("{path}: {lines} lines; {ALLOWED} allows {most}")),
            Some(most) if lines <= LIMIT || lines < most => {
                problems.push(format!("{path}: {lines} lines; please lower or take away its {most} in {ALLOWED}"));
            }
            None if lines > LIMIT => problems.push(format!("{path}: {lines} lines; at most {LIMIT}")),
            _ => {}
        }
    }
    problems.extend(allowed.keys().map(|path| format!("{path} is gone; please take it out of {ALLOWED}")));
    Ok(problems)
}

fn allowances(text: &str) -> Result<BTreeMap<&str, usize>> {
    let entries = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    entries
        .map(|line| {
            let (path, lines) = line.split_once(' ').unwrap_or((line, ""));
            Ok((path, lines.parse().with_context(|| format!("`{line}` in {ALLOWED} is not `path lines`"))?))
        })
        .collect()
}

fn is_test_file(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs")
}

/// Counts up to `mod tests {` and from its closing brace on.
fn lines_outside_tests(text: &str) -> usize {
    let mut in_tests = false;
    let mut count = 0;
    for line in text.lines() {
        in_tests |= line == "mod tests {";
        count += usize::from(!in_tests);
        in_tests &= line != "}";
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_tests_do_not_count() {
        let text = "a\n#[cfg(test)]\nmod tests {\n    fn b() {\n    }\n}\nc\n";
        assert_eq!(lines_outside_tests(text), 3);
    }

    #[test]
    fn an_allowance_is_a_path_and_a_number() {
        let found = allowances("# why\n\ncrates/a.rs 410\n").unwrap();
        assert_eq!(found.get("crates/a.rs"), Some(&410));
        assert!(allowances("crates/a.rs\n").is_err());
    }
}
