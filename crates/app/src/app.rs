//! The service: everything a use case needs, made once at start.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, RwLock};

use anyhow::Context as _;
use banjie_domain::calendar::Calendar;
use banjie_domain::clock::legal_date;
use banjie_domain::history::Hash;
use banjie_domain::id::{OfficeId, PolicyRevisionId};
use banjie_domain::registration_type::Authority;
use banjie_store::db::{Options, Store, StoreUrl};
use banjie_store::people::{self, OfficeRow};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::alarms::Alarms;
use crate::entropy::{self, Entropy};
use crate::error::{AppError, Outcome, fault};
use crate::files::FileRoom;
use crate::password::PasswordPool;
use crate::rules::Rules;
use crate::seal::{Keyring, SealKey, Sealer, SuiteName};
use crate::time::Clock;
use crate::usecase::rule_change;
use crate::webhooks::Caller;

/// Where an installation keeps its things.
#[derive(Debug, Clone)]
pub struct Places {
    /// The database.
    pub database: StoreUrl,
    /// The folder of the installation: key file, blobs, outgoing notices.
    pub data: PathBuf,
}

impl Places {
    /// The file of the master key.
    #[must_use]
    pub fn key_file(&self) -> PathBuf {
        self.data.join("master.key")
    }

    /// The folder the file channel writes notices to.
    #[must_use]
    pub fn outbox(&self) -> PathBuf {
        self.data.join("outbox")
    }
}

/// The service. Cheap to share behind an `Arc`; every method blocks, so callers on a runtime use a blocking thread.
pub struct App {
    /// The database.
    pub store: Store,
    /// The keys.
    pub keys: Keyring,
    /// Seals what is kept in rows and documents.
    pub data: Sealer,
    /// Seals answers kept for idempotency.
    pub answers: Sealer,
    /// Hashes passwords, a few at a time.
    pub passwords: PasswordPool,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Types, region rules and calendar.
    pub rules: Rules,
    /// What is wrong with the service and needs a person.
    pub alarms: Alarms,
    /// Uploaded bytes.
    pub files: FileRoom,
    /// Where notices go.
    pub outbox: PathBuf,
    /// Calls webhooks.
    pub caller: Caller,
    offices: RwLock<Arc<Vec<OfficeRow>>>,
    policies: Mutex<HashMap<Hash, PolicyRevisionId>>,
}

/// What an application is made of that differs between a service and a test, or between two installations.
pub struct Parts {
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The rules.
    pub rules: Rules,
    /// How the database is opened.
    pub options: Options,
    /// What seals from now on; what was sealed before opens whatever it was sealed by.
    pub suite: SuiteName,
    /// What calls webhooks.
    pub caller: Caller,
}

impl App {
    /// Opens an installation; a new one gets its key file.
    ///
    /// # Errors
    /// With the cause and the mend: unsafe database settings, wrong file modes, a newer schema.
    pub fn open(places: &Places, parts: Parts) -> anyhow::Result<Self> {
        make_private_folder(&places.data)?;
        let key_file = places.key_file();
        let keys = if key_file.exists() {
            Keyring::load(&key_file)?
        } else {
            let database = places.data.join("banjie.db");
            anyhow::ensure!(
                !database.exists(),
                "`{}` is missing beside a database that it opens; put the key back that was kept elsewhere",
                key_file.display()
            );
            Keyring::create(&key_file, parts.entropy.as_ref())?
        };
        let store = Store::open(&places.database, parts.options)?;
        let offices = store.read(people::office_all)?;
        let app = Self {
            data: keys.sealer(SealKey::Data, parts.suite),
            answers: keys.sealer(SealKey::Answer, parts.suite),
            keys,
            store,
            passwords: PasswordPool::start()?,
            clock: parts.clock,
            entropy: parts.entropy,
            rules: parts.rules,
            alarms: Alarms::default(),
            files: FileRoom::open(&places.data.join("blobs"))?,
            outbox: places.outbox(),
            caller: parts.caller,
            offices: RwLock::new(Arc::new(offices)),
            policies: Mutex::new(HashMap::new()),
        };
        // Without the changes that were signed the rules would be other than those in force: then it does not start.
        rule_change::follow(&app).context("the rules that administrators signed do not fit the rule files")?;
        Ok(app)
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The legal day.
    #[must_use]
    pub fn today(&self) -> Date {
        legal_date(self.now())
    }

    /// Now, in the microseconds that rows keep.
    #[must_use]
    pub fn micros(&self) -> i64 {
        self.now().as_microsecond()
    }

    /// A fresh id of any kind.
    pub fn fresh<T>(&self, make: fn(Timestamp, [u8; 10]) -> T) -> T {
        make(self.now(), entropy::bytes::<10>(self.entropy.as_ref()))
    }

    /// All offices. They change seldom and are few, so they are kept in memory.
    #[must_use]
    pub fn offices(&self) -> Arc<Vec<OfficeRow>> {
        Arc::clone(&self.offices.read().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// The office whose name stands on every page: of the labour authority, whose service this is, the last in the list
    /// is the most local. None before the set-up.
    #[must_use]
    pub fn front_office(&self) -> Option<OfficeRow> {
        self.offices().iter().rfind(|office| office.authority == Authority::Labour.key()).cloned()
    }

    /// One office.
    ///
    /// # Errors
    /// When a row names an office that is not there.
    pub fn office(&self, id: &OfficeId) -> Outcome<OfficeRow> {
        self.offices().iter().find(|office| office.id == *id).cloned().ok_or_else(|| fault("unknown office"))
    }

    /// The working days of an office's region.
    ///
    /// # Errors
    /// When a row names an office that is not there.
    pub fn calendar_of(&self, office: &OfficeId) -> Outcome<Arc<Calendar>> {
        Ok(self.rules.calendar_of(&self.office(office)?.region))
    }

    /// Reads the offices again after one was added.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn reload_offices(&self) -> Outcome<()> {
        let offices = self.store.read(people::office_all)?;
        *self.offices.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(offices);
        Ok(())
    }

    /// The rules that are known to be kept already, by digest.
    pub(crate) fn kept_policies(&self) -> MutexGuard<'_, HashMap<Hash, PolicyRevisionId>> {
        self.policies.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// An office and everything below it.
    #[must_use]
    pub fn subtree(&self, root: &OfficeId) -> Vec<OfficeId> {
        let offices = self.offices();
        let mut found = vec![root.clone()];
        let mut at = 0;
        while let Some(parent) = found.get(at).cloned() {
            let below = offices.iter().filter(|office| office.parent.as_ref() == Some(&parent));
            for office in below {
                if !found.contains(&office.id) {
                    found.push(office.id.clone());
                }
            }
            at += 1;
        }
        found
    }

    /// An office and those below it that are of the same authority: 住建 below 人社 is another house.
    ///
    /// # Errors
    /// When the office is not there.
    pub fn subtree_of_authority(&self, root: &OfficeId) -> Outcome<Vec<OfficeId>> {
        let (own, offices, subtree) = (self.office(root)?, self.offices(), self.subtree(root));
        let same = offices.iter().filter(|office| office.authority == own.authority && subtree.contains(&office.id));
        Ok(same.map(|office| office.id.clone()).collect())
    }

    /// Does something again while others are faster: three tries in all.
    ///
    /// # Errors
    /// What the last try ended with.
    pub fn retry<T>(&self, mut attempt: impl FnMut() -> Outcome<T>) -> Outcome<T> {
        for _ in 0..2 {
            match attempt() {
                Err(AppError::Conflict) => {}
                done => return done,
            }
        }
        attempt()
    }
}

fn make_private_folder(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};

    if path.exists() {
        let mode =
            std::fs::metadata(path).with_context(|| format!("reading `{}`", path.display()))?.permissions().mode();
        anyhow::ensure!(
            mode & 0o077 == 0,
            "`{}` may be read by others (mode {:o}); run `chmod 700 {}`",
            path.display(),
            mode & 0o777,
            path.display()
        );
        return Ok(());
    }
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("making the data folder `{}`", path.display()))
}
