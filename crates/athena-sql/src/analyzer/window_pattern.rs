//! Row patterns in windows: each row's match takes the place of its frame, and measures are of it.
//!
//! Source: `analyzeWindow` and `visitWindowOperation` of Trino's `ExpressionAnalyzer`.

use std::sync::Arc;

use datafusion::arrow::datatypes::{Field as ArrowField, Schema};
use datafusion::common::{DFSchema, DFSchemaRef};
use datafusion::logical_expr::Expr;

use super::expression::Context;
use super::row_pattern::Pattern;
use super::row_pattern_labels::{labels_of, refuse_anchors, skip_of};
use super::row_pattern_rules::is_pattern_function;
use super::scope::Scope;
use super::window::{over_own_frame, refuse_around, specification};
use super::{Analyzer, Typed, error_at, plan_error};
use crate::ast::{
    Expression, ExpressionKind, FrameBoundKind, FrameUnits, Identifier, Over, Position,
    RowsPerMatch, SkipTo, WindowFrame, WindowPattern,
};
use crate::error::Error;
use crate::functions::framed::Asked;
use crate::row_pattern::{Dependences, Recognition, compile, label_name};
use crate::types::Type;

/// A window's row pattern, analysed.
pub(super) struct Recognized {
    /// With the window's measures, in their order.
    pub recognition: Recognition,
    pub arguments: Vec<Expr>,
}

impl Recognized {
    /// Leaves out all measures but one, and gives the type of that.
    fn keep_measure(&mut self, index: usize) -> Result<Type, Error> {
        let measures = std::mem::take(&mut self.recognition.measures);
        self.recognition.measures = measures.into_iter().skip(index).take(1).collect();
        let name = format!("{index} of {}", self.recognition.name);
        self.recognition.name = name;
        match self.recognition.measures.first() {
            Some((_, data_type)) => Ok(data_type.clone()),
            None => Err(Error::internal("no such measure")),
        }
    }
}

impl Analyzer<'_> {
    /// `name OVER w`: a measure of the row pattern in a window.
    pub(super) fn measure_call(
        &mut self,
        name: &Identifier,
        over: &Over,
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        refuse_around(position, cx)?;
        let specification = specification(over, cx)?;
        let index = measure_named(name, specification.frame.as_ref(), position)?;
        let mut window = self.window(&specification, position, cx)?;
        let Some(pattern) = &mut window.pattern else {
            return Err(Error::internal("a measure without a pattern"));
        };
        let data_type = pattern.keep_measure(index)?;
        let asked = Asked::Measure(data_type.clone());
        let node = over_own_frame(asked, Vec::new(), window, None);
        Ok(Typed::new(node, data_type))
    }

    /// The row pattern of a frame, if it has one. Fails where a clause of one stands without it.
    pub(super) fn window_pattern(
        &mut self,
        frame: &WindowFrame,
        cx: &mut Context,
    ) -> Result<Option<Recognized>, Error> {
        let Some(written) = &frame.pattern else {
            return Ok(None);
        };
        let Some(row_pattern) = &written.pattern else {
            return Err(without_pattern(frame, written));
        };
        if self.within_pattern {
            return Err(error_at(
                row_pattern.position,
                "NESTED_ROW_PATTERN_RECOGNITION",
                "nested row pattern recognition in row pattern recognition",
            ));
        }
        refuse_frame(frame, written)?;
        let labels = labels_of(row_pattern, &written.subsets, &written.definitions)?;
        let labels = Arc::new(labels);
        let skip = skip_of(written.after_match.as_ref(), &labels)?;
        refuse_anchors(row_pattern)?;
        let program =
            compile(row_pattern, &labels.names).map_err(super::at(row_pattern.position))?;

        let scope = Arc::clone(&cx.scope);
        let mut pattern = Box::new(Pattern::new(Arc::clone(&labels), schema_of(&scope)?));
        let mut pending = Vec::new();
        let conditions =
            self.conditions(&written.definitions, &scope, &mut pattern, &mut pending)?;
        let measures = self.measures(&written.measures, &scope, &mut pattern, &mut pending)?;
        refuse_match_number(written)?;
        cx.pending.append(&mut pending);

        let dependences = Dependences::of(&conditions, &pattern.aggregates, &labels.sets);
        let mode = written.search_mode.as_ref();
        let recognition = Recognition {
            // Where it is written is part of it.
            name: format!("{frame:?}"),
            labels: labels.names.clone(),
            sets: labels.sets.clone(),
            program,
            conditions,
            measures,
            aggregates: std::mem::take(&mut pattern.aggregates),
            dependences,
            rows_per_match: RowsPerMatch::One,
            skip,
            seeks: mode.is_some_and(|mode| mode.lower() == "seek"),
            cancel: self.session.cancel.clone(),
        };
        Ok(Some(Recognized {
            recognition,
            arguments: std::mem::take(&mut pattern.arguments),
        }))
    }
}

/// Which of a frame's measures has a name. Fails where none has it, or several have.
fn measure_named(
    name: &Identifier,
    frame: Option<&WindowFrame>,
    position: Position,
) -> Result<usize, Error> {
    let pattern = frame.and_then(|frame| frame.pattern.as_ref());
    let measures = pattern.map_or(&[][..], |pattern| pattern.measures.as_slice());
    let wanted = label_name(name);
    let mut found = (0..measures.len()).filter(|i| label_name(&measures[*i].name) == wanted);
    let Some(index) = found.next() else {
        return Err(error_at(
            position,
            "INVALID_WINDOW_MEASURE",
            format!(
                "Measure {} is not defined in the corresponding window",
                name.value
            ),
        ));
    };
    if found.next().is_some() {
        return Err(error_at(
            position,
            "AMBIGUOUS_NAME",
            format!("Measure {} is defined more than once", name.value),
        ));
    }
    Ok(index)
}

/// The columns that the expressions of a pattern may speak of.
fn schema_of(scope: &Scope) -> Result<DFSchemaRef, Error> {
    let mut columns: Vec<ArrowField> = Vec::new();
    for field in &scope.fields {
        if !columns.iter().any(|known| *known.name() == field.column) {
            columns.push(ArrowField::new(
                field.column.as_str(),
                field.data_type.arrow(),
                true,
            ));
        }
    }
    let schema = DFSchema::try_from(Schema::new(columns)).map_err(plan_error)?;
    Ok(Arc::new(schema))
}

/// The error of a clause that needs PATTERN.
fn without_pattern(frame: &WindowFrame, written: &WindowPattern) -> Error {
    let missing =
        |position: Position, message: &str| error_at(position, "MISSING_ROW_PATTERN", message);
    if !written.measures.is_empty() {
        return missing(
            frame.position,
            "Row pattern measures require PATTERN clause",
        );
    }
    if let Some(skip) = &written.after_match {
        let position = match skip {
            SkipTo::NextRow(position) | SkipTo::PastLastRow(position) => *position,
            SkipTo::First(name) | SkipTo::Last(name) => name.position,
        };
        return missing(position, "AFTER MATCH SKIP clause requires PATTERN clause");
    }
    if let Some(mode) = &written.search_mode {
        let message = format!(
            "{} modifier requires PATTERN clause",
            mode.value.to_uppercase()
        );
        return missing(mode.position, &message);
    }
    if let Some(subset) = written.subsets.first() {
        let message = "Union variable definitions require PATTERN clause";
        return missing(subset.name.position, message);
    }
    let definition = written.definitions.first();
    missing(
        definition.map_or(frame.position, |definition| definition.name.position),
        "Primary pattern variable definitions require PATTERN clause",
    )
}

/// Fails where a pattern is not looked for from the current row on, or has no conditions.
fn refuse_frame(frame: &WindowFrame, written: &WindowPattern) -> Result<(), Error> {
    let refused = |code: &str, message: &str| Err(error_at(frame.position, code, message));
    if written.definitions.is_empty() {
        let message = "Pattern recognition requires DEFINE clause";
        return refused("MISSING_VARIABLE_DEFINITIONS", message);
    }
    if frame.units != FrameUnits::Rows {
        let message = "Pattern recognition requires ROWS frame type";
        return refused("INVALID_WINDOW_FRAME", message);
    }
    if !matches!(frame.start.kind, FrameBoundKind::CurrentRow) || frame.end.is_none() {
        let message = "Pattern recognition requires frame specified as BETWEEN CURRENT ROW AND ...";
        return refused("INVALID_WINDOW_FRAME", message);
    }
    Ok(())
}

/// Fails where MATCH_NUMBER is called, which windows do not have.
fn refuse_match_number(written: &WindowPattern) -> Result<(), Error> {
    let measures = written.measures.iter().map(|measure| &measure.expression);
    let definitions = written.definitions.iter();
    let conditions = definitions.map(|definition| &definition.condition);
    for expression in measures
        .chain(conditions)
        .flat_map(Expression::with_descendants)
    {
        if let ExpressionKind::FunctionCall(call) = &expression.kind
            && is_pattern_function(call)
            && call.name.suffix() == "match_number"
        {
            return Err(error_at(
                expression.position,
                "INVALID_PATTERN_RECOGNITION_FUNCTION",
                "MATCH_NUMBER function is not supported in window",
            ));
        }
    }
    Ok(())
}
