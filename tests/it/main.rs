//! The binary from outside: what a user types and sees.

mod demo;
mod destroy;
mod mistakes;
#[cfg(feature = "local")]
mod policy;
mod query;
mod serve;
mod shell;
mod up;
mod world;
