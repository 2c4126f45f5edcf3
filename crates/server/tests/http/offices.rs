//! The page on which an administrator opens an office.

use axum::http::StatusCode;
use banjie_domain::actor::Role;
use banjie_domain::authorize::Relation;

use super::world::{Stage, World};

#[tokio::test]
async fn an_office_is_opened_below_ones_own_and_what_is_wrong_keeps_what_was_typed() {
    let world = World::at(Stage::Intake);
    let admin = world.actor(Some(Role::RegionalAdmin), Relation::Office).unwrap();
    let parent = admin.principal.as_ref().unwrap();
    let parent = banjie_app::accounts::offices_within(&world.app, parent).remove(0).id.to_string();
    let name = "灵隐街道建设管理站";
    let office = |region| [("name", name), ("authority", "zj"), ("region", region), ("parent", parent.as_str())];
    let outside = world.post("/admin/offices", &admin, &office("330108")).await;
    assert_eq!(outside.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(outside.body.contains(name) && outside.body.contains("330108"), "what was typed is lost");
    assert_eq!(world.post("/admin/offices", &admin, &office("330106")).await.status, StatusCode::SEE_OTHER);
    assert!(world.page("/admin/offices", &admin).await.body.contains(name));
}
