//! Strands as they are while a history is read.

use std::{collections::BTreeMap, sync::Arc};

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
    pub variables: Arc<Variables>,
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
    /// It was told that it ended with what is around it.
    pub aborted: bool,
    pub task: Option<OpenTask>,
    /// Of a Map or Parallel.
    pub started: bool,
    pub succeeded: bool,
    /// An event tells that it failed.
    pub told: bool,
    pub children: BTreeMap<usize, Child>,
    pub map_run: Option<String>,
    /// The event that told that it succeeded.
    pub map_run_succeeded: Option<u64>,
    /// The error that the Map Run failed with.
    pub map_run_error: Option<String>,
    /// How often it was redriven, as events tell.
    pub map_run_redrives: u32,
    /// It is redriven, which no event tells yet.
    pub map_run_redriven: bool,
}

/// A Map Run that failed with one of these is not redriven: a new one is started.
///
/// Source: "Redriving Map Runs in Step Functions executions", AWS Step Functions developer guide.
const BEYOND_REDRIVE: [&str; 2] = ["States.DataLimitExceeded", "States.Runtime"];

impl Open {
    /// Begins another attempt.
    pub fn try_again(&mut self) {
        let failed = self.pending.take();
        self.failures.extend(failed.map(RecordedFailure::into_name));
        self.task = None;
        self.children.clear();
        self.succeeded = false;
        self.told = false;
        self.forget_map_run();
    }

    fn forget_map_run(&mut self) {
        self.map_run = None;
        self.map_run_succeeded = None;
        self.map_run_error = None;
        self.map_run_redrives = 0;
        self.map_run_redriven = false;
    }

    /// Begins anew what did not succeed, in an execution that failed with `error`.
    pub fn redrive(&mut self, error: Option<&str>) {
        self.failures.clear();
        self.told = false;
        self.pending = None;
        self.aborted = false;
        self.task = None;
        // Of a failure that nothing catches only the end of the execution tells.
        let error = self.map_run_error.as_deref().or(error);
        let is_lost = error.is_some_and(|error| BEYOND_REDRIVE.contains(&error));
        if self.map_run_succeeded.is_none() && is_lost {
            self.forget_map_run();
        }
        self.map_run_error = None;
        self.map_run_redriven = self.map_run.is_some() && self.map_run_succeeded.is_none();
        for child in self.children.values_mut() {
            if !matches!(child.end, Some(IterationEnd::Succeeded(_))) {
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
                redrives: self.map_run_redrives,
                redriven: self.map_run_redriven,
                succeeded: self.map_run_succeeded,
            },
            (None, None) if self.started => Attempt::Fork {
                strands: reading
                    .strands(self.children)?
                    .into_iter()
                    .map(|(index, (strand, child))| {
                        let iteration = Iteration {
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
            // What comes after all within has succeeded, as its output, has no event of that kind.
            untold: self.pending.is_some() && !self.told && !self.succeeded,
            failures: self.failures,
            pending: self.pending,
            aborted: self.aborted,
            attempt,
        })
    }
}
