//! Queries: WITH, the body, ORDER BY, OFFSET and LIMIT.

use std::sync::Arc;

use datafusion::common::Column;
use datafusion::common::tree_node::TreeNode;
use datafusion::functions_window::expr_fn::rank;
use datafusion::logical_expr::{
    Expr, ExprFunctionExt, LogicalPlan, LogicalPlanBuilder, SortExpr, lit,
};

use super::expression::{Context, coerce};
use super::scope::Scope;
use super::{Analyzer, Field, NamedQuery, Relation, Typed, error_at, plan_error, sort};
use crate::ast::{
    Expression, ExpressionKind, Identifier, Limit, Position, Query, QueryBody, QueryBodyKind,
    RowCount, RowCountKind,
};
use crate::error::Error;
use crate::types::{Type, can_coerce, common_super_type};

impl Analyzer<'_> {
    pub(super) fn query(&mut self, query: &Query, parent: &Arc<Scope>) -> Result<Relation, Error> {
        self.nested(|analyzer| analyzer.query_with_names(query, parent))
    }

    /// The query with those of its WITH in sight.
    fn query_with_names(&mut self, query: &Query, parent: &Arc<Scope>) -> Result<Relation, Error> {
        let before = self.named.len();
        let result = self
            .with(query, parent)
            .and_then(|()| match &query.body.kind {
                QueryBodyKind::Specification(specification) => {
                    self.select(specification, Some(query), parent)
                }
                _ => {
                    let relation = self.body(&query.body, parent)?;
                    self.order_body(relation, query, parent)
                }
            });
        self.named.truncate(before);
        result
    }

    fn with(&mut self, query: &Query, parent: &Arc<Scope>) -> Result<(), Error> {
        let Some(with) = &query.with else {
            return Ok(());
        };
        let first = self.named.len();
        for named in &with.queries {
            let name = named.name.lower();
            if self.named[first..].iter().any(|(n, _)| *n == name) {
                return Err(error_at(
                    named.name.position,
                    "DUPLICATE_NAMED_QUERY",
                    format!("WITH query name '{name}' specified more than once"),
                ));
            }
            let relation = if with.recursive {
                self.recursive(named, parent)?
            } else {
                self.query(&named.query, parent)?
            };
            let relation = rename(relation, &named.columns, named.name.position)?;
            self.named.push((name, NamedQuery::Plan(relation)));
        }
        Ok(())
    }

    pub(super) fn body(
        &mut self,
        body: &QueryBody,
        parent: &Arc<Scope>,
    ) -> Result<Relation, Error> {
        match &body.kind {
            QueryBodyKind::Specification(specification) => self.select(specification, None, parent),
            QueryBodyKind::SetOperation {
                operator,
                distinct,
                terms,
            } => self.set_operation(*operator, *distinct, terms, body.position, parent),
            QueryBodyKind::Table(name) => {
                let mut relation = self.named_relation(name)?;
                relation.fields.retain(|field| !field.is_hidden);
                for field in &mut relation.fields {
                    field.qualifier.clear();
                }
                Ok(relation)
            }
            QueryBodyKind::Values(rows) => self.values(rows, body.position, parent),
            QueryBodyKind::Subquery(query) => self.query(query, parent),
        }
    }

    /// ORDER BY and LIMIT over a body that is no SELECT: only its columns are in sight.
    fn order_body(
        &mut self,
        mut relation: Relation,
        query: &Query,
        parent: &Arc<Scope>,
    ) -> Result<Relation, Error> {
        let mut sorted = Vec::new();
        if !query.order_by.is_empty() {
            let scope = Scope::of(&relation, parent);
            for item in &query.order_by {
                let position = item.expression.position;
                let typed = match &item.expression.kind {
                    ExpressionKind::Integer(n) => usize::try_from(n - 1)
                        .ok()
                        .and_then(|i| relation.fields.get(i))
                        .map(Field::typed)
                        .ok_or_else(|| {
                            error_at(
                                position,
                                "INVALID_COLUMN_REFERENCE",
                                format!("ORDER BY position {n} is not in select list"),
                            )
                        })?,
                    _ => {
                        let mut cx = Context::plain(Arc::clone(&scope), "ORDER BY clause");
                        let typed = self.expression(&item.expression, &mut cx)?;
                        relation = self.attach(relation, cx.pending)?;
                        typed
                    }
                };
                sorted.push(sort::item(&typed, item));
            }
        }
        relation.plan = self.sort_and_limit(relation.plan, sorted, query)?;
        relation.plan = LogicalPlanBuilder::from(relation.plan)
            .project(relation.fields.iter().map(Field::expr))
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)?;
        Ok(relation)
    }

    pub(super) fn sort_and_limit(
        &mut self,
        plan: LogicalPlan,
        sorted: Vec<SortExpr>,
        query: &Query,
    ) -> Result<LogicalPlan, Error> {
        let skip = match &query.offset {
            None => 0,
            Some(count) => self.row_count(count, "OFFSET")?,
        };
        let (fetch, with_ties) = match &query.limit {
            None | Some(Limit::All) => (None, false),
            Some(Limit::Rows(count)) => (Some(self.row_count(count, "LIMIT")?), false),
            Some(Limit::FetchFirst {
                position,
                count,
                with_ties,
            }) => {
                if *with_ties && sorted.is_empty() {
                    return Err(error_at(
                        *position,
                        "MISSING_ORDER_BY",
                        "FETCH FIRST WITH TIES clause requires ORDER BY",
                    ));
                }
                let count = self.first_count(count.as_ref(), *position)?;
                (Some(count), *with_ties)
            }
        };
        let mut builder = LogicalPlanBuilder::from(plan);
        if !sorted.is_empty() {
            builder = builder.sort(sorted.clone()).map_err(plan_error)?;
        }
        let at_most = fetch.filter(|_| !with_ties);
        if skip > 0 || at_most.is_some() {
            builder = builder.limit(skip, at_most).map_err(plan_error)?;
        }
        let plan = builder.build().map_err(plan_error)?;
        match fetch {
            Some(count) if with_ties => self.first_with_ties(plan, sorted, count),
            _ => Ok(plan),
        }
    }

    /// The count of FETCH FIRST, which is one where none is written.
    fn first_count(&self, count: Option<&RowCount>, position: Position) -> Result<usize, Error> {
        let count = match count {
            None => 1,
            Some(count) => self.row_count(count, "FETCH FIRST")?,
        };
        if count == 0 {
            return Err(error_at(
                position,
                "NUMERIC_VALUE_OUT_OF_RANGE",
                "FETCH FIRST row count must be positive (actual value: 0)",
            ));
        }
        Ok(count)
    }

    /// The first rows in an order, and what is equal in it to the last of them.
    fn first_with_ties(
        &mut self,
        plan: LogicalPlan,
        sorted: Vec<SortExpr>,
        count: usize,
    ) -> Result<LogicalPlan, Error> {
        let kept: Vec<Expr> = plan
            .schema()
            .columns()
            .into_iter()
            .map(Expr::Column)
            .collect();
        self.next += 1;
        let place = format!("c{}", self.next);
        let rank = rank()
            .order_by(sorted.clone())
            .build()
            .map_err(plan_error)?
            .alias(&place);
        let among_first = Expr::Column(Column::from_name(place)).lt_eq(lit(count as u64));
        LogicalPlanBuilder::from(plan)
            .window([rank])
            .and_then(|b| b.filter(among_first))
            .and_then(|b| b.project(kept))
            .and_then(|b| b.sort(sorted))
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)
    }

    fn row_count(&self, count: &RowCount, what: &str) -> Result<usize, Error> {
        let n = match count.kind {
            RowCountKind::Number(n) => n,
            RowCountKind::Parameter(i) => match self.parameters.get(i).map(|p| &p.kind) {
                Some(ExpressionKind::Integer(n)) => *n,
                _ => {
                    return Err(error_at(
                        count.position,
                        "INVALID_PARAMETER_USAGE",
                        format!("{what} parameter must be an integer"),
                    ));
                }
            },
        };
        usize::try_from(n).map_err(|_| {
            error_at(
                count.position,
                "INVALID_LIMIT_CLAUSE",
                format!("{what} row count must not be negative: {n}"),
            )
        })
    }

    /// VALUES: rows whose columns are of the types that hold all of a column's values.
    fn values(
        &mut self,
        rows: &[Expression],
        position: Position,
        parent: &Arc<Scope>,
    ) -> Result<Relation, Error> {
        let mut cx = Context::plain(Scope::new(Vec::new(), parent), "VALUES");
        let mut typed_rows: Vec<Vec<Typed>> = Vec::new();
        for row in rows {
            typed_rows.push(self.values_row(row, &mut cx)?);
        }
        let mut types: Vec<Type> = typed_rows
            .first()
            .map(|row| row.iter().map(|t| t.data_type.clone()).collect())
            .unwrap_or_default();
        for (row, written) in typed_rows.iter().zip(rows) {
            if row.len() != types.len() {
                return Err(error_at(
                    position,
                    "TYPE_MISMATCH",
                    format!(
                        "Values rows have mismatched sizes: {} vs {}",
                        types.len(),
                        row.len()
                    ),
                ));
            }
            for (common, typed) in types.iter_mut().zip(row) {
                *common = common_super_type(common, &typed.data_type).ok_or_else(|| {
                    error_at(
                        written.position,
                        "TYPE_MISMATCH",
                        format!(
                            "Values rows have mismatched types: {common} vs {}",
                            typed.data_type
                        ),
                    )
                })?;
            }
        }
        debug_assert!(types.iter().all(|t| can_coerce(&Type::Unknown, t)));
        let fields: Vec<Field> = types
            .into_iter()
            .map(|data_type| self.field(None, data_type))
            .collect();
        let constant =
            cx.pending.is_empty() && typed_rows.iter().flatten().all(|t| is_constant(&t.expr));
        if constant {
            return literal_rows(typed_rows, fields);
        }
        let base = Relation {
            plan: LogicalPlanBuilder::empty(true)
                .build()
                .map_err(plan_error)?,
            fields: Vec::new(),
        };
        let base = self.attach(base, cx.pending)?;
        // A row each, computed from one row of nothing: rows may be of any expressions.
        let mut plans = Vec::new();
        for row in typed_rows {
            let exprs: Vec<_> = row
                .into_iter()
                .zip(&fields)
                .map(|(typed, field)| coerce(typed, &field.data_type).alias(&field.column))
                .collect();
            plans.push(
                LogicalPlanBuilder::from(base.plan.clone())
                    .project(exprs)
                    .and_then(LogicalPlanBuilder::build)
                    .map_err(plan_error)?,
            );
        }
        let plan = super::set_operation::union_all(plans)?;
        Ok(Relation { plan, fields })
    }

    fn values_row(&mut self, row: &Expression, cx: &mut Context) -> Result<Vec<Typed>, Error> {
        if let ExpressionKind::Row(items) = &row.kind {
            return self.expressions(items, cx);
        }
        let typed = self.expression(row, cx)?;
        match &typed.data_type {
            // A row that is no constructor spreads its fields, too.
            Type::Row(fields) => Ok(fields
                .iter()
                .enumerate()
                .map(|(i, field)| {
                    Typed::new(
                        datafusion::functions::core::expr_fn::get_field(
                            typed.expr.clone(),
                            crate::types::arrow::field_name(i),
                        ),
                        field.data_type.clone(),
                    )
                })
                .collect()),
            _ => Ok(vec![typed]),
        }
    }
}

/// Whether an expression needs no row around it.
fn is_constant(expr: &Expr) -> bool {
    !expr
        .exists(|e| {
            Ok(
                matches!(e, Expr::Column(_) | Expr::OuterReferenceColumn(..))
                    || e.is_volatile_node(),
            )
        })
        .unwrap_or(true)
}

fn literal_rows(rows: Vec<Vec<Typed>>, fields: Vec<Field>) -> Result<Relation, Error> {
    let rows: Vec<Vec<Expr>> = rows
        .into_iter()
        .map(|row| {
            row.into_iter()
                .zip(&fields)
                .map(|(typed, field)| coerce(typed, &field.data_type))
                .collect()
        })
        .collect();
    let builder = LogicalPlanBuilder::values(rows).map_err(plan_error)?;
    let columns = builder.schema().columns();
    let exprs: Vec<Expr> = columns
        .into_iter()
        .zip(&fields)
        .map(|(column, field)| Expr::Column(column).alias(&field.column))
        .collect();
    let plan = builder
        .project(exprs)
        .and_then(LogicalPlanBuilder::build)
        .map_err(plan_error)?;
    Ok(Relation { plan, fields })
}

/// A relation under the column names it is given; none changes nothing.
pub(super) fn rename(
    mut relation: Relation,
    columns: &[Identifier],
    position: Position,
) -> Result<Relation, Error> {
    if columns.is_empty() {
        return Ok(relation);
    }
    relation.fields.retain(|field| !field.is_hidden);
    if columns.len() != relation.fields.len() {
        return Err(error_at(
            position,
            "MISMATCHED_COLUMN_ALIASES",
            format!(
                "Column alias list has {} entries but relation has {} columns",
                columns.len(),
                relation.fields.len()
            ),
        ));
    }
    for (field, column) in relation.fields.iter_mut().zip(columns) {
        field.rename(&column.value);
    }
    Ok(relation)
}
