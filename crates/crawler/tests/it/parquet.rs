//! Parquet files, by their footers.

use std::sync::Arc;

use parquet::data_type::{ByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::lake::{columns, lake};

/// A file of this schema, and no rows.
pub fn empty_file(fields: &str) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(&format!("message m {{ {fields} }}")).unwrap());
    let mut file = Vec::new();
    let properties = Arc::new(WriterProperties::builder().build());
    SerializedFileWriter::new(&mut file, schema, properties)
        .unwrap()
        .close()
        .unwrap();
    file
}

/// Rows of an `id` and a `payload` of the given length.
pub fn file_of_rows(rows: usize, payload: usize) -> Vec<u8> {
    let schema = "message m { required int64 id; required binary payload (UTF8); }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let properties = WriterProperties::builder().set_dictionary_enabled(false);
    let mut file = Vec::new();
    let mut writer =
        SerializedFileWriter::new(&mut file, schema, Arc::new(properties.build())).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let ids: Vec<i64> = (0..rows as i64).collect();
    column
        .typed::<Int64Type>()
        .write_batch(&ids, None, None)
        .unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let payloads = vec![vec![b'x'; payload].into(); rows];
    column
        .typed::<ByteArrayType>()
        .write_batch(&payloads, None, None)
        .unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
    file
}

async fn columns_of(fields: &str) -> String {
    columns(&lake().with("t/a", empty_file(fields)).await.table().await)
}

#[tokio::test]
async fn physical_types_are_read_as_hive_types() {
    assert_eq!(
        columns_of(
            "required boolean a; optional int32 b; optional int64 c; optional int96 d; \
             optional float e; optional double f; optional binary g; \
             optional fixed_len_byte_array(3) h;"
        )
        .await,
        "a boolean, b int, c bigint, d timestamp, e float, f double, g binary, h binary"
    );
}

#[tokio::test]
async fn logical_types_are_read_as_hive_types() {
    assert_eq!(
        columns_of(
            "optional binary a (STRING); optional binary b (ENUM); optional binary c (JSON); \
             optional int32 d (DATE); optional int64 e (TIMESTAMP(MILLIS,true)); \
             optional int64 f (TIMESTAMP(NANOS,false)); optional int32 g (DECIMAL(9,2)); \
             optional fixed_len_byte_array(16) h (DECIMAL(38,10)); \
             optional int32 i (INTEGER(8,true)); optional int32 j (INTEGER(16,false)); \
             optional int32 k (INTEGER(32,false)); optional int64 l (TIME(MICROS,true)); \
             optional fixed_len_byte_array(16) m (UUID);"
        )
        .await,
        "a string, b string, c string, d date, e timestamp, f timestamp, g decimal(9,2), \
         h decimal(38,10), i tinyint, j int, k bigint, l bigint, m binary"
    );
}

#[tokio::test]
async fn converted_types_of_older_writers_are_read() {
    assert_eq!(
        columns_of(
            "optional binary a (UTF8); optional int64 b (TIMESTAMP_MICROS); \
             optional int32 c (UINT_8); optional int64 d (INT_64);"
        )
        .await,
        "a string, b timestamp, c smallint, d bigint"
    );
}

#[tokio::test]
async fn lists_maps_and_groups_are_nested_types() {
    assert_eq!(
        columns_of(
            "optional group a (LIST) { repeated group list { optional int32 element; } } \
             optional group b (MAP) { repeated group key_value { required binary key (UTF8); \
             optional double value; } } \
             optional group c { optional int32 x; optional group y { optional boolean z; } }"
        )
        .await,
        "a array<int>, b map<string,double>, c struct<x:int,y:struct<z:boolean>>"
    );
}

#[tokio::test]
async fn lists_of_older_writers_are_arrays() {
    assert_eq!(
        columns_of(
            "repeated int32 a; \
             optional group b (LIST) { repeated int64 element; } \
             optional group c (LIST) { repeated group array { optional int32 x; } } \
             optional group d (LIST) { repeated group bag { optional int32 x; optional int32 y; } } \
             optional group e (LIST) { repeated group e_tuple { optional int32 x; } }"
        )
        .await,
        "a array<int>, b array<bigint>, c array<struct<x:int>>, d array<struct<x:int,y:int>>, \
         e array<struct<x:int>>"
    );
}

#[tokio::test]
async fn a_parquet_table_has_hives_parquet_formats() {
    let table = lake()
        .with("t/a.snappy.parquet", file_of_rows(10, 100))
        .await
        .table()
        .await;
    assert_eq!(
        table.format.input_format,
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    );
    assert_eq!(
        table.format.output_format,
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"
    );
    assert_eq!(
        table.format.serialization_library,
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    );
    assert_eq!(table.format.serde_parameters["serialization.format"], "1");
    assert_eq!(table.parameters["classification"], "parquet");
    assert_eq!(table.parameters["compressionType"], "none");
    assert_eq!(table.parameters["recordCount"], "10");
}

#[tokio::test]
async fn of_a_large_file_only_the_ends_are_read() {
    let file = file_of_rows(4000, 1000);
    let size = file.len() as u64;
    let crawled = lake().with("t/a.parquet", file).await.crawl().await;
    assert_eq!(crawled.tables[0].parameters["recordCount"], "4000");
    assert!(crawled.bytes_read * 10 < size, "{}", crawled.bytes_read);
}

#[tokio::test]
async fn a_footer_longer_than_what_is_read_first_is_read_whole() {
    let fields: Vec<String> = (0..6000)
        .map(|column| format!("optional int32 a_rather_long_column_name_{column};"))
        .collect();
    let file = empty_file(&fields.join(" "));
    assert!(file.len() > 100_000);
    let table = lake().with("t/a.parquet", file).await.table().await;
    assert_eq!(table.columns.len(), 6000);
}

#[tokio::test]
async fn a_damaged_file_is_a_warning() {
    let mut file = file_of_rows(10, 10);
    file.truncate(file.len() - 5);
    let crawled = lake().with("t/a.parquet", file).await.crawl().await;
    assert!(crawled.tables.is_empty());
    assert!(crawled.warnings[0].message.contains("damaged"));
}

#[tokio::test]
async fn a_column_of_nulls_alone_is_of_the_type_that_it_is_stored_as() {
    assert_eq!(
        columns_of("optional int64 a; optional int32 n (UNKNOWN);").await,
        "a bigint, n int"
    );
    // What another file has in the column is what it is.
    let lake = lake()
        .with(
            "t/d=1/a",
            empty_file("optional int64 a; optional int32 n (UNKNOWN);"),
        )
        .await
        .with(
            "t/d=2/a",
            empty_file("optional int64 a; optional binary n (UTF8);"),
        )
        .await;
    let crawled = lake.crawl().await;
    assert_eq!(columns(&crawled.tables[0]), "a bigint, n string");
    let said = &crawled.warnings[0].message;
    assert!(
        said.starts_with("1 of 2 partitions do not fit the table, first t/d=1"),
        "{said}"
    );
}

#[tokio::test]
async fn numbers_of_16_bits_are_warned_of() {
    let file = empty_file(
        "optional fixed_len_byte_array(2) h (FLOAT16); optional float f; \
         optional group g { optional fixed_len_byte_array(2) h (FLOAT16); }",
    );
    let crawled = lake().with("t/a", file).await.crawl().await;
    assert_eq!(
        columns(&crawled.tables[0]),
        "h float, f float, g struct<h:float>"
    );
    let warned: Vec<&str> = crawled
        .warnings
        .iter()
        .map(|one| &one.message[..8])
        .collect();
    assert_eq!(warned, ["column g", "column h"]);
}
