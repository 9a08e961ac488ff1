//! Queries.

use super::{Expression, Identifier, Position, QualifiedName, Relation, WindowDefinition};

#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    pub position: Position,
    pub with: Option<With>,
    pub body: QueryBody,
    pub order_by: Vec<SortItem>,
    pub offset: Option<RowCount>,
    pub limit: Option<Limit>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct With {
    pub position: Position,
    pub recursive: bool,
    pub queries: Vec<NamedQuery>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct NamedQuery {
    pub name: Identifier,
    /// Empty where none are given.
    pub columns: Vec<Identifier>,
    pub query: Query,
}

#[derive(Clone, Debug, PartialEq)]
pub struct QueryBody {
    pub position: Position,
    pub kind: QueryBodyKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum QueryBodyKind {
    Specification(Box<QuerySpecification>),
    /// Terms from left to right; more than two only where the same operator with the same
    /// quantifier follows itself. Stands where its operator stands.
    SetOperation {
        operator: SetOperator,
        /// DISTINCT, the default; false for ALL.
        distinct: bool,
        terms: Vec<QueryBody>,
    },
    /// `TABLE t`.
    Table(QualifiedName),
    /// `VALUES (1, 2), (3, 4)`: a row each, or the single value of a row.
    Values(Vec<Expression>),
    /// `(SELECT …)`.
    Subquery(Box<Query>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetOperator {
    Union,
    Except,
    Intersect,
}

#[derive(Clone, Debug, PartialEq)]
pub struct QuerySpecification {
    pub position: Position,
    pub distinct: bool,
    pub select: Vec<SelectItem>,
    /// Relations with commas between: implicit cross joins. Empty without FROM.
    pub from: Vec<Relation>,
    pub filter: Option<Expression>,
    pub group_by: Option<GroupBy>,
    pub having: Option<Expression>,
    pub windows: Vec<WindowDefinition>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum SelectItem {
    Expression {
        expression: Expression,
        alias: Option<Identifier>,
    },
    /// `*`, `t.*`, `row.* AS (a, b)`.
    All {
        position: Position,
        target: Option<Expression>,
        aliases: Vec<Identifier>,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct GroupBy {
    pub position: Position,
    /// `GROUP BY DISTINCT`: equal grouping sets count once.
    pub distinct: bool,
    pub elements: Vec<GroupingElement>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum GroupingElement {
    /// `a`, `(a, b)`, `()`.
    Simple(Vec<Expression>),
    Rollup(Vec<Vec<Expression>>),
    Cube(Vec<Vec<Expression>>),
    Sets(Vec<Vec<Expression>>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct SortItem {
    pub expression: Expression,
    pub descending: bool,
    /// None where nothing is said: last, in both directions.
    pub nulls: Option<NullOrdering>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NullOrdering {
    First,
    Last,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowCount {
    pub position: Position,
    pub kind: RowCountKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowCountKind {
    Number(i64),
    /// `?`, counted from 0.
    Parameter(usize),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Limit {
    /// `LIMIT ALL`.
    All,
    Rows(RowCount),
    /// `FETCH FIRST 5 ROWS WITH TIES`; without a count, one row.
    FetchFirst {
        position: Position,
        count: Option<RowCount>,
        with_ties: bool,
    },
}
