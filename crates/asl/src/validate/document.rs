//! A text as a document: nested as deep as documents may be, and of a definition with a look at names
//! of states that are given twice, of which a document keeps only one.

use std::{
    cell::{Cell, RefCell},
    fmt,
};

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value, value::RawValue};

use super::syntax;
use crate::{Diagnostic, Severity, json::JsonError, limits::MAX_LEVELS, stack::with_stack};

/// `serde_json` refuses 128 levels: after so many the rest is read as a text of its own.
const LEVELS_AT_ONCE: usize = 100;

/// What a value is in a definition, or elsewhere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Role {
    /// A machine, a branch or a processor: what has `States`.
    Flow,
    States,
    State,
    Branches,
    Other,
    /// No object in it has two members of one name.
    Unambiguous,
}

impl Role {
    fn of_member(self, name: &str) -> Self {
        match (self, name) {
            (Self::Flow, "States") => Self::States,
            (Self::States, _) => Self::State,
            (Self::State, "Branches") => Self::Branches,
            (Self::State, "ItemProcessor" | "Iterator") => Self::Flow,
            (Self::Unambiguous, _) => Self::Unambiguous,
            _ => Self::Other,
        }
    }

    fn of_item(self) -> Self {
        match self {
            Self::Branches => Self::Flow,
            Self::Unambiguous => Self::Unambiguous,
            _ => Self::Other,
        }
    }

    /// Whether it may have something of which the place is told.
    fn is_placed(self) -> bool {
        !matches!(self, Self::Other | Self::Unambiguous)
    }
}

/// Reads a definition; gives the document, and what is wrong with what it does not hold.
pub(super) fn parse(text: &str, role: Role) -> Result<(Value, Vec<Diagnostic>), Diagnostic> {
    let notes = Notes::default();
    match Seed::of(role, &notes).read(text) {
        Ok(value) => Ok((value, notes.doubled.into_inner())),
        Err(_) if notes.is_too_deep.get() => Err(error(
            "TOO_DEEPLY_NESTED",
            "The states are too deeply nested.",
            None,
        )),
        Err(error) => Err(syntax::diagnostic(text, &error)),
    }
}

/// Reads what is no definition.
pub(super) fn data(text: &str, role: Role) -> Result<Value, JsonError> {
    let notes = Notes::default();
    Seed::of(role, &notes).read(text).map_err(|error| {
        JsonError(if notes.is_too_deep.get() {
            format!("The document is nested deeper than {MAX_LEVELS} levels.")
        } else {
            syntax::told(text, &error)
        })
    })
}

fn error(code: &str, message: &str, location: Option<String>) -> Diagnostic {
    Diagnostic {
        severity: Severity::Error,
        code: code.to_owned(),
        message: message.to_owned(),
        location,
        help: None,
    }
}

#[derive(Default)]
struct Notes {
    doubled: RefCell<Vec<Diagnostic>>,
    is_too_deep: Cell<bool>,
}

/// A value that is to be read.
struct Seed<'n> {
    role: Role,
    depth: usize,
    location: String,
    notes: &'n Notes,
}

impl<'n> Seed<'n> {
    fn of(role: Role, notes: &'n Notes) -> Self {
        Self {
            role,
            depth: 0,
            location: String::new(),
            notes,
        }
    }

    fn read(self, text: &str) -> Result<Value, serde_json::Error> {
        let mut source = serde_json::Deserializer::from_str(text);
        let value = with_stack(|| source.deserialize_any(self))?;
        source.end()?;
        Ok(value)
    }

    fn below(&self, role: Role, step: impl fmt::Display) -> Self {
        let location = if role.is_placed() {
            format!("{}{step}", self.location)
        } else {
            String::new()
        };
        Self {
            role,
            depth: self.depth + 1,
            location,
            notes: self.notes,
        }
    }

    fn note_doubled(&self, name: &str) {
        let message = format!("Duplicate State name: {name}");
        let location = Some(format!("{}/{name}", self.location));
        let found = error("DUPLICATE_STATE_NAME", &message, location);
        self.notes.doubled.borrow_mut().push(found);
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Value, D::Error> {
        if self.depth > MAX_LEVELS {
            self.notes.is_too_deep.set(true);
            return Err(Error::custom("nested too deep"));
        }
        if self.depth > 0 && self.depth.is_multiple_of(LEVELS_AT_ONCE) {
            let rest = <&RawValue>::deserialize(source)?;
            return self.read(rest.get()).map_err(Error::custom);
        }
        with_stack(|| source.deserialize_any(self))
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("any valid JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut read = Vec::new();
        loop {
            let seed = self.below(self.role.of_item(), format_args!("[{}]", read.len()));
            match items.next_element_seed(seed)? {
                Some(item) => read.push(item),
                None => return Ok(Value::Array(read)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut read = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if read.contains_key(&name) {
                match self.role {
                    Role::States => self.note_doubled(&name),
                    Role::Unambiguous => return Err(Error::custom("a member comes twice")),
                    _ => {}
                }
            }
            let seed = self.below(self.role.of_member(&name), format_args!("/{name}"));
            let value = members.next_value_seed(seed)?;
            read.insert(name, value);
        }
        Ok(Value::Object(read))
    }
}
