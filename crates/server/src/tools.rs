//! The commands that are not `serve`.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use banjie_app::app::App;
use banjie_app::backup;
use banjie_app::checkpoint::{self, Flaw};
use banjie_app::verify;
use banjie_store::db::Schema;

use crate::arguments::Options;
use crate::open::open;

/// `banjie migrate`
pub fn migrate(options: &Options) -> anyhow::Result<()> {
    open(options, Schema::Migrate)?;
    println!("the database has this program's schema");
    Ok(())
}

/// `banjie verify`: whether all is well.
pub fn verify(options: &Options) -> anyhow::Result<bool> {
    let app = open(options, Schema::MustMatch)?;
    let report = verify::run(&app)?;
    for finding in &report.findings {
        println!("{finding}");
    }
    println!(
        "{} events in {} histories, {} documents and files: {} finding(s)",
        report.events,
        report.streams,
        report.papers,
        report.findings.len()
    );
    let follows = match &options.against {
        Some(file) => goes_on_from(&app, file)?,
        None => true,
    };
    Ok(follows && report.findings.is_empty())
}

/// Whether history goes on from a checkpoint.
fn goes_on_from(app: &App, path: &Path) -> anyhow::Result<bool> {
    let file = File::open(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let flaws = checkpoint::compare(app, BufReader::new(file))?;
    for flaw in &flaws {
        match flaw {
            Flaw::Unreadable(line) => println!("checkpoint-unreadable line {line}"),
            Flaw::Changed => println!("checkpoint-changed"),
            Flaw::AnotherKey => println!("checkpoint-of-another-key"),
            Flaw::Lost(stream) => println!("history-lost {stream}"),
            Flaw::Rewritten(stream) => println!("history-rewritten {stream}"),
        }
    }
    println!("against `{}`: {} finding(s)", path.display(), flaws.len());
    Ok(flaws.is_empty())
}

/// `banjie checkpoint FILE`. A file that is there already is never overwritten: it may be the only witness.
pub fn take_checkpoint(path: &Path, options: &Options) -> anyhow::Result<()> {
    let app = open(options, Schema::MustMatch)?;
    let file = File::create_new(path).with_context(|| format!("cannot write `{}`", path.display()))?;
    let (statement, _) = checkpoint::write(&app, &app.keys.signer(options.suite), BufWriter::new(file))?;
    println!(
        "{} events in {} histories written down in `{}`; keep it away from this machine\nSM3 of the public key: {}",
        statement.events,
        statement.streams,
        path.display(),
        statement.key_hash().hex()
    );
    Ok(())
}

/// The database file of an installation on SQLite.
fn database_file(options: &Options) -> anyhow::Result<PathBuf> {
    match options.database.as_deref() {
        None => Ok(options.data.join("banjie.db")),
        Some(url) => url.strip_prefix("sqlite:").map(PathBuf::from).context(
            "a backup is made of SQLite only; for PostgreSQL use pg_dump and copy `blobs/` after it (docs/operations/start.md)",
        ),
    }
}

/// `banjie backup FOLDER`
pub fn back_up(folder: &Path, options: &Options) -> anyhow::Result<()> {
    let copied = backup::back_up(&database_file(options)?, &options.data, folder)?;
    println!(
        "{} file(s), {} bytes in `{}`; the master key is not among them",
        copied.files,
        copied.bytes,
        folder.display()
    );
    Ok(())
}

/// `banjie restore FOLDER --key FILE`: whether what came back is whole.
pub fn restore(folder: &Path, options: &Options) -> anyhow::Result<bool> {
    ensure!(
        options.database.is_none(),
        "`restore` makes a new folder with a database of its own; leave `--database` out"
    );
    let key = options.key.as_ref().context("give the key file with `--key`; a backup never holds it")?;
    let copied = backup::restore(folder, &options.data, key)?;
    println!("{} file(s), {} bytes in `{}`", copied.files, copied.bytes, options.data.display());
    let app = open(options, Schema::Migrate)?;
    backup::shut_everybody_out(&app)?;
    app.store.stop();
    println!(
        "all keys for programs are taken back, all webhooks stopped and all sessions ended: some may have been taken back since the copy"
    );
    verify(options)
}
