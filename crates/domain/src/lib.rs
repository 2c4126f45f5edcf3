//! The rules of Banjie: what may happen to a registration and a case, when it is due, and why.
//!
//! Same inputs, same answer. This crate does no input or output, knows no clock, no randomness, no database and no
//! HTTP; whoever calls it hands in the facts. Start reading at [`case`], then [`registration`].

pub mod act;
pub mod actor;
pub mod authorize;
pub mod calendar;
pub mod case;
pub mod clock;
pub mod dates;
pub mod history;
pub mod id;
pub mod identity;
pub mod local_text;
pub mod number;
pub mod policy;
pub mod problem;
pub mod refusal;
pub mod registration;
pub mod registration_type;
pub mod retirement;
