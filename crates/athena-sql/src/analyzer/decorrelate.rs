//! Queries that depend on rows around them, made independent.
//!
//! A dependent plan is evaluated once for each distinct combination of the outer columns it uses
//! (the *domain*): the domain is joined in where the plan no longer depends on it, and its columns
//! are carried up through every operator. (Neumann and Kemper, "Unnesting Arbitrary Queries".)

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, JoinType};
use datafusion::functions_window::row_number::row_number_udwf;
use datafusion::logical_expr::expr::WindowFunction;
use datafusion::logical_expr::{
    BinaryExpr, Distinct, Expr, ExprFunctionExt, FetchType, LogicalPlan, LogicalPlanBuilder,
    Operator, SkipType, WindowFunctionDefinition, lit,
};

use super::{Analyzer, plan_error};
use crate::error::Error;

/// The distinct values of the outer columns.
pub(super) struct Domain {
    plan: LogicalPlan,
    /// The outer columns, and what they are called in the plan.
    columns: Vec<(String, String)>,
}

/// The names under which a plan carries the domain's columns, in their order.
type Carried = Vec<String>;

impl Analyzer<'_> {
    pub(super) fn domain(
        &mut self,
        outer: &LogicalPlan,
        columns: &[String],
    ) -> Result<Domain, Error> {
        let columns: Vec<(String, String)> = columns
            .iter()
            .map(|column| (column.clone(), self.fresh_like(column)))
            .collect();
        let plan = LogicalPlanBuilder::from(outer.clone())
            .project(columns.iter().map(|(from, to)| by_name(from).alias(to)))
            .and_then(LogicalPlanBuilder::distinct)
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)?;
        Ok(Domain { plan, columns })
    }

    fn fresh_like(&mut self, column: &str) -> String {
        self.next += 1;
        let name = format!("c{}", self.next);
        if let Some(data_type) = self.columns.get(column).cloned() {
            self.columns.insert(name.clone(), data_type);
        }
        name
    }

    /// The plan for every row of the domain, whose columns it carries.
    pub(super) fn dependent(
        &mut self,
        plan: LogicalPlan,
        domain: &Domain,
    ) -> Result<(LogicalPlan, Carried), Error> {
        if !depends(&plan, domain)? {
            let (domain, carried) = self.instance(domain)?;
            let plan = LogicalPlanBuilder::from(domain)
                .cross_join(plan)
                .and_then(LogicalPlanBuilder::build)
                .map_err(plan_error)?;
            return Ok((plan, carried));
        }
        match plan {
            LogicalPlan::Projection(p) => {
                let (input, carried) = self.dependent(Arc::unwrap_or_clone(p.input), domain)?;
                let mut exprs = bind_all(p.expr, domain, &carried)?;
                exprs.extend(carried.iter().map(|c| by_name(c)));
                Ok((
                    build(LogicalPlanBuilder::from(input).project(exprs))?,
                    carried,
                ))
            }
            LogicalPlan::Filter(f) => {
                let (input, carried) = self.dependent(Arc::unwrap_or_clone(f.input), domain)?;
                let predicate = bind(f.predicate, domain, &carried)?;
                Ok((
                    build(LogicalPlanBuilder::from(input).filter(predicate))?,
                    carried,
                ))
            }
            LogicalPlan::Sort(s) => {
                let (input, carried) = self.dependent(Arc::unwrap_or_clone(s.input), domain)?;
                let mut sorted = Vec::new();
                for mut item in s.expr {
                    item.expr = bind(item.expr, domain, &carried)?;
                    sorted.push(item);
                }
                Ok((
                    build(LogicalPlanBuilder::from(input).sort(sorted))?,
                    carried,
                ))
            }
            LogicalPlan::Limit(l) => {
                let (SkipType::Literal(skip), FetchType::Literal(fetch)) = (
                    l.get_skip_type().map_err(plan_error)?,
                    l.get_fetch_type().map_err(plan_error)?,
                ) else {
                    return Err(Error::not_supported(
                        "a computed LIMIT in a correlated subquery",
                    ));
                };
                self.dependent_limit(Arc::unwrap_or_clone(l.input), skip, fetch, domain)
            }
            LogicalPlan::Aggregate(a) => self.dependent_aggregate(a, domain),
            LogicalPlan::Window(w) => {
                let (input, carried) = self.dependent(Arc::unwrap_or_clone(w.input), domain)?;
                let mut exprs = Vec::new();
                for expr in bind_all(w.window_expr, domain, &carried)? {
                    let widened = expr
                        .transform(|e| match e {
                            Expr::WindowFunction(mut f) => {
                                f.params
                                    .partition_by
                                    .extend(carried.iter().map(|c| by_name(c)));
                                Ok(Transformed::yes(Expr::WindowFunction(f)))
                            }
                            other => Ok(Transformed::no(other)),
                        })
                        .map_err(plan_error)?;
                    exprs.push(widened.data);
                }
                let plan = build(LogicalPlanBuilder::from(input).window(exprs))?;
                Ok((plan, carried))
            }
            LogicalPlan::Distinct(Distinct::All(input)) => {
                let (input, carried) = self.dependent(Arc::unwrap_or_clone(input), domain)?;
                Ok((build(LogicalPlanBuilder::from(input).distinct())?, carried))
            }
            LogicalPlan::Union(u) => self.dependent_union(u.inputs, domain),
            LogicalPlan::Join(j) => self.dependent_join(j, domain),
            LogicalPlan::Unnest(u) => {
                let columns = u.exec_columns.clone();
                let options = u.options.clone();
                let (input, carried) = self.dependent(Arc::unwrap_or_clone(u.input), domain)?;
                let plan = build(
                    LogicalPlanBuilder::from(input).unnest_columns_with_options(columns, options),
                )?;
                Ok((plan, carried))
            }
            other => Err(Error::not_supported(format!(
                "a correlated subquery with {}",
                other.display()
            ))),
        }
    }

    /// The domain once more, under names of its own.
    fn instance(&mut self, domain: &Domain) -> Result<(LogicalPlan, Carried), Error> {
        let carried: Carried = domain
            .columns
            .iter()
            .map(|(outer, _)| self.fresh_like(outer))
            .collect();
        let plan = build(
            LogicalPlanBuilder::from(domain.plan.clone()).project(
                domain
                    .columns
                    .iter()
                    .zip(&carried)
                    .map(|((_, from), to)| by_name(from).alias(to)),
            ),
        )?;
        Ok((plan, carried))
    }

    /// LIMIT counts for each row of the domain.
    fn dependent_limit(
        &mut self,
        input: LogicalPlan,
        skip: usize,
        fetch: Option<usize>,
        domain: &Domain,
    ) -> Result<(LogicalPlan, Carried), Error> {
        let (input, carried) = self.dependent(input, domain)?;
        let (input, order) = sorted_input(input);
        let kept: Vec<Expr> = input
            .schema()
            .columns()
            .into_iter()
            .map(Expr::Column)
            .collect();
        self.next += 1;
        let number = format!("c{}", self.next);
        let mut call = Expr::from(WindowFunction::new(
            WindowFunctionDefinition::WindowUDF(row_number_udwf()),
            Vec::new(),
        ))
        .partition_by(carried.iter().map(|c| by_name(c)).collect());
        if !order.is_empty() {
            call = call.order_by(order);
        }
        let call = call.build().map_err(plan_error)?.alias(&number);
        let mut keep = by_name(&number).gt(lit(skip as u64));
        if let Some(fetch) = fetch {
            keep = keep.and(by_name(&number).lt_eq(lit((skip + fetch) as u64)));
        }
        let plan = build(
            LogicalPlanBuilder::from(input)
                .window([call])
                .and_then(|b| b.filter(keep))
                .and_then(|b| b.project(kept)),
        )?;
        Ok((plan, carried))
    }

    fn dependent_aggregate(
        &mut self,
        aggregate: datafusion::logical_expr::Aggregate,
        domain: &Domain,
    ) -> Result<(LogicalPlan, Carried), Error> {
        let global = aggregate.group_expr.is_empty();
        let (mut input, mut carried) =
            self.dependent(Arc::unwrap_or_clone(aggregate.input), domain)?;
        let mut marker = None;
        if global {
            // Without groups there is a row for every row of the domain, also where nothing is
            // aggregated: rows that are only the domain's are marked and left out.
            self.next += 1;
            let mark = format!("c{}", self.next);
            let kept: Vec<Expr> = input
                .schema()
                .columns()
                .into_iter()
                .map(Expr::Column)
                .collect();
            input = build(
                LogicalPlanBuilder::from(input)
                    .project(kept.into_iter().chain([lit(true).alias(&mark)])),
            )?;
            let (rows, own) = self.instance(domain)?;
            input = build(LogicalPlanBuilder::from(rows).join_detailed(
                input,
                JoinType::Left,
                (columns(&own), columns(&carried)),
                None,
                datafusion::common::NullEquality::NullEqualsNull,
            ))?;
            // Aggregates speak of the inner columns; groups are the domain's rows.
            let inner = std::mem::replace(&mut carried, own);
            let aggregated = bind_all(aggregate.aggr_expr.clone(), domain, &inner)?;
            marker = Some((mark, aggregated));
        }
        let mut group = bind_all(aggregate.group_expr, domain, &carried)?;
        group.extend(carried.iter().map(|c| by_name(c)));
        let aggregated = match marker {
            None => bind_all(aggregate.aggr_expr, domain, &carried)?,
            Some((mark, aggregated)) => aggregated
                .into_iter()
                .map(|expr| only_marked(expr, &mark))
                .collect::<Result<_, _>>()?,
        };
        let plan = build(LogicalPlanBuilder::from(input).aggregate(group, aggregated))?;
        Ok((plan, carried))
    }

    fn dependent_union(
        &mut self,
        inputs: Vec<Arc<LogicalPlan>>,
        domain: &Domain,
    ) -> Result<(LogicalPlan, Carried), Error> {
        let carried: Carried = domain
            .columns
            .iter()
            .map(|(outer, _)| self.fresh_like(outer))
            .collect();
        let names: Vec<Column> = inputs
            .first()
            .map(|i| i.schema().columns())
            .unwrap_or_default();
        let mut plans = Vec::new();
        for input in inputs {
            let own = input.schema().columns();
            let (input, inner) = self.dependent(Arc::unwrap_or_clone(input), domain)?;
            let exprs: Vec<Expr> = own
                .into_iter()
                .zip(&names)
                .map(|(from, to)| Expr::Column(from).alias(to.name.clone()))
                .chain(
                    inner
                        .iter()
                        .zip(&carried)
                        .map(|(from, to)| by_name(from).alias(to)),
                )
                .collect();
            plans.push(build(LogicalPlanBuilder::from(input).project(exprs))?);
        }
        Ok((super::set_operation::union_all(plans)?, carried))
    }

    fn dependent_join(
        &mut self,
        join: datafusion::logical_expr::Join,
        domain: &Domain,
    ) -> Result<(LogicalPlan, Carried), Error> {
        let left_depends = depends(&join.left, domain)?;
        let right_depends = depends(&join.right, domain)?;
        let left_only = !right_depends
            && matches!(
                join.join_type,
                JoinType::Inner | JoinType::Left | JoinType::LeftSemi | JoinType::LeftAnti
            );
        let right_only = !left_depends
            && right_depends
            && matches!(join.join_type, JoinType::Inner | JoinType::Right);
        let (left, right) = (
            Arc::unwrap_or_clone(join.left),
            Arc::unwrap_or_clone(join.right),
        );
        let mut same = Vec::new();
        let (left, right, carried) = if left_only {
            let (left, carried) = self.dependent(left, domain)?;
            (left, right, carried)
        } else if right_only {
            let (right, carried) = self.dependent(right, domain)?;
            (left, right, carried)
        } else {
            let (left, carried) = self.dependent(left, domain)?;
            let (right, other) = self.dependent(right, domain)?;
            for (a, b) in carried.iter().zip(&other) {
                same.push(Expr::BinaryExpr(BinaryExpr::new(
                    Box::new(by_name(a)),
                    Operator::IsNotDistinctFrom,
                    Box::new(by_name(b)),
                )));
            }
            let carried = match join.join_type {
                JoinType::Right | JoinType::RightSemi | JoinType::RightAnti => other,
                _ => carried,
            };
            (left, right, carried)
        };
        let mut conditions = same;
        for (l, r) in join.on {
            let (l, r) = (bind(l, domain, &carried)?, bind(r, domain, &carried)?);
            let operator = match join.null_equality {
                datafusion::common::NullEquality::NullEqualsNull => Operator::IsNotDistinctFrom,
                datafusion::common::NullEquality::NullEqualsNothing => Operator::Eq,
            };
            conditions.push(Expr::BinaryExpr(BinaryExpr::new(
                Box::new(l),
                operator,
                Box::new(r),
            )));
        }
        if let Some(filter) = join.filter {
            conditions.push(bind(filter, domain, &carried)?);
        }
        let builder = LogicalPlanBuilder::from(left);
        let plan = if conditions.is_empty() && join.join_type == JoinType::Inner {
            build(builder.cross_join(right))?
        } else {
            if conditions.is_empty() {
                conditions.push(lit(true));
            }
            build(builder.join_on(right, join.join_type, conditions))?
        };
        Ok((plan, carried))
    }
}

/// An aggregate over marked rows only. The mark is true or NULL, which FILTER leaves out.
fn only_marked(expr: Expr, mark: &str) -> Result<Expr, Error> {
    expr.transform(|e| match e {
        Expr::AggregateFunction(mut f) => {
            let marked = by_name(mark);
            f.params.filter = Some(Box::new(match f.params.filter.take() {
                None => marked,
                Some(filter) => marked.and(*filter),
            }));
            Ok(Transformed::yes(Expr::AggregateFunction(f)))
        }
        other => Ok(Transformed::no(other)),
    })
    .map(|t| t.data)
    .map_err(plan_error)
}

/// A plan without the sort on top of it (under projections), and the sort.
fn sorted_input(plan: LogicalPlan) -> (LogicalPlan, Vec<datafusion::logical_expr::SortExpr>) {
    match plan {
        LogicalPlan::Sort(sort) => (Arc::unwrap_or_clone(sort.input), sort.expr),
        other => (other, Vec::new()),
    }
}

fn build(builder: datafusion::common::Result<LogicalPlanBuilder>) -> Result<LogicalPlan, Error> {
    builder
        .and_then(LogicalPlanBuilder::build)
        .map_err(plan_error)
}

fn by_name(column: &str) -> Expr {
    Expr::Column(Column::from_name(column))
}

fn columns(names: &[String]) -> Vec<Column> {
    names.iter().map(Column::from_name).collect()
}

fn bind_all(exprs: Vec<Expr>, domain: &Domain, carried: &[String]) -> Result<Vec<Expr>, Error> {
    exprs
        .into_iter()
        .map(|e| bind(e, domain, carried))
        .collect()
}

/// The domain's outer columns as the columns that carry them.
fn bind(expr: Expr, domain: &Domain, carried: &[String]) -> Result<Expr, Error> {
    expr.transform(|e| {
        if let Expr::OuterReferenceColumn(_, column) = &e
            && let Some(i) = domain.columns.iter().position(|(o, _)| *o == column.name)
        {
            return Ok(Transformed::yes(by_name(&carried[i])));
        }
        Ok(Transformed::no(e))
    })
    .map(|t| t.data)
    .map_err(plan_error)
}

fn depends(plan: &LogicalPlan, domain: &Domain) -> Result<bool, Error> {
    let found = all_outer(plan)?;
    Ok(domain
        .columns
        .iter()
        .any(|(outer, _)| found.contains(outer)))
}

/// The columns of a schema that a plan uses from within.
pub(super) fn outer_columns(plan: &LogicalPlan, schema: &DFSchema) -> Result<Vec<String>, Error> {
    let names: Vec<String> = schema.columns().into_iter().map(|c| c.name).collect();
    let mut found = all_outer(plan)?;
    found.retain(|c| names.contains(c));
    Ok(found)
}

pub(super) fn has_outer(plan: &LogicalPlan) -> Result<bool, Error> {
    Ok(!all_outer(plan)?.is_empty())
}

/// Whether a plan uses one of these columns from within.
pub(super) fn uses(plan: &LogicalPlan, columns: &[String]) -> Result<bool, Error> {
    let found = all_outer(plan)?;
    Ok(columns.iter().any(|column| found.contains(column)))
}

/// The columns around it that a plan uses.
pub(super) fn all_outer(plan: &LogicalPlan) -> Result<Vec<String>, Error> {
    let mut found: Vec<String> = Vec::new();
    plan.apply(|node| {
        node.apply_expressions(|expr| {
            expr.apply(|e| {
                if let Expr::OuterReferenceColumn(_, column) = e
                    && !found.contains(&column.name)
                {
                    found.push(column.name.clone());
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })
    })
    .map_err(plan_error)?;
    Ok(found)
}

/// Changes every expression of a plan and of the plans under it.
pub(super) fn map_expressions(
    plan: LogicalPlan,
    change: &dyn Fn(Expr) -> datafusion::common::Result<Transformed<Expr>>,
) -> Result<LogicalPlan, Error> {
    plan.transform(|node| node.map_expressions(|expr| expr.transform(change)))
        .map(|t| t.data)
        .map_err(plan_error)
}

/// An expression over a query's columns as a query within sees it.
pub(super) fn as_outer(expr: Expr, types: &HashMap<String, DataType>) -> Result<Expr, Error> {
    expr.transform(|e| match e {
        Expr::Column(column) => {
            let data_type = types.get(&column.name).cloned().unwrap_or(DataType::Null);
            let field = Field::new(column.name.clone(), data_type, true);
            Ok(Transformed::yes(Expr::OuterReferenceColumn(
                Arc::new(field),
                column,
            )))
        }
        other => Ok(Transformed::no(other)),
    })
    .map(|t| t.data)
    .map_err(plan_error)
}
