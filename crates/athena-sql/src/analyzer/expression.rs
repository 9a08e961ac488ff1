//! Expressions.

use std::sync::Arc;

use datafusion::functions::core::expr_fn::get_field;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::utils::{conjunction, disjunction};

use super::scope::Scope;
use super::subquery::Pending;
use super::{Analyzer, Typed, at, case, data_type, error_at, literal};
use crate::ast::{
    self, ArithmeticOperator, Expression, ExpressionKind, Identifier, Position, QualifiedName,
};
use crate::error::Error;
use crate::functions::comparison::{self, Comparison};
use crate::functions::{cast, datetime};
use crate::types::arrow::field_name;
use crate::types::zone::{DAY, Zone};
use crate::types::{Type, Value, can_coerce, common_super_type};

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
            ExpressionKind::Measure { .. } => {
                Err(Error::not_supported("row pattern recognition")).map_err(at(position))
            }
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
                let source = self.expression(expression, cx)?;
                let name = datetime::part_name(*field);
                self.call(name, vec![source], position)
            }
            ExpressionKind::Trim {
                specification,
                source,
                characters,
            } => {
                let name = match specification {
                    ast::TrimSpecification::Both => "trim",
                    ast::TrimSpecification::Leading => "ltrim",
                    ast::TrimSpecification::Trailing => "rtrim",
                };
                let mut arguments = vec![self.expression(source, cx)?];
                if let Some(characters) = characters {
                    arguments.push(self.expression(characters, cx)?);
                }
                self.call(name, arguments, position)
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
            ExpressionKind::JsonExists(_)
            | ExpressionKind::JsonValue(_)
            | ExpressionKind::JsonQuery(_) => {
                Err(Error::not_supported("SQL/JSON path functions")).map_err(at(position))
            }
            ExpressionKind::JsonObject(object) => self.json_object(object, position, cx),
            ExpressionKind::JsonArray(array) => self.json_array(array, position, cx),
            ExpressionKind::Not(inner) => {
                let inner = self.boolean(inner, cx, "NOT")?;
                Ok(Typed::new(!inner, Type::Boolean))
            }
            ExpressionKind::And(terms) => {
                let terms = self.booleans(terms, cx, "AND")?;
                Ok(Typed::new(
                    conjunction(terms).ok_or_else(|| Error::internal("an empty AND"))?,
                    Type::Boolean,
                ))
            }
            ExpressionKind::Or(terms) => {
                let terms = self.booleans(terms, cx, "OR")?;
                Ok(Typed::new(
                    disjunction(terms).ok_or_else(|| Error::internal("an empty OR"))?,
                    Type::Boolean,
                ))
            }
            ExpressionKind::Comparison {
                operator,
                left,
                right,
            } => {
                let left = self.expression(left, cx)?;
                let right = self.expression(right, cx)?;
                comparison::compare((*operator).into(), left, right).map_err(at(position))
            }
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
            } => {
                let value = self.expression(value, cx)?;
                let lower = self.expression(lower, cx)?;
                let upper = self.expression(upper, cx)?;
                let from = comparison::compare(Comparison::GreaterOrEqual, value.clone(), lower)
                    .map_err(at(position))?;
                let to = comparison::compare(Comparison::LessOrEqual, value, upper)
                    .map_err(at(position))?;
                Ok(negate_if(*negated, from.expr.and(to.expr)))
            }
            ExpressionKind::InList {
                value,
                list,
                negated,
            } => {
                let value = self.expression(value, cx)?;
                let list = self.expressions(list, cx)?;
                let found = comparison::in_list(value, list).map_err(at(position))?;
                Ok(negate_if(*negated, found))
            }
            ExpressionKind::InSubquery {
                value,
                query,
                negated,
            } => {
                let value = self.expression(value, cx)?;
                let found = self.quantified(
                    Comparison::Equal,
                    ast::Quantifier::Any,
                    value,
                    query,
                    position,
                    cx,
                )?;
                Ok(negate_if(*negated, found.expr))
            }
            ExpressionKind::Like {
                value,
                pattern,
                escape,
                negated,
            } => {
                let mut arguments =
                    vec![self.expression(value, cx)?, self.expression(pattern, cx)?];
                if let Some(escape) = escape {
                    arguments.push(self.expression(escape, cx)?);
                }
                let like = self.call("like", arguments, position)?;
                Ok(negate_if(*negated, like.expr))
            }
            ExpressionKind::IsNull { value, negated } => {
                let value = self.expression(value, cx)?.expr;
                let expr = if *negated {
                    value.is_not_null()
                } else {
                    value.is_null()
                };
                Ok(Typed::new(expr, Type::Boolean))
            }
            ExpressionKind::IsDistinctFrom {
                left,
                right,
                negated,
            } => {
                let left = self.expression(left, cx)?;
                let right = self.expression(right, cx)?;
                let operator = if *negated {
                    Comparison::NotDistinct
                } else {
                    Comparison::Distinct
                };
                comparison::compare(operator, left, right).map_err(at(position))
            }
            ExpressionKind::Arithmetic {
                operator,
                left,
                right,
            } => {
                let left = self.expression(left, cx)?;
                let right = self.expression(right, cx)?;
                self.arithmetic(*operator, left, right, position)
            }
            ExpressionKind::Negate(inner) => {
                let inner = self.expression(inner, cx)?;
                self.call("negate", vec![inner], position)
            }
            ExpressionKind::Plus(inner) => self.expression(inner, cx),
            ExpressionKind::AtTimeZone { value, zone } => {
                let arguments = vec![self.expression(value, cx)?, self.expression(zone, cx)?];
                self.call("at_timezone", arguments, position)
            }
        }
    }

    pub(super) fn expressions(
        &mut self,
        written: &[Expression],
        cx: &mut Context,
    ) -> Result<Vec<Typed>, Error> {
        written.iter().map(|e| self.expression(e, cx)).collect()
    }

    fn booleans(
        &mut self,
        written: &[Expression],
        cx: &mut Context,
        what: &str,
    ) -> Result<Vec<Expr>, Error> {
        written.iter().map(|e| self.boolean(e, cx, what)).collect()
    }

    /// An expression that must be a condition; `what` it is of.
    pub(super) fn boolean(
        &mut self,
        written: &Expression,
        cx: &mut Context,
        what: &str,
    ) -> Result<Expr, Error> {
        let typed = self.expression(written, cx)?;
        if !can_coerce(&typed.data_type, &Type::Boolean) {
            return Err(error_at(
                written.position,
                "TYPE_MISMATCH",
                format!(
                    "{what} must evaluate to a boolean (actual: {})",
                    typed.data_type
                ),
            ));
        }
        Ok(typed.expr)
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

    fn identifier(&mut self, name: &Identifier, cx: &mut Context) -> Result<Typed, Error> {
        if let Some(typed) = lambda_parameter(&name.lower(), cx) {
            return Ok(typed);
        }
        if let Some((_, typed)) = cx.aliases.iter().find(|(alias, _)| *alias == name.lower()) {
            return Ok(typed.clone());
        }
        cx.scope
            .resolve(&[], &name.lower(), name.position)?
            .ok_or_else(|| column_not_found(&name.value, name.position))
    }

    fn dereference(
        &mut self,
        base: &Expression,
        field: &Identifier,
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        if let Some(mut path) = path_of(base) {
            let first_is_lambda = lambda_parameter(&path[0], cx).is_some();
            if !first_is_lambda
                && let Some(typed) = cx.scope.resolve(&path, &field.lower(), position)?
            {
                return Ok(typed);
            }
            // Where nothing by that name is a column, the whole of it is what cannot be found.
            if !first_is_lambda
                && path.len() == 1
                && cx.scope.resolve(&[], &path[0], position)?.is_none()
                && !cx.aliases.iter().any(|(alias, _)| *alias == path[0])
            {
                path.push(field.lower());
                return Err(column_not_found(&path.join("."), position));
            }
        }
        let base = self.expression(base, cx)?;
        let Type::Row(fields) = &base.data_type else {
            return Err(error_at(
                position,
                "TYPE_MISMATCH",
                format!("Expression {} is not of type ROW", field.value),
            ));
        };
        let mut found = fields.iter().enumerate().filter(|(_, f)| {
            f.name
                .as_ref()
                .is_some_and(|n| n.eq_ignore_ascii_case(&field.value))
        });
        match (found.next(), found.next()) {
            (Some((i, f)), None) => Ok(Typed::new(
                get_field(base.expr.clone(), field_name(i)),
                f.data_type.clone(),
            )),
            (Some(_), Some(_)) => Err(error_at(
                position,
                "AMBIGUOUS_NAME",
                format!("Ambiguous row field reference: {}", field.value),
            )),
            _ => Err(column_not_found(&field.value, position)),
        }
    }

    fn subscript(
        &mut self,
        base: &Expression,
        index: &Expression,
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let base = self.expression(base, cx)?;
        let Type::Row(fields) = &base.data_type else {
            let index = self.expression(index, cx)?;
            return self.call("[]", vec![base, index], position);
        };
        let ExpressionKind::Integer(n) = index.kind else {
            return Err(error_at(
                index.position,
                "TYPE_MISMATCH",
                "Subscript expression on ROW requires a constant index",
            ));
        };
        let field = usize::try_from(n - 1).ok().and_then(|i| fields.get(i));
        match field {
            Some(field) => Ok(Typed::new(
                get_field(base.expr.clone(), field_name(n as usize - 1)),
                field.data_type.clone(),
            )),
            None if n <= 0 => Err(error_at(
                index.position,
                "INVALID_FUNCTION_ARGUMENT",
                format!("Invalid subscript index: {n}. ROW indices start at 1"),
            )),
            None => Err(error_at(
                index.position,
                "INVALID_FUNCTION_ARGUMENT",
                format!(
                    "Subscript index out of bounds: {n}, max value is {}",
                    fields.len()
                ),
            )),
        }
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

    fn arithmetic(
        &mut self,
        operator: ArithmeticOperator,
        left: Typed,
        right: Typed,
        position: Position,
    ) -> Result<Typed, Error> {
        self.call(operator.symbol(), vec![left, right], position)
    }

    fn current_time(
        &mut self,
        function: ast::CurrentTimeFunction,
        precision: Option<u32>,
        position: Position,
    ) -> Result<Typed, Error> {
        use ast::CurrentTimeFunction as F;
        let p = precision.unwrap_or(3);
        let Some(p) = u8::try_from(p).ok().filter(|p| *p <= 12) else {
            return Err(error_at(
                position,
                "INVALID_TYPE_DEFINITION",
                format!("Invalid precision: {p}"),
            ));
        };
        let now = self.now(p);
        match function {
            F::Date => literal::typed(Value::Date(now.div_euclid(DAY) as i32), Type::Date),
            F::Time => literal::typed(
                Value::TimeTz(now.rem_euclid(DAY) as i64, 0),
                Type::TimeTz(p),
            ),
            F::Timestamp => {
                literal::typed(Value::TimestampTz(now, Zone::UTC), Type::TimestampTz(p))
            }
            F::LocalTime => literal::typed(Value::Time(now.rem_euclid(DAY) as i64), Type::Time(p)),
            F::LocalTimestamp => literal::typed(Value::Timestamp(now), Type::Timestamp(p)),
        }
    }

    /// The statement's time in picoseconds, cut to a precision.
    pub(super) fn now(&self, precision: u8) -> i128 {
        let now = &self.session.now;
        let picos = i128::from(now.timestamp()) * 1_000_000_000_000
            + i128::from(now.timestamp_subsec_nanos()) * 1000;
        let unit = 10_i128.pow(u32::from(12 - precision));
        picos.div_euclid(unit) * unit
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

fn lambda_parameter(name: &str, cx: &Context) -> Option<Typed> {
    cx.lambdas
        .iter()
        .rev()
        .flatten()
        .find(|p| p.name == name)
        .map(|p| {
            Typed::new(
                Expr::Column(datafusion::common::Column::from_name(p.column.clone())),
                p.data_type.clone(),
            )
        })
}

/// `a.b.c` as its names, where it is nothing but names.
pub fn path_of(written: &Expression) -> Option<Vec<String>> {
    match &written.kind {
        ExpressionKind::Identifier(name) => Some(vec![name.lower()]),
        ExpressionKind::Dereference { base, field } => {
            let mut path = path_of(base)?;
            path.push(field.lower());
            Some(path)
        }
        _ => None,
    }
}

pub fn column_not_found(name: &str, position: Position) -> Error {
    error_at(
        position,
        "COLUMN_NOT_FOUND",
        format!(
            "Column '{name}' cannot be resolved or requester is not authorized to access requested \
             resources"
        ),
    )
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

fn negate_if(negated: bool, expr: Expr) -> Typed {
    Typed::new(if negated { !expr } else { expr }, Type::Boolean)
}
