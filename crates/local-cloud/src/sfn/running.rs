//! Executions that run in this process, and those of processes that are no more, which are taken
//! up again.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use asl::{HistoryError, RecordedEvent, ResumeError, StateMachine, WallClock};
use parking_lot::Mutex;
use rusqlite::OptionalExtension;
use tokio::sync::Notify;

use super::executions::{self, End, Execution, Run};
use super::express::Kept;
use super::integrations::Integrations;
use super::journal::{Journal, Writer};
use super::machines::{self, Revision};
use super::map_runs::MapRuns;
use super::notices::Notices;
use super::{history, log};
use crate::cloud::Cloud;
use crate::error::ServiceError;

/// How often a history's events are written at least, and an end from outside is looked for.
const TICK: Duration = Duration::from_millis(250);
/// How often it is where nothing happens.
const LONG_TICK: Duration = Duration::from_secs(1);
/// How often a cloud that is served looks for executions of other processes.
const ROUND: Duration = Duration::from_secs(2);
/// How many parsed definitions are kept.
const MACHINES: usize = 256;

/// What Step Functions keeps in memory of an open cloud.
#[derive(Default)]
pub struct Shared {
    pub(super) journal: Journal,
    pub(super) notices: Notices,
    pub(super) map_runs: MapRuns,
    pub(super) express: Kept,
    /// What stops the executions that run here, by their keys.
    running: Mutex<HashMap<i64, Arc<Notify>>>,
    machines: Mutex<HashMap<String, StateMachine>>,
}

impl Shared {
    /// From now on, the histories of the last EXPRESS executions of this process are kept.
    pub(crate) fn keep_express_histories(&self) {
        self.express.turn_on();
    }

    /// The state machine of a revision.
    pub(super) fn machine(
        &self,
        key: &str,
        revision: &Revision,
    ) -> Result<StateMachine, ServiceError> {
        if let Some(parsed) = self.machines.lock().get(key) {
            return Ok(parsed.clone());
        }
        // It was without mistakes when it was made.
        let parsed = StateMachine::parse(&revision.definition).map_err(|mistakes| {
            ServiceError::internal(format!("the definition of a state machine: {mistakes:?}"))
        })?;
        let mut machines = self.machines.lock();
        if machines.len() >= MACHINES {
            machines.clear();
        }
        machines.insert(key.to_owned(), parsed.clone());
        Ok(parsed)
    }
}

/// An execution of the store, ready to run.
pub(super) struct Work {
    /// The execution's key in the store.
    pub id: i64,
    pub machine: StateMachine,
    pub execution: asl::Execution,
    pub tasks: Integrations,
    pub log: Option<log::Target>,
    pub begin: Begin,
}

/// Where an execution begins.
pub(super) enum Begin {
    /// At its first event, which tells the input in this text.
    Start(String),
    /// Where another process left it.
    History(Vec<RecordedEvent>),
    /// Where it failed, was aborted or timed out.
    Failure(Vec<RecordedEvent>),
    /// At its end, which is only to be written.
    End(End),
}

/// How often a history was redriven.
pub(super) fn redrives(events: &[RecordedEvent]) -> u32 {
    let redriven = events
        .iter()
        .filter(|event| event.kind == "ExecutionRedriven");
    redriven.count().try_into().unwrap_or(u32::MAX)
}

impl Work {
    /// The run that it is.
    fn run(&self) -> Run {
        Run {
            execution: self.id,
            redrives: self.execution.redrive_count,
        }
    }

    /// What it takes to go on with an execution of the store.
    pub fn of(cloud: &Cloud, id: i64) -> Result<Self, ServiceError> {
        let (found, revision, events) = cloud.store().read(|c| {
            let found = executions::keyed(c, id)?;
            let revision = machines::revision(c, &found.revision)?;
            Ok((found, revision, history::recorded(c, id)?))
        })?;
        let log = log::Target::new(
            &revision,
            &found.machine,
            found.arn(cloud.account()).to_string(),
        )
        .map(|log| log.redriven(found.redrives));
        Ok(Self {
            id,
            machine: cloud.sfn().machine(&found.revision, &revision)?,
            execution: found.to_run(cloud.account(), &revision)?,
            tasks: Integrations::new(cloud, &found.region, &found.machine, &revision.role_arn)
                .of_execution(&found, log.as_ref())
                .in_test_case(found.test_case.clone()),
            log,
            begin: match End::told_by(&events) {
                None if events.is_empty() => Begin::Start(found.input),
                None => Begin::History(events),
                // It is redriven, and its history does not tell that yet.
                Some(_) if redrives(&events) < found.redrives => Begin::Failure(events),
                // The last event is in the store, and the end it tells of is not.
                Some(end) => Begin::End(end),
            },
        })
    }
}

impl Execution {
    /// What the interpreter has to know of it.
    fn to_run(&self, account: &str, revision: &Revision) -> Result<asl::Execution, ServiceError> {
        let arn = self.arn(account);
        let machine = arn.machine_arn();
        let time = |millis| chrono::DateTime::from_timestamp_millis(millis).unwrap_or_default();
        Ok(asl::Execution {
            state_machine_arn: machine.to_string(),
            alias_arn: self.alias_arn(&machine),
            version_arn: self.version_arn(&machine),
            arn: arn.to_string(),
            name: self.name.clone(),
            role_arn: revision.role_arn.clone(),
            start_time: time(self.started),
            input: asl::parse_json(&self.input).map_err(ServiceError::internal)?,
            state_machine_name: self.machine.clone(),
            redrive_count: self.redrives,
            redrive_time: self.redriven.map(time),
            tells_redrives: true,
        })
    }
}

/// Stops an execution that has been ended in the store. What runs in another process sees it
/// there.
pub(super) fn stop(cloud: &Cloud, execution: i64) {
    if let Some(stop) = cloud.sfn().running.lock().get(&execution) {
        stop.notify_one();
    }
}

/// Whether an execution runs in this process, by itself and not as a Map Run's child.
pub(super) fn runs_here(cloud: &Cloud, execution: i64) -> bool {
    cloud.sfn().running.lock().contains_key(&execution)
}

/// Runs an execution of the store in the background.
pub(super) fn spawn(cloud: &Cloud, work: Work) {
    let stop = Arc::new(Notify::new());
    let before = cloud.sfn().running.lock().insert(work.id, stop.clone());
    if let Some(before) = before {
        // It was redriven before its last run here saw that it had ended.
        before.notify_one();
    }
    let writer = Writer::new(cloud, work.run(), work.log.clone());
    let unfinished = Unfinished {
        cloud: cloud.clone(),
        writer: writer.clone(),
        id: work.id,
        stop: stop.clone(),
    };
    let cloud = cloud.clone();
    cloud.clone().spawn(async move {
        let arn = work.execution.arn.clone();
        let ended = match run(&writer, &stop, work).await {
            Some(Ok(end)) => writer.end(end).await,
            Some(Err(error)) => break_off(&cloud, &writer, &error),
            None => Ok(()),
        };
        if let Err(error) = ended {
            tracing::error!(execution = arn, %error, "the end of an execution is not written yet");
        }
        drop(unfinished);
    });
}

/// Goes on with an execution of the store, which is this process's; one that cannot be read ends.
pub(super) fn go_on(cloud: &Cloud, run: Run) -> Result<(), ServiceError> {
    match Work::of(cloud, run.execution) {
        // It was stopped and redriven meanwhile, and goes on from there.
        Ok(work) if work.run() != run => Ok(()),
        Ok(work) => {
            spawn(cloud, work);
            Ok(())
        }
        Err(error) => {
            let end = End::failed(format!("The execution cannot be taken up again: {error}"));
            end_abruptly(cloud, &Writer::new(cloud, run, None), end)
        }
    }
}

/// Runs to the end; none when the execution was ended from outside, or is another run's by now.
async fn run(writer: &Writer, stop: &Notify, work: Work) -> Option<Result<End, ResumeError>> {
    let future = go(writer, work);
    tokio::pin!(future);
    let mut pause = TICK;
    loop {
        tokio::select! {
            biased;
            () = stop.notified() => {}
            ended = &mut future => return Some(ended),
            () = tokio::time::sleep(pause) => {}
        }
        match writer.look().await {
            // What stopped may have been the run before this one.
            Ok(true) => pause = (pause * 2).min(LONG_TICK),
            Ok(false) => return None,
            Err(error) => tracing::warn!(%error, "history"),
        }
    }
}

async fn go(writer: &Writer, work: Work) -> Result<End, ResumeError> {
    let Work {
        machine,
        execution,
        tasks,
        begin,
        ..
    } = work;
    let outcome = match begin {
        Begin::Start(text) => {
            writer.give_input(text);
            asl::execute(&machine, &execution, &tasks, &WallClock, writer).await?
        }
        Begin::History(events) => {
            asl::resume(&machine, &execution, events, &tasks, &WallClock, writer).await?
        }
        Begin::Failure(events) => {
            asl::redrive(&machine, &execution, events, &tasks, &WallClock, writer).await?
        }
        Begin::End(end) => return Ok(end),
    };
    Ok(End::from(outcome))
}

/// Ends an execution that the interpreter could not bring to its end.
fn break_off(cloud: &Cloud, writer: &Writer, error: &ResumeError) -> Result<(), ServiceError> {
    let end = match error {
        ResumeError::Write(HistoryError(source)) => writer
            .refusal()
            .unwrap_or_else(|| End::failed(source.to_string())),
        other => End::failed(other.to_string()),
    };
    end_abruptly(cloud, writer, end)
}

/// Ends an execution whose history does not tell of its end. Where that cannot be written, it is
/// with what is written next.
fn end_abruptly(cloud: &Cloud, writer: &Writer, end: End) -> Result<(), ServiceError> {
    let sfn = cloud.sfn();
    let before = sfn.journal.write(cloud.store());
    if let Err(error) = before.and_then(|()| sfn.map_runs.write(cloud)) {
        tracing::warn!(%error, "what an execution did before its end is not written yet");
    }
    writer.end_abruptly(end);
    sfn.journal.write(cloud.store())
}

/// Forgets an execution that runs here no more. Of one whose task panics the end is written; one
/// whose runtime shuts down stays running in the store, and is taken up again.
struct Unfinished {
    cloud: Cloud,
    writer: Writer,
    id: i64,
    /// What stops this run of it.
    stop: Arc<Notify>,
}

impl Unfinished {
    /// Forgets this run, and no other of the same execution that began since.
    fn forget(&self) {
        let mut running = self.cloud.sfn().running.lock();
        if running
            .get(&self.id)
            .is_some_and(|stop| Arc::ptr_eq(stop, &self.stop))
        {
            running.remove(&self.id);
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        self.forget();
        if !std::thread::panicking() {
            return;
        }
        let end = End::failed("The execution ended before its state machine did.".to_owned());
        if let Err(error) = end_abruptly(&self.cloud, &self.writer, end) {
            tracing::error!(execution = self.id, %error, "an unfinished execution is not ended yet");
        }
    }
}

/// Executions of processes that are no more: their keys and owners.
fn abandoned(cloud: &Cloud, only: Option<i64>) -> Result<Vec<(i64, String)>, ServiceError> {
    let store = cloud.store();
    let mut found: Vec<(i64, String)> = store.read(|c| {
        let mut statement = c.prepare_cached(
            "SELECT id, owner FROM sfn_executions
             WHERE status = 'RUNNING' AND owner <> ?1 AND map_run IS NULL AND (?2 IS NULL OR id = ?2)
             ORDER BY id",
        )?;
        let rows = statement.query_map((store.lease(), only), |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    })?;
    let mut alive = HashMap::new();
    found.retain(|(_, owner)| {
        !*alive
            .entry(owner.clone())
            .or_insert_with(|| store.lease_is_alive(owner))
    });
    Ok(found)
}

/// Takes up an execution that runs, and whose process is no more.
pub(super) fn take_up_one(cloud: &Cloud, execution: &Execution) -> Result<(), ServiceError> {
    if !execution.is_running() || runs_here(cloud, execution.id) {
        return Ok(());
    }
    take_up(cloud, Some(execution.id))
}

/// Takes up the executions of processes that are no more: all, or the one of this key (the outermost
/// parent of one that is a child in a Map Run).
fn take_up(cloud: &Cloud, only: Option<i64>) -> Result<(), ServiceError> {
    let store = cloud.store();
    let only = match only {
        None => None,
        Some(id) => Some(store.read(|c| {
            let parent = c
                .prepare_cached(
                    "WITH RECURSIVE above (id) AS (
                         VALUES (?1)
                         UNION SELECT r.execution FROM above JOIN sfn_executions e ON e.id = above.id
                         JOIN sfn_map_runs r ON r.arn = e.map_run)
                     SELECT e.id FROM above JOIN sfn_executions e ON e.id = above.id WHERE e.map_run IS NULL",
                )?
                .query_row([id], |row| row.get(0))
                .optional()?;
            Ok(parent.unwrap_or(id))
        })?),
    };
    for (id, owner) in abandoned(cloud, only)? {
        let taken: Option<u32> = store.write(|tx| {
            Ok(tx
                .prepare_cached(
                    "UPDATE sfn_executions SET owner = ?3 WHERE id = ?1 AND owner = ?2 AND status = 'RUNNING'
                     RETURNING redrives",
                )?
                .query_row((id, &owner, store.lease()), |row| row.get(0))
                .optional()?)
        })?;
        if let Some(redrives) = taken {
            let run = Run {
                execution: id,
                redrives,
            };
            go_on(cloud, run)?;
        }
    }
    Ok(())
}

/// Takes up, for as long as the cloud is served, what other processes left running.
pub(crate) async fn serve(cloud: &Cloud) -> std::convert::Infallible {
    loop {
        if let Err(error) = take_up(cloud, None) {
            tracing::warn!(%error, "executions of other processes are not taken up");
        }
        tokio::time::sleep(ROUND).await;
    }
}

#[cfg(test)]
mod tests;
