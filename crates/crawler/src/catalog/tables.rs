//! Which table of the catalog a table is that was found.

use std::collections::{HashMap, HashSet};

use md5::{Digest as _, Md5};

use super::columns::have_same_names;
use super::with_slash;
use crate::{Column, Table};

/// A table of the catalog.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    pub name: &'a str,
    pub location: &'a str,
    /// This crawler wrote it.
    pub is_own: bool,
}

/// The tables of a database, and those that a crawl found.
#[derive(Debug)]
pub struct Tables<'a> {
    there: &'a [Known<'a>],
    by_name: HashMap<&'a str, usize>,
    own_by_location: HashMap<String, usize>,
    found: HashSet<String>,
}

impl<'a> Tables<'a> {
    pub fn new(there: &'a [Known<'a>], found: &[Table]) -> Self {
        let mut tables = Self {
            there,
            by_name: HashMap::new(),
            own_by_location: HashMap::new(),
            found: found.iter().map(|one| with_slash(&one.location)).collect(),
        };
        for (place, table) in there.iter().enumerate() {
            tables.by_name.entry(table.name).or_insert(place);
            if table.is_own {
                let location = with_slash(table.location);
                tables.own_by_location.entry(location).or_insert(place);
            }
        }
        tables
    }

    /// The name of a table that was found, and the place among those that are there of the table
    /// that it is. A name that another table has gets a hash behind it.
    pub fn place(&self, found: &Table) -> (String, Option<usize>) {
        let location = with_slash(&found.location);
        let named = self.by_name.get(&*found.name).copied();
        let at = |place: usize| with_slash(self.there[place].location);
        // A table of this crawler is known by its place, whatever its name was made to be.
        let known = match named {
            Some(place) if at(place) == location => Some(place),
            _ => self.own_by_location.get(&location).copied(),
        };
        if let Some(place) = known {
            return (self.there[place].name.to_owned(), Some(place));
        }
        match named {
            None => (found.name.clone(), None),
            // Its data has moved, and nothing else is there.
            Some(place) if self.there[place].is_own && !self.found.contains(&at(place)) => {
                (found.name.clone(), Some(place))
            }
            Some(_) => {
                let name = hashed_name(found);
                let old = self.by_name.get(&*name).copied();
                (name, old)
            }
        }
    }
}

/// What a table is called whose name another has.
pub fn hashed_name(found: &Table) -> String {
    let hash = hex::encode(Md5::digest(found.location.as_bytes()));
    format!("{}_{hash}", found.name)
}

/// Whether a table is a view, or one whose engine writes its definition itself; `table_type` is its
/// type, `engine` the parameter of that name, and `updated_by` [`UPDATED_BY`](super::UPDATED_BY).
///
/// A crawler's Iceberg table is its own: each crawl brings the schema and the place of the metadata
/// up to date (AWS Big Data Blog, "Introducing AWS Glue crawler and create table support for Apache
/// Iceberg format").
pub fn belongs_to_others(
    table_type: Option<&str>,
    engine: Option<&str>,
    updated_by: Option<&str>,
) -> bool {
    let is_iceberg = engine.is_some_and(|engine| engine.eq_ignore_ascii_case("ICEBERG"));
    table_type == Some("VIRTUAL_VIEW") || (is_iceberg && updated_by.is_none())
}

/// Whether a table has other partition keys than before, under which none of its partitions stays.
pub fn are_regrouped(before: &[Column], now: &[Column]) -> bool {
    !have_same_names(before, now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;

    fn found(name: &str, location: &str) -> Table {
        Table {
            name: name.to_owned(),
            location: location.to_owned(),
            columns: Vec::new(),
            partition_keys: Vec::new(),
            partitions: Vec::new(),
            format: Format::default(),
            parameters: std::collections::BTreeMap::new(),
            is_counted: true,
        }
    }

    const fn known<'a>(name: &'a str, location: &'a str, is_own: bool) -> Known<'a> {
        Known {
            name,
            location,
            is_own,
        }
    }

    #[test]
    fn a_view_and_an_engines_table_belong_to_others_and_a_crawlers_does_not() {
        let iceberg = Some("iceberg");
        assert!(belongs_to_others(Some("VIRTUAL_VIEW"), None, Some("c")));
        assert!(belongs_to_others(Some("EXTERNAL_TABLE"), iceberg, None));
        assert!(!belongs_to_others(
            Some("EXTERNAL_TABLE"),
            iceberg,
            Some("c")
        ));
        assert!(!belongs_to_others(Some("EXTERNAL_TABLE"), None, None));
    }

    #[test]
    fn a_table_is_known_by_its_place_and_then_by_its_name() {
        let there = [
            known("t", "s3://lake/t", false),
            known("renamed", "s3://lake/u/", true),
            known("moved", "s3://lake/before/", true),
            known("others", "s3://elsewhere/", false),
        ];
        let all = [found("t", "s3://lake/t/")];
        let tables = Tables::new(&there, &all);
        let place = |name: &str, location: &str| tables.place(&found(name, location));
        assert_eq!(place("t", "s3://lake/t/"), ("t".to_owned(), Some(0)));
        assert_eq!(place("u", "s3://lake/u/"), ("renamed".to_owned(), Some(1)));
        assert_eq!(
            place("moved", "s3://lake/now/"),
            ("moved".to_owned(), Some(2))
        );
        assert_eq!(place("new", "s3://lake/new/"), ("new".to_owned(), None));
        let (name, old) = place("others", "s3://lake/others/");
        assert!(name.starts_with("others_") && old.is_none(), "{name}");
    }
}
