//! A definition in a file that no stack.toml knows, as it is run in a test.

use std::collections::BTreeMap;
use std::path::Path;

use asl::StateMachine;
use serde_json::Value;

use super::missing::Missing;
use super::substitutions::Substitutions;
use super::written::Written;
use super::{Definition, Form, placed};
use crate::resource::Problem;

/// The definition that `text` of a file is, with the values of its names. Names without one stay in it
/// as texts: what they stand for may be mocked. Gives every mistake that hinders it from being run.
pub fn read_runnable(
    file: &Path,
    text: String,
    values: &BTreeMap<String, String>,
) -> Result<Value, Vec<Problem>> {
    let name = file.display().to_string();
    let form = Form::of_file(&name);
    let written = Written::alone(&name, text);
    let mut substitutions = Substitutions::new(&written, values);
    let text = substitutions.in_text(written.source().unwrap_or_default(), form);
    let missing = substitutions.missing();
    let found = match Definition::read(&written, &text, form, &substitutions) {
        Ok(definition) => match hindrances(&written, &definition, &missing) {
            None if !substitutions.refuses() => {
                let unused = substitutions.unused();
                return if unused.is_empty() {
                    Ok(definition.value)
                } else {
                    Err(unused)
                };
            }
            // Names without a value may be meant: they are told where nothing else is wrong.
            Some(found) if !found.is_empty() && !substitutions.refuses() => return Err(found),
            found => found.unwrap_or_default(),
        },
        Err(found) => {
            let told = found.into_iter().filter(|p| !missing.explains_form(p));
            told.map(|problem| with_forms(problem, &name)).collect()
        }
    };
    let mut problems = substitutions.problems();
    problems.extend(found);
    Err(problems)
}

/// Why it cannot be run; none if it can.
fn hindrances(
    written: &Written,
    definition: &Definition,
    missing: &Missing,
) -> Option<Vec<Problem>> {
    let found = StateMachine::parse(&definition.text).err()?;
    Some(placed(written, definition, found, missing))
}

/// Says what a definition is where a file's name says that it is something else.
fn with_forms(problem: Problem, file: &str) -> Problem {
    let ending = file.rsplit_once('.').map(|(_, ending)| ending);
    if matches!(ending, Some("json" | "yaml" | "yml")) {
        return problem;
    }
    problem.with_help(
        "a definition is JSON, or YAML in a file called *.yaml; a machine of stack.toml is called by \
         its id",
    )
}
