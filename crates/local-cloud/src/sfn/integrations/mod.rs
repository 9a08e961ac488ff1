//! What the tasks of a state machine do: calls of the embedded services under the machine's role.
//!
//! Source: "Integrating services with Step Functions", AWS Step Functions developer guide.

mod activity;
mod athena;
mod aws_sdk;
mod call;
mod casing;
mod children;
mod errors;
mod http;
mod lambda;
mod parquet;
mod s3;
mod states;

use std::time::Duration;

use asl::{Bytes, Rows, Task, TaskError};
use async_trait::async_trait;
use futures::TryStreamExt as _;
use parking_lot::Mutex;
use rand::RngExt as _;
use serde_json::{Value, json};

use self::call::Call;
use self::children::Children;
use self::http::Exchange;
use super::arn::MachineArn;
use super::executions::Execution;
use super::log;
use super::tokens::{self, Opened};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::iam::{self, CannotAssume, ServiceCaller};
use crate::model::Shape;

/// Who takes the roles of state machines.
pub(super) const PRINCIPAL: &str = "states.amazonaws.com";

/// The families of resources; a family takes what stands before the next colon.
static FAMILIES: &[&dyn Family] = &[
    &athena::Athena,
    &states::States,
    &aws_sdk::AwsSdk,
    &s3::S3,
    &lambda::Lambda,
    &http::Http,
];

/// One kind of `arn:aws:states:::NAME:…`.
#[async_trait]
trait Family: Send + Sync {
    /// The word in the ARN: `athena`, `aws-sdk`.
    fn name(&self) -> &'static str;

    /// Whether `.waitForTaskToken` can stand behind its actions.
    fn takes_tokens(&self) -> bool {
        false
    }

    /// Whether it has an action, whose end is waited for so.
    fn has(&self, action: &str, pattern: Pattern) -> bool;

    /// Whether the embedded cloud answers an action that it has.
    fn answers(&self, _action: &str) -> bool {
        true
    }

    async fn run(&self, call: Call<'_>) -> Result<Value, TaskError>;
}

/// How the end of a task's work is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pattern {
    RequestResponse,
    /// `.sync`
    Sync,
    /// `.sync:2`
    Sync2,
    /// `.waitForTaskToken`
    TaskToken,
}

/// Whether the embedded cloud has what a task's `Resource` names; of functions, activities and
/// endpoints that is seen when the task runs.
pub fn has_integration(resource: &str) -> bool {
    let Ok(resource) = Resource::parse(resource) else {
        return false;
    };
    let family = resource.family();
    matches!(resource.family, FUNCTION | "activity")
        || family.is_some_and(|family| family.answers(resource.action))
}

/// The operations of an API by the service's name in `aws-sdk:SERVICE:ACTION`, whether or not the
/// embedded cloud has them; none of a service that is not embedded.
pub fn api_operations(service: &str) -> Option<&'static [&'static str]> {
    aws_sdk::all_operations(service)
}

/// A member of an API's model as tasks spell it.
pub(super) fn spelled(member: &str) -> String {
    casing::first_upper(member)
}

/// The shape of the result of a task that calls an API: of a query that is waited for, what Athena
/// answers in the end. None where no model of it is here, or where a token brings the result.
pub(super) fn answer_of(resource: &str) -> Option<&'static Shape> {
    let resource = Resource::parse(resource).ok()?;
    let (api, operation) = match (resource.family, resource.action, resource.pattern) {
        ("aws-sdk", action, Pattern::RequestResponse) => {
            let (naming, operation) = aws_sdk::named_in(action)?;
            (naming.api, operation)
        }
        ("athena", "startQueryExecution", Pattern::Sync) => {
            ("athena", "GetQueryExecution".to_owned())
        }
        ("athena", action, Pattern::RequestResponse) => ("athena", casing::first_upper(action)),
        _ => return None,
    };
    call::model(api, &operation)?.output
}

/// The refusal of what the embedded cloud does not have. `States.Runtime` is what no `States.ALL`
/// catches, so it is seen.
fn not_supported(resource: &str) -> TaskError {
    runtime(format!(
        "The embedded cloud does not have the integration {resource}. docs/differences.md lists those it has."
    ))
}

fn runtime(cause: String) -> TaskError {
    TaskError {
        error: "States.Runtime".to_owned(),
        cause,
    }
}

/// Runs the tasks of one execution.
pub(super) struct Integrations {
    cloud: Cloud,
    region: String,
    role_arn: String,
    session: String,
    machine: String,
    /// The execution as the store has it, which it has not of EXPRESS machines.
    parent: Option<Execution>,
    /// The test case whose mocks stand for tasks.
    test_case: Option<String>,
    /// Where its child executions are logged.
    log: Option<log::Target>,
    children: Children,
    exchange: Mutex<Exchange>,
}

impl Integrations {
    pub fn new(cloud: &Cloud, region: &str, machine: &str, role_arn: &str) -> Self {
        Self {
            cloud: cloud.clone(),
            region: region.to_owned(),
            role_arn: role_arn.to_owned(),
            session: session_name(),
            machine: machine.to_owned(),
            parent: None,
            test_case: None,
            log: None,
            children: Children::default(),
            exchange: Mutex::default(),
        }
    }

    /// Gives what a task has sent to an API of HTTPS, and what came back.
    pub fn exchange(&self) -> Exchange {
        std::mem::take(&mut *self.exchange.lock())
    }

    /// The tasks of an execution of the store, and where it is logged.
    pub fn of_execution(mut self, execution: &Execution, log: Option<&log::Target>) -> Self {
        self.parent = Some(execution.clone());
        self.log = log.cloned();
        self
    }

    fn machine_arn(&self) -> MachineArn {
        MachineArn::new(self.cloud.account(), &self.region, &self.machine)
    }

    /// The execution's key in the store.
    fn execution(&self) -> Option<i64> {
        self.parent.as_ref().map(|parent| parent.id)
    }

    /// The tasks of a test case.
    pub fn in_test_case(mut self, test_case: Option<String>) -> Self {
        self.test_case = test_case;
        self
    }

    /// What the mock of a name answers to a task that was tried so often before.
    fn mock_of(&self, name: &str, attempt: u64) -> Option<Result<Value, TaskError>> {
        let case = self.test_case.as_ref()?;
        let mocks = self.cloud.mocks()?;
        mocks.answer(&self.machine, case, name, attempt)
    }

    /// What the mock of the task answers: of its state, or of what a Map reads and writes.
    fn mocked(&self, task: &Task) -> Option<Result<Value, TaskError>> {
        self.mock_of(task.mock_name(), task.attempt)
    }

    /// Whether a mock answers in place of an object that a Map reads.
    fn mocks_read(&self, resource: &str, object: &asl::Object) -> bool {
        self.mocked(&Task::read(resource, object.clone())).is_some()
    }

    /// The caller that a task is: the machine's role, or the one that its `Credentials` name,
    /// which the machine's role takes. One that it may not take is `States.TaskFailed`, as AWS's
    /// recorded executions have it.
    fn caller(&self, task: &Task) -> Result<Caller, TaskError> {
        let own = self.own_role()?;
        let Some(credentials) = &task.credentials else {
            return Ok(own);
        };
        let role = credentials
            .get("RoleArn")
            .and_then(Value::as_str)
            .ok_or_else(|| runtime("Credentials must have a RoleArn.".to_owned()))?;
        // The target's trust policy can hold the state machine to it.
        let machine = self.machine_arn().to_string();
        let keys = [("sts:ExternalId", machine.as_str())];
        iam::assume_from(&self.cloud, &own, role, &self.session, &keys)
            .map_err(|error| runtime(error.to_string()))?
            .map_err(|_| TaskError {
                error: "States.TaskFailed".to_owned(),
                cause: format!(
                    "The role {} is not authorized to assume the task state's role, {role}.",
                    self.role_arn
                ),
            })
    }

    /// The machine's own role.
    fn own_role(&self) -> Result<Caller, TaskError> {
        let role = self.role_arn.as_str();
        let taken = take_role(&self.cloud, &self.machine_arn(), role, &self.session)
            .map_err(|error| runtime(error.to_string()))?;
        taken.map_err(|_| TaskError {
            error: "States.Permissions".to_owned(),
            cause: format!("The role {role} cannot be assumed by {PRINCIPAL}."),
        })
    }

    /// Calls the service, and waits until somebody ends the task by its token.
    async fn run_with_token(
        &self,
        family: &dyn Family,
        call: Call<'_>,
        heartbeat: Option<Duration>,
    ) -> Result<Value, TaskError> {
        let submitted = call.submitted;
        let open = tokens::open(
            &self.cloud,
            &Opened {
                token: &call.token,
                region: &self.region,
                execution: self.execution(),
                activity: None,
            },
        )
        .map_err(|error| runtime(error.to_string()))?;
        if call.accepted.is_none() {
            submitted(family.run(call).await?);
        }
        open.end(heartbeat, &|_| {}).await
    }
}

#[async_trait]
impl asl::Tasks for Integrations {
    async fn run(
        &self,
        task: Task,
        submitted: &(dyn Fn(Value) + Send + Sync),
    ) -> Result<Value, TaskError> {
        if let Some(mocked) = self.mocked(&task) {
            return mocked;
        }
        let resource = Resource::parse(&task.resource)?;
        if resource.family == "activity" {
            return activity::run(&self.cloud, &self.region, self.execution(), task, submitted)
                .await;
        }
        let caller = self.caller(&task)?;
        let was_begun = task.submitted.is_some();
        let call = Call {
            cloud: &self.cloud,
            caller,
            machine: &self.machine,
            resource: &task.resource,
            action: resource.action,
            pattern: match resource.pattern {
                Pattern::TaskToken => Pattern::RequestResponse,
                other => other,
            },
            parameters: task.parameters,
            token: task.token,
            was_begun,
            accepted: task.submitted.and_then(|submitted| submitted.output),
            submitted,
            exchange: &self.exchange,
        };
        if resource.family == FUNCTION {
            return lambda::run_function(call).await;
        }
        let family = resource.family().ok_or_else(|| call.not_supported())?;
        if resource.pattern == Pattern::TaskToken {
            return self.run_with_token(family, call, task.heartbeat).await;
        }
        family.run(call).await
    }

    fn check_activity(&self, arn: &str, state: &str) -> Result<(), String> {
        if self.mock_of(state, 0).is_some() {
            return Ok(());
        }
        activity::check(&self.cloud, &self.region, arn)
    }

    async fn read_object(&self, resource: &str, object: asl::Object) -> Result<Bytes, TaskError> {
        if self.mocks_read(resource, &object) {
            return asl::read_by_task(self, resource, object).await;
        }
        s3::read(&self.cloud, self.own_role()?, &object)
    }

    async fn read_parquet(&self, resource: &str, object: asl::Object) -> Result<Rows, TaskError> {
        if self.mocks_read(resource, &object) {
            return Err(asl::refused_parquet(self, resource, object).await);
        }
        let bytes = self.read_object(resource, object).await?;
        let whole: Vec<Vec<u8>> = bytes.try_collect().await?;
        Ok(parquet::rows(whole.concat().into()))
    }

    fn map_runs(&self) -> Option<&dyn asl::MapRuns> {
        self.parent.is_some().then_some(self)
    }
}

/// What stands for the family of a function's own ARN.
const FUNCTION: &str = "function";

/// The parts of `arn:aws:states:::FAMILY:ACTION.PATTERN`.
#[derive(Debug, PartialEq, Eq)]
struct Resource<'a> {
    family: &'a str,
    action: &'a str,
    pattern: Pattern,
}

impl<'a> Resource<'a> {
    /// The family that has its action.
    fn family(&self) -> Option<&'static dyn Family> {
        let mut known = FAMILIES.iter().copied();
        let family = known.find(|family| family.name() == self.family)?;
        let has = match self.pattern {
            Pattern::TaskToken => {
                family.takes_tokens() && family.has(self.action, Pattern::RequestResponse)
            }
            pattern => family.has(self.action, pattern),
        };
        has.then_some(family)
    }

    fn parse(resource: &'a str) -> Result<Self, TaskError> {
        let fields: Vec<&str> = resource.splitn(7, ':').collect();
        let (family, rest) = match fields[..] {
            ["arn", _, "states", _, _, family, rest] => (family, rest),
            ["arn", _, "lambda", _, _, "function", name] => (FUNCTION, name),
            _ => return Err(not_supported(resource)),
        };
        let whole = Self {
            family,
            action: rest,
            pattern: Pattern::RequestResponse,
        };
        if matches!(family, FUNCTION | "activity") {
            return Ok(whole);
        }
        let (action, pattern) = match rest.split_once('.') {
            None => return Ok(whole),
            Some((action, "sync")) => (action, Pattern::Sync),
            Some((action, "sync:2")) => (action, Pattern::Sync2),
            Some((action, "waitForTaskToken")) => (action, Pattern::TaskToken),
            Some(_) => return Err(not_supported(resource)),
        };
        Ok(Self {
            family,
            action,
            pattern,
        })
    }
}

/// The moment as the header `Date` has it.
fn http_date() -> String {
    let date = chrono::Utc::now().format("%a, %d %b %Y %H:%M:%S GMT");
    date.to_string()
}

/// A service's answer with what the SDK tells of the HTTP exchange, which some integrations show.
fn http_exchange(mut answer: Value, request_id: &str, headers: &[(&str, String)]) -> Value {
    let of = |value: fn(&str) -> Value| -> Value {
        let members = headers
            .iter()
            .map(|(name, text)| ((*name).to_owned(), value(text)));
        members.collect::<serde_json::Map<_, _>>().into()
    };
    let status = answer
        .get("StatusCode")
        .and_then(Value::as_u64)
        .unwrap_or(200);
    let exchange = json!({
        "AllHttpHeaders": of(|text| json!([text])),
        "HttpHeaders": of(|text| json!(text)),
        "HttpStatusCode": status,
    });
    if let Value::Object(members) = &mut answer {
        members.insert("SdkHttpMetadata".to_owned(), exchange);
        members.insert(
            "SdkResponseMetadata".to_owned(),
            json!({"RequestId": request_id}),
        );
    }
    answer
}

/// Takes a role as Step Functions does, for a state machine: first as the service everywhere, then
/// as that of the region.
pub(super) fn take_role(
    cloud: &Cloud,
    machine: &MachineArn,
    role: &str,
    session: &str,
) -> Result<Result<Caller, CannotAssume>, ServiceError> {
    let source_arn = machine.to_string();
    let region = machine.region.as_str();
    let take = |principal: &str| {
        let by = ServiceCaller {
            principal,
            source_arn: &source_arn,
            session,
        };
        iam::assume_for_service(cloud, region, role, by)
    };
    match take(PRINCIPAL)? {
        Err(CannotAssume::NotTrusted) => take(&format!("states.{region}.amazonaws.com")),
        taken => Ok(taken),
    }
}

/// A session's name is 32 letters that say nothing.
fn session_name() -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut rng = rand::rng();
    (0..32)
        .map(|_| char::from(LETTERS[rng.random_range(0..LETTERS.len())]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_family_action_and_pattern() {
        let parse = |text| Resource::parse(text).unwrap();
        assert_eq!(
            parse("arn:aws:states:::athena:startQueryExecution.sync"),
            Resource {
                family: "athena",
                action: "startQueryExecution",
                pattern: Pattern::Sync
            }
        );
        assert_eq!(
            parse("arn:aws:states:::states:startExecution.sync:2").pattern,
            Pattern::Sync2
        );
        assert_eq!(
            parse("arn:aws:states:::lambda:invoke.waitForTaskToken").pattern,
            Pattern::TaskToken
        );
        assert_eq!(
            parse("arn:aws:states:eu-west-1:000000000000:activity:paint.it").action,
            "paint.it"
        );
        assert_eq!(
            parse("arn:aws:states:eu-west-1:000000000000:aws-sdk:glue:startCrawler"),
            Resource {
                family: "aws-sdk",
                action: "glue:startCrawler",
                pattern: Pattern::RequestResponse
            }
        );
    }

    #[test]
    fn what_the_embedded_cloud_does_not_have_is_refused_by_name() {
        for resource in [
            "arn:aws:sqs:eu-west-1:000000000000:queue",
            "arn:aws:states:::states:startExecution.sync:3",
        ] {
            let error = Resource::parse(resource).unwrap_err();
            assert_eq!(error.error, "States.Runtime");
            assert!(error.cause.contains(resource), "{}", error.cause);
        }
    }
}
