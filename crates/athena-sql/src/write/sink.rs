//! Rows into files: one for each partition that they come in.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, UInt32Array};
use datafusion::arrow::compute::take_record_batch;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::arrow::row::{OwnedRow, RowConverter, SortField};
use futures::future::BoxFuture;
use futures::stream::{BoxStream, TryStreamExt};

use super::encode::{Encode, FileFormat, encoder};
use super::files::{Files, OutFile};
use crate::catalog::{Catalog, Partition, Storage, Table};
use crate::error::Error;
use crate::types::{Type, Value, to_text, value_at};

/// Partitions that one statement may write to.
/// <https://docs.aws.amazon.com/athena/latest/ug/ctas-insert-into.html>
pub const MOST_PARTITIONS: usize = 100;

/// Hive's name for a key that is NULL.
const NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// Where a partition's rows go.
#[derive(Clone, Debug)]
pub struct Place {
    /// `s3://bucket/folder`
    pub folder: String,
    pub format: FileFormat,
    /// Whether the catalog has still to be told of it.
    pub is_new: bool,
}

/// Finds the place of the partition with these values.
pub type FindPlace =
    Box<dyn Fn(Vec<String>) -> BoxFuture<'static, Result<Place, Error>> + Send + Sync>;

pub struct Sink {
    pub catalog: Arc<dyn Catalog>,
    /// Of the files; the partition keys come after them in a batch.
    pub columns: Vec<(String, Type)>,
    pub keys: Vec<Type>,
    /// What files' names begin with.
    pub file_prefix: String,
    pub place: FindPlace,
}

/// What a sink has taken in.
pub struct Filled {
    pub files: Files,
    pub rows: u64,
    /// The values of partitions that the catalog does not know, and their places.
    new_partitions: Vec<(Vec<String>, Place)>,
}

impl Filled {
    pub fn nothing() -> Self {
        Self {
            files: Files::default(),
            rows: 0,
            new_partitions: Vec::new(),
        }
    }

    /// The partitions that the catalog has still to be told of: as the table, each in its place.
    pub fn new_partitions(&self, table: &Table) -> Vec<Partition> {
        let new = self.new_partitions.iter();
        new.map(|(values, place)| Partition {
            values: values.clone(),
            storage: Storage {
                location: place.folder.clone(),
                ..table.storage.clone()
            },
            parameters: BTreeMap::new(),
        })
        .collect()
    }
}

struct Open {
    file: OutFile,
    encoder: Box<dyn Encode>,
}

impl Sink {
    /// Takes in all rows. What it has written is seen by nobody before it is committed.
    pub async fn fill(
        self,
        mut batches: BoxStream<'static, Result<RecordBatch, Error>>,
    ) -> Result<Filled, Error> {
        let splitter = Splitter::new(&self.keys)?;
        // By the texts of the keys, for NULL and '' are two values and one partition.
        let mut partitions: HashMap<Vec<String>, Open> = HashMap::new();
        let mut filled = Filled::nothing();
        while let Some(batch) = batches.try_next().await? {
            filled.rows += batch.num_rows() as u64;
            let keys = &batch.columns()[self.columns.len()..];
            for (_, rows) in splitter.split(keys, batch.num_rows())? {
                let first = rows.as_ref().map_or(0, |rows| rows.value(0) as usize);
                let is_full = partitions.len() == MOST_PARTITIONS;
                let open = match partitions.entry(self.values(keys, first)) {
                    Entry::Occupied(entry) => entry.into_mut(),
                    Entry::Vacant(_) if is_full => return Err(too_many_partitions()),
                    Entry::Vacant(entry) => {
                        let begun = self.begin(entry.key().clone(), &mut filled).await?;
                        entry.insert(begun)
                    }
                };
                open.encoder.write(&self.part(&batch, rows.as_ref())?)?;
                open.file.write(open.encoder.take()).await?;
            }
        }
        for Open { mut file, encoder } in partitions.into_values() {
            file.write(encoder.finish()?).await?;
            filled.files.push(file);
        }
        Ok(filled)
    }

    /// These rows of a batch, all of them where none are named, without the partition keys.
    fn part(&self, batch: &RecordBatch, rows: Option<&UInt32Array>) -> Result<RecordBatch, Error> {
        let columns: Vec<usize> = (0..self.columns.len()).collect();
        let part = batch.project(&columns).map_err(Error::internal)?;
        match rows {
            Some(rows) => take_record_batch(&part, rows).map_err(Error::internal),
            None => Ok(part),
        }
    }

    /// The texts of a partition's values.
    fn values(&self, keys: &[ArrayRef], row: usize) -> Vec<String> {
        let values = keys.iter().zip(&self.keys).map(|(array, data_type)| {
            let value = value_at(array, data_type, row);
            partition_text(&value, data_type)
        });
        values.collect()
    }

    async fn begin(&self, values: Vec<String>, filled: &mut Filled) -> Result<Open, Error> {
        let place = (self.place)(values.clone()).await?;
        let url = format!(
            "{}/{}_{}{}",
            place.folder.trim_end_matches('/'),
            self.file_prefix,
            uuid::Uuid::new_v4(),
            place.format.extension()
        );
        let file = OutFile::new(self.catalog.as_ref(), url)?;
        let encoder = encoder(&place.format, &self.columns)?;
        if place.is_new {
            filled.new_partitions.push((values, place));
        }
        Ok(Open { file, encoder })
    }
}

fn too_many_partitions() -> Error {
    Error::user(
        "HIVE_TOO_MANY_OPEN_PARTITIONS",
        format!("Exceeded limit of {MOST_PARTITIONS} open writers for partitions/buckets"),
    )
}

/// A partition's value as the catalog and the folder's name have it.
fn partition_text(value: &Value, data_type: &Type) -> String {
    match to_text(value, data_type) {
        Some(text) if !text.is_empty() => text,
        _ => NULL.to_owned(),
    }
}

/// Divides batches by the values of their keys.
pub struct Splitter(Option<RowConverter>);

impl Splitter {
    pub fn new(keys: &[Type]) -> Result<Self, Error> {
        if keys.is_empty() {
            return Ok(Self(None));
        }
        let fields = keys.iter().map(|key| SortField::new(key.arrow())).collect();
        let converter = RowConverter::new(fields).map_err(Error::internal)?;
        Ok(Self(Some(converter)))
    }

    /// Each partition with its rows, in the order in which they come; all rows without keys.
    pub fn split(
        &self,
        keys: &[ArrayRef],
        count: usize,
    ) -> Result<Vec<(Option<OwnedRow>, Option<UInt32Array>)>, Error> {
        let Some(converter) = &self.0 else {
            return Ok(if count == 0 {
                Vec::new()
            } else {
                vec![(None, None)]
            });
        };
        let converted = converter.convert_columns(keys).map_err(Error::internal)?;
        let mut places: HashMap<OwnedRow, usize> = HashMap::new();
        let mut parts: Vec<(OwnedRow, Vec<u32>)> = Vec::new();
        for (i, row) in converted.iter().enumerate() {
            let row = row.owned();
            let part = *places.entry(row).or_insert_with_key(|row| {
                parts.push((row.clone(), Vec::new()));
                parts.len() - 1
            });
            parts[part].1.push(i as u32);
        }
        Ok(parts
            .into_iter()
            .map(|(row, rows)| (Some(row), Some(rows.into())))
            .collect())
    }
}

/// What the names of a statement's files begin with: `20240131_120000_00042_k3x9z`, as Trino names
/// its queries.
pub fn file_prefix(now: chrono::DateTime<chrono::Utc>) -> String {
    use rand::RngExt as _;
    const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut random = rand::rng();
    let number = random.random_range(0..100_000);
    let letters: String = (0..5)
        .map(|_| char::from(LETTERS[random.random_range(0..LETTERS.len())]))
        .collect();
    format!("{}_{number:05}_{letters}", now.format("%Y%m%d_%H%M%S"))
}
