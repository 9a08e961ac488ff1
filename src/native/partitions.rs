//! The partitions of a crawled table: what is there, and what becomes of it.

mod folders;

use std::collections::{BTreeSet, HashSet};

use aws_sdk_glue::types::{Partition, PartitionInput, StorageDescriptor, Table, TableInput};
use aws_sdk_s3::types::Object;
use crawler::Table as FoundTable;
use crawler::catalog::{
    Definition, Fate, Found, Partitions, Rules, is_hidden, partition_value, split, with_slash,
};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::entries;
use super::plan::{PartitionsPlan, location, now};
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

/// The values and the location of each partition of a table.
pub async fn places(
    cloud: &Cloud,
    database: &str,
    table: &str,
) -> Result<Vec<(Vec<String>, String)>, CallError> {
    let request = cloud.glue.get_partitions().database_name(database);
    let request = request.table_name(table).exclude_column_schema(true);
    let mut pages = request.into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|e| CallError::of("GetPartitions", e))?;
        found.extend(page.partitions().iter().map(|partition| {
            let stored = partition.storage_descriptor();
            let location = stored.and_then(StorageDescriptor::location);
            let location = location.unwrap_or_default();
            (partition.values().to_vec(), location.to_owned())
        }));
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
    let mut partitions = Partitions::new(rules, found, keys, is_regrouped);
    let storage = table.storage_descriptor().map(entries::storage_of);
    let storage = storage.as_ref();
    // What a partition's descriptor has that crawls do not write is its table's, where it inherits.
    let inherits = rules.configuration.inherit_from_table;
    let of_table = table.storage_descriptor().filter(|_| inherits);
    for old in &there {
        let place = old
            .storage_descriptor()
            .and_then(StorageDescriptor::location);
        match partitions.fate(old.values(), place.unwrap_or_default()) {
            Fate::Stays => {}
            Fate::Goes => plan.delete.push(old.values().to_vec()),
            Fate::IsFound(found) => {
                let mut partition = entries::partition_input_of(old);
                let was = entries::partition_definition_of(&partition);
                let now = was.merged_partition(&Found::of_partition(found), storage, rules);
                if now != was {
                    let base = of_table.or(old.storage_descriptor());
                    entries::define_partition(&mut partition, now, base)?;
                    plan.update.push(partition);
                }
            }
        }
    }
    plan.delete.sort();
    for found in partitions.new_ones() {
        let mut partition = PartitionInput::builder()
            .set_values(Some(found.values.clone()))
            .last_access_time(now())
            .build();
        let definition = Definition::new_partition(&Found::of_partition(found), storage, rules);
        entries::define_partition(&mut partition, definition, of_table)?;
        plan.create.push(partition);
    }
    Ok(plan)
}

/// What is below a table and not in the catalog.
pub struct Unknown {
    pub partitions: Vec<PartitionInput>,
    /// What is of no partition.
    pub warnings: Vec<crawler::Warning>,
}

/// The partitions whose folders are there and which the catalog does not have. They are as their
/// table is; no file is read. `looked` is told how many folders were seen.
pub async fn unknown(
    cloud: &Cloud,
    database: &str,
    table: &Table,
    looked: &(dyn Fn(u64) + Send + Sync),
) -> Result<Unknown, CallError> {
    let Some((bucket, prefix)) = split(location(table)) else {
        return Ok(Unknown {
            partitions: Vec::new(),
            warnings: Vec::new(),
        });
    };
    let root = if prefix.is_empty() {
        String::new()
    } else {
        with_slash(prefix)
    };
    let walked = folders::walk(cloud, bucket, root, table.partition_keys(), looked).await?;
    let mut known: HashSet<Vec<String>> = HashSet::new();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for (values, location) in places(cloud, database, table.name()).await? {
        known.insert(values);
        taken.insert(with_slash(&location));
    }
    let mut misfits = walked.misfits.without(bucket, &taken);
    // A folder that has a partition gets no second one, whatever the first one's values are called.
    let unknown = walked.folders.into_iter().filter(|(folder, values)| {
        !known.contains(values) && !taken.contains(&format!("s3://{bucket}/{folder}"))
    });
    let unknown: Vec<(String, Vec<String>)> = unknown.collect();
    let mut new: Vec<(String, Vec<String>)> = stream::iter(unknown)
        .map(|(folder, values)| async move {
            let has_data = has_data(cloud, bucket, &folder).await?;
            Ok::<_, CallError>(has_data.then_some((folder, values)))
        })
        .buffer_unordered(LISTINGS)
        .try_filter_map(|found| async move { Ok(found) })
        .try_collect()
        .await?;
    new.sort();
    let mut partitions = Vec::new();
    for (folder, values) in new {
        // Two folders may be named by the same values; the catalog takes them once.
        if known.insert(values.clone()) {
            let location = format!("s3://{bucket}/{folder}");
            partitions.push(like_its_table(table, &location, values));
        } else {
            misfits.add_again(folder);
        }
    }
    Ok(Unknown {
        partitions,
        warnings: misfits.warnings(bucket, table.name()),
    })
}

/// Whether a folder has an object that a crawl would look at: one that is neither empty nor hidden.
async fn has_data(cloud: &Cloud, bucket: &str, folder: &str) -> Result<bool, CallError> {
    let mut token = None;
    loop {
        let request = cloud.s3.list_objects_v2().bucket(bucket).prefix(folder);
        let page = call!("ListObjectsV2", request.set_continuation_token(token))?;
        let is_data = |object: &Object| {
            let key = object.key().unwrap_or_default();
            let below = key.strip_prefix(folder).unwrap_or_default();
            object.size().unwrap_or_default() > 0 && may_be_data(below)
        };
        if page.contents().iter().any(is_data) {
            return Ok(true);
        }
        token = page.next_continuation_token;
        if token.is_none() {
            return Ok(false);
        }
    }
}

/// Whether a file or folder is one that crawls look at. Hadoop marks folders with `$folder$`.
fn may_be_data(below: &str) -> bool {
    !below.is_empty() && !is_hidden(below) && !below.ends_with("$folder$")
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

/// The value that a folder's name gives a key; none for another key's folder and for hidden ones.
fn value_of(folder: &str, key: &str) -> Option<String> {
    let value = partition_value(folder, key);
    value.filter(|_| may_be_data(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_no_data() {
        for hidden in [
            "",
            "_SUCCESS",
            "_temporary/0/a.csv",
            ".part.crc",
            "x_$folder$",
        ] {
            assert!(!may_be_data(hidden), "{hidden}");
        }
        assert!(may_be_data("a_b/c.d"));
        assert!(may_be_data("_day=1/a.csv"));
    }

    #[test]
    fn a_folder_gives_the_value_of_its_key() {
        assert_eq!(value_of("year=2024", "Year").as_deref(), Some("2024"));
        assert_eq!(value_of("2024", "year").as_deref(), Some("2024"));
        assert_eq!(value_of("month=1", "year"), None);
        assert_eq!(value_of("_temporary", "year"), None);
        assert_eq!(value_of("_year=2024", "_year").as_deref(), Some("2024"));
        assert_eq!(value_of(".year=2024", ".year"), None);
        assert_eq!(value_of("k=a=b", "k").as_deref(), Some("a=b"));
        assert_eq!(value_of("k=a%20b", "k").as_deref(), Some("a b"));
        assert_eq!(value_of("k=", "k"), None);
    }
}
