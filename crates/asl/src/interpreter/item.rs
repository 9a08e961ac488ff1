//! What a Map runs its flow for.

use std::sync::Arc;

use serde_json::{Value, json};

/// Where items come from that are part of the execution's own data, as `$$.Map.Item.Source` tells.
const STATE_DATA: &str = "STATE_DATA";

/// One item, before `ItemSelector`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    pub value: Value,
    /// The name of the member that it is, where an object is gone through.
    key: Option<Arc<str>>,
    /// `STATE_DATA`, or the URI of what it was read from; None where that is no longer known.
    source: Option<Arc<str>>,
}

impl Item {
    pub fn new(value: Value, source: Option<Arc<str>>) -> Self {
        Self {
            value,
            key: None,
            source,
        }
    }

    /// The elements of an array, or the members of an object; anything else is given back.
    pub fn all(value: Value, source: Option<Arc<str>>) -> Result<Vec<Self>, Value> {
        match value {
            Value::Array(values) => Ok(values
                .into_iter()
                .map(|value| Self::new(value, source.clone()))
                .collect()),
            Value::Object(members) => Ok(members
                .into_iter()
                .map(|(name, value)| Self {
                    value,
                    key: Some(name.into()),
                    source: source.clone(),
                })
                .collect()),
            other => Err(other),
        }
    }

    /// What the flow is given where no `ItemSelector` makes something of the item: a member of an
    /// object comes as `{"Key": …, "Value": …}`.
    pub fn input(&self) -> Value {
        match &self.key {
            None => self.value.clone(),
            Some(key) => json!({"Key": **key, "Value": self.value}),
        }
    }

    /// `$$.Map.Item`.
    ///
    /// Source: "Accessing execution data from the Context object", "Context object data for Map
    /// states", in the Step Functions developer guide.
    pub fn context(&self, index: usize) -> Value {
        let mut context = json!({"Index": index});
        if let Some(key) = &self.key {
            context["Key"] = json!(**key);
        }
        context["Value"] = self.value.clone();
        if let Some(source) = &self.source {
            context["Source"] = json!(**source);
        }
        context
    }
}

/// The source of what comes out of the execution's own data.
pub(super) fn state_data() -> Option<Arc<str>> {
    Some(STATE_DATA.into())
}

/// The source of what is read from a bucket, or from one object in it.
///
/// Written as the guide writes it, with a capital `S`.
pub(super) fn in_bucket(bucket: &str, key: Option<&str>) -> Option<Arc<str>> {
    Some(match key {
        None => format!("S3://{bucket}").into(),
        Some(key) => format!("S3://{bucket}/{key}").into(),
    })
}
