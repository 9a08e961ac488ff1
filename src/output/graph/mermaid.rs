//! A state machine as a flowchart of Mermaid.
//!
//! Source: mermaid.js.org, "Flowcharts - Basic Syntax".

use std::collections::HashMap;

use serde_json::Value;

use super::does;
use crate::machine::{Way, inner_flows, order, transitions};

pub fn draw(definition: &Value) -> String {
    let mut chart = Chart {
        text: "flowchart TD\n".to_owned(),
        ..Chart::default()
    };
    chart.number(definition);
    if let Some(first) = definition["StartAt"]
        .as_str()
        .and_then(|s| chart.ids.get(s))
    {
        chart.text.push_str(&format!("  start(( )) --> s{first}\n"));
    }
    chart.flow(definition, 1);
    chart.ways(definition);
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

    fn flow(&mut self, flow: &Value, depth: usize) {
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
                if kind == "Map" {
                    self.flow(flow, depth + 1);
                } else {
                    self.line(depth + 1, &format!("subgraph s{id}b{branch}[\" \"]"));
                    self.flow(flow, depth + 2);
                    self.line(depth + 1, "end");
                }
            }
            self.line(depth, "end");
        }
    }

    fn ways(&mut self, flow: &Value) {
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
            for inner in inner_flows(state) {
                self.ways(inner);
            }
        }
    }
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
            '\n' | '\r' => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}
