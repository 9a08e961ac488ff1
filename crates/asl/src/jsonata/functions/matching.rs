//! Functions that look for a pattern: `$match`, `$contains`, `$replace`, `$split`.
//!
//! A pattern is a regular expression, or any function that gives matches as one would: objects
//! of `match`, `start`, `end`, `groups`, and the function `next`.

use std::rc::Rc;
use std::sync::Arc;

use super::{Call, Entry};
use crate::jsonata::apply::Function;
use crate::jsonata::error::Error;
use crate::jsonata::evaluate::function;
use crate::jsonata::regex::Pattern;
use crate::jsonata::value::{Array, Entries, Value};

pub(super) const FUNCTIONS: &[Entry] = &[
    ("match", "<s-f<s:o>n?:a<o>>", 3, match_all),
    ("contains", "<s-(sf):b>", 2, contains),
    ("replace", "<s-(sf)(sf)n?:s>", 4, replace),
    ("split", "<s-(sf)n?:a<s>>", 3, split),
];

/// The byte at which the UTF-16 unit `index` begins.
pub(in crate::jsonata) fn byte_offset(text: &str, index: f64) -> usize {
    if index <= 0.0 || index.is_nan() {
        return 0;
    }
    let index = index as usize;
    if text.is_ascii() {
        return index.min(text.len());
    }
    let mut units = 0;
    for (at, character) in text.char_indices() {
        if units >= index {
            return at;
        }
        units += character.len_utf16();
    }
    text.len()
}

/// How many UTF-16 units there are before a byte.
fn unit_offset(text: &str, byte: usize) -> f64 {
    let before = text.get(..byte).unwrap_or(text);
    if before.is_ascii() {
        return before.len() as f64;
    }
    before.encode_utf16().count() as f64
}

/// The first match from a byte on as an object, or nothing.
pub(in crate::jsonata) fn match_object(
    pattern: &Arc<Pattern>,
    text: &Arc<str>,
    from: usize,
) -> Value {
    let Some(captures) = pattern.captures_at(text, from) else {
        return Value::Undefined;
    };
    let Some(whole) = captures.get(0) else {
        return Value::Undefined;
    };
    let groups = captures
        .iter()
        .skip(1)
        .map(|group| group.map_or(Value::Undefined, |group| Value::text(group.as_str())))
        .collect();
    let next = Function::NextMatch(Arc::clone(pattern), Arc::clone(text), whole.end());
    Value::object(Entries::from_iter([
        ("match".into(), Value::text(whole.as_str())),
        (
            "start".into(),
            Value::Number(unit_offset(text, whole.start())),
        ),
        ("end".into(), Value::Number(unit_offset(text, whole.end()))),
        ("groups".into(), Value::array(groups)),
        ("next".into(), function(next)),
    ]))
}

/// The match after one that ended at byte `from`.
pub(in crate::jsonata) fn next_match_object(
    pattern: &Arc<Pattern>,
    text: &Arc<str>,
    from: usize,
) -> Result<Value, Error> {
    if from >= text.len() {
        return Ok(Value::Undefined);
    }
    let next = match_object(pattern, text, from);
    if let Value::Object(object) = &next
        && matches!(object.entries.borrow().get("match"), Some(Value::String(text)) if text.is_empty())
    {
        return Err(Error::of("D1004"));
    }
    Ok(next)
}

/// One match, its ends as bytes of the text.
struct Match {
    text: Value,
    start: usize,
    end: usize,
    groups: Value,
    object: Value,
    next: Value,
}

/// The matches of a pattern in a text, one after the other.
struct Matches<'c> {
    call: &'c Call<'c>,
    subject: Arc<str>,
    next: Value,
    is_first: bool,
}

impl<'c> Matches<'c> {
    fn new(call: &'c Call<'c>, subject: &str, pattern: &Value) -> Self {
        Self {
            call,
            subject: subject.into(),
            next: pattern.clone(),
            is_first: true,
        }
    }

    fn next(&mut self) -> Result<Option<Match>, Error> {
        let arguments = if std::mem::take(&mut self.is_first) {
            vec![Value::String(Arc::clone(&self.subject))]
        } else {
            Vec::new()
        };
        let found = self.call.apply(&self.next, arguments)?;
        let Value::Object(object) = &found else {
            return if found.is_undefined() {
                Ok(None)
            } else {
                Err(Error::of("T1010"))
            };
        };
        let entries = object.entries.borrow();
        let member = |name: &str| entries.get(name).cloned().unwrap_or_default();
        let (start, end, groups, next) = (
            member("start"),
            member("end"),
            member("groups"),
            member("next"),
        );
        let valid = start.as_number().is_some()
            || end.as_number().is_some()
            || matches!(groups, Value::Array(_))
            || next.is_function();
        if !valid {
            return Err(Error::of("T1010"));
        }
        let byte = |value: &Value| byte_offset(&self.subject, value.as_number().unwrap_or(0.0));
        let result = Match {
            text: member("match"),
            start: byte(&start),
            end: byte(&end),
            groups,
            object: found.clone(),
            next,
        };
        drop(entries);
        self.next = result.next.clone();
        Ok(Some(result))
    }
}

/// The limit argument, which may not be negative; without one there is no limit.
fn limit(call: &Call<'_>, index: usize, code: &str) -> Result<f64, Error> {
    let limit = call.number(index)?.unwrap_or(f64::INFINITY);
    if limit < 0.0 {
        return Err(Error::of(code));
    }
    Ok(limit)
}

fn match_all(call: &Call<'_>) -> Result<Value, Error> {
    let Some(text) = call.text(0)? else {
        return Ok(Value::Undefined);
    };
    let limit = limit(call, 2, "D3040")?;
    let mut results = Array::sequence();
    let mut matches = Matches::new(call, text, call.argument(1));
    while (results.items.len() as f64) < limit {
        let Some(found) = matches.next()? else {
            break;
        };
        call.budget().allocate(text.len().min(256))?;
        results.push(Value::object(Entries::from_iter([
            ("match".into(), found.text),
            (
                "index".into(),
                Value::Number(unit_offset(&matches.subject, found.start)),
            ),
            ("groups".into(), found.groups),
        ])));
    }
    Ok(Value::Array(Rc::new(results)))
}

fn contains(call: &Call<'_>) -> Result<Value, Error> {
    let Some(text) = call.text(0)? else {
        return Ok(Value::Undefined);
    };
    match call.argument(1) {
        Value::Undefined => Ok(Value::Undefined),
        Value::String(token) => Ok(Value::Bool(text.contains(&**token))),
        pattern => {
            let found = Matches::new(call, text, pattern).next()?;
            Ok(Value::Bool(found.is_some()))
        }
    }
}

fn replace(call: &Call<'_>) -> Result<Value, Error> {
    let Some(text) = call.text(0)? else {
        return Ok(Value::Undefined);
    };
    let (pattern, replacement) = (call.argument(1), call.argument(2));
    if pattern.as_text() == Some("") {
        return Err(Error::of("D3010"));
    }
    let limit = limit(call, 3, "D3011")?;
    let mut result = String::new();
    let mut position = 0;
    let mut count = 0.0;
    if let Value::String(pattern) = pattern {
        let Some(replacement) = replacement.as_text() else {
            return Err(Error::of("D3012"));
        };
        while count < limit
            && let Some(at) = text[position..].find(&**pattern)
        {
            call.budget().allocate(at + replacement.len())?;
            result.push_str(&text[position..position + at]);
            result.push_str(replacement);
            position += at + pattern.len();
            count += 1.0;
        }
    } else {
        let mut matches = Matches::new(call, text, pattern);
        while count < limit
            && let Some(found) = matches.next()?
        {
            result.push_str(text.get(position..found.start).unwrap_or_default());
            match replacement {
                Value::String(template) => substitute(template, &found, &mut result),
                replacer => match call.apply(replacer, vec![found.object.clone()])? {
                    Value::String(replaced) => result.push_str(&replaced),
                    _ => return Err(Error::of("D3012")),
                },
            }
            position = found.start + found.text.as_text().unwrap_or_default().len();
            call.budget()
                .allocate(found.end.saturating_sub(found.start) + 16)?;
            count += 1.0;
            if result.len() > 1 << 28 {
                call.budget().allocate(result.len())?;
            }
        }
    }
    result.push_str(text.get(position..).unwrap_or_default());
    call.budget().allocate(result.len())?;
    Ok(Value::String(result.into()))
}

/// Writes a replacement: `$0` is the match, `$1` its first group, `$$` a dollar.
fn substitute(template: &str, found: &Match, result: &mut String) {
    let groups = found.groups.items();
    let mut rest = template;
    while let Some(dollar) = rest.find('$') {
        result.push_str(&rest[..dollar]);
        rest = &rest[dollar + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            result.push('$');
            rest = after;
            continue;
        }
        if let Some(after) = rest.strip_prefix('0') {
            result.push_str(found.text.as_text().unwrap_or_default());
            rest = after;
            continue;
        }
        // As many digits are read as the number of the last group has.
        let most = groups.len().max(1).to_string().len();
        let digits = rest
            .bytes()
            .take(most)
            .take_while(u8::is_ascii_digit)
            .count();
        let number = |digits: usize| rest[..digits].parse::<usize>().ok();
        let (index, digits) = match number(digits) {
            Some(index) if index > groups.len() && digits > 1 && digits == most => {
                (number(digits - 1), digits - 1)
            }
            index => (index, digits),
        };
        match index {
            Some(index) => {
                let group = index.checked_sub(1).and_then(|index| groups.get(index));
                result.push_str(group.and_then(Value::as_text).unwrap_or_default());
                rest = &rest[digits..];
            }
            None => result.push('$'),
        }
    }
    result.push_str(rest);
}

fn split(call: &Call<'_>) -> Result<Value, Error> {
    let Some(text) = call.text(0)? else {
        return Ok(Value::Undefined);
    };
    let limit = limit(call, 2, "D3020")?;
    call.budget().allocate(text.len())?;
    let mut parts: Vec<Value> = Vec::new();
    match call.argument(1) {
        Value::String(separator) => {
            let limit = if limit.is_finite() {
                limit as usize
            } else {
                usize::MAX
            };
            if separator.is_empty() {
                let mut buffer = [0; 4];
                for character in text.chars().take(limit) {
                    call.budget().allocate(40)?;
                    parts.push(Value::text(character.encode_utf8(&mut buffer)));
                }
            } else {
                for part in text.split(&**separator).take(limit) {
                    call.budget().allocate(40)?;
                    parts.push(Value::text(part));
                }
            }
        }
        pattern => {
            let mut matches = Matches::new(call, text, pattern);
            let mut start = 0;
            while (parts.len() as f64) < limit
                && let Some(found) = matches.next()?
            {
                parts.push(Value::text(
                    text.get(start..found.start).unwrap_or_default(),
                ));
                start = found.end;
            }
            if (parts.len() as f64) < limit {
                parts.push(Value::text(text.get(start..).unwrap_or_default()));
            }
        }
    }
    Ok(Value::array(parts))
}
