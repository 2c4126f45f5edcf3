//! Many callers at once: each gets its own answer, and nobody's failure is another's.

use std::thread;

use banjie_store::db::{Options, Store};
use banjie_store::error::StoreError;
use banjie_store::test_support::each_database;

use crate::{Held, ids, insert, one_at_a_time, one_value, open, queue_up};

#[test]
fn two_hundred_writers_each_get_their_own_answer() {
    each_database(|url| {
        let store = open(url);
        let writers: Vec<_> = (0..200)
            .map(|number: i64| {
                let store = store.clone();
                thread::spawn(move || {
                    let answer: Result<i64, StoreError> = store.write(move |tx| {
                        let sql = "insert into item (id, name, number) values ($1, $2, $3) returning number";
                        let params = [format!("{number:03}").into(), "甲".into(), number.into()];
                        tx.query_opt(sql, &params)?.map_or(Ok(-1), |row| row.int(0))
                    });
                    // Whoever has an answer finds the row, whatever connection asks.
                    let found = one_value(&store, "select number from item where number = $1", vec![number.into()]);
                    assert_eq!((answer, found), (Ok(number), number));
                })
            })
            .collect();
        for writer in writers {
            writer.join().unwrap();
        }
        let all: Vec<String> = (0..200).map(|number| format!("{number:03}")).collect();
        assert_eq!(ids(&store), all);
    });
}

#[test]
fn a_closure_that_fails_undoes_only_itself() {
    each_database(|url| {
        let store = Store::open(url, one_at_a_time()).unwrap();
        let held = Held::inserting(&store, "a");
        let before = queue_up(&store, |tx| insert(tx, "b"));
        let refuses = queue_up(&store, |tx| {
            insert(tx, "c")?;
            Err::<(), _>(StoreError::Mismatch("no".to_owned()))
        });
        let taken = queue_up(&store, |tx| {
            insert(tx, "d")?;
            insert(tx, "b")
        });
        let panics = queue_up(&store, |tx| -> Result<(), StoreError> {
            insert(tx, "e")?;
            panic!("a closure that panics");
        });
        let after = queue_up(&store, |tx| insert(tx, "f"));

        assert_eq!(held.finish(), Ok(1));
        assert_eq!(before.join().unwrap(), Ok(1));
        assert_eq!(refuses.join().unwrap(), Err(StoreError::Mismatch("no".to_owned())));
        assert_eq!(taken.join().unwrap(), Err(StoreError::Unique { constraint: "item.id".to_owned() }));
        assert_eq!(panics.join().unwrap(), Err(StoreError::Panicked));
        assert_eq!(after.join().unwrap(), Ok(1));
        assert_eq!(ids(&store), ["a", "b", "f"]);
    });
}

#[test]
fn a_failed_statement_that_was_ignored_still_undoes_the_transaction() {
    each_database(|url| {
        let store = open(url);
        store.write(|tx| insert(tx, "a")).unwrap();
        let taken = StoreError::Unique { constraint: "item.id".to_owned() };
        let ignored: Result<Result<u64, StoreError>, StoreError> = store.write(|tx| {
            insert(tx, "b")?;
            assert!(insert(tx, "a").is_err());
            Ok(insert(tx, "c"))
        });
        assert_eq!(ignored, Err(taken));
        assert_eq!(ids(&store), ["a"]);
    });
}

#[test]
fn a_full_queue_answers_busy_at_once() {
    each_database(|url| {
        let store = Store::open(url, Options { queue: 3, ..one_at_a_time() }).unwrap();
        let held = Held::inserting(&store, "a");
        let waiting: Vec<_> = ["b", "c", "d"].map(|id| queue_up(&store, move |tx| insert(tx, id))).into();
        assert_eq!(store.write(|tx| insert(tx, "e")), Err(StoreError::Busy));
        assert_eq!(held.finish(), Ok(1));
        for caller in waiting {
            assert_eq!(caller.join().unwrap(), Ok(1));
        }
        assert_eq!(ids(&store), ["a", "b", "c", "d"]);
    });
}

#[test]
fn a_reader_sees_only_what_is_committed() {
    each_database(|url| {
        let store = open(url);
        let held = Held::inserting(&store, "a");
        assert!(ids(&store).is_empty());
        assert_eq!(held.finish(), Ok(1));
        assert_eq!(ids(&store), ["a"]);
    });
}

#[test]
fn a_reader_sees_one_moment_to_its_end() {
    each_database(|url| {
        let store = open(url);
        let (read_once, first) = std::sync::mpsc::channel();
        let (written, go_on) = std::sync::mpsc::channel::<()>();
        let reader = store.clone();
        let reader = thread::spawn(move || {
            reader.read(move |tx| {
                let before = tx.query("select id from item", &[])?.len();
                read_once.send(()).unwrap();
                go_on.recv().unwrap();
                Ok::<_, StoreError>((before, tx.query("select id from item", &[])?.len()))
            })
        });
        first.recv().unwrap();
        store.write(|tx| insert(tx, "a")).unwrap();
        written.send(()).unwrap();
        assert_eq!(reader.join().unwrap(), Ok((0, 0)));
    });
}

#[test]
fn a_read_cannot_write() {
    each_database(|url| {
        let store = open(url);
        assert!(matches!(store.read(|tx| insert(tx, "a")), Err(StoreError::Sql(_))));
        assert!(ids(&store).is_empty());
    });
}

#[test]
fn a_store_called_from_inside_a_transaction_refuses_instead_of_waiting_for_itself() {
    each_database(|url| {
        let store = Store::open(url, one_at_a_time()).unwrap();
        let inner = store.clone();
        assert_eq!(store.write(move |_| inner.write(|tx| insert(tx, "a"))), Err(StoreError::Nested));
        let inner = store.clone();
        assert_eq!(store.read(move |_| inner.write(|tx| insert(tx, "a"))), Err(StoreError::Nested));
    });
}

#[test]
fn stopping_finishes_what_waits_and_takes_no_more() {
    each_database(|url| {
        let store = Store::open(url, one_at_a_time()).unwrap();
        let held = Held::inserting(&store, "a");
        let waiting = queue_up(&store, |tx| insert(tx, "b"));
        let stopper = store.clone();
        let stopper = thread::spawn(move || stopper.stop());
        while store.health().takes_writes {
            thread::yield_now();
        }
        assert_eq!(store.write(|tx| insert(tx, "c")), Err(StoreError::Stopped));
        assert_eq!(held.finish(), Ok(1));
        assert_eq!(waiting.join().unwrap(), Ok(1));
        stopper.join().unwrap();
        assert_eq!(ids(&open(url)), ["a", "b"]);
    });
}

#[test]
fn a_pinged_store_answers() {
    each_database(|url| {
        let store = open(url);
        assert_eq!(store.ping(), Ok(()));
        assert!(store.health().takes_writes);
    });
}
