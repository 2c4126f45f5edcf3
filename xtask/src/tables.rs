//! Writes the tables that people read from the code: `docs/lifecycle.md`, `docs/authorization.csv` and
//! `docs/routes.csv`; and the golden file of an event that has none yet.

use std::process::Command;

use anyhow::Result;

use crate::run;

/// Writes all; read the difference before committing it.
pub fn run() -> Result<()> {
    let tables = [
        ("banjie-domain", "golden", ""),
        ("banjie-domain", "tables", "is_what_the_code"),
        ("banjie", "http", "the_committed_table"),
    ];
    for (package, test, only) in tables {
        let mut command = Command::new(run::cargo());
        command.args(["test", "--quiet", "--package", package, "--test", test, only]);
        run::finish(command.env("BANJIE_WRITE_TABLES", "1").current_dir(run::root()))?;
    }
    Ok(())
}
