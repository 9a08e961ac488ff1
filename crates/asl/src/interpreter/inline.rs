//! Inline Maps: iterations are part of the execution.

use std::collections::BTreeMap;

use futures::{StreamExt, stream::FuturesUnordered};
use serde_json::{Value, json};

use super::{Interpreter, branch::Branch, failure::Interrupt, map::Start, visit::Visit};
use crate::definition::Map;

/// How many iterations run at the same time where nothing else is said.
const DEFAULT_CONCURRENCY: u64 = 40;

/// What came of an iteration.
struct Iteration {
    index: usize,
    /// The last event within.
    previous: u64,
    result: Result<Value, Interrupt>,
}

impl Interpreter<'_> {
    pub(super) async fn iterate(
        &self,
        map: &Map,
        visit: &Visit<'_>,
        branch: &mut Branch,
        start: &Start,
        items: Vec<Value>,
    ) -> Result<Vec<Value>, Interrupt> {
        let limit = match start.max_concurrency {
            0 => DEFAULT_CONCURRENCY,
            limit => limit,
        } as usize;
        let mut results = vec![Value::Null; items.len()];
        // The iterations that run, with the events that started them.
        let mut started = BTreeMap::new();
        let mut running = FuturesUnordered::new();
        let mut waiting = items.into_iter().enumerate();
        loop {
            while running.len() < limit
                && let Some((index, item)) = waiting.next()
            {
                let id = self.tell(branch.previous, Step::Started, visit, index)?;
                started.insert(index, id);
                running.push(self.iteration(map, visit, branch.within(id), start, index, item));
            }
            let Some(iteration) = running.next().await else {
                return Ok(results);
            };
            let index = iteration.index;
            branch.previous = iteration.previous;
            started.remove(&index);
            match iteration.result {
                Ok(result) => {
                    self.tell(branch.previous, Step::Succeeded, visit, index)?;
                    results[index] = result;
                }
                Err(interrupt) => {
                    drop(running);
                    if matches!(&interrupt, Interrupt::Failure(failure) if !failure.is_terminal()) {
                        self.tell(branch.previous, Step::Failed, visit, index)?;
                        for (index, id) in started {
                            self.tell(id, Step::Aborted, visit, index)?;
                        }
                    }
                    return Err(interrupt);
                }
            }
        }
    }

    async fn iteration(
        &self,
        map: &Map,
        visit: &Visit<'_>,
        mut branch: Branch,
        start: &Start,
        index: usize,
        item: Value,
    ) -> Iteration {
        let result = match self.select_item(map, visit, &mut branch, &start.input, index, &item) {
            Ok(input) => {
                branch.item = Some(json!({"Index": index, "Value": item}));
                self.flow(&map.processor, &mut branch, input).await
            }
            Err(interrupt) => Err(interrupt),
        };
        Iteration {
            index,
            previous: branch.previous,
            result,
        }
    }

    /// Writes an event of one iteration.
    fn tell(
        &self,
        previous: u64,
        step: Step,
        visit: &Visit,
        index: usize,
    ) -> Result<u64, Interrupt> {
        let (kind, member) = match step {
            Step::Started => ("MapIterationStarted", "mapIterationStartedEventDetails"),
            Step::Succeeded => ("MapIterationSucceeded", "mapIterationSucceededEventDetails"),
            Step::Failed => ("MapIterationFailed", "mapIterationFailedEventDetails"),
            Step::Aborted => ("MapIterationAborted", "mapIterationAbortedEventDetails"),
        };
        let details = json!({"name": visit.state.name, "index": index});
        self.log.record(previous, kind, Some((member, details)))
    }
}

enum Step {
    Started,
    Succeeded,
    Failed,
    Aborted,
}
