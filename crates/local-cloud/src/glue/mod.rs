//! The Glue Data Catalog and its crawlers.

pub mod permissions;

use crate::service::{Protocol, Service, operations};

/// The tables of this service in the store.
pub const SCHEMA: &str = "";

pub(crate) static SERVICE: Service = Service {
    name: "glue",
    protocol: Protocol::Json {
        target: "AWSGlue",
        version: "1.1",
    },
    validation_code: "ValidationException",
    denied: ("AccessDeniedException", 400),
    operations: crate::model::glue::OPERATIONS,
    all: crate::model::glue::ALL,
    dispatch,
    needed: permissions::needed,
};

operations! {}
