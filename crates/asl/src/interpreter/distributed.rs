//! Distributed Maps: each item, or batch of them, is an execution of its own.

use futures::{
    StreamExt,
    future::{self, BoxFuture, Either, select},
    stream,
    stream::FuturesUnordered,
};
use serde_json::Value;

use super::{
    Interpreter, branch::Branch, failure::Interrupt, item::Item, map::Start, map_run::Run,
    map_run::waits, result_writer::Results, visit::Visit,
};
use crate::{
    ChildExecution, HistoryError, MapRunStatus, MapRuns, Outcome, RecordedChild,
    definition::{Map, MapSource},
    resume::{
        progress::{Attempt, Progress},
        read,
    },
};

/// How many child executions run at the same time in one process; AWS's limit of 10,000 is for
/// many machines.
const MAX_CONCURRENCY: usize = 1000;

/// A child that has ended.
struct Ended {
    child: ChildExecution,
    outcome: Outcome,
}

impl<'a> Interpreter<'a> {
    /// Gives the result, and the last event of the Map Run.
    pub(super) async fn distribute(
        &self,
        map: &Map,
        visit: &Visit<'_>,
        branch: &mut Branch,
        start: Start,
        before: Attempt,
    ) -> Result<(Value, u64), Interrupt> {
        let mut run = self.map_run(map, visit, branch, &start, before).await?;
        let result = match self.results(map, visit, branch, &start, &run.about.arn) {
            Ok(results) => {
                self.children(map, visit, branch, start, &mut run, results)
                    .await
            }
            Err(interrupt) => Err(interrupt),
        };
        match result {
            Ok(result) => {
                run.succeed();
                if !run.succeeded {
                    branch.previous = self.log.record(branch.previous, "MapRunSucceeded", None)?;
                }
                Ok((result, branch.previous))
            }
            Err(Interrupt::Failure(failure)) => {
                run.give_up(MapRunStatus::Failed);
                if !failure.is_terminal() {
                    branch.previous = self.log.record(
                        branch.previous,
                        "MapRunFailed",
                        Some(("mapRunFailedEventDetails", failure.details())),
                    )?;
                }
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
        mut start: Start,
        run: &mut Run<'a>,
        mut results: Results,
    ) -> Result<Value, Interrupt> {
        let kept = match run.kept() {
            (Some(keeper), arn) => keeper.items(&arn).await?,
            (None, _) => None,
        };
        let kept = kept.map(|values| {
            let items = values.into_iter().map(|value| Item::new(value, None));
            items.collect()
        });
        let items = match (kept.or(start.items.take()), &map.source) {
            (Some(items), _) => stream::iter(items.into_iter().map(Ok)).boxed(),
            (None, MapSource::Reader(reader)) => {
                self.read_items(reader, visit, branch, &start.input).await?
            }
            (None, _) => stream::empty().boxed(),
        };
        if let (items, Some(most)) = items.size_hint()
            && items == most
        {
            run.expect(items as u64, map.batcher.is_some());
        }
        let mut feed = self.feed(map, visit, branch, &start, items)?;
        let mut running = FuturesUnordered::new();
        let mut change = until_changed(run.kept());
        let mut next = 0;
        let mut complete = false;
        loop {
            while !complete && running.len() < run.limit(MAX_CONCURRENCY) {
                let Some(fed) = self.fed(&mut feed, map, visit, branch, &start).await? else {
                    complete = true;
                    break;
                };
                let now = self.clock.now();
                let child = run.child(self.execution, next, fed.items, fed.input, now);
                next += 1;
                let recorded = run.started(&child);
                let redrives = run.about.redrive_count;
                running.push(self.child(map, run.kept(), redrives, child, recorded));
            }
            let ended = match select(running.next(), &mut change).await {
                Either::Left((ended, _)) => ended,
                Either::Right(_) => {
                    change = until_changed(run.kept());
                    run.heed();
                    run.check(complete)?;
                    continue;
                }
            };
            let Some(ended) = ended else {
                run.check(true)?;
                let written = results.end(self).await?;
                run.written(written.count);
                return Ok(written.result);
            };
            let Ended { child, outcome } = ended?;
            run.ended(child.items, &outcome);
            results.add(self, &child, outcome).await?;
            run.check(complete)?;
        }
    }

    /// Runs a child to its end, from where it was if it is known.
    async fn child(
        &self,
        map: &Map,
        (keeper, arn): (Option<&'a dyn MapRuns>, String),
        redrives: u32,
        child: ChildExecution,
        recorded: Option<RecordedChild>,
    ) -> Result<Ended, Interrupt> {
        let mut progress = Progress::none();
        if let Some(recorded) = recorded {
            let again = waits(&recorded, redrives);
            if let Some(outcome) = recorded.outcome
                && !again
            {
                return Ok(Ended { child, outcome });
            }
            if !recorded.events.is_empty() {
                progress = read(&map.processor, recorded.events, again)
                    .map_err(|error| HistoryError(Box::new(error)))?;
            }
        }
        let history = match keeper {
            Some(keeper) => keeper.child_started(&arn, &child)?,
            None => None,
        };
        let outcome =
            Interpreter::new(&child.execution, self.tasks, self.clock, history.as_deref())
                .within(self)
                .execute(&map.processor, None, progress)
                .await?;
        if let Some(keeper) = keeper {
            keeper.child_ended(&arn, &child, &outcome)?;
        }
        Ok(Ended { child, outcome })
    }
}

/// Ends when what a Map Run may do was changed from outside.
fn until_changed((keeper, arn): (Option<&dyn MapRuns>, String)) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        match keeper {
            Some(keeper) => keeper.changed(&arn).await,
            None => future::pending().await,
        }
    })
}
