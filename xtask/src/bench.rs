//! `cargo xtask bench-postgres`: how many registrations a second are handed in over HTTP on PostgreSQL, beside pgbench
//! with the statements that the server logged for one of them.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

use crate::run;

mod statements;

const CLIENTS: &str = "16";
const SECONDS: &str = "15";
/// Where Debian keeps the server's programs.
const DEBIAN: &str = "/usr/lib/postgresql";

/// Starts a server of its own on a disk, and measures.
pub fn run() -> Result<()> {
    run::program(&run::cargo(), &["build", "--release"])?;
    let server = Server::start()?;
    for database in ["logged", "served"] {
        server.sql("postgres", &format!("create database {database}"))?;
    }
    server.sql("postgres", "alter system set log_statement = 'all'")?;
    server.sql("postgres", "select pg_reload_conf()")?;
    server.submit("logged", "1")?;
    server.sql("postgres", "alter system reset log_statement")?;
    server.sql("postgres", "select pg_reload_conf()")?;
    let script = statements::script(&fs::read_to_string(server.folder.join("log"))?)?;
    fs::write(server.folder.join("submit.sql"), &script)?;

    println!("one registration: {} statements", script.lines().count() - 1);
    let served = rate(&server.submit("served", CLIENTS)?, "registrations over HTTP")?;
    let raw = server.pgbench("logged")?;
    println!("pgbench, the same statements, {CLIENTS} clients   {raw:>8.0} a second");
    println!(
        "registrations over HTTP, {CLIENTS} clients        {served:>8.0} a second   {:.2} of raw (reach 0.7)",
        served / raw
    );
    Ok(())
}

/// The figure before `a second` on the line that begins so.
fn rate(text: &str, line: &str) -> Result<f64> {
    let found =
        text.lines().find(|one| one.starts_with(line)).with_context(|| format!("no line `{line}` in\n{text}"))?;
    let (front, _) = found.split_once(" a second").context("no rate")?;
    front.rsplit(' ').next().and_then(|word| word.parse().ok()).context("no number")
}

/// A PostgreSQL that ends with this program.
struct Server {
    folder: PathBuf,
    child: Child,
}

impl Server {
    fn start() -> Result<Self> {
        let made = as_server("mktemp")?.args(["-d", "-t", "banjie-bench-XXXXXX"]).output()?;
        ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let folder = PathBuf::from(String::from_utf8_lossy(&made.stdout).trim());
        let data = folder.join("data");
        let made = as_server("initdb")?
            .args(["-U", "banjie", "-A", "trust", "-E", "UTF8", "--no-locale", "-D"])
            .arg(&data)
            .stdout(Stdio::null())
            .status()?;
        ensure!(made.success(), "initdb ended with {made}");
        let log = fs::File::create(folder.join("log"))?;
        let child = as_server("postgres")?
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(&folder)
            .args(["-c", "listen_addresses=", "-c", "max_connections=100", "-c", "shared_buffers=256MB"])
            .args(["-c", "log_line_prefix=", "-c", "log_parameter_max_length=-1"])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()?;
        let server = Self { folder, child };
        for _ in 0..300 {
            if server.psql("postgres", "select 1").stderr(Stdio::null()).stdout(Stdio::null()).status()?.success() {
                return Ok(server);
            }
            thread::sleep(Duration::from_millis(100));
        }
        bail!("PostgreSQL does not answer: {}", fs::read_to_string(server.folder.join("log"))?)
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://banjie@/{database}?host={}", self.folder.display())
    }

    fn psql(&self, database: &str, sql: &str) -> Command {
        let mut command = Command::new("psql");
        command.args(["-qX", "-v", "ON_ERROR_STOP=1", "-d", &self.url(database), "-c", sql]);
        command
    }

    fn sql(&self, database: &str, sql: &str) -> Result<()> {
        run::finish(self.psql(database, sql).stdout(Stdio::null()))
    }

    /// `banjie bench submit` on a database; what it prints.
    fn submit(&self, database: &str, clients: &str) -> Result<String> {
        let data = self.folder.join(format!("{database}-data"));
        let program = run::root().join("target/release/banjie");
        let output = Command::new(program)
            .args(["bench", "submit", "--clients", clients, "--database", &self.url(database), "--data"])
            .arg(&data)
            .env("BANJIE_LOG", "error")
            .stderr(Stdio::inherit())
            .output()?;
        ensure!(output.status.success(), "banjie bench submit ended with {}", output.status);
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn pgbench(&self, database: &str) -> Result<f64> {
        let output = Command::new(program("pgbench")?)
            .args(["-n", "-M", "prepared", "-c", CLIENTS, "-j", "2", "-T", SECONDS, "-f"])
            .arg(self.folder.join("submit.sql"))
            .arg(self.url(database))
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "pgbench: {text}{}", String::from_utf8_lossy(&output.stderr));
        let line = text.lines().find_map(|line| line.strip_prefix("tps = ")).context("pgbench names no rate")?;
        line.split(' ').next().and_then(|word| word.parse().ok()).context("pgbench names no number")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// PostgreSQL refuses to run as root; its own user is used then.
fn as_server(name: &str) -> Result<Command> {
    let path = program(name)?;
    let root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    if !root {
        return Ok(Command::new(path));
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]).arg(path).current_dir("/");
    Ok(command)
}

/// A program of the server: on the PATH, or where Debian keeps it.
fn program(name: &str) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let versions = fs::read_dir(DEBIAN).into_iter().flatten().flatten().map(|version| version.path().join("bin"));
    let found = std::env::split_paths(&path).chain(versions).map(|folder| folder.join(name)).find(|one| one.is_file());
    found.with_context(|| format!("`{name}` is not installed; `cargo xtask setup` installs PostgreSQL"))
}
