//! The embedded cloud from outside.

mod athena;
mod glue;
mod permissions;
mod s3;
