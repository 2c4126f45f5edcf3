//! Opening an installation, and refusing to when something is not safe.

use std::sync::Arc;

use anyhow::{Context as _, ensure};
use banjie_app::app::{App, Parts, Places};
use banjie_app::entropy::SystemEntropy;
use banjie_app::rules::Rules;
use banjie_app::time::{Clock, SystemClock};
use banjie_app::webhooks::Caller;
use banjie_store::db::{Options as StoreOptions, Schema, StoreUrl};

use crate::arguments::Options;

/// Opens the installation; `schema` says whether migrations run.
pub fn open(options: &Options, schema: Schema) -> anyhow::Result<App> {
    open_with(options, schema, Arc::new(SystemClock))
}

/// The same with a clock of its own, for the demonstration.
pub fn open_with(options: &Options, schema: Schema, clock: Arc<dyn Clock>) -> anyhow::Result<App> {
    // Only what may make an installation makes its folder; a path typed wrong is no empty installation.
    ensure!(
        schema == Schema::Migrate || options.data.is_dir(),
        "`{}` is no folder; give the installation's folder with `--data`",
        options.data.display()
    );
    let rules = match &options.policies {
        Some(folder) => Rules::from_folder(folder)?,
        None => Rules::built_in()?,
    };
    let database = match &options.database {
        Some(url) => StoreUrl::parse(url)?,
        None => StoreUrl::sqlite(&options.data.join("banjie.db")),
    };
    let places = Places { database, data: options.data.clone() };
    let parts = Parts {
        clock,
        entropy: Arc::new(SystemEntropy),
        rules,
        options: StoreOptions { schema, ..StoreOptions::default() },
        suite: options.suite,
        caller: caller(options)?,
    };
    App::open(&places, parts).context("the installation cannot be opened")
}

fn caller(options: &Options) -> anyhow::Result<Caller> {
    let Some(file) = &options.push_roots else { return Caller::new(options.reach.clone(), None) };
    let named = || format!("`--push-roots {}`", file.display());
    let roots = std::fs::read(file).with_context(named)?;
    Caller::new(options.reach.clone(), Some(&roots)).with_context(named)
}

/// Now, for commands that open no installation.
pub fn now() -> jiff::Timestamp {
    SystemClock.now()
}

/// Names and passwords may cross a network only behind https.
pub fn refuse_bare_network(options: &Options) -> anyhow::Result<()> {
    let https = options.base_url.as_deref().is_some_and(|url| url.starts_with("https://"));
    ensure!(
        options.listen.ip().is_loopback() || https,
        "listening on {} would send personal data without encryption; put a proxy with https before it and give \
         `--base-url https://…`, or listen on 127.0.0.1",
        options.listen
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use banjie_app::seal::{Place, SuiteName};

    use super::*;
    use crate::arguments::{Command, parse};

    #[test]
    fn the_suite_that_was_asked_for_seals_and_both_open() {
        let folder = std::env::temp_dir().join(format!("banjie-open-{}", std::process::id()));
        let place = Place { table: "t", row: "r", column: "c" };
        let opened = |word: &str| {
            let words = ["verify", "--data", folder.to_str().unwrap(), "--suite", word].map(str::to_owned);
            let Ok(Command::Verify(options)) = parse(words.into_iter()) else { panic!("these are good words") };
            open(&Options { database: None, ..options }, Schema::Migrate).unwrap()
        };
        let aes = opened(SuiteName::Aes.key());
        let old = aes.seal(place, &"张三").unwrap();
        aes.store.stop();
        let sm = opened(SuiteName::Sm.key());
        let new = sm.seal(place, &"张三").unwrap();
        assert_eq!((old.first(), new.first()), (Some(&1), Some(&2)));
        for sealed in [old, new] {
            assert_eq!(sm.unseal::<String>(place, &sealed).unwrap(), "张三");
        }
        sm.store.stop();
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
