//! An employer takes its registrations away: what is in the file, who gets it, and that it is recorded.

use axum::http::{StatusCode, header};
use banjie_domain::actor::Role;
use banjie_domain::authorize::Relation;

use super::sheet::rows;
use super::wire::Answer;
use super::world::{Actor, Stage, World};

const PATH: &str = "/registrations/export.csv";

/// Account, subject and kind of every look that is recorded.
fn looks(world: &World) -> Vec<[String; 3]> {
    let read = |row: &banjie_store::db::Row| Ok([row.text(0)?, row.text(1)?, row.text(2)?]);
    let sql = "select account_id, subject, what from looks order by at, id";
    let found: Result<_, banjie_store::error::StoreError> =
        world.app.store.read(move |tx| tx.query(sql, &[])?.iter().map(read).collect());
    found.unwrap()
}

fn employer(world: &World, role: Role, at: Relation) -> Actor {
    world.actor(Some(role), at).unwrap()
}

async fn export(world: &World, actor: &Actor) -> Answer {
    world.post(PATH, actor, &[]).await
}

#[tokio::test]
async fn an_employer_takes_its_registrations_away_and_that_is_a_look() {
    let world = World::at(Stage::Intake);
    let reader = employer(&world, Role::EmployerReader, Relation::Own);
    let before = looks(&world);
    let answer = export(&world, &reader).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8; header=present");
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    let name = answer.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert!(name.starts_with("attachment; filename*=UTF-8''%") && name.ends_with("2026%2D03%2D10%2Ecsv"), "{name}");
    let read = rows(&answer.body);
    assert_eq!(read[0], ["登记编号", "登记类型", "姓名", "证件号码", "用工之日", "状态", "结束日期"]);
    let mut people: Vec<_> = read[1..].iter().map(|row| (row[2].as_str(), row[3].as_str())).collect();
    people.sort_unstable();
    let wanted = [("李国强", "3301********9018"), ("王秀英", "3301********9028"), ("赵小满", "3301********9042")];
    assert_eq!(people, wanted);
    for row in &read[1..] {
        assert!(row[0].starts_with("DJ-"), "{}", row[0]);
        assert_eq!(row[1..2], ["单位用工备案"]);
        assert_eq!(row[4..], ["2026-01-05", "有效", ""]);
    }
    let after = looks(&world);
    let principal = reader.principal.unwrap();
    let look = [principal.account.to_string(), principal.employer().unwrap().to_string(), "export".to_owned()];
    assert_eq!((after.len(), after.last()), (before.len() + 1, Some(&look)));
}

#[tokio::test]
async fn who_is_no_employer_gets_no_file_and_nobody_gets_anothers() {
    let world = World::at(Stage::Intake);
    let before = looks(&world);
    let other = export(&world, &employer(&world, Role::EmployerClerk, Relation::None)).await;
    assert_eq!(rows(&other.body).len(), 1, "somebody else's registrations");
    assert_eq!(looks(&world).len(), before.len() + 1);
    for (role, at) in
        [(Role::Person, Relation::Own), (Role::Intake, Relation::Office), (Role::Inspector, Relation::Office)]
    {
        let answer = export(&world, &employer(&world, role, at)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{role:?}");
        let button = world.page("/registrations", &employer(&world, role, at)).await.body.contains(PATH);
        assert!(!button, "{role:?} is offered an export");
    }
    let clerk = employer(&world, Role::EmployerClerk, Relation::Own);
    assert!(world.page("/registrations", &clerk).await.body.contains(PATH));
    let foreign = Actor { csrf: "0".repeat(clerk.csrf.len()), ..clerk.clone() };
    assert_eq!(export(&world, &foreign).await.status, StatusCode::FORBIDDEN);
    // An address can be followed from anywhere, so it gives nothing.
    assert_eq!(world.page(PATH, &clerk).await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(looks(&world).len(), before.len() + 1);
}
