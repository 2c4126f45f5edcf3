//! What a database administrator with bad intent may do, and what `verify` says to it, on both databases.

use banjie_domain::id::CaseId;
use banjie_store::db::{Dialect, StoreUrl, Tx, Value};
use banjie_store::error::StoreError;
use banjie_store::test_support::{TestPostgres, TestSqlite};

use super::run;
use crate::app::App;
use crate::testing;
use crate::usecase::story::{Story, story_in};

/// A story with one decided and one open case.
fn told(database: &StoreUrl) -> (Story, CaseId, CaseId) {
    let story = story_in(testing::app_on(database));
    let decided = story.asked();
    story.granted(&decided);
    let open = story.asked_on(&story.registered_as("李国强", "11010119900307002X"));
    (story, decided, open)
}

fn findings(app: &App) -> Vec<&'static str> {
    let mut found: Vec<_> = run(app).unwrap().findings.into_iter().map(|finding| finding.what).collect();
    found.dedup();
    found
}

/// Takes the defences of the database away, as whoever owns it can.
fn disarm(tx: &mut dyn Tx) -> Result<(), StoreError> {
    let statements: &[&str] = match tx.dialect() {
        Dialect::Sqlite => &[
            "drop trigger events_are_never_updated",
            "drop trigger events_are_never_deleted",
            "drop trigger revision_bodies_are_never_updated",
        ],
        Dialect::Postgres => &[
            "drop trigger events_are_never_changed on events",
            "drop trigger revision_bodies_are_never_updated on revisions",
        ],
    };
    statements.iter().try_for_each(|sql| tx.execute(sql, &[]).map(|_| ()))
}

/// Runs one act of tampering in a story of its own, and wants at least this finding.
fn tampered(sql: &'static [&'static str], params: fn(&CaseId, &CaseId) -> Vec<Value>, wanted: &str) {
    let sqlite = TestSqlite::create().unwrap();
    let postgres = TestPostgres::start().unwrap();
    let urls = [sqlite.url(), StoreUrl::parse(&postgres.url()).unwrap()];
    for url in urls {
        let (story, decided, open) = told(&url);
        assert_eq!(findings(&story.app), Vec::<&str>::new(), "before anything was touched");
        let params = params(&decided, &open);
        story
            .app
            .store
            .write(move |tx| {
                disarm(tx)?;
                for statement in sql {
                    let used: Vec<_> = (1..=params.len())
                        .filter(|at| statement.contains(&format!("${at}")))
                        .filter_map(|at| params.get(at - 1).cloned())
                        .collect();
                    assert!(tx.execute(statement, &used)? > 0, "{statement} changed nothing");
                }
                Ok::<_, StoreError>(())
            })
            .unwrap();
        let found = findings(&story.app);
        assert!(found.contains(&wanted), "{wanted} is not among {found:?}");
    }
}

fn decided(decided: &CaseId, _: &CaseId) -> Vec<Value> {
    vec![decided.as_str().into()]
}

fn both(decided: &CaseId, open: &CaseId) -> Vec<Value> {
    vec![decided.as_str().into(), open.as_str().into()]
}

#[test]
fn a_changed_event_byte_is_found() {
    tampered(
        &["update events set bytes = (select bytes from events where stream = $1 and version = 1) \
           where stream = $1 and version = 2"],
        decided,
        "event-bytes-changed",
    );
}

#[test]
fn a_deleted_event_is_found() {
    tampered(&["delete from events where stream = $1 and version = 2"], decided, "event-missing");
}

#[test]
fn a_deleted_tail_is_found() {
    tampered(
        &["delete from events where stream = $1 and version = (select max(version) from events where stream = $1)"],
        decided,
        "row-differs-from-history",
    );
}

#[test]
fn a_deleted_history_is_found() {
    tampered(&["delete from events where stream = $1"], decided, "row-without-history");
}

#[test]
fn two_swapped_streams_are_found() {
    tampered(
        &[
            "update events set stream = 'swap' where stream = $1",
            "update events set stream = $1 where stream = $2",
            "update events set stream = (select id from cases where stage = 'intake' and id <> $1) where stream = 'swap'",
        ],
        both,
        "history-of-another",
    );
}

#[test]
fn an_edited_state_row_is_found() {
    tampered(&["update cases set stage = 'refused' where id = $1"], decided, "row-differs-from-history");
    tampered(
        &["update registrations set finished_on = '2020-01-01' where status = 'ended'"],
        |_, _| Vec::new(),
        "row-differs-from-history",
    );
}

#[test]
fn an_edited_document_and_a_lost_one_are_found() {
    tampered(
        &["update revisions set body = (select body from revisions where owner = $1 and kind = 'details') \
           where owner = $2 and kind = 'details'"],
        both,
        "document-changed",
    );
}

#[test]
fn a_removed_file_is_found() {
    let (story, ..) = told(&TestSqlite::create().unwrap().url());
    let blob = story.app.files.names().unwrap().into_iter().next().unwrap();
    story.app.files.remove(&blob).unwrap();
    assert_eq!(findings(&story.app), ["file-missing-or-changed"]);
}
