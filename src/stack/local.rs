//! `[local]`: what the embedded cloud has, beside what the stack makes there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use super::diagnostic::Diagnostic;
use super::document::Node;
use super::resolve::{Resolver, has_unknown, is_id};
use super::schema;

/// The seconds that Lambda gives a function at most.
const LONGEST: u64 = 900;

/// What the embedded cloud has beside what the stack makes there. Another target has none of it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LocalTable {
    /// The Lambda functions that tasks of state machines invoke, by their names.
    #[serde(default)]
    functions: BTreeMap<String, FunctionTable>,
}

/// A Lambda function that is a command of this machine.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FunctionTable {
    /// What the shell runs for each invocation. It reads the event, which is JSON, from stdin and
    /// writes its answer, JSON as well, to stdout. An exit code other than 0 is an error, which a
    /// JSON object with `errorType` and `errorMessage` on stdout names.
    #[schemars(length(min = 1))]
    command: String,
    /// The folder that it runs in. Default: that of stack.toml.
    dir: Option<String>,
    /// What is added to the environment of the command.
    #[serde(default)]
    environment: BTreeMap<String, String>,
    /// How long it may take.
    #[serde(default = "longest")]
    #[schemars(range(min = 1, max = 900))]
    timeout_in_seconds: u64,
}

fn longest() -> u64 {
    LONGEST
}

/// A Lambda function that is a command of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "local"),
    allow(dead_code, reason = "only the embedded cloud has it")
)]
pub struct LocalFunction {
    pub command: String,
    pub dir: PathBuf,
    pub environment: BTreeMap<String, String>,
    pub timeout: Duration,
}

impl FunctionTable {
    fn of(self, base: &Path) -> LocalFunction {
        LocalFunction {
            command: self.command,
            dir: self.dir.map_or(base.to_owned(), |dir| base.join(dir)),
            environment: self.environment,
            timeout: Duration::from_secs(self.timeout_in_seconds),
        }
    }
}

impl Resolver<'_> {
    /// The functions of `[local]`, by their names.
    pub(super) fn read_local(&mut self) -> BTreeMap<String, LocalFunction> {
        let Some(node) = self.document.root.get("local") else {
            return BTreeMap::new();
        };
        self.check_references(node);
        self.check_function_names(node);
        let mut node = self.interpolate(node);
        let before = self.found.len();
        schema::check(&mut node, schema::of_local(), "[local]", &mut self.found);
        if self.found.len() > before || has_unknown(&node) {
            return BTreeMap::new();
        }
        let table: LocalTable = serde_json::from_value(node.to_json()).unwrap_or_default();
        let base = &self.scope.base_dir;
        let functions = table.functions.into_iter();
        functions
            .map(|(name, function)| (name, function.of(base)))
            .collect()
    }

    fn check_function_names(&mut self, node: &Node) {
        let functions = node.get("functions").and_then(Node::table);
        for (key, _) in functions.into_iter().flatten() {
            if !is_id(&key.name) {
                self.found.push(Diagnostic::new(
                    key.span.clone(),
                    format!("`{}` is no name of a function", key.name),
                    "a name has up to 64 letters, digits, `_` and `-`",
                ));
            }
        }
    }
}
