//! COMMIT that fails, connections that die, and settings that would lose what was answered.

use std::path::Path;
use std::thread;

use banjie_store::db::{Options, Store, StoreUrl};
use banjie_store::error::StoreError;
use banjie_store::migrate::Migration;
use banjie_store::test_support::{TestPostgres, TestSqlite};

use crate::{ids, insert, one_at_a_time, open, options, queue_up};

/// A key that is checked at COMMIT only, which the product never has, makes COMMIT fail at will.
const LATE_KEY: &[Migration] = &[Migration {
    version: 1,
    name: "0001_late",
    sqlite: "create table item (
        id text primary key,
        name text not null references item (id) deferrable initially deferred
    ) strict;",
    postgres: "create table item (id text collate \"C\" primary key, name text);
    create function lose() returns trigger language plpgsql as
        $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
    create constraint trigger lost after insert on item deferrable initially deferred
        for each row when (new.name = '甲') execute function lose();",
}];

fn postgres() -> (TestPostgres, StoreUrl) {
    let server = TestPostgres::start().unwrap();
    let url = StoreUrl::parse(&server.url()).unwrap();
    (server, url)
}

#[test]
fn when_commit_fails_the_outcome_is_unknown_for_all_in_the_group() {
    let file = TestSqlite::create().unwrap();
    let store = Store::open(&file.url(), Options { migrations: LATE_KEY, ..options() }).unwrap();
    let own_name = "insert into item (id, name) values ($1, $1)";
    let held = {
        let (go_on, told) = std::sync::mpsc::channel::<()>();
        let (started, start) = std::sync::mpsc::channel();
        let caller = store.clone();
        let thread = thread::spawn(move || {
            caller.write(move |_| {
                started.send(()).unwrap();
                told.recv().map_err(|_| StoreError::Stopped)
            })
        });
        start.recv().unwrap();
        (go_on, thread)
    };
    let sound = queue_up(&store, move |tx| tx.execute(own_name, &["a".into()]));
    let broken = queue_up(&store, |tx| insert(tx, "b"));
    let refused = queue_up(&store, |_| Err::<(), _>(StoreError::Mismatch("seen in the group".to_owned())));
    held.0.send(()).unwrap();
    assert_eq!(held.1.join().unwrap(), Ok(()));
    assert_eq!(sound.join().unwrap(), Err(StoreError::Unknown));
    assert_eq!(broken.join().unwrap(), Err(StoreError::Unknown));
    assert_eq!(refused.join().unwrap(), Err(StoreError::Unknown));
    assert!(ids(&store).is_empty());
    assert_eq!(store.write(move |tx| tx.execute(own_name, &["c".into()])), Ok(1));
}

#[test]
fn a_connection_lost_at_commit_leaves_the_outcome_unknown_and_is_replaced() {
    let (_server, url) = postgres();
    let store = Store::open(&url, Options { migrations: LATE_KEY, ..one_at_a_time() }).unwrap();
    assert_eq!(store.write(|tx| insert(tx, "a")), Err(StoreError::Unknown));
    let again = "insert into item (id, name) values ($1, 'x')";
    assert_eq!(store.write(move |tx| tx.execute(again, &["b".into()])), Ok(1));
}

#[test]
fn a_connection_found_dead_before_begin_is_replaced_without_anybody_noticing() {
    let (_server, url) = postgres();
    let store = Store::open(&url, one_at_a_time()).unwrap();
    store.write(|tx| insert(tx, "a")).unwrap();
    let killer = open(&url);
    let kill = "select count(pg_terminate_backend(pid, 10000)) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()";
    let killed = killer
        .write(move |tx| tx.query_opt(kill, &[])?.map_or(Ok(0), |row| row.int(0)))
        .unwrap_or_else(|error: StoreError| panic!("{error}"));
    assert!(killed >= 1);
    assert_eq!(store.write(|tx| insert(tx, "b")), Ok(1));
    assert_eq!(ids(&store), ["a", "b"]);
    killer.write(move |tx| tx.query_opt(kill, &[]).map(drop)).unwrap_or_else(|error: StoreError| panic!("{error}"));
    let together: Result<(), StoreError> = store.write(|tx| {
        // One that is prepared on the connection that is gone, and one that is not.
        tx.later("insert into item (id, name) values ($1, $2)", &["c".into(), "甲".into()])?;
        tx.later("insert into item (name, id) values ($1, $1)", &["d".into()])
    });
    assert_eq!(together, Ok(()));
    assert_eq!(ids(&store), ["a", "b", "c", "d"]);
}

#[test]
fn a_connection_lost_inside_a_transaction_stores_nothing_and_is_not_repeated() {
    let (_server, url) = postgres();
    let store = Store::open(&url, one_at_a_time()).unwrap();
    let lost = store.write(|tx| {
        insert(tx, "a")?;
        tx.query("select pg_terminate_backend(pg_backend_pid())", &[])?;
        Ok(())
    });
    assert!(matches!(lost, Err(StoreError::Unreachable(_))), "{lost:?}");
    assert!(ids(&store).is_empty());
}

#[test]
fn a_statement_that_takes_too_long_is_ended_by_the_server() {
    let (_server, url) = postgres();
    let timeout = std::time::Duration::from_millis(50);
    let store = Store::open(&url, Options { statement_timeout: timeout, ..one_at_a_time() }).unwrap();
    let slow = store.write(|tx| {
        insert(tx, "a")?;
        tx.query("select count(*) from (select pg_sleep(60)) as slow", &[])
    });
    assert!(matches!(&slow, Err(StoreError::Sql(message)) if message.contains("57014")), "{slow:?}");
    assert!(ids(&store).is_empty());
}

#[test]
fn writers_who_lock_each_other_out_are_told_to_do_it_again() {
    let (_server, url) = postgres();
    let store = open(&url);
    store.write(|tx| insert(tx, "a").and_then(|_| insert(tx, "b"))).unwrap();
    let meeting = std::sync::Arc::new(std::sync::Barrier::new(2));
    let cross = |first: &'static str, second: &'static str| {
        let (store, meeting) = (store.clone(), std::sync::Arc::clone(&meeting));
        thread::spawn(move || {
            store.write(move |tx| {
                let touch = "update item set number = 1 where id = $1";
                tx.execute(touch, &[first.into()])?;
                meeting.wait();
                tx.execute(touch, &[second.into()])
            })
        })
    };
    let (one, other) = (cross("a", "b"), cross("b", "a"));
    let answers = [one.join().unwrap(), other.join().unwrap()];
    assert!(answers.contains(&Ok(1)) && answers.contains(&Err(StoreError::Conflict)), "{answers:?}");
}

#[test]
fn a_server_that_could_lose_an_answered_change_is_refused() {
    for (setting, found) in [("fsync", "off"), ("synchronous_commit", "local"), ("full_page_writes", "off")] {
        let server = TestPostgres::start_apart(&[&format!("{setting}={found}")]).unwrap();
        let refused = Store::open(&StoreUrl::parse(&server.url()).unwrap(), options()).err();
        let expected = StoreError::Unsafe { setting, found: found.to_owned(), needed: "on" };
        assert_eq!(refused, Some(expected));
    }
}

#[test]
fn a_sqlite_database_that_cannot_keep_a_log_is_refused() {
    let refused = Store::open(&StoreUrl::sqlite(Path::new(":memory:")), options()).err();
    let expected = StoreError::Unsafe { setting: "journal_mode", found: "memory".to_owned(), needed: "wal" };
    assert_eq!(refused, Some(expected));
}

#[test]
fn a_server_that_is_not_there_is_told_at_once() {
    let url = StoreUrl::parse("postgres://nobody@/none?host=/nowhere").unwrap();
    assert!(matches!(Store::open(&url, options()), Err(StoreError::Unreachable(_))));
}
