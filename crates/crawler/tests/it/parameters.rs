//! The parameters of tables and partitions.

use crate::lake::lake;

#[tokio::test]
async fn a_csv_table_has_the_parameters_that_glue_writes() {
    let table = lake()
        .with("t/a.csv", "id,name\n1,ann\n2,bob\n")
        .await
        .with("t/b.csv", "id,name\n3,cid\n4,dan\n")
        .await
        .table()
        .await;
    let parameters: Vec<(&str, &str)> = table
        .parameters
        .iter()
        .map(|(name, value)| (&name[..], &value[..]))
        .collect();
    assert_eq!(
        parameters,
        [
            ("CrawlerSchemaDeserializerVersion", "1.0"),
            ("CrawlerSchemaSerializerVersion", "1.0"),
            ("areColumnsQuoted", "false"),
            ("averageRecordSize", "10"),
            ("classification", "csv"),
            ("columnsOrdered", "true"),
            ("compressionType", "none"),
            ("delimiter", ","),
            ("objectCount", "2"),
            ("recordCount", "4"),
            ("sizeKey", "40"),
            ("skip.header.line.count", "1"),
            ("typeOfData", "file"),
        ]
    );
    assert_eq!(
        table.format.input_format,
        "org.apache.hadoop.mapred.TextInputFormat"
    );
    assert_eq!(
        table.format.output_format,
        "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
    );
}

#[tokio::test]
async fn each_partition_has_numbers_of_its_own() {
    let table = lake()
        .with("t/y=1/a.csv", "id,name\n1,ann\n2,bob\n")
        .await
        .with("t/y=2/a.csv", "id,name\n3,cid\n")
        .await
        .table()
        .await;
    assert_eq!(table.parameters["recordCount"], "3");
    assert_eq!(table.partitions[0].parameters["recordCount"], "2");
    assert_eq!(table.partitions[1].parameters["recordCount"], "1");
    assert_eq!(table.partitions[1].parameters["sizeKey"], "14");
    assert_eq!(table.partitions[1].parameters["classification"], "csv");
    assert_eq!(
        table.partitions[1].parameters["skip.header.line.count"],
        "1"
    );
}

#[tokio::test]
async fn the_records_of_a_long_file_are_guessed_from_its_beginning() {
    let text = format!("id,name\n{}", "12345,abc\n".repeat(500_000));
    let table = lake().with("t/a.csv", text).await.table().await;
    let records: u64 = table.parameters["recordCount"].parse().unwrap();
    assert!((495_000..505_000).contains(&records), "{records}");
    assert_eq!(table.parameters["averageRecordSize"], "10");
}

#[tokio::test]
async fn records_that_grow_are_counted_by_all_that_was_read() {
    let rows = |most: u32| {
        let rows: Vec<String> = (0..most).map(|row| format!("{row},{row}\n")).collect();
        rows.concat()
    };
    let counted = async |most: u32| {
        let text = format!("id,amount\n{}", rows(most));
        let table = lake().with("t/a.csv", text).await.table().await;
        table.parameters["recordCount"].parse::<u64>().unwrap()
    };
    // Of the one, all is read, and of the other all but a tenth.
    assert_eq!(counted(20_000).await, 20_000);
    let records = counted(100_000).await;
    assert!((99_000..103_000).contains(&records), "{records}");
}

#[tokio::test]
async fn files_outside_the_sample_are_counted() {
    let mut lake = lake().sampling(2);
    for file in 0..10 {
        lake = lake
            .with(&format!("t/{file}.csv"), "id,name\n1,ann\n2,bob\n")
            .await;
    }
    let crawled = lake.crawl().await;
    assert_eq!(crawled.tables[0].parameters["objectCount"], "10");
    assert_eq!(crawled.tables[0].parameters["recordCount"], "20");
    assert_eq!(crawled.tables[0].parameters["sizeKey"], "200");
    assert_eq!(crawled.bytes_read, 40);
}
