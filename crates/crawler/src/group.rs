//! Files that belong together: what becomes a table, and what a partition.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::Warning;
use crate::classify::{Layout, avro};
use crate::listing::FolderId;
use crate::schema::Field;

/// Files that make one table.
#[derive(Debug)]
pub(crate) struct Group {
    /// The key of the table's folder without a slash at its end, or of its one file.
    pub root: String,
    pub is_file: bool,
    pub layout: LayoutId,
    /// Those of all leaves.
    pub columns: SchemaId,
    /// The levels of folders between the root and the leaves: the key of `key=value` names.
    pub levels: Vec<Option<String>>,
    /// In the order of their keys; one, if there are no levels.
    pub leaves: Vec<Leaf>,
}

/// A folder whose files are one partition, or a table.
#[derive(Debug)]
pub(crate) struct Leaf {
    pub key: String,
    /// The folder that it is, or that its one file is in.
    pub folder: FolderId,
    /// Those of all its files.
    pub columns: SchemaId,
    /// Each of its files has all of the columns.
    pub is_uniform: bool,
    pub statistics: Statistics,
    pub switches: BTreeMap<&'static str, bool>,
    /// How many lines stand before the records of most of its files.
    pub skipped_lines: u64,
    /// A classifier says of each of its files whether there is a header.
    pub is_header_told: bool,
}

/// What the parameters of a table or partition say of its files.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Statistics {
    pub objects: u64,
    pub size: u64,
    pub records: u64,
    pub seen: u64,
    pub seen_bytes: u64,
}

impl Statistics {
    pub fn add(&mut self, other: &Statistics) {
        self.objects += other.objects;
        self.size = self.size.saturating_add(other.size);
        self.records = self.records.saturating_add(other.records);
        self.seen = self.seen.saturating_add(other.seen);
        self.seen_bytes = self.seen_bytes.saturating_add(other.seen_bytes);
    }
}

pub(crate) type LayoutId = usize;
pub(crate) type SchemaId = usize;

/// The tables of a tree.
#[derive(Debug, Default)]
pub(crate) struct Grouped {
    pub groups: Vec<Group>,
    pub layouts: Interned<Layout>,
    pub schemas: Interned<Vec<Field>>,
    /// The schema of each that has one in the words of its format; nothing where files with the
    /// same columns have different words.
    pub literals: HashMap<SchemaId, Option<Arc<str>>>,
    pub warnings: Vec<Warning>,
}

impl Group {
    /// How many lines stand before the records of most of its leaves.
    pub fn skipped_lines(&self) -> u64 {
        most_common(self.leaves.iter().map(|leaf| leaf.skipped_lines)).unwrap_or_default()
    }
}

impl Grouped {
    /// A partition's columns in the words of its format, where that has any.
    pub fn literal_of_leaf(&self, leaf: &Leaf, layout: LayoutId) -> Option<Arc<str>> {
        self.literal(leaf.columns, layout, leaf.is_uniform)
    }

    /// A table's columns in the words of its format, where that has any.
    pub fn literal_of_table(&self, group: &Group) -> Option<Arc<str>> {
        let is_uniform = group
            .leaves
            .iter()
            .all(|leaf| leaf.is_uniform && leaf.columns == group.columns);
        self.literal(group.columns, group.layout, is_uniform)
    }

    /// The words of the files themselves, if all have the same. Else they are made of the columns:
    /// the words of one file may ask of another what it lacks.
    fn literal(&self, schema: SchemaId, layout: LayoutId, is_uniform: bool) -> Option<Arc<str>> {
        if self.layouts.values[layout].serialization_library != avro::SERDE {
            return None;
        }
        match self.literals.get(&schema) {
            Some(Some(literal)) if is_uniform => Some(Arc::clone(literal)),
            _ => Some(avro::literal(&self.schemas.values[schema]).into()),
        }
    }

    /// Keeps the words that a file's columns have.
    pub fn keep_literal(&mut self, schema: SchemaId, literal: &Arc<str>) {
        self.literals
            .entry(schema)
            .and_modify(|known| {
                if known.as_ref() != Some(literal) {
                    *known = None;
                }
            })
            .or_insert_with(|| Some(Arc::clone(literal)));
    }
}

/// Values of which many are the same, each kept once.
#[derive(Debug)]
pub(crate) struct Interned<T> {
    pub values: Vec<T>,
    places: HashMap<T, usize>,
}

impl<T> Default for Interned<T> {
    fn default() -> Self {
        Self {
            values: Vec::new(),
            places: HashMap::new(),
        }
    }
}

impl<T: Clone + Eq + std::hash::Hash> Interned<T> {
    /// The place of a value, which is added if it is new.
    pub fn place(&mut self, value: &T) -> usize {
        if let Some(&place) = self.places.get(value) {
            return place;
        }
        let place = self.values.len();
        self.values.push(value.clone());
        self.places.insert(value.clone(), place);
        place
    }
}

/// The number that comes most often; of equals, the least.
pub(crate) fn most_common(numbers: impl Iterator<Item = u64>) -> Option<u64> {
    let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
    for number in numbers {
        *counts.entry(number).or_default() += 1;
    }
    // Of equals, `max_by_key` takes the last.
    let most = counts.into_iter().rev().max_by_key(|(_, count)| *count);
    most.map(|(number, _)| number)
}

/// A switch that is on for one is on for all.
pub(crate) fn merge_switches(
    switches: &mut BTreeMap<&'static str, bool>,
    others: &BTreeMap<&'static str, bool>,
) {
    for (name, on) in others {
        *switches.entry(name).or_default() |= on;
    }
}
