//! CSV files, by the rules of Glue's built-in classifier.

use crate::lake::{columns, lake};

#[tokio::test]
async fn a_header_names_the_columns_and_is_skipped() {
    let table = lake()
        .with(
            "songs/a.csv",
            "Title,Year,Rating\nHello,2015,4.5\nSkyfall,2012,5\n",
        )
        .await
        .table()
        .await;
    assert_eq!(table.name, "songs");
    assert_eq!(table.location, "s3://my-lake/songs/");
    assert_eq!(columns(&table), "title string, year bigint, rating double");
    assert_eq!(table.parameters["skip.header.line.count"], "1");
    assert_eq!(table.parameters["recordCount"], "2");
}
