//! A registration: the record that a person is employed, kept for ever.
//!
//! Only a case causes its events. What may follow in which state is one table, [`offers`], used by the pages, by
//! `decide` and by the API.

mod decide;
mod event;
mod period;
mod state;

pub use decide::{
    Cause, decide_correction, decide_effect, decide_filed, decide_hold, decide_hold_filed, decide_release, offers,
};
pub use event::RegistrationEvent;
pub use period::{ON, Period, decide_entry, decide_exit};
pub use state::{Hold, LegalStatus, Registered, Registration, evolve};
