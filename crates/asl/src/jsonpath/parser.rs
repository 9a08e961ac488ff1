//! Text to [`JsonPath`].

use super::{Filter, Invalid, JsonPath, Root, Segment};

pub(super) fn parse(text: &str) -> Result<JsonPath, Invalid> {
    // As Jayway's PathCompiler does, which knows of no other white space than blanks.
    let mut cursor = Cursor::new(text.trim_end_matches(' '));
    let path = cursor.path()?;
    if !cursor.is_done() {
        return Err(cursor.invalid("unexpected characters"));
    }
    Ok(JsonPath {
        text: text.to_owned(),
        ..path
    })
}

/// How deep filters, parentheses, negations and lists may be in one another: paths are walked by
/// recursion, and one that nobody would write must not take the stack.
const MAX_DEPTH: usize = 64;

/// How many segments a path may have, for the same reason.
const MAX_SEGMENTS: usize = 256;

/// A place in the text of a path or a filter.
pub(super) struct Cursor {
    chars: Vec<char>,
    at: usize,
    depth: usize,
}

impl Cursor {
    pub fn new(text: &str) -> Self {
        Self {
            chars: text.chars().collect(),
            at: 0,
            depth: 0,
        }
    }

    /// Reads what is inside of something, unless that is too deep.
    pub fn within<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Invalid>,
    ) -> Result<T, Invalid> {
        if self.depth == MAX_DEPTH {
            return Err(self.invalid(&format!("it is nested deeper than {MAX_DEPTH}")));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    pub fn is_done(&self) -> bool {
        self.at >= self.chars.len()
    }

    pub fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    pub fn take(&mut self, text: &str) -> bool {
        let matches = text
            .chars()
            .enumerate()
            .all(|(offset, c)| self.chars.get(self.at + offset) == Some(&c));
        if matches {
            self.at += text.chars().count();
        }
        matches
    }

    pub fn skip_space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    pub fn take_while(&mut self, accept: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while self.peek().is_some_and(&accept) {
            self.at += 1;
        }
        self.chars[start..self.at].iter().collect()
    }

    pub fn invalid(&self, problem: &str) -> Invalid {
        Invalid(format!(
            "{problem} at position {} of '{}'",
            self.at,
            self.chars.iter().collect::<String>()
        ))
    }

    /// A path from its `$` on.
    fn path(&mut self) -> Result<JsonPath, Invalid> {
        if !self.take("$") {
            return Err(self.invalid("a path starts with '$'"));
        }
        let root = if self.take("$") {
            Root::Context
        } else if self.peek().is_some_and(|c| c.is_alphabetic() || c == '_') {
            Root::Variable(self.take_while(|c| c.is_alphanumeric() || c == '_'))
        } else {
            Root::Input
        };
        let segments = self.segments(&|c| matches!(c, '.' | '['))?;
        Ok(JsonPath {
            text: String::new(),
            root,
            segments,
        })
    }

    /// Segments up to where none follows; `ends_name` tells where a name after a dot ends.
    pub fn segments(&mut self, ends_name: &dyn Fn(char) -> bool) -> Result<Vec<Segment>, Invalid> {
        let mut segments = Vec::new();
        loop {
            if segments.len() > MAX_SEGMENTS {
                return Err(self.invalid(&format!("it has more than {MAX_SEGMENTS} segments")));
            }
            if self.take("..") {
                segments.push(Segment::Descend);
                if self.peek() != Some('[') {
                    segments.push(self.named(ends_name)?);
                }
            } else if self.take(".") {
                // A dot may stand before a bracket: `$.abc.['def ghi']` ("Paths" in the Step Functions
                // developer guide).
                if self.peek() != Some('[') {
                    segments.push(self.named(ends_name)?);
                }
            } else if self.take("[") {
                segments.push(self.bracket()?);
            } else {
                return Ok(segments);
            }
        }
    }

    /// A name without brackets, which has no blanks: "You must use square bracket notation […]. For
    /// example, `$.abc.['def ghi']`" ("Paths" in the Step Functions developer guide).
    fn named(&mut self, ends_name: &dyn Fn(char) -> bool) -> Result<Segment, Invalid> {
        let start = self.at;
        let name = self.take_while(|c| !ends_name(c));
        let blank = name.chars().position(|c| c == ' ');
        if blank.is_some_and(|blank| !self.is_in_call(start + blank)) {
            return Err(self.invalid("a name with a blank has to be in brackets (['my prop'])"));
        }
        match name.as_str() {
            "" => Err(self.invalid("a name is missing")),
            "*" => Ok(Segment::Wildcard),
            _ => Ok(Segment::Child(name)),
        }
    }

    /// Whether a place is among the arguments of a call: a call is taken, and then not found.
    fn is_in_call(&self, at: usize) -> bool {
        let count = |wanted: char| self.chars[..at].iter().filter(|c| **c == wanted).count();
        count('(') > count(')')
    }

    fn bracket(&mut self) -> Result<Segment, Invalid> {
        self.skip_space();
        let segment = match self.peek() {
            Some('*') => {
                self.at += 1;
                Segment::Wildcard
            }
            Some('?') => {
                self.at += 1;
                self.skip_space();
                if !self.take("(") {
                    return Err(self.invalid("a filter starts with '?('"));
                }
                let filter = self.within(Filter::parse)?;
                self.skip_space();
                if !self.take(")") {
                    return Err(self.invalid("a filter ends with ')'"));
                }
                Segment::Filter(filter)
            }
            Some('\'' | '"') => self.names()?,
            _ => self.places()?,
        };
        self.skip_space();
        if self.take("]") {
            Ok(segment)
        } else {
            Err(self.invalid("']' is missing"))
        }
    }

    fn names(&mut self) -> Result<Segment, Invalid> {
        let mut names = vec![self.quoted()?];
        loop {
            self.skip_space();
            if !self.take(",") {
                break;
            }
            self.skip_space();
            names.push(self.quoted()?);
        }
        Ok(if names.len() == 1 {
            Segment::Child(names.remove(0))
        } else {
            Segment::Children(names)
        })
    }

    /// A quoted text. A backslash saves the quote after it from ending the text and else stands
    /// for itself, as Step Functions has it.
    pub fn quoted(&mut self) -> Result<String, Invalid> {
        let Some(quote @ ('\'' | '"')) = self.peek() else {
            return Err(self.invalid("a quoted text is missing"));
        };
        self.at += 1;
        let mut text = String::new();
        while let Some(c) = self.peek() {
            self.at += 1;
            if c == quote {
                return Ok(text);
            }
            if c == '\\' && self.peek() == Some(quote) {
                self.at += 1;
                text.push(quote);
            } else {
                text.push(c);
            }
        }
        Err(self.invalid("a quoted text does not end"))
    }

    fn places(&mut self) -> Result<Segment, Invalid> {
        let first = self.integer()?;
        self.skip_space();
        if self.take(":") {
            self.skip_space();
            let last = self.integer()?;
            return Ok(Segment::Slice(first, last));
        }
        let mut indices = vec![first.ok_or_else(|| self.invalid("an index is missing"))?];
        while self.take(",") {
            self.skip_space();
            indices.push(
                self.integer()?
                    .ok_or_else(|| self.invalid("an index is missing"))?,
            );
            self.skip_space();
        }
        Ok(if indices.len() == 1 {
            Segment::Index(indices[0])
        } else {
            Segment::Indices(indices)
        })
    }

    fn integer(&mut self) -> Result<Option<i64>, Invalid> {
        let sign = if self.take("-") { "-" } else { "" };
        let digits = self.take_while(|c| c.is_ascii_digit());
        if sign.is_empty() && digits.is_empty() {
            return Ok(None);
        }
        format!("{sign}{digits}")
            .parse()
            .map(Some)
            .map_err(|_| self.invalid("an index is no number"))
    }
}
