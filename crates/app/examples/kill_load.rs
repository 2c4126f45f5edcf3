//! The load of the kill test: registers made-up workers as fast as it can, and says each one that was answered.
//!
//! `kill_load prepare DIR` makes the demo data.
//! `kill_load run DIR ROUND` works until it is killed and prints one case id a line, after the answer.
//! `kill_load check DIR` reads such ids from standard input, names those that are not there, and runs `verify`.
//! It must print an id only after the use case has answered.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a load generator ends at its first surprise")]

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use banjie_app::app::{App, Parts, Places};
use banjie_app::entropy::SystemEntropy;
use banjie_app::error::{AppError, Outcome};
use banjie_app::rules::Rules;
use banjie_app::seal::SuiteName;
use banjie_app::time::{HeldClock, SystemClock};
use banjie_app::usecase::draft;
use banjie_app::usecase::form_key::{FormKey, new_form_key};
use banjie_app::usecase::register::submit_registration;
use banjie_app::webhooks::{Caller, Reach};
use banjie_app::{demo, verify};
use banjie_domain::actor::Principal;
use banjie_domain::id::CaseId;
use banjie_domain::refusal::Refusal;
use banjie_domain::registration_type::Answers;
use banjie_store::cases::case_find;
use banjie_store::db::{Options, StoreUrl};

const CLIENTS: u32 = 8;
/// More than a round registers, and thirty rounds of it stay below the numbers that [`citizen_id`] can make.
const PEOPLE_A_ROUND: u32 = 50_000;
/// A lag is over long before; who is still refused then is refused for good.
const MOST_TRIES: u32 = 10_000;

fn open(folder: &Path) -> App {
    let places = Places { database: StoreUrl::sqlite(&folder.join("banjie.db")), data: folder.to_owned() };
    let parts = Parts {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        rules: Rules::built_in().unwrap(),
        options: Options::default(),
        suite: SuiteName::default(),
        caller: Caller::new(Reach::default(), None).unwrap(),
    };
    App::open(&places, parts).unwrap()
}

/// A valid number with a serial of 9xx, one for each `at`.
fn citizen_id(at: u32) -> String {
    let (year, month, day, serial) = (1950 + at % 50, 1 + at / 50 % 12, 1 + at / 600 % 28, 900 + at / 16_800 % 100);
    let body = format!("330106{year}{month:02}{day:02}{serial}");
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.chars().zip(weights).map(|(digit, weight)| digit.to_digit(10).unwrap() * weight).sum();
    let check = "10X98765432".chars().nth((sum % 11) as usize).unwrap();
    format!("{body}{check}")
}

fn register(app: &App, clerk: &Principal, at: u32) -> CaseId {
    let answers: Answers = [
        ("document_kind", "citizen-id"),
        ("document_number", citizen_id(at).as_str()),
        ("name", "试验人"),
        ("phone", "13800000000"),
        ("employment_form", "full-time"),
        ("hired_on", "2026-01-05"),
        ("post", "保洁员"),
        ("work_region", "330106"),
        ("contract_type", "open"),
        ("contract_from", "2026-01-05"),
    ]
    .into_iter()
    .collect();
    let draft = draft::start_registration(app, clerk, "employer").unwrap();
    until_done(|| draft::save_answers(app, clerk, &draft, 1, answers.clone()));
    let key = FormKey::of(&new_form_key(app), b"load");
    until_done(|| submit_registration(app, clerk, &draft, &key)).case
}

/// A build that answers before it commits does not find at once what it has just written.
fn until_done<T>(mut attempt: impl FnMut() -> Outcome<T>) -> T {
    let mut tries = 0;
    loop {
        match attempt() {
            Ok(done) => return done,
            Err(error @ (AppError::NotFound | AppError::Conflict | AppError::Refused(Refusal::Answers(_)))) => {
                tries += 1;
                assert!(tries < MOST_TRIES, "refused for good: {error:?}");
                std::thread::yield_now();
            }
            Err(error) => panic!("{error}"),
        }
    }
}

fn run(folder: &Path, round: u32) {
    let app = open(folder);
    let clerk = demo::somebody(&app, "danwei").unwrap();
    // Numbers of its own for each round: somebody who is registered already would be refused for good.
    let next = AtomicU32::new(round * PEOPLE_A_ROUND);
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                loop {
                    let case = register(&app, &clerk, next.fetch_add(1, Ordering::Relaxed));
                    let mut out = std::io::stdout().lock();
                    writeln!(out, "{case}").unwrap();
                    out.flush().unwrap();
                }
            });
        }
    });
}

fn check(folder: &Path) -> ExitCode {
    let app = open(folder);
    let mut lost = 0;
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        // The kill may have cut the last line short; such an id was never said.
        let Ok(id) = CaseId::parse(&line) else { continue };
        if app.store.read(move |tx| case_find(tx, &id)).unwrap().is_none() {
            println!("lost {line}");
            lost += 1;
        }
    }
    let findings = verify::run(&app).unwrap().findings;
    for finding in &findings {
        println!("{finding}");
    }
    if lost == 0 && findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["prepare", folder] => {
            demo::fill(&open(Path::new(folder)), &HeldClock::default()).unwrap();
            ExitCode::SUCCESS
        }
        ["run", folder, round] => {
            run(Path::new(folder), round.parse().unwrap());
            ExitCode::SUCCESS
        }
        ["check", folder] => check(Path::new(folder)),
        _ => {
            eprintln!("kill_load prepare DIR | kill_load run DIR ROUND | kill_load check DIR");
            ExitCode::from(2)
        }
    }
}
