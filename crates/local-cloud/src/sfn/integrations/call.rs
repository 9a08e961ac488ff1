//! One task's calls of a service: its parameters go in as Step Functions spells them, and its
//! result comes out so.

use std::time::Duration;

use asl::TaskError;
use parking_lot::Mutex;
use serde_json::Value;

use super::casing;
use super::errors::{self, Naming};
use super::http::Exchange;
use super::{Pattern, not_supported, runtime};
use crate::caller::Caller;
use crate::cloud::{Cloud, SERVICES};
use crate::error::ServiceError;
use crate::model::Operation;

/// A task on its way to a service.
pub(super) struct Call<'a> {
    pub cloud: &'a Cloud,
    /// The machine's role, or the one that `Credentials` names.
    pub caller: Caller,
    /// The name of the state machine.
    pub machine: &'a str,
    pub resource: &'a str,
    pub action: &'a str,
    pub pattern: Pattern,
    pub parameters: Value,
    /// The task's token, the same when the execution is taken up again.
    pub token: String,
    /// A former process began this very task, and may have called the service.
    pub was_begun: bool,
    /// What the service answered when it accepted the task in a former process.
    pub accepted: Option<Value>,
    pub submitted: &'a (dyn Fn(Value) + Send + Sync),
    /// Takes what goes to an API of HTTPS, and what comes back.
    pub exchange: &'a Mutex<Exchange>,
}

impl Call<'_> {
    pub fn not_supported(&self) -> TaskError {
        not_supported(self.resource)
    }

    /// Calls one operation of the API under the task's role.
    pub async fn invoke(
        &self,
        naming: &Naming,
        operation: &str,
        parameters: Value,
    ) -> Result<Value, TaskError> {
        self.call(naming, operation, parameters)
            .await
            .map_err(|error| match error {
                CallError::Parameters(cause) => runtime(cause),
                CallError::Service(error) => errors::failure(naming, &error),
            })
    }

    /// [`Self::invoke`], with the service's own error.
    pub async fn call(
        &self,
        naming: &Naming,
        operation: &str,
        parameters: Value,
    ) -> Result<Value, CallError> {
        let model = model(naming.api, operation);
        let input = match model.and_then(|model| model.input) {
            Some(shape) => casing::request(shape, parameters)
                .map_err(|error| CallError::Parameters(error.to_string()))?,
            None => parameters,
        };
        let answer = self
            .cloud
            .invoke(&self.caller, naming.api, operation, input)
            .await
            .map_err(CallError::Service)?;
        Ok(match model.and_then(|model| model.output) {
            Some(shape) => casing::result(shape, answer, naming.sdk.times()),
            None => answer,
        })
    }
}

/// Why a call has no answer.
pub(super) enum CallError {
    /// The parameters are not those of the operation.
    Parameters(String),
    Service(ServiceError),
}

/// The model of an operation; S3 has none here, and speaks as Step Functions does by itself.
pub(super) fn model(api: &str, operation: &str) -> Option<&'static Operation> {
    let service = SERVICES.iter().find(|s| s.name == api)?;
    service.operations.iter().find(|o| o.name == operation)
}

/// The waits between two looks at work that is waited for: short at first, then longer.
pub(super) struct Waits(Duration);

impl Waits {
    const LONGEST: Duration = Duration::from_secs(2);

    pub fn new() -> Self {
        Self(Duration::from_millis(10))
    }

    pub async fn next(&mut self) {
        tokio::time::sleep(self.0).await;
        self.0 = (self.0 * 3 / 2).min(Self::LONGEST);
    }
}

/// Asks a service to stop its work when the task that waits for it is dropped.
pub(super) struct StopOnDrop<'a> {
    call: &'a Call<'a>,
    service: &'static str,
    operation: &'static str,
    input: Value,
    armed: bool,
}

impl<'a> StopOnDrop<'a> {
    pub fn new(
        call: &'a Call<'a>,
        service: &'static str,
        operation: &'static str,
        input: Value,
    ) -> Self {
        Self {
            call,
            service,
            operation,
            input,
            armed: true,
        }
    }

    /// The work has ended.
    pub fn disarm(mut self) {
        self.armed = false;
    }
}

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        // Without a runtime the process is ending, and its work with it.
        if !self.armed || tokio::runtime::Handle::try_current().is_err() {
            return;
        }
        let cloud = self.call.cloud.clone();
        let caller = self.call.caller.clone();
        let (service, operation) = (self.service, self.operation);
        let input = std::mem::take(&mut self.input);
        self.call.cloud.spawn(async move {
            if let Err(error) = cloud.invoke(&caller, service, operation, input).await {
                tracing::warn!(%error, operation, "the work of a stopped task goes on");
            }
        });
    }
}
