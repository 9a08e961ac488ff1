//! Expressions.

use std::sync::Arc;

use datafusion::logical_expr::Expr;

use super::name::column_not_found;
use super::predicate::negate_if;
use super::row_pattern::Pattern;
use super::scope::Scope;
use super::subquery::Pending;
use super::{Analyzer, Typed, case, data_type, error_at, literal};
use crate::ast::{self, Expression, ExpressionKind, Position, QualifiedName};
use crate::error::Error;
use crate::functions::comparison::Comparison;
use crate::functions::{cast, datetime};
use crate::types::{Type, Value, common_super_type};

/// What surrounds an expression, and what it leaves to be done around it.
#[derive(Debug)]
pub struct Context {
    pub scope: Arc<Scope>,
    /// Names that come before the scope's: the select list's, in ORDER BY.
    pub aliases: Vec<(String, Typed)>,
    /// The lambdas around, the innermost last.
    pub lambdas: Vec<Vec<LambdaParameter>>,
    /// Subqueries that are to be joined to the plan before the expression is evaluated.
    pub pending: Vec<Pending>,
    /// What GROUPING asks of, each by the column that stands for its answer.
    pub groupings: Vec<(String, Vec<Expr>)>,
    pub windows: Vec<ast::WindowDefinition>,
    /// Where aggregates are refused, what refuses them: `WHERE clause`.
    pub plain: Option<&'static str>,
    pub in_aggregate: bool,
    /// The row pattern, within MEASURES and DEFINE.
    pub pattern: Option<Box<Pattern>>,
}

#[derive(Clone, Debug)]
pub struct LambdaParameter {
    pub name: String,
    pub data_type: Type,
    pub column: String,
}

impl Context {
    /// For expressions that may hold aggregates and windows.
    pub fn new(scope: Arc<Scope>) -> Self {
        Self {
            scope,
            aliases: Vec::new(),
            lambdas: Vec::new(),
            pending: Vec::new(),
            groupings: Vec::new(),
            windows: Vec::new(),
            plain: None,
            in_aggregate: false,
            pattern: None,
        }
    }

    /// For expressions of a clause that takes neither.
    pub fn plain(scope: Arc<Scope>, clause: &'static str) -> Self {
        Self {
            plain: Some(clause),
            ..Self::new(scope)
        }
    }
}

impl Analyzer<'_> {
    pub(super) fn expression(
        &mut self,
        written: &Expression,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        self.nested(|analyzer| {
            if cx.pattern.is_some()
                && let Some(typed) = analyzer.in_pattern(written, cx)?
            {
                return Ok(typed);
            }
            analyzer.expression_by_kind(written, cx)
        })
    }

    /// The same, as it is outside of a row pattern.
    pub(super) fn expression_by_kind(
        &mut self,
        written: &Expression,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let position = written.position;
        match &written.kind {
            ExpressionKind::Null => literal::null(),
            ExpressionKind::Boolean(b) => literal::boolean(*b),
            ExpressionKind::Integer(n) => literal::integer(*n),
            ExpressionKind::Decimal(text) => literal::decimal(text, position),
            ExpressionKind::Double(x) => literal::typed(Value::Double(*x), Type::Double),
            ExpressionKind::String(text) => literal::string(text),
            ExpressionKind::Binary(bytes) => {
                literal::typed(Value::binary(bytes.as_slice()), Type::Varbinary)
            }
            ExpressionKind::TypedLiteral { type_name, value } => {
                literal::named(type_name, value, position)
            }
            ExpressionKind::Interval(interval) => literal::interval(interval, position),
            ExpressionKind::Parameter(index) => self.parameter(*index, position),
            ExpressionKind::Identifier(name) => self.identifier(name, cx),
            ExpressionKind::Dereference { base, field } => {
                self.dereference(base, field, position, cx)
            }
            ExpressionKind::Subscript { base, index } => self.subscript(base, index, position, cx),
            ExpressionKind::Row(items) => {
                let items = self.expressions(items, cx)?;
                Ok(row_of(items))
            }
            ExpressionKind::Array(items) => self.array(items, position, cx),
            ExpressionKind::FunctionCall(call) => self.function_call(call, position, cx),
            ExpressionKind::Listagg(listagg) => self.listagg(listagg, position, cx),
            ExpressionKind::Measure { name, over } => self.measure_call(name, over, position, cx),
            ExpressionKind::Lambda { .. } => Err(error_at(
                position,
                "TYPE_MISMATCH",
                "Lambda expression should always be used inside a function",
            )),
            ExpressionKind::Subquery(query) => self.scalar_subquery(query, position, cx),
            ExpressionKind::Exists(query) => self.exists(query, cx),
            ExpressionKind::Case {
                operand,
                whens,
                otherwise,
            } => self.case(
                operand.as_deref(),
                whens,
                otherwise.as_deref(),
                position,
                cx,
            ),
            ExpressionKind::Cast {
                expression,
                data_type,
                safe,
            } => self.cast(expression, data_type, *safe, position, cx),
            ExpressionKind::Extract { field, expression } => {
                self.call_of(datetime::part_name(*field), &[expression], position, cx)
            }
            ExpressionKind::Trim {
                specification,
                source,
                characters,
            } => {
                let name = trim_name(*specification);
                match characters {
                    Some(characters) => self.call_of(name, &[source, characters], position, cx),
                    None => self.call_of(name, &[source], position, cx),
                }
            }
            ExpressionKind::CurrentTime {
                function,
                precision,
            } => self.current_time(*function, *precision, position),
            ExpressionKind::CurrentUser => literal::string("athena"),
            ExpressionKind::CurrentCatalog => literal::string("awsdatacatalog"),
            ExpressionKind::CurrentSchema => literal::string(&self.database.clone()),
            ExpressionKind::CurrentPath => literal::string(""),
            ExpressionKind::Grouping(columns) => self.grouping(columns, position, cx),
            ExpressionKind::JsonExists(exists) => self.json_exists(exists, position, cx),
            ExpressionKind::JsonValue(value) => self.json_value(value, position, cx),
            ExpressionKind::JsonQuery(query) => self.json_query(query, position, cx),
            ExpressionKind::JsonObject(object) => self.json_object(object, position, cx),
            ExpressionKind::JsonArray(array) => self.json_array(array, position, cx),
            ExpressionKind::Not(inner) => self.not(inner, cx),
            ExpressionKind::And(terms) => self.and(terms, cx),
            ExpressionKind::Or(terms) => self.or(terms, cx),
            ExpressionKind::Comparison {
                operator,
                left,
                right,
            } => self.comparison((*operator).into(), left, right, position, cx),
            ExpressionKind::QuantifiedComparison {
                operator,
                quantifier,
                value,
                query,
            } => {
                let value = self.expression(value, cx)?;
                self.quantified((*operator).into(), *quantifier, value, query, position, cx)
            }
            ExpressionKind::Between {
                value,
                lower,
                upper,
                negated,
            } => negate_if(*negated, self.between(value, [lower, upper], position, cx)),
            ExpressionKind::InList {
                value,
                list,
                negated,
            } => negate_if(*negated, self.in_list(value, list, position, cx)),
            ExpressionKind::InSubquery {
                value,
                query,
                negated,
            } => negate_if(*negated, self.in_subquery(value, query, position, cx)),
            ExpressionKind::Like {
                value,
                pattern,
                escape,
                negated,
            } => {
                let like = match escape {
                    Some(escape) => self.call_of("like", &[value, pattern, escape], position, cx),
                    None => self.call_of("like", &[value, pattern], position, cx),
                };
                negate_if(*negated, like)
            }
            ExpressionKind::IsNull { value, negated } => self.is_null(value, *negated, cx),
            ExpressionKind::IsDistinctFrom {
                left,
                right,
                negated,
            } => {
                let operator = if *negated {
                    Comparison::NotDistinct
                } else {
                    Comparison::Distinct
                };
                self.comparison(operator, left, right, position, cx)
            }
            ExpressionKind::Arithmetic {
                operator,
                left,
                right,
            } => self.call_of(operator.symbol(), &[left, right], position, cx),
            ExpressionKind::Negate(inner) => self.call_of("negate", &[inner], position, cx),
            ExpressionKind::Plus(inner) => self.expression(inner, cx),
            ExpressionKind::AtTimeZone { value, zone } => {
                self.call_of("at_timezone", &[value, zone], position, cx)
            }
        }
    }

    /// A call of a function that is written in words of its own.
    fn call_of(
        &mut self,
        name: &str,
        arguments: &[&Expression],
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let arguments = arguments
            .iter()
            .map(|argument| self.expression(argument, cx));
        let arguments = arguments.collect::<Result<_, Error>>()?;
        self.call(name, arguments, position)
    }

    pub(super) fn expressions(
        &mut self,
        written: &[Expression],
        cx: &mut Context,
    ) -> Result<Vec<Typed>, Error> {
        written.iter().map(|e| self.expression(e, cx)).collect()
    }

    fn parameter(&mut self, index: usize, position: Position) -> Result<Typed, Error> {
        let Some(value) = self.parameters.get(index) else {
            return Err(error_at(
                position,
                "INVALID_PARAMETER_USAGE",
                "Incorrect number of parameters: no value for a parameter",
            ));
        };
        let mut cx = Context::plain(Scope::outermost(), "EXECUTE");
        self.expression(value, &mut cx)
    }

    fn array(
        &mut self,
        items: &[Expression],
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let items = self.expressions(items, cx)?;
        let element = common_type(&items, "All ARRAY elements", position)?;
        let items = items
            .into_iter()
            .map(|item| coerce(item, &element))
            .collect();
        Ok(case::array_of(items, element))
    }

    fn cast(
        &mut self,
        written: &Expression,
        to: &ast::DataType,
        safe: bool,
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let source = self.expression(written, cx)?;
        let to = data_type::resolve(to)?;
        if !cast::can_cast(&source.data_type, &to) {
            return Err(error_at(
                position,
                "TYPE_MISMATCH",
                format!("Cannot cast {} to {to}", source.data_type),
            ));
        }
        Ok(Typed::new(
            cast::cast_expr(source.expr, &source.data_type, &to, safe),
            to,
        ))
    }

    /// GROUPING(a, b): answered once the grouping sets are known.
    fn grouping(
        &mut self,
        columns: &[QualifiedName],
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        if let Some(clause) = cx.plain {
            return Err(error_at(
                position,
                "EXPRESSION_NOT_SCALAR",
                format!(
                    "{clause} cannot contain aggregations, window functions or grouping operations"
                ),
            ));
        }
        let mut asked = Vec::new();
        for column in columns {
            let path = column.lower();
            let (name, qualifier) = path
                .split_last()
                .ok_or_else(|| Error::internal("no name"))?;
            let typed = cx
                .scope
                .resolve(qualifier, name, column.position())?
                .ok_or_else(|| column_not_found(&path.join("."), column.position()))?;
            asked.push(typed.expr);
        }
        let data_type = if columns.len() <= 31 {
            Type::Integer
        } else {
            Type::Bigint
        };
        let field = self.field(None, data_type);
        cx.groupings.push((field.column.clone(), asked));
        Ok(field.typed())
    }
}

fn trim_name(specification: ast::TrimSpecification) -> &'static str {
    match specification {
        ast::TrimSpecification::Both => "trim",
        ast::TrimSpecification::Leading => "ltrim",
        ast::TrimSpecification::Trailing => "rtrim",
    }
}

/// The expression as a value of a type it converts into.
pub fn coerce(typed: Typed, to: &Type) -> Expr {
    cast::cast_expr(typed.expr, &typed.data_type, to, false)
}

/// The type that holds them all.
pub fn common_type(items: &[Typed], what: &str, position: Position) -> Result<Type, Error> {
    let mut common = Type::Unknown;
    for item in items {
        common = common_super_type(&common, &item.data_type).ok_or_else(|| {
            error_at(
                position,
                "TYPE_MISMATCH",
                format!("{what} must be the same type: {common}, {}", item.data_type),
            )
        })?;
    }
    Ok(common)
}

pub fn row_of(items: Vec<Typed>) -> Typed {
    let data_type = Type::row(items.iter().map(|i| i.data_type.clone()));
    case::row_of(items.into_iter().map(|i| i.expr).collect(), data_type)
}
