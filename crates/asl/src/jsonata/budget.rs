//! The limits of one evaluation. Whatever an expression does, it ends after a bounded number of
//! steps, in bounded memory and stack.

use std::cell::Cell;

use super::error::Error;
use super::value::Value;

/// Expressions evaluated, list items visited.
const STEPS: u64 = 4_000_000;
/// Bytes of strings and arrays made, over the whole evaluation.
const BYTES: u64 = 1 << 30;
/// Expressions inside one another while evaluating: the depth of recursion.
const DEPTH: usize = 10_000;
/// Arrays and objects inside one another in a value that is walked.
pub(super) const NESTING: usize = 512;

/// Where a host's JSONata differs from jsonata-js.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dialect {
    /// How deep expressions may be inside one another while evaluating.
    pub depth: usize,
    /// The most items that one array may have.
    pub items: usize,
    /// The most characters, in UTF-16 units, that one text may have.
    pub characters: usize,
    /// A result that no JSON number holds is its name, `"Infinity"`, and not an error.
    pub names_infinity: bool,
    /// A result that is a function is an error, with the code [`NO_JSON`], and not undefined.
    pub refuses_functions: bool,
}

/// The code of the error that the result of an expression is nothing that JSON has.
pub(crate) const NO_JSON: &str = "function";

impl Default for Dialect {
    fn default() -> Self {
        Self {
            depth: DEPTH,
            items: usize::MAX,
            characters: usize::MAX,
            names_infinity: false,
            refuses_functions: false,
        }
    }
}

pub(super) struct Budget {
    pub dialect: Dialect,
    steps: Cell<u64>,
    bytes: Cell<u64>,
    depth: Cell<usize>,
    calls: Cell<usize>,
}

impl Budget {
    /// Takes `count` steps.
    pub fn step(&self, count: usize) -> Result<(), Error> {
        let steps = self.steps.get().saturating_add(count as u64);
        self.steps.set(steps);
        if steps > STEPS {
            return Err(Error::of("U1001"));
        }
        Ok(())
    }

    /// Takes steps for an operation that goes through a string or an array once.
    pub fn weigh(&self, value: &Value) -> Result<(), Error> {
        match value {
            Value::String(text) => self.step(text.len() / 512),
            Value::Array(array) => self.step(array.items.len() / 64),
            _ => Ok(()),
        }
    }

    /// Is asked before `count` bytes are allocated.
    pub fn allocate(&self, count: usize) -> Result<(), Error> {
        let bytes = self.bytes.get().saturating_add(count as u64);
        self.bytes.set(bytes);
        if bytes > BYTES {
            return Err(memory_exceeded());
        }
        Ok(())
    }

    /// Is asked before an array of so many items is made.
    pub fn hold_items(&self, count: usize) -> Result<(), Error> {
        if count > self.dialect.items {
            return Err(memory_exceeded());
        }
        Ok(())
    }

    /// Fails where one array or one text is larger than it may be.
    pub fn hold(&self, value: &Value) -> Result<(), Error> {
        let most = self.dialect.characters;
        match value {
            Value::Array(array) => self.hold_items(array.items.len()),
            // A text has no more units than bytes.
            Value::String(text) if text.len() > most && text.encode_utf16().count() > most => {
                Err(memory_exceeded())
            }
            _ => Ok(()),
        }
    }

    /// Goes one expression deeper; the depth is given back with [`Budget::leave`].
    pub fn enter(&self) -> Result<(), Error> {
        self.step(1)?;
        let depth = self.depth.get() + 1;
        if depth > self.dialect.depth {
            return Err(stack_overflow());
        }
        self.depth.set(depth);
        Ok(())
    }

    pub fn leave(&self) {
        self.depth.set(self.depth.get().saturating_sub(1));
    }
}

impl Budget {
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect: Dialect {
                depth: dialect.depth.min(DEPTH),
                ..dialect
            },
            steps: Cell::new(0),
            bytes: Cell::new(0),
            depth: Cell::new(0),
            calls: Cell::new(0),
        }
    }

    /// A budget in which expressions may nest no deeper than `depth` while evaluating.
    pub fn with_depth(depth: usize) -> Self {
        Self::new(Dialect {
            depth,
            ..Dialect::default()
        })
    }

    /// Goes into a function; given back with [`Budget::leave_call`].
    pub fn enter_call(&self) -> Result<(), Error> {
        self.step(1)?;
        let calls = self.calls.get() + 1;
        if calls > DEPTH {
            return Err(stack_overflow());
        }
        self.calls.set(calls);
        Ok(())
    }

    pub fn leave_call(&self) {
        self.calls.set(self.calls.get().saturating_sub(1));
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(Dialect::default())
    }
}

/// In the words of Step Functions.
pub(crate) fn memory_exceeded() -> Error {
    Error::new(
        "U1001",
        "Expression evaluation memory limit exceeded: Check for excessive memory usage",
    )
}

pub(super) fn stack_overflow() -> Error {
    Error::new(
        "U1001",
        "Stack overflow error: Check for non-terminating recursive function. \
         Consider rewriting as tail-recursive.",
    )
}
