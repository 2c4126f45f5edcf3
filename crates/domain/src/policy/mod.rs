//! What depends on the region: time limits, desks, materials, who may file, where to go. Rules are data, each with its
//! basis and its days in force.
//!
//! `policies/regions/<code>/policy.toml` is read by [`Rulebook::parse`], which refuses a set of packs as a whole or
//! takes it as a whole. [`Rulebook::resolve`] gives the [`Policy`] of one region on one day; a case keeps that policy
//! to its end. Nothing in here reads a disk, and no value has a default in code.

mod cases;
mod condition;
mod consistency;
mod diff;
mod edit;
mod entry;
mod explain;
mod known;
mod material;
mod merge;
mod outcome;
mod pack;
mod read;
mod read_material;
mod region;
mod resolve;
mod rulebook;
mod schema;
#[cfg(test)]
mod tests;

pub use cases::check_cases;
pub use condition::{Condition, Fact, RuleFacts};
pub use diff::{CaseKind, Change, diff};
pub use edit::{Spot, spots, with_day, with_values};
pub use entry::{Entry, Layered, RuleRef, Ruled, Shared};
pub use explain::{Explained, Overridden};
pub use known::{KnownNames, KnownType};
pub use material::{Group, Material, Need, OfficeCard, Remedy, UploadRule, Within};
pub use outcome::{Days, Difference, Outcome};
pub use pack::{PackRegion, PackStatus};
pub use read::{PolicyError, SourceFile, Told};
pub use region::{NotARegionCode, RegionCode};
pub use resolve::{Missing, NotAPolicy, Policy, Remedies};
pub use rulebook::{NoPolicy, Rulebook};
pub use schema::{Assurance, Cutoff, DayKey, DayUnit, FileKind, Merge, RuleKey, Stages};
