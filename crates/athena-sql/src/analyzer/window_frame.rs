//! Frames of windows: which rows around a row the function sees.

use datafusion::common::ScalarValue;
use datafusion::logical_expr::{SortExpr, WindowFrame, WindowFrameBound, WindowFrameUnits};

use super::expression::{Context, coerce};
use super::window::{constant, is_constant};
use super::{Analyzer, Typed, error_at};
use crate::ast::{self, FrameBound, FrameBoundKind, FrameUnits, Position};
use crate::error::Error;
use crate::functions::cast;
use crate::functions::framed::{self, Edge, Units};
use crate::types::{Type, common_super_type};

/// A frame in the two forms in which it can be evaluated.
pub(super) struct Frame {
    /// DataFusion's, where it means what Trino's means.
    pub native: Option<WindowFrame>,
    pub own: framed::Frame,
    /// What the own one goes by.
    pub columns: Vec<Typed>,
}

impl Frame {
    /// Of a window that says none: up to the row's peers, which without an order all rows are.
    pub(super) fn unwritten(keys: &[Typed]) -> Self {
        let (units, end) = if keys.is_empty() {
            (Units::Rows, Edge::Unbounded)
        } else {
            (Units::Range, Edge::CurrentRow)
        };
        let own = framed::Frame {
            units,
            descending: false,
            start: Edge::Unbounded,
            end,
            keys: keys.len(),
        };
        Self {
            native: Some(default_frame(keys.is_empty())),
            own,
            columns: keys.to_vec(),
        }
    }
}

/// The offset of a bound.
struct Offset {
    value: Typed,
    position: Position,
}

impl Analyzer<'_> {
    /// Reads a frame. That of a RANGE may convert the sort key.
    pub(super) fn frame(
        &mut self,
        written: &ast::WindowFrame,
        order_by: &mut [SortExpr],
        keys: &[Typed],
        cx: &mut Context,
    ) -> Result<Frame, Error> {
        let current = FrameBound {
            position: written.position,
            kind: FrameBoundKind::CurrentRow,
        };
        let bounds = [&written.start, written.end.as_ref().unwrap_or(&current)];
        refuse_meaningless(written, bounds, keys)?;
        let units = match written.units {
            FrameUnits::Range => Units::Range,
            FrameUnits::Rows => Units::Rows,
            FrameUnits::Groups => Units::Groups,
        };
        if keys.is_empty() && units == Units::Range {
            return Ok(Frame::unwritten(keys));
        }
        let descending = order_by.first().is_some_and(|item| !item.asc);
        let mut columns = match units {
            Units::Rows => Vec::new(),
            Units::Groups | Units::Range => keys.to_vec(),
        };
        let own = framed::Frame {
            units,
            descending,
            start: edge(bounds[0]),
            end: edge(bounds[1]),
            keys: columns.len(),
        };
        let mut offsets = Vec::new();
        for bound in bounds {
            let offset = self.offset(bound, cx)?;
            if let Some(offset) = &offset {
                columns.push(offset.value.clone());
                match keys {
                    [key] if units == Units::Range => {
                        let is_sum = is_preceding(bound) == descending;
                        columns.extend(self.reached(offset, key, is_sum)?);
                    }
                    _ => refuse_no_count(offset)?,
                }
            }
            offsets.push(offset);
        }
        let native = native(units, bounds, &offsets, order_by, keys)?;
        Ok(Frame {
            native,
            own,
            columns,
        })
    }

    fn offset(&mut self, bound: &FrameBound, cx: &mut Context) -> Result<Option<Offset>, Error> {
        let (FrameBoundKind::Preceding(written) | FrameBoundKind::Following(written)) = &bound.kind
        else {
            return Ok(None);
        };
        Ok(Some(Offset {
            value: self.expression(written, cx)?,
            position: written.position,
        }))
    }

    /// The sort key that the offset leads to, and in the same type the row's own. (`planFrameBound`
    /// of Trino's `QueryPlanner`.)
    fn reached(&mut self, offset: &Offset, key: &Typed, is_sum: bool) -> Result<[Typed; 2], Error> {
        let refused = || {
            error_at(
                offset.position,
                "TYPE_MISMATCH",
                format!(
                    "Window frame of type RANGE does not match the sort item: {} and {}",
                    key.data_type, offset.value.data_type
                ),
            )
        };
        let measure = &offset.value.data_type;
        if !measure.is_number() && !matches!(measure, Type::IntervalDay | Type::IntervalYear) {
            return Err(refused());
        }
        let operands = vec![key.clone(), offset.value.clone()];
        let operator = if is_sum { "+" } else { "-" };
        let reached = self
            .call(operator, operands, offset.position)
            .map_err(|_| refused())?;
        let common = common_super_type(&reached.data_type, &key.data_type).ok_or_else(refused)?;
        let own = Typed::new(coerce(key.clone(), &common), common.clone());
        Ok([Typed::new(coerce(reached, &common), common), own])
    }
}

fn is_preceding(bound: &FrameBound) -> bool {
    matches!(bound.kind, FrameBoundKind::Preceding(_))
}

fn edge(bound: &FrameBound) -> Edge {
    match bound.kind {
        FrameBoundKind::UnboundedPreceding | FrameBoundKind::UnboundedFollowing => Edge::Unbounded,
        FrameBoundKind::CurrentRow => Edge::CurrentRow,
        FrameBoundKind::Preceding(_) => Edge::Preceding,
        FrameBoundKind::Following(_) => Edge::Following,
    }
}

fn refuse_meaningless(
    written: &ast::WindowFrame,
    [start, end]: [&FrameBound; 2],
    keys: &[Typed],
) -> Result<(), Error> {
    use FrameBoundKind as B;
    let refused = |code: &str, message: &str| Err(error_at(written.position, code, message));
    let invalid = |message: &str| refused("INVALID_WINDOW_FRAME", message);
    match (&start.kind, &end.kind) {
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
    let has_offset = |bound: &FrameBound| matches!(bound.kind, B::Preceding(_) | B::Following(_));
    match (written.units, keys) {
        (FrameUnits::Groups, []) => refused(
            "MISSING_ORDER_BY",
            "Window frame of type GROUPS requires ORDER BY",
        ),
        (FrameUnits::Range, [] | [_, _, ..]) if !has_offset(start) && !has_offset(end) => Ok(()),
        (FrameUnits::Range, []) => refused(
            "MISSING_ORDER_BY",
            "Window frame of type RANGE PRECEDING or FOLLOWING requires ORDER BY",
        ),
        (FrameUnits::Range, [_, _, ..]) => refused(
            "INVALID_ORDER_BY",
            "Window frame of type RANGE PRECEDING or FOLLOWING requires single sort item in ORDER BY (actual: several)",
        ),
        _ => Ok(()),
    }
}

/// Fails where an offset cannot be a number of rows or groups.
fn refuse_no_count(offset: &Offset) -> Result<(), Error> {
    let data_type = &offset.value.data_type;
    if data_type.is_integer() || matches!(data_type, Type::Decimal(_, 0)) {
        return Ok(());
    }
    Err(error_at(
        offset.position,
        "TYPE_MISMATCH",
        format!("Window frame offset value must be of type BIGINT (actual {data_type})"),
    ))
}

/// DataFusion's frame, where it has one that means the same.
fn native(
    units: Units,
    [start, end]: [&FrameBound; 2],
    offsets: &[Option<Offset>],
    order_by: &mut [SortExpr],
    keys: &[Typed],
) -> Result<Option<WindowFrame>, Error> {
    let given: Vec<&Offset> = offsets.iter().flatten().collect();
    let measure = native_measure(units, keys, &given);
    if measure.is_none() && !given.is_empty() {
        return Ok(None);
    }
    let mut values = Vec::new();
    for offset in offsets {
        values.push(match (offset, &measure) {
            (Some(offset), Some(measure)) => Some(native_offset(units, measure, offset)?),
            _ => None,
        });
    }
    let mut values = values.into_iter();
    let start = native_bound(units, start, values.next().flatten());
    let end = native_bound(units, end, values.next().flatten());
    if is_empty(&start, &end) {
        return Ok(None);
    }
    // The sort key is of the type of its offsets.
    if let (Units::Range, Some(item), [key], Some(measure)) =
        (units, order_by.first_mut(), keys, &measure)
        && measure.is_number()
        && !given.is_empty()
    {
        item.expr = cast::cast_expr(key.expr.clone(), &key.data_type, measure, false);
    }
    let units = match units {
        Units::Rows => WindowFrameUnits::Rows,
        Units::Groups => WindowFrameUnits::Groups,
        Units::Range => WindowFrameUnits::Range,
    };
    Ok(Some(WindowFrame::new_bounds(units, start, end)))
}

/// The type of offsets and, in RANGE, of the sort key, where DataFusion knows how to add them.
fn native_measure(units: Units, keys: &[Typed], given: &[&Offset]) -> Option<Type> {
    if !given.iter().all(|offset| is_constant(&offset.value.expr)) {
        return None;
    }
    let mut types = given.iter().map(|offset| &offset.value.data_type);
    if units != Units::Range {
        return types.all(Type::is_integer).then_some(Type::Bigint);
    }
    let key = &keys.first()?.data_type;
    if matches!(key, Type::Date | Type::Timestamp(0..=6)) {
        return Some(key.clone());
    }
    let common = types.try_fold(key.clone(), |common, t| common_super_type(&common, t))?;
    // Decimals of a growing precision are beyond DataFusion's frames.
    (common.is_number() && !matches!(common, Type::Decimal(..))).then_some(common)
}

fn native_offset(units: Units, measure: &Type, offset: &Offset) -> Result<ScalarValue, Error> {
    let expr = if measure.is_number() {
        coerce(offset.value.clone(), measure)
    } else {
        offset.value.expr.clone()
    };
    let value = match (&offset.value.data_type, constant(&expr, offset.position)?) {
        (Type::IntervalDay, ScalarValue::Int64(Some(millis))) => ScalarValue::new_interval_mdn(
            0,
            (millis / 86_400_000) as i32,
            millis % 86_400_000 * 1_000_000,
        ),
        (Type::IntervalYear, ScalarValue::Int32(Some(months))) => {
            ScalarValue::new_interval_mdn(months, 0, 0)
        }
        (_, value) => value,
    };
    let zero = ScalarValue::new_zero(&value.data_type()).ok();
    if value.is_null() || zero.is_some_and(|zero| value < zero) {
        return Err(error_at(
            offset.position,
            "INVALID_WINDOW_FRAME",
            "Window frame offset value must not be negative or null",
        ));
    }
    Ok(match (units, value) {
        (Units::Rows | Units::Groups, ScalarValue::Int64(Some(n))) => {
            ScalarValue::UInt64(Some(n as u64))
        }
        (_, value) => value,
    })
}

fn native_bound(units: Units, bound: &FrameBound, offset: Option<ScalarValue>) -> WindowFrameBound {
    let unbounded = match units {
        Units::Range => ScalarValue::Null,
        Units::Rows | Units::Groups => ScalarValue::UInt64(None),
    };
    let value = offset.unwrap_or(unbounded);
    match bound.kind {
        FrameBoundKind::UnboundedPreceding | FrameBoundKind::Preceding(_) => {
            WindowFrameBound::Preceding(value)
        }
        FrameBoundKind::CurrentRow => WindowFrameBound::CurrentRow,
        FrameBoundKind::UnboundedFollowing | FrameBoundKind::Following(_) => {
            WindowFrameBound::Following(value)
        }
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

/// The frame of a window that says none.
pub(super) fn default_frame(unordered: bool) -> WindowFrame {
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
