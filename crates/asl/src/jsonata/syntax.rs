//! The tree of an expression as it is written.

use std::sync::Arc;

use super::ast::Presence;
use super::lexer::TokenKind;
use super::signature::Signature;

#[derive(Clone, Debug)]
pub(super) struct Syntax {
    pub kind: SyntaxKind,
    pub position: usize,
    /// Followed by `[]`.
    pub keep_array: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Term {
    pub descending: bool,
    pub expression: Syntax,
}

pub(super) type Pair = (Syntax, Syntax);

#[derive(Clone, Debug)]
pub(super) enum SyntaxKind {
    /// A name, a literal, a variable; an operator that stands for itself (`?`, `and`); the end.
    Terminal(TokenKind),
    Wildcard,
    Descendant,
    Parent,
    Binary(&'static str, Box<Syntax>, Box<Syntax>),
    Predicate(Box<Syntax>, Box<Syntax>),
    GroupBy(Box<Syntax>, Vec<Pair>),
    OrderBy(Box<Syntax>, Vec<Term>),
    Bind(Arc<str>, Box<Syntax>),
    Focus(Box<Syntax>, Arc<str>),
    Index(Box<Syntax>, Arc<str>),
    Negate(Box<Syntax>),
    Array(Vec<Syntax>),
    Object(Vec<Pair>),
    Call(Box<Syntax>, Vec<Syntax>),
    Partial(Box<Syntax>, Vec<Syntax>),
    Lambda(Vec<Arc<str>>, Option<Arc<Signature>>, Box<Syntax>),
    Condition(Box<Syntax>, Box<Syntax>, Option<Box<Syntax>>),
    Default(Presence, Box<Syntax>, Box<Syntax>),
    Block(Vec<Syntax>),
    Transform(Box<Syntax>, Box<Syntax>, Option<Box<Syntax>>),
}

impl Syntax {
    pub fn new(kind: SyntaxKind, position: usize) -> Self {
        Self {
            kind,
            position,
            keep_array: false,
        }
    }
}
