//! The reading of a table's files as a step of DataFusion's plan.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, new_null_array};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, ScalarValue};
use datafusion::error::DataFusionError;
use datafusion::execution::TaskContext;
use datafusion::physical_expr::EquivalenceProperties;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PhysicalExpr, PlanProperties,
    SendableRecordBatchStream,
};
use futures::stream::{BoxStream, StreamExt, TryStreamExt};

use super::files::File;
use super::{Format, hidden};
use crate::functions::external;
use crate::types::{Type, Value, array_from_values};

/// A file, how it is read, and what its partition's keys are.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub file: File,
    pub format: Arc<dyn Format>,
    pub keys: Arc<[Value]>,
}

/// Where a column of the output comes from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// A column of what the format gives.
    File(usize),
    /// A partition key.
    Key(usize, Type),
    /// A hidden column.
    Hidden(usize, Type),
}

/// Where the wanted columns come from, of a table of which the first `in_files` columns are in its
/// files and the others are hidden; and which of those in its files are wanted.
pub(crate) fn sources(wanted: &[usize], in_files: usize) -> (Vec<Source>, Vec<usize>) {
    let mut of_files = Vec::new();
    let sources = wanted.iter().map(|&column| {
        if column < in_files {
            of_files.push(column);
            return Source::File(of_files.len() - 1);
        }
        let hidden = column - in_files;
        Source::Hidden(hidden, hidden::COLUMNS[hidden].1.clone())
    });
    (sources.collect(), of_files)
}

/// Reads files: each group one after the other, the groups at the same time.
#[derive(Debug)]
pub(crate) struct Scan {
    groups: Vec<Arc<[Task]>>,
    sources: Arc<[Source]>,
    /// Rows of a group after which no more are wanted.
    limit: Option<usize>,
    properties: Arc<PlanProperties>,
}

impl Scan {
    /// Deals the files out to at most `groups` groups of about the same number of bytes.
    pub fn new(
        mut tasks: Vec<Task>,
        groups: usize,
        schema: SchemaRef,
        sources: Vec<Source>,
        limit: Option<usize>,
    ) -> Self {
        tasks.sort_by_key(|task| std::cmp::Reverse(task.file.size));
        let count = groups.clamp(1, tasks.len().max(1));
        let mut dealt: Vec<(u64, Vec<Task>)> = vec![(0, Vec::new()); count];
        for task in tasks {
            if let Some(least) = dealt.iter_mut().min_by_key(|(bytes, _)| *bytes) {
                least.0 += task.file.size;
                least.1.push(task);
            }
        }
        let groups: Vec<Arc<[Task]>> = dealt.into_iter().map(|(_, tasks)| tasks.into()).collect();
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema),
            Partitioning::UnknownPartitioning(groups.len()),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Self {
            groups,
            sources: sources.into(),
            limit,
            properties: Arc::new(properties),
        }
    }
}

impl DisplayAs for Scan {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files: usize = self.groups.iter().map(|group| group.len()).sum();
        write!(f, "TableScan: files={files}, groups={}", self.groups.len())
    }
}

impl ExecutionPlan for Scan {
    fn name(&self) -> &'static str {
        "TableScan"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
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

    fn with_new_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(&self, group: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let tasks = self.groups.get(group).cloned().unwrap_or_default();
        let schema = self.schema();
        let (sources, of_batch) = (self.sources.clone(), schema.clone());
        let batches = futures::stream::iter(0..tasks.len())
            .map(move |i| rows(tasks[i].clone(), sources.clone(), of_batch.clone()))
            .flatten();
        let batches = match self.limit {
            Some(limit) => first_rows(batches.boxed(), limit),
            None => batches.boxed(),
        };
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, batches)))
    }
}

/// The rows of one file, with the columns that the plan wants.
fn rows(
    task: Task,
    sources: Arc<[Source]>,
    schema: SchemaRef,
) -> BoxStream<'static, Result<RecordBatch>> {
    let batches = task.format.read(task.file.clone());
    batches
        .map_err(external)
        .and_then(move |batch| {
            let assembled = assemble(&task, &sources, &schema, &batch);
            futures::future::ready(assembled)
        })
        .boxed()
}

fn assemble(
    task: &Task,
    sources: &[Source],
    schema: &SchemaRef,
    batch: &RecordBatch,
) -> Result<RecordBatch> {
    let count = batch.num_rows();
    let columns = sources.iter().map(|source| match source {
        Source::File(i) => Ok(batch.column(*i).clone()),
        Source::Key(i, data_type) => {
            let value = task.keys.get(*i).cloned().unwrap_or(Value::Null);
            constant(value, data_type, count)
        }
        Source::Hidden(i, data_type) => constant(hidden::value(*i, &task.file), data_type, count),
    });
    let columns = columns.collect::<Result<Vec<_>>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(count));
    RecordBatch::try_new_with_options(schema.clone(), columns, &options)
        .map_err(DataFusionError::from)
}

/// A column that has one value all through.
pub(super) fn constant(value: Value, data_type: &Type, count: usize) -> Result<ArrayRef> {
    if value.is_null() {
        return Ok(new_null_array(&data_type.arrow(), count));
    }
    let one = array_from_values(data_type, &[value]);
    ScalarValue::try_from_array(&one, 0)?.to_array_of_size(count)
}

fn first_rows(
    batches: BoxStream<'static, Result<RecordBatch>>,
    limit: usize,
) -> BoxStream<'static, Result<RecordBatch>> {
    futures::stream::try_unfold((batches, limit), |(mut batches, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let Some(batch) = batches.try_next().await? else {
            return Ok(None);
        };
        let batch = batch.slice(0, batch.num_rows().min(left));
        let left = left - batch.num_rows();
        Ok(Some((batch, (batches, left))))
    })
    .boxed()
}
