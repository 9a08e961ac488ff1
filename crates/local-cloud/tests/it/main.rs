//! The embedded cloud from outside.

mod athena;
mod glue;
mod iam;
mod logs;
mod permissions;
mod s3;
mod s3_settings;
mod scheduler;
mod sfn;
mod trust;
