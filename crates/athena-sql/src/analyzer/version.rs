//! FOR TIMESTAMP AS OF, FOR VERSION AS OF.

use datafusion::arrow::datatypes::Schema;
use datafusion::arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion::common::DFSchema;
use datafusion::logical_expr::execution_props::ExecutionProps;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::physical_expr::create_physical_expr;
use std::sync::Arc;

use super::expression::{Context, coerce};
use super::scope::Scope;
use super::{Analyzer, at, error_at};
use crate::ast::{PeriodKind, QueryPeriod};
use crate::error::Error;
use crate::functions::error_of;
use crate::iceberg::Version;
use crate::types::{Type, Value, value_at};

const PICOS_PER_MILLI: i128 = 1_000_000_000;

impl Analyzer<'_> {
    /// The version that a constant expression says.
    pub(super) fn version(&mut self, period: &QueryPeriod) -> Result<Version, Error> {
        let mut cx = Context::plain(Scope::outermost(), "FOR … AS OF");
        let typed = self.expression(&period.end, &mut cx)?;
        let wanted = match (period.kind, &typed.data_type) {
            (PeriodKind::Version, t) if t.is_integer() => Type::Bigint,
            (PeriodKind::Timestamp, Type::Date | Type::Timestamp(_)) => Type::Timestamp(6),
            (PeriodKind::Timestamp, Type::TimestampTz(_)) => Type::TimestampTz(6),
            (kind, found) => {
                let what = match kind {
                    PeriodKind::Version => "bigint",
                    PeriodKind::Timestamp => "date or timestamp",
                };
                return Err(error_at(
                    period.end.position,
                    "TYPE_MISMATCH",
                    format!("Type {found} invalid. Temporal pointers must be of type {what}."),
                ));
            }
        };
        let value = constant(coerce(typed, &wanted), &wanted).map_err(at(period.end.position))?;
        let milli = |picos: i128| (picos.div_euclid(PICOS_PER_MILLI)) as i64;
        match value {
            Value::Integer(id) => Ok(Version::Snapshot(id)),
            // The session's zone is UTC.
            Value::Timestamp(picos) | Value::TimestampTz(picos, _) => Ok(Version::At(milli(picos))),
            _ => Err(error_at(
                period.end.position,
                "INVALID_ARGUMENTS",
                "Pointer value cannot be NULL",
            )),
        }
    }
}

/// The value of an expression that names no column.
fn constant(expr: datafusion::logical_expr::Expr, data_type: &Type) -> Result<Value, Error> {
    let evaluate = || {
        let options = RecordBatchOptions::new().with_row_count(Some(1));
        let one =
            RecordBatch::try_new_with_options(Arc::new(Schema::empty()), Vec::new(), &options)?;
        create_physical_expr(
            &expr,
            &DFSchema::empty(),
            &ExecutionProps::new(),
            &PhysicalPlanningContext::default(),
        )?
        .evaluate(&one)?
        .into_array(1)
    };
    let array = evaluate().map_err(|error| error_of(&error))?;
    Ok(value_at(&array, data_type, 0))
}
