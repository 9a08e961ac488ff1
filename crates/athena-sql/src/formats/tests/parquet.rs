//! Parquet, of files that Arrow's writer wrote.

use datafusion::arrow::array::{
    ArrayRef, Int32Array, Int64Array, NullArray, StringArray, StructArray, Time32MillisecondArray,
    Time64MicrosecondArray,
};
use datafusion::arrow::datatypes::{DataType, Field, Fields, Schema};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::file::properties::WriterProperties;

use super::*;

const PARQUET: &str = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe";

/// A file of `rows` rows in row groups of 100.
fn parquet(rows: i64) -> Vec<u8> {
    let place = Fields::from(vec![Field::new("City", DataType::Utf8, true)]);
    let city: StringArray = (0..rows).map(|i| Some(format!("c{i}"))).collect();
    let batch = RecordBatch::try_new(
        Arc::new(Schema::new(vec![
            Field::new("Id", DataType::Int64, true),
            Field::new("small", DataType::Int32, true),
            Field::new("place", DataType::Struct(place.clone()), true),
        ])),
        vec![
            Arc::new((0..rows).map(Some).collect::<Int64Array>()),
            Arc::new(
                (0..rows)
                    .map(|i| i32::try_from(i).ok())
                    .collect::<Int32Array>(),
            ),
            Arc::new(StructArray::new(place, vec![Arc::new(city)], None)),
        ],
    )
    .unwrap();
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(100))
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

#[tokio::test]
async fn parquet_columns_are_found_by_name_widened_and_null_where_missing() {
    let world = World::new(
        PARQUET,
        &[
            ("small", "bigint"),
            ("id", "bigint"),
            ("place", "struct<zip:int,city:string>"),
            ("new", "array<int>"),
        ],
    );
    world.put("t/f.parquet", parquet(2)).await;
    let rows = world
        .rows(None, &["id", "small", "place", "new"])
        .await
        .unwrap();
    assert_eq!(rows, ["0|0|(-, c0)|-", "1|1|(-, c1)|-"]);
}

#[tokio::test]
async fn a_parquet_time_of_day_is_the_integer_that_it_is_stored_as() {
    let world = World::new(PARQUET, &[("t", "bigint"), ("m", "int")]);
    let micros = Time64MicrosecondArray::from(vec![Some(3_600_000_001), None]);
    let millis = Time32MillisecondArray::from(vec![Some(3_600_001), None]);
    let columns: [(&str, ArrayRef); 2] = [("t", Arc::new(micros)), ("m", Arc::new(millis))];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    world.put("t/f", writer.into_inner().unwrap()).await;
    let rows = world.all().await.unwrap();
    assert_eq!(rows, ["-|-", "3600000001|3600001"]);
}

#[tokio::test]
async fn a_parquet_column_of_nulls_alone_is_read_as_the_integer_that_it_is_stored_as() {
    let column: ArrayRef = Arc::new(NullArray::new(2));
    let batch = RecordBatch::try_from_iter_with_nullable([("n", column, true)]).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    let file = writer.into_inner().unwrap();
    let world = World::new(PARQUET, &[("n", "int")]);
    world.put("t/f", file.clone()).await;
    assert_eq!(world.all().await.unwrap(), ["-", "-"]);
    let world = World::new(PARQUET, &[("n", "string")]);
    world.put("t/f", file).await;
    assert_eq!(world.all().await.unwrap_err().code, "HIVE_BAD_DATA");
}

#[tokio::test]
async fn a_parquet_number_that_a_column_does_not_hold_is_an_error() {
    let world = World::new(PARQUET, &[("id", "tinyint")]);
    world.put("t/f.parquet", parquet(200)).await;
    assert_eq!(world.all().await.unwrap_err().code, "HIVE_BAD_DATA");
}

#[tokio::test]
async fn a_parquet_column_of_another_type_is_refused() {
    let world = World::new(PARQUET, &[("id", "string")]);
    world.put("t/f.parquet", parquet(2)).await;
    let error = world.rows(None, &["id"]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "HIVE_BAD_DATA: Field id's type INT64 in parquet file s3://lake/t/f.parquet is incompatible with type varchar defined in table schema"
    );
}

#[tokio::test]
async fn parquet_row_groups_that_cannot_hold_a_row_are_not_read() {
    let world = World::new(PARQUET, &[("id", "bigint"), ("small", "int")]);
    world.put("t/f.parquet", parquet(100_000)).await;
    let filter = Some(col("id").eq(lit(99_950_i64)));
    let rows = world.rows(filter, &["small"]).await.unwrap();
    assert_eq!(rows, ["99950"]);
    let pruned = world.read.swap(0, Ordering::Relaxed);
    world.rows(None, &["small", "id"]).await.unwrap();
    let whole = world.read.load(Ordering::Relaxed);
    assert!(pruned < whole / 2, "{pruned} of {whole}");
}

#[tokio::test]
async fn no_byte_of_a_small_parquet_file_is_read_twice() {
    let world = World::new(PARQUET, &[("id", "bigint"), ("small", "int")]);
    let file = parquet(1_000);
    let size = file.len() as u64;
    world.put("t/f.parquet", file).await;
    let rows = world.rows(None, &["id", "small"]).await.unwrap();
    assert_eq!(rows.len(), 1_000);
    let read = world.read.load(Ordering::Relaxed);
    assert!(read <= size, "{read} of {size}");
}
