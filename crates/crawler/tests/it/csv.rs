//! CSV files, by the rules of Glue's built-in classifier.

use std::io::Write;

use crate::lake::{columns, lake, names};

pub fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

async fn columns_of(text: impl Into<Vec<u8>>) -> String {
    columns(&lake().with("t/a", text).await.table().await)
}

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

#[tokio::test]
async fn a_file_of_text_alone_has_no_header() {
    let table = lake()
        .with("t/a.csv", "name,city\nann,rome\nbob,oslo\n")
        .await
        .table()
        .await;
    assert_eq!(columns(&table), "col0 string, col1 string");
    assert!(!table.parameters.contains_key("skip.header.line.count"));
    assert_eq!(table.parameters["recordCount"], "3");
}

#[tokio::test]
async fn a_first_row_with_a_number_is_no_header() {
    assert_eq!(
        columns_of("a,1\nb,2\nc,3\n").await,
        "col0 string, col1 bigint"
    );
}

#[tokio::test]
async fn a_first_row_with_a_long_cell_is_no_header() {
    let long = "x".repeat(150);
    assert_eq!(
        columns_of(format!("{long},b\n1,2\n3,4\n")).await,
        "col0 string, col1 string"
    );
    // The last cell may be that long.
    assert_eq!(
        columns_of(format!("a,{long}\n1,2\n3,4\n")).await,
        format!("a bigint, {long} bigint")
    );
}

#[tokio::test]
async fn a_header_of_text_alone_is_known_from_a_file_that_has_numbers() {
    let lake = lake()
        .with("t/1.csv", "name,age\nann,31\nbob,40\n")
        .await
        .with("t/2.csv", "name,age\ncid,\ndan,\n")
        .await;
    let table = lake.table().await;
    assert_eq!(columns(&table), "name string, age bigint");
    assert_eq!(table.parameters["recordCount"], "4");
}

#[tokio::test]
async fn every_delimiter_of_glue_is_found() {
    for delimiter in [",", "|", "\t", ";", "\u{1}"] {
        let text = "id,name,score\n1,ann,2.5\n2,bob,3.5\n".replace(',', delimiter);
        let table = lake().with("t/a.txt", text).await.table().await;
        assert_eq!(columns(&table), "id bigint, name string, score double");
        assert_eq!(table.parameters["delimiter"], delimiter);
        assert_eq!(table.format.serde_parameters["field.delim"], delimiter);
    }
}

#[tokio::test]
async fn commas_in_text_do_not_make_a_semicolon_file_a_comma_file() {
    assert_eq!(
        columns_of("id;note\n1;a, b\n2;c, d, e\n3;f\n").await,
        "id bigint, note string"
    );
}

#[tokio::test]
async fn quoted_cells_keep_their_delimiters_and_are_warned_of() {
    let crawled = lake()
        .with(
            "t/a.csv",
            "id,title\n1,\"Hello, World\"\n2,\"He said \"\"no\"\"\"\n",
        )
        .await
        .crawl()
        .await;
    let table = &crawled.tables[0];
    assert_eq!(columns(table), "id bigint, title string");
    assert_eq!(table.parameters["areColumnsQuoted"], "true");
    assert_eq!(
        table.format.serialization_library,
        "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
    );
    assert!(crawled.advice[0].message().contains("OpenCSVSerde"));
}

#[tokio::test]
async fn a_byte_order_mark_and_windows_line_ends_are_no_data() {
    let table = lake()
        .with("t/a.csv", "\u{feff}id,name\r\n1,ann\r\n2,bob\r\n")
        .await
        .table()
        .await;
    assert_eq!(columns(&table), "id bigint, name string");
    assert_eq!(table.parameters["areColumnsQuoted"], "false");
}

#[tokio::test]
async fn integers_and_decimals_in_a_column_are_doubles() {
    assert_eq!(columns_of("a,b\n1,x\n2.5,y\n").await, "a double, b string");
}

#[tokio::test]
async fn dates_booleans_and_words_like_nan_are_text() {
    assert_eq!(
        columns_of("id,day,flag,x\n1,2024-01-31,true,nan\n2,2024-02-01,false,inf\n").await,
        "id bigint, day string, flag string, x string"
    );
}

#[tokio::test]
async fn a_number_too_large_for_bigint_is_a_double() {
    assert_eq!(
        columns_of("a,b\n9223372036854775807,9223372036854775808\n1,1\n").await,
        "a bigint, b double"
    );
}

#[tokio::test]
async fn empty_cells_say_nothing_of_a_type() {
    assert_eq!(
        columns_of("a,b,c\n1,,x\n,,y\n3,,z\n").await,
        "a bigint, b string, c string"
    );
}

#[tokio::test]
async fn a_delimiter_at_the_end_of_lines_is_one_more_column() {
    assert_eq!(
        columns_of("a,b,\n1,2,\n3,4,\n").await,
        "a bigint, b bigint, col2 string"
    );
}

#[tokio::test]
async fn a_name_that_comes_twice_in_a_header_gets_a_number() {
    assert_eq!(
        columns_of("id,Name,name,name_1\n1,2,3,4\n5,6,7,8\n").await,
        "id bigint, name bigint, name_1 bigint, name_1_1 bigint"
    );
}

#[tokio::test]
async fn names_in_a_header_keep_their_spaces_and_letters() {
    assert_eq!(
        columns_of("File Name,Étnia\nx,1\ny,2\n").await,
        "file name string, étnia bigint"
    );
}

#[tokio::test]
async fn one_column_or_one_row_is_no_table() {
    for text in ["a\n1\n2\n", "a,b\n", "just a note, nothing more"] {
        let crawled = lake().with("t/a.csv", text).await.crawl().await;
        assert!(crawled.tables.is_empty(), "{text}");
        assert_eq!(crawled.warnings.len(), 1);
        assert_eq!(crawled.warnings[0].location, "s3://my-lake/t/a.csv");
    }
}

#[tokio::test]
async fn a_quote_that_is_never_closed_is_text() {
    let table = lake()
        .with("t/a.tsv", "id\ttitle\n1\t\"Unclosed\n2\tb\n3\tc\n")
        .await
        .table()
        .await;
    assert_eq!(columns(&table), "id bigint, title string");
    assert_eq!(table.parameters["areColumnsQuoted"], "false");
    assert_eq!(table.parameters["recordCount"], "3");
}

#[tokio::test]
async fn prose_is_no_table() {
    let prose = "# Notes\n\nThis lake, which is small, has songs.\nIt is crawled, daily.\n\
                 Ask the owner.\nOr, if away, the deputy, or another, or nobody.\n";
    let crawled = lake().with("README.md", prose).await.crawl().await;
    assert_eq!(names(&crawled), [""; 0]);
}

#[tokio::test]
async fn gzip_is_known_by_content_and_not_by_name() {
    let table = lake()
        .with("t/a.csv", gzip("id,name\n1,ann\n2,bob\n"))
        .await
        .table()
        .await;
    assert_eq!(columns(&table), "id bigint, name string");
    assert_eq!(table.parameters["compressionType"], "gzip");
    assert_eq!(table.parameters["recordCount"], "2");
}

#[tokio::test]
async fn formats_that_are_not_read_are_named_in_a_warning() {
    for (head, name) in [("%PDF-1.4", "PDF"), ("PARE", "encrypted Parquet")] {
        let crawled = lake().with("t/a", head).await.crawl().await;
        assert!(crawled.tables.is_empty());
        assert!(crawled.warnings[0].message.contains(name), "{name}");
    }
}

#[tokio::test]
async fn quoted_line_breaks_keep_the_header_though_the_lines_are_of_one_width() {
    let mut text = "id,t\n".to_owned();
    let mut quoted = "\"id\",\"t\"\n".to_owned();
    for row in 0..10 {
        text += &format!("{row},\"line a\nline, b\"\n");
        quoted += &format!("\"{row}\",\"line a\nline, b\"\n");
    }
    for text in [text, quoted] {
        let crawled = lake().with("t/a.csv", text).await.crawl().await;
        let table = &crawled.tables[0];
        assert_eq!(columns(table), "id bigint, t string");
        assert_eq!(table.parameters["recordCount"], "10");
        assert_eq!(table.parameters["areColumnsQuoted"], "true");
        let said = &crawled.warnings[0].message;
        assert!(
            said.contains("the record of line 2 has a line break"),
            "{said}"
        );
        let advice = crawled.advice[0].message();
        assert!(advice.contains("line breaks"), "{advice}");
    }
}

#[tokio::test]
async fn quotes_that_do_not_end_their_cells_are_text() {
    let table = lake()
        .with("t/a.tsv", "id\ttitle\n1\t\"Unclosed\n2\t\"Other\n3\tc\n")
        .await
        .table()
        .await;
    assert_eq!(columns(&table), "id bigint, title string");
    assert_eq!(table.parameters["recordCount"], "3");
}

#[tokio::test]
async fn a_title_above_the_header_is_skipped_with_it() {
    let text = "Report 2024\n\nid,n,v\n1,a,2\n2,b,3\n3,c,4\n";
    let crawled = lake().with("t/a.csv", text).await.crawl().await;
    let table = &crawled.tables[0];
    assert_eq!(columns(table), "id bigint, n string, v bigint");
    assert_eq!(table.parameters["skip.header.line.count"], "3");
    let said = &crawled.warnings[0].message;
    assert!(said.starts_with("the header is in line 3"), "{said}");
    assert_eq!(table.parameters["recordCount"], "3");
}

#[tokio::test]
async fn a_header_of_text_alone_is_adopted_with_what_stands_above_it() {
    let lake = lake()
        .with(
            "t/1.csv",
            "Report\nname,age\nann,31\nbob,40\ncid,5\ndan,6\n",
        )
        .await
        .with("t/2.csv", "Report\nname,age\ncid,\ndan,\neve,\nfay,\n")
        .await;
    let table = lake.table().await;
    assert_eq!(columns(&table), "name string, age bigint");
    assert_eq!(table.parameters["skip.header.line.count"], "2");
}

#[tokio::test]
async fn rows_of_another_width_are_passed_over_and_named() {
    let mut text = "id,name,price\n1,a,2\n2,b\n3,c,4,5\n".to_owned();
    for row in 0..20 {
        text += &format!("{row},n,{row}\n");
    }
    let crawled = lake().with("t/a.csv", text).await.crawl().await;
    assert_eq!(
        columns(&crawled.tables[0]),
        "id bigint, name string, price bigint"
    );
    let said = &crawled.warnings[0].message;
    assert!(
        said.starts_with("2 of 24 records that were read have another number of cells than 3"),
        "{said}"
    );
    assert!(said.contains("the first is in line 3, and has 2"), "{said}");
}

#[tokio::test]
async fn a_byte_order_mark_is_warned_of_where_no_header_is_skipped() {
    let warned = async |text: &str| {
        let crawled = lake().with("t/a.csv", text).await.crawl().await;
        crawled
            .warnings
            .into_iter()
            .map(|one| one.message)
            .collect::<Vec<_>>()
            .join("\n")
    };
    let said = warned("\u{feff}1,a\n2,b\n3,c\n").await;
    assert!(said.contains("byte order mark"), "{said}");
    assert_eq!(warned("\u{feff}id,n\n1,a\n2,b\n").await, "");
}

#[tokio::test]
async fn a_file_with_more_lines_above_its_header_than_most_is_of_the_same_table_and_named() {
    let text = "id,n\n1,a\n2,b\n";
    let lake = lake()
        .with("t/1.csv", text)
        .await
        .with("t/2.csv", format!("\n{text}"))
        .await
        .with("t/3.csv", text)
        .await;
    let crawled = lake.crawl().await;
    assert_eq!(names(&crawled), ["t"]);
    assert_eq!(crawled.tables[0].parameters["skip.header.line.count"], "1");
    let said = &crawled.warnings[0].message;
    assert!(
        said.starts_with(
            "1 of 3 files have another number of lines above their records than the 1"
        ),
        "{said}"
    );
}
