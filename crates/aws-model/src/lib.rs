//! What the APIs say of themselves: types for behaviour, shape tables for the protocols.
//!
//! The files of the services are written by `codegen/generate.py` from botocore's service models.

#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic)]
pub mod athena;
#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic)]
pub mod glue;
#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic)]
pub mod iam;
#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic)]
pub mod logs;
#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic)]
pub mod s3;
#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic)]
pub mod scheduler;
#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic)]
pub mod sfn;
#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic)]
pub mod sts;

use base64::Engine as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

mod prelude {
    pub use super::{Blob, Http, Member, Operation, Shape, Timestamp};
    pub use serde::{Deserialize, Serialize};
    pub use std::collections::BTreeMap;
}

/// Seconds since the epoch, as the JSON protocols carry a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub f64);

impl Timestamp {
    /// This moment, to the millisecond, as AWS gives it.
    pub fn now() -> Self {
        Self(chrono::Utc::now().timestamp_millis() as f64 / 1000.0)
    }
}

/// Bytes; base64 on the wire.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Blob(pub Vec<u8>);

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&base64::engine::general_purpose::STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        base64::engine::general_purpose::STANDARD
            .decode(text)
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}

/// One shape of an API model, with its constraints.
#[derive(Debug)]
pub enum Shape {
    Structure(&'static [Member]),
    List {
        member: &'static Shape,
        min: Option<u64>,
        max: Option<u64>,
    },
    Map {
        key: &'static Shape,
        value: &'static Shape,
    },
    String {
        min: Option<u64>,
        max: Option<u64>,
        pattern: Option<&'static str>,
        values: &'static [&'static str],
    },
    Integer {
        min: Option<i64>,
        max: Option<i64>,
    },
    Float,
    Boolean,
    Timestamp,
    Blob,
}

/// A member of a structure: its name, its name on the wire, its shape.
#[derive(Debug)]
pub struct Member {
    pub name: &'static str,
    pub wire: &'static str,
    pub shape: &'static Shape,
    pub required: bool,
}

/// An operation with the shapes of what goes in and comes out.
#[derive(Debug)]
pub struct Operation {
    pub name: &'static str,
    pub input: Option<&'static Shape>,
    pub output: Option<&'static Shape>,
    /// The element around the result in the query protocol.
    pub result_wrapper: Option<&'static str>,
    /// Where its members are in a request of the REST protocols.
    pub http: Option<&'static Http>,
}

/// The request of an operation in a REST protocol. A member that stands nowhere here is in the body.
#[derive(Debug)]
pub struct Http {
    pub method: &'static str,
    /// `/schedules/{Name}`: a name in braces is that of `uri`.
    pub path: &'static str,
    /// Members and what stands for them in the path.
    pub uri: &'static [(&'static str, &'static str)],
    /// Members and their names in the query.
    pub query: &'static [(&'static str, &'static str)],
    /// Members and their headers.
    pub headers: &'static [(&'static str, &'static str)],
}
