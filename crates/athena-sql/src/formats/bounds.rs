//! Which containers of rows a filter can leave out, by what is known of their values.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BooleanArray, UInt64Array};
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::{Column as Name, ScalarValue};
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;

use super::{Filter, schema_of};
use crate::types::{Type, Value, array_from_values};

/// What is known of one column's values in a file, or in a group of files.
pub(crate) struct Known {
    /// NULL where it is not known.
    pub least: Value,
    pub greatest: Value,
    pub nulls: Option<u64>,
}

impl Known {
    pub const NOTHING: Self = Self {
        least: Value::Null,
        greatest: Value::Null,
        nulls: None,
    };
}

/// What is known of a row of containers.
pub(crate) struct Bounds<'a> {
    pub columns: &'a [(String, Type)],
    pub count: usize,
    /// Of a column and a container, by their places.
    pub known: &'a dyn Fn(usize, usize) -> Known,
    /// Of a container.
    pub rows: &'a dyn Fn(usize) -> Option<u64>,
}

impl Bounds<'_> {
    /// Whether each of the containers may have rows that the filter keeps.
    pub fn kept(&self, filter: &Filter) -> Vec<bool> {
        let predicate = filter.as_ref().and_then(|filter| {
            PruningPredicateBuilder::new()
                .with_file_schema(Arc::new(schema_of(self.columns)))
                .try_build(Arc::clone(filter))
                .ok()
        });
        // A filter that says nothing of bounds leaves nothing out.
        predicate
            .and_then(|predicate| predicate.prune(self).ok())
            .unwrap_or_else(|| vec![true; self.count])
    }

    fn column(&self, name: &Name) -> Option<usize> {
        let mut names = self.columns.iter();
        names.position(|(column, _)| *column == name.name)
    }

    fn values(&self, name: &Name, read: impl Fn(Known) -> Value) -> Option<ArrayRef> {
        let column = self.column(name)?;
        let values: Vec<Value> = (0..self.count)
            .map(|container| read((self.known)(column, container)))
            .collect();
        Some(array_from_values(&self.columns[column].1, &values))
    }
}

impl PruningStatistics for Bounds<'_> {
    fn min_values(&self, name: &Name) -> Option<ArrayRef> {
        self.values(name, |known| known.least)
    }

    fn max_values(&self, name: &Name) -> Option<ArrayRef> {
        self.values(name, |known| known.greatest)
    }

    fn num_containers(&self) -> usize {
        self.count
    }

    fn null_counts(&self, name: &Name) -> Option<ArrayRef> {
        let column = self.column(name)?;
        let counts = (0..self.count).map(|container| (self.known)(column, container).nulls);
        Some(Arc::new(counts.collect::<UInt64Array>()))
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        let counts = (0..self.count).map(|container| (self.rows)(container));
        Some(Arc::new(counts.collect::<UInt64Array>()))
    }

    fn contained(&self, _: &Name, _: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}
