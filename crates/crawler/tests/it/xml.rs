//! XML, with and without a row tag.

use crawler::{CustomClassifier, Options, Table};

use crate::lake::{columns, lake, names};

fn rows(row_tag: &str) -> Options {
    Options {
        classifiers: vec![CustomClassifier::Xml {
            classification: "catalogue".to_owned(),
            row_tag: row_tag.to_owned(),
        }],
        ..Options::default()
    }
}

async fn table(row_tag: &str, text: &str) -> Table {
    lake()
        .with("t/a.xml", text)
        .await
        .options(rows(row_tag))
        .table()
        .await
}

/// The example of the guide.
const CATALOG: &str = r#"<?xml version="1.0"?>
<catalog>
   <book id="bk101">
     <AnyCompany>
       <author>Rivera, Martha</author>
       <title>AnyCompany Developer Guide</title>
     </AnyCompany>
   </book>
   <book id="bk102">
     <AnyCompany>
       <author>Stiles, John</author>
       <title>Style Guide for AnyCompany</title>
     </AnyCompany>
   </book>
</catalog>
"#;

#[tokio::test]
async fn the_elements_of_the_row_tag_are_records() {
    let table = table("AnyCompany", CATALOG).await;
    assert_eq!(columns(&table), "author string, title string");
    assert_eq!(table.parameters["classification"], "catalogue");
    assert_eq!(table.parameters["rowTag"], "AnyCompany");
    assert_eq!(table.parameters["recordCount"], "2");
}

#[tokio::test]
async fn attributes_inner_elements_and_repeated_ones_are_columns() {
    let text = "<songs><song id='1' rare='true'><title>Blue</title><by><name>Joni</name><born>1943</born></by>\
                <tag>folk</tag><tag>70s</tag><length unit='s'>183.5</length></song>\
                <song id='99999999999'><title>7</title><tag>pop</tag></song></songs>";
    let table = table("song", text).await;
    assert_eq!(
        columns(&table),
        "_id bigint, _rare boolean, title string, by struct<name:string,born:int>, \
         tag array<string>, length struct<_unit:string,_VALUE:double>"
    );
}

#[tokio::test]
async fn an_empty_element_is_no_record_and_an_empty_column_is_text() {
    let text = "<rows><row a='1'/><row a='2'><note/></row></rows>";
    let table = table("row", text).await;
    assert_eq!(columns(&table), "_a int, note string");
    assert_eq!(table.parameters["recordCount"], "1");
}

#[tokio::test]
async fn without_a_row_tag_the_document_is_the_record() {
    let table = lake()
        .with(
            "t/a",
            "<?xml version=\"1.0\"?>\n<song><title>Blue</title><year>1971</year></song>",
        )
        .await
        .table()
        .await;
    assert_eq!(columns(&table), "title string, year int");
    assert_eq!(table.parameters["classification"], "xml");
    assert_eq!(table.parameters["rowTag"], "song");
}

#[tokio::test]
async fn what_has_no_such_element_or_is_no_xml_is_not_taken() {
    for text in [
        "<a><b>1</b></a",
        "<a><b>1</c></a>",
        "<!DOCTYPE html><html><p>hello</html>",
    ] {
        let crawled = lake()
            .with("t/a", text)
            .await
            .options(rows("row"))
            .crawl()
            .await;
        assert!(names(&crawled).is_empty(), "{text}: {crawled:#?}");
        assert_eq!(crawled.warnings.len(), 1);
    }
}

#[tokio::test]
async fn elements_within_elements_without_end_are_no_table() {
    let crawled = lake()
        .with("t/a", "<a>".repeat(100_000))
        .await
        .crawl()
        .await;
    assert!(names(&crawled).is_empty());
}
