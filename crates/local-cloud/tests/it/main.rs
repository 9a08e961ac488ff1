//! The embedded cloud from outside.

mod athena;
mod glue;
mod iam;
mod logs;
mod permissions;
mod s3;
mod scheduler;
mod sfn;
