//! Local files that a resource is made of: SQL, and the definitions of state machines, which may
//! be JSON or YAML, in a file or in `stack.toml` itself.

use std::collections::BTreeMap;

use asl::{MachineType, Severity};
use serde_json::Value;

use super::{Problem, Scope};

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
        let mut substitutions = Substitutions::new(values);
        let (name, loaded) = match given {
            Value::String(text) if text.trim_start().starts_with('{') => {
                let name = "definition";
                (name, substitutions.in_text(name, text, Form::Json))
            }
            Value::String(text) if text.contains('\n') => {
                let name = "definition";
                (name, substitutions.in_text(name, text, Form::Yaml))
            }
            Value::String(file) => {
                let text = read_text(scope, "definition", file).map_err(|p| vec![p])?;
                let form = match file.rsplit_once('.') {
                    Some((_, "yaml" | "yml")) => Form::Yaml,
                    _ => Form::Json,
                };
                (file.as_str(), substitutions.in_text(file, &text, form))
            }
            table => {
                let mut value = table.clone();
                substitutions.in_value(&mut value, "definition");
                ("definition", Ok(Self::of(value)))
            }
        };
        substitutions.refuse_unused(name);
        if !substitutions.problems.is_empty() {
            return Err(substitutions.problems);
        }
        let definition = loaded?;
        check(name, &definition.text, machine_type)?;
        Ok(definition)
    }

    fn of(value: Value) -> Self {
        Self {
            text: format!("{value:#}"),
            value,
        }
    }
}

/// `${Name}` in a text: what stands before it, the name, and the text behind it.
fn next_name(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(at) = text[from..].find("${").map(|at| at + from) {
        let name = text[at + 2..].split_once('}').map(|(name, _)| name);
        let is_name = |name: &str| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        if let Some(name) = name.filter(|name| is_name(name)) {
            return Some((&text[..at], name, &text[at + 2 + name.len() + 1..]));
        }
        from = at + 2;
    }
    None
}

/// Values that come in place of `${Name}`, as SAM's `DefinitionSubstitutions` do. Collects every
/// mistake.
struct Substitutions<'a> {
    values: &'a BTreeMap<String, String>,
    used: Vec<String>,
    problems: Vec<Problem>,
}

impl<'a> Substitutions<'a> {
    fn new(values: &'a BTreeMap<String, String>) -> Self {
        Self {
            values,
            used: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn value(&mut self, name: &str, place: &str) -> Option<&'a str> {
        self.used.push(name.to_owned());
        let value = self.values.get(name);
        if value.is_none() {
            let problem = Problem::new(
                "definition",
                format!("{place}: `${{{name}}}` has no substitution"),
                "used in this definition",
            );
            self.problems
                .push(problem.with_help(format!("add {name} = \"…\" under substitutions")));
        }
        value.map(String::as_str)
    }

    fn refuse_unused(&mut self, file: &str) {
        for name in self.values.keys().filter(|name| !self.used.contains(name)) {
            self.problems.push(Problem::new(
                &format!("substitutions.{name}"),
                format!("`${{{name}}}` is nowhere in {file}"),
                "substitutes nothing",
            ));
        }
    }

    /// Puts `written` forms of the values into a text.
    fn expand(&mut self, file: &str, text: &str, written: impl Fn(&str) -> String) -> String {
        let mut whole = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, name, behind)) = next_name(rest) {
            let line = text[..text.len() - rest.len() + before.len()]
                .matches('\n')
                .count()
                + 1;
            whole.push_str(before);
            if let Some(value) = self.value(name, &format!("{file}:{line}")) {
                whole.push_str(&written(value));
            }
            rest = behind;
        }
        whole.push_str(rest);
        whole
    }

    fn in_text(&mut self, file: &str, text: &str, form: Form) -> Result<Definition, Vec<Problem>> {
        match form {
            Form::Json => {
                // It stands inside of a JSON string, or is a number.
                let text = self.expand(file, text, json_inside);
                let value = serde_json::from_str(&text).map_err(|error| {
                    no_document(
                        &format!("{file}:{}:{}", error.line(), error.column()),
                        &error,
                        "not valid JSON",
                    )
                })?;
                Ok(Definition { text, value })
            }
            Form::Yaml => {
                let text = self.in_yaml(file, text);
                let value = serde_saphyr::from_str(&text)
                    .map_err(|error| no_document(file, &error, "not valid YAML"))?;
                Ok(Definition::of(value))
            }
        }
    }

    /// A value that stands alone, without quotes, is what YAML takes it for: `${Limit}` may be a
    /// number. Everywhere else it is text.
    fn in_yaml(&mut self, file: &str, text: &str) -> String {
        let mut whole = String::with_capacity(text.len());
        for (number, line) in text.split_inclusive('\n').enumerate() {
            let alone = line
                .find("${")
                .filter(|at| line[..*at].trim_end().ends_with([':', '-']))
                .and_then(|_| next_name(line))
                .filter(|(_, _, behind)| behind.trim().is_empty());
            let place = format!("{file}:{}", number + 1);
            match alone {
                Some((before, name, behind)) => {
                    whole.push_str(before);
                    if let Some(value) = self.value(name, &place) {
                        match serde_json::from_str::<Value>(value) {
                            Ok(Value::Number(_) | Value::Bool(_)) => whole.push_str(value),
                            _ => whole.push_str(&Value::from(value).to_string()),
                        }
                    }
                    whole.push_str(behind);
                }
                None => {
                    let mut rest = line;
                    while let Some((before, name, behind)) = next_name(rest) {
                        whole.push_str(before);
                        if let Some(value) = self.value(name, &place) {
                            whole.push_str(&yaml_inside(&whole, value));
                        }
                        rest = behind;
                    }
                    whole.push_str(rest);
                }
            }
        }
        whole
    }

    fn in_value(&mut self, value: &mut Value, place: &str) {
        match value {
            Value::String(text) => {
                *text = self.expand(place, text, str::to_owned);
            }
            Value::Array(items) => {
                for item in items {
                    self.in_value(item, place);
                }
            }
            Value::Object(members) => {
                for (name, member) in members {
                    self.in_value(member, &format!("{place}.{name}"));
                }
            }
            _ => {}
        }
    }
}

/// A value inside of a text of YAML: escaped where it is in double quotes, with its quotes doubled
/// in single ones, and as it is elsewhere.
fn yaml_inside(before: &str, value: &str) -> String {
    let line = before.rsplit('\n').next().unwrap_or(before);
    let mut open = None;
    let mut escaped = false;
    for c in line.chars() {
        match (open, c) {
            (Some('"'), '\\') => {
                escaped = !escaped;
                continue;
            }
            (Some(quote), c) if c == quote && !escaped => open = None,
            (None, '"' | '\'') => open = Some(c),
            _ => {}
        }
        escaped = false;
    }
    match open {
        Some('"') => json_inside(value),
        Some(_) => value.replace('\'', "''"),
        None => value.to_owned(),
    }
}

fn json_inside(text: &str) -> String {
    let quoted = Value::String(text.to_owned()).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn no_document(place: &str, error: &dyn std::fmt::Display, label: &str) -> Vec<Problem> {
    vec![Problem::new(
        "definition",
        format!("{place}: {error}"),
        label,
    )]
}

fn check(file: &str, text: &str, machine_type: MachineType) -> Result<(), Vec<Problem>> {
    let problems: Vec<Problem> = asl::validate(text, machine_type)
        .into_iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .map(|diagnostic| {
            let place = diagnostic.location.unwrap_or_default();
            Problem::new(
                "definition",
                format!("{file}: {}", diagnostic.message),
                format!("{} at {place}", diagnostic.code),
            )
        })
        .collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems)
    }
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
                "definition:1: `${Seconds}` has no substitution",
                "definition:1: `${Why}` has no substitution",
                "`${Secs}` is nowhere in definition",
            ]
        );
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
