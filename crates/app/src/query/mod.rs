//! What pages read: questions over the store that change nothing.

pub mod deadlines;
pub(crate) mod declared;
pub mod desk;
pub mod guide;
pub mod hall;
pub mod mine;
pub mod search;
pub mod sites;

pub use declared::Labels;
pub(crate) use declared::{declared_details, declared_name};
