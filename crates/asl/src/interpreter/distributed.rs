//! Distributed Maps: each item, or batch of them, is an execution of its own.

use std::{pin::pin, sync::Arc, task::Poll};

use futures::{
    StreamExt,
    future::{self, BoxFuture, Either, select},
    stream,
};
use serde_json::Value;

use super::{
    Interpreter,
    batcher::Fed,
    branch::Branch,
    course::{Children, Course, Ended},
    failure::Interrupt,
    item::Item,
    map::Start,
    map_run::{Run, waits},
    result_writer::Results,
    visit::Visit,
};
use crate::{
    ChildExecution, HistoryError, MapRunStatus, MapRuns, RecordedChild,
    definition::{Map, MapSource},
    resume::{
        progress::{Attempt, Progress},
        read,
    },
};

/// How many child executions run at the same time in one process; AWS's limit of 10,000 is for
/// many machines.
const MAX_CONCURRENCY: usize = 1000;

/// What a Map Run waits for.
enum Turn {
    /// The input of another child; nothing after the last.
    Fed(Result<Option<Fed>, Interrupt>),
    /// The end of a child; nothing where none runs.
    Ended(Option<Result<Ended, Interrupt>>),
    Changed,
}

impl<'a> Interpreter<'a> {
    /// Gives the result, and the last event of the Map Run; what comes after the Map follows the
    /// event that began the Map Run, as in AWS's recordings since November 2024.
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
                let last = match run.succeeded {
                    // In a redrive what began it is the last.
                    Some(told) => branch.previous.max(told),
                    None => self.log.record(branch.previous, "MapRunSucceeded", None)?,
                };
                Ok((result, last))
            }
            Err(Interrupt::Failure(failure)) => {
                run.give_up(MapRunStatus::Failed);
                if !failure.is_terminal() {
                    branch.previous = self.log.note(
                        branch.previous,
                        "MapRunFailed",
                        Some(("mapRunFailedEventDetails", failure.details())),
                        failure.note(),
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
                self.read_items(reader, visit, branch, &start).await?
            }
            (None, _) => stream::empty().boxed(),
        };
        if let (items, Some(most)) = items.size_hint()
            && items == most
        {
            run.expect(items as u64, map.batcher.is_some());
        }
        let feed = self.feed(map, visit, branch, &start, items)?;
        let mut course = Course::new(feed, results);
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
    /// then. They run while items are read, and while results are written.
    async fn run_children(
        &self,
        map: &Map,
        visit: &Visit<'_>,
        branch: &mut Branch,
        start: &Start,
        run: &mut Run<'a>,
        course: &mut Course<'_>,
    ) -> Result<(), Interrupt> {
        let mut running = Children::new();
        let mut change = until_changed(run.kept());
        loop {
            let feeds = !course.complete && running.len() < run.limit(MAX_CONCURRENCY);
            let turn = {
                let fed = pin!(async {
                    if feeds {
                        let feed = &mut course.feed;
                        self.fed(feed, map, visit, branch, start).await
                    } else {
                        future::pending().await
                    }
                });
                let ended = pin!(async {
                    if feeds && running.is_empty() {
                        future::pending().await
                    } else {
                        running.next().await
                    }
                });
                // What is there to be read is, before a child has its turn.
                match select(fed, select(ended, &mut change)).await {
                    Either::Left((fed, _)) => Turn::Fed(fed),
                    Either::Right((Either::Left((ended, _)), _)) => Turn::Ended(ended),
                    Either::Right((Either::Right(_), _)) => Turn::Changed,
                }
            };
            match turn {
                Turn::Fed(fed) => {
                    // After an error nothing comes any more.
                    course.complete = !matches!(fed, Ok(Some(_)));
                    if let Some(fed) = fed? {
                        let (child, recorded) = course.start(self, run, fed);
                        let redrives = run.about.redrive_count;
                        let child = self.child(map, run.kept(), redrives, child, recorded);
                        running.push(Box::pin(child));
                    }
                }
                Turn::Ended(Some(ended)) => {
                    course.over(run, ended?);
                    self.take_results(run, course, &mut running).await?;
                    // Children that wait for nothing leave no other moment for a timeout or a stop.
                    yield_now().await;
                }
                Turn::Ended(None) => return Ok(run.check(true)?),
                Turn::Changed => {
                    change = until_changed(run.kept());
                    run.heed();
                    run.check(course.complete)?;
                }
            }
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
        for ended in std::mem::take(&mut course.ended) {
            let outcome = Some(ended.outcome);
            results
                .add(self, &ended.child, outcome, ended.stopped)
                .await?;
        }
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

/// Lets who polls this do something else before it goes on.
async fn yield_now() {
    let mut yielded = false;
    future::poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
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
