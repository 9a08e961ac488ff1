//! The values that an expression works on.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use indexmap::IndexMap;

use super::apply::Function;

#[derive(Clone, Default)]
pub(super) enum Value {
    /// Nothing: what a path gives that leads nowhere.
    #[default]
    Undefined,
    Null,
    Bool(bool),
    Number(f64),
    String(Arc<str>),
    Array(Rc<Array>),
    Object(Rc<Object>),
    Function(Rc<Function>),
}

/// An array, and what the path semantics of JSONata remember about it.
#[derive(Clone, Default)]
pub(super) struct Array {
    pub items: Vec<Value>,
    /// The result of a query: an empty one is nothing, one of one item is that item.
    pub sequence: bool,
    /// A sequence that stays an array with one item (`[]`).
    pub keep_singleton: bool,
    /// Made by an array constructor at the end of a path: is not flattened into the result.
    pub constructed: bool,
    /// Holds the input, which is an array itself, as its only item.
    pub outer_wrapper: bool,
    /// The items are tuples: objects of the context (`@`) and the variables bound with it.
    pub tuples: bool,
}

pub(super) type Entries = IndexMap<Arc<str>, Value>;

/// An object. Only a transform changes one after it is made: its own copy.
#[derive(Default)]
pub(super) struct Object {
    pub entries: RefCell<Entries>,
}

impl Array {
    /// A plain array.
    pub fn of(items: Vec<Value>) -> Self {
        let mut array = Self::default();
        array.items = items;
        array
    }

    pub fn sequence() -> Self {
        let mut array = Self::default();
        array.sequence = true;
        array
    }

    pub fn tuples() -> Self {
        let mut array = Self::sequence();
        array.tuples = true;
        array
    }

    /// The input of an expression where it is an array, which stands for itself and not for its
    /// items.
    pub fn wrapping(input: Value) -> Self {
        let mut array = Self::sequence();
        array.items.push(input);
        array.outer_wrapper = true;
        array
    }

    pub fn push(&mut self, value: Value) {
        self.items.push(value);
    }
}

impl Value {
    pub fn text(text: &str) -> Self {
        Self::String(text.into())
    }

    /// A plain array.
    pub fn array(items: Vec<Value>) -> Self {
        Self::Array(Rc::new(Array::of(items)))
    }

    pub fn object(entries: Entries) -> Self {
        Self::Object(Rc::new(Object {
            entries: RefCell::new(entries),
        }))
    }

    /// A sequence of this value alone.
    pub fn into_sequence(self) -> Rc<Array> {
        let mut sequence = Array::sequence();
        sequence.push(self);
        Rc::new(sequence)
    }

    pub fn is_undefined(&self) -> bool {
        matches!(self, Self::Undefined)
    }

    pub fn is_function(&self) -> bool {
        matches!(self, Self::Function(_))
    }

    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// What is in an array; a single value is its own only item, nothing has none.
    pub fn items(&self) -> &[Value] {
        match self {
            Self::Array(array) => &array.items,
            Self::Undefined => &[],
            other => std::slice::from_ref(other),
        }
    }

    /// What a condition in JavaScript, not in JSONata, makes of the value.
    pub fn is_truthy(&self) -> bool {
        match self {
            Self::Undefined | Self::Null => false,
            Self::Bool(value) => *value,
            Self::Number(number) => *number != 0.0 && !number.is_nan(),
            Self::String(text) => !text.is_empty(),
            Self::Array(_) | Self::Object(_) | Self::Function(_) => true,
        }
    }
}

/// Puts the second value after the first, each an array or one item, as `$append` does.
pub(super) fn append(first: Value, second: Value) -> Value {
    if first.is_undefined() {
        return second;
    }
    if second.is_undefined() {
        return first;
    }
    let mut items = into_items(first);
    match second {
        Value::Array(array) => match Rc::try_unwrap(array) {
            Ok(mut array) => items.append(&mut array.items),
            Err(array) => items.extend(array.items.iter().cloned()),
        },
        other => items.push(other),
    }
    Value::array(items)
}

fn into_items(value: Value) -> Vec<Value> {
    match value {
        Value::Array(array) => match Rc::try_unwrap(array) {
            Ok(mut array) => std::mem::take(&mut array.items),
            Err(array) => array.items.clone(),
        },
        other => vec![other],
    }
}

// A value can be nested deeper than the stack: taken apart from the inside of its own drop, each
// level would be one call deeper. So what a container held is queued, and the outermost drop
// empties the queue.
pub(super) mod release {
    use std::cell::{Cell, RefCell};

    use super::Value;

    thread_local! {
        static QUEUE: RefCell<Vec<Value>> = const { RefCell::new(Vec::new()) };
        static EMPTYING: Cell<bool> = const { Cell::new(false) };
    }

    fn is_container(value: &Value) -> bool {
        matches!(
            value,
            Value::Array(_) | Value::Object(_) | Value::Function(_)
        )
    }

    /// Drops the values without recursion.
    pub fn release(values: impl Iterator<Item = Value>) {
        let queued = QUEUE.try_with(|queue| {
            queue.borrow_mut().extend(values.filter(is_container));
        });
        if queued.is_err() || EMPTYING.with(|emptying| emptying.replace(true)) {
            return;
        }
        while let Some(value) = QUEUE.with(|queue| queue.borrow_mut().pop()) {
            drop(value);
        }
        EMPTYING.with(|emptying| emptying.set(false));
    }
}

impl Drop for Array {
    fn drop(&mut self) {
        if !self.items.is_empty() {
            release::release(std::mem::take(&mut self.items).into_iter());
        }
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        let entries = std::mem::take(self.entries.get_mut());
        if !entries.is_empty() {
            release::release(entries.into_values());
        }
    }
}
