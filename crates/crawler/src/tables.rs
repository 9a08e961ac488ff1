//! Table definitions of groups of files.

use std::collections::{BTreeMap, HashMap};

use crate::classify::Layout;
use crate::group::{Group, Grouped, Leaf, Statistics, merge_switches};
use crate::lake::LakeTable;
use crate::naming::{TableNames, hive_value, unused};
use crate::parameters::parameters;
use crate::schema::{Field, merge_fields};
use crate::{Column, Partition, Table, Warning, location};

/// Glue's limit, in characters.
const LONGEST_COLUMN_NAME: usize = 255;

/// Makes tables of groups, which come in the order of their locations.
pub(crate) fn table(
    group: &Group,
    grouped: &Grouped,
    bucket: &str,
    names: &mut TableNames,
    warnings: &mut Vec<Warning>,
) -> Table {
    let layout = &grouped.layouts.values[group.layout];
    let own_location = location(bucket, &group.root, !group.is_file);
    let partition_keys = partition_keys(&group.levels);
    let clashes = clashes(&grouped.schemas.values[group.columns], &partition_keys);
    if !clashes.is_empty() {
        warnings.push(Warning {
            location: own_location.clone(),
            message: clash_message(&clashes, layout),
        });
    }
    let columns =
        |schema: usize| without_clashes(&grouped.schemas.values[schema], &clashes, layout);
    let mut statistics = Statistics::default();
    let mut switches = BTreeMap::new();
    let leaves = leaves_with_values(group, bucket, warnings);
    for (leaf, _) in &leaves {
        statistics.add(&leaf.statistics);
        merge_switches(&mut switches, &leaf.switches);
    }
    let partitions = if group.levels.is_empty() {
        Vec::new()
    } else {
        let partition = |(leaf, values): (&Leaf, Vec<String>)| {
            let fields = columns(leaf.columns);
            let literal = grouped.literal_of_leaf(leaf, group.layout);
            let literal = literal.as_deref();
            Partition {
                values,
                location: location(bucket, &leaf.key, true),
                columns: to_columns(&fields, layout.by_place),
                format: layout.format(&fields, literal),
                parameters: parameters(
                    layout,
                    &leaf.statistics,
                    &leaf.switches,
                    leaf.skipped_lines,
                    literal,
                ),
            }
        };
        leaves.into_iter().map(partition).collect()
    };
    let fields = columns(group.columns);
    let literal = grouped.literal_of_table(group);
    let literal = literal.as_deref();
    let name = group
        .root
        .rsplit('/')
        .next()
        .filter(|name| !name.is_empty());
    Table {
        name: names.give(name.unwrap_or(bucket), &own_location),
        location: own_location,
        columns: to_columns(&fields, layout.by_place),
        partition_keys,
        partitions,
        format: layout.format(&fields, literal),
        parameters: parameters(
            layout,
            &statistics,
            &switches,
            group.skipped_lines(),
            literal,
        ),
        is_counted: statistics.records == statistics.seen,
    }
}

/// Makes a table of a folder that a table format keeps.
pub(crate) fn lake_table(lake: &LakeTable, bucket: &str, names: &mut TableNames) -> Table {
    let own_location = location(bucket, &lake.root, true);
    let folder = lake.root.rsplit('/').next();
    let folder = folder.filter(|name| !name.is_empty()).unwrap_or(bucket);
    let columns = to_columns(&lake.columns, false);
    let partitions = lake.partitions.iter().map(|leaf| Partition {
        values: leaf.values.clone(),
        location: location(bucket, &leaf.key, true),
        columns: columns.clone(),
        format: lake.format.clone(),
        parameters: BTreeMap::new(),
    });
    Table {
        name: names.give(&format!("{folder}{}", lake.suffix), &own_location),
        partition_keys: to_columns(&lake.partition_keys, false),
        partitions: partitions.collect(),
        location: own_location,
        columns,
        format: lake.format.clone(),
        parameters: lake.parameters.clone(),
        is_counted: false,
    }
}

/// Keys are strings, whatever their values look like. A level whose folders are not named
/// `key=value` is `partition_` and its number.
fn partition_keys(levels: &[Option<String>]) -> Vec<Column> {
    let mut taken = HashMap::new();
    levels
        .iter()
        .enumerate()
        .map(|(level, key)| {
            let name = key.clone().unwrap_or_else(|| format!("partition_{level}"));
            Column {
                name: unused(name, &mut taken),
                data_type: "string".to_owned(),
            }
        })
        .collect()
}

/// The leaves of a group with the values of its keys, but for folders that can be no partition: the
/// catalog takes no value that is empty, and no values twice.
fn leaves_with_values<'a>(
    group: &'a Group,
    bucket: &str,
    warnings: &mut Vec<Warning>,
) -> Vec<(&'a Leaf, Vec<String>)> {
    if group.levels.is_empty() {
        return group.leaves.iter().map(|leaf| (leaf, Vec::new())).collect();
    }
    let mut first: HashMap<Vec<String>, &str> = HashMap::new();
    let mut leaves = Vec::with_capacity(group.leaves.len());
    for leaf in &group.leaves {
        let values = partition_values(&group.root, &leaf.key);
        let why = if values.iter().any(String::is_empty) {
            "its name gives a key an empty value, which the catalog does not take".to_owned()
        } else if let Some(other) = first.get(&values) {
            let other = location(bucket, other, true);
            format!("its name gives the keys the same values as {other}")
        } else {
            first.insert(values.clone(), &leaf.key);
            leaves.push((leaf, values));
            continue;
        };
        warnings.push(Warning {
            location: location(bucket, &leaf.key, true),
            message: format!("the folder is no partition: {why}"),
        });
    }
    leaves
}

fn partition_values(root: &str, leaf: &str) -> Vec<String> {
    leaf.strip_prefix(root)
        .unwrap_or(leaf)
        .split('/')
        .filter(|folder| !folder.is_empty())
        .map(hive_value)
        .collect()
}

/// The columns that are called as a partition key is, with what they are called instead: Athena
/// reads no table that has a name twice. Columns known by name are left out, as the key has their
/// values; those known by place must stay.
fn clashes(columns: &[Field], keys: &[Column]) -> HashMap<String, String> {
    let mut taken: HashMap<String, usize> = keys.iter().map(|key| (key.name.clone(), 0)).collect();
    let clashing: Vec<&Field> = columns
        .iter()
        .filter(|column| taken.contains_key(&column.name.to_lowercase()))
        .collect();
    if clashing.is_empty() {
        return HashMap::new();
    }
    taken.extend(columns.iter().map(|column| (column.name.to_lowercase(), 0)));
    clashing
        .into_iter()
        .map(|column| {
            let folded = column.name.to_lowercase();
            (folded.clone(), unused(folded, &mut taken))
        })
        .collect()
}

fn without_clashes(
    columns: &[Field],
    clashes: &HashMap<String, String>,
    layout: &Layout,
) -> Vec<Field> {
    columns
        .iter()
        .filter_map(|column| match clashes.get(&column.name.to_lowercase()) {
            None => Some(column.clone()),
            Some(renamed) if layout.by_place => {
                Some(Field::new(renamed.clone(), column.data_type.clone()))
            }
            Some(_) => None,
        })
        .collect()
}

fn clash_message(clashes: &HashMap<String, String>, layout: &Layout) -> String {
    let mut names: Vec<String> = clashes
        .iter()
        .map(|(name, renamed)| {
            if layout.by_place {
                format!("column `{name}` is called `{renamed}`")
            } else {
                format!("column `{name}` of the files is left out")
            }
        })
        .collect();
    names.sort_unstable();
    format!("{}, because a partition key has its name", names.join(", "))
}

/// Glue's columns are in lower case, have a name of one line, and each its own. A name that comes
/// again is numbered where columns are known by their place; where they are known by name, the
/// column is one, of the type that holds the values of all.
fn to_columns(fields: &[Field], by_place: bool) -> Vec<Column> {
    let mut valid: Vec<Field> = Vec::with_capacity(fields.len());
    for (place, field) in fields.iter().enumerate() {
        valid.push(Field::new(
            column_name(&field.name, place),
            field.data_type.clone(),
        ));
    }
    if by_place {
        let mut taken = HashMap::new();
        for field in &mut valid {
            field.name = unused(std::mem::take(&mut field.name), &mut taken);
        }
    } else {
        let mut merged = Vec::with_capacity(valid.len());
        merge_fields(&mut merged, &valid);
        valid = merged;
    }
    valid
        .into_iter()
        .map(|field| Column {
            data_type: field.data_type.to_string(),
            name: field.name,
        })
        .collect()
}

/// A name that is empty is made of the column's place, as CSV's are.
fn column_name(name: &str, place: usize) -> String {
    let lower = name.to_lowercase();
    let name: String = lower
        .chars()
        .map(|c| if c.is_control() { '_' } else { c })
        .take(LONGEST_COLUMN_NAME)
        .collect();
    if name.trim().is_empty() {
        format!("col{place}")
    } else {
        name
    }
}
