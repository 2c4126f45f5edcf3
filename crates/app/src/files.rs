//! Where uploaded bytes lie: one file each, under a name that tells nothing.
//!
//! A file is on disk and synced before the row that names it is committed, so a row never points to nothing.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// The folder of sealed files.
#[derive(Debug, Clone)]
pub struct FileRoom {
    root: PathBuf,
}

impl FileRoom {
    /// Opens the folder, and makes it when it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root)?;
        Ok(Self { root: root.to_owned() })
    }

    /// Writes sealed bytes and waits until they are on disk.
    ///
    /// # Errors
    /// When they cannot be written or synced.
    pub fn put(&self, name: &str, sealed: &[u8]) -> io::Result<()> {
        let (partial, whole) = (self.root.join(format!("{name}.part")), self.root.join(name));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
        file.write_all(sealed)?;
        file.sync_all()?;
        fs::rename(&partial, &whole)?;
        File::open(&self.root)?.sync_all()
    }

    /// The sealed bytes.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn get(&self, name: &str) -> io::Result<Vec<u8>> {
        fs::read(self.root.join(name))
    }

    /// Removes a file that no row names any more.
    ///
    /// # Errors
    /// When it cannot be removed; that it is gone already is none.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.root.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done,
        }
    }

    /// The names of all files.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn names(&self) -> io::Result<Vec<String>> {
        fs::read_dir(&self.root)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    }
}
