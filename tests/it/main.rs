//! The binary from outside: what a user types and sees.

#[cfg(feature = "local")]
mod crawl;
#[cfg(feature = "local")]
mod definitions;
mod demo;
mod destroy;
#[cfg(feature = "local")]
mod endpoints;
mod envs;
#[cfg(feature = "local")]
mod executions;
mod faults;
#[cfg(feature = "local")]
mod functions;
#[cfg(feature = "local")]
mod graph;
#[cfg(feature = "local")]
mod infer;
#[cfg(unix)]
mod interrupt;
mod kill;
#[cfg(feature = "local")]
mod machine_tests;
mod mistakes;
mod narrow_role;
#[cfg(feature = "local")]
mod new_folders;
mod plan;
#[cfg(feature = "local")]
mod policy;
mod query;
#[cfg(feature = "local")]
mod reset;
#[cfg(feature = "local")]
mod run;
mod serve;
mod shell;
mod state;
mod unread;
mod up;
#[cfg(feature = "local")]
mod worked_example;
mod world;
