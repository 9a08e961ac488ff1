//! A plan carried out: along the graph, with as much in parallel as it allows.

use std::collections::{BTreeSet, HashMap};
use std::time::Instant;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use petgraph::Direction;
use petgraph::graph::NodeIndex;
use serde::Serialize;

use super::event::{Event, Observer};
use super::graph::{Step, order};
use super::plan::{Action, Change, Plan};
use super::stop::Stop;
use crate::cloud::Cloud;
use crate::resource::{Address, CallError, Work};

/// What came of a plan.
#[derive(Debug, Default, Serialize)]
pub struct Outcome {
    pub done: Vec<(Address, Action)>,
    pub failed: Vec<Failure>,
    pub skipped: Vec<Skipped>,
    /// Ctrl-C ended it before the plan did.
    pub stopped: bool,
}

impl Outcome {
    /// Whether everything that was planned is done.
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty() && self.skipped.is_empty() && !self.stopped
    }
}

/// A change that did not come about.
#[derive(Debug, Serialize)]
pub struct Failure {
    pub address: Address,
    pub action: Action,
    pub error: CallError,
}

/// A change that was not tried.
#[derive(Debug, Serialize)]
pub struct Skipped {
    pub address: Address,
    pub action: Action,
    /// What failed or was stopped before it.
    pub because: String,
}

/// Carries out `plan`, at most `parallelism` changes at a time. A failure stops only what depends
/// on it.
pub async fn apply(
    plan: &Plan,
    cloud: &Cloud,
    parallelism: usize,
    observer: &dyn Observer,
    stop: &Stop,
) -> Outcome {
    let graph = order(&plan.changes);
    let mut waits_for: HashMap<NodeIndex, usize> = graph
        .node_indices()
        .map(|node| {
            let first = graph.neighbors_directed(node, Direction::Incoming);
            (node, first.count())
        })
        .collect();
    // Of each node that cannot be done: the reason, which is handed on.
    let mut hindered: HashMap<NodeIndex, String> = HashMap::new();
    let mut ready: Vec<NodeIndex> = graph
        .node_indices()
        .filter(|node| waits_for[node] == 0)
        .rev()
        .collect();
    let mut running = FuturesUnordered::new();
    let mut outcome = Outcome::default();

    loop {
        while running.len() < parallelism.max(1) {
            let Some(node) = ready.pop() else { break };
            let mut hindrance = hindered.get(&node).cloned();
            if let Step::Change(i) = graph[node] {
                let change = &plan.changes[i];
                if change.action.changes_something() {
                    if hindrance.is_none() && stop.is_asked() {
                        outcome.stopped = true;
                        hindrance = Some("stopped".to_owned());
                    }
                    match &hindrance {
                        None => {
                            running.push(carry_out(node, change, cloud, observer));
                            continue;
                        }
                        Some(because) => {
                            observer.event(&Event::Skipped {
                                address: &change.address,
                                action: change.action,
                                because,
                            });
                            outcome.skipped.push(Skipped {
                                address: change.address.clone(),
                                action: change.action,
                                because: because.clone(),
                            });
                        }
                    }
                }
            }
            release(
                &graph,
                node,
                hindrance,
                &mut waits_for,
                &mut hindered,
                &mut ready,
            );
        }
        let finished = tokio::select! {
            finished = running.next() => finished,
            () = stop.at_once() => {
                outcome.stopped = true;
                None
            }
        };
        let Some((node, change, result)) = finished else {
            break;
        };
        let hindrance = match result {
            Ok(()) => {
                outcome.done.push((change.address.clone(), change.action));
                None
            }
            Err(error) => {
                outcome.failed.push(Failure {
                    address: change.address.clone(),
                    action: change.action,
                    error,
                });
                Some(format!("{} failed", change.address))
            }
        };
        release(
            &graph,
            node,
            hindrance,
            &mut waits_for,
            &mut hindered,
            &mut ready,
        );
    }
    outcome
}

type Graph = petgraph::graph::DiGraph<Step, ()>;

/// Tells those that wait for `node` that it is settled, or that it hinders them.
fn release(
    graph: &Graph,
    node: NodeIndex,
    hindrance: Option<String>,
    waits_for: &mut HashMap<NodeIndex, usize>,
    hindered: &mut HashMap<NodeIndex, String>,
    ready: &mut Vec<NodeIndex>,
) {
    for next in graph.neighbors_directed(node, Direction::Outgoing) {
        if let Some(reason) = &hindrance {
            hindered.entry(next).or_insert_with(|| reason.clone());
        }
        if let Some(count) = waits_for.get_mut(&next) {
            *count -= 1;
            if *count == 0 {
                ready.push(next);
            }
        }
    }
}

async fn carry_out<'a>(
    node: NodeIndex,
    change: &'a Change,
    cloud: &Cloud,
    observer: &dyn Observer,
) -> (NodeIndex, &'a Change, Result<(), CallError>) {
    let (address, action) = (&change.address, change.action);
    let started = Instant::now();
    observer.event(&Event::Started { address, action });
    let note = |text: &str| observer.event(&Event::Note { address, text });
    let work = Work {
        cloud,
        force: change.force,
        note: &note,
    };
    let result = change.carry_out(&work).await;
    let elapsed = started.elapsed();
    match &result {
        Ok(()) => observer.event(&Event::Finished {
            address,
            action,
            elapsed,
        }),
        Err(error) => observer.event(&Event::Failed {
            address,
            action,
            error,
            elapsed,
        }),
    }
    (node, change, result)
}

impl Change {
    async fn carry_out(&self, work: &Work<'_>) -> Result<(), CallError> {
        match (self.action, &self.live) {
            (Action::None | Action::Keep, _) => Ok(()),
            (Action::Create, _) | (Action::Update, None) => self.resource.create(work).await,
            (Action::Update, Some(live)) => {
                let changed: BTreeSet<String> =
                    self.fields.iter().map(|field| field.path.clone()).collect();
                self.resource.update(work, live, &changed).await
            }
            (Action::Replace, _) => {
                self.resource.delete(work).await?;
                self.resource.create(work).await
            }
            (Action::Delete, _) => self.resource.delete(work).await,
        }
    }
}
