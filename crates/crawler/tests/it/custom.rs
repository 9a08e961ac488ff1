//! Custom classifiers.

use crawler::{ContainsHeader, CsvClassifier, CustomClassifier, Options, Serde, Table};

use crate::lake::{columns, lake};

async fn table_of(classifier: CustomClassifier, text: &str) -> Table {
    let options = Options {
        classifiers: vec![classifier],
        ..Options::default()
    };
    lake()
        .with("t/a", text)
        .await
        .options(options)
        .table()
        .await
}

async fn csv_table(csv: CsvClassifier, text: &str) -> Table {
    table_of(CustomClassifier::Csv(csv), text).await
}

#[tokio::test]
async fn a_delimiter_and_a_quote_of_ones_own_part_the_cells() {
    let csv = CsvClassifier {
        delimiter: Some(b'#'),
        quote: Some(b'\''),
        ..CsvClassifier::default()
    };
    let table = csv_table(csv, "id#title\n1#'Blue#Green'\n2#Red\n").await;
    assert_eq!(columns(&table), "id bigint, title string");
    assert_eq!(table.format.serde_parameters["field.delim"], "#");
    assert_eq!(table.parameters["areColumnsQuoted"], "true");
}

#[tokio::test]
async fn a_header_that_is_present_is_skipped_though_all_cells_are_text() {
    let csv = CsvClassifier {
        contains_header: ContainsHeader::Present,
        ..CsvClassifier::default()
    };
    let table = csv_table(csv, "name,city\nann,rome\n").await;
    assert_eq!(columns(&table), "name string, city string");
    assert_eq!(table.parameters["skip.header.line.count"], "1");
    assert_eq!(table.parameters["recordCount"], "1");
}

#[tokio::test]
async fn a_header_that_is_absent_leaves_the_first_row_a_record() {
    let absent = || CsvClassifier {
        contains_header: ContainsHeader::Absent,
        ..CsvClassifier::default()
    };
    let text = "id,year\n1,1979\n2,1986\n";
    let table = csv_table(absent(), text).await;
    assert_eq!(columns(&table), "col0 string, col1 string");
    let named = CsvClassifier {
        header: Some(vec!["a".to_owned(), "b".to_owned()]),
        ..absent()
    };
    let table = csv_table(named, text).await;
    assert_eq!(columns(&table), "a string, b string");
    assert!(!table.parameters.contains_key("skip.header.line.count"));
    assert_eq!(table.parameters["recordCount"], "3");
}

#[tokio::test]
async fn a_header_of_another_width_leaves_the_file_to_the_next_classifier() {
    let csv = CsvClassifier {
        header: Some(vec!["only".to_owned()]),
        ..CsvClassifier::default()
    };
    let table = csv_table(csv, "id,year\n1,1979\n").await;
    assert_eq!(columns(&table), "id bigint, year bigint");
}

#[tokio::test]
async fn one_column_is_a_table_if_it_is_allowed() {
    let csv = CsvClassifier {
        allows_single_column: true,
        ..CsvClassifier::default()
    };
    let table = csv_table(csv, "year\n1979\n1986\n").await;
    assert_eq!(columns(&table), "year bigint");
}

#[tokio::test]
async fn space_around_values_counts_unless_it_is_trimmed() {
    let text = "id,year\n1, 1979\n2, 1986\n";
    let table = csv_table(CsvClassifier::default(), text).await;
    assert_eq!(columns(&table), "id bigint, year string");
    let trims = CsvClassifier {
        trims_values: true,
        ..CsvClassifier::default()
    };
    let table = csv_table(trims, text).await;
    assert_eq!(columns(&table), "id bigint, year bigint");
}

#[tokio::test]
async fn types_and_serde_are_as_they_are_told() {
    let types = ["SHORT", "STRING", "TIMESTAMP", "LONG", "DECIMAL"];
    let csv = CsvClassifier {
        datatypes: Some(types.map(str::to_owned).to_vec()),
        serde: Serde::OpenCsv,
        ..CsvClassifier::default()
    };
    let table = csv_table(csv, "a,b,c,d,e\n1,2,3,4,5\n").await;
    assert_eq!(
        columns(&table),
        "a smallint, b string, c timestamp, d bigint, e decimal(10,0)"
    );
    assert_eq!(
        table.format.serialization_library,
        "org.apache.hadoop.hive.serde2.OpenCSVSerde"
    );
    assert_eq!(table.format.serde_parameters["separatorChar"], ",");
}

#[tokio::test]
async fn values_with_a_fraction_in_a_column_of_decimal_are_warned_of() {
    let warned = async |text: &str| {
        let csv = CsvClassifier {
            datatypes: Some(["LONG", "DECIMAL"].map(str::to_owned).to_vec()),
            ..CsvClassifier::default()
        };
        let options = Options {
            classifiers: vec![CustomClassifier::Csv(csv)],
            ..Options::default()
        };
        let lake = lake().with("t/a", text).await.options(options);
        let warnings = lake.crawl().await.warnings.into_iter();
        warnings
            .map(|one| one.message)
            .collect::<Vec<_>>()
            .join("\n")
    };
    let said = warned("a,price\n1,1\n2,1.5\n").await;
    assert!(said.starts_with("column price is decimal(10,0)"), "{said}");
    assert!(said.contains("\"1.5\""), "{said}");
    assert_eq!(warned("a,price\n1,1\n2,2.0\n").await, "");
}

#[tokio::test]
async fn a_json_path_leads_to_the_records() {
    let of = |path: &str| CustomClassifier::Json {
        path: path.to_owned(),
    };
    let array = r#"[{"id": 1, "title": "Blue"}, {"id": 2}]"#;
    let table = table_of(of("$[*]"), array).await;
    assert_eq!(columns(&table), "id int, title string");
    assert_eq!(table.parameters["jsonPath"], "$[*]");
    assert_eq!(table.parameters["recordCount"], "2");
    let inside = r#"{"page": 1, "songs": [{"id": 1}, {"id": 2.5}]}"#;
    let table = table_of(of("$.songs[*]"), inside).await;
    assert_eq!(columns(&table), "id double");
    // Where the path leads nowhere, the built-in classifier is asked.
    let table = table_of(of("$.films[*]"), inside).await;
    assert_eq!(columns(&table), "page int, songs array<struct<id:double>>");
}
