//! The embedded cloud from outside.

mod athena;
mod crawlers;
mod glue;
mod permissions;
mod s3;
