//! The embedded cloud from outside.

mod athena;
mod permissions;
mod s3;
