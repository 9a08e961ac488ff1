//! What a place of a text of YAML is inside of, so that a value that is put there stays what it is.

/// What a place is inside of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inside {
    /// No quotes, in so many lists and maps of the flow style, `[ ]` and `{ }`.
    Plain(usize),
    /// Quotes, in so many of them.
    Quotes(char, usize),
    Block(Block),
    /// A comment, in so many of them.
    Comment(usize),
}

/// A place in a text of several lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    /// How far from the left the text is.
    pub indent: usize,
    /// `>`, which joins its lines, and not `|`.
    pub is_folded: bool,
    /// The place is in the line that says how far from the left the text is.
    pub says_indent: bool,
}

impl Inside {
    /// What the end of `text` is inside of; `text` begins inside of this, and is one line or a part
    /// of it.
    pub fn after(self, text: &str) -> Self {
        let mut inside = self;
        let (mut before, mut is_escaped, mut has_closed) = (' ', false, false);
        for (at, c) in text.char_indices() {
            let closed = std::mem::take(&mut has_closed);
            match inside {
                Self::Quotes('"', _) if is_escaped => is_escaped = false,
                Self::Quotes('"', _) if c == '\\' => is_escaped = true,
                Self::Quotes(quote, depth) if c == quote => {
                    inside = Self::Plain(depth);
                    has_closed = true;
                }
                // A single quote that is doubled is one of the text.
                Self::Plain(depth) if closed && c == '\'' && before == c => {
                    inside = Self::Quotes(c, depth);
                }
                Self::Plain(depth) if c == '#' && before.is_whitespace() => {
                    return Self::Comment(depth);
                }
                Self::Plain(depth)
                    if matches!(c, '"' | '\'') && begins_value(&text[..at], depth) =>
                {
                    inside = Self::Quotes(c, depth);
                }
                Self::Plain(depth)
                    if matches!(c, '[' | '{')
                        && (depth > 0 || begins_value(&text[..at], depth)) =>
                {
                    inside = Self::Plain(depth + 1);
                }
                Self::Plain(depth) if matches!(c, ']' | '}') => {
                    inside = Self::Plain(depth.saturating_sub(1));
                }
                _ => {}
            }
            before = c;
        }
        inside
    }
}

/// Whether what comes next in a line is the beginning of a value or a key: elsewhere a quote is a
/// character as any other. `depth` is how many lists and maps of the flow style are open.
pub(super) fn begins_value(before: &str, depth: usize) -> bool {
    let shown = before.trim_end();
    let is_apart = shown.len() < before.len();
    let is_first = shown
        .chars()
        .all(|c| matches!(c, '-' | '?') || c.is_whitespace());
    if shown.is_empty() || (is_apart && (is_first || shown.ends_with(':'))) {
        return true;
    }
    if depth > 0 && shown.ends_with(['[', '{', ',', ':']) {
        return true;
    }
    // Tags and anchors come before a value.
    let word = shown.rsplit(char::is_whitespace).next().unwrap_or_default();
    is_apart
        && word.starts_with(['!', '&'])
        && begins_value(&shown[..shown.len() - word.len()], depth)
}

/// Goes over the lines of a text.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// What the line before has left open: quotes, lists and maps of the flow style.
    open: Option<Inside>,
    block: Option<OpenBlock>,
}

/// A text of several lines.
#[derive(Debug)]
struct OpenBlock {
    /// How far its owner is from the left: its lines are more to the right.
    owner: usize,
    /// How far it is itself, which its header says or its first line.
    own: Option<usize>,
    is_folded: bool,
}

impl OpenBlock {
    /// Where a line is in it; none behind its end.
    fn next(&mut self, bare: &str) -> Option<Block> {
        let indent = indent_of(bare);
        if !bare.is_empty() && indent <= self.owner {
            return None;
        }
        let says_indent = self.own.is_none() && !bare.is_empty();
        if says_indent {
            self.own = Some(indent);
        }
        Some(Block {
            indent: self.own.unwrap_or(indent),
            is_folded: self.is_folded,
            says_indent,
        })
    }
}

impl Lines {
    /// What the beginning of the next line is inside of.
    pub fn next(&mut self, line: &str) -> Inside {
        let bare = line.trim_end();
        if let Some(block) = &mut self.block {
            if let Some(place) = block.next(bare) {
                return Inside::Block(place);
            }
            self.block = None;
        }
        let inside = self.open.unwrap_or(Inside::Plain(0));
        self.open = match inside.after(line) {
            Inside::Comment(depth) => Some(Inside::Plain(depth)),
            other => Some(other),
        };
        if inside == Inside::Plain(0) {
            self.block = block_behind(bare);
        }
        inside
    }
}

/// How far from the left a line is.
fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The text of several lines that begins behind a line. Its owner is the key or the dash before it; a
/// digit says how far it is from that (YAML 1.2.2, 8.1.1.1, "Block Indentation Indicator").
fn block_behind(line: &str) -> Option<OpenBlock> {
    let line = line.split(" #").next().unwrap_or_default().trim_end();
    if line.trim_start().starts_with('#') {
        return None;
    }
    let (before, header) = line.rsplit_once(' ')?;
    let marks = header.strip_prefix(['|', '>'])?;
    let is_header = marks.chars().all(|c| matches!(c, '+' | '-' | '1'..='9'));
    if !is_header || !before.trim_end().ends_with([':', '-']) {
        return None;
    }
    let mut owner = indent_of(line);
    while let Some(rest) = line[owner..].strip_prefix("- ") {
        let inner = line.len() - rest.trim_start_matches(' ').len();
        if line[inner..] == *header {
            break;
        }
        owner = inner;
    }
    let digit = marks.chars().find_map(|c| c.to_digit(10));
    Some(OpenBlock {
        owner,
        own: digit.map(|digit| owner + digit as usize),
        is_folded: header.starts_with('>'),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_comments_and_texts_of_several_lines_are_told_apart() {
        let text = "\
# it's
- A: |  # why
    it's: \"here
      deeper

  B: rock 'n roll, it's
  C: \"two
    'lines\"
  D: 'it''s
  E: x' # y
# no text: |
- >-
  last
";
        let mut lines = Lines::default();
        let found: Vec<Inside> = text.lines().map(|line| lines.next(line)).collect();
        let plain = Inside::Plain(0);
        let (single, double) = (Inside::Quotes('\'', 0), Inside::Quotes('"', 0));
        let literal = |says_indent| {
            Inside::Block(Block {
                indent: 4,
                is_folded: false,
                says_indent,
            })
        };
        let folded = Inside::Block(Block {
            indent: 2,
            is_folded: true,
            says_indent: true,
        });
        assert_eq!(
            found,
            [
                plain,
                plain,
                literal(true),
                literal(false),
                literal(false),
                plain,
                plain,
                double,
                plain,
                single,
                plain,
                plain,
                folded,
            ]
        );
        assert_eq!(plain.after("A: !!str \"x"), double);
        assert_eq!(
            plain.after("A: {b: 'c', d: \"e\\\""),
            Inside::Quotes('"', 1)
        );
        assert_eq!(plain.after("A: 'it''s"), single);
        assert_eq!(plain.after("A: it's"), plain);
        assert_eq!(plain.after("A: b #"), Inside::Comment(0));
        assert_eq!(plain.after("A: b#"), plain);
    }

    #[test]
    fn lists_and_maps_of_the_flow_style_are_counted_over_lines() {
        let text = "\
A: [a, {b: \"]\", # [
  c: ${C}
  }]
B: rock [n roll
C: - {
";
        let mut lines = Lines::default();
        let found: Vec<Inside> = text.lines().map(|line| lines.next(line)).collect();
        let depths = [0, 2, 2, 0, 0].map(Inside::Plain);
        assert_eq!(found, depths);
        assert_eq!(Inside::Plain(1).after("a[0], b]"), Inside::Plain(0));
        assert_eq!(Inside::Plain(0).after("A: !t &a [b"), Inside::Plain(1));
        assert_eq!(Inside::Plain(0).after("- ? [b"), Inside::Plain(1));
        assert_eq!(Inside::Plain(0).after("A: b - [c"), Inside::Plain(0));
        assert_eq!(Inside::Plain(0).after("A: ${b"), Inside::Plain(0));
    }

    #[test]
    fn a_text_may_say_itself_how_far_from_the_left_it_is() {
        let mut lines = Lines::default();
        let found = ["- A: |2-", "      deeper", "    b"].map(|line| lines.next(line));
        let block = Inside::Block(Block {
            indent: 4,
            is_folded: false,
            says_indent: false,
        });
        assert_eq!(found, [Inside::Plain(0), block, block]);
    }
}
