//! The partitions of a crawled table: what is there, and what becomes of it.

use std::collections::{BTreeSet, HashMap, HashSet};

use aws_sdk_glue::types::{Partition, PartitionInput, StorageDescriptor, Table, TableInput};
use crawler::{Partition as FoundPartition, Table as FoundTable};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::merge::{self, Found};
use super::plan::{PartitionsPlan, location, now};
use super::settings::split;
use super::{Error, Gone, Rules, with_slash};
use crate::cloud::Cloud;
use crate::resource::{CallError, call};

/// How many folders are listed at a time.
const LISTINGS: usize = 16;

/// All partitions of a table.
pub async fn there(
    cloud: &Cloud,
    database: &str,
    table: &str,
) -> Result<Vec<Partition>, CallError> {
    let request = cloud.glue.get_partitions().database_name(database);
    let mut pages = request.table_name(table).into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|e| CallError::of("GetPartitions", e))?;
        found.extend(page.partitions.unwrap_or_default());
    }
    Ok(found)
}

/// What becomes of the partitions of a table. One that is regrouped has other partition keys than
/// before, under which none of its partitions can stay.
pub fn plan(
    rules: &Rules,
    table: &TableInput,
    found: &FoundTable,
    there: Vec<Partition>,
    is_regrouped: bool,
) -> Result<PartitionsPlan, CallError> {
    let mut plan = PartitionsPlan::default();
    let keys = table.partition_keys().len();
    let mut old: HashMap<Vec<String>, Partition> = HashMap::new();
    for partition in there {
        let values = partition.values().to_vec();
        // Of other partition keys than the table has.
        if values.len() != keys && rules.updates && !is_regrouped {
            plan.delete.push(values);
        } else {
            old.insert(values, partition);
        }
    }
    if is_regrouped {
        plan.delete.extend(old.drain().map(|(values, _)| values));
        plan.delete.sort();
    }
    if keys == 0 {
        return Ok(plan);
    }
    let mut seen: HashSet<&[String]> = HashSet::new();
    for partition in found.partitions.iter().filter(|p| p.values.len() == keys) {
        seen.insert(&partition.values);
        match old.get(&partition.values) {
            None => plan.create.push(new_partition(partition, table, rules)?),
            Some(old) if rules.updates => {
                let was = merge::partition_input_of(old);
                let now = updated(&was, partition, table, rules)?;
                if now != was {
                    plan.update.push(now);
                }
            }
            Some(_) => {}
        }
    }
    if rules.gone == Gone::Delete {
        let gone = old.iter().filter(|(values, partition)| {
            let place = partition.storage_descriptor().and_then(|d| d.location());
            !seen.contains(values.as_slice()) && rules.cover(place.unwrap_or_default())
        });
        plan.delete.extend(gone.map(|(values, _)| values.clone()));
        plan.delete.sort();
    }
    Ok(plan)
}

fn found_of(partition: &FoundPartition) -> Found<'_> {
    Found {
        columns: &partition.columns,
        location: &partition.location,
        format: &partition.format,
        parameters: merge::parameters(&partition.parameters),
    }
}

/// The descriptor that a partition has of its table, with `InheritFromTable`.
fn inherited(table: &TableInput, found: &Found<'_>) -> StorageDescriptor {
    let own = table.storage_descriptor().cloned();
    let mut descriptor = own.unwrap_or_else(|| StorageDescriptor::builder().build());
    descriptor.location = Some(found.location.to_owned());
    descriptor.parameters = Some(found.parameters.clone());
    descriptor
}

fn new_partition(
    partition: &FoundPartition,
    table: &TableInput,
    rules: &Rules,
) -> Result<PartitionInput, CallError> {
    let found = found_of(partition);
    let descriptor = if rules.inherits {
        inherited(table, &found)
    } else {
        merge::new_descriptor(&found)?
    };
    Ok(PartitionInput::builder()
        .set_values(Some(partition.values.clone()))
        .last_access_time(now())
        .storage_descriptor(descriptor)
        .set_parameters(Some(found.parameters))
        .build())
}

fn updated(
    was: &PartitionInput,
    partition: &FoundPartition,
    table: &TableInput,
    rules: &Rules,
) -> Result<PartitionInput, CallError> {
    let found = found_of(partition);
    let old = was.storage_descriptor();
    let descriptor = if rules.inherits {
        let mut descriptor = inherited(table, &found);
        let parameters = old.and_then(|d| d.parameters());
        descriptor.parameters = Some(merge::merged_parameters(parameters, &found.parameters));
        descriptor
    } else {
        merge::merged_descriptor(old, &found, rules.only_adds)?
    };
    let mut now = was.clone();
    now.storage_descriptor = Some(descriptor);
    now.parameters = Some(merge::merged_parameters(
        was.parameters(),
        &found.parameters,
    ));
    Ok(now)
}

/// The partitions whose folders are there and which the catalog does not have. They are as their
/// table is; no file is read. `looked` is told how many folders were seen.
pub async fn unknown(
    cloud: &Cloud,
    database: &str,
    table: &Table,
    looked: &(dyn Fn(u64) + Send + Sync),
) -> Result<Vec<PartitionInput>, Error> {
    let Some((bucket, prefix)) = split(location(table)) else {
        return Ok(Vec::new());
    };
    let keys: Vec<&str> = table
        .partition_keys()
        .iter()
        .map(aws_sdk_glue::types::Column::name)
        .collect();
    let prefix = if prefix.is_empty() {
        String::new()
    } else {
        with_slash(prefix)
    };
    let mut level: Vec<(String, Vec<String>)> = vec![(prefix, Vec::new())];
    for key in &keys {
        let below: Vec<Vec<(String, Vec<String>)>> = stream::iter(level)
            .map(|(prefix, values)| async move {
                let found = folders(cloud, bucket, &prefix).await?;
                looked(found.len() as u64);
                let named = found.into_iter().filter_map(|folder| {
                    let name = folder.strip_prefix(&prefix)?.trim_end_matches('/');
                    let mut values = values.clone();
                    values.push(value_of(name, key)?);
                    Some((folder, values))
                });
                Ok::<_, CallError>(named.collect())
            })
            .buffer_unordered(LISTINGS)
            .try_collect()
            .await?;
        level = below.into_iter().flatten().collect();
    }
    let request = cloud.glue.get_partitions().database_name(database);
    let request = request.table_name(table.name()).exclude_column_schema(true);
    let mut pages = request.into_paginator().send();
    let mut known: BTreeSet<Vec<String>> = BTreeSet::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|e| CallError::of("GetPartitions", e))?;
        known.extend(page.partitions().iter().map(|p| p.values().to_vec()));
    }
    level.sort();
    let mut new = Vec::new();
    for (folder, values) in level {
        if !known.contains(&values) {
            new.push(like_its_table(
                table,
                &format!("s3://{bucket}/{folder}"),
                values,
            ));
        }
    }
    Ok(new)
}

fn like_its_table(table: &Table, location: &str, values: Vec<String>) -> PartitionInput {
    let own = table.storage_descriptor().cloned();
    let mut descriptor = own.unwrap_or_else(|| StorageDescriptor::builder().build());
    descriptor.location = Some(location.to_owned());
    PartitionInput::builder()
        .set_values(Some(values))
        .last_access_time(now())
        .storage_descriptor(descriptor)
        .build()
}

/// The value that a folder's name gives a key: of `key=value`, or of a name without `=`. None for
/// another key's folder and for hidden ones.
fn value_of(folder: &str, key: &str) -> Option<String> {
    if folder.starts_with(['_', '.']) || folder.is_empty() || folder.ends_with("$folder$") {
        return None;
    }
    match folder.split_once('=') {
        Some((name, value)) => name.eq_ignore_ascii_case(key).then(|| value.to_owned()),
        None => Some(folder.to_owned()),
    }
}

/// The folders right below a prefix, each with the slash at its end.
async fn folders(cloud: &Cloud, bucket: &str, prefix: &str) -> Result<Vec<String>, CallError> {
    let mut found = Vec::new();
    let mut token = None;
    loop {
        let request = cloud.s3.list_objects_v2().bucket(bucket).prefix(prefix);
        let request = request.delimiter("/").set_continuation_token(token);
        let page = call!("ListObjectsV2", request)?;
        let names = page.common_prefixes().iter().filter_map(|p| p.prefix());
        found.extend(names.map(str::to_owned));
        token = page.next_continuation_token;
        if token.is_none() {
            return Ok(found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_the_value_of_its_key() {
        assert_eq!(value_of("year=2024", "Year").as_deref(), Some("2024"));
        assert_eq!(value_of("2024", "year").as_deref(), Some("2024"));
        assert_eq!(value_of("month=1", "year"), None);
        assert_eq!(value_of("_temporary", "year"), None);
        assert_eq!(value_of("k=a=b", "k").as_deref(), Some("a=b"));
    }
}
