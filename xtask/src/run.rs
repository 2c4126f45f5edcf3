//! Starting programs from the project's root, and saying how long they took.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context as _, Result, ensure};

/// The project's root.
pub fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_owned()
}

/// The cargo that started this program.
pub fn cargo() -> String {
    env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// Runs a program to its end and shows what it prints.
pub fn program(name: &str, arguments: &[&str]) -> Result<()> {
    let mut command = Command::new(name);
    finish(command.args(arguments).current_dir(root()))
}

/// Runs a prepared command to its end and shows what it prints.
pub fn finish(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    ensure!(status.success(), "{command:?} ended with {status}");
    Ok(())
}

/// Whether a program can be started and ends well; what it prints is not shown.
pub fn succeeds(name: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(name);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Whether a program of this name is on the PATH.
pub fn on_path(name: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|directory| directory.join(name).is_file())
}

/// A run of several steps, each announced with the seconds since the beginning.
pub struct Steps {
    started: Instant,
}

impl Steps {
    /// Starts the clock.
    pub fn start() -> Self {
        Self { started: Instant::now() }
    }

    /// Announces and does one step.
    pub fn step(&self, title: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
        self.say(title);
        work().with_context(|| format!("{title}: failed"))
    }

    /// Says one line with the seconds since the beginning.
    pub fn say(&self, line: &str) {
        println!("[{:4} s] {line}", self.started.elapsed().as_secs());
    }
}
