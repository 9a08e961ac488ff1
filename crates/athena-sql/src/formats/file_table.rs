//! A table of files as DataFusion sees it: filters choose files and parts of files, and the rows are
//! filtered after that.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result;
use datafusion::datasource::TableType;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_plan::ExecutionPlan;

use super::scan::{Scan, Source, Task};
use crate::error::Error;
use crate::functions::external;

/// A table that can say which files a scan has to read.
#[async_trait]
pub(crate) trait Files: Debug + Send + Sync {
    /// All columns, the hidden ones last.
    fn schema(&self) -> SchemaRef;

    /// The files that may have rows which fulfil the filters, and where each of the wanted columns,
    /// which are given by their places, comes from.
    async fn files(
        &self,
        state: &dyn Session,
        wanted: &[usize],
        filters: &[Expr],
    ) -> Result<(Vec<Task>, Vec<Source>), Error>;
}

#[derive(Debug)]
pub(crate) struct FileTable<T>(pub T);

#[async_trait]
impl<T: Files + 'static> TableProvider for FileTable<T> {
    fn schema(&self) -> SchemaRef {
        self.0.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = self.0.schema();
        let all = (0..schema.fields().len()).collect();
        let wanted = projection.unwrap_or(&all);
        let files = self.0.files(state, wanted, filters).await;
        let (tasks, sources) = files.map_err(external)?;
        let schema = schema.project(wanted).map_err(DataFusionError::from)?;
        let groups = state.config().target_partitions();
        Ok(Arc::new(Scan::new(
            tasks,
            groups,
            Arc::new(schema),
            sources,
            limit,
        )))
    }
}
