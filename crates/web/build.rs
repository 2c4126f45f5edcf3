//! Lists the locale files into one table of `include_str!`, so that a new file needs no line of code.
//! It must never read their contents: what is in them is checked where they are loaded, with a test.

use std::{env, fmt::Write as _, fs, io, path::Path};

fn main() -> io::Result<()> {
    let Some(home) = env::var_os("CARGO_MANIFEST_DIR") else { return Err(io::Error::other("not run by cargo")) };
    let Some(out) = env::var_os("OUT_DIR") else { return Err(io::Error::other("not run by cargo")) };
    let locales = Path::new(&home).join("../../locales").canonicalize()?;
    println!("cargo:rerun-if-changed={}", locales.display());

    let mut table = String::from("const FILES: &[(&str, &str, &str)] = &[\n");
    for folder in sorted(&locales)? {
        if !folder.is_dir() {
            continue;
        }
        for file in sorted(&folder)? {
            if file.extension().is_some_and(|ending| ending == "toml") {
                let (tag, name) = (base(&folder), base(&file));
                writeln!(table, "    ({tag:?}, {name:?}, include_str!({file:?})),").map_err(io::Error::other)?;
            }
        }
    }
    table.push_str("];\n");
    fs::write(Path::new(&out).join("locales.rs"), table)
}

fn sorted(folder: &Path) -> io::Result<Vec<std::path::PathBuf>> {
    let mut paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn base(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
