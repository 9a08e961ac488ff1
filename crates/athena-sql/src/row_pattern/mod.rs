//! Row pattern recognition at work: MATCH_RECOGNIZE as a window function of DataFusion's, which
//! sees a partition's rows in order and gives, at each row, the rows of output that belong to it;
//! and in a [`window`], where each row's match takes the place of its frame.
//!
//! A pattern is a [`program`]; the [`matcher`] runs it with backtracking, in the order in which
//! Trino prefers matches. What DEFINE and MEASURES say are [`Computation`]s over values of other
//! rows, which a [`Navigation`] finds from the labels of the rows matched so far.

mod computation;
mod dependence;
mod evaluate;
mod matcher;
mod output;
mod partition;
mod program;
mod window;

pub use computation::{AggregateOf, Computation, Input};
pub use dependence::Dependences;
pub use program::{Instruction, compile, label_name};
pub use window::{matched_frames, measure_of_matches};

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::{Field, FieldRef};
use datafusion::common::Result;
use datafusion::logical_expr::function::{PartitionEvaluatorArgs, WindowUDFFieldArgs};
use datafusion::logical_expr::{
    PartitionEvaluator, Signature, TypeSignature, Volatility, WindowUDFImpl,
};

use crate::ast::RowsPerMatch;
use crate::functions::external;
use crate::session::Cancel;
use crate::types::Type;

/// Which row an expression speaks of, seen from the row at which it is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Navigation {
    /// The set of labels among whose rows it counts.
    pub set: usize,
    /// Whether it counts from the last row backwards (LAST), or from the first on (FIRST).
    pub last: bool,
    /// Whether LAST looks at the rows behind the current one: FINAL.
    pub is_final: bool,
    /// How many rows of the set it passes over.
    pub logical: usize,
    /// How many rows of the partition it goes on from there; PREV is negative.
    pub physical: i64,
}

impl Navigation {
    /// `RUNNING LAST(…)` over all labels: the current row.
    pub const CURRENT: Self = Self {
        set: 0,
        last: true,
        is_final: false,
        logical: 0,
        physical: 0,
    };
}

/// Where a computation's input comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The window function's argument of that index, in another row.
    Value(usize, Navigation),
    Classifier(Navigation),
    MatchNumber,
    /// The aggregate of that index.
    Aggregate(usize),
}

/// AFTER MATCH SKIP; the labels that it names as a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    PastLastRow,
    ToNextRow,
    ToFirst(usize),
    ToLast(usize),
}

/// A MATCH_RECOGNIZE clause, or a window's row pattern, analysed.
#[derive(Debug)]
pub struct Recognition {
    /// What no other has: the column of its result, or a window's frame as it is written.
    pub name: String,
    /// The names of the labels: the pattern's variables.
    pub labels: Vec<String>,
    /// Sets of labels, each by label; the first is of all labels.
    pub sets: Vec<Vec<bool>>,
    pub program: Vec<Instruction>,
    /// By label; a label without a condition fits every row.
    pub conditions: Vec<Option<Computation>>,
    /// With their types.
    pub measures: Vec<(Computation, Type)>,
    pub aggregates: Vec<AggregateOf>,
    pub dependences: Dependences,
    pub rows_per_match: RowsPerMatch,
    pub skip: Skip,
    /// In a window: whether a match may begin behind its row, SEEK.
    pub seeks: bool,
    pub cancel: Cancel,
}

impl Recognition {
    /// An array of rows: the match's number, then the measures.
    pub fn result_type(&self) -> Type {
        let measures = self.measures.iter().map(|(_, data_type)| data_type.clone());
        Type::array(Type::row(std::iter::once(Type::Bigint).chain(measures)))
    }
}

impl PartialEq for Recognition {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Recognition {}

impl Hash for Recognition {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

/// A recognition as a window function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MatchRecognize {
    recognition: Arc<Recognition>,
    signature: Signature,
}

impl MatchRecognize {
    pub fn new(recognition: Recognition) -> Self {
        Self {
            recognition: Arc::new(recognition),
            signature: Signature::one_of(
                vec![TypeSignature::VariadicAny, TypeSignature::Nullary],
                Volatility::Immutable,
            ),
        }
    }
}

impl WindowUDFImpl for MatchRecognize {
    fn name(&self) -> &'static str {
        "match_recognize"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn partition_evaluator(
        &self,
        _: PartitionEvaluatorArgs<'_>,
    ) -> Result<Box<dyn PartitionEvaluator>> {
        Ok(Box::new(Evaluator(Arc::clone(&self.recognition))))
    }

    fn field(&self, args: WindowUDFFieldArgs<'_>) -> Result<FieldRef> {
        let data_type = self.recognition.result_type().arrow();
        Ok(Arc::new(Field::new(args.name(), data_type, true)))
    }
}

#[derive(Debug)]
struct Evaluator(Arc<Recognition>);

impl PartitionEvaluator for Evaluator {
    fn evaluate_all(&mut self, values: &[ArrayRef], num_rows: usize) -> Result<ArrayRef> {
        partition::recognize(&self.0, values, num_rows).map_err(external)
    }
}
