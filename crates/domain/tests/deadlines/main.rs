//! Ten thousand deadlines against a second implementation in another language, on the calendars as they are shipped.
//!
//! Without `python3` this test fails; it must never pass by looking away. The cases are random from a fixed seed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use banjie_domain::calendar::{Calendar, DayUnit, Limit};
use banjie_domain::clock::{Entry, Ledger, PauseReason, due};
use jiff::ToSpan as _;
use jiff::civil::{Date, date};

const CASES: usize = 10_000;

fn policies() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../policies/calendars")
}

fn calendar() -> Calendar {
    // Folders hold the closures of regions; the country's days are files.
    let paths = fs::read_dir(policies()).unwrap().map(|file| file.unwrap().path()).filter(|path| path.is_file());
    let files = paths.map(|path| (path.display().to_string(), fs::read_to_string(path).unwrap()));
    Calendar::parse(&files.collect::<Vec<_>>()).unwrap()
}

/// Random numbers that are the same in every run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % most
    }

    fn days(&mut self, most: u64) -> i64 {
        i64::try_from(self.below(most)).unwrap()
    }
}

/// One clock, as entries and as the other implementation reads it.
struct Case {
    entries: Vec<Entry>,
    limit: Limit,
    json: String,
}

/// Starts between 2015 and 2027, so that some run into the year whose notice is not out.
fn case(dice: &mut Dice) -> Case {
    let start = date(2015, 1, 1).checked_add(dice.days(4_600).days()).unwrap();
    let working = dice.below(3) > 0;
    let days = u32::try_from(dice.below(61)).unwrap();
    let mut entries = vec![Entry::Started { on: start }];
    let mut pauses = Vec::new();
    let mut day = start;
    for _ in 0..dice.below(4) {
        let from = day.checked_add(dice.days(12).days()).unwrap();
        entries.push(Entry::Paused { on: from, reason: PauseReason("supplement".to_owned()) });
        if dice.below(5) == 0 {
            pauses.push(format!("[\"{from}\", null]"));
            break;
        }
        let until = from.checked_add(dice.days(20).days()).unwrap();
        entries.push(Entry::Resumed { on: until });
        pauses.push(format!("[\"{from}\", \"{until}\"]"));
        // Two things on one day are told apart by their order; that is tested elsewhere.
        day = until.checked_add(1.day()).unwrap();
    }
    let mut extended = 0;
    for _ in 0..dice.below(3) {
        let more = u32::try_from(dice.below(11)).unwrap();
        let on = start.checked_add(dice.days(30).days()).unwrap();
        entries.push(Entry::Extended { on, days: more, reason: "complex".to_owned() });
        extended += more;
    }
    let unit = if working { "working" } else { "natural" };
    let pauses = pauses.join(", ");
    let json = format!(
        "{{\"start\": \"{start}\", \"days\": {days}, \"unit\": \"{unit}\", \"extended\": {extended}, \"pauses\": [{pauses}]}}"
    );
    Case { entries, limit: Limit { days, unit: if working { DayUnit::Working } else { DayUnit::Natural } }, json }
}

fn ours(case: &Case, calendar: &Calendar) -> String {
    let ledger = Ledger::new(case.entries.clone()).unwrap();
    let last: Date = case.entries.iter().map(Entry::on).max().unwrap();
    match due(&ledger, case.limit, calendar, last).due {
        Some(due) => format!("{}{}", due.on, if due.provisional { "?" } else { "" }),
        None => "-".to_owned(),
    }
}

#[test]
fn ten_thousand_deadlines_are_what_a_second_implementation_says() {
    let calendar = calendar();
    let mut dice = Dice(62);
    let cases: Vec<_> = (0..CASES).map(|_| case(&mut dice)).collect();
    let mut asked = String::new();
    cases.iter().for_each(|case| writeln!(asked, "{}", case.json).unwrap());
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/deadlines/deadlines.py");
    let mut python = Command::new("python3")
        .arg(script)
        .arg(policies())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this test needs `python3`; `cargo xtask setup` installs it");
    // Written beside the reading, so that neither waits for the other's full pipe.
    let mut stdin = python.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(asked.as_bytes()));
    let told = python.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(told.status.success());
    let theirs = String::from_utf8(told.stdout).unwrap();
    assert_eq!(theirs.lines().count(), CASES);
    let mut kinds = [0_usize; 3];
    for (case, theirs) in cases.iter().zip(theirs.lines()) {
        assert_eq!(ours(case, &calendar), theirs, "{}", case.json);
        kinds[if theirs == "-" { 0 } else { 1 + usize::from(theirs.ends_with('?')) }] += 1;
    }
    // A comparison of nothing but open clocks would prove nothing.
    assert!(kinds.iter().all(|count| *count > CASES / 50), "{kinds:?}");
}
