//! A state machine as a flowchart of Mermaid.
//!
//! Source: mermaid.js.org, "Flowcharts - Basic Syntax".

use std::collections::HashMap;

use serde_json::Value;

use super::{does, is_end, retried};
use crate::machine::{Way, inner_flows, order, transitions};

/// Draws a definition: a circle for the beginning of each flow, a double one for its end.
pub fn draw(definition: &Value) -> String {
    let mut chart = Chart {
        text: "flowchart TD\n".to_owned(),
        ..Chart::default()
    };
    chart.number(definition);
    chart.flow(definition, "", 1);
    chart.ways(definition, "");
    chart.text
}

#[derive(Default)]
struct Chart {
    /// Names are unique in the whole of a machine.
    ids: HashMap<String, usize>,
    text: String,
}

impl Chart {
    fn number(&mut self, flow: &Value) {
        for name in order(flow) {
            let id = self.ids.len();
            self.ids.entry(name.to_owned()).or_insert(id);
            for inner in inner_flows(&flow["States"][name]) {
                self.number(inner);
            }
        }
    }

    fn line(&mut self, depth: usize, line: &str) {
        self.text
            .push_str(&format!("{}{line}\n", "  ".repeat(depth)));
    }

    /// The nodes of a flow. `within` is what the ids of its beginning and its end begin with.
    fn flow(&mut self, flow: &Value, within: &str, depth: usize) {
        let first = flow["StartAt"].as_str();
        if let Some(first) = first.and_then(|first| self.ids.get(first)).copied() {
            self.line(depth, &format!("{within}start(( )) --> s{first}"));
        }
        for name in order(flow) {
            let state = &flow["States"][name];
            let id = self.ids.get(name).copied().unwrap_or_default();
            let kind = state["Type"].as_str().unwrap_or_default();
            let inner = inner_flows(state);
            if inner.is_empty() {
                self.line(depth, &node(id, name, kind, state));
                continue;
            }
            self.line(
                depth,
                &format!("subgraph s{id}[\"{} ({kind})\"]", escaped(name)),
            );
            for (branch, flow) in inner.iter().enumerate() {
                let within = within_flow(id, branch);
                if kind == "Map" {
                    self.flow(flow, &within, depth + 1);
                } else {
                    self.line(depth + 1, &format!("subgraph s{id}b{branch}[\" \"]"));
                    self.flow(flow, &within, depth + 2);
                    self.line(depth + 1, "end");
                }
            }
            self.line(depth, "end");
        }
        if order(flow)
            .iter()
            .any(|name| is_end(&flow["States"][*name]))
        {
            self.line(depth, &format!("{within}stop((( )))"));
        }
    }

    fn ways(&mut self, flow: &Value, within: &str) {
        for name in order(flow) {
            let state = &flow["States"][name];
            let from = self.ids.get(name).copied().unwrap_or_default();
            for way in transitions(state) {
                let Some(to) = self.ids.get(way.to).copied() else {
                    continue;
                };
                let label = escaped(&way.label);
                let arrow = match way.way {
                    Way::Next => "-->".to_owned(),
                    Way::Catch => format!("-. \"{label}\" .->"),
                    Way::Rule | Way::Default => format!("-- \"{label}\" -->"),
                };
                self.line(1, &format!("s{from} {arrow} s{to}"));
            }
            for errors in retried(state) {
                let label = escaped(&format!("↻ {errors}"));
                self.line(1, &format!("s{from} -. \"{label}\" .-> s{from}"));
            }
            if is_end(state) {
                self.line(1, &format!("s{from} --> {within}stop"));
            }
            for (branch, inner) in inner_flows(state).into_iter().enumerate() {
                self.ways(inner, &within_flow(from, branch));
            }
        }
    }
}

/// What the ids of a flow inside of a state begin with.
fn within_flow(state: usize, branch: usize) -> String {
    format!("s{state}b{branch}")
}

fn node(id: usize, name: &str, kind: &str, state: &Value) -> String {
    let name = escaped(name);
    let does = escaped(&does(state));
    let below = format!("<br/><i>{}</i>", format!("{kind} {does}").trim());
    match kind {
        "Choice" => format!("s{id}{{\"{name}\"}}"),
        "Succeed" => format!("s{id}([\"{name}\"])"),
        "Fail" => format!("s{id}([\"{name}{below}\"])"),
        _ => format!("s{id}[\"{name}{below}\"]"),
    }
}

/// A text inside of quotes; Mermaid's entities begin with `#`.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => safe.push_str("#quot;"),
            '<' => safe.push_str("#lt;"),
            '>' => safe.push_str("#gt;"),
            '&' => safe.push_str("#amp;"),
            '#' => safe.push_str("#35;"),
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}
