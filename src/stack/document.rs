//! `stack.toml` as it is written: values with their places, nothing resolved yet.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Stack;
use super::diagnostic::{Diagnostic, Diagnostics, Source};
use super::resolve;

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

    pub fn text(&self) -> Option<&str> {
        match &self.value {
            NodeValue::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// A `stack.toml` that is TOML; what it means is for [`Document::resolve`].
#[derive(Debug, Clone)]
pub struct Document {
    pub(super) source: Arc<Source>,
    pub(super) root: Node,
}

impl Document {
    /// Reads the file. Fails if there is none, or if it is not TOML.
    pub fn load(path: &Path) -> Result<Self, Diagnostics> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(Source::at(path, text)),
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
        let root = Node::new(table.span(), of_table(table.get_ref()));
        Ok(Self {
            source: Arc::new(source),
            root,
        })
    }

    /// The region under `[stack]`, if it is written out or comes from the environment.
    pub fn region(&self) -> Option<String> {
        let text = self.root.get("stack")?.get("region")?.text()?;
        resolve::plain(text)
    }

    /// The name under `[stack]`.
    pub fn name(&self) -> Option<&str> {
        self.root.get("stack")?.get("name")?.text()
    }

    /// The ids of a kind's tables, as they are written.
    pub fn ids(&self, kind: &str) -> Vec<String> {
        let tables = self.root.get(kind).and_then(Node::table);
        let ids = tables.into_iter().flatten();
        ids.map(|(key, _)| key.name.clone()).collect()
    }

    /// Resolves every reference and checks every key: all mistakes at once.
    pub fn resolve(&self, account_id: &str, region: &str) -> Result<Stack, Diagnostics> {
        resolve::resolve(self, account_id, region)
    }
}

fn of_table(table: &DeTable<'_>) -> NodeValue {
    let entries = table.iter().map(|(key, value)| {
        let key = Key {
            name: key.get_ref().to_string(),
            span: key.span(),
        };
        (key, of_value(value))
    });
    NodeValue::Table(entries.collect())
}

fn of_value(value: &Spanned<DeValue<'_>>) -> Node {
    let node = match value.get_ref() {
        DeValue::String(text) => NodeValue::Text(text.to_string()),
        DeValue::Integer(number) => {
            let digits = number.as_str().replace('_', "");
            match i64::from_str_radix(&digits, number.radix()) {
                Ok(number) => NodeValue::Integer(number),
                Err(_) => NodeValue::Text(number.to_string()),
            }
        }
        DeValue::Float(number) => match number.as_str().replace('_', "").parse() {
            Ok(number) => NodeValue::Float(number),
            Err(_) => NodeValue::Text(number.to_string()),
        },
        DeValue::Boolean(value) => NodeValue::Bool(*value),
        DeValue::Datetime(when) => NodeValue::Text(when.to_string()),
        DeValue::Array(items) => NodeValue::Array(items.iter().map(of_value).collect()),
        DeValue::Table(table) => of_table(table),
    };
    Node::new(value.span(), node)
}
