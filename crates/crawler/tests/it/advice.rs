//! What a crawl says of its tables beside the tables.

use crawler::{Advice, ContainsHeader, CsvClassifier, CustomClassifier, Options, catalog};

use crate::lake::lake;

#[tokio::test]
async fn a_header_that_cannot_be_told_is_named_unless_a_classifier_tells_it() {
    let text = "id,name\nx,ann\ny,bob\n";
    let crawled = lake().with("t/a", text).await.crawl().await;
    let told = Advice::HeaderNotTold {
        table: "t".to_owned(),
        location: "s3://my-lake/t/".to_owned(),
    };
    assert_eq!(crawled.advice, std::slice::from_ref(&told));
    let told_by = async |classifier: CsvClassifier| {
        let options = Options {
            classifiers: vec![CustomClassifier::Csv(classifier)],
            ..Options::default()
        };
        let lake = lake().with("t/a", text).await.options(options);
        lake.crawl().await.advice
    };
    let absent = CsvClassifier {
        contains_header: ContainsHeader::Absent,
        ..CsvClassifier::default()
    };
    assert_eq!(told_by(absent.clone()).await, []);
    let advice = told_by(CsvClassifier::default()).await;
    assert_eq!(advice, std::slice::from_ref(&told));
    let of_others = CsvClassifier {
        delimiter: Some(b'#'),
        ..absent
    };
    assert_eq!(told_by(of_others).await, [told]);
}

#[tokio::test]
async fn names_of_other_letters_are_named_however_deep_they_are() {
    let record = "{\"Größe\":1,\"s\":[{\"Y-z\":\"x\",\"Plain_1\":2}]}\n";
    let crawled = lake().with("t/a", record).await.crawl().await;
    let [Advice::OddColumnNames { columns, .. }] = &crawled.advice[..] else {
        panic!("{:?}", crawled.advice);
    };
    assert_eq!(columns, &["größe", "s.Y-z"]);
}

#[tokio::test]
async fn quotes_under_a_serde_that_keeps_them_are_named() {
    let text = "\"id\",\"name\"\n\"1\",\"ann\"\n\"2\",\"bob\"\n";
    let crawled = lake().with("t/a", text).await.crawl().await;
    assert!(matches!(
        &crawled.advice[..],
        [Advice::QuotedUnderLazySimpleSerDe { table, .. }] if table == "t"
    ));
}

#[tokio::test]
async fn a_folder_of_two_formats_is_named_with_its_tables() {
    let lake = lake()
        .with("t/a", "{\"a\":1}\n")
        .await
        .with("t/b", "a,b\n1,2\n3,4\n")
        .await;
    let advice = lake.crawl().await.advice;
    let expected = Advice::SeveralTablesInFolder {
        location: "s3://my-lake/t/".to_owned(),
        tables: vec!["a".to_owned(), "b".to_owned()],
    };
    assert_eq!(advice, [expected]);
    let before = |name: &str| format!("old_{name}");
    assert_eq!(
        advice[0].renamed(&before).message(),
        "its files are 2 tables, as their formats or columns differ: old_a, old_b"
    );
}

#[tokio::test]
async fn small_files_are_named_by_the_thousand() {
    let mut lake = lake();
    for file in 0..999 {
        lake = lake.with(&format!("t/{file}"), "{\"a\":1}\n").await;
    }
    assert_eq!(lake.crawl().await.advice, []);
    lake = lake.with("t/999", "{\"a\":1}\n").await;
    let expected = Advice::SmallFiles {
        table: "t".to_owned(),
        location: "s3://my-lake/t/".to_owned(),
        objects: 1000,
        average_size: 8,
    };
    assert_eq!(lake.crawl().await.advice, [expected]);
}

#[tokio::test]
async fn a_table_whose_name_was_taken_is_named() {
    let lake = lake()
        .with("x/t/a", "{\"a\":1}\n")
        .await
        .with("y/t/a", "{\"c\":1}\n")
        .await;
    let crawled = lake.crawl().await;
    let [Advice::NamedByHash { table, location }] = &crawled.advice[..] else {
        panic!("{:?}", crawled.advice);
    };
    assert_eq!(location, "s3://my-lake/y/t/");
    assert_eq!(*table, crawled.tables[1].name);
    let said = crawled.advice[0].to_string();
    assert!(
        said.starts_with("s3://my-lake/y/t/: another table"),
        "{said}"
    );
}

#[tokio::test]
async fn a_table_whose_name_a_table_of_the_catalog_has_is_named() {
    let crawled = lake().with("x/t/a", "{\"a\":1}\n").await.crawl().await;
    assert_eq!(crawled.advice, []);
    assert_eq!(crawled.advice_by_names(&str::to_owned), []);
    let hashed = catalog::hashed_name(&crawled.tables[0]);
    let expected = Advice::NamedByHash {
        table: hashed.clone(),
        location: "s3://my-lake/x/t/".to_owned(),
    };
    let called = |_: &str| hashed.clone();
    assert_eq!(crawled.advice_by_names(&called), [expected]);
    // One whose name was taken in the crawl may have another in the catalog.
    let lake = lake()
        .with("x/t/a", "{\"a\":1}\n")
        .await
        .with("y/t/a", "{\"c\":1}\n")
        .await;
    let crawled = lake.crawl().await;
    let called = |_: &str| "renamed".to_owned();
    assert_eq!(crawled.advice.len(), 1);
    assert_eq!(crawled.advice_by_names(&called), []);
}

#[tokio::test]
async fn a_column_that_is_text_because_of_few_values_is_named_with_their_place() {
    let mut text = "id,n\n".to_owned();
    for row in 0..99 {
        text += &format!("{row},{row}\n");
    }
    let crawled = lake()
        .with("t/a", format!("{text}99,n/a\n"))
        .await
        .crawl()
        .await;
    let message = &crawled.warnings[0].message;
    assert!(
        message.contains("column n is string because of 1 of 100 values"),
        "{message}"
    );
    assert!(message.contains("line 101"), "{message}");
    assert!(
        lake()
            .with("t/a", text)
            .await
            .crawl()
            .await
            .warnings
            .is_empty()
    );
}
