//! Trino's functions and operators: one list, looked up by name and types.
//!
//! A family is a file whose `functions()` gives its [`Function`]s; it is registered by its line in
//! [`FAMILIES`]. Operators are functions named as they are written (`+`, `<`).

mod absent;
mod aggregate;
mod call;
pub mod cast;
pub mod framed;
mod lambda;
mod resolve;
mod signature;

mod aggregates;
mod arithmetic;
mod array;
mod array_sets;
mod bitwise;
mod checksum;
pub mod comparison;
mod conditional;
pub mod datetime;
mod datetime_format;
mod datetime_parts;
mod digits;
mod extremes;
mod format;
mod format_date;
mod great_circle;
mod higher_order;
mod interval;
mod ipaddress;
mod java_regex;
mod java_time;
mod json;
mod json_path;
mod like;
mod map;
mod math;
mod moments;
mod most_frequent;
mod moving;
mod pairs;
mod percentile;
mod probability;
mod reduce_agg;
mod regexp;
mod rounding;
mod sequence;
mod sql_json;
mod string;
mod string_distance;
mod string_format;
mod string_split;
pub mod sum;
mod url;
mod uuid;
mod varbinary;

pub use absent::unknown_function;
pub use aggregate::{Aggregate, Finish, Reduce, SortKey, literal_of, over_frames_of};
pub use call::{Call, error_of, external};
pub use datetime_format::joda_moment;
pub use higher_order::try_function;
pub use lambda::Lambda;
pub use resolve::{Argument, Bound};
pub use signature::Signature;
pub use sql_json::SqlPath;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use datafusion::arrow::array::ArrayRef;

use self::moving::Moving;
use crate::error::Error;
use crate::types::{Type, Value};

/// Row by row: the arguments in the types of the bound signature.
pub type ScalarFn = fn(&Call, &[Value]) -> Result<Value, Error>;
/// A batch at once, by Arrow's kernels; arrays of equal length.
pub type ArrowFn = fn(&Call, &[ArrayRef]) -> Result<ArrayRef, Error>;
/// With lambdas: all rows of a batch, so that a lambda's body runs over many values at once.
pub type LambdaFn = fn(&Call, &[Vec<Value>], &[Lambda]) -> Result<Vec<Value>, Error>;

#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Scalar(ScalarFn),
    Arrow(ArrowFn),
    Lambda(LambdaFn),
    Aggregate(Finish),
    /// Computed by the window operator; its name says what.
    Window,
}

/// One signature of a function, and what it does.
#[derive(Debug)]
pub struct Function {
    pub signature: Signature,
    pub kind: Kind,
    /// Whether it is asked even where an argument is NULL; otherwise the answer is NULL.
    pub called_on_null: bool,
    /// Whether it gives something else each time.
    pub volatile: bool,
    /// The result's type from the arguments' types, where the signature does not say it all.
    pub result: Option<fn(&[Type]) -> Type>,
    /// Of an aggregate: leaves the rows that still count.
    pub reduce: Option<Reduce>,
    /// Of an aggregate: begins what is known of frames that move on.
    moving: Option<fn() -> Box<dyn Moving>>,
}

impl Function {
    pub fn new(signature: &str, kind: Kind) -> Self {
        Self {
            signature: Signature::new(signature),
            kind,
            called_on_null: false,
            volatile: false,
            result: None,
            reduce: None,
            moving: None,
        }
    }

    pub fn called_on_null(self) -> Self {
        Self {
            called_on_null: true,
            ..self
        }
    }

    pub fn volatile(self) -> Self {
        Self {
            volatile: true,
            ..self
        }
    }

    /// For an aggregate that a few of its rows decide: what leaves those, in their order.
    pub fn reduced_by(self, reduce: Reduce) -> Self {
        Self {
            reduce: Some(reduce),
            ..self
        }
    }

    /// For an aggregate that need not see all rows of a frame anew: what is known of one without
    /// rows. Without it, those that a few rows decide merge these, and others keep all rows.
    fn in_frames(self, moving: fn() -> Box<dyn Moving>) -> Self {
        Self {
            moving: Some(moving),
            ..self
        }
    }

    pub fn returns(self, result: fn(&[Type]) -> Type) -> Self {
        Self {
            result: Some(result),
            ..self
        }
    }
}

/// A function of one row's values.
pub fn scalar(signature: &str, body: ScalarFn) -> Function {
    Function::new(signature, Kind::Scalar(body))
}

/// A function of Arrow arrays.
pub fn arrow(signature: &str, body: ArrowFn) -> Function {
    Function::new(signature, Kind::Arrow(body))
}

/// A function that takes lambdas.
pub fn lambda(signature: &str, body: LambdaFn) -> Function {
    Function::new(signature, Kind::Lambda(body))
}

/// An aggregate over the rows of a group.
pub fn aggregate_of(signature: &str, finish: Finish) -> Function {
    Function::new(signature, Kind::Aggregate(finish))
}

const FAMILIES: &[fn() -> Vec<Function>] = &[
    aggregates::functions,
    arithmetic::functions,
    array::functions,
    array_sets::functions,
    bitwise::functions,
    checksum::functions,
    conditional::functions,
    datetime::functions,
    datetime_format::functions,
    datetime_parts::functions,
    extremes::functions,
    format::functions,
    great_circle::functions,
    higher_order::functions,
    interval::functions,
    ipaddress::functions,
    json::functions,
    like::functions,
    map::functions,
    math::functions,
    moments::functions,
    most_frequent::functions,
    pairs::functions,
    percentile::functions,
    probability::functions,
    reduce_agg::functions,
    regexp::functions,
    rounding::functions,
    sequence::functions,
    sql_json::functions,
    string::functions,
    string_distance::functions,
    string_format::functions,
    string_split::functions,
    url::functions,
    uuid::functions,
    varbinary::functions,
];

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    let mut by_name: HashMap<String, Vec<Arc<Function>>> = HashMap::new();
    for function in FAMILIES.iter().flat_map(|family| family()) {
        by_name
            .entry(function.signature.name.clone())
            .or_default()
            .push(Arc::new(function));
    }
    Registry { by_name }
});

/// Every function by its name.
#[derive(Debug)]
pub struct Registry {
    by_name: HashMap<String, Vec<Arc<Function>>>,
}

impl Registry {
    pub fn get() -> &'static Self {
        &REGISTRY
    }

    /// The signatures of a name, in lower case.
    pub fn named(&self, name: &str) -> &[Arc<Function>] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    pub fn is_aggregate(&self, name: &str) -> bool {
        self.named(name)
            .iter()
            .any(|f| matches!(f.kind, Kind::Aggregate(_)))
    }

    pub fn is_window(&self, name: &str) -> bool {
        self.named(name)
            .iter()
            .any(|f| matches!(f.kind, Kind::Window))
    }

    #[cfg(test)]
    /// Every signature with its kind, by name: SHOW FUNCTIONS.
    pub fn all(&self) -> Vec<Arc<Function>> {
        let mut all: Vec<_> = self.by_name.values().flatten().cloned().collect();
        all.sort_by(|a, b| a.signature.name.cmp(&b.signature.name));
        all
    }
}

/// An error where an argument of a function is wrong.
pub fn invalid_argument(message: impl Into<String>) -> Error {
    Error::user("INVALID_FUNCTION_ARGUMENT", message)
}

/// An error where a number leaves its type.
pub fn out_of_range(message: impl Into<String>) -> Error {
    Error::user("NUMERIC_VALUE_OUT_OF_RANGE", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signature_reads() {
        assert!(Registry::get().all().len() > 300);
    }
}
