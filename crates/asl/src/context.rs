//! The context object: `$$` in JSONPath, `$states.context` in JSONata.

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::timestamp;

/// Two objects that are one to who asks. What is the same in all states of an execution, its input
/// above all, is shared; what is a state's own is made when it is asked for, so that a state that
/// asks for nothing costs nothing.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    shared: Arc<Value>,
    about: About,
    own: OnceLock<Value>,
}

/// What the context object tells of where a state runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct About {
    pub state: String,
    pub entered: DateTime<Utc>,
    /// When the queries are asked that see the context, on the execution's clock: no part of it, but
    /// what `$now()` and `$millis()` tell.
    pub now: DateTime<Utc>,
    /// How often it was tried again, for states that can be.
    pub retries: Option<u64>,
    /// `$$.Map.Item`, in an iteration.
    pub item: Option<Arc<Value>>,
    /// `$$.Task.Token`, in a task that is waited for.
    pub token: Option<String>,
    /// Whoever tests a state gave the whole context object: nothing but the item of a Map is added.
    pub is_given: bool,
}

impl About {
    fn value(&self) -> Value {
        let mut own = json!({});
        if let Some(item) = &self.item {
            own["Map"] = json!({"Item": **item});
        }
        if self.is_given {
            return own;
        }
        own["State"] = json!({"Name": self.state, "EnteredTime": timestamp::format(self.entered)});
        if let Some(retries) = self.retries {
            own["State"]["RetryCount"] = json!(retries);
        }
        if let Some(token) = &self.token {
            own["Task"] = json!({"Token": token});
        }
        own
    }
}

impl Context {
    pub fn new(shared: Arc<Value>, about: About) -> Self {
        Self {
            shared,
            about,
            own: OnceLock::new(),
        }
    }

    /// Tells of a task that is waited for.
    pub fn with_token(mut self, token: String) -> Self {
        self.about.token = Some(token);
        self.own = OnceLock::new();
        self
    }

    /// For queries that are asked later.
    pub fn at(mut self, now: DateTime<Utc>) -> Self {
        self.about.now = now;
        self
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.about.now
    }

    fn own(&self) -> &Value {
        self.own.get_or_init(|| self.about.value())
    }

    pub fn whole(&self) -> Value {
        let mut whole = (*self.shared).clone();
        if let (Value::Object(whole), Value::Object(own)) = (&mut whole, self.own()) {
            // What the shared part was given of a state stands for the state's own.
            for (name, value) in own {
                whole.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        whole
    }

    /// An object that has what the whole has under a name.
    pub fn part(&self, name: Option<&str>) -> Cow<'_, Value> {
        match name {
            None => Cow::Owned(self.whole()),
            Some(name) if self.shared.get(name).is_some() => Cow::Borrowed(&self.shared),
            Some(_) => Cow::Borrowed(self.own()),
        }
    }
}
