//! The executions inside of an execution: the children of Map Runs, and those that its tasks start.

use aws_sdk_sfn::types::{ExecutionListItem, ExecutionStatus, HistoryEvent};
use serde_json::Value;

use super::follow::{self, History};
use crate::cloud::{Cloud, Target};
use crate::json;
use crate::output::execution::{Failure, Items, States};
use crate::resource::{CallError, call};

/// How deep executions inside of executions are looked into.
const DEEPEST: usize = 5;

/// Takes how far the Map Runs are that have not ended; with `all`, those that have, too.
pub async fn look(cloud: &Cloud, states: &mut States, all: bool) -> Result<(), CallError> {
    let runs = states.map_runs.iter().filter(|run| all || !run.is_over);
    let arns: Vec<String> = runs.map(|run| run.arn.clone()).collect();
    for arn in arns {
        let request = cloud.sfn.describe_map_run().map_run_arn(&arn);
        let run = match call!("DescribeMapRun", request) {
            Ok(run) => run,
            // Who may follow an execution need not be one who may look at its Map Runs.
            Err(error) if error.is("AccessDeniedException") => continue,
            Err(error) => return Err(error),
        };
        let count = |number: i64| usize::try_from(number).unwrap_or_default();
        let items = run.item_counts().map(|counts| Items {
            total: count(counts.total()),
            started: count(counts.total() - counts.pending()),
            succeeded: count(counts.succeeded()),
            failed: count(counts.failed() + counts.timed_out()),
            aborted: count(counts.aborted()),
        });
        let executions = run.execution_counts().map_or(0, |counts| count(counts.total()));
        states.map_run(&arn, items.unwrap_or_default(), executions);
    }
    Ok(())
}

/// Whether an event tells of a Map Run that its last numbers are to be known before it is shown.
pub fn is_end_of_map_run(event: &HistoryEvent) -> bool {
    let kind = event.r#type().as_str();
    kind.starts_with("MapRun") && kind != "MapRunStarted" && kind != "MapRunRedriven"
}

/// What the children of Map Runs come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Children {
    pub executions: usize,
    pub transitions: usize,
    /// Their transitions are reckoned from some of them.
    pub is_estimate: bool,
    /// Those that are billed by their time, of which nobody is told.
    pub express: usize,
}

impl Children {
    fn add(&mut self, other: Self) {
        self.executions += other.executions;
        self.transitions += other.transitions;
        self.is_estimate |= other.is_estimate;
        self.express += other.express;
    }
}

/// Reads the histories of the children, as many as can be asked for in reasonable time, and adds
/// what their states did to `states`.
pub async fn fold(
    cloud: &Cloud,
    states: &mut States,
    depth: usize,
) -> Result<Children, CallError> {
    states.running_inside(&[], false);
    look(cloud, states, true).await?;
    states.all_unread(false);
    let mut all = Children::default();
    for run in states.map_runs.clone() {
        let Some(flow) = states.nodes[run.node].children.clone() else {
            continue;
        };
        if flow.is_express {
            all.express += run.executions;
            states.unread(run.node);
            continue;
        }
        let children = of_run(cloud, &run.arn, None, most_read(cloud)).await?;
        let mut here = Children::default();
        let mut read = 0;
        for child in &children {
            let mut child = states_of_child(cloud, child, &flow.flow).await?;
            read += 1;
            here.transitions += child.transitions;
            if depth < DEEPEST && !child.map_runs.is_empty() {
                here.add(Box::pin(fold(cloud, &mut child, depth + 1)).await?);
            }
            states.absorb(&child);
        }
        if read < run.executions {
            states.unread(run.node);
        }
        if read < run.executions && read > 0 {
            here.transitions = here.transitions * run.executions / read;
            here.is_estimate = true;
        }
        here.executions += run.executions;
        all.add(here);
    }
    Ok(all)
}

/// How many children of a Map Run are read when it has ended.
fn most_read(cloud: &Cloud) -> i32 {
    match cloud.target() {
        Target::Local { .. } => 1000,
        Target::Aws | Target::Endpoint(_) => 50,
    }
}

/// How many children of a Map Run are looked into while they run, again and again.
fn most_watched(cloud: &Cloud) -> i32 {
    match cloud.target() {
        Target::Local { .. } => 100,
        Target::Aws | Target::Endpoint(_) => 20,
    }
}

/// The newest children of a Map Run, at most `most`, of this status if one is given.
async fn of_run(
    cloud: &Cloud,
    arn: &str,
    status: Option<ExecutionStatus>,
    most: i32,
) -> Result<Vec<ExecutionListItem>, CallError> {
    let request = cloud.sfn.list_executions().map_run_arn(arn).max_results(most);
    let answer = call!("ListExecutions", request.set_status_filter(status))?;
    Ok(answer.executions)
}

/// The states of a child execution, whose flow this is. What was entered and never left of one that
/// has ended was aborted, whatever the last event of its history is.
async fn states_of_child(
    cloud: &Cloud,
    child: &ExecutionListItem,
    flow: &Value,
) -> Result<States, CallError> {
    let mut states = States::of(flow);
    for event in &History::new(cloud, child.execution_arn()).news().await? {
        states.take(event);
    }
    if *child.status() != ExecutionStatus::Running {
        states.close(child.stop_date().copied());
    }
    Ok(states)
}

/// Takes in which states the children of Map Runs are that have not ended. Of many children some
/// are looked into; who may not look is told nothing.
pub async fn look_inside(cloud: &Cloud, states: &mut States) -> Result<(), CallError> {
    let most = most_watched(cloud);
    let mut inside = Vec::new();
    let mut is_sample = false;
    for run in states.map_runs.iter().filter(|run| !run.is_over) {
        let flow = states.nodes[run.node].children.as_ref();
        let Some(flow) = flow.filter(|flow| !flow.is_express) else {
            continue;
        };
        match running_of_run(cloud, &run.arn, &flow.flow, most).await {
            Ok(children) => {
                is_sample |= i32::try_from(children.len()).is_ok_and(|read| read >= most);
                inside.extend(children);
            }
            Err(error) if error.is_any(&UNSEEN) => {}
            Err(error) => return Err(error),
        }
    }
    states.running_inside(&inside, is_sample);
    Ok(())
}

async fn running_of_run(
    cloud: &Cloud,
    arn: &str,
    flow: &Value,
    most: i32,
) -> Result<Vec<States>, CallError> {
    let mut found = Vec::new();
    for child in of_run(cloud, arn, Some(ExecutionStatus::Running), most).await? {
        found.push(states_of_child(cloud, &child, flow).await?);
    }
    Ok(found)
}

/// An execution inside of another one that failed.
#[derive(Debug, Clone)]
pub struct Inner {
    pub execution: String,
    /// The state that failed in it, if that can be known.
    pub state: Option<String>,
    /// What that state was given.
    pub input: Option<String>,
    pub failure: Failure,
}

impl Inner {
    fn of(execution: String, states: &States, input: Option<String>) -> Self {
        let culprit = states.culprit.as_ref().map(|c| &states.nodes[c.node]);
        let failure = culprit.and_then(|node| node.failure.clone());
        Self {
            execution,
            state: culprit.map(|node| node.name.clone()),
            input,
            failure: failure.or_else(|| states.ending.clone()).unwrap_or_default(),
        }
    }
}

/// What says that somebody may not look, or that there is nothing to be seen.
const UNSEEN: [&str; 4] = [
    "AccessDeniedException",
    "ExecutionDoesNotExist",
    "InvalidArn",
    "StateMachineTypeNotSupported",
];

/// The executions that a failure is of, from the outermost to the one that it began in: of a
/// distributed Map a child, of `startExecution.sync` what was started.
pub async fn inner_failures(cloud: &Cloud, outermost: &States) -> Result<Vec<Inner>, CallError> {
    let mut found: Vec<Inner> = Vec::new();
    let mut next = failed_within(cloud, outermost).await?;
    while let Some(arn) = next
        && found.len() < DEEPEST
    {
        let states = match follow::states_of(cloud, &arn).await {
            Ok(states) => states,
            Err(error) if error.is_any(&UNSEEN) => States::default(),
            Err(error) => return Err(error),
        };
        let input = match &states.culprit {
            Some(culprit) => follow::input_of(cloud, &arn, culprit.event).await?,
            None => None,
        };
        found.push(Inner::of(arn, &states, input));
        next = failed_within(cloud, &states).await?;
    }
    Ok(found)
}

/// The execution that the failure of a state is of.
async fn failed_within(cloud: &Cloud, states: &States) -> Result<Option<String>, CallError> {
    let Some(culprit) = &states.culprit else {
        return Ok(None);
    };
    let mut runs = states.map_runs.iter().rev();
    let Some(run) = runs.find(|run| run.node == culprit.node) else {
        let failure = states.nodes[culprit.node].failure.as_ref();
        return Ok(failure.and_then(started));
    };
    let request = cloud.sfn.list_executions().map_run_arn(&run.arn);
    let request = request.status_filter(ExecutionStatus::Failed).max_results(1);
    match call!("ListExecutions", request) {
        Ok(answer) => Ok(answer.executions.into_iter().next().map(|child| child.execution_arn)),
        Err(error) if error.is_any(&UNSEEN) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The execution that a task started and whose failure is the task's: its cause is what
/// DescribeExecution gives of it.
fn started(failure: &Failure) -> Option<String> {
    let cause = json::parse(&failure.cause).ok()?;
    let arn = cause["ExecutionArn"].as_str()?;
    arn.contains(":execution:").then(|| arn.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_started_execution_is_in_the_cause_of_its_failure() {
        let failure = |cause: &str| Failure {
            error: "States.TaskFailed".to_owned(),
            cause: cause.to_owned(),
        };
        let arn = "arn:aws:states:eu-west-1:000000000000:execution:m:one";
        let cause = format!(r#"{{"ExecutionArn":"{arn}","Status":"FAILED"}}"#);
        assert_eq!(started(&failure(&cause)).as_deref(), Some(arn));
        assert_eq!(started(&failure("why")), None);
        assert_eq!(started(&failure(r#"{"ExecutionArn":1}"#)), None);
    }
}
