//! `greatest`, `least`, and what tests need of conditions. CASE, IF, COALESCE and NULLIF are the
//! analyzer's.

use super::{Function, scalar};
use crate::error::Error;
use crate::types::Value;

pub fn functions() -> Vec<Function> {
    vec![
        scalar("greatest(E:orderable, E...) -> E", |_, a| {
            Ok(best(a, |v, best| v.order_nan_first(best).is_gt()))
        }),
        scalar("least(E:orderable, E...) -> E", |_, a| {
            Ok(best(a, |v, best| v.order(best).is_lt()))
        }),
        scalar("fail(varchar) -> unknown", |_, a| {
            Err(Error::user("GENERIC_USER_ERROR", a[0].as_str()))
        }),
    ]
}

fn best(values: &[Value], is_better: fn(&Value, &Value) -> bool) -> Value {
    let better = |best, v| if is_better(v, best) { v } else { best };
    values.iter().reduce(better).cloned().unwrap_or(Value::Null)
}
