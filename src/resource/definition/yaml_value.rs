//! A value that comes in place of a name inside of a text of YAML, so that the text stays one text and
//! the value what it is.

use super::substitutions::json_inside;
use super::yaml::{Block, Inside, begins_value};

/// Why a value cannot stand where its name does.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// What the name stands in.
    pub place: &'static str,
    /// What its value has or does.
    pub why: &'static str,
    pub help: &'static str,
}

/// The value as it is written behind `before` and before `behind`, which are what else its line has:
/// escaped in double quotes, with its quotes doubled in single ones, indented in a text of several
/// lines, on one line in a comment, and as it is elsewhere. `inside` is what the end of `before` is
/// inside of.
pub(super) fn inside(
    inside: Inside,
    before: &str,
    value: &str,
    behind: &str,
) -> Result<String, Refusal> {
    match inside {
        Inside::Quotes('"', _) => Ok(json_inside(value)),
        Inside::Quotes(..) => in_single_quotes(value),
        Inside::Block(block) => in_block(block, before, value, behind),
        Inside::Comment(_) => Ok(value.replace(['\r', '\n'], " ")),
        Inside::Plain(depth) => in_plain(depth, before, value, behind),
    }
}

/// Single quotes have no way to write the end of a line that keeps the blanks beside it.
fn in_single_quotes(value: &str) -> Result<String, Refusal> {
    if value.contains('\n') {
        return Err(Refusal {
            place: "single quotes",
            why: "has several lines, which YAML joins there",
            help: "put the whole text into double quotes, or make it a text of several lines, `|`",
        });
    }
    Ok(value.replace('\'', "''"))
}

fn in_block(block: Block, before: &str, value: &str, behind: &str) -> Result<String, Refusal> {
    let begins_line = before.trim().is_empty();
    let has_blanks = value.trim_start_matches('\n').starts_with([' ', '\t']);
    // At the end of a text its own `>`, `>-` or `>+` says what becomes of the end of a line.
    let shown = if behind.trim().is_empty() {
        value.trim_end_matches('\n')
    } else {
        value
    };
    if block.is_folded && (shown.contains('\n') || (begins_line && has_blanks)) {
        return Err(Refusal {
            place: "a text whose lines are joined, `>`",
            why: "has several lines, or begins with blanks",
            help: "make it a text whose lines stay, `|`",
        });
    }
    if block.says_indent && begins_line && has_blanks {
        return Err(Refusal {
            place: "the first line of a text of several lines",
            why: "begins with blanks, which would say how far from the left the text is",
            help: "say it with a digit, `|2`: so much farther than its key",
        });
    }
    Ok(value.replace('\n', &format!("\n{}", " ".repeat(block.indent))))
}

/// Without quotes YAML would take some characters for its own, and none of them can be escaped.
/// `depth` is how many lists and maps of the flow style are open.
fn in_plain(depth: usize, before: &str, value: &str, behind: &str) -> Result<String, Refusal> {
    // YAML takes no notice of the end of a line at the end of a text.
    let value = value.trim_end_matches(['\r', '\n']);
    let why = if value.contains('\n') {
        "has several lines"
    } else if begins_value(before, depth) && begins_otherwise(value) {
        "begins with a character that has a meaning in YAML"
    } else if depth > 0 && value.contains([',', '[', ']', '{', '}']) {
        "has one of `,` `[` `]` `{` `}` inside of a list or a map in brackets"
    } else if has_mark(before, value, behind, depth > 0) {
        "has `: ` or ` #`"
    } else {
        return Ok(value.to_owned());
    };
    Err(Refusal {
        place: "a text without quotes",
        why,
        help: "put the whole text into double quotes, or make it a text of several lines, `|`",
    })
}

/// Whether what begins with this is something else than a text (YAML 1.2.2, 5.3, "Indicator
/// Characters").
fn begins_otherwise(value: &str) -> bool {
    let marks = [
        '[', ']', '{', '}', ',', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`',
    ];
    let is_item = value
        .strip_prefix(['-', '?'])
        .is_some_and(|rest| rest.starts_with(char::is_whitespace));
    is_item || value.starts_with(marks)
}

/// Whether a value, with the character on each side of it, has the end of a key or the beginning of a
/// comment.
fn has_mark(before: &str, value: &str, behind: &str, is_in_flow: bool) -> bool {
    let mut last = before.chars().next_back();
    for c in value.chars().chain(behind.chars().next()) {
        let ends_key =
            c.is_whitespace() || (is_in_flow && matches!(c, ',' | '[' | ']' | '{' | '}'));
        let is_mark = match last {
            Some(':') => ends_key,
            Some(last) => c == '#' && last.is_whitespace(),
            None => false,
        };
        if is_mark {
            return true;
        }
        last = Some(c);
    }
    false
}
