//! One statement at a time: parameters, types, keys, and the SQL both databases understand.

use banjie_store::db::{Row, StoreUrl, Value};
use banjie_store::error::StoreError;
use banjie_store::test_support::each_database;

use crate::{insert, one_value, open};

fn write_result<T: Send + 'static>(
    url: &StoreUrl,
    sql: &'static str,
    params: Vec<Value>,
    f: impl Fn(u64) -> T + Send + 'static,
) -> Result<T, StoreError> {
    open(url).write(move |tx| tx.execute(sql, &params).map(f))
}

#[test]
fn parameters_go_by_their_number_and_not_by_their_place() {
    each_database(|url| {
        let row: Row = open(url)
            .write(|tx| {
                tx.query_opt(
                    "insert into item (name, id) values ($2, $1) returning id, name",
                    &["the id".into(), "the name".into()],
                )
            })
            .unwrap_or_else(|error: StoreError| panic!("{error}"))
            .unwrap();
        assert_eq!((row.text(0).unwrap(), row.text(1).unwrap()), ("the id".to_owned(), "the name".to_owned()));
    });
}

#[test]
fn a_parameter_can_be_used_twice() {
    each_database(|url| {
        let store = open(url);
        let twice = "select count(*) from (select 1 where $1 = $1 and cast($2 as bigint) = 7) as found";
        assert_eq!(one_value(&store, twice, vec!["x".into(), 7.into()]), 1);
    });
}

#[test]
fn gaps_and_wrong_numbers_of_parameters_are_refused() {
    each_database(|url| {
        let gap = "insert into item (id, name) values ($1, $3)";
        assert!(write_result(url, gap, vec!["a".into(), "b".into(), "c".into()], drop).is_err());
        let two = "insert into item (id, name) values ($1, $2)";
        for params in [vec![], vec!["a".into()], vec!["a".into(), "b".into(), "c".into()]] {
            let refused = write_result(url, two, params, drop);
            assert!(matches!(refused, Err(StoreError::Mismatch(_))), "{refused:?}");
        }
    });
}

#[test]
fn a_taken_key_is_named_by_table_and_columns() {
    each_database(|url| {
        let store = open(url);
        let insert = "insert into item (id, name, number, flag) values ($1, $2, $3, $4)";
        let attempt = |id: &str, flag: bool| {
            let params: Vec<Value> = vec![id.into(), "甲".into(), 1.into(), flag.into()];
            store.write(move |tx| tx.execute(insert, &params))
        };
        let taken = |constraint: &str| Err(StoreError::Unique { constraint: constraint.to_owned() });
        assert_eq!(attempt("a", true), Ok(1));
        assert_eq!(attempt("a", false), taken("item.id"));
        assert_eq!(attempt("b", true), taken("item.name, item.number"));
        assert_eq!(attempt("b", false), Ok(1));
    });
}

#[test]
fn a_fault_tells_no_value_from_a_row() {
    each_database(|url| {
        let store = open(url);
        let secret = "330106199001011234";
        let statements = [
            "insert into item (id, name, flag) values ($1, null, cast($1 as bigint) = 1)",
            "insert into item (id, name) values ($1, null)",
            "insert into item (id, name) select $1, cast(null as text)",
        ];
        for sql in statements {
            let error = store.write(move |tx| tx.execute(sql, &[secret.into()])).unwrap_err();
            assert!(!format!("{error} {error:?}").contains(secret), "{error}");
        }
    });
}

#[test]
fn every_kind_of_value_comes_back_as_it_went_in() {
    each_database(|url| {
        let store = open(url);
        let han = "\u{20BB7}野家 𠮷\u{E0100} 张·三"; // four-byte Han, and an ideographic variation sequence
        let insert = "insert into item (id, name, number, flag, bytes) values ($1, $2, $3, $4, $5)";
        let rows = [
            ("a", Some(i64::MIN), Some(false), Some(Vec::<u8>::new())),
            ("b", Some(i64::MAX), Some(true), Some((0..=255).collect())),
            ("c", Some(0), None, Some(vec![0; 100_000])),
            ("d", None, None, None),
        ];
        for (id, number, flag, bytes) in rows.clone() {
            let params: Vec<Value> = vec![id.into(), han.into(), number.into(), flag.into(), bytes.into()];
            store.write(move |tx| tx.execute(insert, &params)).unwrap();
        }
        let back: Vec<Row> = store
            .read(|tx| tx.query("select id, name, number, flag, bytes from item order by id", &[]))
            .unwrap_or_else(|error: StoreError| panic!("{error}"));
        for (row, (id, number, flag, bytes)) in back.iter().zip(rows) {
            assert_eq!((row.text(0).unwrap().as_str(), row.text(1).unwrap().as_str()), (id, han));
            assert_eq!((row.opt_int(2).unwrap(), row.opt_bool(3).unwrap()), (number, flag));
            assert_eq!(row.opt_bytes(4).unwrap(), bytes);
        }
        assert_eq!(back.len(), 4);
    });
}

#[test]
fn a_value_of_the_wrong_kind_is_refused() {
    each_database(|url| {
        let insert = "insert into item (id, name, number) values ($1, $2, $3)";
        for number in [Value::from("1x"), Value::from(&b"1"[..])] {
            assert!(write_result(url, insert, vec!["a".into(), "b".into(), number], drop).is_err());
        }
        assert!(write_result(url, insert, vec!["a".into(), Value::Null, 1.into()], drop).is_err());
        assert!(write_result(url, insert, vec!["a".into(), "a\0b".into(), 1.into()], drop).is_err());
    });
}

#[test]
fn a_row_read_as_something_else_is_refused() {
    each_database(|url| {
        let store = open(url);
        let row: Row = store
            .read(|tx| tx.query_opt("select 'text', cast(null as text)", &[]))
            .unwrap_or_else(|error: StoreError| panic!("{error}"))
            .unwrap();
        let refused = [row.int(0).err(), row.bytes(0).err(), row.bool(0).err(), row.text(1).err(), row.text(9).err()];
        for error in refused {
            assert!(matches!(error, Some(StoreError::Mismatch(_))), "{error:?}");
        }
        assert_eq!(row.opt_text(1), Ok(None));
    });
}

#[test]
fn two_rows_where_one_was_expected_are_refused() {
    each_database(|url| {
        let found = open(url).read(|tx| tx.query_opt("select 1 union all select 2", &[]));
        assert!(matches!(found, Err(StoreError::Mismatch(_))));
    });
}

#[test]
fn an_upsert_answers_the_row_it_left() {
    each_database(|url| {
        let store = open(url);
        let upsert = "insert into item (id, name, number) values ($1, $2, $3)
            on conflict (id) do update set number = item.number + excluded.number
            returning number";
        let mut last = 0;
        for _ in 0..3 {
            last = store
                .write(move |tx| {
                    tx.query_opt(upsert, &["a".into(), "甲".into(), 5.into()])?.map_or(Ok(0), |r| r.int(0))
                })
                .unwrap_or_else(|error: StoreError| panic!("{error}"));
        }
        assert_eq!(last, 15);
    });
}

#[test]
fn a_list_goes_on_after_the_last_row_in_the_same_order() {
    each_database(|url| {
        let store = open(url);
        store
            .write(|tx| {
                for (id, name) in [("1", "b"), ("2", "a"), ("3", "B"), ("4", "甲"), ("5", "a"), ("6", "乙")] {
                    tx.execute("insert into item (id, name) values ($1, $2)", &[id.into(), name.into()])?;
                }
                Ok::<(), StoreError>(())
            })
            .unwrap();
        let mut seen = String::new();
        let mut last = (String::new(), String::new());
        loop {
            let after: Vec<Value> = vec![last.0.into(), last.1.into()];
            let page = "select name, id from item where (name, id) > ($1, $2) order by name, id limit 2";
            let rows = store.read(move |tx| tx.query(page, &after)).unwrap_or_else(|e: StoreError| panic!("{e}"));
            let Some(row) = rows.last() else { break };
            last = (row.text(0).unwrap(), row.text(1).unwrap());
            seen.extend(rows.iter().map(|row| row.text(1).unwrap()));
        }
        assert_eq!(seen, "325164");
    });
}

#[test]
fn null_is_not_distinct_from_null() {
    each_database(|url| {
        let store = open(url);
        store.write(|tx| insert(tx, "a")).unwrap();
        let same = "select count(*) from item where number is not distinct from cast($1 as bigint)";
        assert_eq!(one_value(&store, same, vec![Value::Null]), 1);
        assert_eq!(one_value(&store, same, vec![1.into()]), 0);
    });
}

#[test]
fn rows_stream_until_the_reader_has_enough() {
    each_database(|url| {
        let numbers = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 50000)
            select cast(i as bigint) from n";
        let counted: Result<i64, StoreError> = open(url).read(move |tx| {
            let mut seen = 0;
            let stopped = tx.each(numbers, &[], &mut |row| {
                seen = row.int(0)?;
                if seen == 1000 { Err(StoreError::Mismatch("enough".to_owned())) } else { Ok(()) }
            });
            assert!(stopped.is_err());
            // The reader's own stop is not a fault of the statement, so the transaction goes on.
            tx.query("select 1", &[])?;
            Ok(seen)
        });
        assert_eq!(counted, Ok(1000));
    });
}

#[test]
fn a_misspelt_column_in_quotes_is_not_taken_for_a_text() {
    each_database(|url| {
        let found = open(url).read(|tx| tx.query("select id from item where \"nmae\" = 'x'", &[]));
        assert!(matches!(found, Err(StoreError::Sql(_))));
    });
}

#[test]
fn a_transaction_knows_who_acts_and_on_what() {
    each_database(|url| {
        let store = open(url);
        let (dialect, actor) = store
            .acting("account-1")
            .read(|tx| Ok::<_, StoreError>((tx.dialect(), tx.actor().map(str::to_owned))))
            .unwrap();
        assert_eq!((dialect, actor.as_deref()), (url.dialect(), Some("account-1")));
        let nobody = store.read(|tx| Ok::<_, StoreError>(tx.actor().is_none()));
        assert_eq!(nobody, Ok(true));
    });
}
