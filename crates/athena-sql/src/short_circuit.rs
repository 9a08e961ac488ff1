//! AND and OR as Trino evaluates them: term by term from left to right, and each term only for the
//! rows that those before it leave open, so that `x <> 0 AND 4 / x > 1` divides by no zero.
//!
//! Source: `AndCodeGenerator` and `OrCodeGenerator` of Trino. The rule is for plans that have been
//! optimized: until then AND and OR are DataFusion's own, which its optimizer takes apart to push
//! terms down to joins and tables.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use datafusion::arrow::compute::{and_kleene, cast, filter_record_batch, not, or_kleene};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, DataFusionError, ExprSchema as _, Result};
use datafusion::logical_expr::execution_props::ExecutionProps;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::utils::{merge_schema, split_binary};
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, ExprSchemable, LogicalPlan, Operator, ReturnFieldArgs,
    ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use datafusion::physical_expr::{PhysicalExpr, create_physical_expr};

/// The plan with every AND and OR whose later terms can fail evaluated in order.
pub fn in_plan(plan: LogicalPlan) -> Result<LogicalPlan> {
    plan.transform_up(|node| {
        // A table's filters choose files and partitions, and are applied to the rows again.
        if matches!(node, LogicalPlan::TableScan(_)) {
            return Ok(Transformed::no(node));
        }
        let schema = merge_schema(&node.inputs());
        let names = NamePreserver::new(&node);
        node.map_expressions(|expr| {
            if !expr.exists(|e| Ok(is_to_be_ordered(e)))? {
                return Ok(Transformed::no(expr));
            }
            let name = names.save(&expr);
            Ok(Transformed::yes(name.restore(in_expr(expr, &schema)?)))
        })
    })
    .map(|transformed| transformed.data)
}

/// The expression over the columns of a schema, with its ANDs and ORs evaluated in order.
pub fn in_expr(expr: Expr, schema: &DFSchema) -> Result<Expr> {
    expr.transform_down(|e| {
        let Some((operator, terms)) = to_be_ordered(&e) else {
            return Ok(Transformed::no(e));
        };
        let ordered = InOrder::call(&e, operator, &terms, schema)?;
        Ok(Transformed::new(ordered, true, TreeNodeRecursion::Jump))
    })
    .map(|transformed| transformed.data)
}

fn is_to_be_ordered(expr: &Expr) -> bool {
    to_be_ordered(expr).is_some()
}

/// The terms of an AND or OR of which one that comes later can fail.
fn to_be_ordered(expr: &Expr) -> Option<(Operator, Vec<&Expr>)> {
    let Expr::BinaryExpr(BinaryExpr { op, .. }) = expr else {
        return None;
    };
    if !matches!(op, Operator::And | Operator::Or) {
        return None;
    }
    let terms = split_binary(expr, *op);
    let is_due = terms.iter().skip(1).any(|term| can_fail(term));
    is_due.then_some((*op, terms))
}

/// Whether there can be an error in the expression's evaluation. What is DataFusion's own here
/// (comparisons, widening casts, CASE) gives none.
pub fn can_fail(expr: &Expr) -> bool {
    let fails = |e: &Expr| match e {
        Expr::ScalarFunction(call) => call.name() != "get_field",
        Expr::BinaryExpr(binary) => binary.op.is_numerical_operators(),
        _ => false,
    };
    matches!(expr.exists(|e| Ok(fails(e))), Ok(true) | Err(_))
}

/// Terms in their order, over the columns that they speak of.
#[derive(Debug)]
struct InOrder {
    /// AND or OR.
    operator: Operator,
    /// As written; what EXPLAIN shows.
    text: String,
    source: Vec<Expr>,
    terms: Vec<Arc<dyn PhysicalExpr>>,
    /// Of the arguments.
    schema: SchemaRef,
    is_nullable: bool,
    signature: Signature,
}

impl PartialEq for InOrder {
    fn eq(&self, other: &Self) -> bool {
        self.operator == other.operator
            && self.source == other.source
            && self.schema == other.schema
    }
}

impl Eq for InOrder {}

impl Hash for InOrder {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.operator.hash(state);
        self.source.hash(state);
    }
}

impl InOrder {
    /// The call that stands for `whole`, the terms with the operator between them.
    fn call(whole: &Expr, operator: Operator, terms: &[&Expr], schema: &DFSchema) -> Result<Expr> {
        let mut columns: Vec<Column> = Vec::new();
        let source = terms
            .iter()
            .map(|term| by_place(in_expr((*term).clone(), schema)?, &mut columns))
            .collect::<Result<Vec<_>>>()?;
        let fields = columns
            .iter()
            .enumerate()
            .map(|(i, column)| {
                let data_type = schema.field_from_column(column)?.data_type().clone();
                Ok(Field::new(place_name(i), data_type, true))
            })
            .collect::<Result<Vec<_>>>()?;
        let own = Schema::new(fields);
        let own_schema = DFSchema::try_from(own.clone())?;
        let (props, context) = (ExecutionProps::new(), PhysicalPlanningContext::default());
        let terms = source
            .iter()
            .map(|term| create_physical_expr(term, &own_schema, &props, &context))
            .collect::<Result<_>>()?;
        let volatility = if whole.is_volatile() {
            Volatility::Volatile
        } else {
            Volatility::Immutable
        };
        let types = vec![TypeSignature::VariadicAny, TypeSignature::Nullary];
        let function = Self {
            operator,
            text: whole.to_string(),
            source,
            terms,
            schema: Arc::new(own),
            is_nullable: whole.nullable(schema)?,
            signature: Signature::one_of(types, volatility),
        };
        let arguments = columns.into_iter().map(Expr::Column).collect();
        Ok(ScalarUDF::new_from_impl(function).call(arguments))
    }

    /// The rows whose answer is not known yet: neither false in AND, nor true in OR.
    fn open(&self, answers: &BooleanArray) -> Result<BooleanArray> {
        let sure = match self.operator {
            Operator::And => not(answers)?,
            _ => answers.clone(),
        };
        Ok(sure.iter().map(|sure| Some(sure != Some(true))).collect())
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<BooleanArray> {
        let Some((first, others)) = self.terms.split_first() else {
            let message = format!("{} of no terms", self.operator);
            return Err(DataFusionError::Internal(message));
        };
        let mut answers = answers_of(first, batch)?;
        for term in others {
            let open = self.open(&answers)?;
            let known = match open.true_count() {
                0 => break,
                all if all == batch.num_rows() => answers_of(term, batch)?,
                _ => {
                    let few = answers_of(term, &filter_record_batch(batch, &open)?)?;
                    spread(&few, &open)
                }
            };
            answers = match self.operator {
                Operator::And => and_kleene(&answers, &known)?,
                _ => or_kleene(&answers, &known)?,
            };
        }
        Ok(answers)
    }
}

fn place_name(i: usize) -> String {
    format!("_{i}")
}

/// The expression with its columns named by their places in a list, which grows by new ones.
fn by_place(expr: Expr, columns: &mut Vec<Column>) -> Result<Expr> {
    expr.transform(|e| {
        let Expr::Column(column) = e else {
            return Ok(Transformed::no(e));
        };
        let known = columns.iter().position(|known| *known == column);
        let place = known.unwrap_or_else(|| {
            columns.push(column);
            columns.len() - 1
        });
        let named = Column::from_name(place_name(place));
        Ok(Transformed::yes(Expr::Column(named)))
    })
    .map(|transformed| transformed.data)
}

fn answers_of(term: &Arc<dyn PhysicalExpr>, batch: &RecordBatch) -> Result<BooleanArray> {
    let answers = term.evaluate(batch)?.into_array(batch.num_rows())?;
    Ok(match answers.data_type() {
        DataType::Boolean => answers.as_boolean().clone(),
        // NULL that has no type.
        _ => cast(&answers, &DataType::Boolean)?.as_boolean().clone(),
    })
}

/// The answers of the chosen rows at their places among all; those of the others are not asked for.
fn spread(few: &BooleanArray, chosen: &BooleanArray) -> BooleanArray {
    let mut few = few.iter();
    let at_row = |chosen: Option<bool>| (chosen == Some(true)).then(|| few.next().flatten());
    chosen.iter().map(at_row).map(Option::flatten).collect()
}

impl ScalarUDFImpl for InOrder {
    fn name(&self) -> &str {
        &self.text
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn return_field_from_args(&self, _: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let field = Field::new(self.name(), DataType::Boolean, self.is_nullable);
        Ok(Arc::new(field))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let columns = args
            .args
            .iter()
            .map(|argument| argument.to_array(rows))
            .collect::<Result<Vec<ArrayRef>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let schema = Arc::clone(&self.schema);
        let batch = RecordBatch::try_new_with_options(schema, columns, &options)?;
        Ok(ColumnarValue::Array(Arc::new(self.evaluate(&batch)?)))
    }
}
