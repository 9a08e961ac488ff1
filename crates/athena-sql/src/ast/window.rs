//! Windows: `OVER (…)` and the WINDOW clause.

use super::{
    Expression, Identifier, Measure, Position, RowPattern, SkipTo, SortItem, Subset,
    VariableDefinition,
};

#[derive(Clone, Debug, PartialEq)]
pub enum Over {
    /// `OVER w`.
    Named(Identifier),
    /// `OVER (…)`.
    Specification(WindowSpecification),
}

/// `WINDOW name AS (…)`.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowDefinition {
    pub name: Identifier,
    pub specification: WindowSpecification,
}

#[derive(Clone, Debug, PartialEq)]
pub struct WindowSpecification {
    pub position: Position,
    pub existing: Option<Identifier>,
    pub partition_by: Vec<Expression>,
    pub order_by: Vec<SortItem>,
    pub frame: Option<WindowFrame>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct WindowFrame {
    pub position: Position,
    pub units: FrameUnits,
    pub start: FrameBound,
    pub end: Option<FrameBound>,
    /// MEASURES, PATTERN, DEFINE and what belongs to them.
    pub pattern: Option<Box<WindowPattern>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameUnits {
    Range,
    Rows,
    Groups,
}

#[derive(Clone, Debug, PartialEq)]
pub struct FrameBound {
    pub position: Position,
    pub kind: FrameBoundKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum FrameBoundKind {
    UnboundedPreceding,
    Preceding(Box<Expression>),
    CurrentRow,
    Following(Box<Expression>),
    UnboundedFollowing,
}

/// Row pattern recognition within a window's frame.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowPattern {
    pub measures: Vec<Measure>,
    pub after_match: Option<SkipTo>,
    /// `INITIAL`, the default, or `SEEK`, where one of them stands.
    pub search_mode: Option<Identifier>,
    pub pattern: Option<RowPattern>,
    pub subsets: Vec<Subset>,
    pub definitions: Vec<VariableDefinition>,
}
