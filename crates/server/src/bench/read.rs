//! What people look at most, on a demo of any size.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use anyhow::{Context as _, ensure};

use super::client::Client;
use super::running::Running;
use super::shown;
use crate::arguments::Options;

/// Requests a second while pages are read.
const PACE: u64 = 100;
/// Requests of each page.
const ROUNDS: u64 = 500;

/// `banjie bench read`: how long people wait for what they look at most, and how much they are sent, on a demo of any
/// size; then how soon a start answers and how much memory it holds.
pub fn read(options: &Options) -> anyhow::Result<()> {
    ensure!(options.data.is_dir(), "give `--data` of a demo with the size to be measured");
    let running = Running::start(options)?;
    println!("{PACE} requests a second, {ROUNDS} of each; raw is /livez of the same run");
    let raw = paced(&running, "/livez", "")?;
    println!("{:<64} p50 {:>8}   p99 {:>8}", "raw", shown(raw.0), shown(raw.1));
    let lists = ["/desk", "/registrations"].map(|list| ("shouli", list));
    for (login, list) in lists.into_iter().chain([("danwei", "/registrations"), ("danwei", "/cases")]) {
        let cookie = running.cookie(login)?;
        for path in views(&running, &cookie, list)? {
            look(&running, login, &path, &cookie)?;
        }
    }
    for (login, list, one) in [
        ("shouli", "/desk", "/desk/cases/"),
        ("danwei", "/cases", "/cases/case_"),
        ("danwei", "/registrations", "/registrations/reg_"),
    ] {
        let cookie = running.cookie(login)?;
        let path = link(&page(&running, &cookie, list)?, one).with_context(|| format!("{list} has no {one}…"))?;
        look(&running, login, &path, &cookie)?;
    }
    first_page(&running)?;
    running.end()?;
    started(options)
}

fn look(running: &Running, login: &str, path: &str, cookie: &str) -> anyhow::Result<()> {
    let (half, most) = paced(running, path, cookie)?;
    let ratio = most.as_secs_f64() / 0.025;
    // An id says nothing here.
    let shape: String = path.chars().take(46).collect();
    println!(
        "{login:<16} {shape:<47} p50 {:>8}   p99 {:>8}   {ratio:.2} of its limit (25 ms)",
        shown(half),
        shown(most)
    );
    Ok(())
}

/// A list as it opens, every view that it offers, and the page after its first.
fn views(running: &Running, cookie: &str, list: &str) -> anyhow::Result<BTreeSet<String>> {
    let offered = |text: &str| -> Vec<String> {
        links(text).filter(|to| to.strip_prefix(list).is_some_and(|rest| rest.starts_with('?'))).collect()
    };
    let first = page(running, cookie, list)?;
    Ok(offered(&first).into_iter().chain([list.to_owned()]).collect())
}

fn links(text: &str) -> impl Iterator<Item = String> + '_ {
    let quoted = text.split("href=\"").skip(1).filter_map(|rest| rest.split_once('"'));
    quoted.map(|(to, _)| to.replace("&amp;", "&").replace("&#38;", "&"))
}

fn link(text: &str, beginning: &str) -> Option<String> {
    links(text).find(|to| to.starts_with(beginning))
}

fn page(running: &Running, cookie: &str, path: &str) -> anyhow::Result<String> {
    let page = Client::to(running.at)?.get(path, cookie)?;
    ensure!(page.status == 200, "{path} answers {}", page.status);
    Ok(String::from_utf8_lossy(&page.body).into_owned())
}

/// The middle and the slowest hundredth of answers that are asked for at a steady pace, waiting in line included.
fn paced(running: &Running, path: &str, cookie: &str) -> anyhow::Result<(Duration, Duration)> {
    const LANES: u64 = 4;
    let start = Instant::now() + Duration::from_millis(50);
    let lane = |lane: u64| -> anyhow::Result<Vec<Duration>> {
        let mut client = Client::to(running.at)?;
        let mut times = Vec::new();
        for nth in (lane..ROUNDS).step_by(usize::try_from(LANES)?) {
            let due = start + Duration::from_secs(1) * u32::try_from(nth)? / u32::try_from(PACE)?;
            thread::sleep(due.saturating_duration_since(Instant::now()));
            let answer = client.get(path, cookie)?;
            ensure!(answer.status == 200, "{path} answers {}", answer.status);
            times.push(due.elapsed());
        }
        Ok(times)
    };
    let mut times = thread::scope(|scope| -> anyhow::Result<Vec<Duration>> {
        let lanes: Vec<_> = (0..LANES).map(|nth| scope.spawn(move || lane(nth))).collect();
        let mut all = Vec::new();
        for lane in lanes {
            all.extend(lane.join().map_err(|_| anyhow::anyhow!("a client panicked"))??);
        }
        Ok(all)
    })?;
    times.sort();
    let at = |hundredth: usize| times.get(times.len() * hundredth / 100).copied().unwrap_or_default();
    Ok((at(50), at(99)))
}

/// What a visitor with an empty cache is sent, and by whom.
fn first_page(running: &Running) -> anyhow::Result<()> {
    let mut client = Client::to(running.at)?;
    let page = client.get("/", "accept-encoding: gzip\r\n")?;
    let text = String::from_utf8_lossy(&page.body).into_owned();
    let quoted = text.split(['"', '\'']).filter(|word| word.starts_with("/assets/") || word.starts_with("http"));
    let (ours, foreign): (BTreeSet<&str>, BTreeSet<&str>) = quoted.partition(|word| word.starts_with('/'));
    let mut bytes = page.bytes;
    for asset in &ours {
        bytes += client.get(asset, "accept-encoding: gzip\r\n")?.bytes;
    }
    println!(
        "first page on the wire, empty cache    {:>6} bytes in {} parts, {} other host(s)   {:.2} of its limit (80 kB)",
        bytes,
        ours.len() + 1,
        foreign.len(),
        f64::from(u32::try_from(bytes)?) / 80_000.0
    );
    Ok(())
}

/// How soon a fresh process answers on this installation, and what it holds when it idles.
fn started(options: &Options) -> anyhow::Result<()> {
    let program = std::env::current_exe()?;
    let start = Instant::now();
    let mut child = Command::new(&program)
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(&options.data)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let measured = first_answer(&mut child, start);
    // Idle: the worker has looked at the day, and nobody asks anything.
    thread::sleep(Duration::from_secs(3));
    let memory = resident(child.id());
    child.kill()?;
    child.wait()?;
    let (took, memory) = (measured?, memory?);
    println!(
        "start to first answer                  {:>10}   {:.2} of its limit (300 ms)",
        shown(took),
        took.as_secs_f64() / 0.3
    );
    println!(
        "memory when idle                       {memory:>6} KiB   {:.2} of its limit (64 MiB)",
        f64::from(memory) / 65_536.0
    );
    let size = fs::metadata(&program)?.len();
    println!(
        "the program                            {:>6} KiB   {:.2} of its limit (40 MiB)",
        size / 1024,
        f64::from(u32::try_from(size / 1024)?) / 40_960.0
    );
    Ok(())
}

fn first_answer(child: &mut std::process::Child, start: Instant) -> anyhow::Result<Duration> {
    use std::io::{BufRead as _, BufReader};
    let out = child.stdout.take().context("no output")?;
    for line in BufReader::new(out).lines() {
        let line = line?;
        if let Some(address) = line.strip_prefix("http://") {
            let answer = Client::to(address.parse()?)?.get("/", "")?;
            ensure!(answer.status == 200, "the first answer is {}", answer.status);
            return Ok(start.elapsed());
        }
    }
    anyhow::bail!("the service ended before it answered")
}

/// What a process holds in memory, KiB.
fn resident(process: u32) -> anyhow::Result<u32> {
    let path = format!("/proc/{process}/status");
    let text = fs::read_to_string(Path::new(&path))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no memory in the status")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
