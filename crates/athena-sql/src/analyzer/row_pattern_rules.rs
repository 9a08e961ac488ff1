//! What is not allowed in expressions of MEASURES and DEFINE, as far as it is seen before they are
//! analysed.

use super::error_at;
use super::row_pattern_labels::Labels;
use crate::ast::{Arguments, Expression, ExpressionKind, FunctionCall, Identifier, Position};
use crate::error::Error;
use crate::functions::Registry;
use crate::row_pattern::label_name;

/// `a.b.c` as its names; a single name is none of these.
pub fn names_of(written: &Expression) -> Option<Vec<&Identifier>> {
    let mut names = Vec::new();
    let mut at = written;
    loop {
        match &at.kind {
            ExpressionKind::Dereference { base, field } => {
                names.push(field);
                at = base;
            }
            ExpressionKind::Identifier(name) if !names.is_empty() => {
                names.push(name);
                names.reverse();
                return Some(names);
            }
            _ => return None,
        }
    }
}

pub fn arguments_of(call: &FunctionCall) -> &[Expression] {
    match &call.arguments {
        Arguments::List(arguments) => arguments,
        Arguments::All { .. } => &[],
    }
}

/// Whether a call is of a function that row patterns have of their own. Their names are neither
/// qualified nor quoted.
pub fn is_pattern_function(call: &FunctionCall) -> bool {
    let [name] = call.name.parts.as_slice() else {
        return false;
    };
    let names = [
        "first",
        "last",
        "prev",
        "next",
        "classifier",
        "match_number",
    ];
    !name.quoted && names.contains(&name.lower().as_str())
}

fn is_navigation(call: &FunctionCall) -> bool {
    let names = ["first", "last", "prev", "next"];
    is_pattern_function(call) && names.contains(&call.name.suffix().as_str())
}

/// Which rows a column or classifier is of.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Of {
    AnyLabel,
    Label(String),
}

/// A column or a classifier in an expression.
struct Reference {
    of: Of,
    is_classifier: bool,
}

/// The columns and classifiers in an expression.
fn references(written: &Expression, labels: &Labels) -> Vec<Reference> {
    let mut found = Vec::new();
    let mut open = vec![written];
    while let Some(expression) = open.pop() {
        match &expression.kind {
            ExpressionKind::Identifier(_) => found.push(Reference {
                of: Of::AnyLabel,
                is_classifier: false,
            }),
            ExpressionKind::FunctionCall(call)
                if is_pattern_function(call) && call.name.suffix() == "classifier" =>
            {
                let of = match arguments_of(call).first().map(|argument| &argument.kind) {
                    Some(ExpressionKind::Identifier(label)) => Of::Label(label_name(label)),
                    _ => Of::AnyLabel,
                };
                found.push(Reference {
                    of,
                    is_classifier: true,
                });
            }
            _ => match names_of(expression) {
                Some(names) => {
                    let label = names.first().map(|name| label_name(name));
                    if let Some(label) = label.filter(|l| labels.by_name.contains_key(l)) {
                        found.push(Reference {
                            of: Of::Label(label),
                            is_classifier: false,
                        });
                    }
                }
                None => open.extend(expression.children()),
            },
        }
    }
    found
}

/// Whether an expression speaks of some row.
pub fn has_row(written: &Expression, labels: &Labels) -> bool {
    !references(written, labels).is_empty()
}

/// Which rows one argument of a call is of, if any; the columns of the others are of the same.
fn rows_of_argument(
    call: &FunctionCall,
    index: usize,
    labels: &Labels,
    position: Position,
) -> Result<Option<Of>, Error> {
    let mut common: Option<Of> = None;
    for (i, argument) in arguments_of(call).iter().enumerate() {
        for reference in references(argument, labels) {
            if reference.is_classifier && i != index {
                continue;
            }
            if common.as_ref().is_some_and(|of| *of != reference.of) {
                return Err(error_at(
                    position,
                    "INVALID_ARGUMENTS",
                    format!(
                        "All labels and classifiers inside the call to '{}' must match",
                        call.name.suffix()
                    ),
                ));
            }
            common = Some(reference.of);
        }
    }
    Ok(common)
}

/// Fails where a navigation is over rows of several labels.
pub fn check_navigation_label(
    call: &FunctionCall,
    labels: &Labels,
    position: Position,
) -> Result<(), Error> {
    rows_of_argument(call, 0, labels, position).map(|_| ())
}

/// The label of the rows that an aggregate takes; `None` for all.
pub fn aggregation_label(
    call: &FunctionCall,
    labels: &Labels,
    position: Position,
) -> Result<Option<String>, Error> {
    let mut common: Option<Of> = None;
    for index in 0..arguments_of(call).len() {
        let Some(of) = rows_of_argument(call, index, labels, position)? else {
            continue;
        };
        if common.as_ref().is_some_and(|common| *common != of) {
            return Err(error_at(
                position,
                "INVALID_ARGUMENTS",
                "All aggregate function arguments must apply to rows matched with the same label",
            ));
        }
        common = Some(of);
    }
    Ok(match common {
        Some(Of::Label(label)) => Some(label),
        Some(Of::AnyLabel) | None => None,
    })
}

/// Fails where there is a window or a lambda.
pub fn check_no_windows(written: &Expression) -> Result<(), Error> {
    let within = written.with_descendants();
    for expression in &within {
        let is_window = match &expression.kind {
            ExpressionKind::FunctionCall(call) => call.over.is_some(),
            ExpressionKind::Measure { .. } => true,
            _ => false,
        };
        if is_window {
            return Err(error_at(
                expression.position,
                "NESTED_WINDOW",
                "Cannot nest window functions or row pattern measures inside pattern recognition \
                 expressions",
            ));
        }
    }
    for expression in &within {
        if matches!(expression.kind, ExpressionKind::Lambda { .. }) {
            return Err(error_at(
                expression.position,
                "NOT_SUPPORTED",
                "Lambda expression in pattern recognition context is not yet supported",
            ));
        }
    }
    Ok(())
}

/// Fails where a function of row patterns has a clause of other functions.
pub fn check_no_clauses(call: &FunctionCall, position: Position) -> Result<(), Error> {
    let clauses = [
        (call.over.is_some(), "OVER"),
        (call.filter.is_some(), "FILTER"),
        (!call.order_by.is_empty(), "ORDER BY"),
        (call.distinct, "DISTINCT"),
    ];
    if let Some((_, clause)) = clauses.iter().find(|(is_there, _)| *is_there) {
        return Err(error_at(
            position,
            "INVALID_PATTERN_RECOGNITION_FUNCTION",
            format!(
                "Cannot use {clause} with {} pattern recognition function",
                call.name
            ),
        ));
    }
    match call.processing_mode {
        Some(mode) if !["first", "last"].contains(&call.name.suffix().as_str()) => Err(error_at(
            position,
            "INVALID_PROCESSING_MODE",
            format!(
                "{} semantics is not supported with {} pattern recognition function",
                mode.word(),
                call.name
            ),
        )),
        _ => Ok(()),
    }
}

/// Fails where an aggregate has a clause that row patterns do not know.
pub fn check_aggregate_clauses(call: &FunctionCall, position: Position) -> Result<(), Error> {
    let clauses = [
        (call.filter.is_some(), "FILTER"),
        (!call.order_by.is_empty(), "ORDER BY"),
        (call.distinct, "DISTINCT"),
    ];
    let Some((_, clause)) = clauses.iter().find(|(is_there, _)| *is_there) else {
        return Ok(());
    };
    Err(error_at(
        position,
        "NOT_SUPPORTED",
        format!(
            "Cannot use {clause} with {} aggregate function in pattern recognition context",
            call.name
        ),
    ))
}

/// Calls within the arguments of a call, with their places.
fn calls_within(arguments: &[Expression]) -> Vec<(&FunctionCall, &Expression)> {
    let within = arguments.iter().flat_map(Expression::with_descendants);
    within
        .filter_map(|expression| match &expression.kind {
            ExpressionKind::FunctionCall(call) => Some((&**call, expression)),
            _ => None,
        })
        .collect()
}

/// Fails where there is an aggregate among a call's arguments.
pub fn check_no_aggregates(call: &FunctionCall) -> Result<(), Error> {
    for (nested, place) in calls_within(arguments_of(call)) {
        if Registry::get().is_aggregate(&nested.name.suffix()) {
            return Err(error_at(
                place.position,
                "NESTED_AGGREGATION",
                format!(
                    "Cannot nest {} aggregate function inside {} function",
                    nested.name, call.name
                ),
            ));
        }
    }
    Ok(())
}

/// Fails where an aggregate's arguments are of other rows than those that it takes.
pub fn check_no_navigation(call: &FunctionCall) -> Result<(), Error> {
    for (nested, place) in calls_within(arguments_of(call)) {
        if is_navigation(nested) {
            return Err(nesting(
                place.position,
                format!(
                    "Cannot nest {} pattern navigation function inside {} function",
                    nested.name.suffix(),
                    call.name
                ),
            ));
        }
    }
    Ok(())
}

fn nesting(position: Position, message: String) -> Error {
    error_at(position, "INVALID_NAVIGATION_NESTING", message)
}

/// Fails where a call of FIRST, LAST, PREV or NEXT is not one.
pub fn check_navigation(call: &FunctionCall, name: &str, position: Position) -> Result<(), Error> {
    let arguments = arguments_of(call);
    if arguments.is_empty() || arguments.len() > 2 {
        return Err(error_at(
            position,
            "INVALID_FUNCTION_ARGUMENT",
            format!("{name} pattern recognition function requires 1 or 2 arguments"),
        ));
    }
    if let Some(offset) = arguments.get(1) {
        check_offset(offset, name, position)?;
    }
    check_no_aggregates(call)?;
    check_nesting(&arguments[0], name)
}

fn check_offset(offset: &Expression, name: &str, position: Position) -> Result<(), Error> {
    let ExpressionKind::Integer(offset) = offset.kind else {
        return Err(error_at(
            position,
            "INVALID_FUNCTION_ARGUMENT",
            format!(
                "{name} pattern recognition navigation function requires a number as the second \
                 argument"
            ),
        ));
    };
    let most = i64::from(i32::MAX);
    let message = if offset < 0 {
        format!(
            "{name} pattern recognition navigation function requires a non-negative number as the \
             second argument (actual: {offset})"
        )
    } else if offset > most {
        format!(
            "The second argument of {name} pattern recognition navigation function must not \
             exceed {most} (actual: {offset})"
        )
    } else {
        return Ok(());
    };
    Err(error_at(position, "NUMERIC_VALUE_OUT_OF_RANGE", message))
}

/// PREV and NEXT may stand around FIRST or LAST, and nothing else around another.
fn check_nesting(argument: &Expression, name: &str) -> Result<(), Error> {
    let nested: Vec<(&FunctionCall, &Expression)> = calls_within(std::slice::from_ref(argument))
        .into_iter()
        .filter(|(call, _)| is_navigation(call))
        .collect();
    let Some((inner, place)) = nested.first() else {
        return Ok(());
    };
    let inner_name = inner.name.suffix();
    let within = |nested: &str| {
        format!(
            "Cannot nest {nested} pattern navigation function inside {name} pattern navigation \
             function"
        )
    };
    if ["first", "last"].contains(&name) {
        return Err(nesting(place.position, within(&inner_name)));
    }
    if let Some((_, second)) = nested.get(1) {
        return Err(nesting(
            second.position,
            format!(
                "Cannot nest multiple pattern navigation functions inside {name} pattern \
                 navigation function"
            ),
        ));
    }
    if ["prev", "next"].contains(&inner_name.as_str()) {
        return Err(nesting(place.position, within(&inner_name)));
    }
    if !std::ptr::eq(*place, argument) {
        let message = "Immediate nesting is required for pattern navigation functions";
        return Err(nesting(place.position, message.to_owned()));
    }
    Ok(())
}

/// How far a navigation goes, which has been checked.
pub fn navigation_offset(call: &FunctionCall, default: i64) -> i64 {
    match arguments_of(call).get(1).map(|offset| &offset.kind) {
        Some(ExpressionKind::Integer(offset)) => *offset,
        _ => default,
    }
}

/// Fails where the value of `IN (SELECT …)` is of another row than the current one.
pub fn check_in_subquery(value: &Expression, labels: &Labels) -> Result<(), Error> {
    let within = value.with_descendants();
    for expression in &within {
        if let ExpressionKind::FunctionCall(call) = &expression.kind
            && is_pattern_function(call)
        {
            return Err(error_at(
                expression.position,
                "NOT_SUPPORTED",
                format!(
                    "IN-PREDICATE with {} function is not yet supported",
                    call.name.suffix()
                ),
            ));
        }
    }
    for expression in &within {
        let names = names_of(expression).unwrap_or_default();
        let label = names.first().map(|name| label_name(name));
        if label.is_some_and(|label| labels.by_name.contains_key(&label)) {
            return Err(error_at(
                expression.position,
                "NOT_SUPPORTED",
                "IN-PREDICATE with labeled column reference is not yet supported",
            ));
        }
    }
    Ok(())
}
