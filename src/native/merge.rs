//! What a table or a partition becomes when a crawl has looked at its data again.
//!
//! Source: AWS Glue developer guide, "Setting crawler configuration options": by default new
//! columns are added, missing ones removed and changed ones changed; with `MergeNewColumns` columns
//! are only added, and the formats stay. Comments, and parameters that no crawler writes, stay.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_glue::types::{
    Column, Partition, PartitionInput, SerDeInfo, StorageDescriptor, Table, TableInput,
};
use crawler::Format;

use crate::resource::CallError;

pub const UPDATED_BY: &str = "UPDATED_BY_CRAWLER";
pub const DEPRECATED_BY: &str = "DEPRECATED_BY_CRAWLER";

/// The parameters that crawlers write: one that the data no longer gives is taken away.
const WRITTEN: [&str; 13] = [
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
    UPDATED_BY,
    DEPRECATED_BY,
];

type Parameters = HashMap<String, String>;

/// The columns, location, format and parameters that a crawl found.
pub struct Found<'a> {
    pub columns: &'a [crawler::Column],
    pub location: &'a str,
    pub format: &'a Format,
    pub parameters: Parameters,
}

pub fn parameters(found: &BTreeMap<String, String>) -> Parameters {
    let pairs = found.iter();
    pairs.map(|(k, v)| (k.clone(), v.clone())).collect()
}

pub fn columns(found: &[crawler::Column]) -> Result<Vec<Column>, CallError> {
    let made = found.iter().map(|column| {
        let built = Column::builder()
            .name(&column.name)
            .r#type(&column.data_type)
            .build();
        built.map_err(|error| CallError::here("CreateTable", error.to_string()))
    });
    made.collect()
}

/// Columns that are there, in their order and with their comments, and the new ones behind them.
pub fn merged_columns(
    old: &[Column],
    found: &[crawler::Column],
    only_adds: bool,
) -> Result<Vec<Column>, CallError> {
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    let mut merged: Vec<Column> = Vec::new();
    for column in old {
        let now = found.iter().find(|f| same(&f.name, column.name()));
        let mut column = column.clone();
        match now {
            Some(now) if !only_adds => column.r#type = Some(now.data_type.clone()),
            None if !only_adds => continue,
            _ => {}
        }
        merged.push(column);
    }
    let new: Vec<crawler::Column> = found
        .iter()
        .filter(|f| !merged.iter().any(|c| same(c.name(), &f.name)))
        .cloned()
        .collect();
    merged.extend(columns(&new)?);
    Ok(merged)
}

/// Parameters with what the crawl found in place of what crawlers wrote before.
pub fn merged_parameters(old: Option<&Parameters>, found: &Parameters) -> Parameters {
    let mut merged = old.cloned().unwrap_or_default();
    merged.retain(|key, _| !WRITTEN.contains(&key.as_str()));
    merged.extend(found.clone());
    merged
}

/// The storage descriptor of something new.
pub fn new_descriptor(found: &Found<'_>) -> Result<StorageDescriptor, CallError> {
    let serde = SerDeInfo::builder()
        .serialization_library(&found.format.serialization_library)
        .set_parameters(Some(parameters(&found.format.serde_parameters)))
        .build();
    Ok(StorageDescriptor::builder()
        .set_columns(Some(columns(found.columns)?))
        .location(found.location)
        .input_format(&found.format.input_format)
        .output_format(&found.format.output_format)
        .compressed(is_compressed(&found.parameters))
        .number_of_buckets(-1)
        .serde_info(serde)
        .set_bucket_columns(Some(Vec::new()))
        .set_sort_columns(Some(Vec::new()))
        .set_parameters(Some(found.parameters.clone()))
        .stored_as_sub_directories(false)
        .build())
}

fn is_compressed(parameters: &Parameters) -> bool {
    parameters
        .get("compressionType")
        .is_some_and(|c| c != "none")
}

/// What a storage descriptor becomes.
pub fn merged_descriptor(
    old: Option<&StorageDescriptor>,
    found: &Found<'_>,
    only_adds: bool,
) -> Result<StorageDescriptor, CallError> {
    let Some(old) = old else {
        return new_descriptor(found);
    };
    let mut merged = old.clone();
    merged.columns = Some(merged_columns(old.columns(), found.columns, only_adds)?);
    merged.location = Some(kept_location(old.location(), found.location));
    merged.parameters = Some(merged_parameters(old.parameters(), &found.parameters));
    merged.compressed = is_compressed(&found.parameters);
    if only_adds && old.input_format().is_some() {
        return Ok(merged);
    }
    merged.input_format = Some(found.format.input_format.clone());
    merged.output_format = Some(found.format.output_format.clone());
    let mut serde = merged
        .serde_info
        .take()
        .unwrap_or_else(|| SerDeInfo::builder().build());
    let library = Some(found.format.serialization_library.clone());
    let mut settings = parameters(&found.format.serde_parameters);
    if serde.serialization_library == library {
        for (key, value) in serde.parameters.take().unwrap_or_default() {
            settings.entry(key).or_insert(value);
        }
    }
    serde.serialization_library = library;
    serde.parameters = Some(settings);
    merged.serde_info = Some(serde);
    Ok(merged)
}

/// A location that differs only in the slash at its end is the same.
fn kept_location(old: Option<&str>, found: &str) -> String {
    match old {
        Some(old) if old.trim_end_matches('/') == found.trim_end_matches('/') => old.to_owned(),
        _ => found.to_owned(),
    }
}

/// A table as the input that would make it.
pub fn input_of(table: &Table) -> Result<TableInput, CallError> {
    let built = TableInput::builder()
        .name(table.name())
        .set_description(table.description.clone())
        .set_owner(table.owner.clone())
        .set_last_access_time(table.last_access_time)
        .set_last_analyzed_time(table.last_analyzed_time)
        .retention(table.retention)
        .set_storage_descriptor(table.storage_descriptor.clone())
        .set_partition_keys(table.partition_keys.clone())
        .set_view_original_text(table.view_original_text.clone())
        .set_view_expanded_text(table.view_expanded_text.clone())
        .set_table_type(table.table_type.clone())
        .set_parameters(table.parameters.clone())
        .set_target_table(table.target_table.clone())
        .build();
    built.map_err(|error| CallError::here("UpdateTable", error.to_string()))
}

/// A partition as the input that would make it.
pub fn partition_input_of(partition: &Partition) -> PartitionInput {
    PartitionInput::builder()
        .set_values(partition.values.clone())
        .set_last_access_time(partition.last_access_time)
        .set_storage_descriptor(partition.storage_descriptor.clone())
        .set_parameters(partition.parameters.clone())
        .set_last_analyzed_time(partition.last_analyzed_time)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(columns: &[(&str, &str)]) -> Vec<crawler::Column> {
        let made = columns.iter().map(|(name, kind)| crawler::Column {
            name: (*name).to_owned(),
            data_type: (*kind).to_owned(),
        });
        made.collect()
    }

    fn shown(columns: &[Column]) -> Vec<String> {
        let texts = columns.iter();
        texts
            .map(|c| format!("{} {}", c.name(), c.r#type().unwrap_or_default()))
            .collect()
    }

    #[test]
    fn new_columns_go_last_and_comments_stay() {
        let mut old = columns(&found(&[("b", "int"), ("a", "string"), ("gone", "int")])).unwrap();
        old[0].comment = Some("the b".to_owned());
        let now = found(&[("a", "string"), ("B", "bigint"), ("c", "double")]);
        let merged = merged_columns(&old, &now, false).unwrap();
        assert_eq!(shown(&merged), ["b bigint", "a string", "c double"]);
        assert_eq!(merged[0].comment(), Some("the b"));
        let added = merged_columns(&old, &now, true).unwrap();
        assert_eq!(shown(&added), ["b int", "a string", "gone int", "c double"]);
    }

    #[test]
    fn parameters_that_no_crawler_writes_stay() {
        let of = |pairs: &[(&str, &str)]| -> Parameters {
            let pairs = pairs.iter();
            pairs
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect()
        };
        let old = of(&[
            ("owner", "ann"),
            (DEPRECATED_BY, "1"),
            ("classification", "csv"),
        ]);
        let merged = merged_parameters(Some(&old), &of(&[("classification", "json")]));
        assert_eq!(merged, of(&[("owner", "ann"), ("classification", "json")]));
    }
}
