//! A state machine as indented text.

use serde_json::Value;
use unicode_width::UnicodeWidthStr as _;

use super::{does, is_end, retried};
use crate::machine::{Way, inner_flows, order, transitions};
use crate::output::{Paint, human};

/// Draws a flow: every state on a line, where it leads below it. A state that leads to the next
/// line has no line for that.
pub fn draw(definition: &Value, paint: Paint) -> String {
    let mut drawing = Drawing {
        paint,
        width: width(definition, 0),
        text: String::new(),
    };
    drawing.flow(definition, 0);
    drawing.text
}

fn width(flow: &Value, indent: usize) -> usize {
    let widths = order(flow).into_iter().map(|name| {
        let inner = inner_flows(&flow["States"][name]);
        let inner = inner.into_iter().map(|flow| width(flow, indent + 4));
        inner.max().unwrap_or_default().max(indent + name.width())
    });
    widths.max().unwrap_or_default()
}

struct Drawing {
    paint: Paint,
    width: usize,
    text: String,
}

impl Drawing {
    fn line(&mut self, indent: usize, line: &str) {
        let line = format!("{}{line}", " ".repeat(indent));
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn flow(&mut self, flow: &Value, indent: usize) {
        let names = order(flow);
        for (at, name) in names.iter().enumerate() {
            let state = &flow["States"][*name];
            let is_first = flow["StartAt"] == **name;
            self.state(name, state, indent, is_first);
            for inner in inner_flows(state) {
                self.flow(inner, indent + 4);
            }
            self.ways(state, names.get(at + 1).copied(), indent + 4);
        }
    }

    fn state(&mut self, name: &str, state: &Value, indent: usize, is_first: bool) {
        let start = if is_first { "▶" } else { " " };
        let name = human::on_one_line(name);
        let used = indent + name.width();
        let gap = " ".repeat((self.width + 2).saturating_sub(used));
        let kind = state["Type"].as_str().unwrap_or_default();
        let does = human::on_one_line(&does(state));
        let (start, name) = (self.paint.good(start), self.paint.strong(&name));
        let kind = self.paint.faint(&format!("{kind:8}"));
        self.line(indent, &format!("{start} {name}{gap}{kind}  {does}"));
    }

    fn ways(&mut self, state: &Value, following: Option<&str>, indent: usize) {
        let ways = transitions(state);
        let widest = ways.iter().map(|way| way.to.width()).max();
        for way in &ways {
            if way.way == Way::Next && following == Some(way.to) {
                continue;
            }
            let label = match way.way {
                Way::Next => String::new(),
                Way::Rule => format!("if {}", way.label),
                Way::Default => way.label.clone(),
                Way::Catch => format!("on {}", way.label),
            };
            let arrow = if way.way == Way::Catch {
                self.paint.bad("↳")
            } else {
                self.paint.accent("→")
            };
            let gap = " ".repeat(widest.unwrap_or_default().saturating_sub(way.to.width()) + 2);
            let label = self.paint.faint(&human::on_one_line(&label));
            let to = human::on_one_line(way.to);
            self.line(indent, &format!("{arrow} {to}{gap}{label}"));
        }
        for errors in retried(state) {
            let line = human::on_one_line(&format!("↻ tried again on {errors}"));
            self.line(indent, &self.paint.faint(&line));
        }
        if is_end(state) {
            self.line(indent, &self.paint.faint("■"));
        }
    }
}
