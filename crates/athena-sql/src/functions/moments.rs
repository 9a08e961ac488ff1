//! The moments of a distribution beyond its variance (Trino's `CentralMomentsAggregation`).

use super::{Function, aggregate_of};
use crate::types::Value;

pub fn functions() -> Vec<Function> {
    vec![
        aggregate_of("skewness(double) -> double", |_, rows| {
            Ok(Moments::of(rows).skewness())
        }),
        aggregate_of("kurtosis(double) -> double", |_, rows| {
            Ok(Moments::of(rows).kurtosis())
        }),
    ]
}

/// How many values there are, and the sums of the powers of their distances from the mean.
struct Moments {
    n: f64,
    squares: f64,
    cubes: f64,
    fourths: f64,
}

impl Moments {
    fn of(rows: &[Vec<Value>]) -> Self {
        let n = rows.len() as f64;
        let mean = rows.iter().map(|r| r[0].as_f64()).sum::<f64>() / n;
        let mut moments = Self {
            n,
            squares: 0.0,
            cubes: 0.0,
            fourths: 0.0,
        };
        for row in rows {
            let distance = row[0].as_f64() - mean;
            let square = distance * distance;
            moments.squares += square;
            moments.cubes += square * distance;
            moments.fourths += square * square;
        }
        moments
    }

    /// NULL of fewer than three values.
    fn skewness(&self) -> Value {
        if self.n < 3.0 {
            return Value::Null;
        }
        Value::Double(self.n.sqrt() * self.cubes / self.squares.powf(1.5))
    }

    /// In excess of the normal distribution's; NULL of fewer than four values.
    fn kurtosis(&self) -> Value {
        let n = self.n;
        if n < 4.0 {
            return Value::Null;
        }
        let rest = (n - 2.0) * (n - 3.0);
        let relative = self.fourths / (self.squares * self.squares);
        let whole = (n - 1.0) * n * (n + 1.0) / rest * relative;
        Value::Double(whole - 3.0 * (n - 1.0) * (n - 1.0) / rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_sample() {
        let rows = |values: &[f64]| -> Vec<Vec<Value>> {
            values.iter().map(|x| vec![Value::Double(*x)]).collect()
        };
        let values = rows(&[1.0, 2.0, 3.0, 4.0]);
        assert_eq!(Moments::of(&values).skewness(), Value::Double(0.0));
        let kurtosis = Moments::of(&values).kurtosis().as_f64();
        assert!((kurtosis - -1.2).abs() < 1e-12, "{kurtosis}");
        assert_eq!(Moments::of(&rows(&[1.0, 2.0])).skewness(), Value::Null);
        assert_eq!(Moments::of(&rows(&[])).kurtosis(), Value::Null);
    }
}
