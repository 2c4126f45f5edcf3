//! The two migrated schemas are one schema, told in two dialects.

use std::collections::BTreeSet;

use banjie_store::db::{Options, Row, Store, StoreUrl, Value};
use banjie_store::error::StoreError;
use banjie_store::migrate::MIGRATIONS;
use banjie_store::test_support::{TestPostgres, TestSqlite, each_database};

/// Lines that two databases must have in common.
type Lines = BTreeSet<String>;

fn lines(store: &Store, sql: &'static str) -> Lines {
    let line = |row: &Row| row.text(0);
    store
        .read(move |tx| tx.query(sql, &[])?.iter().map(line).collect())
        .unwrap_or_else(|error: StoreError| panic!("{error}"))
}

fn migrated(url: &StoreUrl) -> Store {
    Store::open(url, Options::default()).unwrap()
}

fn assert_same(sqlite_sql: &'static str, postgres_sql: &'static str) {
    let (file, server) = (TestSqlite::create().unwrap(), TestPostgres::start().unwrap());
    let sqlite = lines(&migrated(&file.url()), sqlite_sql);
    let postgres = lines(&migrated(&StoreUrl::parse(&server.url()).unwrap()), postgres_sql);
    let only_sqlite: Vec<_> = sqlite.difference(&postgres).collect();
    let only_postgres: Vec<_> = postgres.difference(&sqlite).collect();
    assert!(only_sqlite.is_empty() && only_postgres.is_empty(), "{only_sqlite:#?}\nagainst\n{only_postgres:#?}");
    assert!(!sqlite.is_empty());
}

#[test]
fn a_database_with_people_in_it_takes_every_later_migration() {
    each_database(|url| {
        let first = Store::open(url, Options { migrations: &MIGRATIONS[..1], ..Options::default() }).unwrap();
        let add =
            "insert into persons (id, document_index, name_index, profile, created_at) values ($1, $2, $2, $2, $3)";
        first.write(move |tx| tx.execute(add, &["per_1".into(), Value::from(&[7_u8][..]), 1.into()])).unwrap();
        drop(first);
        let now = migrated(url);
        assert_eq!(lines(&now, "select id from persons"), Lines::from(["per_1".to_owned()]));
        // What stays to be done for the rows that are there waits as a job.
        assert_eq!(lines(&now, "select kind || subject from jobs"), Lines::from(["name.index".to_owned()]));
    });
}

#[test]
fn both_schemas_have_the_same_columns() {
    assert_same(
        "select t.name || '.' || c.name || ' ' || lower(c.type)
                || case when c.\"notnull\" = 1 or c.pk > 0 then ' not null' else '' end
            from sqlite_schema as t join pragma_table_info(t.name) as c
            where t.type = 'table' and t.name not like 'sqlite%'",
        "select table_name || '.' || column_name || ' '
                || case data_type when 'bigint' then 'integer' when 'boolean' then 'integer'
                    when 'bytea' then 'blob' else data_type end
                || case is_nullable when 'NO' then ' not null' else '' end
            from information_schema.columns where table_schema = 'public'",
    );
}

#[test]
fn both_schemas_have_the_same_unique_keys() {
    assert_same(
        "select t.name || ' (' || (
                    select group_concat(coalesce(c.name, '?'), ', ' order by c.seqno)
                    from pragma_index_info(i.name) as c
                ) || ')' || case when i.partial = 1 then ' partial' else '' end
            from sqlite_schema as t join pragma_index_list(t.name) as i
            where t.type = 'table' and i.\"unique\" = 1",
        "select t.relname || ' (' || (
                    select string_agg(coalesce(a.attname, '?'), ', ' order by k.place)
                    from unnest(i.indkey) with ordinality as k (number, place)
                    left join pg_attribute as a on a.attrelid = t.oid and a.attnum = k.number
                ) || ')' || case when i.indpred is not null then ' partial' else '' end
            from pg_index as i join pg_class as t on t.oid = i.indrelid
            where i.indisunique and t.relnamespace = 'public'::regnamespace
                and not (i.indisprimary and (
                    -- SQLite keeps a single integer key in the table itself, without an index.
                    select count(*) = 1 and bool_and(a.atttypid = 'bigint'::regtype)
                    from pg_attribute as a where a.attrelid = t.oid and a.attnum = any (i.indkey)
                ))",
    );
}

#[test]
fn both_schemas_have_the_same_foreign_keys() {
    assert_same(
        "select t.name || '.' || f.\"from\" || ' -> ' || f.\"table\"
            from sqlite_schema as t join pragma_foreign_key_list(t.name) as f
            where t.type = 'table'
            union all select 'none'",
        "select c.conrelid::regclass || '.' || a.attname || ' -> ' || c.confrelid::regclass
            from pg_constraint as c
            join pg_attribute as a on a.attrelid = c.conrelid and a.attnum = any (c.conkey)
            where c.contype = 'f'
            union all select 'none'",
    );
}

#[test]
fn ids_and_numbers_sort_by_their_bytes_on_postgres_as_on_sqlite() {
    let server = TestPostgres::start().unwrap();
    let sorted_by_locale = lines(
        &migrated(&StoreUrl::parse(&server.url()).unwrap()),
        "select table_name || '.' || column_name from information_schema.columns
            where table_schema = 'public' and data_type = 'text' and collation_name is distinct from 'C'
                and column_name in ('id', 'number')",
    );
    assert_eq!(sorted_by_locale, Lines::new());
}

#[test]
fn no_key_is_checked_at_commit_only() {
    let server = TestPostgres::start().unwrap();
    let late = lines(
        &migrated(&StoreUrl::parse(&server.url()).unwrap()),
        "select conname::text from pg_constraint where condeferrable",
    );
    assert_eq!(late, Lines::new());
}
