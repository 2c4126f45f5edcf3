//! The kill test: a program under load is killed with -9 again and again, and nothing it answered may be lost.
//!
//! Its control is a build that answers before it commits: in the same number of rounds it has to lose something, or the
//! test could not fail. A process kill cannot test whether the disk was synced; that needs a power cut.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::run;

const ROUNDS: u32 = 30;
const PROGRAM: &str = "kill_load";
const CONTROL: &str = "ack-before-commit";

/// Runs the test and its control.
pub fn run() -> Result<()> {
    let safe = build(None)?;
    let kept = rounds("kill", &safe, &safe)?;
    println!("kill -9: {} rounds, {} answered, {} lost, {} damaged", ROUNDS, kept.answered, kept.lost, kept.damaged);
    ensure!(kept.answered > ROUNDS as usize, "too little was answered to mean anything");
    ensure!(kept.lost == 0 && kept.damaged == 0, "answered work was lost");
    let control = rounds("kill-control", &safe, &build(Some(CONTROL))?)?;
    println!("control: {} rounds, {} answered, {} lost", ROUNDS, control.answered, control.lost);
    ensure!(control.lost > 0, "the build that answers before it commits lost nothing: this test cannot fail");
    Ok(())
}

fn build(feature: Option<&str>) -> Result<PathBuf> {
    let mut arguments = vec!["build", "--package", "banjie-app", "--example", PROGRAM];
    if let Some(feature) = feature {
        arguments.extend(["--features", feature]);
    }
    run::program(&run::cargo(), &arguments)?;
    let built = run::root().join("target/debug/examples").join(PROGRAM);
    // The next build overwrites it, so each run has a copy of its own.
    let copy = run::root().join("target").join(format!("{PROGRAM}-{}", feature.unwrap_or("safe")));
    std::fs::copy(&built, &copy).with_context(|| format!("copying {}", built.display()))?;
    Ok(copy)
}

#[derive(Default)]
struct Tally {
    answered: usize,
    lost: usize,
    damaged: usize,
}

/// The data is made and checked by the safe build; only the load runs in the build under test.
fn rounds(name: &str, safe: &Path, program: &Path) -> Result<Tally> {
    let folder = std::env::temp_dir().join(format!("banjie-{name}-{}", std::process::id()));
    spawn(command(safe, "prepare", &folder).stdin(Stdio::null()))?.wait()?;
    let mut tally = Tally::default();
    for round in 0..ROUNDS {
        let answered = one_round(program, &folder, round)?;
        tally.answered += answered.lines().count();
        let (lost, damaged) = check(safe, &folder, &answered)?;
        tally.lost += lost;
        tally.damaged += damaged;
    }
    std::fs::remove_dir_all(&folder).ok();
    Ok(tally)
}

/// Between 50 and 500 ms, spread over the rounds without a pattern that a batch could follow.
fn delay(round: u32) -> Duration {
    Duration::from_millis(50 + u64::from(round) * 7919 % 451)
}

/// Starts the load, lets it answer for a while, kills it, and returns everything it had said.
fn one_round(program: &Path, folder: &Path, round: u32) -> Result<String> {
    let mut child = spawn(command(program, "run", folder).arg(round.to_string()).stdin(Stdio::null()))?;
    let mut said = BufReader::new(child.stdout.take().context("the load has an output")?);
    let mut text = String::new();
    said.read_line(&mut text)?;
    let reader = thread::spawn(move || {
        let mut rest = String::new();
        said.read_to_string(&mut rest).map(|_| rest)
    });
    thread::sleep(delay(round));
    child.kill()?;
    child.wait()?;
    let rest = reader.join().map_err(|_| anyhow::anyhow!("the reader failed"))??;
    text.push_str(&rest);
    Ok(text)
}

/// A verb of the load; what it says against itself is read beside the test's own words.
fn command(program: &Path, verb: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.arg(verb).arg(folder).stdout(Stdio::piped());
    command
}

fn spawn(command: &mut Command) -> Result<Child> {
    command.spawn().with_context(|| format!("starting {}", command.get_program().display()))
}

/// What of it is not there any more, and what `verify` says.
fn check(program: &Path, folder: &Path, answered: &str) -> Result<(usize, usize)> {
    let mut child = spawn(command(program, "check", folder).stdin(Stdio::piped()))?;
    let mut input = child.stdin.take().context("the check has an input")?;
    let answered = answered.to_owned();
    let writer = thread::spawn(move || input.write_all(answered.as_bytes()));
    let output = child.wait_with_output()?;
    writer.join().map_err(|_| anyhow::anyhow!("the writer failed"))??;
    let text = String::from_utf8_lossy(&output.stdout);
    let lost = text.lines().filter(|line| line.starts_with("lost ")).count();
    let damaged = text.lines().count() - lost;
    ensure!(output.status.success() || lost + damaged > 0, "the check could not be made");
    Ok((lost, damaged))
}
