//! A plan carried out: along the graph, with as much in parallel as it allows.

use std::collections::{BTreeSet, BinaryHeap, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};

use super::compare::compare;
use super::event::{Event, Observer, Waits};
use super::graph::{Step, order, steps_after};
use super::outcome::{Ended, Outcome, Skipped};
use super::plan::{Action, Change, FieldChange, Plan, leaving};
use super::reading::steadily;
use super::stop::Stop;
use crate::cloud::{Cloud, Pauses};
use crate::policy::Fact;
use crate::resource::{
    Address, CallError, Held, Live, Ownership, READ_DELAY, Resource, Work, poll,
};

/// Carries out `plan`, at most `parallelism` changes at a time. A failure stops only what depends
/// on it.
pub async fn apply(
    plan: &Plan,
    cloud: &Cloud,
    parallelism: usize,
    observer: &dyn Observer,
    stop: &Stop,
) -> Outcome {
    let mut steps = Steps::of(&plan.changes);
    let leaving = leaving(plan.goal, &plan.changes);
    let leaving = leaving.as_slice();
    let mut running = FuturesUnordered::new();
    let mut outcome = Outcome::default();
    let mut begun = BTreeSet::new();
    loop {
        while running.len() < parallelism.max(1) {
            let Some(node) = steps.next() else { break };
            let Some(task) = steps.task(node, &plan.changes) else {
                steps.settle(node, None);
                continue;
            };
            let hindrance = match steps.hindrance(node) {
                None if stop.is_asked() => {
                    outcome.stopped = true;
                    Some("stopped".to_owned())
                }
                hindrance => hindrance,
            };
            let Some(because) = hindrance else {
                begun.insert(node);
                running.push(async move {
                    let ended = carry_out(&task, plan, leaving, cloud, observer).await;
                    (node, task, ended)
                });
                continue;
            };
            skip(&task, &because, observer, &mut outcome);
            steps.settle(node, Some(because));
        }
        let finished = tokio::select! {
            finished = running.next() => finished,
            () = stop.at_once() => {
                outcome.stopped = true;
                None
            }
        };
        let Some((node, task, ended)) = finished else {
            break;
        };
        let failed = ended.result.is_err();
        let hindrance = failed.then(|| format!("{} failed", task.address));
        begun.remove(&node);
        steps.settle(node, hindrance);
        outcome.add(task.address, task.action, ended);
    }
    // Asked twice, it ends in the middle: of what was in flight, and before what was to follow.
    for node in begun {
        if let Some(task) = steps.task(node, &plan.changes) {
            skip(&task, "stopped in the middle of it", observer, &mut outcome);
        }
        steps.settle(node, None);
    }
    while let Some(node) = steps.next() {
        if let Some(task) = steps.task(node, &plan.changes) {
            skip(&task, "stopped", observer, &mut outcome);
        }
        steps.settle(node, None);
    }
    outcome
}

fn skip(task: &Task<'_>, because: &str, observer: &dyn Observer, outcome: &mut Outcome) {
    observer.event(&Event::Skipped {
        address: task.address,
    });
    outcome.skipped.push(Skipped {
        address: task.address.clone(),
        action: task.action,
        because: because.to_owned(),
    });
}

/// How far the graph has been gone through.
struct Steps {
    graph: DiGraph<Step, ()>,
    /// How many steps must still be settled before each.
    waits_for: Vec<usize>,
    /// Of each that cannot be done: the reason, which is handed on.
    hindered: HashMap<NodeIndex, String>,
    /// What can be begun; that on which most waits comes first.
    ready: BinaryHeap<(usize, std::cmp::Reverse<NodeIndex>)>,
    after: Vec<usize>,
}

impl Steps {
    fn of(changes: &[Change]) -> Self {
        let graph = order(changes);
        let waits_for: Vec<usize> = graph
            .node_indices()
            .map(|node| graph.neighbors_directed(node, Direction::Incoming).count())
            .collect();
        let after = steps_after(&graph);
        let mut steps = Self {
            hindered: HashMap::new(),
            ready: BinaryHeap::new(),
            waits_for,
            after,
            graph,
        };
        for node in steps.graph.node_indices() {
            if steps.waits_for[node.index()] == 0 {
                steps.add_ready(node);
            }
        }
        steps
    }

    fn add_ready(&mut self, node: NodeIndex) {
        let after = self.after[node.index()];
        self.ready.push((after, std::cmp::Reverse(node)));
    }

    fn next(&mut self) -> Option<NodeIndex> {
        let (_, node) = self.ready.pop()?;
        Some(node.0)
    }

    /// What a step does, if it does something.
    fn task<'a>(&self, node: NodeIndex, changes: &'a [Change]) -> Option<Task<'a>> {
        match self.graph[node] {
            Step::Change(i) => Some(&changes[i])
                .filter(|change| change.action.changes_something())
                .map(Task::of),
            Step::Former(i) => Task::of_former(&changes[i]),
            Step::Built | Step::Line => None,
        }
    }

    fn hindrance(&self, node: NodeIndex) -> Option<String> {
        self.hindered.get(&node).cloned()
    }

    /// Tells those that wait for `node` that it is settled, or that it hinders them.
    fn settle(&mut self, node: NodeIndex, hindrance: Option<String>) {
        // What is nothing to do hands on what hindered it.
        let hindrance = hindrance.or_else(|| self.hindrance(node));
        let mut next = self
            .graph
            .neighbors_directed(node, Direction::Outgoing)
            .detach();
        while let Some(after) = next.next_node(&self.graph) {
            if let Some(reason) = &hindrance {
                self.hindered.entry(after).or_insert_with(|| reason.clone());
            }
            self.waits_for[after.index()] -= 1;
            if self.waits_for[after.index()] == 0 {
                self.add_ready(after);
            }
        }
    }
}

/// What is done to one resource in one step.
struct Task<'a> {
    address: &'a Address,
    action: Action,
    resource: &'a dyn Resource,
    live: Option<&'a Live>,
    fields: &'a [FieldChange],
    force: bool,
}

impl<'a> Task<'a> {
    fn of(change: &'a Change) -> Self {
        Self {
            address: &change.address,
            action: match change.former {
                // The old one has a step of its own.
                Some(_) => Action::Create,
                None => change.action,
            },
            resource: change.resource.as_ref(),
            live: change.live.as_ref(),
            fields: &change.fields,
            force: change.force,
        }
    }

    /// The deletion of what a change takes the place of.
    fn of_former(change: &'a Change) -> Option<Self> {
        let former = change.former.as_ref()?;
        Some(Self {
            address: &change.address,
            action: Action::Delete,
            resource: former.resource.as_ref(),
            live: None,
            fields: &[],
            force: former.force,
        })
    }
}

async fn carry_out(
    task: &Task<'_>,
    plan: &Plan,
    leaving: &[Fact],
    cloud: &Cloud,
    observer: &dyn Observer,
) -> Ended {
    let (address, action) = (task.address, task.action);
    let started = Instant::now();
    observer.event(&Event::Started { address, action });
    let waits = Mutex::new(Waits::default());
    let note = |text: &str| {
        let mut waits = waits.lock().unwrap_or_else(PoisonError::into_inner);
        waits.note(text);
        drop(waits);
        observer.event(&Event::Note { address, text });
    };
    let work = Work {
        cloud,
        force: task.force,
        note: &note,
    };
    let pauses = Pauses::default();
    let changing = task.carry_out(&work, &plan.stack, leaving);
    let result = pauses.watch(changing).await;
    let elapsed = started.elapsed();
    let waited = waits.into_inner().unwrap_or_else(PoisonError::into_inner);
    let waited = waited.finish(pauses.take());
    match &result {
        Ok(()) => observer.event(&Event::Finished {
            address,
            action,
            elapsed,
            waited: &waited,
        }),
        Err(error) => observer.event(&Event::Failed {
            address,
            action,
            error,
            elapsed,
            waited: &waited,
        }),
    }
    Ended {
        result,
        elapsed,
        waited,
    }
}

impl Task<'_> {
    async fn carry_out(
        &self,
        work: &Work<'_>,
        stack: &str,
        leaving: &[Fact],
    ) -> Result<(), CallError> {
        match (self.action, self.live) {
            (Action::None | Action::Keep, _) => Ok(()),
            (Action::Create, _) | (Action::Update | Action::Adopt, None) => {
                self.create(work, stack).await
            }
            (Action::Update | Action::Adopt, Some(live)) => {
                let changed: BTreeSet<String> =
                    self.fields.iter().map(|field| field.path.clone()).collect();
                self.resource.update(work, live, &changed).await
            }
            (Action::Replace, _) => {
                self.delete(work, leaving).await?;
                self.create(work, stack).await
            }
            (Action::Delete, _) => self.delete(work, leaving).await,
        }
    }

    /// Deletes it, unless data came into it since the plan was made. If somebody else deleted it
    /// meanwhile, nothing is left to fail at.
    async fn delete(&self, work: &Work<'_>, leaving: &[Fact]) -> Result<(), CallError> {
        if !work.force
            && let Some(Held::Data(held)) =
                steadily(|| self.resource.holds(work.cloud, leaving)).await?
        {
            let message = format!("{held}, which came after the plan was made");
            let help = format!("--force {} deletes it all the same", self.address);
            return Err(CallError::here("delete", message).with_help(help));
        }
        let Err(error) = self.resource.delete(work).await else {
            return Ok(());
        };
        match steadily(|| self.resource.read(work.cloud)).await {
            Ok(None) => Ok(()),
            _ => Err(error),
        }
    }

    /// Creates it. One of its name that came meanwhile with this stack's mark, by another `up` or
    /// by an attempt whose answer was lost, is taken and made as it is wanted. What only a new one
    /// can take shows that it is the old one, which is about to go.
    async fn create(&self, work: &Work<'_>, stack: &str) -> Result<(), CallError> {
        let error = match self.resource.create(work).await {
            Err(error) if says_it_exists(&error) => error,
            other => return other,
        };
        let what = format!("`{}` to be seen", self.resource.name());
        let look = || steadily(|| self.resource.read(work.cloud));
        let Ok(live) = poll(work, &error.operation, &what, READ_DELAY, look).await else {
            return Err(error);
        };
        let is_ours = match &live.ownership {
            Ownership::Inherent => true,
            Ownership::Marked { stack: owner, .. } => owner == stack,
            Ownership::Unmarked => false,
        };
        let differences = compare(self.resource, &live);
        if !is_ours || differences.iter().any(|field| field.replaces) {
            return Err(error);
        }
        if differences.is_empty() {
            return Ok(());
        }
        let changed = differences.into_iter().map(|field| field.path).collect();
        self.resource.update(work, &live, &changed).await
    }
}

/// Services say it in many ways; whose it is decides what is made of it.
fn says_it_exists(error: &CallError) -> bool {
    let code = error.code.as_deref().unwrap_or_default();
    code.contains("Already") || code.contains("Conflict") || error.message.contains("already")
}
