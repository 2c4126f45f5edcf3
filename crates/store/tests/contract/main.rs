//! What the store promises, checked on both databases.
//!
//! A property that holds on one only is a fault of the store, not of the test.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod durability;
mod groups;
mod later;
mod migrations;
mod schema;
mod statements;

use std::thread::{self, JoinHandle};

use banjie_store::db::{Options, Store, StoreUrl, Tx, Value};
use banjie_store::error::StoreError;
use banjie_store::migrate::Migration;

/// One table with every kind of column.
const ITEMS: &[Migration] = &[Migration {
    version: 1,
    name: "0001_item",
    sqlite: "create table item (
        id text primary key,
        name text not null,
        number integer,
        flag integer check (flag in (0, 1)),
        bytes blob
    ) strict;
    create unique index item_name_number on item (name, number) where flag = 1;",
    postgres: "create table item (
        id text collate \"C\" primary key,
        name text collate \"C\" not null,
        number bigint,
        flag boolean,
        bytes bytea
    );
    create unique index item_name_number on item (name, number) where flag;",
}];

fn options() -> Options {
    Options { migrations: ITEMS, connections: 4, ..Options::default() }
}

/// One writing thread on either database, so that callers wait for each other in a known order.
fn one_at_a_time() -> Options {
    Options { connections: 1, ..options() }
}

fn open(url: &StoreUrl) -> Store {
    Store::open(url, options()).unwrap()
}

fn insert(tx: &mut dyn Tx, id: &str) -> Result<u64, StoreError> {
    tx.execute("insert into item (id, name) values ($1, $2)", &[id.into(), "甲".into()])
}

fn ids(store: &Store) -> Vec<String> {
    store
        .read(|tx| tx.query("select id from item order by id", &[])?.iter().map(|row| row.text(0)).collect())
        .unwrap_or_else(|error: StoreError| panic!("{error}"))
}

fn one_value(store: &Store, sql: &'static str, params: Vec<Value>) -> i64 {
    store
        .read(move |tx| tx.query_opt(sql, &params)?.map_or(Ok(-1), |row| row.int(0)))
        .unwrap_or_else(|error: StoreError| panic!("{error}"))
}

/// Calls `write` on a thread of its own and waits until it stands in the queue.
fn queue_up<T: Send + 'static>(
    store: &Store,
    f: impl FnOnce(&mut dyn Tx) -> Result<T, StoreError> + Send + 'static,
) -> JoinHandle<Result<T, StoreError>> {
    let before = store.health().waiting_writes;
    let caller = store.clone();
    let thread = thread::spawn(move || caller.write(f));
    while store.health().waiting_writes == before {
        thread::yield_now();
    }
    thread
}

/// A transaction that stays open until it is told to go on.
struct Held {
    go_on: std::sync::mpsc::Sender<()>,
    thread: JoinHandle<Result<u64, StoreError>>,
}

impl Held {
    /// Inserts `id` and then waits.
    fn inserting(store: &Store, id: &'static str) -> Self {
        let (go_on, told) = std::sync::mpsc::channel();
        let (started, start) = std::sync::mpsc::channel();
        let caller = store.clone();
        let thread = thread::spawn(move || {
            caller.write(move |tx| {
                let changed = insert(tx, id)?;
                started.send(()).unwrap();
                told.recv().unwrap();
                Ok(changed)
            })
        });
        start.recv().unwrap();
        Self { go_on, thread }
    }

    fn finish(self) -> Result<u64, StoreError> {
        self.go_on.send(()).unwrap();
        self.thread.join().unwrap()
    }
}
