//! A lambda's body, compiled once and run over many values at a time.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, UInt64Array};
use datafusion::arrow::compute::take;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::common::DFSchema;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::execution_props::ExecutionProps;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::physical_expr::{PhysicalExpr, create_physical_expr};

use super::error_of;
use crate::error::Error;
use crate::short_circuit::in_expr;
use crate::types::{Type, Value, array_from_values, values_of};

/// A body over captured columns and parameters.
#[derive(Clone, Debug)]
pub struct Lambda {
    source: Expr,
    parameters: Vec<Type>,
    pub result: Type,
    body: Arc<dyn PhysicalExpr>,
    schema: SchemaRef,
    captures: usize,
    /// The captured columns of the batch that is being evaluated.
    captured: Vec<ArrayRef>,
    /// The batch's row of each input row.
    rows: Arc<[usize]>,
}

impl PartialEq for Lambda {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source && self.parameters == other.parameters
    }
}

impl Eq for Lambda {}

impl Hash for Lambda {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.source.hash(state);
        self.parameters.hash(state);
    }
}

impl Lambda {
    /// Compiles a body. Its columns are `captures`, then `parameters`, in the schema's order.
    pub fn new(
        source: Expr,
        result: Type,
        schema: Schema,
        parameters: Vec<Type>,
    ) -> Result<Self, Error> {
        let captures = schema.fields().len() - parameters.len();
        let df_schema = DFSchema::try_from(schema.clone()).map_err(|e| error_of(&e))?;
        let ordered = in_expr(source.clone(), &df_schema).map_err(|e| error_of(&e))?;
        let body = create_physical_expr(
            &ordered,
            &df_schema,
            &ExecutionProps::new(),
            &PhysicalPlanningContext::default(),
        )
        .map_err(|e| error_of(&e))?;
        Ok(Self {
            source,
            parameters,
            result,
            body,
            schema: Arc::new(schema),
            captures,
            captured: Vec::new(),
            rows: Arc::from([]),
        })
    }

    pub fn captures(&self) -> usize {
        self.captures
    }

    pub(super) fn with_captures(&self, captured: Vec<ArrayRef>, rows: Vec<usize>) -> Self {
        Self {
            captured,
            rows: rows.into(),
            ..self.clone()
        }
    }

    /// Runs the body over calls, each given by the input row it belongs to and its parameters.
    pub fn call(&self, calls: &[(usize, Vec<Value>)]) -> Result<Vec<Value>, Error> {
        if calls.is_empty() {
            return Ok(Vec::new());
        }
        let rows: UInt64Array = calls
            .iter()
            .map(|(row, _)| self.rows.get(*row).map_or(0, |r| *r as u64))
            .collect();
        let mut columns = Vec::with_capacity(self.schema.fields().len());
        for column in &self.captured {
            columns.push(take(column, &rows, None).map_err(Error::internal)?);
        }
        for (i, parameter) in self.parameters.iter().enumerate() {
            let values: Vec<Value> = calls
                .iter()
                .map(|(_, values)| values.get(i).cloned().unwrap_or(Value::Null))
                .collect();
            columns.push(array_from_values(parameter, &values));
        }
        let options = RecordBatchOptions::new().with_row_count(Some(calls.len()));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)
            .map_err(Error::internal)?;
        let result = self
            .body
            .evaluate(&batch)
            .and_then(|v| v.into_array(calls.len()))
            .map_err(|e| error_of(&e))?;
        debug_assert_eq!(result.len(), calls.len());
        Ok(values_of(&result, &self.result))
    }

    /// Runs the body once for an input row.
    pub fn call_one(&self, row: usize, parameters: Vec<Value>) -> Result<Value, Error> {
        Ok(self
            .call(&[(row, parameters)])?
            .pop()
            .unwrap_or(Value::Null))
    }
}
