//! GROUP BY: the plan of groups, and expressions over groups instead of rows.

use std::collections::HashSet;

use datafusion::common::Column;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::functions::core::expr_fn::get_field;
use datafusion::functions_aggregate::first_last::first_value_udaf;
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};

use super::expression::Context;
use super::{Analyzer, Field, Relation, Typed, error_at, literal, plan_error};
use crate::ast::{Expression, ExpressionKind, GroupBy, GroupingElement, Position};
use crate::error::Error;
use crate::types::{Type, Value};

/// The keys of a GROUP BY, each once, and the sets of them that are grouped by.
#[derive(Debug, Default)]
pub(super) struct Grouping {
    pub keys: Vec<Typed>,
    pub sets: Vec<Vec<usize>>,
}

/// An item of the select list and what it means; `None` of `*`.
pub(super) type Selected<'a> = Option<(&'a Expression, &'a Typed)>;

/// Turns expressions over rows into expressions over groups.
pub(super) struct Groups {
    /// What was aggregated, and its column.
    aggregates: Vec<(Expr, String)>,
    keys: Vec<(Expr, Field)>,
    /// The columns of the rows, which groups no longer have.
    gone: Vec<Field>,
}

impl Analyzer<'_> {
    /// Reads GROUP BY. A number means an item of the select list.
    pub(super) fn grouping_of(
        &mut self,
        written: &GroupBy,
        select: &[Selected],
        cx: &mut Context,
    ) -> Result<Grouping, Error> {
        let mut grouping = Grouping {
            keys: Vec::new(),
            sets: vec![Vec::new()],
        };
        for element in &written.elements {
            let sets: Vec<Vec<usize>> = match element {
                GroupingElement::Simple(keys) => {
                    vec![self.group_keys(keys, select, &mut grouping, cx)?]
                }
                GroupingElement::Sets(sets) => sets
                    .iter()
                    .map(|set| self.group_keys(set, select, &mut grouping, cx))
                    .collect::<Result<_, _>>()?,
                GroupingElement::Rollup(parts) => {
                    let parts = self.group_parts(parts, select, &mut grouping, cx)?;
                    (0..=parts.len())
                        .rev()
                        .map(|n| parts[..n].concat())
                        .collect()
                }
                GroupingElement::Cube(parts) => {
                    let parts = self.group_parts(parts, select, &mut grouping, cx)?;
                    let all = 1_usize << parts.len().min(30);
                    (0..all)
                        .rev()
                        .map(|mask| {
                            parts
                                .iter()
                                .enumerate()
                                .filter(|(i, _)| mask & (1 << (parts.len() - 1 - i)) != 0)
                                .flat_map(|(_, part)| part.iter().copied())
                                .collect()
                        })
                        .collect()
                }
            };
            grouping.sets = grouping
                .sets
                .iter()
                .flat_map(|before| {
                    sets.iter()
                        .map(move |set| [before.as_slice(), set].concat())
                })
                .collect();
        }
        for set in &mut grouping.sets {
            set.sort_unstable();
            set.dedup();
        }
        if written.distinct {
            let mut seen = HashSet::new();
            grouping.sets.retain(|set| seen.insert(set.clone()));
        }
        Ok(grouping)
    }

    fn group_parts(
        &mut self,
        parts: &[Vec<Expression>],
        select: &[Selected],
        grouping: &mut Grouping,
        cx: &mut Context,
    ) -> Result<Vec<Vec<usize>>, Error> {
        parts
            .iter()
            .map(|part| self.group_keys(part, select, grouping, cx))
            .collect()
    }

    fn group_keys(
        &mut self,
        written: &[Expression],
        select: &[Selected],
        grouping: &mut Grouping,
        cx: &mut Context,
    ) -> Result<Vec<usize>, Error> {
        let mut keys = Vec::new();
        for key in written {
            let typed = match &key.kind {
                ExpressionKind::Integer(n) => {
                    let item = usize::try_from(n - 1).ok().and_then(|i| select.get(i));
                    match item {
                        Some(Some((expression, selected))) => {
                            let before = cx.pending.len();
                            let typed = self.expression(expression, cx)?;
                            if cx.pending.len() == before {
                                typed
                            } else {
                                // Its subqueries are the item's own.
                                cx.pending.truncate(before);
                                (*selected).clone()
                            }
                        }
                        _ => {
                            return Err(error_at(
                                key.position,
                                "INVALID_COLUMN_REFERENCE",
                                format!("GROUP BY position {n} is not in select list"),
                            ));
                        }
                    }
                }
                _ => self.expression(key, cx)?,
            };
            if !typed.data_type.is_comparable() {
                return Err(error_at(
                    key.position,
                    "TYPE_MISMATCH",
                    format!(
                        "{} is not comparable, and therefore cannot be used in GROUP BY",
                        typed.data_type
                    ),
                ));
            }
            let index = match grouping.keys.iter().position(|k| k.expr == typed.expr) {
                Some(index) => index,
                None => {
                    grouping.keys.push(typed);
                    grouping.keys.len() - 1
                }
            };
            keys.push(index);
        }
        Ok(keys)
    }

    /// Groups a relation's rows and aggregates what the expressions ask for.
    pub(super) fn aggregate(
        &mut self,
        relation: Relation,
        grouping: &Grouping,
        asked: &[(String, Vec<Expr>)],
        expressions: &[&Expr],
    ) -> Result<(LogicalPlan, Groups), Error> {
        let mut aggregates: Vec<Expr> = Vec::new();
        for expression in expressions {
            expression
                .apply(|e| {
                    if matches!(e, Expr::AggregateFunction(_)) {
                        if !aggregates.contains(e) {
                            aggregates.push(e.clone());
                        }
                        return Ok(TreeNodeRecursion::Jump);
                    }
                    Ok(TreeNodeRecursion::Continue)
                })
                .map_err(plan_error)?;
        }
        // The keys become columns of their own.
        let mut keys = Vec::new();
        let mut projected: Vec<Expr> = relation
            .plan
            .schema()
            .columns()
            .into_iter()
            .map(Expr::Column)
            .collect();
        for key in &grouping.keys {
            let field = self.field(None, key.data_type.clone());
            projected.push(key.expr.clone().alias(&field.column));
            keys.push(field);
        }
        let input = LogicalPlanBuilder::from(relation.plan)
            .project(projected)
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)?;
        let aggregates: Vec<(Expr, String)> = aggregates
            .into_iter()
            .map(|aggregate| {
                self.next += 1;
                (aggregate, format!("c{}", self.next))
            })
            .collect();
        // Each set groups on its own; what it leaves out is NULL.
        let mut plans = Vec::new();
        let mut sets: Vec<&[usize]> = grouping.sets.iter().map(Vec::as_slice).collect();
        if sets.is_empty() {
            sets.push(&[]);
        }
        for set in sets {
            plans.push(self.group_by(&input, &keys, set, &aggregates, asked, grouping)?);
        }
        let mut plans = plans.into_iter();
        let first = plans
            .next()
            .ok_or_else(|| Error::internal("no grouping set"))?;
        let plan = plans.try_fold(first, |all, next| {
            LogicalPlanBuilder::from(all)
                .union(next)
                .and_then(LogicalPlanBuilder::build)
                .map_err(plan_error)
        })?;
        let groups = Groups {
            aggregates,
            keys: grouping
                .keys
                .iter()
                .zip(keys)
                .map(|(key, field)| (key.expr.clone(), field))
                .collect(),
            gone: relation.fields,
        };
        Ok((plan, groups))
    }

    fn group_by(
        &mut self,
        input: &LogicalPlan,
        keys: &[Field],
        set: &[usize],
        aggregates: &[(Expr, String)],
        asked: &[(String, Vec<Expr>)],
        grouping: &Grouping,
    ) -> Result<LogicalPlan, Error> {
        let mut group = Vec::new();
        let mut aggregated: Vec<Expr> = aggregates
            .iter()
            .map(|(aggregate, column)| aggregate.clone().alias(column))
            .collect();
        let mut output = Vec::new();
        for (i, key) in keys.iter().enumerate() {
            if !set.contains(&i) {
                let null = literal::typed(Value::Null, key.data_type.clone())?.expr;
                output.push(null.alias(&key.column));
                continue;
            }
            // A zoned timestamp is grouped by its instant, and shows the zone of one of the rows.
            let part = match &key.data_type {
                Type::TimestampTz(_) => Some("instant"),
                Type::TimeTz(_) => Some("utc"),
                _ => None,
            };
            match part {
                None => {
                    group.push(key.expr());
                    output.push(key.expr());
                }
                Some(part) => {
                    self.next += 2;
                    let (instant, shown) =
                        (format!("c{}", self.next - 1), format!("c{}", self.next));
                    group.push(get_field(key.expr(), part).alias(instant));
                    aggregated.push(
                        Expr::AggregateFunction(AggregateFunction::new_udf(
                            first_value_udaf(),
                            vec![key.expr()],
                            false,
                            None,
                            Vec::new(),
                            None,
                        ))
                        .alias(&shown),
                    );
                    output.push(Expr::Column(Column::from_name(shown)).alias(&key.column));
                }
            }
        }
        for (_, column) in aggregates {
            output.push(Expr::Column(Column::from_name(column.clone())));
        }
        for (column, columns) in asked {
            let mut bits: i64 = 0;
            for asked in columns {
                let present = grouping
                    .keys
                    .iter()
                    .position(|key| key.expr == *asked)
                    .is_some_and(|i| set.contains(&i));
                bits = bits << 1 | i64::from(!present);
            }
            let data_type = if columns.len() <= 31 {
                Type::Integer
            } else {
                Type::Bigint
            };
            output.push(
                literal::typed(Value::Integer(bits), data_type)?
                    .expr
                    .alias(column),
            );
        }
        let builder = LogicalPlanBuilder::from(input.clone());
        let builder = if group.is_empty() && aggregated.is_empty() {
            // GROUP BY () without an aggregate: one row, whatever there is.
            LogicalPlanBuilder::empty(true)
        } else {
            builder.aggregate(group, aggregated).map_err(plan_error)?
        };
        builder
            .project(output)
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)
    }
}

impl Groups {
    /// The expression over groups; a column that is neither key nor aggregated is an error.
    pub fn rewrite(&self, typed: Typed, position: Position) -> Result<Typed, Error> {
        let mut stray: Option<String> = None;
        let expr = typed
            .expr
            .transform_down(|e| {
                if let Some((_, column)) = self.aggregates.iter().find(|(a, _)| *a == e) {
                    let column = Expr::Column(Column::from_name(column.clone()));
                    return Ok(Transformed::new(column, true, TreeNodeRecursion::Jump));
                }
                if let Some((_, field)) = self.keys.iter().find(|(k, _)| *k == e)
                    && !matches!(e, Expr::Literal(..))
                {
                    return Ok(Transformed::new(
                        field.expr(),
                        true,
                        TreeNodeRecursion::Jump,
                    ));
                }
                if let Expr::Column(column) = &e
                    && let Some(field) = self.gone.iter().find(|f| f.column == column.name)
                {
                    stray.get_or_insert_with(|| display_name(field));
                }
                Ok(Transformed::no(e))
            })
            .map_err(plan_error)?
            .data;
        match stray {
            None => Ok(Typed { expr, ..typed }),
            Some(name) => Err(error_at(
                position,
                "EXPRESSION_NOT_AGGREGATE",
                format!("'{name}' must be an aggregate expression or appear in GROUP BY clause"),
            )),
        }
    }

    /// A subquery's plan with its outer columns over groups.
    pub fn rewrite_outer(
        &self,
        plan: LogicalPlan,
        position: Position,
    ) -> Result<LogicalPlan, Error> {
        super::decorrelate::map_expressions(plan, &|e| {
            let Expr::OuterReferenceColumn(field, column) = &e else {
                return Ok(Transformed::no(e));
            };
            if !self.gone.iter().any(|f| f.column == column.name) {
                return Ok(Transformed::no(e));
            }
            let as_column = Expr::Column(column.clone());
            match self.keys.iter().find(|(k, _)| *k == as_column) {
                Some((_, key)) => Ok(Transformed::yes(Expr::OuterReferenceColumn(
                    field.clone(),
                    Column::from_name(key.column.clone()),
                ))),
                None => Err(crate::functions::external(error_at(
                    position,
                    "EXPRESSION_NOT_AGGREGATE",
                    "Subquery uses a column that must appear in GROUP BY clause",
                ))),
            }
        })
    }
}

fn display_name(field: &Field) -> String {
    let name = field
        .name
        .clone()
        .unwrap_or_else(|| "expression".to_owned());
    match field.qualifier.last() {
        Some(qualifier) => format!("{qualifier}.{name}"),
        None => name,
    }
}

/// Whether anything is aggregated.
pub(super) fn has_aggregate(expr: &Expr) -> bool {
    expr.exists(|e| Ok(matches!(e, Expr::AggregateFunction(_))))
        .unwrap_or(false)
}
