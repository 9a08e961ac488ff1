//! What a crawl says of files that it reads, and of those that it does not.

use crawler::{CustomClassifier, Options};

use crate::csv::gzip;
use crate::lake::{Lake, columns, keys, lake, names};
use crate::parquet::empty_file;

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
async fn json_that_is_deeper_or_longer_than_what_is_read_is_said_to_be_so() {
    let deep = |levels: usize| {
        let (begin, end) = ("{\"a\":".repeat(levels), "}".repeat(levels));
        format!("{begin}\"}} {{[\\\"\"{end}\n")
    };
    assert_eq!(warned_of(deep(100)).await, "");
    let said = warned_of(deep(200)).await;
    let why = "it is JSON whose first value has more than 127 levels of objects and arrays";
    assert!(said.contains(why), "{said}");
    let said = warned_of(format!("{{\"a\":\"{}\"}}\n", "x".repeat(11 << 20))).await;
    let why = "its first value is longer than the 10 MiB that a crawler reads";
    assert!(said.contains(why), "{said}");
}

#[tokio::test]
async fn plain_folders_of_different_formats_are_tables_and_no_surprise() {
    let lake = lake()
        .with("x/songs/a", "{\"a\":1}\n")
        .await
        .with("x/films/a", "a,b\n1,2\n3,4\n")
        .await;
    assert_eq!(warned(lake).await, [""; 0]);
}

#[tokio::test]
async fn a_file_that_tells_itself_of_few_texts_is_not_named_again() {
    let rows = |odd: &str| {
        let rows = "1,1\n".repeat(40);
        format!("id,n\n{rows}40,{odd}\n")
    };
    let both = lake()
        .with("t/a", rows("40"))
        .await
        .with("t/b", rows("n/a"))
        .await;
    let said = warned(both).await;
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].starts_with("s3://my-lake/t/b: column n"),
        "{said:?}"
    );
    // Of many texts none is odd.
    let many = lake()
        .with("t/a", rows("40"))
        .await
        .with("t/b", "id,n\n1,x\n2,y\n3,z\n4,w\n5,v\n")
        .await;
    assert_eq!(warned(many).await, [""; 0]);
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
    let said = warned_of("{\"a\": 1}\n{\"a\": 2}{\"a\": 3}\n").await;
    assert!(said.contains("line 2 has several"), "{said}");
    let said = warned_of("{\"a\": 1}\n{\"a\": 2},\n{\"a\": 3}\n").await;
    assert!(said.contains("line 2 has a comma"), "{said}");
    let said = warned_of("{\"a\": 1},\n").await;
    assert!(said.contains("line 1 has a comma"), "{said}");
    let said = warned_of("\u{feff}{\"a\": 1}\n").await;
    assert!(said.contains("byte order mark"), "{said}");
    assert_eq!(warned_of("{\"a\": 1}\n\n {\"a\": 2}\n").await, "");
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

#[tokio::test]
async fn records_behind_a_path_are_said_to_be_out_of_athenas_reach() {
    let warned_by = async |path: &str, text: &str| {
        let options = Options {
            classifiers: vec![CustomClassifier::Json {
                path: path.to_owned(),
            }],
            ..Options::default()
        };
        warned(lake().with("t/a.json", text).await.options(options)).await
    };
    for (path, text) in [
        ("$[*]", "[{\"a\": 1}]"),
        ("$.items[*]", "{\"items\": [{\"a\": 1}]}"),
    ] {
        let said = warned_by(path, text).await.join("\n");
        assert!(said.contains("a classifier's path"), "{path}: {said}");
    }
    assert_eq!(warned_by("$", "{\"a\": 1}\n").await, [""; 0]);
    let said = warned_by("$", "{\n\"a\": 1}\n").await.join("\n");
    assert!(said.contains("laid out over several"), "{said}");
}

#[tokio::test]
async fn files_of_types_that_athena_does_not_read_as_the_tables_are_said() {
    for (one, two, table, why) in [
        (
            "int64 v",
            "double v",
            "v double",
            "v is bigint, and double in the table",
        ),
        (
            "int32 v",
            "binary v (UTF8)",
            "v string",
            "v is int, and string in the table",
        ),
        (
            "int32 v (DATE)",
            "int64 v (TIMESTAMP(MICROS,true))",
            "v string",
            "v is date, and string",
        ),
    ] {
        let lake = lake()
            .with("t/a", empty_file(&format!("required {one};")))
            .await
            .with("t/b", empty_file(&format!("required {two};")))
            .await;
        assert_eq!(columns(&lake.table().await), table);
        let said = warned(lake).await.join("\n");
        assert!(
            said.contains("files do not fit the table, first a: "),
            "{said}"
        );
        assert!(said.contains(why), "{said}");
    }
    let lake = lake()
        .with("t/a", empty_file("required int32 v;"))
        .await
        .with("t/b", empty_file("required int64 v;"))
        .await;
    assert_eq!(warned(lake).await, [""; 0]);
}

#[tokio::test]
async fn files_of_columns_in_another_order_are_said_where_athena_goes_by_their_place() {
    let lake_of = async |one: &str, two: &str| lake().with("t/a", one).await.with("t/b", two).await;
    let said = warned(lake_of("id,v\n1,5\n2,6\n", "v,id\n7,8\n9,10\n").await).await;
    assert_eq!(said.len(), 1);
    assert!(
        said[0].contains("1 of 2 files do not fit the table, first b: it has the column v where"),
        "{said:?}"
    );
    let said =
        warned(lake_of("id,v,w\n1,5,9\n2,6,9\n", "id,v,w,x\n7,8,9,1\n9,8,7,1\n").await).await;
    assert_eq!(said, [""; 0]);
    let said = warned(lake_of("{\"id\":1,\"v\":5}\n", "{\"v\":7,\"id\":8}\n").await).await;
    assert_eq!(said, [""; 0]);
}

#[tokio::test]
async fn a_table_at_a_file_is_said_to_have_no_rows_in_athena() {
    let text = "id,name\n1,a\n2,b\n";
    let mixed = lake()
        .with("t/a.csv", text)
        .await
        .with("t/b.json", "{\"x\": 1}\n")
        .await;
    let beside = lake()
        .with("t/a.csv", text)
        .await
        .with("t/u/b.csv", text)
        .await;
    for lake in [mixed, beside] {
        let said = warned(lake).await.join("\n");
        assert!(said.contains("Athena finds no rows"), "{said}");
    }
}
