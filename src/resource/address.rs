//! A resource's place in the stack.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// `crawlers.films`, or `crawlers.films.role` for the role that is derived for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    pub kind: String,
    pub id: String,
    /// The part that comes with a resource and is no table of `stack.toml`.
    pub part: Option<String>,
}

impl Address {
    pub fn new(kind: &str, id: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            id: id.to_owned(),
            part: None,
        }
    }

    /// The address of what comes along with this resource.
    pub fn part(&self, part: &str) -> Self {
        Self {
            part: Some(part.to_owned()),
            ..self.clone()
        }
    }

    /// What this is a part of; itself if it is none.
    pub fn whole(&self) -> Self {
        Self {
            part: None,
            ..self.clone()
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.kind, self.id)?;
        match &self.part {
            Some(part) => write!(f, ".{part}"),
            None => Ok(()),
        }
    }
}

/// What is not of the form `KIND.ID`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no address: write KIND.ID, as in buckets.data")]
pub struct NotAnAddress(String);

impl FromStr for Address {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        let parts: Vec<&str> = text.split('.').collect();
        match parts.as_slice() {
            [kind, id] if !kind.is_empty() && !id.is_empty() => Ok(Self::new(kind, id)),
            [kind, id, part] if parts.iter().all(|p| !p.is_empty()) => {
                Ok(Self::new(kind, id).part(part))
            }
            _ => Err(NotAnAddress(text.to_owned())),
        }
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}
