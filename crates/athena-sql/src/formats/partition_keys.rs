//! The partition keys of a table, and what the filters of a query say of them.

use std::sync::Arc;

use datafusion::common::ScalarValue;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator};

use super::scalar;
use crate::error::Error;
use crate::types::calendar::date_text;
use crate::types::{Type, Value};

/// Hive's name for a key that is NULL.
const NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// The partition keys of a table, with their types.
pub(super) struct Keys<'a>(pub &'a [(String, Type)]);

impl<'a> Keys<'a> {
    pub fn new(columns: &'a [(String, Type)]) -> Self {
        Self(columns)
    }

    fn find(&self, name: &str) -> Option<&'a (String, Type)> {
        self.0.iter().find(|(key, _)| key == name)
    }

    /// The values of a partition in the types of the keys.
    pub fn values(&self, texts: &[String]) -> Result<Arc<[Value]>, Error> {
        let values = self.0.iter().zip(texts).map(|((key, data_type), text)| {
            if text == NULL {
                return Ok(Value::Null);
            }
            scalar::parse(data_type, text).ok_or_else(|| {
                Error::user(
                    "HIVE_INVALID_PARTITION_VALUE",
                    format!(
                        "Invalid partition value '{text}' for {} partition key: {}",
                        data_type.to_string().to_uppercase(),
                        key
                    ),
                )
            })
        });
        values.collect()
    }

    /// Those filters that speak of partition keys and of nothing else.
    pub fn filters<'f>(&self, filters: &'f [Expr]) -> Vec<&'f Expr> {
        let speaks_of_keys = |filter: &&Expr| {
            let names = filter.column_refs();
            !names.is_empty() && names.iter().all(|name| self.find(&name.name).is_some())
        };
        filters.iter().filter(speaks_of_keys).collect()
    }
}

/// The part of the filters that Glue's own language of expressions can say. The filters are
/// evaluated again, so that less is enough.
pub(super) fn glue_expression(keys: &Keys<'_>, filters: &[&Expr]) -> Option<String> {
    let terms: Vec<String> = filters.iter().filter_map(|f| term(keys, f)).collect();
    (!terms.is_empty()).then(|| terms.join(" AND "))
}

fn term(keys: &Keys<'_>, expr: &Expr) -> Option<String> {
    match expr {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => match op {
            Operator::And => match (term(keys, left), term(keys, right)) {
                (Some(a), Some(b)) => Some(format!("{a} AND {b}")),
                (one, other) => one.or(other),
            },
            Operator::Or => {
                let (a, b) = (term(keys, left)?, term(keys, right)?);
                Some(format!("({a} OR {b})"))
            }
            Operator::Eq | Operator::Lt | Operator::LtEq | Operator::Gt | Operator::GtEq => {
                let (name, value, op) = match (&**left, &**right) {
                    (Expr::Column(column), Expr::Literal(value, _)) => (column, value, *op),
                    (Expr::Literal(value, _), Expr::Column(column)) => (column, value, op.swap()?),
                    _ => return None,
                };
                let key = keys.find(&name.name)?;
                Some(format!("{} {op} {}", key.0, literal(key, value)?))
            }
            _ => None,
        },
        Expr::InList(list) if !list.negated => {
            let Expr::Column(column) = &*list.expr else {
                return None;
            };
            let key = keys.find(&column.name)?;
            let values = list.list.iter().map(|item| match item {
                Expr::Literal(value, _) => literal(key, value),
                _ => None,
            });
            let values = values.collect::<Option<Vec<_>>>()?;
            Some(format!("{} IN ({})", key.0, values.join(", ")))
        }
        _ => None,
    }
}

/// A literal in Glue's words, where key and literal are of one kind.
fn literal(key: &(String, Type), value: &ScalarValue) -> Option<String> {
    match (&key.1, value) {
        (
            Type::Tinyint | Type::Smallint | Type::Integer | Type::Bigint,
            ScalarValue::Int8(Some(_))
            | ScalarValue::Int16(Some(_))
            | ScalarValue::Int32(Some(_))
            | ScalarValue::Int64(Some(_)),
        ) => Some(value.to_string()),
        (Type::Varchar(_), ScalarValue::Utf8(Some(text))) => {
            Some(format!("'{}'", text.replace('\'', "''")))
        }
        (Type::Date, ScalarValue::Date32(Some(days))) => {
            Some(format!("'{}'", date_text(i64::from(*days))))
        }
        _ => None,
    }
}

/// The one value that the filters want a key to have, as its text; for keys whose values nobody
/// lists.
pub(super) fn wanted_values(key: &str, filters: &[&Expr]) -> Vec<String> {
    let mut wanted = Vec::new();
    for filter in filters {
        collect_wanted(key, filter, &mut wanted);
    }
    wanted
}

fn collect_wanted(key: &str, expr: &Expr, wanted: &mut Vec<String>) {
    let text = |value: &ScalarValue| match value {
        ScalarValue::Date32(Some(days)) => date_text(i64::from(*days)),
        other => other.to_string(),
    };
    match expr {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => match (op, &**left, &**right) {
            (Operator::And, left, right) => {
                collect_wanted(key, left, wanted);
                collect_wanted(key, right, wanted);
            }
            (Operator::Eq, Expr::Column(column), Expr::Literal(value, _))
            | (Operator::Eq, Expr::Literal(value, _), Expr::Column(column))
                if column.name == key =>
            {
                wanted.push(text(value));
            }
            _ => {}
        },
        Expr::InList(list) if !list.negated => {
            if matches!(&*list.expr, Expr::Column(column) if column.name == key) {
                for item in &list.list {
                    if let Expr::Literal(value, _) = item {
                        wanted.push(text(value));
                    }
                }
            }
        }
        _ => {}
    }
}
