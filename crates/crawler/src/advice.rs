//! What a user should know of tables that were found as AWS's crawler would find them.
//!
//! Source: AWS's Glue developer guide, "Built-in classifiers", and the Athena user guide,
//! "Optimize data" and "LazySimpleSerDe for CSV, TSV, and custom-delimited files".

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use crate::classify::csv::ARE_COLUMNS_QUOTED;
use crate::counted::grouped;
use crate::naming::{is_hash, odd_fields};
use crate::{Column, Crawled, Table};

/// From how many objects on a table of small ones is worth a word.
const MANY_OBJECTS: u64 = 1000;

/// How many bytes an object has on average that is small to a query, which opens each.
const SMALL_OBJECT: u64 = 1024 * 1024;

/// Something that costs a user of a table an afternoon if nobody says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// All columns are text, so that a first row of names looks like any other row.
    HeaderNotTold { table: String, location: String },
    /// Cells are in quotes, which the table's SerDe reads as data.
    QuotedUnderLazySimpleSerDe { table: String, location: String },
    /// The files of one folder became tables of their own.
    SeveralTablesInFolder {
        /// `s3://bucket/prefix/`
        location: String,
        tables: Vec<String>,
    },
    /// Queries open many objects for little data.
    SmallFiles {
        table: String,
        location: String,
        objects: u64,
        /// Bytes, as they are stored.
        average_size: u64,
    },
    /// Another table had the folder's name already.
    NamedByHash { table: String, location: String },
    /// Columns that Athena says between quotes alone.
    OddColumnNames {
        table: String,
        location: String,
        /// A field of a struct behind its column: `name.first-name`.
        columns: Vec<String>,
    },
}

/// What is to be said of the tables, in the order of the tables. Of those that are `told` a
/// classifier says whether there is a header.
pub(crate) fn of(tables: &[Table], told: &HashSet<String>) -> Vec<Advice> {
    let mut advice = Vec::new();
    for table in tables {
        if !told.contains(&table.name) && is_text_without_header(table) {
            advice.push(Advice::HeaderNotTold {
                table: table.name.clone(),
                location: table.location.clone(),
            });
        }
        if is_quoted_under_lazy_simple(table) {
            advice.push(Advice::QuotedUnderLazySimpleSerDe {
                table: table.name.clone(),
                location: table.location.clone(),
            });
        }
        advice.extend(small_files(table));
        advice.extend(odd_column_names(table));
        advice.extend(named_by_hash(&table.name, &table.location));
    }
    advice.extend(several_in_folder(tables));
    advice
}

impl Crawled {
    /// What is worth telling of the tables as the catalog calls them: a table that is there keeps its
    /// name, and a new one whose name another has gets a hash behind it.
    pub fn advice_by_names(&self, called: &dyn Fn(&str) -> String) -> Vec<Advice> {
        let of_names = |one: &&Advice| matches!(one, Advice::NamedByHash { .. });
        let others = self.advice.iter().filter(|one| !of_names(one));
        let named = self.tables.iter();
        let named = named.filter_map(|one| named_by_hash(&called(&one.name), &one.location));
        others.map(|one| one.renamed(called)).chain(named).collect()
    }
}

fn is_text_without_header(table: &Table) -> bool {
    let is_made_up = |(place, column): (usize, &crate::Column)| {
        column.name == format!("col{place}") && column.data_type == "string"
    };
    parameter(table, "classification") == Some("csv")
        && !table.parameters.contains_key("skip.header.line.count")
        && table.columns.iter().enumerate().all(is_made_up)
}

fn is_quoted_under_lazy_simple(table: &Table) -> bool {
    parameter(table, ARE_COLUMNS_QUOTED) == Some("true")
        && table
            .format
            .serialization_library
            .ends_with(".LazySimpleSerDe")
}

fn small_files(table: &Table) -> Option<Advice> {
    let number = |name: &str| parameter(table, name)?.parse::<u64>().ok();
    let objects = number("objectCount")?;
    let average_size = number("sizeKey")?.checked_div(objects)?;
    (objects >= MANY_OBJECTS && average_size < SMALL_OBJECT).then(|| Advice::SmallFiles {
        table: table.name.clone(),
        location: table.location.clone(),
        objects,
        average_size,
    })
}

/// Athena's names have letters of ASCII, digits and `_`: Athena user guide, "Name databases, tables,
/// and columns".
fn odd_column_names(table: &Table) -> Option<Advice> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let odd = |column: &Column| -> Vec<String> {
        if !column.name.chars().all(is_plain) {
            return vec![column.name.clone()];
        }
        let fields = odd_fields(&column.data_type).into_iter();
        fields
            .map(|field| format!("{}.{field}", column.name))
            .collect()
    };
    let all = table.columns.iter().chain(&table.partition_keys);
    let columns: Vec<String> = all.flat_map(odd).collect();
    (!columns.is_empty()).then(|| Advice::OddColumnNames {
        table: table.name.clone(),
        location: table.location.clone(),
        columns,
    })
}

/// Of a name with a hash at its end that is not from the folder's own name.
fn named_by_hash(name: &str, location: &str) -> Option<Advice> {
    let (_, hash) = name.rsplit_once('_')?;
    let folder = location.trim_end_matches('/').to_lowercase();
    (is_hash(hash) && !folder.ends_with(hash)).then(|| Advice::NamedByHash {
        table: name.to_owned(),
        location: location.to_owned(),
    })
}

fn several_in_folder(tables: &[Table]) -> Vec<Advice> {
    let mut folders: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for table in tables {
        // The location of a file has no slash at its end.
        if let Some((folder, file)) = table.location.rsplit_once('/')
            && !file.is_empty()
        {
            folders.entry(folder).or_default().push(table.name.clone());
        }
    }
    folders
        .into_iter()
        .filter(|(_, tables)| tables.len() > 1)
        .map(|(folder, tables)| Advice::SeveralTablesInFolder {
            location: format!("{folder}/"),
            tables,
        })
        .collect()
}

/// The first of a list, and how many more there are.
pub(crate) fn some_of(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = names[..names.len().min(SHOWN)].join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn parameter<'a>(table: &'a Table, name: &str) -> Option<&'a str> {
    table.parameters.get(name).map(String::as_str)
}

impl Advice {
    /// The place of the table or the folder.
    pub fn location(&self) -> &str {
        match self {
            Self::HeaderNotTold { location, .. }
            | Self::QuotedUnderLazySimpleSerDe { location, .. }
            | Self::SeveralTablesInFolder { location, .. }
            | Self::SmallFiles { location, .. }
            | Self::NamedByHash { location, .. }
            | Self::OddColumnNames { location, .. } => location,
        }
    }

    /// What is to be said of that place.
    pub fn message(&self) -> String {
        match self {
            Self::HeaderNotTold { table, .. } => format!(
                "all columns of {table} are text, so nothing tells whether the first row is a \
                 header; if it is, give the crawler a CSV classifier that says so"
            ),
            Self::QuotedUnderLazySimpleSerDe { table, .. } => format!(
                "cells of {table} are in quotes, which LazySimpleSerDe, the SerDe that Glue sets, \
                 reads as data; give the crawler a CSV classifier with the SerDe OpenCSVSerDe, or \
                 set the table's to org.apache.hadoop.hive.serde2.OpenCSVSerde, which reads cells \
                 that have no line breaks"
            ),
            Self::SeveralTablesInFolder { tables, .. } => format!(
                "its files are {} tables, as their formats or columns differ: {}",
                tables.len(),
                tables.join(", ")
            ),
            Self::SmallFiles {
                table,
                objects,
                average_size,
                ..
            } => format!(
                "{table} has {} objects of {} bytes on average; queries are quicker on fewer and \
                 larger ones",
                grouped(*objects),
                grouped(*average_size)
            ),
            Self::OddColumnNames { table, columns, .. } => format!(
                "{table} has names that Athena says between double quotes alone, as they have \
                 other letters than a-z, 0-9 and _: {}",
                some_of(columns)
            ),
            Self::NamedByHash { table, .. } => {
                format!("another table has its folder's name, so it is called {table}")
            }
        }
    }

    /// The same of tables as the catalog calls them, where a table keeps the name that it has.
    #[must_use]
    pub fn renamed(&self, called: &dyn Fn(&str) -> String) -> Self {
        let mut renamed = self.clone();
        match &mut renamed {
            Self::HeaderNotTold { table, .. }
            | Self::QuotedUnderLazySimpleSerDe { table, .. }
            | Self::SmallFiles { table, .. }
            | Self::NamedByHash { table, .. }
            | Self::OddColumnNames { table, .. } => *table = called(table),
            Self::SeveralTablesInFolder { tables, .. } => {
                for table in tables {
                    *table = called(table);
                }
            }
        }
        renamed
    }

    /// Whether a warning of the same crawl says this too, and why it is so.
    pub fn is_warned_of(&self) -> bool {
        matches!(self, Self::SeveralTablesInFolder { .. })
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.location(), self.message())
    }
}
