//! The ways a notice leaves the house. One file for each.

pub mod file;
