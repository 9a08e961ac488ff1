//! Row patterns: MATCH_RECOGNIZE.

use super::{Expression, Identifier, Position, Relation, SortItem};

#[derive(Clone, Debug, PartialEq)]
pub struct PatternRecognition {
    pub input: Relation,
    pub partition_by: Vec<Expression>,
    pub order_by: Vec<SortItem>,
    pub measures: Vec<Measure>,
    /// `ONE ROW PER MATCH` where nothing is said.
    pub rows_per_match: RowsPerMatch,
    pub after_match: Option<SkipTo>,
    /// `INITIAL` or `SEEK`, where one of them stands.
    pub search_mode: Option<Identifier>,
    pub pattern: RowPattern,
    pub subsets: Vec<Subset>,
    pub definitions: Vec<VariableDefinition>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    pub expression: Expression,
    pub name: Identifier,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RowsPerMatch {
    #[default]
    One,
    /// `ALL ROWS PER MATCH`, which is the same as with `SHOW EMPTY MATCHES`.
    AllShowEmpty,
    AllOmitEmpty,
    AllWithUnmatched,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SkipTo {
    NextRow(Position),
    PastLastRow(Position),
    First(Identifier),
    Last(Identifier),
}

/// `SUBSET name = (a, b)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subset {
    pub name: Identifier,
    pub variables: Vec<Identifier>,
}

/// `DEFINE name AS condition`.
#[derive(Clone, Debug, PartialEq)]
pub struct VariableDefinition {
    pub name: Identifier,
    pub condition: Expression,
}

#[derive(Clone, Debug, PartialEq)]
pub struct RowPattern {
    pub position: Position,
    pub kind: RowPatternKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum RowPatternKind {
    Variable(Identifier),
    /// `()`.
    Empty,
    Concatenation(Vec<RowPattern>),
    Alternation(Vec<RowPattern>),
    Permutation(Vec<RowPattern>),
    /// `^`.
    PartitionStart,
    /// `$`.
    PartitionEnd,
    /// `{- … -}`.
    Excluded(Box<RowPattern>),
    Quantified {
        pattern: Box<RowPattern>,
        at_least: u32,
        /// None for no limit.
        at_most: Option<u32>,
        greedy: bool,
    },
}
