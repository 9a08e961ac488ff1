//! The partitions of a crawled table, written to the catalog in batches.

use ::crawler::catalog::{Definition, Fate, Found, Partitions, Rules, Storage};
use ::crawler::{Partition as CrawledPartition, Table as Crawled};
use parking_lot::Mutex;

use super::catalog::{BATCH, Catalog};
use super::entries;
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
    let mut partitions = Partitions::new(rules, crawled, keys, regrouped == Some(true));
    let made = Made::new(table, rules);
    if regrouped.is_some() {
        write_changes(catalog, &mut partitions, &made, changes).await?;
    }
    for batch in partitions.new_ones().chunks(BATCH) {
        let inputs: Vec<_> = batch.iter().map(|found| made.new_one(found)).collect();
        catalog.add_partitions(&table.name, &inputs).await?;
        changes.lock().partitions_added += inputs.len() as u64;
    }
    Ok(())
}

/// Brings the partitions that are there up to date, a page at a time.
async fn write_changes(
    catalog: &Catalog<'_>,
    partitions: &mut Partitions<'_>,
    made: &Made<'_>,
    changes: &Mutex<Changes>,
) -> Result<(), ServiceError> {
    let name = &made.table.name;
    let mut token = None;
    loop {
        let (page, next) = catalog.partitions(name, token).await?;
        let (mut changed, mut gone) = (Vec::new(), Vec::new());
        for old in &page {
            let values = old.values.as_deref().unwrap_or_default();
            match partitions.fate(values, location(old)) {
                Fate::Stays => {}
                Fate::Goes => gone.push(PartitionValueList {
                    values: values.to_vec(),
                }),
                Fate::IsFound(found) => changed.extend(made.changed(old, found)),
            }
        }
        catalog.update_partitions(name, &changed).await?;
        changes.lock().partitions_updated += changed.len() as u64;
        catalog.delete_partitions(name, &gone).await?;
        changes.lock().partitions_deleted += gone.len() as u64;
        if next.is_none() {
            return Ok(());
        }
        token = next;
    }
}

fn location(partition: &Partition) -> &str {
    let descriptor = partition.storage_descriptor.as_ref();
    let location = descriptor.and_then(|descriptor| descriptor.location.as_deref());
    location.unwrap_or_default()
}

/// How the partitions of a table are made.
struct Made<'a> {
    rules: &'a Rules,
    table: &'a TableInput,
    storage: Option<Storage>,
}

impl<'a> Made<'a> {
    fn new(table: &'a TableInput, rules: &'a Rules) -> Self {
        let storage = table.storage_descriptor.as_ref().map(entries::storage_of);
        Self {
            rules,
            table,
            storage,
        }
    }

    /// What a partition's descriptor has that crawls do not write: its table's, where it inherits.
    fn base<'b>(&'b self, own: Option<&'b StorageDescriptor>) -> Option<&'b StorageDescriptor> {
        if self.rules.configuration.inherit_from_table {
            self.table.storage_descriptor.as_ref()
        } else {
            own
        }
    }

    fn new_one(&self, found: &CrawledPartition) -> PartitionInput {
        let mut partition = PartitionInput {
            values: Some(found.values.clone()),
            last_access_time: Some(Timestamp::now()),
            ..Default::default()
        };
        let found = Found::of_partition(found);
        let definition = Definition::new_partition(&found, self.storage.as_ref(), self.rules);
        entries::define_partition(&mut partition, definition, self.base(None));
        partition
    }

    /// What becomes of a partition that was found again, if anything does.
    fn changed(
        &self,
        old: &Partition,
        found: &CrawledPartition,
    ) -> Option<BatchUpdatePartitionRequestEntry> {
        let mut partition = entries::partition_input_of(old);
        let was = entries::partition_definition_of(&partition);
        let of_data = Found::of_partition(found);
        let now = was.merged_partition(&of_data, self.storage.as_ref(), self.rules);
        if now == was {
            return None;
        }
        let base = self.base(old.storage_descriptor.as_ref());
        entries::define_partition(&mut partition, now, base);
        Some(BatchUpdatePartitionRequestEntry {
            partition_value_list: old.values.clone().unwrap_or_default(),
            partition_input: partition,
        })
    }
}
