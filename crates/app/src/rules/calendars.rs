//! Which days count where: those of the country, and of the divisions that close on days of their own.

use std::collections::BTreeMap;
use std::sync::Arc;

use banjie_domain::calendar::Calendar;
use banjie_domain::history::Hash;

use super::files::Files;

/// The calendars of the country and of its divisions.
#[derive(Debug)]
pub(super) struct Calendars {
    country: Arc<Calendar>,
    /// By code; each with the closures of the divisions above it.
    divisions: BTreeMap<String, Arc<Calendar>>,
}

impl Calendars {
    /// Reads `calendars/<year>.toml` and `calendars/<division>/<year>.toml`. `above` gives the divisions above one,
    /// nearest first, or nothing when there is no such division.
    pub(super) fn read(files: &Files, above: &dyn Fn(&str) -> Option<Vec<String>>) -> anyhow::Result<Self> {
        let mut country = Files::new();
        let mut own: BTreeMap<String, Files> = BTreeMap::new();
        for (path, text) in files {
            match path.strip_prefix("calendars/").and_then(|rest| rest.split_once('/')) {
                None => country.push((path.clone(), text.clone())),
                Some((_, file)) if file.contains('/') => {
                    anyhow::bail!("{path}: put the file straight into the folder of its division")
                }
                Some((division, _)) => own.entry(division.to_owned()).or_default().push((path.clone(), text.clone())),
            }
        }
        let country = Calendar::parse(&country).map_err(|flaws| super::all(&flaws))?;
        let mut divisions = BTreeMap::new();
        for division in own.keys() {
            let Some(above) = above(division) else {
                anyhow::bail!("calendars/{division}: there is no such division; name the folder by its six digits");
            };
            let mut chain = above.iter().rev().chain([division]).filter_map(|code| own.get(code));
            let calendar = chain.try_fold(country.clone(), |calendar, files| calendar.with_closures(files));
            divisions.insert(division.clone(), Arc::new(calendar.map_err(|flaws| super::all(&flaws))?));
        }
        Ok(Self { country: Arc::new(country), divisions })
    }

    /// The calendar of the first of these divisions that has one, else that of the country.
    pub(super) fn of<'a>(&self, mut divisions: impl Iterator<Item = &'a str>) -> Arc<Calendar> {
        Arc::clone(divisions.find_map(|code| self.divisions.get(code)).unwrap_or(&self.country))
    }

    /// A digest of all of them: with the same digest every office counts alike.
    pub(super) fn digest(&self) -> Hash {
        let divisions = self.divisions.iter().map(|(code, own)| format!("{code} {}\n", own.digest().hex()));
        let country = format!("{}\n", self.country.digest().hex());
        // An installation without closures keeps the digest it had before there were any.
        if self.divisions.is_empty() {
            return self.country.digest();
        }
        Hash::of([country].into_iter().chain(divisions).collect::<String>().as_bytes())
    }
}
