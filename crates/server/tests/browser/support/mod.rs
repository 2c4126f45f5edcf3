//! What the journeys stand on: a browser, a server and a few real files, each ended with the test that started it.
//! Nothing here may know a page of the product; journeys name what they see in the words on the page.

mod checks;
mod chrome;
mod driver;
pub mod files;
mod guard;
mod page;
mod server;
mod words;

pub use checks::project;
pub use chrome::{Chrome, Options};
pub use server::{Database, Server};
