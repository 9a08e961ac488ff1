//! The partition index that a crawl makes with a new table.

use super::Configuration;
use crate::{Column, Table};

/// An index of the values of a table's partitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionIndex {
    pub name: &'static str,
    /// In the order of the partition keys.
    pub keys: Vec<String>,
}

/// The table formats whose targets get no index.
const WITHOUT: [&str; 2] = ["iceberg", "hudi"];

/// The index of a table that a crawl makes: of all keys that are numbers or text, unless the
/// crawler is told to make none.
///
/// Source: AWS Glue developer guide, "Generating partition indexes" (for S3 and Delta Lake targets,
/// by default), and AWS Big Data Blog, "Efficiently crawl your data lake and improve data access
/// with an AWS Glue crawler using partition indexes" (of new tables, with "the largest permutation
/// of all numeric and string type partition columns as keys").
pub fn partition_index(table: &Table, configuration: &Configuration) -> Option<PartitionIndex> {
    let classification = table.parameters.get("classification");
    let has_none = classification.is_some_and(|one| WITHOUT.contains(&one.as_str()));
    if configuration.no_partition_index || has_none {
        return None;
    }
    let indexed = table.partition_keys.iter().filter(|key| can_be_key(key));
    let keys: Vec<String> = indexed.map(|key| key.name.clone()).collect();
    (!keys.is_empty()).then_some(PartitionIndex {
        name: "crawler_partition_index",
        keys,
    })
}

/// Of the types that an index can have (AWS Glue developer guide, "Creating partition indexes").
fn can_be_key(key: &Column) -> bool {
    let name = key.data_type.split('(').next().unwrap_or_default();
    let types = [
        "string", "char", "varchar", "tinyint", "smallint", "int", "bigint",
    ];
    types.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(classification: &str, keys: &[(&str, &str)]) -> Table {
        let key = |(name, data_type): &(&str, &str)| Column {
            name: (*name).to_owned(),
            data_type: (*data_type).to_owned(),
        };
        Table {
            name: "t".to_owned(),
            location: "s3://lake/t/".to_owned(),
            columns: Vec::new(),
            partition_keys: keys.iter().map(key).collect(),
            partitions: Vec::new(),
            format: crate::Format::default(),
            parameters: [("classification".to_owned(), classification.to_owned())].into(),
            is_counted: true,
        }
    }

    #[test]
    fn an_index_has_all_keys_that_are_numbers_or_text() {
        let keys = [
            ("a", "string"),
            ("b", "timestamp"),
            ("c", "int"),
            ("d", "varchar(5)"),
        ];
        let wanted = Configuration::default();
        let index = partition_index(&table("delta", &keys), &wanted).unwrap();
        assert_eq!(index.name, "crawler_partition_index");
        assert_eq!(index.keys, ["a", "c", "d"]);
        let unwanted = Configuration {
            no_partition_index: true,
            ..wanted
        };
        assert_eq!(partition_index(&table("csv", &keys), &unwanted), None);
        assert_eq!(partition_index(&table("hudi", &keys), &wanted), None);
        assert_eq!(partition_index(&table("csv", &[]), &wanted), None);
        assert_eq!(partition_index(&table("csv", &keys[1..2]), &wanted), None);
    }
}
