//! The functions of JSONata, a file a family.

pub(super) mod aggregation;
pub(super) mod array;
pub(super) mod boolean;
pub(super) mod date_time;
pub(super) mod encoding;
pub(super) mod evaluation;
pub(super) mod format_number;
pub(super) mod higher_order;
pub(super) mod matching;
pub(super) mod numeric;
pub(super) mod object;
pub(super) mod string;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::budget::Budget;
use super::error::Error;
use super::evaluate::{Evaluator, Scope};
use super::signature::Signature;
use super::value::Value;

/// A function as its family lists it: name, signature, how many arguments a function like `$map`
/// gives it, and what it does.
pub(super) type Entry = (
    &'static str,
    &'static str,
    usize,
    fn(&Call<'_>) -> Result<Value, Error>,
);

pub(super) struct Builtin {
    pub signature: Result<Signature, Error>,
    pub arity: usize,
    pub call: fn(&Call<'_>) -> Result<Value, Error>,
}

/// A call of a built-in function.
pub(super) struct Call<'c> {
    pub evaluator: &'c Evaluator<'c>,
    pub arguments: Vec<Value>,
    /// The context of the call.
    pub input: &'c Value,
    pub scope: &'c Scope,
}

const FAMILIES: [&[Entry]; 12] = [
    aggregation::FUNCTIONS,
    array::FUNCTIONS,
    boolean::FUNCTIONS,
    date_time::FUNCTIONS,
    encoding::FUNCTIONS,
    evaluation::FUNCTIONS,
    format_number::FUNCTIONS,
    higher_order::FUNCTIONS,
    matching::FUNCTIONS,
    numeric::FUNCTIONS,
    object::FUNCTIONS,
    string::FUNCTIONS,
];

static BUILTINS: LazyLock<HashMap<&'static str, Builtin>> = LazyLock::new(|| {
    FAMILIES
        .iter()
        .flat_map(|family| family.iter())
        .map(|&(name, signature, arity, call)| {
            let builtin = Builtin {
                signature: Signature::parse(signature),
                arity,
                call,
            };
            (name, builtin)
        })
        .collect()
});

/// The built-in function of that name, without `$`.
pub(super) fn find(name: &str) -> Option<&'static Builtin> {
    BUILTINS.get(name)
}

impl Call<'_> {
    pub fn budget(&self) -> &Budget {
        &self.evaluator.budget
    }

    pub fn argument(&self, index: usize) -> &Value {
        self.arguments.get(index).unwrap_or(&Value::Undefined)
    }

    fn mismatch(index: usize) -> Error {
        Error::of("T0410").with("index", &(index + 1).to_string())
    }

    /// A string argument; `None` where it is undefined.
    pub fn text(&self, index: usize) -> Result<Option<&str>, Error> {
        match self.argument(index) {
            Value::Undefined => Ok(None),
            Value::String(text) => Ok(Some(text)),
            _ => Err(Self::mismatch(index)),
        }
    }

    /// A number argument; `None` where it is undefined.
    pub fn number(&self, index: usize) -> Result<Option<f64>, Error> {
        match self.argument(index) {
            Value::Undefined => Ok(None),
            Value::Number(number) => Ok(Some(*number)),
            _ => Err(Self::mismatch(index)),
        }
    }

    /// A number argument that may not be undefined.
    pub fn required_number(&self, index: usize) -> Result<f64, Error> {
        self.number(index)?.ok_or_else(|| Self::mismatch(index))
    }

    /// The items of an array argument; `None` where it is undefined.
    pub fn items(&self, index: usize) -> Option<&[Value]> {
        match self.argument(index) {
            Value::Undefined => None,
            other => Some(other.items()),
        }
    }

    /// Calls a function that is an argument.
    pub fn apply(&self, function: &Value, arguments: Vec<Value>) -> Result<Value, Error> {
        self.evaluator
            .apply(function, arguments, &Value::Null, self.scope)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_signature_can_be_read() {
        for (name, builtin) in super::BUILTINS.iter() {
            assert!(builtin.signature.is_ok(), "{name}");
        }
    }
}
