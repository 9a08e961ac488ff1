//! `=`, `<`, IS DISTINCT FROM: natively where Arrow compares as Trino does, else by [`Value`].

use std::cmp::Ordering;
use std::sync::{Arc, LazyLock};

use datafusion::arrow::array::{ArrayRef, AsArray};
use datafusion::arrow::datatypes::{DataType, Float32Type, Float64Type};
use datafusion::arrow::row::{RowConverter, SortField};
use datafusion::functions::core::expr_fn::get_field;
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::utils::disjunction;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator};

use super::{Call, Function, Kind, cast};
use crate::analyzer::Typed;
use crate::ast::ComparisonOperator;
use crate::error::Error;
use crate::types::{Type, Value, common_super_type};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Distinct,
    NotDistinct,
}

impl From<ComparisonOperator> for Comparison {
    fn from(operator: ComparisonOperator) -> Self {
        match operator {
            ComparisonOperator::Equal => Self::Equal,
            ComparisonOperator::NotEqual => Self::NotEqual,
            ComparisonOperator::LessThan => Self::Less,
            ComparisonOperator::LessThanOrEqual => Self::LessOrEqual,
            ComparisonOperator::GreaterThan => Self::Greater,
            ComparisonOperator::GreaterThanOrEqual => Self::GreaterOrEqual,
        }
    }
}

impl Comparison {
    fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Distinct => "IS DISTINCT FROM",
            Self::NotDistinct => "IS NOT DISTINCT FROM",
        }
    }

    fn orders(self) -> bool {
        matches!(
            self,
            Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual
        )
    }

    fn native(self) -> Operator {
        match self {
            Self::Equal => Operator::Eq,
            Self::NotEqual => Operator::NotEq,
            Self::Less => Operator::Lt,
            Self::LessOrEqual => Operator::LtEq,
            Self::Greater => Operator::Gt,
            Self::GreaterOrEqual => Operator::GtEq,
            Self::Distinct => Operator::IsDistinctFrom,
            Self::NotDistinct => Operator::IsNotDistinctFrom,
        }
    }

    fn holds(self, a: &Value, b: &Value) -> Option<bool> {
        match self {
            Self::Equal => a.equals(b),
            Self::NotEqual => a.equals(b).map(|e| !e),
            Self::Distinct => Some(!a.same(b)),
            Self::NotDistinct => Some(a.same(b)),
            _ if a.is_null() || b.is_null() => None,
            _ => {
                // A NaN is neither less nor greater.
                let Some(order) = a.compare(b) else {
                    return Some(false);
                };
                Some(match self {
                    Self::Less => order == Ordering::Less,
                    Self::LessOrEqual => order != Ordering::Greater,
                    Self::Greater => order == Ordering::Greater,
                    _ => order != Ordering::Less,
                })
            }
        }
    }
}

/// Arrays and rows that a NULL decides have no order.
fn refuse_open_order(a: &Value, b: &Value) -> Result<(), Error> {
    let has_null = |v: &Value| v.as_array().iter().any(Value::is_null);
    if a.compare(b).is_none() && (has_null(a) || has_null(b)) {
        return Err(Error::user(
            "NOT_SUPPORTED",
            "comparison not supported for fields with null elements",
        ));
    }
    Ok(())
}

macro_rules! by_value {
    ($name:ident, $comparison:expr) => {
        static $name: LazyLock<Arc<Function>> = LazyLock::new(|| {
            let symbol = $comparison.symbol().replace(' ', "_");
            Arc::new(
                Function::new(
                    &format!("{symbol}(T, T) -> boolean"),
                    Kind::Scalar(|_, a| {
                        if $comparison.orders() && !a[0].is_null() && !a[1].is_null() {
                            refuse_open_order(&a[0], &a[1])?;
                        }
                        Ok($comparison
                            .holds(&a[0], &a[1])
                            .map_or(Value::Null, Value::Boolean))
                    }),
                )
                .called_on_null(),
            )
        });
    };
}

by_value!(EQUAL, Comparison::Equal);
by_value!(NOT_EQUAL, Comparison::NotEqual);
by_value!(LESS, Comparison::Less);
by_value!(LESS_OR_EQUAL, Comparison::LessOrEqual);
by_value!(GREATER, Comparison::Greater);
by_value!(GREATER_OR_EQUAL, Comparison::GreaterOrEqual);
by_value!(DISTINCT, Comparison::Distinct);
by_value!(NOT_DISTINCT, Comparison::NotDistinct);

/// Whether Arrow's order and equality of a type's arrays are Trino's.
pub fn is_native(data_type: &Type) -> bool {
    !matches!(
        data_type,
        // A NaN equals nothing, and the zeros are the same.
        Type::Real
            | Type::Double
            | Type::Array(_)
            | Type::Map(..)
            | Type::Row(_)
            | Type::TimestampTz(_)
            | Type::TimeTz(_)
            | Type::Function(..)
    )
}

/// Compares two expressions in the type that holds both.
pub fn compare(comparison: Comparison, left: Typed, right: Typed) -> Result<Typed, Error> {
    let refused = || {
        Error::user(
            "TYPE_MISMATCH",
            format!(
                "Cannot apply operator: {} {} {}",
                left.data_type,
                comparison.symbol(),
                right.data_type
            ),
        )
    };
    let common = common_super_type(&left.data_type, &right.data_type).ok_or_else(refused)?;
    if !common.is_comparable() || (comparison.orders() && !common.is_orderable()) {
        return Err(refused());
    }
    let a = cast::cast_expr(left.expr, &left.data_type, &common, false);
    let b = cast::cast_expr(right.expr, &right.data_type, &common, false);
    Ok(Typed::new(
        in_common(comparison, a, b, &common),
        Type::Boolean,
    ))
}

fn in_common(comparison: Comparison, a: Expr, b: Expr, common: &Type) -> Expr {
    let native = |a: Expr, b: Expr| {
        Expr::BinaryExpr(BinaryExpr::new(
            Box::new(a),
            comparison.native(),
            Box::new(b),
        ))
    };
    match common {
        t if is_native(t) => native(a, b),
        Type::TimestampTz(_) => native(get_field(a, "instant"), get_field(b, "instant")),
        Type::TimeTz(_) => native(get_field(a, "utc"), get_field(b, "utc")),
        _ => {
            let function = match comparison {
                Comparison::Equal => &EQUAL,
                Comparison::NotEqual => &NOT_EQUAL,
                Comparison::Less => &LESS,
                Comparison::LessOrEqual => &LESS_OR_EQUAL,
                Comparison::Greater => &GREATER,
                Comparison::GreaterOrEqual => &GREATER_OR_EQUAL,
                Comparison::Distinct => &DISTINCT,
                Comparison::NotDistinct => &NOT_DISTINCT,
            };
            Call::new(
                Arc::clone(function),
                vec![common.clone(), common.clone()],
                Type::Boolean,
                Vec::new(),
            )
            .into_expr(vec![a, b])
        }
    }
}

static JOIN_KEY: LazyLock<Arc<Function>> = LazyLock::new(|| {
    Arc::new(Function::new(
        "$join_key(T) -> T",
        Kind::Arrow(|_, a| {
            let key: ArrayRef = match a[0].data_type() {
                DataType::Float32 => {
                    let numbers = a[0].as_primitive::<Float32Type>();
                    let key = |x: f32| (!x.is_nan()).then_some(if x == 0.0 { 0.0 } else { x });
                    Arc::new(numbers.unary_opt::<_, Float32Type>(key))
                }
                _ => {
                    let numbers = a[0].as_primitive::<Float64Type>();
                    let key = |x: f64| (!x.is_nan()).then_some(if x == 0.0 { 0.0 } else { x });
                    Arc::new(numbers.unary_opt::<_, Float64Type>(key))
                }
            };
            Ok(key)
        }),
    ))
});

/// A real or a double that Arrow takes for equal where SQL does: with one zero, and NULL of a NaN.
fn join_key(expr: Expr, data_type: &Type) -> Expr {
    Call::new(
        Arc::clone(&JOIN_KEY),
        vec![data_type.clone()],
        data_type.clone(),
        Vec::new(),
    )
    .into_expr(vec![expr])
}

/// `a = b` of reals or doubles, both of columns, as an equality of keys that DataFusion hashes. It is
/// true of the same rows, and NULL of a NaN where `a = b` is false. `None` of anything else.
pub fn equality_of_keys(expr: &Expr) -> Option<Expr> {
    let (a, b, common) = equality_of_numbers(expr)?;
    if a.column_refs().is_empty() || b.column_refs().is_empty() {
        return None;
    }
    let [a, b] = [a, b].map(|side| Box::new(join_key(side.clone(), common)));
    Some(Expr::BinaryExpr(BinaryExpr::new(a, Operator::Eq, b)))
}

/// What Arrow compares and hashes of a value as SQL compares the value: NULL of NULL, and of a NaN,
/// which equals nothing. `None` of a type whose values have no such key.
pub fn key(value: &Typed) -> Option<Typed> {
    let expr = value.expr.clone();
    match &value.data_type {
        native if is_native(native) => Some(value.clone()),
        Type::Real | Type::Double => {
            let key = join_key(expr, &value.data_type);
            Some(Typed::new(key, value.data_type.clone()))
        }
        Type::TimestampTz(p) => Some(Typed::new(get_field(expr, "instant"), Type::Timestamp(*p))),
        Type::TimeTz(_) => Some(Typed::new(get_field(expr, "utc"), Type::Bigint)),
        _ => None,
    }
}

/// Compares a value with the key of another one of its type.
pub fn compare_with_key(comparison: Comparison, value: Typed, of: Typed) -> Result<Typed, Error> {
    let is_zoned = matches!(value.data_type, Type::TimestampTz(_) | Type::TimeTz(_));
    let own = if is_zoned { key(&value) } else { None };
    compare(comparison, own.unwrap_or(value), of)
}

/// The keys that are equal where `a = b` holds. `None` of anything but an equality of values with
/// keys.
pub fn equal_keys(expr: &Expr) -> Option<(Expr, Expr)> {
    if let Expr::BinaryExpr(BinaryExpr {
        left,
        op: Operator::Eq,
        right,
    }) = expr
    {
        return Some(((**left).clone(), (**right).clone()));
    }
    let (a, b, common) = equality_of_numbers(expr)?;
    Some((join_key(a.clone(), common), join_key(b.clone(), common)))
}

/// The sides of `a = b` of reals or doubles, and their type.
fn equality_of_numbers(expr: &Expr) -> Option<(&Expr, &Expr, &Type)> {
    let Expr::ScalarFunction(call) = expr else {
        return None;
    };
    let bound = call.func.inner().downcast_ref::<Call>()?;
    let common = bound.argument(0);
    if !Arc::ptr_eq(&bound.function, &EQUAL) || !matches!(common, Type::Real | Type::Double) {
        return None;
    }
    let [a, b] = call.args.as_slice() else {
        return None;
    };
    Some((a, b, common))
}

static IN: LazyLock<Arc<Function>> = LazyLock::new(|| {
    Arc::new(
        Function::new(
            "$in(T, T...) -> boolean",
            Kind::Scalar(|_, a| Ok(is_among(&a[0], &a[1..]))),
        )
        .called_on_null(),
    )
});

fn is_among(value: &Value, list: &[Value]) -> Value {
    let mut open = false;
    for item in list {
        match value.equals(item) {
            Some(true) => return Value::Boolean(true),
            Some(false) => {}
            None => open = true,
        }
    }
    if open {
        Value::Null
    } else {
        Value::Boolean(false)
    }
}

/// `value IN (…)`; with `of_all` every item is evaluated before the value is looked for.
pub fn in_list(value: Typed, list: Vec<Typed>, of_all: bool) -> Result<Expr, Error> {
    let mut common = value.data_type.clone();
    for item in &list {
        common = common_super_type(&common, &item.data_type).ok_or_else(|| {
            Error::user(
                "TYPE_MISMATCH",
                format!(
                    "IN value and list items must be the same type: {common}, {}",
                    item.data_type
                ),
            )
        })?;
    }
    if !common.is_comparable() {
        return Err(Error::user(
            "TYPE_MISMATCH",
            format!("Cannot apply operator: {common} = {common}"),
        ));
    }
    let value = cast::cast_expr(value.expr, &value.data_type, &common, false);
    let list: Vec<Expr> = list
        .into_iter()
        .map(|item| cast::cast_expr(item.expr, &item.data_type, &common, false))
        .collect();
    if of_all {
        let types = vec![common; list.len() + 1];
        let call = Call::new(Arc::clone(&IN), types, Type::Boolean, Vec::new());
        return Ok(call.into_expr([vec![value], list].concat()));
    }
    if is_native(&common) {
        return Ok(Expr::InList(InList {
            expr: Box::new(value),
            list,
            negated: false,
        }));
    }
    disjunction(
        list.into_iter()
            .map(|item| in_common(Comparison::Equal, value.clone(), item, &common)),
    )
    .ok_or_else(|| Error::internal("an empty IN"))
}

static SORT_KEY: LazyLock<Arc<Function>> = LazyLock::new(|| {
    Arc::new(Function::new(
        "$sort_key(T) -> varbinary",
        Kind::Arrow(|_, a| {
            let field = SortField::new(a[0].data_type().clone());
            let converter = RowConverter::new(vec![field]).map_err(Error::internal)?;
            let rows = converter
                .convert_columns(&[Arc::clone(&a[0])])
                .map_err(Error::internal)?;
            let nulls = a[0].nulls().cloned();
            let bytes: datafusion::arrow::array::BinaryArray = rows
                .iter()
                .enumerate()
                .map(|(i, row)| {
                    let present = nulls.as_ref().is_none_or(|n| n.is_valid(i));
                    present.then(|| row.as_ref().to_vec())
                })
                .collect();
            Ok(Arc::new(bytes))
        }),
    ))
});

/// Bytes that order as the arrays or rows do.
pub fn sort_key(expr: Expr, data_type: &Type) -> Expr {
    Call::new(
        Arc::clone(&SORT_KEY),
        vec![data_type.clone()],
        Type::Varbinary,
        Vec::new(),
    )
    .into_expr(vec![expr])
}
