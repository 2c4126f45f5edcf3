//! Names, numbers and telephones of people that are easy to find again, sent through the whole service: they must not lie
//! in any log, database, backup or other file in a form that can be read.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use banjie_app::{backup, jobs};
use banjie_domain::actor::Role;
use banjie_domain::authorize::Relation;
use serde_json::json;

use super::api::{Program, paper, worker};
use super::world::{Stage, World};

const NAME: &str = "燕惊鸿";
const NUMBER: &str = "330106199508129018";
const PHONE: &str = "13987654321";
const NOTE: &str = "这句话只有申请人和审核的人能看";
/// Kept in clear on purpose: it shows that the search finds what is there.
const EMPLOYER: &str = "杭州青禾家政有限公司";

/// A log that is kept in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|piece| piece == text.as_bytes())
}

#[tokio::test]
async fn nothing_that_names_a_person_lies_anywhere_in_clear() {
    let log = Log::default();
    let kept = log.clone();
    // This process runs this test alone, so its log is this test's.
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .json()
        .with_writer(move || kept.clone())
        .init();
    let world = World::at(Stage::Intake);
    let clerk = world.actor(Some(Role::EmployerClerk), Relation::Own).unwrap();
    let unit = Program::of(&world, clerk.principal.as_ref().unwrap());
    let mut new = worker(NUMBER);
    new["answers"]["name"] = json!(NAME);
    new["answers"]["phone"] = json!(PHONE);
    let filed = unit.post("/api/v1/registrations", "key-of-the-canary-one", &new).await;
    assert_eq!(filed.status, StatusCode::CREATED, "{}", filed.body);
    let asked = json!({ "registration": filed.body["registration"], "situation": "agreed", "reason": "3601",
        "answers": { "effective_on": "2026-03-06", "note": NOTE },
        "files": [{ "material": "release-certificate", "name": format!("{NAME}的证明.pdf"), "content": paper() }] });
    let case = unit.post("/api/v1/cases", "key-of-the-canary-two", &asked).await;
    assert_eq!(case.status, StatusCode::CREATED, "{}", case.body);
    world.post("/registrations/search", &clerk, &[("q", NAME)]).await;
    new["answers"]["phone"] = json!("1398765432");
    unit.post("/api/v1/registrations", "key-of-the-canary-three", &new).await;
    jobs::drain(&world.app).unwrap();

    let data = &world.folder.path;
    let copy = data.join("backup");
    backup::back_up(&data.join("banjie.db"), data, &copy).unwrap();
    let mut seen = String::new();
    let mut places: Vec<(String, Vec<u8>)> =
        files(data).into_iter().map(|path| (path.display().to_string(), fs::read(path).unwrap())).collect();
    places.push(("the log".to_owned(), log.0.lock().unwrap().clone()));
    assert!(places.len() > 6, "database, its log, key, papers, notices, backup");
    for (place, bytes) in &places {
        for secret in [NAME, NUMBER, PHONE, NOTE] {
            assert!(!holds(bytes, secret), "{secret} lies in {place}");
        }
        if holds(bytes, EMPLOYER) {
            seen.push_str(place);
        }
    }
    assert!(seen.contains("banjie.db") && seen.contains("backup"), "the search finds what is there: {seen}");
}
