//! UNION, EXCEPT, INTERSECT.

use std::sync::Arc;

use datafusion::common::{JoinType, NullEquality};
use datafusion::functions_window::row_number::row_number_udwf;
use datafusion::logical_expr::{
    Expr, ExprFunctionExt, LogicalPlan, LogicalPlanBuilder, Union, WindowFunctionDefinition,
};

use super::expression::coerce;
use super::scope::Scope;
use super::{Analyzer, Field, Relation, error_at, plan_error, sort};
use crate::ast::{Position, QueryBody, SetOperator};
use crate::error::Error;
use crate::types::common_super_type;

impl Analyzer<'_> {
    pub(super) fn set_operation(
        &mut self,
        operator: SetOperator,
        distinct: bool,
        terms: &[QueryBody],
        position: Position,
        parent: &Arc<Scope>,
    ) -> Result<Relation, Error> {
        let relations = terms
            .iter()
            .map(|term| self.body(term, parent))
            .collect::<Result<Vec<_>, _>>()?;
        let relations = self.aligned(relations, operator, position)?;
        let fields = relations
            .first()
            .map(|r| r.fields.clone())
            .unwrap_or_default();
        let mut plans = relations.into_iter().map(|r| r.plan);
        let plan = match operator {
            SetOperator::Union => {
                let all = union_all(plans.collect())?;
                if distinct { unique(all)? } else { all }
            }
            SetOperator::Except | SetOperator::Intersect => {
                let join = match operator {
                    SetOperator::Except => JoinType::LeftAnti,
                    _ => JoinType::LeftSemi,
                };
                let first = plans.next().ok_or_else(|| Error::internal("no term"))?;
                plans.try_fold(first, |left, right| {
                    if distinct {
                        self.matching(unique(left)?, right, &fields, join)
                    } else {
                        self.matching_all(left, right, &fields, join)
                    }
                })?
            }
        };
        Ok(Relation { plan, fields })
    }

    /// The terms with columns of common types and the first one's names.
    fn aligned(
        &mut self,
        relations: Vec<Relation>,
        operator: SetOperator,
        position: Position,
    ) -> Result<Vec<Relation>, Error> {
        let what = match operator {
            SetOperator::Union => "UNION",
            SetOperator::Except => "EXCEPT",
            SetOperator::Intersect => "INTERSECT",
        };
        let Some(first) = relations.first() else {
            return Ok(relations);
        };
        let mut types: Vec<_> = first.fields.iter().map(|f| f.data_type.clone()).collect();
        for relation in &relations {
            if relation.fields.len() != types.len() {
                return Err(error_at(
                    position,
                    "TYPE_MISMATCH",
                    format!(
                        "{what} query has different number of fields: {}, {}",
                        types.len(),
                        relation.fields.len()
                    ),
                ));
            }
            for (i, (common, field)) in types.iter_mut().zip(&relation.fields).enumerate() {
                *common = common_super_type(common, &field.data_type).ok_or_else(|| {
                    error_at(
                        position,
                        "TYPE_MISMATCH",
                        format!(
                            "column {} in {what} query has incompatible types: {common}, {}",
                            i + 1,
                            field.data_type
                        ),
                    )
                })?;
            }
        }
        let fields: Vec<Field> = first
            .fields
            .clone()
            .into_iter()
            .zip(types)
            .map(|(field, data_type)| self.field(field.heading, data_type))
            .collect();
        relations
            .into_iter()
            .map(|relation| {
                let exprs: Vec<Expr> = relation
                    .fields
                    .iter()
                    .zip(&fields)
                    .map(|(from, to)| coerce(from.typed(), &to.data_type).alias(&to.column))
                    .collect();
                let plan = LogicalPlanBuilder::from(relation.plan)
                    .project(exprs)
                    .and_then(LogicalPlanBuilder::build)
                    .map_err(plan_error)?;
                Ok(Relation {
                    plan,
                    fields: fields.clone(),
                })
            })
            .collect()
    }

    /// Rows of the left that have (or have not) the same among the right.
    fn matching(
        &mut self,
        left: LogicalPlan,
        right: LogicalPlan,
        fields: &[Field],
        join: JoinType,
    ) -> Result<LogicalPlan, Error> {
        let columns: Vec<String> = fields.iter().map(|f| f.column.clone()).collect();
        self.matching_on(left, right, &columns, join)
    }

    fn matching_on(
        &mut self,
        left: LogicalPlan,
        right: LogicalPlan,
        columns: &[String],
        join: JoinType,
    ) -> Result<LogicalPlan, Error> {
        let renamed: Vec<String> = columns
            .iter()
            .map(|_| {
                self.next += 1;
                format!("c{}", self.next)
            })
            .collect();
        let right = LogicalPlanBuilder::from(right)
            .project(columns.iter().zip(&renamed).map(|(from, to)| {
                Expr::Column(datafusion::common::Column::from_name(from.clone())).alias(to)
            }))
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)?;
        let by_name = |names: &[String]| -> Vec<datafusion::common::Column> {
            names
                .iter()
                .map(|n| datafusion::common::Column::from_name(n.clone()))
                .collect()
        };
        LogicalPlanBuilder::from(left)
            .join_detailed(
                right,
                join,
                (by_name(columns), by_name(&renamed)),
                None,
                NullEquality::NullEqualsNull,
            )
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)
    }

    /// With ALL, each row counts: equal rows are numbered, and the numbers compared too.
    fn matching_all(
        &mut self,
        left: LogicalPlan,
        right: LogicalPlan,
        fields: &[Field],
        join: JoinType,
    ) -> Result<LogicalPlan, Error> {
        self.next += 1;
        let number = format!("c{}", self.next);
        let numbered = |plan: LogicalPlan| {
            let partition = fields.iter().map(|f| sort::key(&f.typed())).collect();
            let call = Expr::from(datafusion::logical_expr::expr::WindowFunction::new(
                WindowFunctionDefinition::WindowUDF(row_number_udwf()),
                Vec::new(),
            ))
            .partition_by(partition)
            .build()
            .map_err(plan_error)?;
            LogicalPlanBuilder::from(plan)
                .window([call.alias(&number)])
                .and_then(LogicalPlanBuilder::build)
                .map_err(plan_error)
        };
        let (left, right) = (numbered(left)?, numbered(right)?);
        let mut columns: Vec<String> = fields.iter().map(|f| f.column.clone()).collect();
        columns.push(number);
        let plan = self.matching_on(left, right, &columns, join)?;
        LogicalPlanBuilder::from(plan)
            .project(fields.iter().map(Field::expr))
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)
    }
}

/// The rows of plans of the same columns, one after the other.
pub(super) fn union_all(plans: Vec<LogicalPlan>) -> Result<LogicalPlan, Error> {
    let mut plans = plans.into_iter();
    let first = plans
        .next()
        .ok_or_else(|| Error::internal("a union of nothing"))?;
    let Some(second) = plans.next() else {
        return Ok(first);
    };
    let mut inputs = vec![Arc::new(first), Arc::new(second)];
    inputs.extend(plans.map(Arc::new));
    Union::try_new(inputs)
        .map(LogicalPlan::Union)
        .map_err(plan_error)
}

fn unique(plan: LogicalPlan) -> Result<LogicalPlan, Error> {
    LogicalPlanBuilder::from(plan)
        .distinct()
        .and_then(LogicalPlanBuilder::build)
        .map_err(plan_error)
}
