//! The partitions of a crawled table, written to the catalog in batches.

use std::collections::{HashMap, HashSet};

use ::crawler::{Format, Partition as CrawledPartition, Table as Crawled};
use parking_lot::Mutex;

use super::catalog::Catalog;
use super::merge::{self, Found};
use super::{Gone, Rules};
use crate::error::ServiceError;
use crate::glue::crawls::Changes;
use crate::model::Timestamp;
use crate::model::glue::*;

/// Writes the partitions of a table. `regrouped` says of a table that was there whether it has
/// other partition keys now, under which none of its partitions can stay.
pub(super) async fn write(
    catalog: &Catalog<'_>,
    rules: &Rules,
    table: &TableInput,
    crawled: &Crawled,
    regrouped: Option<bool>,
    changes: &Mutex<Changes>,
) -> Result<(), ServiceError> {
    let keys = table.partition_keys.as_ref().map_or(0, Vec::len);
    if keys == 0 && regrouped != Some(true) {
        return Ok(());
    }
    let name = &table.name;
    let mut there: HashMap<Vec<String>, Partition> = HashMap::new();
    if regrouped.is_some() {
        for partition in catalog.partitions(name).await? {
            there.insert(partition.values.clone().unwrap_or_default(), partition);
        }
    }
    if regrouped == Some(true) {
        let all: Vec<_> = there
            .drain()
            .map(|(values, _)| PartitionValueList { values })
            .collect();
        catalog.delete_partitions(name, &all).await?;
        changes.lock().partitions_deleted += all.len() as u64;
    }
    let (mut new, mut changed) = (Vec::new(), Vec::new());
    let mut seen: HashSet<&[String]> = HashSet::new();
    for partition in crawled.partitions.iter().filter(|p| p.values.len() == keys) {
        seen.insert(&partition.values);
        match there.get(&partition.values) {
            None => new.push(new_partition(partition, table, rules)),
            Some(old) if rules.updates => {
                let was = merge::partition_input_of(old);
                let now = updated(&was, partition, table, rules);
                if now != was {
                    changed.push(BatchUpdatePartitionRequestEntry {
                        partition_value_list: partition.values.clone(),
                        partition_input: now,
                    });
                }
            }
            Some(_) => {}
        }
    }
    catalog.add_partitions(name, &new).await?;
    changes.lock().partitions_added += new.len() as u64;
    catalog.update_partitions(name, &changed).await?;
    changes.lock().partitions_updated += changed.len() as u64;
    if rules.gone == Gone::Delete {
        let gone: Vec<_> = there
            .iter()
            .filter(|(values, partition)| {
                !seen.contains(values.as_slice()) && rules.cover(location(partition))
            })
            .map(|(values, _)| PartitionValueList {
                values: values.clone(),
            })
            .collect();
        catalog.delete_partitions(name, &gone).await?;
        changes.lock().partitions_deleted += gone.len() as u64;
    }
    Ok(())
}

fn location(partition: &Partition) -> &str {
    partition
        .storage_descriptor
        .as_ref()
        .and_then(|d| d.location.as_deref())
        .unwrap_or_default()
}

/// The descriptor that a partition has of its table, with `InheritFromTable`.
fn inherited(table: &TableInput, found: &Found<'_>) -> StorageDescriptor {
    let mut descriptor = table.storage_descriptor.clone().unwrap_or_default();
    descriptor.location = Some(found.location.to_owned());
    descriptor.parameters = Some(found.parameters.clone());
    descriptor
}

fn found_of(partition: &CrawledPartition) -> Found<'_> {
    let CrawledPartition {
        columns,
        location,
        format,
        parameters,
        ..
    } = partition;
    let format: &Format = format;
    Found {
        columns,
        location,
        format,
        parameters: parameters.clone(),
    }
}

fn new_partition(
    partition: &CrawledPartition,
    table: &TableInput,
    rules: &Rules,
) -> PartitionInput {
    let found = found_of(partition);
    let descriptor = if rules.configuration.inherit_from_table {
        inherited(table, &found)
    } else {
        merge::new_descriptor(&found)
    };
    PartitionInput {
        values: Some(partition.values.clone()),
        last_access_time: Some(Timestamp::now()),
        storage_descriptor: Some(descriptor),
        parameters: Some(found.parameters),
        last_analyzed_time: None,
    }
}

fn updated(
    was: &PartitionInput,
    partition: &CrawledPartition,
    table: &TableInput,
    rules: &Rules,
) -> PartitionInput {
    let found = found_of(partition);
    let old = was.storage_descriptor.as_ref();
    let descriptor = if rules.configuration.inherit_from_table {
        let mut descriptor = inherited(table, &found);
        descriptor.parameters = Some(merge::merged_parameters(
            old.and_then(|d| d.parameters.as_ref()),
            &found.parameters,
        ));
        descriptor
    } else {
        merge::merged_descriptor(old, &found, rules.configuration.merge_new_columns)
    };
    PartitionInput {
        storage_descriptor: Some(descriptor),
        parameters: Some(merge::merged_parameters(
            was.parameters.as_ref(),
            &found.parameters,
        )),
        ..was.clone()
    }
}
