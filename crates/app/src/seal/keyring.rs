//! The master key on disk and the keys derived from it.
//!
//! The file is one line beside comments: `banjie-key-1 <id> <64 hex digits>`. The id is computed from the key, so a
//! mistyped copy is noticed before anything is sealed with it. A backup never holds this file.

use std::fmt::{self, Write as _};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::hash::{Key, derive, keyed_hash};
use super::sealer::Sealer;
use super::signer::Signer;
use super::suite::SuiteName;
use crate::entropy::{self, Entropy};

const HEADER: &str = "banjie-key-1";
const NOTE: &str = "# The master key of this installation. Keep one copy away from this machine and from every backup:\n\
                    # whoever has it reads all personal data, and without it nobody does.\n";

/// The keys of one installation, one for each purpose. The master key itself is wiped after derivation.
pub struct Keyring {
    id: KeyId,
    data: Key,
    answer: Key,
    index: Key,
    code: Key,
    csrf: Key,
    session: Key,
    sign: Key,
}

/// What a [`Sealer`] seals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealKey {
    /// Columns, revisions and files.
    Data,
    /// Answers kept for repeated requests.
    Answer,
}

/// What a keyed hash is for. No purpose shares its key with another, nor with a [`SealKey`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MacKey {
    /// Blind indexes.
    Index,
    /// Codes that people type.
    Code,
    /// Form tokens.
    Csrf,
    /// What is bound to a session.
    Session,
}

/// What a blind index finds. The same value under two kinds gives two unrelated indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexKind {
    /// The number of an identity document, in its normal form.
    IdentityDocument,
    /// A person's name, in NFC.
    PersonName,
    /// A telephone number, digits only.
    Phone,
}

impl IndexKind {
    fn key(self) -> &'static str {
        match self {
            Self::IdentityDocument => "identity-document",
            Self::PersonName => "person-name",
            Self::Phone => "phone",
        }
    }
}

/// Names a master key without telling anything about it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyId(pub(super) [u8; 4]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why there is no keyring.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file could not be read or written.
    #[error("key file `{}`: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others may read or change it.
    #[error("key file `{}` has mode {mode:o}, others could read or change it; run `chmod 600 {}`", path.display(), path.display())]
    Mode {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It does not hold a key, or the key and its id do not belong together.
    #[error("key file `{}` is damaged; put back the copy you kept", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
}

impl Keyring {
    /// Writes a new master key to a file that must not exist yet, and loads it.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub fn create(path: &Path, entropy: &dyn Entropy) -> Result<Self, KeyError> {
        let master: Key = Zeroizing::new(entropy::bytes(entropy));
        write_new(path, &text_of(&master)).map_err(|source| file_error(path, source))?;
        Ok(Self::from_master(&master))
    }

    /// Reads the master key.
    ///
    /// # Errors
    /// When the file cannot be read, is open to others, or is damaged.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let mut file = File::open(path).map_err(|source| file_error(path, source))?;
        // The handle is asked, not the path: the file that is checked is the file that is read.
        let about = file.metadata().map_err(|source| file_error(path, source))?;
        let mode = about.permissions().mode() & 0o7777;
        if !matches!(mode, 0o400 | 0o600) {
            return Err(KeyError::Mode { path: path.to_owned(), mode });
        }
        let mut text = Zeroizing::new(String::new());
        file.read_to_string(&mut text).map_err(|source| file_error(path, source))?;
        let damaged = || KeyError::Damaged { path: path.to_owned() };
        let (id, master) = parse(&text).ok_or_else(damaged)?;
        let keyring = Self::from_master(&master);
        if keyring.id.to_string() == id { Ok(keyring) } else { Err(damaged()) }
    }

    fn from_master(master: &Key) -> Self {
        let [a, b, c, d, ..] = *derive(master, "id");
        Self {
            id: KeyId([a, b, c, d]),
            data: derive(master, "data"),
            answer: derive(master, "answer"),
            index: derive(master, "index"),
            code: derive(master, "code"),
            csrf: derive(master, "csrf"),
            session: derive(master, "session"),
            sign: derive(master, "sign"),
        }
    }

    /// The id of the master key.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// A sealer under the key for `purpose`. It seals by `suite` and opens what any suite sealed.
    #[must_use]
    pub fn sealer(&self, purpose: SealKey, suite: SuiteName) -> Sealer {
        let key = match purpose {
            SealKey::Data => &self.data,
            SealKey::Answer => &self.answer,
        };
        Sealer::new(suite.suite(), self.id, key.clone())
    }

    /// What signs for this installation by `suite`.
    #[must_use]
    pub fn signer(&self, suite: SuiteName) -> Signer {
        Signer { suite: suite.suite(), name: suite, seed: self.sign.clone() }
    }

    /// HMAC-SM3 under the key for `purpose`; the borders between the parts count.
    #[must_use]
    pub fn mac(&self, purpose: MacKey, parts: &[&[u8]]) -> [u8; 32] {
        let key = match purpose {
            MacKey::Index => &self.index,
            MacKey::Code => &self.code,
            MacKey::Csrf => &self.csrf,
            MacKey::Session => &self.session,
        };
        keyed_hash(key, parts)
    }

    /// What is searched for instead of a value. `scope` is the unit within which the value can be found, `""` for
    /// everywhere; `value` is in its normal form.
    #[must_use]
    pub fn blind_index(&self, kind: IndexKind, scope: &str, value: &str) -> [u8; 32] {
        let parts = [kind.key().as_bytes(), scope.as_bytes(), value.as_bytes()];
        self.mac(MacKey::Index, &parts)
    }

    /// What the database keeps of a code that belongs to `subject` (a case number, an account). Codes are short: only
    /// the key keeps a stolen database from being tried through.
    #[must_use]
    pub fn code_hash(&self, subject: &str, code: &str) -> [u8; 32] {
        self.mac(MacKey::Code, &[subject.as_bytes(), code.as_bytes()])
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({})", self.id)
    }
}

fn file_error(path: &Path, source: io::Error) -> KeyError {
    KeyError::File { path: path.to_owned(), source }
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o400).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    // Without this a power cut may take the file's name away, and with it everything sealed since.
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

fn text_of(master: &Key) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(512));
    text.push_str(NOTE);
    let id = Keyring::from_master(master).id;
    // Writing to a string cannot fail.
    let _ = write!(text, "{HEADER} {id} ");
    for byte in master.iter() {
        let _ = write!(text, "{byte:02x}");
    }
    text.push('\n');
    text
}

fn parse(text: &str) -> Option<(&str, Key)> {
    let mut lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return None;
    };
    let mut words = line.split(' ');
    let (Some(HEADER), Some(id), Some(hex), None) = (words.next(), words.next(), words.next(), words.next()) else {
        return None;
    };
    if hex.len() != 64 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut master: Key = Zeroizing::new([0; 32]);
    for (slot, pair) in master.iter_mut().zip(hex.as_bytes().chunks(2)) {
        *slot = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some((id, master))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::fs;

    use super::*;
    use crate::entropy::SeededEntropy;

    /// A keyring for tests; the same seed gives the same keys.
    pub(crate) fn a_keyring(seed: u64) -> Keyring {
        Keyring::from_master(&Zeroizing::new(entropy::bytes(&SeededEntropy::new(seed))))
    }

    struct KeyFile(PathBuf);

    impl KeyFile {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("banjie-key-{}-{name}", std::process::id()));
            let _ = fs::remove_file(&path);
            Self(path)
        }

        fn set_mode(&self, mode: u32) {
            fs::set_permissions(&self.0, fs::Permissions::from_mode(mode)).unwrap();
        }

        fn overwrite(&self, text: &str) {
            self.set_mode(0o600);
            fs::write(&self.0, text).unwrap();
        }
    }

    impl Drop for KeyFile {
        fn drop(&mut self) {
            let _ = fs::remove_file(&self.0);
        }
    }

    #[test]
    fn a_created_key_loads_again_and_gives_the_same_keys() {
        let file = KeyFile::new("create");
        let created = Keyring::create(&file.0, &SeededEntropy::new(1)).unwrap();
        let loaded = Keyring::load(&file.0).unwrap();
        assert_eq!(created.id(), loaded.id());
        assert_eq!(created.code_hash("a", "1"), loaded.code_hash("a", "1"));
        assert_eq!(fs::metadata(&file.0).unwrap().permissions().mode() & 0o777, 0o400);
    }

    #[test]
    fn an_existing_key_is_never_overwritten() {
        let file = KeyFile::new("twice");
        Keyring::create(&file.0, &SeededEntropy::new(1)).unwrap();
        let before = fs::read_to_string(&file.0).unwrap();
        assert!(matches!(Keyring::create(&file.0, &SeededEntropy::new(2)), Err(KeyError::File { .. })));
        assert_eq!(fs::read_to_string(&file.0).unwrap(), before);
    }

    #[test]
    fn a_key_file_that_others_can_read_is_refused_with_the_mend() {
        let file = KeyFile::new("mode");
        Keyring::create(&file.0, &SeededEntropy::new(1)).unwrap();
        for mode in [0o644, 0o640, 0o604, 0o660, 0o700, 0o4600] {
            file.set_mode(mode);
            let message = Keyring::load(&file.0).unwrap_err().to_string();
            assert!(message.contains(&format!("mode {mode:o}")) && message.contains("chmod 600"), "{message}");
        }
        file.set_mode(0o600);
        assert!(Keyring::load(&file.0).is_ok());
    }

    #[test]
    fn a_damaged_key_file_is_refused() {
        let file = KeyFile::new("damaged");
        Keyring::create(&file.0, &SeededEntropy::new(1)).unwrap();
        let good = fs::read_to_string(&file.0).unwrap();
        let last = good.trim_end().chars().last().unwrap();
        let mistyped = format!("{}{}", &good[..good.len() - 2], if last == '0' { '1' } else { '0' });
        for text in ["", "banjie-key-1 00000000", &good.replace("key-1", "key-2"), &good.repeat(2), &mistyped] {
            file.overwrite(text);
            assert!(matches!(Keyring::load(&file.0), Err(KeyError::Damaged { .. })), "{text}");
        }
    }

    #[test]
    fn every_purpose_has_its_own_key() {
        let keyring = a_keyring(1);
        let made = [MacKey::Index, MacKey::Code, MacKey::Csrf, MacKey::Session].map(|key| keyring.mac(key, &[b"x"]));
        for (at, one) in made.iter().enumerate() {
            assert!(made.iter().skip(at + 1).all(|other| other != one));
        }
    }

    #[test]
    fn a_blind_index_depends_on_kind_scope_value_and_key() {
        let keyring = a_keyring(1);
        let index = keyring.blind_index(IndexKind::PersonName, "unit-1", "张三");
        assert_eq!(index, keyring.blind_index(IndexKind::PersonName, "unit-1", "张三"));
        for other in [
            keyring.blind_index(IndexKind::Phone, "unit-1", "张三"),
            keyring.blind_index(IndexKind::PersonName, "unit-2", "张三"),
            keyring.blind_index(IndexKind::PersonName, "unit-1", "张四"),
            a_keyring(2).blind_index(IndexKind::PersonName, "unit-1", "张三"),
        ] {
            assert_ne!(index, other);
        }
    }

    #[test]
    fn debug_output_shows_the_id_only() {
        let keyring = a_keyring(1);
        assert_eq!(format!("{keyring:?}"), format!("Keyring({})", keyring.id()));
    }
}
