//! What a file says of its row groups.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BooleanArray, UInt64Array};
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::{Column as Name, ScalarValue};
use datafusion::parquet::arrow::arrow_reader::ArrowReaderMetadata;
use datafusion::parquet::arrow::arrow_reader::statistics::StatisticsConverter;

use crate::formats::Layout;
use crate::formats::fit::{fit, is_readable};
use crate::types::Type;

/// The row groups' least and greatest values, by the table's names and in its types.
pub(super) struct Statistics<'a> {
    pub layout: &'a Layout,
    pub metadata: &'a ArrowReaderMetadata,
    pub place: &'a dyn Fn(usize) -> Option<usize>,
}

impl Statistics<'_> {
    fn of(
        &self,
        column: &Name,
        get: impl FnOnce(&StatisticsConverter<'_>) -> Option<ArrayRef>,
    ) -> Option<(ArrayRef, &Type)> {
        let columns = &self.layout.columns;
        let i = columns.iter().position(|(name, _)| *name == column.name)?;
        let schema = self.metadata.schema();
        let name = schema.field((self.place)(i)?).name();
        let converter =
            StatisticsConverter::try_new(name, schema, self.metadata.parquet_schema()).ok()?;
        Some((get(&converter)?, &columns[i].1))
    }

    fn bound(
        &self,
        column: &Name,
        get: impl FnOnce(&StatisticsConverter<'_>) -> Option<ArrayRef>,
    ) -> Option<ArrayRef> {
        let (bound, data_type) = self.of(column, get)?;
        is_readable(bound.data_type(), data_type, None)
            .then(|| fit(&bound, data_type, None).ok())
            .flatten()
    }
}

impl PruningStatistics for Statistics<'_> {
    fn min_values(&self, column: &Name) -> Option<ArrayRef> {
        let groups = self.metadata.metadata().row_groups();
        self.bound(column, |c| c.row_group_mins(groups).ok())
    }

    fn max_values(&self, column: &Name) -> Option<ArrayRef> {
        let groups = self.metadata.metadata().row_groups();
        self.bound(column, |c| c.row_group_maxes(groups).ok())
    }

    fn num_containers(&self) -> usize {
        self.metadata.metadata().num_row_groups()
    }

    fn null_counts(&self, column: &Name) -> Option<ArrayRef> {
        let groups = self.metadata.metadata().row_groups();
        let counts = |c: &StatisticsConverter<'_>| -> Option<ArrayRef> {
            Some(Arc::new(c.row_group_null_counts(groups).ok()?))
        };
        self.of(column, counts).map(|(counts, _)| counts)
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        let groups = self.metadata.metadata().row_groups();
        let counts = groups
            .iter()
            .map(|group| u64::try_from(group.num_rows()).ok());
        Some(Arc::new(counts.collect::<UInt64Array>()))
    }

    fn contained(&self, _: &Name, _: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}
