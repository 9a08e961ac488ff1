//! What a table or a partition becomes when a crawl has looked at its data again.
//!
//! By default new columns are added, missing ones removed and changed ones changed; with
//! `MergeNewColumns` columns are only added, and the formats stay: a table whose data is of another
//! kind is deprecated. Comments, and parameters that no crawler writes, stay.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use super::columns::{first_misplaced, have_same_names, in_order_of_data, merged_columns};
use super::rules::merged_parameters;
use super::{DEPRECATED_BY, Rules};
use crate::{Column, Format, Partition, Table};

pub type Parameters = BTreeMap<String, String>;

/// What crawls write of a table or a partition; what else it has is not theirs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definition {
    /// Nothing of an entry without a storage descriptor.
    pub storage: Option<Storage>,
    /// Of a table.
    pub partition_keys: Vec<Column>,
    pub parameters: Parameters,
}

/// What crawls write of a storage descriptor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Storage {
    pub columns: Vec<Column>,
    pub location: Option<String>,
    pub input_format: Option<String>,
    pub output_format: Option<String>,
    pub is_compressed: bool,
    pub serialization_library: Option<String>,
    pub serde_parameters: Parameters,
    pub parameters: Parameters,
}

/// What a crawl found of a table or a partition.
#[derive(Clone, Debug)]
pub struct Found<'a> {
    pub columns: &'a [Column],
    pub partition_keys: &'a [Column],
    pub location: &'a str,
    pub format: &'a Format,
    pub parameters: Parameters,
}

impl<'a> Found<'a> {
    /// A table, with the mark of the crawler that found it.
    pub fn of_table(table: &'a Table, rules: &Rules) -> Self {
        Self {
            columns: &table.columns,
            partition_keys: &table.partition_keys,
            location: &table.location,
            format: &table.format,
            parameters: rules.parameters(table),
        }
    }

    pub fn of_partition(partition: &'a Partition) -> Self {
        Self {
            columns: &partition.columns,
            partition_keys: &[],
            location: &partition.location,
            format: &partition.format,
            parameters: partition.parameters.clone(),
        }
    }
}

impl Definition {
    /// Of something new.
    pub fn new(found: &Found<'_>) -> Self {
        Self {
            storage: Some(Storage::new(found)),
            partition_keys: found.partition_keys.to_vec(),
            parameters: found.parameters.clone(),
        }
    }

    /// What a table that is there becomes.
    pub fn merged(&self, found: &Found<'_>, rules: &Rules) -> Self {
        if rules
            .other_kind(&self.parameters, &found.parameters)
            .is_some()
        {
            return self.deprecated();
        }
        self.updated(found, rules)
    }

    /// With the mark of a table whose data is gone; one that has it keeps its time.
    fn deprecated(&self) -> Self {
        let now = || {
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            since.unwrap_or_default().as_millis().to_string()
        };
        let mut deprecated = self.clone();
        let mark = deprecated.parameters.entry(DEPRECATED_BY.to_owned());
        mark.or_insert_with(now);
        deprecated
    }

    /// What is to be said of a table that is there, and is `now` so: why Athena will not read the data
    /// that was found as it is.
    pub fn remark(&self, now: &Self, found: &Found<'_>, rules: &Rules) -> Option<String> {
        let Some(kind) = rules.other_kind(&self.parameters, &found.parameters) else {
            return now.misplaced(found);
        };
        let outcome = if now.parameters.contains_key(DEPRECATED_BY) {
            "it is deprecated"
        } else {
            "it stays as it is"
        };
        Some(format!(
            "its data is of another kind: {kind}; {outcome}, because the crawler adds new columns only"
        ))
    }

    /// Of columns that stay where they are, where the data has others there.
    fn misplaced(&self, found: &Found<'_>) -> Option<String> {
        let storage = self.storage.as_ref()?;
        if !storage.goes_by_place(found) {
            return None;
        }
        let (of_data, of_table) = first_misplaced(found.columns, &storage.columns)?;
        Some(format!(
            "its columns stay in their places, and its data has the column {} where it has {}; Athena \
             goes by the place of columns here, and takes values for those of other columns",
            of_data.name, of_table.name
        ))
    }

    fn updated(&self, found: &Found<'_>, rules: &Rules) -> Self {
        let only_adds = rules.configuration.merge_new_columns;
        let keys = found.partition_keys;
        Self {
            storage: Some(match &self.storage {
                None => Storage::new(found),
                Some(old) => old.merged(found, only_adds),
            }),
            partition_keys: if have_same_names(&self.partition_keys, keys) {
                merged_columns(&self.partition_keys, keys, only_adds)
            } else {
                keys.to_vec()
            },
            parameters: merged_parameters(&self.parameters, &found.parameters),
        }
    }

    /// A partition that is new; with `InheritFromTable` as its table is.
    pub fn new_partition(found: &Found<'_>, table: Option<&Storage>, rules: &Rules) -> Self {
        let mut new = Self::new(found);
        if rules.configuration.inherit_from_table {
            new.storage = Some(inherited(table, found, &Parameters::new()));
        }
        new
    }

    /// What a partition that is there becomes; with `InheritFromTable` as its table is. One whose
    /// data is of another kind stays as it is where its crawler only adds columns.
    pub fn merged_partition(
        &self,
        found: &Found<'_>,
        table: Option<&Storage>,
        rules: &Rules,
    ) -> Self {
        if rules
            .other_kind(&self.parameters, &found.parameters)
            .is_some()
        {
            return self.clone();
        }
        if !rules.configuration.inherit_from_table {
            return self.updated(found, rules);
        }
        let none = Parameters::new();
        let old = self.storage.as_ref().map_or(&none, |old| &old.parameters);
        Self {
            storage: Some(inherited(table, found, old)),
            partition_keys: Vec::new(),
            parameters: merged_parameters(&self.parameters, &found.parameters),
        }
    }
}

/// A partition's storage as its table's, in its own place and with its own parameters.
fn inherited(table: Option<&Storage>, found: &Found<'_>, old: &Parameters) -> Storage {
    Storage {
        location: Some(found.location.to_owned()),
        parameters: merged_parameters(old, &found.parameters),
        ..table.cloned().unwrap_or_default()
    }
}

impl Storage {
    fn new(found: &Found<'_>) -> Self {
        Self {
            columns: found.columns.to_vec(),
            location: Some(found.location.to_owned()),
            input_format: said(&found.format.input_format),
            output_format: said(&found.format.output_format),
            is_compressed: is_compressed(&found.parameters),
            serialization_library: said(&found.format.serialization_library),
            serde_parameters: found.format.serde_parameters.clone(),
            parameters: found.parameters.clone(),
        }
    }

    fn merged(&self, found: &Found<'_>, only_adds: bool) -> Self {
        let merged = Self {
            columns: if self.goes_by_place(found) && !only_adds {
                in_order_of_data(&self.columns, found.columns)
            } else {
                merged_columns(&self.columns, found.columns, only_adds)
            },
            location: Some(kept_location(self.location.as_deref(), found.location)),
            parameters: merged_parameters(&self.parameters, &found.parameters),
            is_compressed: is_compressed(&found.parameters),
            ..self.clone()
        };
        if only_adds && self.input_format.is_some() {
            return merged;
        }
        let library = said(&found.format.serialization_library);
        let mut serde_parameters = found.format.serde_parameters.clone();
        if self.serialization_library == library {
            for (key, value) in &self.serde_parameters {
                let own = serde_parameters.entry(key.clone());
                own.or_insert_with(|| value.clone());
            }
        }
        Self {
            input_format: said(&found.format.input_format),
            output_format: said(&found.format.output_format),
            serialization_library: library,
            serde_parameters,
            ..merged
        }
    }

    /// Whether Athena finds the columns of such data by their place, which the SerDe of a table of
    /// ORC or Parquet may be told.
    ///
    /// Source: Athena user guide, "Understand index access for Apache ORC and Apache Parquet".
    fn goes_by_place(&self, found: &Found<'_>) -> bool {
        let library = &found.format.serialization_library;
        let setting = if library.ends_with(".OrcSerde") {
            "orc.column.index.access"
        } else if library.ends_with(".ParquetHiveSerDe") {
            "parquet.column.index.access"
        } else {
            return found.format.by_place;
        };
        let told = self.serde_parameters.get(setting);
        told.map_or(found.format.by_place, |on| on.eq_ignore_ascii_case("true"))
    }
}

/// What a format says of a class. XML has no SerDe, and Iceberg no classes at all; the catalog takes
/// no empty text for one.
fn said(class: &str) -> Option<String> {
    (!class.is_empty()).then(|| class.to_owned())
}

fn is_compressed(parameters: &Parameters) -> bool {
    parameters
        .get("compressionType")
        .is_some_and(|compression| compression != "none")
}

/// A location that differs only in the slash at its end is the same.
fn kept_location(old: Option<&str>, found: &str) -> String {
    match old {
        Some(old) if old.trim_end_matches('/') == found.trim_end_matches('/') => old.to_owned(),
        _ => found.to_owned(),
    }
}

#[cfg(test)]
mod tests;
