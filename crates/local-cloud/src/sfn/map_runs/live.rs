//! The Map Runs that this process runs: how far they are, and what they may do.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use asl::{Counts, MapRunProgress, MapRunSettings, MapRunStatus};
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::{Progress, Settings, find, has_ended, save, settings};
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::sfn::now;

/// How often the progress of a Map Run is written into the store, and what another process has set
/// is looked for.
const TICK: Duration = Duration::from_millis(250);

/// The Map Runs of this process, by their ARNs.
#[derive(Default)]
pub(in crate::sfn) struct MapRuns {
    runs: Mutex<HashMap<String, Live>>,
}

struct Live {
    /// The key of the execution that the Map is a state of.
    execution: i64,
    /// How often it was redriven when this process began to run it.
    redrives: u32,
    /// Also that at its end, for as long as the store has it not.
    progress: MapRunProgress,
    settings: MapRunSettings,
    /// Told when the settings are changed.
    changed: Arc<Notify>,
    written: Instant,
    /// Whether there is more than was written.
    unwritten: bool,
}

impl Live {
    /// Has settings hold, and tells who waits for a change.
    fn set(&mut self, settings: Settings) {
        let settings = MapRunSettings::from(settings);
        if self.settings != settings {
            self.settings = settings;
            self.changed.notify_one();
        }
    }
}

/// A Map Run in the memory of this process, in the hands of what runs it.
pub(in crate::sfn) struct Held {
    cloud: Cloud,
    arn: String,
    redrives: u32,
    /// That of its [`Live`], which tells it from those of other redrives.
    changed: Arc<Notify>,
}

impl MapRuns {
    /// Enters a Map Run that starts, or goes on, into the store.
    pub fn start(
        &self,
        cloud: &Cloud,
        execution: i64,
        region: &str,
        run: &asl::MapRun,
    ) -> Result<Held, ServiceError> {
        let settings = cloud.store().write(|tx| {
            tx.prepare_cached(
                "INSERT INTO sfn_map_runs (arn, region, execution, started, status, settings, progress, redrives)
                 VALUES (?1, ?2, ?3, ?4, 'RUNNING', ?5, ?6, ?7)
                 ON CONFLICT (arn) DO UPDATE SET status = 'RUNNING', stopped = NULL,
                     redriven = iif(excluded.redrives > redrives, excluded.started, redriven), redrives = excluded.redrives",
            )?
            .execute((
                &run.arn,
                region,
                execution,
                now(),
                serde_json::to_string(&Settings::from(run.settings))?,
                serde_json::to_string(&Progress::default())?,
                run.redrive_count,
            ))?;
            Ok(find(tx, &run.arn)?.map(|run| run.settings))
        })?;
        let changed = Arc::new(Notify::new());
        let live = Live {
            execution,
            redrives: run.redrive_count,
            progress: MapRunProgress {
                status: MapRunStatus::Running,
                items: Counts::default(),
                executions: Counts::default(),
            },
            settings: settings.map_or(run.settings, Into::into),
            changed: changed.clone(),
            written: Instant::now(),
            unwritten: false,
        };
        self.runs.lock().insert(run.arn.clone(), live);
        Ok(Held {
            cloud: cloud.clone(),
            arn: run.arn.clone(),
            redrives: run.redrive_count,
            changed,
        })
    }

    /// Writes how far the Map Runs are, whose parents are about to be ended.
    pub fn write(&self, cloud: &Cloud) -> Result<(), ServiceError> {
        let runs: Vec<(String, u32, MapRunProgress)> = {
            let runs = self.runs.lock();
            let progress =
                |(arn, live): (&String, &Live)| (arn.clone(), live.redrives, live.progress);
            runs.iter().map(progress).collect()
        };
        if runs.is_empty() {
            return Ok(());
        }
        cloud.store().write(|tx| {
            for (arn, redrives, progress) in &runs {
                save(tx, arn, Some(*redrives), *progress)?;
            }
            Ok(())
        })?;
        let ended = runs.iter().filter(|(_, _, progress)| has_ended(progress));
        let mut live = self.runs.lock();
        for (arn, _, _) in ended {
            // It may have been redriven meanwhile.
            if live.get(arn).is_some_and(|live| has_ended(&live.progress)) {
                live.remove(arn);
            }
        }
        Ok(())
    }

    /// Takes away how the Map Runs of an execution ended, as far as the store has it not.
    pub fn take_ends(&self, execution: i64) -> Vec<(String, MapRunProgress)> {
        let mut runs = self.runs.lock();
        runs.extract_if(|_, live| live.execution == execution && has_ended(&live.progress))
            .map(|(arn, live)| (arn, live.progress))
            .collect()
    }

    pub(super) fn update(&self, arn: &str, settings: Settings) {
        if let Some(live) = self.runs.lock().get_mut(arn) {
            live.set(settings);
        }
    }

    /// How far a Map Run is, if this process runs it since it was redriven so often.
    pub(super) fn progress(&self, arn: &str, redrives: u32) -> Option<Progress> {
        let runs = self.runs.lock();
        let live = runs.get(arn).filter(|live| live.redrives == redrives)?;
        Some(live.progress.into())
    }
}

impl Held {
    /// Does something with what is in memory of it, unless that is of another redrive.
    fn with<T>(&self, f: impl FnOnce(&mut Live) -> T) -> Option<T> {
        let mut runs = self.cloud.sfn().map_runs.runs.lock();
        let live = runs.get_mut(&self.arn)?;
        Arc::ptr_eq(&live.changed, &self.changed).then(|| f(live))
    }

    /// Forgets it, unless what is in memory is of another redrive; gives how far it was.
    fn forget(&self) -> Option<MapRunProgress> {
        let mut runs = self.cloud.sfn().map_runs.runs.lock();
        let live = runs.get(&self.arn)?;
        if !Arc::ptr_eq(&live.changed, &self.changed) {
            return None;
        }
        runs.remove(&self.arn).map(|live| live.progress)
    }

    /// Takes how far the Map Run is; now and then, and at its end, that goes into the store. At an end
    /// without success what its children have done goes there first, with the event of the failure:
    /// those that still run are aborted then.
    pub fn progress(&self, progress: MapRunProgress) {
        let (cloud, ended) = (&self.cloud, has_ended(&progress));
        let is_due = self.with(|live| {
            live.progress = progress;
            let is_due = ended || live.written.elapsed() >= TICK;
            live.unwritten = !is_due;
            if is_due {
                live.written = Instant::now();
            }
            is_due
        });
        if is_due != Some(true) {
            return;
        }
        let journal = if ended && progress.status != MapRunStatus::Succeeded {
            cloud.sfn().journal.write(cloud.store())
        } else {
            Ok(())
        };
        match journal.and_then(|()| self.save(progress)) {
            Ok(()) if ended => {
                self.forget();
            }
            Ok(()) => {}
            // It is written later, an end at the latest with that of the execution.
            Err(error) => {
                tracing::warn!(%error, arn = self.arn, "the progress of a Map Run is not written yet");
            }
        }
    }

    fn save(&self, progress: MapRunProgress) -> Result<(), ServiceError> {
        let store = self.cloud.store();
        store.write(|tx| save(tx, &self.arn, Some(self.redrives), progress))
    }

    /// What holds of the Map Run now.
    pub fn settings(&self) -> Option<MapRunSettings> {
        self.with(|live| live.settings)
    }

    /// Ends when the settings were changed since they were asked for; what another process changes is
    /// seen with the next look into the store.
    pub async fn changed(&self) {
        loop {
            tokio::select! {
                () = self.changed.notified() => return,
                () = tokio::time::sleep(TICK) => {
                    self.write_late();
                    self.look();
                }
            }
        }
    }

    /// Writes what came too soon after the last time that it was written.
    fn write_late(&self) {
        let late = self.with(|live| {
            let is_late = live.unwritten && !has_ended(&live.progress);
            is_late.then_some(live.progress)
        });
        if let Some(progress) = late.flatten() {
            self.progress(progress);
        }
    }

    fn look(&self) {
        match self.cloud.store().read(|c| settings(c, &self.arn)) {
            Ok(Some(settings)) => {
                self.with(|live| live.set(settings));
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, arn = self.arn, "the settings of a Map Run are not read");
            }
        }
    }
}

impl Drop for Held {
    /// What was cut off, be it that its execution was stopped, is forgotten once it is written how far
    /// it came. What ended is told of until the store has its end.
    fn drop(&mut self) {
        if self.with(|live| has_ended(&live.progress)) != Some(false) {
            return;
        }
        let Some(progress) = self.forget() else {
            return;
        };
        if let Err(error) = self.save(progress) {
            tracing::warn!(%error, arn = self.arn, "how far a Map Run came is not written");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::caller::Caller;

    async fn call(cloud: &Cloud, service: &str, operation: &str, input: Value) -> Value {
        let root = Caller::root("eu-west-1");
        let answer = cloud.invoke(&root, service, operation, input).await;
        answer.unwrap()
    }

    #[tokio::test]
    async fn a_map_run_whose_execution_is_stopped_leaves_the_memory() {
        let dir = tempfile::tempdir().unwrap();
        let cloud = Cloud::open(dir.path()).unwrap();
        let trust = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
            "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}});
        let role = json!({"RoleName": "machine", "AssumeRolePolicyDocument": trust.to_string()});
        call(&cloud, "iam", "CreateRole", role).await;
        let definition = json!({"StartAt": "Each", "States": {"Each": {"Type": "Map", "End": true,
            "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": true}}}}}});
        let machine = json!({"name": "films", "definition": definition.to_string(), "roleArn": "arn:aws:iam::000000000000:role/machine"});
        let machine = call(&cloud, "states", "CreateStateMachine", machine).await;
        let start = json!({"stateMachineArn": machine["stateMachineArn"], "input": "[1]"});
        let started = call(&cloud, "states", "StartExecution", start).await;
        let runs = &cloud.sfn().map_runs.runs;
        while runs.lock().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let stop = json!({"executionArn": started["executionArn"]});
        call(&cloud, "states", "StopExecution", stop).await;
        cloud.wait_idle().await;
        assert!(runs.lock().is_empty());
    }
}
