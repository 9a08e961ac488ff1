//! Where the data is that a crawl found, by which a table whose data is gone is told from one whose
//! data became a part of other tables.

use std::collections::BTreeMap;

use super::with_slash;
use crate::Table;

/// The places of the tables and partitions that a crawl found.
#[derive(Debug)]
pub struct Places<'a> {
    /// By their locations, each with a slash at its end.
    tables: BTreeMap<String, &'a Table>,
}

impl<'a> Places<'a> {
    pub fn of(found: &'a [Table]) -> Self {
        let mut tables = BTreeMap::new();
        for table in found {
            let partitions = table.partitions.iter().map(|one| &one.location);
            for location in std::iter::once(&table.location).chain(partitions) {
                tables.insert(with_slash(location), table);
            }
        }
        Self { tables }
    }

    /// The table that now has the data at a location, or below it, of this `classification`.
    ///
    /// AWS deletes or deprecates a table when the crawler "finds a deleted object in the data
    /// store"; of objects that are there, and are grouped anew, its pages say nothing.
    pub fn holder(&self, location: &str, classification: Option<&str>) -> Option<&'a Table> {
        let root = with_slash(location);
        self.tables
            .range(root.clone()..)
            .take_while(|(place, _)| place.starts_with(&root))
            .map(|(_, table)| *table)
            .find(|table| {
                table.parameters.get("classification").map(String::as_str) == classification
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Format, Partition};

    fn table(name: &str, location: &str, partitions: &[&str]) -> Table {
        let parameters: BTreeMap<String, String> =
            [("classification".to_owned(), "csv".to_owned())].into();
        let partition = |location: &&str| Partition {
            values: vec!["v".to_owned()],
            location: (*location).to_owned(),
            columns: Vec::new(),
            format: Format::default(),
            parameters: parameters.clone(),
        };
        Table {
            name: name.to_owned(),
            location: location.to_owned(),
            columns: Vec::new(),
            partition_keys: Vec::new(),
            partitions: partitions.iter().map(partition).collect(),
            format: Format::default(),
            is_counted: true,
            parameters: parameters.clone(),
        }
    }

    #[test]
    fn data_that_is_grouped_anew_is_not_gone() {
        let found = [
            table(
                "whole",
                "s3://lake/t/",
                &["s3://lake/t/a/", "s3://lake/t/b/"],
            ),
            table("file", "s3://lake/u/x.csv", &[]),
        ];
        let places = Places::of(&found);
        let holder = |location: &str, of: &str| {
            let holder = places.holder(location, Some(of));
            holder.map(|table| table.name.as_str())
        };
        assert_eq!(holder("s3://lake/t/a", "csv"), Some("whole"));
        assert_eq!(holder("s3://lake/u/", "csv"), Some("file"));
        assert_eq!(holder("s3://lake/u/", "json"), None);
        assert_eq!(holder("s3://lake/t/c/", "csv"), None);
        assert_eq!(holder("s3://lake/t/aa/", "csv"), None);
    }
}
