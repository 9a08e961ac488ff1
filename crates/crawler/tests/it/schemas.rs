//! How the schemas of several files become one.

use crate::lake::{columns, lake};
use crate::parquet::empty_file;

#[tokio::test]
async fn integers_widen_to_bigint_then_double_then_string() {
    for (other, expected) in [
        ("3000000000", "a bigint, b int"),
        ("1.5", "a double, b int"),
        ("\"x\"", "a string, b int"),
    ] {
        let table = lake()
            .with("t/1.json", "{\"a\":1,\"b\":1}")
            .await
            .with("t/2.json", format!("{{\"a\":{other},\"b\":1}}"))
            .await
            .table()
            .await;
        assert_eq!(columns(&table), expected);
    }
}

#[tokio::test]
async fn structs_are_merged_field_by_field() {
    let table = lake()
        .with("t/1.json", "{\"a\":{\"x\":1,\"y\":{\"z\":1}}}")
        .await
        .with("t/2.json", "{\"a\":{\"w\":true,\"y\":{\"z\":2.5}}}")
        .await
        .table()
        .await;
    assert_eq!(
        columns(&table),
        "a struct<x:int,y:struct<z:double>,w:boolean>"
    );
}

#[tokio::test]
async fn decimals_widen_without_losing_digits() {
    let table = lake()
        .with(
            "t/1",
            empty_file("optional int32 a (DECIMAL(9,2)); optional int32 b;"),
        )
        .await
        .with(
            "t/2",
            empty_file("optional int64 a (DECIMAL(12,4)); optional double b;"),
        )
        .await
        .table()
        .await;
    assert_eq!(columns(&table), "a decimal(12,4), b double");
}

#[tokio::test]
async fn columns_are_the_same_whatever_their_case() {
    let table = lake()
        .with("t/1.json", "{\"userId\":1}")
        .await
        .with("t/2.json", "{\"userid\":2.5}")
        .await
        .table()
        .await;
    assert_eq!(columns(&table), "userid double");
    assert_eq!(table.format.serde_parameters["paths"], "userId");
}

#[tokio::test]
async fn optional_keys_of_json_do_not_part_files() {
    let table = lake()
        .with("t/1.json", "{\"a\":1}")
        .await
        .with("t/2.json", "{\"a\":1,\"b\":1,\"c\":1}")
        .await
        .table()
        .await;
    assert_eq!(columns(&table), "a int, b int, c int");
}

#[tokio::test]
async fn files_without_header_are_told_apart_by_types() {
    let crawled = lake()
        .with("a/x.csv", "1,x\n2,y\n")
        .await
        .with("b/x.csv", "x,1.5\ny,2.5\n")
        .await
        .crawl()
        .await;
    assert_eq!(crawled.tables.len(), 2);
}
