//! The files of a Delta Lake table.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::catalog::Session;
use datafusion::logical_expr::Expr;
use futures::TryFutureExt;
use futures::stream::{BoxStream, StreamExt};

use super::action::{Add, DeletionVector};
use super::deletion_vector;
use super::objects::Object;
use super::replay::Snapshot;
use super::schema::{self, Column};
use super::statistics::{files_kept, partition_values};
use crate::error::Error;
use crate::formats::{
    Beside, File, Files, Format, HIDDEN_COLUMNS, Layout, Matching, Meter, Parquet, ScanContext,
    Source, Task, physical_filter, schema_of, sources,
};
use crate::types::{Type, Value};

/// A version of a table.
#[derive(Debug)]
pub struct DeltaTable {
    /// Without a slash at its end.
    location: Arc<str>,
    columns: Vec<Column>,
    files: Vec<Add>,
    /// Of the columns, then the hidden ones.
    arrow: SchemaRef,
    context: ScanContext,
}

impl DeltaTable {
    pub fn new(location: &str, snapshot: Snapshot, context: &ScanContext) -> Result<Self, Error> {
        let columns = schema::columns(&snapshot.metadata)?;
        let hidden = HIDDEN_COLUMNS
            .iter()
            .map(|(name, data_type)| ((*name).to_owned(), data_type.clone()));
        let all: Vec<_> = types_of(&columns).into_iter().chain(hidden).collect();
        Ok(Self {
            location: location.into(),
            columns,
            files: snapshot.files,
            arrow: Arc::new(schema_of(&all)),
            context: context.clone(),
        })
    }

    /// Names in lower case, and types as Trino has them.
    pub fn columns(&self) -> Vec<(String, Type)> {
        types_of(&self.columns)
    }

    /// The reading of one data file; `parquet` reads what is wanted of each.
    fn task(&self, file: &Add, parquet: &Parquet, meter: &Meter) -> Result<Task, Error> {
        let values = partition_values(&self.columns, file)?.into_iter();
        let constants = values
            .enumerate()
            .filter_map(|(place, value)| Some((place, value?)))
            .collect();
        let catalog = self.context.catalog.as_ref();
        Ok(Task {
            file: Object::named(catalog, &self.location, &file.path)?.file(file.size, meter),
            format: Arc::new(Rows {
                parquet: parquet.clone(),
                constants,
                deleted: file.deletion_vector.clone(),
                location: Arc::clone(&self.location),
                context: self.context.clone(),
            }),
            keys: Arc::new([]),
        })
    }
}

fn types_of(columns: &[Column]) -> Vec<(String, Type)> {
    columns
        .iter()
        .map(|column| (column.name.clone(), column.data_type.clone()))
        .collect()
}

#[async_trait]
impl Files for DeltaTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.arrow)
    }

    async fn files(
        &self,
        state: &dyn Session,
        wanted: &[usize],
        filters: &[Expr],
    ) -> Result<(Vec<Task>, Vec<Source>), Error> {
        let (sources, of_files) = sources(wanted, self.columns.len());
        let columns = self.columns();
        let filter = physical_filter(&columns, state, filters);
        let kept = files_kept(&filter, &self.columns, &self.files)?;
        let ids = self.columns.iter().map(|column| column.ids.clone());
        let layout = Layout {
            columns,
            projection: of_files,
            ..Layout::default()
        };
        let parquet = Parquet::new(layout, Matching::Ids(ids.collect()), filter);
        let meter = Meter::new(self.context.bytes_scanned.clone(), self.context.scan_limit);
        let files = self.files.iter().zip(kept);
        let tasks = files
            .filter(|(_, kept)| *kept)
            .map(|(file, _)| self.task(file, &parquet, &meter));
        Ok((tasks.collect::<Result<_, _>>()?, sources))
    }
}

/// The rows of one data file that are not deleted.
#[derive(Clone, Debug)]
struct Rows {
    parquet: Parquet,
    /// Values of the columns that divide the table, by their places in the schema.
    constants: HashMap<usize, Value>,
    deleted: Option<DeletionVector>,
    location: Arc<str>,
    context: ScanContext,
}

impl Format for Rows {
    fn read(&self, file: File) -> BoxStream<'static, Result<RecordBatch, Error>> {
        let rows = self.clone();
        rows.open(file).try_flatten_stream().boxed()
    }
}

impl Rows {
    async fn open(
        self,
        file: File,
    ) -> Result<BoxStream<'static, Result<RecordBatch, Error>>, Error> {
        let deleted = match &self.deleted {
            Some(vector) => {
                let catalog = self.context.catalog.as_ref();
                deletion_vector::rows(vector, &self.location, catalog).await?
            }
            None => Vec::new(),
        };
        let beside = Beside {
            deleted,
            constants: self.constants,
        };
        self.parquet.open(file, beside).await
    }
}
