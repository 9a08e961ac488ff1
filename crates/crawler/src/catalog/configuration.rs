//! What the JSON in a crawler's `Configuration` says.
//!
//! Source: AWS Glue developer guide, "Setting crawler configuration options".

use serde_json::Value;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Configuration {
    /// `InheritFromTable`: partitions have their table's columns and format.
    pub inherit_from_table: bool,
    /// `MergeNewColumns`: columns are only added.
    pub merge_new_columns: bool,
    pub table_threshold: Option<u64>,
    pub combine_compatible_schemas: bool,
    pub table_level: Option<u32>,
    /// `CreatePartitionIndex`: no index is made of the keys of a new table.
    pub no_partition_index: bool,
}

impl Configuration {
    /// Reads it, nothing being said by an empty text; fails with what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let document: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        match document.get("Version") {
            Some(Value::Number(n)) if n.as_f64() == Some(1.0) => {}
            Some(Value::String(s)) if s == "1.0" => {}
            Some(other) => return Err(format!("the version {other} is not 1.0")),
            None => return Err("Version is missing".to_owned()),
        }
        let mut found = Self::default();
        for (path, value) in leaves(&document) {
            let text = value.as_str();
            match (path.as_str(), text) {
                ("Version", _) => {}
                ("CrawlerOutput.Partitions.AddOrUpdateBehavior", Some("InheritFromTable")) => {
                    found.inherit_from_table = true;
                }
                ("CrawlerOutput.Tables.AddOrUpdateBehavior", Some("MergeNewColumns")) => {
                    found.merge_new_columns = true;
                }
                ("CrawlerOutput.Tables.TableThreshold", _) if value.is_u64() => {
                    found.table_threshold = value.as_u64();
                }
                ("Grouping.TableGroupingPolicy", Some("CombineCompatibleSchemas")) => {
                    found.combine_compatible_schemas = true;
                }
                ("Grouping.TableLevelConfiguration", _)
                    if value.as_u64().is_some_and(|n| n >= 1) =>
                {
                    found.table_level = value.as_u64().and_then(|n| u32::try_from(n).ok());
                }
                ("CreatePartitionIndex", _) if value.is_boolean() => {
                    found.no_partition_index = *value == Value::Bool(false);
                }
                (known, _) if OBJECTS.contains(&known) && value.is_object() => {}
                (known, _) if OBJECTS.contains(&known) || VALUES.contains(&known) => {
                    return Err(format!("{path} cannot be {value}"));
                }
                _ => return Err(format!("there is no {path}")),
            }
        }
        Ok(found)
    }

    /// Fails, in Glue's words, if there are more tables than the crawler may find.
    pub fn check_threshold(&self, tables: usize) -> Result<(), String> {
        match self.table_threshold {
            Some(most) if tables as u64 > most => Err(format!(
                "The number of tables detected by crawler: {tables} is greater than the table \
                 threshold value provided: {most}."
            )),
            _ => Ok(()),
        }
    }
}

/// What a configuration has values in, and its values.
const OBJECTS: [&str; 4] = [
    "CrawlerOutput",
    "CrawlerOutput.Partitions",
    "CrawlerOutput.Tables",
    "Grouping",
];
const VALUES: [&str; 6] = [
    "CrawlerOutput.Partitions.AddOrUpdateBehavior",
    "CrawlerOutput.Tables.AddOrUpdateBehavior",
    "CrawlerOutput.Tables.TableThreshold",
    "Grouping.TableGroupingPolicy",
    "Grouping.TableLevelConfiguration",
    "CreatePartitionIndex",
];

/// The values in a document that have none in them, with the names on the way to them.
fn leaves(document: &Value) -> Vec<(String, &Value)> {
    let members = match document {
        Value::Object(members) if !members.is_empty() => members,
        _ => return vec![(String::new(), document)],
    };
    let mut found = Vec::new();
    for (name, value) in members {
        for (path, leaf) in leaves(value) {
            let path = if path.is_empty() {
                name.clone()
            } else {
                format!("{name}.{path}")
            };
            found.push((path, leaf));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_says_its_version_and_what_it_knows() {
        let found = Configuration::parse(
            r#"{"Version": 1.0, "CrawlerOutput": {
                "Partitions": {"AddOrUpdateBehavior": "InheritFromTable"},
                "Tables": {"AddOrUpdateBehavior": "MergeNewColumns", "TableThreshold": 5}},
                "Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas", "TableLevelConfiguration": 2}}"#,
        );
        let expected = Configuration {
            inherit_from_table: true,
            merge_new_columns: true,
            table_threshold: Some(5),
            combine_compatible_schemas: true,
            table_level: Some(2),
            no_partition_index: false,
        };
        assert_eq!(found, Ok(expected));
        assert_eq!(Configuration::parse(""), Ok(Configuration::default()));
        for (index, no_partition_index) in [("true", false), ("false", true)] {
            let text = format!(r#"{{"Version": 1.0, "CreatePartitionIndex": {index}}}"#);
            let found = Configuration::parse(&text).unwrap();
            assert_eq!(found.no_partition_index, no_partition_index);
        }
        let nothing = r#"{"Version": 1.0, "CrawlerOutput": {"Tables": {}}, "Grouping": {}}"#;
        assert_eq!(Configuration::parse(nothing), Ok(Configuration::default()));
        for wrong in [
            "{",
            "{}",
            "not json",
            r#"{"Version": 2.0}"#,
            r#"{"Version": 1.0, "Grouping": {"TableGroupingPolicy": "Guess"}}"#,
            r#"{"Version": 1.0, "CrawlerOutput": {"Tables": {"TableThreshold": "5"}}}"#,
            r#"{"Version": 1.0, "CrawlerOutput": {"Nope": {}}}"#,
            r#"{"Version": 1.0, "CrawlerOutput": {"Nope": {"AddOrUpdateBehavior": "InheritFromTable"}}}"#,
            r#"{"Version": 1.0, "CrawlerOutput": "Tables"}"#,
        ] {
            assert!(Configuration::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn more_tables_than_the_threshold_are_refused() {
        let configuration = Configuration {
            table_threshold: Some(2),
            ..Configuration::default()
        };
        assert_eq!(configuration.check_threshold(2), Ok(()));
        let said = configuration.check_threshold(3).unwrap_err();
        assert!(said.ends_with("threshold value provided: 2."), "{said}");
        assert_eq!(Configuration::default().check_threshold(1000), Ok(()));
    }
}
