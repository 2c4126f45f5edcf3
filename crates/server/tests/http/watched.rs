//! What whoever watches the service is told, and that nothing in it names anybody.

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use banjie_domain::actor::Role;
use banjie_domain::authorize::Relation;
use banjie_web::watch;
use tower::ServiceExt as _;

use super::world::{Stage, World};

async fn asked(world: &World, path: &str) -> (StatusCode, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let (parts, body) = watch::router(world.web.clone()).oneshot(request).await.unwrap().into_parts();
    (parts.status, String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap())
}

#[tokio::test]
async fn answers_are_counted_by_route_and_no_number_names_anybody() {
    let world = World::at(Stage::Intake);
    let clerk = world.actor(Some(Role::EmployerClerk), Relation::Own).unwrap();
    let (registration, case) = world.asked();
    world.page(&format!("/registrations/{registration}"), &clerk).await;
    world.page(&format!("/cases/{case}"), &clerk).await;
    world.page("/there-is-no-such-page?name=王秀英", &clerk).await;
    let (status, text) = asked(&world, "/metrics").await;
    assert_eq!(status, StatusCode::OK);
    let told = |line: &str| text.lines().any(|one| one == line);
    assert!(told("banjie_http_answers_total{method=\"GET\",route=\"/cases/{id}\",status=\"200\"} 1"), "{text}");
    assert!(told("banjie_http_answers_total{method=\"GET\",route=\"other\",status=\"404\"} 1"), "{text}");
    assert!(told("banjie_store_takes_writes 1"), "{text}");
    for secret in [registration.as_str(), case.as_str(), "王秀英", "330106"] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert_eq!(world.get("/metrics").await.status, StatusCode::NOT_FOUND, "not on the public's address");
}

#[tokio::test]
async fn a_service_that_takes_no_more_writes_is_alive_and_not_ready() {
    let world = World::at(Stage::Intake);
    assert_eq!(asked(&world, "/readyz").await, (StatusCode::OK, "ready".to_owned()));
    assert_eq!(world.get("/readyz").await.status, StatusCode::OK);
    world.app.store.stop();
    assert_eq!(asked(&world, "/readyz").await.0, StatusCode::SERVICE_UNAVAILABLE);
    let (status, text) = asked(&world, "/metrics").await;
    assert_eq!(status, StatusCode::OK, "numbers are told above all when something is wrong");
    assert!(text.contains("banjie_store_takes_writes 0") && text.contains("banjie_store_answers 0"), "{text}");
    assert_eq!(asked(&world, "/livez").await, (StatusCode::OK, "ok".to_owned()));
}
