//! Map Runs: what is told of a distributed Map while it runs, and how it is steered from outside.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{Execution, History, HistoryError, MachineType, Outcome, RecordedEvent, TaskError};

/// A Map Run, as it is when it starts: `DescribeMapRun`.
#[derive(Clone, Debug)]
pub struct MapRun {
    pub arn: String,
    /// The execution that the Map is a state of.
    pub execution_arn: String,
    /// The name of the Map state.
    pub state: String,
    /// `ExecutionType` of the `ProcessorConfig`: what its children are.
    pub child_type: MachineType,
    pub settings: MapRunSettings,
    /// How often the Map Run was redriven.
    pub redrive_count: u32,
}

/// What `UpdateMapRun` can change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MapRunSettings {
    /// How many children run at the same time; 0 is as many as there may be.
    pub max_concurrency: u64,
    pub tolerated_failure_count: u64,
    /// From 0 to 100.
    pub tolerated_failure_percentage: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapRunStatus {
    Running,
    Succeeded,
    Failed,
    Aborted,
}

/// How many there are of each: `itemCounts` and `executionCounts`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Those that had no turn yet, as far as it is known how many there are.
    pub pending: u64,
    pub running: u64,
    pub succeeded: u64,
    pub failed: u64,
    pub timed_out: u64,
    pub aborted: u64,
    /// How many results were written by a `ResultWriter`.
    pub results_written: u64,
    /// Those that did not succeed and wait to be redriven; they count as nothing else.
    pub pending_redrive: u64,
}

impl Counts {
    pub fn total(&self) -> u64 {
        self.pending
            + self.running
            + self.succeeded
            + self.failed
            + self.timed_out
            + self.aborted
            + self.pending_redrive
    }
}

/// How far a Map Run is. Items and children differ where an `ItemBatcher` puts several into one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MapRunProgress {
    pub status: MapRunStatus,
    pub items: Counts,
    pub executions: Counts,
}

/// One child execution of a Map Run.
#[derive(Clone, Debug)]
pub struct ChildExecution {
    /// The number of the item, or batch, from 0.
    pub index: u64,
    /// How many items it has.
    pub items: u64,
    /// Its ARN is `arn:aws:states:REGION:ACCOUNT:execution:MACHINE/LABEL:NAME`.
    pub execution: Execution,
}

/// A child that a former process started, or an attempt before a redrive.
#[derive(Clone, Debug)]
pub struct RecordedChild {
    pub index: u64,
    /// How many items it has.
    pub items: u64,
    pub name: String,
    pub start_time: DateTime<Utc>,
    /// None for one that had not ended.
    pub stop_time: Option<DateTime<Utc>>,
    /// None for one that had not ended, or was aborted.
    pub outcome: Option<Outcome>,
    /// Its outcome stands although the Map Run is redriven: it ended since, or cannot be redriven.
    pub is_final: bool,
    /// How often it was redriven, and when it was last.
    pub redrive_count: u32,
    pub redrive_time: Option<DateTime<Utc>>,
    /// The history of one that did not succeed, to go on from; empty to run it from its start.
    pub events: Vec<RecordedEvent>,
    /// It was aborted with the Map Run, and is to be run again.
    pub was_aborted: bool,
}

/// Keeps Map Runs and their children. All methods but [`Self::start`] have an answer that does
/// nothing, for who keeps less.
#[async_trait]
pub trait MapRuns: Send + Sync {
    /// A Map Run starts, or is taken up again under the ARN that it had.
    async fn start(&self, run: &MapRun) -> Result<(), TaskError>;

    /// How far it is; told whenever a child starts or ends, so it has to be quick. The last call
    /// has a status that is not `Running`: unless it is `Succeeded`, what still runs of its children
    /// is aborted with it, and nobody runs them any more. It comes after the event of the failure.
    fn progress(&self, _arn: &str, _progress: MapRunProgress) {}

    /// What holds now, if it was changed since the start. Asked before each child, and after
    /// [`Self::changed`].
    fn settings(&self, _arn: &str) -> Option<MapRunSettings> {
        None
    }

    /// Ends when [`Self::settings`] has something new, also if that came before this is awaited.
    async fn changed(&self, _arn: &str) {
        std::future::pending::<()>().await;
    }

    /// A child is about to run; gives what takes its history, if something does.
    fn child_started(
        &self,
        _arn: &str,
        _child: &ChildExecution,
    ) -> Result<Option<Box<dyn History>>, HistoryError> {
        Ok(None)
    }

    /// A child has ended.
    fn child_ended(
        &self,
        _arn: &str,
        _child: &ChildExecution,
        _outcome: &Outcome,
    ) -> Result<(), HistoryError> {
        Ok(())
    }

    /// The children of a Map Run that is taken up again. Those that succeeded are not run again;
    /// when it is redriven, those that did not succeed are, unless their outcome is final.
    async fn recorded(&self, _arn: &str) -> Result<Vec<RecordedChild>, HistoryError> {
        Ok(Vec::new())
    }

    /// The items of a Map Run that is taken up again, if they were kept: what an `ItemReader` read
    /// may have changed since.
    async fn items(&self, _arn: &str) -> Result<Option<Vec<Value>>, HistoryError> {
        Ok(None)
    }
}
