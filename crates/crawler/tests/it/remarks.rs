//! What a crawl says of files that it reads, and of those that it does not.

use crate::csv::gzip;
use crate::lake::{Lake, columns, keys, lake, names};

/// The warnings of a crawl, with their places.
async fn warned(lake: Lake) -> Vec<String> {
    let crawled = lake.crawl().await;
    let warnings = crawled.warnings.iter();
    warnings
        .map(|warning| format!("{}: {}", warning.location, warning.message))
        .collect()
}

async fn warned_of(body: impl Into<Vec<u8>>) -> String {
    warned(lake().with("t/a.json", body).await).await.join("\n")
}

#[tokio::test]
async fn a_json_column_that_is_text_for_few_values_is_named_with_their_line() {
    let mut text = String::new();
    for record in 1..=40 {
        let value = if record == 7 {
            "\"n/a\"".to_owned()
        } else {
            record.to_string()
        };
        text.push_str(&format!("{{\"id\":{record},\"price\":{value}}}\n"));
    }
    let said = warned_of(text.clone()).await;
    assert_eq!(
        said,
        "s3://my-lake/t/a.json: column price is string because of 1 of 40 values that were read; \
         all others are numbers; the first is in the record of line 7"
    );
    // Of many, none is odd, and a text among texts never is.
    let said = warned_of("{\"a\":1}\n{\"a\":\"x\"}\n").await;
    assert_eq!(said, "");
}

#[tokio::test]
async fn a_json_number_beyond_a_double_is_a_double() {
    let text = "{\"a\": 1e400, \"b\": \"1e400 \\\" -1e999\", \"c\": [-1e999, 2]}\n{\"a\": 1}\n";
    let table = lake().with("t/a.json", text).await.table().await;
    assert_eq!(columns(&table), "a double, b string, c array<double>");
    assert_eq!(table.parameters["recordCount"], "2");
}

#[tokio::test]
async fn objects_without_members_are_no_table() {
    let lake = lake().with("t/a.json", "{}\n{}\n").await;
    let crawled = lake.crawl().await;
    assert_eq!(names(&crawled), [""; 0]);
    let said = &crawled.warnings[0].message;
    assert!(said.contains("no column"), "{said}");
}

#[tokio::test]
async fn a_file_that_no_classifier_knows_is_said_to_be_so_with_the_reason() {
    for (body, why) in [
        (&b"id,name\n"[..], "it has one line"),
        (b"one\ntwo\nthree\n", "its lines have one column"),
        (b"null", "it is the JSON value null"),
        (b"{\"a\": tru}", "it begins as JSON, and is not valid"),
        (b"\x00\x01\x02", "it is binary"),
        (b" \n\n", "there is no text in it"),
    ] {
        let said = warned_of(body).await;
        assert!(
            said.contains("no classifier recognises the file's format") && said.contains(why),
            "{body:?}: {said}"
        );
    }
}

#[tokio::test]
async fn csv_that_is_not_utf8_is_named_with_the_first_place() {
    let said = warned_of(&b"id,name\n1,Ann\n2,Ren\xe9\n"[..]).await;
    assert!(said.contains("not UTF-8"), "{said}");
    assert!(said.contains("0xE9 in line 3"), "{said}");
    assert_eq!(warned_of("id,name\n1,Ann\n2,René\n").await, "");
}

#[tokio::test]
async fn what_athena_does_not_read_is_said() {
    let said = warned_of("{\n \"a\": 1\n}\n").await;
    assert!(said.contains("laid out over several"), "{said}");
    let said = warned_of("[{\"a\": 1}]").await;
    assert!(said.contains("this is an array"), "{said}");
    let text = gzip("id,name\n1,a\n2,b\n");
    let said = warned(lake().with("t/a.csv", text.clone()).await).await;
    assert!(said[0].contains("does not end in .gz"), "{said:?}");
    let said = warned(lake().with("t/a.csv.gz", text).await).await;
    assert_eq!(said, [""; 0]);
}

#[tokio::test]
async fn empty_objects_and_empty_paths_are_said() {
    let text = "id,name\n1,a\n2,b\n";
    let one = lake().with("t/a.csv", text).await.with("t/b.csv", "").await;
    let said = warned(one.with("t/_SUCCESS", "").await).await;
    assert_eq!(
        said,
        ["s3://my-lake/t/b.csv: the object is empty, and was passed over"]
    );
    let said = warned(lake().with("t/a.csv", text).await.at("typo/")).await;
    assert_eq!(
        said,
        ["s3://my-lake/typo/: there is no object here for a crawler to look at"]
    );
}

#[tokio::test]
async fn folders_that_are_named_in_different_ways_are_said_to_be_no_partitions() {
    let text = "id,name\n1,a\n2,b\n";
    let lake = lake()
        .with("t/day=1/a.csv", text)
        .await
        .with("t/day=2/a.csv", text)
        .await
        .with("t/Day=3/a.csv", text)
        .await;
    let table = lake.table().await;
    assert_eq!(keys(&table), "day string");
    assert_eq!(lake.crawl().await.warnings, []);
    let said = warned(
        lake.with("t/month=1/a.csv", text)
            .await
            .with("t/old/a.csv", text)
            .await,
    )
    .await;
    assert_eq!(
        said[0],
        "s3://my-lake/t/: its folders are named in different ways (1 as `old`, 3 as `Day=3`, 1 as \
         `month=1`), so they are no partitions of one table; to make them partitions, name all \
         KEY=VALUE with the same key"
    );
}
