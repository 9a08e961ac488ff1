//! The order in which changes may be carried out.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use petgraph::graph::{DiGraph, NodeIndex};

use super::plan::{Action, Change};
use crate::resource::{Address, KINDS};

/// A step of a plan: a change, or the line between building up and taking away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Change(usize),
    /// What is no longer wanted goes only after nothing uses it: when all else is done.
    Built,
}

/// An edge leads from what must be done first.
pub(super) fn order(changes: &[Change]) -> DiGraph<Step, ()> {
    let mut graph = DiGraph::new();
    let nodes: Vec<NodeIndex> = (0..changes.len())
        .map(|i| graph.add_node(Step::Change(i)))
        .collect();
    let built = graph.add_node(Step::Built);
    let leaves = |change: &Change| matches!(change.action, Action::Delete | Action::Keep);
    let declared: HashMap<&Address, usize> = changes
        .iter()
        .enumerate()
        .filter(|(_, change)| !change.orphan)
        .map(|(i, change)| (&change.address, i))
        .collect();
    for (i, change) in changes.iter().enumerate() {
        if leaves(change) {
            graph.add_edge(built, nodes[i], ());
        } else {
            graph.add_edge(nodes[i], built, ());
        }
        for needed in &change.depends_on {
            let Some(&needed) = declared.get(needed) else {
                continue;
            };
            match (leaves(change), leaves(&changes[needed])) {
                (true, true) => graph.add_edge(nodes[i], nodes[needed], ()),
                (false, false) => graph.add_edge(nodes[needed], nodes[i], ()),
                _ => continue,
            };
        }
    }
    // What an orphan depended on is not known any more: the order of the kinds says it.
    let mut by_kind: Vec<Vec<usize>> = vec![Vec::new(); KINDS.len() + 1];
    for (i, change) in changes.iter().enumerate() {
        if leaves(change) {
            let place = KINDS
                .iter()
                .position(|k| k.name() == change.resource.kind());
            by_kind[place.unwrap_or(KINDS.len())].push(i);
        }
    }
    let levels: Vec<&Vec<usize>> = by_kind.iter().filter(|level| !level.is_empty()).collect();
    for pair in levels.windows(2) {
        let (earlier, later) = (pair[0], pair[1]);
        if !earlier.iter().chain(later).any(|&i| changes[i].orphan) {
            continue;
        }
        // A line between the levels keeps the edges few.
        let line = graph.add_node(Step::Built);
        for &i in later {
            graph.add_edge(nodes[i], line, ());
        }
        for &i in earlier {
            graph.add_edge(line, nodes[i], ());
        }
    }
    graph
}

/// Of each node, how many steps the longest way after it has: where most waits, work begins.
pub(super) fn steps_after(graph: &DiGraph<Step, ()>) -> Vec<usize> {
    let mut after = vec![0; graph.node_count()];
    // What `order` makes has no cycle: references are checked for them, and levels are in a row.
    let sorted = petgraph::algo::toposort(graph, None).unwrap_or_default();
    for node in sorted.into_iter().rev() {
        let next = graph.neighbors(node).map(|next| after[next.index()] + 1);
        after[node.index()] = next.max().unwrap_or_default();
    }
    after
}

/// The addresses on a way from a resource back to itself, if there is one.
pub fn cycle(needs: &BTreeMap<Address, BTreeSet<Address>>) -> Option<Vec<&Address>> {
    fn visit<'a>(
        at: &'a Address,
        needs: &'a BTreeMap<Address, BTreeSet<Address>>,
        done: &mut BTreeSet<&'a Address>,
        way: &mut Vec<&'a Address>,
    ) -> bool {
        if let Some(start) = way.iter().position(|step| *step == at) {
            way.drain(..start);
            return true;
        }
        if done.contains(at) {
            return false;
        }
        way.push(at);
        for needed in needs.get(at).into_iter().flatten() {
            if visit(needed, needs, done, way) {
                return true;
            }
        }
        way.pop();
        done.insert(at);
        false
    }
    let (mut done, mut way) = (BTreeSet::new(), Vec::new());
    needs
        .keys()
        .any(|start| visit(start, needs, &mut done, &mut way))
        .then_some(way)
}
