//! Text to [`Call`].

use serde_json::Value;

use super::{Argument, Call, FUNCTIONS, Invalid, MAX_DEPTH};
use crate::jsonpath::JsonPath;

pub(super) fn parse(text: &str) -> Result<Call, Invalid> {
    let mut cursor = Cursor {
        text,
        at: 0,
        depth: 0,
    };
    let call = cursor.call()?;
    cursor.skip_space();
    if cursor.rest().is_empty() {
        Ok(call)
    } else {
        Err(cursor.invalid("the end is expected"))
    }
}

struct Cursor<'a> {
    text: &'a str,
    at: usize,
    /// How many calls are open.
    depth: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn invalid(&self, problem: &str) -> Invalid {
        Invalid(format!(
            "{problem} at position {} of '{}'",
            self.at, self.text
        ))
    }

    fn skip_space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn take(&mut self, text: &str) -> bool {
        let matches = self.rest().starts_with(text);
        if matches {
            self.at += text.len();
        }
        matches
    }

    fn take_until(&mut self, end: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = &rest[..rest.find(end).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }

    fn call(&mut self) -> Result<Call, Invalid> {
        let start = self.at;
        let name = self.take_until(|c| !c.is_ascii_alphanumeric() && c != '.');
        let Some(function) = FUNCTIONS.iter().find(|function| function.name == name) else {
            return Err(self.invalid("there is no such function"));
        };
        self.skip_space();
        if !self.take("(") {
            return Err(self.invalid("'(' is expected"));
        }
        if self.depth == MAX_DEPTH {
            return Err(self.invalid(&format!("calls are nested deeper than {MAX_DEPTH}")));
        }
        self.depth += 1;
        let arguments = self.arguments()?;
        self.depth -= 1;
        let (fewest, most) = function.arity;
        if arguments.len() < fewest || arguments.len() > most {
            return Err(self.invalid("the number of arguments is wrong"));
        }
        Ok(Call {
            text: self.text[start..self.at].to_owned(),
            function,
            arguments,
        })
    }

    fn arguments(&mut self) -> Result<Vec<Argument>, Invalid> {
        let mut arguments = Vec::new();
        self.skip_space();
        if self.take(")") {
            return Ok(arguments);
        }
        loop {
            self.skip_space();
            arguments.push(self.argument()?);
            self.skip_space();
            if self.take(")") {
                return Ok(arguments);
            }
            if !self.take(",") {
                return Err(self.invalid("',' or ')' is expected"));
            }
        }
    }

    fn argument(&mut self) -> Result<Argument, Invalid> {
        let rest = self.rest();
        if self.take("'") {
            return self.quoted().map(Argument::Text);
        }
        if rest.starts_with('$') {
            let path = self.path();
            return JsonPath::parse(path)
                .map(Argument::Path)
                .map_err(|error| Invalid(error.0));
        }
        if rest.starts_with("States.") {
            return self.call().map(Argument::Call);
        }
        let word = self.take_until(|c| c == ',' || c == ')' || c.is_whitespace());
        match serde_json::from_str(word) {
            Ok(value @ (Value::Number(_) | Value::Bool(_) | Value::Null)) => {
                Ok(Argument::Literal(value))
            }
            _ => Err(self.invalid("a value is expected")),
        }
    }

    fn quoted(&mut self) -> Result<String, Invalid> {
        let mut escaped = false;
        let start = self.at;
        for (offset, c) in self.rest().char_indices() {
            match c {
                // A double quote stands for itself: AWS refuses one that is escaped.
                _ if escaped && !matches!(c, '\'' | '\\' | '{' | '}') => {
                    return Err(self.invalid("there is no such escape sequence"));
                }
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '\'' => {
                    self.at += offset + 1;
                    return Ok(self.text[start..start + offset].to_owned());
                }
                _ => {}
            }
        }
        Err(self.invalid("a text does not end"))
    }

    /// A path ends at the first comma or parenthesis outside of its brackets.
    fn path(&mut self) -> &'a str {
        let rest = self.rest();
        let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
        let end = rest.char_indices().find(|&(_, c)| {
            match (quote, c) {
                (Some(_), _) if escaped => escaped = false,
                (Some(_), '\\') => escaped = true,
                (Some(open), _) => {
                    if c == open {
                        quote = None;
                    }
                }
                (None, '\'' | '"') if depth > 0 => quote = Some(c),
                (None, '[') => depth += 1,
                (None, ']') => depth = depth.saturating_sub(1),
                (None, ',' | ')') => return depth == 0,
                (None, _) => {}
            }
            false
        });
        let path = &rest[..end.map_or(rest.len(), |(offset, _)| offset)];
        self.at += path.len();
        path.trim_end()
    }
}
