//! `banjie bench`: how fast this machine is at what people wait for, each figure beside a raw limit of the same run.

mod client;
mod disk;
mod read;
mod rules;
mod running;
mod submit;

use std::time::Duration;

pub use read::read;
pub use rules::rules;
pub use submit::submit;

/// A time in a unit one reads at a glance.
fn shown(time: Duration) -> String {
    match time.as_nanos() {
        nanos if nanos < 10_000 => format!("{nanos} ns"),
        nanos if nanos < 10_000_000 => format!("{} µs", nanos / 1_000),
        nanos if nanos < 10_000_000_000 => format!("{} ms", nanos / 1_000_000),
        nanos => format!("{} s", nanos / 1_000_000_000),
    }
}
