//! Expressions.

use super::{
    DataType, Identifier, JsonArray, JsonExists, JsonObject, JsonQuery, JsonValue, Over, Position,
    QualifiedName, Query, SortItem,
};

#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    pub position: Position,
    pub kind: ExpressionKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ExpressionKind {
    Null,
    Boolean(bool),
    /// `12`, `-12`, `0x1F`: always a bigint's value.
    Integer(i64),
    /// `1.5`, `-1.5`, as written without underscores.
    Decimal(String),
    /// `1e0`.
    Double(f64),
    /// `'text'`, `U&'\2603'`, its escapes resolved.
    String(String),
    /// `X'65683F'`.
    Binary(Vec<u8>),
    /// `DATE '2024-01-01'`, `JSON '{}'`.
    TypedLiteral {
        /// In lower case; `double precision` is `double`.
        type_name: String,
        value: String,
    },
    Interval(IntervalLiteral),
    /// `?`, counted from 0.
    Parameter(usize),

    /// A column, a row pattern's or lambda's variable. `a.b` is a [`Dereference`] of it.
    ///
    /// [`Dereference`]: ExpressionKind::Dereference
    Identifier(Identifier),
    Dereference {
        base: Box<Expression>,
        field: Identifier,
    },
    /// `base[index]`.
    Subscript {
        base: Box<Expression>,
        index: Box<Expression>,
    },
    /// `(1, 2)`, `ROW(1)`.
    Row(Vec<Expression>),
    /// `ARRAY[1, 2]`.
    Array(Vec<Expression>),

    /// Also `a || b` (`concat`), `SUBSTRING(a FROM 1)` (`substring`), `POSITION(a IN b)`
    /// (`strpos`, arguments swapped) and `NORMALIZE(a, NFD)` (`normalize`), which Trino treats as
    /// these functions; and `if`, `nullif`, `coalesce`, `try`, which have no syntax of their own.
    FunctionCall(Box<FunctionCall>),
    /// `LISTAGG(a, ',') WITHIN GROUP (ORDER BY b)`.
    Listagg(Box<Listagg>),
    /// `label OVER w`: a measure of the row pattern in a window.
    Measure {
        name: Identifier,
        over: Box<Over>,
    },
    Lambda {
        parameters: Vec<Identifier>,
        body: Box<Expression>,
    },
    Subquery(Box<Query>),
    Exists(Box<Query>),
    /// With an operand `CASE x WHEN 1 THEN`, without one `CASE WHEN x = 1 THEN`.
    Case {
        operand: Option<Box<Expression>>,
        whens: Vec<WhenClause>,
        otherwise: Option<Box<Expression>>,
    },
    Cast {
        expression: Box<Expression>,
        data_type: DataType,
        /// `TRY_CAST`: NULL instead of an error.
        safe: bool,
    },
    Extract {
        field: ExtractField,
        expression: Box<Expression>,
    },
    Trim {
        specification: TrimSpecification,
        source: Box<Expression>,
        characters: Option<Box<Expression>>,
    },
    CurrentTime {
        function: CurrentTimeFunction,
        precision: Option<u32>,
    },
    CurrentUser,
    CurrentCatalog,
    CurrentSchema,
    CurrentPath,
    /// `GROUPING(a, b)`: columns, each a chain of dereferences.
    Grouping(Vec<QualifiedName>),
    JsonExists(Box<JsonExists>),
    JsonValue(Box<JsonValue>),
    JsonQuery(Box<JsonQuery>),
    JsonObject(Box<JsonObject>),
    JsonArray(Box<JsonArray>),

    Not(Box<Expression>),
    /// Two terms or more.
    And(Vec<Expression>),
    /// Two terms or more.
    Or(Vec<Expression>),
    Comparison {
        operator: ComparisonOperator,
        left: Box<Expression>,
        right: Box<Expression>,
    },
    /// `a > ALL (SELECT …)`.
    QuantifiedComparison {
        operator: ComparisonOperator,
        quantifier: Quantifier,
        value: Box<Expression>,
        query: Box<Query>,
    },
    Between {
        value: Box<Expression>,
        lower: Box<Expression>,
        upper: Box<Expression>,
        negated: bool,
    },
    InList {
        value: Box<Expression>,
        list: Vec<Expression>,
        negated: bool,
    },
    InSubquery {
        value: Box<Expression>,
        query: Box<Query>,
        negated: bool,
    },
    Like {
        value: Box<Expression>,
        pattern: Box<Expression>,
        escape: Option<Box<Expression>>,
        negated: bool,
    },
    IsNull {
        value: Box<Expression>,
        negated: bool,
    },
    IsDistinctFrom {
        left: Box<Expression>,
        right: Box<Expression>,
        negated: bool,
    },
    Arithmetic {
        operator: ArithmeticOperator,
        left: Box<Expression>,
        right: Box<Expression>,
    },
    /// `-a`; of a number literal, it is part of the literal.
    Negate(Box<Expression>),
    /// `+a`.
    Plus(Box<Expression>),
    /// The zone is a string or an interval.
    AtTimeZone {
        value: Box<Expression>,
        zone: Box<Expression>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComparisonOperator {
    Equal,
    NotEqual,
    LessThan,
    LessThanOrEqual,
    GreaterThan,
    GreaterThanOrEqual,
}

impl ComparisonOperator {
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::LessThan => "<",
            Self::LessThanOrEqual => "<=",
            Self::GreaterThan => ">",
            Self::GreaterThanOrEqual => ">=",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArithmeticOperator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulus,
}

impl ArithmeticOperator {
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Modulus => "%",
        }
    }
}

/// `SOME` is `Any`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    All,
    Any,
}

#[derive(Clone, Debug, PartialEq)]
pub struct WhenClause {
    pub condition: Expression,
    pub result: Expression,
}

/// `INTERVAL -'2-1' YEAR TO MONTH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntervalLiteral {
    pub value: String,
    pub negative: bool,
    pub from: IntervalField,
    pub to: Option<IntervalField>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntervalField {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtractField {
    Year,
    Quarter,
    Month,
    Week,
    Day,
    /// `DAY_OF_MONTH`.
    DayOfMonth,
    /// `DAY_OF_WEEK`, `DOW`.
    DayOfWeek,
    /// `DAY_OF_YEAR`, `DOY`.
    DayOfYear,
    /// `YEAR_OF_WEEK`, `YOW`.
    YearOfWeek,
    Hour,
    Minute,
    Second,
    TimezoneMinute,
    TimezoneHour,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrimSpecification {
    Both,
    Leading,
    Trailing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CurrentTimeFunction {
    /// `CURRENT_DATE`.
    Date,
    /// `CURRENT_TIME`.
    Time,
    /// `CURRENT_TIMESTAMP`.
    Timestamp,
    LocalTime,
    LocalTimestamp,
}

#[derive(Clone, Debug, PartialEq)]
pub struct FunctionCall {
    pub name: QualifiedName,
    pub arguments: Arguments,
    pub distinct: bool,
    pub order_by: Vec<SortItem>,
    pub filter: Option<Expression>,
    pub null_treatment: Option<NullTreatment>,
    pub over: Option<Over>,
    /// `RUNNING sum(a)`, `FINAL sum(a)`: in a row pattern.
    pub processing_mode: Option<ProcessingMode>,
}

impl FunctionCall {
    /// A call without any of the clauses.
    pub fn plain(name: QualifiedName, arguments: Vec<Expression>) -> Self {
        Self {
            name,
            arguments: Arguments::List(arguments),
            distinct: false,
            order_by: Vec::new(),
            filter: None,
            null_treatment: None,
            over: None,
            processing_mode: None,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Arguments {
    List(Vec<Expression>),
    /// `count(*)`, `count(label.*)`.
    All {
        label: Option<Identifier>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NullTreatment {
    Ignore,
    Respect,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessingMode {
    Running,
    Final,
}

impl ProcessingMode {
    pub fn word(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Final => "FINAL",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Listagg {
    pub distinct: bool,
    pub expression: Expression,
    /// None is the empty string.
    pub separator: Option<String>,
    pub overflow: ListaggOverflow,
    pub order_by: Vec<SortItem>,
    pub filter: Option<Expression>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListaggOverflow {
    Error,
    /// The filler is `...` where none is given.
    Truncate {
        filler: String,
        with_count: bool,
    },
}
