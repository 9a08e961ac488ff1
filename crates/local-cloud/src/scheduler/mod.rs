//! EventBridge Scheduler: schedules, their groups, and their firing while the cloud is served.

mod crawlers;
mod expression;
mod firing;
mod groups;
pub mod permissions;
mod schedules;
mod tags;
mod target;
mod universal;

pub(crate) use firing::run;
pub use firing::tick;

use chrono::{DateTime, Utc};

use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::service::{Protocol, Service, operations};

/// The tables of this service in the store. `due` is when a schedule fires next, in milliseconds
/// since the epoch: whoever moves it on fires it. An invocation stays until it is done or given up.
pub const SCHEMA: &str = "
CREATE TABLE scheduler_groups (region TEXT, name TEXT, document TEXT NOT NULL, PRIMARY KEY (region, name)) WITHOUT ROWID;
CREATE TABLE scheduler_schedules (region TEXT, grp TEXT, name TEXT, document TEXT NOT NULL, due INTEGER, PRIMARY KEY (region, grp, name)) WITHOUT ROWID;
CREATE INDEX scheduler_schedules_by_due ON scheduler_schedules (due) WHERE due IS NOT NULL;
CREATE TABLE scheduler_crawlers (region TEXT, name TEXT, expression TEXT NOT NULL, due INTEGER NOT NULL, PRIMARY KEY (region, name)) WITHOUT ROWID;
CREATE TABLE scheduler_invocations (id TEXT PRIMARY KEY, due INTEGER NOT NULL, owner TEXT, document TEXT NOT NULL) WITHOUT ROWID;
";

pub(crate) static SERVICE: Service = Service {
    name: "scheduler",
    protocol: Protocol::RestJson,
    validation_code: "ValidationException",
    denied: ("AccessDeniedException", 403),
    operations: crate::model::scheduler::OPERATIONS,
    all: crate::model::scheduler::ALL,
    dispatch,
    needed: permissions::needed,
};

operations! {
    CreateSchedule => schedules::create,
    GetSchedule => schedules::get,
    ListSchedules => schedules::list,
    UpdateSchedule => schedules::update,
    DeleteSchedule => schedules::delete,
    CreateScheduleGroup => groups::create,
    GetScheduleGroup => groups::get,
    ListScheduleGroups => groups::list,
    DeleteScheduleGroup => groups::delete,
    TagResource => tags::tag,
    UntagResource => tags::untag,
    ListTagsForResource => tags::list,
}

/// The group of what names none. It is always there.
const DEFAULT_GROUP: &str = "default";

fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::new("ValidationException", message)
}

fn conflict(message: impl Into<String>) -> ServiceError {
    ServiceError::new("ConflictException", message).with_status(409)
}

fn not_found(message: impl Into<String>) -> ServiceError {
    ServiceError::new("ResourceNotFoundException", message).with_status(404)
}

/// How many items a page has at most, and unless asked otherwise.
fn page_size(asked: Option<i32>) -> usize {
    asked.and_then(|n| usize::try_from(n).ok()).unwrap_or(100)
}

/// A time of the API; it has seconds.
fn moment(time: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_millis((time.0 * 1000.0).round() as i64).unwrap_or_default()
}
