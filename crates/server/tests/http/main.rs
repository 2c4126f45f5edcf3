//! The whole service over HTTP, on real records and without a socket: who may do what, and what bad input meets.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod api;
mod bad_input;
mod canary;
mod export;
mod making;
mod markup;
mod matrix;
mod names;
mod offices;
mod routes;
mod rule_changes;
mod search;
mod sheet;
mod watched;
mod wire;
mod world;
