//! ORC, of files that pyarrow and pyorc wrote.

use super::*;

const ORC: &str = "org.apache.hadoop.hive.ql.io.orc.OrcSerde";

const PRIMITIVES: [(&str, &str); 12] = [
    ("a", "boolean"),
    ("b", "tinyint"),
    ("c", "smallint"),
    ("d", "int"),
    ("e", "bigint"),
    ("f", "float"),
    ("g", "double"),
    ("h", "string"),
    ("i", "binary"),
    ("j", "timestamp"),
    ("k", "date"),
    ("l", "decimal(12,2)"),
];

#[tokio::test]
async fn every_simple_type_is_read() {
    let world = World::of_corpus(ORC, "orc_primitives", &PRIMITIVES).await;
    assert_eq!(
        world.all().await.unwrap(),
        [
            "-|2|2|2|2|Real(2.0)|2.0|y|Binary([121])|2024-01-01 00:00:00.000|2024-01-01|Decimal(123)",
            "true|1|1|1|1|Real(1.5)|1.5|x|Binary([120])|2024-01-01 00:00:00.000|2024-01-01|Decimal(123)",
        ]
    );
}

#[tokio::test]
async fn lists_maps_and_structs_are_read_and_fields_found_by_name() {
    let columns = [
        ("a", "array<int>"),
        ("b", "map<string,double>"),
        ("c", "struct<new:int,y:array<struct<z:string>>,x:bigint>"),
    ];
    let world = World::of_corpus(ORC, "orc_nested", &columns).await;
    assert_eq!(world.all().await.unwrap(), ["[1, 2]|{k=1.0}|(-, [(v)], 1)"]);
}

#[tokio::test]
async fn texts_of_a_length_and_wide_decimals_are_read_and_instants_refused() {
    let columns = [
        ("a", "varchar(10)"),
        ("b", "char(3)"),
        ("c", "timestamp"),
        ("d", "decimal(38,10)"),
    ];
    let world = World::of_corpus(ORC, "orc_texts_of_a_length_and_instants", &columns).await;
    let rows = world.rows(None, &["a", "b", "d"]).await.unwrap();
    assert_eq!(rows, ["x|abc|Decimal(10000000000)"]);
    let error = world.all().await.unwrap_err();
    assert!(
        error.message.contains("TIMESTAMP_INSTANT of column c"),
        "{error}"
    );
}

#[tokio::test]
async fn every_compression_is_read_and_only_what_is_wanted_of_a_file() {
    for codec in ["uncompressed", "zlib", "snappy", "lz4", "zstd"] {
        let case = format!("orc_footer_{codec}");
        let name = "column_with_a_long_name_39";
        let world = World::of_corpus(ORC, &case, &[(name, "bigint")])
            .await
            .serde_parameter("orc.column.index.access", "false");
        let rows = world.all().await.unwrap();
        assert_eq!(rows.len(), 100, "{codec}");
        assert!(rows.contains(&"99".to_owned()), "{codec}");
    }
}

#[tokio::test]
async fn columns_are_found_by_place_unless_the_table_says_by_name() {
    let columns = [("b", "boolean"), ("c", "tinyint"), ("a", "smallint")];
    let world = World::of_corpus(ORC, "orc_primitives", &columns).await;
    assert_eq!(world.all().await.unwrap(), ["-|2|2", "true|1|1"]);
    let columns = [("c", "smallint"), ("A", "boolean"), ("gone", "int")];
    let mut world = World::of_corpus(ORC, "orc_primitives", &columns).await;
    let parameters = &mut world.table.parameters;
    parameters.insert("orc.column.index.access".to_owned(), "false".to_owned());
    let rows = world.rows(None, &["c", "gone"]).await.unwrap();
    assert_eq!(rows, ["1|-", "2|-"]);
}

#[tokio::test]
async fn columns_beyond_the_files_are_null_and_stripes_follow_each_other() {
    let columns = [("a", "bigint"), ("b", "varchar(2)"), ("new", "array<int>")];
    let world = World::of_corpus(ORC, "orc_many_stripes", &columns).await;
    let rows = world.all().await.unwrap();
    assert_eq!(rows.len(), 2000);
    assert!(rows.contains(&"1999|te|-".to_owned()));
    let none = world.rows(None, &["$path"]).await.unwrap();
    assert_eq!(none.len(), 2000);
    let empty = World::of_corpus(ORC, "orc_without_rows", &[("a", "int")]).await;
    assert!(empty.all().await.unwrap().is_empty());
}

#[tokio::test]
async fn no_byte_of_a_small_file_is_read_twice() {
    let world = World::of_corpus(ORC, "orc_primitives", &PRIMITIVES).await;
    world.all().await.unwrap();
    let size = corpus("orc_primitives").len() as u64;
    assert_eq!(world.read.load(Ordering::Relaxed), size);
}

#[tokio::test]
async fn another_type_and_a_union_are_refused_by_name() {
    let world = World::of_corpus(ORC, "orc_primitives", &[("a", "int")]).await;
    let error = world.all().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "HIVE_BAD_DATA: Malformed ORC file. Cannot read SQL type 'INTEGER' from ORC stream 'a' of type BOOLEAN with attributes {} [s3://lake/t/data]"
    );
    let columns = [("a", "double"), ("b", "int")];
    let world = World::of_corpus(ORC, "orc_unions", &columns).await;
    assert_eq!(world.rows(None, &["b"]).await.unwrap(), ["2"]);
    let error = world.all().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotSupported);
    assert!(
        error.message.contains("the type UNION of column a"),
        "{error}"
    );
}

#[tokio::test]
async fn what_is_no_orc_is_an_error_with_the_files_name() {
    let world = World::of_corpus(
        ORC,
        "orc_text_that_begins_with_its_letters",
        &[("a", "int")],
    )
    .await;
    assert_eq!(
        world.all().await.unwrap_err().to_string(),
        "HIVE_BAD_DATA: Malformed ORC file. Invalid postscript [s3://lake/t/data]"
    );
}

#[tokio::test]
async fn damaged_files_are_rows_or_errors() {
    damaged(ORC, &corpus("orc_primitives"), &PRIMITIVES).await;
    let nested = [
        ("a", "array<int>"),
        ("b", "map<string,double>"),
        ("c", "struct<x:bigint,y:array<struct<z:string>>>"),
    ];
    damaged(ORC, &corpus("orc_nested"), &nested).await;
    let texts = [("a", "int"), ("b", "string")];
    damaged(ORC, &corpus("orc_many_stripes"), &texts).await;
}
