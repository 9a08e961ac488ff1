//! The order in which changes may be carried out.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use petgraph::graph::{DiGraph, NodeIndex};

use super::plan::{Action, Change};
use crate::resource::{Address, KINDS};

/// A step of a plan: a change, or a line between those before and those after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Change(usize),
    /// The deletion of what a change takes the place of.
    Former(usize),
    /// What is no longer wanted goes only after nothing uses it: when all else is done.
    Built,
    /// A line between kinds.
    Line,
}

/// An edge leads from what must be done first.
pub(super) fn order(changes: &[Change]) -> DiGraph<Step, ()> {
    let mut graph = DiGraph::new();
    let nodes: Vec<NodeIndex> = (0..changes.len())
        .map(|i| graph.add_node(Step::Change(i)))
        .collect();
    let built = graph.add_node(Step::Built);
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
    let mut orphans = Orphans::of(changes, &nodes, &declared);
    for (i, change) in changes.iter().enumerate() {
        if let Some(former) = &change.former {
            let node = graph.add_node(Step::Former(i));
            graph.add_edge(built, node, ());
            orphans.add(of_kind(former.resource.kind()), node);
        }
    }
    orphans.add_to(&mut graph);
    graph
}

/// What an orphan depended on is not known any more: the order of the kinds says it. It goes after
/// all that leaves of later kinds, and before all that leaves of earlier ones.
struct Orphans {
    /// What leaves, by its place in the order, and whether it is an orphan.
    levels: BTreeMap<usize, Vec<(NodeIndex, bool)>>,
}

impl Orphans {
    fn of(changes: &[Change], nodes: &[NodeIndex], declared: &HashMap<&Address, usize>) -> Self {
        let mut places = vec![None; changes.len()];
        let mut levels: BTreeMap<usize, Vec<(NodeIndex, bool)>> = BTreeMap::new();
        for (i, change) in changes.iter().enumerate() {
            if leaves(change) {
                let place = place(i, changes, declared, &mut places);
                let level = levels.entry(place).or_default();
                level.push((nodes[i], change.orphan));
            }
        }
        Self { levels }
    }

    /// One more, at this place.
    fn add(&mut self, place: usize, orphan: NodeIndex) {
        self.levels.entry(place).or_default().push((orphan, true));
    }

    /// A line between the levels keeps the edges few: all that is above hangs on `all`, the
    /// orphans of it on `orphans`.
    fn add_to(&self, graph: &mut DiGraph<Step, ()>) {
        if !self
            .levels
            .values()
            .flatten()
            .any(|(_, is_orphan)| *is_orphan)
        {
            return;
        }
        let (mut all, mut orphans) = (None, None);
        for level in self.levels.values().rev() {
            for &(node, is_orphan) in level {
                let line = if is_orphan { all } else { orphans };
                if let Some(line) = line {
                    graph.add_edge(line, node, ());
                }
            }
            let of_all = level.iter().map(|(node, _)| *node);
            all = Some(draw_line(graph, all, of_all));
            let of_orphans = level.iter().filter(|(_, is_orphan)| *is_orphan);
            let of_orphans = of_orphans.map(|(node, _)| *node);
            orphans = Some(draw_line(graph, orphans, of_orphans));
        }
    }
}

/// A node that comes after all of these, and after the line before.
fn draw_line(
    graph: &mut DiGraph<Step, ()>,
    before: Option<NodeIndex>,
    nodes: impl Iterator<Item = NodeIndex>,
) -> NodeIndex {
    let line = graph.add_node(Step::Line);
    for node in nodes.chain(before) {
        graph.add_edge(node, line, ());
    }
    line
}

/// The place of a kind in their order, or of what is needed if that comes later: so what leaves
/// never stands before what has to leave first, and a bucket whose policy names a role goes before
/// the role.
fn place(
    i: usize,
    changes: &[Change],
    declared: &HashMap<&Address, usize>,
    places: &mut [Option<usize>],
) -> usize {
    if let Some(place) = places[i] {
        return place;
    }
    let change = &changes[i];
    let kind = of_kind(change.resource.kind());
    let needed = change.depends_on.iter().filter_map(|a| declared.get(a));
    let found = needed.fold(kind, |most, &needed| {
        most.max(place(needed, changes, declared, places))
    });
    places[i] = Some(found);
    found
}

/// The place of a kind in their order.
fn of_kind(name: &str) -> usize {
    let place = KINDS.iter().position(|kind| kind.name() == name);
    place.unwrap_or(KINDS.len())
}

/// Whether a change is toward nothing.
fn leaves(change: &Change) -> bool {
    matches!(change.action, Action::Delete | Action::Keep)
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
