//! Inline Maps: iterations are part of the execution.

use std::{collections::BTreeMap, sync::Arc};

use futures::{StreamExt, stream::FuturesUnordered};
use serde_json::{Value, json};

use super::{
    Interpreter,
    branch::Branch,
    failure::{Failure, Interrupt},
    item::Item,
    map::Start,
    visit::Visit,
};
use crate::{
    definition::Map,
    resume::progress::{Iteration as Begun, IterationEnd, Position},
};

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
        items: Vec<Item>,
        mut begun: BTreeMap<usize, Begun>,
    ) -> Result<Vec<Value>, Interrupt> {
        let limit = match start.max_concurrency {
            0 => DEFAULT_CONCURRENCY,
            limit => limit,
        } as usize;
        let mut results = vec![Value::Null; items.len()];
        // The iterations that run, and whether they are in a Task.
        let mut in_task = BTreeMap::new();
        let mut running = FuturesUnordered::new();
        let mut ended = last_success(&begun);
        let failed = self.restore(visit, branch, &mut begun, &mut results)?;
        if let Some(failure) = failed {
            return Err(failure.into());
        }
        let (again, first): (Vec<_>, Vec<_>) = items
            .into_iter()
            .enumerate()
            .filter(|(index, _)| begun.get(index).is_none_or(|begun| begun.end.is_none()))
            .partition(|(index, _)| begun.contains_key(index));
        for (index, item) in again {
            if let Some(begun) = begun.remove(&index) {
                let within = branch.going_on(begun.strand);
                in_task.insert(index, Arc::clone(&within.in_task));
                running.push(self.iteration(map, visit, within, start, index, item));
            }
        }
        let mut waiting = first.into_iter();
        loop {
            while running.len() < limit
                && let Some((index, item)) = waiting.next()
            {
                let id = self.tell(branch.previous, Step::Started, visit, index)?;
                let within = branch.within(id);
                in_task.insert(index, Arc::clone(&within.in_task));
                running.push(self.iteration(map, visit, within, start, index, item));
            }
            let Some(iteration) = running.next().await else {
                // The end of the Map follows that of an iteration, as on AWS, where the start of
                // another iteration follows what was within.
                branch.previous = branch.previous.max(ended);
                return Ok(results);
            };
            let index = iteration.index;
            branch.previous = iteration.previous;
            let task = in_task.remove(&index);
            match iteration.result {
                Ok(result) => {
                    ended = self.tell(branch.previous, Step::Succeeded, visit, index)?;
                    results[index] = result;
                }
                Err(interrupt) => {
                    drop(running);
                    if matches!(&interrupt, Interrupt::Failure(failure) if !failure.is_terminal()) {
                        let last = branch.previous;
                        self.failed(last, visit, index, &interrupt)?;
                        self.abort_task(last, task.as_ref())?;
                        for (index, task) in in_task {
                            self.tell(last, Step::Aborted, visit, index)?;
                            self.abort_task(last, Some(&task))?;
                        }
                    }
                    return Err(interrupt);
                }
            }
        }
    }

    /// Takes over what had come of the iterations that were begun. Gives the failure of one whose
    /// failure the Map had not heard of.
    fn restore(
        &self,
        visit: &Visit<'_>,
        branch: &Branch,
        begun: &mut BTreeMap<usize, Begun>,
        results: &mut [Value],
    ) -> Result<Option<Failure>, Interrupt> {
        let (mut failed, mut running) = (None, Vec::new());
        let mut last = branch.previous;
        for (index, begun) in begun {
            match &begun.end {
                None => {
                    running.push(*index);
                }
                Some(IterationEnd::Succeeded(_)) => {
                    if let (Position::Left { output, .. }, Some(result)) =
                        (&mut begun.strand.at, results.get_mut(*index))
                    {
                        *result = output.take();
                    }
                }
                Some(IterationEnd::Failed(failure)) => {
                    failed = Some(Failure::from(failure.clone()));
                    last = begun.strand.previous;
                }
                Some(IterationEnd::Aborted) => {}
            }
        }
        if failed.is_some() {
            for index in running {
                self.tell(last, Step::Aborted, visit, index)?;
            }
        }
        Ok(failed)
    }

    async fn iteration(
        &self,
        map: &Map,
        visit: &Visit<'_>,
        mut branch: Branch,
        start: &Start,
        index: usize,
        item: Item,
    ) -> Iteration {
        // One that goes on has its input already.
        let input = match branch.position {
            Position::Start => {
                self.select_item(map, visit, &mut branch, &start.input, index, &item)
            }
            _ => Ok(Value::Null),
        };
        let result = match input {
            Ok(input) => {
                branch.item = Some(Arc::new(item.context(index)));
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

    /// Writes that an iteration failed, and why.
    fn failed(
        &self,
        previous: u64,
        visit: &Visit,
        index: usize,
        interrupt: &Interrupt,
    ) -> Result<u64, Interrupt> {
        let details = json!({"name": visit.state.name, "index": index});
        let note = match interrupt {
            Interrupt::Failure(failure) => failure.note(),
            Interrupt::History(_) => Value::Null,
        };
        self.log.note(
            previous,
            "MapIterationFailed",
            Some(("mapIterationFailedEventDetails", details)),
            note,
        )
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
            Step::Aborted => ("MapIterationAborted", "mapIterationAbortedEventDetails"),
        };
        let details = json!({"name": visit.state.name, "index": index});
        self.log.record(previous, kind, Some((member, details)))
    }
}

/// The last event that told of an iteration's success, or 0.
fn last_success(begun: &BTreeMap<usize, Begun>) -> u64 {
    let told = begun.values().filter_map(|begun| match begun.end {
        Some(IterationEnd::Succeeded(told)) => Some(told),
        _ => None,
    });
    told.max().unwrap_or(0)
}

enum Step {
    Started,
    Succeeded,
    Aborted,
}
