//! Folders of Iceberg, Delta Lake and Hudi, which a crawl of a bucket comes upon.

use crawler::{Options, TableFormat};

use crate::lake::{Lake, columns, keys, lake, names};
use crate::parquet::empty_file;

const METADATA: &str = r#"{"format-version":2,"current-schema-id":1,"schemas":[
    {"schema-id":0,"type":"struct","fields":[{"id":1,"name":"old","type":"int"}]},
    {"schema-id":1,"type":"struct","fields":[{"id":1,"name":"id","type":"long"},
        {"id":2,"name":"Name","type":"string"}]}]}"#;

fn commit(fields: &str, keys: &str) -> String {
    let schema = format!("{{\"type\":\"struct\",\"fields\":[{fields}]}}");
    let action = serde_json::json!({"metaData": {
        "schemaString": schema, "partitionColumns": serde_json::from_str::<Vec<String>>(keys).unwrap(),
    }});
    format!("{{\"commitInfo\":{{}}}}\n{action}\n{{\"add\":{{\"path\":\"x\"}}}}\n")
}

const ID: &str = r#"{"name":"id","type":"long"}"#;

async fn iceberg(root: &str) -> Lake {
    lake()
        .with(&format!("{root}/metadata/00000-a.metadata.json"), "{}")
        .await
        .with(&format!("{root}/metadata/00001-b.metadata.json"), METADATA)
        .await
        .with(&format!("{root}/metadata/snap-1.avro"), "Obj")
        .await
        .with(
            &format!("{root}/data/k=1/a.parquet"),
            empty_file("optional int32 other;"),
        )
        .await
        .with(
            &format!("{root}/data/k=2/a.parquet"),
            empty_file("optional int32 other;"),
        )
        .await
}

#[tokio::test]
async fn an_iceberg_folder_is_one_table_of_its_current_schema() {
    let crawled = iceberg("db/t").await.crawl().await;
    assert_eq!(names(&crawled), ["t"]);
    let table = &crawled.tables[0];
    assert_eq!(columns(table), "id bigint, name string");
    assert!(table.partition_keys.is_empty() && table.partitions.is_empty());
    assert_eq!(table.location, "s3://my-lake/db/t/");
    assert_eq!(table.parameters["table_type"], "ICEBERG");
    assert_eq!(
        table.parameters["metadata_location"],
        "s3://my-lake/db/t/metadata/00001-b.metadata.json"
    );
    assert_eq!(crawled.objects, 5);
    assert!(crawled.bytes_read < 1000);
}

#[tokio::test]
async fn an_include_path_may_be_the_folder_itself() {
    for prefix in ["db/t/", "db/t"] {
        let table = iceberg("db/t").await.at(prefix).table().await;
        assert_eq!(table.name, "t");
        assert_eq!(table.location, "s3://my-lake/db/t/");
    }
}

#[tokio::test]
async fn an_include_path_in_the_folder_finds_files() {
    let table = iceberg("db/t").await.at("db/t/data/").table().await;
    assert_eq!(columns(&table), "other int");
    assert_eq!(keys(&table), "k string");
}

#[tokio::test]
async fn metadata_that_is_excluded_makes_no_table_of_a_format() {
    let crawled = iceberg("db/t")
        .await
        .without("db/t/metadata/**")
        .crawl()
        .await;
    assert_eq!(names(&crawled), ["data"]);
    assert_eq!(crawled.tables[0].parameters["classification"], "parquet");
}

#[tokio::test]
async fn metadata_that_cannot_be_read_is_a_warning_and_its_files_no_table() {
    for (key, body) in [
        ("t/metadata/00002-c.metadata.json", "not JSON"),
        ("t/metadata/00002-c.metadata.json", "{}"),
        (
            "t/metadata/00002-c.metadata.json",
            r#"{"schema":{"fields":[{"name":"a"}]}}"#,
        ),
        ("t/metadata/00002-c.gz.metadata.json", "\u{1f}\u{8b}"),
    ] {
        let crawled = iceberg("t").await.with(key, body).await.crawl().await;
        assert!(crawled.tables.is_empty(), "{body}");
        assert_eq!(crawled.warnings[0].location, "s3://my-lake/t/");
        let message = &crawled.warnings[0].message;
        assert!(message.contains("of Iceberg"), "{message}");
    }
}

#[tokio::test]
async fn a_table_format_beside_files_leaves_them_to_be_tables() {
    let crawled = iceberg("db/lake")
        .await
        .with("db/files/a.csv", "a,b\n1,2\n")
        .await
        .with("db/more/a.csv", "c,d\n1,2\n")
        .await
        .options(Options {
            table_prefix: "p_".to_owned(),
            ..Options::default()
        })
        .crawl()
        .await;
    assert_eq!(names(&crawled), ["p_files", "p_lake", "p_more"]);
}

#[tokio::test]
async fn a_target_of_one_format_is_its_folders_and_no_other_object() {
    let mixed = async || {
        iceberg("db/deep/lake")
            .await
            .with("db/files/a.csv", "a,b\n1,2\n")
            .await
            .with(
                "db/delta/_delta_log/00000000000000000000.json",
                commit(ID, "[]"),
            )
            .await
            .at("db/")
    };
    for (format, max_depth, expected) in [
        (TableFormat::Iceberg, None, &["lake"][..]),
        (TableFormat::Iceberg, Some(2), &["lake"]),
        (TableFormat::Iceberg, Some(1), &[]),
        (TableFormat::Delta, Some(1), &["delta"]),
        (TableFormat::Hudi, None, &[]),
    ] {
        let crawled = mixed().await.only(format, max_depth).crawl().await;
        assert_eq!(names(&crawled), expected, "{format:?} {max_depth:?}");
        if expected.is_empty() {
            let message = &crawled.warnings[0].message;
            assert!(message.starts_with("there is no table of"), "{message}");
        }
    }
}

#[tokio::test]
async fn the_last_metadata_of_a_delta_log_is_the_schema() {
    let more = format!("{ID},{{\"name\":\"day\",\"type\":\"date\"}}");
    let table = lake()
        .with("t/_delta_log/00000000000000000000.json", commit(ID, "[]"))
        .await
        .with(
            "t/_delta_log/00000000000000000009.json",
            commit(&more, "[\"day\"]"),
        )
        .await
        .with(
            "t/_delta_log/00000000000000000010.json",
            "{\"add\":{\"path\":\"x\"}}",
        )
        .await
        .with(
            "t/day=2024-01-01/a.parquet",
            empty_file("optional int64 id;"),
        )
        .await
        .table()
        .await;
    assert_eq!(columns(&table), "id bigint");
    assert_eq!(keys(&table), "day date");
    assert!(table.partitions.is_empty());
    assert_eq!(table.parameters["spark.sql.sources.provider"], "delta");
}

#[tokio::test]
async fn deltas_types_are_hives() {
    let types = [
        ("byte", "tinyint"),
        ("short", "smallint"),
        ("integer", "int"),
        ("decimal(10,2)", "decimal(10,2)"),
        ("timestamp_ntz", "timestamp"),
        ("variant", "string"),
    ];
    for (delta, hive) in types {
        let field = format!("{{\"name\":\"a\",\"type\":\"{delta}\"}}");
        let table = lake()
            .with(
                "t/_delta_log/00000000000000000000.json",
                commit(&field, "[]"),
            )
            .await
            .table()
            .await;
        assert_eq!(columns(&table), format!("a {hive}"));
    }
}

#[tokio::test]
async fn a_delta_log_that_cannot_be_read_is_a_warning() {
    for body in [
        "{\"metaData\":{}}",
        "{\"metaData\":",
        "{\"add\":{}}",
        "\u{0}",
    ] {
        let crawled = lake()
            .with("t/_delta_log/00000000000000000000.json", body)
            .await
            .crawl()
            .await;
        assert!(crawled.tables.is_empty());
        assert!(crawled.warnings[0].message.contains("Delta Lake"), "{body}");
    }
}

#[tokio::test]
async fn a_checkpoint_that_is_damaged_is_a_warning() {
    let crawled = lake()
        .with(
            "t/_delta_log/00000000000000000003.checkpoint.parquet",
            "PAR1 and no more PAR1",
        )
        .await
        .crawl()
        .await;
    assert!(crawled.tables.is_empty());
    assert!(crawled.warnings[0].message.contains("checkpoint"));
}

#[tokio::test]
async fn hudis_folders_are_partitions_by_their_keys() {
    let file = || empty_file("optional int64 id; optional binary year (UTF8);");
    let table = lake()
        .with(
            "t/.hoodie/hoodie.properties",
            "hoodie.table.type=COPY_ON_WRITE\nhoodie.table.partition.fields=year,month\n",
        )
        .await
        .with("t/2023/1/a_1_20240101.parquet", file())
        .await
        .with("t/2024/2/a_1_20240102.parquet", file())
        .await
        .table()
        .await;
    assert_eq!(columns(&table), "id bigint");
    assert_eq!(keys(&table), "year string, month string");
    assert_eq!(crate::lake::values(&table), ["2023/1", "2024/2"]);
    assert_eq!(table.partitions[0].location, "s3://my-lake/t/2023/1/");
}

#[tokio::test]
async fn hudi_without_schema_or_data_is_a_warning() {
    let crawled = lake()
        .with("t/.hoodie/hoodie.properties", "hoodie.table.name=t")
        .await
        .crawl()
        .await;
    assert!(crawled.tables.is_empty());
    assert!(crawled.warnings[0].message.contains("no schema"));
}
