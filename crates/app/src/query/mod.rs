//! What pages read: questions over the store that change nothing.

pub mod desk;
pub mod mine;
