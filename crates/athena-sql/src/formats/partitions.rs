//! Which partitions a query has to read.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::{Field, Schema};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::catalog::Session;
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator};

use super::{projection, scalar};
use crate::catalog::{Catalog, Partition, Storage, Table};
use crate::error::Error;
use crate::types::calendar::date_text;
use crate::types::{Type, Value, array_from_values};

/// Hive's name for a key that is NULL.
const NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// The partition keys of a table, with their types.
pub(super) struct Keys<'a>(pub &'a [(String, Type)]);

/// A partition that a query reads.
pub(super) struct Selected {
    pub storage: Storage,
    pub values: Arc<[Value]>,
}

impl<'a> Keys<'a> {
    pub fn new(columns: &'a [(String, Type)]) -> Self {
        Self(columns)
    }

    fn find(&self, name: &str) -> Option<&'a (String, Type)> {
        self.0.iter().find(|(key, _)| key == name)
    }

    /// The values of a partition in the types of the keys.
    fn values(&self, texts: &[String]) -> Result<Arc<[Value]>, Error> {
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

/// The partitions that may have rows which fulfil the filters.
pub(super) async fn select(
    table: &Table,
    keys: &Keys<'_>,
    catalog: &dyn Catalog,
    state: &dyn Session,
    filters: &[Expr],
) -> Result<Vec<Selected>, Error> {
    if keys.0.is_empty() {
        return Ok(vec![Selected {
            storage: table.storage.clone(),
            values: Arc::new([]),
        }]);
    }
    let filters = keys.filters(filters);
    let partitions = if projection::is_enabled(table) {
        projection::partitions(table, keys, &filters)?
    } else {
        let expression = glue_expression(keys, &filters);
        catalog.partitions(table, expression.as_deref()).await?
    };
    let mut selected = Vec::with_capacity(partitions.len());
    for Partition {
        values, storage, ..
    } in partitions
    {
        let values = keys.values(&values)?;
        selected.push(Selected { storage, values });
    }
    prune(keys, state, &filters, selected)
}

/// Evaluates the filters over the values of all partitions at once.
fn prune(
    keys: &Keys<'_>,
    state: &dyn Session,
    filters: &[&Expr],
    selected: Vec<Selected>,
) -> Result<Vec<Selected>, Error> {
    let Some(filter) = conjunction(filters.iter().map(|f| (*f).clone())) else {
        return Ok(selected);
    };
    if selected.is_empty() {
        return Ok(selected);
    }
    let fields: Vec<Field> = keys
        .0
        .iter()
        .map(|(key, data_type)| Field::new(key, data_type.arrow(), true))
        .collect();
    let schema = Schema::new(fields);
    let columns: Vec<ArrayRef> = keys
        .0
        .iter()
        .enumerate()
        .map(|(i, (_, data_type))| {
            let values: Vec<Value> = selected.iter().map(|s| s.values[i].clone()).collect();
            array_from_values(data_type, &values)
        })
        .collect();
    let evaluate = || {
        let batch = RecordBatch::try_new(Arc::new(schema.clone()), columns)?;
        let schema = DFSchema::try_from(schema)?;
        state
            .create_physical_expr(filter, &schema)?
            .evaluate(&batch)?
            .into_array(batch.num_rows())
    };
    match evaluate() {
        Ok(kept) => {
            let kept = kept.as_boolean_opt().cloned();
            Ok(selected
                .into_iter()
                .enumerate()
                .filter(|(i, _)| {
                    kept.as_ref()
                        .is_none_or(|kept| kept.is_valid(*i) && kept.value(*i))
                })
                .map(|(_, s)| s)
                .collect())
        }
        // A filter that fails on one partition's values fails on its rows, if it has any.
        Err(_) => Ok(selected),
    }
}

/// The part of the filters that Glue's own language of expressions can say. The filters are
/// evaluated again, so that less is enough.
fn glue_expression(keys: &Keys<'_>, filters: &[&Expr]) -> Option<String> {
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
