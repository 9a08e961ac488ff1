//! Expressions to sort, compare and group by: what DataFusion can order as Trino does.

use datafusion::functions::core::expr_fn::get_field;
use datafusion::logical_expr::{Expr, SortExpr};

use super::Typed;
use crate::ast;
use crate::functions::comparison;
use crate::types::Type;

/// What to sort by instead of a value: the instant of a zoned timestamp, the bytes of a row.
pub fn key(typed: &Typed) -> Expr {
    match &typed.data_type {
        Type::TimestampTz(_) => get_field(typed.expr.clone(), "instant"),
        Type::TimeTz(_) => get_field(typed.expr.clone(), "utc"),
        Type::Array(_) | Type::Row(_) => comparison::sort_key(typed.expr.clone(), &typed.data_type),
        _ => typed.expr.clone(),
    }
}

/// A sort item; NULLs go last unless it says otherwise.
pub fn item(typed: &Typed, written: &ast::SortItem) -> SortExpr {
    SortExpr {
        expr: key(typed),
        asc: !written.descending,
        nulls_first: written.nulls == Some(ast::NullOrdering::First),
    }
}
