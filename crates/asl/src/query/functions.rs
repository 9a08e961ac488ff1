//! The functions that Step Functions adds to JSONata's own.
//!
//! Source: "JSONata functions provided by Step Functions" in the developer guide.

use std::sync::LazyLock;

use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};

use crate::{
    intrinsic,
    jsonata::{Bindings, Error, Expression, Functions},
};

type Arguments<'a> = &'a [Option<Value>];

/// The code of an error in a function that is not JSONata's own.
const CODE: &str = "D3137";

/// One function: its name, its signature, and what it does.
type Function = (
    &'static str,
    &'static str,
    fn(Arguments) -> Result<Value, Error>,
);

const FUNCTIONS: &[Function] = &[
    ("partition", "<an:a>", partition),
    ("range", "<nnn:a>", range),
    ("hash", "<xs:s>", hash),
    ("random", "<n?:n>", random),
    ("uuid", "<:s>", uuid),
    ("parse", "<s:x>", parse),
];

static ALL: LazyLock<Result<Functions, Error>> = LazyLock::new(|| {
    let mut functions = Functions::new();
    for (name, signature, function) in FUNCTIONS {
        functions.register(name, signature, |arguments| {
            // A function of nothing is nothing.
            if arguments.first().is_some_and(Option::is_none) && *name != "random" {
                return Ok(None);
            }
            function(arguments).map(Some)
        })?;
    }
    // Step Functions does not let an expression make another one.
    functions.forbid("eval");
    Ok(functions)
});

/// Evaluates an expression of a state: it has no input but what the bindings name.
pub(super) fn evaluate(
    expression: &Expression,
    bindings: &Bindings,
) -> Result<Option<Value>, Error> {
    expression.evaluate_bound(bindings, ALL.as_ref().map_err(Clone::clone)?)
}

fn refused(problem: String) -> Error {
    Error::new(CODE, problem)
}

fn number(arguments: Arguments, index: usize) -> Option<f64> {
    arguments.get(index)?.as_ref()?.as_f64()
}

fn integer(arguments: Arguments, index: usize) -> Result<i64, Error> {
    number(arguments, index)
        .map(|number| (number + 0.5).floor() as i64)
        .ok_or_else(|| refused(format!("Argument {} must be a number", index + 1)))
}

fn partition(arguments: Arguments) -> Result<Value, Error> {
    let items = arguments
        .first()
        .and_then(Option::as_ref)
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    intrinsic::partition(items, integer(arguments, 1)?).map_err(refused)
}

/// The numbers from the first to the last; a single one comes without an array, as the sequences
/// of JSONata do.
fn range(arguments: Arguments) -> Result<Value, Error> {
    let bounds = [
        integer(arguments, 0)?,
        integer(arguments, 1)?,
        integer(arguments, 2)?,
    ];
    let numbers = intrinsic::range(bounds).map_err(refused)?;
    Ok(match &numbers[..] {
        [single] => json!(single),
        numbers => json!(numbers),
    })
}

fn hash(arguments: Arguments) -> Result<Value, Error> {
    let text = |index: usize| match arguments.get(index).and_then(Option::as_ref) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    intrinsic::digest(&text(0), &text(1))
        .map(Value::String)
        .map_err(refused)
}

fn random(arguments: Arguments) -> Result<Value, Error> {
    let number: f64 = match number(arguments, 0) {
        Some(seed) => StdRng::seed_from_u64(seed.to_bits()).random(),
        None => rand::rng().random(),
    };
    Ok(json!(number))
}

fn uuid(_arguments: Arguments) -> Result<Value, Error> {
    Ok(json!(uuid::Uuid::new_v4().to_string()))
}

fn parse(arguments: Arguments) -> Result<Value, Error> {
    intrinsic::parse_json(
        arguments
            .first()
            .and_then(Option::as_ref)
            .and_then(Value::as_str)
            .unwrap_or_default(),
    )
    .map_err(refused)
}
