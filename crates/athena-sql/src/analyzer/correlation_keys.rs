//! Queries that depend on rows around them by equalities alone, made independent by keys.
//!
//! `(SELECT max(b) FROM u WHERE u.k = t.k)` is computed for each `u.k`, and joined to `t` on it, so
//! that the rows around are not asked for their values first, as `decorrelate.rs` has to. (Trino's
//! `TransformCorrelatedGlobalAggregationWithoutProjection`.)

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, JoinType};
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{
    Aggregate, Distinct, EmptyRelation, Expr, Filter, Join, LogicalPlan, LogicalPlanBuilder,
    Projection, Sort,
};

use super::{Analyzer, decorrelate, plan_error};
use crate::error::Error;
use crate::functions::comparison;

/// A plan for all the rows around it at once.
pub(super) struct Keyed {
    /// The plan, which carries the keys' columns.
    pub plan: LogicalPlan,
    /// What of a row around is equal to which column of the plan.
    pub pairs: Vec<(Expr, String)>,
    /// The plan for a row whose keys are not found.
    pub of_nothing: LogicalPlan,
    /// How many aggregates without groups it has: they give a row also where there is none.
    pub folds: usize,
}

impl Analyzer<'_> {
    /// The plan by keys, where it depends on these columns around it by `=` alone, in WHERE.
    pub(super) fn keyed(
        &mut self,
        plan: &LogicalPlan,
        outer: &[String],
    ) -> Result<Option<Keyed>, Error> {
        if !decorrelate::uses(plan, outer)? {
            return Ok(Some(Keyed {
                plan: plan.clone(),
                pairs: Vec::new(),
                of_nothing: plan.clone(),
                folds: 0,
            }));
        }
        match plan {
            LogicalPlan::Projection(p) => self.keyed_projection(p, outer),
            LogicalPlan::Filter(f) => self.keyed_filter(f, outer),
            LogicalPlan::Aggregate(a) => self.keyed_aggregate(a, outer),
            LogicalPlan::Sort(s) => self.keyed_sort(s, outer),
            LogicalPlan::Join(j) => self.keyed_join(j, outer),
            LogicalPlan::Distinct(Distinct::All(input)) => {
                let below = self.keyed(input, outer)?;
                below
                    .map(|below| below.under(LogicalPlanBuilder::distinct))
                    .transpose()
            }
            _ => Ok(None),
        }
    }

    fn keyed_projection(
        &mut self,
        projection: &Projection,
        outer: &[String],
    ) -> Result<Option<Keyed>, Error> {
        if any_speaks_of(&projection.expr, outer) {
            return Ok(None);
        }
        let Some(mut below) = self.keyed(&projection.input, outer)? else {
            return Ok(None);
        };
        let exprs = projection.expr.clone();
        let carried = [exprs.clone(), below.carried()].concat();
        below.plan = build(LogicalPlanBuilder::from(below.plan).project(carried))?;
        below.of_nothing = build(LogicalPlanBuilder::from(below.of_nothing).project(exprs))?;
        Ok(Some(below))
    }

    fn keyed_filter(&mut self, filter: &Filter, outer: &[String]) -> Result<Option<Keyed>, Error> {
        let Some(mut below) = self.keyed(&filter.input, outer)? else {
            return Ok(None);
        };
        // What leaves out the row of an aggregate leaves its key without one.
        if below.folds > 0 {
            return Ok(None);
        }
        let mut own = Vec::new();
        let mut inner = Vec::new();
        for term in split_conjunction_owned(filter.predicate.clone()) {
            if !speaks_of(&term, outer) {
                own.push(term);
                continue;
            }
            let Some((around, within)) = equality(&term, outer)? else {
                return Ok(None);
            };
            self.next += 1;
            let key = format!("c{}", self.next);
            inner.push(within.alias(&key));
            below.pairs.push((around, key));
        }
        if let Some(condition) = conjunction(own) {
            below = below.under(|b| b.filter(condition.clone()))?;
        }
        if !inner.is_empty() {
            let columns = below.plan.schema().columns();
            let carried = columns.into_iter().map(Expr::Column).chain(inner);
            below.plan = build(LogicalPlanBuilder::from(below.plan).project(carried))?;
            below.of_nothing = LogicalPlan::EmptyRelation(EmptyRelation {
                produce_one_row: false,
                schema: Arc::clone(below.of_nothing.schema()),
            });
        }
        Ok(Some(below))
    }

    fn keyed_aggregate(
        &mut self,
        aggregate: &Aggregate,
        outer: &[String],
    ) -> Result<Option<Keyed>, Error> {
        let (group, aggregated) = (&aggregate.group_expr, &aggregate.aggr_expr);
        if any_speaks_of(group, outer) || any_speaks_of(aggregated, outer) {
            return Ok(None);
        }
        let Some(mut below) = self.keyed(&aggregate.input, outer)? else {
            return Ok(None);
        };
        let carried = [group.clone(), below.carried()].concat();
        let by_key = LogicalPlanBuilder::from(below.plan).aggregate(carried, aggregated.clone());
        below.plan = build(by_key)?;
        let nothing = LogicalPlanBuilder::from(below.of_nothing);
        below.of_nothing = build(nothing.aggregate(group.clone(), aggregated.clone()))?;
        below.folds += usize::from(group.is_empty());
        Ok(Some(below))
    }

    fn keyed_sort(&mut self, sort: &Sort, outer: &[String]) -> Result<Option<Keyed>, Error> {
        let is_plain = sort.fetch.is_none() && !sort.expr.iter().any(|s| speaks_of(&s.expr, outer));
        if !is_plain {
            return Ok(None);
        }
        let below = self.keyed(&sort.input, outer)?;
        below
            .map(|below| below.under(|b| b.sort(sort.expr.clone())))
            .transpose()
    }

    /// A join of which one side depends on the rows around, and keeps none that has no match.
    fn keyed_join(&mut self, join: &Join, outer: &[String]) -> Result<Option<Keyed>, Error> {
        let on = join
            .on
            .iter()
            .any(|(l, r)| speaks_of(l, outer) || speaks_of(r, outer));
        if on || join.filter.as_ref().is_some_and(|f| speaks_of(f, outer)) {
            return Ok(None);
        }
        let is_left = decorrelate::uses(&join.left, outer)?;
        let is_right = decorrelate::uses(&join.right, outer)?;
        let is_possible = match join.join_type {
            JoinType::Inner => is_left != is_right,
            JoinType::Left | JoinType::LeftSemi | JoinType::LeftAnti => is_left && !is_right,
            _ => false,
        };
        if !is_possible {
            return Ok(None);
        }
        let side = if is_left { &join.left } else { &join.right };
        let Some(below) = self.keyed(side, outer)? else {
            return Ok(None);
        };
        if below.folds > 0 {
            return Ok(None);
        }
        let with = |side: LogicalPlan| {
            let (left, right) = if is_left {
                (Arc::new(side), Arc::clone(&join.right))
            } else {
                (Arc::clone(&join.left), Arc::new(side))
            };
            Join::try_new(
                left,
                right,
                join.on.clone(),
                join.filter.clone(),
                join.join_type,
                join.join_constraint,
                join.null_equality,
                join.null_aware,
            )
            .map(LogicalPlan::Join)
            .map_err(plan_error)
        };
        Ok(Some(Keyed {
            plan: with(below.plan)?,
            of_nothing: with(below.of_nothing)?,
            ..below
        }))
    }
}

impl Keyed {
    /// The keys' columns.
    fn carried(&self) -> Vec<Expr> {
        let column = |(_, key): &(Expr, String)| Expr::Column(Column::from_name(key));
        self.pairs.iter().map(column).collect()
    }

    /// An operator on top that lets columns through as they are.
    fn under(
        self,
        operator: impl Fn(LogicalPlanBuilder) -> datafusion::common::Result<LogicalPlanBuilder>,
    ) -> Result<Self, Error> {
        Ok(Self {
            plan: build(operator(LogicalPlanBuilder::from(self.plan)))?,
            of_nothing: build(operator(LogicalPlanBuilder::from(self.of_nothing)))?,
            ..self
        })
    }
}

/// The sides of `=`: that of the columns around, as columns, and that of the plan's own.
fn equality(term: &Expr, outer: &[String]) -> Result<Option<(Expr, Expr)>, Error> {
    let Some((left, right)) = comparison::equal_keys(term) else {
        return Ok(None);
    };
    let (around, within) = if speaks_of(&left, outer) {
        (left, right)
    } else {
        (right, left)
    };
    if !around.column_refs().is_empty() || speaks_of(&within, outer) {
        return Ok(None);
    }
    let around = around.transform(|e| match e {
        Expr::OuterReferenceColumn(_, column) if outer.contains(&column.name) => {
            Ok(Transformed::yes(Expr::Column(column)))
        }
        other => Ok(Transformed::no(other)),
    });
    Ok(Some((around.map_err(plan_error)?.data, within)))
}

fn any_speaks_of(exprs: &[Expr], outer: &[String]) -> bool {
    exprs.iter().any(|expr| speaks_of(expr, outer))
}

fn speaks_of(expr: &Expr, outer: &[String]) -> bool {
    let found = expr.exists(|e| {
        Ok(match e {
            Expr::OuterReferenceColumn(_, column) => outer.contains(&column.name),
            _ => false,
        })
    });
    matches!(found, Ok(true) | Err(_))
}

fn build(builder: datafusion::common::Result<LogicalPlanBuilder>) -> Result<LogicalPlan, Error> {
    builder
        .and_then(LogicalPlanBuilder::build)
        .map_err(plan_error)
}
