//! Window functions and windows.

use std::sync::Arc;

use datafusion::common::ScalarValue;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema};
use datafusion::functions_window::{cume_dist, lead_lag, nth_value, ntile, rank, row_number};
use datafusion::logical_expr::execution_props::ExecutionProps;
use datafusion::logical_expr::expr::{NullTreatment, WindowFunction, WindowFunctionParams};
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{
    Expr, LogicalPlan, LogicalPlanBuilder, SortExpr, WindowFunctionDefinition, WindowUDF,
};
use datafusion::physical_expr::create_physical_expr;

use super::expression::{Context, coerce};
use super::window_frame::{Frame, default_frame};
use super::window_pattern::Recognized;
use super::{Analyzer, Typed, error_at, plan_error, shift, sort};
use crate::ast::{self, Arguments, FunctionCall, Over, Position, WindowSpecification};
use crate::error::Error;
use crate::functions::framed::{self, Asked, Which};
use crate::functions::{self, Registry, invalid_argument, unknown_function};
use crate::types::Type;

pub(super) struct Window {
    partition_by: Vec<Expr>,
    order_by: Vec<SortExpr>,
    frame: Frame,
    /// What is looked for in the frames.
    pub pattern: Option<Recognized>,
}

impl Analyzer<'_> {
    pub(super) fn window_call(
        &mut self,
        written: &FunctionCall,
        name: &str,
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let Some(over) = &written.over else {
            return Err(Error::internal("no window"));
        };
        refuse_around(position, cx)?;
        let registry = Registry::get();
        if !registry.is_aggregate(name) && !registry.is_window(name) {
            let error = if registry.named(name).is_empty() {
                unknown_function(name)
            } else {
                Error::user(
                    "FUNCTION_NOT_WINDOW",
                    format!("Not a window function: {name}"),
                )
            };
            return Err(super::at(position)(error));
        }
        let specification = specification(over, cx)?;
        refuse_clauses(written, name, &specification, position)?;
        let window = self.window(&specification, position, cx)?;
        if registry.is_window(name) {
            return self.ranking(written, name, window, position, cx);
        }
        let aggregation = self.aggregation(written, name, position, cx)?;
        refuse_nested(&aggregation.arguments, position)?;
        let function = functions::over_frames_of(&aggregation.function);
        let arguments = aggregation.arguments.clone();
        let node = match window.frame.native {
            None => over_own_frame(Asked::Aggregate(function), arguments, window, None),
            Some(frame) => Expr::from(WindowFunction {
                fun: WindowFunctionDefinition::AggregateUDF(function),
                params: WindowFunctionParams {
                    args: arguments,
                    partition_by: window.partition_by,
                    order_by: window.order_by,
                    window_frame: frame,
                    filter: None,
                    null_treatment: None,
                    distinct: false,
                },
            }),
        };
        Ok(aggregation.finish(node))
    }

    fn ranking(
        &mut self,
        written: &FunctionCall,
        name: &str,
        window: Window,
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let arguments = match &written.arguments {
            Arguments::List(arguments) => self.expressions(arguments, cx)?,
            Arguments::All { .. } => Vec::new(),
        };
        let bound = super::function_call::resolve(name, &arguments).map_err(super::at(position))?;
        let (mut function, native): (Arc<WindowUDF>, Option<Type>) = match name {
            "row_number" => (row_number::row_number_udwf(), Some(Type::Bigint)),
            "rank" => (rank::rank_udwf(), Some(Type::Bigint)),
            "dense_rank" => (rank::dense_rank_udwf(), Some(Type::Bigint)),
            "percent_rank" => (rank::percent_rank_udwf(), None),
            "cume_dist" => (cume_dist::cume_dist_udwf(), None),
            "ntile" => (ntile::ntile_udwf(), Some(Type::Bigint)),
            "lag" => (lead_lag::lag_udwf(), None),
            "lead" => (lead_lag::lead_udwf(), None),
            "first_value" => (nth_value::first_value_udwf(), None),
            "last_value" => (nth_value::last_value_udwf(), None),
            "nth_value" => (nth_value::nth_value_udwf(), None),
            other => return Err(Error::not_supported(format!("the window function {other}"))),
        };
        let mut args: Vec<Expr> = arguments
            .into_iter()
            .zip(&bound.arguments)
            .map(|(argument, to)| coerce(argument, to))
            .collect();
        refuse_nested(&args, position)?;
        let null_treatment = written.null_treatment.map(|n| match n {
            ast::NullTreatment::Ignore => NullTreatment::IgnoreNulls,
            ast::NullTreatment::Respect => NullTreatment::RespectNulls,
        });
        let which = match name {
            "first_value" => Some(Which::First),
            "last_value" => Some(Which::Last),
            "nth_value" => Some(Which::Nth),
            _ => None,
        };
        let varies = args.iter().skip(1).any(|arg| !is_constant(arg));
        if let Some(which) = which
            && (window.frame.native.is_none() || varies)
        {
            let node = over_own_frame(Asked::Value(which), args, window, null_treatment);
            return Ok(Typed::new(node, bound.result));
        }
        // DataFusion shifts by a literal. It loses rows where it leaves out NULLs as rows come in,
        // and takes a NULL for no distance.
        let shifts = matches!(name, "lag" | "lead");
        let ignores_nulls = written.null_treatment == Some(ast::NullTreatment::Ignore);
        let mut is_own = shifts && ignores_nulls;
        // Offsets and counts must be literals to DataFusion.
        for (i, arg) in args.iter_mut().enumerate() {
            if i > 0 || name == "ntile" {
                if shifts && arg.any_column_refs() && !arg.contains_outer() {
                    is_own = true;
                    continue;
                }
                let value = constant(arg, position)?;
                if i < 2 {
                    check_count(name, &value)?;
                }
                is_own |= shifts && i == 1 && value.is_null();
                *arg = Expr::Literal(value, None);
            }
        }
        if is_own {
            function = shift::lead_or_lag(name == "lead");
        }
        // The others look at no frame.
        let unordered = window.order_by.is_empty();
        let frame = window.frame.native;
        let node = Expr::from(WindowFunction {
            fun: WindowFunctionDefinition::WindowUDF(function),
            params: WindowFunctionParams {
                args,
                partition_by: window.partition_by,
                order_by: window.order_by,
                window_frame: frame.unwrap_or_else(|| default_frame(unordered)),
                filter: None,
                null_treatment,
                distinct: false,
            },
        });
        let expr = match native {
            Some(native) => datafusion::logical_expr::cast(node, native.arrow()),
            None => node,
        };
        Ok(Typed::new(expr, bound.result))
    }

    /// Reads the window of a function or a measure that stands at a position.
    pub(super) fn window(
        &mut self,
        written: &WindowSpecification,
        position: Position,
        cx: &mut Context,
    ) -> Result<Window, Error> {
        let mut partition_by = Vec::new();
        for key in &written.partition_by {
            let typed = self.expression(key, cx)?;
            if !typed.data_type.is_comparable() {
                return Err(error_at(
                    key.position,
                    "TYPE_MISMATCH",
                    format!(
                        "{} is not comparable, and therefore cannot be used in window function PARTITION BY",
                        typed.data_type
                    ),
                ));
            }
            partition_by.push(sort::key(&typed));
        }
        let mut keys = Vec::new();
        let mut order_by = Vec::new();
        for item in &written.order_by {
            let typed = self.expression(&item.expression, cx)?;
            if !typed.data_type.is_orderable() {
                return Err(error_at(
                    item.expression.position,
                    "TYPE_MISMATCH",
                    format!(
                        "{} is not orderable, and therefore cannot be used in window function ORDER BY",
                        typed.data_type
                    ),
                ));
            }
            order_by.push(sort::item(&typed, item));
            keys.push(typed);
        }
        let mut pattern = None;
        let mut frame = match &written.frame {
            None => Frame::unwritten(&keys),
            Some(frame) => {
                pattern = self.window_pattern(frame, cx)?;
                self.frame(frame, &mut order_by, &keys, cx)?
            }
        };
        if pattern.is_some() {
            // DataFusion knows no row patterns.
            frame.native = None;
        }
        let window = Window {
            partition_by,
            order_by,
            frame,
            pattern,
        };
        refuse_windows_within(&window, position)?;
        Ok(window)
    }

    /// Puts the windows of expressions into the plan; the expressions then speak of columns.
    pub(super) fn window_plan(
        &mut self,
        plan: LogicalPlan,
        expressions: &mut [&mut Expr],
    ) -> Result<LogicalPlan, Error> {
        let mut windows: Vec<(Expr, String)> = Vec::new();
        for expression in expressions.iter_mut() {
            let changed = (**expression)
                .clone()
                .transform_down(|e| {
                    if !matches!(e, Expr::WindowFunction(_)) {
                        return Ok(Transformed::no(e));
                    }
                    let column = match windows.iter().find(|(w, _)| *w == e) {
                        Some((_, column)) => column.clone(),
                        None => {
                            self.next += 1;
                            let column = format!("c{}", self.next);
                            windows.push((e, column.clone()));
                            column
                        }
                    };
                    Ok(Transformed::new(
                        Expr::Column(Column::from_name(column)),
                        true,
                        TreeNodeRecursion::Jump,
                    ))
                })
                .map_err(plan_error)?;
            **expression = changed.data;
        }
        if windows.is_empty() {
            return Ok(plan);
        }
        // Windows of the same partition and order are computed together.
        let mut builder = LogicalPlanBuilder::from(plan);
        while let Some((first, _)) = windows.first() {
            let key = window_key(first);
            let (now, later): (Vec<_>, Vec<_>) = std::mem::take(&mut windows)
                .into_iter()
                .partition(|(window, _)| window_key(window) == key);
            windows = later;
            builder = builder
                .window(now.into_iter().map(|(window, column)| window.alias(column)))
                .map_err(plan_error)?;
        }
        builder.build().map_err(plan_error)
    }
}

fn window_key(window: &Expr) -> Option<(Vec<Expr>, Vec<SortExpr>)> {
    match window {
        Expr::WindowFunction(f) => Some((f.params.partition_by.clone(), f.params.order_by.clone())),
        _ => None,
    }
}

/// Fails where windows are not allowed.
pub(super) fn refuse_around(position: Position, cx: &Context) -> Result<(), Error> {
    if let Some(clause) = cx.plain {
        return Err(error_at(
            position,
            "EXPRESSION_NOT_SCALAR",
            format!(
                "{clause} cannot contain aggregations, window functions or grouping operations"
            ),
        ));
    }
    if cx.in_aggregate {
        return Err(error_at(
            position,
            "NESTED_WINDOW",
            "Cannot nest window functions inside aggregation",
        ));
    }
    Ok(())
}

/// Fails where a window has others in its own parts.
fn refuse_windows_within(window: &Window, position: Position) -> Result<(), Error> {
    let keys = window.order_by.iter().map(|key| &key.expr);
    let offsets = window.frame.columns.iter().map(|column| &column.expr);
    let mut parts = window.partition_by.iter().chain(keys).chain(offsets);
    if parts.any(has_window) {
        return Err(error_at(
            position,
            "NESTED_WINDOW",
            "Cannot nest window functions or row pattern measures inside window specification",
        ));
    }
    Ok(())
}

/// A function over a frame that DataFusion has not.
pub(super) fn over_own_frame(
    asked: Asked,
    mut args: Vec<Expr>,
    window: Window,
    null_treatment: Option<NullTreatment>,
) -> Expr {
    let Frame { own, columns, .. } = window.frame;
    let types = columns.iter().map(|c| c.data_type.clone()).collect();
    let (pattern, inputs) = match window.pattern {
        None => (None, Vec::new()),
        Some(pattern) => (Some(Arc::new(pattern.recognition)), pattern.arguments),
    };
    let function = framed::over_frames(asked, args.len(), own, types, pattern);
    args.extend(columns.into_iter().map(|column| column.expr));
    args.extend(inputs);
    Expr::from(WindowFunction {
        fun: WindowFunctionDefinition::WindowUDF(function),
        params: WindowFunctionParams {
            args,
            partition_by: window.partition_by,
            order_by: window.order_by,
            // It tells its frames from its arguments.
            window_frame: default_frame(true),
            filter: None,
            null_treatment,
            distinct: false,
        },
    })
}

/// Whether an expression gives the same for every row.
pub(super) fn is_constant(expr: &Expr) -> bool {
    let varies = expr.exists(|e| {
        Ok(matches!(
            e,
            Expr::AggregateFunction(_) | Expr::WindowFunction(_)
        ))
    });
    !expr.any_column_refs()
        && !expr.contains_outer()
        && !expr.is_volatile()
        && !varies.unwrap_or(true)
}

/// The value of an expression that depends on no row.
pub(super) fn constant(expr: &Expr, position: Position) -> Result<ScalarValue, Error> {
    if let Expr::Literal(value, _) = expr {
        return Ok(value.clone());
    }
    if expr.any_column_refs() || expr.contains_outer() {
        return Err(Error::not_supported(
            "an argument of a window function that is not constant",
        ))
        .map_err(super::at(position));
    }
    let batch = datafusion::arrow::array::RecordBatch::try_new_with_options(
        Arc::new(datafusion::arrow::datatypes::Schema::empty()),
        Vec::new(),
        &datafusion::arrow::array::RecordBatchOptions::new().with_row_count(Some(1)),
    )
    .map_err(Error::internal)?;
    create_physical_expr(
        expr,
        &DFSchema::empty(),
        &ExecutionProps::new(),
        &PhysicalPlanningContext::default(),
    )
    .and_then(|e| e.evaluate(&batch))
    .and_then(|v| v.into_array(1))
    .and_then(|array| ScalarValue::try_from_array(&array, 0))
    .map_err(plan_error)
}

/// Fails where a call has a clause that does not go with a window, or with its function.
/// (`analyzeWindowFunctions` of Trino's `StatementAnalyzer`.)
fn refuse_clauses(
    written: &FunctionCall,
    name: &str,
    window: &WindowSpecification,
    position: Position,
) -> Result<(), Error> {
    let refused = |code: &str, message: String| Err(error_at(position, code, message));
    let unsupported = |message: &str| refused("NOT_SUPPORTED", message.to_owned());
    if written.filter.is_some() {
        return unsupported("FILTER is not yet supported for window functions");
    }
    if !written.order_by.is_empty() {
        return unsupported("Window function with ORDER BY is not supported");
    }
    if written.distinct {
        return unsupported("DISTINCT in window function parameters not yet supported");
    }
    let shifts = matches!(name, "lag" | "lead");
    if shifts && window.order_by.is_empty() {
        let message = format!("{name} function requires an ORDER BY window clause");
        return refused("MISSING_ORDER_BY", message);
    }
    if shifts && window.frame.is_some() {
        let message = format!("Cannot specify window frame for {name} function");
        return refused("INVALID_WINDOW_FRAME", message);
    }
    let takes_nulls = shifts || matches!(name, "first_value" | "last_value" | "nth_value");
    if written.null_treatment.is_some() && !takes_nulls {
        let message = format!("Cannot specify null treatment clause for {name} function");
        return refused("NULL_TREATMENT_NOT_ALLOWED", message);
    }
    Ok(())
}

/// Fails where a window function stands among another's arguments.
fn refuse_nested(arguments: &[Expr], position: Position) -> Result<(), Error> {
    if !arguments.iter().any(has_window) {
        return Ok(());
    }
    Err(error_at(
        position,
        "NESTED_WINDOW",
        "Cannot nest window functions or row pattern measures inside window function arguments",
    ))
}

/// Fails where an offset or a number of buckets is too small for its function.
fn check_count(name: &str, value: &ScalarValue) -> Result<(), Error> {
    let (least, message) = match name {
        "ntile" => (1, "Buckets must be greater than 0"),
        "nth_value" => (1, "Offset must be at least 1"),
        "lag" | "lead" => (0, "Offset must be at least 0"),
        _ => return Ok(()),
    };
    match value {
        ScalarValue::Int64(Some(n)) if *n < least => Err(invalid_argument(message)),
        _ => Ok(()),
    }
}

pub(super) fn has_window(expr: &Expr) -> bool {
    expr.exists(|e| Ok(matches!(e, Expr::WindowFunction(_))))
        .unwrap_or(false)
}

/// A window's specification, with what it takes over from the one it names.
pub(super) fn specification(over: &Over, cx: &Context) -> Result<WindowSpecification, Error> {
    let (existing, own) = match over {
        Over::Named(name) => (Some(name), None),
        Over::Specification(own) => (own.existing.as_ref(), Some(own)),
    };
    let base = match existing {
        None => None,
        Some(name) => {
            let found = cx
                .windows
                .iter()
                .find(|w| w.name.lower() == name.lower())
                .ok_or_else(|| {
                    error_at(
                        name.position,
                        "INVALID_WINDOW_REFERENCE",
                        format!("Cannot resolve WINDOW name {}", name.value),
                    )
                })?;
            let over = Over::Specification(found.specification.clone());
            Some(specification(&over, cx)?)
        }
    };
    match (base, own) {
        (Some(base), None) => Ok(base),
        (None, Some(own)) => Ok(own.clone()),
        (Some(base), Some(own)) => Ok(WindowSpecification {
            position: own.position,
            existing: None,
            partition_by: base.partition_by,
            order_by: if own.order_by.is_empty() {
                base.order_by
            } else {
                own.order_by.clone()
            },
            frame: own.frame.clone().or(base.frame),
        }),
        (None, None) => Err(Error::internal("no window")),
    }
}
