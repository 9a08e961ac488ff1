//! Which state of a table a query reads.

use super::metadata::{Snapshot, TableMetadata};
use super::schema::Schema;
use super::table::IcebergTable;
use crate::catalog::Table;
use crate::error::Error;
use crate::formats::ScanContext;
use crate::types::calendar::timestamp_text;

/// `FOR VERSION AS OF`, `FOR TIMESTAMP AS OF`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Version {
    #[default]
    Current,
    /// A snapshot's id.
    Snapshot(i64),
    /// Milliseconds since 1970.
    At(i64),
}

impl Version {
    fn of(self, table: &Table, metadata: &TableMetadata) -> Result<Option<Snapshot>, Error> {
        let found = match self {
            Self::Current => return Ok(metadata.current_snapshot().cloned()),
            Self::Snapshot(id) => metadata.snapshot(id).ok_or_else(|| {
                Error::user(
                    "INVALID_ARGUMENTS",
                    format!("Iceberg snapshot ID does not exists: {id}"),
                )
            }),
            Self::At(ms) => metadata.snapshot_at(ms).ok_or_else(|| {
                let moment = timestamp_text(i128::from(ms) * 1_000_000_000, 3);
                Error::user(
                    "INVALID_ARGUMENTS",
                    format!(
                        "No version history table \"{}\".\"{}\" at or before {moment} UTC",
                        table.database, table.name
                    ),
                )
            }),
        };
        found.cloned().map(Some)
    }
}

/// A table's rows as of a version, with the columns that it had then.
pub async fn open(
    table: &Table,
    version: Version,
    context: &ScanContext,
) -> Result<IcebergTable, Error> {
    let metadata = super::metadata(table, context.catalog.as_ref()).await?;
    let snapshot = version.of(table, &metadata)?;
    let of_then = match (version, &snapshot) {
        (Version::Current, _) | (_, None) => None,
        (_, Some(snapshot)) => snapshot.schema_id,
    };
    let schema: Schema = match of_then {
        Some(id) => metadata.schema_of(id)?.clone(),
        None => metadata.schema()?.clone(),
    };
    IcebergTable::new(metadata, snapshot, schema, context)
}
