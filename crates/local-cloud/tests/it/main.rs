//! The embedded cloud from outside.

mod athena;
mod glue;
mod permissions;
mod s3;
mod s3_settings;
mod sfn;
