//! The store: one body of SQL over two databases.
//!
//! Start at [`db`]. This crate decides nothing and knows no rule; it must never read a clock or make an id.

pub mod accounts;
pub mod cases;
pub mod commit;
pub mod db;
pub mod error;
pub mod events;
pub mod ledger;
pub mod migrate;
pub mod names;
pub mod notices;
pub mod papers;
pub mod people;
pub mod registrations;
mod row;
pub mod rule_changes;
mod scope;
pub mod sites;
#[cfg(feature = "test-support")]
pub mod test_support;
pub mod tokens;
pub mod webhooks;
