//! What developers run: `cargo xtask COMMAND`. It only starts other programs and reads files;
//! it must never be needed to run the product, nor grow a dependency that slows every test run down.

mod bench;
mod fuzz;
mod run;
mod setup;
mod shots;
mod tables;
mod test;
mod tidy;
mod torture;

use std::{env, process::ExitCode};

use anyhow::{Result, bail};

const HELP: &str = "\
cargo xtask setup               install what the tests need (browser, PostgreSQL, fonts, nextest, axe-core)
cargo xtask test                set-up, tidy, format, lints, build, all tests; what CI runs
cargo xtask torture             kill the service under load, and a control that must lose something
cargo xtask bench-postgres      registrations over HTTP on PostgreSQL, beside pgbench with the same statements
cargo xtask fuzz-api            schemathesis over the interface for programs, with the key of every role
cargo xtask tables              write docs/lifecycle.md and docs/authorization.csv from the code
cargo xtask tidy                rules of the source files that no other tool checks
cargo xtask shots URL OPTIONS   pictures of pages into target/shots; `cargo xtask shots` tells the options";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match command(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn command(arguments: &[String]) -> Result<()> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["setup"] => setup::run(),
        ["test"] => test::run(),
        ["tidy"] => tidy::run(),
        ["torture"] => torture::run(),
        ["fuzz-api"] => fuzz::run(),
        ["bench-postgres"] => bench::run(),
        ["tables"] => tables::run(),
        ["shots", options @ ..] => shots::run(options),
        [] | ["help" | "--help"] => {
            println!("{HELP}");
            Ok(())
        }
        other => bail!("there is no `{}`\n\n{HELP}", other.join(" ")),
    }
}
