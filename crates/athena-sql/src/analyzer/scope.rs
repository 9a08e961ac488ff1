//! Which names are in sight.

use std::sync::Arc;

use datafusion::arrow::datatypes::Field as ArrowField;
use datafusion::common::Column;
use datafusion::logical_expr::Expr;

use super::{Relation, Typed, error_at};
use crate::ast::Position;
use crate::error::Error;
use crate::types::Type;

/// A column of a relation.
#[derive(Clone, Debug)]
pub struct Field {
    /// In lower case; an expression without a name has none.
    pub name: Option<String>,
    /// The name as it was written, which heads the column in a result.
    pub heading: Option<String>,
    /// The relation's name: `[t]`, `[catalog, database, t]`; empty after a projection.
    pub qualifier: Vec<String>,
    pub data_type: Type,
    /// Its name in the plan.
    pub column: String,
    /// Whether it is there for who names it, and `*` passes it over: `"$path"`.
    pub is_hidden: bool,
}

impl Field {
    /// Gives the column a name, as it is written.
    pub fn rename(&mut self, written: &str) {
        self.name = Some(written.to_lowercase());
        self.heading = Some(written.to_owned());
    }

    pub fn expr(&self) -> Expr {
        Expr::Column(Column::from_name(self.column.clone()))
    }

    pub fn typed(&self) -> Typed {
        Typed::new(self.expr(), self.data_type.clone())
    }

    fn answers_to(&self, qualifier: &[String], name: &str) -> bool {
        self.name.as_deref() == Some(name) && self.is_of(qualifier)
    }

    /// Whether the qualifier ends as asked: `t` finds `db.t`.
    pub fn is_of(&self, qualifier: &[String]) -> bool {
        self.qualifier.ends_with(qualifier)
    }
}

/// The fields of one query level, and the levels around it.
#[derive(Clone, Debug)]
pub struct Scope {
    pub fields: Vec<Field>,
    parent: Option<Arc<Scope>>,
}

impl Scope {
    pub fn outermost() -> Arc<Self> {
        Arc::new(Self {
            fields: Vec::new(),
            parent: None,
        })
    }

    pub fn new(fields: Vec<Field>, parent: &Arc<Self>) -> Arc<Self> {
        Arc::new(Self {
            fields,
            parent: Some(Arc::clone(parent)),
        })
    }

    pub fn of(relation: &Relation, parent: &Arc<Self>) -> Arc<Self> {
        Self::new(relation.fields.clone(), parent)
    }

    /// Finds a column by its name, here or further out. `None` where there is none.
    pub fn resolve(
        &self,
        qualifier: &[String],
        name: &str,
        position: Position,
    ) -> Result<Option<Typed>, Error> {
        let mut found = self
            .fields
            .iter()
            .filter(|field| field.answers_to(qualifier, name));
        if let Some(field) = found.next() {
            if found.next().is_some() {
                return Err(error_at(
                    position,
                    "AMBIGUOUS_NAME",
                    format!("Column '{name}' is ambiguous"),
                ));
            }
            return Ok(Some(field.typed()));
        }
        match &self.parent {
            None => Ok(None),
            Some(parent) => Ok(parent.resolve(qualifier, name, position)?.map(outer)),
        }
    }

    /// The fields of a relation by its name, here or further out.
    pub fn relation(&self, qualifier: &[String]) -> Option<Vec<(Field, Typed)>> {
        let own: Vec<_> = self
            .fields
            .iter()
            .filter(|f| !f.is_hidden && !f.qualifier.is_empty() && f.is_of(qualifier))
            .map(|f| (f.clone(), f.typed()))
            .collect();
        if !own.is_empty() {
            return Some(own);
        }
        let further = self.parent.as_ref()?.relation(qualifier)?;
        Some(further.into_iter().map(|(f, t)| (f, outer(t))).collect())
    }
}

/// A column seen from a query within.
pub fn outer(typed: Typed) -> Typed {
    let expr = match typed.expr {
        Expr::Column(column) => Expr::OuterReferenceColumn(
            Arc::new(ArrowField::new(
                column.name.clone(),
                typed.data_type.arrow(),
                true,
            )),
            column,
        ),
        other => other,
    };
    Typed { expr, ..typed }
}
