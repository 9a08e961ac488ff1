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
    Expr, LogicalPlan, LogicalPlanBuilder, SortExpr, WindowFrame, WindowFrameBound,
    WindowFrameUnits, WindowFunctionDefinition, WindowUDF,
};
use datafusion::physical_expr::create_physical_expr;

use super::expression::{Context, coerce};
use super::{Analyzer, Typed, error_at, plan_error, shift, sort};
use crate::ast::{
    self, Arguments, FrameBound, FrameBoundKind, FrameUnits, FunctionCall, Over, Position,
    WindowSpecification,
};
use crate::error::Error;
use crate::functions::{Registry, cast, invalid_argument, unknown_function};
use crate::types::{Type, common_super_type};

struct Window {
    partition_by: Vec<Expr>,
    order_by: Vec<SortExpr>,
    /// What the sort keys are.
    order_types: Vec<Type>,
    frame: WindowFrame,
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
        let window = self.window(&specification, cx)?;
        let keys = window.order_by.iter().map(|key| &key.expr);
        if window.partition_by.iter().chain(keys).any(has_window) {
            return Err(error_at(
                position,
                "NESTED_WINDOW",
                "Cannot nest window functions or row pattern measures inside window specification",
            ));
        }
        if registry.is_window(name) {
            return self.ranking(written, name, window, position, cx);
        }
        let aggregation = self.aggregation(written, name, position, cx)?;
        refuse_nested(&aggregation.arguments, position)?;
        let node = Expr::from(WindowFunction {
            fun: WindowFunctionDefinition::AggregateUDF(Arc::clone(&aggregation.function)),
            params: WindowFunctionParams {
                args: aggregation.arguments.clone(),
                partition_by: window.partition_by,
                order_by: window.order_by,
                window_frame: window.frame,
                filter: aggregation.filter.clone().map(Box::new),
                null_treatment: None,
                distinct: aggregation.distinct,
            },
        });
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
        let node = Expr::from(WindowFunction {
            fun: WindowFunctionDefinition::WindowUDF(function),
            params: WindowFunctionParams {
                args,
                partition_by: window.partition_by,
                order_by: window.order_by,
                window_frame: window.frame,
                filter: None,
                null_treatment: written.null_treatment.map(|n| match n {
                    ast::NullTreatment::Ignore => NullTreatment::IgnoreNulls,
                    ast::NullTreatment::Respect => NullTreatment::RespectNulls,
                }),
                distinct: false,
            },
        });
        let expr = match native {
            Some(native) => datafusion::logical_expr::cast(node, native.arrow()),
            None => node,
        };
        Ok(Typed::new(expr, bound.result))
    }

    fn window(&mut self, written: &WindowSpecification, cx: &mut Context) -> Result<Window, Error> {
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
        let mut window = Window {
            partition_by,
            order_types: keys.iter().map(|k| k.data_type.clone()).collect(),
            frame: default_frame(order_by.is_empty()),
            order_by,
        };
        if let Some(frame) = &written.frame {
            if frame.pattern.is_some() {
                return Err(Error::not_supported("row pattern recognition in a window"))
                    .map_err(super::at(frame.position));
            }
            window.frame = self.frame(frame, &mut window, &keys, cx)?;
        }
        Ok(window)
    }

    fn frame(
        &mut self,
        written: &ast::WindowFrame,
        window: &mut Window,
        keys: &[Typed],
        cx: &mut Context,
    ) -> Result<WindowFrame, Error> {
        use FrameBoundKind as B;
        let end = written.end.clone().unwrap_or(FrameBound {
            position: written.position,
            kind: B::CurrentRow,
        });
        let invalid =
            |message: &str| Err(error_at(written.position, "INVALID_WINDOW_FRAME", message));
        match (&written.start.kind, &end.kind) {
            (B::UnboundedFollowing, _) => {
                return invalid("Window frame start cannot be UNBOUNDED FOLLOWING");
            }
            (_, B::UnboundedPreceding) => {
                return invalid("Window frame end cannot be UNBOUNDED PRECEDING");
            }
            (B::CurrentRow, B::Preceding(_)) => {
                return invalid("Window frame starting from CURRENT ROW cannot end with PRECEDING");
            }
            (B::Following(_), B::Preceding(_)) => {
                return invalid("Window frame starting from FOLLOWING cannot end with PRECEDING");
            }
            (B::Following(_), B::CurrentRow) => {
                return invalid("Window frame starting from FOLLOWING cannot end with CURRENT ROW");
            }
            _ => {}
        }
        let offsets = [&written.start, &end]
            .into_iter()
            .any(|b| matches!(b.kind, B::Preceding(_) | B::Following(_)));
        let units = match written.units {
            FrameUnits::Range => WindowFrameUnits::Range,
            FrameUnits::Rows => WindowFrameUnits::Rows,
            FrameUnits::Groups => WindowFrameUnits::Groups,
        };
        if units == WindowFrameUnits::Groups && keys.is_empty() {
            return Err(error_at(
                written.position,
                "MISSING_ORDER_BY",
                "Window frame of type GROUPS requires ORDER BY",
            ));
        }
        if units == WindowFrameUnits::Range && offsets && keys.len() != 1 {
            let (code, message) = if keys.is_empty() {
                (
                    "MISSING_ORDER_BY",
                    "Window frame of type RANGE PRECEDING or FOLLOWING requires ORDER BY",
                )
            } else {
                (
                    "INVALID_ORDER_BY",
                    "Window frame of type RANGE PRECEDING or FOLLOWING requires single sort item in ORDER BY (actual: several)",
                )
            };
            return Err(error_at(written.position, code, message));
        }
        if keys.is_empty() && units == WindowFrameUnits::Range {
            // Without an order all rows are peers.
            return Ok(default_frame(true));
        }
        let start = self.bound(&written.start, units, window, keys, cx)?;
        let end = self.bound(&end, units, window, keys, cx)?;
        if is_empty(&start, &end) {
            let what = "a window frame that ends before it starts";
            return Err(Error::not_supported(what)).map_err(super::at(written.position));
        }
        Ok(WindowFrame::new_bounds(units, start, end))
    }

    fn bound(
        &mut self,
        written: &FrameBound,
        units: WindowFrameUnits,
        window: &mut Window,
        keys: &[Typed],
        cx: &mut Context,
    ) -> Result<WindowFrameBound, Error> {
        let unbounded = match units {
            WindowFrameUnits::Range => ScalarValue::Null,
            _ => ScalarValue::UInt64(None),
        };
        let offset = match &written.kind {
            FrameBoundKind::UnboundedPreceding => {
                return Ok(WindowFrameBound::Preceding(unbounded));
            }
            FrameBoundKind::UnboundedFollowing => {
                return Ok(WindowFrameBound::Following(unbounded));
            }
            FrameBoundKind::CurrentRow => return Ok(WindowFrameBound::CurrentRow),
            FrameBoundKind::Preceding(offset) | FrameBoundKind::Following(offset) => offset,
        };
        let typed = self.expression(offset, cx)?;
        let value = match units {
            WindowFrameUnits::Range => self.range_offset(typed, window, keys, offset.position)?,
            _ => {
                if !typed.data_type.is_integer() {
                    return Err(error_at(
                        offset.position,
                        "TYPE_MISMATCH",
                        format!(
                            "Window frame offset value must be of type BIGINT (actual {})",
                            typed.data_type
                        ),
                    ));
                }
                let literal = constant(&coerce(typed, &Type::Bigint), offset.position)?;
                match literal {
                    ScalarValue::Int64(Some(n)) if n >= 0 => ScalarValue::UInt64(Some(n as u64)),
                    _ => {
                        return Err(error_at(
                            offset.position,
                            "INVALID_WINDOW_FRAME",
                            "Window frame offset value must not be negative or null",
                        ));
                    }
                }
            }
        };
        Ok(match written.kind {
            FrameBoundKind::Preceding(_) => WindowFrameBound::Preceding(value),
            _ => WindowFrameBound::Following(value),
        })
    }

    /// The offset of RANGE, in the type that it and the sort key have in common.
    fn range_offset(
        &mut self,
        offset: Typed,
        window: &mut Window,
        keys: &[Typed],
        position: Position,
    ) -> Result<ScalarValue, Error> {
        let (Some(key), Some(item)) = (keys.first(), window.order_by.first_mut()) else {
            return Err(Error::internal("RANGE without ORDER BY"));
        };
        let refused = || {
            error_at(
                position,
                "TYPE_MISMATCH",
                format!(
                    "Window frame of type RANGE does not match the sort item: {} and {}",
                    key.data_type, offset.data_type
                ),
            )
        };
        let value = match (&key.data_type, &offset.data_type) {
            (k, o) if k.is_number() && o.is_number() => {
                let common = common_super_type(k, o).ok_or_else(refused)?;
                // Decimals of a growing precision are beyond DataFusion's frames.
                let common = match common {
                    Type::Decimal(..) => Type::Double,
                    other => other,
                };
                item.expr = cast::cast_expr(key.expr.clone(), k, &common, false);
                window.order_types[0] = common.clone();
                constant(&coerce(offset, &common), position)?
            }
            (Type::Date | Type::Timestamp(_), Type::IntervalDay) => {
                match constant(&offset.expr, position)? {
                    ScalarValue::Int64(Some(millis)) => ScalarValue::new_interval_mdn(
                        0,
                        (millis / 86_400_000) as i32,
                        millis % 86_400_000 * 1_000_000,
                    ),
                    other => other,
                }
            }
            (Type::Date | Type::Timestamp(_), Type::IntervalYear) => {
                match constant(&offset.expr, position)? {
                    ScalarValue::Int32(Some(months)) => ScalarValue::new_interval_mdn(months, 0, 0),
                    other => other,
                }
            }
            _ => return Err(refused()),
        };
        let zero = ScalarValue::new_zero(&value.data_type()).ok();
        let negative = zero.is_some_and(|zero| value < zero);
        if value.is_null() || negative {
            return Err(error_at(
                position,
                "INVALID_WINDOW_FRAME",
                "Window frame offset value must not be negative or null",
            ));
        }
        Ok(value)
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

fn default_frame(unordered: bool) -> WindowFrame {
    if unordered {
        WindowFrame::new_bounds(
            WindowFrameUnits::Rows,
            WindowFrameBound::Preceding(ScalarValue::UInt64(None)),
            WindowFrameBound::Following(ScalarValue::UInt64(None)),
        )
    } else {
        WindowFrame::new_bounds(
            WindowFrameUnits::Range,
            WindowFrameBound::Preceding(ScalarValue::Null),
            WindowFrameBound::CurrentRow,
        )
    }
}

/// The value of an expression that depends on no row.
pub(super) fn constant(expr: &Expr, position: Position) -> Result<ScalarValue, Error> {
    if let Expr::Literal(value, _) = expr {
        return Ok(value.clone());
    }
    if expr.any_column_refs() || expr.contains_outer() {
        return Err(Error::not_supported(
            "a window frame or offset that is not constant",
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

/// Whether a frame has no rows wherever it stands, as between 2 and 1 FOLLOWING.
fn is_empty(start: &WindowFrameBound, end: &WindowFrameBound) -> bool {
    use WindowFrameBound::{Following, Preceding};
    match (start, end) {
        (Following(start), Following(end)) => !end.is_null() && start > end,
        (Preceding(start), Preceding(end)) => !start.is_null() && start < end,
        _ => false,
    }
}

pub(super) fn has_window(expr: &Expr) -> bool {
    expr.exists(|e| Ok(matches!(e, Expr::WindowFunction(_))))
        .unwrap_or(false)
}

/// A window's specification, with what it takes over from the one it names.
fn specification(over: &Over, cx: &Context) -> Result<WindowSpecification, Error> {
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
