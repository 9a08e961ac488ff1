//! UNNEST: arrays and maps side by side as rows.

use std::sync::{Arc, LazyLock};

use datafusion::common::{Column, NullHandling, UnnestOptions};
use datafusion::functions::core::expr_fn::get_field;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder};

use super::expression::Context;
use super::scope::Scope;
use super::{Analyzer, Relation, error_at, plan_error};
use crate::ast::{self, RelationKind};
use crate::error::Error;
use crate::functions::{Call, Function, Kind};
use crate::types::arrow::field_name;
use crate::types::{Type, Value};

/// Zips arrays and maps into one array of rows: of an array's elements their fields if they are
/// rows, of a map its keys and values; then the row's number.
static ZIP: LazyLock<Arc<Function>> = LazyLock::new(|| {
    Arc::new(
        Function::new(
            "$unnest(E...) -> array(row(E))",
            Kind::Scalar(|call, a| Ok(zip(call, a, false))),
        )
        .called_on_null(),
    )
});

/// The same, with a row of NULLs where there is none.
static ZIP_OUTER: LazyLock<Arc<Function>> = LazyLock::new(|| {
    Arc::new(
        Function::new(
            "$unnest_outer(E...) -> array(row(E))",
            Kind::Scalar(|call, a| Ok(zip(call, a, true))),
        )
        .called_on_null(),
    )
});

fn zip(call: &Call, arguments: &[Value], outer: bool) -> Value {
    let length = arguments
        .iter()
        .map(|a| a.as_array().len().max(a.as_map().len()))
        .max()
        .unwrap_or(0);
    let rows =
        (0..length)
            .map(|i| {
                let mut row = Vec::new();
                for (argument, data_type) in arguments.iter().zip(&call.arguments) {
                    match data_type {
                        Type::Map(..) => {
                            let entry = argument.as_map().get(i).cloned();
                            let (key, value) = entry.unwrap_or((Value::Null, Value::Null));
                            row.extend([key, value]);
                        }
                        Type::Array(element) => {
                            let item = argument.as_array().get(i).cloned().unwrap_or(Value::Null);
                            match &**element {
                                Type::Row(fields) => row.extend((0..fields.len()).map(|f| {
                                    item.as_array().get(f).cloned().unwrap_or(Value::Null)
                                })),
                                _ => row.push(item),
                            }
                        }
                        _ => {}
                    }
                }
                row.push(Value::Integer(i as i64 + 1));
                Value::row(row)
            })
            .collect::<Vec<_>>();
    if rows.is_empty() && outer {
        let width = match &call.result {
            Type::Array(row) => match &**row {
                Type::Row(fields) => fields.len(),
                _ => 0,
            },
            _ => 0,
        };
        return Value::array(vec![Value::row(vec![Value::Null; width])]);
    }
    Value::array(rows)
}

impl Analyzer<'_> {
    /// The rows of `left`, each with the rows of what it unnests.
    pub(super) fn unnest(
        &mut self,
        left: Relation,
        written: &ast::Relation,
        outer: bool,
        parent: &Arc<Scope>,
    ) -> Result<Relation, Error> {
        let RelationKind::Unnest {
            expressions,
            with_ordinality,
        } = &written.kind
        else {
            return Err(Error::internal("not an UNNEST"));
        };
        let mut cx = Context::plain(Scope::of(&left, parent), "UNNEST");
        let mut types = Vec::new();
        let mut exprs = Vec::new();
        // Names and types of the columns that come of it.
        let mut columns: Vec<(Option<String>, Type)> = Vec::new();
        for expression in expressions {
            let typed = self.expression(expression, &mut cx)?;
            match &typed.data_type {
                Type::Array(element) => match &**element {
                    Type::Row(fields) => {
                        columns
                            .extend(fields.iter().map(|f| (f.name.clone(), f.data_type.clone())));
                    }
                    plain => columns.push((None, plain.clone())),
                },
                Type::Map(key, value) => {
                    columns.push((None, (**key).clone()));
                    columns.push((None, (**value).clone()));
                }
                other => {
                    return Err(error_at(
                        expression.position,
                        "INVALID_FUNCTION_ARGUMENT",
                        format!("Cannot unnest type: {other}"),
                    ));
                }
            }
            types.push(typed.data_type);
            exprs.push(typed.expr);
        }
        let left = self.attach(left, cx.pending)?;
        columns.push((None, Type::Bigint));
        let row = Type::row(columns.iter().map(|(_, t)| t.clone()));
        let zipped_type = Type::array(row);
        let function = Arc::clone(if outer { &ZIP_OUTER } else { &ZIP });
        let zipped = Call::new(function, types, zipped_type.clone(), Vec::new()).into_expr(exprs);
        let zipped_column = self.fresh(&zipped_type);
        let mut fields = left.fields;
        let mut kept: Vec<Expr> = fields.iter().map(super::Field::expr).collect();
        kept.push(zipped.alias(&zipped_column));
        let options = UnnestOptions::new().with_null_handling(NullHandling::Drop);
        let mut output: Vec<Expr> = fields.iter().map(super::Field::expr).collect();
        if !with_ordinality {
            columns.pop();
        }
        let zipped = Expr::Column(Column::from_name(zipped_column.clone()));
        for (i, (name, data_type)) in columns.into_iter().enumerate() {
            let field = self.field(name, data_type);
            output.push(get_field(zipped.clone(), field_name(i)).alias(&field.column));
            fields.push(field);
        }
        let plan = LogicalPlanBuilder::from(left.plan)
            .project(kept)
            .and_then(|b| b.unnest_column_with_options(Column::from_name(zipped_column), options))
            .and_then(|b| b.project(output))
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)?;
        Ok(Relation { plan, fields })
    }
}
