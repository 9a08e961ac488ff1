//! Expressions of MEASURES and DEFINE: what they say of other rows become inputs, each a column.
//!
//! Source: Trino's `ExpressionAnalyzer` in the context of pattern recognition.

use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Column, DFSchemaRef};
use datafusion::logical_expr::Expr;

use super::expression::Context;
use super::name::column_not_found;
use super::row_pattern_labels::Labels;
use super::row_pattern_rules::{
    aggregation_label, arguments_of, check_aggregate_clauses, check_in_subquery, check_navigation,
    check_navigation_label, check_no_aggregates, check_no_clauses, check_no_navigation,
    check_no_windows, has_row, is_pattern_function, names_of, navigation_offset,
};
use super::{Analyzer, Typed, decorrelate, error_at};
use crate::ast::{
    Arguments, Expression, ExpressionKind, FunctionCall, Identifier, Position, ProcessingMode,
};
use crate::error::Error;
use crate::functions::Registry;
use crate::row_pattern::{AggregateOf, Computation, Input, Navigation, Source, label_name};
use crate::types::Type;

/// What MEASURES and DEFINE need besides what they are themselves.
#[derive(Debug)]
pub struct Pattern {
    pub labels: Arc<Labels>,
    /// The rows that the pattern is matched against.
    pub input: DFSchemaRef,
    navigation: Navigation,
    /// Whether an expression is of the rows that an aggregate takes.
    in_aggregate: bool,
    inputs: Vec<Input>,
    /// The window function's arguments.
    pub arguments: Vec<Expr>,
    pub aggregates: Vec<AggregateOf>,
}

impl Pattern {
    pub fn new(labels: Arc<Labels>, input: DFSchemaRef) -> Self {
        Self {
            labels,
            input,
            navigation: Navigation::CURRENT,
            in_aggregate: false,
            inputs: Vec::new(),
            arguments: Vec::new(),
            aggregates: Vec::new(),
        }
    }

    /// The index of an argument.
    fn argument(&mut self, expr: Expr) -> usize {
        if let Some(index) = self.arguments.iter().position(|known| *known == expr) {
            return index;
        }
        self.arguments.push(expr);
        self.arguments.len() - 1
    }

    /// The navigation that is around, over the rows of a set.
    fn over(&self, set: usize) -> Navigation {
        if self.in_aggregate {
            return Navigation::CURRENT;
        }
        Navigation {
            set,
            ..self.navigation
        }
    }
}

fn pattern_of(cx: &mut Context) -> Result<&mut Pattern, Error> {
    let pattern = cx.pattern.as_deref_mut();
    pattern.ok_or_else(|| Error::internal("no row pattern is around"))
}

impl Analyzer<'_> {
    /// An expression of MEASURES or DEFINE as a computation; the context has a pattern.
    pub(super) fn computation(
        &mut self,
        written: &Expression,
        cx: &mut Context,
    ) -> Result<(Computation, Type), Error> {
        check_no_windows(written)?;
        let typed = self.expression(written, cx)?;
        let inputs = std::mem::take(&mut pattern_of(cx)?.inputs);
        Ok((Computation::new(inputs, &typed.expr)?, typed.data_type))
    }

    /// What an expression means within a row pattern, where that is something else than elsewhere.
    pub(super) fn in_pattern(
        &mut self,
        written: &Expression,
        cx: &mut Context,
    ) -> Result<Option<Typed>, Error> {
        let position = written.position;
        match &written.kind {
            ExpressionKind::Identifier(name) => {
                let found = cx.scope.resolve(&[], &name.lower(), position)?;
                let typed = found.ok_or_else(|| column_not_found(&name.value, position))?;
                self.pattern_column(0, typed, &name.value, position, cx)
                    .map(Some)
            }
            ExpressionKind::Dereference { .. } => match names_of(written) {
                Some(names) => self.labelled_column(&names, position, cx).map(Some),
                None => Ok(None),
            },
            ExpressionKind::FunctionCall(call) => self.call_in_pattern(call, position, cx),
            ExpressionKind::Listagg(_) => Err(error_at(
                position,
                "NOT_SUPPORTED",
                "Cannot use ORDER BY with listagg aggregate function in pattern recognition context",
            )),
            ExpressionKind::InSubquery { value, .. } => {
                check_in_subquery(value, &pattern_of(cx)?.labels)?;
                self.subquery_in_pattern(written, cx).map(Some)
            }
            ExpressionKind::Subquery(_)
            | ExpressionKind::Exists(_)
            | ExpressionKind::QuantifiedComparison { .. } => {
                self.subquery_in_pattern(written, cx).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// `A.value`.
    fn labelled_column(
        &mut self,
        names: &[&Identifier],
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let path = |names: &[&Identifier]| {
            let parts: Vec<String> = names.iter().map(|name| name.lower()).collect();
            parts.join(".")
        };
        let [label, rest @ ..] = names else {
            return Err(Error::internal("no name"));
        };
        let label = label_name(label);
        let Some(set) = pattern_of(cx)?.labels.by_name.get(&label).copied() else {
            return Err(column_not_found(&path(names), position));
        };
        let unknown = || {
            error_at(
                position,
                "COLUMN_NOT_FOUND",
                format!(
                    "Column {} prefixed with label {label} cannot be resolved",
                    path(rest)
                ),
            )
        };
        let [column] = rest else {
            return Err(unknown());
        };
        let found = cx.scope.resolve(&[], &column.lower(), position)?;
        let typed = found.ok_or_else(unknown)?;
        self.pattern_column(set, typed, &column.value, position, cx)
    }

    /// A column, or what is computed of a row beforehand, in the row that is navigated to.
    fn pattern_column(
        &mut self,
        set: usize,
        typed: Typed,
        name: &str,
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        if matches!(typed.expr, Expr::OuterReferenceColumn(..)) {
            return Err(outer_column(name, position));
        }
        let pattern = pattern_of(cx)?;
        let argument = pattern.argument(typed.expr);
        let source = Source::Value(argument, pattern.over(set));
        let expr = self.pattern_input(source, typed.data_type.arrow(), pattern);
        Ok(Typed::new(expr, typed.data_type))
    }

    /// The column that stands for an input.
    fn pattern_input(
        &mut self,
        source: Source,
        data_type: DataType,
        pattern: &mut Pattern,
    ) -> Expr {
        let known = pattern.inputs.iter().find(|input| input.source == source);
        let column = if let Some(input) = known {
            input.column.clone()
        } else {
            self.next += 1;
            let column = format!("c{}", self.next);
            self.columns.insert(column.clone(), data_type.clone());
            pattern.inputs.push(Input {
                column: column.clone(),
                data_type,
                source,
            });
            column
        };
        Expr::Column(Column::from_name(column))
    }

    /// A subquery, or a comparison with one: computed for each row beforehand, and then as a column.
    fn subquery_in_pattern(
        &mut self,
        written: &Expression,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let before = cx.pending.len();
        let pattern = cx.pattern.take();
        let was_within = std::mem::replace(&mut self.within_pattern, true);
        let typed = self.expression_by_kind(written, cx);
        self.within_pattern = was_within;
        cx.pattern = pattern;
        let typed = typed?;
        for subquery in &cx.pending[before..] {
            if subquery.correlated {
                let input = &pattern_of_ref(cx)?.input;
                let outer = decorrelate::outer_columns(&subquery.plan, input)?;
                let mut fields = cx.scope.fields.iter();
                let field = fields.find(|field| outer.contains(&field.column));
                let name = field.and_then(|field| field.heading.clone());
                let name = name.unwrap_or_default();
                return Err(outer_column(&name, subquery.position));
            }
        }
        self.pattern_column(0, typed, "", written.position, cx)
    }

    fn call_in_pattern(
        &mut self,
        call: &FunctionCall,
        position: Position,
        cx: &mut Context,
    ) -> Result<Option<Typed>, Error> {
        let name = call.name.suffix();
        let is_aggregate = Registry::get().is_aggregate(&name);
        if let Arguments::All { label: Some(label) } = &call.arguments
            && !(is_aggregate && name == "count")
        {
            return Err(error_at(
                label.position,
                "INVALID_FUNCTION_ARGUMENT",
                "label.* syntax is only supported as the only argument of row pattern count function",
            ));
        }
        if is_pattern_function(call) {
            check_no_clauses(call, position)?;
            return self.pattern_function(call, &name, position, cx).map(Some);
        }
        if is_aggregate {
            return self.pattern_aggregate(call, &name, position, cx).map(Some);
        }
        if let Some(mode) = call.processing_mode {
            return Err(error_at(
                position,
                "INVALID_PROCESSING_MODE",
                format!(
                    "{} semantics is supported only for FIRST(), LAST() and aggregation \
                     functions. Actual: {}",
                    mode.word(),
                    call.name
                ),
            ));
        }
        Ok(None)
    }

    fn pattern_function(
        &mut self,
        call: &FunctionCall,
        name: &str,
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        match name {
            "match_number" => {
                if !arguments_of(call).is_empty() {
                    return Err(error_at(
                        position,
                        "INVALID_FUNCTION_ARGUMENT",
                        "MATCH_NUMBER pattern recognition function takes no arguments",
                    ));
                }
                let pattern = pattern_of(cx)?;
                let expr = self.pattern_input(Source::MatchNumber, DataType::Int64, pattern);
                Ok(Typed::new(expr, Type::Bigint))
            }
            "classifier" => self.classifier(arguments_of(call), position, cx),
            _ => self.navigation(call, name, position, cx),
        }
    }

    fn classifier(
        &mut self,
        arguments: &[Expression],
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        let pattern = pattern_of(cx)?;
        let set = match arguments {
            [] => 0,
            [argument] => {
                let ExpressionKind::Identifier(label) = &argument.kind else {
                    return Err(error_at(
                        argument.position,
                        "TYPE_MISMATCH",
                        "CLASSIFIER function argument should be primary pattern variable or \
                         subset name.",
                    ));
                };
                let set = pattern.labels.by_name.get(&label_name(label)).copied();
                set.ok_or_else(|| not_a_label(&label.value, argument.position))?
            }
            _ => {
                return Err(error_at(
                    position,
                    "INVALID_FUNCTION_ARGUMENT",
                    "CLASSIFIER pattern recognition function takes no arguments or 1 argument",
                ));
            }
        };
        let source = Source::Classifier(pattern.over(set));
        let expr = self.pattern_input(source, DataType::Utf8, pattern);
        Ok(Typed::new(expr, Type::VARCHAR))
    }

    /// FIRST, LAST, PREV and NEXT.
    fn navigation(
        &mut self,
        call: &FunctionCall,
        name: &str,
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        check_navigation(call, name, position)?;
        let Some(argument) = arguments_of(call).first() else {
            return Err(Error::internal("nothing to navigate"));
        };
        let around = pattern_of(cx)?.navigation;
        let navigation = match name {
            "prev" => Navigation {
                physical: -navigation_offset(call, 1),
                ..around
            },
            "next" => Navigation {
                physical: navigation_offset(call, 1),
                ..around
            },
            _ => Navigation {
                last: name == "last",
                is_final: call.processing_mode == Some(ProcessingMode::Final),
                logical: usize::try_from(navigation_offset(call, 0)).unwrap_or(usize::MAX),
                ..around
            },
        };
        pattern_of(cx)?.navigation = navigation;
        let typed = self.expression(argument, cx)?;
        let pattern = pattern_of(cx)?;
        pattern.navigation = around;
        check_navigation_label(call, &pattern.labels, position)?;
        if !has_row(argument, &pattern.labels) {
            return Err(error_at(
                position,
                "INVALID_ARGUMENTS",
                format!(
                    "Pattern navigation function '{}' must contain at least one column reference \
                     or CLASSIFIER()",
                    name.to_uppercase()
                ),
            ));
        }
        Ok(typed)
    }

    /// An aggregate over the rows of one label.
    fn pattern_aggregate(
        &mut self,
        call: &FunctionCall,
        name: &str,
        position: Position,
        cx: &mut Context,
    ) -> Result<Typed, Error> {
        check_aggregate_clauses(call, position)?;
        check_no_aggregates(call)?;
        check_no_navigation(call)?;
        let pattern = pattern_of(cx)?;
        let label = match &call.arguments {
            Arguments::All { label: Some(label) } => {
                let name = label_name(label);
                if !pattern.labels.by_name.contains_key(&name) {
                    return Err(not_a_label(&name, label.position));
                }
                Some(name)
            }
            _ => aggregation_label(call, &pattern.labels, position)?,
        };
        let around = std::mem::take(&mut pattern.inputs);
        pattern.in_aggregate = true;
        let plain = cx.plain.take();
        let aggregation = self.aggregation(call, name, position, cx);
        cx.plain = plain;
        let pattern = pattern_of(cx)?;
        pattern.in_aggregate = false;
        let inputs = std::mem::replace(&mut pattern.inputs, around);
        let aggregation = aggregation?;
        let set = label.and_then(|label| pattern.labels.by_name.get(&label).copied());
        let aggregate = AggregateOf::new(
            inputs,
            set.unwrap_or(0),
            call.processing_mode == Some(ProcessingMode::Final),
            Arc::clone(&aggregation.function),
            &aggregation.arguments,
        )?;
        let data_type = aggregate.result_type();
        let source = Source::Aggregate(pattern.aggregates.len());
        pattern.aggregates.push(aggregate);
        let node = self.pattern_input(source, data_type, pattern);
        Ok(aggregation.finish(node))
    }
}

fn pattern_of_ref(cx: &Context) -> Result<&Pattern, Error> {
    let pattern = cx.pattern.as_deref();
    pattern.ok_or_else(|| Error::internal("no row pattern is around"))
}

fn outer_column(name: &str, position: Position) -> Error {
    error_at(
        position,
        "NOT_SUPPORTED",
        format!("Reference to column '{name}' from outer scope not allowed in this context"),
    )
}

fn not_a_label(name: &str, position: Position) -> Error {
    error_at(
        position,
        "INVALID_FUNCTION_ARGUMENT",
        format!("{name} is not a primary pattern variable or subset name"),
    )
}
