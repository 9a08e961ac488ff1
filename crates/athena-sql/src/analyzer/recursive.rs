//! WITH RECURSIVE.

use std::sync::Arc;

use datafusion::arrow::datatypes::{Field as ArrowField, Schema};
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};

use super::expression::coerce;
use super::query::rename;
use super::recursion_steps::StepBefore;
use super::scope::Scope;
use super::{Analyzer, NamedQuery, Relation, at, error_at, plan_error};
use crate::ast::{self, QueryBodyKind, SetOperator};
use crate::error::Error;
use crate::types::can_coerce;

impl Analyzer<'_> {
    /// A query of WITH RECURSIVE; one that does not name itself is as any other. Each step sees
    /// the rows of the step before, and equal rows of a UNION are one only when all steps are done.
    ///
    /// Source: `tryProcessRecursiveQuery` of Trino's `StatementAnalyzer`, `QueryPlanner.planExpand`.
    pub(super) fn recursive(
        &mut self,
        named: &ast::NamedQuery,
        parent: &Arc<Scope>,
    ) -> Result<Relation, Error> {
        let position = named.name.position;
        if named.columns.is_empty() {
            return Err(error_at(
                position,
                "MISSING_COLUMN_ALIASES",
                "missing column aliases in recursive WITH query",
            ));
        }
        let QueryBodyKind::SetOperation {
            operator: SetOperator::Union,
            distinct,
            terms,
        } = &named.query.body.kind
        else {
            return self.query(&named.query, parent);
        };
        let [base, step] = terms.as_slice() else {
            return self.query(&named.query, parent);
        };
        if named.query.with.is_some() {
            return self.query(&named.query, parent);
        }
        let base = self.body(base, parent)?;
        let base = rename(base, &named.columns, position)?;
        self.next += 1;
        let table = format!("recursive{}", self.next);
        let schema = Schema::new(
            base.fields
                .iter()
                .map(|f| ArrowField::new(f.column.clone(), f.data_type.arrow(), true))
                .collect::<Vec<_>>(),
        );
        let work = provider_as_source(Arc::new(StepBefore::new(&table, Arc::new(schema))));
        let scan = LogicalPlanBuilder::scan(table.clone(), work, None)
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)?;
        let columns = scan.schema().columns();
        let scanned: Vec<Expr> = columns
            .into_iter()
            .zip(&base.fields)
            .map(|(column, field)| Expr::Column(column).alias(&field.column))
            .collect();
        let scan = LogicalPlanBuilder::from(scan)
            .project(scanned)
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)?;
        let rows = Relation {
            plan: scan,
            fields: base.fields.clone(),
        };
        self.named
            .push((named.name.lower(), NamedQuery::Recursive(rows, Vec::new())));
        let step = self.body(step, parent);
        let references = match self.named.pop() {
            Some((_, NamedQuery::Recursive(_, references))) => references,
            _ => Vec::new(),
        };
        let step = step?;
        match references.as_slice() {
            // Its name within means another query.
            [] => return self.query(&named.query, parent),
            [_] => {}
            [_, second, ..] => {
                return Err(error_at(
                    *second,
                    "INVALID_RECURSIVE_REFERENCE",
                    "multiple recursive references in the step relation of recursion",
                ));
            }
        }
        refuse_clauses(&named.query)?;
        if step.fields.len() != base.fields.len() {
            return Err(error_at(
                position,
                "TYPE_MISMATCH",
                "base and step relations of recursion have different number of fields",
            ));
        }
        let mut exprs = Vec::new();
        for (i, (from, to)) in step.fields.iter().zip(&base.fields).enumerate() {
            if !can_coerce(&from.data_type, &to.data_type) {
                return Err(error_at(
                    position,
                    "TYPE_MISMATCH",
                    format!(
                        "recursion step relation output type ({}) is not coercible to recursion base relation output type ({}) at column {}",
                        from.data_type,
                        to.data_type,
                        i + 1
                    ),
                ));
            }
            exprs.push(coerce(from.typed(), &to.data_type).alias(&to.column));
        }
        let step = LogicalPlanBuilder::from(step.plan)
            .project(exprs)
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)?;
        if scans_of(&step, &table)? > 1 {
            return Err(Error::not_supported(
                "a recursive query whose step reads the step before more than once",
            ))
            .map_err(at(position));
        }
        let all = LogicalPlanBuilder::from(base.plan).to_recursive_query(table, step, false);
        let rows = if *distinct {
            all.and_then(LogicalPlanBuilder::distinct)
        } else {
            all
        };
        let plan = rows
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)?;
        Ok(Relation {
            plan,
            fields: base.fields,
        })
    }

    /// Whether a plan reads the step before of a query around it, which each step reads once.
    pub(super) fn reads_step_before(&self, plan: &LogicalPlan) -> Result<bool, Error> {
        for (_, named) in &self.named {
            let NamedQuery::Recursive(rows, _) = named else {
                continue;
            };
            for table in tables_of(&rows.plan)? {
                if scans_of(plan, &table)? > 0 {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// A recursive query is its UNION and nothing else.
fn refuse_clauses(query: &ast::Query) -> Result<(), Error> {
    let (code, clause) = if !query.order_by.is_empty() {
        ("NOT_SUPPORTED", "ORDER BY")
    } else if query.offset.is_some() {
        ("NOT_SUPPORTED", "OFFSET")
    } else if query.limit.is_some() {
        ("INVALID_LIMIT_CLAUSE", "FETCH FIRST / LIMIT")
    } else {
        return Ok(());
    };
    Err(error_at(
        query.position,
        code,
        format!("immediate {clause} clause in recursive query"),
    ))
}

/// The names of the tables that a plan reads.
fn tables_of(plan: &LogicalPlan) -> Result<Vec<String>, Error> {
    let mut tables = Vec::new();
    plan.apply(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            tables.push(scan.table_name.table().to_owned());
        }
        Ok(TreeNodeRecursion::Continue)
    })
    .map_err(plan_error)?;
    Ok(tables)
}

/// How often a plan reads a table.
fn scans_of(plan: &LogicalPlan, table: &str) -> Result<usize, Error> {
    let mut scans = 0;
    plan.apply(|node| {
        if matches!(node, LogicalPlan::TableScan(scan) if scan.table_name.table() == table) {
            scans += 1;
        }
        Ok(TreeNodeRecursion::Continue)
    })
    .map_err(plan_error)?;
    Ok(scans)
}
