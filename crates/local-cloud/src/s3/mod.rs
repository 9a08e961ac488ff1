//! S3: buckets and objects.
//!
//! `adapter` speaks the protocol through s3s, [`BucketStore`] serves the crawler and Athena, and
//! [`invoke`] the tasks of state machines. All three call the same functions, one an operation,
//! which take a [`Call`], check its caller's permissions, and work on the store.

mod access;
mod adapter;
mod bodies;
mod bucket_store;
mod buckets;
mod checksum;
mod configuration;
mod copy;
mod delete;
mod errors;
mod get;
mod invoke;
mod listing;
mod multipart;
mod object_lock;
mod object_path;
mod object_store;
mod ordered_id;
mod put;
mod route;
mod tagging;
mod unset;
mod version_listing;
mod versions;
mod words;

use s3s::TrailingHeaders;

pub use adapter::service;
pub(crate) use bodies::sweep;
pub use bucket_store::BucketStore;
pub use invoke::{OPERATIONS, invoke};
pub use object_store::object_store;
pub(crate) use words::with_message;

use crate::caller::Caller;
use crate::cloud::Cloud;

/// The tables of this service in the store.
///
/// `s3_objects` holds every version of every object; of those of one key, the one with the highest
/// `seq` is the latest, and the only one that is marked so. A body is a row of `s3_bodies` or a file,
/// by the prefix of its id.
pub const SCHEMA: &str = "
CREATE TABLE s3_buckets (name TEXT PRIMARY KEY, region TEXT NOT NULL, created INTEGER NOT NULL, versioning TEXT) WITHOUT ROWID;
CREATE TABLE s3_settings (bucket TEXT, kind TEXT, document TEXT NOT NULL, PRIMARY KEY (bucket, kind)) WITHOUT ROWID;
CREATE TABLE s3_objects (
    bucket TEXT, key TEXT, seq INTEGER, version TEXT NOT NULL, latest INTEGER NOT NULL, marker INTEGER NOT NULL,
    size INTEGER NOT NULL, etag TEXT NOT NULL, modified INTEGER NOT NULL, body TEXT NOT NULL, meta TEXT NOT NULL,
    PRIMARY KEY (bucket, key, seq)) WITHOUT ROWID;
CREATE TABLE s3_bodies (id TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE s3_uploads (id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, initiated INTEGER NOT NULL, meta TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE s3_parts (
    upload TEXT, number INTEGER, size INTEGER NOT NULL, etag TEXT NOT NULL, modified INTEGER NOT NULL, body TEXT NOT NULL,
    sum TEXT, PRIMARY KEY (upload, number)) WITHOUT ROWID;
";

/// One call of an operation: who calls, and what the request says beside its input.
pub(crate) struct Call {
    pub cloud: Cloud,
    pub caller: Caller,
    /// The headers after the body, which carry its checksum.
    pub trailers: Option<TrailingHeaders>,
    /// The name of the header that comes after the body.
    pub trailer: Option<String>,
}

impl Call {
    pub fn new(cloud: &Cloud, caller: &Caller) -> Self {
        Self {
            cloud: cloud.clone(),
            caller: caller.clone(),
            trailers: None,
            trailer: None,
        }
    }
}

/// A time of the store (milliseconds) as S3 gives it, in whole seconds.
fn timestamp(millis: i64) -> s3s::dto::Timestamp {
    let seconds = u64::try_from(millis / 1000).unwrap_or(0);
    (std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds)).into()
}

/// The seconds since the epoch of a time in a request.
fn seconds(time: &s3s::dto::Timestamp) -> i64 {
    let mut text = Vec::new();
    if time
        .format(s3s::dto::TimestampFormat::EpochSeconds, &mut text)
        .is_err()
    {
        return 0;
    }
    std::str::from_utf8(&text)
        .ok()
        .and_then(|t| t.parse::<f64>().ok())
        .map_or(0, |t| t as i64)
}
