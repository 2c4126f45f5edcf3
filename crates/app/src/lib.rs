//! What the service does: use cases and queries over the rules and the store.
//!
//! It knows nothing of HTTP: a page and an API call the same functions. Everything blocks; callers on an asynchronous
//! runtime use a blocking thread. Start at [`app::App`], then [`usecase`].

pub mod accounts;
pub mod alarms;
pub mod app;
mod attempts;
pub mod backup;
pub mod checkpoint;
pub mod demo;
pub mod entropy;
pub mod error;
pub mod evidence;
pub mod files;
mod follow_up;
mod handle;
pub mod health;
pub mod jobs;
pub mod messages;
mod name_index;
mod notify;
pub mod papers;
pub mod password;
pub mod people;
pub mod query;
pub mod record;
pub mod rules;
pub mod seal;
pub mod session;
#[cfg(any(test, feature = "test-support"))]
pub mod testing;
pub mod time;
pub mod tokens;
pub mod usecase;
pub mod verify;
pub mod webhooks;
