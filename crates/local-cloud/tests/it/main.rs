//! The embedded cloud from outside.

mod permissions;
mod s3;
mod sfn;
