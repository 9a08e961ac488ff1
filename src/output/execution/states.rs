//! What the events of a history say of an execution's states: which run, how often they did, how
//! long they took, what a task waits for. Knows no terminal.
//!
//! Events tell their place by the event before them. A state is known by its name, which is unique
//! in the whole of a machine (States Language specification, "States").

mod children;
mod redriven;
mod taking;

use std::collections::HashMap;
use std::time::Duration;

use aws_smithy_types::DateTime;
use serde_json::Value;

use self::redriven::Unfinished;
use super::waiting::Failure;
use crate::machine;
pub use children::{ChildFlow, MapRun};

/// A state of the definition, and all its visits so far.
#[derive(Debug, Clone, Default)]
pub struct Node {
    pub name: String,
    /// `Task`, `Map`, …
    pub kind: String,
    /// How many Map and Parallel states it is in.
    pub depth: usize,
    /// Whether it is inside of a Map, at any depth.
    pub in_map: bool,
    pub entered: usize,
    pub running: usize,
    /// More child executions run than were looked into: `running` is of some of them.
    pub is_sample: bool,
    /// Child executions run it, or may have, whose histories were not read: that nothing is counted
    /// here does not say that nothing entered it.
    pub is_unread: bool,
    pub succeeded: usize,
    pub failed: usize,
    /// Ended by another's failure, or by a stop.
    pub aborted: usize,
    /// Left although it failed.
    pub caught: usize,
    pub retries: usize,
    /// Of a Map: what its visits had to do.
    pub items: Items,
    /// The time of the visits that have ended, all together.
    pub took: Duration,
    /// What it waits for.
    pub note: Option<String>,
    pub failure: Option<Failure>,
    /// Of a distributed Map: the flow of its child executions.
    pub children: Option<ChildFlow>,
}

/// The items of a Map.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Items {
    pub total: usize,
    pub started: usize,
    pub succeeded: usize,
    pub failed: usize,
    pub aborted: usize,
}

impl Items {
    pub fn running(self) -> usize {
        self.started
            .saturating_sub(self.succeeded + self.failed + self.aborted)
    }

    /// What did not succeed is to be done again.
    fn redrive(&mut self) {
        self.started = self.started.saturating_sub(self.failed + self.aborted);
        (self.failed, self.aborted) = (0, 0);
    }
}

/// One time that a state was entered.
#[derive(Debug, Clone)]
struct Visit {
    node: usize,
    at: DateTime,
    /// The event that entered it.
    event: i64,
    scope: usize,
    attempts: usize,
    is_running: bool,
    failure: Option<Failure>,
    /// An event of its own told of the failure.
    is_told: bool,
    /// Of a Map or Parallel: the visit inside that its failure is of.
    failed_by: Option<usize>,
    /// Of a Map: what it had to do since it was last tried.
    items: Items,
}

/// Where an event happened.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    visit: Option<usize>,
    /// Where the state that follows is entered.
    scope: usize,
    /// What follows is the first state of a branch.
    opens_branch: bool,
    /// It is where a redrive begins: what follows is of any state that did not succeed.
    is_redrive: bool,
}

/// What a reader of lines is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Happened {
    /// A task was accepted and is waited for.
    Waits {
        node: usize,
        what: String,
    },
    Retries {
        node: usize,
        failure: Failure,
    },
    Exited {
        node: usize,
        took: Duration,
        /// Of a Map: what this visit had to do, as in the two below.
        items: Items,
        /// What was caught.
        caught: Option<Failure>,
    },
    Failed {
        node: usize,
        failure: Failure,
    },
    /// A Map or Parallel failed by what is inside of it, or a Fail state inside of one did.
    Broken {
        node: usize,
        took: Duration,
        items: Items,
    },
    /// Another's failure ended it, or a stop.
    Aborted {
        node: usize,
        took: Duration,
        items: Items,
    },
}

/// The state that ended an execution.
#[derive(Debug, Clone, PartialEq)]
pub struct Culprit {
    pub node: usize,
    /// The event that entered it.
    pub event: i64,
}

/// All states of an execution.
#[derive(Debug, Default)]
pub struct States {
    pub nodes: Vec<Node>,
    by_name: HashMap<String, usize>,
    visits: Vec<Visit>,
    running: Vec<usize>,
    /// By the event's id.
    places: Vec<Place>,
    /// The visit that each scope is inside of; the first is the machine itself.
    scopes: Vec<Option<usize>>,
    /// States entered, and retries: what a STANDARD execution is billed for.
    pub transitions: usize,
    pub culprit: Option<Culprit>,
    /// The failure that it ended with.
    pub ending: Option<Failure>,
    /// The visits that the end of the execution ended: a redrive goes on with them.
    unfinished: Vec<Unfinished>,
    /// What its distributed Maps started.
    pub map_runs: Vec<MapRun>,
}

impl States {
    /// The states of a definition, in the order of the way through them.
    pub fn of(definition: &Value) -> Self {
        let mut states = Self {
            scopes: vec![None],
            ..Self::default()
        };
        states.flow(definition, 0, false);
        states
    }

    fn flow(&mut self, flow: &Value, depth: usize, in_map: bool) {
        for name in machine::order(flow) {
            let state = &flow["States"][name];
            let kind = state["Type"].as_str().unwrap_or_default();
            let node = self.add(name, kind, depth, in_map);
            self.nodes[node].children = ChildFlow::of(state);
            for inner in machine::inner_flows(state) {
                self.flow(inner, depth + 1, in_map || kind == "Map");
            }
        }
    }

    fn add(&mut self, name: &str, kind: &str, depth: usize, in_map: bool) -> usize {
        let at = self.nodes.len();
        self.by_name.insert(name.to_owned(), at);
        self.nodes.push(Node {
            name: name.to_owned(),
            kind: kind.to_owned(),
            depth,
            in_map,
            ..Node::default()
        });
        at
    }

    /// How long the oldest visit of a node that still runs has been there, at `now`.
    pub fn running_for(&self, node: usize, now: DateTime) -> Option<Duration> {
        let visits = self.running.iter().map(|v| &self.visits[*v]);
        let of_node = visits.filter(|visit| visit.node == node);
        of_node.map(|visit| between(visit.at, now)).max()
    }

    fn place(&self, event: i64) -> Place {
        let at = usize::try_from(event).unwrap_or_default();
        self.places.get(at).copied().unwrap_or_default()
    }

    fn keep(&mut self, event: i64, place: Place) {
        let at = usize::try_from(event).unwrap_or_default();
        if self.places.len() <= at {
            self.places.resize(at + 1, Place::default());
        }
        self.places[at] = place;
    }

    /// The visit that `from` is in, going outward, which `is` the one.
    fn outward(&self, from: Place, is: impl Fn(&Visit, &Node) -> bool) -> Option<usize> {
        let outer = self.scopes.get(from.scope).copied().flatten();
        let mut next = from.visit.or(outer);
        while let Some(at) = next {
            let visit = &self.visits[at];
            if is(visit, &self.nodes[visit.node]) {
                return Some(at);
            }
            next = self.scopes[visit.scope];
        }
        None
    }

    /// The visit of this name that `from` is in, or any that runs.
    fn named(&self, from: Place, name: &str) -> Option<usize> {
        let node = *self.by_name.get(name)?;
        self.outward(from, |visit, _| visit.node == node && visit.is_running)
            .or_else(|| {
                let newest = self.running.iter().rev();
                newest.copied().find(|v| self.visits[*v].node == node)
            })
    }

    fn running_of(&self, from: Place, kind: &str) -> Option<usize> {
        self.outward(from, |visit, node| visit.is_running && node.kind == kind)
            .or_else(|| {
                // After a redrive nothing tells more than the kind.
                let mut newest = self.running.iter().rev().copied();
                newest.find(|v| self.nodes[self.visits[*v].node].kind == kind)
            })
    }
}

/// From one moment to a later one.
pub fn between(from: DateTime, to: DateTime) -> Duration {
    let nanos = to.as_nanos() - from.as_nanos();
    Duration::from_nanos(u64::try_from(nanos).unwrap_or_default())
}
