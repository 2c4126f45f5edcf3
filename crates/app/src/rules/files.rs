//! Rule files: those that were compiled in, and those of a folder.

use std::path::Path;

use anyhow::Context as _;
use banjie_domain::policy::SourceFile;

include!(concat!(env!("OUT_DIR"), "/policies.rs"));

/// Path below the root of all rules, and text.
pub(super) type Files = Vec<(String, String)>;

/// The files that came with this program.
pub(super) fn built_in() -> Files {
    FILES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

/// Those below one folder.
pub(super) fn below(files: &Files, folder: &str) -> Files {
    files.iter().filter(|(path, _)| path.starts_with(folder)).cloned().collect()
}

/// The files of the region packs.
pub(super) fn packs(files: &Files) -> Vec<SourceFile> {
    below(files, "regions/").into_iter().map(|(path, text)| SourceFile { path, text }).collect()
}

/// The calendar files that came with this program, for tests that add one.
#[cfg(test)]
pub(crate) fn built_in_calendars() -> Vec<(String, String)> {
    below(&built_in(), "calendars/")
}

/// All rule files of a folder, in the order of their names.
pub(super) fn read(folder: &Path) -> anyhow::Result<Files> {
    let mut files = Vec::new();
    collect(folder, folder, &mut files)?;
    Ok(files)
}

fn collect(root: &Path, folder: &Path, files: &mut Files) -> anyhow::Result<()> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("reading `{}`", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if path.extension().is_some_and(|ending| ending == "toml" || ending == "csv") {
            let text = std::fs::read_to_string(&path).with_context(|| format!("reading `{}`", path.display()))?;
            files.push((path.strip_prefix(root)?.to_string_lossy().into_owned(), text));
        }
    }
    Ok(())
}
