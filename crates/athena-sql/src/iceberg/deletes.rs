//! Rows that are deleted without their file being written anew.
//!
//! Source: Apache Iceberg's specification, "Delete Formats" and "Scan Planning".

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, BooleanArray};
use datafusion::arrow::compute::filter_record_batch;
use datafusion::arrow::datatypes::Int64Type;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::arrow::row::{OwnedRow, RowConverter, SortField};
use futures::TryStreamExt;
use tokio::sync::OnceCell;

use super::manifest::{Content, DataFile};
use super::partition::PartitionSpec;
use crate::error::Error;
use crate::formats::{Beside, FieldIds, File, Layout, Matching, Parquet};
use crate::types::Type;

/// The ids of a position delete file's columns.
const FILE_PATH: i32 = 2_147_483_546;
const POSITION: i32 = 2_147_483_545;

/// A delete file, which is read once in a query, whichever data file first needs it.
#[derive(Debug)]
pub struct DeleteFile {
    pub file: File,
    pub what: What,
}

#[derive(Debug)]
pub enum What {
    /// Of each data file, by its URL: the places of rows, in ascending order.
    Positions(OnceCell<HashMap<String, Vec<u64>>>),
    /// Rows that equal one of these in these columns.
    Equals {
        columns: Vec<EqualityColumn>,
        rows: OnceCell<EqualRows>,
    },
}

/// A column of an equality delete file.
#[derive(Clone, Debug)]
pub struct EqualityColumn {
    pub name: String,
    pub data_type: Type,
    pub ids: FieldIds,
}

/// Rows in a form that can be looked up; NULL equals NULL.
#[derive(Debug)]
pub struct EqualRows {
    converter: RowConverter,
    rows: HashSet<OwnedRow>,
}

/// Whether a delete file says something of a data file.
pub fn applies(delete: &DataFile, data: &DataFile, spec: &PartitionSpec) -> bool {
    let same_partition = || delete.spec_id == data.spec_id && delete.partition == data.partition;
    match delete.content {
        Content::Data => false,
        Content::PositionDeletes => {
            data.sequence_number <= delete.sequence_number && same_partition()
        }
        // Those of an unpartitioned spec are for the whole table.
        Content::EqualityDeletes => {
            data.sequence_number < delete.sequence_number
                && (spec.is_unpartitioned() || same_partition())
        }
    }
}

impl DeleteFile {
    /// The places of a data file's rows that it deletes.
    pub async fn positions(&self, url: &str) -> Result<&[u64], Error> {
        let What::Positions(cell) = &self.what else {
            return Ok(&[]);
        };
        let all = cell
            .get_or_try_init(|| read_positions(self.file.clone()))
            .await?;
        Ok(all.get(url).map_or(&[], Vec::as_slice))
    }

    /// The rows that it deletes by equality.
    pub async fn equal_rows(&self) -> Result<Option<&EqualRows>, Error> {
        let What::Equals { columns, rows } = &self.what else {
            return Ok(None);
        };
        let read = || read_equal_rows(self.file.clone(), columns);
        rows.get_or_try_init(read).await.map(Some)
    }
}

async fn read_positions(file: File) -> Result<HashMap<String, Vec<u64>>, Error> {
    let columns = [
        ("file_path", Type::VARCHAR, FILE_PATH),
        ("pos", Type::Bigint, POSITION),
    ];
    let columns = columns.map(|(name, data_type, id)| EqualityColumn {
        name: name.to_owned(),
        data_type,
        ids: FieldIds {
            id: Some(id),
            names: vec![name.to_owned()],
            children: Vec::new(),
        },
    });
    let mut positions: HashMap<String, Vec<u64>> = HashMap::new();
    let mut batches = reader(&columns).open(file, Beside::default()).await?;
    while let Some(batch) = batches.try_next().await? {
        let paths = batch.column(0).as_string::<i32>();
        let places = batch.column(1).as_primitive::<Int64Type>();
        for (path, place) in paths.iter().zip(places) {
            if let (Some(path), Some(place)) = (path, place) {
                let of_file = match positions.get_mut(path) {
                    Some(of_file) => of_file,
                    None => positions.entry(path.to_owned()).or_default(),
                };
                of_file.push(place as u64);
            }
        }
    }
    for of_file in positions.values_mut() {
        of_file.sort_unstable();
        of_file.dedup();
    }
    Ok(positions)
}

async fn read_equal_rows(file: File, columns: &[EqualityColumn]) -> Result<EqualRows, Error> {
    let fields = columns.iter().map(|c| SortField::new(c.data_type.arrow()));
    let converter = RowConverter::new(fields.collect()).map_err(Error::internal)?;
    let mut rows = HashSet::new();
    let mut batches = reader(columns).open(file, Beside::default()).await?;
    while let Some(batch) = batches.try_next().await? {
        let converted = converter
            .convert_columns(batch.columns())
            .map_err(Error::internal)?;
        rows.extend(converted.iter().map(|row| row.owned()));
    }
    Ok(EqualRows { converter, rows })
}

/// Reads all of a delete file's columns that count.
fn reader(columns: &[EqualityColumn]) -> Parquet {
    let layout = Layout {
        columns: columns
            .iter()
            .map(|c| (c.name.clone(), c.data_type.clone()))
            .collect(),
        projection: (0..columns.len()).collect(),
        ..Layout::default()
    };
    let ids = columns.iter().map(|column| column.ids.clone()).collect();
    Parquet::new(layout, Matching::Ids(ids), None)
}

impl EqualRows {
    /// The batch without the rows that equal one of these in the columns at these places.
    pub fn without(&self, batch: &RecordBatch, places: &[usize]) -> Result<RecordBatch, Error> {
        let columns: Vec<ArrayRef> = places
            .iter()
            .map(|i| Arc::clone(batch.column(*i)))
            .collect();
        let rows = self
            .converter
            .convert_columns(&columns)
            .map_err(Error::internal)?;
        let kept: BooleanArray = rows
            .iter()
            .map(|row| Some(!self.rows.contains(&row.owned())))
            .collect();
        if kept.true_count() == kept.len() {
            return Ok(batch.clone());
        }
        filter_record_batch(batch, &kept).map_err(Error::internal)
    }
}
