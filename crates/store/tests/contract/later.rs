//! Statements that nobody waits for: sent together on PostgreSQL, and the same to everybody else.

use banjie_store::db::{Store, Tx};
use banjie_store::error::StoreError;
use banjie_store::test_support::each_database;

use crate::{ids, open};

const INSERT: &str = "insert into item (id, name) values ($1, $1)";

fn later(tx: &mut dyn Tx, all: &[&str]) -> Result<(), StoreError> {
    all.iter().try_for_each(|id| tx.later(INSERT, &[(*id).into()]))
}

/// The name under which a writer is told that a key is taken.
fn taken(told: Result<(), StoreError>) -> String {
    match told {
        Err(StoreError::Unique { constraint }) => constraint,
        other => panic!("{other:?}"),
    }
}

#[test]
fn they_are_done_in_order_and_the_next_question_sees_them() {
    each_database(|url| {
        let store = open(url);
        let seen: Result<i64, StoreError> = store.write(|tx| {
            later(tx, &["a", "b"])?;
            tx.later("update item set number = 7 where number is null", &[])?;
            later(tx, &["c"])?;
            let named = tx.query_opt("select count(*) from item where number = 7", &[])?;
            later(tx, &["d"])?;
            named.map_or(Ok(0), |row| row.int(0))
        });
        assert_eq!(seen, Ok(2), "the third came after");
        assert_eq!(ids(&store), ["a", "b", "c", "d"]);
    });
}

#[test]
fn the_first_that_fails_is_told_by_name_and_nothing_stays() {
    each_database(|url| {
        let store = open(url);
        let held: Result<(), StoreError> = store.write(|tx| later(tx, &["a"]));
        held.unwrap();
        let with = |settled: bool| {
            move |tx: &mut dyn Tx| -> Result<(), StoreError> {
                later(tx, &["b", "a", "c"])?;
                if settled { tx.settle() } else { Ok(()) }
            }
        };
        assert_eq!(taken(store.write(with(true))), "item.id");
        assert_eq!(taken(store.write(with(false))), "item.id", "the end waits for them");
        assert_eq!(ids(&store), ["a"]);
        let after: Result<(), StoreError> = store.write(|tx| later(tx, &["b"]));
        after.unwrap();
        assert_eq!(ids(&store), ["a", "b"], "what was left by a transaction that failed is not done by the next one");
    });
}

#[test]
fn a_closure_that_gives_up_leaves_nothing_to_the_next_one() {
    each_database(|url| {
        let store: Store = open(url);
        let given_up: Result<(), StoreError> = store.write(|tx| {
            later(tx, &["a"])?;
            Err(StoreError::Conflict)
        });
        assert_eq!(given_up, Err(StoreError::Conflict));
        let after: Result<(), StoreError> = store.write(|tx| later(tx, &["b"]));
        after.unwrap();
        assert_eq!(ids(&store), ["b"]);
    });
}
