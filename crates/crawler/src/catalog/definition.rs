//! What a table or a partition becomes when a crawl has looked at its data again.
//!
//! By default new columns are added, missing ones removed and changed ones changed; with
//! `MergeNewColumns` columns are only added, and the formats stay. Comments, and parameters that no
//! crawler writes, stay.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::Rules;
use super::rules::merged_parameters;
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

    /// What a partition that is there becomes; with `InheritFromTable` as its table is.
    pub fn merged_partition(
        &self,
        found: &Found<'_>,
        table: Option<&Storage>,
        rules: &Rules,
    ) -> Self {
        if !rules.configuration.inherit_from_table {
            return self.merged(found, rules);
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
            columns: merged_columns(&self.columns, found.columns, only_adds),
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
}

/// What a format says of a class. XML has no SerDe, and Iceberg no classes at all; the catalog takes
/// no empty text for one.
fn said(class: &str) -> Option<String> {
    (!class.is_empty()).then(|| class.to_owned())
}

/// Columns that are there, in their order and by their names, and the new ones behind them.
pub fn merged_columns(old: &[Column], found: &[Column], only_adds: bool) -> Vec<Column> {
    let lower = |column: &Column| column.name.to_lowercase();
    let now: HashMap<String, &Column> = found.iter().map(|one| (lower(one), one)).collect();
    let there: HashSet<String> = old.iter().map(lower).collect();
    let kept = old.iter().filter_map(|column| {
        if only_adds {
            return Some(column.clone());
        }
        let now = now.get(&lower(column))?;
        Some(Column {
            name: column.name.clone(),
            data_type: now.data_type.clone(),
        })
    });
    let new = found.iter().filter(|one| !there.contains(&lower(one)));
    kept.chain(new.cloned()).collect()
}

pub(super) fn have_same_names(one: &[Column], other: &[Column]) -> bool {
    let lower = |columns: &[Column]| -> Vec<String> {
        columns.iter().map(|one| one.name.to_lowercase()).collect()
    };
    lower(one) == lower(other)
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
mod tests {
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

    fn shown(columns: &[Column]) -> Vec<String> {
        columns
            .iter()
            .map(|column| format!("{} {}", column.name, column.data_type))
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
    fn new_columns_go_last() {
        let old = columns(&[("b", "int"), ("a", "string"), ("gone", "int")]);
        let now = columns(&[("a", "string"), ("B", "bigint"), ("c", "double")]);
        let merged = merged_columns(&old, &now, false);
        assert_eq!(shown(&merged), ["b bigint", "a string", "c double"]);
        let added = merged_columns(&old, &now, true);
        assert_eq!(shown(&added), ["b int", "a string", "gone int", "c double"]);
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
}
