//! Where a definition is from: a table of the stack, or a file.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Place, place_of};
use crate::resource::Address;
use crate::stack::Stack;

/// A definition, and the text that it was read from, if there is one.
#[derive(Debug, Clone)]
pub struct Definition {
    pub value: Value,
    /// The file, as the user would name it, and what is in it.
    pub text: Option<(PathBuf, String)>,
}

/// Why a file is no definition.
#[derive(Debug, thiserror::Error)]
pub enum NotRead {
    #[error("cannot read {}: {error}", file.display())]
    File {
        file: PathBuf,
        error: std::io::Error,
    },
    #[error("{}: {message}", file.display())]
    Form { file: PathBuf, message: String },
}

impl Definition {
    /// The definition of `state_machines.ID`, with its substitutions; none if the stack has no such
    /// machine.
    pub fn of_stack(stack: &Stack, id: &str) -> Option<Self> {
        let declared = stack.get(&Address::new("state_machines", id))?;
        let value = declared.resource.desired().remove("definition")?;
        let file = file_of(stack, id);
        let text = file.and_then(|file| {
            let text = std::fs::read_to_string(&file).ok()?;
            Some((file, text))
        });
        Some(Self { value, text })
    }

    /// A definition in a file of JSON, or of YAML if its name ends so. `${Name}` without quotes is
    /// taken as a text.
    pub fn read(file: &Path) -> Result<Self, NotRead> {
        let text = std::fs::read_to_string(file).map_err(|error| NotRead::File {
            file: file.to_owned(),
            error,
        })?;
        let form = |message: String| NotRead::Form {
            file: file.to_owned(),
            message,
        };
        let value: Value = match file.extension().and_then(|e| e.to_str()) {
            Some("yaml" | "yml") => {
                serde_saphyr::from_str(&text).map_err(|error| form(error.to_string()))?
            }
            _ => serde_json::from_str(&with_names_quoted(&text))
                .map_err(|error| form(error.to_string()))?,
        };
        if value["States"].is_object() {
            Ok(Self {
                value,
                text: Some((file.to_owned(), text)),
            })
        } else {
            Err(form(
                "it has no States, so it is no state machine's definition".to_owned(),
            ))
        }
    }

    /// The file of a state, what is in it, and the state's place there.
    pub fn place(&self, state: &str) -> Option<(&Path, &str, Place)> {
        let (file, text) = self.text.as_ref()?;
        Some((file, text, place_of(text, state)?))
    }
}

/// The file that `definition` of a state machine names, as seen from where the user is.
fn file_of(stack: &Stack, id: &str) -> Option<PathBuf> {
    let text: toml::Table = stack.source.text.parse().ok()?;
    let of = |root: Option<&toml::Value>| {
        let machines = root?.get("state_machines")?;
        let definition = machines.get(id)?.get("definition")?;
        definition.as_str().map(str::to_owned)
    };
    let root = toml::Value::Table(text);
    let env = stack.env.as_ref().and_then(|env| root.get("env")?.get(env));
    let named = of(env).or_else(|| of(Some(&root)))?;
    if named.contains('\n') || named.trim_start().starts_with('{') {
        return None;
    }
    let base = &stack.scope.base_dir;
    Some(if base == Path::new(".") {
        PathBuf::from(named)
    } else {
        base.join(named)
    })
}

/// The text with every `${Name}` that stands outside of a string put into quotes.
fn with_names_quoted(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    let (mut in_string, mut is_escaped) = (false, false);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let name = rest.strip_prefix("${").and_then(|name| name.find('}'));
        if let Some(end) = name.filter(|_| !in_string) {
            let (name, behind) = rest.split_at(end + 3);
            whole.push_str(&format!("\"{name}\""));
            rest = behind;
            continue;
        }
        if c == '"' && !is_escaped {
            in_string = !in_string;
        }
        is_escaped = in_string && c == '\\' && !is_escaped;
        whole.push(c);
        rest = &rest[c.len_utf8()..];
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_outside_of_strings_are_quoted() {
        let text = r#"{"a": ${A}, "b": "${B} \" $", "c": [${C},${D}]} $"#;
        let expected = r#"{"a": "${A}", "b": "${B} \" $", "c": ["${C}","${D}"]} $"#;
        assert_eq!(with_names_quoted(text), expected);
    }
}
