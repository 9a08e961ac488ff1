//! An aggregate function as DataFusion's: collects a group's rows and finishes them at once.
//!
//! A function that a few rows decide keeps no others ([`Function::reduced_by`]). Over the frames of
//! a window, what is known of a frame goes into the next one ([`Moving`]).
//!
//! DISTINCT and ORDER BY are its own affair: sort keys come as further arguments, so that the
//! order holds however a group was split and merged.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility,
};

use super::moving::{InFrames, Kept, Moving, Rows};
use super::{Function, Kind, Lambda, error_of, external};
use crate::error::Error;
use crate::types::{Type, Value, array_from_values, value_at};

/// Gives a group's value from its rows of arguments, in order where one was asked for.
pub type Finish = fn(&Aggregate, &[Vec<Value>]) -> Result<Value, Error>;

/// Drops rows that make no difference to the group's value, whatever rows come after them.
pub type Reduce = fn(&mut Vec<Vec<Value>>);

/// How a sort key orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SortKey {
    pub descending: bool,
    pub nulls_first: bool,
}

/// An aggregate function with the types of one call.
#[derive(Clone, Debug)]
pub struct Aggregate {
    pub function: Arc<Function>,
    /// Of the arguments, then of the sort keys.
    pub arguments: Vec<Type>,
    pub result: Type,
    pub lambdas: Vec<Lambda>,
    pub distinct: bool,
    pub order: Vec<SortKey>,
    /// Whether it is asked of frames, again and again, not of a group.
    framed: bool,
    pub(super) signature: Signature,
}

impl Aggregate {
    pub fn new(function: Arc<Function>, arguments: Vec<Type>, result: Type) -> Self {
        Self {
            function,
            arguments,
            result,
            lambdas: Vec::new(),
            distinct: false,
            order: Vec::new(),
            framed: false,
            signature: Signature::variadic_any(Volatility::Immutable),
        }
    }

    /// Over distinct rows, in an order: the last of the arguments are its keys.
    pub fn sorted(self, distinct: bool, order: Vec<SortKey>) -> Self {
        Self {
            distinct,
            order,
            ..self
        }
    }

    /// With the lambdas that the function takes besides its arguments.
    pub fn with_lambdas(self, lambdas: Vec<Lambda>) -> Self {
        Self { lambdas, ..self }
    }

    /// How many of the arguments are the function's own, not sort keys.
    fn own(&self) -> usize {
        self.arguments.len() - self.order.len()
    }

    /// Whether a row is not left out for a NULL.
    pub(super) fn counts(&self, row: &[Value]) -> bool {
        self.function.called_on_null || !row[..self.own()].iter().any(Value::is_null)
    }

    pub(super) fn finish(&self, rows: &[Vec<Value>]) -> Result<Value, Error> {
        let Kind::Aggregate(finish) = self.function.kind else {
            return Err(Error::internal("not an aggregate"));
        };
        if self.is_plain() && rows.iter().all(|row| self.counts(row)) {
            return finish(self, rows);
        }
        let own = self.own();
        let mut rows: Vec<&Vec<Value>> = rows.iter().filter(|row| self.counts(row)).collect();
        if !self.order.is_empty() {
            rows.sort_by(|a, b| self.compare(&a[own..], &b[own..]));
        }
        let mut seen = HashSet::new();
        let rows: Vec<Vec<Value>> = rows
            .into_iter()
            .map(|row| row[..own].to_vec())
            .filter(|row| !self.distinct || seen.insert(row.clone()))
            .collect();
        finish(self, &rows)
    }

    fn compare(&self, a: &[Value], b: &[Value]) -> Ordering {
        for ((a, b), key) in a.iter().zip(b).zip(&self.order) {
            let order = match (a.is_null(), b.is_null()) {
                (true, true) => Ordering::Equal,
                (true, false) if key.nulls_first => Ordering::Less,
                (true, false) => Ordering::Greater,
                (false, true) if key.nulls_first => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) if key.descending => b.order(a),
                (false, false) => a.order(b),
            };
            if order.is_ne() {
                return order;
            }
        }
        Ordering::Equal
    }

    /// Whether it has neither DISTINCT nor ORDER BY, which look at all rows.
    fn is_plain(&self) -> bool {
        !self.distinct && self.order.is_empty()
    }

    /// What leaves the rows that count, if it may.
    fn reduction(&self) -> Option<Reduce> {
        self.function.reduce.filter(|_| self.is_plain())
    }

    /// What is known of a frame without rows.
    pub(super) fn moving(&self) -> Box<dyn Moving> {
        let own = self.function.moving.filter(|_| self.is_plain());
        match (own, self.reduction()) {
            (Some(moving), _) => moving(),
            (None, Some(reduce)) => Box::new(Kept::by(reduce)),
            (None, None) => Box::new(Rows::default()),
        }
    }

    fn row_type(&self) -> Type {
        Type::row(self.arguments.iter().cloned())
    }
}

impl PartialEq for Aggregate {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.function, &other.function)
            && self.arguments == other.arguments
            && self.result == other.result
            && self.distinct == other.distinct
            && self.order == other.order
            && self.framed == other.framed
            && self.lambdas == other.lambdas
    }
}

impl Eq for Aggregate {}

impl Hash for Aggregate {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.signature.name.hash(state);
        self.arguments.hash(state);
        self.result.hash(state);
        self.distinct.hash(state);
        self.order.hash(state);
        self.framed.hash(state);
    }
}

impl AggregateUDFImpl for Aggregate {
    fn name(&self) -> &str {
        &self.function.signature.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> datafusion::common::Result<DataType> {
        Ok(self.result.arrow())
    }

    fn accumulator(
        &self,
        _: AccumulatorArgs<'_>,
    ) -> datafusion::common::Result<Box<dyn Accumulator>> {
        if self.framed {
            return Ok(Box::new(InFrames::growing(self)));
        }
        Ok(Box::new(Collector::new(self)))
    }

    fn create_sliding_accumulator(
        &self,
        _: AccumulatorArgs<'_>,
    ) -> datafusion::common::Result<Box<dyn Accumulator>> {
        Ok(Box::new(InFrames::sliding(self)))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> datafusion::common::Result<Vec<FieldRef>> {
        let rows = Type::array(self.row_type()).arrow();
        Ok(vec![Arc::new(Field::new(
            format!("{}[rows]", args.name),
            rows,
            true,
        ))])
    }

    /// What it gives for no rows: for a frame that has none as well.
    fn default_value(&self, _: &DataType) -> datafusion::common::Result<ScalarValue> {
        let value = self.finish(&[]).map_err(external)?;
        scalar_of(&self.result, value)
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }
}

/// The function for the frames of a window, of which each is near to the one before.
pub fn over_frames_of(function: &Arc<AggregateUDF>) -> Arc<AggregateUDF> {
    match function.inner().downcast_ref::<Aggregate>() {
        Some(aggregate) => Arc::new(AggregateUDF::from(Aggregate {
            framed: true,
            ..aggregate.clone()
        })),
        None => Arc::clone(function),
    }
}

/// How many rows are collected before it is worth looking which of them count.
const FEW_ROWS: usize = 64;

#[derive(Debug)]
struct Collector {
    aggregate: Aggregate,
    rows: Vec<Vec<Value>>,
    /// Bytes of the rows.
    size: usize,
    /// Leaves the rows that still count; `None` where all of them do.
    reduce: Option<Reduce>,
    /// The number of rows at which they are reduced next.
    reduced_at: usize,
}

impl Collector {
    fn new(aggregate: &Aggregate) -> Self {
        Self {
            aggregate: aggregate.clone(),
            rows: Vec::new(),
            size: 0,
            reduce: aggregate.reduction(),
            reduced_at: FEW_ROWS,
        }
    }

    fn push(&mut self, row: Vec<Value>) {
        self.size += size_of_row(&row);
        self.rows.push(row);
        if self.rows.len() >= self.reduced_at {
            self.leave_what_counts();
        }
    }

    fn leave_what_counts(&mut self) {
        let Some(reduce) = self.reduce else {
            return;
        };
        reduce(&mut self.rows);
        self.size = self.rows.iter().map(|row| size_of_row(row)).sum();
        // Twice what is left, so that a row is looked at a few times at most.
        self.reduced_at = FEW_ROWS + 2 * self.rows.len();
    }
}

/// About how many bytes a row takes.
pub(super) fn size_of_row(row: &[Value]) -> usize {
    let beside: usize = row.iter().map(Value::size_beside).sum();
    size_of::<Vec<Value>>() + size_of_val(row) + beside
}

impl Accumulator for Collector {
    fn update_batch(&mut self, values: &[ArrayRef]) -> datafusion::common::Result<()> {
        let rows = values
            .first()
            .map_or(0, datafusion::arrow::array::Array::len);
        for row in 0..rows {
            let row = values
                .iter()
                .zip(&self.aggregate.arguments)
                .map(|(array, data_type)| value_at(array, data_type, row))
                .collect();
            self.push(row);
        }
        Ok(())
    }

    fn evaluate(&mut self) -> datafusion::common::Result<ScalarValue> {
        let value = self.aggregate.finish(&self.rows).map_err(external)?;
        scalar_of(&self.aggregate.result, value)
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.size
    }

    fn state(&mut self) -> datafusion::common::Result<Vec<ScalarValue>> {
        self.leave_what_counts();
        self.size = 0;
        let rows = std::mem::take(&mut self.rows)
            .into_iter()
            .map(Value::row)
            .collect();
        let data_type = Type::array(self.aggregate.row_type());
        Ok(vec![scalar_of(&data_type, Value::array(rows))?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> datafusion::common::Result<()> {
        let data_type = Type::array(self.aggregate.row_type());
        for state in states {
            for i in 0..state.len() {
                let collected = value_at(state, &data_type, i);
                for row in collected.as_array() {
                    self.push(row.as_array().to_vec());
                }
            }
        }
        Ok(())
    }
}

/// A value as DataFusion's literal.
pub(super) fn scalar_of(data_type: &Type, value: Value) -> datafusion::common::Result<ScalarValue> {
    let array = array_from_values(data_type, &[value]);
    ScalarValue::try_from_array(&array, 0)
}

/// A value as a literal expression.
pub fn literal_of(data_type: &Type, value: Value) -> Result<datafusion::logical_expr::Expr, Error> {
    scalar_of(data_type, value)
        .map(|scalar| datafusion::logical_expr::Expr::Literal(scalar, None))
        .map_err(|e| error_of(&e))
}
