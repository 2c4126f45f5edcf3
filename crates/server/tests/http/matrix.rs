//! Who may do what, over HTTP: every route, role and relation, on real records.
//!
//! `docs/routes.csv` is the table a person reviewed. A test holds it to `authorize` and to the router; another asks
//! every cell of the running service. What is not allowed must look like what is not there, byte for byte.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use axum::http::StatusCode;
use banjie_domain::actor::Role;
use banjie_domain::authorize::Relation;

use super::routes::{self, Guard, Names, ROUTES, Route};
use super::wire::Answer;
use super::world::{Stage, World};

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Roles as the table has them: nobody first.
fn everybody() -> impl Iterator<Item = Option<Role>> {
    std::iter::once(None).chain(Role::ALL.into_iter().map(Some))
}

fn table() -> String {
    let mut text = String::from("method,route,what,guest");
    Role::ALL.iter().for_each(|role| text.push_str(&format!(",{}", role.key())));
    for route in &ROUTES {
        text.push_str(&format!("\n{},{},{}", route.method, route.path, route.what));
        for role in everybody() {
            let cell: Vec<_> =
                Relation::ALL.into_iter().filter(|at| route.guard.allows(role, *at)).map(Relation::key).collect();
            let cell = match (cell.is_empty(), route.names) {
                (true, _) => "deny".to_owned(),
                (false, Names::Nothing) => "allow".to_owned(),
                (false, _) => cell.join("+"),
            };
            text.push_str(&format!(",{cell}"));
        }
    }
    text.push('\n');
    text
}

#[test]
fn the_committed_table_of_routes_is_what_the_rules_say() {
    let path = project().join("docs/routes.csv");
    if std::env::var_os("BANJIE_WRITE_TABLES").is_some() {
        std::fs::write(&path, table()).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == table(), "docs/routes.csv differs; run `cargo xtask tables` and read the difference");
}

#[test]
fn the_table_has_every_route_of_the_router_and_lets_somebody_in_at_each() {
    let listed: BTreeSet<(String, String)> =
        ROUTES.iter().map(|route| (route.method.to_owned(), route.path.to_owned())).collect();
    // The interface for programs has no pages; its own tests hold it to its description.
    let (all, api) = (project().join("crates/web/src"), project().join("crates/web/src/api"));
    let mut pages: BTreeSet<_> = routes::in_source(&all).difference(&routes::in_source(&api)).cloned().collect();
    // Numbers have a listener of their own.
    assert!(pages.remove(&("GET".to_owned(), "/metrics".to_owned())));
    assert_eq!(pages, listed);
    for route in &ROUTES {
        let anybody = everybody().any(|role| Relation::ALL.into_iter().any(|at| route.guard.allows(role, at)));
        assert!(anybody, "nobody may use {} {} {}", route.method, route.path, route.what);
    }
}

/// Whether somebody of this role can stand in this relation at all.
fn can_occur(role: Option<Role>, at: Relation) -> bool {
    match role {
        None => at == Relation::Own,
        Some(role) if role.is_staff() => matches!(at, Relation::Office | Relation::None),
        Some(_) => at != Relation::Office,
    }
}

/// Asks one cell; what is denied must answer like an address with an unknown id.
async fn ask(world: &World, route: &Route, role: Option<Role>, at: Relation) -> Option<Answer> {
    let actor = match (route.guard, route.names) {
        (Guard::Draft, _) => world.drafter(role, at),
        (_, Names::Project | Names::Team) => world.builder(role, at),
        _ => world.actor(role, at),
    }?;
    let answer = world.send(route, &actor, &world.ids(route, role, at)).await;
    if answer.status == StatusCode::NOT_FOUND && role.is_some() && route.path.contains("{id}") {
        let missing = world.send(route, &actor, &world.missing(route)).await;
        let same = answer.told() == missing.told();
        assert!(same, "{} {} tells {role:?} {at:?} that it is there", route.method, route.path);
    }
    Some(answer)
}

#[tokio::test]
async fn every_cell_of_the_table_answers_as_it_says() {
    let mut tried = 0;
    let mut wrong = Vec::new();
    for stage in Stage::ALL {
        let mut shared = World::at(stage);
        for route in ROUTES.iter().filter(|route| route.stage == stage) {
            for role in everybody() {
                for at in Relation::ALL.into_iter().filter(|at| route.guard.tells_apart(route.names, role, *at)) {
                    let expected = route.guard.allows(role, at);
                    let Some(answer) = ask(&shared, route, role, at).await else {
                        assert!(!can_occur(role, at), "{} {role:?} {at:?} was not tried", route.path);
                        continue;
                    };
                    tried += 1;
                    assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{} {}", route.path, answer.body);
                    let done = if route.what.is_empty() { !answer.denied() } else { answer.went_on() };
                    if done != expected {
                        let way = format!("{} {} {}", route.method, route.path, route.what);
                        wrong.push(format!("{way} {role:?} {at:?}: {}", answer.status));
                    }
                    // What changed something must not decide the next cell.
                    if expected && route.changes() {
                        shared = World::at(stage);
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(tried > 900, "only {tried} cells were tried");
}

#[tokio::test]
async fn the_first_page_of_a_new_installation_is_open_once() {
    let (fresh, known) = (World::empty(), World::at(Stage::Intake));
    let open = fresh.get("/set-up").await;
    assert_eq!(open.status, StatusCode::OK);
    let closed = known.get("/set-up").await;
    assert_eq!((closed.status, closed.to.as_deref()), (StatusCode::SEE_OTHER, Some("/sign-in")));
}
