//! One thread of an execution: the execution itself, a branch of a Parallel, an iteration of a Map.

use std::sync::Arc;

use serde_json::Value;

use crate::{
    jsonpath::Variables,
    resume::progress::{Position, Strand},
};

#[derive(Debug, Default)]
pub(super) struct Branch {
    /// The last event of the branch; the next one follows it.
    pub previous: u64,
    /// What `Assign` gave names to here and in the branches around; shared with those until it assigns.
    pub variables: Arc<Variables>,
    /// `$$.Map.Item`, in an iteration.
    pub item: Option<Arc<Value>>,
    /// Where it goes on, in an execution that is taken up again.
    pub position: Position,
}

impl Branch {
    /// Gives names to values, here and in the branches within that begin later.
    pub fn assign(&mut self, assigned: Variables) {
        Arc::make_mut(&mut self.variables).extend(assigned);
    }

    /// A branch within, that sees the variables but whose own stay its own.
    pub fn within(&self, previous: u64) -> Self {
        Self {
            previous,
            variables: Arc::clone(&self.variables),
            item: self.item.clone(),
            position: Position::Start,
        }
    }

    /// A branch within that goes on where it was.
    pub fn going_on(&self, strand: Strand) -> Self {
        Self {
            previous: strand.previous,
            variables: strand.variables,
            item: self.item.clone(),
            position: strand.at,
        }
    }
}
