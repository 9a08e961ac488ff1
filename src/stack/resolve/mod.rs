//! From a document to a stack: references resolved along their graph, tables checked, resources
//! built, roles derived. Every mistake is found, not only the first.

mod order;
mod refuse;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::document::{Document, Key, Node, NodeValue};
use super::head::StackTable;
use super::outputs::StackOutput;
use super::vars::{self, Variables};
use super::{Declared, Local, Stack, lifecycle, schema, written};
use crate::engine::Lifecycle;
use crate::policy::Home;
use crate::resource::{Address, KINDS, Kind, Place, Problem, Resource, Scope, derived_role, kind};

/// Tables that are no kinds.
const OTHERS: [&str; 5] = ["stack", "vars", "env", "outputs", "local"];

/// A table of a kind, not yet resolved.
struct Table<'a> {
    kind: &'static dyn Kind,
    header: &'a Key,
    node: &'a Node,
    /// What it refers to, and where it does so first.
    needs: BTreeMap<Address, Range<usize>>,
}

pub(super) struct Resolver<'a> {
    pub document: &'a Document,
    pub scope: Scope,
    pub vars: Variables,
    tables: BTreeMap<Address, Table<'a>>,
    pub built: HashMap<Address, Arc<dyn Resource>>,
    lifecycles: HashMap<Address, Lifecycle>,
    pub outputs: Vec<StackOutput>,
    local: Local,
    pub found: Vec<Diagnostic>,
    /// What nothing is refused for.
    doubts: Vec<Diagnostic>,
    /// A variable may have no value: what needs it is not checked then.
    may_lack: bool,
}

/// Resolves a document for an account and a region. With `may_lack`, variables without a value are
/// no mistake, and the stack that comes of it is good for nothing but to know that it can be one.
pub(super) fn resolve(
    document: &Document,
    account_id: &str,
    region: &str,
    may_lack: bool,
) -> Result<Stack, Diagnostics> {
    let resolver = resolved(document, account_id, region, may_lack);
    if resolver.found.is_empty() {
        return Ok(resolver.into_stack());
    }
    let secrets = resolver.vars.secrets();
    Err(Diagnostics::new(document.source.clone(), resolver.found).hiding(&secrets))
}

/// What is right of a document, whatever else is wrong with it.
pub(super) fn sketch(document: &Document, account_id: &str, region: &str) -> Stack {
    resolved(document, account_id, region, true).into_stack()
}

fn resolved<'a>(
    document: &'a Document,
    account_id: &str,
    region: &str,
    may_lack: bool,
) -> Resolver<'a> {
    let mut resolver = Resolver {
        document,
        scope: Scope {
            account_id: account_id.to_owned(),
            region: region.to_owned(),
            base_dir: document.source.base_dir.clone(),
            ..Scope::default()
        },
        vars: Variables::default(),
        tables: BTreeMap::new(),
        built: HashMap::new(),
        lifecycles: HashMap::new(),
        outputs: Vec::new(),
        local: Local::default(),
        found: document.env_mistakes.clone(),
        doubts: Vec::new(),
        may_lack,
    };
    resolver.read_name();
    resolver.read_vars();
    resolver.check_head();
    resolver.read_stack();
    resolver.collect_tables();
    resolver.collect_needs();
    for address in &resolver.in_order() {
        resolver.build(address);
    }
    resolver.refuse_shared_names();
    resolver.read_outputs();
    resolver.local = resolver.read_local();
    resolver.refuse_what_is_not_known();
    resolver
}

impl<'a> Resolver<'a> {
    /// The stack's name, if it can be known: its variables may be made of it, or it of them.
    fn read_name(&mut self) {
        let stack = self.document.root.get("stack");
        if let Some(name) = stack.and_then(|stack| stack.get("name"))
            && let Some(name) = self.interpolate(name).text()
        {
            name.clone_into(&mut self.scope.stack);
        }
    }

    fn read_vars(&mut self) {
        let mut found = Vec::new();
        let interpolate = |node: &Node| self.interpolate(node);
        let vars = vars::read(self.document, self.may_lack, interpolate, &mut found);
        self.vars = vars;
        self.found.append(&mut found);
    }

    fn read_stack(&mut self) {
        let Some(node) = self.document.root.get("stack") else {
            const START: &str = "[stack]\nname = \"films\"";
            let is_empty = self.document.root.table().is_none_or(<[_]>::is_empty);
            let diagnostic = if is_empty {
                let message = format!("{} says nothing yet", self.document.source.display);
                Diagnostic::new(0..0, message, "nothing but comments").with_help(format!(
                    "`athglue init` writes one to start from, `-C PATH` names another; or begin with\n{START}"
                ))
            } else {
                Diagnostic::new(0..0, "there is no [stack]", "it goes first")
                    .with_help(format!("start with\n{START}"))
            };
            self.found.push(diagnostic);
            return;
        };
        self.read_name();
        let mut node = self.interpolate(node);
        let before = self.found.len();
        schema::check(&mut node, schema::of_stack(), "[stack]", &mut self.found);
        if self.found.len() == before
            && let Ok(table) = serde_json::from_value::<StackTable>(node.to_json())
        {
            self.scope.stack = table.name;
            self.scope.tags = table.tags;
        }
        if self.scope.stack.is_empty() {
            // Why it is not is said elsewhere, mostly.
            if self.found.is_empty() && !self.may_lack {
                let message = "the stack's name is not known";
                let place = node.span.clone();
                self.found.push(Diagnostic::new(place, message, "here"));
            }
            // Names that are made of it are checked as they might be.
            "stack".clone_into(&mut self.scope.stack);
        }
    }

    fn collect_tables(&mut self) {
        for (key, node) in self.document.root.table().unwrap_or_default() {
            if OTHERS.contains(&key.name.as_str()) {
                continue;
            }
            let Some(kind) = kind(&key.name) else {
                let known = KINDS.iter().map(|k| k.name()).chain(OTHERS);
                let diagnostic = Diagnostic::new(
                    key.span.clone(),
                    format!("there is no kind `{}`", key.name),
                    "unknown kind",
                );
                self.found.push(diagnostic.suggest(&key.name, known));
                continue;
            };
            let Some(entries) = node.table() else {
                self.found.push(Diagnostic::new(
                    key.span.clone(),
                    format!("`{}` is written with an id: [{}.ID]", key.name, key.name),
                    "not a table",
                ));
                continue;
            };
            for (header, table) in entries {
                if table.table().is_none() {
                    self.found.push(Diagnostic::new(
                        header.span.clone(),
                        format!("`{}.{}` is no table", key.name, header.name),
                        format!("write [{}.ID] first, and keys below it", key.name),
                    ));
                    continue;
                }
                if !is_id(&header.name) {
                    self.found.push(Diagnostic::new(
                        header.span.clone(),
                        format!("`{}` is no id", header.name),
                        "an id has up to 64 letters, digits, `_` and `-`",
                    ));
                    continue;
                }
                self.tables.insert(
                    Address::new(kind.name(), &header.name),
                    Table {
                        kind,
                        header,
                        node: table,
                        needs: BTreeMap::new(),
                    },
                );
            }
        }
    }

    /// Finds what each table refers to; what refers to nothing is a mistake.
    fn collect_needs(&mut self) {
        let nodes: Vec<(Address, &'a Node)> = self
            .tables
            .iter()
            .map(|(address, table)| (address.clone(), table.node))
            .collect();
        for (address, node) in nodes {
            let needs = self.check_references(node);
            if let Some(table) = self.tables.get_mut(&address) {
                table.needs = needs;
            }
        }
    }

    pub(super) fn has_table(&self, address: &Address) -> bool {
        self.tables.contains_key(address)
    }

    /// The ids of a kind's tables.
    pub(super) fn ids(&self, kind: &str) -> Vec<&str> {
        let addresses = self.tables.keys().filter(|address| address.kind == kind);
        addresses.map(|address| address.id.as_str()).collect()
    }

    fn build(&mut self, address: &Address) {
        let table = &self.tables[address];
        let (kind, header) = (table.kind, table.header);
        let mut node = self.interpolate(table.node);
        let before = self.found.len();
        let what = format!("[{address}]");
        let wanted = schema::of_kind(kind);
        let mut found = Vec::new();
        schema::check(&mut node, wanted, &what, &mut found);
        for diagnostic in &mut found {
            // A table's own span is its header or its whole text: the id is the better place.
            if diagnostic.span == node.span {
                diagnostic.span = header.span.clone();
            }
        }
        self.found.append(&mut found);
        if self.found.len() > before || has_unknown(&node) {
            return;
        }
        let lifecycle = lifecycle::take(&mut node);
        match kind.build(address.clone(), node.to_json(), &self.scope) {
            Ok(resource) => {
                if node.get("name").is_none()
                    && let Err(why) = schema::check_name(resource.name(), wanted)
                {
                    self.found.push(
                        Diagnostic::new(
                            header.span.clone(),
                            format!(
                                "`{}`, which is what `{address}` would be called, is not valid",
                                resource.name()
                            ),
                            why,
                        )
                        .with_help("give it a `name`, or another id"),
                    );
                }
                for problem in resource.doubts() {
                    let doubt = self.place(problem, &node, header).into_warning();
                    self.doubts.push(doubt);
                }
                self.lifecycles.insert(address.clone(), lifecycle);
                self.built.insert(address.clone(), resource);
            }
            Err(problems) => {
                for problem in problems {
                    let diagnostic = self.place(problem, &node, header);
                    self.found.push(diagnostic);
                }
            }
        }
    }

    /// A problem of a table, at its key, or where in the key's text or in a file it is.
    fn place(&self, problem: Problem, table: &Node, header: &Key) -> Diagnostic {
        let key = span_of(table, &problem.key).unwrap_or(header.span.clone());
        let (file, span) = match problem.place {
            Some(Place::File(file, span)) => (Some(file), span),
            Some(Place::Text(text, span)) => {
                let file = &self.document.source.text;
                let place = written::in_file(file, &key, &text, span);
                (None, place.unwrap_or(key))
            }
            None => (None, key),
        };
        Diagnostic {
            file,
            help: problem.help,
            ..Diagnostic::new(span, problem.message, problem.label)
        }
    }

    fn into_stack(mut self) -> Stack {
        let home = Home {
            partition: self.scope.partition().to_owned(),
            region: self.scope.region.clone(),
            account_id: self.scope.account_id.clone(),
        };
        let facts: Vec<_> = self
            .built
            .values()
            .flat_map(|resource| resource.facts())
            .collect();
        let mut resources = Vec::new();
        // In the file's order, which is the one its reader knows.
        let mut tables: Vec<(Address, Table)> = self.tables.into_iter().collect();
        tables.sort_by_key(|(_, table)| table.header.span.start);
        for (address, table) in tables {
            let Some(resource) = self.built.remove(&address) else {
                continue;
            };
            let mut depends_on: BTreeSet<Address> = table.needs.into_keys().collect();
            let lifecycle = self.lifecycles.remove(&address).unwrap_or_default();
            let span = table.header.span.clone();
            if let Some(need) = resource.needs_role() {
                let role = derived_role(&address, &need, &home, &facts, &self.scope);
                let role_address = role.address().clone();
                resources.push(Declared {
                    resource: role,
                    span: span.clone(),
                    depends_on: BTreeSet::new(),
                    lifecycle,
                });
                depends_on.insert(role_address);
            }
            resources.push(Declared {
                resource,
                span,
                depends_on,
                lifecycle,
            });
        }
        Stack {
            name: self.scope.stack.clone(),
            env: self.document.inputs.env.clone(),
            scope: self.scope,
            resources,
            outputs: self.outputs,
            local: self.local,
            doubts: self.doubts,
            secrets: self.vars.secrets(),
            source: self.document.source.clone(),
        }
    }
}

/// Whether this may be the id of a table, or the name of an output.
pub(super) fn is_id(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    !text.is_empty() && text.len() <= 64 && text.chars().all(fits)
}

pub(super) fn has_unknown(node: &Node) -> bool {
    match &node.value {
        NodeValue::Unknown => true,
        NodeValue::Array(items) => items.iter().any(has_unknown),
        NodeValue::Table(entries) => entries.iter().any(|(_, value)| has_unknown(value)),
        _ => false,
    }
}

/// The place of the value at a path such as `paths.0`, or of the part of it that is there.
fn span_of(node: &Node, path: &str) -> Option<Range<usize>> {
    let mut at = node;
    let mut span = None;
    for step in path.split('.') {
        let inner = match &at.value {
            NodeValue::Array(items) => step.parse::<usize>().ok().and_then(|i| items.get(i)),
            _ => at.get(step),
        };
        let Some(inner) = inner else { break };
        span = Some(inner.span.clone());
        at = inner;
    }
    span
}
