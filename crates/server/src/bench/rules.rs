//! `banjie bench rules`: how fast rules and clocks are on this machine, each beside the limit it is held to and beside
//! a raw task of the same run.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use banjie_app::rules::{Rules, simulate};
use banjie_domain::clock::{self, DayUnit, Entry, Ledger, Limit, PauseReason, runs};
use banjie_domain::policy::{KnownNames, RegionCode, Rulebook, SourceFile};
use banjie_store::db::Schema;
use jiff::ToSpan as _;
use jiff::civil::{Date, date};

use super::shown;
use crate::arguments::Options;
use crate::open::open;

/// How long each repeated task runs.
const TIME: Duration = Duration::from_secs(2);
/// Packs of districts that are made up.
const PACKS: usize = 3_000;
/// A day on which all shipped rules are in force.
const ON: Date = date(2026, 3, 10);

/// Measures and prints.
pub fn rules(options: &Options) -> anyhow::Result<()> {
    let rules = Rules::built_in()?;
    let text = "x".repeat(4096);
    let copy = per_call(|| drop(black_box(text.clone())));
    println!("raw: copying 4 KiB of text          {:>10}", shown(copy));
    let regions: Vec<RegionCode> = rules.regions(ON).regions().map(|region| region.code.clone()).collect();
    let book = rules.regions(ON);
    let mut next = regions.iter().cycle();
    let resolve = per_call(|| {
        if let Some(region) = next.next() {
            drop(black_box(book.resolve(region, ON)));
        }
    });
    told("resolve a policy", resolve, Duration::from_micros(20), copy);
    let calendar = rules.calendar_of("100000");
    let ledger = paused()?;
    let limit = Limit { days: 20, unit: DayUnit::Working };
    let due = per_call(|| {
        let reading = clock::due(&ledger, limit, &calendar, ON);
        black_box(runs(&reading));
    });
    told("a due date with its explanation", due, Duration::from_micros(50), copy);
    let load = load(&rules)?;
    told("load 3,000 region packs", load, Duration::from_millis(300), copy);
    if options.data.is_dir() {
        trial(options)?;
    } else {
        println!("simulate: give `--data` of an installation with recorded cases to measure it");
    }
    Ok(())
}

/// The time of one call, from as many as fit into [`TIME`].
fn per_call(mut work: impl FnMut()) -> Duration {
    let (start, mut calls) = (Instant::now(), 0u32);
    while start.elapsed() < TIME {
        for _ in 0..100 {
            work();
        }
        calls = calls.saturating_add(100);
    }
    start.elapsed() / calls
}

fn told(what: &str, took: Duration, limit: Duration, raw: Duration) {
    let ratio = took.as_secs_f64() / limit.as_secs_f64();
    let of_raw = took.as_secs_f64() / raw.as_secs_f64();
    let (took, limit) = (shown(took), shown(limit));
    println!("{what:<35} {took:>10}   {ratio:.2} of its limit ({limit}), {of_raw:.0} × raw");
}

/// A clock with two pauses and an extension, over the national day.
fn paused() -> anyhow::Result<Ledger> {
    let day = |days: i64| date(2026, 9, 14).saturating_add(days.days());
    let pause = |on| Entry::Paused { on, reason: PauseReason("supplement".to_owned()) };
    let entries = [
        Entry::Started { on: day(0) },
        pause(day(2)),
        Entry::Resumed { on: day(8) },
        pause(day(15)),
        Entry::Resumed { on: day(30) },
        Entry::Extended { on: day(31), days: 10, reason: "complex-facts".to_owned() },
    ];
    Ledger::new(entries).context("a ledger of the bench")
}

/// How long it takes to read and check [`PACKS`] packs of districts below the shipped cities.
fn load(rules: &Rules) -> anyhow::Result<Duration> {
    let known = KnownNames::from(&*rules.types);
    let mut files: Vec<SourceFile> = Rules::built_in_packs();
    let city = |at: usize| ["330100", "330200", "440100", "440300", "530100"].get(at % 5).copied().unwrap_or("330100");
    files.extend((0..PACKS).map(|at| SourceFile {
        path: format!("regions/{}/policy.toml", 900_000 + at),
        text: format!(
            "region = \"{code}\"\nname = \"第 {at} 区\"\nparent = \"{}\"\nstatus = \"sample\"\nnote = \"示例\"\n\
             from = \"2025-01-01\"\n\n[[rule]]\nkey = \"limit.accept\"\nvalue = 2\nbasis = \"示例\"\n\n[[office]]\n\
             name = \"窗口\"\naddress = \"一号\"\nphone = \"12333\"\nhours = \"工作日\"\nbasis = \"示例\"\n",
            city(at),
            code = 900_000 + at,
        ),
    }));
    let start = Instant::now();
    let book = Rulebook::parse(&files, &known).map_err(|errors| anyhow::anyhow!("{} error(s)", errors.len()))?;
    let took = start.elapsed();
    ensure!(book.regions().count() > PACKS, "all packs are loaded");
    Ok(took)
}

/// Tries the shipped rules, with a shorter legal limit everywhere, on all recorded cases.
fn trial(options: &Options) -> anyhow::Result<()> {
    let app = open(options, Schema::MustMatch)?;
    let shorter = |text: &str| text.replacen("value = 20", "value = 19", 1);
    let changed = Rules::built_in_with("regions/100000/policy.toml", shorter)?;
    let start = Instant::now();
    let trial = simulate(&app, &changed, ON)?;
    let took = start.elapsed();
    let each = took.as_secs_f64() / u32::try_from(trial.cases.max(1)).map_or(f64::MAX, f64::from);
    println!(
        "simulate {} recorded cases           {:>10}   100,000 would take {:.1} s, {:.2} of its limit (30 s); {} differ",
        trial.cases,
        shown(took),
        each * 1e5,
        each * 1e5 / 30.0,
        trial.differs.len()
    );
    Ok(())
}
