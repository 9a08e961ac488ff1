//! What stands after FROM.

use super::{
    DataType, Expression, Identifier, PatternRecognition, Position, QualifiedName, Query, SortItem,
};

#[derive(Clone, Debug, PartialEq)]
pub struct Relation {
    pub position: Position,
    pub kind: RelationKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum RelationKind {
    Table {
        name: QualifiedName,
        period: Option<Box<QueryPeriod>>,
    },
    Subquery(Box<Query>),
    Lateral(Box<Query>),
    Unnest {
        expressions: Vec<Expression>,
        with_ordinality: bool,
    },
    /// `TABLE(sequence(1, 10))`.
    TableFunction(Box<TableFunctionCall>),
    Aliased {
        relation: Box<Relation>,
        alias: Identifier,
        /// Empty where none are given.
        columns: Vec<Identifier>,
    },
    /// `MATCH_RECOGNIZE (…)` over a relation.
    PatternRecognition(Box<PatternRecognition>),
    Sampled {
        relation: Box<Relation>,
        method: SampleMethod,
        percentage: Box<Expression>,
    },
    Join {
        kind: JoinKind,
        left: Box<Relation>,
        right: Box<Relation>,
        criteria: JoinCriteria,
    },
}

/// `FOR TIMESTAMP AS OF expression`, `FOR VERSION AS OF expression`.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryPeriod {
    pub position: Position,
    pub kind: PeriodKind,
    pub end: Expression,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeriodKind {
    Timestamp,
    Version,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleMethod {
    Bernoulli,
    System,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinKind {
    Cross,
    Inner,
    Left,
    Right,
    Full,
}

#[derive(Clone, Debug, PartialEq)]
pub enum JoinCriteria {
    /// Of a cross join.
    None,
    On(Box<Expression>),
    Using(Vec<Identifier>),
    Natural,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TableFunctionCall {
    pub name: QualifiedName,
    pub arguments: Vec<TableFunctionArgument>,
    pub copartition: Vec<Vec<QualifiedName>>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TableFunctionArgument {
    pub position: Position,
    /// `name => value`.
    pub name: Option<Identifier>,
    pub value: TableFunctionValue,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TableFunctionValue {
    Expression(Expression),
    /// `DESCRIPTOR(a, b bigint)`; empty for `CAST(NULL AS DESCRIPTOR)`.
    Descriptor(Vec<DescriptorField>),
    Table(Box<TableArgument>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct DescriptorField {
    pub name: Identifier,
    pub data_type: Option<DataType>,
}

/// `TABLE(t) PARTITION BY a PRUNE WHEN EMPTY ORDER BY b`.
#[derive(Clone, Debug, PartialEq)]
pub struct TableArgument {
    pub relation: Relation,
    pub partition_by: Option<Vec<Expression>>,
    pub order_by: Vec<SortItem>,
    /// None where nothing is said.
    pub prune_when_empty: Option<bool>,
}
