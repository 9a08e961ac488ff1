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
const LONGEST_INVOCATION: u64 = 900;
/// The seconds that Step Functions waits for an HTTPS API at most.
const LONGEST_REQUEST: u64 = 60;

/// What the embedded cloud has beside what the stack makes there. Another target has none of it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LocalTable {
    /// The Lambda functions that tasks of state machines invoke, by their names.
    #[serde(default)]
    functions: BTreeMap<String, FunctionTable>,
    /// The HTTPS endpoints that tasks of state machines call, by names of your own.
    #[serde(default)]
    endpoints: BTreeMap<String, EndpointTable>,
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
    #[serde(default = "longest_invocation")]
    #[schemars(range(min = 1, max = 900))]
    timeout_in_seconds: u64,
}

/// HTTPS endpoints that are a command of this machine.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct EndpointTable {
    /// The URLs that it answers: `https://api.example.com/*`, where `*` and `?` mean what they mean
    /// in the condition `states:HTTPEndpoint` of a policy. Of several that answer a URL the longest
    /// is asked.
    #[schemars(regex(pattern = "^https://."))]
    url: String,
    /// What the shell runs for each request. It reads the request from stdin, a JSON object of
    /// `ApiEndpoint`, `Method`, `Headers`, `QueryParameters` and `RequestBody`, and writes the
    /// response to stdout, a JSON object of `StatusCode` (200), `StatusText`, `Headers` and
    /// `ResponseBody`. An exit code other than 0 is a server that cannot be reached.
    #[schemars(length(min = 1))]
    command: String,
    /// The folder that it runs in. Default: that of stack.toml.
    dir: Option<String>,
    /// What is added to the environment of the command.
    #[serde(default)]
    environment: BTreeMap<String, String>,
    /// How long it may take.
    #[serde(default = "longest_request")]
    #[schemars(range(min = 1, max = 60))]
    timeout_in_seconds: u64,
}

fn longest_invocation() -> u64 {
    LONGEST_INVOCATION
}

fn longest_request() -> u64 {
    LONGEST_REQUEST
}

/// What the embedded cloud has beside what the stack makes there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "local"),
    allow(dead_code, reason = "only the embedded cloud has it")
)]
pub struct Local {
    /// Lambda functions, by their names.
    pub functions: BTreeMap<String, LocalCommand>,
    /// HTTPS endpoints, by their names.
    pub endpoints: BTreeMap<String, LocalEndpoint>,
}

/// A command of this machine that stands for what a state machine calls.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "local"),
    allow(dead_code, reason = "only the embedded cloud has it")
)]
pub struct LocalCommand {
    pub command: String,
    pub dir: PathBuf,
    pub environment: BTreeMap<String, String>,
    pub timeout: Duration,
}

/// HTTPS endpoints that are a command of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "local"),
    allow(dead_code, reason = "only the embedded cloud has it")
)]
pub struct LocalEndpoint {
    /// A pattern with `*` and `?`.
    pub url: String,
    pub command: LocalCommand,
}

impl FunctionTable {
    fn of(self, base: &Path) -> LocalCommand {
        LocalCommand {
            command: self.command,
            dir: folder(base, self.dir),
            environment: self.environment,
            timeout: Duration::from_secs(self.timeout_in_seconds),
        }
    }
}

impl EndpointTable {
    fn of(self, base: &Path) -> LocalEndpoint {
        LocalEndpoint {
            url: self.url,
            command: LocalCommand {
                command: self.command,
                dir: folder(base, self.dir),
                environment: self.environment,
                timeout: Duration::from_secs(self.timeout_in_seconds),
            },
        }
    }
}

fn folder(base: &Path, dir: Option<String>) -> PathBuf {
    dir.map_or(base.to_owned(), |dir| base.join(dir))
}

impl Resolver<'_> {
    /// What `[local]` declares.
    pub(super) fn read_local(&mut self) -> Local {
        let Some(node) = self.document.root.get("local") else {
            return Local::default();
        };
        self.check_references(node);
        self.check_names(node, "functions", "a function");
        self.check_names(node, "endpoints", "an endpoint");
        let mut node = self.interpolate(node);
        let before = self.found.len();
        schema::check(&mut node, schema::of_local(), "[local]", &mut self.found);
        if self.found.len() > before || has_unknown(&node) {
            return Local::default();
        }
        let table: LocalTable = serde_json::from_value(node.to_json()).unwrap_or_default();
        let base = &self.scope.base_dir;
        let (functions, endpoints) = (table.functions.into_iter(), table.endpoints.into_iter());
        Local {
            functions: functions.map(|(name, f)| (name, f.of(base))).collect(),
            endpoints: endpoints.map(|(name, e)| (name, e.of(base))).collect(),
        }
    }

    fn check_names(&mut self, node: &Node, tables: &str, what: &str) {
        for (key, _) in node.get(tables).and_then(Node::table).into_iter().flatten() {
            if !is_id(&key.name) {
                self.found.push(Diagnostic::new(
                    key.span.clone(),
                    format!("`{}` is no name of {what}", key.name),
                    "a name has up to 64 letters, digits, `_` and `-`",
                ));
            }
        }
    }
}
