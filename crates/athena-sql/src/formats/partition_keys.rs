//! The partition keys of a table, and what the filters of a query say of them.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::common::ScalarValue;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator};

use super::scalar;
use crate::error::Error;
use crate::types::calendar::date_text;
use crate::types::{Type, Value};

/// Hive's name for a key that is NULL.
pub(crate) const NULL: &str = "__HIVE_DEFAULT_PARTITION__";

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

/// The longest expression that Glue takes.
const LONGEST: usize = 2048;

/// The part of the filters that Glue's own language of expressions can say. The filters are
/// evaluated again, so that less is enough.
pub(super) fn glue_expression(keys: &Keys<'_>, filters: &[&Expr]) -> Option<String> {
    let mut said = String::new();
    for term in filters.iter().filter_map(|filter| term(keys, filter)) {
        let joint = if said.is_empty() { "" } else { " AND " };
        if said.len() + joint.len() + term.len() <= LONGEST {
            said.push_str(joint);
            said.push_str(&term);
        }
    }
    (!said.is_empty()).then_some(said)
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
                Some(format!("{} {op} {}", quoted(&key.0), literal(key, value)?))
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
            Some(format!("{} IN ({})", quoted(&key.0), values.join(", ")))
        }
        _ => None,
    }
}

/// The name of a key, which may be one of the words that Glue's language keeps for itself.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A literal in Glue's words, where key and literal are of one kind. A backslash means different
/// things to different readers of that language, so a text with one is not said.
fn literal(key: &(String, Type), value: &ScalarValue) -> Option<String> {
    match (&key.1, value) {
        (
            Type::Tinyint | Type::Smallint | Type::Integer | Type::Bigint,
            ScalarValue::Int8(Some(_))
            | ScalarValue::Int16(Some(_))
            | ScalarValue::Int32(Some(_))
            | ScalarValue::Int64(Some(_)),
        ) => Some(value.to_string()),
        (Type::Varchar(_), ScalarValue::Utf8(Some(text))) if !text.contains('\\') => {
            Some(format!("'{}'", text.replace('\'', "''")))
        }
        (Type::Date, ScalarValue::Date32(Some(days))) => {
            Some(format!("'{}'", date_text(i64::from(*days))))
        }
        _ => None,
    }
}

/// The values of which the filters want a key, or another column, to have one, as texts. `None`
/// where no filter says them.
pub(crate) fn wanted_values(key: &str, filters: &[&Expr]) -> Option<Vec<String>> {
    let said = filters.iter().filter_map(|filter| values_of(key, filter));
    said.reduce(common)
}

/// The values that a key has wherever the condition holds; `None` where it may have any.
fn values_of(key: &str, expr: &Expr) -> Option<Vec<String>> {
    match expr {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => match (op, &**left, &**right) {
            (Operator::And, left, right) => match (values_of(key, left), values_of(key, right)) {
                (Some(left), Some(right)) => Some(common(left, right)),
                (one, other) => one.or(other),
            },
            // A short IN comes as this, too.
            (Operator::Or, left, right) => {
                let (left, right) = (values_of(key, left)?, values_of(key, right)?);
                Some(distinct(left.into_iter().chain(right)))
            }
            (Operator::Eq, Expr::Column(column), Expr::Literal(value, _))
            | (Operator::Eq, Expr::Literal(value, _), Expr::Column(column))
                if column.name == key =>
            {
                Some(text(value).into_iter().collect())
            }
            _ => None,
        },
        Expr::InList(list) if !list.negated => {
            let is_key = matches!(&*list.expr, Expr::Column(column) if column.name == key);
            let values = list.list.iter().map(|item| match item {
                Expr::Literal(value, _) => Some(text(value)),
                _ => None,
            });
            let values: Vec<Option<String>> = values.collect::<Option<_>>()?;
            is_key.then(|| distinct(values.into_iter().flatten()))
        }
        _ => None,
    }
}

/// `None` of NULL, which no key is equal to.
fn text(value: &ScalarValue) -> Option<String> {
    match value {
        null if null.is_null() => None,
        ScalarValue::Date32(Some(days)) => Some(date_text(i64::from(*days))),
        other => Some(other.to_string()),
    }
}

fn distinct(values: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = HashSet::new();
    values.filter(|value| seen.insert(value.clone())).collect()
}

fn common(one: Vec<String>, other: Vec<String>) -> Vec<String> {
    let other: HashSet<String> = other.into_iter().collect();
    let is_common = |value: &String| other.contains(value);
    one.into_iter().filter(is_common).collect()
}

#[cfg(test)]
mod tests {
    use datafusion::prelude::{col, lit};

    use super::*;

    fn expression(filters: &[Expr]) -> Option<String> {
        let columns = [
            ("order".to_owned(), Type::Varchar(None)),
            ("year".to_owned(), Type::Integer),
        ];
        let filters: Vec<&Expr> = filters.iter().collect();
        glue_expression(&Keys::new(&columns), &filters)
    }

    #[test]
    fn names_are_quoted_and_what_glue_would_read_otherwise_is_not_said() {
        assert_eq!(
            expression(&[col("order").eq(lit("d'or")), lit(2000).lt(col("year"))]).as_deref(),
            Some("\"order\" = 'd''or' AND \"year\" > 2000")
        );
        assert_eq!(expression(&[col("order").eq(lit("a\\"))]), None);
    }

    #[test]
    fn the_values_of_a_key_are_those_of_every_way_to_fulfil_the_filters() {
        let (reg, n) = (|text: &str| col("reg").eq(lit(text)), col("n").eq(lit(1)));
        let any_of = |texts: &[&str]| {
            let texts = texts.iter().map(|text| lit(*text)).collect();
            col("reg").in_list(texts, false)
        };
        for (filter, expected) in [
            (reg("eu").or(reg("us")), Some("eu us")),
            (any_of(&["eu", "us", "eu"]), Some("eu us")),
            (reg("eu").or(reg("eu").and(n.clone())), Some("eu")),
            (any_of(&["eu", "us"]).and(reg("us")), Some("us")),
            (reg("eu").and(reg("us")), Some("")),
            (reg("eu").or(n.clone()), None),
            (reg("eu").and(n), Some("eu")),
        ] {
            let wanted = wanted_values("reg", &[&filter]).map(|values| values.join(" "));
            assert_eq!(wanted.as_deref(), expected, "{filter}");
        }
        let (eu, one_of) = (reg("eu"), any_of(&["us", "eu"]));
        let wanted = wanted_values("reg", &[&eu, &one_of]);
        assert_eq!(wanted, Some(vec!["eu".to_owned()]));
    }

    #[test]
    fn a_filter_that_is_longer_than_glue_takes_is_not_said() {
        let years = (0..1000).map(lit).collect();
        assert_eq!(
            expression(&[col("year").in_list(years, false), col("order").eq(lit("a"))]).as_deref(),
            Some("\"order\" = 'a'")
        );
    }
}
