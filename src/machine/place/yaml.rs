//! Goes over a text of YAML in its block style, line by line. What is in flow style is one value.

use super::{Found, Visit};

/// What is open: how far from the left, and the step of the path.
struct Open {
    indent: usize,
    step: Step,
}

enum Step {
    Name(String),
    Index(usize),
}

pub(super) fn walk(text: &str, visit: &mut Visit) {
    let mut open: Vec<Open> = Vec::new();
    // The lines of a text of several lines are more to the right than this.
    let mut block: Option<usize> = None;
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let bare = line.trim_end();
        let mut indent = bare.len() - bare.trim_start_matches(' ').len();
        if bare[indent..].is_empty() || block.is_some_and(|block| indent > block) {
            continue;
        }
        block = None;
        if bare[indent..].starts_with('#') {
            continue;
        }
        while let Some(rest) = bare[indent..].strip_prefix('-')
            && (rest.is_empty() || rest.starts_with(' '))
        {
            item(&mut open, indent);
            let inner = indent + 1 + (rest.len() - rest.trim_start_matches(' ').len());
            let value = end_of_value(&bare[inner..]);
            let span = start + inner..start + inner + value;
            let is_scalar = value > 0 && key(&bare[inner..]).is_none();
            let name = if value > 0 {
                span.clone()
            } else {
                start + indent..start + indent + 1
            };
            tell(&open, visit, name, is_scalar.then_some(span));
            indent = inner;
        }
        let Some((name, length, value)) = key(&bare[indent..]) else {
            continue;
        };
        open.retain(|outer| outer.indent < indent);
        open.push(Open {
            indent,
            step: Step::Name(name.to_owned()),
        });
        let at = start + indent;
        let value_start = indent + value;
        let value = &bare[value_start..];
        let is_block = value.starts_with(['|', '>']);
        if is_block {
            block = Some(indent);
        }
        let value_length = end_of_value(value);
        let span = start + value_start..start + value_start + value_length;
        let is_scalar = value_length > 0 && !is_block && !value.starts_with(['{', '[']);
        tell(&open, visit, at..at + length, is_scalar.then_some(span));
    }
}

/// Opens the next item of the list whose dashes are so far from the left.
fn item(open: &mut Vec<Open>, indent: usize) {
    // The dashes may be below the very name that the list has.
    open.retain(|outer| outer.indent <= indent);
    match open.last_mut() {
        Some(Open {
            indent: own,
            step: Step::Index(index),
        }) if *own == indent => *index += 1,
        _ => open.push(Open {
            indent,
            step: Step::Index(0),
        }),
    }
}

fn tell(
    open: &[Open],
    visit: &mut Visit,
    name: std::ops::Range<usize>,
    value: Option<std::ops::Range<usize>>,
) {
    let path: Vec<String> = open
        .iter()
        .map(|open| match &open.step {
            Step::Name(name) => name.clone(),
            Step::Index(index) => index.to_string(),
        })
        .collect();
    visit(&path, Found { name, value });
}

/// The key that a line begins with, without its quotes; how long it is with them; and where its
/// value begins.
fn key(line: &str) -> Option<(&str, usize, usize)> {
    if line.starts_with(['#', '{', '[']) {
        return None;
    }
    let (name, length) = match line.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let (name, _) = line[1..].split_once(quote)?;
            (name, name.len() + 2)
        }
        _ => {
            let end = line
                .find(": ")
                .or_else(|| line.strip_suffix(':').map(str::len))?;
            (line[..end].trim_end(), end)
        }
    };
    let behind = line[length..].trim_start().strip_prefix(':')?;
    if !(behind.is_empty() || behind.starts_with(' ')) {
        return None;
    }
    let value = behind.trim_start();
    Some((name, length, line.len() - value.len()))
}

/// How long a value is, without a comment behind it.
fn end_of_value(value: &str) -> usize {
    match value.chars().next() {
        Some(quote @ ('"' | '\'')) => value[1..].find(quote).map_or(value.len(), |end| end + 2),
        Some('#') => 0,
        _ => {
            let comment = value.find(" #").unwrap_or(value.len());
            value[..comment].trim_end().len()
        }
    }
}
