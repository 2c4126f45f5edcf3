//! Brings a database to the schema this program was written for.
//!
//! Each migration is one transaction, recorded with the SM3 of its text. A recorded migration never changes, and a
//! database that a newer program has changed is never touched.

use rusqlite::Connection;
use sm3::{Digest, Sm3};

use crate::db::{Dialect, Schema, postgres_fault, sqlite_fault};
use crate::error::StoreError;

/// One step from one schema to the next, once for each database.
///
/// The text may hold several statements, but no `begin` or `commit`.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its place in the order, from 1.
    pub version: i64,
    /// The name of its two files, without the ending.
    pub name: &'static str,
    /// What SQLite runs.
    pub sqlite: &'static str,
    /// What PostgreSQL runs.
    pub postgres: &'static str,
}

macro_rules! migration {
    ($version:literal, $name:literal) => {
        Migration {
            version: $version,
            name: $name,
            sqlite: include_str!(concat!("../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../migrations/postgres/", $name, ".sql")),
        }
    };
}

/// The migrations of this program, in order. Add a line and two files; never change a file that was released.
pub const MIGRATIONS: &[Migration] = &[
    migration!(1, "0001_base"),
    migration!(2, "0002_sites"),
    migration!(3, "0003_names"),
    migration!(4, "0004_clocks"),
    migration!(5, "0005_rule_changes"),
    migration!(6, "0006_reminders"),
    migration!(7, "0007_tokens"),
    migration!(8, "0008_code_by"),
    migration!(9, "0009_parked"),
    migration!(10, "0010_webhooks"),
    migration!(11, "0011_lists_by_status"),
    migration!(12, "0012_asked_cases"),
];

/// Held on PostgreSQL while migrating, so that two processes do not do it at once: "banjie" in ASCII.
const LOCK: i64 = 0x6261_6e6a_6965;

/// The migrations a database has gone through.
pub(crate) trait Ledger {
    fn dialect(&self) -> Dialect;
    fn batch(&mut self, sql: &str) -> Result<(), StoreError>;
    /// Version and checksum of each, in order; none when the table is not there yet.
    fn recorded(&mut self) -> Result<Vec<(i64, String)>, StoreError>;
    fn record(&mut self, migration: &Migration, checksum: &str) -> Result<(), StoreError>;
}

/// Runs what is missing, or refuses, as `schema` says.
pub(crate) fn bring_up_to_date(
    ledger: &mut dyn Ledger,
    migrations: &[Migration],
    schema: Schema,
) -> Result<(), StoreError> {
    let recorded = ledger.recorded()?;
    check(&recorded, migrations, ledger.dialect())?;
    let Some(known) = migrations.last().filter(|last| !recorded.iter().any(|(version, _)| *version == last.version))
    else {
        return Ok(());
    };
    match schema {
        Schema::Migrate => with_lock(ledger, migrations),
        Schema::MustMatch => {
            let found = recorded.last().map_or(0, |(version, _)| *version);
            Err(StoreError::SchemaOlder { found, known: known.version })
        }
    }
}

fn with_lock(ledger: &mut dyn Ledger, migrations: &[Migration]) -> Result<(), StoreError> {
    let postgres = ledger.dialect() == Dialect::Postgres;
    if postgres {
        ledger.batch(&format!("set lock_timeout = '60s'; select pg_advisory_lock({LOCK})"))?;
    }
    let result = create_ledger(ledger)
        .and_then(|()| migrations.iter().try_for_each(|migration| apply(ledger, migrations, migration)));
    if postgres {
        ledger.batch(&format!("select pg_advisory_unlock({LOCK})"))?;
    }
    result
}

fn create_ledger(ledger: &mut dyn Ledger) -> Result<(), StoreError> {
    ledger.batch(match ledger.dialect() {
        Dialect::Sqlite => {
            "create table if not exists schema_migrations \
             (version integer primary key, name text not null, checksum text not null) strict"
        }
        Dialect::Postgres => {
            "create table if not exists schema_migrations \
             (version bigint primary key, name text not null, checksum text not null)"
        }
    })
}

fn apply(ledger: &mut dyn Ledger, migrations: &[Migration], migration: &Migration) -> Result<(), StoreError> {
    ledger.batch(match ledger.dialect() {
        Dialect::Sqlite => "begin immediate",
        Dialect::Postgres => "begin",
    })?;
    let done = apply_inside(ledger, migrations, migration).and_then(|()| ledger.batch("commit"));
    if done.is_err() {
        // A failed script has often ended the transaction itself; then there is nothing left to undo.
        let _ = ledger.batch("rollback");
    }
    done
}

fn apply_inside(ledger: &mut dyn Ledger, migrations: &[Migration], migration: &Migration) -> Result<(), StoreError> {
    // Another process may have been here since: SQLite's only lock is this transaction.
    let recorded = ledger.recorded()?;
    check(&recorded, migrations, ledger.dialect())?;
    if recorded.iter().any(|(version, _)| *version == migration.version) {
        return Ok(());
    }
    tracing::info!(version = migration.version, "migration {} `{}`", migration.version, migration.name);
    let text = migration.text(ledger.dialect());
    ledger.batch(text)?;
    ledger.record(migration, &checksum(text))
}

/// What is recorded must be the beginning of what this program carries.
fn check(recorded: &[(i64, String)], migrations: &[Migration], dialect: Dialect) -> Result<(), StoreError> {
    let known = migrations.last().map_or(0, |last| last.version);
    if let Some((found, _)) = recorded.last().filter(|(found, _)| *found > known) {
        return Err(StoreError::SchemaNewer { found: *found, known });
    }
    for ((version, sum), migration) in recorded.iter().zip(migrations) {
        if *version != migration.version || *sum != checksum(migration.text(dialect)) {
            return Err(StoreError::MigrationChanged { version: migration.version, name: migration.name.to_owned() });
        }
    }
    Ok(())
}

fn checksum(text: &str) -> String {
    Sm3::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Migration {
    const fn text(&self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Postgres => self.postgres,
        }
    }
}

impl Ledger for Connection {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        self.execute_batch(sql).map_err(sqlite_fault)
    }

    fn recorded(&mut self) -> Result<Vec<(i64, String)>, StoreError> {
        if !self.table_exists(None, "schema_migrations").map_err(sqlite_fault)? {
            return Ok(Vec::new());
        }
        let read = |connection: &Self| {
            connection
                .prepare("select version, checksum from schema_migrations order by version")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read(self).map_err(sqlite_fault)
    }

    fn record(&mut self, migration: &Migration, checksum: &str) -> Result<(), StoreError> {
        self.execute(
            "insert into schema_migrations (version, name, checksum) values (?, ?, ?)",
            (migration.version, migration.name, checksum),
        )
        .map(drop)
        .map_err(sqlite_fault)
    }
}

impl Ledger for postgres::Client {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        self.batch_execute(sql).map_err(|error| postgres_fault(&error))
    }

    fn recorded(&mut self) -> Result<Vec<(i64, String)>, StoreError> {
        let read = |client: &mut Self| {
            let there = client.query_one("select to_regclass('schema_migrations') is not null", &[])?;
            if !there.try_get::<_, bool>(0)? {
                return Ok(Vec::new());
            }
            client
                .query("select version, checksum from schema_migrations order by version", &[])?
                .iter()
                .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
                .collect()
        };
        read(self).map_err(|error| postgres_fault(&error))
    }

    fn record(&mut self, migration: &Migration, checksum: &str) -> Result<(), StoreError> {
        self.execute(
            "insert into schema_migrations (version, name, checksum) values ($1, $2, $3)",
            &[&migration.version, &migration.name, &checksum],
        )
        .map(drop)
        .map_err(|error| postgres_fault(&error))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::*;

    #[test]
    fn every_migration_file_is_listed_and_numbered() {
        let listed: BTreeSet<String> = MIGRATIONS.iter().map(|step| format!("{}.sql", step.name)).collect();
        for dialect in ["sqlite", "postgres"] {
            let folder = format!("{}/migrations/{dialect}", env!("CARGO_MANIFEST_DIR"));
            let files: BTreeSet<String> =
                fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
            assert_eq!(files, listed, "{dialect}");
        }
        for (expected, step) in (1..).zip(MIGRATIONS) {
            assert_eq!(step.version, expected);
            assert!(step.name.starts_with(&format!("{expected:04}_")), "{}", step.name);
        }
    }

    #[test]
    fn the_checksum_is_the_published_sm3_vector() {
        assert_eq!(checksum("abc"), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    }
}
