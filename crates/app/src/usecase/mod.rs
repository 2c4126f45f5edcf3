//! One file per verb. Each does the same five things in the same order: load, authorise, decide, commit, answer.

pub mod ask;
pub mod code;
pub mod daily;
pub mod desk;
pub mod direct;
pub mod draft;
pub mod export;
pub mod form_key;
pub mod move_case;
pub mod register;
pub mod rule_change;
pub mod site;
#[cfg(test)]
pub(crate) mod story;
mod submit;
pub mod window;
