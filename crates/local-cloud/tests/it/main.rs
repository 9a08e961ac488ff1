//! The embedded cloud from outside.

mod glue;
mod permissions;
mod s3;
mod sfn;
