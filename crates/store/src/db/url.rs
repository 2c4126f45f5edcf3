//! The address of a store; the address chooses the database.
//!
//! It must never be printed with its password.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use super::Dialect;
use crate::error::StoreError;

/// `sqlite:/path/file.db`, or `postgres://user@host/database`.
#[derive(Clone)]
pub struct StoreUrl(pub(super) Target);

#[derive(Clone)]
pub(super) enum Target {
    Sqlite(PathBuf),
    Postgres(Box<Config>),
}

impl StoreUrl {
    /// Reads an address.
    ///
    /// A PostgreSQL connection is never encrypted: give a Unix socket (`postgres://user@/database?host=/run/postgresql`)
    /// or a network nobody else is on. An address that demands TLS is refused rather than quietly served without.
    ///
    /// # Errors
    /// [`StoreError::Address`] when neither form fits.
    pub fn parse(address: &str) -> Result<Self, StoreError> {
        if let Some(path) = address.strip_prefix("sqlite:") {
            if path.is_empty() || path.starts_with(':') {
                return Err(StoreError::Address("`sqlite:` needs the path of a file".to_owned()));
            }
            return Ok(Self(Target::Sqlite(PathBuf::from(path))));
        }
        if !address.starts_with("postgres://") && !address.starts_with("postgresql://") {
            return Err(StoreError::Address("it must start with `sqlite:` or `postgres://`".to_owned()));
        }
        let config = Config::from_str(address)
            .map_err(|_| StoreError::Address("the `postgres://` address cannot be read".to_owned()))?;
        if config.get_ssl_mode() == SslMode::Require {
            return Err(StoreError::Address("TLS to PostgreSQL is not available; use a Unix socket".to_owned()));
        }
        Ok(Self(Target::Postgres(Box::new(config))))
    }

    /// The address of a SQLite file.
    #[must_use]
    pub fn sqlite(path: &Path) -> Self {
        Self(Target::Sqlite(path.to_owned()))
    }

    /// Which database the address leads to.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        match self.0 {
            Target::Sqlite(_) => Dialect::Sqlite,
            Target::Postgres(_) => Dialect::Postgres,
        }
    }
}

/// Whether what is sent leaves this machine unencrypted.
pub(super) fn leaves_the_machine(config: &Config) -> bool {
    let local = |host: &Host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()),
    };
    !config.get_hosts().iter().all(local) || !config.get_hostaddrs().iter().all(IpAddr::is_loopback)
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Target::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Target::Postgres(config) => write!(f, "postgres database `{}`", config.get_dbname().unwrap_or_default()),
        }
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_chooses_the_database() {
        assert_eq!(StoreUrl::parse("sqlite:/tmp/a.db").unwrap().dialect(), Dialect::Sqlite);
        assert_eq!(StoreUrl::parse("postgres://u@localhost/d").unwrap().dialect(), Dialect::Postgres);
        assert_eq!(StoreUrl::parse("postgresql://u@/d?host=/run/postgresql").unwrap().dialect(), Dialect::Postgres);
    }

    #[test]
    fn an_address_that_cannot_be_served_is_refused() {
        for address in ["sqlite:", "sqlite::memory:", "mysql://u@h/d", "postgres://u@h/d?sslmode=require"] {
            assert!(matches!(StoreUrl::parse(address), Err(StoreError::Address(_))), "{address}");
        }
    }

    #[test]
    fn a_printed_address_shows_no_password() {
        let url = StoreUrl::parse("postgres://u:secret@localhost/d").unwrap();
        assert!(!format!("{url} {url:?}").contains("secret"));
    }

    #[test]
    fn only_another_machine_is_warned_about() {
        let leaves = |address| match StoreUrl::parse(address).unwrap().0 {
            Target::Postgres(config) => leaves_the_machine(&config),
            Target::Sqlite(_) => false,
        };
        assert!(!leaves("postgres://u@/d?host=/run/postgresql"));
        assert!(!leaves("postgres://u@127.0.0.1/d"));
        assert!(leaves("postgres://u@db.example/d"));
    }
}
