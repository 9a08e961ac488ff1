//! What a crawl found, held against tables that are there: what of it are partitions of them, and
//! what fits in none.
//!
//! Source: AWS Glue developer guide, "Scheduling incremental crawls for adding new partitions": "If it
//! discovers objects where schemas are not compatible, the crawler will not add the objects in the
//! Data Catalog, and adds this detail as a log". No new tables are added either.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use super::columns::have_same_names;
use super::{Definition, is_key_value, partition_value, with_slash};
use crate::counted::grouped;
use crate::schema::{Field, Type};
use crate::similarity::{Comparison, are_similar};
use crate::{Column, Format, Partition, Table, Warning};

/// A table of the catalog that may have new partitions.
#[derive(Clone, Debug)]
pub struct Home<'a> {
    pub name: &'a str,
    pub definition: Definition,
}

/// What was found, by the tables that it is of.
#[derive(Debug, Default)]
pub struct Fitted<'a> {
    /// Places among the homes, each once, and the partitions that were found of them, as a table.
    pub tables: Vec<(usize, Cow<'a, Table>)>,
    /// What is of no table, and why.
    pub misfits: Vec<Warning>,
}

/// Holds what was found against the tables that are there.
pub fn fit<'a>(found: &'a [Table], homes: &[Home<'_>]) -> Fitted<'a> {
    let mut roots: Roots = HashMap::new();
    for (place, home) in homes.iter().enumerate() {
        roots.entry(home.root()).or_default().push(place);
    }
    let mut whole: BTreeMap<usize, &Table> = BTreeMap::new();
    let mut parts: BTreeMap<usize, Vec<Partition>> = BTreeMap::new();
    let mut misfits = Vec::new();
    for table in found {
        let is_free = |home: &&usize| !whole.contains_key(home);
        let is_all_of = |home: &&usize| homes[**home].is_all_of(table);
        let at = homes_of(&roots, &table.location).iter();
        let own = at.filter(is_free).filter(is_all_of);
        if let Some(home) = own.max_by_key(|home| homes[**home].name == table.name) {
            whole.insert(*home, table);
            continue;
        }
        let mut odd = Misfits::default();
        for part in parts_of(table) {
            match part_of(homes, homes_of(&roots, part.location), &part) {
                Ok((home, partition)) => parts.entry(home).or_default().extend(partition),
                Err(why) => odd.add(why, part.location),
            }
        }
        misfits.extend(odd.into_warnings());
    }
    for (home, more) in &mut parts {
        let whole = whole.remove(home);
        more.extend(whole.into_iter().flat_map(|table| table.partitions.clone()));
    }
    let whole = whole
        .into_iter()
        .map(|(home, table)| (home, Cow::Borrowed(table)));
    let parts = parts.into_iter().map(|(home, partitions)| {
        let table = homes[home].with(partitions);
        (home, Cow::Owned(table))
    });
    let mut tables: Vec<(usize, Cow<'a, Table>)> = whole.chain(parts).collect();
    tables.sort_by_key(|(home, _)| *home);
    Fitted { tables, misfits }
}

/// The homes by their locations; several may share one.
type Roots = HashMap<String, Vec<usize>>;

/// The homes that a location is at or below: the deepest, if there are several.
fn homes_of<'r>(roots: &'r Roots, location: &str) -> &'r [usize] {
    let mut root = with_slash(location);
    loop {
        if let Some(homes) = roots.get(&root) {
            return homes;
        }
        match root.trim_end_matches('/').rfind('/') {
            Some(parent) => root.truncate(parent + 1),
            None => return &[],
        }
        // Only the scheme is left.
        if root.ends_with("//") {
            return &[];
        }
    }
}

/// The first home of which a part is a partition, or which it is itself. Fails with why there is
/// none.
fn part_of(
    homes: &[Home<'_>],
    at: &[usize],
    part: &Part<'_>,
) -> Result<(usize, Option<Partition>), String> {
    let mut why = "no table that the crawler has made holds its folder".to_owned();
    for home in at {
        match homes[*home].partition(part) {
            Ok(partition) => return Ok((*home, partition)),
            Err(error) => why = error,
        }
    }
    Err(why)
}

/// A partition of what was found, or a table that has none.
struct Part<'a> {
    location: &'a str,
    columns: &'a [Column],
    format: &'a Format,
    parameters: &'a BTreeMap<String, String>,
}

fn parts_of(table: &Table) -> Vec<Part<'_>> {
    if table.partition_keys.is_empty() {
        return vec![Part {
            location: &table.location,
            columns: &table.columns,
            format: &table.format,
            parameters: &table.parameters,
        }];
    }
    table.partitions.iter().map(Part::of).collect()
}

impl<'a> Part<'a> {
    fn of(partition: &'a Partition) -> Self {
        Self {
            location: &partition.location,
            columns: &partition.columns,
            format: &partition.format,
            parameters: &partition.parameters,
        }
    }
}

impl Home<'_> {
    /// Its location, with a slash at its end.
    fn root(&self) -> String {
        let storage = self.definition.storage.as_ref();
        let location = storage.and_then(|storage| storage.location.as_deref());
        with_slash(location.unwrap_or_default())
    }

    fn keys(&self) -> String {
        let keys = self.definition.partition_keys.iter();
        let names: Vec<&str> = keys.map(|key| key.name.as_str()).collect();
        names.join(", ")
    }

    /// Whether a table that was found is this one, and each of its partitions fits. Most of them
    /// have the columns of the one before.
    fn is_all_of(&self, found: &Table) -> bool {
        let fits = |columns: &[Column], format: &Format, parameters: &BTreeMap<String, String>| {
            self.check(columns, format, parameters).is_ok()
        };
        let mut last: &[Column] = &found.columns;
        self.root() == with_slash(&found.location)
            && have_same_names(&self.definition.partition_keys, &found.partition_keys)
            && fits(&found.columns, &found.format, &found.parameters)
            && found.partitions.iter().all(|one| {
                let is_like_last = *last == one.columns[..];
                last = &one.columns;
                self.check_values(&one.values).is_ok()
                    && (is_like_last || fits(&one.columns, &one.format, &one.parameters))
            })
    }

    /// A part as a partition of this table; none where the part is the table's own folder, or a
    /// file in it. Fails with why it is neither.
    fn partition(&self, part: &Part<'_>) -> Result<Option<Partition>, String> {
        let name = self.name;
        let keys = &self.definition.partition_keys;
        let (root, location) = (self.root(), with_slash(part.location));
        let below = location.strip_prefix(&root).unwrap_or_default();
        let folders: Vec<&str> = below.split('/').filter(|one| !one.is_empty()).collect();
        let is_file = !part.location.ends_with('/');
        if keys.is_empty() {
            let is_own = folders.is_empty() || (is_file && folders.len() == 1);
            if !is_own {
                return Err(format!("table {name} has no partition keys"));
            }
            self.check(part.columns, part.format, part.parameters)?;
            return Ok(None);
        }
        let values = || -> Option<Vec<String>> {
            let pairs = folders.iter().zip(keys);
            pairs
                .map(|(folder, key)| partition_value(folder, &key.name))
                .collect()
        };
        let values = values()
            .filter(|values| values.len() == keys.len() && folders.len() == keys.len() && !is_file)
            .ok_or_else(|| {
                let keys = self.keys();
                format!("its place gives the partition keys of table {name} ({keys}) no values")
            })?;
        self.check_values(&values)?;
        self.check(part.columns, part.format, part.parameters)?;
        Ok(Some(Partition {
            values,
            location: part.location.to_owned(),
            columns: part.columns.to_vec(),
            format: part.format.clone(),
            parameters: part.parameters.clone(),
        }))
    }

    /// Fails with the first key of whose type a value is none: with such a partition Athena would
    /// read nothing of the table.
    fn check_values(&self, values: &[String]) -> Result<(), String> {
        let mut pairs = self.definition.partition_keys.iter().zip(values);
        match pairs.find(|(key, value)| !is_key_value(&key.data_type, value)) {
            None => Ok(()),
            Some((key, _)) => Err(format!(
                "its place gives the partition key {} of table {} no {}",
                key.name, self.name, key.data_type
            )),
        }
    }

    /// Fails with what data has that this table's has not.
    fn check(
        &self,
        columns: &[Column],
        format: &Format,
        parameters: &BTreeMap<String, String>,
    ) -> Result<(), String> {
        let name = self.name;
        let Some(storage) = &self.definition.storage else {
            return Ok(());
        };
        let own = self.definition.parameters.get("classification");
        let found = parameters.get("classification");
        if let (Some(own), Some(found)) = (own, found)
            && own != found
        {
            return Err(format!(
                "its data is {found}, and that of table {name} is {own}"
            ));
        }
        let is_of_format = |own: &String| *own == format.input_format;
        if own.is_none() && !storage.input_format.as_ref().is_none_or(is_of_format) {
            return Err(format!(
                "its data is of another format than that of table {name}"
            ));
        }
        if !are_alike(&storage.columns, columns) {
            return Err(format!(
                "its columns are not similar to those of table {name}"
            ));
        }
        Ok(())
    }

    /// This table with these partitions, each once.
    fn with(&self, mut partitions: Vec<Partition>) -> Table {
        partitions.sort_by(|one, other| one.values.cmp(&other.values));
        partitions.dedup_by(|one, other| one.values == other.values);
        Table {
            name: self.name.to_owned(),
            location: self.root(),
            columns: Vec::new(),
            partition_keys: self.definition.partition_keys.clone(),
            partitions,
            format: Format::default(),
            parameters: BTreeMap::new(),
            is_counted: false,
        }
    }
}

/// Whether columns could be those of partitions of one table, which may lack some. Names that were
/// made up are the same for any columns, and say only how many there are.
fn are_alike(own: &[Column], found: &[Column]) -> bool {
    let fields = |columns: &[Column]| -> Vec<Field> {
        let field = |column: &Column| Field::new(column.name.clone(), Type::Unknown);
        columns.iter().map(field).collect()
    };
    let is_made_up = |(place, column): (usize, &Column)| column.name == format!("col{place}");
    let comparison = Comparison {
        may_lack: own.is_empty() || !found.iter().enumerate().all(is_made_up),
        unnamed: false,
    };
    are_similar(&[(&fields(own), 1), (&fields(found), 1)], comparison)
}

/// Why parts of a table are of no home: for each reason the first place, and how many more.
#[derive(Default)]
struct Misfits(BTreeMap<String, (String, u64)>);

impl Misfits {
    fn add(&mut self, why: String, location: &str) {
        let first = || (location.to_owned(), 0);
        let known = self.0.entry(why);
        known
            .and_modify(|(_, more)| *more += 1)
            .or_insert_with(first);
    }

    fn into_warnings(self) -> impl Iterator<Item = Warning> {
        self.0.into_iter().map(|(why, (location, more))| Warning {
            location,
            message: match more {
                0 => format!("{why}, so it is not added"),
                more => format!("{why}, so it and {} more are not added", grouped(more)),
            },
        })
    }
}

#[cfg(test)]
mod tests;
