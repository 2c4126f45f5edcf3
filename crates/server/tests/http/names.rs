//! 300 made-up names go through the whole service and come back as they were typed: on pages, out of the database, from
//! both searches and in the exported file. What must not become a name is refused beside its field.
//!
//! Text is compared by its scalar values, never normalised. No name here is anybody's.

use std::collections::HashMap;

use axum::http::StatusCode;
use banjie_app::papers::revision_row;
use banjie_app::people::open_profile;
use banjie_app::query::mine;
use banjie_app::verify;
use banjie_domain::actor::Role;
use banjie_domain::authorize::Relation;
use banjie_domain::id::RegistrationId;
use banjie_domain::identity::{PersonName, SoughtName};
use banjie_domain::registration_type::Details;
use banjie_store::error::StoreError;
use banjie_store::people::person_find;
use banjie_store::registrations::{RegistrationRow, registration_find};
use banjie_web::texts::{Texts, Tongue};

use super::markup::{after, cards, hidden, next, texts, unescaped};
use super::sheet;
use super::wire::Answer;
use super::world::{Actor, Stage, World};

const NAMES: &str = include_str!("../../../domain/tests/data/names.csv");
const HOSTILE: &str = include_str!("../../../domain/tests/data/hostile.csv");

/// The cells of a list, without its comments and head; the last may hold commas and `\u{…}`.
fn rows<const CELLS: usize>(file: &str) -> Vec<[String; CELLS]> {
    let lines = file.lines().filter(|line| !line.starts_with('#')).skip(1);
    lines
        .map(|line| {
            let cells: Vec<_> = line.splitn(CELLS, ',').map(plain).collect();
            cells.try_into().unwrap()
        })
        .collect()
}

fn plain(text: &str) -> String {
    let mut pieces = text.split("\\u{");
    let mut read = pieces.next().unwrap().to_owned();
    for piece in pieces {
        let (code, rest) = piece.split_once('}').unwrap();
        read.push(char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap());
        read.push_str(rest);
    }
    read
}

/// The nth citizen number of people born on one day, of which there are fewer than a thousand.
fn citizen_number(n: usize) -> String {
    let body = format!("33010619850101{n:03}");
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.chars().zip(weights).map(|(digit, weight)| digit.to_digit(10).unwrap() * weight).sum();
    body + &"10X98765432"[sum as usize % 11..][..1]
}

/// A registration of the nth person; a citizen has a citizen number, anybody else a passport.
fn form(n: usize, country: &str, name: &str) -> Vec<(&'static str, String)> {
    let document = if country == "CHN" {
        vec![("document_kind", "citizen-id".to_owned()), ("document_number", citizen_number(n))]
    } else {
        vec![
            ("document_kind", "passport".to_owned()),
            ("document_number", format!("E{n:07}")),
            ("document_country", country.to_owned()),
            ("birth_date", "1985-01-01".to_owned()),
            ("sex", "2".to_owned()),
        ]
    };
    let rest = [
        ("name", name),
        ("phone", "13800000001"),
        ("employment_form", "full-time"),
        ("hired_on", "2026-03-02"),
        ("post", "装配工"),
        ("work_region", "330106"),
        ("contract_type", "open"),
        ("contract_from", "2026-03-02"),
        ("seen", "1"),
    ];
    document.into_iter().chain(rest.map(|(field, value)| (field, value.to_owned()))).collect()
}

struct Hired {
    name: String,
    record: RegistrationId,
}

struct Scene {
    world: World,
    clerk: Actor,
}

impl Scene {
    fn new() -> Self {
        let world = World::at(Stage::Intake);
        let clerk = world.actor(Some(Role::EmployerClerk), Relation::Own).unwrap();
        Self { world, clerk }
    }

    async fn send(&self, path: &str, pairs: &[(&'static str, String)]) -> Answer {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.world.post(path, &self.clerk, &pairs).await
    }

    async fn page(&self, path: &str) -> String {
        let answer = self.world.page(path, &self.clerk).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        answer.body
    }

    async fn begun(&self) -> String {
        let begun = self.send("/registrations/new", &[("kind", "employer".to_owned())]).await;
        begun.to.unwrap().trim_end_matches("/form").to_owned()
    }

    /// Registers somebody, as a browser does it.
    async fn hire(&self, n: usize, country: &str, name: &str) -> RegistrationId {
        let draft = self.begun().await;
        let filled = self.send(&format!("{draft}/form"), &form(n, country, name)).await;
        assert_eq!(filled.status, StatusCode::SEE_OTHER, "{name}: {:?}", texts(&filled.body));
        let check = format!("{draft}/check");
        let page = self.page(&check).await;
        assert!(texts(&page).contains(&name.to_owned()), "{name} is another one before it is handed in");
        let key = hidden(&page, "form_key");
        let sent = [("form_key", key), ("purpose", "register".to_owned()), ("truth", "yes".to_owned())];
        let to = self.send(&check, &sent).await.to.unwrap();
        RegistrationId::parse(to.trim_start_matches("/registrations/").split('?').next().unwrap()).unwrap()
    }

    /// Every card of a list that may have many pages.
    async fn list(&self, path: &str) -> HashMap<String, String> {
        let mut found = HashMap::new();
        let mut path = Some(path.to_owned());
        while let Some(here) = path {
            let page = self.page(&here).await;
            found.extend(cards(&page));
            path = next(&page);
        }
        found
    }

    /// The address a search leads to.
    async fn search(&self, typed: &str) -> String {
        let answer = self.send("/registrations/search", &[("find", typed.to_owned())]).await;
        answer.to.unwrap_or_else(|| format!("nowhere: {typed}"))
    }

    fn row(&self, hired: &Hired) -> RegistrationRow {
        let id = hired.record.clone();
        let found: Result<_, StoreError> = self.world.app.store.read(move |tx| registration_find(tx, &id));
        found.unwrap().unwrap()
    }

    /// The name in the registration's own document, and in what is held of the person.
    fn stored(&self, hired: &Hired) -> [String; 2] {
        let (app, row) = (&self.world.app, self.row(hired));
        let document = app.store.read(move |tx| revision_row(tx, &row.details)).unwrap();
        let details: Details = app.open_revision(&document).unwrap();
        let person: Result<_, StoreError> = app.store.read(move |tx| person_find(tx, &row.person));
        let profile = open_profile(app, &person.unwrap().unwrap()).unwrap();
        [details.get("name").unwrap().to_owned(), profile.name]
    }
}

/// What is not as it was typed; empty when all is well.
#[derive(Default)]
struct Lost(Vec<String>);

impl Lost {
    fn unless(&mut self, same: bool, place: &str, hired: &Hired) {
        if !same {
            self.0.push(format!("{place}: {} {:?}", hired.name, hired.name));
        }
    }
}

/// A piece of a name that begins in its middle, or the name itself when it cannot be cut.
fn piece(name: &str) -> &str {
    let letters: Vec<_> = name.char_indices().map(|(at, _)| at).collect();
    let tails = letters[letters.len() / 2..].iter().map(|at| &name[*at..]);
    tails.into_iter().find(|tail| SoughtName::parse(tail).is_ok()).unwrap_or(name)
}

#[tokio::test]
async fn every_name_comes_back_as_it_was_typed() {
    let scene = Scene::new();
    let mut hired = Vec::new();
    for (n, [_, country, name]) in rows::<3>(NAMES).into_iter().enumerate() {
        let record = scene.hire(n, &country, &name).await;
        hired.push(Hired { name, record });
    }
    assert_eq!(hired.len(), 300);
    let mut lost = Lost::default();
    pages(&scene, &hired, &mut lost).await;
    database(&scene, &hired, &mut lost);
    searches(&scene, &hired, &mut lost).await;
    export(&scene, &hired, &mut lost).await;
    assert!(lost.0.is_empty(), "{:#?}", lost.0);
}

async fn pages(scene: &Scene, hired: &[Hired], lost: &mut Lost) {
    let listed = scene.list("/registrations").await;
    for one in hired {
        lost.unless(listed.get(one.record.as_str()) == Some(&one.name), "the list", one);
        let page = scene.page(&format!("/registrations/{}", one.record)).await;
        lost.unless(texts(&page).contains(&one.name), "its page", one);
    }
}

fn database(scene: &Scene, hired: &[Hired], lost: &mut Lost) {
    for one in hired {
        let [document, person] = scene.stored(one);
        lost.unless(document == one.name, "the document", one);
        lost.unless(person == one.name, "the person", one);
    }
    assert_eq!(verify::run(&scene.world.app).unwrap().findings, []);
}

async fn searches(scene: &Scene, hired: &[Hired], lost: &mut Lost) {
    let tongue = chinese();
    for one in hired {
        let to = scene.search(&one.name).await;
        let page = scene.page(&to).await;
        let whole = texts(&page).contains(&tongue.fill("mine.found-whole", &[("name", &one.name)]));
        let found = cards(&page).find(|(id, _)| id == one.record.as_str());
        lost.unless(whole && found.is_some_and(|(_, name)| name == one.name), "the search", one);
        let found = scene.list(&format!("{}?piece=1", scene.search(piece(&one.name)).await)).await;
        lost.unless(found.get(one.record.as_str()) == Some(&one.name), "the search for a piece", one);
    }
}

async fn export(scene: &Scene, hired: &[Hired], lost: &mut Lost) {
    let answer = scene.send("/registrations/export.csv", &[]).await;
    let rows = sheet::rows(&answer.body);
    // Three people were there before.
    assert_eq!(rows.len(), 1 + 3 + hired.len());
    let names: HashMap<_, _> = rows.iter().map(|row| (row[0].as_str(), sheet::unguarded(&row[2]))).collect();
    for one in hired {
        let number = mine::registration_number(&scene.row(one).number);
        lost.unless(names.get(number.as_str()) == Some(&one.name.as_str()), "the file", one);
    }
}

fn chinese() -> Tongue {
    Texts::load().unwrap().lang("zh-CN")
}

#[tokio::test]
async fn what_is_hostile_is_refused_beside_its_field_and_stays_as_it_was_typed() {
    let scene = Scene::new();
    let (tongue, before) = (chinese(), scene.world.rows());
    let mut wrong = Vec::new();
    for [code, typed] in rows::<2>(HOSTILE) {
        let problem = PersonName::parse(&typed).unwrap_err();
        assert_eq!(problem.code, code, "{typed:?}");
        let said = tongue.problem(&problem);
        let path = format!("{}/form", scene.begun().await);
        let answer = scene.send(&path, &form(0, "CHN", &typed)).await;
        // Once in the summary that leads to the field, once beside it.
        let told = texts(&answer.body).iter().filter(|text| **text == said).count();
        let leads = answer.body.contains("href=\"#f-name\"");
        if (answer.status, told, leads) != (StatusCode::UNPROCESSABLE_ENTITY, 2, true) {
            wrong.push(format!("{code} {typed:?}: {} {told} {leads}", answer.status));
        }
        for page in [answer.body, scene.page(&path).await] {
            let kept = unescaped(after(&page, "name=\"name\" type=\"text\" value=\""));
            if kept != typed {
                wrong.push(format!("{code} {typed:?} became {kept:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(scene.world.rows(), before, "something was stored");
}

#[tokio::test]
async fn bytes_that_are_no_text_are_refused_as_garbled() {
    let scene = Scene::new();
    // Half of a surrogate pair, a letter cut in two, a slash made too long, a byte no text has.
    for bytes in ["%ED%A0%80", "%E5%BC", "%C0%AF", "%FF", "%F4%90%80%80"] {
        let path = format!("{}/form", scene.begun().await);
        let pairs: Vec<_> =
            form(0, "CHN", "NAME").into_iter().map(|(field, value)| format!("{field}={value}")).collect();
        let body =
            format!("csrf={}&{}", scene.clerk.csrf, pairs.join("&").replace("NAME", &format!("%E5%BC%A0{bytes}")));
        let answer = scene.world.post_encoded(&path, &scene.clerk, body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{bytes}");
        assert!(answer.body.contains("是乱码（U+FFFD）"), "{bytes}");
    }
}
