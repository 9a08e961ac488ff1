//! Classifiers in the embedded cloud.

use aws_sdk_glue::types::{CreateJsonClassifierRequest, UpdateCsvClassifierRequest};

use crate::engine::Action;
use crate::resource::world::World;

#[tokio::test]
async fn every_field_is_set_changed_and_left() {
    let lines = r#"
        csv.delimiter | delimiter = ';' | delimiter = '|'
        csv.quote_symbol | quote_symbol = '"' | quote_symbol = "'"
        csv.contains_header | contains_header = 'PRESENT' | contains_header = 'ABSENT'
        csv.header | header = ['id'] | header = ['id', 'title']
        csv.disable_value_trimming | disable_value_trimming = true | disable_value_trimming = false
        csv.allow_single_column | allow_single_column = true | allow_single_column = false
        csv.custom_datatype_configured | custom_datatype_configured = true | custom_datatype_configured = false
        csv.custom_datatypes | custom_datatype_configured = true, custom_datatypes = ['INT'] | custom_datatype_configured = true, custom_datatypes = ['LONG', 'STRING']
        csv.serde | serde = 'OpenCSVSerDe' | serde = 'LazySimpleSerDe'
        json.json_path | json_path = '$[*]' | json_path = '$.songs[*]'
        grok.classification | classification = 'a', grok_pattern = '%{WORD:a}' | classification = 'b', grok_pattern = '%{WORD:a}'
        grok.grok_pattern | classification = 'a', grok_pattern = '%{WORD:a}' | classification = 'a', grok_pattern = '%{WORD:b}'
        grok.custom_patterns | classification = 'a', grok_pattern = '%{A:a}', custom_patterns = 'A a' | classification = 'a', grok_pattern = '%{A:a}', custom_patterns = 'A b'
        xml.classification | classification = 'a', row_tag = 'r' | classification = 'b', row_tag = 'r'
        xml.row_tag | classification = 'a', row_tag = 'r' | classification = 'a', row_tag = 's'
    "#;
    for line in lines.lines().filter(|line| line.contains(" | ")) {
        let parts: Vec<&str> = line.trim().split(" | ").collect();
        let [path, first, then] = parts.as_slice() else {
            panic!("{line}");
        };
        let (kind, key) = path.split_once('.').expect("a dot");
        // What a type needs stays in the file.
        let left = match (kind, key) {
            ("csv", _) => "",
            ("grok", "custom_patterns") => "classification = 'a', grok_pattern = '%{A:a}'",
            ("xml", "row_tag") => "classification = 'a'",
            _ => then,
        };
        let world = World::new().await;
        let with = |members: &str| format!("[classifiers.c]\n{kind} = {{ {members} }}\n");
        world.up(&with(first)).await;
        let changes = world.up(&with(then)).await.lines();
        assert_eq!(changes, [format!("~ classifiers.c {path}")]);
        assert!(world.changes(&with(left)).await.is_empty(), "{line}");
    }
}

#[tokio::test]
async fn another_type_is_another_classifier() {
    let world = World::new().await;
    world.up("[classifiers.c]\ncsv = {}\n").await;
    let changes = world
        .up("[classifiers.c]\njson = { json_path = '$[*]' }\n")
        .await
        .lines();
    let symbol = Action::Replace.symbol();
    assert!(
        changes.contains(&format!("{symbol} classifiers.c type")),
        "{changes:?}"
    );
}

#[tokio::test]
async fn drift_is_put_right_and_what_is_not_managed_is_left() {
    let world = World::new().await;
    let tables = "[classifiers.c]\ncsv = { delimiter = ';' }\n";
    world.up(tables).await;
    let by_hand = UpdateCsvClassifierRequest::builder()
        .name("athglue/films/c")
        .delimiter("|")
        .allow_single_column(true)
        .build()
        .expect("it has a name");
    let update = world.cloud.glue.update_classifier();
    update
        .csv_classifier(by_hand)
        .send()
        .await
        .expect("updated");
    assert_eq!(
        world.up(tables).await.lines(),
        ["~ classifiers.c csv.delimiter"]
    );
    let get = world.cloud.glue.get_classifier().name("athglue/films/c");
    let live = get.send().await.expect("there").classifier.expect("there");
    let csv = live.csv_classifier.expect("of CSV");
    assert_eq!(csv.allow_single_column, Some(true));
}

#[tokio::test]
async fn a_stacks_own_classifiers_are_known_by_their_name_and_no_others_are_touched() {
    let world = World::new().await;
    for name in ["theirs", "athglue/films-prod/c", "athglue/other/c"] {
        let request = CreateJsonClassifierRequest::builder().name(name);
        let request = request.json_path("$[*]").build().expect("it is whole");
        let create = world.cloud.glue.create_classifier();
        create
            .json_classifier(request)
            .send()
            .await
            .expect("created");
    }
    world
        .up("[classifiers.a]\ncsv = {}\n[classifiers.b]\ncsv = {}\n")
        .await;
    assert_eq!(
        world.up("[classifiers.a]\ncsv = {}\n").await.lines(),
        ["- classifiers.b"]
    );
    assert_eq!(world.destroy("").await.lines(), ["- classifiers.a"]);
    let left = world
        .cloud
        .glue
        .get_classifiers()
        .send()
        .await
        .expect("some");
    assert_eq!(left.classifiers().len(), 3);
}

#[tokio::test]
async fn mistakes_are_found_before_any_call() {
    let world = World::new().await;
    for (lines, said) in [
        ("", "what the classifier recognises is missing"),
        ("csv = {}\nxml = { classification = 'a' }", "is of one type"),
        (
            "csv = { delimiter = ';', quote_symbol = ';' }",
            "another character",
        ),
        ("csv = { delimiter = ';;' }", "not valid"),
        (
            "csv = { custom_datatypes = ['INT'] }",
            "types are not looked at",
        ),
        ("csv = { contains_header = 'MAYBE' }", "cannot be"),
        (
            "grok = { classification = 'a' }",
            "`grok_pattern` is missing",
        ),
    ] {
        let found = world
            .resolve(&format!("[classifiers.c]\n{lines}\n"))
            .expect_err(said);
        assert!(found.contains(said), "{found}");
    }
}
