//! The service over HTTP: handing in, and what people look at most.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{fs, thread};

use anyhow::{Context as _, ensure};
use banjie_app::app::App;
use banjie_app::time::{Clock, HeldClock};
use banjie_app::{demo, session, tokens};
use banjie_domain::actor::Principal;
use banjie_store::commit::commit;
use banjie_store::db::Schema;
use banjie_web::serve::{Limits, run as run_site};
use banjie_web::state::Web;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::client::Client;
use super::shown;
use crate::arguments::Options;
use crate::open::open_with;
use crate::serve::site;

/// Who hands in at one time.
const CLIENTS: usize = 32;
/// How long each rate is measured.
const TIME: Duration = Duration::from_secs(15);
/// Requests a second while pages are read.
const PACE: u64 = 100;
/// Requests of each page.
const ROUNDS: u64 = 1000;

/// A service on a port of its own, in this process, and what stops it.
struct Running {
    app: Arc<App>,
    at: SocketAddr,
    password: String,
    stop: Option<oneshot::Sender<()>>,
    served: Option<thread::JoinHandle<anyhow::Result<()>>>,
}

impl Running {
    fn start(options: &Options) -> anyhow::Result<Self> {
        let clock = Arc::new(HeldClock::default());
        let app = Arc::new(open_with(options, Schema::Migrate, Arc::clone(&clock) as Arc<dyn Clock>)?);
        let password = demo::fill(&app, &clock)?.password;
        let texts = banjie_web::texts::Texts::load().map_err(|flaws| anyhow::anyhow!("{}", flaws.join("\n")))?;
        let web = Web { site: Arc::new(site(&app, options, texts)?), app: Arc::clone(&app), meters: Arc::default() };
        let (stop, stopped) = oneshot::channel::<()>();
        let (told, at) = std::sync::mpsc::channel();
        let served = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            runtime.block_on(async {
                let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
                told.send(listener.local_addr()?)?;
                let stop = async { drop(stopped.await) };
                Ok(run_site(listener, banjie_web::router(web), Limits::default(), stop).await?)
            })
        });
        let at = at.recv().context("the service did not start")?;
        Ok(Self { app, at, password, stop: Some(stop), served: Some(served) })
    }

    fn cookie(&self, login: &str) -> anyhow::Result<String> {
        let signed = session::sign_in(&self.app, login, &self.password, "bench");
        let token = signed.map_err(|error| anyhow::anyhow!("{error}"))?.token;
        Ok(format!("cookie: session={token}\r\n"))
    }

    fn end(mut self) -> anyhow::Result<()> {
        drop(self.stop.take());
        match self.served.take().map(thread::JoinHandle::join) {
            Some(Ok(done)) => done?,
            _ => anyhow::bail!("the service of the bench panicked"),
        }
        self.app.store.stop();
        Ok(())
    }
}

/// `banjie bench submit`: registrations handed in over HTTP by many clients at once, beside one writer that only commits.
pub fn submit(options: &Options) -> anyhow::Result<()> {
    ensure!(!options.data.exists(), "give `--data` a folder that is not there yet: the bench fills it");
    let running = Running::start(options)?;
    let clerk = demo::somebody(&running.app, "danwei")?;
    let raw = raw_commits(&running.app, &clerk)?;
    println!("raw: the rows of one registration, one prepared commit after another   {raw:>8.0} a second");
    let http = handed_in(&running)?;
    println!(
        "registrations over HTTP, {CLIENTS} clients                              {http:>8.0} a second   {:.2} of raw (reach 1.0)",
        http / raw
    );
    running.end()
}

/// How often a second the rows of one registration are committed by one writer who does nothing else.
fn raw_commits(app: &App, clerk: &Principal) -> anyhow::Result<f64> {
    let copies = demo::Copies::of_one(app, clerk)?;
    let (start, mut done) = (Instant::now(), 0_u32);
    while start.elapsed() < TIME {
        let changes = copies.again(app)?;
        app.store.write(move |tx| commit(tx, &changes))?;
        done += 1;
    }
    Ok(f64::from(done) / start.elapsed().as_secs_f64())
}

/// How many registrations a second are answered with 201.
fn handed_in(running: &Running) -> anyhow::Result<f64> {
    // A key may ask so often only; the bench has as many as it needs.
    let mut keys = Vec::new();
    for login in ["danwei", "danwei2", "zongbao", "fenbao"] {
        let who = demo::somebody(&running.app, login)?;
        for nth in 0..16 {
            keys.push(tokens::make(&running.app, &who, &format!("bench {nth}"), "30")?.secret);
        }
    }
    let (next, done) = (AtomicU64::new(0), AtomicU64::new(0));
    let start = Instant::now();
    let work = |first: usize| -> anyhow::Result<()> {
        let mut client = Client::to(running.at)?;
        let mut turn = first;
        while start.elapsed() < TIME {
            let nth = next.fetch_add(1, Ordering::Relaxed);
            let key = keys.get(turn % keys.len()).context("no key")?;
            turn += CLIENTS;
            let headers = format!("authorization: Bearer {key}\r\nidempotency-key: bench-{nth:020}\r\n");
            let answer = client.post("/api/v1/registrations", &headers, &demo::worker(&running.app, nth))?;
            ensure!(answer.status == 201, "{}: {}", answer.status, String::from_utf8_lossy(&answer.body));
            done.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    };
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|first| scope.spawn(move || work(first))).collect();
        clients.into_iter().try_for_each(|client| client.join().map_err(|_| anyhow::anyhow!("a client panicked"))?)
    })?;
    Ok(f64::from(u32::try_from(done.load(Ordering::Relaxed))?) / start.elapsed().as_secs_f64())
}

/// `banjie bench read`: how long people wait for what they look at most, and how much they are sent, on a demo of any
/// size; then how soon a start answers and how much memory it holds.
pub fn read(options: &Options) -> anyhow::Result<()> {
    ensure!(options.data.is_dir(), "give `--data` of a demo with the size to be measured");
    let running = Running::start(options)?;
    let (officer, clerk) = (running.cookie("shouli")?, running.cookie("danwei")?);
    let case = first_link(&running, &officer, "/desk", "/desk/cases/")?;
    let mine = first_link(&running, &clerk, "/cases", "/cases/case_")?;
    println!("{PACE} requests a second, {ROUNDS} of each; raw is /livez of the same run");
    let raw = paced(&running, "/livez", "")?;
    println!("{:<34} p50 {:>8}   p99 {:>8}", "raw", shown(raw.0), shown(raw.1));
    for (what, path, cookie) in [
        ("reviewer's queue", "/desk", &officer),
        ("case at the desk", case.as_str(), &officer),
        ("employer's list", "/registrations", &clerk),
        ("case of the employer", mine.as_str(), &clerk),
    ] {
        let (half, most) = paced(&running, path, cookie)?;
        let ratio = most.as_secs_f64() / 0.025;
        println!("{what:<34} p50 {:>8}   p99 {:>8}   {ratio:.2} of its limit (25 ms)", shown(half), shown(most));
    }
    first_page(&running)?;
    running.end()?;
    started(options)
}

fn first_link(running: &Running, cookie: &str, path: &str, beginning: &str) -> anyhow::Result<String> {
    let page = Client::to(running.at)?.get(path, cookie)?;
    let text = String::from_utf8_lossy(&page.body).into_owned();
    let link =
        text.split("href=\"").skip(1).filter_map(|rest| rest.split_once('"')).find(|(to, _)| to.starts_with(beginning));
    link.map(|(to, _)| to.to_owned()).with_context(|| format!("{path} ({}) has no link to {beginning}…", page.status))
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
