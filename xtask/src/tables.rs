//! Writes the tables that people read from the code: `docs/lifecycle.md` and `docs/authorization.csv`.

use std::process::Command;

use anyhow::Result;

use crate::run;

/// Writes both; read the difference before committing it.
pub fn run() -> Result<()> {
    let mut command = Command::new(run::cargo());
    command.args(["test", "--quiet", "--package", "banjie-domain", "--test", "tables"]);
    run::finish(command.env("BANJIE_WRITE_TABLES", "1").current_dir(run::root()))
}
