//! What `sum` gives out of the wider decimal that it sums in: a bigint or a decimal, unless the sum
//! is beyond it.

use std::sync::{Arc, LazyLock};

use datafusion::arrow::array::{ArrayRef, AsArray, Decimal128Array, Int64Array};
use datafusion::arrow::datatypes::{DataType, Decimal128Type, Decimal256Type, i256};
use datafusion::logical_expr::{Expr, cast};

use super::{Call, Function, Kind, out_of_range};
use crate::error::Error;
use crate::types::{MAX_PRECISION, Type};

/// Digits of decimals of which no number of rows that can be read has a sum beyond 38 digits.
pub const SAFE_PRECISION: u8 = 28;

static IN_RANGE: LazyLock<Arc<Function>> =
    LazyLock::new(|| Arc::new(Function::new("$sum(T) -> R", Kind::Arrow(in_range_of))));

/// A decimal of 38 digits as one of 76, in which a sum cannot overflow.
pub fn widest(expr: Expr, scale: u8) -> Expr {
    cast(expr, DataType::Decimal256(76, scale as i8))
}

/// The sum as a bigint, out of a decimal of 38 digits, or as a decimal, out of one of 76.
pub fn in_range(sum: Expr, result: &Type) -> Expr {
    let function = Arc::clone(&IN_RANGE);
    Call::new(function, vec![result.clone()], result.clone(), Vec::new()).into_expr(vec![sum])
}

fn in_range_of(call: &Call, sums: &[ArrayRef]) -> Result<ArrayRef, Error> {
    match call.result {
        Type::Decimal(precision, scale) => {
            let sums = sums[0].as_primitive::<Decimal256Type>().iter();
            let sums = sums.map(|sum| sum.map(decimal).transpose());
            let sums: Decimal128Array = sums.collect::<Result<_, _>>()?;
            let sums = sums.with_precision_and_scale(precision, scale as i8);
            Ok(Arc::new(sums.map_err(Error::internal)?))
        }
        _ => {
            let sums = sums[0].as_primitive::<Decimal128Type>().iter();
            let sums = sums.map(|sum| sum.map(bigint).transpose());
            let sums: Int64Array = sums.collect::<Result<_, _>>()?;
            Ok(Arc::new(sums))
        }
    }
}

fn decimal(sum: i256) -> Result<i128, Error> {
    let limit = 10_i128.pow(MAX_PRECISION.into());
    sum.to_i128()
        .filter(|sum| (-limit < *sum) && (*sum < limit))
        .ok_or_else(|| out_of_range("Decimal overflow"))
}

fn bigint(sum: i128) -> Result<i64, Error> {
    i64::try_from(sum).map_err(|_| out_of_range(format!("bigint addition overflow: {sum}")))
}
