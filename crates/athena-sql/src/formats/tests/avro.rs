//! Avro, of files that fastavro wrote.

use super::*;

const AVRO: &str = "org.apache.hadoop.hive.serde2.avro.AvroSerDe";

#[tokio::test]
async fn every_simple_type_is_read() {
    let columns = [
        ("a", "boolean"),
        ("b", "int"),
        ("c", "bigint"),
        ("d", "float"),
        ("e", "double"),
        ("f", "binary"),
        ("g", "string"),
    ];
    let world = World::of_corpus(AVRO, "avro_primitives", &columns).await;
    let row = "true|1|1099511627776|Real(1.5)|2.5|Binary([120])|x";
    assert_eq!(world.all().await.unwrap(), [row, row]);
}

#[tokio::test]
async fn logical_types_are_read() {
    let columns = [
        ("a", "date"),
        ("b", "timestamp"),
        ("c", "decimal(12,3)"),
        ("d", "decimal(10,1)"),
        ("e", "date"),
    ];
    let world = World::of_corpus(AVRO, "avro_logical_types", &columns).await;
    // A decimal is brought to the scale of its column.
    let row = "2024-01-02|2024-01-02 00:00:00.000|Decimal(1234)|Decimal(12)|-";
    assert_eq!(world.all().await.unwrap(), [row]);
    let columns = [
        ("a", "int"),
        ("b", "bigint"),
        ("c", "string"),
        ("d", "bigint"),
    ];
    let case = "avro_logical_types_that_hive_lacks";
    let world = World::of_corpus(AVRO, case, &columns).await;
    let row = "3600000|1704067200000000|00000000-0000-0000-0000-000000000000|1704067200000";
    assert_eq!(world.all().await.unwrap(), [row]);
    let world = World::of_corpus(AVRO, case, &[("b", "timestamp"), ("d", "timestamp")]).await;
    let row = "2024-01-01 00:00:00.000|2024-01-01 00:00:00.000";
    assert_eq!(world.all().await.unwrap(), [row]);
}

#[tokio::test]
async fn unions_records_arrays_maps_enums_and_fixed_are_read() {
    let columns = [("a", "int"), ("b", "string"), ("c", "array<bigint>")];
    let world = World::of_corpus(AVRO, "avro_unions_with_null", &columns).await;
    assert_eq!(world.all().await.unwrap(), ["-|x|[1]"]);
    let inner = "struct<Y:map<string,double>,new:int,x:int>";
    let array = format!("array<{inner}>");
    let columns = [("a", inner), ("b", &array), ("c", "map<string,string>")];
    let world = World::of_corpus(AVRO, "avro_nested", &columns).await;
    let rows = world.all().await.unwrap();
    assert_eq!(rows, ["({k=1.0}, -, 1)|[({k=1.0}, -, 1)]|{k=v}"]);
    let columns = [("a", "string"), ("b", "binary")];
    let world = World::of_corpus(AVRO, "avro_enum_and_fixed", &columns).await;
    assert_eq!(world.all().await.unwrap(), ["A|Binary([97, 98, 99, 100])"]);
    let columns = [
        ("a", "struct<x:int>"),
        ("b", "struct<x:int>"),
        ("c", "string"),
        ("d", "string"),
    ];
    let world = World::of_corpus(AVRO, "avro_namespaces", &columns).await;
    assert_eq!(world.all().await.unwrap(), ["(1)|(2)|A|A"]);
}

#[tokio::test]
async fn every_codec_is_read() {
    for codec in ["deflate", "snappy", "zstandard", "bzip2", "xz"] {
        let case = format!("avro_codec_{codec}");
        let world = World::of_corpus(AVRO, &case, &[("b", "string"), ("a", "int")]).await;
        let rows = world.all().await.unwrap();
        assert_eq!(rows.len(), 50, "{codec}");
        assert!(
            rows.contains(&format!("{}|49", "text ".repeat(10))),
            "{codec}"
        );
    }
}

/// A table of the file `{a: 1, b: "x"}` whose schema is told.
async fn told(literal: &str, columns: &[(&str, &str)]) -> Result<Vec<String>, Error> {
    let world = World::of_corpus(AVRO, "avro_columns_are_lower_case", columns)
        .await
        .serde_parameter("avro.schema.literal", literal);
    world.all().await
}

#[tokio::test]
async fn the_tables_schema_resolves_what_the_file_was_written_with() {
    let columns = [
        ("id", "bigint"),
        ("name", "string"),
        ("extra", "array<string>"),
        ("more", "double"),
    ];
    let rows = told(
        r#"{"type": "record", "name": "row", "fields": [
            {"name": "id", "type": "long", "aliases": ["userId"]},
            {"name": "NAME", "type": ["null", "string"]},
            {"name": "extra", "type": {"type": "array", "items": "string"}, "default": ["d"]},
            {"name": "more", "type": ["null", "double"], "default": null}]}"#,
        &columns,
    );
    assert_eq!(rows.await.unwrap(), ["1|x|[d]|-"]);
}

#[tokio::test]
async fn the_schema_of_the_table_goes_before_that_of_a_partition() {
    let id = r#"{"name": "id", "type": "long", "aliases": ["userId"]}"#;
    let more = r#"{"name": "more", "type": ["null", "double"], "default": null}"#;
    let record = |fields: &[&str]| {
        let fields = fields.join(", ");
        format!(r#"{{"type": "record", "name": "row", "fields": [{fields}]}}"#)
    };
    let columns = [("id", "bigint"), ("more", "double")];
    let world = World::of_corpus(AVRO, "avro_columns_are_lower_case", &columns)
        .await
        .serde_parameter("avro.schema.literal", &record(&[id]))
        .parameter("avro.schema.literal", &record(&[id, more]));
    assert_eq!(world.all().await.unwrap(), ["1|-"]);
}

#[tokio::test]
async fn a_field_without_a_default_that_a_file_lacks_is_an_error() {
    let literal =
        r#"{"type": "record", "name": "row", "fields": [{"name": "gone", "type": "int"}]}"#;
    assert_eq!(
        told(literal, &[("gone", "int")])
            .await
            .unwrap_err()
            .to_string(),
        "HIVE_CANNOT_OPEN_SPLIT: Avro type resolution error when initializing split from s3://lake/t/data: Found row, expecting row, missing required field gone"
    );
    let error = told(literal, &[("other", "int")]).await.unwrap_err();
    assert!(
        error
            .message
            .contains("Unable to find column other in table Avro schema row"),
        "{error}"
    );
    let error = told("{", &[("a", "int")]).await.unwrap_err();
    assert_eq!(error.code, "HIVE_INVALID_METADATA");
}

#[tokio::test]
async fn without_a_schema_columns_are_found_by_name_and_null_where_missing() {
    let columns = [("g", "string"), ("b", "bigint"), ("gone", "int")];
    let world = World::of_corpus(AVRO, "avro_primitives", &columns).await;
    assert_eq!(world.all().await.unwrap(), ["x|1|-", "x|1|-"]);
    // Case counts in Avro, and tables have lower case alone.
    let columns = [("userid", "bigint"), ("name", "string")];
    let world = World::of_corpus(AVRO, "avro_columns_are_lower_case", &columns).await;
    assert_eq!(world.all().await.unwrap(), ["-|-"]);
    let none = world.rows(None, &["$path"]).await.unwrap();
    assert_eq!(none, ["s3://lake/t/data"]);
    let empty = World::of_corpus(AVRO, "avro_without_rows", &[("a", "int")]).await;
    assert!(empty.all().await.unwrap().is_empty());
}

#[tokio::test]
async fn another_type_and_a_type_that_holds_itself_are_errors_with_the_files_name() {
    let world = World::of_corpus(AVRO, "avro_primitives", &[("g", "int")]).await;
    assert_eq!(
        world.all().await.unwrap_err().to_string(),
        "HIVE_BAD_DATA: Malformed Avro file. Found string, expecting integer [s3://lake/t/data]"
    );
    let world = World::of_corpus(AVRO, "avro_a_type_that_holds_itself", &[("value", "int")]).await;
    let error = world.all().await.unwrap_err();
    assert!(
        error.message.contains("the type node holds itself"),
        "{error}"
    );
    let world = World::of_corpus(AVRO, "orc_primitives", &[("a", "int")]).await;
    assert_eq!(
        world.all().await.unwrap_err().to_string(),
        "HIVE_BAD_DATA: Malformed Avro file. Not an Avro data file [s3://lake/t/data]"
    );
}

#[tokio::test]
async fn damaged_files_are_rows_or_errors() {
    let nested = [
        ("a", "struct<x:int,y:map<string,double>>"),
        ("b", "array<struct<x:int,y:map<string,double>>>"),
        ("c", "map<string,string>"),
    ];
    damaged(AVRO, &corpus("avro_nested"), &nested).await;
    let deflated = [("a", "int"), ("b", "string")];
    damaged(AVRO, &corpus("avro_codec_deflate"), &deflated).await;
}
