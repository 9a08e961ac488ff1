//! SELECT … FROM … WHERE … GROUP BY … HAVING, with the ORDER BY and LIMIT that belong to it.

use std::collections::HashMap;

use datafusion::functions::core::expr_fn::get_field;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};

use super::aggregation::{Grouping, Groups, Selected, has_aggregate};
use super::expression::Context;
use super::name::{heading_of, path_of};
use super::scope::Scope;
use super::subquery::{Pending, spoken_of};
use super::{Analyzer, Field, Relation, Typed, error_at, plan_error, sort};
use crate::ast::{Expression, ExpressionKind, Position, Query, QuerySpecification, SelectItem};
use crate::error::Error;
use crate::types::Type;
use crate::types::arrow::field_name;
use std::sync::Arc;

/// A column of the select list.
struct Output {
    /// The place in the list of the item that it is of.
    item: usize,
    /// As it is written.
    heading: Option<String>,
    typed: Typed,
    position: Position,
}

impl Analyzer<'_> {
    /// Analyses a specification together with what its query adds to it.
    pub(super) fn select(
        &mut self,
        written: &QuerySpecification,
        query: Option<&Query>,
        parent: &Arc<Scope>,
    ) -> Result<Relation, Error> {
        let mut relation = self.from(&written.from, parent)?;
        let scope = Scope::of(&relation, parent);
        if let Some(filter) = &written.filter {
            relation = self.filter_rows(relation, filter, &scope, "WHERE clause")?;
        }

        let mut cx = Context::new(Arc::clone(&scope));
        cx.windows.clone_from(&written.windows);
        let mut outputs = self.outputs(&written.select, &relation, &mut cx)?;
        let mut having = match &written.having {
            None => None,
            Some(having) => {
                let expr = self.boolean(having, &mut cx, "HAVING clause")?;
                if super::window::has_window(&expr) {
                    return Err(error_at(
                        having.position,
                        "NESTED_WINDOW",
                        "HAVING clause cannot contain window functions",
                    ));
                }
                Some((Typed::new(expr, Type::Boolean), having.position))
            }
        };
        let order_by = query.map_or(&[][..], |q| q.order_by.as_slice());
        let mut keys = self.order_keys(order_by, &outputs, &mut cx)?;

        let mut grouping = Grouping::default();
        if let Some(group_by) = &written.group_by {
            let mut group_cx = Context::plain(Arc::clone(&scope), "GROUP BY clause");
            let selected = selected(&written.select, &outputs);
            grouping = self.grouping_of(group_by, &selected, &mut group_cx)?;
            let of_keys = grouping.keys.iter().map(|key| &key.expr);
            let (mut before, after) = spoken_of(of_keys, std::mem::take(&mut cx.pending))?;
            cx.pending = after;
            before.append(&mut group_cx.pending);
            relation = self.attach(relation, before)?;
        }
        let aggregated = written.group_by.is_some()
            || having.is_some()
            || outputs.iter().any(|o| has_aggregate(&o.typed.expr))
            || keys.iter().any(|(k, _)| has_aggregate(&k.expr));
        let mut pending = std::mem::take(&mut cx.pending);
        if aggregated {
            let (before, after): (Vec<_>, Vec<_>) =
                pending.into_iter().partition(|p| p.in_aggregate);
            pending = after;
            relation = self.attach(relation, before)?;
            let groups = self.group(
                &mut relation,
                &grouping,
                &cx,
                &mut outputs,
                &mut having,
                &mut keys,
                &pending,
            )?;
            for p in &mut pending {
                p.plan = groups.rewrite_outer(p.plan.clone(), p.position)?;
                if let Some((value, _)) = &mut p.key {
                    let over_rows = Typed::new(value.clone(), Type::Unknown);
                    *value = groups.rewrite(over_rows, p.position)?.expr;
                }
            }
        } else if !cx.groupings.is_empty() {
            return Err(error_at(
                written.position,
                "MISSING_GROUP_BY",
                "A GROUPING() operation can only be used with a corresponding GROUPING SET/CUBE/ROLLUP/GROUP BY clause",
            ));
        }
        let (mut after_windows, pending): (Vec<_>, Vec<_>) =
            pending.into_iter().partition(Pending::is_after_windows);
        relation = self.attach(relation, pending)?;
        if let Some((having, _)) = having {
            relation.plan = LogicalPlanBuilder::from(relation.plan)
                .filter(having.expr)
                .and_then(LogicalPlanBuilder::build)
                .map_err(plan_error)?;
        }
        let mut windowed: Vec<&mut Expr> = outputs
            .iter_mut()
            .map(|o| &mut o.typed.expr)
            .chain(keys.iter_mut().map(|(k, _)| &mut k.expr))
            .collect();
        let of_subqueries = after_windows.iter_mut().filter_map(|p| p.key.as_mut());
        windowed.extend(of_subqueries.map(|(value, _)| value));
        relation.plan = self.window_plan(relation.plan, &mut windowed)?;
        relation = self.attach(relation, after_windows)?;
        self.project(relation, written.distinct, outputs, keys, order_by, query)
    }

    fn group(
        &mut self,
        relation: &mut Relation,
        grouping: &Grouping,
        cx: &Context,
        outputs: &mut [Output],
        having: &mut Option<(Typed, Position)>,
        keys: &mut [(Typed, Position)],
        pending: &[Pending],
    ) -> Result<Groups, Error> {
        let mut expressions: Vec<&Expr> = outputs.iter().map(|o| &o.typed.expr).collect();
        expressions.extend(having.iter().map(|(h, _)| &h.expr));
        expressions.extend(keys.iter().map(|(k, _)| &k.expr));
        let of_subqueries = pending.iter().filter_map(|p| p.key.as_ref());
        expressions.extend(of_subqueries.map(|(value, _)| value));
        let (plan, groups) =
            self.aggregate(relation.clone(), grouping, &cx.groupings, &expressions)?;
        relation.plan = plan;
        for output in outputs {
            output.typed = groups.rewrite(output.typed.clone(), output.position)?;
        }
        if let Some((having, position)) = having {
            *having = groups.rewrite(having.clone(), *position)?;
        }
        for (key, position) in keys {
            *key = groups.rewrite(key.clone(), *position)?;
        }
        Ok(groups)
    }

    fn outputs(
        &mut self,
        select: &[SelectItem],
        relation: &Relation,
        cx: &mut Context,
    ) -> Result<Vec<Output>, Error> {
        let mut outputs = Vec::new();
        for (i, item) in select.iter().enumerate() {
            match item {
                SelectItem::Expression { expression, alias } => {
                    let typed = self.expression(expression, cx)?;
                    let heading = match alias {
                        Some(alias) => Some(alias.value.clone()),
                        None => heading_of(expression),
                    };
                    outputs.push(Output {
                        item: i,
                        heading,
                        typed,
                        position: expression.position,
                    });
                }
                SelectItem::All {
                    position,
                    target,
                    aliases,
                } => {
                    let mut all = match target {
                        None => {
                            if relation.fields.is_empty() {
                                return Err(error_at(
                                    *position,
                                    "COLUMN_NOT_FOUND",
                                    "SELECT * not allowed in queries without FROM clause",
                                ));
                            }
                            relation
                                .fields
                                .iter()
                                .filter(|f| !f.is_hidden)
                                .map(|f| (f.heading.clone(), f.typed()))
                                .collect()
                        }
                        Some(target) => self.all_of(target, cx)?,
                    };
                    if !aliases.is_empty() {
                        if aliases.len() != all.len() {
                            return Err(error_at(
                                *position,
                                "MISMATCHED_COLUMN_ALIASES",
                                format!(
                                    "Column alias list has {} entries but relation has {} columns",
                                    aliases.len(),
                                    all.len()
                                ),
                            ));
                        }
                        for (column, alias) in all.iter_mut().zip(aliases) {
                            column.0 = Some(alias.value.clone());
                        }
                    }
                    outputs.extend(all.into_iter().map(|(heading, typed)| Output {
                        item: i,
                        heading,
                        typed,
                        position: *position,
                    }));
                }
            }
        }
        Ok(outputs)
    }

    /// `t.*` and `row.*`.
    fn all_of(
        &mut self,
        target: &Expression,
        cx: &mut Context,
    ) -> Result<Vec<(Option<String>, Typed)>, Error> {
        if let Some(path) = path_of(target)
            && let Some(fields) = cx.scope.relation(&path)
        {
            return Ok(fields.into_iter().map(|(f, t)| (f.heading, t)).collect());
        }
        let typed = match self.expression(target, cx) {
            Err(e) if e.code == "COLUMN_NOT_FOUND" => {
                return Err(error_at(
                    target.position,
                    "TABLE_NOT_FOUND",
                    format!(
                        "Unable to resolve reference {}",
                        path_of(target).unwrap_or_default().join(".")
                    ),
                ));
            }
            other => other?,
        };
        let Type::Row(fields) = &typed.data_type else {
            return Err(error_at(
                target.position,
                "TYPE_MISMATCH",
                "expected expression of type Row",
            ));
        };
        Ok(fields
            .iter()
            .enumerate()
            .map(|(i, field)| {
                (
                    field.name.clone(),
                    Typed::new(
                        get_field(typed.expr.clone(), field_name(i)),
                        field.data_type.clone(),
                    ),
                )
            })
            .collect())
    }

    /// ORDER BY's keys: numbers and names of the select list before columns.
    fn order_keys(
        &mut self,
        order_by: &[crate::ast::SortItem],
        outputs: &[Output],
        cx: &mut Context,
    ) -> Result<Vec<(Typed, Position)>, Error> {
        // A name that stands twice in the list means neither, unless both are the same.
        let mut named: HashMap<String, Vec<&Typed>> = HashMap::new();
        for output in outputs {
            if let Some(heading) = &output.heading {
                let name = heading.to_lowercase();
                named.entry(name).or_default().push(&output.typed);
            }
        }
        for (name, meant) in named {
            if meant.iter().all(|typed| typed.expr == meant[0].expr) {
                cx.aliases.push((name, meant[0].clone()));
            }
        }
        let keys = order_by
            .iter()
            .map(|item| {
                let position = item.expression.position;
                let key = match &item.expression.kind {
                    ExpressionKind::Integer(n) => usize::try_from(n - 1)
                        .ok()
                        .and_then(|i| outputs.get(i))
                        .map(|o| o.typed.clone())
                        .ok_or_else(|| {
                            error_at(
                                position,
                                "INVALID_COLUMN_REFERENCE",
                                format!("ORDER BY position {n} is not in select list"),
                            )
                        })?,
                    _ => self.expression(&item.expression, cx)?,
                };
                if !key.data_type.is_orderable() {
                    return Err(error_at(
                        position,
                        "TYPE_MISMATCH",
                        format!(
                            "Type {} is not orderable, and therefore cannot be used in ORDER BY",
                            key.data_type
                        ),
                    ));
                }
                Ok((key, position))
            })
            .collect();
        cx.aliases.clear();
        keys
    }

    fn project(
        &mut self,
        relation: Relation,
        distinct: bool,
        outputs: Vec<Output>,
        keys: Vec<(Typed, Position)>,
        order_by: &[crate::ast::SortItem],
        query: Option<&Query>,
    ) -> Result<Relation, Error> {
        let mut fields: Vec<Field> = Vec::new();
        let mut projected: Vec<Expr> = Vec::new();
        let sources: Vec<Expr> = outputs.iter().map(|o| o.typed.expr.clone()).collect();
        for output in outputs {
            if distinct && !output.typed.data_type.is_comparable() {
                return Err(error_at(
                    output.position,
                    "TYPE_MISMATCH",
                    format!(
                        "DISTINCT can only be applied to comparable types (actual: {})",
                        output.typed.data_type
                    ),
                ));
            }
            let field = self.field(output.heading, output.typed.data_type);
            projected.push(output.typed.expr.alias(&field.column));
            fields.push(field);
        }
        let mut sorted = Vec::new();
        for ((key, position), item) in keys.into_iter().zip(order_by) {
            let typed = match sources.iter().position(|s| *s == key.expr) {
                Some(i) => fields[i].typed(),
                None if distinct => {
                    return Err(error_at(
                        position,
                        "EXPRESSION_NOT_IN_DISTINCT",
                        "For SELECT DISTINCT, ORDER BY expressions must appear in select list",
                    ));
                }
                None => {
                    let field = self.field(None, key.data_type);
                    projected.push(key.expr.alias(&field.column));
                    field.typed()
                }
            };
            sorted.push(sort::item(&typed, item));
        }
        let extended = projected.len() > fields.len();
        let mut builder = LogicalPlanBuilder::from(relation.plan)
            .project(projected)
            .map_err(plan_error)?;
        if distinct {
            builder = builder.distinct().map_err(plan_error)?;
        }
        let mut relation = Relation {
            plan: builder.build().map_err(plan_error)?,
            fields,
        };
        if let Some(query) = query {
            relation.plan = self.sort_and_limit(relation.plan, sorted, query)?;
        }
        if extended {
            relation.plan = LogicalPlanBuilder::from(relation.plan)
                .project(relation.fields.iter().map(Field::expr))
                .and_then(LogicalPlanBuilder::build)
                .map_err(plan_error)?;
        }
        Ok(relation)
    }

    /// Keeps the rows that fulfil a condition. `x IN (SELECT …)` among its terms becomes a join.
    ///
    /// Terms without a subquery come first, so that what subqueries ask of the rows is asked of those
    /// that are left.
    pub(super) fn filter_rows(
        &mut self,
        mut relation: Relation,
        filter: &Expression,
        scope: &Arc<Scope>,
        clause: &'static str,
    ) -> Result<Relation, Error> {
        let terms = match &filter.kind {
            ExpressionKind::And(terms) => terms.as_slice(),
            _ => std::slice::from_ref(filter),
        };
        let mut plain = Vec::new();
        let mut semi_joins = Vec::new();
        let mut pending = Vec::new();
        let mut conditions = Vec::new();
        for term in terms {
            if let ExpressionKind::InSubquery {
                value,
                query,
                negated: false,
            } = &term.kind
                && let Some(semi_join) =
                    self.semi_join(&relation, value, query, scope, term.position)?
            {
                semi_joins.push(semi_join);
                continue;
            }
            let mut cx = Context::plain(Arc::clone(scope), clause);
            let condition = self.boolean(term, &mut cx, clause)?;
            if cx.pending.is_empty() {
                plain.push(condition);
            } else {
                pending.append(&mut cx.pending);
                conditions.push(condition);
            }
        }
        relation.plan = filtered(relation.plan, plain)?;
        for semi_join in semi_joins {
            relation = semi_join.of(relation)?;
        }
        relation = self.attach(relation, pending)?;
        relation.plan = filtered(relation.plan, conditions)?;
        Ok(relation)
    }
}

/// The rows that fulfil all conditions.
fn filtered(plan: LogicalPlan, conditions: Vec<Expr>) -> Result<LogicalPlan, Error> {
    let Some(condition) = datafusion::logical_expr::utils::conjunction(conditions) else {
        return Ok(plan);
    };
    LogicalPlanBuilder::from(plan)
        .filter(condition)
        .and_then(LogicalPlanBuilder::build)
        .map_err(plan_error)
}

/// What the items of the select list mean.
fn selected<'a>(select: &'a [SelectItem], outputs: &'a [Output]) -> Vec<Selected<'a>> {
    let mut selected: Vec<Selected> = vec![None; select.len()];
    for output in outputs {
        if let Some(SelectItem::Expression { expression, .. }) = select.get(output.item) {
            selected[output.item] = Some((expression, &output.typed));
        }
    }
    selected
}
