//! Step Functions: state machines and their executions.

pub mod permissions;

use crate::service::{Protocol, Service, operations};

/// The tables of this service in the store.
pub const SCHEMA: &str = "";

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

operations! {}
