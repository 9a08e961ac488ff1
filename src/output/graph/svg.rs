//! A state machine as an SVG.

use serde_json::Value;

use super::layout::{self, Layout, StateBox, WayLine};

const STYLE: &str = "\
.state{fill:#fff;stroke:#4b6584;stroke-width:1.5}\
.flow{fill:#f4f6f9;stroke:#4b6584;stroke-width:1.5}\
.choice{fill:#fff7e0;stroke:#b7791f}.end{fill:#e8f7ec;stroke:#2f855a}.fail{fill:#fdecec;stroke:#c53030}\
.way{fill:none;stroke:#4b6584;stroke-width:1.5;marker-end:url(#arrow)}\
.way.catch{stroke:#c53030;stroke-dasharray:5 4;marker-end:url(#arrow-catch)}\
text{font-family:ui-sans-serif,system-ui,sans-serif;fill:#1a202c;text-anchor:middle}\
.name{font-size:13px;font-weight:600}.does{font-size:11px;fill:#5a6775}.label{font-size:11px;fill:#5a6775}";

const LABEL: usize = 60;

pub fn draw(definition: &Value) -> String {
    let layout = layout::of(definition);
    let (width, height) = (layout.width.max(40.0), layout.height.max(40.0));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\">\n<style>{STYLE}</style>\n<defs>{}{}</defs>\n",
        arrow("arrow", "#4b6584"),
        arrow("arrow-catch", "#c53030")
    );
    flow(&mut svg, &layout, 0.0, 0.0);
    svg.push_str("</svg>\n");
    svg
}

fn arrow(id: &str, colour: &str) -> String {
    format!(
        "<marker id=\"{id}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0 8 4 0 8z\" fill=\"{colour}\"/></marker>"
    )
}

fn flow(svg: &mut String, layout: &Layout, x: f64, y: f64) {
    for state in &layout.boxes {
        state_box(svg, state, x, y);
    }
    if let (Some(start), Some(first)) = (layout.start, layout.first) {
        let (cx, cy) = (start.0 + x, start.1 + y);
        svg.push_str(&format!(
            "<circle cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"5\" fill=\"#4b6584\"/>\n"
        ));
        svg.push_str(&format!(
            "<path class=\"way\" d=\"M{cx:.1} {:.1}L{:.1} {:.1}\"/>\n",
            cy + 5.0,
            first.0 + x,
            first.1 + y
        ));
    }
    for line in &layout.ways {
        way(svg, line, x, y);
    }
}

fn state_box(svg: &mut String, state: &StateBox, x: f64, y: f64) {
    let (left, top) = (state.x + x, state.y + y);
    let middle = left + state.width / 2.0;
    let class = match state.kind.as_str() {
        "Map" | "Parallel" => "flow",
        "Choice" => "state choice",
        "Succeed" => "state end",
        "Fail" => "state fail",
        _ => "state",
    };
    let radius = if class.len() > 5 { 14 } else { 6 };
    svg.push_str(&format!(
        "<rect class=\"{class}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"{radius}\"/>\n",
        state.width, state.height
    ));
    let does = format!("{} {}", state.kind, state.does);
    let does = escaped(does.trim());
    let name = escaped(&state.name);
    let (name_y, does_y) = (top + 18.0, top + 34.0);
    svg.push_str(&format!(
        "<text class=\"name\" x=\"{middle:.1}\" y=\"{name_y:.1}\">{name}</text>\n"
    ));
    if state.inner.is_empty() {
        svg.push_str(&format!(
            "<text class=\"does\" x=\"{middle:.1}\" y=\"{does_y:.1}\">{does}</text>\n"
        ));
    } else {
        let corner = left + state.width - 6.0;
        svg.push_str(&format!("<text class=\"does\" style=\"text-anchor:end\" x=\"{corner:.1}\" y=\"{:.1}\">{does}</text>\n", top + 12.0));
    }
    for (inner_x, inner_y, inner) in &state.inner {
        flow(svg, inner, left + inner_x, top + inner_y);
    }
}

fn way(svg: &mut String, line: &WayLine, x: f64, y: f64) {
    let points: Vec<(f64, f64)> = line.points.iter().map(|p| (p.0 + x, p.1 + y)).collect();
    let Some((first, rest)) = points.split_first() else {
        return;
    };
    let mut path = format!("M{:.1} {:.1}", first.0, first.1);
    let mut from = *first;
    for to in rest {
        if line.is_back || (from.0 - to.0).abs() < 0.5 {
            path.push_str(&format!("L{:.1} {:.1}", to.0, to.1));
        } else {
            let bend = f64::midpoint(from.1, to.1);
            path.push_str(&format!(
                "C{:.1} {bend:.1} {:.1} {bend:.1} {:.1} {:.1}",
                from.0, to.0, to.0, to.1
            ));
        }
        from = *to;
    }
    let class = if line.is_catch { "way catch" } else { "way" };
    svg.push_str(&format!("<path class=\"{class}\" d=\"{path}\"/>\n"));
    if !line.label.is_empty() {
        let next = rest.first().unwrap_or(first);
        // Near where it begins, so that two labels of one state do not meet.
        let (lx, ly) = if line.is_back {
            (next.0, f64::midpoint(points[1].1, points[2].1))
        } else {
            (
                first.0 + (next.0 - first.0) * 0.65,
                first.1 + (next.1 - first.1) * 0.65,
            )
        };
        let short: String = line.label.chars().take(LABEL).collect();
        let more = if short.len() < line.label.len() {
            "…"
        } else {
            ""
        };
        svg.push_str(&format!(
            "<text class=\"label\" x=\"{lx:.1}\" y=\"{ly:.1}\">{}{more}</text>\n",
            escaped(&short)
        ));
    }
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            // XML has no other control characters.
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}
