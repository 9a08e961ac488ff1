//! A table's fields: those that the file sets, and those that are live.

use aws_sdk_glue::types::{Column as GlueColumn, StorageDescriptor, Table as GlueTable};
use serde_json::{Map, Value, json};

use super::format::Format;
use super::keys::{Column, Keys};
use super::{column_type, projection};
use crate::resource::Fields;
use crate::resource::databases::sorted;

/// The fields that the file sets. Of an Iceberg table, those that its engine does not keep.
pub(super) fn desired(keys: &Keys) -> Fields {
    let mut fields = Fields::new();
    let mut set = |field: &str, value: Option<Value>| {
        if let Some(value) = value {
            fields.insert(field.to_owned(), value);
        }
    };
    set("description", keys.description.as_ref().map(|v| json!(v)));
    set("owner", keys.owner.as_ref().map(|v| json!(v)));
    set("retention", keys.retention.map(|v| json!(v)));
    set("location", keys.location.as_ref().map(|v| json!(v)));
    if keys.is_iceberg() {
        set("parameters.table_type", Some(json!("ICEBERG")));
        return fields;
    }
    set("table_type", keys.table_type.as_ref().map(|v| json!(v)));
    set(
        "additional_locations",
        keys.additional_locations.as_ref().map(|v| json!(v)),
    );
    let classes = keys.format.and_then(Format::classes);
    let or = |own: &Option<String>, of_format: Option<&'static str>| {
        own.clone()
            .or(of_format.map(str::to_owned))
            .map(Value::from)
    };
    set("serde", or(&keys.serde, classes.map(|c| c.serde)));
    set(
        "input_format",
        or(&keys.input_format, classes.map(|c| c.input_format)),
    );
    set(
        "output_format",
        or(&keys.output_format, classes.map(|c| c.output_format)),
    );
    set("serde_name", keys.serde_name.as_ref().map(|v| json!(v)));
    set("columns", keys.columns.as_ref().map(|v| json!(v)));
    if let Some(partition_keys) = &keys.partition_keys {
        set("partition_keys", Some(identities(partition_keys)));
        set("partition_keys.comment", comments(partition_keys));
        set("partition_keys.parameters", parameters_of(partition_keys));
    }
    set("compressed", keys.compressed.map(|v| json!(v)));
    set(
        "number_of_buckets",
        keys.number_of_buckets.map(|v| json!(v)),
    );
    set(
        "bucket_columns",
        keys.bucket_columns.as_ref().map(|v| json!(v)),
    );
    set("sort_columns", keys.sort_columns.as_ref().map(|v| json!(v)));
    set(
        "stored_as_sub_directories",
        keys.stored_as_sub_directories.map(|v| json!(v)),
    );
    set("skewed_info", keys.skewed_info.as_ref().map(|v| json!(v)));
    set(
        "schema_reference",
        keys.schema_reference.as_ref().map(|v| json!(v)),
    );
    set(
        "view_original_text",
        keys.view_original_text.as_ref().map(|v| json!(v)),
    );
    set(
        "view_expanded_text",
        keys.view_expanded_text.as_ref().map(|v| json!(v)),
    );
    set("target_table", keys.target_table.as_ref().map(|v| json!(v)));
    set(
        "projection",
        keys.projection
            .as_ref()
            .map(|columns| json!(projection::parameters(columns))),
    );
    set(
        "storage_location_template",
        keys.storage_location_template.as_ref().map(|v| json!(v)),
    );
    let mut maps = |field: &str, map: &std::collections::BTreeMap<String, String>| {
        for (key, value) in map {
            set(&format!("{field}.{key}"), Some(json!(value)));
        }
    };
    maps("serde_parameters", &keys.serde_parameters());
    maps("storage_parameters", &keys.storage_parameters);
    maps("parameters", &keys.derived_parameters());
    maps("parameters", &keys.parameters);
    fields
}

fn identities(columns: &[Column]) -> Value {
    let shown = |column: &Column| json!({ "name": column.name, "type": column.r#type });
    columns.iter().map(shown).collect()
}

fn comments(columns: &[Column]) -> Option<Value> {
    let said: Map<String, Value> = columns
        .iter()
        .filter_map(|column| {
            let comment = column.comment.as_ref()?;
            Some((column.name.to_string(), json!(comment)))
        })
        .collect();
    (!said.is_empty()).then_some(Value::Object(said))
}

fn parameters_of(columns: &[Column]) -> Option<Value> {
    let said = columns.iter().filter_map(|column| {
        let parameters = column.parameters.as_ref()?;
        Some((column.name.to_string(), json!(parameters)))
    });
    let said: Map<String, Value> = said.collect();
    (!said.is_empty()).then_some(Value::Object(said))
}

/// Everything live that could be desired.
pub(super) fn live(table: &GlueTable) -> Fields {
    let parameters = sorted(table.parameters.clone());
    let target = table.target_table().map(|target| {
        json!({
            "catalog_id": target.catalog_id(),
            "database_name": target.database_name(),
            "name": target.name(),
            "region": target.region(),
        })
    });
    let partition_keys: Value = table
        .partition_keys()
        .iter()
        .map(|key| json!({ "name": key.name, "type": key.r#type }))
        .collect();
    let comments: Map<String, Value> = table
        .partition_keys()
        .iter()
        .filter_map(|key| Some((key.name.clone(), json!(key.comment()?))))
        .collect();
    let key_parameters: Map<String, Value> = table
        .partition_keys()
        .iter()
        .filter_map(|key| Some((key.name.clone(), json!(key.parameters()?))))
        .collect();
    let projected: Map<String, Value> = parameters
        .iter()
        .filter_map(|(key, value)| {
            let name = key.strip_prefix(projection::PREFIX)?;
            Some((name.to_owned(), json!(value)))
        })
        .collect();
    let mut fields = Fields::from([
        ("description".to_owned(), json!(table.description)),
        ("owner".to_owned(), json!(table.owner)),
        ("retention".to_owned(), json!(table.retention)),
        ("table_type".to_owned(), json!(table.table_type)),
        ("partition_keys".to_owned(), partition_keys),
        ("partition_keys.comment".to_owned(), Value::Object(comments)),
        (
            "partition_keys.parameters".to_owned(),
            Value::Object(key_parameters),
        ),
        (
            "view_original_text".to_owned(),
            json!(table.view_original_text),
        ),
        (
            "view_expanded_text".to_owned(),
            json!(table.view_expanded_text),
        ),
        ("target_table".to_owned(), json!(target)),
        ("projection".to_owned(), Value::Object(projected)),
        (
            "storage_location_template".to_owned(),
            json!(parameters.get(projection::TEMPLATE)),
        ),
    ]);
    if let Some(storage) = table.storage_descriptor() {
        fields.extend(of_storage(storage));
    }
    for (key, value) in &parameters {
        fields.insert(format!("parameters.{key}"), json!(value));
    }
    fields
}

fn of_storage(storage: &StorageDescriptor) -> Fields {
    let info = storage.serde_info();
    let sort_columns: Value = storage
        .sort_columns()
        .iter()
        .map(|order| {
            let name = match order.sort_order {
                1 => "ascending",
                _ => "descending",
            };
            json!({ "column": order.column, "sort_order": name })
        })
        .collect();
    let skewed = storage.skewed_info().map(|skewed| {
        json!({
            "skewed_column_names": skewed.skewed_column_names(),
            "skewed_column_values": skewed.skewed_column_values(),
            "skewed_column_value_location_maps":
                sorted(skewed.skewed_column_value_location_maps.clone()),
        })
    });
    let reference = storage.schema_reference().map(|reference| {
        let id = reference.schema_id();
        json!({
            "schema_arn": id.and_then(|id| id.schema_arn()),
            "schema_name": id.and_then(|id| id.schema_name()),
            "registry_name": id.and_then(|id| id.registry_name()),
            "schema_version_id": reference.schema_version_id(),
            "schema_version_number": reference.schema_version_number(),
        })
    });
    let mut fields = Fields::from([
        ("location".to_owned(), json!(storage.location)),
        (
            "additional_locations".to_owned(),
            json!(storage.additional_locations),
        ),
        (
            "serde".to_owned(),
            json!(info.and_then(|info| info.serialization_library())),
        ),
        (
            "serde_name".to_owned(),
            json!(info.and_then(|info| info.name())),
        ),
        ("input_format".to_owned(), json!(storage.input_format)),
        ("output_format".to_owned(), json!(storage.output_format)),
        ("columns".to_owned(), shown_columns(storage.columns())),
        ("compressed".to_owned(), json!(storage.compressed)),
        (
            "number_of_buckets".to_owned(),
            json!(storage.number_of_buckets),
        ),
        ("bucket_columns".to_owned(), json!(storage.bucket_columns)),
        ("sort_columns".to_owned(), sort_columns),
        (
            "stored_as_sub_directories".to_owned(),
            json!(storage.stored_as_sub_directories),
        ),
        ("skewed_info".to_owned(), json!(skewed)),
        ("schema_reference".to_owned(), json!(reference)),
    ]);
    let serde_parameters = info.and_then(|info| info.parameters.clone());
    for (key, value) in sorted(serde_parameters) {
        fields.insert(format!("serde_parameters.{key}"), json!(value));
    }
    for (key, value) in sorted(storage.parameters.clone()) {
        fields.insert(format!("storage_parameters.{key}"), json!(value));
    }
    fields
}

fn shown_columns(columns: &[GlueColumn]) -> Value {
    columns
        .iter()
        .map(|column| {
            let mut shown = json!({ "name": column.name, "type": column.r#type });
            if let Some(comment) = column.comment().filter(|comment| !comment.is_empty()) {
                shown["comment"] = json!(comment);
            }
            let parameters = sorted(column.parameters.clone());
            if !parameters.is_empty() {
                shown["parameters"] = json!(parameters);
            }
            shown
        })
        .collect()
}

/// Whether two values of a field mean the same.
pub(super) fn same(field: &str, desired: &Value, live: &Value) -> bool {
    match field {
        "columns" | "partition_keys" => {
            let (desired, live) = (list(desired), list(live));
            desired.len() == live.len()
                && desired
                    .iter()
                    .zip(live)
                    .all(|(one, other)| same_column(one, other))
        }
        "projection" => normal_projection(desired) == normal_projection(live),
        // What the file does not say of it is not its business.
        "target_table"
        | "schema_reference"
        | "skewed_info"
        | "partition_keys.comment"
        | "partition_keys.parameters" => covers(desired, live),
        "location" => {
            let folder = |value: &Value| {
                let text = value.as_str().unwrap_or_default();
                text.trim_end_matches('/').to_owned()
            };
            folder(desired) == folder(live)
        }
        "parameters.table_type" => {
            let name = |value: &Value| value.as_str().unwrap_or_default().to_uppercase();
            name(desired) == name(live)
        }
        _ => desired == live,
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn same_column(desired: &Value, live: &Value) -> bool {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let said_and_same = |key: &str| match &desired[key] {
        Value::Null => true,
        // Neither said nor there.
        Value::String(comment) if comment.is_empty() => live[key].is_null(),
        said => *said == live[key],
    };
    text(&desired["name"]).eq_ignore_ascii_case(&text(&live["name"]))
        && column_type::same(&text(&desired["type"]), &text(&live["type"]))
        && said_and_same("comment")
        && said_and_same("parameters")
}

/// Whether all that is said in `desired` is so in `live`.
fn covers(desired: &Value, live: &Value) -> bool {
    let is_unset = |value: &Value| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    };
    desired
        .as_object()
        .into_iter()
        .flatten()
        .all(|(key, value)| {
            let there = live.get(key).unwrap_or(&Value::Null);
            value == there || (is_unset(value) && (value.is_null() || is_unset(there)))
        })
}

fn normal_projection(parameters: &Value) -> Vec<(String, String)> {
    let mut normal: Vec<(String, String)> = parameters
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| {
            let value = value.as_str().unwrap_or_default();
            (name.clone(), projection::normal(name, value))
        })
        .collect();
    normal.sort();
    normal
}
