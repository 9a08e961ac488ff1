//! The child executions of distributed Maps, as the store keeps them.

use std::collections::HashMap;
use std::sync::Arc;

use asl::{
    ChildExecution, HistoryError, MachineType, MapRunProgress, MapRunSettings, Outcome,
    RecordedChild, TaskError,
};
use async_trait::async_trait;
use parking_lot::Mutex;

use super::{Integrations, runtime};
use crate::caller::Caller;
use crate::error::ServiceError;
use crate::sfn::arn::ExecutionArn;
use crate::sfn::executions::{self, Child, End, Execution};
use crate::sfn::journal::Writer;
use crate::sfn::map_runs::Held;
use crate::sfn::{history, map_runs, redrive, running};

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
    held: Option<Arc<Held>>,
}

impl Default for Run {
    fn default() -> Self {
        Self {
            child_type: MachineType::Standard,
            known: HashMap::new(),
            writers: HashMap::new(),
            held: None,
        }
    }
}

fn broken(error: ServiceError) -> HistoryError {
    HistoryError(Box::new(error))
}

impl Integrations {
    /// The key of the execution that a Map Run is of: the parent, or a child of another Map Run of it,
    /// whose history is in the store.
    fn owner(&self, run: &asl::MapRun) -> Result<Option<i64>, ServiceError> {
        let Some(parent) = &self.parent else {
            return Ok(None);
        };
        if parent.arn(self.cloud.account()).to_string() == run.execution_arn {
            return Ok(Some(parent.id));
        }
        let arn = ExecutionArn::parse(&run.execution_arn)?;
        let caller = Caller::root(&self.region);
        let owner = executions::known(&self.cloud, &caller, &arn)?;
        Ok(Some(owner.id))
    }

    /// A Map Run that was started, as this process keeps it.
    fn held(&self, arn: &str) -> Option<Arc<Held>> {
        self.children.runs.lock().get(arn)?.held.clone()
    }

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

    /// The run that all children belong to: that of the outermost execution.
    fn outermost(&self) -> Result<executions::Run, ServiceError> {
        let parent = self
            .parent
            .as_ref()
            .ok_or_else(|| ServiceError::internal("a Map Run of no execution"))?;
        Ok(parent.run())
    }

    /// Has a child that the store knows run again, unless its Map Run may begin none any more.
    fn again(
        &self,
        map_run: &str,
        id: i64,
        execution: &asl::Execution,
    ) -> Result<(), ServiceError> {
        let store = self.cloud.store();
        let parent = self.outermost()?;
        let redriven = execution.redrive_time.map(|time| time.timestamp_millis());
        store.write(|tx| {
            if !executions::may_begin_children(tx, store.lease(), parent, map_run)? {
                return Ok(());
            }
            tx.prepare_cached(
                "UPDATE sfn_executions SET owner = ?2, redrives = ?3, redriven = ?4,
                     status = 'RUNNING', stopped = NULL, output = NULL, error = NULL, cause = NULL
                 WHERE id = ?1",
            )?
            .execute((id, store.lease(), execution.redrive_count, redriven))?;
            Ok(())
        })
    }
}

#[async_trait]
impl asl::MapRuns for Integrations {
    async fn start(&self, run: &asl::MapRun) -> Result<(), TaskError> {
        let Some(execution) = self
            .owner(run)
            .map_err(|error| runtime(error.to_string()))?
        else {
            return Ok(());
        };
        let held = self
            .cloud
            .sfn()
            .map_runs
            .start(&self.cloud, execution, &self.region, run)
            .map_err(|error| runtime(error.to_string()))?;
        let mut runs = self.children.runs.lock();
        let known = runs.entry(run.arn.clone()).or_default();
        known.child_type = run.child_type;
        known.held = Some(Arc::new(held));
        Ok(())
    }

    fn progress(&self, arn: &str, progress: MapRunProgress) {
        if let Some(held) = self.held(arn) {
            held.progress(progress);
        }
    }

    fn settings(&self, arn: &str) -> Option<MapRunSettings> {
        self.held(arn)?.settings()
    }

    async fn changed(&self, arn: &str) {
        match self.held(arn) {
            Some(held) => held.changed().await,
            None => std::future::pending().await,
        }
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
            .map(|log| log.of_child(&child.execution.state_machine_name, &child.execution.arn))
            .map(|log| log.redriven(child.execution.redrive_count));
        let is_express = run.child_type == MachineType::Express;
        // The log is all that is left of the history of one that is EXPRESS.
        let keeps_events = !is_express || log.is_some();
        let parent = self.outermost().map_err(broken)?;
        let writer = match run.known.get(&name) {
            Some(id) => {
                self.again(arn, *id, &child.execution).map_err(broken)?;
                let run = executions::Run {
                    execution: *id,
                    redrives: child.execution.redrive_count,
                };
                Writer::again(&self.cloud, run, parent, log, is_express)
            }
            None => {
                let row = self.child_row(arn, child).map_err(broken)?;
                Writer::of_new(&self.cloud, row, parent, log, is_express)
            }
        };
        run.writers.insert(name, writer.clone());
        Ok(keeps_events.then(|| Box::new(writer) as Box<dyn asl::History>))
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
                let redriven = map_runs::last_redrive(c, arn)?;
                executions::children(c, arn)?
                    .into_iter()
                    .map(|child| Ok((child.id, recorded(c, child, redriven)?)))
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

/// What the store has of a child, with the history of one that did not succeed. `redriven` is when
/// its Map Run was last redriven.
fn recorded(
    c: &rusqlite::Connection,
    child: Execution,
    redriven: Option<i64>,
) -> Result<RecordedChild, ServiceError> {
    let events = if child.status == "SUCCEEDED" {
        Vec::new()
    } else {
        history::recorded(c, child.id)?
    };
    // The last event may be in the store, and the end it tells of not.
    let told = End::told_by(&events);
    let last = events.last().map(|event| event.timestamp);
    // Only a history with an end can be redriven.
    let told_an_end = told.is_some();
    let can_be_begun_anew = events.is_empty() || told_an_end;
    let end = child.end().or(told);
    let since = |redriven: i64| child.stopped.is_some_and(|stopped| stopped >= redriven);
    // It was redriven, and its history does not tell that yet.
    let is_begun_anew =
        child.is_running() && told_an_end && running::redrives(&events) < child.redrives;
    let time = |millis| chrono::DateTime::from_timestamp_millis(millis).unwrap_or_default();
    Ok(RecordedChild {
        index: child.child.as_ref().map_or(0, |child| child.index),
        items: child.child.as_ref().map_or(0, |child| child.items),
        start_time: time(child.started),
        stop_time: child.stopped.map(time).or(last.filter(|_| told_an_end)),
        is_final: !is_begun_anew
            && (redriven.is_some_and(since) || redrive::reason(c, &child)?.is_some()),
        was_aborted: can_be_begun_anew && end.as_ref().is_some_and(|end| end.status == "ABORTED"),
        outcome: end.map_or(Ok(None), End::outcome)?,
        redrive_count: child.redrives - u32::from(is_begun_anew),
        redrive_time: child.redriven.map(time),
        name: child.name,
        events,
    })
}
