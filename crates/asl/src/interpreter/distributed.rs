//! Distributed Maps: each item, or batch of them, is an execution of its own.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Utc};
use futures::{
    StreamExt,
    future::{self, BoxFuture, Either, select},
    stream,
    stream::FuturesUnordered,
};
use serde_json::Value;

use super::{
    Interpreter, batcher::Feed, branch::Branch, failure::Interrupt, item::Item, map::Start,
    map_run::Run, map_run::waits, result_writer::Results, visit::Visit,
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
    child: Arc<ChildExecution>,
    outcome: Outcome,
    stopped: DateTime<Utc>,
}

/// The children of a Map Run in their course.
struct Course<'s> {
    feed: Feed<'s>,
    /// The number of the next child.
    next: u64,
    /// Every item has its child, or what was left of them cannot be had.
    complete: bool,
    /// Those that have begun and not ended, by their numbers.
    running: BTreeMap<u64, Arc<ChildExecution>>,
    results: Results,
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
        let result = match self.results(map, visit, branch, &start, &run) {
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
        results: Results,
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
        let mut course = Course {
            feed: self.feed(map, visit, branch, &start, items)?,
            next: 0,
            complete: false,
            running: BTreeMap::new(),
            results,
        };
        let ended = self
            .run_children(map, visit, branch, &start, run, &mut course)
            .await;
        match ended {
            Ok(()) => {
                let written = course.results.end(self).await?;
                run.written(written.count);
                Ok(written.result)
            }
            Err(Interrupt::Failure(failure)) => {
                if course.results.are_written() && !failure.is_of_writer() {
                    self.leave_off(map, visit, branch, &start, run, course)
                        .await?;
                }
                Err(failure.into())
            }
            Err(interrupt) => Err(interrupt),
        }
    }

    /// Runs all children to their ends, or until the Map Run fails: those that still run are dropped
    /// then.
    async fn run_children(
        &self,
        map: &Map,
        visit: &Visit<'_>,
        branch: &mut Branch,
        start: &Start,
        run: &mut Run<'a>,
        course: &mut Course<'_>,
    ) -> Result<(), Interrupt> {
        let mut running = FuturesUnordered::new();
        let mut change = until_changed(run.kept());
        loop {
            while !course.complete && running.len() < run.limit(MAX_CONCURRENCY) {
                let fed = self.fed(&mut course.feed, map, visit, branch, start).await;
                // After an error nothing comes any more.
                course.complete = !matches!(fed, Ok(Some(_)));
                let Some(fed) = fed? else { break };
                let now = self.clock.now();
                let index = course.next;
                course.next += 1;
                let child = run.child(self.execution, index, fed.items, fed.input, now);
                let child = Arc::new(child);
                let recorded = run.started(&child);
                course.running.insert(index, child.clone());
                let redrives = run.about.redrive_count;
                running.push(self.child(map, run.kept(), redrives, child, recorded));
            }
            let ended = match select(running.next(), &mut change).await {
                Either::Left((ended, _)) => ended,
                Either::Right(_) => {
                    change = until_changed(run.kept());
                    run.heed();
                    run.check(course.complete)?;
                    continue;
                }
            };
            let Some(ended) = ended else {
                return Ok(run.check(true)?);
            };
            let Ended {
                child,
                outcome,
                stopped,
            } = ended?;
            course.running.remove(&child.index);
            run.ended(child.items, &outcome);
            let results = &mut course.results;
            results.add(self, &child, Some(outcome), stopped).await?;
            run.check(course.complete)?;
        }
    }

    /// Writes what is left of a Map Run that failed: the children that were running, which are aborted
    /// with it, those that it had not come to again, and the items that no child has.
    async fn leave_off(
        &self,
        map: &Map,
        visit: &Visit<'_>,
        branch: &mut Branch,
        start: &Start,
        run: &mut Run<'a>,
        mut course: Course<'_>,
    ) -> Result<(), Interrupt> {
        let results = &mut course.results;
        let now = self.clock.now();
        for child in course.running.values() {
            results.add(self, child, None, now).await?;
        }
        while !course.complete {
            let fed = match self.fed(&mut course.feed, map, visit, branch, start).await {
                Ok(Some(fed)) => fed,
                // The Map Run has failed already, and not of this.
                Ok(None) | Err(Interrupt::Failure(_)) => break,
                Err(interrupt) => return Err(interrupt),
            };
            let index = course.next;
            course.next += 1;
            match run.without_turn(self.execution, index, fed.items, &fed.input) {
                None => results.add_pending(self, &fed.input).await?,
                Some((child, known)) => {
                    let stopped = known.stop_time.unwrap_or(now);
                    let outcome = known.outcome.clone();
                    results.add(self, &child, outcome, stopped).await?;
                }
            }
        }
        let written = course.results.give_up(self).await?;
        run.written(written);
        Ok(())
    }

    /// Runs a child to its end, from where it was if it is known.
    async fn child(
        &self,
        map: &Map,
        (keeper, arn): (Option<&'a dyn MapRuns>, String),
        redrives: u32,
        child: Arc<ChildExecution>,
        recorded: Option<RecordedChild>,
    ) -> Result<Ended, Interrupt> {
        let mut progress = Progress::none();
        if let Some(recorded) = recorded {
            let again = waits(&recorded, redrives);
            if let Some(outcome) = recorded.outcome
                && !again
            {
                let stopped = recorded.stop_time.unwrap_or_else(|| self.clock.now());
                return Ok(Ended {
                    child,
                    outcome,
                    stopped,
                });
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
        let stopped = self.clock.now();
        Ok(Ended {
            child,
            outcome,
            stopped,
        })
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
