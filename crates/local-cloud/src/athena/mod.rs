//! Athena: workgroups, queries and their results.

pub mod permissions;

use crate::service::{Protocol, Service, operations};

/// The tables of this service in the store.
pub const SCHEMA: &str = "";

pub(crate) static SERVICE: Service = Service {
    name: "athena",
    protocol: Protocol::Json {
        target: "AmazonAthena",
        version: "1.1",
    },
    validation_code: "InvalidRequestException",
    denied: ("AccessDeniedException", 400),
    operations: crate::model::athena::OPERATIONS,
    all: crate::model::athena::ALL,
    dispatch,
    needed: permissions::needed,
};

operations! {}
