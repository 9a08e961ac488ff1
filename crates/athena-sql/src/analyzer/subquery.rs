//! Subqueries in expressions: each becomes a column, joined to the plan before the expression is
//! evaluated.

use std::sync::Arc;

use datafusion::common::{Column, JoinType, NullEquality};
use datafusion::functions_aggregate::count::count_udaf;
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::{AggregateUDF, Expr, LogicalPlan, LogicalPlanBuilder, lit};

use super::expression::{Context, row_of};
use super::scope::Scope;
use super::{Analyzer, Field, Relation, Typed, at, decorrelate, error_at, literal, plan_error};
use crate::ast::{self, Position, Quantifier};
use crate::error::Error;
use crate::functions::comparison::{self, Comparison};
use crate::functions::{Aggregate, Registry};
use crate::types::Type;

/// A subquery whose value stands in a column.
#[derive(Clone, Debug)]
pub struct Pending {
    /// The column that an expression already speaks of.
    pub column: String,
    /// Gives one row of one column, the value.
    pub plan: LogicalPlan,
    pub position: Position,
    /// Whether an aggregate's argument asks for it, before rows are grouped.
    pub in_aggregate: bool,
    /// Whether the subquery itself depends on rows around it.
    pub correlated: bool,
    /// Whether the value is "there are rows", folded as their number.
    exists: bool,
}

impl Analyzer<'_> {
    /// `(SELECT …)` as a value.
    pub(super) fn scalar_subquery(
        &mut self,
        query: &ast::Query,
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let (relation, mut value) = self.subquery_value(query, position, cx)?;
        let mut name = "$single";
        if let (Type::Row(of_row), [_, _, ..]) = (&mut value.data_type, relation.fields.as_slice())
        {
            name = "$single_row";
            for (part, column) in of_row.iter_mut().zip(&relation.fields) {
                part.name.clone_from(&column.name);
            }
        }
        let fold = fold(name, value.expr.clone(), &value.data_type)?;
        self.pend(relation.plan, fold, value.data_type, position, false, cx)
    }

    pub(super) fn exists(&mut self, query: &ast::Query, cx: &mut Context) -> Result<Typed, Error> {
        let scope = Arc::clone(&cx.scope);
        let relation = self.query(query, &scope)?;
        let count = Expr::AggregateFunction(AggregateFunction::new_udf(
            count_udaf(),
            vec![lit(1_i64)],
            false,
            None,
            Vec::new(),
            None,
        ));
        self.pend(
            relation.plan,
            count,
            Type::Boolean,
            query.position,
            true,
            cx,
        )
    }

    /// `value op ANY (SELECT …)`, of which IN is one.
    pub(super) fn quantified(
        &mut self,
        operator: Comparison,
        quantifier: Quantifier,
        value: Typed,
        query: &ast::Query,
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let (relation, candidate) = self.subquery_value(query, position, cx)?;
        let candidate = as_row_where(&value, candidate);
        // Within the subquery the value comes from around it.
        let seen = Typed::new(
            decorrelate::as_outer(value.expr, &self.columns)?,
            value.data_type,
        );
        let holds = comparison::compare(operator, seen, candidate).map_err(at(position))?;
        let name = match quantifier {
            Quantifier::Any => "$any",
            Quantifier::All => "$all",
        };
        let fold = fold(name, holds.expr, &Type::Boolean)?;
        self.pend(relation.plan, fold, Type::Boolean, position, false, cx)
    }

    /// A subquery and its single column; several columns are one row.
    fn subquery_value(
        &mut self,
        query: &ast::Query,
        position: Position,
        cx: &mut Context,
    ) -> Result<(Relation, Typed), Error> {
        let scope = Arc::clone(&cx.scope);
        let relation = self.query(query, &scope)?;
        let value = match relation.fields.as_slice() {
            [] => {
                return Err(error_at(
                    position,
                    "NOT_SUPPORTED",
                    "Subquery without columns",
                ));
            }
            [field] => field.typed(),
            fields => row_of(fields.iter().map(Field::typed).collect()),
        };
        Ok((relation, value))
    }

    fn pend(
        &mut self,
        plan: LogicalPlan,
        fold: Expr,
        data_type: Type,
        position: Position,
        exists: bool,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let field = self.field(None, data_type);
        let correlated = decorrelate::has_outer(&plan)?;
        // The fold is part of the subquery: it may speak of columns around it, too.
        let plan = LogicalPlanBuilder::from(plan)
            .aggregate(Vec::<Expr>::new(), [fold.alias(&field.column)])
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)?;
        cx.pending.push(Pending {
            column: field.column.clone(),
            plan,
            position,
            in_aggregate: cx.in_aggregate,
            correlated,
            exists,
        });
        Ok(field.typed())
    }

    /// Joins subqueries' values to a relation's rows.
    pub(super) fn attach(
        &mut self,
        mut relation: Relation,
        pending: Vec<Pending>,
    ) -> Result<Relation, Error> {
        for subquery in pending {
            relation.plan = self.attach_one(relation.plan, subquery)?;
        }
        Ok(relation)
    }

    fn attach_one(&mut self, plan: LogicalPlan, subquery: Pending) -> Result<LogicalPlan, Error> {
        let folded = subquery.plan;
        let kept: Vec<Expr> = plan
            .schema()
            .columns()
            .into_iter()
            .map(Expr::Column)
            .collect();
        let correlation = decorrelate::outer_columns(&folded, plan.schema())?;
        let joined = if correlation.is_empty() {
            LogicalPlanBuilder::from(plan)
                .cross_join(folded)
                .and_then(LogicalPlanBuilder::build)
                .map_err(plan_error)?
        } else {
            let domain = self.domain(&plan, &correlation)?;
            let (inner, keys) = self.dependent(folded, &domain)?;
            let outer: Vec<Column> = correlation
                .iter()
                .map(|c| Column::from_name(c.clone()))
                .collect();
            let keys: Vec<Column> = keys.into_iter().map(Column::from_name).collect();
            LogicalPlanBuilder::from(plan)
                .join_detailed(
                    inner,
                    JoinType::Left,
                    (outer, keys),
                    None,
                    NullEquality::NullEqualsNull,
                )
                .and_then(LogicalPlanBuilder::build)
                .map_err(plan_error)?
        };
        let value = Expr::Column(Column::from_name(subquery.column.clone()));
        // A domain holds every outer row, so that a value is always found.
        let value = if subquery.exists {
            value.gt(lit(0_i64))
        } else {
            value
        };
        let value = value.alias(&subquery.column);
        LogicalPlanBuilder::from(joined)
            .project(kept.into_iter().chain([value]))
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)
    }

    /// `value IN (SELECT …)` as a semi-join; `None` where the subquery depends on the row.
    pub(super) fn semi_join(
        &mut self,
        relation: &Relation,
        value: &ast::Expression,
        query: &ast::Query,
        scope: &Arc<Scope>,
        position: Position,
    ) -> Result<Option<Relation>, Error> {
        let mut cx = Context::plain(Arc::clone(scope), "WHERE clause");
        let value = self.expression(value, &mut cx)?;
        let (subquery, candidate) = self.subquery_value(query, position, &mut cx)?;
        if decorrelate::has_outer(&subquery.plan)? || !cx.pending.is_empty() {
            return Ok(None);
        }
        let candidate = as_row_where(&value, candidate);
        let condition =
            comparison::compare(Comparison::Equal, value, candidate).map_err(at(position))?;
        let plan = LogicalPlanBuilder::from(relation.plan.clone())
            .join_on(subquery.plan, JoinType::LeftSemi, [condition.expr])
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)?;
        Ok(Some(Relation {
            plan,
            fields: relation.fields.clone(),
        }))
    }

    /// Joins a relation with one that depends on its rows: LATERAL.
    pub(super) fn lateral_join(
        &mut self,
        left: Relation,
        right: Relation,
        join: JoinType,
        condition: Option<Expr>,
    ) -> Result<Relation, Error> {
        let correlation = decorrelate::outer_columns(&right.plan, left.plan.schema())?;
        let mut on = Vec::new();
        let right_plan = if correlation.is_empty() {
            right.plan
        } else {
            let domain = self.domain(&left.plan, &correlation)?;
            let (inner, keys) = self.dependent(right.plan, &domain)?;
            for (outer, key) in correlation.iter().zip(keys) {
                on.push((outer.clone(), key));
            }
            inner
        };
        let fields: Vec<Field> = left.fields.into_iter().chain(right.fields).collect();
        let (outer, keys): (Vec<Column>, Vec<Column>) = on
            .into_iter()
            .map(|(a, b)| (Column::from_name(a), Column::from_name(b)))
            .unzip();
        let condition = match (&condition, outer.is_empty(), join) {
            (None, true, JoinType::Inner) => None,
            (None, true, _) => Some(literal::boolean(true)?.expr),
            _ => condition,
        };
        let plan = LogicalPlanBuilder::from(left.plan)
            .join_detailed(
                right_plan,
                join,
                (outer, keys),
                condition,
                NullEquality::NullEqualsNull,
            )
            .and_then(|b| b.project(fields.iter().map(Field::expr)))
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)?;
        Ok(Relation { plan, fields })
    }
}

/// A subquery's one column as a row of one field, where it is compared with such a row.
fn as_row_where(value: &Typed, candidate: Typed) -> Typed {
    match (&value.data_type, &candidate.data_type) {
        (_, Type::Row(_)) => candidate,
        (Type::Row(fields), _) if fields.len() == 1 => row_of(vec![candidate]),
        _ => candidate,
    }
}

/// An aggregate of ours over one expression.
fn fold(name: &str, argument: Expr, data_type: &Type) -> Result<Expr, Error> {
    let function = Registry::get()
        .named(name)
        .first()
        .ok_or_else(|| Error::internal(format!("no function {name}")))?;
    let aggregate = Aggregate::new(
        Arc::clone(function),
        vec![data_type.clone()],
        data_type.clone(),
    );
    Ok(Expr::AggregateFunction(AggregateFunction::new_udf(
        Arc::new(AggregateUDF::from(aggregate)),
        vec![argument],
        false,
        None,
        Vec::new(),
        None,
    )))
}
