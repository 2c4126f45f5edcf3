//! Registrations handed in over HTTP by many clients at once, beside writers that only commit.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use banjie_app::app::App;
use banjie_app::{demo, tokens, verify};
use banjie_store::commit::commit;

use super::client::Client;
use super::running::{Running, demo_of};
use super::{disk, shown};
use crate::arguments::Options;

/// Who hands in at one time, unless it is said.
const ON_SQLITE: usize = 32;
const ON_POSTGRES: usize = 16;
/// How long each rate is measured.
const TIME: Duration = Duration::from_secs(15);
/// Registrations that share a commit where many wait for one disk.
const GROUP: usize = 32;

/// `banjie bench submit`: how many registrations a second are answered with 201, beside the rows alone.
pub fn submit(options: &Options) -> anyhow::Result<()> {
    ensure!(!options.data.exists(), "give `--data` a folder that is not there yet: the bench fills it");
    let on_server = options.database.is_some();
    let clients = options.clients.unwrap_or(if on_server { ON_POSTGRES } else { ON_SQLITE });
    let running = Running::start(options)?;
    // On PostgreSQL the disk is the server's, and the raw limit is pgbench: `cargo xtask bench-postgres`.
    let raw = if on_server { None } else { Some(raw(options)?) };
    let before = verify::run(&running.app)?;
    let (rate, answered) = handed_in(&running, clients)?;
    let after = verify::run(&running.app)?;
    ensure!(after.findings.is_empty(), "verify finds {:?}", after.findings);
    ensure!(
        after.streams - before.streams == 2 * answered,
        "{answered} were answered, and there are {} more histories; each has two",
        after.streams - before.streams
    );
    let beside = raw.map_or_else(String::new, |raw| format!("   {:.2} of raw (reach 1.0)", rate / raw));
    println!("{:<70} {rate:>8.0} a second{beside}", format!("registrations over HTTP, {clients} clients"));
    println!("{answered} answered, all of them there, verify finds nothing");
    running.end()
}

/// The rows of one registration, one commit each; shown beside it the same in groups. Its own database: the rows are
/// copies under other ids, which no history could have.
fn raw(options: &Options) -> anyhow::Result<f64> {
    disk::refuse_memory(&options.data)?;
    println!("{:<70} {:>8}", "one fsync of 4 KiB in the folder (middle of 200)", shown(disk::fsync(&options.data)?));
    let (app, _) = demo_of(&Options { data: options.data.join("raw"), ..options.clone() })?;
    let copies = demo::Copies::of_one(&app, &demo::somebody(&app, "danwei")?)?;
    let single = commits(&app, &copies, 1)?;
    println!("{:<70} {single:>8.0} a second", "raw: the rows of one registration, one prepared commit after another");
    let grouped = commits(&app, &copies, GROUP)?;
    println!("{:<70} {grouped:>8.0} a second", format!("raw: the same, {GROUP} registrations in each commit"));
    app.store.stop();
    Ok(single)
}

/// How many registrations a second are written by one writer who does nothing else, so many in each commit.
fn commits(app: &App, copies: &demo::Copies, group: usize) -> anyhow::Result<f64> {
    let (start, mut done) = (Instant::now(), 0_u32);
    while start.elapsed() < TIME {
        let group = (0..group).map(|_| copies.again(app)).collect::<Result<Vec<_>, _>>()?;
        done += u32::try_from(group.len())?;
        app.store.write(move |tx| group.iter().try_for_each(|changes| commit(tx, changes)))?;
    }
    Ok(f64::from(done) / start.elapsed().as_secs_f64())
}

/// How many registrations a second are answered with 201, and how many there were.
fn handed_in(running: &Running, clients: usize) -> anyhow::Result<(f64, u64)> {
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
            turn += clients;
            let headers = format!("authorization: Bearer {key}\r\nidempotency-key: bench-{nth:020}\r\n");
            let answer = client.post("/api/v1/registrations", &headers, &demo::worker(&running.app, nth))?;
            ensure!(answer.status == 201, "{}: {}", answer.status, String::from_utf8_lossy(&answer.body));
            done.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    };
    thread::scope(|scope| {
        let clients: Vec<_> = (0..clients).map(|first| scope.spawn(move || work(first))).collect();
        clients.into_iter().try_for_each(|client| client.join().map_err(|_| anyhow::anyhow!("a client panicked"))?)
    })?;
    let done = done.load(Ordering::Relaxed);
    Ok((f64::from(u32::try_from(done)?) / start.elapsed().as_secs_f64(), done))
}
