//! Executions that run in this process, and what became of those of other processes.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use asl::{StateMachine, WallClock};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::MissedTickBehavior;

use super::executions::End;
use super::history::{self, Writer};
use super::integrations::Integrations;
use crate::cloud::Cloud;
use crate::error::ServiceError;

/// How often a history's events are written, and an end from outside is looked for.
const TICK: Duration = Duration::from_millis(250);

/// An execution of this process.
struct Running {
    history: Writer,
    stop: Notify,
}

/// By the lease of the open store, for a process can open several, and the execution's key.
type Key = (String, i64);

static RUNNING: LazyLock<Mutex<HashMap<Key, Arc<Running>>>> = LazyLock::new(Mutex::default);

fn key(cloud: &Cloud, execution: i64) -> Key {
    (cloud.store().lease().to_owned(), execution)
}

fn running(cloud: &Cloud, execution: i64) -> Option<Arc<Running>> {
    RUNNING.lock().get(&key(cloud, execution)).cloned()
}

/// Writes the events of an execution that wait in memory, when it runs in this process.
pub(super) fn flush(cloud: &Cloud, execution: i64) -> Result<(), ServiceError> {
    match running(cloud, execution) {
        Some(running) => running.history.flush().map(|_| ()),
        None => Ok(()),
    }
}

/// Stops an execution that has been ended in the store. What runs in another process sees it
/// there.
pub(super) fn stop(cloud: &Cloud, execution: i64) {
    if let Some(running) = running(cloud, execution) {
        running.stop.notify_one();
    }
}

/// Runs an execution of the store in the background.
pub(super) fn spawn(
    cloud: &Cloud,
    id: i64,
    machine: StateMachine,
    execution: asl::Execution,
    tasks: Integrations,
) {
    let running = Arc::new(Running {
        history: Writer::new(cloud.clone(), id),
        stop: Notify::new(),
    });
    let unfinished = Unfinished {
        cloud: cloud.clone(),
        id,
        running: running.clone(),
    };
    RUNNING.lock().insert(key(cloud, id), running.clone());
    cloud.spawn(async move {
        if let Some(end) = run(&running, &machine, &execution, &tasks).await
            && let Err(error) = running.history.end(&end)
        {
            tracing::error!(execution = execution.arn, %error, "the end of an execution is not written");
        }
        drop(unfinished);
    });
}

/// Runs to the end; none when the execution was ended from outside.
async fn run(
    running: &Running,
    machine: &StateMachine,
    execution: &asl::Execution,
    tasks: &Integrations,
) -> Option<End> {
    let work = asl::execute(machine, execution, tasks, &WallClock, &running.history);
    tokio::pin!(work);
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first tick comes at once.
    tick.tick().await;
    loop {
        tokio::select! {
            biased;
            () = running.stop.notified() => return None,
            outcome = &mut work => return match outcome {
                Ok(outcome) => Some(End::from(outcome)),
                Err(error) => {
                    // Whether it was ended from outside, or the history takes no more, the
                    // guard finds out.
                    tracing::debug!(execution = execution.arn, %error, "an execution ends early");
                    None
                }
            },
            _ = tick.tick() => match running.history.flush() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => tracing::warn!(execution = execution.arn, %error, "history"),
            },
        }
    }
}

/// Ends in the store what did not end otherwise: after a panic, when the runtime shuts down, or
/// when the history takes no more events.
struct Unfinished {
    cloud: Cloud,
    id: i64,
    running: Arc<Running>,
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        RUNNING.lock().remove(&key(&self.cloud, self.id));
        let history = &self.running.history;
        match history.flush() {
            Ok(false) => return,
            Ok(true) => {}
            Err(error) => {
                tracing::error!(execution = self.id, %error, "events of an execution are lost");
            }
        }
        let end = history.refusal().unwrap_or_else(|| {
            End::failed("The execution ended before its state machine did.".to_owned())
        });
        let ended = self
            .cloud
            .store()
            .write(|tx| history::end_from_outside(tx, self.id, &end));
        if let Err(error) = ended {
            tracing::error!(execution = self.id, %error, "an unfinished execution is not ended");
        }
    }
}

/// Fails the executions of processes that are no more.
pub(super) fn fail_abandoned(cloud: &Cloud) -> Result<(), ServiceError> {
    let store = cloud.store();
    let owners: Vec<String> = store.read(|c| {
        let mut statement = c.prepare_cached(
            "SELECT DISTINCT owner FROM sfn_executions WHERE status = 'RUNNING' AND owner <> ?1",
        )?;
        let rows = statement.query_map([store.lease()], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    })?;
    for owner in owners {
        if store.lease_is_alive(&owner) {
            continue;
        }
        store.write(|tx| {
            let mut statement = tx.prepare_cached(
                "SELECT id FROM sfn_executions WHERE status = 'RUNNING' AND owner = ?1",
            )?;
            let ids: Vec<i64> = statement
                .query_map([&owner], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            let cause = "The process that ran the execution ended before the execution did. Start it again.";
            let end = End::failed(cause.to_owned());
            for id in ids {
                history::end_from_outside(tx, id, &end)?;
            }
            Ok(())
        })?;
    }
    Ok(())
}
