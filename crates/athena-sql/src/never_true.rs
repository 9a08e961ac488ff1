//! Filters that let no row through.

use std::sync::Arc;

use datafusion::common::tree_node::Transformed;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{EmptyRelation, Expr, LogicalPlan};
use datafusion::optimizer::{ApplyOrder, Optimizer, OptimizerConfig, OptimizerRule};

/// DataFusion's rules, with one before it pushes filters down.
pub fn optimizer_rules() -> Vec<Arc<dyn OptimizerRule + Send + Sync>> {
    let mut rules = Optimizer::new().rules;
    let pushes = rules
        .iter()
        .position(|rule| rule.name() == "push_down_filter");
    rules.insert(pushes.unwrap_or(rules.len()), Arc::new(NeverTrue));
    rules
}

/// A filter with a term that is NULL or false has no rows. DataFusion pushes a term without columns
/// below an aggregate without groups, which gives its one row all the same.
#[derive(Debug)]
struct NeverTrue;

impl OptimizerRule for NeverTrue {
    fn name(&self) -> &'static str {
        "never_true"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::TopDown)
    }

    fn supports_rewrite(&self) -> bool {
        true
    }

    fn rewrite(
        &self,
        plan: LogicalPlan,
        _: &dyn OptimizerConfig,
    ) -> Result<Transformed<LogicalPlan>> {
        match &plan {
            LogicalPlan::Filter(filter)
                if split_conjunction(&filter.predicate)
                    .into_iter()
                    .any(is_never_true) =>
            {
                Ok(Transformed::yes(LogicalPlan::EmptyRelation(
                    EmptyRelation {
                        produce_one_row: false,
                        schema: Arc::clone(filter.input.schema()),
                    },
                )))
            }
            _ => Ok(Transformed::no(plan)),
        }
    }
}

fn is_never_true(term: &Expr) -> bool {
    matches!(
        term,
        Expr::Literal(
            ScalarValue::Boolean(None | Some(false)) | ScalarValue::Null,
            _
        )
    )
}
