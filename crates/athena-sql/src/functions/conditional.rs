//! `greatest`, `least`, and what tests need of conditions. CASE, IF, COALESCE and NULLIF are the
//! analyzer's.

use std::cmp::Ordering;

use super::{Call, Function, invalid_argument, scalar};
use crate::error::Error;
use crate::types::{Type, Value};

pub fn functions() -> Vec<Function> {
    vec![
        scalar("greatest(E:orderable, E...) -> E", |call, a| {
            extreme(call, a, Ordering::Greater)
        }),
        scalar("least(E:orderable, E...) -> E", |call, a| {
            extreme(call, a, Ordering::Less)
        }),
        scalar("fail(varchar) -> unknown", |_, a| {
            Err(Error::user("GENERIC_USER_ERROR", a[0].as_str()))
        }),
    ]
}

fn extreme(call: &Call, values: &[Value], wanted: Ordering) -> Result<Value, Error> {
    let name = &call.function.signature.name;
    if matches!(call.result, Type::Double | Type::Real)
        && values.iter().any(|v| v.as_f64().is_nan())
    {
        return Err(invalid_argument(format!(
            "Invalid argument to {name}(): NaN"
        )));
    }
    Ok(values
        .iter()
        .reduce(|best, v| if v.order(best) == wanted { v } else { best })
        .cloned()
        .unwrap_or(Value::Null))
}
