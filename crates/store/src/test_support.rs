//! Databases for tests: a temporary SQLite file, and a PostgreSQL cluster that dies with the test process.
//!
//! A test never goes without PostgreSQL: where it is not installed the test fails and says how to get it.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use postgres::{Client, NoTls};

use crate::db::StoreUrl;

/// The cluster of this process, for as long as any test uses it.
static CLUSTER: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());

/// Tells databases and files of one process apart.
static COUNT: AtomicU32 = AtomicU32::new(0);

/// Starts the server below a shell, which ends it when the test process does, however that ends.
const KEEPER: &str = r#"
dir=$1; initdb=$2; postgres=$3; shift 3
trap '' INT
if ! "$initdb" -D "$dir/data" -U banjie -A trust -E UTF8 --no-locale --no-sync >"$dir/log" 2>&1; then
    cat "$dir/log" >&2; rm -rf "$dir"; exit 1
fi
"$postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c max_connections=200 -c shared_buffers=32MB "$@" \
    >"$dir/log" 2>&1 </dev/null &
server=$!
cat >/dev/null
kill -QUIT "$server"
wait "$server"
rm -rf "$dir"
"#;

/// A fresh, empty database on this process's own PostgreSQL.
pub struct TestPostgres {
    cluster: Arc<Cluster>,
    database: String,
}

struct Cluster {
    directory: PathBuf,
    keeper: Child,
    // Closing it tells the keeper to end the server.
    stop: Option<ChildStdin>,
}

impl TestPostgres {
    /// Starts the cluster, unless another test of this process has, and makes a database in it.
    ///
    /// # Errors
    /// Why there is none, with what to do about it.
    pub fn start() -> Result<Self, String> {
        let mut shared = CLUSTER.lock().unwrap_or_else(PoisonError::into_inner);
        let cluster = match shared.upgrade() {
            Some(running) => running,
            None => Arc::new(Cluster::start(&[])?),
        };
        *shared = Arc::downgrade(&cluster);
        drop(shared);
        Self::on(cluster)
    }

    /// A database on a cluster of its own with these settings (`name=value`), for what would disturb other tests.
    ///
    /// # Errors
    /// As [`TestPostgres::start`].
    pub fn start_apart(settings: &[&str]) -> Result<Self, String> {
        Self::on(Arc::new(Cluster::start(settings)?))
    }

    fn on(cluster: Arc<Cluster>) -> Result<Self, String> {
        let database = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        cluster
            .connect()
            .and_then(|mut client| client.batch_execute(&format!("create database {database}")))
            .map_err(|error| format!("no test database: {error}"))?;
        Ok(Self { cluster, database })
    }

    /// The address of this database.
    #[must_use]
    pub fn url(&self) -> String {
        self.cluster.url(&self.database)
    }
}

impl Cluster {
    fn start(settings: &[&str]) -> Result<Self, String> {
        let (initdb, server) = (program("initdb")?, program("postgres")?);
        let directory = as_server_user("mktemp")
            .args(["-d", "-t", "banjie-postgres-XXXXXX"])
            .output()
            .map_err(|error| format!("cannot run as the server's user: {error}"))?;
        if !directory.status.success() {
            return Err(String::from_utf8_lossy(&directory.stderr).into_owned());
        }
        let directory = PathBuf::from(String::from_utf8_lossy(&directory.stdout).trim());
        let mut keeper = as_server_user("sh")
            .args(["-c", KEEPER, "keeper"])
            .args([&directory, &initdb, &server])
            .args(settings.iter().flat_map(|setting| ["-c", setting]))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot start PostgreSQL: {error}"))?;
        let stop = keeper.stdin.take();
        let mut cluster = Self { directory, keeper, stop };
        cluster.wait_until_ready()?;
        Ok(cluster)
    }

    fn wait_until_ready(&mut self) -> Result<(), String> {
        let mut last = String::new();
        for _ in 0..3000 {
            match self.connect() {
                Ok(_) => return Ok(()),
                Err(error) => last = error.to_string(),
            }
            if self.keeper.try_wait().is_ok_and(|ended| ended.is_some()) {
                let mut told = String::new();
                let _ = self.keeper.stderr.take().map(|mut stderr| stderr.read_to_string(&mut told));
                return Err(format!("PostgreSQL did not start: {told}"));
            }
            thread::sleep(Duration::from_millis(20));
        }
        let log = fs::read_to_string(self.directory.join("log")).unwrap_or_default();
        Err(format!("PostgreSQL does not answer: {last}\n{log}"))
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://banjie@/{database}?host={}", self.directory.display())
    }

    fn connect(&self) -> Result<Client, postgres::Error> {
        Client::connect(&self.url("postgres"), NoTls)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop = None;
        let _ = self.keeper.wait();
    }
}

/// Runs `f` for a fresh SQLite file and for a fresh PostgreSQL database.
///
/// # Panics
/// When there is no database to be had; the message says what to do.
#[expect(clippy::panic, reason = "a test without its database has to fail, not to pass by doing nothing")]
pub fn each_database(f: impl Fn(&StoreUrl)) {
    let file = TestSqlite::create().unwrap_or_else(|error| panic!("no temporary directory: {error}"));
    f(&file.url());
    let server = TestPostgres::start().unwrap_or_else(|error| panic!("{error}"));
    f(&StoreUrl::parse(&server.url()).unwrap_or_else(|error| panic!("{error}")));
}

/// A directory of its own for a SQLite file; gone when dropped.
pub struct TestSqlite(PathBuf);

impl TestSqlite {
    /// Makes the directory.
    ///
    /// # Errors
    /// The file system's.
    pub fn create() -> io::Result<Self> {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let directory = std::env::temp_dir().join(format!("banjie-sqlite-{}-{number}", std::process::id()));
        fs::create_dir(&directory)?;
        Ok(Self(directory))
    }

    /// The file's address; the file is made by whoever opens it.
    #[must_use]
    pub fn url(&self) -> StoreUrl {
        StoreUrl::sqlite(&self.path())
    }

    /// The file's path.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.0.join("store.db")
    }
}

impl Drop for TestSqlite {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// PostgreSQL refuses to run as root; its own user is used then.
fn as_server_user(program: &str) -> Command {
    let root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    if !root {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "postgres", "--regid", "postgres", "--clear-groups", program]);
    // The directory of the tests may be closed to that user.
    command.current_dir("/");
    command
}

/// Where a program of the server is: on the PATH, or where Debian keeps it.
fn program(name: &str) -> Result<PathBuf, String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .chain(versions.map(|version| version.path().join("bin").join(name)))
        .find(|candidate: &PathBuf| is_program(candidate))
        .ok_or_else(|| {
            format!("`{name}` of PostgreSQL is not installed; the tests need it: run the set-up command of the README")
        })
}

fn is_program(candidate: &Path) -> bool {
    fs::metadata(candidate).is_ok_and(|file| file.is_file())
}
