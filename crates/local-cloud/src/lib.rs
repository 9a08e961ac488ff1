//! S3, Glue, Athena, Step Functions, EventBridge Scheduler, CloudWatch Logs, IAM and STS in one process, over AWS's own wire protocols.
//!
//! A call comes in through the SDK's HTTP client ([`Cloud::http_client`]) or a port ([`serve`]),
//! goes through the router to its service's protocol, is validated by the API's model, authorized,
//! and runs as a typed function over the store.

pub mod athena;
mod caller;
pub mod chaos;
mod cloud;
mod connector;
mod cron;
mod error;
pub mod glue;
pub mod iam;
pub mod logs;
mod paging;
mod protocol;
mod router;
pub mod s3;
pub mod scheduler;
mod server;
mod service;
pub mod sfn;
mod signature;
mod store;
pub mod sts;

pub use aws_model as model;

pub use caller::{ACCOUNT, Caller, Principal};
pub use chaos::Chaos;
pub use cloud::Cloud;
pub use error::ServiceError;
pub use server::serve;
pub use store::{OpenError, Store, is_store};
pub use store::{
    User as StoreUser, parts as store_parts, remove as remove_store, users as store_users,
};
