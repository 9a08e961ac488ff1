//! `stack.toml` as it is written: values with their places, nothing resolved yet.

use std::ops::Range;
use std::path::Path;
use std::string::FromUtf8Error;
use std::sync::Arc;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::{Diagnostic, Diagnostics, Source};
use super::inputs::{InputError, Inputs};
use super::interpolate::refers_to;
use super::{Stack, env, resolve, written};
use crate::machine;

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub span: Range<usize>,
    pub value: NodeValue,
    /// It was a reference, so that its text may stand for a number.
    pub was_text: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum NodeValue {
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    Array(Vec<Node>),
    Table(Vec<(Key, Node)>),
    /// A reference to something that is itself wrong: whatever is expected here, it may fit.
    Unknown,
}

/// A table's key and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub name: String,
    pub span: Range<usize>,
}

impl Node {
    pub fn new(span: Range<usize>, value: NodeValue) -> Self {
        Self {
            span,
            value,
            was_text: false,
        }
    }

    pub fn table(&self) -> Option<&[(Key, Node)]> {
        match &self.value {
            NodeValue::Table(entries) => Some(entries),
            _ => None,
        }
    }

    pub fn get(&self, key: &str) -> Option<&Node> {
        let (_, node) = self.table()?.iter().find(|(k, _)| k.name == key)?;
        Some(node)
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        let NodeValue::Table(entries) = &mut self.value else {
            return None;
        };
        let (_, node) = entries.iter_mut().find(|(k, _)| k.name == key)?;
        Some(node)
    }

    /// Adds a key that a table does not have yet.
    pub fn insert(&mut self, key: Key, node: Node) {
        if let NodeValue::Table(entries) = &mut self.value {
            entries.push((key, node));
        }
    }

    pub fn text(&self) -> Option<&str> {
        match &self.value {
            NodeValue::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn to_json(&self) -> Value {
        match &self.value {
            NodeValue::Bool(value) => Value::Bool(*value),
            NodeValue::Integer(number) => Value::from(*number),
            NodeValue::Float(number) => Value::from(*number),
            NodeValue::Text(text) => Value::String(text.clone()),
            NodeValue::Array(items) => items.iter().map(Node::to_json).collect(),
            NodeValue::Table(entries) => entries
                .iter()
                .map(|(key, value)| (key.name.clone(), value.to_json()))
                .collect(),
            NodeValue::Unknown => Value::Null,
        }
    }
}

/// The place of what a path leads to, or of its name if it is a table or a list.
fn place_below(node: &Node, path: &[String]) -> Option<Range<usize>> {
    let (step, rest) = path.split_first()?;
    let (name, inner) = match &node.value {
        NodeValue::Array(items) => {
            let item = items.get(step.parse::<usize>().ok()?)?;
            (&item.span, item)
        }
        NodeValue::Table(entries) => {
            let (key, inner) = entries.iter().find(|(key, _)| key.name == *step)?;
            (&key.span, inner)
        }
        _ => return None,
    };
    let own = match inner.value {
        NodeValue::Table(_) | NodeValue::Array(_) => name,
        _ => &inner.span,
    };
    Some(place_below(inner, rest).unwrap_or_else(|| own.clone()))
}

/// A `stack.toml` that is TOML; what it means is for [`Document::resolve`].
#[derive(Debug, Clone)]
pub struct Document {
    pub(super) source: Arc<Source>,
    /// Everything but the envs; with the env that is meant laid over it.
    pub(super) root: Node,
    /// What differs in each env.
    pub(super) envs: Vec<(Key, Node)>,
    /// Mistakes of the envs, each compared with the file without any.
    pub(super) env_mistakes: Vec<Diagnostic>,
    pub(super) inputs: Inputs,
}

impl Document {
    /// Reads the file. Fails if there is none, or if it is not TOML.
    pub fn load(path: &Path) -> Result<Self, Diagnostics> {
        match std::fs::read(path).map(String::from_utf8) {
            Ok(Ok(text)) => Self::parse(Source::at(path, text)),
            Ok(Err(error)) => Err(not_utf_8(path, &error)),
            Err(error) => {
                let source = Source::at(path, String::new());
                let message = format!("cannot read {}: {error}", source.display);
                let diagnostic = Diagnostic::new(0..0, message, "");
                Err(Diagnostics::new(Arc::new(source), vec![diagnostic]))
            }
        }
    }

    pub fn parse(source: Source) -> Result<Self, Diagnostics> {
        let (table, errors) = DeTable::parse_recoverable(&source.text);
        if !errors.is_empty() {
            let end = source.text.len();
            let list = errors
                .iter()
                .map(|error| {
                    let span = error.span().unwrap_or(end..end);
                    Diagnostic::new(span, error.message(), "not TOML")
                })
                .collect();
            return Err(Diagnostics::new(Arc::new(source), list));
        }
        let mut too_long = Vec::new();
        let root = of_table(table.get_ref(), &mut too_long);
        let mut root = Node::new(table.span(), root);
        if !too_long.is_empty() {
            return Err(Diagnostics::new(Arc::new(source), too_long));
        }
        let mut env_mistakes = Vec::new();
        let envs = take_envs(&mut root, &mut env_mistakes);
        for (name, node) in &envs {
            env::check(&root, name, node, &mut env_mistakes);
        }
        Ok(Self {
            source: Arc::new(source),
            root,
            envs,
            env_mistakes,
            inputs: Inputs::default(),
        })
    }

    /// The stack of an env, with variables from outside. Fails if there is no such env or
    /// variable. To be called once.
    pub fn with(mut self, inputs: Inputs) -> Result<Self, InputError> {
        let file = || self.source.display.clone();
        if let Some(env) = &inputs.env {
            let Some((_, node)) = self.envs.iter().find(|(key, _)| key.name == *env) else {
                return Err(InputError::NoSuchEnv {
                    env: env.clone(),
                    file: file(),
                    known: self.envs(),
                });
            };
            env::merge(&mut self.root, node);
        }
        let known = self.ids("vars");
        if let Some(given) = inputs
            .given
            .iter()
            .find(|given| !known.contains(&given.name))
        {
            return Err(InputError::NoSuchVariable {
                name: given.name.clone(),
                file: file(),
                known,
            });
        }
        self.inputs = inputs;
        Ok(self)
    }

    /// The text of the file, and what it is called.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The file, as the user named it.
    pub fn file(&self) -> &str {
        &self.source.display
    }

    /// Whether no env is chosen and something is made of the env's name.
    pub fn needs_env(&self) -> bool {
        self.inputs.env.is_none()
            && !self.envs.is_empty()
            && refers_to(&self.root, &|path| path == ["stack", "env"])
    }

    /// The names of the envs, in the file's order.
    pub fn envs(&self) -> Vec<String> {
        self.envs.iter().map(|(key, _)| key.name.clone()).collect()
    }

    /// The ids of a kind's tables, as they are written.
    pub fn ids(&self, kind: &str) -> Vec<String> {
        let tables = self.root.get(kind).and_then(Node::table);
        let ids = tables.into_iter().flatten();
        ids.map(|(key, _)| key.name.clone()).collect()
    }

    /// Resolves every reference and checks every key: all mistakes at once.
    pub fn resolve(&self, account_id: &str, region: &str) -> Result<Stack, Diagnostics> {
        resolve::resolve(self, account_id, region, false)
    }

    /// What is right of the file, whatever else is wrong with it: good for nothing but to find more
    /// that is.
    pub fn sketch(&self, account_id: &str, region: &str) -> Stack {
        resolve::sketch(self, account_id, region)
    }

    /// The `definition` of a state machine as it is written, and the place of the machine's id.
    pub fn definition(&self, id: &str) -> Option<(Range<usize>, Value)> {
        let machines = self.root.get("state_machines")?.table()?;
        let (key, table) = machines.iter().find(|(key, _)| key.name == id)?;
        Some((key.span.clone(), table.get("definition")?.to_json()))
    }

    /// Where a path of names and indices leads to in the file: to the value, or to the name if that is
    /// a table or a list. What is not there stands where its nearest parent is that is.
    pub fn place(&self, path: &[String]) -> Option<Range<usize>> {
        place_below(&self.root, path)
    }

    /// Where a path of names and indices leads to in a state machine's definition that the file has
    /// itself, as tables or as a text. What is not there stands where its nearest parent is that is.
    pub fn place_in_definition(&self, id: &str, path: &[String]) -> Option<Range<usize>> {
        let machine = self.root.get("state_machines")?.get(id)?;
        let definition = machine.get("definition")?;
        let Some(text) = definition.text() else {
            return place_below(definition, path);
        };
        let part = machine::place_of_path(text, path, false)?.span;
        written::in_file(&self.source.text, &definition.span, text, part)
    }

    /// The functions that the embedded cloud is to have, right or wrong.
    pub fn functions(&self) -> Vec<String> {
        let functions = self
            .root
            .get("local")
            .and_then(|local| local.get("functions"));
        let functions = functions.and_then(Node::table).into_iter().flatten();
        functions.map(|(key, _)| key.name.clone()).collect()
    }

    /// Checks the file as it is in every env, beside the one that is meant. A variable that only
    /// gets its value from outside is then taken to have a right one.
    pub fn check_envs(&self, account_id: &str, region: &str) -> Result<(), Diagnostics> {
        let mut all = Vec::new();
        for env in self.envs() {
            let bare = Self::parse(self.source.as_ref().clone())?;
            let inputs = Inputs {
                env: Some(env),
                ..self.inputs.clone()
            };
            if let Ok(document) = bare.with(inputs)
                && let Err(mistakes) = resolve::resolve(&document, account_id, region, true)
            {
                all.extend(mistakes.list);
            }
        }
        if all.is_empty() {
            Ok(())
        } else {
            Err(Diagnostics::new(self.source.clone(), all))
        }
    }
}

/// Takes `[env.…]` out of the file.
fn take_envs(root: &mut Node, found: &mut Vec<Diagnostic>) -> Vec<(Key, Node)> {
    let NodeValue::Table(entries) = &mut root.value else {
        return Vec::new();
    };
    let Some(at) = entries.iter().position(|(key, _)| key.name == "env") else {
        return Vec::new();
    };
    let (key, node) = entries.remove(at);
    match node.value {
        NodeValue::Table(mut envs) => {
            envs.sort_by_key(|(name, _)| name.span.start);
            envs
        }
        _ => {
            found.push(Diagnostic::new(
                key.span,
                "`env` is written with a name: [env.NAME.KIND.ID]",
                "not a table",
            ));
            Vec::new()
        }
    }
}

/// The mistake of a file with a byte that is no text, at the place of the first.
fn not_utf_8(path: &Path, error: &FromUtf8Error) -> Diagnostics {
    let at = error.utf8_error().valid_up_to();
    let byte = error.as_bytes().get(at).copied().unwrap_or_default();
    // Up to the place it is the text itself; at the place U+FFFD stands for what is none.
    let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
    let end = text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
    let source = Source::at(path, text);
    let message = format!("{} is not UTF-8", source.display);
    let label = format!("the byte {byte:#04x} is no text");
    let mistake = Diagnostic::new(at..end, message, label).with_help("save the file as UTF-8");
    Diagnostics::new(Arc::new(source), vec![mistake])
}

/// A table as it is written; `found` takes the numbers that are too long.
fn of_table(table: &DeTable<'_>, found: &mut Vec<Diagnostic>) -> NodeValue {
    let entries = table.iter().map(|(key, value)| {
        let key = Key {
            name: key.get_ref().to_string(),
            span: key.span(),
        };
        (key, of_value(value, found))
    });
    NodeValue::Table(entries.collect())
}

fn of_value(value: &Spanned<DeValue<'_>>, found: &mut Vec<Diagnostic>) -> Node {
    let node = match value.get_ref() {
        DeValue::String(text) => NodeValue::Text(text.to_string()),
        DeValue::Integer(number) => {
            let digits = number.as_str().replace('_', "");
            match i64::from_str_radix(&digits, number.radix()) {
                Ok(number) => NodeValue::Integer(number),
                Err(_) => {
                    // TOML: what fits into no 64 bits is an error.
                    let bound = if digits.starts_with('-') {
                        format!("an integer is at least {}", i64::MIN)
                    } else {
                        format!("an integer is at most {}", i64::MAX)
                    };
                    let message = format!("{number} is beyond 64 bits");
                    found.push(Diagnostic::new(value.span(), message, bound));
                    NodeValue::Unknown
                }
            }
        }
        DeValue::Float(number) => match number.as_str().replace('_', "").parse() {
            Ok(number) => NodeValue::Float(number),
            Err(_) => NodeValue::Text(number.to_string()),
        },
        DeValue::Boolean(value) => NodeValue::Bool(*value),
        DeValue::Datetime(when) => NodeValue::Text(when.to_string()),
        DeValue::Array(items) => {
            let items = items.iter().map(|item| of_value(item, found));
            NodeValue::Array(items.collect())
        }
        DeValue::Table(table) => of_table(table, found),
    };
    Node::new(value.span(), node)
}
