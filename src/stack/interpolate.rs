//! References: what they may name, and the values that they stand for.

use std::collections::BTreeMap;
use std::ops::Range;

use super::diagnostic::{Diagnostic, nearest};
use super::document::{Node, NodeValue};
use super::reference::{Piece, pieces};
use super::resolve::Resolver;
use crate::resource::{Address, KINDS, kind};

/// A text that is meant as it is needs this.
const ESCAPE: &str = "write $${ for a `${` that is meant as it is";

impl Resolver<'_> {
    /// Checks every reference below a node. Gives the resources that they name, each with the
    /// place of its first reference.
    pub(super) fn check_references(&mut self, node: &Node) -> BTreeMap<Address, Range<usize>> {
        let mut needs = BTreeMap::new();
        let mut found = Vec::new();
        visit_texts(node, &mut |text, span| {
            for piece in pieces(text) {
                match piece {
                    Piece::Literal(_) => {}
                    Piece::Unclosed(_) => found.push(unclosed(span)),
                    Piece::Reference { path, .. } => {
                        let place = self.place_in(text, span, &path);
                        match self.check_reference(&path, &place) {
                            Ok(Some(address)) => {
                                needs.entry(address).or_insert(place);
                            }
                            Ok(None) => {}
                            Err(diagnostic) => found.push(diagnostic),
                        }
                    }
                }
            }
        });
        self.found.append(&mut found);
        needs
    }

    /// [stack] and [vars] come before the resources, and cannot refer to them.
    pub(super) fn check_head(&mut self) {
        let stack = self.document.root.get("stack");
        let name = stack.and_then(|stack| stack.get("name"));
        let name_is_of_vars =
            name.is_some_and(|name| refers_to(name, &|path| path.first() == Some(&"vars")));
        let mut found = Vec::new();
        for table in ["stack", "vars"] {
            let Some(node) = self.document.root.get(table) else {
                continue;
            };
            visit_texts(node, &mut |text, span| {
                let is_name = name.is_some_and(|name| name.span == *span);
                for piece in pieces(text) {
                    let path = match piece {
                        Piece::Literal(_) => continue,
                        Piece::Unclosed(_) => {
                            found.push(unclosed(span));
                            continue;
                        }
                        Piece::Reference { path, .. } => path,
                    };
                    let place = self.place_in(text, span, &path);
                    let why_not = match path.as_slice() {
                        ["vars", _] if table == "vars" => Some("a variable is not made of others"),
                        ["stack", "name"] if is_name => Some("the name cannot be made of itself"),
                        ["stack", "name"] if table == "vars" && name_is_of_vars => {
                            Some("the stack's name is itself made of variables")
                        }
                        ["vars" | "stack" | "aws" | "env", _] => None,
                        _ => Some(
                            "only ${env.NAME}, ${stack.env}, ${aws.region} and ${aws.account_id} are",
                        ),
                    };
                    if let Some(why_not) = why_not {
                        found.push(Diagnostic::new(
                            place,
                            format!("`{}` is not known in [{table}]", path.join(".")),
                            why_not,
                        ));
                    } else if let Err(diagnostic) = self.check_reference(&path, &place) {
                        found.push(diagnostic);
                    }
                }
            });
        }
        self.found.append(&mut found);
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
                if self.vars.values.contains_key(*name) {
                    return Ok(None);
                }
                let known = self.vars.values.keys().map(String::as_str);
                Err(
                    wrong(format!("there is no variable `{name}`"), "not under [vars]")
                        .suggest(name, known),
                )
            }
            ["stack", "name"] | ["aws", "account_id" | "region"] => Ok(None),
            ["stack", "env"] => match &self.document.inputs.env {
                Some(_) => Ok(None),
                None => Err(wrong("no env is chosen".to_owned(), "needs one").with_help(
                    match self.document.envs().as_slice() {
                        [] => "add a table [env.NAME], and choose it: --env NAME".to_owned(),
                        known => format!("--env NAME chooses one: {}", known.join(", ")),
                    },
                )),
            },
            ["stack", other] => Err(wrong(
                format!("`stack` has no `{other}` to refer to"),
                "only ${stack.name} and ${stack.env}",
            )
            .suggest(other, ["name", "env"])),
            ["aws", other] => Err(wrong(
                format!("`aws` has no `{other}`"),
                "only ${aws.account_id} and ${aws.region}",
            )
            .suggest(other, ["account_id", "region"])),
            ["env", name] => match std::env::var(name) {
                Ok(_) => Ok(None),
                Err(_) => {
                    let diagnostic = wrong(
                        format!("the environment variable `{name}` is not set"),
                        "needed here",
                    );
                    let envs = self.document.envs();
                    Err(if envs.iter().any(|env| env == name) {
                        diagnostic.with_help("the name of the env that --env chose is ${stack.env}")
                    } else {
                        diagnostic
                    })
                }
            },
            [kind_name, id] | [kind_name, id, _] => {
                let Some(kind) = kind(kind_name) else {
                    let known = KINDS
                        .iter()
                        .map(|k| k.name())
                        .chain(["vars", "stack", "aws", "env"]);
                    let diagnostic = wrong(
                        format!("there is no kind `{kind_name}`"),
                        "refers to nothing",
                    );
                    return Err(match nearest(kind_name, known) {
                        Some(near) => diagnostic.with_help(format!("did you mean `{near}`?")),
                        None => diagnostic.with_help(ESCAPE),
                    });
                };
                let address = Address::new(kind_name, id);
                if !self.has_table(&address) {
                    let diagnostic = wrong(format!("there is no `{address}`"), "refers to nothing");
                    return Err(match nearest(id, self.ids(kind_name)) {
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
            )
            .with_help(ESCAPE)),
        }
    }

    /// Puts values in place of references. What cannot be known becomes `Unknown`, silently: its
    /// reason is said elsewhere.
    pub(super) fn interpolate(&self, node: &Node) -> Node {
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
                let value = self.vars.values.get(*name).cloned();
                return value.unwrap_or(NodeValue::Unknown);
            }
            ["stack", "name"] => Some(self.scope.stack.clone()).filter(|name| !name.is_empty()),
            ["stack", "env"] => self.document.inputs.env.clone(),
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
}

fn unclosed(span: &Range<usize>) -> Diagnostic {
    Diagnostic::new(span.clone(), "a reference does not end", "`${` without `}`").with_help(ESCAPE)
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

/// Whether a reference below a node is one of those that are asked for.
pub(super) fn refers_to(node: &Node, wanted: &impl Fn(&[&str]) -> bool) -> bool {
    let mut refers = false;
    visit_texts(node, &mut |text, _| {
        refers |= pieces(text)
            .iter()
            .any(|piece| matches!(piece, Piece::Reference { path, .. } if wanted(path)));
    });
    refers
}
