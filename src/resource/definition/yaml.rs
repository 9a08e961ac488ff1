//! What a place of a text of YAML is inside of, so that a value that is put there stays what it is.

/// What a place is inside of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inside {
    /// No quotes.
    Plain,
    Quotes(char),
    /// A text of several lines, `|` or `>`, that is so far from the left.
    Block(usize),
    Comment,
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
                Self::Quotes('"') if is_escaped => is_escaped = false,
                Self::Quotes('"') if c == '\\' => is_escaped = true,
                Self::Quotes(quote) if c == quote => {
                    inside = Self::Plain;
                    has_closed = true;
                }
                // A single quote that is doubled is one of the text.
                Self::Plain if closed && c == '\'' && before == c => inside = Self::Quotes(c),
                Self::Plain if c == '#' && before.is_whitespace() => return Self::Comment,
                Self::Plain if matches!(c, '"' | '\'') && begins_value(&text[..at]) => {
                    inside = Self::Quotes(c);
                }
                _ => {}
            }
            before = c;
        }
        inside
    }
}

/// Whether what comes next in a line is the beginning of a value or a key: elsewhere a quote is a
/// character as any other.
fn begins_value(before: &str) -> bool {
    let before = before.trim_end();
    let word = before
        .rsplit(char::is_whitespace)
        .next()
        .unwrap_or_default();
    // Tags and anchors come before a value.
    before.ends_with([':', '-', '[', '{', ',', '?'])
        || before.is_empty()
        || word.starts_with(['!', '&'])
}

/// Goes over the lines of a text.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The quotes that the line before has left open.
    open: Option<char>,
    block: Option<Block>,
}

/// A text of several lines.
#[derive(Debug)]
struct Block {
    /// How far its owner is from the left: its lines are more to the right.
    owner: usize,
    /// How far it is itself, which its first line says.
    own: Option<usize>,
}

impl Lines {
    /// What the beginning of the next line is inside of.
    pub fn next(&mut self, line: &str) -> Inside {
        let bare = line.trim_end();
        let indent = bare.len() - bare.trim_start_matches(' ').len();
        if let Some(block) = &mut self.block {
            if bare.is_empty() || indent > block.owner {
                let own = if bare.is_empty() {
                    block.own
                } else {
                    Some(*block.own.get_or_insert(indent))
                };
                return Inside::Block(own.unwrap_or(indent));
            }
            self.block = None;
        }
        let inside = self.open.map_or(Inside::Plain, Inside::Quotes);
        self.open = match inside.after(line) {
            Inside::Quotes(quote) => Some(quote),
            _ => None,
        };
        if inside == Inside::Plain {
            self.block = owner_of_block(bare).map(|owner| Block { owner, own: None });
        }
        inside
    }
}

/// How far from the left the key or the dash is whose text of several lines begins behind a line.
fn owner_of_block(line: &str) -> Option<usize> {
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
    let mut owner = line.len() - line.trim_start_matches(' ').len();
    while let Some(rest) = line[owner..].strip_prefix("- ") {
        let inner = line.len() - rest.trim_start_matches(' ').len();
        if line[inner..] == *header {
            break;
        }
        owner = inner;
    }
    Some(owner)
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
        let (plain, single, double) = (Inside::Plain, Inside::Quotes('\''), Inside::Quotes('"'));
        assert_eq!(
            found,
            [
                plain,
                plain,
                Inside::Block(4),
                Inside::Block(4),
                Inside::Block(4),
                plain,
                plain,
                double,
                plain,
                single,
                plain,
                plain,
                Inside::Block(2),
            ]
        );
        assert_eq!(plain.after("A: !!str \"x"), double);
        assert_eq!(plain.after("A: {b: 'c', d: \"e\\\""), double);
        assert_eq!(plain.after("A: 'it''s"), single);
        assert_eq!(plain.after("A: it's"), plain);
        assert_eq!(plain.after("A: b #"), Inside::Comment);
        assert_eq!(plain.after("A: b#"), plain);
    }
}
