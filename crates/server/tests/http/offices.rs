//! An administrator opens an office of the housing authority, and from then on a project can be opened in its district.

use axum::http::StatusCode;
use banjie_domain::actor::Role;
use banjie_domain::authorize::Relation;

use super::world::{Stage, World};

#[tokio::test]
async fn sites_of_a_district_open_with_its_office() {
    let world = World::at(Stage::Intake);
    let admin = world.actor(Some(Role::RegionalAdmin), Relation::Office).unwrap();
    let contractor = world.actor(Some(Role::EmployerClerk), Relation::Own).unwrap();
    let project =
        [("name", "滨江一期工程"), ("code", "330108-2026-0903"), ("region", "330108"), ("started_on", "2026-01-05")];
    let before = world.post("/sites/new", &contractor, &project).await;
    assert_eq!(before.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", before.body);

    let parent = admin.principal.as_ref().unwrap();
    let parent = banjie_app::accounts::offices_within(&world.app, parent).remove(0).id.to_string();
    let mut office = vec![("name", ""), ("authority", "zj"), ("region", "330108"), ("parent", parent.as_str())];
    let nameless = world.post("/admin/offices", &admin, &office).await;
    assert_eq!(nameless.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nameless.body.contains("330108"), "what was typed is lost");
    office[0].1 = "杭州市滨江区住房和城乡建设局";
    assert_eq!(world.post("/admin/offices", &admin, &office).await.status, StatusCode::SEE_OTHER);
    assert!(world.page("/admin/offices", &admin).await.body.contains(office[0].1));

    assert_eq!(world.post("/sites/new", &contractor, &project).await.status, StatusCode::SEE_OTHER);
}
