//! Tables of the catalog, as queries speak of them.

use std::sync::Arc;

use crate::catalog::{Catalog, Column, Storage, Table};
use crate::test_lake::Lake;

async fn lake_with(name: &str, columns: &[&str], keys: &[&str]) -> Arc<Lake> {
    let column = |name: &&str| Column {
        name: (*name).to_owned(),
        data_type: "struct<s:int>".to_owned(),
        ..Column::default()
    };
    let table = Table {
        database: "lake".to_owned(),
        name: name.to_owned(),
        table_type: "EXTERNAL_TABLE".to_owned(),
        storage: Storage {
            columns: columns.iter().map(column).collect(),
            location: format!("s3://bucket/{name}/"),
            serialization_library: "org.openx.data.jsonserde.JsonSerDe".to_owned(),
            ..Storage::default()
        },
        partition_keys: keys.iter().map(column).collect(),
        ..Table::default()
    };
    let lake = Arc::new(Lake::default());
    lake.create_table(table).await.expect("a table");
    lake
}

#[tokio::test]
async fn a_column_is_known_by_its_table_its_database_and_its_catalog() {
    let lake = lake_with("j", &["a"], &[]).await;
    for column in [
        "a.s",
        "j.a.s",
        "lake.j.a.s",
        "awsdatacatalog.lake.j.a.s",
        "AwsDataCatalog.lake.j.*",
    ] {
        let rows = lake.rows(&format!("SELECT {column} FROM j")).await;
        assert!(rows.is_empty(), "{column}");
    }
    let refusal = lake.refusal("SELECT sea.j.a.s FROM j").await;
    assert!(refusal.starts_with("COLUMN_NOT_FOUND"), "{refusal}");
}

#[tokio::test]
async fn columns_that_differ_in_case_only_are_a_fault_of_the_table() {
    let tables: [(&[&str], &[&str]); 2] = [(&["a", "A"], &[]), (&["a"], &["A"])];
    for (columns, keys) in tables {
        let lake = lake_with("twice", columns, keys).await;
        assert_eq!(
            lake.refusal("SELECT 1 FROM twice").await,
            "HIVE_INVALID_METADATA: Hive metadata for table twice is invalid: Table descriptor \
             contains duplicate columns"
        );
    }
}
