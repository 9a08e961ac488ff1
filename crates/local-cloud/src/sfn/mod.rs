//! Step Functions: state machines and their executions.

mod activities;
mod aliases;
mod arn;
mod commands;
mod definition;
mod deletion;
mod endpoints;
mod executions;
mod express;
mod functions;
mod history;
mod integrations;
mod journal;
mod listing;
mod log;
mod machine_settings;
mod machines;
mod map_runs;
mod mock_result;
mod notices;
pub mod permissions;
mod redrive;
mod running;
mod start;
mod stop;
mod tags;
mod test_state;
mod tokens;
mod unknown_operations;
mod versions;

pub use commands::{Listener, LocalCommand};
pub use endpoints::{Endpoint, answers as endpoint_answers};
pub use integrations::{api_operations, has_integration};
pub(crate) use running::{Shared, serve};

use crate::error::ServiceError;
use crate::paging;
use crate::service::{Protocol, Service, operations};

/// The tables of this service in the store. A machine is known by region and name; what its
/// definition and role were is kept by revision, for versions and executions hold on to theirs.
pub const SCHEMA: &str = "
CREATE TABLE sfn_machines (region TEXT, name TEXT, document TEXT NOT NULL, PRIMARY KEY (region, name)) WITHOUT ROWID;
CREATE TABLE sfn_revisions (id TEXT PRIMARY KEY, region TEXT NOT NULL, machine TEXT NOT NULL, document TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX sfn_revisions_by_machine ON sfn_revisions (region, machine);
CREATE TABLE sfn_versions (region TEXT, machine TEXT, number INTEGER, revision TEXT NOT NULL, description TEXT, created REAL NOT NULL, PRIMARY KEY (region, machine, number)) WITHOUT ROWID;
CREATE TABLE sfn_aliases (region TEXT, machine TEXT, name TEXT, document TEXT NOT NULL, PRIMARY KEY (region, machine, name)) WITHOUT ROWID;
CREATE TABLE sfn_executions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    region TEXT NOT NULL,
    machine TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER,
    alias TEXT,
    revision TEXT NOT NULL,
    input TEXT NOT NULL,
    trace_header TEXT,
    test_case TEXT,
    started INTEGER NOT NULL,
    owner TEXT NOT NULL,
    status TEXT NOT NULL,
    stopped INTEGER,
    output TEXT,
    error TEXT,
    cause TEXT,
    redrives INTEGER NOT NULL DEFAULT 0,
    redriven INTEGER,
    redrive_token TEXT,
    map_run TEXT,
    item INTEGER,
    items INTEGER,
    UNIQUE (region, machine, name)
);
CREATE INDEX sfn_executions_by_machine ON sfn_executions (region, machine, id);
CREATE INDEX sfn_executions_running ON sfn_executions (owner) WHERE status = 'RUNNING';
CREATE INDEX sfn_executions_by_map_run ON sfn_executions (map_run, id) WHERE map_run IS NOT NULL;
CREATE TABLE sfn_events (execution INTEGER NOT NULL REFERENCES sfn_executions ON DELETE CASCADE, first INTEGER NOT NULL, last INTEGER NOT NULL, documents TEXT NOT NULL, PRIMARY KEY (execution, first)) WITHOUT ROWID;
CREATE TABLE sfn_map_runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    arn TEXT NOT NULL UNIQUE,
    region TEXT NOT NULL,
    execution INTEGER NOT NULL REFERENCES sfn_executions ON DELETE CASCADE,
    started INTEGER NOT NULL,
    stopped INTEGER,
    status TEXT NOT NULL,
    settings TEXT NOT NULL,
    progress TEXT NOT NULL,
    redrives INTEGER NOT NULL,
    redriven INTEGER
);
CREATE INDEX sfn_map_runs_by_execution ON sfn_map_runs (execution, id);
CREATE TABLE sfn_activities (region TEXT, name TEXT, document TEXT NOT NULL, PRIMARY KEY (region, name)) WITHOUT ROWID;
CREATE TABLE sfn_tasks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    token TEXT NOT NULL UNIQUE,
    region TEXT NOT NULL,
    execution INTEGER REFERENCES sfn_executions ON DELETE CASCADE,
    activity TEXT,
    input TEXT,
    status TEXT NOT NULL,
    worker TEXT,
    beat INTEGER NOT NULL,
    output TEXT,
    error TEXT,
    cause TEXT
);
CREATE INDEX sfn_tasks_of_activity ON sfn_tasks (activity, id) WHERE status = 'SCHEDULED';
CREATE INDEX sfn_tasks_by_execution ON sfn_tasks (execution);
";

pub(crate) static SERVICE: Service = Service {
    name: "states",
    protocol: Protocol::Json {
        target: "AWSStepFunctions",
        version: "1.0",
    },
    validation_code: "ValidationException",
    denied: ("AccessDeniedException", 400),
    operations: crate::model::sfn::OPERATIONS,
    all: crate::model::sfn::ALL,
    dispatch,
    needed: permissions::needed,
};

operations! {
    CreateStateMachine => machines::create,
    DescribeStateMachine => machines::describe,
    UpdateStateMachine => machines::update,
    DeleteStateMachine => deletion::delete,
    ListStateMachines => machines::list,
    ValidateStateMachineDefinition => definition::validate,
    PublishStateMachineVersion => versions::publish,
    ListStateMachineVersions => versions::list,
    DeleteStateMachineVersion => versions::delete,
    CreateStateMachineAlias => aliases::create,
    DescribeStateMachineAlias => aliases::describe,
    UpdateStateMachineAlias => aliases::update,
    ListStateMachineAliases => aliases::list,
    DeleteStateMachineAlias => aliases::delete,
    StartExecution => start::start,
    StartSyncExecution => express::start_sync,
    DescribeExecution => executions::describe,
    DescribeStateMachineForExecution => executions::describe_machine,
    ListExecutions => listing::list,
    StopExecution => stop::stop,
    RedriveExecution => redrive::redrive,
    ListMapRuns => map_runs::list,
    DescribeMapRun => map_runs::describe,
    UpdateMapRun => map_runs::update,
    TestState => test_state::test,
    CreateActivity => activities::create,
    DescribeActivity => activities::describe,
    ListActivities => activities::list,
    DeleteActivity => activities::delete,
    GetActivityTask => activities::get_task,
    SendTaskSuccess => tokens::succeed,
    SendTaskFailure => tokens::fail,
    SendTaskHeartbeat => tokens::beat,
    GetExecutionHistory => history::get,
    TagResource => tags::tag,
    UntagResource => tags::untag,
    ListTagsForResource => tags::list,
}

/// How many items a page has: 100 unless asked otherwise, where 0 is not asking.
fn page_size(asked: Option<i32>) -> usize {
    asked
        .and_then(|n| usize::try_from(n).ok())
        .filter(|n| *n > 0)
        .unwrap_or(100)
}

/// A row more than the page has tells whether another page follows.
fn one_more(size: usize) -> i64 {
    i64::try_from(size).map_or(i64::MAX, |size| size.saturating_add(1))
}

/// State machines, executions and their like are named by the same rules.
fn check_name(name: &str) -> Result<(), ServiceError> {
    const REFUSED: &str = "<>{}[]?*\"#%\\^|~`$&,;:/";
    let wrong = |c: char| c.is_whitespace() || c.is_control() || REFUSED.contains(c);
    if name.is_empty() || name.chars().count() > 80 || name.chars().any(wrong) {
        return Err(ServiceError::new(
            "InvalidName",
            format!("Invalid Name: '{name}'"),
        ));
    }
    Ok(())
}

/// The name that a page of named things begins with, as its token says; none for the first page.
fn name_of_page(token: Option<&String>) -> Result<Option<String>, ServiceError> {
    let name = |token: &String| paging::key(token, "InvalidToken").map_err(|_| invalid_token());
    token.map(name).transpose()
}

/// Where a page of numbered things begins, as its token says; none for the first page.
fn place_of_page(token: Option<&String>) -> Result<Option<i64>, ServiceError> {
    let place = |name: String| name.parse::<i64>().map_err(|_| invalid_token());
    name_of_page(token)?.map(place).transpose()
}

/// Cuts what was found, up to [`one_more`], to its page. Gives the token of the next page, if one
/// follows, from the name or number of what that begins with.
fn next_page<T>(found: &mut Vec<T>, size: usize, key: impl FnOnce(&T) -> String) -> Option<String> {
    let next = found.get(size).map(|item| paging::token(&key(item)));
    found.truncate(size);
    next
}

fn invalid_token() -> ServiceError {
    ServiceError::new("InvalidToken", "Invalid Token: 'Invalid token'")
}

/// This moment in milliseconds since the epoch, as the store keeps times of executions.
fn now() -> i64 {
    chrono::Utc::now().timestamp_millis()
}
