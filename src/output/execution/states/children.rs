//! What distributed Maps start: Map Runs, and child executions with histories of their own.

use aws_smithy_types::DateTime;
use serde_json::Value;

use super::{Items, Node, States};

/// The flow of a distributed Map's child executions.
#[derive(Debug, Clone)]
pub struct ChildFlow {
    pub flow: Value,
    /// They have no history that could be asked for, and are billed by their time.
    pub is_express: bool,
}

impl ChildFlow {
    /// None of a state that is no distributed Map.
    pub(super) fn of(state: &Value) -> Option<Self> {
        let flow = state.get("ItemProcessor")?;
        let config = &flow["ProcessorConfig"];
        (state["Type"] == "Map" && config["Mode"] == "DISTRIBUTED").then(|| Self {
            flow: flow.clone(),
            is_express: config["ExecutionType"] == "EXPRESS",
        })
    }
}

/// A Map Run of an execution.
#[derive(Debug, Clone)]
pub struct MapRun {
    pub arn: String,
    /// The Map that it is of.
    pub node: usize,
    /// The visit of that Map.
    pub(super) visit: usize,
    pub items: Items,
    /// How many child executions it has.
    pub executions: usize,
    pub is_over: bool,
}

impl States {
    /// A Map Run of this visit of a Map starts, or is redriven.
    pub(super) fn map_run_started(&mut self, visit: usize, arn: &str) {
        self.unread(self.visits[visit].node);
        if let Some(run) = self.map_runs.iter_mut().find(|run| run.arn == arn) {
            run.is_over = false;
            return;
        }
        self.map_runs.push(MapRun {
            arn: arn.to_owned(),
            node: self.visits[visit].node,
            visit,
            items: Items::default(),
            executions: 0,
            is_over: false,
        });
    }

    /// The newest Map Run of this Map has ended.
    pub(super) fn map_run_over(&mut self, node: usize) {
        if let Some(run) = self.map_runs.iter_mut().rev().find(|run| run.node == node) {
            run.is_over = true;
        }
        self.rest_inside(node);
    }

    /// Takes in which states child executions are now, in place of where they were before.
    /// `is_sample`: there are more of them that run.
    pub fn running_inside(&mut self, children: &[Self], is_sample: bool) {
        let maps: Vec<usize> = self.map_runs.iter().map(|run| run.node).collect();
        for map in maps {
            self.rest_inside(map);
        }
        for of_child in children.iter().flat_map(|child| &child.nodes) {
            if let Some(node) = self.by_name.get(&of_child.name) {
                let node = &mut self.nodes[*node];
                node.running += of_child.running;
                node.is_sample = is_sample && node.running > 0;
            }
        }
    }

    /// The states of the children of this distributed Map: they follow it, and are deeper.
    fn inside(&mut self, map: usize) -> impl Iterator<Item = &mut Node> {
        let depth = self.nodes[map].depth;
        let behind = self.nodes.iter_mut().skip(map + 1);
        behind.take_while(move |node| node.depth > depth)
    }

    /// Nothing is known to run in the children of this distributed Map.
    fn rest_inside(&mut self, map: usize) {
        for node in self.inside(map) {
            (node.running, node.is_sample) = (0, false);
        }
    }

    /// What children of this distributed Map did is not known of all of them.
    pub fn unread(&mut self, map: usize) {
        for node in self.inside(map) {
            node.is_unread = true;
        }
    }

    /// Of no Map Run were children read, or of all they are about to be.
    pub fn all_unread(&mut self, is_unread: bool) {
        let maps: Vec<usize> = self.map_runs.iter().map(|run| run.node).collect();
        for map in maps {
            for node in self.inside(map) {
                node.is_unread = is_unread;
            }
        }
    }

    /// Ends the states that were never left: the execution has ended, at `at` if that is known,
    /// whether or not its history says so.
    pub fn close(&mut self, at: Option<DateTime>) {
        for visit in self.running.clone() {
            let at = at.unwrap_or(self.visits[visit].at);
            self.abort_or_fail(visit, at);
        }
    }

    /// Takes how far a Map Run is: its items, and how many child executions it has.
    pub fn map_run(&mut self, arn: &str, items: Items, executions: usize) {
        let Some(at) = self.map_runs.iter().position(|run| run.arn == arn) else {
            return;
        };
        let run = &mut self.map_runs[at];
        (run.items, run.executions) = (items, executions);
        let node = run.node;
        self.visits[run.visit].items = items;
        let runs = self.map_runs.iter().filter(|run| run.node == node);
        self.nodes[node].items = runs.fold(Items::default(), |all, run| all.and(run.items));
    }

    /// Adds what the states of a child execution did to those of the same names.
    pub fn absorb(&mut self, child: &Self) {
        for of_child in &child.nodes {
            if let Some(node) = self.by_name.get(&of_child.name) {
                self.nodes[*node].absorb(of_child);
            }
        }
    }
}

impl Node {
    fn absorb(&mut self, child: &Self) {
        self.entered += child.entered;
        self.running += child.running;
        self.is_unread |= child.is_unread;
        self.succeeded += child.succeeded;
        self.failed += child.failed;
        self.aborted += child.aborted;
        self.caught += child.caught;
        self.retries += child.retries;
        self.took += child.took;
        self.items = self.items.and(child.items);
        if child.failure.is_some() {
            self.failure.clone_from(&child.failure);
        }
    }
}

impl Items {
    fn and(self, other: Self) -> Self {
        Self {
            total: self.total + other.total,
            started: self.started + other.started,
            succeeded: self.succeeded + other.succeeded,
            failed: self.failed + other.failed,
            aborted: self.aborted + other.aborted,
        }
    }
}
