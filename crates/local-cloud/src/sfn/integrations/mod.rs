//! What the tasks of a state machine do: calls of the embedded services under the machine's role.
//!
//! Source: "Integrating services with Step Functions", AWS Step Functions developer guide.

mod athena;
mod aws_sdk;
mod call;
mod casing;
mod errors;
mod s3;
mod states;

use asl::{Task, TaskError};
use async_trait::async_trait;
use rand::RngExt as _;
use serde_json::Value;

use self::call::Call;
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::iam::{self, CannotAssume};

/// Who takes the roles of state machines.
pub(super) const PRINCIPAL: &str = "states.amazonaws.com";

/// The families of resources; a family takes what stands before the next colon.
static FAMILIES: &[&dyn Family] = &[&athena::Athena, &states::States, &aws_sdk::AwsSdk, &s3::S3];

/// One kind of `arn:aws:states:::NAME:…`.
#[async_trait]
trait Family: Send + Sync {
    /// The word in the ARN: `athena`, `aws-sdk`.
    fn name(&self) -> &'static str;

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
}

impl Integrations {
    pub fn new(cloud: &Cloud, region: &str, role_arn: &str) -> Self {
        Self {
            cloud: cloud.clone(),
            region: region.to_owned(),
            role_arn: role_arn.to_owned(),
            session: session_name(),
        }
    }

    /// The caller that a task is: the machine's role, or the one that its `Credentials` name,
    /// which the machine's role takes.
    fn caller(&self, task: &Task) -> Result<Caller, TaskError> {
        let own = self.own_role()?;
        let Some(credentials) = &task.credentials else {
            return Ok(own);
        };
        let role = credentials
            .get("RoleArn")
            .and_then(Value::as_str)
            .ok_or_else(|| runtime("Credentials must have a RoleArn.".to_owned()))?;
        iam::assume_from(&self.cloud, &own, role, &self.session)
            .map_err(|error| runtime(error.to_string()))?
            .map_err(|refused| TaskError {
                error: "States.Permissions".to_owned(),
                cause: refused,
            })
    }

    /// The machine's own role.
    fn own_role(&self) -> Result<Caller, TaskError> {
        let role = self.role_arn.as_str();
        let taken = take_role(&self.cloud, &self.region, role, &self.session)
            .map_err(|error| runtime(error.to_string()))?;
        taken.map_err(|_| TaskError {
            error: "States.Permissions".to_owned(),
            cause: format!("The role {role} cannot be assumed by {PRINCIPAL}."),
        })
    }
}

#[async_trait]
impl asl::Tasks for Integrations {
    async fn run(
        &self,
        task: Task,
        submitted: &(dyn Fn(Value) + Send + Sync),
    ) -> Result<Value, TaskError> {
        let resource = Resource::parse(&task.resource)?;
        let family = FAMILIES
            .iter()
            .find(|family| family.name() == resource.family)
            .ok_or_else(|| not_supported(&task.resource))?;
        let caller = self.caller(&task)?;
        family
            .run(Call {
                cloud: &self.cloud,
                caller,
                resource: &task.resource,
                action: resource.action,
                pattern: resource.pattern,
                parameters: task.parameters,
                submitted,
            })
            .await
    }
}

/// The parts of `arn:aws:states:::FAMILY:ACTION.PATTERN`.
#[derive(Debug, PartialEq, Eq)]
struct Resource<'a> {
    family: &'a str,
    action: &'a str,
    pattern: Pattern,
}

impl<'a> Resource<'a> {
    fn parse(resource: &'a str) -> Result<Self, TaskError> {
        let fields: Vec<&str> = resource.splitn(7, ':').collect();
        let ["arn", _, "states", _, _, family, rest] = fields[..] else {
            // A function of Lambda, which stands for itself.
            return Err(not_supported(resource));
        };
        let (action, pattern) = match rest.split_once('.') {
            None => (rest, Pattern::RequestResponse),
            Some((action, "sync")) => (action, Pattern::Sync),
            Some((action, "sync:2")) => (action, Pattern::Sync2),
            Some(_) => return Err(not_supported(resource)),
        };
        Ok(Self {
            family,
            action,
            pattern,
        })
    }
}

/// Takes a role as Step Functions does.
pub(super) fn take_role(
    cloud: &Cloud,
    region: &str,
    role: &str,
    session: &str,
) -> Result<Result<Caller, CannotAssume>, ServiceError> {
    let taken = iam::assume_for_service(cloud, region, role, PRINCIPAL, session)?;
    if taken == Err(CannotAssume::NotTrusted) {
        let regional = format!("states.{region}.amazonaws.com");
        return iam::assume_for_service(cloud, region, role, &regional, session);
    }
    Ok(taken)
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
            "arn:aws:lambda:eu-west-1:000000000000:function:resize",
            "arn:aws:states:::states:startExecution.waitForTaskToken",
        ] {
            let error = Resource::parse(resource).unwrap_err();
            assert_eq!(error.error, "States.Runtime");
            assert!(error.cause.contains(resource), "{}", error.cause);
        }
    }
}
