//! JSON files.

use crate::csv::gzip;
use crate::lake::{columns, lake};

async fn columns_of(text: &str) -> String {
    columns(&lake().with("t/a.json", text).await.table().await)
}

#[tokio::test]
async fn an_object_a_line_is_a_record() {
    let table = lake()
        .with(
            "songs/a.json",
            "{\"Title\":\"Hello\",\"year\":2015}\n{\"Title\":\"Skyfall\",\"year\":2012,\"plays\":3000000000}\n",
        )
        .await
        .table()
        .await;
    assert_eq!(columns(&table), "title string, year int, plays bigint");
    assert_eq!(
        table.format.serialization_library,
        "org.openx.data.jsonserde.JsonSerDe"
    );
    assert_eq!(table.format.serde_parameters["paths"], "Title,plays,year");
    assert_eq!(table.parameters["classification"], "json");
    assert_eq!(table.parameters["recordCount"], "2");
}

#[tokio::test]
async fn objects_may_be_laid_out_over_lines() {
    assert_eq!(
        columns_of("{\n  \"a\": 1,\n  \"b\": \"x\"\n}\n{\n  \"a\": 2.5\n}\n").await,
        "a double, b string"
    );
}

#[tokio::test]
async fn an_array_that_is_the_whole_file_is_one_column() {
    assert_eq!(
        columns_of("[\n {\"id\": 1}, {\"id\": 2, \"name\": \"x\"}\n]").await,
        "array array<struct<id:int,name:string>>"
    );
}

#[tokio::test]
async fn nested_objects_and_arrays_are_structs_and_arrays() {
    assert_eq!(
        columns_of(
            "{\"a\":{\"b\":[1,2],\"c\":{\"d\":true}},\"e\":[{\"f\":1},{\"g\":\"x\"}],\"h\":[]}"
        )
        .await,
        "a struct<b:array<int>,c:struct<d:boolean>>, e array<struct<f:int,g:string>>, \
         h array<string>"
    );
}

#[tokio::test]
async fn values_of_different_kinds_are_text() {
    assert_eq!(
        columns_of("{\"a\":1,\"b\":{\"c\":1},\"d\":true}\n{\"a\":\"x\",\"b\":2,\"d\":1}").await,
        "a string, b string, d string"
    );
}

#[tokio::test]
async fn nulls_take_the_type_of_other_records() {
    assert_eq!(
        columns_of("{\"a\":null,\"b\":null}\n{\"a\":{\"c\":1},\"b\":null}").await,
        "a struct<c:int>, b string"
    );
}

#[tokio::test]
async fn keys_that_differ_in_case_alone_are_one_column() {
    assert_eq!(
        columns_of("{\"Id\":1,\"ID\":2.5,\"n\":{\"x\":1,\"X\":1}}").await,
        "id double, n struct<x:int>"
    );
}

#[tokio::test]
async fn a_malformed_line_is_passed_over_and_named() {
    let crawled = lake()
        .with("t/a.json", "{\"a\":1}\n{\"a\":oops}\n{\"a\":2}\n")
        .await
        .crawl()
        .await;
    assert_eq!(columns(&crawled.tables[0]), "a int");
    assert_eq!(crawled.tables[0].parameters["recordCount"], "2");
    assert!(crawled.warnings[0].message.contains("line 2"));
}

#[tokio::test]
async fn a_file_that_ends_within_a_record_is_read_and_warned_of() {
    let crawled = lake()
        .with("t/a.json", "\u{feff}{\"a\":1}\n{\"a\":2,\"b\":")
        .await
        .crawl()
        .await;
    assert_eq!(columns(&crawled.tables[0]), "a int");
    let said = crawled.warnings.iter();
    let said: Vec<&str> = said.map(|one| &one.message[..]).collect();
    assert!(said.contains(&"the file ends within a record"), "{said:?}");
}

#[tokio::test]
async fn json_in_gzip_is_read() {
    let table = lake()
        .with("t/a.json.gz", gzip("{\"a\":1}\n{\"a\":2}\n"))
        .await
        .table()
        .await;
    assert_eq!(columns(&table), "a int");
    assert_eq!(table.parameters["compressionType"], "gzip");
}

#[tokio::test]
async fn a_record_longer_than_the_first_sample_is_read() {
    let text = format!("{{\"a\":\"{}\",\"b\":1}}", "x".repeat(3 * 1024 * 1024));
    assert_eq!(columns_of(&text).await, "a string, b int");
}

#[tokio::test]
async fn a_long_array_is_read_from_its_beginning() {
    let elements = vec!["{\"id\":1,\"name\":\"some name\"}"; 60_000];
    assert_eq!(
        columns_of(&format!("[{}]", elements.join(","))).await,
        "array array<struct<id:int,name:string>>"
    );
}

#[tokio::test]
async fn numbers_beyond_bigint_are_doubles() {
    assert_eq!(
        columns_of("{\"a\":18446744073709551615,\"b\":1e3}").await,
        "a double, b double"
    );
}

#[tokio::test]
async fn a_name_cannot_end_the_type_it_is_in() {
    assert_eq!(
        columns_of("{\"a\":{\"x:y,z<w\":1}}").await,
        "a struct<x_y_z_w:int>"
    );
}
