//! Local files that a resource is made of: SQL, and the definitions of state machines.

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

/// Puts values in place of `${Name}`, as SAM's `DefinitionSubstitutions` does, and checks the
/// outcome. Gives every mistake.
pub(super) fn substitute(
    file: &str,
    text: &str,
    values: &BTreeMap<String, String>,
) -> Result<(String, Value), Vec<Problem>> {
    let mut problems = Vec::new();
    let mut used: Vec<&str> = Vec::new();
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        whole.push_str(&rest[..at]);
        let name = rest[at + 2..].split_once('}').map(|(name, _)| name);
        let is_name = |name: &str| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        match name.filter(|name| is_name(name)) {
            Some(name) => {
                match values.get(name) {
                    // It stands inside of a JSON string.
                    Some(value) => whole.push_str(&json_inside(value)),
                    None => {
                        let line = text[..text.len() - rest.len() + at].matches('\n').count() + 1;
                        let problem = Problem::new(
                            "definition",
                            format!("{file}:{line}: `${{{name}}}` has no substitution"),
                            "used in this definition",
                        );
                        problems.push(
                            problem.with_help(format!("add {name} = \"…\" under substitutions")),
                        );
                    }
                }
                used.push(name);
                rest = &rest[at + 2 + name.len() + 1..];
            }
            None => {
                whole.push_str("${");
                rest = &rest[at + 2..];
            }
        }
    }
    whole.push_str(rest);
    for name in values.keys().filter(|name| !used.contains(&name.as_str())) {
        problems.push(Problem::new(
            &format!("substitutions.{name}"),
            format!("`${{{name}}}` is nowhere in {file}"),
            "substitutes nothing",
        ));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let value = parse(file, &whole)?;
    Ok((whole, value))
}

fn json_inside(text: &str) -> String {
    let quoted = Value::String(text.to_owned()).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn parse(file: &str, text: &str) -> Result<Value, Vec<Problem>> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        vec![Problem::new(
            "definition",
            format!("{file}:{}:{}: {error}", error.line(), error.column()),
            "not valid JSON",
        )]
    })?;
    Ok(value)
}

/// Checks a definition as AWS would, before AWS is asked. Gives every mistake.
pub(super) fn check(file: &str, text: &str, machine_type: MachineType) -> Result<(), Vec<Problem>> {
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
