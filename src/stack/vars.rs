//! `[vars]`: values of the user's own, with a type, from the file or from outside.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::diagnostic::Diagnostic;
use super::document::{Document, Key, Node, NodeValue};
use super::inputs::VARIABLE_PREFIX;
use super::reference::plain;
use super::schema;
use super::secrets::{HIDDEN, Secrets};

/// A variable. `days = 30` is short for `days = { type = "integer", default = 30 }`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VariableTable {
    /// What its value is. Default: what the default is, else `string`.
    r#type: Option<VariableType>,
    /// The value if none is given. Without it, a value has to be given: as `--var NAME=VALUE`, as
    /// `ATHGLUE_VAR_NAME`, or in an env.
    #[allow(dead_code, reason = "it is read with its place")]
    default: Option<Value>,
    /// What it is for.
    #[allow(dead_code, reason = "it is there for who reads the file")]
    description: Option<String>,
    /// The values that are allowed.
    values: Option<Vec<Value>>,
    /// The least number that is allowed.
    min: Option<f64>,
    /// The largest number that is allowed.
    max: Option<f64>,
    /// Its value is never printed; it is a text of at least four characters. Default: false.
    #[serde(default)]
    sensitive: bool,
}

/// What a variable's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum VariableType {
    String,
    Integer,
    Number,
    Boolean,
}

impl VariableType {
    fn in_words(self) -> &'static str {
        match self {
            Self::String => "a text",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::Boolean => "true or false",
        }
    }

    fn of(value: &NodeValue) -> Option<Self> {
        match value {
            NodeValue::Text(_) => Some(Self::String),
            NodeValue::Integer(_) => Some(Self::Integer),
            NodeValue::Float(_) => Some(Self::Number),
            NodeValue::Bool(_) => Some(Self::Boolean),
            _ => None,
        }
    }

    /// The value that a text from outside stands for.
    fn read(self, text: &str) -> Option<NodeValue> {
        match self {
            Self::String => Some(NodeValue::Text(text.to_owned())),
            Self::Integer => text.trim().parse().ok().map(NodeValue::Integer),
            Self::Number => {
                let number: f64 = text.trim().parse().ok()?;
                number.is_finite().then_some(NodeValue::Float(number))
            }
            Self::Boolean => text.trim().parse().ok().map(NodeValue::Bool),
        }
    }

    fn admits(self, value: &NodeValue) -> bool {
        match (self, value) {
            (Self::Number, NodeValue::Integer(_)) => true,
            (wanted, value) => Self::of(value) == Some(wanted),
        }
    }
}

/// The variables with their values; what has none, or a wrong one, is [`NodeValue::Unknown`].
#[derive(Debug, Default)]
pub(super) struct Variables {
    pub values: BTreeMap<String, NodeValue>,
    pub sensitive: BTreeSet<String>,
}

impl Variables {
    pub fn secrets(&self) -> Secrets {
        let values = self
            .sensitive
            .iter()
            .filter_map(|name| self.values.get(name));
        let texts = values.filter_map(|value| match value {
            NodeValue::Text(text) => Some(text.clone()),
            _ => None,
        });
        Secrets::new(texts.collect())
    }
}

/// Reads `[vars]`. `interpolate` resolves what a default refers to. Where `may_lack` is true, a
/// variable without a value is no mistake.
pub(super) fn read(
    document: &Document,
    may_lack: bool,
    interpolate: impl Fn(&Node) -> Node,
    found: &mut Vec<Diagnostic>,
) -> Variables {
    let mut variables = Variables::default();
    let Some(node) = document.root.get("vars") else {
        return variables;
    };
    let Some(entries) = node.table() else {
        found.push(Diagnostic::new(
            node.span.clone(),
            "`vars` is a table",
            "no table",
        ));
        return variables;
    };
    for (key, node) in entries {
        let mut variable = Variable {
            key,
            table: VariableTable::default(),
            default: None,
            found: &mut *found,
        };
        let value = variable
            .declare(interpolate(node))
            .and_then(|()| variable.value(document, may_lack));
        if variable.table.sensitive {
            variables.sensitive.insert(key.name.clone());
        }
        let value = value.unwrap_or(NodeValue::Unknown);
        variables.values.insert(key.name.clone(), value);
    }
    variables
}

/// A variable's value as a text, as far as it is known before the account and the region are.
pub(super) fn early_text(document: &Document, name: &str) -> Option<String> {
    if let Some((given, _)) = document.inputs.value(name) {
        return Some(given.to_owned());
    }
    let node = document.root.get("vars")?.get(name)?;
    let node = if node.table().is_some() {
        node.get("default")?
    } else {
        node
    };
    plain(node.text()?, |path| match path {
        ["env", name] => std::env::var(name).ok(),
        ["stack", "env"] => document.inputs.env.clone(),
        _ => None,
    })
}

struct Variable<'a> {
    key: &'a Key,
    table: VariableTable,
    default: Option<Node>,
    found: &'a mut Vec<Diagnostic>,
}

impl Variable<'_> {
    fn wrong(&mut self, place: Range<usize>, message: String, label: impl Into<String>) {
        self.found.push(Diagnostic::new(place, message, label));
    }

    /// Reads what the file says of it; `None` if that is wrong.
    fn declare(&mut self, mut node: Node) -> Option<()> {
        let name = &self.key.name;
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || !name.chars().all(fits) {
            let message = format!("`{name}` is no name of a variable");
            let label = "a name is made of letters, digits, `_` and `-`";
            self.wrong(self.key.span.clone(), message, label);
            return None;
        }
        match &node.value {
            NodeValue::Array(_) => {
                let message = format!("the variable `{name}` is a list");
                self.wrong(
                    node.span,
                    message,
                    "a variable is a text, a number, true or false",
                );
                None
            }
            NodeValue::Table(_) => {
                let before = self.found.len();
                let what = format!("the variable `{name}`");
                let wanted = schema::of_variable();
                schema::check(&mut node, wanted, &what, self.found);
                if self.found.len() > before {
                    return None;
                }
                self.default = node.get("default").cloned();
                self.table = serde_json::from_value(node.to_json()).ok()?;
                self.check_declaration()
            }
            NodeValue::Unknown => None,
            _ => {
                self.table.r#type = VariableType::of(&node.value);
                self.default = Some(node);
                Some(())
            }
        }
    }

    fn wanted(&self) -> VariableType {
        let default = self.default.as_ref();
        self.table
            .r#type
            .or_else(|| default.and_then(|node| VariableType::of(&node.value)))
            .unwrap_or(VariableType::String)
    }

    fn check_declaration(&mut self) -> Option<()> {
        let wanted = self.wanted();
        let is_number = matches!(wanted, VariableType::Integer | VariableType::Number);
        let name = self.key.name.clone();
        let before = self.found.len();
        if !is_number && (self.table.min.is_some() || self.table.max.is_some()) {
            self.wrong(
                self.key.span.clone(),
                format!("the variable `{name}` is no number"),
                "`min` and `max` are for numbers",
            );
        }
        if self.table.sensitive && wanted != VariableType::String {
            self.wrong(
                self.key.span.clone(),
                format!("the variable `{name}` is sensitive and no text"),
                "only a text can be kept secret",
            );
        }
        (self.found.len() == before).then_some(())
    }

    /// Its value: what is given wins over the default.
    fn value(&mut self, document: &Document, may_lack: bool) -> Option<NodeValue> {
        let name = self.key.name.clone();
        let wanted = self.wanted();
        if let Some((text, by)) = document.inputs.value(&name) {
            let shown = if self.table.sensitive { HIDDEN } else { text };
            let Some(value) = wanted.read(text) else {
                self.wrong(
                    self.key.span.clone(),
                    format!("`{shown}`, given by {by}, is not {}", wanted.in_words()),
                    format!("the variable `{name}` is {}", wanted.in_words()),
                );
                return None;
            };
            return self.allow(value, self.key.span.clone(), &format!(", given by {by},"));
        }
        let Some(default) = self.default.take() else {
            if !may_lack {
                self.found.push(
                    Diagnostic::new(
                        self.key.span.clone(),
                        format!("the variable `{name}` has no value"),
                        "it has no default",
                    )
                    .with_help(format!(
                        "give one: --var {name}=VALUE, {VARIABLE_PREFIX}{name}=VALUE in the environment, or `default` here or in an env"
                    )),
                );
            }
            return None;
        };
        if matches!(default.value, NodeValue::Unknown) {
            return None;
        }
        if !wanted.admits(&default.value) {
            self.wrong(
                default.span,
                format!("the variable `{name}` is {}", wanted.in_words()),
                format!("not {}", wanted.in_words()),
            );
            return None;
        }
        self.allow(default.value, default.span, "")
    }

    /// Lets a value through that is within the bounds.
    fn allow(&mut self, value: NodeValue, place: Range<usize>, by: &str) -> Option<NodeValue> {
        let name = self.key.name.clone();
        if self.table.sensitive {
            let short = |text: &str| text.chars().count() < Secrets::LEAST_CHARACTERS;
            if matches!(&value, NodeValue::Text(text) if short(text)) {
                self.wrong(
                    place,
                    format!("the sensitive variable `{name}` is too short to be hidden"),
                    format!("at least {} characters are", Secrets::LEAST_CHARACTERS),
                );
                return None;
            }
        }
        let shown = match &value {
            _ if self.table.sensitive => HIDDEN.to_owned(),
            NodeValue::Text(text) => text.clone(),
            value => Node::new(0..0, value.clone()).to_json().to_string(),
        };
        let json = Node::new(0..0, value.clone()).to_json();
        let same = |allowed: &Value| match (allowed.as_f64(), json.as_f64()) {
            (Some(a), Some(b)) => a == b,
            _ => *allowed == json,
        };
        if let Some(values) = &self.table.values
            && !values.iter().any(same)
        {
            let known: Vec<String> = values
                .iter()
                .map(|value| match value {
                    Value::String(text) => text.clone(),
                    value => value.to_string(),
                })
                .collect();
            let diagnostic = Diagnostic::new(
                place,
                format!("`{shown}`{by} is no value of the variable `{name}`"),
                format!("one of {}", known.join(", ")),
            );
            let known = known.iter().map(String::as_str);
            self.found.push(diagnostic.suggest(&shown, known));
            return None;
        }
        if let Some(number) = json.as_f64() {
            let least = self.table.min.filter(|min| number < *min);
            let most = self.table.max.filter(|max| number > *max);
            let bound = least
                .map(|min| format!("at least {min}"))
                .or_else(|| most.map(|max| format!("at most {max}")));
            if let Some(bound) = bound {
                self.wrong(
                    place,
                    format!("`{shown}`{by} is out of the bounds of the variable `{name}`"),
                    bound,
                );
                return None;
            }
        }
        Some(value)
    }
}
