//! The files of an Iceberg table.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::catalog::Session;
use datafusion::logical_expr::Expr;
use futures::stream::{BoxStream, StreamExt, TryStreamExt};
use futures::{FutureExt, TryFutureExt};
use tokio::sync::OnceCell;

use super::bounds::{files_kept, manifests_kept, partition_value};
use super::deletes::{DeleteFile, EqualityColumn, What, applies};
use super::manifest::{Content, DataFile, files, manifests};
use super::metadata::{Snapshot, TableMetadata};
use super::name_mapping::NameMapping;
use super::schema::{DataType, Schema};
use crate::error::Error;
use crate::formats::{
    Beside, FieldIds, File, Files, Filter, Format, HIDDEN_COLUMNS, Layout, Matching, Meter,
    Parquet, ScanContext, Source, Task, locate, physical_filter, schema_of, sources,
};
use crate::types::Type;

/// Manifests that are read at the same time.
const MANIFESTS: usize = 16;

/// A snapshot of a table.
#[derive(Debug)]
pub struct IcebergTable {
    metadata: Arc<TableMetadata>,
    /// None of a table that nobody has written to.
    snapshot: Option<Snapshot>,
    schema: Schema,
    names: NameMapping,
    /// Of the schema, then the hidden ones.
    columns: Vec<(String, Type)>,
    arrow: SchemaRef,
    context: ScanContext,
}

impl IcebergTable {
    /// The table as it is, or as it was in `snapshot`.
    pub fn new(
        metadata: TableMetadata,
        snapshot: Option<Snapshot>,
        schema: Schema,
        context: &ScanContext,
    ) -> Result<Self, Error> {
        let hidden = HIDDEN_COLUMNS
            .iter()
            .map(|(name, data_type)| ((*name).to_owned(), data_type.clone()));
        let columns: Vec<_> = columns_of(&schema).into_iter().chain(hidden).collect();
        Ok(Self {
            names: NameMapping::of(&metadata)?,
            metadata: Arc::new(metadata),
            snapshot,
            schema,
            arrow: Arc::new(schema_of(&columns)),
            columns,
            context: context.clone(),
        })
    }

    /// Names in lower case, and types as Trino has them.
    pub fn columns(&self) -> Vec<(String, Type)> {
        columns_of(&self.schema)
    }

    fn file(&self, data: &DataFile, meter: &Meter) -> Result<File, Error> {
        let located = locate(self.context.catalog.as_ref(), &data.url);
        let (bucket, store, path) = located.ok_or_else(|| {
            Error::user(
                "ICEBERG_BAD_DATA",
                format!("A manifest names a file that is not in S3: {}", data.url),
            )
        })?;
        if data.format != "PARQUET" {
            return Err(Error::not_supported(format!(
                "files of the format {} in Iceberg tables, as {} is",
                data.format, data.url
            )));
        }
        Ok(File {
            store,
            bucket,
            path,
            size: data.size,
            meter: meter.clone(),
        })
    }

    /// The data files that may have rows which the filter keeps, and all delete files.
    async fn plan(&self, filter: &Filter) -> Result<(Vec<DataFile>, Vec<DataFile>), Error> {
        let Some(snapshot) = &self.snapshot else {
            return Ok((Vec::new(), Vec::new()));
        };
        let catalog = self.context.catalog.as_ref();
        let columns = self.columns();
        let mut manifests = manifests(snapshot, catalog).await?;
        let kept = manifests_kept(filter, &columns, &self.metadata, &self.schema, &manifests);
        let mut kept = kept.into_iter();
        manifests.retain(|_| kept.next().unwrap_or(true));
        let reads: Vec<_> = manifests
            .iter()
            .map(|manifest| files(manifest, &self.metadata, catalog))
            .collect();
        let read: Vec<Vec<DataFile>> = futures::stream::iter(reads)
            .buffered(MANIFESTS)
            .try_collect()
            .await?;
        let (mut data, deletes): (Vec<_>, Vec<_>) = read
            .into_iter()
            .flatten()
            .partition(|file| file.content == Content::Data);
        let kept = files_kept(filter, &columns, &self.metadata, &self.schema, &data);
        let mut kept = kept.into_iter();
        data.retain(|_| kept.next().unwrap_or(true));
        Ok((data, deletes))
    }

    fn delete_file(&self, file: &DataFile, meter: &Meter) -> Result<DeleteFile, Error> {
        let what = if file.content == Content::EqualityDeletes {
            let columns = file.equality_ids.iter().map(|id| self.equality_column(*id));
            What::Equals {
                columns: columns.collect::<Result<_, _>>()?,
                rows: OnceCell::new(),
            }
        } else {
            What::Positions(OnceCell::new())
        };
        Ok(DeleteFile {
            file: self.file(file, meter)?,
            what,
        })
    }

    /// A column of any of the schemas that the table has had.
    fn equality_column(&self, id: i32) -> Result<EqualityColumn, Error> {
        let earlier = self.metadata.schemas.iter().rev();
        let mut schemas = std::iter::once(&self.schema).chain(earlier);
        let (name, data_type) = schemas
            .find_map(|schema| {
                let field = schema.fields.iter().find(|field| field.id == id)?;
                Some((field.name.clone(), &field.data_type))
            })
            .ok_or_else(|| {
                Error::not_supported(format!(
                    "equality deletes by a field within a column, which the field {id} is"
                ))
            })?;
        Ok(EqualityColumn {
            data_type: data_type.trino(),
            ids: field_ids(id, data_type, &self.names),
            name,
        })
    }

    /// The reading of one data file.
    fn task(
        &self,
        data: &DataFile,
        deletes: Vec<Arc<DeleteFile>>,
        reading: &Reading<'_>,
    ) -> Result<Task, Error> {
        let mut projection = reading.projection.to_vec();
        let mut columns = self.columns();
        let mut ids: Vec<FieldIds> = self
            .schema
            .fields
            .iter()
            .map(|field| field_ids(field.id, &field.data_type, &self.names))
            .collect();
        // What rows are compared by has to be read, wanted or not, and is left out at the end.
        let mut equality = Vec::new();
        for delete in &deletes {
            let What::Equals { columns: by, .. } = &delete.what else {
                continue;
            };
            let mut places = Vec::new();
            for column in by {
                let at = ids
                    .iter()
                    .position(|known| known.id == column.ids.id)
                    .unwrap_or_else(|| {
                        ids.push(column.ids.clone());
                        columns.push((column.name.clone(), column.data_type.clone()));
                        ids.len() - 1
                    });
                places.push(projection.iter().position(|i| *i == at).unwrap_or_else(|| {
                    projection.push(at);
                    projection.len() - 1
                }));
            }
            equality.push((Arc::clone(delete), places));
        }
        let constants: HashMap<_, _> = projection
            .iter()
            .filter_map(|&i| Some((i, partition_value(ids[i].id?, data, &self.metadata)?)))
            .collect();
        let layout = Layout {
            columns,
            projection,
            ..Layout::default()
        };
        Ok(Task {
            file: self.file(data, reading.meter)?,
            format: Arc::new(Rows {
                parquet: Parquet::new(layout, Matching::Ids(ids), reading.filter.clone()),
                url: data.url.clone(),
                constants,
                deletes,
                equality,
                wanted: reading.projection.len(),
            }),
            keys: Arc::new([]),
        })
    }
}

/// What a scan wants of each file.
struct Reading<'a> {
    /// Columns of the schema, by their places.
    projection: &'a [usize],
    filter: Filter,
    meter: &'a Meter,
}

/// How a column is found in files.
pub fn field_ids(id: i32, data_type: &DataType, names: &NameMapping) -> FieldIds {
    let of = |(id, _, data_type): (i32, &str, &DataType)| field_ids(id, data_type, names);
    FieldIds {
        id: Some(id),
        names: names.of_field(id),
        children: data_type.children().into_iter().map(of).collect(),
    }
}

/// Names in lower case, and types as Trino has them.
pub fn columns_of(schema: &Schema) -> Vec<(String, Type)> {
    let columns = schema.fields.iter();
    columns
        .map(|field| (field.name.to_lowercase(), field.data_type.trino()))
        .collect()
}

#[async_trait]
impl Files for IcebergTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.arrow)
    }

    async fn files(
        &self,
        state: &dyn Session,
        wanted: &[usize],
        filters: &[Expr],
    ) -> Result<(Vec<Task>, Vec<Source>), Error> {
        let in_schema = self.schema.fields.len();
        let (sources, of_files) = sources(wanted, in_schema);
        let filter = physical_filter(&self.columns[..in_schema], state, filters);
        let meter = Meter::new(self.context.bytes_scanned.clone(), self.context.scan_limit);
        let reading = Reading {
            projection: &of_files,
            filter: filter.clone(),
            meter: &meter,
        };
        let (data, deletes) = self.plan(&filter).await?;
        Ok((self.tasks(&data, &deletes, &reading)?, sources))
    }
}

impl IcebergTable {
    fn tasks(
        &self,
        data: &[DataFile],
        deletes: &[DataFile],
        reading: &Reading<'_>,
    ) -> Result<Vec<Task>, Error> {
        let deletes = deletes
            .iter()
            .map(|delete| {
                let file = Arc::new(self.delete_file(delete, reading.meter)?);
                Ok((delete, self.metadata.spec(delete.spec_id)?, file))
            })
            .collect::<Result<Vec<_>, Error>>()?;
        data.iter()
            .map(|file| {
                let of_file = deletes
                    .iter()
                    .filter(|(delete, spec, _)| applies(delete, file, spec))
                    .map(|(_, _, delete)| Arc::clone(delete));
                self.task(file, of_file.collect(), reading)
            })
            .collect()
    }
}

/// The rows of one data file that are not deleted.
#[derive(Clone, Debug)]
struct Rows {
    parquet: Parquet,
    url: String,
    constants: HashMap<usize, crate::types::Value>,
    deletes: Vec<Arc<DeleteFile>>,
    /// Deletes by equality, and where in a batch the columns are that they compare.
    equality: Vec<(Arc<DeleteFile>, Vec<usize>)>,
    /// How many of the columns that are read are asked for; they are the first.
    wanted: usize,
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
        let mut deleted = Vec::new();
        for delete in &self.deletes {
            deleted.extend_from_slice(delete.positions(&self.url).await?);
        }
        deleted.sort_unstable();
        deleted.dedup();
        let beside = Beside {
            deleted,
            constants: self.constants.clone(),
        };
        let batches = self.parquet.open(file, beside).await?;
        let rows = Arc::new(self);
        Ok(batches
            .and_then(move |batch| Arc::clone(&rows).without_equal(batch))
            .boxed())
    }

    async fn without_equal(self: Arc<Self>, mut batch: RecordBatch) -> Result<RecordBatch, Error> {
        for (delete, places) in &self.equality {
            if let Some(rows) = delete.equal_rows().boxed().await? {
                batch = rows.without(&batch, places)?;
            }
        }
        let wanted: Vec<usize> = (0..self.wanted).collect();
        batch.project(&wanted).map_err(Error::internal)
    }
}
