//! Opening an installation, and refusing to when something is not safe.

use std::sync::Arc;

use anyhow::{Context as _, ensure};
use banjie_app::app::{App, Parts, Places};
use banjie_app::entropy::SystemEntropy;
use banjie_app::rules::Rules;
use banjie_app::seal::SuiteName;
use banjie_app::time::SystemClock;
use banjie_store::db::{Options as StoreOptions, Schema, StoreUrl};

use crate::arguments::Options;

/// Opens the installation; `schema` says whether migrations run.
pub fn open(options: &Options, schema: Schema) -> anyhow::Result<App> {
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
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        rules,
        options: StoreOptions { schema, ..StoreOptions::default() },
        suite: SuiteName::default(),
    };
    App::open(&places, parts).context("the installation cannot be opened")
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
