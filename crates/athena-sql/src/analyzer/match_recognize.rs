//! MATCH_RECOGNIZE: the rows of a relation that match a row pattern.
//!
//! It becomes a window function, which gives at each row the rows of output that belong to it, and
//! they are unnested. Source: Trino's `StatementAnalyzer.visitPatternRecognitionRelation`.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::common::{Column, NullHandling, ScalarValue, UnnestOptions};
use datafusion::functions::core::expr_fn::get_field;
use datafusion::logical_expr::expr::{WindowFunction, WindowFunctionParams};
use datafusion::logical_expr::{
    Expr, LogicalPlan, LogicalPlanBuilder, SortExpr, WindowFrame, WindowFrameBound,
    WindowFrameUnits, WindowFunctionDefinition, WindowUDF,
};

use super::expression::Context;
use super::name::path_of;
use super::row_pattern::{Labels, Pattern};
use super::scope::Scope;
use super::subquery::Pending;
use super::{Analyzer, Field, Relation, error_at, plan_error, sort};
use crate::ast::{
    Expression, ExpressionKind, Identifier, PatternRecognition, Position, ProcessingMode,
    RowPattern, RowPatternKind, RowsPerMatch, SkipTo,
};
use crate::error::Error;
use crate::row_pattern::{
    Computation, Dependences, MatchRecognize, Recognition, Skip, compile, label_name,
};
use crate::types::Type;
use crate::types::arrow::field_name;

/// How the input's rows lie for the pattern.
struct Order {
    /// The columns of PARTITION BY and of ORDER BY.
    partition_fields: Vec<Field>,
    sort_fields: Vec<Field>,
    partition_by: Vec<Expr>,
    order_by: Vec<SortExpr>,
}

/// The columns of the output, and what they are in the plan.
#[derive(Default)]
struct Output {
    fields: Vec<Field>,
    exprs: Vec<Expr>,
}

impl Analyzer<'_> {
    pub(super) fn match_recognize(
        &mut self,
        written: &PatternRecognition,
        position: Position,
        parent: &Arc<Scope>,
    ) -> Result<Relation, Error> {
        if self.within_pattern {
            return Err(error_at(
                position,
                "NESTED_ROW_PATTERN_RECOGNITION",
                "nested row pattern recognition in row pattern recognition",
            ));
        }
        let input = self.relation(&written.input, parent)?;
        refuse_ambiguous(&input.fields, written.input.position)?;
        let order = order_of(written, &input.fields)?;
        let labels = Arc::new(labels_of(written)?);
        let skip = skip_of(written.after_match.as_ref(), &labels)?;
        refuse_modes(written)?;
        let program = compile(&written.pattern, &labels.names)
            .map_err(super::at(written.pattern.position))?;

        let mut pattern = Box::new(Pattern::new(
            Arc::clone(&labels),
            Arc::clone(input.plan.schema()),
        ));
        let scope = Scope::of(&input, parent);
        let mut pending = Vec::new();
        let mut conditions: Vec<Option<Computation>> = Vec::new();
        conditions.resize_with(labels.names.len(), || None);
        for definition in &written.definitions {
            let condition = &definition.condition;
            let (computation, data_type) =
                self.in_row_pattern(condition, &scope, &mut pattern, &mut pending)?;
            if data_type != Type::Boolean {
                return Err(error_at(
                    condition.position,
                    "TYPE_MISMATCH",
                    format!(
                        "Expression defining a label must be boolean (actual type: {data_type})"
                    ),
                ));
            }
            let name = label_name(&definition.name);
            if let Some(label) = labels.names.iter().position(|label| *label == name) {
                conditions[label] = Some(computation);
            }
        }
        let mut measures = Vec::new();
        for measure in &written.measures {
            let (computation, data_type) =
                self.in_row_pattern(&measure.expression, &scope, &mut pattern, &mut pending)?;
            measures.push((computation, data_type));
        }

        let dependences = Dependences::of(&conditions, &pattern.aggregates, &labels.sets);
        let mut recognition = Recognition {
            name: String::new(),
            labels: labels.names.clone(),
            sets: labels.sets.clone(),
            program,
            conditions,
            measures,
            aggregates: std::mem::take(&mut pattern.aggregates),
            dependences,
            rows_per_match: written.rows_per_match,
            skip,
            cancel: self.session.cancel.clone(),
        };
        let result = recognition.result_type();
        let column = self.fresh(&result);
        recognition.name.clone_from(&column);
        let types: Vec<Type> = recognition
            .measures
            .iter()
            .map(|(_, t)| t.clone())
            .collect();
        let output = self.output_of(written, &input.fields, &order, &types, &column);
        if output.fields.is_empty() {
            return Err(error_at(
                position,
                "TABLE_HAS_NO_COLUMNS",
                "pattern recognition output table has no columns",
            ));
        }
        let input = self.attach(input, pending)?;
        let arguments = std::mem::take(&mut pattern.arguments);
        let window = window(recognition, arguments, order).alias(&column);
        let plan = unnested(input, window, column, output.exprs)?;
        Ok(Relation {
            plan,
            fields: output.fields,
        })
    }

    /// An expression of MEASURES or DEFINE.
    fn in_row_pattern(
        &mut self,
        written: &Expression,
        scope: &Arc<Scope>,
        pattern: &mut Box<Pattern>,
        pending: &mut Vec<Pending>,
    ) -> Result<(Computation, Type), Error> {
        let labels = Arc::clone(&pattern.labels);
        let empty = Box::new(Pattern::new(labels, Arc::clone(&pattern.input)));
        let mut cx = Context::plain(Arc::clone(scope), "MATCH_RECOGNIZE clause");
        cx.pattern = Some(std::mem::replace(pattern, empty));
        let computation = self.computation(written, &mut cx)?;
        if let Some(used) = cx.pattern {
            *pattern = used;
        }
        pending.append(&mut cx.pending);
        Ok(computation)
    }

    /// ONE ROW PER MATCH: the columns of PARTITION BY, then the measures. ALL ROWS PER MATCH: those
    /// of PARTITION BY and ORDER BY, the measures, then the input's other columns.
    fn output_of(
        &mut self,
        written: &PatternRecognition,
        input: &[Field],
        order: &Order,
        measures: &[Type],
        column: &str,
    ) -> Output {
        let mut output = Output::default();
        let all_rows = written.rows_per_match != RowsPerMatch::One;
        let mut named: Vec<&Field> = order.partition_fields.iter().collect();
        if all_rows {
            named.extend(&order.sort_fields);
        }
        for field in &named {
            self.keep(field, false, &mut output);
        }
        let rows = Expr::Column(Column::from_name(column));
        for (i, (measure, data_type)) in written.measures.iter().zip(measures).enumerate() {
            let field = self.field(Some(measure.name.value.clone()), data_type.clone());
            // The first field is the match's number.
            let value = get_field(rows.clone(), field_name(i + 1));
            output.exprs.push(value.alias(&field.column));
            output.fields.push(field);
        }
        if all_rows {
            for field in input {
                if !named.iter().any(|known| known.column == field.column) {
                    self.keep(field, field.is_hidden, &mut output);
                }
            }
        }
        output
    }

    /// Adds a column of the input, under a name of its own where it is there already.
    fn keep(&mut self, field: &Field, is_hidden: bool, output: &mut Output) {
        let mut kept = field.clone();
        kept.qualifier.clear();
        kept.is_hidden = is_hidden;
        if output
            .fields
            .iter()
            .any(|known| known.column == kept.column)
        {
            kept.column = self.fresh(&kept.data_type);
            output.exprs.push(field.expr().alias(&kept.column));
        } else {
            output.exprs.push(field.expr());
        }
        output.fields.push(kept);
    }
}

/// The recognition over the rows of a partition, in order.
fn window(recognition: Recognition, arguments: Vec<Expr>, order: Order) -> Expr {
    let function = WindowUDF::from(MatchRecognize::new(recognition));
    Expr::from(WindowFunction {
        fun: WindowFunctionDefinition::WindowUDF(Arc::new(function)),
        params: WindowFunctionParams {
            args: arguments,
            partition_by: order.partition_by,
            order_by: order.order_by,
            window_frame: WindowFrame::new_bounds(
                WindowFrameUnits::Rows,
                WindowFrameBound::Preceding(ScalarValue::UInt64(None)),
                WindowFrameBound::Following(ScalarValue::UInt64(None)),
            ),
            filter: None,
            null_treatment: None,
            distinct: false,
        },
    })
}

/// The rows of output that the window gives, in the columns of the output.
fn unnested(
    input: Relation,
    window: Expr,
    column: String,
    output: Vec<Expr>,
) -> Result<LogicalPlan, Error> {
    let mut kept: Vec<Expr> = Vec::new();
    for expr in input.fields.iter().map(Field::expr) {
        if !kept.contains(&expr) {
            kept.push(expr);
        }
    }
    let rows = Column::from_name(column);
    kept.push(Expr::Column(rows.clone()));
    let options = UnnestOptions::new().with_null_handling(NullHandling::Drop);
    LogicalPlanBuilder::from(input.plan)
        .window([window])
        .and_then(|b| b.project(kept))
        .and_then(|b| b.unnest_column_with_options(rows, options))
        .and_then(|b| b.project(output))
        .and_then(LogicalPlanBuilder::build)
        .map_err(plan_error)
}

/// Every column of the input has to have a name of its own.
fn refuse_ambiguous(fields: &[Field], position: Position) -> Result<(), Error> {
    let mut names: Vec<&str> = Vec::new();
    for name in fields.iter().filter_map(|field| field.name.as_deref()) {
        if names.contains(&name) {
            return Err(error_at(
                position,
                "AMBIGUOUS_NAME",
                format!("ambiguous column: {name} in row pattern input relation"),
            ));
        }
        names.push(name);
    }
    Ok(())
}

fn order_of(written: &PatternRecognition, fields: &[Field]) -> Result<Order, Error> {
    let mut order = Order {
        partition_fields: Vec::new(),
        sort_fields: Vec::new(),
        partition_by: Vec::new(),
        order_by: Vec::new(),
    };
    let refused = |place: &Expression, field: &Field, what: &str| {
        error_at(
            place.position,
            "TYPE_MISMATCH",
            format!("{} is not {what}", field.data_type),
        )
    };
    for key in &written.partition_by {
        let field = input_field(key, fields)?;
        if !field.data_type.is_comparable() {
            let what = "comparable, and therefore cannot be used in PARTITION BY";
            return Err(refused(key, field, what));
        }
        order.partition_by.push(sort::key(&field.typed()));
        order.partition_fields.push(field.clone());
    }
    for item in &written.order_by {
        let field = input_field(&item.expression, fields)?;
        if !field.data_type.is_orderable() {
            let what = "orderable, and therefore cannot be used in ORDER BY";
            return Err(refused(&item.expression, field, what));
        }
        order.order_by.push(sort::item(&field.typed(), item));
        order.sort_fields.push(field.clone());
    }
    Ok(order)
}

/// A column of the input.
fn input_field<'a>(written: &Expression, fields: &'a [Field]) -> Result<&'a Field, Error> {
    let Some(path) = path_of(written) else {
        return Err(error_at(
            written.position,
            "INVALID_COLUMN_REFERENCE",
            "Expected column reference.",
        ));
    };
    let found = path.split_last().and_then(|(name, qualifier)| {
        let is_meant = |field: &&Field| field.name.as_ref() == Some(name) && field.is_of(qualifier);
        fields.iter().find(is_meant)
    });
    found.ok_or_else(|| {
        error_at(
            written.position,
            "COLUMN_NOT_FOUND",
            format!(
                "Column {} is not present in the input relation",
                path.join(".")
            ),
        )
    })
}

/// The variables of the pattern and of SUBSET. Fails where one is there twice or not at all.
fn labels_of(written: &PatternRecognition) -> Result<Labels, Error> {
    let mut names = Vec::new();
    add_names(&written.pattern, &mut names);
    let mut sets = vec![vec![true; names.len()]];
    let mut by_name = HashMap::new();
    for (label, name) in names.iter().enumerate() {
        by_name.insert(name.clone(), sets.len());
        sets.push((0..names.len()).map(|other| other == label).collect());
    }
    for subset in &written.subsets {
        let name = label_name(&subset.name);
        if names.contains(&name) {
            let what = "is a duplicate of primary pattern variable name";
            let what = format!("union pattern variable name: {} {what}", subset.name);
            return Err(invalid_label(&subset.name, what));
        }
        if by_name.contains_key(&name) {
            let what = format!(
                "union pattern variable name: {} is declared twice",
                subset.name
            );
            return Err(invalid_label(&subset.name, what));
        }
        let mut set = vec![false; names.len()];
        for element in &subset.variables {
            let element_name = label_name(element);
            let Some(label) = names.iter().position(|label| *label == element_name) else {
                let what = format!("subset element: {element} is not a primary pattern variable");
                return Err(invalid_label(element, what));
            };
            set[label] = true;
        }
        by_name.insert(name, sets.len());
        sets.push(set);
    }
    check_definitions(written, &names)?;
    Ok(Labels {
        names,
        by_name,
        sets,
    })
}

/// The names of a pattern's variables, in the order in which they come.
fn add_names(pattern: &RowPattern, names: &mut Vec<String>) {
    match &pattern.kind {
        RowPatternKind::Variable(name) => {
            let name = label_name(name);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        _ => {
            for part in parts_of(pattern) {
                add_names(part, names);
            }
        }
    }
}

fn parts_of(pattern: &RowPattern) -> &[RowPattern] {
    match &pattern.kind {
        RowPatternKind::Variable(_)
        | RowPatternKind::Empty
        | RowPatternKind::PartitionStart
        | RowPatternKind::PartitionEnd => &[],
        RowPatternKind::Concatenation(parts)
        | RowPatternKind::Alternation(parts)
        | RowPatternKind::Permutation(parts) => parts,
        RowPatternKind::Excluded(inner) | RowPatternKind::Quantified { pattern: inner, .. } => {
            std::slice::from_ref(&**inner)
        }
    }
}

fn check_definitions(written: &PatternRecognition, names: &[String]) -> Result<(), Error> {
    let mut defined = Vec::new();
    for definition in &written.definitions {
        let name = label_name(&definition.name);
        if !names.contains(&name) {
            let what = format!(
                "defined variable: {} is not a primary pattern variable",
                definition.name
            );
            return Err(invalid_label(&definition.name, what));
        }
        if defined.contains(&name) {
            let what = format!(
                "pattern variable with name: {} is defined twice",
                definition.name
            );
            return Err(invalid_label(&definition.name, what));
        }
        defined.push(name);
        for expression in definition.condition.with_descendants() {
            if let ExpressionKind::FunctionCall(call) = &expression.kind
                && call.processing_mode == Some(ProcessingMode::Final)
            {
                return Err(error_at(
                    expression.position,
                    "INVALID_PROCESSING_MODE",
                    "FINAL semantics is not supported in DEFINE clause",
                ));
            }
        }
    }
    Ok(())
}

fn skip_of(written: Option<&SkipTo>, labels: &Labels) -> Result<Skip, Error> {
    let set_of = |name: &Identifier| {
        let set = labels.by_name.get(&label_name(name)).copied();
        set.ok_or_else(|| {
            let what = format!("{name} is not a primary or union pattern variable");
            invalid_label(name, what)
        })
    };
    Ok(match written {
        None | Some(SkipTo::PastLastRow(_)) => Skip::PastLastRow,
        Some(SkipTo::NextRow(_)) => Skip::ToNextRow,
        Some(SkipTo::First(name)) => Skip::ToFirst(set_of(name)?),
        Some(SkipTo::Last(name)) => Skip::ToLast(set_of(name)?),
    })
}

/// Fails where there is a search mode, or an exclusion where unmatched rows are asked for.
fn refuse_modes(written: &PatternRecognition) -> Result<(), Error> {
    if let Some(mode) = &written.search_mode {
        return Err(error_at(
            mode.position,
            "NOT_SUPPORTED",
            format!(
                "Pattern search modifier: {} is not allowed in MATCH_RECOGNIZE clause",
                mode.value.to_uppercase()
            ),
        ));
    }
    if written.rows_per_match != RowsPerMatch::AllWithUnmatched {
        return Ok(());
    }
    match exclusion_in(&written.pattern) {
        None => Ok(()),
        Some(exclusion) => Err(error_at(
            exclusion.position,
            "INVALID_ROW_PATTERN",
            "Pattern exclusion syntax is not allowed when ALL ROWS PER MATCH WITH UNMATCHED ROWS \
             is specified",
        )),
    }
}

fn exclusion_in(pattern: &RowPattern) -> Option<&RowPattern> {
    if matches!(pattern.kind, RowPatternKind::Excluded(_)) {
        return Some(pattern);
    }
    parts_of(pattern).iter().find_map(exclusion_in)
}

fn invalid_label(name: &Identifier, message: String) -> Error {
    error_at(name.position, "INVALID_LABEL", message)
}
