//! FROM: tables, named queries, subqueries, joins.

use std::sync::Arc;

use datafusion::common::JoinType;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, lit};

use super::case::choose;
use super::expression::{Context, coerce};
use super::query::rename;
use super::scope::Scope;
use super::{Analyzer, Field, NamedQuery, Relation, Typed, at, error_at, plan_error};
use crate::ast::{self, Identifier, JoinCriteria, JoinKind, QualifiedName, RelationKind};
use crate::error::Error;
use crate::functions::comparison::{self, Comparison};
use crate::iceberg::Version;
use crate::types::common_super_type;

impl Analyzer<'_> {
    /// The relations of FROM, cross-joined from left to right.
    pub(super) fn from(
        &mut self,
        relations: &[ast::Relation],
        parent: &Arc<Scope>,
    ) -> Result<Relation, Error> {
        let mut whole: Option<Relation> = None;
        for relation in relations {
            whole = Some(match whole {
                None => self.relation(relation, parent)?,
                Some(left) => {
                    self.join_next(left, relation, JoinKind::Cross, &JoinCriteria::None, parent)?
                }
            });
        }
        match whole {
            Some(relation) => Ok(relation),
            None => nothing(),
        }
    }

    pub(super) fn relation(
        &mut self,
        written: &ast::Relation,
        parent: &Arc<Scope>,
    ) -> Result<Relation, Error> {
        self.nested(|analyzer| analyzer.relation_by_kind(written, parent))
    }

    fn relation_by_kind(
        &mut self,
        written: &ast::Relation,
        parent: &Arc<Scope>,
    ) -> Result<Relation, Error> {
        match &written.kind {
            RelationKind::Table { name, period } => match period {
                Some(period) => {
                    let version = self.version(period)?;
                    self.table(name, version).map_err(at(written.position))
                }
                None => self.named_relation(name),
            },
            RelationKind::Subquery(query) | RelationKind::Lateral(query) => {
                let mut relation = self.query(query, parent)?;
                for field in &mut relation.fields {
                    field.qualifier.clear();
                }
                Ok(relation)
            }
            RelationKind::Unnest { .. } => {
                let left = nothing()?;
                self.unnest(left, written, false, parent)
            }
            RelationKind::Aliased {
                relation,
                alias,
                columns,
            } => {
                let relation = self.relation(relation, parent)?;
                aliased(relation, alias, columns)
            }
            RelationKind::Join {
                kind,
                left,
                right,
                criteria,
            } => {
                if matches!(criteria, JoinCriteria::Natural) {
                    return Err(natural_join()).map_err(at(written.position));
                }
                let left = self.relation(left, parent)?;
                self.join_next(left, right, *kind, criteria, parent)
            }
            RelationKind::Sampled {
                relation,
                percentage,
                ..
            } => self.sampled(relation, percentage, parent),
            RelationKind::PatternRecognition(recognition) => {
                self.match_recognize(recognition, written.position, parent)
            }
            RelationKind::TableFunction(call) => Err(Error::not_supported(format!(
                "the table function {}",
                call.name
            )))
            .map_err(at(written.position)),
        }
    }

    /// A table, a view or a query of WITH, by its name.
    pub(super) fn named_relation(&mut self, name: &QualifiedName) -> Result<Relation, Error> {
        let path = name.lower();
        if let [single] = path.as_slice()
            && let Some((_, found)) = self.named.iter_mut().rev().find(|(n, _)| n == single)
        {
            let relation = match found {
                NamedQuery::Plan(relation) => relation.clone(),
                NamedQuery::Recursive(relation, references) => {
                    // A subquery may be analysed more than once.
                    if !references.contains(&name.position()) {
                        references.push(name.position());
                    }
                    relation.clone()
                }
            };
            return self.once_more(relation, &path);
        }
        self.table(name, Version::Current)
    }

    /// The same rows under column names of their own, so that a relation may stand twice.
    fn once_more(&mut self, relation: Relation, qualifier: &[String]) -> Result<Relation, Error> {
        let mut exprs = Vec::new();
        let mut fields = Vec::new();
        for field in relation.fields {
            let mut fresh = self.field(field.heading.clone(), field.data_type.clone());
            fresh.qualifier = qualifier.to_vec();
            exprs.push(field.expr().alias(&fresh.column));
            fields.push(fresh);
        }
        let plan = LogicalPlanBuilder::from(relation.plan)
            .project(exprs)
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)?;
        Ok(Relation { plan, fields })
    }

    /// Joins a further relation, which may look at the rows before it if it is LATERAL or UNNEST.
    fn join_next(
        &mut self,
        left: Relation,
        right: &ast::Relation,
        kind: JoinKind,
        criteria: &JoinCriteria,
        parent: &Arc<Scope>,
    ) -> Result<Relation, Error> {
        let (inner, alias) = match &right.kind {
            RelationKind::Aliased {
                relation,
                alias,
                columns,
            } => (&**relation, Some((alias, columns))),
            _ => (right, None),
        };
        let before = left.fields.len();
        let name_new = |mut joined: Relation| -> Result<Relation, Error> {
            if let Some((alias, columns)) = alias {
                let new = joined.fields.split_off(before);
                let part = aliased(
                    Relation {
                        plan: joined.plan.clone(),
                        fields: new,
                    },
                    alias,
                    columns,
                )?;
                joined.fields.extend(part.fields);
            }
            Ok(joined)
        };
        match &inner.kind {
            RelationKind::Unnest { .. } => {
                refuse_condition(kind, criteria, right.position)?;
                if matches!(kind, JoinKind::Right | JoinKind::Full) {
                    let right = self.relation(right, parent)?;
                    return self.join(left, right, kind, criteria, parent);
                }
                let outer = kind == JoinKind::Left;
                name_new(self.unnest(left, inner, outer, parent)?)
            }
            RelationKind::Lateral(query) => {
                let join = match kind {
                    JoinKind::Cross | JoinKind::Inner => JoinType::Inner,
                    JoinKind::Left => JoinType::Left,
                    _ => {
                        return Err(error_at(
                            right.position,
                            "INVALID_COLUMN_REFERENCE",
                            "LATERAL reference not allowed in RIGHT or FULL JOIN",
                        ));
                    }
                };
                let scope = Scope::of(&left, parent);
                let mut lateral = self.query(query, &scope)?;
                for field in &mut lateral.fields {
                    field.qualifier.clear();
                }
                if let Some((alias, columns)) = alias {
                    lateral = aliased(lateral, alias, columns)?;
                }
                let condition = match criteria {
                    JoinCriteria::On(condition) if !is_true(condition) => {
                        let both = left.fields.iter().chain(&lateral.fields).cloned().collect();
                        let mut cx = Context::plain(Scope::new(both, parent), "JOIN clause");
                        let condition = self.boolean(condition, &mut cx, "JOIN ON clause")?;
                        if !cx.pending.is_empty() {
                            return Err(Error::not_supported("a subquery in JOIN LATERAL … ON"))
                                .map_err(at(right.position));
                        }
                        Some(condition)
                    }
                    _ => None,
                };
                self.lateral_join(left, lateral, join, condition)
            }
            _ => {
                let right = self.relation(right, parent)?;
                self.join(left, right, kind, criteria, parent)
            }
        }
    }

    fn join(
        &mut self,
        left: Relation,
        right: Relation,
        kind: JoinKind,
        criteria: &JoinCriteria,
        parent: &Arc<Scope>,
    ) -> Result<Relation, Error> {
        let join = match kind {
            JoinKind::Cross | JoinKind::Inner => JoinType::Inner,
            JoinKind::Left => JoinType::Left,
            JoinKind::Right => JoinType::Right,
            JoinKind::Full => JoinType::Full,
        };
        match criteria {
            JoinCriteria::None => {
                let fields = left.fields.into_iter().chain(right.fields).collect();
                let plan = LogicalPlanBuilder::from(left.plan)
                    .cross_join(right.plan)
                    .and_then(LogicalPlanBuilder::build)
                    .map_err(plan_error)?;
                Ok(Relation { plan, fields })
            }
            JoinCriteria::On(condition) => self.join_on(left, right, join, condition, parent),
            JoinCriteria::Using(columns) => self.join_using(left, right, join, columns),
            JoinCriteria::Natural => Err(natural_join()),
        }
    }

    fn join_on(
        &mut self,
        mut left: Relation,
        mut right: Relation,
        join: JoinType,
        written: &ast::Expression,
        parent: &Arc<Scope>,
    ) -> Result<Relation, Error> {
        let fields: Vec<Field> = left.fields.iter().chain(&right.fields).cloned().collect();
        let scope = Scope::new(fields.clone(), parent);
        let mut cx = Context::plain(Arc::clone(&scope), "JOIN clause");
        let condition = self.boolean(written, &mut cx, "JOIN ON clause")?;
        let mut both = Vec::new();
        for subquery in cx.pending {
            if subquery.correlated && join != JoinType::Inner {
                return Err(error_at(
                    written.position,
                    "NOT_SUPPORTED",
                    "Correlated subquery in given join is not supported",
                ));
            }
            let uses_left = subquery.uses(left.plan.schema())?;
            let uses_right = subquery.uses(right.plan.schema())?;
            match (uses_left, uses_right) {
                (_, false) => left = self.attach(left, vec![subquery])?,
                (false, true) => right = self.attach(right, vec![subquery])?,
                (true, true) => both.push(subquery),
            }
        }
        if !both.is_empty() {
            if join != JoinType::Inner {
                return Err(Error::not_supported(
                    "a subquery over both sides of an outer join's condition",
                ))
                .map_err(at(written.position));
            }
            let plan = LogicalPlanBuilder::from(left.plan)
                .cross_join(right.plan)
                .and_then(LogicalPlanBuilder::build)
                .map_err(plan_error)?;
            let mut relation = self.attach(Relation { plan, fields }, both)?;
            relation.plan = LogicalPlanBuilder::from(relation.plan)
                .filter(condition)
                .and_then(LogicalPlanBuilder::build)
                .map_err(plan_error)?;
            return Ok(relation);
        }
        let plan = LogicalPlanBuilder::from(left.plan)
            .join_on(right.plan, join, [condition])
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)?;
        Ok(Relation { plan, fields })
    }

    /// USING: the named columns come once and first, and belong to neither side.
    fn join_using(
        &mut self,
        left: Relation,
        right: Relation,
        join: JoinType,
        columns: &[Identifier],
    ) -> Result<Relation, Error> {
        let mut conditions = Vec::new();
        let mut fields = Vec::new();
        let mut exprs: Vec<Expr> = Vec::new();
        let mut used: Vec<String> = Vec::new();
        for column in columns {
            let find = |relation: &Relation, side: &str| -> Result<Field, Error> {
                let mut found = relation
                    .fields
                    .iter()
                    .filter(|f| f.name.as_deref() == Some(&column.lower()));
                let field = found.next().ok_or_else(|| {
                    error_at(
                        column.position,
                        "COLUMN_NOT_FOUND",
                        format!(
                            "Column '{}' is missing from {side} side of join",
                            column.value
                        ),
                    )
                })?;
                if found.next().is_some() {
                    return Err(error_at(
                        column.position,
                        "AMBIGUOUS_NAME",
                        format!("Column '{}' is ambiguous", column.value),
                    ));
                }
                Ok(field.clone())
            };
            if columns
                .iter()
                .filter(|c| c.lower() == column.lower())
                .count()
                > 1
            {
                return Err(error_at(
                    column.position,
                    "DUPLICATE_COLUMN_NAME",
                    format!(
                        "Column '{}' appears multiple times in USING clause",
                        column.value
                    ),
                ));
            }
            let (l, r) = (find(&left, "left")?, find(&right, "right")?);
            let data_type = common_super_type(&l.data_type, &r.data_type).ok_or_else(|| {
                error_at(
                    column.position,
                    "TYPE_MISMATCH",
                    format!(
                        "Column types of left and right side do not match: {} and {}",
                        l.data_type, r.data_type
                    ),
                )
            })?;
            let same = comparison::compare(Comparison::Equal, l.typed(), r.typed())
                .map_err(at(column.position))?;
            conditions.push(same.expr);
            used.push(l.column.clone());
            used.push(r.column.clone());
            let (l, r) = (coerce(l.typed(), &data_type), coerce(r.typed(), &data_type));
            let value = choose(vec![(l.clone().is_not_null(), l)], r);
            let field = self.field(Some(column.value.clone()), data_type);
            exprs.push(value.alias(&field.column));
            fields.push(field);
        }
        for field in left.fields.into_iter().chain(right.fields) {
            if !used.contains(&field.column) {
                exprs.push(field.expr());
                fields.push(field);
            }
        }
        let condition = conjunction(conditions).unwrap_or_else(|| lit(true));
        let plan = LogicalPlanBuilder::from(left.plan)
            .join_on(right.plan, join, [condition])
            .and_then(|b| b.project(exprs))
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)?;
        Ok(Relation { plan, fields })
    }

    /// TABLESAMPLE: each row with a probability.
    fn sampled(
        &mut self,
        relation: &ast::Relation,
        percentage: &ast::Expression,
        parent: &Arc<Scope>,
    ) -> Result<Relation, Error> {
        let mut sampled = self.relation(relation, parent)?;
        let mut cx = Context::plain(Scope::outermost(), "TABLESAMPLE");
        let typed = self.expression(percentage, &mut cx)?;
        if !typed.data_type.is_number() {
            return Err(error_at(
                percentage.position,
                "TYPE_MISMATCH",
                "Sample percentage should be a numeric expression",
            ));
        }
        let share = coerce(typed, &crate::types::Type::Double);
        let random = self.call("random", Vec::new(), percentage.position)?;
        let keep = Typed::new(
            random.expr.lt(share / lit(100.0)),
            crate::types::Type::Boolean,
        );
        sampled.plan = LogicalPlanBuilder::from(sampled.plan)
            .filter(keep.expr)
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)?;
        Ok(sampled)
    }
}

/// A join with UNNEST has no condition but ON TRUE.
fn refuse_condition(
    kind: JoinKind,
    criteria: &JoinCriteria,
    place: ast::Position,
) -> Result<(), Error> {
    let place = match criteria {
        JoinCriteria::None => return Ok(()),
        JoinCriteria::On(condition) if is_true(condition) => return Ok(()),
        JoinCriteria::On(condition) => condition.position,
        _ => place,
    };
    let kind = match kind {
        JoinKind::Cross => "CROSS",
        JoinKind::Inner => "INNER",
        JoinKind::Left => "LEFT",
        JoinKind::Right => "RIGHT",
        JoinKind::Full => "FULL",
    };
    Err(error_at(
        place,
        "NOT_SUPPORTED",
        format!("{kind} JOIN involving UNNEST is only supported with condition ON TRUE"),
    ))
}

/// What Trino says of a join that it parses and does not have.
fn natural_join() -> Error {
    Error::user("NOT_SUPPORTED", "Natural join not supported")
}

/// One row without columns.
pub(super) fn nothing() -> Result<Relation, Error> {
    Ok(Relation {
        plan: LogicalPlanBuilder::empty(true)
            .build()
            .map_err(plan_error)?,
        fields: Vec::new(),
    })
}

/// A relation under another name; its own is gone.
fn aliased(
    relation: Relation,
    alias: &Identifier,
    columns: &[Identifier],
) -> Result<Relation, Error> {
    let mut relation = rename(relation, columns, alias.position)?;
    for field in &mut relation.fields {
        field.qualifier = vec![alias.lower()];
    }
    Ok(relation)
}

fn is_true(condition: &ast::Expression) -> bool {
    matches!(condition.kind, ast::ExpressionKind::Boolean(true))
}
