//! `value IN (SELECT …)`, `= ANY`, `> ALL`: answered by keys that are joined and by facts of the
//! subquery, and not by comparing each value with each row.
//!
//! IN asks whether the subquery has the value's key. An order asks how the value compares with the
//! least or the greatest row. Both ask how many rows there are, and how many that are not NULL,
//! which make the difference between FALSE, TRUE and NULL. (Trino's
//! `TransformQuantifiedComparisonApplyToCorrelatedJoin` and `HashSemiJoinOperator`.)

use std::sync::Arc;

use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::common::{Column, JoinType, ScalarValue};
use datafusion::functions::core::expr_fn::get_field;
use datafusion::functions_aggregate::count::count_udaf;
use datafusion::functions_aggregate::min_max::{max_udaf, min_udaf};
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::{AggregateUDF, Expr, LogicalPlan, LogicalPlanBuilder, lit};

use super::case::choose;
use super::expression::{Context, coerce, row_of};
use super::scope::Scope;
use super::subquery::{Kind, Pending, fold};
use super::{Analyzer, Field, Relation, Typed, at, decorrelate, plan_error};
use crate::ast::{self, Position, Quantifier};
use crate::error::Error;
use crate::functions::comparison::{self, Comparison};
use crate::types::arrow::field_name;
use crate::types::{Type, common_super_type};

/// Tables and lists of values of a subquery up to which it is read twice: each IN within an IN doubles
/// them, and what is wider is read once and compared row by row.
const MOST_LEAVES_READ_TWICE: usize = 16;

/// A value and what a subquery's rows are compared with it by, in the type that holds both.
struct Sides {
    value: Typed,
    candidate: Typed,
    /// Of the candidate.
    key: Typed,
}

/// How many rows a subquery has, how many that are not NULL, and how many that have a key, which a
/// NaN has not.
struct Counts {
    rows: Typed,
    known: Typed,
    ordered: Typed,
}

/// `value IN (SELECT …)` of a WHERE clause, as a join that keeps the rows of which it is true.
pub(super) struct SemiJoin {
    plan: LogicalPlan,
    conditions: Vec<Expr>,
}

impl Analyzer<'_> {
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
        // Types that cannot be compared are refused in the operator's words.
        comparison::compare(operator, value.clone(), candidate.clone()).map_err(at(position))?;
        let plan = relation.plan;
        // IN reads its subquery twice, which not every subquery allows.
        let is_read_twice = matches!(
            (operator, quantifier),
            (Comparison::Equal, Quantifier::Any) | (Comparison::NotEqual, Quantifier::All)
        );
        let is_too_wide = is_read_twice && leaves_of(&plan)? > MOST_LEAVES_READ_TWICE;
        let sides = if is_too_wide || self.reads_step_before(&plan)? {
            None
        } else {
            sides(&value, &candidate)
        };
        let Some(sides) = sides else {
            return self.row_by_row(operator, quantifier, value, plan, candidate, position, cx);
        };
        let is_orderable = sides.value.data_type.is_orderable();
        let expr = match (operator, quantifier) {
            (Comparison::Equal, Quantifier::Any) => self.is_member(plan, sides, position, cx)?,
            (Comparison::NotEqual, Quantifier::All) => {
                !self.is_member(plan, sides, position, cx)?
            }
            (Comparison::Equal, Quantifier::All) if is_orderable => {
                self.is_every(plan, sides, position, cx)?
            }
            (Comparison::NotEqual, Quantifier::Any) if is_orderable => {
                !self.is_every(plan, sides, position, cx)?
            }
            (Comparison::Equal | Comparison::NotEqual, _) => {
                return self.row_by_row(operator, quantifier, value, plan, candidate, position, cx);
            }
            (_, Quantifier::Any) => self.is_before_any(operator, plan, sides, position, cx)?,
            (_, Quantifier::All) => self.is_before_all(operator, plan, sides, position, cx)?,
        };
        Ok(Typed::new(expr, Type::Boolean))
    }

    /// Folds what each row's comparison gives: of rows, arrays and maps, which have no keys, and of
    /// the rows of a recursive query's step.
    fn row_by_row(
        &mut self,
        operator: Comparison,
        quantifier: Quantifier,
        value: Typed,
        plan: LogicalPlan,
        candidate: Typed,
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
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
        self.pend(plan, fold, Type::Boolean, position, Kind::Folded, cx)
    }

    /// `= ANY`.
    fn is_member(
        &mut self,
        plan: LogicalPlan,
        sides: Sides,
        position: Position,
        cx: &mut Context,
    ) -> Result<Expr, Error> {
        let value = sides.value.expr.clone();
        let mark = self.mark(&plan, &sides, position, cx)?;
        let (counts, _) = self.facts(plan, &sides, &[], position, cx)?;
        let rows = counts.rows.expr;
        Ok(choose(
            vec![
                (rows.clone().eq(lit(0_i64)), lit(false)),
                (value.is_null(), unknown()),
                (mark.is_not_null(), lit(true)),
                (counts.known.expr.lt(rows), unknown()),
            ],
            lit(false),
        ))
    }

    /// `= ALL`: the least and the greatest row are the value.
    fn is_every(
        &mut self,
        plan: LogicalPlan,
        sides: Sides,
        position: Position,
        cx: &mut Context,
    ) -> Result<Expr, Error> {
        let ends = [min_udaf(), max_udaf()];
        let (counts, ends) = self.facts(plan, &sides, &ends, position, cx)?;
        let mut differs = Vec::new();
        for end in ends {
            let value = sides.value.clone();
            let other = comparison::compare_with_key(Comparison::NotEqual, value, end);
            differs.push((other.map_err(at(position))?.expr, lit(false)));
        }
        Ok(of_all(counts, sides.value.expr, differs))
    }

    /// `< ANY`, `>= ANY`.
    fn is_before_any(
        &mut self,
        operator: Comparison,
        plan: LogicalPlan,
        sides: Sides,
        position: Position,
        cx: &mut Context,
    ) -> Result<Expr, Error> {
        let end = if is_upwards(operator) {
            max_udaf()
        } else {
            min_udaf()
        };
        let (counts, ends) = self.facts(plan, &sides, &[end], position, cx)?;
        let rows = counts.rows.expr;
        let value = sides.value.expr.clone();
        let mut whens = vec![
            (rows.clone().eq(lit(0_i64)), lit(false)),
            (value.is_null(), unknown()),
        ];
        for end in ends {
            let holds = comparison::compare_with_key(operator, sides.value.clone(), end);
            whens.push((holds.map_err(at(position))?.expr, lit(true)));
        }
        whens.push((counts.known.expr.lt(rows), unknown()));
        Ok(choose(whens, lit(false)))
    }

    /// `< ALL`, `>= ALL`.
    fn is_before_all(
        &mut self,
        operator: Comparison,
        plan: LogicalPlan,
        sides: Sides,
        position: Position,
        cx: &mut Context,
    ) -> Result<Expr, Error> {
        let end = if is_upwards(operator) {
            min_udaf()
        } else {
            max_udaf()
        };
        let (counts, ends) = self.facts(plan, &sides, &[end], position, cx)?;
        let mut fails = Vec::new();
        for end in ends {
            let holds = comparison::compare_with_key(operator, sides.value.clone(), end);
            fails.push((!holds.map_err(at(position))?.expr, lit(false)));
        }
        Ok(of_all(counts, sides.value.expr, fails))
    }

    /// A column that is not NULL where the subquery has the value's key.
    fn mark(
        &mut self,
        plan: &LogicalPlan,
        sides: &Sides,
        position: Position,
        cx: &mut Context,
    ) -> Result<Expr, Error> {
        let of_value = comparison::key(&sides.value)
            .ok_or_else(|| Error::internal("a value without a key"))?;
        let field = self.field(None, sides.key.data_type.clone());
        let marks = LogicalPlanBuilder::from(plan.clone())
            .project([sides.key.expr.clone().alias(&field.column)])
            .and_then(|b| b.filter(field.expr().is_not_null()))
            .and_then(LogicalPlanBuilder::distinct)
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)?;
        cx.pending.push(Pending {
            columns: vec![field.column.clone()],
            correlated: decorrelate::has_outer(&marks)?,
            plan: marks,
            position,
            in_aggregate: cx.in_aggregate,
            key: Some((of_value.expr, field.column.clone())),
            compared: Some(sides.value.expr.clone()),
            kind: Kind::Mark,
        });
        Ok(field.expr())
    }

    /// How many rows a subquery has, and the ends of its keys: each NULL where it has no key.
    fn facts(
        &mut self,
        plan: LogicalPlan,
        sides: &Sides,
        ends: &[Arc<AggregateUDF>],
        position: Position,
        cx: &mut Context,
    ) -> Result<(Counts, Vec<Typed>), Error> {
        let key = &sides.key;
        let mut facts = vec![
            (aggregate(count_udaf(), lit(1_i64)), Type::Bigint),
            (
                aggregate(count_udaf(), sides.candidate.expr.clone()),
                Type::Bigint,
            ),
            (aggregate(count_udaf(), key.expr.clone()), Type::Bigint),
        ];
        for end in ends {
            let end = aggregate(Arc::clone(end), key.expr.clone());
            facts.push((end, key.data_type.clone()));
        }
        let mut fields = Vec::new();
        let mut aggregates = Vec::new();
        for (fact, data_type) in facts {
            let field = self.field(None, data_type);
            aggregates.push(fact.alias(&field.column));
            fields.push(field);
        }
        let mut values = fields.iter().map(Field::typed);
        let (Some(rows), Some(known), Some(ordered)) =
            (values.next(), values.next(), values.next())
        else {
            return Err(Error::internal("a subquery without its counts"));
        };
        let counts = Counts {
            rows,
            known,
            ordered,
        };
        let ends = values.collect();
        let plan = LogicalPlanBuilder::from(plan)
            .aggregate(Vec::<Expr>::new(), aggregates)
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)?;
        cx.pending.push(Pending {
            columns: fields.into_iter().map(|field| field.column).collect(),
            correlated: decorrelate::has_outer(&plan)?,
            plan,
            position,
            in_aggregate: cx.in_aggregate,
            key: None,
            compared: Some(sides.value.expr.clone()),
            kind: Kind::Facts,
        });
        Ok((counts, ends))
    }

    /// `value IN (SELECT …)` as a semi-join; `None` where the subquery depends on rows around it by
    /// more than equalities.
    pub(super) fn semi_join(
        &mut self,
        relation: &Relation,
        value: &ast::Expression,
        query: &ast::Query,
        scope: &Arc<Scope>,
        position: Position,
    ) -> Result<Option<SemiJoin>, Error> {
        let mut cx = Context::plain(Arc::clone(scope), "WHERE clause");
        let value = self.expression(value, &mut cx)?;
        let (subquery, candidate) = self.subquery_value(query, position, &mut cx)?;
        if !cx.pending.is_empty() {
            return Ok(None);
        }
        let candidate = as_row_where(&value, candidate);
        let mut conditions = keys_of_rows(&value, &candidate).map_err(at(position))?;
        let same =
            comparison::compare(Comparison::Equal, value, candidate).map_err(at(position))?;
        conditions.push(same.expr);
        let outer = decorrelate::outer_columns(&subquery.plan, relation.plan.schema())?;
        let Some(keyed) = self.keyed(&subquery.plan, &outer)? else {
            return Ok(None);
        };
        // An aggregate gives a row for keys that are not there, too.
        let has_row_of_nothing = keyed.folds > 0 && !outer.is_empty();
        if has_row_of_nothing || decorrelate::has_outer(&keyed.plan)? {
            return Ok(None);
        }
        for (around, key) in keyed.pairs {
            conditions.push(around.eq(Expr::Column(Column::from_name(key))));
        }
        Ok(Some(SemiJoin {
            plan: keyed.plan,
            conditions,
        }))
    }
}

impl SemiJoin {
    /// The rows that the subquery has.
    pub fn of(self, relation: Relation) -> Result<Relation, Error> {
        let plan = LogicalPlanBuilder::from(relation.plan)
            .join_on(self.plan, JoinType::LeftSemi, self.conditions)
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)?;
        Ok(Relation {
            plan,
            fields: relation.fields,
        })
    }
}

/// Both in one type, if its values have keys.
fn sides(value: &Typed, candidate: &Typed) -> Option<Sides> {
    let common = common_super_type(&value.data_type, &candidate.data_type)?;
    let [value, candidate] =
        [value, candidate].map(|side| Typed::new(coerce(side.clone(), &common), common.clone()));
    let key = comparison::key(&candidate)?;
    Some(Sides {
        value,
        candidate,
        key,
    })
}

/// Equalities by which rows of several columns that are the same are found.
fn keys_of_rows(value: &Typed, candidate: &Typed) -> Result<Vec<Expr>, Error> {
    let (Type::Row(of_value), Type::Row(of_candidate)) = (&value.data_type, &candidate.data_type)
    else {
        return Ok(Vec::new());
    };
    let mut keys = Vec::new();
    for (i, (a, b)) in of_value.iter().zip(of_candidate).enumerate() {
        let part = |row: &Typed, data_type: &Type| {
            Typed::new(
                get_field(row.expr.clone(), field_name(i)),
                data_type.clone(),
            )
        };
        let (a, b) = (part(value, &a.data_type), part(candidate, &b.data_type));
        if let Some(sides) = sides(&a, &b)
            && let Some(of_value) = comparison::key(&sides.value)
        {
            keys.push(comparison::compare(Comparison::Equal, of_value, sides.key)?.expr);
        }
    }
    Ok(keys)
}

/// What ALL gives: FALSE where one of the conditions holds or a NaN is among the rows.
fn of_all(counts: Counts, value: Expr, fails: Vec<(Expr, Expr)>) -> Expr {
    let (rows, known) = (counts.rows.expr, counts.known.expr);
    let mut whens = vec![
        (rows.clone().eq(lit(0_i64)), lit(true)),
        (value.is_null(), unknown()),
    ];
    whens.extend(fails);
    whens.push((counts.ordered.expr.lt(known.clone()), lit(false)));
    whens.push((known.lt(rows), unknown()));
    choose(whens, lit(true))
}

/// Whether the greatest of the rows is the easiest to fulfil it.
fn is_upwards(operator: Comparison) -> bool {
    matches!(operator, Comparison::Less | Comparison::LessOrEqual)
}

fn unknown() -> Expr {
    lit(ScalarValue::Boolean(None))
}

fn aggregate(function: Arc<AggregateUDF>, argument: Expr) -> Expr {
    Expr::AggregateFunction(AggregateFunction::new_udf(
        function,
        vec![argument],
        false,
        None,
        Vec::new(),
        None,
    ))
}

/// A subquery's one column as a row of one field, where it is compared with such a row.
fn as_row_where(value: &Typed, candidate: Typed) -> Typed {
    match (&value.data_type, &candidate.data_type) {
        (_, Type::Row(_)) => candidate,
        (Type::Row(fields), _) if fields.len() == 1 => row_of(vec![candidate]),
        _ => candidate,
    }
}

/// How many tables and lists of values a plan reads.
fn leaves_of(plan: &LogicalPlan) -> Result<usize, Error> {
    let mut leaves = 0;
    plan.apply(|node| {
        leaves += usize::from(node.inputs().is_empty());
        Ok(TreeNodeRecursion::Continue)
    })
    .map_err(plan_error)?;
    Ok(leaves)
}
