//! Why the store did not do what it was asked.
//!
//! A text here may reach a log, so it must never hold a value from a row: only codes, names of tables, columns and
//! settings, and the database's own one-line message. PostgreSQL's `detail` quotes whole rows and is left out.

/// What went wrong, told apart by what the caller may do next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A unique key is taken. `constraint` reads `table.column, table.column` on both databases.
    #[error("already there: {constraint}")]
    Unique {
        /// The columns of the key, or the name of the index when it is over an expression.
        constraint: String,
    },
    /// Too many are waiting. Nothing was stored; come back later (503).
    #[error("the store is busy")]
    Busy,
    /// COMMIT was sent and its outcome is not known. Look the idempotency key up before answering anybody.
    #[error("it is not known whether the change was stored")]
    Unknown,
    /// Others got in the way. Nothing was stored; doing the whole use case again may work.
    #[error("others changed the same rows; nothing was stored")]
    Conflict,
    /// The disk is full. Nothing was stored.
    #[error("no room left to store anything")]
    Full,
    /// The database cannot be reached. Nothing was stored.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// The store is shutting down, or gave up after a failing disk.
    #[error("the store has stopped")]
    Stopped,
    /// The closure panicked; its changes were undone.
    #[error("a transaction panicked and was undone")]
    Panicked,
    /// The store was called from inside one of its own transactions, which would wait for itself.
    #[error("the store was called from inside a transaction")]
    Nested,
    /// The statement and its parameters do not fit, or a row was read as something it is not.
    #[error("{0}")]
    Mismatch(String),
    /// The address of the store cannot be used.
    #[error("store address: {0}")]
    Address(String),
    /// A durability setting is off; the server must not start.
    #[error("`{setting}` is `{found}` but must be `{needed}`, or an answered change could be lost")]
    Unsafe {
        /// The setting's name in the database.
        setting: &'static str,
        /// What the database says it is.
        found: String,
        /// What it has to be.
        needed: &'static str,
    },
    /// The database was changed by a newer program.
    #[error("the database has schema {found}, this program knows up to {known}; use the newer program")]
    SchemaNewer {
        /// The newest migration recorded in the database.
        found: i64,
        /// The newest migration this program carries.
        known: i64,
    },
    /// A recorded migration is not the one this program carries.
    #[error("migration {version} `{name}` is recorded with another content than this program carries")]
    MigrationChanged {
        /// The number of the migration.
        version: i64,
        /// Its name in this program.
        name: String,
    },
    /// Migrations are missing and the caller asked not to run them.
    #[error("the database has schema {found}, this program needs {known}; run the migrations first")]
    SchemaOlder {
        /// The newest migration recorded in the database; 0 for none.
        found: i64,
        /// The newest migration this program carries.
        known: i64,
    },
    /// Any other fault the database named.
    #[error("database: {0}")]
    Sql(String),
}
