//! Statements that write, and what is read of it.

use std::sync::Arc;

use object_store::ObjectStoreExt;

use crate::catalog::Catalog;
use crate::test_lake::Lake;

/// Values of every type that Hive has.
const EVERY_TYPE: &str = "SELECT * FROM (VALUES
    (true, tinyint '1', smallint '2', 3, bigint '4', real '1.5', 2.5e0, decimal '1.25', 'a,b', X'6162',
     date '2024-02-29', cast('2024-01-02 03:04:05.678' AS timestamp(3)), ARRAY[1, NULL], MAP(ARRAY['k'], ARRAY[7]),
     cast(ROW(1, 'x') AS row(n integer, t varchar))),
    (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL))
    AS t (b, ti, si, i, bi, r, d, de, v, vb, da, ts, ar, ma, ro)";

#[tokio::test]
async fn every_type_comes_back_from_every_format() {
    let lake = Arc::new(Lake::default());
    let expected = lake.rows(EVERY_TYPE).await;
    for with in [
        "format = 'PARQUET'",
        "format = 'PARQUET', write_compression = 'ZSTD'",
        "format = 'PARQUET', parquet_compression = 'SNAPPY'",
        "format = 'JSON'",
        "format = 'TEXTFILE'",
        "format = 'TEXTFILE', field_delimiter = '|', write_compression = 'NONE'",
    ] {
        // JSON does not say of bytes what they are.
        let query = if with.contains("JSON") {
            EVERY_TYPE.replace("X'6162'", "cast(NULL AS varbinary)")
        } else {
            EVERY_TYPE.to_owned()
        };
        let expected = if with.contains("JSON") {
            lake.rows(&query).await
        } else {
            expected.clone()
        };
        let written = lake
            .written(&format!(
                "CREATE TABLE t WITH ({with}, external_location = 's3://bucket/t/') AS {query}"
            ))
            .await;
        assert_eq!((written.rows, written.files.len()), (2, 1), "{with}");
        assert_eq!(
            lake.rows("SELECT * FROM t ORDER BY i").await,
            expected,
            "{with}"
        );
        lake.drop_table("lake", "t").await.expect("it goes");
        for key in lake.keys().await {
            lake.objects.delete(&key.into()).await.expect("it goes");
        }
    }
}

#[tokio::test]
async fn a_table_made_of_a_query_is_partitioned_by_its_last_columns() {
    let lake = Arc::new(Lake::default());
    let written = lake
        .written(
            "CREATE TABLE songs WITH (partitioned_by = ARRAY['year', 'genre']) AS
             SELECT * FROM (VALUES ('a', 1959, 'jazz'), ('b', 1959, 'jazz'), ('c', 1960, 'rock/pop'), ('d', 1961, NULL))
             AS t (title, year, genre)",
        )
        .await;
    assert_eq!(written.rows, 4);
    let folders: Vec<String> = lake
        .keys()
        .await
        .iter()
        .map(|key| key.rsplit_once('/').expect("a folder").0.to_owned())
        .collect();
    assert_eq!(
        folders,
        [
            "results/tables/q1/year=1959/genre=jazz",
            "results/tables/q1/year=1960/genre=rock%2Fpop",
            "results/tables/q1/year=1961/genre=__HIVE_DEFAULT_PARTITION__",
        ]
    );
    let table = lake.table_of("songs");
    assert_eq!(table.storage.location, "s3://bucket/results/tables/q1/");
    assert_eq!(table.parameters["parquet.compression"], "GZIP");
    assert_eq!(
        lake.rows("SELECT title, genre FROM songs WHERE year > 1959 ORDER BY title")
            .await,
        ["c, rock/pop", "d, -"]
    );
    // Rows go into partitions that are there and into new ones.
    lake.written(
        "INSERT INTO songs (year, genre, title) VALUES (1959, 'jazz', 'e'), (1970, 'folk', 'f')",
    )
    .await;
    assert_eq!(
        lake.rows("SELECT count(*) FROM songs WHERE year = 1959")
            .await,
        ["3"]
    );
    assert_eq!(
        lake.rows("SELECT title FROM songs WHERE year = 1970").await,
        ["f"]
    );
    let partitions = lake.partitions(&table, None).await.expect("a listing");
    assert_eq!(partitions.len(), 4);
}

#[tokio::test]
async fn what_cannot_be_written_is_said_in_trinos_words() {
    let lake = Arc::new(Lake::default());
    lake.written("CREATE TABLE t AS SELECT 1 AS a, 'x' AS b")
        .await;
    for (sql, said) in [
        (
            "CREATE TABLE t AS SELECT 1 AS a",
            "TABLE_ALREADY_EXISTS: line 1:1: Destination table 't' already exists",
        ),
        (
            "CREATE TABLE u AS SELECT 1",
            "MISSING_COLUMN_NAME: line 1:1: Column name not specified at position 1",
        ),
        (
            "CREATE TABLE u AS SELECT 1 AS a, 2 AS a",
            "DUPLICATE_COLUMN_NAME: line 1:1: Column name 'a' specified more than once",
        ),
        (
            "CREATE TABLE u AS SELECT NULL AS a",
            "COLUMN_TYPE_UNKNOWN: line 1:1: Column type is unknown at position 1",
        ),
        (
            "CREATE TABLE u AS SELECT 1 AS a",
            "HIVE_PATH_ALREADY_EXISTS: Target directory for table 'lake.u' already exists: \
             s3://bucket/results/tables/q1/",
        ),
        (
            "CREATE TABLE u WITH (external_location = 's3://bucket/u/', partitioned_by = ARRAY['a']) AS SELECT 1 AS a, 2 AS b",
            "HIVE_COLUMN_ORDER_MISMATCH: Partition keys must be the last columns in the table and in the same order \
             as the table properties: [a]",
        ),
        (
            "CREATE TABLE u WITH (external_location = 's3://bucket/u/') AS SELECT current_timestamp AS a",
            "NOT_SUPPORTED: Unsupported Hive type: timestamp(3) with time zone",
        ),
        (
            "CREATE TABLE u WITH (format = 'ORC', external_location = 's3://bucket/u/') AS SELECT 1 AS a",
            "NOT_SUPPORTED: the embedded Athena does not have the writing of files of the format ORC",
        ),
        (
            "CREATE TABLE u WITH (fromat = 'ORC') AS SELECT 1 AS a",
            "INVALID_TABLE_PROPERTY: line 1:22: Catalog 'awsdatacatalog' table property 'fromat' does not exist",
        ),
        (
            "INSERT INTO nowhere VALUES (1)",
            "TABLE_NOT_FOUND: line 1:13: Table 'awsdatacatalog.lake.nowhere' does not exist",
        ),
        (
            "INSERT INTO t VALUES ('x', 1)",
            "TYPE_MISMATCH: line 1:1: Insert query has mismatched column types: Table: [integer, varchar(1)], \
             Query: [varchar(1), integer]",
        ),
        (
            "INSERT INTO t (c) VALUES (1)",
            "COLUMN_NOT_FOUND: line 1:1: Insert column name does not exist in target table: c",
        ),
        (
            "UNLOAD (SELECT 1 AS a) TO 's3://bucket/results/' WITH (format = 'PARQUET')",
            "HIVE_PATH_ALREADY_EXISTS: Target directory is not empty: s3://bucket/results/",
        ),
    ] {
        assert_eq!(lake.refusal(sql).await, said, "{sql}");
    }
    assert_eq!(lake.keys().await.len(), 1);
}

#[tokio::test]
async fn a_statement_that_fails_leaves_nothing_behind() {
    let refusing = Arc::new(Lake {
        refuses_tables: true,
        ..Lake::default()
    });
    refusing.refusal("CREATE TABLE t AS SELECT 1 AS a").await;
    assert!(refusing.keys().await.is_empty());
    assert!(refusing.tables.lock().expect("no panic").is_empty());

    let lake = Arc::new(Lake::default());
    lake.written("CREATE TABLE t WITH (partitioned_by = ARRAY['p']) AS SELECT 1 AS a, 0 AS p")
        .await;
    let before = lake.keys().await;
    let said = lake
        .refusal("INSERT INTO t SELECT 1, 'x' || cast(n AS varchar) FROM UNNEST(sequence(1, 101)) AS s (n)")
        .await;
    assert!(
        said.starts_with("TYPE_MISMATCH"),
        "varchar is no integer: {said}"
    );
    let said = lake
        .refusal(
            "INSERT INTO t SELECT 1, cast(n AS integer) FROM UNNEST(sequence(1, 101)) AS s (n)",
        )
        .await;
    assert_eq!(
        said,
        "HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open writers for partitions/buckets"
    );
    let said = lake.refusal("INSERT INTO t SELECT 1 / (n - 5000), 0 FROM (SELECT cast(n AS integer) n FROM UNNEST(sequence(1, 10000)) AS s (n))").await;
    assert_eq!(said, "DIVISION_BY_ZERO: Division by zero");
    assert_eq!(lake.keys().await, before);
    assert_eq!(lake.rows("SELECT count(*) FROM t").await, ["1"]);
}

#[tokio::test]
async fn a_table_whose_partitions_are_refused_is_not_made() {
    let lake = Arc::new(Lake {
        refuses_partitions: true,
        ..Lake::default()
    });
    let partitioned =
        "CREATE TABLE t WITH (partitioned_by = ARRAY['p']) AS SELECT 1 AS a, 'x' AS p";
    assert_eq!(
        lake.refusal(partitioned).await,
        "not allowed to glue:BatchCreatePartition"
    );
    assert!(lake.keys().await.is_empty());
    assert!(lake.tables.lock().expect("no panic").is_empty());

    // A table that was there before stays as it was.
    lake.written(
        "CREATE EXTERNAL TABLE t (a int) PARTITIONED BY (p string) LOCATION 's3://bucket/t/'",
    )
    .await;
    let before = lake.table_of("t");
    lake.refusal("INSERT INTO t VALUES (1, 'x')").await;
    assert!(lake.keys().await.is_empty());
    assert_eq!(lake.table_of("t"), before);

    let lake = Arc::new(Lake {
        refuses_partitions: true,
        keeps_tables: true,
        ..Lake::default()
    });
    assert_eq!(
        lake.refusal(partitioned).await,
        "not allowed to glue:BatchCreatePartition; and the table lake.t, which is empty, could not \
         be dropped: not allowed to glue:DeleteTable"
    );
}

#[tokio::test]
async fn null_and_the_empty_text_are_one_partition() {
    let lake = Arc::new(Lake::default());
    let written = lake
        .written(
            "CREATE TABLE t WITH (partitioned_by = ARRAY['p']) AS
             SELECT * FROM (VALUES (1, ''), (2, NULL), (3, 'x')) AS t (a, p)",
        )
        .await;
    assert_eq!((written.rows, written.files.len()), (3, 2));
    let written = lake
        .written("INSERT INTO t VALUES (4, NULL), (5, '')")
        .await;
    assert_eq!((written.rows, written.files.len()), (2, 1));
    lake.written(
        "CREATE EXTERNAL TABLE u (a int) PARTITIONED BY (p string) LOCATION 's3://bucket/u/'",
    )
    .await;
    let written = lake
        .written("INSERT INTO u VALUES (1, ''), (2, NULL), (3, '__HIVE_DEFAULT_PARTITION__')")
        .await;
    assert_eq!((written.rows, written.files.len()), (3, 1));
    for (table, rows) in [("t", "4"), ("u", "3")] {
        let query = format!("SELECT count(*) FROM {table} WHERE p IS NULL");
        assert_eq!(lake.rows(&query).await, [rows], "{table}");
    }
    let partitions = lake.partitions(&lake.table_of("t"), None).await;
    assert_eq!(partitions.expect("a listing").len(), 2);
}

#[tokio::test]
async fn unload_writes_files_and_no_table() {
    let lake = Arc::new(Lake::default());
    let written = lake
        .written(
            "UNLOAD (SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS t (n, p))
             TO 's3://bucket/out/' WITH (format = 'JSON', partitioned_by = ARRAY['p'])",
        )
        .await;
    assert_eq!((written.rows, written.files.len()), (2, 2));
    let keys = lake.keys().await;
    assert!(
        keys[0].starts_with("out/p=a/19700101_000000_") && keys[0].ends_with(".gz"),
        "{keys:?}"
    );
    assert!(lake.tables.lock().expect("no panic").is_empty());
}

#[tokio::test]
async fn a_text_table_with_a_header_is_written_with_one() {
    let lake = Arc::new(Lake::default());
    lake.written("CREATE EXTERNAL TABLE t (a int, b string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ','
        LOCATION 's3://bucket/t/' TBLPROPERTIES ('skip.header.line.count'='1', 'write.compression'='NONE')")
        .await;
    lake.written("INSERT INTO t VALUES (1, 'x'), (2, NULL)")
        .await;
    let keys = lake.keys().await;
    let bytes = lake
        .objects
        .get(&keys[0].as_str().into())
        .await
        .expect("it")
        .bytes()
        .await
        .expect("its bytes");
    assert_eq!(bytes, "a,b\n1,x\n2,\\N\n");
    assert_eq!(
        lake.rows("SELECT * FROM t ORDER BY a").await,
        ["1, x", "2, -"]
    );
}

#[tokio::test]
async fn an_iceberg_table_is_filled_and_read_again() {
    let lake = Arc::new(Lake::default());
    lake.written(
        "CREATE TABLE t (b boolean, i int, bi bigint, r float, d double, de decimal(12,2), v string, vb binary,
            da date, ts timestamp, ar array<int>, ma map<string,int>, ro struct<n:int,T:string>)
         PARTITIONED BY (day(ts), month(da), bucket(4, v), truncate(3, v), i, de)
         LOCATION 's3://bucket/t/' TBLPROPERTIES ('table_type'='ICEBERG')",
    )
    .await;
    assert!(lake.rows("SELECT * FROM t").await.is_empty());
    let values = "SELECT * FROM (VALUES
        (true, 3, bigint '4', real '1.5', 2.5e0, decimal '1234567890.25', 'a/b', X'6162', date '2024-02-29',
         timestamp '2024-01-02 03:04:05.678901', ARRAY[1, NULL], MAP(ARRAY['k'], ARRAY[7]),
         cast(ROW(1, 'x') AS row(n integer, t varchar))),
        (false, -3, bigint '-4', real '-1.5', -2.5e0, decimal '-0.25', 'b', X'', date '1969-12-31',
         timestamp '1969-12-31 23:59:59.999999', ARRAY[], MAP(), cast(ROW(NULL, NULL) AS row(n integer, t varchar))),
        (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL))
        AS t (b, i, bi, r, d, de, v, vb, da, ts, ar, ma, ro)";
    let written = lake.written(&format!("INSERT INTO t {values}")).await;
    assert_eq!((written.rows, written.files.len()), (3, 3));
    let expected = lake.rows(&format!("{values} ORDER BY i")).await;
    assert_eq!(lake.rows("SELECT * FROM t ORDER BY i").await, expected);
    for (filter, kept) in [
        ("ts < timestamp '1970-01-01 00:00:00'", "-3"),
        ("da > date '2024-01-01'", "3"),
        ("de = decimal '-0.25'", "-3"),
        ("v = 'a/b' AND i > 0", "3"),
        ("i IS NULL", "-"),
        ("r > 1 AND d > 1", "3"),
    ] {
        assert_eq!(
            lake.rows(&format!("SELECT i FROM t WHERE {filter}")).await,
            [kept],
            "{filter}"
        );
    }
    lake.run("DROP TABLE t").await.expect("dropped");
    assert!(lake.keys().await.is_empty());
}

#[tokio::test]
async fn an_insert_that_comes_second_is_put_on_top_of_the_first() {
    let lake = Arc::new(Lake::default());
    lake.written(
        "CREATE TABLE t (a int) LOCATION 's3://bucket/t' TBLPROPERTIES ('table_type'='ICEBERG')",
    )
    .await;
    let first = lake
        .answer("INSERT INTO t VALUES 1")
        .await
        .expect("an answer");
    let second = lake
        .answer("INSERT INTO t VALUES 2")
        .await
        .expect("an answer");
    for answer in [second, first] {
        answer.writing.expect("it writes").await.expect("written");
    }
    assert_eq!(lake.rows("SELECT a FROM t ORDER BY a").await, ["1", "2"]);
    let metadata: Vec<String> = lake.keys().await;
    let metadata = metadata
        .iter()
        .filter(|key| key.ends_with(".metadata.json"));
    assert_eq!(metadata.count(), 3);
    let said = lake.refusal("INSERT INTO t VALUES 'x'").await;
    assert!(
        said.starts_with("TYPE_MISMATCH: line 1:1: Insert query has mismatched column types"),
        "{said}"
    );
}

#[tokio::test]
async fn a_view_does_not_read_itself_and_has_names_for_its_columns() {
    let lake = Arc::new(Lake::default());
    lake.written("CREATE VIEW a AS SELECT 1 x").await;
    lake.written("CREATE VIEW b AS SELECT x FROM a").await;
    for (sql, said) in [
        (
            "CREATE OR REPLACE VIEW a AS SELECT * FROM a",
            "VIEW_IS_RECURSIVE: line 1:43: Statement would create a recursive view",
        ),
        (
            "CREATE OR REPLACE VIEW a AS SELECT * FROM b",
            "VIEW_IS_RECURSIVE: line 1:15: Statement would create a recursive view",
        ),
        (
            "CREATE VIEW c AS SELECT 1",
            "MISSING_COLUMN_NAME: line 1:1: Column name not specified at position 1",
        ),
        (
            "CREATE VIEW c AS SELECT * FROM a, a a2",
            "DUPLICATE_COLUMN_NAME: line 1:1: Column name 'x' specified more than once",
        ),
    ] {
        assert_eq!(lake.refusal(sql).await, said, "{sql}");
    }
    assert_eq!(lake.rows("SELECT x FROM b").await, ["1"]);
    // What another client has made of it.
    let mut circular = lake.table_of("b");
    circular.name = "a".to_owned();
    lake.update_table(circular).await.expect("it is updated");
    let said = lake.refusal("SELECT x FROM b").await;
    assert_eq!(said, "VIEW_IS_RECURSIVE: line 1:15: View is recursive");
}

#[tokio::test]
async fn an_insert_casts_and_fails_on_the_value_that_does_not_fit() {
    let lake = Arc::new(Lake::default());
    lake.written(
        "CREATE TABLE t WITH (external_location = 's3://bucket/t/') AS \
         SELECT 1 AS i, cast('a' AS varchar(1)) AS s",
    )
    .await;
    lake.written("INSERT INTO t SELECT count(*) + 1, cast('z  ' AS varchar) FROM t")
        .await;
    lake.written("INSERT INTO t VALUES (3e0, 'c')").await;
    assert_eq!(
        lake.rows("SELECT * FROM t ORDER BY i").await,
        ["1, a", "2, z", "3, c"]
    );
    for (values, said) in [
        (
            "VALUES (bigint '3000000000', 'a')",
            "NUMERIC_VALUE_OUT_OF_RANGE: Out of range for integer: 3000000000",
        ),
        (
            "VALUES (1, 'ab')",
            "INVALID_CAST_ARGUMENT: Cannot truncate non-space characters when casting from \
             varchar(2) to varchar(1) on INSERT",
        ),
    ] {
        assert_eq!(lake.refusal(&format!("INSERT INTO t {values}")).await, said);
    }
}

#[tokio::test]
async fn a_partition_is_chosen_by_terms_of_which_one_guards_another() {
    let lake = Arc::new(Lake::default());
    lake.written(
        "CREATE TABLE t WITH (external_location = 's3://bucket/t/', partitioned_by = ARRAY['k']) AS \
         SELECT * FROM (VALUES (1, 'a'), (2, '2'), (3, '3')) v (i, k)",
    )
    .await;
    let query = "SELECT i FROM t WHERE regexp_like(k, '^\\d$') AND cast(k AS int) > 2";
    assert_eq!(lake.rows(query).await, ["3"]);
    // Nobody reads the partition that is left out.
    let unreadable = "t/k=2/unreadable".into();
    let put = lake.objects.put(&unreadable, "no Parquet".into()).await;
    put.expect("it is put");
    assert_eq!(lake.rows(query).await, ["3"]);
}
