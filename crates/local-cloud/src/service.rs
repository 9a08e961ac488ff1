//! What the router has to know of a service of the JSON and query protocols.

use futures::future::BoxFuture;
use serde_json::Value;

use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::iam;
use crate::model::Operation;
use crate::protocol::validate;

/// How a service's requests and answers look on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// awsJson: the prefix of `x-amz-target`, the version of the content type.
    Json {
        target: &'static str,
        version: &'static str,
    },
    /// restJson1: method and path name the operation.
    RestJson,
    /// awsQuery: the XML namespace and the API's version.
    Query {
        namespace: &'static str,
        version: &'static str,
    },
}

pub type Answer = BoxFuture<'static, Result<Value, ServiceError>>;

/// A service: its names, its protocol, what its model says, and its operations.
pub struct Service {
    /// The name in credential scopes and IAM actions.
    pub name: &'static str,
    pub protocol: Protocol,
    /// The error code for input that the model does not allow.
    pub validation_code: &'static str,
    /// The error code for a caller without permission, and its status.
    pub denied: (&'static str, u16),
    pub operations: &'static [Operation],
    /// Every operation of the API, to tell the unsupported from the unknown.
    pub all: &'static [&'static str],
    /// Runs an operation; `None` where the embedded cloud does not have it.
    pub dispatch: fn(Cloud, Caller, &str, Value) -> Option<Answer>,
    /// The actions, and their resources, that an operation needs.
    pub needed: fn(&str, &Value, &Caller) -> Vec<(String, String)>,
}

impl Service {
    /// Validates, authorizes and runs one operation.
    pub async fn call(
        &self,
        cloud: &Cloud,
        caller: &Caller,
        operation: &str,
        input: Value,
    ) -> Result<Value, ServiceError> {
        if !self.all.contains(&operation) {
            let code = match self.protocol {
                Protocol::Json { .. } | Protocol::RestJson => "UnknownOperationException",
                Protocol::Query { .. } => "InvalidAction",
            };
            return Err(ServiceError::new(
                code,
                format!("Could not find operation {operation}"),
            ));
        }
        let Some(model) = self.operations.iter().find(|o| o.name == operation) else {
            return Err(ServiceError::not_supported(self.name, operation));
        };
        if let Some(shape) = model.input
            && let Some(wrong) = validate::check(shape, &input)
        {
            return Err(ServiceError::new(self.validation_code, wrong));
        }
        let tags = iam::request_tags(&input);
        let context: Vec<(&str, &str)> = tags.iter().map(|(k, v)| (&**k, &**v)).collect();
        let policy = match self.name {
            "glue" => crate::glue::resource_policy_for(cloud, caller)?,
            _ => None,
        };
        for (action, resource) in (self.needed)(operation, &input, caller) {
            let decision = match &policy {
                Some(policy) => {
                    iam::decide(cloud, caller, &action, &resource, &context, Some(policy))
                }
                None => iam::authorize(cloud, caller, &action, &resource, &context),
            };
            decision.map_err(|denied| {
                ServiceError::new(self.denied.0, denied.to_string()).with_status(self.denied.1)
            })?;
        }
        match (self.dispatch)(cloud.clone(), caller.clone(), operation, input) {
            Some(answer) => answer.await,
            None => Err(ServiceError::not_supported(self.name, operation)),
        }
    }
}

/// The list of a service's operations: `Name => path::to::function,` for each.
macro_rules! operations {
    ($($operation:ident => $function:path),* $(,)?) => {
        pub(crate) fn dispatch(
            cloud: $crate::cloud::Cloud,
            caller: $crate::caller::Caller,
            operation: &str,
            input: serde_json::Value,
        ) -> Option<$crate::service::Answer> {
            match operation {
                $(stringify!($operation) => Some(Box::pin(async move {
                    let input = serde_json::from_value(input).map_err(|error| {
                        $crate::error::ServiceError::new("SerializationException", error.to_string())
                    })?;
                    let output = $function(&cloud, &caller, input).await?;
                    Ok(serde_json::to_value(output)?)
                })),)*
                _ => {
                    // Without operations nothing is used.
                    let _ = (cloud, caller, input);
                    None
                }
            }
        }
    };
}
pub(crate) use operations;
