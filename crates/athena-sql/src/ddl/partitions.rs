//! SHOW PARTITIONS, and ALTER TABLE ADD, DROP and RENAME PARTITION.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::create_table::check_location;
use super::{answer, delta_table, failure, partition_name};
use crate::answer::Answer;
use crate::ast::{
    ComparisonOperator, NewPartition, PartitionCondition, PartitionSpec, QualifiedName,
};
use crate::catalog::{Partition, Storage, Table};
use crate::delta;
use crate::error::Error;
use crate::session::Session;

pub async fn show(name: &QualifiedName, session: &Session) -> Result<Answer, Error> {
    let table = delta_table::described(name, session).await?;
    if table.partition_keys.is_empty() {
        return Err(failure::execution(format!(
            "Table {} is not a partitioned table",
            table.name
        )));
    }
    let mut lines: Vec<String> = if delta::is_delta(&table) {
        delta_table::partitions(&table, session).await?
    } else {
        let partitions = session.catalog.partitions(&table, None).await?;
        let names = partitions
            .iter()
            .map(|partition| partition_name::name(&table.partition_keys, &partition.values));
        names.collect()
    };
    lines.sort_unstable();
    Ok(answer::lines("SHOW_PARTITIONS", &["partition"], lines))
}

/// A partition of the table's storage, at this place or where its name says.
pub fn new_partition(table: &Table, values: Vec<String>, location: Option<String>) -> Partition {
    let location = location.unwrap_or_else(|| {
        partition_name::location(&table.storage.location, &table.partition_keys, &values)
    });
    Partition {
        values,
        storage: Storage {
            location,
            ..table.storage.clone()
        },
        parameters: Default::default(),
    }
}

pub async fn add(
    table: &Table,
    partitions: &[NewPartition],
    if_not_exists: bool,
    session: &Session,
) -> Result<Answer, Error> {
    let mut known = BTreeSet::new();
    let mut added = Vec::new();
    for partition in partitions {
        let values = values(table, &partition.spec)?;
        if let Some(location) = &partition.location {
            check_location(location)?;
        }
        let exists =
            !known.insert(values.clone()) || find(table, &values, session).await?.is_some();
        if !exists {
            added.push(new_partition(table, values, partition.location.clone()));
        } else if !if_not_exists {
            return Err(failure::execution(format!(
                "AlreadyExistsException(message:Partition already exists: {})",
                partition_name::name(&table.partition_keys, &values)
            )));
        }
    }
    if !added.is_empty() {
        session.catalog.create_partitions(table, added).await?;
    }
    Ok(answer::done("ALTER_TABLE_ADD_PARTITION"))
}

/// Takes the partitions from the catalog that fulfil all conditions of one of the lists.
pub async fn drop(
    table: &Table,
    specs: &[Vec<PartitionCondition>],
    if_exists: bool,
    session: &Session,
) -> Result<Answer, Error> {
    let mut dropped = BTreeSet::new();
    for conditions in specs {
        let found = matching(table, conditions, session).await?;
        if found.is_empty() && !if_exists {
            let spec: Vec<String> = conditions
                .iter()
                .map(|condition| {
                    format!(
                        "{} {} '{}'",
                        condition.column.lower(),
                        condition.operator.symbol(),
                        condition.value
                    )
                })
                .collect();
            return Err(failure::semantic(
                10006,
                format!("Partition not found ({})", spec.join(", ")),
            ));
        }
        dropped.extend(found);
    }
    if !dropped.is_empty() {
        session
            .catalog
            .drop_partitions(table, dropped.into_iter().collect())
            .await?;
    }
    Ok(answer::done("ALTER_TABLE_DROP_PARTITION"))
}

/// The new name gets the partition's place; then the old one goes.
pub async fn rename(
    table: &Table,
    from: &PartitionSpec,
    to: &PartitionSpec,
    session: &Session,
) -> Result<Answer, Error> {
    let from = values(table, from)?;
    let to = values(table, to)?;
    let mut partition = existing(table, &from, session).await?;
    if find(table, &to, session).await?.is_some() {
        return Err(failure::execution(format!(
            "Unable to rename partition. Partition {} already exists.",
            partition_name::name(&table.partition_keys, &to)
        )));
    }
    partition.values = to;
    session
        .catalog
        .create_partitions(table, vec![partition])
        .await?;
    session.catalog.drop_partitions(table, vec![from]).await?;
    Ok(answer::done("ALTER_TABLE_RENAME_PARTITION"))
}

pub async fn set_location(
    table: &Table,
    spec: &PartitionSpec,
    location: &str,
    session: &Session,
) -> Result<Answer, Error> {
    let values = values(table, spec)?;
    let mut partition = existing(table, &values, session).await?;
    partition.storage.location = location.to_owned();
    session.catalog.update_partition(table, partition).await?;
    Ok(answer::done("ALTER_TABLE_SET_LOCATION"))
}

/// A specification's values in the order of the keys: every key has one.
pub fn values(table: &Table, spec: &PartitionSpec) -> Result<Vec<String>, Error> {
    for (name, _) in spec {
        key_type(table, &name.lower())?;
    }
    table
        .partition_keys
        .iter()
        .map(|key| {
            let given = spec.iter().find(|(name, _)| name.lower() == key.name);
            given.map(|(_, value)| value.clone()).ok_or_else(|| {
                failure::semantic(
                    10006,
                    format!(
                        "partition spec {} doesn't contain all ({}) partition columns",
                        spec.iter()
                            .map(|(name, value)| format!("{}={value}", name.lower()))
                            .collect::<Vec<_>>()
                            .join(", "),
                        table.partition_keys.len()
                    ),
                )
            })
        })
        .collect()
}

fn key_type<'a>(table: &'a Table, name: &str) -> Result<(usize, &'a str), Error> {
    table
        .partition_keys
        .iter()
        .position(|key| key.name == name)
        .map(|at| (at, table.partition_keys[at].data_type.as_str()))
        .ok_or_else(|| {
            failure::semantic(
                10098,
                format!("Non-Partition column appears in the partition specification: {name}"),
            )
        })
}

async fn existing(table: &Table, values: &[String], session: &Session) -> Result<Partition, Error> {
    find(table, values, session).await?.ok_or_else(|| {
        failure::semantic(
            10006,
            format!(
                "Partition not found {}",
                partition_name::name(&table.partition_keys, values)
            ),
        )
    })
}

async fn find(
    table: &Table,
    values: &[String],
    session: &Session,
) -> Result<Option<Partition>, Error> {
    let terms: Vec<String> = table
        .partition_keys
        .iter()
        .zip(values)
        .map(|(key, value)| term(&key.name, &key.data_type, ComparisonOperator::Equal, value))
        .collect();
    let found = session
        .catalog
        .partitions(table, Some(&terms.join(" AND ")))
        .await?;
    Ok(found
        .into_iter()
        .find(|partition| partition.values == values))
}

async fn matching(
    table: &Table,
    conditions: &[PartitionCondition],
    session: &Session,
) -> Result<Vec<Vec<String>>, Error> {
    let mut tests = Vec::new();
    let mut terms = Vec::new();
    for condition in conditions {
        let name = condition.column.lower();
        let (at, data_type) = key_type(table, &name)?;
        terms.push(term(&name, data_type, condition.operator, &condition.value));
        tests.push((at, is_number(data_type), condition));
    }
    let found = session
        .catalog
        .partitions(table, Some(&terms.join(" AND ")))
        .await?;
    let mut values: Vec<Vec<String>> = found
        .into_iter()
        .map(|partition| partition.values)
        .collect();
    // The catalog gives those that may match.
    values.retain(|values| {
        tests.iter().all(|(at, is_number, condition)| {
            values
                .get(*at)
                .is_some_and(|value| holds(value, *is_number, condition))
        })
    });
    Ok(values)
}

fn is_number(data_type: &str) -> bool {
    ["tinyint", "smallint", "int", "bigint"].contains(&data_type)
        || data_type.starts_with("decimal")
}

fn holds(value: &str, is_number: bool, condition: &PartitionCondition) -> bool {
    let as_numbers = || {
        let left: f64 = value.parse().ok().filter(|_| is_number)?;
        left.partial_cmp(&condition.value.parse().ok()?)
    };
    let ordering = as_numbers().unwrap_or_else(|| value.cmp(&condition.value));
    match condition.operator {
        ComparisonOperator::Equal => ordering == Ordering::Equal,
        ComparisonOperator::NotEqual => ordering != Ordering::Equal,
        ComparisonOperator::LessThan => ordering == Ordering::Less,
        ComparisonOperator::LessThanOrEqual => ordering != Ordering::Greater,
        ComparisonOperator::GreaterThan => ordering == Ordering::Greater,
        ComparisonOperator::GreaterThanOrEqual => ordering != Ordering::Less,
    }
}

/// A comparison in Glue's filter language.
fn term(name: &str, data_type: &str, operator: ComparisonOperator, value: &str) -> String {
    let is_number = is_number(data_type) && value.parse::<f64>().is_ok();
    let literal = if is_number {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', "''"))
    };
    format!("{name} {} {literal}", operator.symbol())
}
