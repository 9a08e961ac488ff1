//! WITH RECURSIVE.

use std::sync::Arc;

use datafusion::arrow::datatypes::{Field as ArrowField, Schema};
use datafusion::catalog::cte_worktable::CteWorkTable;
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder};

use super::expression::coerce;
use super::query::rename;
use super::scope::Scope;
use super::{Analyzer, NamedQuery, Relation, error_at, plan_error};
use crate::ast::{self, QueryBodyKind, SetOperator};
use crate::error::Error;
use crate::types::can_coerce;

impl Analyzer<'_> {
    /// A query of WITH RECURSIVE; one that does not name itself is as any other.
    pub(super) fn recursive(
        &mut self,
        named: &ast::NamedQuery,
        parent: &Arc<Scope>,
    ) -> Result<Relation, Error> {
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
        if named.columns.is_empty() || named.query.with.is_some() {
            return self.query(&named.query, parent);
        }
        let position = named.name.position;
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
        let work = provider_as_source(Arc::new(CteWorkTable::new(&table, Arc::new(schema))));
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
            .push((named.name.lower(), NamedQuery::Recursive(rows)));
        let step = self.body(step, parent);
        self.named.pop();
        let step = step?;
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
        let plan = LogicalPlanBuilder::from(base.plan)
            .to_recursive_query(table, step, *distinct)
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)?;
        Ok(Relation {
            plan,
            fields: base.fields,
        })
    }
}
