//! The partitions of a crawled table, written to the catalog in batches.

use std::collections::BTreeMap;

use ::crawler::{Format, Partition as CrawledPartition, Table as Crawled};
use parking_lot::Mutex;

use super::catalog::{BATCH, Catalog};
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
    let found = crawled.partitions.iter().filter(|p| p.values.len() == keys);
    let mut new: BTreeMap<&[String], &CrawledPartition> =
        found.map(|p| (&p.values[..], p)).collect();
    if let Some(regrouped) = regrouped {
        let comparison = Comparison {
            rules,
            table,
            keys,
            regrouped,
        };
        comparison.write_changes(catalog, &mut new, changes).await?;
    }
    let new: Vec<&CrawledPartition> = new.into_values().collect();
    for batch in new.chunks(BATCH) {
        let inputs: Vec<_> = batch
            .iter()
            .map(|p| new_partition(p, table, rules))
            .collect();
        catalog.add_partitions(&table.name, &inputs).await?;
        changes.lock().partitions_added += inputs.len() as u64;
    }
    Ok(())
}

/// How the partitions of a table that was there are brought up to date, a page at a time.
struct Comparison<'a> {
    rules: &'a Rules,
    table: &'a TableInput,
    keys: usize,
    regrouped: bool,
}

impl Comparison<'_> {
    /// Takes the partitions that are there out of `found`.
    async fn write_changes(
        &self,
        catalog: &Catalog<'_>,
        found: &mut BTreeMap<&[String], &CrawledPartition>,
        changes: &Mutex<Changes>,
    ) -> Result<(), ServiceError> {
        let name = &self.table.name;
        let mut token = None;
        loop {
            let (page, next) = catalog.partitions(name, token).await?;
            let (mut changed, mut gone) = (Vec::new(), Vec::new());
            for old in &page {
                let values = old.values.as_deref().unwrap_or_default();
                let fits = values.len() == self.keys || !self.rules.updates;
                if self.regrouped || !fits {
                    gone.push(values.to_vec());
                    continue;
                }
                match found.remove(values) {
                    Some(partition) => changed.extend(self.change(old, partition)),
                    None if self.is_gone(old) => gone.push(values.to_vec()),
                    None => {}
                }
            }
            catalog.update_partitions(name, &changed).await?;
            changes.lock().partitions_updated += changed.len() as u64;
            let gone: Vec<_> = gone
                .into_iter()
                .map(|values| PartitionValueList { values })
                .collect();
            catalog.delete_partitions(name, &gone).await?;
            changes.lock().partitions_deleted += gone.len() as u64;
            if next.is_none() {
                return Ok(());
            }
            token = next;
        }
    }

    /// What becomes of a partition that was found again, if anything does.
    fn change(
        &self,
        old: &Partition,
        found: &CrawledPartition,
    ) -> Option<BatchUpdatePartitionRequestEntry> {
        if !self.rules.updates {
            return None;
        }
        let was = merge::partition_input_of(old);
        let now = updated(&was, found, self.table, self.rules);
        (now != was).then(|| BatchUpdatePartitionRequestEntry {
            partition_value_list: found.values.clone(),
            partition_input: now,
        })
    }

    fn is_gone(&self, old: &Partition) -> bool {
        self.rules.gone == Gone::Delete && self.rules.cover(location(old))
    }
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
