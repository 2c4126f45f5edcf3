//! Everything that must pass before a change lands, the quick checks first. CI runs this and nothing else.

use anyhow::Result;

use crate::{
    run::{self, Steps},
    setup, tidy, torture,
};

const CARGO_STEPS: [(&str, &[&str]); 5] = [
    ("format", &["fmt", "--all", "--check"]),
    ("lints", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
    ("build", &["build", "--package", "banjie"]),
    ("tests", &["nextest", "run", "--workspace"]),
    ("examples in the documentation", &["test", "--doc", "--workspace"]),
];

/// Runs all checks and stops at the first that fails.
pub fn run() -> Result<()> {
    let steps = Steps::start();
    steps.step("set-up", setup::run)?;
    steps.step("tidy", tidy::run)?;
    for (title, arguments) in CARGO_STEPS {
        steps.step(title, || run::program(&run::cargo(), arguments))?;
    }
    steps.step("kill -9 under load", torture::run)?;
    steps.say("all passed");
    Ok(())
}
