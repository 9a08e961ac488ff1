//! The mark by which a resource belongs to a stack.

use std::collections::BTreeMap;

use crate::resource::{Address, Ownership, Scope};

/// The tag, or parameter, that names the stack.
pub const STACK_TAG: &str = "athglue:stack";
/// The tag, or parameter, that names the address in the stack.
pub const ID_TAG: &str = "athglue:id";

/// What a resource of a stack carries: its stack and its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub stack: String,
    pub id: String,
}

impl Mark {
    pub fn of(scope: &Scope, address: &Address) -> Self {
        Self {
            stack: scope.stack.clone(),
            id: address.to_string(),
        }
    }

    /// The mark as tags.
    pub fn tags(&self) -> [(&'static str, &str); 2] {
        [(STACK_TAG, &self.stack), (ID_TAG, &self.id)]
    }

    /// Reads the mark off tags or parameters.
    pub fn find(tags: &BTreeMap<String, String>) -> Ownership {
        match tags.get(STACK_TAG) {
            Some(stack) => Ownership::Marked {
                stack: stack.clone(),
                id: tags.get(ID_TAG).cloned().unwrap_or_default(),
            },
            None => Ownership::Unmarked,
        }
    }
}
