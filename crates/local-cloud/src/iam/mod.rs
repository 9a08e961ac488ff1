//! IAM: roles, policies, and whether a call is allowed.

mod authorize;
pub mod permissions;

pub use authorize::{Denied, authorize};

use crate::service::{Protocol, Service, operations};

/// The tables of this service in the store.
pub const SCHEMA: &str = "";

pub(crate) static SERVICE: Service = Service {
    name: "iam",
    protocol: Protocol::Query {
        namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
        version: "2010-05-08",
    },
    validation_code: "ValidationError",
    denied: ("AccessDenied", 403),
    operations: crate::model::iam::OPERATIONS,
    all: crate::model::iam::ALL,
    dispatch,
    needed: permissions::needed,
};

operations! {}
