//! Numbers that a state takes from a literal, a path or an expression.

use serde_json::Value;

use crate::{
    definition::Amount,
    query::{Environment, Fault, PathField},
};

impl Amount {
    /// A whole number that is not negative, in the field `field`.
    pub(super) fn whole_value(&self, field: &str, environment: &Environment) -> Result<u64, Fault> {
        match self {
            Self::Literal(value) => Ok(*value as u64),
            Self::Path(path) => not_negative(field, integer(path, &path.evaluate(environment)?)?),
            Self::Jsonata(template) => {
                let value = template.evaluate_as("number", Value::is_number, field, environment)?;
                value
                    .as_f64()
                    .filter(|number| *number >= 0.0 && number.fract() == 0.0)
                    .map(|number| number as u64)
                    .ok_or_else(|| Fault::Query {
                        location: Some(field.to_owned()),
                        message: format!(
                            "Expected non-negative integer for {field}, but got '{value}' instead."
                        ),
                    })
            }
        }
    }

    /// As [`Self::whole_value`], but a path may lead to a negative number.
    pub(super) fn signed_value(
        &self,
        field: &str,
        environment: &Environment,
    ) -> Result<i64, Fault> {
        if let Self::Path(path) = self {
            return integer(path, &path.evaluate(environment)?);
        }
        let number = self.whole_value(field, environment)?;
        Ok(i64::try_from(number).unwrap_or(i64::MAX))
    }

    /// A whole number of at least one, in the field `field`. AWS's words on another one are not
    /// documented; those on a path that leads nowhere are `InputPath`'s.
    pub(super) fn positive_value(
        &self,
        field: &str,
        environment: &Environment,
    ) -> Result<u64, Fault> {
        let number = match self {
            Self::Path(path) => not_negative(field, integer(path, &path.select(environment)?)?)?,
            other => other.whole_value(field, environment)?,
        };
        match (number, self) {
            (0, Self::Jsonata(_)) => Err(Fault::Query {
                location: Some(field.to_owned()),
                message: not_positive(field),
            }),
            (0, _) => Err(Fault::Runtime(not_positive(field))),
            (number, _) => Ok(number),
        }
    }

    /// A share of a hundred, in the field `field`.
    pub(super) fn percentage(&self, field: &str, environment: &Environment) -> Result<f64, Fault> {
        let (number, is_query) = match self {
            Self::Literal(value) => return Ok(*value),
            Self::Path(path) => {
                let value = path.evaluate(environment)?;
                (
                    float(&value).ok_or_else(|| not_a(&value, "float", &path.text, path.field))?,
                    false,
                )
            }
            Self::Jsonata(template) => {
                let value = template.evaluate_as("number", Value::is_number, field, environment)?;
                (value.as_f64().unwrap_or(f64::NAN), true)
            }
        };
        if (0.0..=100.0).contains(&number) {
            return Ok(number);
        }
        let message = format!("{field} must be between 0 and 100.");
        Err(if is_query {
            Fault::Query {
                location: Some(field.to_owned()),
                message,
            }
        } else {
            Fault::Runtime(message)
        })
    }
}

/// The whole number that the value at a path is; a text that is one counts as it, as on AWS.
fn integer(path: &PathField, value: &Value) -> Result<i64, Fault> {
    let number = match value {
        Value::String(text) => text.parse::<i64>().ok(),
        other => other.as_i64(),
    };
    number.ok_or_else(|| not_a(value, "integer", &path.text, path.field))
}

fn not_negative(field: &str, number: i64) -> Result<u64, Fault> {
    u64::try_from(number).map_err(|_| Fault::Runtime(negative(field, number)))
}

/// A number, or a text that is one.
fn float(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => text.parse::<f64>().ok().filter(|number| number.is_finite()),
        other => other.as_f64(),
    }
}

fn not_a(value: &Value, kind: &str, path: &str, field: &str) -> Fault {
    let shown = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    Fault::Runtime(format!(
        "The {field} field refers to value \"{shown}\" which is not a valid {kind}: {path}"
    ))
}

fn not_positive(field: &str) -> String {
    format!("Expected positive integer for {field}, but got '0' instead.")
}

fn negative(field: &str, number: i64) -> String {
    match field {
        "MaxConcurrency" => {
            format!("Expected non-negative integer for MaxConcurrency, but got '{number}' instead.")
        }
        _ => format!("{field} cannot be negative."),
    }
}
