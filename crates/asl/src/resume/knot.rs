//! Strands as they are while a history is read.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{
    progress::{Attempt, Iteration, IterationEnd, OpenState, OpenTask, RecordedFailure},
    record::{Reading, document},
};
use crate::jsonpath::Variables;

#[derive(Default)]
pub(super) struct Knot {
    pub parent: Option<usize>,
    pub previous: u64,
    pub variables: Variables,
    pub at: At,
}

#[derive(Default)]
pub(super) enum At {
    #[default]
    Start,
    /// An empty `next` is one that nothing tells of.
    Left {
        next: Option<String>,
        output: String,
    },
    In(Box<Open>),
}

pub(super) struct Child {
    pub knot: usize,
    pub started: u64,
    pub end: Option<IterationEnd>,
}

/// A state that is entered and not left.
#[derive(Default)]
pub(super) struct Open {
    pub name: String,
    pub before: u64,
    pub entered: u64,
    pub entered_time: DateTime<Utc>,
    pub input: String,
    pub failures: Vec<String>,
    pub pending: Option<RecordedFailure>,
    pub task: Option<OpenTask>,
    /// Of a Map or Parallel.
    pub started: bool,
    pub succeeded: bool,
    pub children: BTreeMap<usize, Child>,
    pub map_run: Option<String>,
    pub map_run_succeeded: bool,
    pub map_run_redriven: bool,
}

impl Open {
    /// Begins another attempt.
    pub fn try_again(&mut self) {
        let failed = self.pending.take();
        self.failures
            .extend(failed.map(|failure| failure.error.unwrap_or_default()));
        self.task = None;
        self.children.clear();
        self.succeeded = false;
        self.map_run = None;
        self.map_run_succeeded = false;
        self.map_run_redriven = false;
    }

    /// Begins anew what did not succeed.
    pub fn redrive(&mut self) {
        self.failures.clear();
        self.pending = None;
        self.task = None;
        self.map_run_redriven = self.map_run.is_some() && !self.map_run_succeeded;
        for child in self.children.values_mut() {
            if child.end != Some(IterationEnd::Succeeded) {
                child.end = None;
            }
        }
    }

    pub fn into_state(self, reading: &mut Reading) -> Result<OpenState, String> {
        let attempt = match (self.task, self.map_run) {
            // A failed attempt is over: another one begins from nothing.
            _ if self.pending.is_some() => Attempt::Fresh,
            (Some(task), _) => Attempt::Task(task),
            (None, Some(arn)) => Attempt::MapRun {
                arn,
                redriven: self.map_run_redriven,
                succeeded: self.map_run_succeeded,
            },
            (None, None) if self.started => Attempt::Fork {
                strands: reading
                    .strands(self.children)?
                    .into_iter()
                    .map(|(index, (strand, child))| {
                        let iteration = Iteration {
                            started: child.started,
                            strand,
                            end: child.end,
                        };
                        (index, iteration)
                    })
                    .collect(),
                succeeded: self.succeeded,
            },
            (None, None) => Attempt::Fresh,
        };
        Ok(OpenState {
            name: self.name,
            before: self.before,
            entered: self.entered,
            entered_time: self.entered_time,
            input: document(&self.input)?,
            failures: self.failures,
            pending: self.pending,
            attempt,
        })
    }
}
