//! The SQL/JSON functions, which have a syntax of their own.

use super::{DataType, Expression, Identifier};

/// `input, 'lax $.path' PASSING 1 AS x`.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonPathInvocation {
    pub input: FormattedExpression,
    pub path: String,
    pub arguments: Vec<JsonArgument>,
}

/// `expression FORMAT JSON ENCODING UTF8`.
#[derive(Clone, Debug, PartialEq)]
pub struct FormattedExpression {
    pub expression: Expression,
    pub format: Option<JsonFormat>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonFormat {
    Json,
    Utf8,
    Utf16,
    Utf32,
}

#[derive(Clone, Debug, PartialEq)]
pub struct JsonArgument {
    pub value: FormattedExpression,
    pub name: Identifier,
}

/// `RETURNING varchar FORMAT JSON`.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonReturning {
    pub data_type: DataType,
    pub format: Option<JsonFormat>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct JsonExists {
    pub path: JsonPathInvocation,
    pub on_error: JsonExistsBehavior,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JsonExistsBehavior {
    True,
    #[default]
    False,
    Unknown,
    Error,
}

#[derive(Clone, Debug, PartialEq)]
pub struct JsonValue {
    pub path: JsonPathInvocation,
    pub returning: Option<DataType>,
    pub on_empty: JsonValueBehavior,
    /// None where nothing is said: NULL.
    pub on_error: Option<JsonValueBehavior>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub enum JsonValueBehavior {
    Error,
    #[default]
    Null,
    Default(Expression),
}

#[derive(Clone, Debug, PartialEq)]
pub struct JsonQuery {
    pub path: JsonPathInvocation,
    pub returning: Option<JsonReturning>,
    pub wrapper: JsonWrapper,
    /// `KEEP QUOTES`, `OMIT QUOTES`.
    pub quotes: Option<JsonQuotes>,
    pub on_empty: JsonQueryBehavior,
    pub on_error: JsonQueryBehavior,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JsonWrapper {
    #[default]
    Without,
    Conditional,
    Unconditional,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonQuotes {
    Keep,
    Omit,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JsonQueryBehavior {
    Error,
    #[default]
    Null,
    EmptyArray,
    EmptyObject,
}

#[derive(Clone, Debug, PartialEq)]
pub struct JsonObject {
    pub members: Vec<JsonObjectMember>,
    /// `NULL ON NULL`, the default; false for `ABSENT ON NULL`.
    pub null_on_null: bool,
    /// `WITH UNIQUE KEYS`.
    pub unique_keys: bool,
    pub returning: Option<JsonReturning>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct JsonObjectMember {
    pub key: Expression,
    pub value: FormattedExpression,
}

#[derive(Clone, Debug, PartialEq)]
pub struct JsonArray {
    pub elements: Vec<FormattedExpression>,
    /// `NULL ON NULL`; false for `ABSENT ON NULL`, the default.
    pub null_on_null: bool,
    pub returning: Option<JsonReturning>,
}
