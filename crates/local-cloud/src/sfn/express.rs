//! Executions of EXPRESS machines: StartSyncExecution, and StartExecution of such a machine.
//! Nobody can look them up, so the store does not know of them.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use asl::{Event, WallClock};
use parking_lot::Mutex;
use serde_json::Value;

use super::executions::{End, timestamp, type_not_supported};
use super::machines::Revision;
use super::start::{Startable, execution_name};
use super::{definition, journal, log, now};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::sfn::*;

/// No EXPRESS execution takes longer.
const LONGEST: Duration = Duration::from_mins(5);
/// How many histories are kept.
const KEPT: usize = 16;
/// What is billed for: time in steps of this length, and memory in steps of 64 MB.
const BILLED_MS: i64 = 100;

/// The histories of the last EXPRESS executions of this process, where somebody wants them kept. AWS
/// has none; a command that runs one in its own process tells by it where it failed.
#[derive(Default)]
pub(super) struct Kept {
    is_on: AtomicBool,
    histories: Mutex<VecDeque<(String, Vec<Event>)>>,
}

impl Kept {
    pub fn turn_on(&self) {
        self.is_on.store(true, Ordering::Relaxed);
    }

    fn is_on(&self) -> bool {
        self.is_on.load(Ordering::Relaxed)
    }

    fn keep(&self, arn: String, events: Vec<Event>) {
        let mut histories = self.histories.lock();
        if histories.len() >= KEPT {
            histories.pop_front();
        }
        histories.push_back((arn, events));
    }

    /// The history of an execution, as GetExecutionHistory gives it, from the event `start` on.
    pub fn page(
        &self,
        arn: &str,
        start: i64,
        most: usize,
        backwards: bool,
    ) -> Option<Result<Vec<(i64, String)>, ServiceError>> {
        let histories = self.histories.lock();
        let (_, events) = histories.iter().find(|(kept, _)| kept == arn)?;
        let wanted = |event: &&Event| {
            let id = event.id.cast_signed();
            if backwards { id <= start } else { id >= start }
        };
        let mut wanted: Vec<&Event> = events.iter().filter(wanted).collect();
        wanted.sort_by_key(|event| event.id);
        if backwards {
            wanted.reverse();
        }
        wanted.truncate(most);
        let page = wanted.into_iter().map(|event| {
            let text = journal::text(event);
            text.map(|text| (event.id.cast_signed(), text))
        });
        Some(page.collect())
    }
}

/// The ARN of an execution, of which several may have one name.
fn arn(startable: &Startable, name: &str) -> String {
    let machine = &startable.arn;
    format!(
        "arn:aws:states:{}:{}:express:{}:{name}:{}",
        machine.region,
        machine.account,
        machine.name,
        uuid::Uuid::new_v4()
    )
}

/// Runs an execution, whose input was given as `text`, to its end, and logs it.
async fn run(
    cloud: Cloud,
    machine: asl::StateMachine,
    revision: Revision,
    execution: asl::Execution,
    text: String,
    tasks: super::integrations::Integrations,
) -> End {
    let kept = &cloud.sfn().express;
    let machine_name = &execution.state_machine_name;
    let history =
        log::Express::new(&revision, machine_name, &execution.arn, kept.is_on()).with_input(text);
    let work = asl::execute(&machine, &execution, &tasks, &WallClock, &history);
    let end = match tokio::time::timeout(LONGEST, work).await {
        Ok(Ok(outcome)) => outcome.into(),
        Ok(Err(error)) => End::failed(error.to_string()),
        Err(_) => End::without_output("TIMED_OUT", Some("States.Timeout".to_owned()), None),
    };
    if let Err(error) = history.write(&cloud) {
        tracing::error!(execution = execution.arn, %error, "an execution is not logged");
    }
    if kept.is_on() {
        kept.keep(execution.arn, history.kept());
    }
    end
}

/// Starts an execution of an EXPRESS machine in the background; `text` is what the input was read from.
pub(super) fn start(
    cloud: &Cloud,
    startable: &Startable,
    name: &str,
    input: Value,
    text: String,
) -> Result<StartExecutionOutput, ServiceError> {
    let arn = arn(startable, name);
    let machine = startable.parsed(cloud)?;
    let started = now();
    let execution = startable.execution(arn.clone(), name, started, input);
    let tasks = startable.tasks(cloud);
    let (own, revision) = (cloud.clone(), startable.revision.clone());
    cloud.spawn(async move {
        let end = run(own, machine, revision, execution, text, tasks).await;
        tracing::debug!(status = end.status, error = ?end.error, cause = ?end.cause, "express execution");
    });
    Ok(StartExecutionOutput {
        execution_arn: arn,
        start_date: timestamp(started),
    })
}

/// Runs an execution of an EXPRESS machine and answers with its end.
pub async fn start_sync(
    cloud: &Cloud,
    caller: &Caller,
    input: StartSyncExecutionInput,
) -> Result<StartSyncExecutionOutput, ServiceError> {
    definition::check_size("input", input.input.as_deref().unwrap_or_default())?;
    let startable = Startable::find(cloud, caller, &input.state_machine_arn)?;
    if !startable.machine.is_express() {
        return Err(type_not_supported());
    }
    let name = execution_name(input.name)?;
    let text = input.input.unwrap_or_else(|| "{}".to_owned());
    let value = definition::check_input(&text)?;
    let arn = arn(&startable, &name);
    let started = now();
    let execution = asl::Execution {
        tells_redrives: false,
        ..startable.execution(arn.clone(), &name, started, value)
    };
    let end = run(
        cloud.clone(),
        startable.parsed(cloud)?,
        startable.revision.clone(),
        execution,
        text.clone(),
        startable.tasks(cloud),
    )
    .await;
    let stopped = now();
    let with_data = input.included_data.as_deref() != Some("METADATA_ONLY");
    let included = || {
        with_data.then_some(CloudWatchEventsExecutionDataDetails {
            included: Some(true),
        })
    };
    Ok(StartSyncExecutionOutput {
        execution_arn: arn,
        state_machine_arn: Some(startable.arn.to_string()),
        name: Some(name),
        start_date: timestamp(started),
        stop_date: timestamp(stopped),
        status: end.status.to_owned(),
        error: end.error,
        cause: end.cause.filter(|_| with_data),
        input: with_data.then_some(text),
        input_details: included(),
        output_details: included(),
        output: end.output.filter(|_| with_data),
        trace_header: input.trace_header,
        billing_details: Some(BillingDetails {
            billed_memory_used_in_mb: Some(64),
            billed_duration_in_milliseconds: Some(billed(stopped - started)),
        }),
    })
}

fn billed(millis: i64) -> i64 {
    (millis.max(1) + BILLED_MS - 1) / BILLED_MS * BILLED_MS
}

#[cfg(test)]
mod tests {
    use super::billed;

    #[test]
    fn a_begun_tenth_of_a_second_is_billed() {
        assert_eq!([0, 1, 100, 101].map(billed), [100, 100, 100, 200]);
    }
}
