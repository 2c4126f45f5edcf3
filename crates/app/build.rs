//! Lists the policy files into tables of `include_str!`, so that a new rule file needs no line of code.
//! It must never read their contents: what is in them is checked where they are loaded, with a test.

use std::{env, fmt::Write as _, fs, io, path::Path, path::PathBuf};

fn main() -> io::Result<()> {
    let Some(home) = env::var_os("CARGO_MANIFEST_DIR") else { return Err(io::Error::other("not run by cargo")) };
    let Some(out) = env::var_os("OUT_DIR") else { return Err(io::Error::other("not run by cargo")) };
    let policies = Path::new(&home).join("../../policies").canonicalize()?;
    println!("cargo:rerun-if-changed={}", policies.display());
    let mut files = Vec::new();
    collect(&policies, &mut files)?;
    let mut table = String::from("const FILES: &[(&str, &str)] = &[\n");
    for file in files {
        let name = file.strip_prefix(&policies).map_err(io::Error::other)?.to_string_lossy().replace('\\', "/");
        writeln!(table, "    ({name:?}, include_str!({file:?})),").map_err(io::Error::other)?;
    }
    table.push_str("];\n");
    fs::write(Path::new(&out).join("policies.rs"), table)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|ending| ending == "toml" || ending == "csv") {
            files.push(path);
        }
    }
    Ok(())
}
