//! The files of a Glue table.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::catalog::Session;
use datafusion::common::DFSchema;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::utils::conjunction;
use futures::stream::{StreamExt, TryStreamExt};

use super::file_table::Files;
use super::hudi::{Timeline, is_hudi};
use super::meter::Meter;
use super::partition_keys::Keys;
use super::partitions;
use super::scan::{Source, Task};
use super::{Filter, Layout, ScanContext, files, hidden, serde};
use crate::catalog::{Catalog, Table};
use crate::error::Error;
use crate::types::Type;

/// Partitions whose files are listed at the same time.
const LISTINGS: usize = 16;

#[derive(Debug)]
pub(super) struct HiveTable {
    table: Table,
    /// Of the files, then the partition keys, then the hidden ones.
    columns: Vec<(String, Type)>,
    schema: SchemaRef,
    catalog: Arc<dyn Catalog>,
    meter: Meter,
}

impl HiveTable {
    pub fn new(table: Table, columns: &[(String, Type)], context: &ScanContext) -> Self {
        let hidden = hidden::COLUMNS
            .iter()
            .map(|(name, data_type)| ((*name).to_owned(), data_type.clone()));
        let columns: Vec<_> = columns.iter().cloned().chain(hidden).collect();
        Self {
            table,
            schema: Arc::new(schema_of(&columns)),
            columns,
            catalog: context.catalog.clone(),
            meter: Meter::new(context.bytes_scanned.clone(), context.scan_limit),
        }
    }

    /// How many columns the files have; the partition keys come after them.
    fn in_files(&self) -> usize {
        self.table.storage.columns.len()
    }

    fn keys(&self) -> &[(String, Type)] {
        let keys_end = self.columns.len() - hidden::COLUMNS.len();
        &self.columns[self.in_files()..keys_end]
    }
}

/// What rows have to fulfil by these columns alone.
pub(crate) fn physical_filter(
    columns: &[(String, Type)],
    state: &dyn Session,
    filters: &[Expr],
) -> Filter {
    let of_files = filters.iter().filter(|filter| {
        let names = filter.column_refs();
        names
            .iter()
            .all(|name| columns.iter().any(|(column, _)| *column == name.name))
    });
    let filter = conjunction(of_files.cloned())?;
    let schema = DFSchema::try_from(schema_of(columns)).ok()?;
    // A filter that cannot be had here is applied to the rows all the same.
    state.create_physical_expr(filter, &schema).ok()
}

pub(crate) fn schema_of(columns: &[(String, Type)]) -> Schema {
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, data_type)| Field::new(name, data_type.arrow(), true))
        .collect();
    Schema::new(fields)
}

#[async_trait]
impl Files for HiveTable {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    async fn files(
        &self,
        state: &dyn Session,
        wanted: &[usize],
        filters: &[Expr],
    ) -> Result<(Vec<Task>, Vec<Source>), Error> {
        let (mut sources, mut of_files) = (Vec::new(), Vec::new());
        let keys_end = self.in_files() + self.keys().len();
        for &i in wanted {
            let data_type = self.columns[i].1.clone();
            sources.push(if i < self.in_files() {
                of_files.push(i);
                Source::File(of_files.len() - 1)
            } else if i < keys_end {
                Source::Key(i - self.in_files(), data_type)
            } else {
                Source::Hidden(i - keys_end, data_type)
            });
        }
        let layout = Layout {
            columns: self.columns[..self.in_files()].to_vec(),
            projection: of_files,
            serde_parameters: self.table.storage.serde_parameters.clone(),
            table_parameters: self.table.parameters.clone(),
        };
        let filter = physical_filter(&self.columns[..self.in_files()], state, filters);

        let keys = Keys::new(self.keys());
        let catalog = self.catalog.as_ref();
        let partitions = partitions::select(&self.table, &keys, catalog, state, filters).await?;
        let timeline = if is_hudi(&self.table)? {
            Some(Timeline::read(&self.table.storage.location, catalog).await?)
        } else {
            None
        };
        let timeline = timeline.as_ref();
        let mut listed = Vec::with_capacity(partitions.len());
        for partition in partitions {
            let layout = Layout {
                serde_parameters: partition.storage.serde_parameters.clone(),
                ..layout.clone()
            };
            let make = serde(&partition.storage.serialization_library)?;
            let format = make(layout, filter.clone())?;
            listed.push(async move {
                let location = &partition.storage.location;
                let mut files = files::list(catalog, location, &self.meter).await?;
                if let Some(timeline) = timeline {
                    files = timeline.current(files);
                }
                let tasks = files.into_iter().map(|file| Task {
                    file,
                    format: format.clone(),
                    keys: partition.values.clone(),
                });
                Ok::<Vec<Task>, Error>(tasks.collect())
            });
        }
        let tasks: Vec<Vec<Task>> = futures::stream::iter(listed)
            .buffered(LISTINGS)
            .try_collect()
            .await?;
        Ok((tasks.into_iter().flatten().collect(), sources))
    }
}
