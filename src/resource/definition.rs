//! Local files that a resource is made of: SQL, and the definitions of state machines, which may
//! be JSON or YAML, in a file or in `stack.toml` itself.

mod missing;
mod substitutions;
mod written;

use std::collections::BTreeMap;

use asl::{MachineType, Severity};
use serde_json::Value;

use self::missing::Missing;
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
                let form = match file.rsplit_once('.') {
                    Some((_, "yaml" | "yml")) => Form::Yaml,
                    _ => Form::Json,
                };
                (Written::file(&scope.base_dir, file, text), form)
            }
            _ => (Written::Table, Form::Json),
        };
        let mut substitutions = Substitutions::new(&written, values);
        let loaded = match written.source() {
            Some(text) => Self::read(&written, &substitutions.in_text(text, form), form),
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

    fn read(written: &Written, text: &str, form: Form) -> Result<Self, Vec<Problem>> {
        match form {
            Form::Json => match serde_json::from_str(text) {
                Ok(value) => Ok(Self {
                    text: text.to_owned(),
                    value,
                }),
                Err(error) => {
                    let place = (error.line(), error.column());
                    Err(vec![no_document(written, place, &error, "JSON")])
                }
            },
            Form::Yaml => machine::read_yaml(text).map(Self::of).map_err(|error| {
                let place = (error.line, error.column);
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
    let errors = asl::validate(&definition.text, machine_type)
        .into_iter()
        .filter(|found| found.severity == Severity::Error);
    errors
        .filter_map(|found| {
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
        })
        .chain(wrong_resources(written, &definition.value, missing))
        .collect()
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const WAIT: &str = r#"{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": ${Seconds}, "Comment": "${Why}", "End": true}}}"#;

    fn load(given: impl Into<Value>, values: &[(&str, &str)]) -> Result<Definition, Vec<Problem>> {
        let values = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let scope = Scope::default();
        Definition::load(&scope, &given.into(), &values, MachineType::Standard)
    }

    fn messages(problems: Vec<Problem>) -> Vec<String> {
        problems
            .into_iter()
            .map(|problem| problem.message)
            .collect()
    }

    #[test]
    fn json_yaml_and_a_table_say_the_same() {
        let values = [("Seconds", "5"), ("Why", "\"slow\" service")];
        let json = load(WAIT, &values).unwrap();
        let yaml = "
StartAt: A
States:
  A:
    Type: Wait
    Seconds: ${Seconds}
    Comment: \"${Why}\"
    End: true
";
        let yaml = load(yaml, &values).unwrap();
        let table = json!({"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 5, "Comment": "${Why}", "End": true}}});
        let table = load(table, &values[1..]).unwrap();
        for other in [&yaml, &table] {
            assert!(same_document(&json.value, &other.value), "{other:?}");
            let sent: Value = serde_json::from_str(&other.text).unwrap();
            assert_eq!(sent, other.value);
        }
    }

    #[test]
    fn in_yaml_a_value_keeps_to_its_quotes() {
        let text = "
StartAt: A
States:
  A:
    Type: Pass
    Result:
      plain: ${Sql}
      inside: SELECT ${Name} FROM films
      single: 'it is ${Sql}'
      number: ${One}
      text: \"${One}\"
    End: true
";
        let values = [("Sql", "a: 'b' # c"), ("Name", "title"), ("One", "1")];
        let loaded = load(text, &values).unwrap();
        assert_eq!(
            loaded.value["States"]["A"]["Result"],
            json!({
                "plain": "a: 'b' # c",
                "inside": "SELECT title FROM films",
                "single": "it is a: 'b' # c",
                "number": 1,
                "text": "1",
            })
        );
    }

    #[test]
    fn missing_and_unused_substitutions_are_both_mistakes() {
        let problems = load(WAIT, &[("Secs", "5")]).unwrap_err();
        assert_eq!(
            messages(problems),
            [
                "`${Seconds}` has no substitution",
                "`${Why}` has no substitution",
                "`${Secs}` is nowhere in definition",
            ]
        );
    }

    #[test]
    fn what_else_is_wrong_is_told_beside_substitutions() {
        let text = r#"{"StartAt": "A", "States": {
            "A": {"Type": "Pass", "Nxt": "B", "Result": "${X}", "End": true},
            "W": {"Type": "Wait", "Seconds": ${S}, "Next": "${X}"}}}"#;
        let problems = load(text, &[("Unused", "1")]).unwrap_err();
        assert_eq!(
            messages(problems),
            [
                "`${X}` has no substitution",
                "`${S}` has no substitution",
                "`${X}` has no substitution",
                "`${Unused}` is nowhere in definition",
                "Field 'Nxt' is not supported",
            ]
        );
        let lost = r#"{"StartAt": "A", "States": {
            "A": {"Type": "Pass", "Result": "${X}", "End": true},
            "U": {"Type": "Pass", "End": true}}}"#;
        assert_eq!(
            messages(load(lost, &[]).unwrap_err()),
            [
                "`${X}` has no substitution",
                "State \"U\" is not reachable.",
            ]
        );
        // It is not known where A leads.
        let may_lead = lost.replacen("\"End\": true", "\"Next\": \"${X}\"", 1);
        let told = messages(load(may_lead.as_str(), &[]).unwrap_err());
        assert_eq!(told, ["`${X}` has no substitution"; 2]);
    }

    #[test]
    fn a_form_that_is_wrong_is_told_but_where_a_name_may_be_its_fault() {
        let told = |text: &str| messages(load(text, &[]).unwrap_err());
        let elsewhere = told("{\"StartAt\": \"${X}\",\n\"States\" 1}");
        assert_eq!(elsewhere.len(), 2, "{elsewhere:?}");
        assert!(elsewhere[1].starts_with("definition: "), "{elsewhere:?}");
        let there = told("{\"StartAt\": 1${X},\n\"States\": {}}");
        assert_eq!(there, ["`${X}` has no substitution"]);
        let there = told("StartAt: A\nStates: {A: ${X}}\n");
        assert_eq!(there[0], "`${X}` has no substitution");
    }

    #[test]
    fn a_definition_that_aws_would_refuse_is_refused_before() {
        let problems = load(
            json!({"StartAt": "B", "States": {"A": {"Type": "Succeed"}}}),
            &[],
        );
        assert!(!problems.unwrap_err().is_empty());
        let problems = load("StartAt: [\nStates: 1\n", &[]).unwrap_err();
        assert_eq!(problems[0].label, "not valid YAML");
    }

    #[test]
    fn numbers_and_order_do_not_make_a_difference() {
        assert!(same_document(
            &json!({"a": 1, "b": [2.0]}),
            &json!({"b": [2], "a": 1.0})
        ));
        assert!(!same_document(&json!({"a": 1}), &json!({"a": "1"})));
        assert!(!same_document(
            &json!({"a": 1}),
            &json!({"a": 1, "b": null})
        ));
    }
}
