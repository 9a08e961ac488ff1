//! Avro files, by their headers.

use std::time::{Duration, Instant};

use crate::lake::{columns, lake};

fn long(value: i64) -> Vec<u8> {
    let mut rest = ((value << 1) ^ (value >> 63)).cast_unsigned();
    let mut bytes = Vec::new();
    while rest >= 0x80 {
        bytes.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
    bytes
}

fn text(text: &str) -> Vec<u8> {
    [long(text.len() as i64), text.as_bytes().to_vec()].concat()
}

/// A file of this schema and blocks, each of so many records and bytes.
fn file(schema: &str, blocks: &[(i64, usize)]) -> Vec<u8> {
    let mut file = b"Obj\x01".to_vec();
    file.extend(long(1));
    file.extend(text("avro.schema"));
    file.extend(text(schema));
    file.push(0);
    file.extend([7; 16]);
    for (records, length) in blocks {
        file.extend(long(*records));
        file.extend(long(*length as i64));
        file.extend(vec![1; *length]);
        file.extend([7; 16]);
    }
    file
}

fn record(fields: &str) -> String {
    format!("{{\"type\":\"record\",\"name\":\"r\",\"fields\":[{fields}]}}")
}

const ID: &str = "{\"name\":\"id\",\"type\":\"long\"}";

#[tokio::test]
async fn records_are_counted_by_their_blocks() {
    let table = lake()
        .with("t/a", file(&record(ID), &[(10, 100), (5, 50)]))
        .await
        .table()
        .await;
    assert_eq!(table.parameters["recordCount"], "15");
    assert_eq!(table.parameters["averageRecordSize"], "10");
}

#[tokio::test]
async fn of_a_long_file_only_the_beginning_is_read() {
    let blocks = vec![(1000, 10_000); 500];
    let crawled = lake()
        .with("t/a", file(&record(ID), &blocks))
        .await
        .crawl()
        .await;
    let records: u64 = crawled.tables[0].parameters["recordCount"].parse().unwrap();
    assert!((490_000..510_000).contains(&records), "{records}");
    assert!(crawled.bytes_read <= 64 * 1024);
}

#[tokio::test]
async fn a_header_longer_than_what_is_read_first_is_read_whole() {
    let fields: Vec<String> = (0..5000)
        .map(|number| format!("{{\"name\":\"a_rather_long_name_{number}\",\"type\":\"int\"}}"))
        .collect();
    let table = lake()
        .with("t/a", file(&record(&fields.join(",")), &[]))
        .await
        .table()
        .await;
    assert_eq!(table.columns.len(), 5000);
}

#[tokio::test]
async fn files_of_different_schemas_have_one_that_holds_both() {
    let more = format!("{ID},{{\"name\":\"more\",\"type\":\"string\"}}");
    let again = format!("{ID},{{\"name\":\"more\",\"type\":\"string\",\"doc\":\"of another\"}}");
    for other in [
        record(&format!("{more},{{\"name\":\"x\",\"type\":\"int\"}}")),
        record(&again),
    ] {
        let table = lake()
            .with("t/a", file(&record(&more), &[]))
            .await
            .with("t/b", file(&other, &[]))
            .await
            .options(crawler::Options {
                combine_compatible_schemas: true,
                ..Default::default()
            })
            .table()
            .await;
        let literal = &table.parameters["avro.schema.literal"];
        assert_eq!(
            &table.format.serde_parameters["avro.schema.literal"],
            literal
        );
        let literal: serde_json::Value = serde_json::from_str(literal).unwrap();
        let names: Vec<&str> = literal["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|field| field["name"].as_str().unwrap())
            .collect();
        let columns: Vec<&str> = table
            .columns
            .iter()
            .map(|column| &column.name[..])
            .collect();
        assert_eq!(names, columns);
        assert_eq!(
            literal["fields"][0]["type"],
            serde_json::json!(["null", "long"])
        );
    }
}

#[tokio::test]
async fn each_partition_has_its_own_schema() {
    let more = format!("{ID},{{\"name\":\"more\",\"type\":\"string\"}}");
    let table = lake()
        .with("t/day=1/a", file(&record(ID), &[]))
        .await
        .with("t/day=2/a", file(&record(&more), &[]))
        .await
        .table()
        .await;
    let literal = |partition: usize| {
        table.partitions[partition].format.serde_parameters["avro.schema.literal"].clone()
    };
    assert_eq!(literal(0), record(ID));
    assert_eq!(literal(1), record(&more));
    // Files of the first partition lack a field, which needs a default.
    assert_ne!(table.parameters["avro.schema.literal"], record(&more));
}

#[tokio::test]
async fn a_schema_that_grows_without_end_is_refused_in_no_time() {
    let mut fields = String::from(
        "{\"name\":\"f0\",\"type\":{\"type\":\"record\",\"name\":\"t0\",\"fields\":[{\"name\":\"x\",\"type\":\"int\"}]}}",
    );
    for number in 1..40 {
        let before = number - 1;
        fields += &format!(
            ",{{\"name\":\"f{number}\",\"type\":{{\"type\":\"record\",\"name\":\"t{number}\",\"fields\":\
             [{{\"name\":\"a\",\"type\":\"t{before}\"}},{{\"name\":\"b\",\"type\":\"t{before}\"}}]}}}}"
        );
    }
    let start = Instant::now();
    let crawled = lake()
        .with("t/a", file(&record(&fields), &[]))
        .await
        .crawl()
        .await;
    assert!(crawled.tables.is_empty());
    assert!(crawled.warnings[0].message.contains("larger than"));
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn schemas_that_are_none_are_warnings() {
    for (schema, message) in [
        ("not JSON", "not JSON"),
        ("1", "none"),
        ("{\"type\":\"record\",\"name\":\"r\"}", "without fields"),
        ("{\"type\":\"array\"}", "array without items"),
        ("\"other\"", "names no type `other`"),
        (
            "{\"type\":\"record\",\"fields\":[{\"name\":\"a\"}]}",
            "without name or type",
        ),
    ] {
        let crawled = lake().with("t/a", file(schema, &[])).await.crawl().await;
        assert!(crawled.tables.is_empty());
        let found = &crawled.warnings[0].message;
        assert!(found.contains(message), "{found}");
    }
}

#[tokio::test]
async fn a_logical_type_that_does_not_fit_is_ignored() {
    let fields = "{\"name\":\"a\",\"type\":{\"type\":\"string\",\"logicalType\":\"date\"}},\
        {\"name\":\"b\",\"type\":{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":2,\"scale\":3}},\
        {\"name\":\"c\",\"type\":{\"type\":\"int\",\"logicalType\":\"timestamp-millis\"}}";
    let table = lake()
        .with("t/a", file(&record(fields), &[]))
        .await
        .table()
        .await;
    assert_eq!(columns(&table), "a string, b binary, c int");
}

#[tokio::test]
async fn numbers_that_cannot_be_are_no_trouble() {
    let whole = file(&record(ID), &[(i64::MAX, 0), (i64::MAX, 3), (-1, 5)]);
    let table = lake().with("t/a", whole).await.table().await;
    assert_eq!(columns(&table), "id bigint");
    for header in [&[0xff_u8; 12][..], &[2, 0xfe, 0xff, 0xff, 0xff, 0x0f][..]] {
        let file = [b"Obj\x01", header].concat();
        let crawled = lake().with("t/a", file).await.crawl().await;
        assert!(crawled.warnings[0].message.contains("Avro"));
    }
}
