//! The commands that are not `serve`.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::Path;

use anyhow::Context as _;
use banjie_app::app::App;
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
