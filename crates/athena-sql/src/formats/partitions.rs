//! Which partitions a query has to read.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::{Field, Schema};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::catalog::Session;
use datafusion::common::DFSchema;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::utils::conjunction;

use super::partition_keys::{Keys, glue_expression};
use super::{partition_schema, projection};
use crate::catalog::{Catalog, Partition, Storage, Table};
use crate::error::Error;
use crate::short_circuit::in_expr;
use crate::types::{Value, array_from_values};

/// A partition that a query reads.
pub(super) struct Selected {
    pub storage: Storage,
    pub values: Arc<[Value]>,
    /// The values as the catalog has them.
    texts: Vec<String>,
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
            texts: Vec::new(),
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
        selected.push(Selected {
            values: keys.values(&values)?,
            storage,
            texts: values,
        });
    }
    let selected = prune(keys, state, &filters, selected)?;
    for partition in &selected {
        partition_schema::check(table, keys, &partition.texts, &partition.storage)?;
    }
    Ok(selected)
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
            .create_physical_expr(in_expr(filter, &schema)?, &schema)?
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
