//! CAST: a rule for each pair of kinds of types, the same in arrays, maps and rows.

mod from_text;
mod json;
mod number;
mod temporal;

pub use from_text::parse_decimal;
pub use json::{canonical, from_json, quoted, to_json};

use std::sync::{Arc, LazyLock};

use datafusion::logical_expr::{Expr, cast as native_cast};

use super::{Call, Function, Kind};
use crate::error::{Error, invalid_cast};
use crate::types::{Type, Value, scientific_text, to_text};

static CAST: LazyLock<Arc<Function>> = LazyLock::new(|| {
    Arc::new(Function::new(
        "cast(T) -> R",
        Kind::Scalar(|call, a| cast_value(&a[0], call.argument(0), &call.result)),
    ))
});

static TRY_CAST: LazyLock<Arc<Function>> = LazyLock::new(|| {
    Arc::new(Function::new(
        "try_cast(T) -> R",
        Kind::Scalar(
            |call, a| match cast_value(&a[0], call.argument(0), &call.result) {
                Err(e) if e.kind == crate::ErrorKind::User => Ok(Value::Null),
                other => other,
            },
        ),
    ))
});

static INSERT_CAST: LazyLock<Arc<Function>> = LazyLock::new(|| {
    Arc::new(Function::new(
        "$insert_cast(T) -> R",
        Kind::Scalar(|call, a| without_loss(&a[0], call.argument(0), &call.result)),
    ))
});

/// A text in a type of a length; what is cut off has to be blanks.
fn without_loss(value: &Value, from: &Type, to: &Type) -> Result<Value, Error> {
    let length = match to {
        Type::Varchar(length) => *length,
        Type::Char(length) => Some(*length),
        _ => None,
    };
    let written = value.as_str().trim_end_matches(' ').chars().count();
    if length.is_some_and(|length| written > length as usize) {
        return Err(invalid_cast(format!(
            "Cannot truncate non-space characters when casting from {from} to {to} on INSERT"
        )));
    }
    cast_value(value, from, to)
}

/// Whether there is a cast at all.
pub fn can_cast(from: &Type, to: &Type) -> bool {
    use Type::*;
    if from == to || *from == Unknown {
        return true;
    }
    match (from, to) {
        (_, Unknown) => false,
        (Array(a), Array(b)) => can_cast(a, b),
        (Map(k1, v1), Map(k2, v2)) => can_cast(k1, k2) && can_cast(v1, v2),
        (Row(a), Row(b)) => {
            a.len() == b.len()
                && a.iter()
                    .zip(b)
                    .all(|(x, y)| can_cast(&x.data_type, &y.data_type))
        }
        (Array(_) | Map(..) | Row(_), Json) => json::castable(from),
        (Json, Array(_) | Map(..) | Row(_)) => json::castable(to),
        (Array(_) | Map(..) | Row(_), _) | (_, Array(_) | Map(..) | Row(_)) => false,
        (Char(_), Varbinary) => false,
        (Varchar(_) | Char(_), JsonPath) => true,
        (Varchar(_) | Char(_), Date | Time(_) | TimeTz(_) | Timestamp(_) | TimestampTz(_)) => true,
        (Varchar(_), IntervalDay | IntervalYear | Function(..)) => false,
        (Varchar(_), Json) => true,
        (Char(_), Json | IpAddress | Uuid | IntervalDay | IntervalYear) => false,
        (Varchar(_) | Char(_), _) => true,
        (Varbinary, Varchar(_) | Char(_)) => false,
        (_, Varchar(_)) => !matches!(from, Function(..) | JsonPath),
        (Date | Timestamp(_) | TimestampTz(_), Date | Timestamp(_) | TimestampTz(_)) => true,
        (Time(_) | TimeTz(_), Time(_) | TimeTz(_) | Timestamp(_) | TimestampTz(_)) => true,
        (Timestamp(_) | TimestampTz(_), Time(_) | TimeTz(_)) => true,
        (Boolean, b) | (b, Boolean) => b.is_number() || *b == Json || matches!(b, Char(_)),
        (a, Json) => a.is_number() || matches!(a, Date | Timestamp(_)),
        (Json, b) => b.is_number(),
        (a, Char(_)) => a.is_number(),
        (Varbinary, IpAddress | Uuid) | (IpAddress | Uuid, Varbinary) => true,
        (a, b) => a.is_number() && b.is_number(),
    }
}

/// Converts a value; what cannot be is an error.
pub fn cast_value(value: &Value, from: &Type, to: &Type) -> Result<Value, Error> {
    if value.is_null() || from == to {
        return Ok(value.clone());
    }
    match (from, to) {
        (Type::Unknown, _) => Ok(Value::Null),
        (Type::Json, Type::Varchar(_)) if !matches!(to, Type::Json) => {
            from_json(value.as_str(), to)
        }
        (Type::Json, _) => from_json(value.as_str(), to),
        (_, Type::Json) => Ok(Value::text(to_json(value, from)?)),
        (Type::Array(a), Type::Array(b)) => Ok(Value::array(
            value
                .as_array()
                .iter()
                .map(|v| cast_value(v, a, b))
                .collect::<Result<_, _>>()?,
        )),
        (Type::Row(a), Type::Row(b)) => Ok(Value::row(
            value
                .as_array()
                .iter()
                .zip(a.iter().zip(b))
                .map(|(v, (x, y))| cast_value(v, &x.data_type, &y.data_type))
                .collect::<Result<_, _>>()?,
        )),
        (Type::Map(k1, v1), Type::Map(k2, v2)) => {
            let mut entries: Vec<(Value, Value)> = Vec::new();
            for (k, v) in value.as_map() {
                let key = cast_value(k, k1, k2)?;
                if key.is_null() {
                    return Err(invalid_cast("map key is null"));
                }
                if entries.iter().any(|(k, _)| k.same(&key)) {
                    return Err(invalid_cast("duplicate keys"));
                }
                entries.push((key, cast_value(v, v1, v2)?));
            }
            Ok(Value::map(entries))
        }
        (_, Type::Varchar(_) | Type::Char(_)) => into_text(value, from, to),
        (Type::Varchar(_) | Type::Char(_), _) => from_text::parse(value.as_str(), from, to),
        (Type::Varbinary, Type::IpAddress) => super::ipaddress::from_binary(value.as_bytes()),
        (Type::Varbinary, Type::Uuid) => match value.as_bytes().len() {
            16 => Ok(value.clone()),
            n => Err(invalid_cast(format!("Invalid UUID binary length: {n}"))),
        },
        (Type::IpAddress | Type::Uuid, Type::Varbinary) => Ok(value.clone()),
        _ if temporal::is_temporal(from) => temporal::convert(value, to),
        _ => number::convert(value, from, to),
    }
}

fn into_text(value: &Value, from: &Type, to: &Type) -> Result<Value, Error> {
    let text = match (from, value) {
        // The blanks of a CHAR are not part of it.
        (Type::Char(_), Value::Text(text)) if matches!(to, Type::Char(_)) => text.to_string(),
        (_, Value::Double(x)) => scientific_text(*x, 20),
        (_, Value::Real(x)) => scientific_text(f64::from(*x), 6),
        _ => to_text(value, from)
            .ok_or_else(|| invalid_cast(format!("Cannot cast {from} to {to}")))?,
    };
    match to {
        Type::Varchar(None) => Ok(Value::text(text)),
        Type::Varchar(Some(length)) => {
            let length = *length as usize;
            if text.chars().count() <= length {
                Ok(Value::text(text))
            } else if matches!(from, Type::Varchar(_) | Type::Char(_)) {
                Ok(Value::text(text.chars().take(length).collect::<String>()))
            } else {
                Err(invalid_cast(format!(
                    "Value {text} cannot be represented as {to}"
                )))
            }
        }
        Type::Char(length) => {
            let cut: String = text.chars().take(*length as usize).collect();
            Ok(Value::text(cut.trim_end_matches(' ')))
        }
        _ => Ok(Value::text(text)),
    }
}

/// The expression that converts another; the cheapest way there is.
pub fn cast_expr(expr: Expr, from: &Type, to: &Type, safe: bool) -> Expr {
    if from == to || is_same_in_arrow(from, to) {
        return expr;
    }
    if is_native(from, to) {
        return native_cast(expr, to.arrow());
    }
    let function = Arc::clone(if safe { &TRY_CAST } else { &CAST });
    Call::new(function, vec![from.clone()], to.clone(), Vec::new()).into_expr(vec![expr])
}

/// The expression that converts another for a table's column. (`noTruncationCast` of Trino's
/// `LogicalPlanner`.)
pub fn cast_for_insert(expr: Expr, from: &Type, to: &Type) -> Expr {
    let is_text = |t: &Type| matches!(t, Type::Varchar(_) | Type::Char(_));
    if !is_text(from) || !is_text(to) || is_same_in_arrow(from, to) {
        return cast_expr(expr, from, to, false);
    }
    let function = Arc::clone(&INSERT_CAST);
    Call::new(function, vec![from.clone()], to.clone(), Vec::new()).into_expr(vec![expr])
}

/// A conversion that changes the type and no value.
fn is_same_in_arrow(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (Type::Varchar(a), Type::Varchar(b)) => b.is_none_or(|b| a.is_some_and(|a| a <= b)),
        (Type::Char(a), Type::Char(b)) => a <= b,
        (Type::Timestamp(a), Type::Timestamp(b)) | (Type::TimestampTz(a), Type::TimestampTz(b)) => {
            a <= b && (*a > 6) == (*b > 6)
        }
        (Type::Time(a), Type::Time(b)) | (Type::TimeTz(a), Type::TimeTz(b)) => a <= b,
        (Type::Unknown, Type::Boolean) => true,
        (Type::Array(a), Type::Array(b)) => a == b || is_same_in_arrow(a, b),
        (Type::Map(k1, v1), Type::Map(k2, v2)) => {
            (k1 == k2 || is_same_in_arrow(k1, k2)) && (v1 == v2 || is_same_in_arrow(v1, v2))
        }
        (Type::Row(a), Type::Row(b)) => {
            a.len() == b.len()
                && a.iter().zip(b).all(|(x, y)| {
                    x.data_type == y.data_type || is_same_in_arrow(&x.data_type, &y.data_type)
                })
        }
        _ => false,
    }
}

/// A widening that Arrow's own cast does as Trino does.
fn is_native(from: &Type, to: &Type) -> bool {
    use Type::*;
    match (from, to) {
        (a, b) if a.is_integer() && b.is_integer() => a <= b,
        (a, Real | Double) if a.is_integer() => true,
        (Real, Double) => true,
        (a, Decimal(p, s)) => a
            .integer_as_decimal()
            .is_some_and(|(ap, as_)| ap - as_ <= p - s && as_ <= *s),
        (Unknown, b) => !matches!(
            b,
            Array(_)
                | Map(..)
                | Row(_)
                | TimestampTz(_)
                | TimeTz(_)
                | Date
                | Timestamp(_)
                | IpAddress
                | Uuid
                | Varbinary
                | Decimal(..)
                | Varchar(_)
                | Char(_)
                | Json
        ),
        (Date, Timestamp(p)) => *p <= 6,
        _ => false,
    }
}
