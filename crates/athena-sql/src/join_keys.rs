//! Joins on reals and doubles as joins on keys.
//!
//! Arrow takes a NaN for equal to itself and the two zeros for different, and SQL the other way round,
//! so that `a = b` is a function of ours, in which DataFusion finds no key: each row of one side would
//! meet each of the other. A condition is put into keys before a plan is optimized, which is when
//! DataFusion looks for them.

use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::{BinaryExpr, Expr, LogicalPlan, Operator};

use crate::functions::comparison::equality_of_keys;

/// The plan with the equalities of its joins and filters as equalities of keys.
pub fn in_plan(plan: LogicalPlan) -> Result<LogicalPlan> {
    plan.transform_up(|node| match node {
        LogicalPlan::Filter(_) | LogicalPlan::Join(_) => node.map_expressions(in_condition),
        _ => Ok(Transformed::no(node)),
    })
    .map(|transformed| transformed.data)
}

/// A condition keeps the rows of which it is true, so that its terms may be NULL for false.
fn in_condition(condition: Expr) -> Result<Transformed<Expr>> {
    let keyed = condition.transform_down(|term| {
        if is_conjunction(&term) {
            return Ok(Transformed::no(term));
        }
        let (term, is_new) = match equality_of_keys(&term) {
            Some(keyed) => (keyed, true),
            None => (term, false),
        };
        Ok(Transformed::new(term, is_new, TreeNodeRecursion::Jump))
    })?;
    Ok(Transformed::new(
        keyed.data,
        keyed.transformed,
        TreeNodeRecursion::Continue,
    ))
}

fn is_conjunction(term: &Expr) -> bool {
    matches!(term, Expr::BinaryExpr(BinaryExpr { op, .. }) if *op == Operator::And)
}
