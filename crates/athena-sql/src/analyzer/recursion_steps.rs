//! The rows that a step of a recursive query sees, and how many steps there may be.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::cte_worktable::CteWorkTable;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::TableType;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PhysicalExpr, PlanProperties,
    SendableRecordBatchStream,
};

use crate::error::Error;
use crate::functions::external;

/// Trino's `max_recursion_depth`, which nobody sets in Athena: so many steps may give rows.
const MAX_RECURSION_DEPTH: usize = 10;

/// The rows of the step before, as a table.
#[derive(Debug)]
pub(super) struct StepBefore(CteWorkTable);

impl StepBefore {
    pub(super) fn new(name: &str, schema: SchemaRef) -> Self {
        Self(CteWorkTable::new(name, schema))
    }
}

#[async_trait]
impl TableProvider for StepBefore {
    fn schema(&self) -> SchemaRef {
        self.0.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Temporary
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let rows = self.0.scan(state, projection, filters, limit).await?;
        Ok(Arc::new(StepScan::new(rows)))
    }
}

/// Gives the rows of the step before, as often as there may be steps. DataFusion runs the step
/// again while the one before has given rows.
#[derive(Debug)]
struct StepScan {
    rows: Arc<dyn ExecutionPlan>,
    /// How many steps have been run with these rows' table.
    steps: AtomicUsize,
}

impl StepScan {
    fn new(rows: Arc<dyn ExecutionPlan>) -> Self {
        Self {
            rows,
            steps: AtomicUsize::new(0),
        }
    }
}

impl DisplayAs for StepScan {
    fn fmt_as(&self, t: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rows.fmt_as(t, f)
    }
}

impl ExecutionPlan for StepScan {
    fn name(&self) -> &'static str {
        "StepScan"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.rows.properties()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    /// Also what resets a plan between steps: they are counted on.
    fn with_new_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        if self.steps.fetch_add(1, Ordering::Relaxed) > MAX_RECURSION_DEPTH {
            return Err(external(too_deep()));
        }
        self.rows.execute(partition, context)
    }

    /// A query's own table of the step before; its steps are counted from none.
    fn with_new_state(&self, state: Arc<dyn Any + Send + Sync>) -> Option<Arc<dyn ExecutionPlan>> {
        let rows = self.rows.with_new_state(state)?;
        Some(Arc::new(Self::new(rows)))
    }
}

fn too_deep() -> Error {
    Error::user(
        "NOT_SUPPORTED",
        format!(
            "Recursion depth limit exceeded ({MAX_RECURSION_DEPTH}). Use 'max_recursion_depth' \
             session property to modify the limit."
        ),
    )
}
