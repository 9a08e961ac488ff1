use super::*;
use crate::catalog::{Configuration, Gone};

fn columns(columns: &[(&str, &str)]) -> Vec<Column> {
    columns
        .iter()
        .map(|(name, data_type)| Column {
            name: (*name).to_owned(),
            data_type: (*data_type).to_owned(),
        })
        .collect()
}

fn rules(configuration: Configuration) -> Rules {
    Rules {
        crawler: "c".to_owned(),
        updates: true,
        gone: Gone::Log,
        configuration,
        roots: Vec::new(),
    }
}

fn format(library: &str) -> Format {
    Format {
        input_format: "in".to_owned(),
        output_format: "out".to_owned(),
        serialization_library: library.to_owned(),
        serde_parameters: BTreeMap::from([("field.delim".to_owned(), ",".to_owned())]),
        by_place: library != "serde",
    }
}

fn found<'a>(columns: &'a [Column], format: &'a Format) -> Found<'a> {
    Found {
        columns,
        partition_keys: &[],
        location: "s3://lake/t/",
        format,
        parameters: Parameters::new(),
    }
}

#[test]
fn what_is_found_again_as_it_was_changes_nothing() {
    let (columns, format) = (columns(&[("a", "int")]), format("serde"));
    let found = found(&columns, &format);
    let rules = rules(Configuration::default());
    let mut old = Definition::new(&found);
    let storage = old.storage.as_mut().unwrap();
    storage.location = Some("s3://lake/t".to_owned());
    storage
        .serde_parameters
        .insert("quoteChar".to_owned(), "'".to_owned());
    assert_eq!(old.merged(&found, &rules), old);
}

#[test]
fn settings_of_another_serde_go_with_it() {
    let (columns, format) = (columns(&[("a", "int")]), format("serde"));
    let found = found(&columns, &format);
    let mut old = Definition::new(&found);
    let storage = old.storage.as_mut().unwrap();
    storage.serialization_library = Some("other".to_owned());
    storage
        .serde_parameters
        .insert("quoteChar".to_owned(), "'".to_owned());
    let merged = old.merged(&found, &rules(Configuration::default()));
    assert_eq!(merged, Definition::new(&found));
    let only_adds = Configuration {
        merge_new_columns: true,
        ..Configuration::default()
    };
    assert_eq!(old.merged(&found, &rules(only_adds)), old);
}

fn names(definition: &Definition) -> Vec<&str> {
    let columns = definition.storage.iter().flat_map(|one| &one.columns);
    columns.map(|column| &*column.name).collect()
}

#[test]
fn columns_known_by_their_place_come_in_the_order_of_the_data() {
    let before = columns(&[("id", "int"), ("Name", "string"), ("gone", "int")]);
    let now = columns(&[("city", "string"), ("id", "int"), ("name", "string")]);
    let only_adds = rules(Configuration {
        merge_new_columns: true,
        ..Configuration::default()
    });
    let misplaced = |library: &str, setting: Option<(&str, &str)>| {
        let format = format(library);
        let mut old = Definition::new(&found(&before, &format));
        let settings = &mut old.storage.as_mut().unwrap().serde_parameters;
        settings.extend(setting.map(|(key, value)| (key.to_owned(), value.to_owned())));
        let found = found(&now, &format);
        let merged = old.merged(&found, &rules(Configuration::default()));
        assert_eq!(merged.misplaced(&found), None);
        let added = old.merged(&found, &only_adds);
        assert_eq!(names(&added), ["id", "Name", "gone", "city"]);
        let is_warned_of = added.misplaced(&found).is_some();
        let names = names(&merged).join(" ");
        (names, is_warned_of)
    };
    let by_place = ("city id Name".to_owned(), true);
    let by_name = ("id Name city".to_owned(), false);
    assert_eq!(misplaced("csv", None), by_place);
    assert_eq!(misplaced("serde", None), by_name);
    let access = |value| Some(("orc.column.index.access", value));
    assert_eq!(misplaced("x.OrcSerde", access("false")), by_name);
    assert_eq!(misplaced("x.OrcSerde", access("TRUE")), by_place);
}

#[test]
fn a_table_whose_data_is_of_another_kind_is_deprecated_where_columns_are_only_added() {
    let (columns, format) = (columns(&[("a", "int")]), format("serde"));
    let of = |classification: &str| Found {
        parameters: [("classification", classification), ("delimiter", ",")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
        ..found(&columns, &format)
    };
    let only_adds = rules(Configuration {
        merge_new_columns: true,
        ..Configuration::default()
    });
    let old = Definition::new(&of("csv"));
    let mut deprecated = old.merged(&of("json"), &only_adds);
    assert_eq!(deprecated.merged(&of("json"), &only_adds), deprecated);
    let partition = old.merged_partition(&of("json"), None, &only_adds);
    assert_eq!(partition, old);
    assert_eq!(deprecated.merged(&of("csv"), &only_adds), old);
    let mark = deprecated.parameters.remove(DEPRECATED_BY).unwrap();
    assert!(mark.parse::<u64>().unwrap() > 1_000_000_000_000, "{mark}");
    assert_eq!(deprecated, old);
    let updated = old.merged(&of("json"), &rules(Configuration::default()));
    assert_eq!(updated.parameters["classification"], "json");
}

#[test]
fn a_format_without_classes_sets_none() {
    let (columns, format) = (columns(&[("a", "int")]), Format::default());
    let found = found(&columns, &format);
    let new = Definition::new(&found);
    let storage = new.storage.clone().unwrap();
    assert_eq!(storage.serialization_library, None);
    assert_eq!((storage.input_format, storage.output_format), (None, None));
    assert_eq!(new.merged(&found, &rules(Configuration::default())), new);
}

#[test]
fn a_partition_that_inherits_is_as_its_table_is() {
    let (of_table, format) = (columns(&[("a", "int"), ("b", "int")]), format("serde"));
    let table = Storage::new(&found(&of_table, &format));
    let own = columns(&[("a", "int")]);
    let partition = Found {
        location: "s3://lake/t/day=1/",
        ..found(&own, &format)
    };
    let rules = rules(Configuration {
        inherit_from_table: true,
        ..Configuration::default()
    });
    let new = Definition::new_partition(&partition, Some(&table), &rules);
    let storage = new.storage.clone().unwrap();
    assert_eq!(storage.columns, of_table);
    assert_eq!(storage.location.as_deref(), Some("s3://lake/t/day=1/"));
    let again = new.merged_partition(&partition, Some(&table), &rules);
    assert_eq!(again, new);
}
