//! Tables of `tests/data/delta`, which its `make.py` has written.

use std::path::Path;
use std::sync::Arc;

use object_store::{ObjectStoreExt, PutPayload};

use crate::catalog::{Catalog, Column, Storage, Table};
use crate::error::ErrorKind;
use crate::test_lake::Lake;

const LOCATION: &str = "s3://bucket/";

impl Lake {
    /// A lake with the folder of one of the tables, and the table that a crawler makes of it.
    async fn with_delta(name: &str) -> Arc<Self> {
        let lake = Arc::new(Self::default());
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/delta");
        lake.put_folder(&root, name).await;
        let columns = vec![Column {
            name: "col".to_owned(),
            data_type: "array<string>".to_owned(),
            ..Column::default()
        }];
        let made = lake.create_table(Table {
            database: "lake".to_owned(),
            name: name.to_owned(),
            table_type: "EXTERNAL_TABLE".to_owned(),
            parameters: [("spark.sql.sources.provider", "delta")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            storage: Storage {
                location: format!("{LOCATION}{name}/"),
                columns,
                ..Storage::default()
            },
            ..Table::default()
        });
        made.await.expect("made");
        lake
    }

    async fn put(&self, key: &str, bytes: impl Into<PutPayload>) {
        let key = object_store::path::Path::parse(key).expect("a key");
        self.objects.put(&key, bytes.into()).await.expect("put");
    }
}

#[tokio::test]
async fn a_checkpoint_and_the_commits_after_it_are_the_table() {
    let lake = Lake::with_delta("orders").await;
    // The row of 2 is deleted; its file is still there.
    let rows = lake
        .rows("SELECT id, country, day, amount, tags[1], address.city FROM orders ORDER BY id")
        .await;
    assert_eq!(
        rows,
        [
            "1, it, 2024-02-01, 0.25, t1, Città 1",
            "3, a b/ü%, 2024-02-01, 0.75, t3, Città 3",
            "4, -, 2024-02-02, 1.00, t4, Città 4",
            "5, it, 2024-02-02, 1.25, t5, Città 5",
            "6, de, 2024-02-03, 1.50, t6, Città 6",
        ]
    );
}

#[tokio::test]
async fn a_checkpoint_may_have_its_files_beside_it() {
    let lake = Lake::with_delta("orders").await;
    let log = "orders/_delta_log";
    let classic = format!("{log}/00000000000000000002.checkpoint.parquet");
    let path = object_store::path::Path::parse(&classic).expect("a key");
    let files = lake.objects.get(&path).await.expect("the checkpoint");
    let files = files.bytes().await.expect("read");
    lake.objects.delete(&path).await.expect("gone");
    let checkpoint = format!(
        "{{\"checkpointMetadata\":{{\"version\":2}}}}\n{{\"sidecar\":{{\"path\":\"files.parquet\",\
         \"sizeInBytes\":{},\"modificationTime\":0}}}}\n",
        files.len()
    );
    let name = "00000000000000000002.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json";
    lake.put(&format!("{log}/{name}"), checkpoint).await;
    lake.put(&format!("{log}/_sidecars/files.parquet"), files)
        .await;
    assert_eq!(
        lake.rows("SELECT array_agg(id ORDER BY id) FROM orders")
            .await,
        ["[1, 3, 4, 5, 6]"]
    );
}

#[tokio::test]
async fn columns_are_in_the_order_and_of_the_types_of_the_log() {
    let lake = Lake::with_delta("orders").await;
    let rows = lake.rows("SELECT * FROM orders WHERE id = 1").await;
    assert_eq!(
        rows,
        [
            "it, 1, 2024-02-01, 0.25, 2024-02-01 12:30:15.124 UTC, 2024-02-01 12:30:15.123456, \
             [t1, null], {city=Città 1, zip=100}"
        ]
    );
    let types = lake
        .rows("SELECT typeof(at), typeof(local), typeof(amount) FROM orders LIMIT 1")
        .await;
    assert_eq!(
        types,
        ["timestamp(3) with time zone, timestamp(6), decimal(10,2)"]
    );
}

#[tokio::test]
async fn what_the_log_says_of_values_leaves_files_out() {
    let lake = Lake::with_delta("orders").await;
    for (filter, files) in [
        ("country = 'it'", 2),
        ("country IS NULL", 1),
        ("day >= DATE '2024-02-02'", 3),
        ("id > 4", 2),
        ("id > 6", 0),
        ("local > TIMESTAMP '2024-02-02 12:30:15.1239'", 3),
    ] {
        let sql = format!("EXPLAIN SELECT id FROM orders WHERE {filter}");
        let plan = lake.rows(&sql).await.join("\n");
        assert!(
            plan.contains(&format!("files={files},")),
            "{filter}: {plan}"
        );
    }
}

#[tokio::test]
async fn rows_that_a_vector_deletes_are_not_there() {
    let lake = Lake::with_delta("deleted").await;
    assert_eq!(
        lake.rows("SELECT array_agg(id ORDER BY id) FROM deleted")
            .await,
        ["[2, 3, 4, 5, 6, 7, 8, 10, 11, 13, 14]"]
    );
    assert_eq!(lake.rows("SELECT count(*) FROM deleted").await, ["11"]);
}

#[tokio::test]
async fn columns_that_were_renamed_are_found_in_files() {
    for mode in ["name", "id"] {
        let name = format!("mapped_by_{mode}");
        let lake = Lake::with_delta(&name).await;
        let sql = format!("SELECT id, country, address.street, note FROM {name} ORDER BY id");
        assert_eq!(
            lake.rows(&sql).await,
            ["1, it, Via Roma, -", "2, it, -, -"],
            "{mode}"
        );
    }
}

#[tokio::test]
async fn where_a_row_is_from_can_be_asked_for_and_is_not_in_all_columns() {
    let lake = Lake::with_delta("deleted").await;
    assert_eq!(
        lake.rows("SELECT DISTINCT \"$path\" FROM deleted AS d WHERE d.id = 10")
            .await,
        ["s3://bucket/deleted/two.parquet"]
    );
    for sql in [
        "SELECT * FROM deleted WHERE id = 10",
        "SELECT d.* FROM deleted d WHERE \"$file_size\" > 0 AND id = 10",
        "SELECT * FROM deleted AS d(n) WHERE n = 10",
        "SELECT * FROM (TABLE deleted) WHERE id = 10",
    ] {
        assert_eq!(lake.rows(sql).await, ["10"], "{sql}");
    }
    assert_eq!(
        lake.rows("SELECT count(*) FROM deleted WHERE \"$path\" LIKE '%one%'")
            .await,
        ["7"]
    );
}

#[tokio::test]
async fn ddl_shows_what_the_log_has() {
    let lake = Lake::with_delta("orders").await;
    let columns = lake.rows("SHOW COLUMNS IN orders").await;
    let columns: Vec<&str> = columns.iter().map(|column| column.trim()).collect();
    assert_eq!(
        columns,
        [
            "id", "amount", "at", "local", "tags", "address", "country", "day"
        ]
    );
    assert_eq!(
        lake.rows("SHOW PARTITIONS orders").await,
        [
            "country=__HIVE_DEFAULT_PARTITION__/day=2024-02-02",
            "country=a b%2Fü%25/day=2024-02-01",
            "country=de/day=2024-02-03",
            "country=it/day=2024-02-01",
            "country=it/day=2024-02-02",
        ]
    );
}

#[tokio::test]
async fn a_table_is_added_by_its_location_alone() {
    let lake = Lake::with_delta("orders").await;
    let create = |columns: &str| {
        format!(
            "CREATE EXTERNAL TABLE added {columns} LOCATION 's3://bucket/orders' \
             TBLPROPERTIES ('table_type' = 'DELTA')"
        )
    };
    lake.run(&create("")).await.expect("added");
    assert_eq!(lake.rows("SELECT count(*) FROM added").await, ["5"]);
    let table = lake.table("lake", "added").await.expect("read");
    let table = table.expect("the table");
    let types: Vec<&str> = table
        .storage
        .columns
        .iter()
        .map(|column| column.data_type.as_str())
        .collect();
    assert_eq!(
        types,
        [
            "bigint",
            "decimal(10,2)",
            "timestamp",
            "timestamp",
            "array<string>",
            "struct<city:string,zip:int>"
        ]
    );
    let error = lake
        .run(&create("(id int)").replace("added", "other"))
        .await;
    let error = error.expect_err("it has columns").to_string();
    assert!(
        error.contains("takes no columns: its log has the schema"),
        "{error}"
    );
}

#[tokio::test]
async fn what_would_change_a_table_is_refused() {
    let lake = Lake::with_delta("deleted").await;
    for statement in [
        "INSERT INTO deleted VALUES (1)",
        "ALTER TABLE deleted ADD COLUMNS (x int)",
        "MSCK REPAIR TABLE deleted",
    ] {
        let error = lake.run(statement).await.expect_err(statement).to_string();
        assert!(error.contains("Athena only reads: lake.deleted"), "{error}");
    }
}

#[tokio::test]
async fn a_log_that_cannot_be_followed_is_an_error_that_says_so() {
    let message = async |lake: &Arc<Lake>| {
        let rows = lake.run("SELECT * FROM deleted").await;
        rows.expect_err("no table").message
    };
    let lake = Lake::with_delta("deleted").await;
    let two = "deleted/_delta_log/00000000000000000002.json";
    lake.put(
        two,
        r#"{"protocol":{"minReaderVersion":3,"readerFeatures":["variantType"]}}"#,
    )
    .await;
    assert!(
        message(&lake)
            .await
            .contains("the feature variantType of Delta Lake")
    );
    lake.put(two, "{").await;
    assert!(
        message(&lake)
            .await
            .contains("0002.json has a line that is no action")
    );

    let lake = Arc::new(Lake::default());
    let sql = "CREATE EXTERNAL TABLE nothing LOCATION 's3://bucket/none' \
               TBLPROPERTIES ('table_type' = 'delta')";
    let error = lake.run(sql).await.expect_err("no log");
    assert!(
        error
            .message
            .contains("not found in transaction log of s3://bucket/none"),
        "{error}"
    );
}

#[tokio::test]
async fn a_damaged_log_is_an_error_of_the_data_or_other_rows() {
    for name in ["orders", "deleted", "mapped_by_id"] {
        let lake = Lake::with_delta(name).await;
        let sql = format!("SELECT count(*) FROM {name}");
        let keys = lake.keys().await.into_iter();
        for key in keys.filter(|key| key.contains("_delta_log") || key.ends_with(".bin")) {
            let path = object_store::path::Path::parse(&key).expect("a key");
            let whole = lake.objects.get(&path).await.expect("an object");
            let whole = whole.bytes().await.expect("read").to_vec();
            for part in 0..24 {
                let at = whole.len() * part / 24;
                let mut changed = whole.clone();
                changed[at] ^= 0x55;
                for damaged in [changed, whole[..at].to_vec()] {
                    lake.put(&key, damaged).await;
                    if let Err(error) = lake.run(&sql).await {
                        assert_ne!(error.kind, ErrorKind::Internal, "{key} at {at}: {error}");
                    }
                }
            }
            lake.put(&key, whole).await;
        }
        lake.run(&sql).await.expect("whole again");
    }
}
