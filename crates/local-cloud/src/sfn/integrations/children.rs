//! The child executions of distributed Maps, as the store keeps them.

use std::collections::HashMap;

use asl::{
    ChildExecution, HistoryError, MachineType, MapRunProgress, MapRunSettings, Outcome,
    RecordedChild, TaskError,
};
use async_trait::async_trait;
use parking_lot::Mutex;

use super::{Integrations, runtime};
use crate::error::ServiceError;
use crate::sfn::executions::{self, Child, End, Execution};
use crate::sfn::history;
use crate::sfn::journal::Writer;

/// What is known here of the Map Runs of one execution.
#[derive(Default)]
pub(super) struct Children {
    runs: Mutex<HashMap<String, Run>>,
}

struct Run {
    child_type: MachineType,
    /// The children that the store has from before, by name.
    known: HashMap<String, i64>,
    /// Those that run, by name.
    writers: HashMap<String, Writer>,
}

impl Default for Run {
    fn default() -> Self {
        Self {
            child_type: MachineType::Standard,
            known: HashMap::new(),
            writers: HashMap::new(),
        }
    }
}

fn broken(error: ServiceError) -> HistoryError {
    HistoryError(Box::new(error))
}

impl Integrations {
    fn child_row(&self, arn: &str, child: &ChildExecution) -> Result<Execution, ServiceError> {
        let parent = self
            .parent
            .as_ref()
            .ok_or_else(|| ServiceError::internal("a Map Run of no execution"))?;
        Ok(Execution {
            id: 0,
            region: parent.region.clone(),
            machine: child.execution.state_machine_name.clone(),
            name: child.execution.name.clone(),
            version: parent.version,
            revision: parent.revision.clone(),
            input: child.execution.input.to_string(),
            trace_header: parent.trace_header.clone(),
            started: child.execution.start_time.timestamp_millis(),
            status: "RUNNING".to_owned(),
            stopped: None,
            output: None,
            error: None,
            cause: None,
            alias: parent.alias.clone(),
            test_case: parent.test_case.clone(),
            redrives: 0,
            redriven: None,
            child: Some(Child {
                map_run: arn.to_owned(),
                index: child.index,
                items: child.items,
            }),
        })
    }

    /// Has a child that the store knows run again.
    fn again(&self, id: i64) -> Result<(), ServiceError> {
        let store = self.cloud.store();
        store.write(|tx| {
            tx.prepare_cached(
                "UPDATE sfn_executions SET owner = ?2, redrives = redrives + (status <> 'RUNNING'),
                     redriven = iif(status <> 'RUNNING', ?3, redriven),
                     status = 'RUNNING', stopped = NULL, output = NULL, error = NULL, cause = NULL
                 WHERE id = ?1",
            )?
            .execute((id, store.lease(), crate::sfn::now()))?;
            Ok(())
        })
    }
}

#[async_trait]
impl asl::MapRuns for Integrations {
    async fn start(&self, run: &asl::MapRun) -> Result<(), TaskError> {
        let Some(execution) = self.execution() else {
            return Ok(());
        };
        self.children
            .runs
            .lock()
            .entry(run.arn.clone())
            .or_default()
            .child_type = run.child_type;
        self.cloud
            .sfn()
            .map_runs
            .start(&self.cloud, execution, &self.region, run)
            .map_err(|error| runtime(error.to_string()))
    }

    fn progress(&self, arn: &str, progress: MapRunProgress) {
        self.cloud
            .sfn()
            .map_runs
            .progress(&self.cloud, arn, progress);
    }

    fn settings(&self, arn: &str) -> Option<MapRunSettings> {
        self.cloud.sfn().map_runs.settings(arn)
    }

    fn child_started(
        &self,
        arn: &str,
        child: &ChildExecution,
    ) -> Result<Option<Box<dyn asl::History>>, HistoryError> {
        let name = child.execution.name.clone();
        let mut runs = self.children.runs.lock();
        let Some(run) = runs.get_mut(arn) else {
            return Ok(None);
        };
        let log = self
            .log
            .as_ref()
            .map(|log| log.of_child(&child.execution.state_machine_name, &child.execution.arn));
        let writer = match run.known.get(&name) {
            Some(id) => {
                self.again(*id).map_err(broken)?;
                Writer::new(&self.cloud, *id, log)
            }
            None => {
                let row = self.child_row(arn, child).map_err(broken)?;
                Writer::of_new(&self.cloud, row, log)
            }
        };
        run.writers.insert(name, writer.clone());
        Ok(match run.child_type {
            MachineType::Standard => Some(Box::new(writer)),
            // Nobody can ask for the history of one that is EXPRESS.
            MachineType::Express => None,
        })
    }

    fn child_ended(
        &self,
        arn: &str,
        child: &ChildExecution,
        outcome: &Outcome,
    ) -> Result<(), HistoryError> {
        let writer = self
            .children
            .runs
            .lock()
            .get_mut(arn)
            .and_then(|run| run.writers.remove(&child.execution.name));
        if let Some(writer) = writer {
            writer.end_soon(End::from(outcome.clone()));
        }
        Ok(())
    }

    async fn recorded(&self, arn: &str) -> Result<Vec<RecordedChild>, HistoryError> {
        let found = self
            .cloud
            .store()
            .read(|c| {
                executions::children(c, arn)?
                    .into_iter()
                    .map(|child| Ok((child.id, recorded(c, child)?)))
                    .collect::<Result<Vec<_>, ServiceError>>()
            })
            .map_err(broken)?;
        let mut runs = self.children.runs.lock();
        let run = runs.entry(arn.to_owned()).or_default();
        let mut children = Vec::with_capacity(found.len());
        for (id, child) in found {
            run.known.insert(child.name.clone(), id);
            children.push(child);
        }
        Ok(children)
    }
}

/// What the store has of a child, with the history of one that did not succeed.
fn recorded(c: &rusqlite::Connection, child: Execution) -> Result<RecordedChild, ServiceError> {
    let events = if child.status == "SUCCEEDED" {
        Vec::new()
    } else {
        history::recorded(c, child.id)?
    };
    // The last event may be in the store, and the end it tells of not.
    let end = child.end().or_else(|| End::told_by(&events));
    Ok(RecordedChild {
        index: child.child.map_or(0, |child| child.index),
        name: child.name,
        outcome: end.map_or(Ok(None), End::outcome)?,
        events,
    })
}
