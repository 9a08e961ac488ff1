//! A new state of a table: manifests, a snapshot, a metadata file, and the catalog that names it.
//!
//! Two writers may race: the catalog takes one's metadata file, and the other tries again on top of
//! it (the specification's "Optimistic Concurrency"; in Glue, by the version of the table).

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde_json::json;

use super::manifest::{Counts, DataFile, Manifest, Summary, manifests};
use super::metadata::{MetadataLogEntry, Snapshot, SnapshotLogEntry, TableMetadata};
use super::{METADATA_LOCATION, manifest_file, objects, value};
use crate::catalog::{Catalog, Table};
use crate::error::Error;
use crate::types::Value;

/// How often a commit is tried while others win.
const ATTEMPTS: usize = 8;

/// Metadata files of before that are remembered, where the table does not say otherwise.
const REMEMBERED: usize = 100;

/// Files that are added to a table.
pub struct Append {
    pub table: Table,
    /// As it was when the files were written, and its URL.
    pub metadata: TableMetadata,
    pub metadata_location: String,
    pub files: Vec<DataFile>,
    /// Milliseconds since 1970.
    pub now_ms: i64,
}

/// Makes the files part of the table. When that fails, nothing of it stays.
pub async fn append(append: Append, catalog: Arc<dyn Catalog>) -> Result<(), Error> {
    let catalog = catalog.as_ref();
    let snapshot_id = rand::random::<i64>() & i64::MAX;
    let id = uuid::Uuid::new_v4();
    let folder = format!(
        "{}/metadata",
        append.metadata.location.trim_end_matches('/')
    );
    let url = format!("{folder}/{id}-m0.avro");
    let bytes = manifest_file::manifest(&append.metadata, snapshot_id, &append.files)?;
    let own = own_manifest(&append, snapshot_id, &url, bytes.len());
    objects::write(catalog, &url, bytes).await?;
    let committed = async {
        let mut metadata = append.metadata.clone();
        let mut location = append.metadata_location.clone();
        for attempt in 1..=ATTEMPTS {
            let list = format!("{folder}/snap-{snapshot_id}-{attempt}-{id}.avro");
            let next = format!("{folder}/{}", next_name(&location));
            let attempted = Attempt {
                append: &append,
                own: &own,
                snapshot_id,
                list: &list,
                next: &next,
            };
            if attempted.run(metadata, &location, catalog).await? {
                return Ok(());
            }
            (metadata, location) = append.reload(catalog).await?;
        }
        Err(conflict(&append.table))
    };
    let committed = committed.await;
    if committed.is_err() {
        objects::discard(catalog, &url).await;
    }
    committed
}

impl Append {
    /// The table as somebody else has made it meanwhile.
    async fn reload(&self, catalog: &dyn Catalog) -> Result<(TableMetadata, String), Error> {
        let Table { database, name, .. } = &self.table;
        let table = catalog.table(database, name).await?;
        let table = table.ok_or_else(|| conflict(&self.table))?;
        let metadata = super::metadata(&table, catalog).await?;
        let location = table.parameters.get(METADATA_LOCATION).cloned();
        // The files that are written fit the columns and partitions of before.
        let is_same_kind = metadata.current_schema_id == self.metadata.current_schema_id
            && metadata.default_spec_id == self.metadata.default_spec_id
            && metadata.table_uuid == self.metadata.table_uuid;
        match location {
            Some(location) if is_same_kind => Ok((metadata, location)),
            _ => Err(conflict(&self.table)),
        }
    }
}

fn conflict(table: &Table) -> Error {
    Error::user(
        "ICEBERG_COMMIT_ERROR",
        format!(
            "Failed to commit the transaction during insert: the table {}.{} has been changed \
             by somebody else",
            table.database, table.name
        ),
    )
}

struct Attempt<'a> {
    append: &'a Append,
    own: &'a Manifest,
    snapshot_id: i64,
    /// The URLs of the manifest list and of the metadata file that are written.
    list: &'a str,
    next: &'a str,
}

impl Attempt<'_> {
    /// Whether the catalog has taken it.
    async fn run(
        &self,
        mut metadata: TableMetadata,
        location: &str,
        catalog: &dyn Catalog,
    ) -> Result<bool, Error> {
        let sequence_number = metadata.last_sequence_number + 1;
        let parent = metadata.current_snapshot().cloned();
        let parent_id = parent.as_ref().map(|parent| parent.snapshot_id);
        let mut all = vec![Manifest {
            sequence_number: Some(sequence_number),
            min_sequence_number: Some(sequence_number),
            ..self.own.clone()
        }];
        if let Some(parent) = &parent {
            all.extend(manifests(parent, catalog).await?);
        }
        let list =
            manifest_file::manifest_list(self.snapshot_id, parent_id, sequence_number, &all)?;
        self.add_snapshot(&mut metadata, parent.as_ref(), sequence_number, location);
        let commit = async {
            objects::write(catalog, self.list, list).await?;
            objects::write(catalog, self.next, metadata.write()?).await?;
            catalog
                .swap_metadata(&self.append.table, location, self.next)
                .await
        };
        let committed = commit.await;
        if !matches!(committed, Ok(true)) {
            objects::discard(catalog, self.next).await;
            objects::discard(catalog, self.list).await;
        }
        committed
    }

    fn add_snapshot(
        &self,
        metadata: &mut TableMetadata,
        parent: Option<&Snapshot>,
        sequence_number: i64,
        location: &str,
    ) {
        let previous_ms = metadata.last_updated_ms;
        // Clocks may differ; the log's order does not.
        let now_ms = self.append.now_ms.max(previous_ms + 1);
        metadata.last_sequence_number = sequence_number;
        metadata.last_updated_ms = now_ms;
        metadata.current_snapshot_id = Some(self.snapshot_id);
        metadata.snapshots.push(Snapshot {
            sequence_number,
            snapshot_id: self.snapshot_id,
            parent_snapshot_id: parent.map(|parent| parent.snapshot_id),
            timestamp_ms: now_ms,
            summary: summary(&self.append.files, parent),
            manifest_list: Some(self.list.to_owned()),
            manifests: None,
            schema_id: Some(metadata.current_schema_id),
            other: serde_json::Map::new(),
        });
        metadata.snapshot_log.push(SnapshotLogEntry {
            timestamp_ms: now_ms,
            snapshot_id: self.snapshot_id,
        });
        let refs = metadata.other.entry("refs").or_insert_with(|| json!({}));
        refs["main"] = json!({"snapshot-id": self.snapshot_id, "type": "branch"});
        metadata.metadata_log.push(MetadataLogEntry {
            timestamp_ms: previous_ms,
            metadata_file: location.to_owned(),
        });
        let remembered = metadata
            .properties
            .get("write.metadata.previous-versions-max");
        let remembered = remembered
            .and_then(|n| n.parse().ok())
            .unwrap_or(REMEMBERED);
        let forgotten = metadata.metadata_log.len().saturating_sub(remembered);
        metadata.metadata_log.drain(..forgotten);
    }
}

/// `00007-UUID.metadata.json` behind `00006-….metadata.json`.
fn next_name(location: &str) -> String {
    let name = location.rsplit('/').next().unwrap_or_default();
    let number = name.split('-').next().and_then(|n| n.parse::<u64>().ok());
    let number = number.map_or(0, |number| number + 1);
    format!("{number:05}-{}.metadata.json", uuid::Uuid::new_v4())
}

fn own_manifest(append: &Append, snapshot_id: i64, url: &str, length: usize) -> Manifest {
    let none = Some(0);
    let count = |added: i64| Counts {
        added: Some(added),
        existing: none,
        deleted: none,
    };
    let rows: u64 = append.files.iter().map(|file| file.rows).sum();
    Manifest {
        url: url.to_owned(),
        length: length as i64,
        spec_id: append.metadata.default_spec_id,
        snapshot_id: Some(snapshot_id),
        files: count(append.files.len() as i64),
        rows: count(rows as i64),
        partitions: summaries(&append.metadata, &append.files),
        ..Manifest::default()
    }
}

/// The least and the greatest value of each field of the partitions.
fn summaries(metadata: &TableMetadata, files: &[DataFile]) -> Vec<Summary> {
    let (Ok(schema), Ok(spec)) = (metadata.schema(), metadata.spec(metadata.default_spec_id))
    else {
        return Vec::new();
    };
    let types = spec.types(&[schema]).into_iter().enumerate();
    types
        .map(|(i, primitive)| {
            let values = || files.iter().filter_map(|file| file.partition.get(i));
            let known = || values().filter(|value| !value.is_null());
            let is_nan = |value: &Value| match value {
                Value::Real(x) => x.is_nan(),
                Value::Double(x) => x.is_nan(),
                _ => false,
            };
            let ordered = || known().filter(|value| !is_nan(value));
            let bytes = |value: Option<&Value>| value::to_bytes(value?, primitive.as_ref()?);
            Summary {
                contains_null: values().any(Value::is_null),
                contains_nan: Some(known().any(is_nan)),
                lower: bytes(ordered().min_by(|a, b| a.order(b))),
                upper: bytes(ordered().max_by(|a, b| a.order(b))),
            }
        })
        .collect()
}

fn summary(files: &[DataFile], parent: Option<&Snapshot>) -> BTreeMap<String, String> {
    let partitions: HashSet<String> = files.iter().map(|f| format!("{:?}", f.partition)).collect();
    let added = [
        ("data-files", files.len() as u64),
        ("records", files.iter().map(|file| file.rows).sum()),
        ("files-size", files.iter().map(|file| file.size).sum()),
        ("delete-files", 0),
        ("position-deletes", 0),
        ("equality-deletes", 0),
    ];
    let mut summary = BTreeMap::from([
        ("operation".to_owned(), "append".to_owned()),
        (
            "changed-partition-count".to_owned(),
            partitions.len().to_string(),
        ),
    ]);
    for (what, number) in added {
        if number > 0 {
            summary.insert(format!("added-{what}"), number.to_string());
        }
        let total = format!("total-{what}");
        // What the state before does not say of all of its files cannot be said of these.
        let before = match parent {
            None => Some(0),
            Some(parent) => parent
                .summary
                .get(&total)
                .and_then(|n| n.parse::<u64>().ok()),
        };
        if let Some(before) = before {
            summary.insert(total, (before + number).to_string());
        }
    }
    summary
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_files_are_numbered() {
        let next = next_name("s3://lake/t/metadata/00009-3083a5d0.metadata.json");
        assert!(next.starts_with("00010-"), "{next}");
        assert!(next_name("s3://lake/t/metadata/v3.metadata.json").starts_with("00000-"));
    }
}
