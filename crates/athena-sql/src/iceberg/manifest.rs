//! Manifest lists and manifests: Avro files that name the data files of a snapshot.
//!
//! Source: Apache Iceberg's specification, "Manifests" and "Manifest Lists".

use std::collections::HashMap;

use apache_avro::Reader;
use apache_avro::types::Value as Avro;

use super::metadata::{Snapshot, TableMetadata};
use super::schema::Schema;
use super::{objects, value};
use crate::catalog::Catalog;
use crate::error::Error;
use crate::types::Value;

/// What the files of a manifest, or a file, are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    Data,
    PositionDeletes,
    EqualityDeletes,
}

/// An entry of a manifest list.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    pub url: String,
    /// In bytes.
    pub length: i64,
    pub spec_id: i32,
    /// Whether its files are delete files.
    pub has_deletes: bool,
    /// None of those that a snapshot names without a list.
    pub sequence_number: Option<i64>,
    pub min_sequence_number: Option<i64>,
    /// The snapshot that added it.
    pub snapshot_id: Option<i64>,
    pub files: Counts,
    pub rows: Counts,
    /// Of each field of the partition spec.
    pub partitions: Vec<Summary>,
    pub key_metadata: Option<Vec<u8>>,
}

/// How many files or rows of a manifest are of each state, where it is said.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub added: Option<i64>,
    pub existing: Option<i64>,
    pub deleted: Option<i64>,
}

/// Of the values of one field of the partitions in a manifest.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    pub contains_null: bool,
    pub contains_nan: Option<bool>,
    pub lower: Option<Vec<u8>>,
    pub upper: Option<Vec<u8>>,
}

/// A file that is in a snapshot.
#[derive(Clone, Debug)]
pub struct DataFile {
    pub content: Content,
    pub url: String,
    /// `PARQUET`, `ORC`, `AVRO`, `PUFFIN`.
    pub format: String,
    pub spec_id: i32,
    /// In the order of the partition spec's fields.
    pub partition: Vec<Value>,
    pub rows: u64,
    pub size: u64,
    pub sequence_number: i64,
    /// By the ids of columns.
    pub lower: HashMap<i32, Vec<u8>>,
    pub upper: HashMap<i32, Vec<u8>>,
    pub values: HashMap<i32, u64>,
    pub nulls: HashMap<i32, u64>,
    pub nans: HashMap<i32, u64>,
    /// The columns by which equality deletes delete.
    pub equality_ids: Vec<i32>,
}

/// The manifests of a snapshot.
pub async fn manifests(snapshot: &Snapshot, catalog: &dyn Catalog) -> Result<Vec<Manifest>, Error> {
    let Some(list) = &snapshot.manifest_list else {
        let manifests = snapshot.manifests.iter().flatten();
        return Ok(manifests
            .map(|url| Manifest {
                url: url.clone(),
                snapshot_id: Some(snapshot.snapshot_id),
                ..Manifest::default()
            })
            .collect());
    };
    let records = records(list, catalog).await?;
    records
        .into_iter()
        .map(|entry| {
            let record = Record::of(&entry, list)?;
            let partitions = record.list("partitions").iter().map(|summary| {
                let summary = Record::of(summary, list)?;
                Ok(Summary {
                    contains_null: summary.boolean("contains_null").unwrap_or(true),
                    contains_nan: summary.boolean("contains_nan"),
                    lower: summary.bytes("lower_bound"),
                    upper: summary.bytes("upper_bound"),
                })
            });
            // The first version had other names of the numbers of files.
            let counts = |what: &str, other: &str| {
                let of = |state: &str| {
                    record
                        .long(&format!("{state}_{what}_count"))
                        .or_else(|| record.long(&format!("{state}_{other}_count")))
                };
                Counts {
                    added: of("added"),
                    existing: of("existing"),
                    deleted: of("deleted"),
                }
            };
            Ok(Manifest {
                url: record.need("manifest_path", record.text("manifest_path"))?,
                length: record.long("manifest_length").unwrap_or(0),
                spec_id: record.long("partition_spec_id").unwrap_or(0) as i32,
                has_deletes: record.long("content") == Some(1),
                sequence_number: record.long("sequence_number"),
                min_sequence_number: record.long("min_sequence_number"),
                snapshot_id: record.long("added_snapshot_id"),
                files: counts("files", "data_files"),
                rows: counts("rows", "rows"),
                partitions: partitions.collect::<Result<_, Error>>()?,
                key_metadata: record.bytes("key_metadata"),
            })
        })
        .collect()
}

/// The files of a manifest that are in the snapshot.
pub async fn files(
    manifest: &Manifest,
    metadata: &TableMetadata,
    catalog: &dyn Catalog,
) -> Result<Vec<DataFile>, Error> {
    const DELETED: i64 = 2;
    let schemas: Vec<&Schema> = metadata.schemas.iter().rev().collect();
    let types = metadata.spec(manifest.spec_id)?.types(&schemas);
    let url = &manifest.url;
    let mut files = Vec::new();
    for entry in records(url, catalog).await? {
        let entry = Record::of(&entry, url)?;
        if entry.long("status") == Some(DELETED) {
            continue;
        }
        let file = entry.need("data_file", entry.get("data_file"))?;
        let file = Record::of(file, url)?;
        let partition = match file.get("partition") {
            Some(Avro::Record(fields)) => fields
                .iter()
                .zip(&types)
                .map(|((_, avro), primitive)| match primitive {
                    Some(primitive) => value::from_avro(avro, primitive),
                    None => Value::Null,
                })
                .collect(),
            _ => Vec::new(),
        };
        let equality_ids = file.list("equality_ids").iter().filter_map(number);
        files.push(DataFile {
            content: match file.long("content") {
                None | Some(0) => Content::Data,
                Some(1) => Content::PositionDeletes,
                Some(2) => Content::EqualityDeletes,
                Some(other) => {
                    return Err(Error::not_supported(format!(
                        "files of the content {other}, as {url} has"
                    )));
                }
            },
            url: file.need("file_path", file.text("file_path"))?,
            format: file.text("file_format").unwrap_or_default().to_uppercase(),
            spec_id: manifest.spec_id,
            partition,
            rows: file.long("record_count").unwrap_or(0) as u64,
            size: file.need("file_size_in_bytes", file.long("file_size_in_bytes"))? as u64,
            // A file that was added by this very manifest has its number.
            sequence_number: entry
                .long("sequence_number")
                .or(manifest.sequence_number)
                .unwrap_or(0),
            lower: file.by_column("lower_bounds", octets),
            upper: file.by_column("upper_bounds", octets),
            values: file.by_column("value_counts", count),
            nulls: file.by_column("null_value_counts", count),
            nans: file.by_column("nan_value_counts", count),
            equality_ids: equality_ids.map(|id| id as i32).collect(),
        });
    }
    Ok(files)
}

/// All records of an Avro file.
async fn records(url: &str, catalog: &dyn Catalog) -> Result<Vec<Avro>, Error> {
    let bytes = objects::read(catalog, url).await?;
    let read = || Reader::new(&bytes[..])?.collect::<Result<Vec<_>, _>>();
    read().map_err(|error| bad(url, &error.to_string()))
}

fn bad(url: &str, what: &str) -> Error {
    Error::user(
        "ICEBERG_BAD_DATA",
        format!("Malformed manifest {url}: {what}"),
    )
}

/// A record's members by their names, without the unions that make them optional.
struct Record<'a> {
    members: &'a [(String, Avro)],
    url: &'a str,
}

impl<'a> Record<'a> {
    fn of(avro: &'a Avro, url: &'a str) -> Result<Self, Error> {
        match plain(avro) {
            Some(Avro::Record(members)) => Ok(Self { members, url }),
            _ => Err(bad(url, "a record is missing")),
        }
    }

    fn get(&self, name: &str) -> Option<&'a Avro> {
        let (_, member) = self.members.iter().find(|(own, _)| own == name)?;
        plain(member)
    }

    fn need<T>(&self, name: &str, member: Option<T>) -> Result<T, Error> {
        member.ok_or_else(|| bad(self.url, &format!("{name} is missing")))
    }

    fn long(&self, name: &str) -> Option<i64> {
        number(self.get(name)?)
    }

    fn boolean(&self, name: &str) -> Option<bool> {
        match self.get(name)? {
            Avro::Boolean(b) => Some(*b),
            _ => None,
        }
    }

    fn text(&self, name: &str) -> Option<String> {
        match self.get(name)? {
            Avro::String(text) => Some(text.clone()),
            _ => None,
        }
    }

    fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        octets(self.get(name)?)
    }

    fn list(&self, name: &str) -> &'a [Avro] {
        match self.get(name) {
            Some(Avro::Array(items)) => items,
            _ => &[],
        }
    }

    /// A map of columns' ids, which Avro has as a list of keys and values.
    fn by_column<T>(&self, name: &str, read: impl Fn(&Avro) -> Option<T>) -> HashMap<i32, T> {
        let entries = self.list(name).iter().filter_map(|entry| {
            let entry = Record::of(entry, self.url).ok()?;
            Some((entry.long("key")? as i32, read(entry.get("value")?)?))
        });
        entries.collect()
    }
}

/// What a union holds; none for null.
fn plain(avro: &Avro) -> Option<&Avro> {
    match avro {
        Avro::Union(_, inner) => plain(inner),
        Avro::Null => None,
        other => Some(other),
    }
}

fn number(avro: &Avro) -> Option<i64> {
    match plain(avro)? {
        Avro::Int(n) => Some((*n).into()),
        Avro::Long(n) => Some(*n),
        _ => None,
    }
}

fn count(avro: &Avro) -> Option<u64> {
    number(avro).and_then(|n| n.try_into().ok())
}

fn octets(avro: &Avro) -> Option<Vec<u8>> {
    match plain(avro)? {
        Avro::Bytes(bytes) | Avro::Fixed(_, bytes) => Some(bytes.clone()),
        _ => None,
    }
}
