//! Calls of aggregate functions, in a GROUP BY's query or over a window.

use std::sync::Arc;

use datafusion::functions_aggregate::average::avg_udaf;
use datafusion::functions_aggregate::bool_and_or::{bool_and_udaf, bool_or_udaf};
use datafusion::functions_aggregate::count::count_udaf;
use datafusion::functions_aggregate::min_max::{max_udaf, min_udaf};
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::{AggregateUDF, Expr, lit};

use super::case::choose;
use super::expression::{Context, coerce};
use super::{Analyzer, Typed, at, error_at, literal};
use crate::ast::{self, Arguments, Expression, ExpressionKind, FunctionCall, Position, SortItem};
use crate::error::Error;
use crate::functions::{Aggregate, Bound, Lambda, SortKey, cast, comparison, sum};
use crate::types::{MAX_PRECISION, Type, Value};

/// An aggregate function over given arguments, ready to become a group's or a window's.
pub(super) struct Aggregation {
    pub function: Arc<AggregateUDF>,
    pub arguments: Vec<Expr>,
    pub distinct: bool,
    pub filter: Option<Expr>,
    pub result: Type,
    pub conversion: Conversion,
}

/// How what the function gives becomes the result.
pub(super) enum Conversion {
    None,
    /// From this type.
    Cast(Type),
    /// From the wider decimal of a sum, which has to be in the result's range.
    Sum,
}

impl Aggregation {
    /// The function's node, converted to the type it is to have.
    pub fn finish(&self, node: Expr) -> Typed {
        let expr = match &self.conversion {
            Conversion::None => node,
            Conversion::Cast(native) => cast::cast_expr(node, native, &self.result, false),
            Conversion::Sum => sum::in_range(node, &self.result),
        };
        Typed::new(expr, self.result.clone())
    }
}

impl Analyzer<'_> {
    pub(super) fn aggregate_call(
        &mut self,
        written: &FunctionCall,
        name: &str,
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let aggregation = self.aggregation(written, name, position, cx)?;
        Ok(as_node(&aggregation))
    }

    pub(super) fn listagg(
        &mut self,
        written: &ast::Listagg,
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        refuse_where_plain(position, cx)?;
        cx.in_aggregate = true;
        let value = self.expression(&written.expression, cx)?;
        let separator = literal::typed(
            Value::text(written.separator.as_deref().unwrap_or("")),
            Type::VARCHAR,
        )?;
        let (keys, order) = self.sort_keys(&written.order_by, cx)?;
        let filter = self.filter(written.filter.as_ref(), cx)?;
        cx.in_aggregate = false;
        let arguments = vec![value, separator];
        let bound = super::function_call::resolve("$listagg", &arguments).map_err(at(position))?;
        let distinct = written.distinct;
        let none = Vec::new();
        let aggregation = collecting(bound, arguments, none, distinct, keys, order, filter);
        Ok(as_node(&aggregation))
    }

    /// What a call of an aggregate function means.
    pub(super) fn aggregation(
        &mut self,
        written: &FunctionCall,
        name: &str,
        position: Position,
        cx: &mut Context,
    ) -> Result<Aggregation, Error> {
        refuse_where_plain(position, cx)?;
        let over = written.over.is_some();
        if cx.in_aggregate && !over {
            return Err(error_at(
                position,
                "NESTED_AGGREGATION",
                format!("Cannot nest aggregations inside aggregation '{name}'"),
            ));
        }
        cx.in_aggregate = !over;
        let parts = self.aggregation_parts(written, name, position, cx);
        cx.in_aggregate = false;
        parts
    }

    fn aggregation_parts(
        &mut self,
        written: &FunctionCall,
        name: &str,
        position: Position,
        cx: &mut Context,
    ) -> Result<Aggregation, Error> {
        let filter = self.filter(written.filter.as_ref(), cx)?;
        let arguments = match &written.arguments {
            Arguments::All { .. } => Vec::new(),
            Arguments::List(arguments) if arguments.iter().any(is_lambda) => {
                return self.aggregation_of_lambdas(written, name, arguments, filter, position, cx);
            }
            Arguments::List(arguments) => self.expressions(arguments, cx)?,
        };
        if name == "count" && arguments.is_empty() {
            return Ok(Aggregation {
                function: count_udaf(),
                arguments: vec![lit(1_i64)],
                distinct: false,
                filter,
                result: Type::Bigint,
                conversion: Conversion::None,
            });
        }
        if matches!(written.arguments, Arguments::All { .. }) {
            return Err(error_at(
                position,
                "FUNCTION_NOT_FOUND",
                format!("Unexpected parameters (*) for function {name}"),
            ));
        }
        let bound = super::function_call::resolve(name, &arguments).map_err(at(position))?;
        if written.distinct && bound.arguments.iter().any(|t| !t.is_comparable()) {
            return Err(error_at(
                position,
                "TYPE_MISMATCH",
                "DISTINCT can only be applied to comparable types",
            ));
        }
        let (keys, order) = self.sort_keys(&written.order_by, cx)?;
        if written.distinct
            && keys
                .iter()
                .any(|key| !arguments.iter().any(|a| a.expr == key.expr))
        {
            return Err(error_at(
                position,
                "EXPRESSION_NOT_IN_DISTINCT",
                "For aggregate function with DISTINCT, ORDER BY expressions must appear in arguments",
            ));
        }
        // Where the order of rows makes no difference, nobody needs to sort them.
        let native = native(name, &bound, &arguments, written.distinct, filter.clone());
        if let Some(native) = native.filter(|_| written.over.is_none() || slides(name, &bound)) {
            return Ok(native);
        }
        Ok(collecting(
            bound,
            arguments,
            Vec::new(),
            written.distinct,
            keys,
            order,
            filter,
        ))
    }

    /// An aggregate function that takes lambdas: `reduce_agg`.
    fn aggregation_of_lambdas(
        &mut self,
        written: &FunctionCall,
        name: &str,
        arguments: &[Expression],
        filter: Option<Expr>,
        position: Position,
        cx: &mut Context,
    ) -> Result<Aggregation, Error> {
        let found = self.bind_with_lambdas(name, arguments, position, cx)?;
        if !found.captures.is_empty() {
            let what = format!("columns within the lambdas of {name}");
            return Err(Error::not_supported(what)).map_err(at(position));
        }
        let mut bound = found.bound;
        bound.arguments = found.values.iter().map(|v| v.data_type.clone()).collect();
        let (keys, order) = self.sort_keys(&written.order_by, cx)?;
        Ok(collecting(
            bound,
            found.values,
            found.lambdas,
            written.distinct,
            keys,
            order,
            filter,
        ))
    }

    fn filter(
        &mut self,
        written: Option<&ast::Expression>,
        cx: &mut Context,
    ) -> Result<Option<Expr>, Error> {
        written
            .map(|filter| self.boolean(filter, cx, "Filter expression"))
            .transpose()
    }

    fn sort_keys(
        &mut self,
        written: &[SortItem],
        cx: &mut Context,
    ) -> Result<(Vec<Typed>, Vec<SortKey>), Error> {
        let mut keys = Vec::new();
        let mut order = Vec::new();
        for item in written {
            let key = self.expression(&item.expression, cx)?;
            if !key.data_type.is_orderable() {
                return Err(error_at(
                    item.expression.position,
                    "TYPE_MISMATCH",
                    "ORDER BY can only be applied to orderable types",
                ));
            }
            keys.push(key);
            order.push(SortKey {
                descending: item.descending,
                nulls_first: item.nulls == Some(ast::NullOrdering::First),
            });
        }
        Ok((keys, order))
    }
}

fn is_lambda(argument: &Expression) -> bool {
    matches!(argument.kind, ExpressionKind::Lambda { .. })
}

fn refuse_where_plain(position: Position, cx: &Context) -> Result<(), Error> {
    match cx.plain {
        None => Ok(()),
        Some(clause) => Err(error_at(
            position,
            "EXPRESSION_NOT_SCALAR",
            format!(
                "{clause} cannot contain aggregations, window functions or grouping operations"
            ),
        )),
    }
}

fn as_node(aggregation: &Aggregation) -> Typed {
    let node = Expr::AggregateFunction(AggregateFunction::new_udf(
        Arc::clone(&aggregation.function),
        aggregation.arguments.clone(),
        aggregation.distinct,
        aggregation.filter.clone().map(Box::new),
        Vec::new(),
        None,
    ));
    aggregation.finish(node)
}

/// DataFusion's own aggregate, where it gives what Trino's gives.
fn native(
    name: &str,
    bound: &Bound,
    arguments: &[Typed],
    distinct: bool,
    filter: Option<Expr>,
) -> Option<Aggregation> {
    let [argument] = arguments else {
        return None;
    };
    let own = bound.arguments.first()?;
    let value = || coerce(argument.clone(), own);
    let widened = |to: &Type| cast::cast_expr(value(), own, to, false);
    let converted = |function, argument, conversion: Conversion| {
        Some(Aggregation {
            function,
            arguments: vec![argument],
            distinct,
            filter: filter.clone(),
            result: bound.result.clone(),
            conversion,
        })
    };
    let build = |function, argument, native_result: Option<Type>| {
        let native_result = native_result.filter(|native| *native != bound.result);
        let conversion = native_result.map_or(Conversion::None, Conversion::Cast);
        converted(function, argument, conversion)
    };
    match (name, own) {
        ("count", t) if !distinct || comparison::is_native(t) => build(count_udaf(), value(), None),
        ("count_if", Type::Boolean) if !distinct => {
            let one = choose(
                vec![(value(), lit(1_i64))],
                lit(datafusion::common::ScalarValue::Int64(None)),
            );
            build(count_udaf(), one, None)
        }
        // Summed in a decimal, so that going over a bigint is seen.
        ("sum", Type::Bigint) => {
            let wide = Type::Decimal(MAX_PRECISION, 0);
            converted(sum_udaf(), widened(&wide), Conversion::Sum)
        }
        ("sum", Type::Decimal(precision, scale)) if *precision > sum::SAFE_PRECISION => {
            let wide = Type::Decimal(MAX_PRECISION, *scale);
            let widest = sum::widest(widened(&wide), *scale);
            converted(sum_udaf(), widest, Conversion::Sum)
        }
        ("sum", Type::Decimal(_, scale)) => build(
            sum_udaf(),
            widened(&Type::Decimal(MAX_PRECISION, *scale)),
            None,
        ),
        ("sum", Type::Double) => build(sum_udaf(), value(), None),
        ("sum", Type::Real) => build(sum_udaf(), widened(&Type::Double), Some(Type::Double)),
        ("avg", Type::Bigint | Type::Double | Type::Real) if !distinct => {
            build(avg_udaf(), widened(&Type::Double), Some(Type::Double))
        }
        ("min", t) if comparison::is_native(t) => build(min_udaf(), value(), None),
        ("max", t) if comparison::is_native(t) => build(max_udaf(), value(), None),
        ("bool_and" | "every", Type::Boolean) => build(bool_and_udaf(), value(), None),
        ("bool_or", Type::Boolean) => build(bool_or_udaf(), value(), None),
        _ => None,
    }
}

/// Whether DataFusion's own aggregate goes on from frame to frame, and finds in each what its rows
/// alone give. It takes floating-point numbers off sums, of which an infinite one stays behind, and
/// takes no booleans back.
fn slides(name: &str, bound: &Bound) -> bool {
    !matches!(
        (name, bound.arguments.first()),
        ("bool_and" | "bool_or" | "every" | "avg", _) | ("sum", Some(Type::Real | Type::Double))
    )
}

fn collecting(
    bound: Bound,
    arguments: Vec<Typed>,
    lambdas: Vec<Lambda>,
    distinct: bool,
    keys: Vec<Typed>,
    order: Vec<SortKey>,
    filter: Option<Expr>,
) -> Aggregation {
    let mut types = bound.arguments.clone();
    let mut exprs: Vec<Expr> = arguments
        .into_iter()
        .zip(&bound.arguments)
        .map(|(argument, to)| coerce(argument, to))
        .collect();
    for key in keys {
        types.push(key.data_type);
        exprs.push(key.expr);
    }
    let aggregate = Aggregate::new(bound.function, types, bound.result.clone())
        .sorted(distinct, order)
        .with_lambdas(lambdas);
    Aggregation {
        function: Arc::new(AggregateUDF::from(aggregate)),
        arguments: exprs,
        distinct: false,
        filter,
        result: bound.result,
        conversion: Conversion::None,
    }
}
