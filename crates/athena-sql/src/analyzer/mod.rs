//! From the syntax tree to DataFusion's plan: Trino's scopes, types, coercions and errors.
//!
//! Every column of every relation in a plan has a name of its own (`c17`), so that DataFusion never
//! resolves a name; what a name means is decided here. Types are Trino's and are carried beside
//! DataFusion's expressions; they are never derived from Arrow's.

mod aggregate;
mod aggregation;
mod case;
mod correlation_keys;
mod current_time;
mod data_type;
mod decorrelate;
mod expression;
mod function_call;
mod json_path;
mod lambda;
mod literal;
mod match_recognize;
mod name;
mod predicate;
mod quantified;
mod query;
mod recursion_steps;
mod recursive;
mod relation;
mod row_pattern;
mod row_pattern_labels;
mod row_pattern_rules;
mod scope;
mod select;
mod set_operation;
mod shift;
mod sort;
mod subquery;
mod table;
#[cfg(test)]
mod tests;
mod unnest;
mod version;
mod window;
mod window_frame;
mod window_pattern;

pub use scope::Field;
pub use table::{Entry, TableKey, Tables, View, columns_of};

use std::collections::HashMap;

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::{Expr, LogicalPlan};

use crate::ast::{self, Position};
use crate::ddl::TableName;
use crate::error::Error;
use crate::functions::error_of;
use crate::session::Session;
use crate::types::Type;
use scope::Scope;

/// An expression with its Trino type.
#[derive(Clone, Debug)]
pub struct Typed {
    pub expr: Expr,
    pub data_type: Type,
}

impl Typed {
    pub fn new(expr: Expr, data_type: Type) -> Self {
        Self { expr, data_type }
    }
}

/// A plan and what its columns are to SQL.
#[derive(Clone, Debug)]
pub struct Relation {
    pub plan: LogicalPlan,
    pub fields: Vec<Field>,
}

/// How deep expressions and relations may lie in each other, chains such as `a + b + c + …`
/// counted in. DataFusion recurses as deep, some of it on the stack of a thread.
const MAX_DEPTH: usize = 200;
/// The stack that one level may take, and what is added when less is left.
const STACK_OF_A_LEVEL: usize = 256 * 1024;
const MORE_STACK: usize = 4 * 1024 * 1024;

/// Analyses one statement.
pub struct Analyzer<'a> {
    session: &'a Session,
    tables: &'a Tables,
    /// Values of `?`.
    parameters: &'a [ast::Expression],
    /// Named queries that are in sight, the innermost last.
    named: Vec<(String, NamedQuery)>,
    /// Arrow's types of the columns given out so far.
    columns: HashMap<String, DataType>,
    next: usize,
    /// The database of unqualified names: a view's own, within a view.
    database: String,
    /// The views around, the innermost last.
    views: Vec<TableKey>,
    /// The view that the statement replaces.
    replaced: Option<&'a TableName>,
    /// How many expressions and relations lie around.
    depth: usize,
    /// Whether a row pattern's expression is around, whose subqueries have none of their own.
    within_pattern: bool,
}

/// What a name of a WITH clause stands for.
#[derive(Clone)]
enum NamedQuery {
    Plan(Relation),
    /// The rows of the step before, within a recursive query, and where it is spoken of.
    Recursive(Relation, Vec<Position>),
}

impl<'a> Analyzer<'a> {
    pub fn new(
        session: &'a Session,
        tables: &'a Tables,
        parameters: &'a [ast::Expression],
    ) -> Self {
        Self {
            session,
            tables,
            parameters,
            named: Vec::new(),
            columns: HashMap::new(),
            next: 0,
            database: session.database.to_lowercase(),
            views: Vec::new(),
            replaced: None,
            depth: 0,
            within_pattern: false,
        }
    }

    /// For the query of a view that takes another's place, and cannot read that one.
    pub fn replacing(self, view: Option<&'a TableName>) -> Self {
        Self {
            replaced: view,
            ..self
        }
    }

    /// Analyses a query that stands for itself.
    pub fn analyze(&mut self, query: &ast::Query) -> Result<Relation, Error> {
        self.query(query, &Scope::outermost())
    }

    /// Runs a rule one level deeper, on more stack where little is left.
    fn nested<T>(&mut self, rule: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        if self.depth == MAX_DEPTH {
            let message = "statement is too large (stack overflow during analysis)";
            return Err(Error::user("STACK_OVERFLOW", message));
        }
        self.depth += 1;
        let result = stacker::maybe_grow(STACK_OF_A_LEVEL, MORE_STACK, || rule(self));
        self.depth -= 1;
        result
    }

    /// A column name that no other column has.
    fn fresh(&mut self, data_type: &Type) -> String {
        self.next += 1;
        let name = format!("c{}", self.next);
        self.columns.insert(name.clone(), data_type.arrow());
        name
    }

    /// A field for a fresh column; its name as it is written.
    fn field(&mut self, name: Option<String>, data_type: Type) -> Field {
        let column = self.fresh(&data_type);
        Field {
            name: name.as_ref().map(|name| name.to_lowercase()),
            heading: name,
            qualifier: Vec::new(),
            data_type,
            column,
            is_hidden: false,
        }
    }
}

/// An error with its place.
fn error_at(position: Position, code: &str, message: impl Into<String>) -> Error {
    Error::user(code, message).at(position.line, position.column)
}

/// Gives an error a place where it has none.
fn at(position: Position) -> impl Fn(Error) -> Error {
    move |error| match error.place {
        Some(_) => error,
        None => error.at(position.line, position.column),
    }
}

/// An error of DataFusion's in building a plan.
fn plan_error(error: datafusion::common::DataFusionError) -> Error {
    error_of(&error)
}
