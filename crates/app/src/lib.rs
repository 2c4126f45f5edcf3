//! What the service does: use cases over the rules and the store.
pub mod entropy;
pub mod evidence;
pub mod password;
pub mod seal;
pub mod time;
