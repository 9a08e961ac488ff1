//! From a document to a stack: references resolved along their graph, tables checked, resources
//! built, roles derived. Every mistake is found, not only the first.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use super::diagnostic::{Diagnostic, Diagnostics, nearest};
use super::document::{Document, Key, Node, NodeValue};
use super::reference::{Piece, pieces};
use super::schema::{self, StackTable};
use super::{Declared, Stack};
use crate::engine::{Lifecycle, cycle};
use crate::policy::Home;
use crate::resource::{Address, KINDS, Kind, Resource, Scope, derived_role, kind};

/// A table of a kind, not yet resolved.
struct Table<'a> {
    kind: &'static dyn Kind,
    header: &'a Key,
    node: &'a Node,
    needs: BTreeSet<Address>,
}

struct Resolver<'a> {
    document: &'a Document,
    scope: Scope,
    vars: BTreeMap<String, NodeValue>,
    tables: BTreeMap<Address, Table<'a>>,
    built: HashMap<Address, Arc<dyn Resource>>,
    found: Vec<Diagnostic>,
}

/// A text in which only `${env.X}` is used, resolved; `None` if it needs more than that.
pub(super) fn plain(text: &str) -> Option<String> {
    pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Literal(text) => Some(text.to_owned()),
            Piece::Reference { path, .. } => match path.as_slice() {
                ["env", name] => std::env::var(name).ok(),
                _ => None,
            },
            Piece::Unclosed(_) => None,
        })
        .collect()
}

pub(super) fn resolve(
    document: &Document,
    account_id: &str,
    region: &str,
) -> Result<Stack, Diagnostics> {
    let mut resolver = Resolver {
        document,
        scope: Scope {
            account_id: account_id.to_owned(),
            region: region.to_owned(),
            base_dir: document.source.base_dir.clone(),
            ..Scope::default()
        },
        vars: BTreeMap::new(),
        tables: BTreeMap::new(),
        built: HashMap::new(),
        found: Vec::new(),
    };
    if let Some(name) = document.name() {
        name.clone_into(&mut resolver.scope.stack);
    }
    resolver.read_vars();
    resolver.read_stack();
    resolver.check_head();
    resolver.collect_tables();
    resolver.collect_needs();
    let order = resolver.in_order();
    for address in &order {
        resolver.build(address);
    }
    resolver.refuse_shared_names();
    if !resolver.found.is_empty() {
        return Err(Diagnostics::new(document.source.clone(), resolver.found));
    }
    Ok(resolver.into_stack())
}

impl Resolver<'_> {
    fn read_stack(&mut self) {
        let Some(node) = self.document.root.get("stack") else {
            let diagnostic = Diagnostic::new(0..0, "there is no [stack]", "it goes first")
                .with_help("start with\n[stack]\nname = \"films\"");
            self.found.push(diagnostic);
            return;
        };
        let mut node = self.interpolate(node);
        let before = self.found.len();
        schema::check(&mut node, &schema::of_stack(), "[stack]", &mut self.found);
        if self.found.len() == before
            && let Ok(table) = serde_json::from_value::<StackTable>(to_json(&node))
        {
            self.scope.stack = table.name;
            self.scope.tags = table.tags;
        }
    }

    fn read_vars(&mut self) {
        let Some(node) = self.document.root.get("vars") else {
            return;
        };
        let Some(entries) = node.table() else {
            let diagnostic = Diagnostic::new(node.span.clone(), "`vars` is a table", "no table");
            self.found.push(diagnostic);
            return;
        };
        for (key, value) in entries {
            let value = self.interpolate(value);
            if matches!(value.value, NodeValue::Array(_) | NodeValue::Table(_)) {
                self.found.push(Diagnostic::new(
                    value.span,
                    format!("the variable `{}` is a list or a table", key.name),
                    "a variable is a text, a number, true or false",
                ));
                self.vars.insert(key.name.clone(), NodeValue::Unknown);
            } else {
                self.vars.insert(key.name.clone(), value.value);
            }
        }
    }

    fn collect_tables(&mut self) {
        let id_form = |id: &str| {
            let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            !id.is_empty() && id.len() <= 64 && id.chars().all(fits)
        };
        for (key, node) in self.document.root.table().unwrap_or_default() {
            if key.name == "stack" || key.name == "vars" {
                continue;
            }
            let Some(kind) = kind(&key.name) else {
                let known = KINDS.iter().map(|k| k.name()).chain(["stack", "vars"]);
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
                if !id_form(&header.name) {
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
                        needs: BTreeSet::new(),
                    },
                );
            }
        }
    }

    /// [stack] and [vars] come before the resources, and cannot refer to them.
    fn check_head(&mut self) {
        for table in ["stack", "vars"] {
            let Some(node) = self.document.root.get(table) else {
                continue;
            };
            visit_texts(node, &mut |text, span| {
                for piece in pieces(text) {
                    let Piece::Reference { path, .. } = piece else {
                        continue;
                    };
                    let place = self.place_in(text, span, &path);
                    let is_known_here = match path.as_slice() {
                        ["vars", _] => table == "stack",
                        ["stack" | "aws" | "env", _] => true,
                        _ => false,
                    };
                    if !is_known_here {
                        self.found.push(Diagnostic::new(
                            place,
                            format!("`{}` is not known in [{table}]", path.join(".")),
                            "only ${env.NAME}, ${aws.region} and ${aws.account_id} are",
                        ));
                    } else if let Err(diagnostic) = self.check_reference(&path, &place) {
                        self.found.push(diagnostic);
                    }
                }
            });
        }
    }

    /// Finds what each table refers to; what refers to nothing is a mistake.
    fn collect_needs(&mut self) {
        let addresses: Vec<Address> = self.tables.keys().cloned().collect();
        for address in addresses {
            let mut needs = BTreeSet::new();
            let node = self.tables[&address].node;
            visit_texts(node, &mut |text, span| {
                for piece in pieces(text) {
                    match piece {
                        Piece::Literal(_) => {}
                        Piece::Unclosed(_) => self.found.push(
                            Diagnostic::new(
                                span.clone(),
                                "a reference does not end",
                                "`${` without `}`",
                            )
                            .with_help("write $${ for a `${` that is meant as it is"),
                        ),
                        Piece::Reference { path, .. } => {
                            let place = self.place_in(text, span, &path);
                            match self.check_reference(&path, &place) {
                                Ok(Some(address)) => {
                                    needs.insert(address);
                                }
                                Ok(None) => {}
                                Err(diagnostic) => self.found.push(diagnostic),
                            }
                        }
                    }
                }
            });
            if let Some(table) = self.tables.get_mut(&address) {
                table.needs = needs;
            }
        }
    }

    /// Where `${path}` is written, or the whole text if escapes hide it.
    fn place_in(&self, text: &str, span: &Range<usize>, path: &[&str]) -> Range<usize> {
        let written = &self.document.source.text[span.clone()];
        let reference = pieces(text).into_iter().find_map(|piece| match piece {
            Piece::Reference { path: p, span } if p == path => Some(&text[span]),
            _ => None,
        });
        match reference.and_then(|r| Some((written.find(r)?, r.len()))) {
            Some((at, length)) => span.start + at..span.start + at + length,
            None => span.clone(),
        }
    }

    /// What a reference in a resource stands for: another resource, or a value.
    fn check_reference(
        &self,
        path: &[&str],
        place: &Range<usize>,
    ) -> Result<Option<Address>, Diagnostic> {
        let wrong = |message: String, label: &str| Diagnostic::new(place.clone(), message, label);
        match path {
            ["vars", name] => {
                if self.vars.contains_key(*name) {
                    return Ok(None);
                }
                let known = self.vars.keys().map(String::as_str);
                Err(
                    wrong(format!("there is no variable `{name}`"), "not under [vars]")
                        .suggest(name, known),
                )
            }
            ["stack", "name"] | ["aws", "account_id" | "region"] => Ok(None),
            ["stack", other] => Err(wrong(
                format!("`stack` has no `{other}` to refer to"),
                "only ${stack.name}",
            )),
            ["aws", other] => Err(wrong(
                format!("`aws` has no `{other}`"),
                "only ${aws.account_id} and ${aws.region}",
            )
            .suggest(other, ["account_id", "region"])),
            ["env", name] => match std::env::var(name) {
                Ok(_) => Ok(None),
                Err(_) => Err(wrong(
                    format!("the environment variable `{name}` is not set"),
                    "needed here",
                )),
            },
            [kind_name, id] | [kind_name, id, _] => {
                let Some(kind) = kind(kind_name) else {
                    let known = KINDS
                        .iter()
                        .map(|k| k.name())
                        .chain(["vars", "stack", "aws", "env"]);
                    return Err(wrong(
                        format!("there is no kind `{kind_name}`"),
                        "refers to nothing",
                    )
                    .suggest(kind_name, known));
                };
                let address = Address::new(kind_name, id);
                if !self.tables.contains_key(&address) {
                    let known: Vec<String> = self
                        .tables
                        .keys()
                        .filter(|known| known.kind == *kind_name)
                        .map(|known| known.id.clone())
                        .collect();
                    let diagnostic = wrong(format!("there is no `{address}`"), "refers to nothing");
                    return Err(match nearest(id, known.iter().map(String::as_str)) {
                        Some(near) => {
                            diagnostic.with_help(format!("did you mean `{kind_name}.{near}`?"))
                        }
                        None => diagnostic.with_help(format!("add a table [{address}]")),
                    });
                }
                if let [_, _, attribute] = path
                    && !kind
                        .attributes()
                        .iter()
                        .any(|known| known.name == *attribute)
                {
                    let known: Vec<&str> = kind.attributes().iter().map(|a| a.name).collect();
                    return Err(wrong(
                        format!("`{kind_name}` have no `{attribute}` to refer to"),
                        &format!("only {}", known.join(", ")),
                    )
                    .suggest(attribute, known));
                }
                Ok(Some(address))
            }
            _ => Err(wrong(
                format!("`{}` is no reference", path.join(".")),
                "write ${KIND.ID}, ${KIND.ID.ATTRIBUTE}, ${vars.NAME}, ${env.NAME}, ${stack.name} or ${aws.region}",
            )),
        }
    }

    /// The tables, each after those it refers to. Tables in a cycle are left out, and said.
    fn in_order(&mut self) -> Vec<Address> {
        let mut needs: BTreeMap<Address, BTreeSet<Address>> = self
            .tables
            .iter()
            .map(|(address, table)| (address.clone(), table.needs.clone()))
            .collect();
        while let Some(way) = cycle(&needs) {
            let mut names: Vec<String> = way.iter().map(ToString::to_string).collect();
            names.push(names[0].clone());
            let members: Vec<Address> = way.into_iter().cloned().collect();
            self.found.push(Diagnostic::new(
                self.tables[&members[0]].header.span.clone(),
                format!("these refer to each other: {}", names.join(" → ")),
                "neither can be made first",
            ));
            for member in members {
                needs.remove(&member);
            }
        }
        let mut order = Vec::with_capacity(needs.len());
        let mut placed: BTreeSet<Address> = self
            .tables
            .keys()
            .filter(|address| !needs.contains_key(*address))
            .cloned()
            .collect();
        while !needs.is_empty() {
            let ready: Vec<Address> = needs
                .iter()
                .filter(|(_, on)| on.iter().all(|address| placed.contains(address)))
                .map(|(address, _)| address.clone())
                .collect();
            if ready.is_empty() {
                break;
            }
            for address in ready {
                needs.remove(&address);
                placed.insert(address.clone());
                order.push(address);
            }
        }
        order
    }

    fn build(&mut self, address: &Address) {
        let table = &self.tables[address];
        let (kind, header) = (table.kind, table.header);
        let mut node = self.interpolate(table.node);
        let before = self.found.len();
        let what = format!("[{address}]");
        let wanted = schema::of_kind(kind);
        let mut found = Vec::new();
        schema::check(&mut node, &wanted, &what, &mut found);
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
        match kind.build(address.clone(), to_json(&node), &self.scope) {
            Ok(resource) => {
                self.built.insert(address.clone(), resource);
            }
            Err(problems) => {
                for problem in problems {
                    let span = span_of(&node, &problem.key).unwrap_or(header.span.clone());
                    self.found.push(Diagnostic {
                        span,
                        message: problem.message,
                        label: problem.label,
                        help: problem.help,
                    });
                }
            }
        }
    }

    /// Puts values in place of references. What cannot be known becomes `Unknown`, silently: its
    /// reason is said elsewhere.
    fn interpolate(&self, node: &Node) -> Node {
        let value = match &node.value {
            NodeValue::Text(text) => return self.interpolate_text(text, &node.span),
            NodeValue::Array(items) => {
                NodeValue::Array(items.iter().map(|item| self.interpolate(item)).collect())
            }
            NodeValue::Table(entries) => NodeValue::Table(
                entries
                    .iter()
                    .map(|(key, value)| (key.clone(), self.interpolate(value)))
                    .collect(),
            ),
            other => other.clone(),
        };
        Node::new(node.span.clone(), value)
    }

    fn interpolate_text(&self, text: &str, span: &Range<usize>) -> Node {
        let pieces = pieces(text);
        let mut node = Node::new(span.clone(), NodeValue::Unknown);
        if let [Piece::Reference { path, .. }] = pieces.as_slice() {
            node.was_text = true;
            node.value = self.value_of(path);
            return node;
        }
        let mut whole = String::new();
        for piece in pieces {
            match piece {
                Piece::Literal(literal) => whole.push_str(literal),
                Piece::Unclosed(_) => return node,
                Piece::Reference { path, .. } => match self.value_of(&path) {
                    NodeValue::Text(text) => whole.push_str(&text),
                    NodeValue::Integer(number) => whole.push_str(&number.to_string()),
                    NodeValue::Float(number) => whole.push_str(&number.to_string()),
                    NodeValue::Bool(value) => whole.push_str(&value.to_string()),
                    _ => return node,
                },
            }
        }
        node.value = NodeValue::Text(whole);
        node
    }

    fn value_of(&self, path: &[&str]) -> NodeValue {
        let text = match path {
            ["vars", name] => {
                return self.vars.get(*name).cloned().unwrap_or(NodeValue::Unknown);
            }
            ["stack", "name"] => Some(self.scope.stack.clone()),
            ["aws", "account_id"] => Some(self.scope.account_id.clone()),
            ["aws", "region"] => Some(self.scope.region.clone()),
            ["env", name] => std::env::var(name).ok(),
            [kind, id] => self
                .built
                .get(&Address::new(kind, id))
                .map(|resource| resource.name().to_owned()),
            [kind, id, attribute] => self
                .built
                .get(&Address::new(kind, id))
                .and_then(|resource| match *attribute {
                    "name" => Some(resource.name().to_owned()),
                    attribute => resource.attribute(attribute),
                }),
            _ => None,
        };
        text.map_or(NodeValue::Unknown, NodeValue::Text)
    }

    fn refuse_shared_names(&mut self) {
        let mut seen: BTreeMap<(&str, &str), &Address> = BTreeMap::new();
        for address in self.tables.keys() {
            let Some(resource) = self.built.get(address) else {
                continue;
            };
            let name = (resource.kind(), resource.key());
            if let Some(other) = seen.insert(name, address) {
                self.found.push(
                    Diagnostic::new(
                        self.tables[address].header.span.clone(),
                        format!("`{other}` and `{address}` are both named `{}`", name.1),
                        "the same name twice",
                    )
                    .with_help("give one of them another `name`"),
                );
            }
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
            let mut depends_on = table.needs;
            let span = table.header.span.clone();
            if let Some(need) = resource.needs_role() {
                let role = derived_role(&address, &need, &home, &facts, &self.scope);
                let role_address = role.address().clone();
                resources.push(Declared {
                    resource: role,
                    span: span.clone(),
                    depends_on: BTreeSet::new(),
                    lifecycle: Lifecycle::default(),
                });
                depends_on.insert(role_address);
            }
            resources.push(Declared {
                resource,
                span,
                depends_on,
                lifecycle: Lifecycle::default(),
            });
        }
        Stack {
            name: self.scope.stack.clone(),
            scope: self.scope,
            resources,
            source: self.document.source.clone(),
        }
    }
}

fn visit_texts(node: &Node, visit: &mut impl FnMut(&str, &Range<usize>)) {
    match &node.value {
        NodeValue::Text(text) => visit(text, &node.span),
        NodeValue::Array(items) => items.iter().for_each(|item| visit_texts(item, visit)),
        NodeValue::Table(entries) => {
            for (_, value) in entries {
                visit_texts(value, visit);
            }
        }
        _ => {}
    }
}

fn has_unknown(node: &Node) -> bool {
    match &node.value {
        NodeValue::Unknown => true,
        NodeValue::Array(items) => items.iter().any(has_unknown),
        NodeValue::Table(entries) => entries.iter().any(|(_, value)| has_unknown(value)),
        _ => false,
    }
}

/// The place of the value at a path such as `paths.0`.
fn span_of(node: &Node, path: &str) -> Option<Range<usize>> {
    if path.is_empty() {
        return None;
    }
    let mut at = node;
    for step in path.split('.') {
        at = match &at.value {
            NodeValue::Array(items) => items.get(step.parse::<usize>().ok()?)?,
            _ => at.get(step)?,
        };
    }
    Some(at.span.clone())
}

fn to_json(node: &Node) -> Value {
    match &node.value {
        NodeValue::Bool(value) => Value::Bool(*value),
        NodeValue::Integer(number) => Value::from(*number),
        NodeValue::Float(number) => Value::from(*number),
        NodeValue::Text(text) => Value::String(text.clone()),
        NodeValue::Array(items) => items.iter().map(to_json).collect(),
        NodeValue::Table(entries) => entries
            .iter()
            .map(|(key, value)| (key.name.clone(), to_json(value)))
            .collect(),
        NodeValue::Unknown => Value::Null,
    }
}
