//! One thread of an execution: the execution itself, a branch of a Parallel, an iteration of a Map.

use serde_json::Value;

use crate::jsonpath::Variables;

#[derive(Clone, Debug, Default)]
pub(super) struct Branch {
    /// The last event of the branch; the next one follows it.
    pub previous: u64,
    /// What `Assign` gave names to here and in the branches around.
    pub variables: Variables,
    /// `$$.Map.Item`, in an iteration.
    pub item: Option<Value>,
}

impl Branch {
    /// A branch within, that sees the variables but whose own stay its own.
    pub fn within(&self, previous: u64) -> Self {
        Self {
            previous,
            ..self.clone()
        }
    }
}
