//! The functions that Step Functions adds to JSONata's own.
//!
//! Source: "JSONata functions provided by Step Functions" in the developer guide.

//! What else its JSONata has of its own is not documented. It was measured on AWS, and is told in
//! <https://github.com/floci-io/floci/pull/2676>, pull/2783 and pull/2790 there, and
//! <https://github.com/iwamot/sfnx/blob/main/docs/design.md>.

use std::sync::LazyLock;

use base64::Engine as _;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::java;
use crate::{
    intrinsic,
    json::parse_unambiguous_json,
    jsonata::{Bindings, Dialect, Error, Expression, Functions, memory_exceeded},
};

type Arguments<'a> = &'a [Option<Value>];

/// Nothing stands for undefined.
type Outcome = Result<Option<Value>, Error>;

/// The code of an error in a function that is not JSONata's own.
const CODE: &str = "D3137";

/// The code of an error of which nothing is told.
pub(super) const INTERNAL: &str = "internal";

/// An array of 873,782 items is taken and one of 873,783 is not, a text of 2²² characters is and
/// one of 2²³ is not; evaluations are 100 deep.
const DIALECT: Dialect = Dialect {
    depth: 100,
    items: 873_782,
    characters: (1 << 23) - 1,
    names_infinity: true,
    refuses_functions: true,
};

/// The most numbers that `$range` gives.
const MAX_RANGE: i128 = 360_145;

/// One function: its name, its signature, and what it does.
type Function = (&'static str, &'static str, fn(Arguments) -> Outcome);

const FUNCTIONS: &[Function] = &[
    ("partition", "<x?x?:a>", partition),
    ("range", "<x?x?x?:x>", range),
    ("hash", "<x?x?:s>", hash),
    ("random", "<x?:n>", random),
    ("uuid", "<:s>", uuid),
    ("parse", "<x?:x>", parse),
    ("base64encode", "<s-:s>", base64_encode),
    ("base64decode", "<s-:s>", base64_decode),
];

static ALL: LazyLock<Result<Functions, Error>> = LazyLock::new(|| {
    let mut functions = Functions::new();
    for (name, signature, function) in FUNCTIONS {
        functions.register(name, signature, function)?;
    }
    // Step Functions does not let an expression make another one.
    functions.forbid("eval");
    Ok(functions)
});

/// Evaluates an expression of a state: it has no input but what the bindings name, and to `$now()`
/// and `$millis()` it is `now`.
pub(super) fn evaluate(
    expression: &Expression,
    bindings: &Bindings,
    now: DateTime<Utc>,
) -> Outcome {
    let functions = ALL.as_ref().map_err(Clone::clone)?;
    expression.evaluate_bound(bindings, functions, DIALECT, now)
}

fn refused(problem: impl Into<String>) -> Error {
    Error::new(CODE, problem)
}

fn mismatch(function: &str, index: usize) -> Error {
    Error::new(
        "T0410",
        format!(
            "Argument {} of function \"{function}\" does not match function signature",
            index + 1
        ),
    )
}

fn argument(arguments: Arguments<'_>, index: usize) -> Option<&Value> {
    arguments.get(index)?.as_ref()
}

/// A number without its fraction, whichever sign it has; nothing for an undefined one.
fn whole(function: &str, arguments: Arguments, index: usize) -> Result<Option<i64>, Error> {
    match argument(arguments, index) {
        None => Ok(None),
        Some(value) => match value.as_f64() {
            Some(number) => Ok(Some(number as i64)),
            None => Err(mismatch(function, index)),
        },
    }
}

fn text<'a>(
    function: &str,
    arguments: Arguments<'a>,
    index: usize,
) -> Result<Option<&'a str>, Error> {
    match argument(arguments, index) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(mismatch(function, index)),
    }
}

/// Arrays of so many items each; all are in one where it is not said how many.
fn partition(arguments: Arguments) -> Outcome {
    let items = match argument(arguments, 0) {
        None => return Ok(None),
        Some(Value::Array(items)) => items,
        Some(_) => {
            return Err(Error::new(
                "T0412",
                "Argument 1 of function \"partition\" must be an array of undefined",
            ));
        }
    };
    let Some(size) = whole("partition", arguments, 1)? else {
        return Ok(Some(json!([items])));
    };
    let size =
        usize::try_from(size).map_err(|_| refused("Second argument must be zero or greater"))?;
    if size == 0 || items.is_empty() {
        return Ok(None);
    }
    Ok(Some(items.chunks(size).map(<[Value]>::to_vec).collect()))
}

/// The numbers from the first to the last; a single one comes without an array, as the sequences
/// of JSONata do, and none are nothing.
fn range(arguments: Arguments) -> Outcome {
    let bound = |index| whole("range", arguments, index);
    let (Some(first), Some(last), Some(step)) = (bound(0)?, bound(1)?, bound(2)?) else {
        return Ok(None);
    };
    if step == 0 || first != last && (last < first) == (step > 0) {
        return Ok(None);
    }
    let length = (i128::from(last) - i128::from(first)) / i128::from(step) + 1;
    if length > MAX_RANGE {
        return Err(memory_exceeded());
    }
    // The one after the last may be out of range.
    let numbers = std::iter::successors(Some(first), |number| number.checked_add(step));
    let numbers: Vec<i64> = numbers.take(length as usize).collect();
    Ok(Some(match &numbers[..] {
        [single] => json!(single),
        numbers => json!(numbers),
    }))
}

fn hash(arguments: Arguments) -> Outcome {
    let (Some(data), Some(algorithm)) = (text("hash", arguments, 0)?, text("hash", arguments, 1)?)
    else {
        return Ok(None);
    };
    match intrinsic::digest(data, algorithm) {
        Ok(digits) => Ok(Some(json!(digits))),
        Err(_) => Err(refused(format!(
            "Hash algorithm '{algorithm}' must be one of SHA-1, SHA-384, SHA-256, SHA-512, MD5"
        ))),
    }
}

/// With a seed, what Java's own source of numbers begins with.
fn random(arguments: Arguments) -> Outcome {
    let number: f64 = match whole("random", arguments, 0)? {
        Some(seed) => java::Random::new(seed).next_double(),
        None => rand::random(),
    };
    Ok(Some(json!(number)))
}

fn uuid(_arguments: Arguments) -> Outcome {
    Ok(Some(json!(uuid::Uuid::new_v4().to_string())))
}

fn parse(arguments: Arguments) -> Outcome {
    match text("parse", arguments, 0)? {
        None => Ok(None),
        Some(text) => parse_unambiguous_json(text)
            .map(Some)
            .map_err(|_| refused("Invalid JSON")),
    }
}

/// Of the text in UTF-8, where JSONata's own takes the lowest bytes of its characters.
fn base64_encode(arguments: Arguments) -> Outcome {
    let data = text("base64encode", arguments, 0)?;
    Ok(data.map(|data| json!(intrinsic::BASE64.encode(data))))
}

fn base64_decode(arguments: Arguments) -> Outcome {
    let Some(digits) = text("base64decode", arguments, 0)? else {
        return Ok(None);
    };
    let bytes = intrinsic::BASE64
        .decode(digits)
        .map_err(|error| Error::new(INTERNAL, error.to_string()))?;
    Ok(Some(json!(String::from_utf8_lossy(&bytes))))
}
