//! Values that come in place of `${Name}`, as SAM's `DefinitionSubstitutions` do.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Form;
use super::missing::Missing;
use super::written::Written;
use super::yaml;
use super::yaml_value::{self, Refusal};
use crate::resource::{Problem, kind};

/// The values of a definition's names. Collects every mistake.
pub(super) struct Substitutions<'a> {
    written: &'a Written,
    values: &'a BTreeMap<String, String>,
    used: Vec<String>,
    problems: Vec<Problem>,
    /// A value cannot stand where its name does.
    refuses: bool,
    /// For each line of the text with its values, the line that it was, from 1; empty where both have
    /// the same lines.
    lines: Vec<usize>,
}

/// `${Name}` in a text: what stands before it, the name, and the text behind it.
fn next_name(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(at) = text[from..].find("${").map(|at| at + from) {
        let name = text[at + 2..].split_once('}').map(|(name, _)| name);
        if let Some(name) = name.filter(|name| is_name(name)) {
            return Some((&text[..at], name, &text[at + 2 + name.len() + 1..]));
        }
        from = at + 2;
    }
    None
}

/// Whether what stands in the braces is a name: `Limit`, or what stands for a value elsewhere,
/// `buckets.data` in stack.toml and `AWS::Region` in CloudFormation. JSONata's `${a: b}` is none.
fn is_name(text: &str) -> bool {
    let is_qualified = is_qualified(text);
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_' || (is_qualified && c == '-');
    let is_word = |word: &str| !word.is_empty() && word.chars().all(is_letter);
    text.split("::")
        .flat_map(|part| part.split('.'))
        .all(is_word)
}

/// Whether a name is no word of the definition's own.
fn is_qualified(name: &str) -> bool {
    name.contains('.') || name.contains("::")
}

/// What gives a name its value. A definition is not read as stack.toml is: what would be a reference
/// there is a substitution's value.
fn help(name: &str) -> String {
    let head = name.split('.').next().unwrap_or_default();
    let is_of_stack = matches!(head, "vars" | "stack" | "aws" | "env") || kind(head).is_some();
    let value = match name {
        "AWS::Region" => "${aws.region}".to_owned(),
        "AWS::AccountId" => "${aws.account_id}".to_owned(),
        _ if is_of_stack && is_qualified(name) => format!("${{{name}}}"),
        _ => "…".to_owned(),
    };
    if is_qualified(name) {
        format!("add \"{name}\" = \"{value}\" under substitutions")
    } else {
        format!("add {name} = \"{value}\" under substitutions")
    }
}

impl<'a> Substitutions<'a> {
    pub fn new(written: &'a Written, values: &'a BTreeMap<String, String>) -> Self {
        Self {
            written,
            values,
            used: Vec::new(),
            problems: Vec::new(),
            refuses: false,
            lines: Vec::new(),
        }
    }

    /// The line, as it was written, of a line of the text with its values; both from 1.
    pub fn line(&self, line: usize) -> usize {
        let found = line.checked_sub(1).and_then(|at| self.lines.get(at));
        match (found, self.lines.last()) {
            (Some(found), _) => *found,
            // What is missing at the end stands behind it.
            (None, Some(last)) => last + line.saturating_sub(self.lines.len()),
            (None, None) => line,
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

    /// Whether a value cannot stand where its name does.
    pub fn refuses(&self) -> bool {
        self.refuses
    }

    /// What is wrong: names without a value, and values without a name.
    pub fn problems(mut self) -> Vec<Problem> {
        let unused = self.unused();
        self.problems.extend(unused);
        self.problems
    }

    /// Values without a name.
    pub fn unused(&self) -> Vec<Problem> {
        let names = self.values.keys().filter(|name| !self.used.contains(name));
        let told = names.map(|name| {
            Problem::new(
                &format!("substitutions.{name}"),
                format!("`${{{name}}}` is nowhere in {}", self.written.name()),
                "substitutes nothing",
            )
        });
        told.collect()
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
            self.problems.push(problem.with_help(help(name)).at(place));
        }
        value.map(String::as_str)
    }

    /// The text with the values in it. Names without one stay.
    pub fn in_text(&mut self, text: &str, form: Form) -> String {
        match form {
            // A value stands inside of a JSON string, or is a number.
            Form::Json => self.expand(text, 0, |_, value, _| Ok(json_inside(value)), json_left),
            Form::Yaml => self.in_yaml(text),
        }
    }

    /// Puts the values into a text that starts at byte `start`, in a form that may depend on what
    /// stands before and behind, unless the value cannot stand there; `left` is the one of `${Name}`
    /// where there is no value.
    fn expand(
        &mut self,
        text: &str,
        start: usize,
        form: impl Fn(&str, &str, &str) -> Result<String, Refusal>,
        left: impl Fn(&str, &str) -> String,
    ) -> String {
        let mut whole = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, name, behind)) = next_name(rest) {
            let at = start + text.len() - rest.len() + before.len();
            whole.push_str(before);
            let shown = match self.value(name, At::Byte(at)) {
                Some(value) => form(&whole, value, behind).unwrap_or_else(|refusal| {
                    self.cannot_stand(name, at, &refusal);
                    // Which is a part of a text wherever it stands: what else is wrong is told.
                    name.to_owned()
                }),
                None => left(&whole, &format!("${{{name}}}")),
            };
            whole.push_str(&shown);
            rest = behind;
        }
        whole.push_str(rest);
        whole
    }

    /// A value that would not stay what it is.
    fn cannot_stand(&mut self, name: &str, at: usize, refusal: &Refusal) {
        let Refusal { place, why, help } = refusal;
        let problem = Problem::new(
            "definition",
            format!("`${{{name}}}` cannot stand in {place}: its value {why}"),
            format!("in {place}"),
        );
        let place = self.written.bytes(at..at + name.len() + 3);
        self.problems.push(problem.with_help(*help).at(place));
        self.refuses = true;
    }

    /// A value that stands alone, without quotes, is what YAML takes it for: `${Limit}` may be a
    /// number. Everywhere else it is text.
    fn in_yaml(&mut self, text: &str) -> String {
        let mut whole = String::with_capacity(text.len());
        let mut start = 0;
        let mut lines = yaml::Lines::default();
        let mut written = Vec::new();
        for (index, line) in text.split_inclusive('\n').enumerate() {
            let inside = lines.next(line);
            let is_alone = matches!(inside, yaml::Inside::Plain(_)) && stands_alone(line);
            let form = |before: &str, value: &str, behind: &str| {
                if is_alone {
                    Ok(yaml_alone(value))
                } else {
                    yaml_value::inside(inside.after(before), before, value, behind)
                }
            };
            let expanded = self.expand(line, start, form, |_, name| name.to_owned());
            let count = expanded.lines().count().max(1);
            written.extend(std::iter::repeat_n(index + 1, count));
            whole += &expanded;
            start += line.len();
        }
        self.lines = written;
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

pub(super) fn json_inside(text: &str) -> String {
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

/// Whether the only value of a line of YAML is all that stands behind a key or a dash.
fn stands_alone(line: &str) -> bool {
    let Some((before, _, behind)) = next_name(line) else {
        return false;
    };
    // `key: `, `- `, `- - `; not `text-` nor `text - `.
    let way = before.trim_end();
    let is_item = !way.is_empty() && way.split_whitespace().all(|word| word == "-");
    if way.len() == before.len() || !(way.ends_with(':') || is_item) {
        return false;
    }
    let rest = behind.trim_start();
    rest.is_empty() || (rest.starts_with('#') && rest.len() < behind.len())
}
