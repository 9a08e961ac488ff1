//! Expressions as they are evaluated: operators resolved to paths, steps and stages.

use std::sync::Arc;

use super::regex::Pattern;
use super::signature::Signature;

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub kind: Kind,
    pub position: usize,
    /// Followed by `[]`: the result stays an array.
    pub keep_array: bool,
    /// `[…]` after an expression that is no path.
    pub predicates: Vec<Stage>,
    /// `[…]` and `#$i` after a step of a path.
    pub stages: Vec<Stage>,
    pub group: Option<Group>,
    /// `@$v`
    pub focus: Option<Arc<str>>,
    /// `#$i`
    pub index: Option<Arc<str>>,
    /// The step makes tuples.
    pub tuple: bool,
    /// The labels under which the parents of the step's results are kept, for `%`.
    pub ancestors: Vec<Arc<str>>,
    /// An array constructor whose result is not flattened.
    pub keeps_constructed: bool,
    /// A path with a step that has `[]`.
    pub keep_singleton: bool,
    /// Slots of `%` for which the step that gives the parent is still sought.
    pub seeking: Vec<usize>,
}

#[derive(Clone, Debug)]
pub(super) enum Stage {
    Filter(Node),
    Index(Arc<str>),
}

#[derive(Clone, Debug)]
pub(super) struct Group {
    pub pairs: Vec<(Node, Node)>,
    pub position: usize,
}

#[derive(Clone, Debug)]
pub(super) struct SortTerm {
    pub descending: bool,
    pub expression: Node,
}

#[derive(Debug)]
pub(super) struct LambdaNode {
    pub parameters: Vec<Arc<str>>,
    pub signature: Option<Arc<Signature>>,
    pub body: Node,
}

#[derive(Debug)]
pub(super) struct TransformNode {
    pub pattern: Node,
    pub update: Node,
    pub delete: Option<Node>,
    pub position: usize,
}

/// What makes the left side of a default operator count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// `?:`
    Truthy,
    /// `??`
    Exists,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Path(Vec<Node>),
    Name(Arc<str>),
    String(Arc<str>),
    Number(f64),
    Bool(bool),
    Null,
    Variable(Arc<str>),
    Wildcard,
    Descendant,
    /// `%`: the slot while it is resolved, and the label under which the parent is found.
    Parent(usize, Arc<str>),
    Regex(Arc<Pattern>),
    Binary(&'static str, Box<Node>, Box<Node>),
    Negate(Box<Node>),
    Array(Vec<Node>),
    Object(Group),
    Sort(Vec<SortTerm>),
    Bind(Arc<str>, Box<Node>),
    Apply(Box<Node>, Box<Node>),
    Call(Box<Node>, Vec<Node>),
    Partial(Box<Node>, Vec<Node>),
    /// `?` among the arguments of a partial application.
    Placeholder,
    Lambda(Arc<LambdaNode>),
    Condition(Box<Node>, Box<Node>, Option<Box<Node>>),
    /// The left side, or the right one where the left is not as it should be.
    Default(Presence, Box<Node>, Box<Node>),
    Block(Vec<Node>),
    Transform(Arc<TransformNode>),
}

impl Node {
    pub fn new(kind: Kind, position: usize) -> Self {
        Self {
            kind,
            position,
            keep_array: false,
            predicates: Vec::new(),
            stages: Vec::new(),
            group: None,
            focus: None,
            index: None,
            tuple: false,
            ancestors: Vec::new(),
            keeps_constructed: false,
            keep_singleton: false,
            seeking: Vec::new(),
        }
    }

    /// The name by which messages call the function that this expression gives.
    pub fn callee(&self) -> Option<&Arc<str>> {
        match &self.kind {
            Kind::Path(steps) => steps.first().and_then(Node::callee),
            Kind::Name(name) | Kind::Variable(name) | Kind::String(name) => Some(name),
            _ => None,
        }
    }
}
