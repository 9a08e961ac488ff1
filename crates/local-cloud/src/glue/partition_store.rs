//! Partitions in the store.
//!
//! A million partitions of a table mostly have the same columns, format and SerDe: these are kept
//! once, as a descriptor that the partitions name, and a partition is what differs: its location,
//! parameters and times. A descriptor stays for as long as its table does.

use md5::{Digest as _, Md5};
use rusqlite::{CachedStatement, Connection, OptionalExtension, Transaction};
use serde::{Deserialize, Serialize};

use super::errors;
use super::partition_key::{self, Kinds};
use super::tables::{self, StoredTable};
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::glue::*;

type Parameters = std::collections::BTreeMap<String, String>;

/// What is kept of a partition beside its values and its descriptor.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Document {
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accessed: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    analyzed: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<Parameters>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    descriptor_parameters: Option<Parameters>,
}

/// Fails unless there is a value for each of the table's partition keys.
pub(super) fn check_values(table: &Table, values: &[String]) -> Result<(), ServiceError> {
    if table.partition_keys.as_ref().map_or(0, Vec::len) != values.len() {
        return Err(errors::invalid_input(
            "The number of partition keys do not match the number of partition values",
        ));
    }
    if values.iter().any(String::is_empty) {
        return Err(errors::invalid_input("Partition values cannot be empty."));
    }
    Ok(())
}

/// Reads the partitions of one table.
pub(super) struct Reader<'c> {
    table: &'c Table,
    by_id: CachedStatement<'c>,
    descriptors: CachedStatement<'c>,
    /// Those read last.
    seen: Vec<(i64, StorageDescriptor)>,
    pub with_columns: bool,
}

impl<'c> Reader<'c> {
    pub fn new(c: &'c Connection, table: &'c StoredTable) -> Result<Self, ServiceError> {
        Ok(Self {
            table: &table.table,
            by_id: c.prepare_cached(
                "SELECT key, descriptor, document FROM glue_partitions WHERE id = ?1",
            )?,
            descriptors: c
                .prepare_cached("SELECT document FROM glue_partition_descriptors WHERE id = ?1")?,
            seen: Vec::new(),
            with_columns: true,
        })
    }

    pub fn read(&mut self, id: i64) -> Result<Partition, ServiceError> {
        let (key, descriptor, document): (Vec<u8>, Option<i64>, String) = self
            .by_id
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let document: Document = serde_json::from_str(&document)?;
        let descriptor = match descriptor {
            Some(id) => Some(StorageDescriptor {
                location: document.location,
                parameters: document.descriptor_parameters,
                ..self.descriptor(id)?
            }),
            None => None,
        };
        Ok(Partition {
            values: Some(partition_key::values(&key)),
            database_name: self.table.database_name.clone(),
            table_name: Some(self.table.name.clone()),
            creation_time: document.created,
            last_access_time: document.accessed,
            storage_descriptor: descriptor,
            parameters: document.parameters,
            last_analyzed_time: document.analyzed,
            catalog_id: self.table.catalog_id.clone(),
        })
    }

    fn descriptor(&mut self, id: i64) -> Result<StorageDescriptor, ServiceError> {
        if let Some((_, found)) = self.seen.iter().find(|(seen, _)| *seen == id) {
            return Ok(found.clone());
        }
        let text: String = self.descriptors.query_row([id], |row| row.get(0))?;
        let mut found: StorageDescriptor = serde_json::from_str(&text)?;
        if !self.with_columns {
            found.columns = None;
        }
        remember(&mut self.seen, id, found.clone());
        Ok(found)
    }
}

/// How many descriptors are remembered: the partitions of a table have few.
const REMEMBERED: usize = 8;

fn remember(seen: &mut Vec<(i64, StorageDescriptor)>, id: i64, descriptor: StorageDescriptor) {
    if seen.len() == REMEMBERED {
        seen.remove(0);
    }
    seen.push((id, descriptor));
}

/// The place of the partition of these values in the store.
pub(super) fn id_of(
    c: &Connection,
    table: &StoredTable,
    values: &[String],
) -> Result<Option<i64>, ServiceError> {
    let key = Kinds::of(&table.table).encode(values);
    Ok(
        c.prepare_cached("SELECT id FROM glue_partitions WHERE table_id = ?1 AND key = ?2")?
            .query_row((table.id, key), |row| row.get(0))
            .optional()?,
    )
}

pub(super) fn find(
    c: &Connection,
    table: &StoredTable,
    values: &[String],
) -> Result<Option<Partition>, ServiceError> {
    match id_of(c, table, values)? {
        Some(id) => Reader::new(c, table)?.read(id).map(Some),
        None => Ok(None),
    }
}

/// Writes the partitions of one table.
pub(super) struct Writer<'c> {
    tx: &'c Transaction<'c>,
    table: &'c StoredTable,
    kinds: Kinds,
    insert: CachedStatement<'c>,
    seen: Vec<(i64, StorageDescriptor)>,
}

impl<'c> Writer<'c> {
    pub fn new(tx: &'c Transaction<'c>, table: &'c StoredTable) -> Result<Self, ServiceError> {
        Ok(Self {
            tx,
            table,
            kinds: Kinds::of(&table.table),
            insert: tx.prepare_cached(
                "INSERT INTO glue_partitions (table_id, key, descriptor, document) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO NOTHING",
            )?,
            seen: Vec::new(),
        })
    }

    pub fn insert(&mut self, mut input: PartitionInput) -> Result<(), ServiceError> {
        let values = input.values.take().unwrap_or_default();
        check_values(&self.table.table, &values)?;
        let key = self.kinds.encode(&values);
        let (descriptor, document) = self.split(input, Timestamp::now())?;
        let made = self
            .insert
            .execute((self.table.id, key, descriptor, document))?;
        if made == 0 {
            return Err(errors::already_exists("Partition already exists."));
        }
        Ok(())
    }

    /// Replaces the partition of `values`; other values in the input move it.
    pub fn replace(
        &mut self,
        values: &[String],
        mut input: PartitionInput,
    ) -> Result<(), ServiceError> {
        check_values(&self.table.table, values)?;
        let id = id_of(self.tx, self.table, values)?.ok_or_else(errors::no_partition)?;
        let new_values = input
            .values
            .take()
            .filter(|v| !v.is_empty())
            .unwrap_or_else(|| values.to_vec());
        check_values(&self.table.table, &new_values)?;
        if new_values != values && id_of(self.tx, self.table, &new_values)?.is_some() {
            return Err(errors::already_exists("Partition already exists."));
        }
        let old: String = self
            .tx
            .prepare_cached("SELECT document FROM glue_partitions WHERE id = ?1")?
            .query_row([id], |row| row.get(0))?;
        let old: Document = serde_json::from_str(&old)?;
        let created = old.created.unwrap_or_else(Timestamp::now);
        let (descriptor, document) = self.split(input, created)?;
        let key = self.kinds.encode(&new_values);
        self.tx
            .prepare_cached(
                "UPDATE glue_partitions SET key = ?2, descriptor = ?3, document = ?4 WHERE id = ?1",
            )?
            .execute((id, key, descriptor, document))?;
        Ok(())
    }

    /// Takes a partition away. Its values may be as many as the table had keys when it was made.
    pub fn remove(&mut self, values: &[String]) -> Result<(), ServiceError> {
        let key = self.kinds.encode(values);
        let gone = self
            .tx
            .prepare_cached("DELETE FROM glue_partitions WHERE table_id = ?1 AND key = ?2")?
            .execute((self.table.id, key))?;
        if gone == 0 {
            check_values(&self.table.table, values)?;
            return Err(errors::no_partition());
        }
        Ok(())
    }

    /// A partition as the place of its descriptor, and its document.
    fn split(
        &mut self,
        input: PartitionInput,
        created: Timestamp,
    ) -> Result<(Option<i64>, String), ServiceError> {
        let mut document = Document {
            created: Some(created),
            accessed: input.last_access_time,
            analyzed: input.last_analyzed_time,
            parameters: input.parameters,
            ..Default::default()
        };
        let descriptor = match input.storage_descriptor {
            Some(mut descriptor) => {
                tables::complete(&mut descriptor);
                document.location = descriptor.location.take();
                document.descriptor_parameters = descriptor.parameters.take();
                Some(self.place(descriptor)?)
            }
            None => None,
        };
        Ok((descriptor, serde_json::to_string(&document)?))
    }

    /// The place of a descriptor in the store, where it is written if it is new.
    fn place(&mut self, descriptor: StorageDescriptor) -> Result<i64, ServiceError> {
        if let Some((id, _)) = self.seen.iter().find(|(_, seen)| *seen == descriptor) {
            return Ok(*id);
        }
        let text = serde_json::to_string(&descriptor)?;
        let hash = Md5::digest(text.as_bytes()).to_vec();
        let find = "SELECT id FROM glue_partition_descriptors WHERE table_id = ?1 AND hash = ?2";
        let found: Option<i64> = self
            .tx
            .prepare_cached(find)?
            .query_row((self.table.id, &hash), |row| row.get(0))
            .optional()?;
        let id = match found {
            Some(id) => id,
            None => {
                self.tx
                    .prepare_cached(
                        "INSERT INTO glue_partition_descriptors (table_id, hash, document) VALUES (?1, ?2, ?3)",
                    )?
                    .execute((self.table.id, hash, text))?;
                self.tx.last_insert_rowid()
            }
        };
        remember(&mut self.seen, id, descriptor);
        Ok(id)
    }
}

/// Writes the keys of a table's partitions anew, when its partition keys have other types now.
pub(super) fn sort_anew(
    tx: &Transaction<'_>,
    table: i64,
    old: &Table,
    new: &Table,
) -> Result<(), ServiceError> {
    let kinds = Kinds::of(new);
    if kinds == Kinds::of(old) {
        return Ok(());
    }
    let all: Vec<(i64, Vec<u8>)> = tx
        .prepare_cached("SELECT id, key FROM glue_partitions WHERE table_id = ?1")?
        .query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut update = tx.prepare_cached("UPDATE glue_partitions SET key = ?2 WHERE id = ?1")?;
    for (id, key) in all {
        let sorted = kinds.encode(&partition_key::values(&key));
        if sorted != key {
            update.execute((id, sorted))?;
        }
    }
    Ok(())
}
