//! When schemas are similar enough for one table.
//!
//! Source: AWS's re:Post, "How does the AWS Glue crawler detect the schema?".

use std::collections::HashMap;

use crate::schema::{Field, Type};

/// The share of columns that two schemas must have in common to count as one.
const COMMON_COLUMNS: f64 = 0.7;

/// The share of files or folders that must be of one schema is greater than this.
const MAJORITY: f64 = 0.7;

/// How many schemas one table may come from.
const SCHEMAS: usize = 5;

/// How columns are compared.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Comparison {
    /// One schema may lack columns of the other: records that leave columns out, and partitions
    /// that were written before a column was added.
    pub may_lack: bool,
    /// Names are made up, and say nothing without the types.
    pub unnamed: bool,
}

/// Whether a share is a majority, as Glue counts it.
pub(crate) fn is_majority(part: usize, total: usize) -> bool {
    part as f64 > MAJORITY * total as f64
}

/// Whether schemas, each with the number of files or folders that have it, make one table.
/// Takes them in the order in which they first come.
pub(crate) fn are_similar(schemas: &[(&[Field], usize)], comparison: Comparison) -> bool {
    let total: usize = schemas.iter().map(|(_, count)| count).sum();
    let mut by_count: Vec<&(&[Field], usize)> = schemas.iter().collect();
    by_count.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let mut clusters: Vec<(Names<'_>, usize)> = Vec::new();
    for (columns, count) in by_count {
        let like = clusters
            .iter()
            .position(|(names, _)| names.is_like(columns, comparison));
        match like {
            Some(cluster) => clusters[cluster].1 += count,
            None if clusters.len() == SCHEMAS => return false,
            None => clusters.push((Names::of(columns), *count)),
        }
    }
    clusters
        .iter()
        .any(|(_, members)| is_majority(*members, total))
}

struct Names<'a>(HashMap<String, &'a Type>);

impl<'a> Names<'a> {
    fn of(columns: &'a [Field]) -> Self {
        Self(
            columns
                .iter()
                .map(|column| (column.name.to_lowercase(), &column.data_type))
                .collect(),
        )
    }

    fn is_like(&self, columns: &[Field], comparison: Comparison) -> bool {
        let common = columns
            .iter()
            .filter(|column| {
                self.0
                    .get(&column.name.to_lowercase())
                    .is_some_and(|data_type| {
                        !comparison.unnamed || data_type.is_compatible(&column.data_type)
                    })
            })
            .count();
        let of = if comparison.may_lack {
            self.0.len().min(columns.len())
        } else {
            self.0.len() + columns.len() - common
        };
        // Files without any column say nothing against each other.
        common as f64 >= COMMON_COLUMNS * of as f64
    }
}
