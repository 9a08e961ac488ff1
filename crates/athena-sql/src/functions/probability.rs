//! Cumulative distributions, their inverses, and confidence intervals.

use super::{Function, invalid_argument, scalar};
use crate::error::Error;
use crate::types::Value;

pub fn functions() -> Vec<Function> {
    vec![
        scalar("normal_cdf(double, double, double) -> double", |_, a| {
            let (mean, deviation, x) = (a[0].as_f64(), a[1].as_f64(), a[2].as_f64());
            if deviation.is_nan() || deviation <= 0.0 {
                return Err(invalid_argument("standardDeviation must be > 0"));
            }
            Ok(Value::Double(standard_normal((x - mean) / deviation)))
        }),
        scalar(
            "inverse_normal_cdf(double, double, double) -> double",
            |_, a| {
                let (mean, deviation, p) = (a[0].as_f64(), a[1].as_f64(), a[2].as_f64());
                if !(p > 0.0 && p < 1.0) {
                    return Err(invalid_argument("p must be 0 > p > 1"));
                }
                if deviation.is_nan() || deviation <= 0.0 {
                    return Err(invalid_argument("sd must be > 0"));
                }
                let standard = bisect(-40.0, 40.0, |x| standard_normal(x) < p);
                Ok(Value::Double(mean + deviation * standard))
            },
        ),
        scalar("beta_cdf(double, double, double) -> double", |_, a| {
            let (alpha, beta) = shape(a)?;
            let x = a[2].as_f64();
            if !(0.0..=1.0).contains(&x) {
                return Err(invalid_argument("value must be 0 >= v >= 1"));
            }
            Ok(Value::Double(regularized_beta(x, alpha, beta)))
        }),
        scalar(
            "inverse_beta_cdf(double, double, double) -> double",
            |_, a| {
                let (alpha, beta) = shape(a)?;
                let p = a[2].as_f64();
                if !(0.0..=1.0).contains(&p) {
                    return Err(invalid_argument("p must be 0 >= p >= 1"));
                }
                Ok(Value::Double(bisect(0.0, 1.0, |x| {
                    regularized_beta(x, alpha, beta) < p
                })))
            },
        ),
        scalar(
            "wilson_interval_lower(bigint, bigint, double) -> double",
            |_, a| wilson(a, -1.0),
        ),
        scalar(
            "wilson_interval_upper(bigint, bigint, double) -> double",
            |_, a| wilson(a, 1.0),
        ),
    ]
}

fn shape(a: &[Value]) -> Result<(f64, f64), Error> {
    let (alpha, beta) = (a[0].as_f64(), a[1].as_f64());
    if alpha > 0.0 && beta > 0.0 {
        Ok((alpha, beta))
    } else {
        Err(invalid_argument("a, b must be > 0"))
    }
}

/// The bound of Wilson's score interval of so many successes in so many trials.
fn wilson(a: &[Value], side: f64) -> Result<Value, Error> {
    let (successes, trials, z) = (a[0].as_i64(), a[1].as_i64(), a[2].as_f64());
    if successes < 0 {
        return Err(invalid_argument("number of successes must not be negative"));
    }
    if trials <= 0 {
        return Err(invalid_argument("number of trials must be positive"));
    }
    if successes > trials {
        return Err(invalid_argument(
            "number of successes must not be larger than number of trials",
        ));
    }
    if z.is_nan() || z < 0.0 {
        return Err(invalid_argument("z-score must not be negative"));
    }
    let (s, n) = (successes as f64, trials as f64);
    let p = s / n;
    let center = p + z * z / (2.0 * n);
    let spread = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    Ok(Value::Double((center + side * spread) / (1.0 + z * z / n)))
}

/// The place between two where a condition stops holding, to the last bit.
fn bisect(mut low: f64, mut high: f64, below: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

fn standard_normal(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    // erf²(x/√2) is the regularized gamma function P(1/2, x²/2).
    let tail = 0.5 * upper_gamma_half(x * x / 2.0);
    if x < 0.0 { tail } else { 1.0 - tail }
}

/// The upper regularized incomplete gamma function Q(1/2, x): a series where x is small, else
/// Lentz's continued fraction (Numerical Recipes, §6.2).
fn upper_gamma_half(x: f64) -> f64 {
    const A: f64 = 0.5;
    let log_gamma = std::f64::consts::PI.sqrt().ln();
    if x == 0.0 {
        return 1.0;
    }
    if x.is_infinite() {
        return 0.0;
    }
    let factor = (-x + A * x.ln() - log_gamma).exp();
    if x < A + 1.0 {
        let (mut term, mut sum, mut n) = (1.0 / A, 1.0 / A, A);
        for _ in 0..500 {
            n += 1.0;
            term *= x / n;
            sum += term;
            if term < sum * f64::EPSILON {
                break;
            }
        }
        return 1.0 - sum * factor;
    }
    let mut b = x + 1.0 - A;
    let mut c = 1.0 / f64::MIN_POSITIVE;
    let mut d = 1.0 / b;
    let mut h = d;
    for i in 1..500 {
        let i = f64::from(i);
        let an = -i * (i - A);
        b += 2.0;
        d = 1.0 / away_from_zero(an * d + b);
        c = away_from_zero(b + an / c);
        let step = d * c;
        h *= step;
        if (step - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    h * factor
}

/// The regularized incomplete beta function (Numerical Recipes, §6.4).
fn regularized_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    let factor =
        (log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * x.ln() + b * (-x).ln_1p()).exp();
    if x < (a + 1.0) / (a + b + 2.0) {
        factor * beta_fraction(x, a, b) / a
    } else {
        1.0 - factor * beta_fraction(1.0 - x, b, a) / b
    }
}

fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    for m in 1..500 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away_from_zero(1.0 + even * d);
        c = away_from_zero(1.0 + even / c);
        h *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away_from_zero(1.0 + odd * d);
        c = away_from_zero(1.0 + odd / c);
        let step = d * c;
        h *= step;
        if (step - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    h
}

fn away_from_zero(x: f64) -> f64 {
    if x.abs() < 1e-300 { 1e-300 } else { x }
}

/// The logarithm of the gamma function, by Lanczos (g = 7, n = 9).
fn log_gamma(x: f64) -> f64 {
    const COEFFICIENTS: [f64; 9] = [
        0.999_999_999_999_809_9,
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    if x < 0.5 {
        let pi = std::f64::consts::PI;
        return (pi / (pi * x).sin()).ln() - log_gamma(1.0 - x);
    }
    let x = x - 1.0;
    let t = x + 7.5;
    let sum = COEFFICIENTS[1..]
        .iter()
        .zip(1..)
        .fold(COEFFICIENTS[0], |sum, (c, i)| sum + c / (x + f64::from(i)));
    0.5 * (2.0 * std::f64::consts::PI).ln() + (x + 0.5) * t.ln() - t + sum.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-12
    }

    #[test]
    fn the_normal_distribution_has_its_known_values() {
        assert!(near(standard_normal(1.96), 0.975_002_104_851_779_5));
        assert!(near(standard_normal(-0.5), 0.308_537_538_725_986_9));
        assert!(near(bisect(-40.0, 40.0, |x| standard_normal(x) < 0.5), 0.0));
    }

    #[test]
    fn the_beta_distribution_has_its_known_values() {
        // At least two of four tosses.
        assert!(near(regularized_beta(0.5, 2.0, 3.0), 0.687_5));
        assert!(near(regularized_beta(0.25, 1.0, 1.0), 0.25));
    }
}
