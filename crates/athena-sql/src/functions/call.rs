//! A bound call as DataFusion's scalar function.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{DataFusionError, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature,
    Volatility,
};

use super::{Function, Kind, Lambda};
use crate::error::Error;
use crate::types::{Type, Value, array_from_values, value_at};

/// A function with the types of one call.
#[derive(Debug, Clone)]
pub struct Call {
    pub function: Arc<Function>,
    /// Of the arguments that are values, in order; what a lambda captures comes after them.
    pub arguments: Vec<Type>,
    pub result: Type,
    pub lambdas: Vec<Lambda>,
    signature: Signature,
}

impl PartialEq for Call {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.function, &other.function)
            && self.arguments == other.arguments
            && self.result == other.result
            && self.lambdas == other.lambdas
    }
}

impl Eq for Call {}

impl Hash for Call {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.signature.name.hash(state);
        self.arguments.hash(state);
        self.result.hash(state);
        self.lambdas.len().hash(state);
    }
}

impl Call {
    pub fn new(
        function: Arc<Function>,
        arguments: Vec<Type>,
        result: Type,
        lambdas: Vec<Lambda>,
    ) -> Self {
        let volatility = if function.volatile {
            Volatility::Volatile
        } else {
            Volatility::Immutable
        };
        Self {
            function,
            arguments,
            result,
            lambdas,
            signature: Signature::one_of(
                vec![TypeSignature::VariadicAny, TypeSignature::Nullary],
                volatility,
            ),
        }
    }

    /// The call as an expression; the arguments are of the call's types.
    pub fn into_expr(self, arguments: Vec<Expr>) -> Expr {
        ScalarUDF::new_from_impl(self).call(arguments)
    }

    /// What a function without lambdas gives for one row of arguments, none of them NULL.
    pub fn evaluate(&self, arguments: &[Value]) -> Result<Value, Error> {
        match self.function.kind {
            Kind::Scalar(body) => body(self, arguments),
            Kind::Arrow(body) => {
                let arrays: Vec<ArrayRef> = arguments
                    .iter()
                    .zip(&self.arguments)
                    .map(|(value, data_type)| {
                        array_from_values(data_type, std::slice::from_ref(value))
                    })
                    .collect();
                Ok(value_at(&body(self, &arrays)?, &self.result, 0))
            }
            Kind::Lambda(_) | Kind::Aggregate(_) | Kind::Window => {
                Err(Error::internal("not a function of one row's values"))
            }
        }
    }

    /// The scale of a decimal, the digits of a fraction: of argument `index`.
    pub fn argument(&self, index: usize) -> &Type {
        self.arguments.get(index).unwrap_or(&Type::Unknown)
    }

    fn evaluate_rows(&self, columns: &[ColumnarValue], rows: usize) -> Result<ArrayRef, Error> {
        if let Kind::Arrow(body) = self.function.kind {
            return body(self, &arrays_of(columns, rows)?);
        }
        let own = self.own_arguments();
        let columns_of_values: Vec<Column> = columns[..own.min(columns.len())]
            .iter()
            .zip(&self.arguments)
            .map(|(column, data_type)| Column::new(column, data_type))
            .collect::<Result<_, Error>>()?;
        let mut row = Vec::with_capacity(own);
        let fill = |row: &mut Vec<Value>, i: usize| {
            row.clear();
            row.extend(columns_of_values.iter().map(|c| c.at(i)));
            !self.function.called_on_null && row.iter().any(Value::is_null)
        };
        let results = match self.function.kind {
            Kind::Scalar(body) => {
                let mut results = Vec::with_capacity(rows);
                for i in 0..rows {
                    results.push(if fill(&mut row, i) {
                        Value::Null
                    } else {
                        body(self, &row)?
                    });
                }
                results
            }
            Kind::Lambda(body) => {
                let captures = arrays_of(&columns[own.min(columns.len())..], rows)?;
                let mut asked = Vec::new();
                let mut inputs = Vec::new();
                for i in 0..rows {
                    if !fill(&mut row, i) {
                        asked.push(i);
                        inputs.push(row.clone());
                    }
                }
                let mut offset = 0;
                let lambdas: Vec<Lambda> = self
                    .lambdas
                    .iter()
                    .map(|lambda| {
                        let end = offset + lambda.captures();
                        let own = captures[offset..end].to_vec();
                        offset = end;
                        lambda.with_captures(own, asked.clone())
                    })
                    .collect();
                let mut results = vec![Value::Null; rows];
                for (i, value) in asked.iter().zip(body(self, &inputs, &lambdas)?) {
                    results[*i] = value;
                }
                results
            }
            Kind::Arrow(_) | Kind::Aggregate(_) | Kind::Window => {
                return Err(Error::internal("an aggregate cannot be called row by row"));
            }
        };
        Ok(array_from_values(&self.result, &results))
    }

    /// How many of the arguments are the function's own, not captured by a lambda.
    fn own_arguments(&self) -> usize {
        self.arguments.len()
    }
}

fn arrays_of(columns: &[ColumnarValue], rows: usize) -> Result<Vec<ArrayRef>, Error> {
    columns
        .iter()
        .map(|column| column.to_array(rows).map_err(|e| error_of(&e)))
        .collect()
}

/// An argument, read by row.
enum Column<'a> {
    Constant(Value),
    Array(&'a ArrayRef, &'a Type),
}

impl<'a> Column<'a> {
    fn new(column: &'a ColumnarValue, data_type: &'a Type) -> Result<Self, Error> {
        Ok(match column {
            ColumnarValue::Array(array) => Self::Array(array, data_type),
            ColumnarValue::Scalar(scalar) => {
                let array = scalar.to_array().map_err(|e| error_of(&e))?;
                Self::Constant(value_at(&array, data_type, 0))
            }
        })
    }

    fn at(&self, row: usize) -> Value {
        match self {
            Self::Constant(value) => value.clone(),
            Self::Array(array, data_type) => value_at(array, data_type, row),
        }
    }
}

impl ScalarUDFImpl for Call {
    fn name(&self) -> &str {
        &self.function.signature.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> datafusion::common::Result<DataType> {
        Ok(self.result.arrow())
    }

    fn invoke_with_args(
        &self,
        args: ScalarFunctionArgs,
    ) -> datafusion::common::Result<ColumnarValue> {
        let constant = args
            .args
            .iter()
            .all(|a| matches!(a, ColumnarValue::Scalar(_)))
            && !self.function.volatile;
        let rows = if constant { 1 } else { args.number_rows };
        let array = self.evaluate_rows(&args.args, rows).map_err(external)?;
        if constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(
                &array, 0,
            )?));
        }
        Ok(ColumnarValue::Array(array))
    }
}

/// An error on its way through DataFusion.
pub fn external(error: Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

/// What an error of DataFusion says to the user: ours again where it was ours.
pub fn error_of(error: &DataFusionError) -> Error {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(e) = cause {
        if let Some(ours) = e.downcast_ref::<Error>() {
            return ours.clone();
        }
        if let Some(DataFusionError::External(inner)) = e.downcast_ref::<DataFusionError>()
            && let Some(ours) = inner.downcast_ref::<Error>()
        {
            return ours.clone();
        }
        if let Some(DataFusionError::Shared(inner)) = e.downcast_ref::<DataFusionError>() {
            return error_of(inner);
        }
        cause = e.source();
    }
    match error.find_root() {
        DataFusionError::ResourcesExhausted(message) => Error {
            kind: crate::ErrorKind::ResourcesExceeded,
            ..Error::user(
                "EXCEEDED_LOCAL_MEMORY_LIMIT",
                format!("Query exceeded per-node memory limit: {message}"),
            )
        },
        DataFusionError::ArrowError(arrow, _) => arrow_error(arrow),
        other => Error::internal(other),
    }
}

fn arrow_error(error: &datafusion::arrow::error::ArrowError) -> Error {
    use datafusion::arrow::error::ArrowError;
    match error {
        ArrowError::DivideByZero => Error::user("DIVISION_BY_ZERO", "Division by zero"),
        ArrowError::ArithmeticOverflow(message) => {
            Error::user("NUMERIC_VALUE_OUT_OF_RANGE", message.clone())
        }
        ArrowError::ExternalError(inner) => match inner.downcast_ref::<Error>() {
            Some(ours) => ours.clone(),
            None => Error::internal(error),
        },
        other => Error::internal(other),
    }
}
