//! What a table or a partition becomes when a crawl has looked at its data again.
//!
//! Source: AWS Glue developer guide, "Setting crawler configuration options": by default new
//! columns are added, missing ones removed and changed ones changed; with `MergeNewColumns` columns
//! are only added, and the formats stay. Comments, and parameters that no crawler writes, stay.

use std::collections::BTreeMap;

use ::crawler::Format;

use crate::model::glue::*;

pub(super) const UPDATED_BY: &str = "UPDATED_BY_CRAWLER";
pub(super) const DEPRECATED_BY: &str = "DEPRECATED_BY_CRAWLER";

/// The parameters that crawlers write: one that the data no longer gives is taken away.
const WRITTEN: [&str; 17] = [
    "classification",
    "compressionType",
    "typeOfData",
    "sizeKey",
    "objectCount",
    "recordCount",
    "averageRecordSize",
    "skip.header.line.count",
    "delimiter",
    "columnsOrdered",
    "areColumnsQuoted",
    "jsonPath",
    "rowTag",
    "grokPattern",
    "grokCustomPatterns",
    UPDATED_BY,
    DEPRECATED_BY,
];

type Parameters = BTreeMap<String, String>;

/// The columns, location, format and parameters that a crawl found.
pub(super) struct Found<'a> {
    pub columns: &'a [::crawler::Column],
    pub location: &'a str,
    pub format: &'a Format,
    pub parameters: Parameters,
}

pub(super) fn columns(found: &[::crawler::Column]) -> Vec<Column> {
    found
        .iter()
        .map(|c| Column {
            name: c.name.clone(),
            r#type: Some(c.data_type.clone()),
            ..Default::default()
        })
        .collect()
}

/// Columns that are there, in their order and with their comments, and the new ones behind them.
pub(super) fn merged_columns(
    old: &[Column],
    found: &[::crawler::Column],
    only_add: bool,
) -> Vec<Column> {
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    let mut merged: Vec<Column> = old
        .iter()
        .filter_map(|column| {
            if only_add {
                return Some(column.clone());
            }
            let now = found.iter().find(|f| same(&f.name, &column.name))?;
            Some(Column {
                r#type: Some(now.data_type.clone()),
                ..column.clone()
            })
        })
        .collect();
    let new: Vec<::crawler::Column> = found
        .iter()
        .filter(|f| !merged.iter().any(|c| same(&c.name, &f.name)))
        .cloned()
        .collect();
    merged.extend(columns(&new));
    merged
}

/// Parameters with what the crawl found in place of what crawlers wrote before.
pub(super) fn merged_parameters(old: Option<&Parameters>, found: &Parameters) -> Parameters {
    let mut merged = old.cloned().unwrap_or_default();
    merged.retain(|key, _| !WRITTEN.contains(&key.as_str()));
    merged.extend(found.clone());
    merged
}

/// The storage descriptor of something new.
pub(super) fn new_descriptor(found: &Found<'_>) -> StorageDescriptor {
    StorageDescriptor {
        columns: Some(columns(found.columns)),
        location: Some(found.location.to_owned()),
        input_format: Some(found.format.input_format.clone()),
        output_format: Some(found.format.output_format.clone()),
        compressed: Some(is_compressed(&found.parameters)),
        number_of_buckets: Some(-1),
        serde_info: Some(SerDeInfo {
            serialization_library: Some(found.format.serialization_library.clone()),
            parameters: Some(found.format.serde_parameters.clone()),
            ..Default::default()
        }),
        bucket_columns: Some(Vec::new()),
        sort_columns: Some(Vec::new()),
        parameters: Some(found.parameters.clone()),
        stored_as_sub_directories: Some(false),
        ..Default::default()
    }
}

fn is_compressed(parameters: &Parameters) -> bool {
    parameters
        .get("compressionType")
        .is_some_and(|c| c != "none")
}

/// What a storage descriptor becomes.
pub(super) fn merged_descriptor(
    old: Option<&StorageDescriptor>,
    found: &Found<'_>,
    only_add: bool,
) -> StorageDescriptor {
    let Some(old) = old else {
        return new_descriptor(found);
    };
    let mut merged = old.clone();
    merged.columns = Some(merged_columns(
        old.columns.as_deref().unwrap_or_default(),
        found.columns,
        only_add,
    ));
    merged.location = Some(kept_location(old.location.as_deref(), found.location));
    merged.parameters = Some(merged_parameters(
        old.parameters.as_ref(),
        &found.parameters,
    ));
    merged.compressed = Some(is_compressed(&found.parameters));
    if only_add && old.input_format.is_some() {
        return merged;
    }
    merged.input_format = Some(found.format.input_format.clone());
    merged.output_format = Some(found.format.output_format.clone());
    let serde = merged.serde_info.get_or_insert_default();
    let library = Some(found.format.serialization_library.clone());
    let mut parameters = found.format.serde_parameters.clone();
    if serde.serialization_library == library {
        for (key, value) in serde.parameters.take().unwrap_or_default() {
            parameters.entry(key).or_insert(value);
        }
    }
    serde.serialization_library = library;
    serde.parameters = Some(parameters);
    merged
}

/// A location that differs only in the slash at its end is the same.
fn kept_location(old: Option<&str>, found: &str) -> String {
    match old {
        Some(old) if old.trim_end_matches('/') == found.trim_end_matches('/') => old.to_owned(),
        _ => found.to_owned(),
    }
}

/// A table as the input that would make it.
pub(super) fn input_of(table: &Table) -> TableInput {
    TableInput {
        name: table.name.clone(),
        description: table.description.clone(),
        owner: table.owner.clone(),
        last_access_time: table.last_access_time,
        last_analyzed_time: table.last_analyzed_time,
        retention: table.retention,
        storage_descriptor: table.storage_descriptor.clone(),
        partition_keys: table.partition_keys.clone(),
        view_original_text: table.view_original_text.clone(),
        view_expanded_text: table.view_expanded_text.clone(),
        table_type: table.table_type.clone(),
        parameters: table.parameters.clone(),
        target_table: table.target_table.clone(),
        view_definition: None,
    }
}

/// A partition as the input that would make it.
pub(super) fn partition_input_of(partition: &Partition) -> PartitionInput {
    PartitionInput {
        values: partition.values.clone(),
        last_access_time: partition.last_access_time,
        storage_descriptor: partition.storage_descriptor.clone(),
        parameters: partition.parameters.clone(),
        last_analyzed_time: partition.last_analyzed_time,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(columns: &[(&str, &str)]) -> Vec<::crawler::Column> {
        columns
            .iter()
            .map(|(name, kind)| ::crawler::Column {
                name: (*name).to_owned(),
                data_type: (*kind).to_owned(),
            })
            .collect()
    }

    fn shown(columns: &[Column]) -> Vec<String> {
        columns
            .iter()
            .map(|c| format!("{} {}", c.name, c.r#type.as_deref().unwrap_or_default()))
            .collect()
    }

    #[test]
    fn new_columns_go_last_and_comments_stay() {
        let mut old = columns(&found(&[("b", "int"), ("a", "string"), ("gone", "int")]));
        old[0].comment = Some("the b".to_owned());
        let now = found(&[("a", "string"), ("B", "bigint"), ("c", "double")]);
        let merged = merged_columns(&old, &now, false);
        assert_eq!(shown(&merged), ["b bigint", "a string", "c double"]);
        assert_eq!(merged[0].comment.as_deref(), Some("the b"));
        let added = merged_columns(&old, &now, true);
        assert_eq!(shown(&added), ["b int", "a string", "gone int", "c double"]);
    }

    #[test]
    fn parameters_that_no_crawler_writes_stay() {
        let of = |pairs: &[(&str, &str)]| -> Parameters {
            pairs
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect()
        };
        let old = of(&[
            ("owner", "ann"),
            ("delimiter", ","),
            (DEPRECATED_BY, "1"),
            ("classification", "csv"),
        ]);
        let merged = merged_parameters(Some(&old), &of(&[("classification", "json")]));
        assert_eq!(merged, of(&[("owner", "ann"), ("classification", "json")]));
    }
}
