//! Values that come in place of `${Name}`, as SAM's `DefinitionSubstitutions` do.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Form;
use super::missing::Missing;
use super::written::Written;
use crate::resource::Problem;

/// The values of a definition's names. Collects every mistake.
pub(super) struct Substitutions<'a> {
    written: &'a Written,
    values: &'a BTreeMap<String, String>,
    used: Vec<String>,
    problems: Vec<Problem>,
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

impl<'a> Substitutions<'a> {
    pub fn new(written: &'a Written, values: &'a BTreeMap<String, String>) -> Self {
        Self {
            written,
            values,
            used: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// The names that have no value.
    pub fn missing(&self) -> Missing {
        let used = self.used.iter();
        Missing::new(
            used.filter(|name| !self.values.contains_key(*name))
                .cloned(),
        )
    }

    /// What is wrong: names without a value, and values without a name.
    pub fn problems(self) -> Vec<Problem> {
        let mut problems = self.problems;
        for name in self.values.keys().filter(|name| !self.used.contains(name)) {
            problems.push(Problem::new(
                &format!("substitutions.{name}"),
                format!("`${{{name}}}` is nowhere in {}", self.written.name()),
                "substitutes nothing",
            ));
        }
        problems
    }

    /// The value of a name that stands at a byte of the text, or at a path of the table.
    fn value(&mut self, name: &str, at: At) -> Option<&'a str> {
        self.used.push(name.to_owned());
        let value = self.values.get(name);
        if value.is_none() {
            let (key, place) = match at {
                At::Byte(start) => (
                    "definition",
                    self.written.bytes(start..start + name.len() + 3),
                ),
                At::Path(path) => (path, None),
            };
            let problem = Problem::new(
                key,
                format!("`${{{name}}}` has no substitution"),
                "used in this definition",
            );
            let help = format!("add {name} = \"…\" under substitutions");
            self.problems.push(problem.with_help(help).at(place));
        }
        value.map(String::as_str)
    }

    /// The text with the values in it. Names without one stay.
    pub fn in_text(&mut self, text: &str, form: Form) -> String {
        match form {
            // A value stands inside of a JSON string, or is a number.
            Form::Json => self.expand(text, 0, |_, value| json_inside(value), json_left),
            Form::Yaml => self.in_yaml(text),
        }
    }

    /// Puts the values into a text that starts at byte `start`, in a form that may depend on what
    /// stands before; `left` is the one of `${Name}` where there is no value.
    fn expand(
        &mut self,
        text: &str,
        start: usize,
        form: impl Fn(&str, &str) -> String,
        left: impl Fn(&str, &str) -> String,
    ) -> String {
        let mut whole = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, name, behind)) = next_name(rest) {
            let at = start + text.len() - rest.len() + before.len();
            whole.push_str(before);
            let shown = match self.value(name, At::Byte(at)) {
                Some(value) => form(&whole, value),
                None => left(&whole, &format!("${{{name}}}")),
            };
            whole.push_str(&shown);
            rest = behind;
        }
        whole.push_str(rest);
        whole
    }

    /// A value that stands alone, without quotes, is what YAML takes it for: `${Limit}` may be a
    /// number. Everywhere else it is text.
    fn in_yaml(&mut self, text: &str) -> String {
        let mut whole = String::with_capacity(text.len());
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let is_alone = line
                .find("${")
                .filter(|at| line[..*at].trim_end().ends_with([':', '-']))
                .and_then(|_| next_name(line))
                .is_some_and(|(_, _, behind)| behind.trim().is_empty());
            let form = |before: &str, value: &str| {
                if is_alone {
                    yaml_alone(value)
                } else {
                    yaml_inside(before, value)
                }
            };
            whole += &self.expand(line, start, form, |_, name| name.to_owned());
            start += line.len();
        }
        whole
    }

    /// Puts the values into a table, whose path in stack.toml is `path`.
    pub fn in_value(&mut self, value: &mut Value, path: &str) {
        match value {
            Value::String(text) => *text = self.in_member(text, path),
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.in_value(item, &format!("{path}.{index}"));
                }
            }
            Value::Object(members) => {
                for (name, member) in members {
                    self.in_value(member, &format!("{path}.{name}"));
                }
            }
            _ => {}
        }
    }

    fn in_member(&mut self, text: &str, path: &str) -> String {
        let mut whole = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, name, behind)) = next_name(rest) {
            whole.push_str(before);
            match self.value(name, At::Path(path)) {
                Some(value) => whole.push_str(value),
                None => whole.push_str(&format!("${{{name}}}")),
            }
            rest = behind;
        }
        whole.push_str(rest);
        whole
    }
}

/// Where a name stands.
enum At<'p> {
    Byte(usize),
    Path(&'p str),
}

fn json_inside(text: &str) -> String {
    let quoted = Value::String(text.to_owned()).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// A `${Name}` that stays in JSON: outside of a text it becomes one.
fn json_left(before: &str, name: &str) -> String {
    let (mut is_in_text, mut is_escaped) = (false, false);
    for c in before.chars() {
        if c == '"' && !is_escaped {
            is_in_text = !is_in_text;
        }
        is_escaped = is_in_text && c == '\\' && !is_escaped;
    }
    if is_in_text {
        name.to_owned()
    } else {
        format!("\"{name}\"")
    }
}

/// A value that is all that stands behind a key of YAML.
fn yaml_alone(value: &str) -> String {
    match serde_json::from_str::<Value>(value) {
        Ok(Value::Number(_) | Value::Bool(_)) => value.to_owned(),
        _ => Value::from(value).to_string(),
    }
}

/// A value inside of a text of YAML: escaped where it is in double quotes, with its quotes doubled
/// in single ones, and as it is elsewhere.
fn yaml_inside(line: &str, value: &str) -> String {
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
