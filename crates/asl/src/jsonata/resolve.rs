//! The tree as written to the tree as evaluated: dots become paths of steps, predicates their
//! stages, and each `%` finds the step that gives it its parent.

use std::sync::Arc;

use super::ast::{Group, Kind, LambdaNode, Node, SortTerm, Stage, TransformNode};
use super::error::Error;
use super::lexer::TokenKind;
use super::syntax::{Pair, Syntax, SyntaxKind};
use crate::stack::with_stack;

/// Resolves a whole expression.
pub(super) fn resolve(syntax: Syntax) -> Result<Node, Error> {
    let mut resolver = Resolver::default();
    let node = resolver.node(syntax)?;
    if matches!(node.kind, Kind::Parent(..)) || !node.seeking.is_empty() {
        return Err(Error::of("S0217").at(node.position));
    }
    Ok(node)
}

/// A use of `%`.
struct Slot {
    label: Arc<str>,
    /// How many steps up the parent still is.
    level: usize,
}

#[derive(Default)]
struct Resolver {
    slots: Vec<Slot>,
}

/// The slots that the expression around `node` has to find parents for.
fn sought(node: &Node) -> Vec<usize> {
    let mut slots = node.seeking.clone();
    if let Kind::Parent(slot, _) = node.kind {
        slots.push(slot);
    }
    slots
}

fn push_sought(node: &mut Node, part: &Node) {
    node.seeking.extend(sought(part));
}

/// The step that a predicate or a binding belongs to: the last of a path, or the node itself.
fn last_step(node: &mut Node) -> &mut Node {
    match node.kind {
        Kind::Path(ref mut steps) => {
            let last = steps.len().saturating_sub(1);
            &mut steps[last]
        }
        _ => node,
    }
}

impl Resolver {
    fn node(&mut self, syntax: Syntax) -> Result<Node, Error> {
        let keep_array = syntax.keep_array;
        let mut node = with_stack(|| self.resolve(syntax))?;
        if keep_array {
            node.keep_array = true;
        }
        Ok(node)
    }

    fn boxed(&mut self, syntax: Syntax) -> Result<Box<Node>, Error> {
        Ok(Box::new(self.node(syntax)?))
    }

    fn nodes(&mut self, list: Vec<Syntax>) -> Result<Vec<Node>, Error> {
        list.into_iter().map(|item| self.node(item)).collect()
    }

    fn pairs(&mut self, pairs: Vec<Pair>) -> Result<Vec<(Node, Node)>, Error> {
        pairs
            .into_iter()
            .map(|(key, value)| Ok((self.node(key)?, self.node(value)?)))
            .collect()
    }

    fn resolve(&mut self, syntax: Syntax) -> Result<Node, Error> {
        let position = syntax.position;
        match syntax.kind {
            SyntaxKind::Terminal(token) => terminal(token, position, syntax.keep_array),
            SyntaxKind::Wildcard => Ok(Node::new(Kind::Wildcard, position)),
            SyntaxKind::Descendant => Ok(Node::new(Kind::Descendant, position)),
            SyntaxKind::Parent => {
                let slot = self.slots.len();
                let label: Arc<str> = format!("!{slot}").into();
                self.slots.push(Slot {
                    label: Arc::clone(&label),
                    level: 1,
                });
                Ok(Node::new(Kind::Parent(slot, label), position))
            }
            SyntaxKind::Binary(".", left, right) => self.path(*left, *right),
            SyntaxKind::Predicate(left, predicate) => self.predicate(*left, *predicate, position),
            SyntaxKind::GroupBy(left, pairs) => {
                let mut node = self.node(*left)?;
                if node.group.is_some() {
                    return Err(Error::of("S0210").at(position));
                }
                let pairs = self.pairs(pairs)?;
                node.group = Some(Group { pairs, position });
                Ok(node)
            }
            SyntaxKind::OrderBy(left, terms) => {
                let mut path = as_path(self.node(*left)?);
                let mut sort = Node::new(Kind::Sort(Vec::new()), position);
                let mut resolved = Vec::with_capacity(terms.len());
                for term in terms {
                    let expression = self.node(term.expression)?;
                    push_sought(&mut sort, &expression);
                    resolved.push(SortTerm {
                        descending: term.descending,
                        expression,
                    });
                }
                sort.kind = Kind::Sort(resolved);
                if let Kind::Path(steps) = &mut path.kind {
                    steps.push(sort);
                }
                self.find_parents(&mut path)?;
                Ok(path)
            }
            SyntaxKind::Focus(left, name) => {
                let mut node = self.node(*left)?;
                let step = last_step(&mut node);
                if !step.stages.is_empty() || !step.predicates.is_empty() {
                    return Err(Error::of("S0215").at(position));
                }
                if matches!(step.kind, Kind::Sort(_)) {
                    return Err(Error::of("S0216").at(position));
                }
                step.keep_array |= syntax.keep_array;
                step.focus = Some(name);
                step.tuple = true;
                Ok(node)
            }
            SyntaxKind::Index(left, name) => {
                let mut node = self.node(*left)?;
                if !matches!(node.kind, Kind::Path(_)) {
                    node.stages.append(&mut node.predicates);
                }
                let mut path = as_path(node);
                let step = last_step(&mut path);
                if step.stages.is_empty() {
                    step.index = Some(name);
                } else {
                    step.stages.push(Stage::Index(name));
                }
                step.tuple = true;
                Ok(path)
            }
            SyntaxKind::Bind(name, right) => {
                let right = self.boxed(*right)?;
                let seeking = sought(&right);
                let mut node = Node::new(Kind::Bind(name, right), position);
                node.seeking = seeking;
                Ok(node)
            }
            SyntaxKind::Binary("~>", left, right) => {
                let left = self.boxed(*left)?;
                let right = self.boxed(*right)?;
                let keep_array = left.keep_array || right.keep_array;
                let mut node = Node::new(Kind::Apply(left, right), position);
                node.keep_array = keep_array;
                Ok(node)
            }
            SyntaxKind::Binary(operator, left, right) => {
                let left = self.boxed(*left)?;
                let right = self.boxed(*right)?;
                let mut seeking = sought(&left);
                seeking.extend(sought(&right));
                let mut node = Node::new(Kind::Binary(operator, left, right), position);
                node.seeking = seeking;
                Ok(node)
            }
            SyntaxKind::Negate(operand) => {
                let mut operand = self.node(*operand)?;
                if let Kind::Number(number) = &mut operand.kind {
                    *number = -*number;
                    return Ok(operand);
                }
                let seeking = sought(&operand);
                let mut node = Node::new(Kind::Negate(Box::new(operand)), position);
                node.seeking = seeking;
                Ok(node)
            }
            SyntaxKind::Array(items) => {
                let items = self.nodes(items)?;
                let seeking = items.iter().flat_map(sought).collect();
                let mut node = Node::new(Kind::Array(items), position);
                node.seeking = seeking;
                Ok(node)
            }
            SyntaxKind::Object(pairs) => {
                let pairs = self.pairs(pairs)?;
                let seeking = pairs
                    .iter()
                    .flat_map(|(key, value)| [sought(key), sought(value)])
                    .flatten()
                    .collect();
                let mut node = Node::new(Kind::Object(Group { pairs, position }), position);
                node.seeking = seeking;
                Ok(node)
            }
            SyntaxKind::Call(callee, arguments) => {
                let arguments = self.nodes(arguments)?;
                let seeking = arguments.iter().flat_map(sought).collect();
                let callee = self.boxed(*callee)?;
                let mut node = Node::new(Kind::Call(callee, arguments), position);
                node.seeking = seeking;
                Ok(node)
            }
            SyntaxKind::Partial(callee, arguments) => {
                let arguments = self.nodes(arguments)?;
                let seeking = arguments.iter().flat_map(sought).collect();
                let callee = self.boxed(*callee)?;
                let mut node = Node::new(Kind::Partial(callee, arguments), position);
                node.seeking = seeking;
                Ok(node)
            }
            SyntaxKind::Lambda(parameters, signature, body) => {
                let lambda = LambdaNode {
                    parameters,
                    signature,
                    body: self.node(*body)?,
                };
                Ok(Node::new(Kind::Lambda(Arc::new(lambda)), position))
            }
            SyntaxKind::Condition(condition, then, otherwise) => {
                let condition = self.boxed(*condition)?;
                let then = self.boxed(*then)?;
                let otherwise = otherwise.map(|syntax| self.boxed(*syntax)).transpose()?;
                let mut seeking = sought(&condition);
                seeking.extend(sought(&then));
                seeking.extend(otherwise.iter().flat_map(|node| sought(node)));
                let mut node = Node::new(Kind::Condition(condition, then, otherwise), position);
                node.seeking = seeking;
                Ok(node)
            }
            SyntaxKind::Default(presence, left, right) => {
                let left = self.boxed(*left)?;
                let right = self.boxed(*right)?;
                let mut seeking = sought(&left);
                seeking.extend(sought(&right));
                let mut node = Node::new(Kind::Default(presence, left, right), position);
                node.seeking = seeking;
                Ok(node)
            }
            SyntaxKind::Block(expressions) => {
                let expressions = self.nodes(expressions)?;
                let seeking = expressions.iter().flat_map(sought).collect();
                let keeps = expressions.iter().any(|part| {
                    part.keeps_constructed
                        || matches!(&part.kind, Kind::Path(steps)
                            if steps.first().is_some_and(|step| step.keeps_constructed))
                });
                let mut node = Node::new(Kind::Block(expressions), position);
                node.seeking = seeking;
                node.keeps_constructed = keeps;
                Ok(node)
            }
            SyntaxKind::Transform(pattern, update, delete) => {
                let transform = TransformNode {
                    pattern: self.node(*pattern)?,
                    update: self.node(*update)?,
                    delete: delete.map(|syntax| self.node(*syntax)).transpose()?,
                    position,
                };
                Ok(Node::new(Kind::Transform(Arc::new(transform)), position))
            }
        }
    }

    fn path(&mut self, left: Syntax, right: Syntax) -> Result<Node, Error> {
        let left = self.node(left)?;
        let leading_parent = matches!(left.kind, Kind::Parent(..)).then(|| sought(&left));
        let mut path = as_path(left);
        if let Some(slots) = leading_parent {
            path.seeking = slots;
        }
        let mut rest = self.node(right)?;
        let Kind::Path(steps) = &mut path.kind else {
            return Ok(path);
        };
        if let Kind::Path(more) = &mut rest.kind {
            steps.append(more);
        } else {
            rest.stages.append(&mut rest.predicates);
            steps.push(rest);
        }
        for step in steps.iter_mut() {
            let literal = match &step.kind {
                Kind::Number(number) => super::number::to_text(*number),
                Kind::Bool(value) => value.to_string(),
                Kind::Null => "null".to_owned(),
                Kind::String(name) => {
                    step.kind = Kind::Name(Arc::clone(name));
                    continue;
                }
                _ => continue,
            };
            return Err(Error::of("S0213").with("value", &literal).at(step.position));
        }
        let keep_singleton = steps.iter().any(|step| step.keep_array);
        let last = steps.len().saturating_sub(1);
        for index in [0, last] {
            if let Some(step) = steps.get_mut(index)
                && matches!(step.kind, Kind::Array(_))
            {
                step.keeps_constructed = true;
            }
        }
        path.keep_singleton |= keep_singleton;
        self.find_parents(&mut path)?;
        Ok(path)
    }

    fn predicate(
        &mut self,
        left: Syntax,
        predicate: Syntax,
        position: usize,
    ) -> Result<Node, Error> {
        let mut node = self.node(left)?;
        let is_path = matches!(node.kind, Kind::Path(_));
        let predicate = self.node(predicate)?;
        let step = last_step(&mut node);
        if step.group.is_some() {
            return Err(Error::of("S0209").at(position));
        }
        if !predicate.seeking.is_empty() {
            for &slot in &predicate.seeking {
                if self.slots[slot].level == 1 {
                    self.seek(step, slot)?;
                } else {
                    self.slots[slot].level = self.slots[slot].level.saturating_sub(1);
                }
            }
            push_sought(step, &predicate);
        }
        let stage = Stage::Filter(predicate);
        if is_path {
            step.stages.push(stage);
        } else {
            step.predicates.push(stage);
        }
        Ok(node)
    }

    /// Goes one step up for a `%`: notes on the step that its input is the parent sought, once
    /// that is far enough.
    fn seek(&mut self, node: &mut Node, slot: usize) -> Result<(), Error> {
        match &mut node.kind {
            Kind::Name(_) | Kind::Wildcard => {
                let slot = &mut self.slots[slot];
                slot.level = slot.level.saturating_sub(1);
                if slot.level == 0 {
                    node.ancestors.push(Arc::clone(&slot.label));
                    node.tuple = true;
                }
            }
            Kind::Parent(..) => self.slots[slot].level += 1,
            Kind::Block(expressions) => {
                if let Some(last) = expressions.last_mut() {
                    node.tuple = true;
                    self.seek(last, slot)?;
                }
            }
            Kind::Path(steps) => {
                node.tuple = true;
                for (index, step) in steps.iter_mut().rev().enumerate() {
                    if index > 0 && self.slots[slot].level == 0 {
                        break;
                    }
                    self.seek(step, slot)?;
                }
            }
            _ => return Err(Error::of("S0217").at(node.position)),
        }
        Ok(())
    }

    /// Finds the parents that the last step of a path asks for among the steps before it.
    fn find_parents(&mut self, path: &mut Node) -> Result<(), Error> {
        let Kind::Path(steps) = &mut path.kind else {
            return Ok(());
        };
        let Some(last) = steps.last() else {
            return Ok(());
        };
        for slot in sought(last) {
            let mut index = steps.len().checked_sub(2);
            while self.slots[slot].level > 0 {
                let Some(mut at) = index else {
                    path.seeking.push(slot);
                    break;
                };
                // Steps with a focus do not move: they count as one.
                while at > 0 && steps[at].focus.is_some() && steps[at - 1].focus.is_some() {
                    at -= 1;
                }
                self.seek(&mut steps[at], slot)?;
                index = at.checked_sub(1);
            }
        }
        Ok(())
    }
}

fn terminal(token: TokenKind, position: usize, keep_array: bool) -> Result<Node, Error> {
    let kind = match token {
        TokenKind::Name(name) => return Ok(name_path(name, position, keep_array)),
        TokenKind::Operator(operator @ ("and" | "or" | "in")) => {
            return Ok(name_path(operator.into(), position, keep_array));
        }
        TokenKind::Operator("?") => Kind::Placeholder,
        TokenKind::Operator(operator) => {
            return Err(Error::of("S0201").with_token(operator).at(position));
        }
        TokenKind::Variable(name) => Kind::Variable(name),
        TokenKind::String(text) => Kind::String(text),
        TokenKind::Number(number) => Kind::Number(number),
        TokenKind::Bool(value) => Kind::Bool(value),
        TokenKind::Null => Kind::Null,
        TokenKind::Regex(pattern) => Kind::Regex(pattern),
        TokenKind::End => return Err(Error::of("S0207").with_token("(end)").at(position)),
    };
    Ok(Node::new(kind, position))
}

fn name_path(name: Arc<str>, position: usize, keep_array: bool) -> Node {
    let mut step = Node::new(Kind::Name(name), position);
    step.keep_array = keep_array;
    let mut path = Node::new(Kind::Path(vec![step]), position);
    path.keep_singleton = keep_array;
    path
}

/// The node itself if it is a path, or a path of it alone.
fn as_path(node: Node) -> Node {
    if matches!(node.kind, Kind::Path(_)) {
        return node;
    }
    let position = node.position;
    Node::new(Kind::Path(vec![node]), position)
}
