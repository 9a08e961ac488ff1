//! Local files that a resource is made of: SQL, and the definitions of state machines, which may
//! be JSON or YAML, in a file or in `stack.toml` itself.

mod missing;
mod runnable;
mod substitutions;
#[cfg(test)]
mod tests;
mod written;
mod yaml;
mod yaml_value;

use std::collections::BTreeMap;

use asl::{Diagnostic, MachineType, Severity};
use serde_json::Value;

use self::missing::Missing;
pub use self::runnable::read_runnable;
use self::substitutions::Substitutions;
use self::written::Written;
use super::{Problem, Scope};
use crate::machine;

/// Reads a file that a key names, relative to `stack.toml`.
pub(super) fn read_text(scope: &Scope, key: &str, file: &str) -> Result<String, Problem> {
    let path = scope.base_dir.join(file);
    std::fs::read_to_string(&path).map_err(|error| {
        let label = match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
            _ => error.to_string(),
        };
        Problem::new(key, format!("cannot read `{file}`"), label)
            .with_help("paths are relative to stack.toml")
    })
}

/// A state machine's definition, with its substitutions.
#[derive(Debug)]
pub(super) struct Definition {
    /// The JSON text that is sent: a file of JSON as it was written.
    pub text: String,
    pub value: Value,
}

/// How a definition is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Yaml,
}

impl Form {
    fn of_file(name: &str) -> Self {
        match name.rsplit_once('.') {
            Some((_, "yaml" | "yml")) => Self::Yaml,
            _ => Self::Json,
        }
    }
}

impl Definition {
    /// Reads what `definition` says: a table, a text that is one (it starts with `{` or has several
    /// lines), or a file's name. Substitutes and checks it as AWS would, before AWS is asked; gives
    /// every mistake.
    pub fn load(
        scope: &Scope,
        given: &Value,
        values: &BTreeMap<String, String>,
        machine_type: MachineType,
    ) -> Result<Self, Vec<Problem>> {
        let (written, form) = match given {
            Value::String(text) if text.trim_start().starts_with('{') => {
                (Written::text(text), Form::Json)
            }
            Value::String(text) if text.contains('\n') => (Written::text(text), Form::Yaml),
            Value::String(file) => {
                let text = read_text(scope, "definition", file).map_err(|p| vec![p])?;
                (
                    Written::file(&scope.base_dir, file, text),
                    Form::of_file(file),
                )
            }
            _ => (Written::Table, Form::Json),
        };
        let mut substitutions = Substitutions::new(&written, values);
        let loaded = match written.source() {
            Some(text) => {
                let text = substitutions.in_text(text, form);
                Self::read(&written, &text, form, &substitutions)
            }
            None => {
                let mut value = given.clone();
                substitutions.in_value(&mut value, "definition");
                Ok(Self::of(value))
            }
        };
        let missing = substitutions.missing();
        let mut problems = substitutions.problems();
        let definition = match loaded {
            Ok(definition) => definition,
            Err(found) => {
                problems.extend(found.into_iter().filter(|p| !missing.explains_form(p)));
                return Err(problems);
            }
        };
        problems.extend(check(&written, &definition, machine_type, &missing));
        if problems.is_empty() {
            Ok(definition)
        } else {
            Err(problems)
        }
    }

    /// Reads a text with its values in it; what is wrong is told where it is written.
    fn read(
        written: &Written,
        text: &str,
        form: Form,
        substitutions: &Substitutions,
    ) -> Result<Self, Vec<Problem>> {
        let at = |line: usize, column: usize| (substitutions.line(line), column);
        match form {
            Form::Json => match serde_json::from_str(text) {
                Ok(value) => Ok(Self {
                    text: text.to_owned(),
                    value,
                }),
                Err(error) => {
                    let place = at(error.line(), error.column());
                    Err(vec![no_document(written, place, &error, "JSON")])
                }
            },
            Form::Yaml => machine::read_yaml(text).map(Self::of).map_err(|error| {
                let place = at(error.line, error.column);
                vec![no_document(written, place, &error.message, "YAML")]
            }),
        }
    }

    fn of(value: Value) -> Self {
        Self {
            text: format!("{value:#}"),
            value,
        }
    }
}

/// The mistake of a text that is none of its form. `error` may end with its own place.
fn no_document(
    written: &Written,
    (line, column): (usize, usize),
    error: &dyn std::fmt::Display,
    form: &str,
) -> Problem {
    if written.source().is_some_and(|text| text.trim().is_empty()) {
        // There is no line to show in it: the place is where stack.toml names it.
        let message = format!("{} is empty", written.name());
        return Problem::new(
            "definition",
            message,
            "it is to be the definition of a state machine",
        );
    }
    let told = error.to_string();
    let told = told.lines().next().unwrap_or_default();
    let told = told.split(" at line ").next().unwrap_or_default();
    Problem::new(
        "definition",
        format!("{}: {told}", written.name()),
        format!("not valid {form}"),
    )
    .at(written.line(line, column))
}

/// What is wrong with a definition, but for what is wrong because names have no values.
fn check(
    written: &Written,
    definition: &Definition,
    machine_type: MachineType,
    missing: &Missing,
) -> Vec<Problem> {
    let found = asl::validate(&definition.text, machine_type);
    let mut problems = placed(written, definition, found, missing);
    problems.extend(wrong_resources(written, &definition.value, missing));
    problems
}

/// The errors among what is found, where they are written, but for those that are there because names
/// have no values.
fn placed(
    written: &Written,
    definition: &Definition,
    found: Vec<Diagnostic>,
    missing: &Missing,
) -> Vec<Problem> {
    let errors = found
        .into_iter()
        .filter(|found| found.severity == Severity::Error);
    let placed = errors.filter_map(|found| {
        let path = found.path(&definition.value).unwrap_or_default();
        if missing.explains(&found.message, &path, &definition.value) {
            return None;
        }
        let by_name = path
            .last()
            .is_some_and(|name| found.message.contains(&format!("ield '{name}'")));
        let problem = written.problem(&path, by_name, found.message, found.code);
        Some(match found.help {
            Some(help) => problem.with_help(help),
            None => problem,
        })
    });
    placed.collect()
}

/// Resources of tasks that are a slip away from one that there is: AWS refuses them in these words.
fn wrong_resources(written: &Written, definition: &Value, missing: &Missing) -> Vec<Problem> {
    let tasks = machine::tasks(definition).into_iter();
    let wrong = tasks.filter_map(|task| {
        // What `asl` does not recognize it has told.
        let resource = task.resource().filter(|resource| asl::recognizes(resource))?;
        if missing.is_in(resource) {
            return None;
        }
        let meant = machine::meant(resource)?;
        let message = format!(
            "The resource provided {resource} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region."
        );
        let path = task.path_to(&["Resource"]);
        let label = "SCHEMA_VALIDATION_FAILED".to_owned();
        let problem = written.problem(&path, false, message, label);
        Some(problem.with_help(format!("did you mean `{meant}`?")))
    });
    wrong.collect()
}

/// Whether two documents say the same: members in any order, `1` and `1.0` alike.
pub(super) fn same_document(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, value)| {
                    other
                        .get(name)
                        .is_some_and(|other| same_document(value, other))
                })
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| same_document(a, b))
        }
        (Value::Number(one), Value::Number(other)) => {
            one == other || one.as_f64() == other.as_f64()
        }
        _ => one == other,
    }
}
