//! A program that never outlives the test that started it, with a directory that goes when it goes.
//! It must clean up even when the test is killed, so the cleaning is done by a shell that waits for the test's end.

use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio, id},
    sync::{
        atomic::{AtomicU32, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow, bail};

/// `$1` is the directory, the rest is the program. The shell's input is a pipe that only the test holds:
/// it ends when the test lets go of it or dies, by whatever signal. `setsid` gives the program a process
/// group of its own, so that its children end with it.
const GUARD: &str = r#"
dir=$1; shift
setsid "$@" </dev/null &
exec >/dev/null 2>&1
cat
kill -s KILL -- "-$!"
kill -s KILL "$!"
wait
rm -rf -- "$dir"
"#;

/// A running program, its directory and the lines it has printed.
pub struct Guarded {
    shell: Child,
    directory: PathBuf,
    lines: Receiver<String>,
}

/// A new empty directory for one program of this test.
pub fn new_directory(name: &str) -> Result<PathBuf> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let directory = env::temp_dir().join(format!("banjie-{name}-{}-{number}", id()));
    fs::create_dir_all(&directory).with_context(|| format!("cannot make `{}`", directory.display()))?;
    Ok(directory)
}

impl Guarded {
    /// Starts `program`; `directory` is removed when it has ended.
    pub fn start(program: &Command, directory: PathBuf) -> Result<Self> {
        let mut shell = Command::new("sh");
        shell.args(["-c", GUARD, "guard"]).arg(&directory).arg(program.get_program()).args(program.get_args());
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
        let mut shell = shell.spawn().with_context(|| format!("cannot start {program:?}"))?;
        let output = shell.stdout.take().context("the program's output is piped")?;
        let (sender, lines) = mpsc::channel();
        // Reads to the end even when nobody asks, so that the program never stands still on a full pipe.
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Ok(Self { shell, directory, lines })
    }

    /// The directory that goes with the program.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The first thing `find` sees in a printed line, and the lines up to there.
    pub fn wait_for<T>(&self, limit: Duration, find: impl Fn(&str) -> Option<T>) -> Result<(T, Vec<String>)> {
        let started = Instant::now();
        let mut seen = Vec::new();
        loop {
            match self.lines.recv_timeout(limit.saturating_sub(started.elapsed())) {
                Ok(line) => {
                    let found = find(&line);
                    seen.push(line);
                    if let Some(found) = found {
                        return Ok((found, seen));
                    }
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(anyhow!("the program ended before it was ready; it said {seen:?}"));
                }
                Err(RecvTimeoutError::Timeout) => {
                    bail!("not ready within {limit:?}; it said {seen:?}")
                }
            }
        }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}
