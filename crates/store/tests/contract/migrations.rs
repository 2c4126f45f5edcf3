//! The schema only ever goes forward, by known steps.

use std::thread;

use banjie_store::db::{Options, Schema, Store, StoreUrl};
use banjie_store::error::StoreError;
use banjie_store::migrate::Migration;
use banjie_store::test_support::each_database;

use crate::one_value;

const FIRST: Migration = step(1, "0001_first", "create table first (id bigint)");
const SECOND: Migration = step(2, "0002_second", "create table second (id bigint); insert into second values (1);");
const CHANGED: Migration = step(1, "0001_first", "create table first (id bigint, name text)");
const BROKEN: Migration = step(2, "0002_broken", "create table half (id bigint); insert into nowhere values (1);");

const fn step(version: i64, name: &'static str, text: &'static str) -> Migration {
    Migration { version, name, sqlite: text, postgres: text }
}

fn open(url: &StoreUrl, migrations: &'static [Migration]) -> Result<Store, StoreError> {
    Store::open(url, Options { migrations, connections: 2, ..Options::default() })
}

fn applied(store: &Store) -> i64 {
    one_value(store, "select count(*) from schema_migrations", vec![])
}

#[test]
fn migrating_twice_does_nothing_the_second_time() {
    each_database(|url| {
        for _ in 0..2 {
            let store = open(url, &[FIRST, SECOND]).unwrap();
            assert_eq!((applied(&store), one_value(&store, "select count(*) from second", vec![])), (2, 1));
        }
    });
}

#[test]
fn a_newer_program_goes_on_where_the_older_one_was() {
    each_database(|url| {
        assert_eq!(applied(&open(url, &[FIRST]).unwrap()), 1);
        assert_eq!(applied(&open(url, &[FIRST, SECOND]).unwrap()), 2);
    });
}

#[test]
fn an_older_program_refuses_a_newer_schema() {
    each_database(|url| {
        open(url, &[FIRST, SECOND]).unwrap();
        assert_eq!(open(url, &[FIRST]).err(), Some(StoreError::SchemaNewer { found: 2, known: 1 }));
        assert_eq!(open(url, &[]).err(), Some(StoreError::SchemaNewer { found: 2, known: 0 }));
    });
}

#[test]
fn a_migration_that_changed_after_it_ran_is_refused() {
    each_database(|url| {
        open(url, &[FIRST]).unwrap();
        let changed = StoreError::MigrationChanged { version: 1, name: "0001_first".to_owned() };
        assert_eq!(open(url, &[CHANGED]).err(), Some(changed.clone()));
        assert_eq!(open(url, &[CHANGED, SECOND]).err(), Some(changed));
    });
}

#[test]
fn a_migration_that_fails_leaves_nothing_half_done() {
    each_database(|url| {
        assert!(matches!(open(url, &[FIRST, BROKEN]).err(), Some(StoreError::Sql(_))));
        let store = open(url, &[FIRST]).unwrap();
        assert_eq!(applied(&store), 1);
        assert!(store.read(|tx| tx.query("select id from half", &[])).is_err());
    });
}

#[test]
fn a_tool_that_only_looks_does_not_migrate() {
    each_database(|url| {
        let look =
            |migrations| Store::open(url, Options { migrations, schema: Schema::MustMatch, ..Options::default() });
        assert_eq!(look(&[FIRST]).err(), Some(StoreError::SchemaOlder { found: 0, known: 1 }));
        open(url, &[FIRST]).unwrap();
        assert_eq!(look(&[FIRST, SECOND]).err(), Some(StoreError::SchemaOlder { found: 1, known: 2 }));
        assert!(look(&[FIRST]).is_ok());
    });
}

#[test]
fn processes_that_start_together_migrate_once() {
    each_database(|url| {
        let starting: Vec<_> = (0..4)
            .map(|_| {
                let url = url.clone();
                thread::spawn(move || open(&url, &[FIRST, SECOND]).map(drop))
            })
            .collect();
        for start in starting {
            assert_eq!(start.join().unwrap(), Ok(()));
        }
        assert_eq!(one_value(&open(url, &[FIRST, SECOND]).unwrap(), "select count(*) from second", vec![]), 1);
    });
}

#[test]
fn this_program_has_migrations_that_run() {
    each_database(|url| {
        Store::open(url, Options::default()).unwrap();
    });
}
