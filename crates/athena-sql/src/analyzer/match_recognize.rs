//! MATCH_RECOGNIZE: the rows of a relation that match a row pattern.
//!
//! It becomes a window function, which gives at each row the rows of output that belong to it, and
//! they are unnested. Source: Trino's `StatementAnalyzer.visitPatternRecognitionRelation`.

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
use super::row_pattern::Pattern;
use super::row_pattern_labels::{labels_of, refuse_modes, skip_of};
use super::scope::Scope;
use super::subquery::Pending;
use super::{Analyzer, Field, Relation, error_at, plan_error, sort};
use crate::ast::{
    Expression, Measure, PatternRecognition, Position, RowsPerMatch, VariableDefinition,
};
use crate::error::Error;
use crate::row_pattern::{
    Computation, Dependences, MatchRecognize, Recognition, compile, label_name,
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
        let labels = Arc::new(labels_of(
            &written.pattern,
            &written.subsets,
            &written.definitions,
        )?);
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
        let conditions =
            self.conditions(&written.definitions, &scope, &mut pattern, &mut pending)?;
        let measures = self.measures(&written.measures, &scope, &mut pattern, &mut pending)?;

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
            seeks: false,
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

    /// DEFINE, by label.
    pub(super) fn conditions(
        &mut self,
        definitions: &[VariableDefinition],
        scope: &Arc<Scope>,
        pattern: &mut Box<Pattern>,
        pending: &mut Vec<Pending>,
    ) -> Result<Vec<Option<Computation>>, Error> {
        let mut conditions: Vec<Option<Computation>> = Vec::new();
        conditions.resize_with(pattern.labels.names.len(), || None);
        for definition in definitions {
            let condition = &definition.condition;
            let (computation, data_type) =
                self.in_row_pattern(condition, scope, pattern, pending)?;
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
            let mut labels = pattern.labels.names.iter();
            if let Some(label) = labels.position(|label| *label == name) {
                conditions[label] = Some(computation);
            }
        }
        Ok(conditions)
    }

    /// MEASURES, with their types.
    pub(super) fn measures(
        &mut self,
        written: &[Measure],
        scope: &Arc<Scope>,
        pattern: &mut Box<Pattern>,
        pending: &mut Vec<Pending>,
    ) -> Result<Vec<(Computation, Type)>, Error> {
        written
            .iter()
            .map(|measure| self.in_row_pattern(&measure.expression, scope, pattern, pending))
            .collect()
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
