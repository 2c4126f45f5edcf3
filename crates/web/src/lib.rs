//! HTML over the use cases: routes, pages and their parts.
//!
//! It decides nothing and knows no SQL: a handler reads a form, calls a use case and shows what came back. Start at
//! [`router`]; the surroundings of every page are in [`shell`], what wraps every answer in [`layers`].

pub mod api;
pub mod assets;
pub mod components;
pub mod cookies;
pub mod csrf;
pub mod csv;
pub mod dates;
pub mod fail;
pub mod form;
pub mod headers;
pub mod icons;
pub mod layers;
mod pages;
pub mod parts;
pub mod pieces;
pub mod prefs;
pub mod run;
pub mod serve;
pub mod session;
pub mod shell;
pub mod state;
pub mod texts;
pub mod watch;

pub use pages::router;
