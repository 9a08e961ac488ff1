//! The embedded cloud from outside.

mod athena;
mod glue;
mod iam;
mod permissions;
mod s3;
mod sfn;
