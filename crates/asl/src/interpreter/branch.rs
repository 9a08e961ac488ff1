//! One thread of an execution: the execution itself, a branch of a Parallel, an iteration of a Map.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde_json::Value;

use super::{Interpreter, failure::Interrupt};
use crate::{
    definition::Kind,
    jsonpath::Variables,
    resume::progress::{Position, Strand},
};

#[derive(Debug, Default)]
pub(super) struct Branch {
    /// The last event of the branch; the next one follows it.
    pub previous: u64,
    /// Whether the Map or Parallel that it is in failed by what runs within, which no event tells yet.
    pub untold: bool,
    /// What `Assign` gave names to here and in the branches around; shared with those until it assigns.
    pub variables: Arc<Variables>,
    /// `$$.Map.Item`, in an iteration.
    pub item: Option<Arc<Value>>,
    /// Where it goes on, in an execution that is taken up again.
    pub position: Position,
    /// Whether the state that it is in is a Task; whoever drops the branch knows it, too.
    pub in_task: Arc<AtomicBool>,
}

impl Branch {
    /// Enters a state of a kind.
    pub fn enter(&self, kind: &Kind) {
        let is_task = matches!(kind, Kind::Task(_));
        self.in_task.store(is_task, Ordering::Relaxed);
    }

    /// Gives names to values, here and in the branches within that begin later.
    pub fn assign(&mut self, assigned: Variables) {
        Arc::make_mut(&mut self.variables).extend(assigned);
    }

    /// A branch within, that sees the variables but whose own stay its own.
    pub fn within(&self, previous: u64) -> Self {
        Self {
            previous,
            untold: false,
            variables: Arc::clone(&self.variables),
            item: self.item.clone(),
            position: Position::Start,
            in_task: Arc::default(),
        }
    }

    /// A branch within that goes on where it was.
    pub fn going_on(&self, strand: Strand) -> Self {
        Self {
            previous: strand.previous,
            untold: false,
            variables: strand.variables,
            item: self.item.clone(),
            position: strand.at,
            in_task: Arc::default(),
        }
    }
}

impl Interpreter<'_> {
    /// Writes that the Task which a branch or an iteration is in, if it is in one, ends with the failure of
    /// a Parallel or a Map, after the event that `previous` failed it.
    ///
    /// Source: AWS's recorded executions, in which it follows also the task that failed by itself.
    pub(super) fn abort_task(
        &self,
        previous: u64,
        in_task: Option<&Arc<AtomicBool>>,
    ) -> Result<(), Interrupt> {
        if in_task.is_some_and(|in_task| in_task.load(Ordering::Relaxed)) {
            self.log.record(previous, "TaskStateAborted", None)?;
        }
        Ok(())
    }
}
