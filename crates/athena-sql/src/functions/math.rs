//! Mathematics on numbers (<https://trino.io/docs/current/functions/math.html>).

use rand::RngExt;

use super::{Call, Function, invalid_argument, out_of_range, scalar};
use crate::error::Error;
use crate::types::{Type, Value};

pub fn functions() -> Vec<Function> {
    let mut all = vec![
        scalar("abs(real) -> real", |_, a| {
            Ok(Value::Real((a[0].as_f64() as f32).abs()))
        }),
        scalar("abs(double) -> double", |_, a| {
            Ok(Value::Double(a[0].as_f64().abs()))
        }),
        scalar("abs(decimal) -> decimal", |_, a| match &a[0] {
            Value::Decimal(n) => Ok(Value::Decimal(n.abs())),
            _ => Ok(Value::Null),
        }),
        scalar("sign(real) -> real", |_, a| {
            Ok(Value::Real(signum(a[0].as_f64()) as f32))
        }),
        scalar("sign(double) -> double", |_, a| {
            Ok(Value::Double(signum(a[0].as_f64())))
        }),
        scalar("sign(decimal) -> decimal(1,0)", |_, a| match &a[0] {
            Value::Decimal(n) => Ok(Value::Decimal(n.signum())),
            _ => Ok(Value::Null),
        }),
        scalar("atan2(double, double) -> double", |_, a| {
            Ok(Value::Double(a[0].as_f64().atan2(a[1].as_f64())))
        }),
        scalar("log(double, double) -> double", |_, a| {
            Ok(Value::Double(a[1].as_f64().ln() / a[0].as_f64().ln()))
        }),
        scalar("is_nan(double) -> boolean", |_, a| {
            Ok(Value::Boolean(a[0].as_f64().is_nan()))
        }),
        scalar("is_nan(real) -> boolean", |_, a| {
            Ok(Value::Boolean(a[0].as_f64().is_nan()))
        }),
        scalar("is_finite(double) -> boolean", |_, a| {
            Ok(Value::Boolean(a[0].as_f64().is_finite()))
        }),
        scalar("is_infinite(double) -> boolean", |_, a| {
            Ok(Value::Boolean(a[0].as_f64().is_infinite()))
        }),
        scalar("nan() -> double", |_, _| Ok(Value::Double(f64::NAN))),
        scalar("infinity() -> double", |_, _| {
            Ok(Value::Double(f64::INFINITY))
        }),
        scalar("pi() -> double", |_, _| {
            Ok(Value::Double(std::f64::consts::PI))
        }),
        scalar("e() -> double", |_, _| {
            Ok(Value::Double(std::f64::consts::E))
        }),
        scalar("to_base(bigint, bigint) -> varchar(64)", |_, a| {
            Ok(Value::text(in_base(a[0].as_i64(), radix(&a[1])?)))
        }),
        scalar("from_base(varchar, bigint) -> bigint", |_, a| {
            let radix = radix(&a[1])?;
            i64::from_str_radix(a[0].as_str(), radix)
                .map(Value::Integer)
                .map_err(|_| {
                    invalid_argument(format!(
                        "Not a valid base-{radix} number: {}",
                        a[0].as_str()
                    ))
                })
        }),
        scalar(
            "width_bucket(double, double, double, bigint) -> bigint",
            width_bucket,
        ),
        scalar("width_bucket(double, array(double)) -> bigint", bin),
        scalar(
            "cosine_similarity(map(varchar, double), map(varchar, double)) -> double",
            cosine_similarity,
        ),
    ];
    for (name, body) in REAL_FUNCTIONS {
        all.push(scalar(&format!("{name}(double) -> double"), *body));
    }
    for name in ["pow", "power"] {
        all.push(scalar(
            &format!("{name}(double, double) -> double"),
            |_, a| Ok(Value::Double(power(a[0].as_f64(), a[1].as_f64()))),
        ));
    }
    for kind in ["tinyint", "smallint", "integer", "bigint"] {
        all.push(scalar(&format!("abs({kind}) -> {kind}"), abs));
        all.push(scalar(&format!("sign({kind}) -> {kind}"), |_, a| {
            Ok(Value::Integer(a[0].as_i64().signum()))
        }));
        for name in ["random", "rand"] {
            all.push(
                scalar(&format!("{name}({kind}) -> {kind}"), |_, a| {
                    match a[0].as_i64() {
                        bound if bound > 0 => {
                            Ok(Value::Integer(rand::rng().random_range(0..bound)))
                        }
                        _ => Err(invalid_argument("bound must be positive")),
                    }
                })
                .volatile(),
            );
            all.push(
                scalar(&format!("{name}({kind}, {kind}) -> {kind}"), |_, a| {
                    let (start, stop) = (a[0].as_i64(), a[1].as_i64());
                    if start >= stop {
                        return Err(invalid_argument("start value must be less than stop value"));
                    }
                    Ok(Value::Integer(rand::rng().random_range(start..stop)))
                })
                .volatile(),
            );
        }
    }
    for name in ["random", "rand"] {
        all.push(
            scalar(&format!("{name}() -> double"), |_, _| {
                Ok(Value::Double(rand::rng().random()))
            })
            .volatile(),
        );
    }
    all
}

const REAL_FUNCTIONS: &[(&str, super::ScalarFn)] = &[
    ("acos", |_, a| Ok(Value::Double(a[0].as_f64().acos()))),
    ("asin", |_, a| Ok(Value::Double(a[0].as_f64().asin()))),
    ("atan", |_, a| Ok(Value::Double(a[0].as_f64().atan()))),
    ("cbrt", |_, a| Ok(Value::Double(a[0].as_f64().cbrt()))),
    ("cos", |_, a| Ok(Value::Double(a[0].as_f64().cos()))),
    ("cosh", |_, a| Ok(Value::Double(a[0].as_f64().cosh()))),
    ("degrees", |_, a| {
        Ok(Value::Double(a[0].as_f64().to_degrees()))
    }),
    ("exp", |_, a| Ok(Value::Double(a[0].as_f64().exp()))),
    ("ln", |_, a| Ok(Value::Double(a[0].as_f64().ln()))),
    ("log2", |_, a| {
        Ok(Value::Double(a[0].as_f64().ln() / std::f64::consts::LN_2))
    }),
    ("log10", |_, a| Ok(Value::Double(a[0].as_f64().log10()))),
    ("radians", |_, a| {
        Ok(Value::Double(a[0].as_f64().to_radians()))
    }),
    ("sin", |_, a| Ok(Value::Double(a[0].as_f64().sin()))),
    ("sinh", |_, a| Ok(Value::Double(a[0].as_f64().sinh()))),
    ("sqrt", |_, a| Ok(Value::Double(a[0].as_f64().sqrt()))),
    ("tan", |_, a| Ok(Value::Double(a[0].as_f64().tan()))),
    ("tanh", |_, a| Ok(Value::Double(a[0].as_f64().tanh()))),
];

/// As Java's `Math.signum`: the zeros and NaN are their own signs.
fn signum(x: f64) -> f64 {
    if x == 0.0 || x.is_nan() {
        x
    } else {
        x.signum()
    }
}

/// As Java's `Math.pow`, where a NaN exponent and an infinite power of one are NaN.
fn power(base: f64, exponent: f64) -> f64 {
    if exponent.is_nan() || (base.abs() == 1.0 && exponent.is_infinite()) {
        f64::NAN
    } else {
        base.powf(exponent)
    }
}

fn abs(call: &Call, a: &[Value]) -> Result<Value, Error> {
    let n = a[0].as_i64();
    let lowest = match call.result {
        Type::Tinyint => i8::MIN.into(),
        Type::Smallint => i16::MIN.into(),
        Type::Integer => i32::MIN.into(),
        _ => i64::MIN,
    };
    if n == lowest {
        return Err(out_of_range(format!(
            "Value {n} is out of range for abs({})",
            call.result
        )));
    }
    Ok(Value::Integer(n.abs()))
}

fn radix(value: &Value) -> Result<u32, Error> {
    u32::try_from(value.as_i64())
        .ok()
        .filter(|r| (2..=36).contains(r))
        .ok_or_else(|| invalid_argument("Radix must be between 2 and 36"))
}

fn in_base(number: i64, radix: u32) -> String {
    let mut digits = Vec::new();
    let mut rest = number.unsigned_abs();
    loop {
        let digit = (rest % u64::from(radix)) as u32;
        digits.extend(char::from_digit(digit, radix));
        rest /= u64::from(radix);
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        digits.push('-');
    }
    digits.into_iter().rev().collect()
}

fn width_bucket(_: &Call, a: &[Value]) -> Result<Value, Error> {
    let (x, first, second) = (a[0].as_f64(), a[1].as_f64(), a[2].as_f64());
    let buckets = a[3].as_i64();
    if buckets <= 0 {
        return Err(invalid_argument("bucketCount must be greater than 0"));
    }
    if x.is_nan() {
        return Err(invalid_argument("operand must not be NaN"));
    }
    if !first.is_finite() {
        return Err(invalid_argument("first bound must be finite"));
    }
    if !second.is_finite() {
        return Err(invalid_argument("second bound must be finite"));
    }
    if first == second {
        return Err(invalid_argument("bounds cannot equal each other"));
    }
    let (lower, upper) = (first.min(second), first.max(second));
    let bucket = if x < lower {
        0
    } else if x >= upper {
        buckets
            .checked_add(1)
            .ok_or_else(|| out_of_range(format!("Bucket for value {x} is out of range")))?
    } else {
        (buckets as f64 * (x - lower) / (upper - lower) + 1.0) as i64
    };
    Ok(Value::Integer(if first > second {
        buckets - bucket + 1
    } else {
        bucket
    }))
}

/// The number of bins that begin at or below a value, by halving.
fn bin(_: &Call, a: &[Value]) -> Result<Value, Error> {
    let (x, bins) = (a[0].as_f64(), a[1].as_array());
    if bins.is_empty() {
        return Err(invalid_argument("Bins cannot be an empty array"));
    }
    if x.is_nan() {
        return Err(invalid_argument("Operand cannot be NaN"));
    }
    let (mut lower, mut upper) = (0, bins.len());
    while lower < upper {
        if bins[lower].as_f64() > bins[upper - 1].as_f64() {
            return Err(invalid_argument(
                "Bin values are not sorted in ascending order",
            ));
        }
        let middle = usize::midpoint(lower, upper);
        let bin = bins[middle].as_f64();
        if !bin.is_finite() {
            return Err(invalid_argument(format!(
                "Bin value must be finite, got {bin}"
            )));
        }
        if x < bin {
            upper = middle;
        } else {
            lower = middle + 1;
        }
    }
    Ok(Value::Integer(lower as i64))
}

fn cosine_similarity(_: &Call, a: &[Value]) -> Result<Value, Error> {
    let (left, right) = (a[0].as_map(), a[1].as_map());
    if left.iter().chain(right).any(|(_, v)| v.is_null()) {
        return Ok(Value::Null);
    }
    let norm = |map: &[(Value, Value)]| {
        map.iter()
            .map(|(_, v)| v.as_f64().powi(2))
            .sum::<f64>()
            .sqrt()
    };
    let product: f64 = left
        .iter()
        .filter_map(|(key, x)| {
            let (_, y) = right.iter().find(|(k, _)| k == key)?;
            Some(x.as_f64() * y.as_f64())
        })
        .sum();
    Ok(Value::Double(product / (norm(left) * norm(right))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_reads_back_from_any_base() {
        for n in [0, 1, -255, i64::MAX, i64::MIN] {
            for radix in [2, 16, 36] {
                assert_eq!(i64::from_str_radix(&in_base(n, radix), radix), Ok(n));
            }
        }
    }
}
