//! What Task states ask for, and who does it.

use std::time::Duration;

use async_trait::async_trait;
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use serde_json::{Value, json};

use crate::MapRuns;

/// What a Task state asks for.
#[derive(Clone, Debug)]
pub struct Task {
    /// The `Resource` of the state, whole: `arn:aws:states:::athena:startQueryExecution.sync`.
    pub resource: String,
    /// What Parameters or Arguments gave, or the state's input.
    pub parameters: Value,
    /// What tells this attempt from all others; `$$.Task.Token` of resources that end in
    /// `.waitForTaskToken` or `.sync`, and of activities.
    pub token: String,
    /// `Credentials.RoleArn`.
    pub credentials: Option<Value>,
    /// How long the task may stay silent: `HeartbeatSeconds`. Who runs the task keeps it, and ends
    /// the task with `States.HeartbeatTimeout` when no heartbeat came, which the history tells as
    /// `States.Timeout`.
    pub heartbeat: Option<Duration>,
    /// How long the task may take: `TimeoutSeconds`. The interpreter keeps it; for an activity it
    /// counts from when a worker has it, which `submitted` tells.
    pub timeout: Option<Duration>,
    /// The name of the state. Empty for the calls of an `ItemReader` and a `ResultWriter`.
    /// [`Task::mock_name`] is what mocks are found by.
    pub state: String,
    /// How often the state was tried before, from 0.
    pub attempt: u64,
    /// The execution that asks: the ARN of a child for a state in a distributed Map.
    pub execution_arn: String,
    /// What a former process saw of this very task, in an execution that is taken up again.
    pub submitted: Option<Submitted>,
}

/// A task that had been scheduled, and had not ended, when its execution was interrupted. Its
/// token and parameters are those it had.
#[derive(Clone, Debug, PartialEq)]
pub struct Submitted {
    /// What the service answered when it accepted the task (the output of `TaskSubmitted`): a
    /// `.sync` task goes on to wait for that job rather than starting another. None where nothing
    /// was accepted that is known of: the task is run as if for the first time.
    pub output: Option<Value>,
}

/// An object in S3 that a distributed Map reads or writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    pub bucket: String,
    pub key: String,
    pub version: Option<String>,
}

/// The content of an object, piece by piece.
pub type Bytes = BoxStream<'static, Result<Vec<u8>, TaskError>>;

/// The rows of a file, each an object.
pub type Rows = BoxStream<'static, Result<Value, TaskError>>;

/// A task's end that is not its output: what Retry and Catch see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskError {
    /// `Athena.InvalidRequestException`, `States.TaskFailed`, …; empty where none was given.
    pub error: String,
    /// Empty where none was given.
    pub cause: String,
}

/// Runs tasks. A task whose future is dropped is to be stopped where its service can do that.
#[async_trait]
pub trait Tasks: Send + Sync {
    /// Runs one task to its end. `submitted` is to be called once, with the answer of the service,
    /// when a `.sync` or `.waitForTaskToken` task has been accepted and is waited for, or a worker
    /// has taken an activity: it writes `TaskSubmitted` or `ActivityStarted`. The interpreter itself writes `TaskScheduled`, `TaskStarted`,
    /// `TaskSucceeded`, `TaskFailed` and `TaskTimedOut` and keeps `TimeoutSeconds`.
    async fn run(
        &self,
        task: Task,
        submitted: &(dyn Fn(Value) + Send + Sync),
    ) -> Result<Value, TaskError>;

    /// Looks before a task of an activity is scheduled whether the activity, an ARN, is there for a
    /// state of this name. Where it is not, the execution ends with `States.Runtime` and the words
    /// that come back, and nothing of the task is written.
    fn check_activity(&self, _activity: &str, _state: &str) -> Result<(), String> {
        Ok(())
    }

    /// Reads an object for an `ItemReader`, whose `Resource` is `resource`. Here it is a task that
    /// answers with a `Body` of text; who can stream, and read what is no text, does better.
    async fn read_object(&self, resource: &str, object: Object) -> Result<Bytes, TaskError> {
        read_by_task(self, resource, object).await
    }

    /// Reads the rows of a Parquet file for an `ItemReader`, each as an object. What reads no such
    /// files refuses them.
    async fn read_parquet(&self, _resource: &str, object: Object) -> Result<Rows, TaskError> {
        Err(TaskError {
            error: "States.ItemReaderFailed".to_owned(),
            cause: format!(
                "Attempting to read the items failed: s3://{}/{}: InputType PARQUET is not supported",
                object.bucket, object.key
            ),
        })
    }

    /// Who keeps the Map Runs of distributed Maps. None where nobody does: the children leave no
    /// trace but their results.
    fn map_runs(&self) -> Option<&dyn MapRuns> {
        None
    }
}

/// Reads an object with a task, which answers with a `Body` of text, as [`Tasks::read_object`] does
/// unless somebody can stream; `States.ItemReaderFailed` where the answer has none.
pub async fn read_by_task<T: Tasks + ?Sized>(
    tasks: &T,
    resource: &str,
    object: Object,
) -> Result<Bytes, TaskError> {
    let answer = tasks.run(Task::read(resource, object), &|_| {}).await?;
    match answer.get("Body").and_then(Value::as_str) {
        Some(body) => {
            let body = body.as_bytes().to_vec();
            Ok(stream::once(async { Ok(body) }).boxed())
        }
        None => Err(TaskError {
            error: "States.ItemReaderFailed".to_owned(),
            cause: format!("The answer of {resource} has no Body."),
        }),
    }
}

/// What a mock makes of reading a Parquet file: the error that it throws, or, as what it answers is
/// text and such a file is none, `States.ItemReaderFailed`.
pub async fn refused_parquet<T: Tasks + ?Sized>(
    tasks: &T,
    resource: &str,
    object: Object,
) -> TaskError {
    let cause = format!(
        "Attempting to read the items failed: s3://{}/{}: a mock answers with text, which Parquet is not",
        object.bucket, object.key
    );
    match tasks.run(Task::read(resource, object), &|_| {}).await {
        Ok(_) => TaskError {
            error: "States.ItemReaderFailed".to_owned(),
            cause,
        },
        Err(error) => error,
    }
}

impl Task {
    /// A call that is no state of its own: of what an `ItemReader` reads and a `ResultWriter` writes.
    pub fn call(resource: &str, parameters: Value) -> Self {
        Self {
            resource: resource.to_owned(),
            parameters,
            token: String::new(),
            credentials: None,
            heartbeat: None,
            timeout: None,
            state: String::new(),
            attempt: 0,
            execution_arn: String::new(),
            submitted: None,
        }
    }

    /// The call that reads an object for an `ItemReader`, whose `Resource` is `resource`: getObject,
    /// also of one that lists objects and reads each.
    pub fn read(resource: &str, object: Object) -> Self {
        let mut parameters = json!({"Bucket": object.bucket, "Key": object.key});
        if let Some(version) = object.version {
            parameters["VersionId"] = json!(version);
        }
        match resource.strip_suffix(":listObjectsV2") {
            Some(service) => Self::call(&format!("{service}:getObject"), parameters),
            None => Self::call(resource, parameters),
        }
    }

    /// The name under which a mock answers: the state's, or for what a Map reads and writes the
    /// resource without the head of its ARN (`s3:getObject`).
    pub fn mock_name(&self) -> &str {
        if !self.state.is_empty() {
            return &self.state;
        }
        let resource = self.resource.rsplit(":::").next();
        resource.unwrap_or(&self.resource)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mocks_are_found_by_the_state_and_where_there_is_none_by_the_resource() {
        let mut task = Task::call("arn:aws:states:::s3:getObject", Value::Null);
        assert_eq!(task.mock_name(), "s3:getObject");
        "Query".clone_into(&mut task.state);
        assert_eq!(task.mock_name(), "Query");
    }

    #[test]
    fn a_version_of_an_object_is_asked_for_by_its_id() {
        let object = |version: Option<&str>| Object {
            bucket: "lake".to_owned(),
            key: "a.json".to_owned(),
            version: version.map(str::to_owned),
        };
        let read =
            |version| Task::read("arn:aws:states:::s3:getObject", object(version)).parameters;
        assert_eq!(read(None), json!({"Bucket": "lake", "Key": "a.json"}));
        assert_eq!(
            read(Some("7")),
            json!({"Bucket": "lake", "Key": "a.json", "VersionId": "7"})
        );
    }

    #[test]
    fn an_object_that_was_listed_is_read_as_any_other() {
        let object = Object {
            bucket: "lake".to_owned(),
            key: "a.json".to_owned(),
            version: None,
        };
        let read = Task::read("arn:aws:states:::s3:listObjectsV2", object);
        assert_eq!(read.resource, "arn:aws:states:::s3:getObject");
        assert_eq!(read.mock_name(), "s3:getObject");
    }
}
