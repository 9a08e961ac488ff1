//! The binary from outside: what a user types and sees.

mod demo;
mod destroy;
mod envs;
mod faults;
#[cfg(unix)]
mod interrupt;
mod kill;
mod mistakes;
mod plan;
#[cfg(feature = "local")]
mod policy;
mod query;
mod serve;
mod shell;
mod state;
mod unread;
mod up;
mod world;
