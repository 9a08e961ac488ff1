//! The moments of a distribution: its variance and those beyond (Trino's `VarianceAggregation` and
//! `CentralMomentsAggregation`).
//!
//! States are merged as in Pébay, "Formulas for Robust, One-Pass Parallel Computation of
//! Covariances and Arbitrary-Order Statistical Moments".

use super::aggregates::mean;
use super::moving::{Merge, merged};
use super::{Function, aggregate_of};
use crate::error::Error;
use crate::types::Value;

pub fn functions() -> Vec<Function> {
    vec![
        aggregate_of("stddev(double) -> double", |_, rows| {
            Ok(spread(rows, 1, true))
        })
        .in_frames(|| merged(Moments::one, |m| m.spread(1, true))),
        aggregate_of("stddev_samp(double) -> double", |_, rows| {
            Ok(spread(rows, 1, true))
        })
        .in_frames(|| merged(Moments::one, |m| m.spread(1, true))),
        aggregate_of("stddev_pop(double) -> double", |_, rows| {
            Ok(spread(rows, 0, true))
        })
        .in_frames(|| merged(Moments::one, |m| m.spread(0, true))),
        aggregate_of("variance(double) -> double", |_, rows| {
            Ok(spread(rows, 1, false))
        })
        .in_frames(|| merged(Moments::one, |m| m.spread(1, false))),
        aggregate_of("var_samp(double) -> double", |_, rows| {
            Ok(spread(rows, 1, false))
        })
        .in_frames(|| merged(Moments::one, |m| m.spread(1, false))),
        aggregate_of("var_pop(double) -> double", |_, rows| {
            Ok(spread(rows, 0, false))
        })
        .in_frames(|| merged(Moments::one, |m| m.spread(0, false))),
        aggregate_of("skewness(double) -> double", |_, rows| {
            Ok(Moments::of(rows).skewness())
        })
        .in_frames(|| merged(Moments::one, |m| Ok(m.skewness()))),
        aggregate_of("kurtosis(double) -> double", |_, rows| {
            Ok(Moments::of(rows).kurtosis())
        })
        .in_frames(|| merged(Moments::one, |m| Ok(m.kurtosis()))),
    ]
}

fn spread(rows: &[Vec<Value>], less: usize, root: bool) -> Value {
    if rows.len() <= less {
        return Value::Null;
    }
    let mean = mean(rows);
    let squares: f64 = rows.iter().map(|r| (r[0].as_f64() - mean).powi(2)).sum();
    let variance = squares / (rows.len() - less) as f64;
    Value::Double(if root { variance.sqrt() } else { variance })
}

/// Zero, but of what is infinite no number.
pub fn distance_from_itself(x: f64) -> f64 {
    if x.is_finite() { 0.0 } else { f64::NAN }
}

/// How many values there are, and the sums of the powers of their distances from the mean.
#[derive(Clone, Copy, Debug)]
struct Moments {
    n: f64,
    mean: f64,
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
            mean,
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

    fn one(row: &[Value]) -> Self {
        let mean = row[0].as_f64();
        let distance = distance_from_itself(mean);
        Self {
            n: 1.0,
            mean,
            squares: distance,
            cubes: distance,
            fourths: distance,
        }
    }

    /// The variance, or its root, over the number of values `less` so many.
    fn spread(&self, less: usize, root: bool) -> Result<Value, Error> {
        let n = self.n - less as f64;
        if n <= 0.0 {
            return Ok(Value::Null);
        }
        let variance = self.squares / n;
        Ok(Value::Double(if root { variance.sqrt() } else { variance }))
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

impl Merge for Moments {
    fn merge(&self, later: &Self) -> Self {
        let (a, b) = (self.n, later.n);
        let n = a + b;
        let d = later.mean - self.mean;
        // The distance of the means in parts of the whole.
        let step = d / n;
        let cross = d * step * a * b;
        let cubes = cross * step * (a - b) + 3.0 * step * (a * later.squares - b * self.squares);
        let fourths = cross * step * step * (a * a - a * b + b * b)
            + 6.0 * step * step * (a * a * later.squares + b * b * self.squares)
            + 4.0 * step * (a * later.cubes - b * self.cubes);
        Self {
            n,
            mean: self.mean + step * b,
            squares: self.squares + later.squares + cross,
            cubes: self.cubes + later.cubes + cubes,
            fourths: self.fourths + later.fourths + fourths,
        }
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

    #[test]
    fn merged_moments_are_those_of_all_values() {
        let values = [1.0, 2.0, 3.0, 10.0, -4.0, 0.5, 7.25];
        let rows: Vec<Vec<Value>> = values.iter().map(|x| vec![Value::Double(*x)]).collect();
        let all = Moments::of(&rows);
        for split in 1..rows.len() {
            let merged = [&rows[..split], &rows[split..]].map(|part| {
                let states = part.iter().map(|row| Moments::one(row));
                states.reduce(|merged, one| merged.merge(&one)).unwrap()
            });
            let merged = merged[0].merge(&merged[1]);
            for (a, b) in [
                (merged.n, all.n),
                (merged.mean, all.mean),
                (merged.squares, all.squares),
                (merged.cubes, all.cubes),
                (merged.fourths, all.fourths),
            ] {
                assert!((a - b).abs() < 1e-9 * b.abs(), "{merged:?}, {all:?}");
            }
        }
    }
}
