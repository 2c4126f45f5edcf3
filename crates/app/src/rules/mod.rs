//! The rules in force: registration types, region packs and the working-day calendar.
//!
//! They are compiled in, so that a fresh machine has some; a folder given at start takes their place. Region packs and
//! calendar can be exchanged while the service runs; a set that is not sound as a whole never takes their place.

mod ages;
mod calendars;
mod files;
mod resolved;
mod simulate;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use banjie_domain::calendar::Calendar;
use banjie_domain::history::Hash;
use banjie_domain::id::PolicyRevisionId;
use banjie_domain::policy::{KnownNames, Policy, PolicyError, RegionCode, Rulebook, SourceFile, check_cases};
use banjie_domain::registration_type::{DIVISIONS, TypeBook};
use banjie_store::db::Tx;
use banjie_store::papers;
use jiff::civil::Date;

use crate::error::{Outcome, fault};

use ages::Ages;
use calendars::Calendars;
use files::Files;

pub use ages::{SignedChange, pack_path};
#[cfg(test)]
pub(crate) use files::built_in_calendars;
pub use resolved::Resolved;
pub use simulate::{Differs, Trial, simulate};

/// The rules in force.
pub struct Rules {
    /// Registration types and code tables. What is registered depends on them, so they stand while the service runs.
    pub types: Arc<TypeBook>,
    packs: RwLock<Arc<Ages>>,
    calendars: RwLock<Arc<Calendars>>,
    /// Where they are read from again, for rules of a folder.
    source: Option<Mutex<Source>>,
    /// Held while the rules are exchanged: whoever builds on what another just replaced would undo it.
    changing: Mutex<()>,
}

/// A folder of rule files, and what it looked like when it was read.
struct Source {
    folder: PathBuf,
    read: Files,
}

impl Rules {
    /// The rules that came with this program.
    ///
    /// # Errors
    /// Every flaw at once, with file and line.
    pub fn built_in() -> anyhow::Result<Self> {
        Self::parse(&files::built_in())
    }

    /// The rules that came with this program, with one file changed.
    ///
    /// # Errors
    /// Every flaw that the change made.
    pub fn built_in_with(path: &str, change: impl Fn(&str) -> String) -> anyhow::Result<Self> {
        let mut files = files::built_in();
        files.iter_mut().filter(|(name, _)| name == path).for_each(|(_, text)| *text = change(text));
        Self::parse(&files)
    }

    /// The region packs that came with this program, as files.
    #[must_use]
    pub fn built_in_packs() -> Vec<SourceFile> {
        files::packs(&files::built_in())
    }

    /// The rules in a folder laid out like `policies/`.
    ///
    /// # Errors
    /// Every flaw at once, with file and line.
    pub fn from_folder(folder: &Path) -> anyhow::Result<Self> {
        let files = files::read(folder)?;
        let rules = Self::parse(&files)?;
        let source = Source { folder: folder.to_owned(), read: files };
        Ok(Self { source: Some(Mutex::new(source)), ..rules })
    }

    /// Reads the folder again if its files changed: whether other rules are in force now. What is not sound as a whole,
    /// signed changes included, is refused, and the rules in force stay.
    ///
    /// # Errors
    /// Every flaw at once, with file and line; also when a registration type was changed, which needs a restart.
    pub fn reload(&self, today: Date) -> anyhow::Result<bool> {
        let Some(source) = &self.source else { return Ok(false) };
        let _alone = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut source = source.lock().unwrap_or_else(PoisonError::into_inner);
        let files = files::read(&source.folder)?;
        if files == source.read {
            return Ok(false);
        }
        let types = types(&files)?;
        let calendars = calendars(&files, &types)?;
        anyhow::ensure!(
            types == *self.types,
            "registration types or code tables changed; records depend on them, so restart the service"
        );
        let ages = self.ages().on_other_files(files::packs(&files), today).map_err(|flaws| all(&flaws))?;
        self.put_ages(ages);
        self.put_calendars(calendars);
        source.read = files;
        Ok(true)
    }

    fn put_calendars(&self, calendars: Calendars) {
        *self.calendars.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(calendars);
    }

    fn calendars(&self) -> Arc<Calendars> {
        Arc::clone(&self.calendars.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn put_ages(&self, ages: Ages) {
        *self.packs.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ages);
    }

    fn ages(&self) -> Arc<Ages> {
        Arc::clone(&self.packs.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts the changes that administrators signed over the files: whether that made a difference. `today` says which of
    /// them are in force already.
    ///
    /// # Errors
    /// Every flaw of the rules they make; then the rules stay as they are.
    pub fn follow(&self, signed: Vec<SignedChange>, today: Date) -> Result<bool, Vec<PolicyError>> {
        let _alone = self.alone();
        self.follow_alone(signed, today)
    }

    /// Keeps everybody else from exchanging the rules until it is dropped.
    pub(crate) fn alone(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same as [`Rules::follow`], by whoever holds [`Rules::alone`].
    pub(crate) fn follow_alone(&self, signed: Vec<SignedChange>, today: Date) -> Result<bool, Vec<PolicyError>> {
        let ages = self.ages();
        if *ages.signed() == signed {
            return Ok(false);
        }
        self.put_ages(ages.with_signed(signed, today)?);
        Ok(true)
    }

    /// The changes that are put over the files, in the order in which they came.
    #[must_use]
    pub fn signed(&self) -> Vec<SignedChange> {
        self.ages().signed().clone()
    }

    /// These rules with one more change, to try it: nothing is put in force.
    ///
    /// # Errors
    /// Every flaw that the change makes, by file and line.
    pub fn tried(&self, change: SignedChange, today: Date) -> Result<Self, Vec<PolicyError>> {
        let ages = self.ages();
        let signed = ages.signed().iter().cloned().chain([change]).collect();
        let (packs, calendars) = (ages.with_signed(signed, today)?, self.calendars());
        let (packs, calendars) = (RwLock::new(Arc::new(packs)), RwLock::new(calendars));
        Ok(Self { types: Arc::clone(&self.types), packs, calendars, source: None, changing: Mutex::default() })
    }

    /// What would be wrong if these were the signed changes; nothing is put in force.
    #[must_use]
    pub fn flaws_with(&self, signed: Vec<SignedChange>, today: Date) -> Vec<PolicyError> {
        self.ages().with_signed(signed, today).err().unwrap_or_default()
    }

    /// The text of a region's own pack on a day; none when it inherits everything.
    #[must_use]
    pub fn pack_text(&self, region: &RegionCode, on: Date) -> Option<String> {
        self.ages().text(region, on).map(str::to_owned)
    }

    /// The examples beside the packs that do not come out as expected on a day.
    #[must_use]
    pub fn examples_that_fail(&self, on: Date) -> Vec<PolicyError> {
        let ages = self.ages();
        let age = ages.on(on);
        check_cases(&age.book, &age.files, age.from)
    }

    /// The rules in a folder, held against the examples that lie beside them.
    ///
    /// # Errors
    /// Every flaw at once, with file and line; then every example that does not come out as expected.
    pub fn checked(folder: &Path) -> anyhow::Result<Self> {
        let files = files::read(folder)?;
        let rules = Self::parse(&files)?;
        match rules.examples_that_fail(Date::MIN).as_slice() {
            [] => Ok(rules),
            flaws => Err(all(flaws)),
        }
    }

    fn parse(files: &Files) -> anyhow::Result<Self> {
        let types = types(files)?;
        let calendars = calendars(files, &types)?;
        let packs = Ages::of_files(files::packs(files), &KnownNames::from(&types)).map_err(|flaws| all(&flaws))?;
        let (packs, calendars) = (RwLock::new(Arc::new(packs)), RwLock::new(Arc::new(calendars)));
        Ok(Self { types: Arc::new(types), packs, calendars, source: None, changing: Mutex::default() })
    }

    /// The region packs in force on a day.
    #[must_use]
    pub fn regions(&self, on: Date) -> Arc<Rulebook> {
        Arc::clone(&self.ages().on(on).book)
    }

    /// The working days of a region, as they are known now: the country's, with the closures of the region or of the
    /// nearest division above it that has any.
    #[must_use]
    pub fn calendar_of(&self, region: &str) -> Arc<Calendar> {
        let above = self.divisions_above(region);
        self.calendars().of([region].into_iter().chain(above.iter().map(String::as_str)))
    }

    /// A digest of the working days of all regions: with the same digest every office counts alike.
    #[must_use]
    pub fn calendars_digest(&self) -> Hash {
        self.calendars().digest()
    }

    /// Puts the calendar files in the place of those that were read.
    #[cfg(test)]
    pub(crate) fn put_calendar_files(&self, files: &Files) {
        self.put_calendars(calendars(files, &self.types).unwrap());
    }

    /// The rules of a region on a day; a region without a pack inherits from the nearest division above it, and at last
    /// from the pack at the top.
    ///
    /// # Errors
    /// When the code cannot be read, or nothing was in force on that day.
    pub fn policy(&self, region: &str, on: Date) -> Outcome<Arc<Resolved>> {
        let ages = self.ages();
        let age = ages.on(on);
        age.resolved.of(region, on, || {
            let region = RegionCode::parse(region).map_err(|_| fault("region code cannot be read"))?;
            let tops = age.book.regions().filter(|pack| pack.parent.is_none()).map(|pack| pack.code.clone());
            let above = self.divisions_above(region.as_str());
            let above: Vec<_> = above.iter().filter_map(|code| RegionCode::parse(code).ok()).chain(tops).collect();
            age.book.resolve_nearest(&region, &above, on).map_err(|_| fault("no rules for this region"))
        })
    }

    /// The divisions above one, nearest first, as the table of divisions has it; never read off the digits.
    #[must_use]
    pub fn divisions_above(&self, region: &str) -> Vec<String> {
        above(&self.types, region).unwrap_or_default()
    }
}

/// The divisions above one, nearest first; none when there is no such division.
fn above(types: &TypeBook, region: &str) -> Option<Vec<String>> {
    let table = types.codes(DIVISIONS)?;
    let (mut above, mut at) = (Vec::new(), Some(table.get(region)?));
    while let Some(parent) = at.and_then(|code| code.parent.as_deref()) {
        if above.iter().any(|seen| seen == parent) {
            break;
        }
        above.push(parent.to_owned());
        at = table.get(parent);
    }
    Some(above)
}

fn types(files: &Files) -> anyhow::Result<TypeBook> {
    TypeBook::parse(&files::below(files, "types/"), &files::below(files, "codes/")).map_err(|flaws| all(&flaws))
}

fn calendars(files: &Files, types: &TypeBook) -> anyhow::Result<Calendars> {
    Calendars::read(&files::below(files, "calendars/"), &|division| above(types, division))
}

/// The rules a case was filed under.
///
/// # Errors
/// When they are not kept, or cannot be read.
pub fn kept_policy(tx: &mut dyn Tx, id: &PolicyRevisionId) -> Outcome<Policy> {
    let body = papers::policy_body(tx, id)?.ok_or_else(|| fault("rules of a case are missing"))?;
    Policy::from_canonical(&body).map_err(|_| fault("rules of a case cannot be read"))
}

fn all<E: std::fmt::Display>(flaws: &[E]) -> anyhow::Error {
    let lines: Vec<_> = flaws.iter().map(ToString::to_string).collect();
    anyhow::anyhow!("the rules have {} flaw(s):\n{}", lines.len(), lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// A copy of the rules that ship, in a folder of its own.
    fn copy(name: &str) -> PathBuf {
        let root = std::env::temp_dir().join(format!("banjie-rules-{name}-{}", std::process::id()));
        for (path, text) in files::built_in() {
            let file = root.join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        root
    }

    fn change(root: &Path, path: &str, from: &str, to: &str) {
        let file = root.join(path);
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{path} has no `{from}`");
        std::fs::write(file, text.replacen(from, to, 1)).unwrap();
    }

    const TODAY: Date = date(2026, 3, 10);

    fn phone(rules: &Rules) -> String {
        rules.policy("330106", TODAY).unwrap().office().phone.clone()
    }

    #[test]
    fn changed_files_come_into_force_and_broken_ones_leave_the_last_good_rules() {
        let root = copy("reload");
        let rules = Rules::from_folder(&root).unwrap();
        assert!(!rules.reload(TODAY).unwrap(), "nothing changed");
        let pack = "regions/330106/policy.toml";
        change(&root, pack, "phone = \"0571-12333\"", "phone = \"0571-88888888\"");
        assert!(rules.reload(TODAY).unwrap());
        assert_eq!(phone(&rules), "0571-88888888");
        change(&root, pack, "parent = \"330100\"", "parent = \"999999\"");
        let refused = rules.reload(TODAY).unwrap_err().to_string();
        assert!(refused.contains("330106/policy.toml:5") && refused.contains("999999"), "{refused}");
        assert_eq!(phone(&rules), "0571-88888888", "the last good rules stay");
        change(&root, pack, "parent = \"999999\"", "parent = \"330100\"");
        assert!(!rules.reload(TODAY).unwrap(), "mended: as it was read last");
        change(&root, "types/flexible.toml", "label", "label ");
        let unchanged = rules.reload(TODAY).unwrap();
        assert!(unchanged, "a blank changes no type");
        std::fs::write(root.join("calendars/2026.toml"), "year = 2026\nyear = 2026\n").unwrap();
        assert!(rules.reload(TODAY).is_err());
        assert!(rules.calendar_of("330106").covers(2026));
        std::fs::remove_dir_all(root).unwrap();
    }
}
