//! An execution's states as lines: what a terminal shows while they run and at the end, and what a
//! pipe is told.

use std::time::Duration;

use aws_smithy_types::DateTime;
use unicode_width::UnicodeWidthStr as _;

use super::states::{Happened, Items, Node, States};
use super::waiting::Failure;
use crate::output::fit::fit;
use crate::output::{Paint, human};

/// What stands before a state that runs, one after the other.
const TICKS: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// How the lines are drawn.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    pub paint: Paint,
    /// Counts up while something runs.
    pub tick: usize,
    pub now: DateTime,
    /// Of the terminal; long names are cut for it.
    pub columns: Option<usize>,
}

/// The columns that stand beside a name: its symbol, its type, and the spaces between.
const BESIDE: usize = 14;

/// The columns that facts get at least: so wide is the first of them.
const FACTS: usize = 8;

/// As much of a name is shown however narrow the terminal is.
const LEAST: usize = 12;

/// How wide a column of names is at most where they are not cut.
const MOST: usize = 40;

/// A line for every state, at most `most` of them: those that nothing has entered go first, then
/// those that are over, from the top.
pub fn lines(states: &States, look: Look, most: usize) -> Vec<String> {
    let shown = shown(&states.nodes, most);
    let names = Names::of(states, look);
    let mut lines: Vec<String> = Vec::new();
    let left_out = states.nodes.len() - shown.len();
    if left_out > 0 {
        let note = format!("  … {} more", human::plural(left_out, "state"));
        lines.push(look.paint.faint(&note));
    }
    for at in shown {
        lines.push(line(states, at, names, look));
    }
    lines
}

fn shown(nodes: &[Node], most: usize) -> Vec<usize> {
    let mut shown: Vec<usize> = (0..nodes.len()).collect();
    let mut drop_while_too_many = |may_go: fn(&Node) -> bool| {
        let mut excess = shown.len().saturating_sub(most);
        shown.retain(|at| {
            let goes = excess > 0 && may_go(&nodes[*at]);
            excess -= usize::from(goes);
            !goes
        });
    };
    drop_while_too_many(|node| node.entered == 0 && node.running == 0);
    drop_while_too_many(|node| node.running == 0 && node.failure.is_none());
    drop_while_too_many(|_| true);
    shown
}

/// The columns of names, with what they are indented by.
#[derive(Debug, Clone, Copy)]
struct Names {
    /// Those that a name is cut to; none where it is not.
    room: Option<usize>,
    /// Those that it is filled up to.
    width: usize,
}

impl Names {
    fn of(states: &States, look: Look) -> Self {
        let room = look.columns.map(|columns| room(states, columns, look));
        let nodes = states.nodes.iter();
        let widths = nodes.map(|node| node.depth * 2 + in_room(node, room).width());
        let widest = widths.max().unwrap_or_default();
        Self {
            room,
            width: if room.is_some() {
                widest
            } else {
                widest.min(MOST)
            },
        }
    }
}

/// What a terminal of so many columns has for names if all that is counted of a state is to fit beside
/// them; of that as much as takes half of it.
fn room(states: &States, columns: usize, look: Look) -> usize {
    let plain = Look {
        paint: Paint(false),
        ..look
    };
    let counted = (0..states.nodes.len()).map(|at| counted(states, at, plain).join("  ").width());
    let counted = counted.max().unwrap_or_default().min(columns / 2);
    columns.saturating_sub(BESIDE + counted.max(FACTS))
}

fn line(states: &States, at: usize, names: Names, look: Look) -> String {
    let paint = look.paint;
    let node = &states.nodes[at];
    let symbol = if node.running > 0 {
        paint.accent(TICKS[look.tick % TICKS.len()])
    } else if node.entered == 0 && node.is_unread {
        // Whether a child entered it is not known.
        " ".to_owned()
    } else if node.entered == 0 {
        paint.faint("·")
    } else if node.failed > 0 {
        paint.bad("✗")
    } else if node.aborted > 0 {
        paint.faint("■")
    } else if node.caught > 0 {
        paint.warning("!")
    } else {
        paint.good("✓")
    };
    let indent = "  ".repeat(node.depth);
    let name = in_room(node, names.room);
    let used = node.depth * 2 + name.width();
    let name = format!("{name}{}", " ".repeat(names.width.saturating_sub(used)));
    let name = if node.running > 0 {
        paint.strong(&name)
    } else if node.entered == 0 {
        paint.faint(&name)
    } else {
        name
    };
    let kind = paint.faint(&format!("{:8}", node.kind));
    let facts = facts(states, at, look).join("  ");
    let line = format!("{indent}{symbol} {name}  {kind}  {facts}");
    line.trim_end().to_owned()
}

/// What there is to say of a state: what is counted of it, how it failed, what it waits for.
fn facts(states: &States, at: usize, look: Look) -> Vec<String> {
    let node = &states.nodes[at];
    let mut facts = counted(states, at, look);
    let failure = node.failure.as_ref();
    let failure = failure.filter(|_| node.running == 0 || node.note.is_none());
    if let Some(failure) = failure {
        facts.push(look.paint.faint(&human::on_one_line(&failure.error)));
    }
    if let Some(note) = &node.note {
        facts.push(look.paint.faint(&human::on_one_line(note)));
    }
    facts
}

/// What is counted of a state: how long, how often, how much of it.
fn counted(states: &States, at: usize, look: Look) -> Vec<String> {
    let node = &states.nodes[at];
    let mut facts = Vec::new();
    let now = states.running_for(at, look.now);
    if node.entered > 0 {
        let time = node.took + now.unwrap_or_default();
        facts.push(look.paint.faint(&human::duration(time)));
    }
    if node.entered > 1 {
        facts.push(format!("{} times", human::count(node.entered)));
    }
    if node.in_map && (node.running > 1 || node.is_sample) {
        let least = if node.is_sample { "at least " } else { "" };
        facts.push(format!("{least}{} running", human::count(node.running)));
    }
    facts.extend(items(node, node.items, node.running > 0));
    if node.retries > 0 {
        let retries = human::plural(node.retries, "retry");
        facts.push(look.paint.warning(&retries));
    }
    if node.failed > 1 {
        facts.push(
            look.paint
                .bad(&format!("{} failed", human::count(node.failed))),
        );
    }
    facts
}

/// `7 of 10 items, 2 running, 1 failed`, of all visits of a state or of one; none for what is no Map.
fn items(node: &Node, items: Items, is_running: bool) -> Option<String> {
    if node.kind != "Map" || node.entered == 0 {
        return None;
    }
    if items.total == 0 && items.started == 0 {
        // Of a distributed Map nothing is known yet.
        return None;
    }
    let done = human::count(items.succeeded);
    let all = human::plural(items.total, "item");
    let mut text = if items.succeeded == items.total {
        all
    } else {
        format!("{done} of {all}")
    };
    for (count, what) in [
        (items.running(), "running"),
        (items.failed, "failed"),
        (items.aborted, "aborted"),
    ] {
        if count > 0 && (what != "running" || is_running) {
            text.push_str(&format!(", {} {what}", human::count(count)));
        }
    }
    Some(text)
}

/// The line that a pipe is told of what happened. Inside of a Map only failures are told, and that
/// they are tried again: it may have any number of items.
pub fn told(states: &States, happened: &Happened, paint: Paint) -> Option<String> {
    match happened {
        Happened::Waits { node, what } => {
            let state = &states.nodes[*node];
            let what = human::on_one_line(what);
            let line = format!("{}… {} waits for {what}", indent(state), called(state));
            (!state.in_map).then(|| paint.faint(&line))
        }
        Happened::Retries { node, failure } => {
            let state = &states.nodes[*node];
            // Of a Map or Parallel what is inside has told why.
            let why = if *failure == Failure::default() {
                String::new()
            } else {
                format!(" after {failure}")
            };
            let again = format!("{}↻ {} again{why}", indent(state), called(state));
            // Or the failures before it would look like so many that stay.
            Some(paint.warning(&again))
        }
        Happened::Exited {
            node,
            took,
            items,
            caught,
        } => {
            let state = &states.nodes[*node];
            (!state.in_map).then(|| exited(state, *items, *took, caught.is_some(), paint))
        }
        Happened::Broken { node, took, items } => {
            let symbol = paint.bad("✗");
            let state = &states.nodes[*node];
            Some(ended(state, &symbol, *items, None, *took, paint))
        }
        Happened::Aborted { node, took, items } => {
            let state = &states.nodes[*node];
            let symbol = paint.faint("■");
            (!state.in_map).then(|| ended(state, &symbol, *items, None, *took, paint))
        }
        Happened::Failed { node, failure } => {
            let state = &states.nodes[*node];
            let line = format!("{}: {failure}", called(state));
            Some(format!("{}{} {line}", indent(state), paint.bad("✗")))
        }
    }
}

fn exited(state: &Node, of: Items, took: Duration, was_caught: bool, paint: Paint) -> String {
    if was_caught {
        let note = Some("its failure is caught");
        ended(state, &paint.warning("!"), of, note, took, paint)
    } else {
        ended(state, &paint.good("✓"), of, None, took, paint)
    }
}

/// The line of a visit that is over, however it ended, with the items `of` it.
fn ended(
    state: &Node,
    symbol: &str,
    of: Items,
    note: Option<&str>,
    took: Duration,
    paint: Paint,
) -> String {
    let mut facts = vec![state.kind.clone()];
    facts.extend(items(state, of, false));
    facts.extend(note.map(str::to_owned));
    facts.push(human::duration(took));
    let facts = paint.faint(&facts.join("  "));
    format!("{}{symbol} {}  {facts}", indent(state), called(state))
}

/// A state's name, cut to the room that there is for it and its indent.
fn in_room(state: &Node, room: Option<usize>) -> String {
    let name = called(state);
    let Some(room) = room else {
        return name;
    };
    let room = room.saturating_sub(state.depth * 2);
    fit(&unjoined(&name), room.max(LEAST))
}

/// A name without the joiners that make one emoji of several: how many columns one takes is another
/// matter in every terminal. Letters keep theirs.
fn unjoined(name: &str) -> String {
    let mut unjoined = String::with_capacity(name.len());
    let mut rest = name.chars().peekable();
    while let Some(c) = rest.next() {
        let joins_letters = rest.peek().is_none_or(|next| next.is_alphanumeric());
        if c != '\u{200d}' || joins_letters {
            unjoined.push(c);
        }
    }
    unjoined
}

/// A state's name as a line can hold it.
fn called(state: &Node) -> String {
    human::on_one_line(&state.name)
}

fn indent(state: &Node) -> String {
    "  ".repeat(state.depth)
}
