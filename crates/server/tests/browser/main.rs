//! Journeys in a real browser against the real program, as people take them.
//! A journey must never call the product's code: it reads what is on the page and does what a person can do.

mod guides;
mod harness;
mod journey;
mod others;
mod pages;
mod stage;
mod support;
