//! The commands that are not `serve`.

use std::path::Path;

use banjie_app::rules::Rules;
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
    Ok(report.findings.is_empty())
}

/// `banjie policy check`
pub fn policy_check(folder: &Path) -> anyhow::Result<()> {
    Rules::from_folder(folder)?;
    println!("the rules in `{}` hold together", folder.display());
    Ok(())
}
