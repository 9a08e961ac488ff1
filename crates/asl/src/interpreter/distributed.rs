//! Distributed Maps: each item, or batch of them, is an execution of its own.

use futures::{StreamExt, stream::FuturesUnordered};
use serde_json::{Value, json};

use super::{
    Interpreter,
    branch::Branch,
    failure::{Failure, Interrupt},
    map::Start,
    visit::Visit,
};
use crate::{
    Execution,
    definition::{Batcher, Map, MapSource},
    query::{Environment, Fault},
};

/// How many child executions run at the same time in one process; AWS's limit of 10,000 is for
/// many machines.
const MAX_CONCURRENCY: usize = 1000;

/// What may go wrong before the whole Map does.
struct Tolerance {
    count: u64,
    percentage: f64,
}

impl Tolerance {
    fn is_exceeded(&self, failed: usize, of: usize) -> bool {
        let share = failed as f64 * 100.0 / of.max(1) as f64;
        failed as u64 > self.count && share > self.percentage
    }
}

impl Interpreter<'_> {
    /// Gives the result, and the last event of the Map Run.
    pub(super) async fn distribute(
        &self,
        map: &Map,
        visit: &Visit<'_>,
        branch: &mut Branch,
        start: Start,
    ) -> Result<(Value, u64), Interrupt> {
        let tolerance = self.query(visit, branch, |context, variables| {
            tolerance(map, &Environment::new(&start.input, context, variables))
        })?;
        let run = MapRun::new(self.execution, map);
        branch.previous = self.log.record(
            branch.previous,
            "MapRunStarted",
            Some(("mapRunStartedEventDetails", json!({"mapRunArn": run.arn}))),
        )?;
        let result = match self
            .children(map, visit, branch, start, &run, &tolerance)
            .await
        {
            Ok(results) => {
                self.write_results(map, visit, branch, &run.arn, results)
                    .await
            }
            Err(interrupt) => Err(interrupt),
        };
        match result {
            Ok(result) => {
                branch.previous = self.log.record(branch.previous, "MapRunSucceeded", None)?;
                Ok((result, branch.previous))
            }
            Err(Interrupt::Failure(failure)) if !failure.is_terminal() => {
                branch.previous = self.log.record(
                    branch.previous,
                    "MapRunFailed",
                    Some(("mapRunFailedEventDetails", failure.details())),
                )?;
                Err(failure.into())
            }
            Err(interrupt) => Err(interrupt),
        }
    }

    async fn children(
        &self,
        map: &Map,
        visit: &Visit<'_>,
        branch: &mut Branch,
        start: Start,
        run: &MapRun,
        tolerance: &Tolerance,
    ) -> Result<Vec<Value>, Interrupt> {
        let items = match (start.items, &map.source) {
            (Some(items), _) => items,
            (None, MapSource::Reader(reader)) => {
                self.read_items(reader, visit, branch, &start.input).await?
            }
            (None, _) => Vec::new(),
        };
        let mut inputs = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            inputs.push(self.select_item(map, visit, branch, &start.input, index, item)?);
        }
        if let Some(batcher) = &map.batcher {
            inputs = self.query(visit, branch, |context, variables| {
                batches(
                    batcher,
                    inputs,
                    &Environment::new(&start.input, context, variables),
                )
            })?;
        }
        let limit = match start.max_concurrency as usize {
            0 => MAX_CONCURRENCY,
            limit => limit.min(MAX_CONCURRENCY),
        };
        let count = inputs.len();
        let mut results = vec![None; count];
        let mut failed = 0;
        let mut waiting = inputs.into_iter().enumerate();
        let mut running = FuturesUnordered::new();
        loop {
            while running.len() < limit
                && let Some((index, input)) = waiting.next()
            {
                running.push(self.child(map, run, index, input));
            }
            match running.next().await {
                None => return Ok(results.into_iter().flatten().collect()),
                Some((index, Ok(output))) => results[index] = Some(output),
                Some((_, Err(Interrupt::History(error)))) => return Err(error.into()),
                Some((_, Err(Interrupt::Failure(_)))) => {
                    failed += 1;
                    if tolerance.is_exceeded(failed, count) {
                        return Err(Failure::new(
                            "States.ExceedToleratedFailureThreshold",
                            "The specified tolerated failure threshold was exceeded",
                        )
                        .into());
                    }
                }
            }
        }
    }

    async fn child(
        &self,
        map: &Map,
        run: &MapRun,
        index: usize,
        input: Value,
    ) -> (usize, Result<Value, Interrupt>) {
        let execution = run.execution(self.execution, input.clone(), self.clock.now());
        let child = Interpreter::new(&execution, self.tasks, self.clock, None);
        let mut branch = Branch::default();
        let result = child.flow(&map.processor, &mut branch, input).await;
        (index, result)
    }
}

/// The names of a Map Run and of what runs in it.
struct MapRun {
    arn: String,
    /// The Map's label, or what stands for it.
    label: String,
}

impl MapRun {
    fn new(execution: &Execution, map: &Map) -> Self {
        let label = map
            .label
            .clone()
            .unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        let machine = execution
            .state_machine_arn
            .replacen(":stateMachine:", ":mapRun:", 1);
        Self {
            arn: format!("{machine}/{label}:{}", uuid::Uuid::new_v4()),
            label,
        }
    }

    fn execution(
        &self,
        parent: &Execution,
        input: Value,
        start_time: chrono::DateTime<chrono::Utc>,
    ) -> Execution {
        let name = uuid::Uuid::new_v4().to_string();
        let machine = parent
            .state_machine_arn
            .replacen(":stateMachine:", ":execution:", 1);
        Execution {
            arn: format!("{machine}/{}:{name}", self.label),
            name,
            input,
            start_time,
            state_machine_arn: format!("{}/{}", parent.state_machine_arn, self.label),
            state_machine_name: format!("{}/{}", parent.state_machine_name, self.label),
            ..parent.clone()
        }
    }
}

fn tolerance(map: &Map, environment: &Environment) -> Result<Tolerance, Fault> {
    Ok(Tolerance {
        count: match &map.tolerated_failure_count {
            Some(amount) => amount.whole_value("ToleratedFailureCount", environment)?,
            None => 0,
        },
        percentage: match &map.tolerated_failure_percentage {
            Some(amount) => amount.percentage("ToleratedFailurePercentage", environment)?,
            None => 0.0,
        },
    })
}

/// The inputs of child executions that each take several items.
fn batches(
    batcher: &Batcher,
    items: Vec<Value>,
    environment: &Environment,
) -> Result<Vec<Value>, Fault> {
    let limit = |amount: &Option<_>, field| {
        amount
            .as_ref()
            .map_or(Ok(u64::MAX), |amount: &crate::definition::Amount| {
                amount.whole_value(field, environment)
            })
    };
    let most = limit(&batcher.max_items, "MaxItemsPerBatch")?;
    let most_bytes = limit(&batcher.max_bytes, "MaxInputBytesPerBatch")?;
    let shared = batcher
        .input
        .as_ref()
        .map(|input| input.evaluate("ItemBatcher/BatchInput", environment))
        .transpose()?;
    let mut batches: Vec<(Vec<Value>, u64)> = Vec::new();
    for item in items {
        let size = item.to_string().len() as u64;
        match batches.last_mut() {
            Some((batch, bytes))
                if (batch.len() as u64) < most && bytes.saturating_add(size) <= most_bytes =>
            {
                batch.push(item);
                *bytes += size;
            }
            _ => batches.push((vec![item], size)),
        }
    }
    let input = |(items, _): (Vec<Value>, u64)| match &shared {
        Some(shared) => json!({"BatchInput": shared, "Items": items}),
        None => json!({"Items": items}),
    };
    Ok(batches.into_iter().map(input).collect())
}
