//! Hudi, of tables laid out as its specification says.

use datafusion::arrow::array::{ArrayRef, Int32Array};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::parquet::arrow::ArrowWriter;

use super::*;

const PARQUET: &str = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe";

fn ids(ids: &[i32]) -> Vec<u8> {
    let column: ArrayRef = Arc::new(Int32Array::from(ids.to_vec()));
    let batch = RecordBatch::try_from_iter([("id", column)]).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

/// A table of the file groups `a` and `b`, of which `a` has been written three times.
async fn world(timeline: &str) -> World {
    let world =
        World::new(PARQUET, &[("id", "int")]).parameter("spark.sql.sources.provider", "hudi");
    for (file, rows) in [
        ("a_0-1-1_20240101000000000", &[1][..]),
        ("b_0-1-1_20240101000000000", &[10]),
        ("a_0-2-2_20240102000000000", &[1, 2]),
        ("a_0-3-3_20240103000000000", &[1, 2, 3]),
    ] {
        world.put(&format!("t/{file}.parquet"), ids(rows)).await;
    }
    for instant in ["20240101000000000", "20240102000000000"] {
        let ended = if timeline.is_empty() {
            format!("t/.hoodie/{instant}.commit")
        } else {
            format!("t/.hoodie/{timeline}/{instant}_{instant}.commit")
        };
        world.put(&ended, "{}").await;
    }
    let began = "t/.hoodie/20240103000000000.commit.requested";
    world.put(began, "").await;
    world
}

#[tokio::test]
async fn the_last_file_of_a_group_counts_whose_write_has_ended() {
    for timeline in ["", "timeline"] {
        let world = world(timeline).await;
        assert_eq!(world.all().await.unwrap(), ["1", "10", "2"], "{timeline}");
    }
}

#[tokio::test]
async fn writes_before_the_first_instant_have_ended() {
    let world = world("").await;
    let first = Path::from("t/.hoodie/20240101000000000.commit");
    world.store.delete(&first).await.unwrap();
    assert_eq!(world.all().await.unwrap(), ["1", "10", "2"]);
}

#[tokio::test]
async fn groups_that_were_replaced_are_not_there() {
    let world = world("").await;
    let replaced = "t/.hoodie/20240104000000000.replacecommit";
    world
        .put(replaced, r#"{"partitionToReplaceFileIds":{"":["a"]}}"#)
        .await;
    world
        .put("t/c_0-4-4_20240104000000000.parquet", ids(&[7]))
        .await;
    assert_eq!(world.all().await.unwrap(), ["10", "7"]);

    world.put(replaced, "Obj\u{1}").await;
    let error = world.all().await.unwrap_err();
    assert_eq!(error.code, "NOT_SUPPORTED");
    assert!(
        error.message.contains("20240104000000000.replacecommit"),
        "{error}"
    );
}

#[tokio::test]
async fn a_table_that_merges_logs_is_refused_by_name() {
    let mut world = world("").await;
    world.table.storage.input_format =
        "org.apache.hudi.hadoop.realtime.HoodieParquetRealtimeInputFormat".to_owned();
    let error = world.all().await.unwrap_err();
    assert!(
        error
            .message
            .contains("merging of Hudi's logs, which films.t asks for"),
        "{error}"
    );
}
