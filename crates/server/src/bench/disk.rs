//! The disk under a measurement: memory that calls itself a disk would make every figure a lie.

use std::fs::{self, File};
use std::io::{Seek as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

/// Kinds of file systems that lose everything with the power.
const MEMORY: [&str; 2] = ["tmpfs", "ramfs"];

/// Refuses a folder that lies in memory.
pub fn refuse_memory(folder: &Path) -> anyhow::Result<()> {
    let folder = folder.canonicalize()?;
    let mounts = fs::read_to_string("/proc/mounts").context("reading what is mounted")?;
    let under = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        Some((words.next()?, words.next()?))
    });
    let (at, kind) = under
        .filter(|(at, _)| folder.starts_with(at))
        .max_by_key(|(at, _)| at.len())
        .context("the folder is on no file system")?;
    ensure!(
        !MEMORY.contains(&kind),
        "`{}` is on {at}, which is memory ({kind}); give a folder on a disk",
        folder.display()
    );
    Ok(())
}

/// How long it takes until 4 KiB are on the disk, in the middle of 200 times.
pub fn fsync(folder: &Path) -> anyhow::Result<Duration> {
    let path = folder.join("fsync");
    let mut file = File::create(&path)?;
    let mut times = Vec::new();
    for _ in 0..200 {
        let start = Instant::now();
        file.rewind()?;
        file.write_all(&[1; 4096])?;
        file.sync_data()?;
        times.push(start.elapsed());
    }
    fs::remove_file(&path)?;
    times.sort();
    times.get(times.len() / 2).copied().context("nothing was measured")
}
