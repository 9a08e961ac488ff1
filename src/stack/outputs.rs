//! `[outputs.NAME]`: what others want to know of the stack.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::diagnostic::Diagnostic;
use super::document::{Key, Node, NodeValue};
use super::interpolate::refers_to;
use super::resolve::{Resolver, has_unknown, is_id};
use super::schema;

/// Something that `up` tells at its end, and `athglue outputs` at any time: an ARN, the path of a
/// bucket. Its value is known from stack.toml alone, whether or not the stack is up.
///
/// Where there is only the value to say, `NAME = "…"` under `[outputs]` does.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OutputTable {
    /// What is told: a text with references, a number, a list, a table.
    pub value: Value,
    /// What it is for.
    pub description: Option<String>,
    /// It is shown as `(sensitive)`, but for `athglue outputs NAME`. Default: false.
    #[serde(default)]
    pub sensitive: bool,
}

/// An output of the stack.
#[derive(Debug, Clone, PartialEq)]
pub struct StackOutput {
    pub name: String,
    pub value: Value,
    pub description: Option<String>,
    pub sensitive: bool,
}

impl StackOutput {
    /// The value as a shell wants it: a text as it is, anything else as JSON.
    pub fn text(&self) -> String {
        match &self.value {
            Value::String(text) => text.clone(),
            value => value.to_string(),
        }
    }
}

/// An output as a table: `x = "…"` stands for `[outputs.x] value = "…"`.
pub(super) fn in_full(node: Node) -> Node {
    if node.table().is_some() || matches!(node.value, NodeValue::Unknown) {
        return node;
    }
    let (span, name) = (node.span.clone(), "value".to_owned());
    let key = Key {
        name,
        span: span.clone(),
    };
    Node::new(span, NodeValue::Table(vec![(key, node)]))
}

impl Resolver<'_> {
    pub(super) fn read_outputs(&mut self) {
        let Some(node) = self.document.root.get("outputs") else {
            return;
        };
        let Some(entries) = node.table() else {
            let label = "write [outputs] first, and NAME = \"…\" below it";
            let diagnostic = Diagnostic::new(node.span.clone(), "`outputs` is no table", label);
            self.found.push(diagnostic);
            return;
        };
        let mut entries: Vec<&(Key, Node)> = entries.iter().collect();
        entries.sort_by_key(|(key, _)| key.span.start);
        for (key, node) in entries {
            self.check_references(node);
            self.read_output(key, node);
        }
    }

    fn read_output(&mut self, key: &Key, node: &Node) {
        let name = &key.name;
        let place = key.span.clone();
        if !is_id(name) {
            self.found.push(Diagnostic::new(
                place,
                format!("`{name}` is no name of an output"),
                "a name has up to 64 letters, digits, `_` and `-`",
            ));
            return;
        }
        let tells_secret = refers_to(
            node,
            &|path| matches!(path, ["vars", name] if self.vars.sensitive.contains(*name)),
        );
        let mut node = in_full(self.interpolate(node));
        let before = self.found.len();
        let what = format!("[outputs.{name}]");
        let mut found = Vec::new();
        schema::check(&mut node, schema::of_output(), &what, &mut found);
        for diagnostic in &mut found {
            if diagnostic.span == node.span {
                diagnostic.span = place.clone();
            }
        }
        self.found.append(&mut found);
        if self.found.len() > before || has_unknown(&node) {
            return;
        }
        let Ok(table) = serde_json::from_value::<OutputTable>(node.to_json()) else {
            return;
        };
        if tells_secret && !table.sensitive {
            self.found.push(
                Diagnostic::new(
                    place,
                    format!("the output `{name}` tells a sensitive variable"),
                    "it would be printed",
                )
                .with_help("add sensitive = true"),
            );
        }
        self.outputs.push(StackOutput {
            name: name.clone(),
            value: table.value,
            description: table.description,
            sensitive: table.sensitive,
        });
    }
}
