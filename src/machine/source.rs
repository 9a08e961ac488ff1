//! Where a definition is from: a table of the stack, or a file.

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::place::place_at;
use super::{Place, list, place_of, read_yaml};
use crate::resource::Address;
use crate::stack::{Document, Stack};

/// A definition, and the text that it was read from, if there is one.
#[derive(Debug, Clone)]
pub struct Definition {
    pub value: Value,
    /// The file, as the user would name it, and what is in it.
    pub text: Option<(PathBuf, String)>,
    /// The stack.toml that has it itself.
    inline: Option<Inline>,
}

/// Where a definition is that stands in stack.toml.
#[derive(Debug, Clone)]
struct Inline {
    document: Document,
    /// The id of the machine.
    id: String,
}

/// What is said of a file that is none.
const NO_DEFINITION: &str = "it is no state machine's definition, which is JSON, or YAML in a file \
                             called *.yaml; a machine of stack.toml is called by its id";

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
        let found = Self {
            value,
            text: None,
            inline: None,
        };
        let Some(document) = stack.document() else {
            return Some(found);
        };
        match file_of(&document, id, &stack.scope.base_dir) {
            Some(file) => {
                let text = std::fs::read_to_string(&file).ok();
                Some(Self {
                    text: text.map(|text| (file, text)),
                    ..found
                })
            }
            None => Some(found.written_in(&document, id)),
        }
    }

    /// The same as that of a machine of stack.toml, if it is not in a file of its own.
    pub fn written_in(mut self, document: &Document, id: &str) -> Self {
        if self.text.is_none() {
            self.inline = Some(Inline {
                document: document.clone(),
                id: id.to_owned(),
            });
        }
        self
    }

    /// The definition that the key `definition` of a machine says, as it is written: its substitutions
    /// are not made. None if it cannot be read.
    pub fn as_written(given: &Value, base_dir: &Path) -> Option<Self> {
        let inside = |value: Option<Value>| {
            let value = value.filter(|value| value["States"].is_object())?;
            Some(Self {
                value,
                text: None,
                inline: None,
            })
        };
        match given {
            Value::String(text) if text.trim_start().starts_with('{') => {
                inside(serde_json::from_str(&with_names_quoted(text)).ok())
            }
            Value::String(text) if text.contains('\n') => inside(read_yaml(text).ok()),
            Value::String(file) if base_dir == Path::new(".") => Self::read(Path::new(file)).ok(),
            Value::String(file) => Self::read(&base_dir.join(file)).ok(),
            given => inside(Some(given.clone())),
        }
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
            Some("yaml" | "yml") => read_yaml(&text).map_err(|error| form(error.to_string()))?,
            Some("toml" | "md" | "svg" | "txt" | "csv") => {
                return Err(form(NO_DEFINITION.to_owned()));
            }
            _ if text.trim().is_empty() => {
                return Err(form(format!("it is empty; {NO_DEFINITION}")));
            }
            _ => serde_json::from_str(&with_names_quoted(&text))
                .map_err(|error| form(format!("{error}; {NO_DEFINITION}")))?,
        };
        if value["States"].is_object() {
            Ok(Self {
                value,
                text: Some((file.to_owned(), text)),
                inline: None,
            })
        } else {
            Err(form(
                "it has no States, so it is no state machine's definition".to_owned(),
            ))
        }
    }

    /// The file of a state, what is in it, and the state's place there.
    pub fn place(&self, state: &str) -> Option<(&Path, &str, Place)> {
        if let Some((file, text)) = &self.text {
            return Some((file, text, place_of(text, state)?));
        }
        let span = self.place_in_stack(&path_of(&self.value, state)?)?;
        let source = self.inline.as_ref()?.document.source();
        let place = place_at(&source.text, span);
        Some((Path::new(&source.display), &source.text, place))
    }

    /// The bytes of stack.toml where a path of names and indices leads to; none of a definition that
    /// is in another file.
    pub fn place_in_stack(&self, path: &[String]) -> Option<Range<usize>> {
        let Inline { document, id } = self.inline.as_ref()?;
        document.place_in_definition(id, path)
    }
}

/// The names and indices that lead to a state of a flow, at any depth.
fn path_of(flow: &Value, state: &str) -> Option<Vec<String>> {
    let states = flow["States"].as_object()?;
    let to =
        |steps: &[&str]| -> Vec<String> { steps.iter().map(|step| (*step).to_owned()).collect() };
    if states.contains_key(state) {
        return Some(to(&["States", state]));
    }
    states.iter().find_map(|(name, outer)| {
        let of_map = ["ItemProcessor", "Iterator"].into_iter();
        let of_map = of_map.map(|field| (to(&["States", name.as_str(), field]), &outer[field]));
        let of_parallel = list(&outer["Branches"]).enumerate();
        let of_parallel = of_parallel.map(|(index, branch)| {
            let index = index.to_string();
            (
                to(&["States", name.as_str(), "Branches", index.as_str()]),
                branch,
            )
        });
        of_map.chain(of_parallel).find_map(|(mut path, inner)| {
            path.extend(path_of(inner, state)?);
            Some(path)
        })
    })
}

/// The file that `definition` of a state machine names, as seen from where the user is.
fn file_of(document: &Document, id: &str, base: &Path) -> Option<PathBuf> {
    let (_, definition) = document.definition(id)?;
    let named = definition.as_str()?;
    if named.contains('\n') || named.trim_start().starts_with('{') {
        return None;
    }
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
    fn a_file_that_is_no_definition_is_said_to_be_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let told = |name: &str, text: &str| {
            let file = folder.path().join(name);
            std::fs::write(&file, text).expect("a file");
            let error = Definition::read(&file)
                .expect_err("no definition")
                .to_string();
            let (_, told) = error.split_once(name).expect("its name");
            told.to_owned()
        };
        assert!(told("stack.toml", "[stack]").starts_with(": it is no state machine's definition"));
        assert!(told("a.json", "").starts_with(": it is empty; it is no state"));
        assert!(told("b.json", "[x").contains("line 1 column 2; it is no state"));
    }

    #[test]
    fn a_state_is_found_at_any_depth() {
        let inner = serde_json::json!({"States": {"In": {"Type": "Succeed"}}});
        let flow = serde_json::json!({"States": {
            "Done": {"Type": "Succeed"},
            "Both": {"Type": "Parallel", "Branches": [
                {"States": {}},
                {"States": {"Each": {"Type": "Map", "ItemProcessor": inner}}}]}}});
        let path = |state: &str| path_of(&flow, state).map(|path| path.join("/"));
        assert_eq!(path("Done").as_deref(), Some("States/Done"));
        let inside = "States/Both/Branches/1/States/Each/ItemProcessor/States/In";
        assert_eq!(path("In").as_deref(), Some(inside));
        assert_eq!(path("Out"), None);
    }

    #[test]
    fn names_outside_of_strings_are_quoted() {
        let text = r#"{"a": ${A}, "b": "${B} \" $", "c": [${C},${D}]} $"#;
        let expected = r#"{"a": "${A}", "b": "${B} \" $", "c": ["${C}","${D}"]} $"#;
        assert_eq!(with_names_quoted(text), expected);
    }
}
