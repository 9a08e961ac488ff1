//! What two columns have to do with each other: covariance, correlation and linear regression.

use super::moments::distance_from_itself;
use super::moving::{Merge, merged};
use super::{Function, aggregate_of};
use crate::error::Error;
use crate::types::Value;

pub fn functions() -> Vec<Function> {
    vec![
        aggregate_of("covar_samp(double, double) -> double", |_, rows| {
            of_all(rows, Pairs::covar_samp)
        })
        .in_frames(|| merged(Pairs::one, Pairs::covar_samp)),
        aggregate_of("covar_pop(double, double) -> double", |_, rows| {
            of_all(rows, Pairs::covar_pop)
        })
        .in_frames(|| merged(Pairs::one, Pairs::covar_pop)),
        aggregate_of("corr(double, double) -> double", |_, rows| {
            of_all(rows, Pairs::correlation)
        })
        .in_frames(|| merged(Pairs::one, Pairs::correlation)),
        aggregate_of("corr(real, real) -> real", |_, rows| {
            of_all(rows, Pairs::correlation_real)
        })
        .in_frames(|| merged(Pairs::one, Pairs::correlation_real)),
        aggregate_of("regr_slope(double, double) -> double", |_, rows| {
            of_all(rows, Pairs::slope)
        })
        .in_frames(|| merged(Pairs::one, Pairs::slope)),
        aggregate_of("regr_intercept(double, double) -> double", |_, rows| {
            of_all(rows, Pairs::intercept)
        })
        .in_frames(|| merged(Pairs::one, Pairs::intercept)),
    ]
}

/// NULL of no rows.
fn of_all(rows: &[Vec<Value>], value: fn(&Pairs) -> Result<Value, Error>) -> Result<Value, Error> {
    Pairs::of(rows).map_or(Ok(Value::Null), |pairs| value(&pairs))
}

fn finite(x: f64) -> Value {
    if x.is_finite() {
        Value::Double(x)
    } else {
        Value::Null
    }
}

/// How many rows there are, their means, and sums of squares and of products about those.
#[derive(Clone, Copy, Debug)]
struct Pairs {
    n: f64,
    x: f64,
    y: f64,
    xx: f64,
    yy: f64,
    xy: f64,
}

impl Pairs {
    fn of(rows: &[Vec<Value>]) -> Option<Self> {
        if rows.is_empty() {
            return None;
        }
        let n = rows.len() as f64;
        let x = rows.iter().map(|r| r[0].as_f64()).sum::<f64>() / n;
        let y = rows.iter().map(|r| r[1].as_f64()).sum::<f64>() / n;
        let mut pairs = Self {
            n,
            x,
            y,
            xx: 0.0,
            yy: 0.0,
            xy: 0.0,
        };
        for row in rows {
            let (dx, dy) = (row[0].as_f64() - x, row[1].as_f64() - y);
            pairs.xx += dx * dx;
            pairs.yy += dy * dy;
            pairs.xy += dx * dy;
        }
        Some(pairs)
    }

    fn one(row: &[Value]) -> Self {
        let (x, y) = (row[0].as_f64(), row[1].as_f64());
        let (xx, yy) = (distance_from_itself(x), distance_from_itself(y));
        Self {
            n: 1.0,
            x,
            y,
            xx,
            yy,
            xy: xx * yy,
        }
    }

    fn covar_samp(&self) -> Result<Value, Error> {
        Ok(if self.n < 2.0 {
            Value::Null
        } else {
            Value::Double(self.xy / (self.n - 1.0))
        })
    }

    fn covar_pop(&self) -> Result<Value, Error> {
        Ok(Value::Double(self.xy / self.n))
    }

    fn correlation(&self) -> Result<Value, Error> {
        Ok(finite(self.xy / (self.xx.sqrt() * self.yy.sqrt())))
    }

    fn correlation_real(&self) -> Result<Value, Error> {
        Ok(match self.correlation()? {
            Value::Double(r) => Value::Real(r as f32),
            none => none,
        })
    }

    fn slope(&self) -> Result<Value, Error> {
        Ok(finite(self.xy / self.yy))
    }

    fn intercept(&self) -> Result<Value, Error> {
        Ok(finite(self.x - self.xy / self.yy * self.y))
    }
}

impl Merge for Pairs {
    fn merge(&self, later: &Self) -> Self {
        let n = self.n + later.n;
        let (dx, dy) = (later.x - self.x, later.y - self.y);
        let part = later.n / n;
        let weight = self.n * part;
        Self {
            n,
            x: self.x + dx * part,
            y: self.y + dy * part,
            xx: self.xx + later.xx + dx * dx * weight,
            yy: self.yy + later.yy + dy * dy * weight,
            xy: self.xy + later.xy + dx * dy * weight,
        }
    }
}
