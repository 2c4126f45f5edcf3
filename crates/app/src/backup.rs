//! A copy of a whole installation on SQLite while it is in use, and bringing one back.
//!
//! The copy never holds the master key: whoever finds it reads no personal data. A list with a hash of every file makes a
//! damaged copy known before it is relied upon.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use banjie_store::db::copy_database;
use banjie_store::tokens;
use sm3::{Digest, Sm3};

use crate::app::App;
use crate::error::Outcome;
use crate::seal::Keyring;

const DATABASE: &str = "banjie.db";
const BLOBS: &str = "blobs";
const LIST: &str = "list.sm3";
const KEY: &str = "master.key";
/// Says under which key a backup was made.
const KEY_ID: &str = "key.id";
/// A file that is being written by the service: not there yet.
const UNFINISHED: &str = ".part";

/// What was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Copied {
    /// Files, the database among them.
    pub files: u64,
    /// Bytes of all of them.
    pub bytes: u64,
}

/// Copies an installation into a folder that is not there yet.
///
/// # Errors
/// When something cannot be read or written; the folder is then no backup and has no list.
pub fn back_up(database: &Path, data: &Path, to: &Path) -> anyhow::Result<Copied> {
    ensure!(database.is_file(), "`{}` is no database", database.display());
    make_folder(to).with_context(|| format!("making `{}`; give a folder that is not there yet", to.display()))?;
    let blobs = to.join(BLOBS);
    make_folder(&blobs)?;
    // A row names a file only when that is on disk. Files first, so that one that is thrown away meanwhile is there all
    // the same; and again after the database, for those that came with its last rows.
    copy_new(&data.join(BLOBS), &blobs)?;
    copy_database(database, &to.join(DATABASE)).context("copying the database")?;
    copy_new(&data.join(BLOBS), &blobs)?;
    let key = Keyring::load(&data.join(KEY)).context("the backup notes under which key it was made")?;
    fs::write(to.join(KEY_ID), format!("{}\n", key.id()))?;
    write_list(to)
}

/// Brings a backup back into a folder that is not there yet, with the key that was kept elsewhere.
///
/// # Errors
/// When a file of the backup is missing, changed or not on its list, or the key cannot be read; then there is no such
/// folder.
pub fn restore(from: &Path, data: &Path, key: &Path) -> anyhow::Result<Copied> {
    let given = Keyring::load(key)
        .context("a backup never holds the key; give the one that was kept elsewhere")?
        .id()
        .to_string();
    ensure!(!data.exists(), "`{}` is there already; give a folder that is not there yet", data.display());
    let whole = check(from)?;
    let needed =
        fs::read_to_string(from.join(KEY_ID)).context("the backup does not say under which key it was made")?;
    ensure!(
        needed.trim() == given,
        "this backup was made under key {}, `{}` is key {given}; nothing was restored",
        needed.trim(),
        key.display()
    );
    // Beside it first: a folder with half of a backup would be taken for an installation.
    let mut beside = data.as_os_str().to_owned();
    beside.push(UNFINISHED);
    let beside = PathBuf::from(beside);
    make_folder(&beside).with_context(|| format!("making `{}`", beside.display()))?;
    let done = fill(from, &beside, key).and_then(|()| Ok(fs::rename(&beside, data)?));
    if done.is_err()
        && let Err(error) = fs::remove_dir_all(&beside)
    {
        tracing::warn!(%error, "what was half restored stays in `{}`", beside.display());
    }
    done?;
    Ok(whole)
}

fn fill(from: &Path, to: &Path, key: &Path) -> anyhow::Result<()> {
    make_folder(&to.join(BLOBS))?;
    for name in list_of(from)?.keys().filter(|name| *name != KEY_ID) {
        copy_file(&from.join(name), &to.join(name)).with_context(|| format!("copying `{name}`"))?;
    }
    copy_file(key, &to.join(KEY)).context("copying the key")?;
    sync_folder(&to.join(BLOBS))?;
    Ok(sync_folder(to)?)
}

/// Takes back every key for programs and ends every session of an installation that came out of a backup.
///
/// # Errors
/// When the database cannot be written.
pub fn shut_everybody_out(app: &App) -> Outcome<()> {
    let now = app.micros();
    Ok(app.store.write(move |tx| tokens::shut_everybody_out(tx, now))?)
}

/// The list of a backup: name and hash.
fn list_of(folder: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let list = File::open(folder.join(LIST))
        .with_context(|| format!("`{}` has no `{LIST}`: it is no finished backup", folder.display()))?;
    let mut listed = BTreeMap::new();
    for line in BufReader::new(list).lines() {
        let line = line?;
        let Some((hash, name)) = line.split_once("  ") else {
            bail!("`{LIST}` has a line that cannot be read: {line}")
        };
        let own = name.strip_prefix("blobs/").unwrap_or(name);
        ensure!(!own.is_empty() && !own.contains('/') && !own.starts_with('.'), "`{LIST}` names `{name}`");
        listed.insert(name.to_owned(), hash.to_owned());
    }
    ensure!(listed.contains_key(DATABASE), "the backup has no database");
    Ok(listed)
}

/// Reads every file of a backup and holds it against its list.
///
/// # Errors
/// With the first file that is missing, changed, or not on the list.
pub fn check(folder: &Path) -> anyhow::Result<Copied> {
    let listed = list_of(folder)?;
    let found = files_of(folder)?;
    if let Some(name) = found.iter().find(|name| !listed.contains_key(*name)) {
        bail!("`{name}` is not on the list of the backup");
    }
    let missing = listed.keys().filter(|name| !found.contains(*name)).count();
    ensure!(missing == 0, "{missing} file(s) of the backup are missing");
    let mut copied = Copied::default();
    for (name, expected) in &listed {
        let (hash, bytes) = hash_of(&folder.join(name))?;
        ensure!(hash == *expected, "`{name}` is not what was backed up: the copy is damaged");
        copied.files += 1;
        copied.bytes += bytes;
    }
    Ok(copied)
}

fn make_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().mode(0o700).create(path)
}

/// Copies the files that are not there yet.
fn copy_new(from: &Path, to: &Path) -> anyhow::Result<()> {
    let entries = match fs::read_dir(from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.with_context(|| format!("reading `{}`", from.display()))?,
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        if !entry.file_type()?.is_file() {
            continue;
        }
        let (source, target) = (from.join(&name), to.join(&name));
        if target.exists() || name.to_string_lossy().ends_with(UNFINISHED) {
            continue;
        }
        match copy_file(&source, &target) {
            // Thrown away since the folder was read: no row names it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            done => done.with_context(|| format!("copying `{}`", source.display()))?,
        }
    }
    Ok(sync_folder(to)?)
}

fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    let mut source = File::open(from)?;
    let mut target = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    io::copy(&mut source, &mut target)?;
    target.sync_all()
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// The files of a backup, the list aside, in the order of their names.
fn files_of(folder: &Path) -> anyhow::Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for (folder, prefix) in [(folder.to_owned(), String::new()), (folder.join(BLOBS), format!("{BLOBS}/"))] {
        for entry in fs::read_dir(&folder).with_context(|| format!("reading `{}`", folder.display()))? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_file() && name != LIST {
                names.insert(name);
            }
        }
    }
    Ok(names)
}

fn hash_of(path: &Path) -> anyhow::Result<(String, u64)> {
    let mut file = File::open(path).with_context(|| format!("reading `{}`", path.display()))?;
    let (mut hash, mut bytes, mut piece) = (Sm3::new(), 0, vec![0; 1 << 16]);
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            let digest: [u8; 32] = hash.finalize().into();
            return Ok((digest.iter().map(|byte| format!("{byte:02x}")).collect(), bytes));
        }
        hash.update(piece.get(..read).unwrap_or_default());
        bytes += read as u64;
    }
}

/// The list is written last: a folder without one is no backup.
fn write_list(folder: &Path) -> anyhow::Result<Copied> {
    let mut copied = Copied::default();
    let path: PathBuf = folder.join(LIST);
    let mut list = BufWriter::new(File::create_new(&path)?);
    for name in files_of(folder)? {
        let (hash, bytes) = hash_of(&folder.join(&name))?;
        writeln!(list, "{hash}  {name}")?;
        copied.files += 1;
        copied.bytes += bytes;
    }
    list.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    sync_folder(folder)?;
    Ok(copied)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, TestFolder};
    use crate::usecase::story::story_in;
    use crate::verify;

    fn folders() -> (PathBuf, PathBuf) {
        let root = std::env::temp_dir().join(format!(
            "banjie-backup-{}-{:?}",
            std::process::id(),
            std::thread::current().id()
        ));
        drop(fs::remove_dir_all(&root));
        fs::create_dir_all(&root).unwrap();
        (root.join("copy"), root.join("back"))
    }

    fn back_up_of(folder: &TestFolder, to: &Path) -> anyhow::Result<Copied> {
        back_up(&folder.path.join(DATABASE), &folder.path, to)
    }

    #[test]
    fn a_service_in_use_is_copied_and_comes_back_whole_with_its_key() {
        let story = story_in(testing::app());
        let case = story.asked();
        let key = crate::tokens::make(&story.app, &story.clerk, "人事系统", "30").unwrap();
        let (copy, back) = folders();
        let copied = back_up_of(&story.folder, &copy).unwrap();
        let before = verify::run(&story.app).unwrap();
        assert_eq!(copied.files, 3, "the database, one paper, and the id of the key");
        assert!(!files_of(&copy).unwrap().contains(KEY), "the key is not in a backup");
        // What happens after the copy is not in it.
        story.asked_on(&story.registered_as("赵小满", "330106199505219042"));
        assert_eq!(restore(&copy, &back, &story.folder.path.join(KEY)).unwrap(), copied);
        let folder = TestFolder {
            database: banjie_store::db::StoreUrl::sqlite(&back.join(DATABASE)),
            clock: std::sync::Arc::clone(&story.folder.clock),
            path: back,
        };
        let again = testing::open_again(&folder);
        let report = verify::run(&again).unwrap();
        assert_eq!(report, before);
        assert!(report.findings.is_empty() && report.papers > 0);
        assert!(crate::usecase::move_case::load(&again, &case).is_ok());
        assert!(crate::tokens::caller(&again, &key.secret).unwrap().is_some(), "the key came back with it");
        shut_everybody_out(&again).unwrap();
        assert!(crate::tokens::caller(&again, &key.secret).unwrap().is_none());
        again.store.stop();
    }

    #[test]
    fn a_damaged_copy_is_known_before_it_is_relied_upon_and_nothing_is_overwritten() {
        let story = story_in(testing::app());
        story.asked();
        let (copy, back) = folders();
        back_up_of(&story.folder, &copy).unwrap();
        let refused = |error: anyhow::Error| format!("{error:#}");
        assert!(refused(back_up_of(&story.folder, &copy).unwrap_err()).contains("not there yet"));
        let blob = files_of(&copy).unwrap().into_iter().find(|name| name.starts_with(BLOBS)).unwrap();
        let whole = fs::read(copy.join(&blob)).unwrap();
        let mut bytes = whole.clone();
        bytes[whole.len() / 2] ^= 1;
        fs::write(copy.join(&blob), bytes).unwrap();
        let key = story.folder.path.join(KEY);
        assert!(refused(restore(&copy, &back, &key).unwrap_err()).contains("damaged"));
        fs::remove_file(copy.join(&blob)).unwrap();
        assert!(refused(restore(&copy, &back, &key).unwrap_err()).contains("1 file(s)"));
        fs::write(copy.join(&blob), whole).unwrap();
        fs::write(copy.join("blobs/more"), "x").unwrap();
        assert!(refused(restore(&copy, &back, &key).unwrap_err()).contains("not on the list"));
        fs::remove_file(copy.join("blobs/more")).unwrap();
        fs::create_dir(&back).unwrap();
        assert!(refused(restore(&copy, &back, &key).unwrap_err()).contains("not there yet"));
        fs::remove_dir(&back).unwrap();
        let other = copy.with_extension("key");
        Keyring::create(&other, &crate::entropy::SeededEntropy::new(99)).unwrap();
        let wrong = refused(restore(&copy, &back, &other).unwrap_err());
        assert!(wrong.contains("nothing was restored"), "{wrong}");
        assert!(refused(restore(&copy, &back, &copy.join(DATABASE)).unwrap_err()).contains("never holds the key"));
        assert!(!back.exists(), "nothing that could be taken for an installation");
        fs::remove_file(copy.join(LIST)).unwrap();
        assert!(refused(check(&copy).unwrap_err()).contains("no finished backup"));
    }
}
