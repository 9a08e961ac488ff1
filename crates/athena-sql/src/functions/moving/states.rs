//! States that sums and the like are made of.

use datafusion::arrow::datatypes::i256;

use super::queue::Merge;
use crate::error::Error;
use crate::functions::arithmetic::{divide_half_up, within_decimal};
use crate::functions::out_of_range;
use crate::types::Value;

/// How many whole numbers there are, and their sum, in which no number of rows overflows.
#[derive(Clone, Copy, Debug)]
pub struct Total {
    count: i64,
    sum: i256,
}

impl Merge for Total {
    fn merge(&self, later: &Self) -> Self {
        Self {
            count: self.count + later.count,
            sum: self.sum.wrapping_add(later.sum),
        }
    }
}

impl Total {
    /// Of a decimal as its unscaled value, of others as their integer.
    pub fn of(row: &[Value]) -> Self {
        let n = match &row[0] {
            Value::Decimal(unscaled) => *unscaled,
            other => i128::from(other.as_i64()),
        };
        Self {
            count: 1,
            sum: i256::from_i128(n),
        }
    }

    /// Rounded half up, away from zero.
    pub fn average_decimal(&self) -> Result<Value, Error> {
        let count = i256::from_i128(i128::from(self.count));
        within_decimal(divide_half_up(self.sum, count))
    }

    pub fn average_days(&self) -> Result<Value, Error> {
        let count = i256::from_i128(i128::from(self.count));
        integer(divide_half_up(self.sum, count)).map(Value::IntervalDay)
    }

    pub fn days(&self) -> Result<Value, Error> {
        self.sum().map(Value::IntervalDay)
    }

    pub fn months(&self) -> Result<Value, Error> {
        let sum = self.sum()?;
        i32::try_from(sum)
            .map(Value::IntervalYear)
            .map_err(|_| out_of_range(format!("integer addition overflow: {sum}")))
    }

    fn sum(&self) -> Result<i64, Error> {
        integer(self.sum)
    }
}

fn integer(sum: i256) -> Result<i64, Error> {
    sum.to_i128()
        .and_then(|sum| i64::try_from(sum).ok())
        .ok_or_else(|| out_of_range(format!("bigint addition overflow: {sum}")))
}

/// How many floating-point numbers there are, and their sum.
#[derive(Clone, Copy, Debug)]
pub struct Sum {
    count: f64,
    sum: f64,
}

impl Merge for Sum {
    fn merge(&self, later: &Self) -> Self {
        Self {
            count: self.count + later.count,
            sum: self.sum + later.sum,
        }
    }
}

impl Sum {
    pub fn of(row: &[Value]) -> Self {
        Self {
            count: 1.0,
            sum: row[0].as_f64(),
        }
    }

    /// Of the natural logarithm.
    pub fn of_logarithm(row: &[Value]) -> Self {
        Self {
            count: 1.0,
            sum: row[0].as_f64().ln(),
        }
    }

    pub fn sum_double(&self) -> Result<Value, Error> {
        Ok(Value::Double(self.sum))
    }

    pub fn sum_real(&self) -> Result<Value, Error> {
        Ok(Value::Real(self.sum as f32))
    }

    pub fn average_double(&self) -> Result<Value, Error> {
        Ok(Value::Double(self.sum / self.count))
    }

    pub fn average_real(&self) -> Result<Value, Error> {
        Ok(Value::Real((self.sum / self.count) as f32))
    }

    /// Out of logarithms.
    pub fn geometric_mean(&self) -> Result<Value, Error> {
        Ok(Value::Double((self.sum / self.count).exp()))
    }
}

/// Values made one by an operation whose order makes no difference.
#[derive(Clone, Copy, Debug)]
pub struct Folded<T> {
    value: T,
    fold: fn(T, T) -> T,
}

impl<T: Copy + std::fmt::Debug + Send + Sync> Merge for Folded<T> {
    fn merge(&self, later: &Self) -> Self {
        Self {
            value: (self.fold)(self.value, later.value),
            fold: self.fold,
        }
    }
}

impl Folded<bool> {
    pub fn all(row: &[Value]) -> Self {
        let value = row[0].as_bool();
        Self {
            value,
            fold: |a, b| a && b,
        }
    }

    pub fn any(row: &[Value]) -> Self {
        let value = row[0].as_bool();
        Self {
            value,
            fold: |a, b| a || b,
        }
    }

    pub fn boolean(&self) -> Result<Value, Error> {
        Ok(Value::Boolean(self.value))
    }
}

impl Folded<i64> {
    pub fn and(row: &[Value]) -> Self {
        let value = row[0].as_i64();
        Self {
            value,
            fold: |a, b| a & b,
        }
    }

    pub fn or(row: &[Value]) -> Self {
        let value = row[0].as_i64();
        Self {
            value,
            fold: |a, b| a | b,
        }
    }

    pub fn xor(row: &[Value]) -> Self {
        let value = row[0].as_i64();
        Self {
            value,
            fold: |a, b| a ^ b,
        }
    }

    pub fn bigint(&self) -> Result<Value, Error> {
        Ok(Value::Integer(self.value))
    }
}
