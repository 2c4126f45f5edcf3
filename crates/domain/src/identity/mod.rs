//! Who somebody is, and which unit employs them: numbers, names and telephones, parsed once at the edge.
//!
//! A value of one of these types is simply right; nothing inside the system checks it again. None of them prints a
//! number or a name in full through `Debug` or `Display`: what may be shown is asked for by name, as `masked()`.

mod business_number;
mod citizen_id;
mod document;
mod person_name;
mod phone;
pub mod text;
mod uscc;

pub use business_number::{BusinessNumber, UnitNumber};
pub use citizen_id::{CitizenId, Sex};
pub use document::IdentityDocument;
pub use person_name::{PersonName, SoughtName};
pub use phone::Phone;
pub use uscc::Uscc;
