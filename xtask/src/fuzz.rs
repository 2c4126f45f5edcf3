//! `cargo xtask fuzz-api`: schemathesis tries every operation of the interface with the key of every role, on a demo.
//!
//! It downloads schemathesis into a folder of its own the first time, so it is no part of the tests that CI runs.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::run;

const SCHEMATHESIS: &str = "schemathesis==4.32.5";
/// One account of each role that has keys.
const ACCOUNTS: [&str; 10] =
    ["geren", "danwei", "chaxun", "zongbao", "chuangkou", "shouli", "chushen", "fushen", "duban", "jiancha"];
/// Rules go beyond what a schema can say, so data that fits the schema may be refused with 422.
const LEFT_OUT: &str = "positive_data_acceptance";
/// Below what one key may ask in a minute.
const PACE: &str = "1100/m";

/// Tries everything, and counts.
pub fn run() -> Result<()> {
    let folder = run::root().join("target/fuzz-api");
    let program = folder.join("venv/bin/schemathesis");
    if !program.is_file() {
        let venv = folder.join("venv");
        run::finish(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        run::finish(Command::new(venv.join("bin/pip")).args(["install", "--quiet", SCHEMATHESIS]))?;
    }
    run::program(&run::cargo(), &["build"])?;
    let demo = Demo::start()?;
    let mut cases = 0;
    for login in ACCOUNTS {
        let key = demo.keys.iter().find(|(account, _)| account == login).context("the demo has no such account")?;
        let output = Command::new(&program)
            .args(["run", &format!("{}/api/v1/openapi.json", demo.address), "--checks", "all"])
            .args(["--exclude-checks", LEFT_OUT, "--rate-limit", PACE, "--no-color", "--header"])
            .arg(format!("Authorization: Bearer {}", key.1))
            .current_dir(&folder)
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "{login}:\n{text}");
        let tried = generated(&text).with_context(|| format!("schemathesis does not say how many:\n{text}"))?;
        println!("{login:10} {tried:>6} cases, all as described");
        cases += tried;
    }
    println!("{cases} cases of {} accounts", ACCOUNTS.len());
    Ok(())
}

/// The number on the line `N generated, N passed`.
fn generated(text: &str) -> Option<u64> {
    text.lines().find_map(|line| line.split_once(" generated,")?.0.trim().parse().ok())
}

/// A demo on a port of its own.
struct Demo {
    child: Child,
    address: String,
    keys: Vec<(String, String)>,
}

impl Demo {
    fn start() -> Result<Self> {
        let data = run::root().join("target/fuzz-api/data");
        if data.exists() {
            std::fs::remove_dir_all(&data)?;
        }
        let mut child = Command::new(run::root().join("target/debug/banjie"))
            .args(["serve", "--demo", "--keys", "--listen", "127.0.0.1:0", "--data"])
            .arg(&data)
            .env("BANJIE_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().context("no output")?;
        let mut demo = Self { child, address: String::new(), keys: Vec::new() };
        for line in BufReader::new(out).lines() {
            let line = line?;
            if line.starts_with("http://") {
                demo.address = line;
                return Ok(demo);
            }
            let key = line.trim().split_once(' ').filter(|(_, rest)| rest.trim().starts_with("banjie_"));
            demo.keys.extend(key.map(|(login, key)| (login.to_owned(), key.trim().to_owned())));
        }
        anyhow::bail!("the demo ended before it served")
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::generated;

    #[test]
    fn the_number_of_cases_is_read() {
        assert_eq!(generated("mostly rejected generated data\nTest cases:\n  1603 generated, 1603 passed"), Some(1603));
        assert_eq!(generated("nothing"), None);
    }
}
