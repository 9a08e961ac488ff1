//! Subqueries in expressions: each becomes a column, joined to the plan before the expression is
//! evaluated.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::common::{Column, DFSchema, JoinType, NullEquality};
use datafusion::functions_aggregate::count::count_udaf;
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::{AggregateUDF, Expr, LogicalPlan, LogicalPlanBuilder, lit};

use super::case::choose;
use super::correlation_keys::Keyed;
use super::expression::{Context, row_of};
use super::{Analyzer, Field, Relation, Typed, decorrelate, error_at, literal, plan_error};
use crate::ast::{self, Position};
use crate::error::Error;
use crate::functions::{Aggregate, Registry};
use crate::types::Type;

/// A subquery whose values stand in columns.
#[derive(Clone, Debug)]
pub struct Pending {
    /// The columns that an expression already speaks of.
    pub columns: Vec<String>,
    /// Gives the columns: in one row, or in one for each value of a key.
    pub plan: LogicalPlan,
    pub position: Position,
    /// Whether an aggregate's argument asks for it, before rows are grouped.
    pub in_aggregate: bool,
    /// Whether the subquery itself depends on rows around it.
    pub correlated: bool,
    /// A value of the rows around it, and the plan's column that it is joined to, which is not NULL.
    pub key: Option<(Expr, String)>,
    /// The value of the rows around it that is compared with its rows outside of the plan.
    pub compared: Option<Expr>,
    pub(super) kind: Kind,
}

/// What a subquery's columns are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Whether there are rows, folded as their number.
    Exists,
    /// The value of the one row there may be.
    Single,
    /// What a comparison with every row gives.
    Folded,
    /// Numbers of rows, and then ends of their values.
    Facts,
    /// A key that the subquery has.
    Mark,
}

impl Pending {
    /// Whether it has to do with columns of a schema, before rows are grouped.
    pub(super) fn uses(&self, schema: &DFSchema) -> Result<bool, Error> {
        let mut compared = self.compared.iter().flat_map(Expr::column_refs);
        let is_compared = compared.any(|column| schema.has_column(column));
        Ok(is_compared || !decorrelate::outer_columns(&self.plan, schema)?.is_empty())
    }

    /// Whether the key is of what a window gives, and so is there after windows only.
    pub(super) fn is_after_windows(&self) -> bool {
        let mut keys = self.key.iter();
        keys.any(|(value, _)| super::window::has_window(value))
    }

    /// A column as the expression is to see it, where the join may have left it NULL.
    fn value(&self, index: usize, column: &str) -> Expr {
        let found = Expr::Column(Column::from_name(column));
        let counted = |found: Expr| choose(vec![(found.clone().is_not_null(), found)], lit(0_i64));
        match self.kind {
            Kind::Exists => counted(found).gt(lit(0_i64)),
            Kind::Facts if index < COUNTS => counted(found),
            _ => found,
        }
    }
}

/// How many of a subquery's facts are numbers of rows.
const COUNTS: usize = 3;

/// The subqueries that these expressions speak of, and the others, each in their order.
pub(super) fn spoken_of<'a>(
    expressions: impl Iterator<Item = &'a Expr>,
    pending: Vec<Pending>,
) -> Result<(Vec<Pending>, Vec<Pending>), Error> {
    let mut names: HashSet<String> = HashSet::new();
    for expression in expressions {
        names.extend(expression.column_refs().into_iter().map(|c| c.name.clone()));
    }
    let (mut wanted, mut others) = (Vec::new(), Vec::new());
    // What a subquery's value speaks of stands before it.
    for subquery in pending.into_iter().rev() {
        if !subquery.columns.iter().any(|column| names.contains(column)) {
            others.push(subquery);
            continue;
        }
        names.extend(decorrelate::all_outer(&subquery.plan)?);
        if let Some((value, _)) = &subquery.key {
            names.extend(value.column_refs().into_iter().map(|c| c.name.clone()));
        }
        wanted.push(subquery);
    }
    wanted.reverse();
    others.reverse();
    Ok((wanted, others))
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
        self.pend(
            relation.plan,
            fold,
            value.data_type,
            position,
            Kind::Single,
            cx,
        )
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
            Kind::Exists,
            cx,
        )
    }

    /// A subquery and its single column; several columns are one row.
    pub(super) fn subquery_value(
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

    pub(super) fn pend(
        &mut self,
        plan: LogicalPlan,
        fold: Expr,
        data_type: Type,
        position: Position,
        kind: Kind,
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
            columns: vec![field.column.clone()],
            plan,
            position,
            in_aggregate: cx.in_aggregate,
            correlated,
            key: None,
            compared: None,
            kind,
        });
        Ok(field.typed())
    }

    /// Joins subqueries' values to a relation's rows.
    pub(super) fn attach(
        &mut self,
        mut relation: Relation,
        pending: Vec<Pending>,
    ) -> Result<Relation, Error> {
        let rows = relation.plan.clone();
        for subquery in pending {
            relation.plan = self.attach_one(relation.plan, &rows, subquery)?;
        }
        Ok(relation)
    }

    /// Joins a subquery's values to a plan, which has the rows that there were before others.
    fn attach_one(
        &mut self,
        plan: LogicalPlan,
        rows: &LogicalPlan,
        subquery: Pending,
    ) -> Result<LogicalPlan, Error> {
        let mut kept = columns_of(&plan);
        let outer = decorrelate::outer_columns(&subquery.plan, plan.schema())?;
        let keyed = if outer.is_empty() {
            None
        } else {
            let keyed = self.keyed(&subquery.plan, &outer)?;
            keyed.filter(|keyed| is_enough(keyed, subquery.kind))
        };
        let own = |index: usize, column: &String| subquery.value(index, column).alias(column);
        let columns = subquery.columns.iter().enumerate();
        let joined = match keyed {
            Some(keyed) if keyed.folds > of_kind(subquery.kind) => {
                let (plan, values) = self.or_of_nothing(plan, keyed, &subquery)?;
                kept.extend(values);
                plan
            }
            Some(keyed) => {
                kept.extend(columns.map(|(i, column)| own(i, column)));
                let pairs = subquery.key.iter().cloned().chain(keyed.pairs).collect();
                self.left_join(plan, keyed.plan, pairs, NullEquality::NullEqualsNothing)?
            }
            None => {
                kept.extend(columns.map(|(i, column)| own(i, column)));
                self.join_values(plan, rows, &subquery, &outer)?
            }
        };
        LogicalPlanBuilder::from(joined)
            .project(kept)
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)
    }

    /// Joins values by the subquery's key, if it has one, and by the columns around that it uses.
    fn join_values(
        &mut self,
        plan: LogicalPlan,
        rows: &LogicalPlan,
        subquery: &Pending,
        outer: &[String],
    ) -> Result<LogicalPlan, Error> {
        let inner = subquery.plan.clone();
        let mut pairs: Vec<(Expr, String)> = subquery.key.iter().cloned().collect();
        if outer.is_empty() {
            if pairs.is_empty() {
                return beside(inner, plan);
            }
            return self.left_join(plan, inner, pairs, NullEquality::NullEqualsNothing);
        }
        let names = rows.schema().columns();
        let is_before = |column: &String| names.iter().any(|c| c.name == *column);
        let source = if outer.iter().all(is_before) {
            rows
        } else {
            &plan
        };
        let domain = self.domain(source, outer)?;
        let (inner, keys) = self.dependent(inner, &domain)?;
        for (column, key) in outer.iter().zip(keys) {
            pairs.push((Expr::Column(Column::from_name(column)), key));
        }
        // A domain holds every outer row, NULLs as well.
        self.left_join(plan, inner, pairs, NullEquality::NullEqualsNull)
    }

    /// Joins values by keys, and those of no rows where a key is not found.
    fn or_of_nothing(
        &mut self,
        plan: LogicalPlan,
        keyed: Keyed,
        subquery: &Pending,
    ) -> Result<(LogicalPlan, Vec<Expr>), Error> {
        let Some((_, key)) = keyed.pairs.first() else {
            return Err(Error::internal("a plan by keys without a key"));
        };
        let is_found = Expr::Column(Column::from_name(key)).is_not_null();
        let mut of_nothing = Vec::new();
        let mut values = Vec::new();
        for (i, column) in subquery.columns.iter().enumerate() {
            self.next += 1;
            let other = format!("c{}", self.next);
            of_nothing.push(Expr::Column(Column::from_name(column)).alias(&other));
            let value = subquery.value(i, column);
            let value = choose(vec![(is_found.clone(), value)], subquery.value(i, &other));
            values.push(value.alias(column));
        }
        let nothing = LogicalPlanBuilder::from(keyed.of_nothing)
            .project(of_nothing)
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)?;
        let nulls = NullEquality::NullEqualsNothing;
        let joined = self.left_join(plan, keyed.plan, keyed.pairs, nulls)?;
        Ok((beside(nothing, joined)?, values))
    }

    /// Joins the rows of another plan whose columns equal values of this one's.
    fn left_join(
        &mut self,
        plan: LogicalPlan,
        inner: LogicalPlan,
        pairs: Vec<(Expr, String)>,
        nulls: NullEquality,
    ) -> Result<LogicalPlan, Error> {
        let mut projected = columns_of(&plan);
        let (mut outer, mut keys) = (Vec::new(), Vec::new());
        for (value, key) in pairs {
            keys.push(Column::from_name(key));
            if let Expr::Column(column) = value {
                outer.push(column);
                continue;
            }
            self.next += 1;
            let column = format!("c{}", self.next);
            projected.push(value.alias(&column));
            outer.push(Column::from_name(column));
        }
        LogicalPlanBuilder::from(plan)
            .project(projected)
            .and_then(|b| b.join_detailed(inner, JoinType::Left, (outer, keys), None, nulls))
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)
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

/// Whether a plan by keys gives what a subquery of this kind is to give.
fn is_enough(keyed: &Keyed, kind: Kind) -> bool {
    match kind {
        // Rows of a key that nobody asks for may be many, which is no error: unless an aggregate
        // makes one of them.
        Kind::Single => keyed.folds > 1,
        // An aggregate gives a row for keys that are not there, too.
        Kind::Mark => keyed.folds == 0,
        Kind::Exists | Kind::Folded | Kind::Facts => true,
    }
}

/// How many aggregates without groups a subquery of this kind has by itself.
fn of_kind(kind: Kind) -> usize {
    usize::from(kind != Kind::Mark)
}

fn columns_of(plan: &LogicalPlan) -> Vec<Expr> {
    let columns = plan.schema().columns();
    columns.into_iter().map(Expr::Column).collect()
}

/// The rows of a plan, each beside the one row of another.
fn beside(one: LogicalPlan, plan: LogicalPlan) -> Result<LogicalPlan, Error> {
    LogicalPlanBuilder::from(one)
        .cross_join(plan)
        .and_then(LogicalPlanBuilder::build)
        .map_err(plan_error)
}

/// An aggregate of ours over one expression.
pub(super) fn fold(name: &str, argument: Expr, data_type: &Type) -> Result<Expr, Error> {
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
