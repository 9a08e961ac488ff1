//! The context object: `$$` in JSONPath, `$states.context` in JSONata.

use std::{borrow::Cow, sync::Arc};

use serde_json::Value;

/// Two objects that are one to who asks. What is the same in all states of an execution, its input
/// above all, is shared, so that a state costs nothing for it.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    shared: Arc<Value>,
    own: Value,
}

impl Context {
    /// Both have to be objects, with different names in them.
    pub fn new(shared: Arc<Value>, own: Value) -> Self {
        Self { shared, own }
    }

    pub fn set(&mut self, name: &str, value: Value) {
        self.own[name] = value;
    }

    pub fn whole(&self) -> Value {
        let mut whole = (*self.shared).clone();
        if let (Value::Object(whole), Value::Object(own)) = (&mut whole, &self.own) {
            whole.extend(own.clone());
        }
        whole
    }

    /// An object that has what the whole has under a name.
    pub fn part(&self, name: Option<&str>) -> Cow<'_, Value> {
        match name {
            None => Cow::Owned(self.whole()),
            Some(name) if self.shared.get(name).is_some() => Cow::Borrowed(&self.shared),
            Some(_) => Cow::Borrowed(&self.own),
        }
    }
}
