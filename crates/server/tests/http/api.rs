//! The interface for programs: its published description, who is let in, and the whole way by it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use banjie_app::seal::hmac_sha256;
use banjie_app::tokens;
use banjie_domain::actor::{Principal, Role};
use banjie_domain::authorize::Relation;
use base64ct::{Base64, Encoding as _};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::routes;
use super::world::{PDF, Stage, World};

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Method and path of everything that is described.
fn described() -> BTreeSet<(String, String)> {
    let document = banjie_web::api::describe();
    let paths = document["paths"].as_object().unwrap();
    let of = |(path, item): (&String, &Value)| -> Vec<_> {
        item.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.clone())).collect()
    };
    paths.iter().flat_map(of).collect()
}

/// Every path, operation, answer, property and required parameter, as a line each: what must never be taken away.
fn promises(document: &Value) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            all.insert(format!("{method} {path}"));
            for status in operation["responses"].as_object().unwrap().keys() {
                all.insert(format!("{method} {path} → {status}"));
            }
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let mut parts = vec![schema];
        parts.extend(schema["allOf"].as_array().into_iter().flatten());
        for part in parts {
            let properties = part["properties"].as_object().into_iter().flat_map(|all| all.keys());
            all.extend(properties.map(|property| format!("{name}.{property}")));
            let words = part["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
            all.extend(words.map(|word| format!("{name}={word}")));
        }
    }
    all
}

#[test]
fn the_published_description_is_what_the_code_does_and_nothing_is_taken_away() {
    let path = project().join("docs/api/openapi.json");
    let now = banjie_web::api::describe();
    assert_eq!(now["openapi"], "3.1.0");
    let text = format!("{}\n", serde_json::to_string_pretty(&now).unwrap());
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    if let Ok(before) = serde_json::from_str::<Value>(&committed) {
        let gone: Vec<_> = promises(&before).difference(&promises(&now)).cloned().collect();
        assert!(gone.is_empty(), "programs rely on what is taken away: {gone:#?}");
    }
    if std::env::var_os("BANJIE_WRITE_TABLES").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == text, "docs/api/openapi.json differs; run `cargo xtask tables` and read the difference");
}

#[test]
fn every_route_is_described_and_everything_described_is_a_route() {
    let mut routes = routes::in_source(&project().join("crates/web/src/api"));
    assert!(routes.remove(&("GET".to_owned(), "/api/v1/openapi.json".to_owned())));
    assert_eq!(routes, described());
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

/// A program with the key of an account.
pub struct Program<'a> {
    world: &'a World,
    secret: String,
}

impl<'a> Program<'a> {
    pub fn of(world: &'a World, who: &Principal) -> Self {
        Self { world, secret: tokens::make(&world.app, who, "试用程序", "30").unwrap().secret }
    }

    fn officer(world: &'a World, role: Role) -> Self {
        Self::of(world, world.actor(Some(role), Relation::Office).unwrap().principal.as_ref().unwrap())
    }

    async fn send(&self, request: axum::http::request::Builder, body: Body) -> Answer {
        let request = request.header("authorization", format!("Bearer {}", self.secret)).body(body).unwrap();
        answer(self.world, request).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path), Body::empty()).await
    }

    pub async fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        let request = Request::post(path).header("content-type", "application/json").header("idempotency-key", key);
        self.send(request, Body::from(body.to_string())).await
    }
}

async fn answer(world: &World, request: Request<Body>) -> Answer {
    let (parts, body) = world.router.clone().oneshot(request).await.unwrap().into_parts();
    let bytes = to_bytes(body, 1 << 24).await.unwrap();
    Answer { status: parts.status, headers: parts.headers, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
}

pub fn worker(number: &str) -> Value {
    json!({ "type": "employer", "answers": {
        "document_kind": "citizen-id", "document_number": number, "name": "林小满", "phone": "13800000000",
        "employment_form": "full-time", "hired_on": "2026-01-05", "post": "家政服务员", "work_region": "330106",
        "contract_type": "open", "contract_from": "2026-01-05",
    }})
}

/// PDF in base 64, as programs send papers.
pub fn paper() -> String {
    use base64ct::{Base64, Encoding as _};
    Base64::encode_string(PDF)
}

#[tokio::test]
async fn nobody_is_let_in_without_a_key_that_works() {
    let world = World::at(Stage::Intake);
    for (method, path) in described() {
        let path = path.replace("{id}", "case_00000000000000000000000000").replace("{name}", "sex");
        let path = path.replace("{region}/{type}/{act}", "330106/employer/end");
        for secret in ["", "Bearer ", "Bearer banjie_00", "Basic YTpi"] {
            let request = Request::builder().method(method.as_str()).uri(&path).header("authorization", secret);
            let found = answer(&world, request.body(Body::empty()).unwrap()).await;
            assert_eq!(found.status, StatusCode::UNAUTHORIZED, "{method} {path} {secret}");
            assert_eq!(found.body["code"], "no-key");
            assert!(found.headers.contains_key("www-authenticate"));
        }
    }
    let session = world.actor(Some(Role::EmployerClerk), Relation::Own).unwrap().cookie;
    let request = Request::get("/api/v1/cases").header("cookie", session).body(Body::empty()).unwrap();
    assert_eq!(answer(&world, request).await.status, StatusCode::UNAUTHORIZED, "a browser's session is no key");
}

#[tokio::test]
async fn a_program_registers_asks_and_answers_and_officers_decide_by_the_same_interface() {
    let world = World::at(Stage::Intake);
    let clerk = world.actor(Some(Role::EmployerClerk), Relation::Own).unwrap().principal.unwrap();
    let (unit, intake) = (Program::of(&world, &clerk), Program::officer(&world, Role::Intake));
    let new = worker("330106199903079014");
    let filed = unit.post("/api/v1/registrations", "key-of-the-first-worker", &new).await;
    assert_eq!(filed.status, StatusCode::CREATED, "{}", filed.body);
    let again = unit.post("/api/v1/registrations", "key-of-the-first-worker", &new).await;
    assert_eq!((again.status, &again.body), (StatusCode::CREATED, &filed.body), "the same key does nothing twice");
    let other = unit.post("/api/v1/registrations", "key-of-the-first-worker", &worker("330106199508129018")).await;
    assert_eq!(other.status, StatusCode::CONFLICT, "the same key with another body");
    let registration = filed.body["registration"].as_str().unwrap();
    let opened = unit.get(&format!("/api/v1/registrations/{registration}")).await;
    assert_eq!((&opened.body["status"], &opened.body["details"]["post"]), (&json!("valid"), &json!("家政服务员")));

    let asked = json!({ "registration": registration, "situation": "agreed", "reason": "3601",
        "answers": { "effective_on": "2026-03-06", "note": "" },
        "files": [{ "material": "release-certificate", "name": "证明.pdf", "content": paper() }] });
    let case = unit.post("/api/v1/cases", "key-of-the-first-case", &asked).await;
    assert_eq!((case.status, &case.body["stage"]), (StatusCode::CREATED, &json!("intake")), "{}", case.body);
    let id = case.body["id"].as_str().unwrap();
    let step = |version: &Value, step: &str, more: Value| {
        let mut body = json!({ "version": version, "step": step });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let (desk, steps) = (format!("/api/v1/desk/cases/{id}"), format!("/api/v1/desk/cases/{id}/steps"));
    let seen = intake.get(&desk).await.body;
    assert_eq!(seen["person"], "林＊＊");
    let gaps = json!({ "gaps": [{ "target": "material:release-certificate", "fault": "no-seal" }] });
    let more = intake.post(&steps, "key-of-the-supplement", &step(&seen["version"], "supplement", gaps)).await;
    assert_eq!(more.body["stage"], "supplement", "{}", more.body);
    let told = unit.get(&format!("/api/v1/cases/{id}")).await.body;
    assert_eq!(told["gaps"][0]["fault"], "no-seal");
    let files = json!({ "files": [{ "material": "release-certificate", "name": "盖章.pdf", "content": paper() }] });
    let back = unit.post(&format!("/api/v1/cases/{id}/supplement"), "key-of-the-answer", &files).await;
    assert_eq!(back.body["stage"], "intake", "{}", back.body);
    for (role, name) in [
        (Role::Intake, "accept"),
        (Role::First, "advise-grant"),
        (Role::Second, "open-second"),
        (Role::Second, "grant"),
    ] {
        let officer = Program::officer(&world, role);
        let seen = officer.get(&desk).await.body;
        assert!(seen["steps"].as_array().unwrap().contains(&json!(name)), "{name}: {}", seen["steps"]);
        let key = format!("key-of-the-step-{name}");
        let body = step(&seen["version"], name, json!({}));
        let done = officer.post(&steps, &key, &body).await;
        assert_eq!(done.status, StatusCode::OK, "{name}: {}", done.body);
        let again = officer.post(&steps, &key, &body).await;
        assert_eq!(again.body["version"], done.body["version"], "{name} twice with one key");
    }
    let ended = unit.get(&format!("/api/v1/registrations/{registration}")).await;
    assert_eq!(ended.body["status"], "ended");
}

#[tokio::test]
async fn a_program_reads_what_a_matter_takes_and_what_can_be_done_against_a_refusal() {
    let world = World::at(Stage::First);
    let (_, case) = world.asked();
    let clerk = world.actor(Some(Role::EmployerClerk), Relation::Own).unwrap().principal.unwrap();
    let unit = Program::of(&world, &clerk);
    let guide = unit.get("/api/v1/guides/330106/employer/end?reason=3601").await;
    let ways = guide.body["ways"].as_array().unwrap();
    let way = ways.iter().find(|way| way["applicant"] == "employer").unwrap();
    let paper = way["materials"].as_array().unwrap().iter().find(|one| one["key"] == "release-certificate").unwrap();
    assert_eq!(
        (&paper["need"], &way["depends_on_reason"], &guide.body["rules_of"]),
        (&json!("required"), &json!(false), &json!("330106"))
    );
    assert_eq!((&way["besides"][0]["fact"], &way["window_days"]), (&json!("agent"), &json!(15)));
    for nothing in
        ["330106/nothing/end", "330106/employer/nothing", "000000/employer/end", "330106/employer/end?reason=0"]
    {
        assert_eq!(unit.get(&format!("/api/v1/guides/{nothing}")).await.status, StatusCode::NOT_FOUND, "{nothing}");
    }
    let grounds = json!([{ "rule": "material-insufficient", "target": "material:release-certificate" }]);
    for (role, name) in [(Role::First, "advise-refuse"), (Role::Second, "open-second"), (Role::Second, "refuse")] {
        let officer = Program::officer(&world, role);
        let version = officer.get(&format!("/api/v1/desk/cases/{case}")).await.body["version"].clone();
        let mut step = json!({ "version": version, "step": name });
        if name != "open-second" {
            step["grounds"] = grounds.clone();
        }
        let done =
            officer.post(&format!("/api/v1/desk/cases/{case}/steps"), &format!("key-of-the-no-{name}"), &step).await;
        assert_eq!(done.status, StatusCode::OK, "{name}: {}", done.body);
    }
    let told = unit.get(&format!("/api/v1/cases/{case}")).await.body;
    let kinds: Vec<_> = told["remedies"].as_array().unwrap().iter().map(|one| &one["kind"]).collect();
    assert_eq!(kinds, ["review", "litigation"]);
    // Sixty days, and six months, after Tuesday 10 March 2026.
    assert_eq!(
        (&told["remedies"][0]["last_on"], &told["remedies"][1]["last_on"]),
        (&json!("2026-05-09"), &json!("2026-09-10"))
    );
}

#[tokio::test]
async fn the_example_of_the_documentation_does_what_it_says() {
    let text = std::fs::read_to_string(project().join("docs/how-to/use-the-interface.md")).unwrap();
    let (_, rest) = text.split_once("-d '").unwrap();
    let (body, _) = rest.split_once("'\n").unwrap();
    let (_, rest) = text.split_once("Idempotency-Key: ").unwrap();
    let (key, _) = rest.split_once('"').unwrap();
    let (_, rest) = text.split_once("https://banjie.example.gov.cn").unwrap();
    let (path, _) = rest.split_once(' ').unwrap();
    let world = World::at(Stage::Intake);
    let clerk = world.actor(Some(Role::EmployerClerk), Relation::Own).unwrap().principal.unwrap();
    let unit = Program::of(&world, &clerk);
    let filed = unit.post(path, key, &serde_json::from_str(body).unwrap()).await;
    assert_eq!(filed.status, StatusCode::CREATED, "{}", filed.body);
}

#[test]
fn the_check_of_the_documentation_believes_what_is_signed_and_nothing_else() {
    let text = std::fs::read_to_string(project().join("docs/how-to/use-the-interface.md")).unwrap();
    let (_, rest) = text.split_once("```python\n").unwrap();
    let (check, _) = rest.split_once("```").unwrap();
    let (key, body) = ([7; 32], r#"{"type":"case-granted"}"#);
    let signed = Base64::encode_string(&hmac_sha256(&key, format!("not_1.1700000000.{body}").as_bytes()));
    let program = format!(
        "{check}
secret, body = 'whsec_{}', b'{body}'
headers = {{'webhook-id': 'not_1', 'webhook-timestamp': '1700000000', 'webhook-signature': 'v1,{signed}'}}
assert is_from_banjie(secret, headers, body, 1700000200)
assert not is_from_banjie(secret, headers, body + b' ', 1700000200)
assert not is_from_banjie(secret, headers, body, 1700000301)
assert not is_from_banjie(secret, headers | {{'webhook-id': 'not_2'}}, body, 1700000200)
assert not is_from_banjie('whsec_' + 'A' * 44, headers, body, 1700000200)
",
        Base64::encode_string(&key)
    );
    let ran = Command::new("python3").args(["-c", &program]).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

#[tokio::test]
async fn what_is_another_s_is_not_there_and_an_officer_sees_no_personal_answer() {
    let world = World::at(Stage::Intake);
    let (registration, case) = world.asked();
    let stranger = Program::of(
        &world,
        world.actor(Some(Role::EmployerClerk), Relation::None).unwrap().principal.as_ref().unwrap(),
    );
    for path in [
        format!("/api/v1/registrations/{registration}"),
        format!("/api/v1/cases/{case}"),
        format!("/api/v1/desk/cases/{case}"),
    ] {
        let found = stranger.get(&path).await;
        let (kind, id) = path.rsplit_once('_').unwrap();
        let missing = stranger.get(&format!("{kind}_{}", "0".repeat(id.len()))).await;
        assert_eq!((found.status, &found.body), (StatusCode::NOT_FOUND, &missing.body), "{path}");
    }
    let inspector = Program::officer(&world, Role::Inspector);
    let seen = inspector.get(&format!("/api/v1/registrations/{registration}")).await;
    assert_eq!(seen.status, StatusCode::OK);
    let text = seen.body.to_string();
    assert!(!text.contains("13800000000") && !text.contains("330106197203089028"), "{text}");
    assert_eq!(inspector.get(&format!("/api/v1/cases/{case}")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_wrong_is_told_field_by_field_in_the_language_asked_for() {
    let world = World::at(Stage::Intake);
    let clerk = world.actor(Some(Role::EmployerClerk), Relation::Own).unwrap().principal.unwrap();
    let unit = Program::of(&world, &clerk);
    let mut new = worker("330106199903079017");
    new["answers"]["phone"] = json!("12");
    let wrong = unit.post("/api/v1/registrations", "key-of-a-wrong-worker", &new).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong.headers["content-type"], "application/problem+json");
    let fields: BTreeSet<_> =
        wrong.body["errors"].as_array().unwrap().iter().map(|one| one["field"].as_str().unwrap()).collect();
    assert_eq!(fields, BTreeSet::from(["document_number", "phone"]));
    let bare = |key: Option<&str>, kind: &str, body: &str| {
        let mut request = Request::post("/api/v1/registrations").header("content-type", kind);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        (request.header("accept-language", "en"), body.to_owned())
    };
    let good = Some("key-of-a-broken-body");
    for (key, kind, body, status, code) in [
        (None, "application/json", "{}", 400, "idempotency-key"),
        (Some("short"), "application/json", "{}", 400, "idempotency-key"),
        (good, "text/plain", "{}", 415, "not-json"),
        (good, "application/json", "{", 400, "unreadable-json"),
        (good, "application/json", "{\"type\":\"employer\",\"answers\":{},\"more\":1}", 422, "wrong-shape"),
    ] {
        let (request, body) = bare(key, kind, body);
        let found = unit.send(request, Body::from(body)).await;
        assert_eq!((found.status.as_u16(), &found.body["code"]), (status, &json!(code)));
        assert!(found.body["title"].as_str().unwrap().is_ascii(), "{}", found.body);
    }
    let unknown = unit.get("/api/v1/cases?before=1").await;
    assert_eq!((unknown.status, &unknown.body["code"]), (StatusCode::BAD_REQUEST, &json!("unreadable-query")));
    let nowhere = unit.get("/api/v1/nothing").await;
    assert_eq!(nowhere.headers["content-type"], "application/problem+json");
}

#[tokio::test]
async fn a_key_that_asks_too_often_waits_for_the_next_minute() {
    let world = World::at(Stage::Intake);
    let inspector = Program::officer(&world, Role::Inspector);
    let first = inspector.get("/api/v1/codes/sex").await;
    assert_eq!(first.headers["ratelimit-policy"], "\"minute\";q=1200;w=60");
    assert!(first.headers["ratelimit"].to_str().unwrap().starts_with("\"minute\";r=1199;t="));
    let mut last = first;
    for _ in 0..1200 {
        last = inspector.get("/api/v1/codes/sex").await;
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(last.headers.contains_key("retry-after"));
    world.folder.clock.advance(jiff::SignedDuration::from_secs(60));
    assert_eq!(inspector.get("/api/v1/codes/sex").await.status, StatusCode::OK);
}
