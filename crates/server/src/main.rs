//! The one program: serves, checks and prepares an installation.

mod arguments;
mod bench;
mod open;
mod policy;
mod serve;
mod tools;

use std::process::ExitCode;

use arguments::{Command, parse};

fn main() -> ExitCode {
    let command = match parse(std::env::args().skip(1)) {
        Ok(command) => command,
        Err(problem) => {
            eprintln!("{problem}\n\n{}", arguments::USAGE);
            return ExitCode::from(2);
        }
    };
    start_log();
    let done = match command {
        Command::Help => {
            println!("{}", arguments::USAGE);
            Ok(true)
        }
        Command::Version => {
            println!("banjie {}", env!("CARGO_PKG_VERSION"));
            Ok(true)
        }
        Command::Serve(options) => serve::run(&options).map(|()| true),
        Command::Migrate(options) => tools::migrate(&options).map(|()| true),
        Command::Verify(options) => tools::verify(&options),
        Command::Checkpoint(file, options) => tools::take_checkpoint(&file, &options).map(|()| true),
        Command::Backup(folder, options) => tools::back_up(&folder, &options).map(|()| true),
        Command::Restore(folder, options) => tools::restore(&folder, &options),
        Command::BenchSubmit(options) => bench::submit(&options).map(|()| true),
        Command::BenchRead(options) => bench::read(&options).map(|()| true),
        Command::BenchRules(options) => bench::rules(&options).map(|()| true),
        Command::Policy(command) => policy::run(&command).map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("banjie: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Logs go to standard error: JSON for machines, lines for a terminal.
fn start_log() {
    use std::io::IsTerminal as _;
    let filter = tracing_subscriber::EnvFilter::try_from_env("BANJIE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    // What calls webhooks would write their addresses out, and those may hold a secret.
    let filter = ["ureq=warn", "ureq_proto=warn"]
        .iter()
        .filter_map(|quiet| quiet.parse().ok())
        .fold(filter, tracing_subscriber::EnvFilter::add_directive);
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        log.compact().init();
    } else {
        log.json().init();
    }
}
