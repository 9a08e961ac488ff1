//! A crawler's configuration: JSON in a string to the API, a table in the file, compared by what
//! it means.
//!
//! Source: <https://docs.aws.amazon.com/glue/latest/dg/crawler-configuration.html>

use serde_json::{Map, Value, json};

/// The configuration as Glue takes it. Without one, what says that all is as by default: an update
/// that leaves the configuration out keeps the live one.
pub(super) fn text(configuration: Option<&Map<String, Value>>) -> String {
    let mut configuration = configuration.cloned().unwrap_or_default();
    configuration.entry("Version").or_insert_with(|| json!(1.0));
    Value::Object(configuration).to_string()
}

/// The configuration as a table, without its version: what a user sees of it.
pub(super) fn shown(text: Option<&str>) -> Value {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Value::Null;
    };
    match serde_json::from_str(text) {
        Ok(Value::Object(mut members)) => {
            members.shift_remove("Version");
            Value::Object(members)
        }
        // What is no JSON is shown as it is, and is another configuration than any of the file.
        _ => json!(text),
    }
}

/// Whether two configurations mean the same. A crawler of catalog tables combines compatible
/// schemas without being told.
pub(super) fn same(one: &Value, other: &Value, of_catalog: bool) -> bool {
    normal(one, of_catalog) == normal(other, of_catalog)
}

/// Without what says nothing: the version, empty tables, defaults.
fn normal(configuration: &Value, of_catalog: bool) -> Value {
    let mut configuration = configuration.clone();
    if let Some(members) = configuration.as_object_mut() {
        members.shift_remove("Version");
        if members.get("CreatePartitionIndex") == Some(&json!(false)) {
            members.shift_remove("CreatePartitionIndex");
        }
        if of_catalog && let Some(Value::Object(grouping)) = members.get_mut("Grouping") {
            let policy = grouping.get("TableGroupingPolicy").and_then(Value::as_str);
            if policy == Some("CombineCompatibleSchemas") {
                grouping.shift_remove("TableGroupingPolicy");
            }
        }
    }
    pruned(configuration).unwrap_or_default()
}

/// Without empty tables at any depth, with numbers of one form and members in one order.
fn pruned(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Object(members) => {
            let mut members: Vec<(String, Value)> = members
                .into_iter()
                .filter_map(|(name, value)| Some((name, pruned(value)?)))
                .collect();
            members.sort_by(|one, other| one.0.cmp(&other.0));
            (!members.is_empty()).then(|| Value::Object(members.into_iter().collect()))
        }
        Value::Number(number) => Some(json!(number.as_f64())),
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configurations_are_compared_by_what_they_mean() {
        for (one, other) in [
            (json!(null), json!({})),
            (json!(null), json!({"Version": 1.0, "CrawlerOutput": {}})),
            (
                json!({"CreatePartitionIndex": false}),
                json!({"Version": "1.0"}),
            ),
            (
                json!({"CrawlerOutput": {"Tables": {"TableThreshold": 5}}, "Version": 1.0}),
                json!({"Version": 1, "CrawlerOutput": {"Tables": {"TableThreshold": 5.0}, "Partitions": {}}}),
            ),
        ] {
            assert!(same(&one, &other, false), "{one} and {other}");
        }
        let combine = json!({"Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas"}});
        assert!(!same(&combine, &json!(null), false));
        assert!(same(&combine, &json!(null), true));
    }

    #[test]
    fn none_is_written_as_all_by_default() {
        assert_eq!(text(None), r#"{"Version":1.0}"#);
        assert_eq!(shown(Some(r#"{"Version":1.0}"#)), json!({}));
        assert_eq!(shown(Some("")), Value::Null);
    }
}
