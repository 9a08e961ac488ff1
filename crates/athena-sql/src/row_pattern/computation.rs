//! Expressions of DEFINE and MEASURES, compiled over the values that they are given.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::DFSchema;
use datafusion::logical_expr::execution_props::ExecutionProps;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{Accumulator, AggregateUDF, Expr};
use datafusion::physical_expr::aggregate::{AggregateExprBuilder, AggregateFunctionExpr};
use datafusion::physical_expr::{PhysicalExpr, create_physical_expr};

use super::Source;
use crate::error::Error;
use crate::functions::{error_of, over_frames_of};
use crate::short_circuit::in_expr;

/// A column that an expression speaks of, and what its value is.
#[derive(Clone, Debug)]
pub struct Input {
    pub column: String,
    pub data_type: DataType,
    pub source: Source,
}

/// An expression over inputs.
#[derive(Debug)]
pub struct Computation {
    pub inputs: Vec<Input>,
    schema: SchemaRef,
    body: Arc<dyn PhysicalExpr>,
}

impl Computation {
    pub fn new(inputs: Vec<Input>, expr: &Expr) -> Result<Self, Error> {
        let schema = schema_of(&inputs);
        let body = physical(expr, &schema)?;
        Ok(Self {
            inputs,
            schema: Arc::new(schema),
            body,
        })
    }

    /// The values over rows of inputs, whose columns are in the inputs' order.
    pub fn evaluate(&self, columns: Vec<ArrayRef>, rows: usize) -> Result<ArrayRef, Error> {
        let batch = batch_of(&self.schema, columns, rows)?;
        values_of(&self.body, &batch)
    }
}

/// An aggregate function over the rows of a set of labels. Its inputs are of the row that is
/// aggregated, wherever they navigate to.
#[derive(Debug)]
pub struct AggregateOf {
    pub inputs: Vec<Input>,
    pub set: usize,
    /// Whether it is over the whole match, also at a row within: FINAL.
    pub is_final: bool,
    schema: SchemaRef,
    arguments: Vec<Arc<dyn PhysicalExpr>>,
    function: AggregateFunctionExpr,
}

impl AggregateOf {
    pub fn new(
        inputs: Vec<Input>,
        set: usize,
        is_final: bool,
        function: Arc<AggregateUDF>,
        arguments: &[Expr],
    ) -> Result<Self, Error> {
        let schema = schema_of(&inputs);
        let arguments = arguments
            .iter()
            .map(|argument| physical(argument, &schema))
            .collect::<Result<Vec<_>, Error>>()?;
        let schema = Arc::new(schema);
        // It is asked at each row of a match, most of which have all that the rows before them had.
        let function = over_frames_of(&function);
        let function = AggregateExprBuilder::new(function, arguments.clone())
            .schema(Arc::clone(&schema))
            .alias("aggregate")
            .build()
            .map_err(|e| error_of(&e))?;
        Ok(Self {
            inputs,
            set,
            is_final,
            schema,
            arguments,
            function,
        })
    }

    /// Whether the labels of rows are among what it aggregates.
    pub fn looks_at_labels(&self) -> bool {
        let mut sources = self.inputs.iter().map(|input| input.source);
        sources.any(|source| matches!(source, Source::Classifier(_)))
    }

    pub fn result_type(&self) -> DataType {
        self.function.field().data_type().clone()
    }

    pub fn accumulator(&self) -> Result<Box<dyn Accumulator>, Error> {
        self.function.create_accumulator().map_err(|e| error_of(&e))
    }

    /// The function's arguments over rows of inputs, whose columns are in the inputs' order.
    pub fn arguments(&self, columns: Vec<ArrayRef>, rows: usize) -> Result<Vec<ArrayRef>, Error> {
        let batch = batch_of(&self.schema, columns, rows)?;
        self.arguments
            .iter()
            .map(|argument| values_of(argument, &batch))
            .collect()
    }
}

fn schema_of(inputs: &[Input]) -> Schema {
    let field = |input: &Input| Field::new(&input.column, input.data_type.clone(), true);
    Schema::new(inputs.iter().map(field).collect::<Vec<_>>())
}

fn physical(expr: &Expr, schema: &Schema) -> Result<Arc<dyn PhysicalExpr>, Error> {
    let schema = DFSchema::try_from(schema.clone()).map_err(|e| error_of(&e))?;
    let ordered = in_expr(expr.clone(), &schema).map_err(|e| error_of(&e))?;
    create_physical_expr(
        &ordered,
        &schema,
        &ExecutionProps::new(),
        &PhysicalPlanningContext::default(),
    )
    .map_err(|e| error_of(&e))
}

fn batch_of(schema: &SchemaRef, columns: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch, Error> {
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)
        .map_err(Error::internal)
}

fn values_of(expr: &Arc<dyn PhysicalExpr>, batch: &RecordBatch) -> Result<ArrayRef, Error> {
    let rows = batch.num_rows();
    let values = expr
        .evaluate(batch)
        .and_then(|values| values.into_array(rows))
        .map_err(|e| error_of(&e))?;
    debug_assert_eq!(values.len(), rows);
    Ok(values)
}
