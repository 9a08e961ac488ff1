//! Map Runs: their names, how far they are.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    Interpreter,
    branch::Branch,
    failure::{Failure, Interrupt},
    map::Start,
    result_writer::Count,
    tolerance::{Tolerance, too_many_failed},
    unsuccessful::Unsuccessful,
    visit::Visit,
};
use crate::{
    ChildExecution, Counts, Execution, MachineType, MapRun, MapRunProgress, MapRunSettings,
    MapRunStatus, MapRuns, Outcome, RecordedChild, definition::Map, query::Environment,
    resume::progress::Attempt,
};

/// A Map Run, and who keeps it.
pub(super) struct Run<'a> {
    pub about: MapRun,
    /// The Map's label, or what stands for it.
    label: String,
    keeper: Option<&'a dyn MapRuns>,
    /// What is known of children that were started before, and have not had their turn since.
    recorded: HashMap<u64, RecordedChild>,
    /// It had succeeded, as this event told; only the state had not been left.
    pub succeeded: Option<u64>,
    tolerance: Tolerance,
    items: Counts,
    executions: Counts,
    /// Takes it if it does not succeed.
    unsuccessful: Unsuccessful,
    /// Its last is told, or waits to be.
    is_over: bool,
}

impl<'a> Interpreter<'a> {
    /// Starts a Map Run, or takes one up again.
    pub(super) async fn map_run(
        &self,
        map: &Map,
        visit: &Visit<'_>,
        branch: &mut Branch,
        start: &Start,
        before: Attempt,
    ) -> Result<Run<'a>, Interrupt> {
        let tolerance = self.query(visit, branch, |context, variables| {
            Tolerance::of(map, &Environment::new(&start.input, context, variables))
        })?;
        let (former, redrives, redriven, succeeded) = match before {
            Attempt::MapRun {
                arn,
                redrives,
                redriven,
                succeeded,
            } => (Some(arn), redrives, redriven, succeeded),
            _ => (None, 0, false, None),
        };
        let is_new = former.is_none();
        let (arn, label) = match former {
            Some(arn) => {
                let name = arn.rsplit('/').next().unwrap_or_default();
                let label = name.split(':').next().unwrap_or_default().to_owned();
                (arn, label)
            }
            None => names(self.execution, map),
        };
        let mut run = Run {
            about: MapRun {
                arn,
                execution_arn: self.execution.arn.clone(),
                state: visit.state.name.clone(),
                child_type: map.child_type,
                settings: MapRunSettings {
                    max_concurrency: start.max_concurrency,
                    tolerated_failure_count: tolerance.count.unwrap_or(0),
                    tolerated_failure_percentage: tolerance.percentage.unwrap_or(0.0),
                },
                redrive_count: redrives.saturating_add(u32::from(redriven)),
            },
            label,
            keeper: self.tasks.map_runs(),
            recorded: HashMap::new(),
            succeeded,
            tolerance,
            items: Counts::default(),
            executions: Counts::default(),
            unsuccessful: self.unsuccessful.clone(),
            is_over: false,
        };
        let (arn, count) = (&run.about.arn, run.about.redrive_count);
        let event = if is_new {
            let details = json!({"mapRunArn": arn});
            Some(("MapRunStarted", "mapRunStartedEventDetails", details))
        } else if redriven {
            let details = json!({"mapRunArn": arn, "redriveCount": count});
            Some(("MapRunRedriven", "mapRunRedrivenEventDetails", details))
        } else {
            None
        };
        if let Some((kind, member, details)) = event {
            let details = Some((member, details));
            branch.previous = self.log.record(branch.previous, kind, details)?;
        }
        if let Some(keeper) = run.keeper {
            // Whoever looks for the Map Run finds the execution as far.
            self.log.flush().await?;
            keeper
                .start(&run.about)
                .await
                .map_err(|error| Failure::new(&error.error, error.cause))?;
            if !is_new {
                run.know(keeper.recorded(&run.about.arn).await?);
            }
        }
        Ok(run)
    }
}

/// Whether a child waits to be redriven, in a Map Run that was redriven so often.
pub(super) fn waits(child: &RecordedChild, redrives: u32) -> bool {
    match &child.outcome {
        Some(Outcome::Succeeded { .. }) => false,
        Some(_) => !child.is_final && redrives > 0,
        None => child.was_aborted,
    }
}

/// The count that a child is in before its turn.
fn count_of<'c>(counts: &'c mut Counts, child: &RecordedChild, redrives: u32) -> &'c mut u64 {
    if waits(child, redrives) {
        return &mut counts.pending_redrive;
    }
    match &child.outcome {
        None => &mut counts.pending,
        Some(Outcome::Succeeded { .. }) => &mut counts.succeeded,
        Some(Outcome::Failed { .. }) => &mut counts.failed,
        Some(Outcome::TimedOut { .. }) => &mut counts.timed_out,
    }
}

/// A new Map Run's ARN, and its label.
fn names(execution: &Execution, map: &Map) -> (String, String) {
    let label = map
        .label
        .clone()
        .unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    let machine = execution
        .state_machine_arn
        .replacen(":stateMachine:", ":mapRun:", 1);
    (format!("{machine}/{label}:{}", uuid::Uuid::new_v4()), label)
}

impl<'a> Run<'a> {
    /// Has hold what was changed from outside.
    pub fn heed(&mut self) {
        let keeper = self.keeper;
        if let Some(changed) = keeper.and_then(|keeper| keeper.settings(&self.about.arn)) {
            self.about.settings = changed;
            self.tolerance = Tolerance::set(changed);
        }
    }

    /// How many children may run at the same time now.
    pub fn limit(&mut self, most: usize) -> usize {
        self.heed();
        match self.about.settings.max_concurrency as usize {
            0 => most,
            limit => limit.min(most),
        }
    }

    /// The execution that one item, or batch of them, is.
    pub fn child(
        &self,
        parent: &Execution,
        index: u64,
        items: u64,
        input: Value,
        now: DateTime<Utc>,
    ) -> ChildExecution {
        let known = self.recorded.get(&index);
        let mut child = self.as_known(known, parent, (index, items), input, now);
        let is_standard = self.about.child_type == MachineType::Standard;
        if known.is_some_and(|known| is_standard && waits(known, self.about.redrive_count)) {
            child.execution.redrive_count += 1;
            child.execution.redrive_time = Some(now);
        }
        child
    }

    /// A child that has had no turn since the Map Run was taken up again, as it was before; none of
    /// one that was never started.
    pub fn without_turn(
        &self,
        parent: &Execution,
        index: u64,
        items: u64,
        input: &Value,
    ) -> Option<(ChildExecution, &RecordedChild)> {
        let known = self.recorded.get(&index)?;
        let child = self.as_known(
            Some(known),
            parent,
            (index, items),
            input.clone(),
            known.start_time,
        );
        Some((child, known))
    }

    /// A child as it is known, or as it is new at `now`, with its number and that of its items.
    fn as_known(
        &self,
        known: Option<&RecordedChild>,
        parent: &Execution,
        (index, items): (u64, u64),
        input: Value,
        now: DateTime<Utc>,
    ) -> ChildExecution {
        let name = match known {
            Some(known) => known.name.clone(),
            None => uuid::Uuid::new_v4().to_string(),
        };
        let machine = parent
            .state_machine_arn
            .replacen(":stateMachine:", ":execution:", 1);
        let label = &self.label;
        ChildExecution {
            index,
            items,
            execution: Execution {
                arn: format!("{machine}/{label}:{name}"),
                name,
                // Not what is left of the parent: its input may be as large as all children's.
                role_arn: parent.role_arn.clone(),
                start_time: known.map_or(now, |known| known.start_time),
                input,
                state_machine_arn: format!("{}/{label}", parent.state_machine_arn),
                state_machine_name: format!("{}/{label}", parent.state_machine_name),
                alias_arn: None,
                version_arn: None,
                redrive_count: known.map_or(0, |known| known.redrive_count),
                redrive_time: known.and_then(|known| known.redrive_time),
                tells_redrives: true,
            },
        }
    }

    /// Who keeps it, and under what ARN.
    pub fn kept(&self) -> (Option<&'a dyn MapRuns>, String) {
        (self.keeper, self.about.arn.clone())
    }

    /// Takes in what is known of the children.
    fn know(&mut self, recorded: Vec<RecordedChild>) {
        for child in &recorded {
            for (counts, many) in [(&mut self.items, child.items), (&mut self.executions, 1)] {
                *count_of(counts, child, self.about.redrive_count) += many;
            }
        }
        let recorded = recorded.into_iter().map(|child| (child.index, child));
        self.recorded = recorded.collect();
    }

    /// Takes in how many items there are in all, of which those wait that no child has. In batches it
    /// is not known how many children there will be.
    pub fn expect(&mut self, items: u64, in_batches: bool) {
        self.items.pending += items.saturating_sub(self.items.total());
        if !in_batches {
            self.executions.pending += items.saturating_sub(self.executions.total());
        }
    }

    /// A child has its turn; gives what was known of it.
    pub fn started(&mut self, child: &ChildExecution) -> Option<RecordedChild> {
        let known = self.recorded.remove(&child.index);
        let redrives = self.about.redrive_count;
        for (counts, many) in [(&mut self.items, child.items), (&mut self.executions, 1)] {
            let count = match &known {
                Some(known) => count_of(counts, known, redrives),
                None => &mut counts.pending,
            };
            *count = count.saturating_sub(many);
            counts.running += many;
        }
        self.tell(MapRunStatus::Running);
        known
    }

    pub fn ended(&mut self, items: u64, outcome: &Outcome) {
        for (counts, many) in [(&mut self.items, items), (&mut self.executions, 1)] {
            counts.running = counts.running.saturating_sub(many);
            match outcome {
                Outcome::Succeeded { .. } => counts.succeeded += many,
                Outcome::Failed { .. } => counts.failed += many,
                Outcome::TimedOut { .. } => counts.timed_out += many,
            }
        }
        self.tell(MapRunStatus::Running);
    }

    /// Fails when too many items failed. `complete` says whether all have been read.
    pub fn check(&self, complete: bool) -> Result<(), Failure> {
        let failed = self.items.failed + self.items.timed_out;
        let total = complete.then(|| self.items.total());
        if self.tolerance.is_exceeded(failed, total) {
            return Err(too_many_failed());
        }
        Ok(())
    }

    /// Takes in whose results were written.
    pub fn written(&mut self, count: Count) {
        self.items.results_written = count.items;
        self.executions.results_written = count.executions;
    }

    /// Tells that it succeeded.
    pub fn succeed(&mut self) {
        self.is_over = true;
        self.tell(MapRunStatus::Succeeded);
    }

    /// It failed or was cut off: what still ran is aborted, what waited to be redriven is as it was,
    /// and what had no turn stays pending. [`Interpreter::tell_unsuccessful`] tells of it.
    pub fn give_up(&mut self, status: MapRunStatus) {
        self.is_over = true;
        for counts in [&mut self.items, &mut self.executions] {
            counts.aborted += std::mem::take(&mut counts.running);
        }
        let redrives = self.about.redrive_count;
        for child in self.recorded.values() {
            for (counts, many) in [(&mut self.items, child.items), (&mut self.executions, 1)] {
                let count = count_of(counts, child, redrives);
                *count = count.saturating_sub(many);
                match child.outcome {
                    Some(Outcome::Succeeded { .. }) => counts.succeeded += many,
                    Some(Outcome::TimedOut { .. }) => counts.timed_out += many,
                    Some(Outcome::Failed { .. }) => counts.failed += many,
                    None => counts.aborted += many,
                }
            }
        }
        let last = self.progress(status);
        self.unsuccessful.add(self.about.arn.clone(), last);
    }

    fn progress(&self, status: MapRunStatus) -> MapRunProgress {
        MapRunProgress {
            status,
            items: self.items,
            executions: self.executions,
        }
    }

    fn tell(&self, status: MapRunStatus) {
        if let Some(keeper) = self.keeper {
            keeper.progress(&self.about.arn, self.progress(status));
        }
    }
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.give_up(MapRunStatus::Aborted);
        }
    }
}
