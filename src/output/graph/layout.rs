//! Places for the states of a flow: in layers from top to bottom, as Sugiyama, Tagawa and Toda do
//! ("Methods for Visual Understanding of Hierarchical System Structures", 1981). Lengths are pixels.

use std::collections::HashMap;

use serde_json::Value;
use unicode_width::UnicodeWidthStr as _;

use super::does;
use crate::machine::{Way, inner_flows, order, transitions};

const CHARACTER: f64 = 7.5;
const BOX_HEIGHT: f64 = 44.0;
const GAP: f64 = 28.0;
const LAYER_GAP: f64 = 52.0;
const MARGIN: f64 = 20.0;
/// The height of a container's name, and the room around what is in it.
const HEAD: f64 = 30.0;
const PADDING: f64 = 16.0;
/// How far apart ways back run beside the boxes.
const LANE: f64 = 18.0;
/// How often the order in layers is improved.
const SWEEPS: usize = 8;

/// A flow with places, from (0, 0).
#[derive(Debug, Default)]
pub struct Layout {
    pub width: f64,
    pub height: f64,
    pub boxes: Vec<StateBox>,
    pub ways: Vec<WayLine>,
    /// Where the flow begins: above its first state.
    pub start: Option<(f64, f64)>,
    /// The top of the first state.
    pub first: Option<(f64, f64)>,
}

/// A state.
#[derive(Debug, Default)]
pub struct StateBox {
    pub name: String,
    pub kind: String,
    pub does: String,
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    /// What is inside, with its place in the box.
    pub inner: Vec<(f64, f64, Layout)>,
}

/// A way between two states.
#[derive(Debug)]
pub struct WayLine {
    pub points: Vec<(f64, f64)>,
    pub label: String,
    pub is_catch: bool,
    /// It leads to what came before, beside the boxes.
    pub is_back: bool,
}

/// A state, or a place that a way passes through a layer at.
struct Node {
    /// The place in `boxes`; none for a way that passes.
    of: Option<usize>,
    width: f64,
    layer: usize,
    x: f64,
}

/// A way between nodes of neighbouring layers, in pieces.
struct Chain {
    from: usize,
    to: usize,
    /// The nodes that it passes, its ends among them.
    nodes: Vec<usize>,
    is_back: bool,
    label: String,
    is_catch: bool,
}

/// Gives every state of a flow its place, and everything inside of them.
pub fn of(flow: &Value) -> Layout {
    let names = order(flow);
    let mut boxes: Vec<StateBox> = names
        .iter()
        .map(|name| measured(name, &flow["States"][*name]))
        .collect();
    if boxes.is_empty() {
        return Layout::default();
    }
    let at: HashMap<&str, usize> = names.iter().enumerate().map(|(i, n)| (*n, i)).collect();
    let mut chains = chains(flow, &names, &at);
    let layers = layer_numbers(&names, &chains);
    let mut nodes: Vec<Node> = boxes
        .iter()
        .enumerate()
        .map(|(i, state)| Node {
            of: Some(i),
            width: state.width,
            layer: layers[i],
            x: 0.0,
        })
        .collect();
    for chain in &mut chains {
        pass_layers(chain, &mut nodes);
    }
    let mut rows = rows(&nodes);
    improve(&mut rows, &chains);
    let width = place_in_rows(&rows, &mut nodes);
    let tops = tops(&rows, &nodes, &boxes);
    for node in &nodes {
        if let Some(of) = node.of {
            boxes[of].x = node.x - boxes[of].width / 2.0;
            boxes[of].y = tops[node.layer].0;
        }
    }
    let back = chains.iter().filter(|chain| chain.is_back).count();
    let height = tops.last().map_or(0.0, |(top, height)| top + height) + MARGIN;
    let ways = lines(&chains, &nodes, &boxes, &tops, width);
    let first = flow["StartAt"].as_str().and_then(|name| at.get(name));
    let first = first.map(|at| (boxes[*at].x + boxes[*at].width / 2.0, boxes[*at].y));
    Layout {
        width: width + back as f64 * LANE + MARGIN,
        height,
        start: first.map(|(x, _)| (x, MARGIN / 2.0)),
        first,
        boxes,
        ways,
    }
}

fn measured(name: &str, state: &Value) -> StateBox {
    let kind = state["Type"].as_str().unwrap_or_default().to_owned();
    let does = does(state);
    let below = kind.width() + 1 + does.width();
    let text = name.width().max(below) as f64 * CHARACTER + 2.0 * PADDING;
    let mut measured = StateBox {
        name: name.to_owned(),
        kind,
        does,
        width: text.max(90.0),
        height: BOX_HEIGHT,
        ..StateBox::default()
    };
    let inner: Vec<Layout> = inner_flows(state).into_iter().map(of).collect();
    if !inner.is_empty() {
        let mut x = PADDING;
        let tallest = inner.iter().map(|flow| flow.height).fold(0.0, f64::max);
        for flow in inner {
            let width = flow.width;
            measured.inner.push((x, HEAD, flow));
            x += width + PADDING;
        }
        measured.width = measured.width.max(x);
        measured.height = HEAD + tallest + PADDING;
    }
    measured
}

/// The ways of a flow; two of one kind between the same states are one. Those that lead to where
/// the way to a state came from are ways back.
fn chains(flow: &Value, names: &[&str], at: &HashMap<&str, usize>) -> Vec<Chain> {
    let mut chains: Vec<Chain> = Vec::new();
    for (from, name) in names.iter().enumerate() {
        for way in transitions(&flow["States"][*name]) {
            let Some(to) = at.get(way.to).copied() else {
                continue;
            };
            let is_catch = way.way == Way::Catch;
            let same = chains
                .iter_mut()
                .find(|c| c.from == from && c.to == to && c.is_catch == is_catch);
            match same {
                Some(same) => {
                    same.label.push_str(&format!("; {}", way.label));
                }
                None => chains.push(Chain {
                    from,
                    to,
                    nodes: Vec::new(),
                    is_back: false,
                    label: way.label,
                    is_catch,
                }),
            }
        }
    }
    mark_ways_back(names.len(), &mut chains);
    chains
}

/// Depth first: a way to a state whose ways are still being followed closes a circle.
fn mark_ways_back(count: usize, chains: &mut [Chain]) {
    let mut leaving: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (i, chain) in chains.iter().enumerate() {
        leaving[chain.from].push(i);
    }
    let (mut open, mut done) = (vec![false; count], vec![false; count]);
    for root in 0..count {
        let mut stack = vec![(root, 0)];
        if done[root] {
            continue;
        }
        open[root] = true;
        while let Some((node, next)) = stack.pop() {
            let Some(way) = leaving[node].get(next).copied() else {
                open[node] = false;
                done[node] = true;
                continue;
            };
            stack.push((node, next + 1));
            let to = chains[way].to;
            if open[to] {
                chains[way].is_back = true;
            } else if !done[to] {
                open[to] = true;
                stack.push((to, 0));
            }
        }
    }
}

/// A layer for each state: one below the lowest that leads to it.
fn layer_numbers(names: &[&str], chains: &[Chain]) -> Vec<usize> {
    let mut layers = vec![0; names.len()];
    // Without the ways back there is no circle, so this ends.
    for _ in 0..names.len() {
        let mut moved = false;
        for chain in chains.iter().filter(|chain| !chain.is_back) {
            let below = layers[chain.from] + 1;
            if layers[chain.to] < below {
                layers[chain.to] = below;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    layers
}

/// A way over several layers gets a place in each of them.
fn pass_layers(chain: &mut Chain, nodes: &mut Vec<Node>) {
    chain.nodes.push(chain.from);
    if !chain.is_back {
        for layer in nodes[chain.from].layer + 1..nodes[chain.to].layer {
            nodes.push(Node {
                of: None,
                width: 8.0,
                layer,
                x: 0.0,
            });
            chain.nodes.push(nodes.len() - 1);
        }
    }
    chain.nodes.push(chain.to);
}

fn rows(nodes: &[Node]) -> Vec<Vec<usize>> {
    let layers = nodes.iter().map(|node| node.layer).max().unwrap_or(0);
    let mut rows = vec![Vec::new(); layers + 1];
    for (at, node) in nodes.iter().enumerate() {
        rows[node.layer].push(at);
    }
    rows
}

/// Puts each node near the middle of those that it is tied to, downward and upward in turn.
fn improve(rows: &mut [Vec<usize>], chains: &[Chain]) {
    let forward = || chains.iter().filter(|chain| !chain.is_back);
    let pairs: Vec<(usize, usize)> = forward()
        .flat_map(|chain| chain.nodes.windows(2).map(|w| (w[0], w[1])))
        .collect();
    let mut above: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut below: HashMap<usize, Vec<usize>> = HashMap::new();
    for (upper, lower) in pairs {
        above.entry(lower).or_default().push(upper);
        below.entry(upper).or_default().push(lower);
    }
    for sweep in 0..SWEEPS {
        let ties = if sweep % 2 == 0 { &above } else { &below };
        let mut position: HashMap<usize, f64> = HashMap::new();
        for row in rows.iter() {
            let places = row.iter().enumerate();
            position.extend(places.map(|(i, node)| (*node, (i as f64 + 0.5) / row.len() as f64)));
        }
        for row in rows.iter_mut() {
            let middle = |node: &usize| -> f64 {
                let tied = ties.get(node).into_iter().flatten();
                let places: Vec<f64> = tied.filter_map(|t| position.get(t).copied()).collect();
                if places.is_empty() {
                    position.get(node).copied().unwrap_or_default()
                } else {
                    places.iter().sum::<f64>() / places.len() as f64
                }
            };
            let mut placed: Vec<(f64, usize)> = row.iter().map(|n| (middle(n), *n)).collect();
            placed.sort_by(|one, two| one.0.total_cmp(&two.0));
            *row = placed.into_iter().map(|(_, node)| node).collect();
        }
    }
}

/// Places the nodes of each row side by side, rows in the middle; gives the width of all.
fn place_in_rows(rows: &[Vec<usize>], nodes: &mut [Node]) -> f64 {
    let width_of = |row: &Vec<usize>, nodes: &[Node]| -> f64 {
        let widths: f64 = row.iter().map(|node| nodes[*node].width).sum();
        widths + GAP * row.len().saturating_sub(1) as f64
    };
    let widest = rows
        .iter()
        .map(|row| width_of(row, nodes))
        .fold(0.0, f64::max);
    for row in rows {
        let mut x = MARGIN + (widest - width_of(row, nodes)) / 2.0;
        for node in row {
            nodes[*node].x = x + nodes[*node].width / 2.0;
            x += nodes[*node].width + GAP;
        }
    }
    widest + 2.0 * MARGIN
}

/// The top of each row, and its height.
fn tops(rows: &[Vec<usize>], nodes: &[Node], boxes: &[StateBox]) -> Vec<(f64, f64)> {
    let mut tops = Vec::new();
    let mut y = MARGIN + 24.0;
    for row in rows {
        let of = row.iter().filter_map(|node| nodes[*node].of);
        let height = of.map(|of| boxes[of].height).fold(0.0, f64::max);
        tops.push((y, height));
        y += height + LAYER_GAP;
    }
    tops
}

fn lines(
    chains: &[Chain],
    nodes: &[Node],
    boxes: &[StateBox],
    tops: &[(f64, f64)],
    width: f64,
) -> Vec<WayLine> {
    let mut lane = width;
    let mut lines = Vec::new();
    for chain in chains {
        let (from, to) = (&boxes[chain.from], &boxes[chain.to]);
        let points = if chain.is_back {
            let right = |state: &StateBox| (state.x + state.width, state.y + state.height / 2.0);
            let ((x1, y1), (x2, y2)) = (right(from), right(to));
            lane += LANE;
            vec![(x1, y1), (lane - MARGIN, y1), (lane - MARGIN, y2), (x2, y2)]
        } else {
            let mut points = vec![(from.x + from.width / 2.0, from.y + from.height)];
            for passed in &chain.nodes[1..chain.nodes.len() - 1] {
                let node = &nodes[*passed];
                let (top, height) = tops[node.layer];
                points.push((node.x, top));
                points.push((node.x, top + height));
            }
            points.push((to.x + to.width / 2.0, to.y));
            points
        };
        lines.push(WayLine {
            points,
            label: chain.label.clone(),
            is_catch: chain.is_catch,
            is_back: chain.is_back,
        });
    }
    lines
}
