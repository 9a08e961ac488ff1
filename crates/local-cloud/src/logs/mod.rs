//! CloudWatch Logs: log groups, their streams, and the events in them.

mod events;
mod filter;
mod groups;
pub mod permissions;
mod streams;
mod tags;

pub(crate) use events::write;
pub(crate) use groups::is_there as has_group;

use crate::caller::Caller;
use crate::error::ServiceError;
use crate::service::{Protocol, Service, operations};

/// The tables of this service in the store; times are milliseconds since the epoch.
pub const SCHEMA: &str = "
CREATE TABLE logs_groups (region TEXT, name TEXT, document TEXT NOT NULL, PRIMARY KEY (region, name)) WITHOUT ROWID;
CREATE TABLE logs_streams (region TEXT, grp TEXT, name TEXT, created INTEGER NOT NULL, PRIMARY KEY (region, grp, name)) WITHOUT ROWID;
CREATE TABLE logs_events (id INTEGER PRIMARY KEY AUTOINCREMENT, region TEXT NOT NULL, grp TEXT NOT NULL, stream TEXT NOT NULL, timestamp INTEGER NOT NULL, ingested INTEGER NOT NULL, message TEXT NOT NULL);
CREATE INDEX logs_events_by_stream ON logs_events (region, grp, stream, timestamp, id);
";

pub(crate) static SERVICE: Service = Service {
    name: "logs",
    protocol: Protocol::Json {
        target: "Logs_20140328",
        version: "1.1",
    },
    validation_code: "InvalidParameterException",
    denied: ("AccessDeniedException", 400),
    operations: crate::model::logs::OPERATIONS,
    all: crate::model::logs::ALL,
    dispatch,
    needed: permissions::needed,
};

operations! {
    CreateLogGroup => groups::create,
    DescribeLogGroups => groups::describe,
    DeleteLogGroup => groups::delete,
    PutRetentionPolicy => groups::put_retention,
    DeleteRetentionPolicy => groups::delete_retention,
    TagResource => tags::tag,
    UntagResource => tags::untag,
    ListTagsForResource => tags::list,
    TagLogGroup => tags::tag_group,
    UntagLogGroup => tags::untag_group,
    ListTagsLogGroup => tags::list_group,
    CreateLogStream => streams::create,
    DeleteLogStream => streams::delete,
    DescribeLogStreams => streams::describe,
    PutLogEvents => events::put,
    GetLogEvents => events::get,
    FilterLogEvents => events::filter,
}

fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::new("InvalidParameterException", message)
}

fn no_group() -> ServiceError {
    ServiceError::new(
        "ResourceNotFoundException",
        "The specified log group does not exist.",
    )
}

fn no_stream() -> ServiceError {
    ServiceError::new(
        "ResourceNotFoundException",
        "The specified log stream does not exist.",
    )
}

fn exists(what: &str) -> ServiceError {
    ServiceError::new(
        "ResourceAlreadyExistsException",
        format!("The specified {what} already exists"),
    )
}

/// The group that a request names, by its name or by its ARN.
fn group_name(
    caller: &Caller,
    name: Option<String>,
    identifier: Option<String>,
) -> Result<String, ServiceError> {
    match (name, identifier) {
        (Some(_), Some(_)) | (None, None) => Err(invalid(
            "Exactly one of logGroupName and logGroupIdentifier must be given.",
        )),
        (Some(name), None) => Ok(name),
        (None, Some(identifier)) if identifier.starts_with("arn:") => {
            name_in(caller, &identifier).ok_or_else(no_group)
        }
        (None, Some(name)) => Ok(name),
    }
}

/// The name in an ARN of a group of this account and region; `:*` may stand behind it.
fn name_in(caller: &Caller, arn: &str) -> Option<String> {
    let name = arn.strip_prefix(&groups::arn(caller, ""))?;
    Some(name.strip_suffix(":*").unwrap_or(name).to_owned())
}

/// This moment in milliseconds since the epoch.
fn now() -> i64 {
    chrono::Utc::now().timestamp_millis()
}
