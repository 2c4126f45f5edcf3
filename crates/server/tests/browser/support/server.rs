//! One `banjie serve --demo` for one test, on a free port and a database of its own.
//! It must be the program that people run, started as they start it: no router, no store is called from here.

use std::{process::Command, time::Duration};

use anyhow::{Context as _, Error, Result};
use banjie_store::test_support::TestPostgres;

use super::guard::{Guarded, new_directory};

/// Making the demo data of a debug build takes some seconds; a cold, shared machine takes longer.
const START_LIMIT: Duration = Duration::from_secs(120);

/// Which of the two databases a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgres,
}

/// A running server that answers; it ends with this value.
pub struct Server {
    /// Ends first, before the database it uses.
    _program: Guarded,
    address: String,
    printed: Vec<String>,
    _postgres: Option<TestPostgres>,
}

impl Server {
    /// Starts the server with demo data and waits until it prints its address.
    pub fn start(database: Database) -> Result<Self> {
        Self::start_with(database, &["--demo", "--push-host", "hr.example.com"])
    }

    /// Starts a new installation, without demo data and accounts.
    pub fn start_new(database: Database) -> Result<Self> {
        Self::start_with(database, &[])
    }

    fn start_with(database: Database, options: &[&str]) -> Result<Self> {
        let postgres = match database {
            Database::Sqlite => None,
            Database::Postgres => Some(TestPostgres::start().map_err(Error::msg)?),
        };
        let directory = new_directory("server")?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_banjie"));
        command.arg("serve").args(options).args(["--listen", "127.0.0.1:0", "--data"]).arg(directory.join("data"));
        match &postgres {
            Some(postgres) => command.env("BANJIE_DATABASE", postgres.url()),
            None => command.env_remove("BANJIE_DATABASE"),
        };
        let program = Guarded::start(&command, directory)?;
        let (address, printed) = program.wait_for(START_LIMIT, address_in).context("the server does not start")?;
        Ok(Self { _program: program, address, printed, _postgres: postgres })
    }

    /// For example `http://127.0.0.1:40123`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What the server printed up to its address.
    pub fn printed(&self) -> &[String] {
        &self.printed
    }
}

fn address_in(line: &str) -> Option<String> {
    let start = line.find("http://127.0.0.1:")?;
    let address = line.get(start..)?;
    let end = address.find(|c: char| c.is_whitespace() || !c.is_ascii()).unwrap_or(address.len());
    Some(address.get(..end)?.trim_end_matches('/').to_owned())
}
